//! Cache-aside in whole runs: servers that ask a cache first, fill it, and throw out what they change.

use crate::data::Run;
use crate::validation::near;
use loadstone::metrics::Station;
use serde_json::{Value, json};

/// Users, a server, its cache and its database. What is given adds to the parameters that make the server and the
/// network take next to no time.
fn site(users: Value, cache: Value, db: Value, timeline: Value, run_s: f64, warmup_s: f64) -> Run {
    let nodes = json!([
        ["users", "users", users], ["web", "server", {"service_ms": 0.1, "cores": 64, "workers": 100_000}],
        ["cache", "cache", cache], ["db", "database", db]
    ]);
    let near = json!({"latency_ms": 0.1});
    let links = json!([["users", "web", near], ["web", "cache", near], ["web", "db", near]]);
    Run::new(run_s, warmup_s, &nodes, &links, timeline)
}

fn misses(cache: &Station) -> u64 {
    cache.lookups.1 - cache.lookups.0
}

/// Che's approximation, and simulated values with a time to live, through the whole of a site: users, server, cache.
#[test]
fn a_cache_hits_as_often_as_theory_says_and_spares_the_database() {
    for (what, rate, ttl, run_s, expected) in [
        ("Che, exponent 0.8", 400, Value::Null, 260.0, 0.4367),
        ("for 10 s at 100 requests a second", 100, json!(10), 560.0, 0.3327),
    ] {
        let users = json!({"rate_rps": rate, "write_share": 0, "keys": 10_000, "zipf": 0.8});
        let cache = json!({"capacity_items": 1000, "ttl_s": ttl, "get_ms": 0.01});
        let run = site(users, cache, json!({"read_ms": 0.1}), json!([]), run_s, 60.0);
        near(what, run.hit_share("cache"), expected, 0.02);
        let (missed, read) = (misses(run.node("cache")), run.node("db").arrivals);
        assert!(missed.abs_diff(read) <= 2, "{what}: each miss reads the database once: {missed} misses, {read} reads");
    }
}

/// With one record, a read hits if what came before it was a read: a write throws the record out.
#[test]
fn a_write_throws_the_record_out() {
    let users = json!({"rate_rps": 20, "arrivals": "constant", "write_share": 0.3, "keys": 1});
    let run = site(users, json!({}), json!({"read_ms": 0.1, "write_ms": 0.1}), json!([]), 1000.0, 0.0);
    near("hits after a read", run.hit_share("cache"), 0.7, 0.03);
    assert_eq!(run.0.recorder.requests.failed, 0);
}

/// One popular record and a slow database: when the cache is emptied, everybody goes to the database until the first
/// answer is put in.
#[test]
fn an_emptied_cache_lets_everybody_through_at_once() {
    let users = json!({"rate_rps": 500, "arrivals": "constant", "write_share": 0, "keys": 1});
    let db = json!({"read_ms": 200, "cores": 1024, "connections": 10_000});
    let reads = |timeline: Value| {
        let run = site(users.clone(), json!({"get_ms": 0.01}), db.clone(), timeline, 40.0, 10.0);
        (run.node("db").arrivals, run.hit_share("cache").unwrap_or(0.0))
    };
    assert_eq!(reads(json!([])), (0, 1.0), "a warm cache without a time to live answers everything");
    let (stampede, hits) = reads(json!([{"at_s": 20, "node": "cache", "do": "flush"}]));
    // 500 a second for the 200 ms of a read, and the one that began.
    assert!((90..=115).contains(&stampede), "simultaneous misses all go through: {stampede}");
    assert!(hits > 0.99, "and then it is warm again: {hits}");
}

/// While the cache is down the database does its work; back again it starts empty.
#[test]
fn a_crashed_cache_costs_time_but_no_answers_and_comes_back_empty() {
    let users = json!({"rate_rps": 100, "write_share": 0, "keys": 50});
    let crash = json!([{"at_s": 30, "node": "cache", "do": "crash", "for_s": 10}]);
    let run = site(users, json!({}), json!({"read_ms": 0.5}), crash, 60.0, 0.0);
    let r = &run.0.recorder.requests;
    assert_eq!(r.failed, 0, "{r:?}");
    let read = run.node("db").arrivals;
    // 50 records, 10 s at 100 a second, and once more 50.
    assert!((1000..=1250).contains(&read), "reads of the database: {read}");
    assert!((85..=110).contains(&misses(run.node("cache"))), "filled twice: {} misses", misses(run.node("cache")));
}

/// A network of queues (J. R. Jackson, "Networks of waiting lines", 1957): 100 requests a second, a server of 16 cores
/// that take 100 ms, a cache that takes 1 ms and is looked into by all and filled by the 30 % that miss, and a database
/// that takes those 20 ms each. Each behaves as if it were alone: 100.959 (Erlang C), 1.3 · 1.149 and 0.3 · 50 ms.
#[test]
fn a_site_with_a_cache_is_a_jackson_network() {
    let endless = 10_000_000;
    let nodes = json!([
        ["users", "users", {"rate_rps": 100, "write_share": 0, "tls": false}],
        ["web", "server", {"service_ms": {"exponential": 100}, "cores": 16, "workers": endless, "backlog": endless}],
        ["cache", "cache", {"get_ms": {"exponential": 1}, "hit_share": 0.7}],
        ["db", "database", {"read_ms": {"exponential": 20}, "cores": 1, "connections": endless}]
    ]);
    let none = json!({"latency_ms": 0});
    let links = json!([["users", "web", none], ["web", "cache", none], ["web", "db", none]]);
    let run = Run::new(2000.0, 100.0, &nodes, &links, json!([]));
    near("forced hits", run.hit_share("cache"), 0.7, 0.01);
    near("mean latency", run.0.recorder.latency().mean_ms(), 100.959 + 1.3 * 1.1494 + 0.3 * 50.0, 0.015);
}
