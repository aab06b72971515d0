//! What fails, who notices when, and what retries make of it.

use super::balancing::balancer;
use super::{SERVICE_MS, design, exponential, link, server, users};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::{Value, json};

pub fn calls() -> Section {
    let mut cases: Vec<Case> = [(0.1, 3), (0.5, 2), (0.3, 4), (0.9, 10)].map(|(p, n)| retries(p, n)).into();
    cases.extend([(100, 0.01), (10, 0.01), (50, 0.05)].map(|(calls, share)| fan_out(calls, share)));
    Section {
        title: "Retries and fan-out",
        about: "A request that is tried n times, each try failing with probability p, makes (1 − pⁿ)/(1 − p) attempts and succeeds \
                with 1 − pⁿ. Of requests that make n calls at once, each slow with probability q, 1 − (1 − q)ⁿ see a slow one \
                ([Dean and Barroso, The Tail at Scale](https://research.google/pubs/the-tail-at-scale/)).",
        cases,
    }
}

/// Every attempt fails with probability `p`; `n` tries in all.
fn retries(p: f64, n: u32) -> Case {
    let none_left = (0..n).fold(1.0, |left, _| left * p);
    let mut people = users(100.0);
    people["params"]["retries"] = (n - 1).into();
    people["params"]["backoff_ms"] = 1.into();
    let mut design = design(vec![people, server("web", 4, json!(1))], vec![link("users", "web")]);
    design["timeline"] = json!([{"at_s": 0, "node": "web", "do": "error", "share": p}]);
    Case::new(format!("failure share {p}, {n} tries"), design, 100.0, 1.0, 1e6, 8)
        .near("attempts per request", attempts, (1.0 - none_left) / (1.0 - p), 0.01)
        .near("share that succeeds", succeeded, 1.0 - none_left, 0.01)
}

fn attempts(run: &Run) -> Option<f64> {
    Some(1.0 + run.number("/requests/retries")? / run.number("/requests/issued")?)
}

fn succeeded(run: &Run) -> Option<f64> {
    Some(run.number("/requests/ok")? / run.number("/requests/issued")?)
}

/// `calls` at once to a service with cores for all, each exponential; slow is above its quantile at 1 − `share`.
fn fan_out(calls: u32, share: f64) -> Case {
    let nodes = vec![users(100.0), server("web", 64, json!(0)), server("api", 1024, exponential(SERVICE_MS))];
    let parallel = json!({"from": "web", "to": "api", "params": {"latency_ms": 0, "calls": calls, "parallel": true}});
    let all_quick = (0..calls).fold(1.0, |all, _| all * (1.0 - share));
    let design = design(nodes, vec![link("users", "web"), parallel]);
    let title = format!("{calls} calls, each slow with share {share}");
    // As many requests as make so rare a share known.
    let requests = 1e5 / (1.0 - all_quick);
    let mut case = Case::new(title, design, 100.0, f64::from(calls), requests, 8);
    case.slow_ms = -SERVICE_MS * libm::log(share);
    case.near("share of requests that see a slow call", |run: &Run| Some(run.slow_share), 1.0 - all_quick, 0.01)
}

/// A balancer's active checks: interval, time-out, fall and rise.
pub struct Checks {
    name: &'static str,
    interval: f64,
    timeout: f64,
    fall: f64,
    rise: f64,
}

/// Checks as HAProxy makes them unless told otherwise.
pub const HAPROXY: Checks = Checks { name: "HAProxy's defaults", interval: 2.0, timeout: 2.0, fall: 3.0, rise: 2.0 };

impl Checks {
    /// When a server breaks in these cases, and when it comes back, in seconds.
    pub fn moments(&self) -> (f64, f64) {
        (20.0 + self.interval, 40.0 + self.interval * (self.fall + 3.0) + self.timeout)
    }
}

pub fn detection() -> Section {
    let alb = Checks { name: "as an ALB", interval: 30.0, timeout: 5.0, fall: 2.0, rise: 5.0 };
    let quick = Checks { name: "quick checks", interval: 0.5, timeout: 0.2, fall: 5.0, rise: 1.0 };
    let single = Checks { name: "one miss is enough", interval: 5.0, timeout: 2.0, fall: 1.0, rise: 3.0 };
    let mut cases = Vec::new();
    for checks in [&HAPROXY, &alb, &quick, &single] {
        cases.push(found(checks, "crash"));
        cases.push(found(checks, "freeze"));
    }
    cases.extend([nobody_left(false), nobody_left(true)]);
    Section {
        title: "Failure detection",
        about: "A dead port fails the checks at once, so it is found between fall − 1 and fall intervals after the failure, each \
                moment as likely; a black hole one time-out later; recovery between rise − 1 and rise intervals \
                ([HAProxy](https://docs.haproxy.org/2.8/configuration.html#5.2-fall), \
                [AWS ALB](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html)). \
                With all servers unhealthy an ALB fails open, HAProxy and nginx answer 503 and 502.",
        cases,
    }
}

/// One server of two breaks and comes back; each replication has another phase of its checks.
pub fn found(checks: &Checks, fault: &'static str) -> Case {
    let &Checks { name, interval, timeout, fall, rise } = checks;
    let (broken, back) = checks.moments();
    let mut lb = balancer("round_robin");
    lb["params"]["health"] =
        json!({"interval_ms": interval * 1e3, "timeout_ms": timeout * 1e3, "rise": rise, "fall": fall});
    let mut servers = ["a", "b"].map(|id| server(id, 1, json!(1)));
    servers.iter_mut().for_each(|s| s["params"]["boot_s"] = 0.into());
    let [a, b] = servers;
    let mut design = design(vec![users(1.0), lb, a, b], vec![link("users", "lb"), link("lb", "a"), link("lb", "b")]);
    design["timeline"] = json!([
        {"at_s": broken, "node": "a", "do": fault}, {"at_s": back, "node": "a", "do": "recover"},
    ]);
    let (what, late) = if fault == "crash" { ("dead port", 0.0) } else { ("black hole", timeout) };
    let low = (fall - 1.0) * interval + late;
    let down = move |run: &Run| run.logged("a", "detected_down", broken);
    let up = move |run: &Run| run.logged("a", "detected_up", back);
    let end = back + interval * (rise + 2.0);
    let title = format!("{name} (every {interval} s, time-out {timeout} s, fall {fall}, rise {rise}): {what}");
    let mut case = Case::short(title, design, end, 1.0, 800)
        .within("found down after, s", down, low, low + interval)
        .near("… mean", down, low + interval / 2.0, 0.05);
    if fault == "crash" {
        let low = (rise - 1.0) * interval;
        case = case.within("found up after, s", up, low, low + interval).near("… mean", up, low + interval / 2.0, 0.05);
    }
    case
}

/// Every server is found down although one still works.
fn nobody_left(fail_open: bool) -> Case {
    let mut lb = balancer("round_robin");
    lb["params"]["health"] = json!({});
    lb["params"]["fail_open"] = fail_open.into();
    let nodes = vec![users(50.0), lb, server("a", 4, json!(1)), server("b", 4, json!(1))];
    let links = vec![link("users", "lb"), link("lb", "a"), link("lb", "b")];
    let mut design = design(nodes, links);
    // Both stand still until the checks have found them down, then serve again, not yet found up.
    let both = |at: f64, action: &str| ["a", "b"].map(|id| json!({"at_s": at, "node": id, "do": action}));
    design["timeline"] = [both(10.0, "freeze"), both(30.0, "recover")].concat().into();
    let title = if fail_open { "all unhealthy, fail open" } else { "all unhealthy, fail closed" };
    // Requests from second 30 on, for half a second: no check has passed twice by then.
    let case = Case::short(title, design, 30.5, 50.0, 20).warmup(30.01);
    let refused = |run: &Run| Some(run.number("/requests/errors/no_backend")? / run.number("/requests/issued")?);
    if fail_open {
        case.within("share served", succeeded, 0.9, 1.0)
    } else {
        case.within("share answered 503", refused, 1.0, 1.0)
    }
}

pub fn overload() -> Section {
    let stuck = |name: &str, then: f64, share: (f64, f64)| {
        metastable(280.0, then, 10.0).within(&format!("share answered in the end, {name}"), succeeded, share.0, share.1)
    };
    let mut cases = vec![
        metastable(280.0, 280.0, 0.0).within("share answered", succeeded, 0.99, 1.0),
        stuck("load unchanged", 280.0, (0.0, 0.0)).near("attempts per second", offered, 560.0, 0.02),
        stuck("load down to 160/s", 160.0, (0.0, 0.0)).near("attempts per second", offered, 320.0, 0.02),
        stuck("load down to 140/s", 140.0, (0.999, 1.0)).near("attempts per second", offered, 140.0, 0.02),
    ];
    cases.push(metastable(140.0, 140.0, 10.0).within("share answered in the end", succeeded, 0.999, 1.0));
    Section {
        title: "Overload that feeds itself",
        about: "Three cores that serve 300 requests per second, users who give up after 1 s and try once more. A trigger of ten \
                seconds fills the queue; from then on the server works for users who are gone, and the retries keep it so \
                ([Bronson et al., Metastable Failures in Distributed Systems, HotOS 2021]\
                (https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf)). With everybody trying twice, only a \
                load below half the capacity lets it recover.",
        cases,
    }
}

/// Attempts that reach the server per second.
fn offered(run: &Run) -> Option<f64> {
    let span = run.number("/simulated_s")? - run.number("/warmup_s")?;
    Some(run.number("/nodes/web/arrivals")? / span)
}

/// A load that the server can carry; at 20 s it slows down to nearly nothing for a while; at 60 s the load changes.
fn metastable(load: f64, then: f64, outage: f64) -> Case {
    let mut people = users(load);
    people["params"]["timeout_ms"] = 1000.into();
    people["params"]["retries"] = 1.into();
    people["params"]["backoff_ms"] = 10.into();
    let mut design = design(vec![people, server("web", 3, exponential(10.0))], vec![link("users", "web")]);
    let mut timeline = vec![json!({"at_s": 60, "node": "users", "do": "load", "factor": then / load})];
    if outage > 0.0 {
        timeline.insert(0, json!({"at_s": 20, "node": "web", "do": "slow", "factor": 1e4, "for_s": outage}));
    }
    design["timeline"] = Value::from(timeline);
    let title = format!("{load}/s, slow for {outage} s, then {then}/s");
    // Long enough to work off what has piled up, if anything can.
    Case::short(title, design, 1200.0, load, 4).warmup(1000.0)
}
