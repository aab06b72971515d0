//! Consistent hashing as ketama does it: each backend owns many points of a ring, and a key belongs to the next point.
//! A backend that leaves gives its keys to the others and moves none of theirs.

use crate::rng::mix;

/// Points for each unit of weight, as nginx's `hash … consistent`
/// (<https://nginx.org/en/docs/http/ngx_http_upstream_module.html#hash>).
const POINTS: f64 = 160.0;
/// All backends together own at most about so many points; beyond, every one owns fewer.
const MOST_POINTS: f64 = (1 << 18) as f64;

/// The ring.
#[derive(Clone, Default)]
pub struct Ring(Vec<(u64, u32)>);

impl Ring {
    /// Lays the points anew. Each backend is given as its position, a hash of its name, and its weight, so that its
    /// points are the same whoever the others are.
    pub fn lay(&mut self, backends: impl Iterator<Item = (usize, u64, f64)> + Clone) {
        let total: f64 = backends.clone().map(|(.., weight)| weight * POINTS).sum();
        let scale = POINTS * (MOST_POINTS / total.max(1.0)).min(1.0);
        self.0.clear();
        for (i, name, weight) in backends.filter(|&(.., weight)| weight > 0.0) {
            let points = libm::round(weight * scale).max(1.0) as u64;
            self.0.extend((0..points).map(|k| (mix(name, k), i as u32)));
        }
        self.0.sort_unstable();
    }

    /// The first backend that fits, from this key's place on.
    pub fn find(&self, key: u64, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let place = self.0.partition_point(|&(point, _)| point < mix(0, key));
        let (before, after) = self.0.split_at(place);
        after.iter().chain(before).map(|&(_, i)| i as usize).find(|&i| fits(i))
    }
}

/// A backend's name as a number.
pub fn name_hash(id: &str, instance: u32) -> u64 {
    id.bytes().fold(mix(0, u64::from(instance)), |hash, byte| mix(hash, u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u64 = 100_000;

    fn ring(weights: &[f64]) -> Ring {
        let mut ring = Ring::default();
        let all = weights.iter().enumerate().map(|(i, &w)| (i, name_hash(&format!("web{i}"), 0), w));
        ring.lay(all);
        ring
    }

    fn owners(ring: &Ring) -> Vec<usize> {
        (0..KEYS).map(|key| ring.find(key, |_| true).expect("the ring has points")).collect()
    }

    fn share(owners: &[usize], of: usize) -> f64 {
        owners.iter().filter(|&&i| i == of).count() as f64 / KEYS as f64
    }

    #[test]
    fn one_of_ten_leaving_moves_its_own_tenth_and_no_other_key() {
        let whole = ring(&[1.0; 10]);
        let before = owners(&whole);
        let mut weights = [1.0; 10];
        weights[3] = 0.0;
        let after = owners(&ring(&weights));
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count() as f64 / KEYS as f64;
        assert!((moved - 0.1).abs() < 0.03, "one of ten left, {moved} of the keys moved");
        let others = before.iter().zip(&after).filter(|&(&a, &b)| a != b && a != 3).count();
        assert_eq!(others, 0, "keys of those who stayed moved");
        // One that is down but drawn is passed over to the same neighbours.
        let skipped: Vec<usize> = (0..KEYS).filter_map(|key| whole.find(key, |i| i != 3)).collect();
        assert_eq!(skipped, after, "down and gone give different owners");
    }

    #[test]
    fn weights_share_the_keys() {
        let owners = owners(&ring(&[1.0, 2.0, 5.0]));
        for (i, expected) in [0.125, 0.25, 0.625].into_iter().enumerate() {
            let share = share(&owners, i);
            assert!((share - expected).abs() < 0.05, "backend {i}: {share} of the keys, its weight says {expected}");
        }
    }

    #[test]
    fn great_and_tiny_weights_make_a_ring_of_bounded_size() {
        for weights in [vec![1e6; 50], vec![1e-9; 50], vec![1.0; 10_000]] {
            let ring = ring(&weights);
            assert!((50..=600_000).contains(&ring.0.len()), "{} points for {} backends", ring.0.len(), weights.len());
        }
        assert_eq!(ring(&[0.0]).find(5, |_| true), None);
    }
}
