//! Servers behind a balancer: how much each way of picking helps.

use super::queues::times;
use super::{SERVICE_MS, SPEED, design, exponential, link, server, users};
use crate::case::{Case, Section};
use crate::theory;
use serde_json::{Value, json};

pub fn section() -> Section {
    let mut cases = Vec::new();
    for (n, rho, requests) in [(4u32, 0.8, 4e6), (2, 0.7, 6e6), (8, 0.6, 3e6)] {
        // Longer queues than this come less than once in a hundred million.
        let cap = if n > 4 { 7 } else { 26 };
        let wide = if n > 4 { 0 } else { cap };
        cases.push(balanced("random", n, rho, requests, 1.0 / (1.0 - rho)));
        cases.push(balanced("round_robin", n, rho, requests, theory::ekm1_time(n, rho)));
        if wide > 0 {
            cases.push(balanced(
                "least_connections",
                n,
                rho,
                requests,
                theory::ranked(&theory::shortest(n as usize), rho, cap),
            ));
        }
    }
    Section {
        title: "Balancing",
        about: "Exponential servers with a queue each behind one balancer. Picking at random makes each an M/M/1, in turn an \
                E_N/M/1 ([GI/M/1](https://en.wikipedia.org/wiki/G/M/1_queue)); least connections joins the shortest queue, whose \
                Markov chain of sorted queue lengths is solved numerically, as is that of the shorter of two distinct servers. \
                Times are in mean service times.",
        cases,
    }
}

/// A balancer that costs nothing and never doubts its servers.
pub fn balancer(algorithm: &str) -> Value {
    json!({"id": "lb", "kind": "load_balancer", "params": {"algorithm": algorithm, "overhead_ms": 0, "health": null}})
}

/// `n` servers of one core behind a balancer.
pub fn group(algorithm: &str, n: u32, rate: f64) -> Value {
    let name = |i: u32| format!("web{i}");
    let mut nodes = vec![users(rate), balancer(algorithm)];
    nodes.extend((1..=n).map(|i| server(&name(i), 1, exponential(SERVICE_MS))));
    let mut links = vec![link("users", "lb")];
    links.extend((1..=n).map(|i| link("lb", &name(i))));
    design(nodes, links)
}

fn balanced(algorithm: &str, n: u32, rho: f64, requests: f64, time: f64) -> Case {
    let rate = rho * f64::from(n) * SPEED;
    let name = algorithm.replace('_', " ");
    Case::new(format!("{n} servers, load {rho}, {name}"), group(algorithm, n, rate), rate, 2.0, requests, 8).near(
        "the users' time, mean",
        times("/latency_ms/mean"),
        time,
        0.01,
    )
}
