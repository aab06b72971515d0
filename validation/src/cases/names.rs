//! DNS: how often a cached answer spares the question.

use super::{design, link, server};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let cases = [(1.0, 30.0), (1.0, 60.0), (0.1, 30.0), (10.0, 5.0), (0.5, 1.0), (2.0, 0.25)]
        .map(|(rate, ttl)| hits(rate, ttl));
    Section {
        title: "Names",
        about: "A record of time to live T, asked for as a Poisson stream of rate λ, is fetched once and then found for T: of \
                1 + λT questions, λT hit.",
        cases: cases.into(),
    }
}

fn hits(rate: f64, ttl: f64) -> Case {
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
