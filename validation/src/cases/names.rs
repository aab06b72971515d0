//! DNS: how often a cached answer spares the question.

use super::{design, link, server};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let cases = [(1.0, 30.0), (1.0, 60.0), (0.1, 30.0), (10.0, 5.0), (0.5, 1.0), (2.0, 0.25)]
        .map(|(rate, ttl)| hits(rate, ttl));
    let mut cases = Vec::from(cases);
    cases.extend([moved(30.0), moved(300.0), failover()]);
    Section {
        title: "Names",
        about: "A record of time to live T, asked for as a Poisson stream of rate λ, is fetched once and then found for T: of \
                1 + λT questions, λT hit. After a change of the address nobody goes to the old one once T has passed. A name service \
                that checks the addresses as [Route 53](https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html) \
                does, every 30 s and giving up after 3, fails over within that and T.",
        cases,
    }
}

/// Questions at a rate per second for a record of this time to live.
pub fn hits(rate: f64, ttl: f64) -> Case {
    let params = json!({"rate_rps": rate, "connections": "new", "stub_cache": false, "timeout_ms": 1000});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "answer_ms": 0}});
    let nodes = vec![users, dns, server("web", 4, json!(0))];
    let design = design(nodes, vec![link("users", "dns"), link("users", "web")]);
    let share = rate * ttl / (1.0 + rate * ttl);
    // Misses are what varies: so many make their share known well enough.
    let requests = (1e5 / (1.0 - share)).max(1e6);
    let longest = loadstone::check::MAX_RUN_S;
    let seeds = (requests / rate / longest).ceil().max(8.0);
    Case::new(format!("λ {rate} per second, T {ttl} s"), design, rate, 2.0, requests, seeds as u64)
        .near("share of hits", |run: &Run| run.number("/nodes/dns/resolver_hit_share"), share, 0.005)
        .near(
            "questions that reach the DNS",
            |run: &Run| Some(run.number("/nodes/dns/queries")? / run.number("/requests/issued")?),
            1.0 - share,
            0.01,
        )
}

/// Clients and resolver keep an address that is no longer given out.
pub fn moved(ttl: f64) -> Case {
    let params = json!({"rate_rps": 50, "connections": "new", "clients": 200});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "answer_ms": 0}});
    let nodes = vec![
        json!({"id": "users", "kind": "users", "params": params}),
        dns,
        server("old", 4, json!(0)),
        server("new", 4, json!(0)),
    ];
    let links =
        vec![link("users", "dns"), link("users", "old"), link("users", "new"), json!({"from": "dns", "to": "old"})];
    let mut design = design(nodes, links);
    let change = 1000.0;
    design["timeline"] = json!([
        {"at_s": change, "do": "add_link", "link": {"from": "dns", "to": "new"}},
        {"at_s": change, "do": "remove_link", "link": ["dns", "old"]},
    ]);
    let case = Case::short(format!("an address changes, T {ttl} s"), design, change + 3.0 * ttl, 50.0, 20);
    case.warmup(change + ttl).within(
        "requests to the old address after T",
        |run: &Run| run.number("/nodes/old/arrivals"),
        0.0,
        0.0,
    )
}

/// The first address dies; the name service notices and gives out the second.
fn failover() -> Case {
    let (ttl, crash) = (60.0, 100.0);
    let params = json!({"rate_rps": 20, "connections": "new", "clients": 200});
    let health = json!({"interval_ms": 30_000, "timeout_ms": 4000, "fall": 3, "rise": 3});
    let nodes = vec![
        json!({"id": "users", "kind": "users", "params": params}),
        json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "policy": "failover", "health": health}}),
        server("first", 4, json!(0)),
        server("second", 4, json!(0)),
    ];
    let links = vec![
        link("users", "dns"),
        link("users", "first"),
        link("users", "second"),
        json!({"from": "dns", "to": "first"}),
        json!({"from": "dns", "to": "second"}),
    ];
    let mut design = design(nodes, links);
    design["timeline"] = json!([{"at_s": crash, "node": "first", "do": "crash"}]);
    let title = format!("checks every 30 s, 3 misses, T {ttl} s");
    let down = move |run: &Run| run.logged("first", "detected_down", crash);
    Case::short(title, design, crash + 90.0 + ttl + 40.0, 20.0, 400)
        .warmup(crash + 90.0 + ttl + 1.0)
        .within("found down after, s", down, 60.0, 90.0)
        .near("… mean", down, 75.0, 0.05)
        .within("requests that fail 90 s and T after", |run: &Run| run.number("/requests/failed"), 0.0, 0.0)
}
