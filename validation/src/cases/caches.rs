//! Caches: how much a record's popularity, the capacity and the time to live make of hits.

use super::queues::figure;
use super::{design, exponential, link, mmc, server, users};
use crate::case::{Case, Section};
use crate::run::Run;
use loadstone::theory::caches::Popularity;
use serde_json::{Value, json};

pub fn section() -> Section {
    let mut cases: Vec<Case> = [(10_000, 0.8, 1000), (10_000, 1.0, 1000), (10_000, 0.8, 3000), (1000, 1.2, 50)]
        .map(|(n, a, c)| lru(n, a, c))
        .into();
    cases.extend([(10_000, 0.8, 10.0), (10_000, 0.8, 30.0), (1000, 1.0, 5.0)].map(|(n, a, ttl)| aged(n, a, ttl)));
    cases.push(jackson());
    Section {
        title: "Caches",
        about: "Requests for N records with Zipf's popularity of exponent α. A least-recently-used cache of C records by \
                [Che's approximation](https://arxiv.org/abs/1202.3974); a cache with room for all, whose records are good for a time \
                T after they were put in, by λT/(1+λT) for each record.",
        cases,
    }
}

/// Users whose records have this popularity, a server, a cache and a database, all without delay.
fn cached(rate: f64, keys: u32, zipf: f64, cache: Value) -> Value {
    let mut people = users(rate);
    people["params"]["keys"] = keys.into();
    people["params"]["zipf"] = zipf.into();
    let nodes = vec![
        people,
        server("web", 64, json!(0)),
        json!({"id": "cache", "kind": "cache", "params": cache}),
        json!({"id": "db", "kind": "database", "params": {"read_ms": 0, "cores": 64}}),
    ];
    design(nodes, vec![link("users", "web"), link("web", "cache"), link("web", "db")])
}

fn lru(keys: u32, zipf: f64, capacity: u32) -> Case {
    let scenario = cached(1000.0, keys, zipf, json!({"capacity_items": capacity, "get_ms": 0}));
    let title = format!("LRU, N {keys}, α {zipf}, C {capacity}");
    Case::new(title, scenario, 1000.0, 4.0, 1.6e6, 8).near(
        "hit share",
        figure("/nodes/cache/hit_share"),
        Popularity::zipf(keys.into(), zipf).lru(capacity.into(), 0.0),
        0.01,
    )
}

fn aged(keys: u32, zipf: f64, ttl: f64) -> Case {
    let scenario = cached(100.0, keys, zipf, json!({"capacity_items": keys, "get_ms": 0, "ttl_s": ttl}));
    let title = format!("room for all, N {keys}, α {zipf}, T {ttl} s at 100/s");
    Case::new(title, scenario, 100.0, 4.0, 1.6e6, 8).near(
        "hit share",
        figure("/nodes/cache/hit_share"),
        Popularity::zipf(keys.into(), zipf).ttl(100.0, ttl).0,
        0.01,
    )
}

/// A web tier, a cache that answers seven of ten, and a database for the rest.
fn jackson() -> Case {
    let nodes = vec![
        users(100.0),
        server("web", 16, exponential(100.0)),
        json!({"id": "cache", "kind": "cache", "params": {"get_ms": exponential(1.0), "hit_share": 0.7}}),
        json!({"id": "db", "kind": "database", "params": {"cores": 1, "read_ms": exponential(20.0), "connections": 100_000}}),
    ];
    let scenario = design(nodes, vec![link("users", "web"), link("web", "cache"), link("web", "db")]);
    let time = mmc(16, 10.0).response_mean() / 10.0 + 1.0 / 900.0 + 0.3 / (50.0 - 30.0);
    Case::new(
        "web μ 10/s on 16 cores, cache μ 1000/s, 30 % to a database μ 50/s, λ 100/s",
        scenario,
        100.0,
        3.0,
        2e6,
        8,
    )
    .near("the users' time, mean, ms", |run: &Run| run.number("/latency_ms/mean"), time * 1e3, 0.01)
}
