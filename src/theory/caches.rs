//! Closed forms for caches and for names that are kept for a while.

/// Keys asked for in proportion to 1/k^exponent (Zipf), as groups of (probability of one key, number of keys): the first
/// thousand alone, the others in groups whose probabilities differ by at most 0.4 %.
pub struct Popularity(Vec<(f64, f64)>);

impl Popularity {
    /// So many keys, at least one.
    pub fn zipf(keys: u64, exponent: f64) -> Popularity {
        let mut groups = Vec::new();
        let mut first = 1u64;
        while first <= keys {
            let last = if first <= 1000 { first } else { (first + first / 250).min(keys) };
            let middle = (first as f64 + last as f64) / 2.0;
            groups.push((libm::pow(middle, -exponent), (last - first + 1) as f64));
            first = last + 1;
        }
        let total: f64 = groups.iter().map(|(p, n)| p * n).sum();
        for group in &mut groups {
            group.0 /= total;
        }
        Popularity(groups)
    }

    /// How many keys there are.
    fn keys(&self) -> f64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// How many different keys so many requests ask for, on average.
    pub fn distinct(&self, requests: f64) -> f64 {
        self.0.iter().map(|&(p, n)| -n * libm::expm1(-p * requests)).sum()
    }

    /// The share of requests that hit if a key with probability p is inside with probability `inside(p)`.
    fn hit_share(&self, inside: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().map(|&(p, n)| n * p * inside(p)).sum()
    }

    /// The characteristic time, in requests, at which `capacity` keys are inside on average.
    fn characteristic(&self, capacity: f64, inside: impl Fn(f64, f64) -> f64) -> f64 {
        let filled = |t: f64| self.0.iter().map(|&(p, n)| n * inside(p, t)).sum::<f64>();
        let (mut low, mut high) = (0.0, 1.0);
        while filled(high) < capacity && high < 1e18 {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if filled(middle) < capacity { low = middle } else { high = middle }
        }
        high
    }

    /// Hit share of reads in a cache that drops the least recently used, by H. Che, Y. Tung and Z. Wang, "Hierarchical
    /// Web Caching Systems" (2002). A share `writes` of the requests delete their key: a read hits if the last request
    /// for its key was a read, and not longer ago than the characteristic time.
    pub fn lru(&self, capacity: u64, writes: f64) -> f64 {
        self.kept(capacity, writes, |p, t| -libm::expm1(-p * t))
    }

    /// The same for a cache that drops the oldest, or any at random (C. Fricker, P. Robert and J. Roberts, "A versatile
    /// and accurate approximation for LRU cache performance", 2012, section 4): without writes.
    pub fn fifo_or_random(&self, capacity: u64) -> f64 {
        self.kept(capacity, 0.0, |p, t| p * t / (1.0 + p * t))
    }

    fn kept(&self, capacity: u64, writes: f64, inside: impl Copy + Fn(f64, f64) -> f64) -> f64 {
        let reads = 1.0 - writes;
        let capacity = capacity as f64;
        if reads <= 0.0 || capacity >= self.keys() * reads {
            return reads.max(0.0);
        }
        let t = self.characteristic(capacity / reads, inside);
        reads * self.hit_share(|p| inside(p, t))
    }

    /// Hit share of a cache without a limit that keeps a key for `ttl` after it was fetched, at `rate` requests per unit of
    /// time; and how many keys it then holds on average.
    pub fn ttl(&self, rate: f64, ttl: f64) -> (f64, f64) {
        let held = self.0.iter().map(|&(p, n)| n * ttl_hit_share(rate * p, ttl, 0.0)).sum();
        (self.hit_share(|p| ttl_hit_share(rate * p, ttl, 0.0)), held)
    }
}

/// The share of look-ups that hit, if one at a time is fetched and kept for `ttl` and they come as a Poisson stream: per
/// fetch, rate × ttl hits (J. Jung, A. Berger and H. Balakrishnan, "Modeling TTL-based Internet caches", 2003). What comes
/// while an answer is `fetch` long under way misses too.
pub fn ttl_hit_share(rate: f64, ttl: f64, fetch: f64) -> f64 {
    rate * ttl / (1.0 + rate * (fetch + ttl))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_recently_used_under_zipf() {
        for (exponent, hit) in [(0.8, 0.4367), (1.0, 0.6756)] {
            let got = Popularity::zipf(10_000, exponent).lru(1000, 0.0);
            assert!((got - hit).abs() < 5e-5, "Zipf {exponent}: {got}, not {hit}");
        }
        let keys = Popularity::zipf(10_000, 0.8);
        assert!((keys.lru(10_000, 0.0) - 1.0).abs() < 1e-12 && (keys.lru(10_000, 0.1) - 0.9).abs() < 1e-12);
        assert!(keys.fifo_or_random(1000) < keys.lru(1000, 0.0), "recency is worth nothing?");
    }

    /// LRU with deleting writes, against a cache that is really played.
    #[test]
    fn writes_that_delete_cost_hits() {
        let (keys, capacity, writes) = (500u64, 100, 0.2);
        let zipf = crate::component::traffic::Keys::new(1, keys, 0.9);
        let mut rng = crate::rng::Rng::named(1, "cache", "test");
        let mut cache: Vec<u64> = Vec::new();
        let (mut hits, mut reads) = (0, 0);
        for i in 0..200_000u64 {
            let key = zipf.of(i);
            let found = cache.iter().position(|k| *k == key).map(|at| cache.remove(at)).is_some();
            if !rng.chance(writes) {
                (hits, reads) = (hits + u32::from(found), reads + 1);
                cache.push(key);
                if cache.len() > capacity {
                    cache.remove(0);
                }
            }
        }
        let (got, theory) =
            (f64::from(hits) / f64::from(reads), Popularity::zipf(keys, 0.9).lru(capacity as u64, writes));
        assert!((got - theory).abs() < 0.006, "played {got}, theory {theory}");
    }

    #[test]
    fn kept_for_a_time() {
        assert!((ttl_hit_share(1.0, 30.0, 0.0) - 0.96774).abs() < 5e-6);
        let (hit, held) = Popularity::zipf(10_000, 0.8).ttl(100.0, 10.0);
        assert!((hit - 0.3327).abs() < 1e-4 && held < 1000.0, "{hit}, {held} keys");
    }

    #[test]
    fn groups_of_rare_keys_stand_for_them() {
        let exact = |keys: u64, exponent: f64| {
            let weights: Vec<f64> = (1..=keys).map(|k| libm::pow(k as f64, -exponent)).collect();
            let total: f64 = weights.iter().sum();
            Popularity(weights.iter().map(|w| (w / total, 1.0)).collect())
        };
        for exponent in [0.0, 0.8, 1.2] {
            let (grouped, all) = (Popularity::zipf(50_000, exponent), exact(50_000, exponent));
            let off = (grouped.lru(5000, 0.1) - all.lru(5000, 0.1)).abs();
            assert!(off < 2e-5, "Zipf {exponent}: off by {off}");
        }
    }
}
