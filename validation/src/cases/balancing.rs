//! Servers behind a balancer: how much each way of picking helps.

use super::queues::times;
use super::{SERVICE_MS, SPEED, design, exponential, link, server, users};
use crate::case::{Case, Section};
use crate::joining::{ranked, shorter_of_two, shortest};
use loadstone::theory::queues::Ekm1;
use serde_json::{Value, json};

/// The mean time with the shorter of two among 100 servers at load .9. There is no closed form: infinitely many servers
/// give Σ .9^(2^i − 2) = 2.614, and a finite number adds about 1 % (Gast and Van Houdt, A Refined Mean Field
/// Approximation, 2017, <https://doi.org/10.1145/3154491>).
const TWO_OF_A_HUNDRED: f64 = 2.648;

pub fn section() -> Section {
    let mut cases = Vec::new();
    for (n, rho, requests) in [(4u32, 0.8, 4e6), (2, 0.7, 6e6), (3, 0.5, 3e6)] {
        // Longer queues than this come less than once in a hundred million.
        let chain = |ranks: &[f64]| ranked(ranks, rho, 26);
        let in_turn = Ekm1::new(rho, 1.0, n.into()).expect("a load below 1").response_mean();
        cases.push(balanced("random", n, rho, if rho > 0.7 { 2.0 * requests } else { requests }, 1.0 / (1.0 - rho)));
        cases.push(balanced("round_robin", n, rho, requests, in_turn));
        cases.push(balanced("power_of_two", n, rho, requests, chain(&shorter_of_two(n as usize))));
        cases.push(balanced("least_connections", n, rho, requests, chain(&shortest(n as usize))));
    }
    cases.push(balanced("power_of_two", 100, 0.9, 6e6, TWO_OF_A_HUNDRED));
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

/// Four servers at load .8 behind a balancer that picks like this.
pub fn four(algorithm: &str) -> Case {
    balanced(algorithm, 4, 0.8, 4e6, f64::NAN)
}
