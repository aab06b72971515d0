//! What users ask for: endpoints with their shares and costs, sizes on the wire, and the keys of the data.
//!
//! A request carries only numbers that point in here, so that hops stay small; whoever needs more looks it up at the
//! users node that the request came from.

use super::net::{Ask, Net, Op};
use super::param::Values;
use crate::dist::Dist;
use crate::rng::{Rng, mix};
use serde::Serialize;

/// What a request wants from the data. Families of databases differ in what each costs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// One record by its key.
    #[default]
    Point,
    /// Records of several tables put together.
    Join,
    /// A range of neighbouring keys.
    Scan,
    /// From one record along its relations to the next.
    GraphHop,
    /// A whole document without a fixed structure.
    Document,
}

/// The words for [`Query`] in files, in its order.
pub const QUERIES: &[&str] = &["point", "join", "scan", "graph_hop", "document"];

impl Query {
    /// By its word; a point read if there is no such word.
    pub fn from_word(word: &str) -> Query {
        const ALL: [Query; 5] = [Query::Point, Query::Join, Query::Scan, Query::GraphHop, Query::Document];
        QUERIES.iter().position(|w| *w == word).map_or(Query::Point, |i| ALL[i])
    }
}

/// One kind of request among several.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What people call it.
    pub name: String,
    /// How much of the traffic, in proportion to the others.
    pub share: f64,
    /// What it does.
    pub op: Op,
    /// What it wants from the data.
    pub query: Query,
    /// CPU per request at a server, in ms, instead of the server's own.
    pub service: Option<Dist>,
    /// Calls per request by the callee's identifier, instead of every link's own number.
    pub calls: Option<Vec<(String, u32)>>,
}

/// Everything that a users node's requests have in common.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Bytes of a request, and of its answer.
    pub bytes: (u64, u64),
    /// The endpoints; none if all requests are alike.
    pub endpoints: Vec<Endpoint>,
    /// The records that the requests are about.
    pub keys: Keys,
    /// Where the clients' networks are drawn from.
    networks: u64,
}

impl Traffic {
    /// Reads it from the parameters of users.
    pub fn new(seed: u64, id: &str, p: &Values) -> Traffic {
        let kb = |name: &str| (p.number(name) * 1000.0) as u64;
        let endpoints = p.list("mix").into_iter().map(|e| Endpoint {
            name: e.text("name"),
            share: e.number("share"),
            op: match (e.flag("writes"), e.flag("static")) {
                (true, _) => Op::Write,
                (_, true) => Op::Static,
                _ => Op::Read,
            },
            query: Query::from_word(&e.text("query")),
            service: e.optional_dist("service_ms"),
            calls: e.counts("calls"),
        });
        Traffic {
            bytes: (kb("request_kb"), kb("response_kb")),
            endpoints: endpoints.collect(),
            keys: Keys::new(mix(seed, Rng::named(seed, id, "keys").bits()), p.whole("keys"), p.number("zipf")),
            networks: Rng::named(seed, id, "networks").bits(),
        }
    }

    /// The first three octets of a client's address: each client stands in one of the 14.6 million networks of 256
    /// addresses from 1.0.0.0 to 223.255.255.255, apart from chance neighbours.
    pub fn network(&self, client: u32) -> [u8; 3] {
        let bits = mix(self.networks, u64::from(client));
        [1 + (bits % 223) as u8, (bits >> 40) as u8, (bits >> 48) as u8]
    }
}

/// The keys that requests are about: key k, from 0, is asked for in proportion to 1 / (k + 1)^exponent (Zipf's law).
///
/// A request's key is a function of its number: nothing is drawn for requests whose key nobody looks at, and who looks
/// at it twice sees the same.
#[derive(Clone, Debug)]
pub struct Keys {
    seed: u64,
    count: u64,
    exponent: f64,
    /// Of rejection-inversion: the integral's values at the ends, and the bound below which a draw is taken unseen.
    low: f64,
    high: f64,
    sure: f64,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys::new(0, 1, 0.0)
    }
}

impl Keys {
    /// So many keys, at least one.
    pub fn new(seed: u64, count: u64, exponent: f64) -> Keys {
        let mut keys = Keys { seed, count: count.max(1), exponent, low: 0.0, high: 0.0, sure: 0.0 };
        keys.low = keys.integral(1.5) - 1.0;
        keys.high = keys.integral(keys.count as f64 + 0.5);
        keys.sure = 2.0 - keys.inverse(keys.integral(2.5) - keys.weight(2.0));
        keys
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The key of a request by its number. W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates
    /// from monotone discrete distributions" (1996): one or two draws, whatever the number of keys.
    pub fn of(&self, ordinal: u64) -> u64 {
        if self.count == 1 {
            return 0;
        }
        let mut bits = mix(self.seed, ordinal);
        loop {
            bits = mix(bits, ordinal);
            let uniform = (bits >> 11) as f64 / (1u64 << 53) as f64;
            if self.exponent == 0.0 {
                return ((u128::from(bits) * u128::from(self.count)) >> 64) as u64;
            }
            let u = self.high + uniform * (self.low - self.high);
            let x = self.inverse(u);
            let k = libm::round(x).clamp(1.0, self.count as f64);
            if k - x <= self.sure || u >= self.integral(k + 0.5) - self.weight(k) {
                return k as u64 - 1;
            }
        }
    }

    /// x^-exponent.
    fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// The integral of x^-exponent, up to a constant.
    fn integral(&self, x: f64) -> f64 {
        let log = libm::log(x);
        let t = (1.0 - self.exponent) * log;
        // (e^t - 1) / t × log, which is log where t is 0.
        if t.abs() < 1e-8 { log * (1.0 + t / 2.0) } else { log * libm::expm1(t) / t }
    }

    /// The inverse of [`integral`](Self::integral).
    fn inverse(&self, y: f64) -> f64 {
        let t = (y * (1.0 - self.exponent)).max(-1.0);
        let factor = if t.abs() < 1e-8 { 1.0 - t / 2.0 } else { libm::log1p(t) / t };
        libm::exp(factor * y)
    }
}

impl Net {
    /// The users' traffic that this request belongs to; none for what no user wanted.
    pub fn traffic(&self, ask: &Ask) -> Option<&Traffic> {
        self.nodes.get(ask.origin.users as usize).map(|n| &n.traffic)
    }

    /// The record that this request is about; 0 for what no user wanted.
    pub fn key(&self, ask: &Ask) -> u64 {
        self.traffic(ask).map_or(0, |t| t.keys.of(ask.origin.ordinal))
    }

    /// The endpoint that this request asks for, if the users tell several apart.
    pub fn endpoint(&self, ask: &Ask) -> Option<&Endpoint> {
        self.traffic(ask)?.endpoints.get(usize::from(ask.endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of the first key, of the first ten, and the largest key, over many requests.
    fn shares(count: u64, exponent: f64) -> (f64, f64, u64) {
        let keys = Keys::new(5, count, exponent);
        let n = 400_000;
        let drawn: Vec<u64> = (1..=n).map(|ordinal| keys.of(ordinal)).collect();
        let share = |below: u64| drawn.iter().filter(|&&k| k < below).count() as f64 / n as f64;
        (share(1), share(10), drawn.iter().copied().max().unwrap_or(0))
    }

    #[test]
    fn keys_follow_zipf() {
        for (count, exponent) in [(10_000, 1.0), (10_000, 0.8), (1000, 0.0), (50, 1.5), (2, 1.0), (1_000_000, 1.0)] {
            let weight = |k: u64| libm::pow(k as f64, -exponent);
            let total: f64 = (1..=count).map(weight).sum();
            let exact = |below: u64| (1..=below.min(count)).map(weight).sum::<f64>() / total;
            let (first, ten, largest) = shares(count, exponent);
            assert!((first - exact(1)).abs() < 0.003, "{count} keys, exponent {exponent}: first {first}, {}", exact(1));
            assert!((ten - exact(10)).abs() < 0.003, "{count} keys, exponent {exponent}: ten {ten}, {}", exact(10));
            assert!(largest < count, "{count} keys, exponent {exponent}: key {largest}");
        }
    }

    #[test]
    fn one_key_is_always_the_same() {
        assert_eq!(Keys::new(1, 1, 1.0).of(77), 0);
        assert_eq!(Keys::new(1, 0, 1.0).of(77), 0);
    }
}
