//! Which backend gets the next request: the algorithms, as the software that people run has them.

use super::backend::{Backend, Backends, Passive};
use super::ring::Ring;
use crate::rng::{Rng, fold};
use crate::time::Nanos;
use std::hint::select_unpredictable;

/// How backends are picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Each in turn, smoothly by weight (nginx).
    RoundRobin,
    /// The fewest open requests (HAProxy's `leastconn`).
    LeastConnections,
    /// Any, by weight.
    Random,
    /// The better of two that are drawn (nginx's `random two least_conn`).
    PowerOfTwo,
    /// By the client's network (nginx's `ip_hash`).
    IpHash,
    /// By what is asked for (nginx's `hash … consistent`).
    ConsistentHash,
    /// The quicker of two that are drawn, by the peaks of their answer times (Finagle, Linkerd).
    LeastTime,
}

/// The words in files, in the order of [`Algorithm`].
pub const ALGORITHMS: &[&str] =
    &["round_robin", "least_connections", "random", "power_of_two", "ip_hash", "consistent_hash", "least_time"];

impl Algorithm {
    /// By its word.
    pub fn from_word(word: &str) -> Algorithm {
        use Algorithm::*;
        const ALL: [Algorithm; 7] =
            [RoundRobin, LeastConnections, Random, PowerOfTwo, IpHash, ConsistentHash, LeastTime];
        ALGORITHMS.iter().position(|w| *w == word).map_or(RoundRobin, |i| ALL[i])
    }
}

/// What of a request a pick can depend on.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    /// The first three octets of its client's address.
    pub network: [u8; 3],
    /// The record it is about.
    pub key: u64,
}

/// Picks backends.
#[derive(Clone)]
pub struct Picker {
    pub algorithm: Algorithm,
    pub passive: Passive,
    /// Whether all are used when none is usable.
    pub fail_open: bool,
    /// How long a backend that came back takes to get its full share.
    pub slow_start: Nanos,
    /// Where keys belong; kept up by the owner while the algorithm needs it.
    pub ring: Ring,
    rng: Rng,
    /// Counts changes of open requests.
    count: u64,
    /// Those that may be picked now, and their weights while they start slowly.
    fits: Vec<(u32, f64)>,
    /// Whether they stay so until a backend changes.
    lasting: bool,
    /// Whether all of them weigh the same.
    even: bool,
}

impl Picker {
    /// Picks at random from this stream.
    pub fn new(rng: Rng) -> Picker {
        Picker {
            algorithm: Algorithm::RoundRobin,
            passive: Passive::default(),
            fail_open: false,
            slow_start: 0,
            ring: Ring::default(),
            rng,
            count: 0,
            fits: Vec::new(),
            lasting: false,
            even: false,
        }
    }

    /// Picks a backend and counts the request there. Those in `tried` (a bit each for the first 64) come only if there
    /// is no other; `kept` is taken if it may be.
    #[inline]
    pub fn pick(
        &mut self,
        backends: &mut Backends,
        now: Nanos,
        asked: Asked,
        tried: u64,
        kept: Option<usize>,
    ) -> Option<usize> {
        if backends.stale || !self.lasting || tried != 0 {
            self.list(backends, now, tried);
        } else if cfg!(debug_assertions) {
            let kept = self.digest();
            self.list(backends, now, tried);
            assert_eq!(kept, self.digest(), "who can be picked has changed, and nobody took note: {:?}", self.fits);
        }
        let backends = backends.quietly();
        let picked = match kept.filter(|&i| self.weight(i).is_some()) {
            Some(i) => i,
            None => self.choose(backends, now, asked)?,
        };
        self.count += 1;
        backends[picked].picked(now, &self.passive, self.count);
        Some(picked)
    }

    /// A backend joined, or came up: it stands behind its equals.
    pub fn came(&mut self, backend: &mut Backend) {
        self.count += 1;
        backend.changed = self.count;
    }

    /// A request at this backend ended.
    pub fn ended(&mut self, backend: &mut Backend) {
        self.count += 1;
        (backend.open, backend.changed) = (backend.open - 1, self.count);
    }

    /// Finds out who fits; those that were tried come in only if there is no other.
    #[inline(never)]
    fn list(&mut self, backends: &mut Backends, now: Nanos, tried: u64) {
        self.list_untried(backends, now, tried);
        if self.fits.is_empty() && tried != 0 {
            self.list_untried(backends, now, 0);
        }
        self.even = self.fits.windows(2).all(|two| two[0].1 == two[1].1);
        self.lasting = tried == 0 && backends.iter().all(|b| b.is_steady(&self.passive));
        backends.stale = false;
    }

    /// Another number for others who fit.
    fn digest(&self) -> u64 {
        self.fits.iter().fold(0, |hash, &(i, weight)| fold(fold(hash, u64::from(i)), weight.to_bits()))
    }

    /// Fills `fits` with those that are usable and were not tried, or with all if the balancer fails open.
    fn list_untried(&mut self, backends: &mut [Backend], now: Nanos, tried: u64) {
        self.fits.clear();
        let (passive, slow_start) = (self.passive, self.slow_start);
        let mut usable = 0;
        // nginx tries the only server of a group whatever it did.
        let rests = passive.max_fails.is_some() && backends.iter().filter(|b| b.present).nth(1).is_some();
        for (i, b) in backends.iter_mut().enumerate() {
            if !b.usable(now) || rests && b.resting(now, &passive) {
                continue;
            }
            usable += 1;
            if tried == 0 || !was_tried(tried, i) {
                self.fits.push((i as u32, b.weight * b.ramp(now, slow_start)));
            }
        }
        if usable == 0 && self.fail_open {
            for (i, b) in backends.iter().enumerate() {
                if b.present && b.weight > 0.0 && !was_tried(tried, i) {
                    self.fits.push((i as u32, b.weight));
                }
            }
        }
    }

    /// The present weight of a backend, if it may be picked.
    fn weight(&self, i: usize) -> Option<f64> {
        let place = self.fits.binary_search_by_key(&(i as u32), |&(i, _)| i).ok()?;
        Some(self.fits[place].1)
    }

    #[inline]
    fn choose(&mut self, backends: &mut [Backend], now: Nanos, asked: Asked) -> Option<usize> {
        match self.algorithm {
            Algorithm::RoundRobin => self.smooth(backends),
            Algorithm::LeastConnections => self.least(backends),
            Algorithm::Random => self.draw(None).map(|(i, _)| i),
            Algorithm::PowerOfTwo => self.better(|i, weight| backends[i].open as f64 / weight),
            Algorithm::LeastTime => self.better(|i, weight| {
                let b = &mut backends[i];
                b.time.load(now, b.open) / weight
            }),
            Algorithm::IpHash => self.by_network(backends, asked.network),
            Algorithm::ConsistentHash => self.ring.find(asked.key, |i| self.weight(i).is_some()),
        }
    }

    /// Smooth weighted round robin, as nginx's `ngx_http_upstream_get_peer`: each gains its weight, the highest is
    /// picked and loses the sum of all.
    #[inline(never)]
    fn smooth(&self, backends: &mut [Backend]) -> Option<usize> {
        let (mut best, mut total) = (None::<usize>, 0.0);
        for &(i, weight) in &self.fits {
            let i = i as usize;
            let b = &mut backends[i];
            // What is left of the weight after failures, of that what slow start allows.
            let gain = if b.effective == b.weight { weight } else { b.effective * (weight / b.weight) };
            b.current += gain;
            total += gain;
            if b.effective < b.weight {
                b.effective = (b.effective + 1.0).min(b.weight);
            }
            if best.is_none_or(|best| backends[i].current > backends[best].current) {
                best = Some(i);
            }
        }
        backends[best?].current -= total;
        best
    }

    /// The fewest open requests for its weight, as HAProxy's `lb_fwlc.c`: an idle backend comes before all others, one
    /// with work counts with the request that it would get; among equals the one that has been so the longest, which is
    /// round robin.
    #[inline]
    fn least(&self, backends: &[Backend]) -> Option<usize> {
        let mut best = (u128::MAX, None);
        for &(i, weight) in &self.fits {
            let b = &backends[i as usize];
            let count = b.open + u64::from(b.open > 0);
            // Mostly the counts are enough, and to divide takes as long as all the rest. Numbers above 0 are in the order of
            // their bits.
            let load = if self.even { count } else { (count as f64 / weight).to_bits() };
            let key = u128::from(load) << 64 | u128::from(b.changed);
            // Which it is cannot be guessed, so nothing shall depend on a guess.
            best = select_unpredictable(key < best.0, (key, Some(i as usize)), best);
        }
        best.1
    }

    /// One of those that fit but `not`, in proportion to the weights; with its weight.
    #[inline(never)]
    fn draw(&mut self, not: Option<usize>) -> Option<(usize, f64)> {
        let fits = |&&(i, _): &&(u32, f64)| Some(i as usize) != not;
        let total: f64 = self.fits.iter().filter(fits).map(|&(_, weight)| weight).sum();
        let mut left = self.rng.uniform() * total;
        let mut last = None;
        for &(i, weight) in self.fits.iter().filter(fits) {
            last = Some((i as usize, weight));
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// Of two different ones that are drawn the one with the lower load, the first if they are alike.
    #[inline(never)]
    fn better(&mut self, mut load: impl FnMut(usize, f64) -> f64) -> Option<usize> {
        let (first, weight) = self.draw(None)?;
        let Some((second, other)) = self.draw(Some(first)) else { return Some(first) };
        Some(if load(second, other) < load(first, weight) { second } else { first })
    }

    /// By the hash of the first three octets, as nginx's `ngx_http_upstream_ip_hash_module.c`; after 20 places where
    /// nobody may be picked, in turn. Weights as they were given: nginx does not start slowly here.
    #[inline(never)]
    fn by_network(&self, backends: &mut [Backend], network: [u8; 3]) -> Option<usize> {
        const MODULUS: u64 = 6271;
        let total: f64 = backends.iter().filter(|b| b.present).map(|b| b.weight).sum();
        let mut hash = 89;
        for _ in 0..=20 {
            hash = network.iter().fold(hash, |hash, &octet| (hash * 113 + u64::from(octet)) % MODULUS);
            // The remainder, as long as weights are whole and there is one for every unit of them.
            let whole = total.fract() == 0.0 && total <= MODULUS as f64;
            let mut place = if whole { hash as f64 % total } else { hash as f64 / MODULUS as f64 * total };
            let at_place = backends.iter().position(|b| {
                let here = b.present && place < b.weight;
                place -= if b.present { b.weight } else { 0.0 };
                here
            });
            if let Some(i) = at_place.filter(|&i| self.weight(i).is_some()) {
                return Some(i);
            }
        }
        self.smooth(backends)
    }
}

fn was_tried(tried: u64, i: usize) -> bool {
    i < 64 && tried >> i & 1 == 1
}

#[cfg(test)]
mod tests;
