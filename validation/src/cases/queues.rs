//! One station: what queueing theory says of waiting lines, bounded and not.

use super::{SERVICE_MS, SPEED, design, exponential, link, server, users};
use crate::case::{Case, Section};
use crate::run::Run;
use loadstone::theory::queues::{Mmck, erlang_b, mg1_wait};
use serde_json::{Value, json};

pub fn section() -> Section {
    let mut cases = vec![mm1(0.5, 2e6), mm1(0.8, 12e6), mm1(0.9, 16e6), mm1(0.2, 1e6)];
    cases.extend([(4, 3.2, 12e6), (10, 8.0, 12e6), (100, 90.0, 36e6), (2, 1.0, 4e6), (32, 28.8, 18e6)].map(mmc));
    cases
        .extend([(10, 10.0), (100, 90.0), (5, 2.0), (1, 1.0)].map(|(c, a)| loss(c, a, exponential(SERVICE_MS), "M/M")));
    cases.extend([
        loss(10, 10.0, json!(SERVICE_MS), "M/D"),
        loss(10, 10.0, gamma(2.0), "M/G, cs² 4"),
        bounded(10, 12.0, 20, false),
        bounded(10, 12.0, 20, true),
        bounded(1, 0.9, 5, false),
        bounded(4, 8.0, 6, true),
    ]);
    cases.extend([
        mg1("constant, cs² 0", json!(SERVICE_MS), 0.8, 0.0, 6e6),
        mg1("gamma, cs² .25", gamma(0.5), 0.8, 0.25, 3e6),
        mg1("gamma, cs² 4", gamma(2.0), 0.8, 4.0, 24e6),
        mg1("log-normal, cs² 1", json!({"lognormal": {"mean": SERVICE_MS, "cv": 1.0}}), 0.7, 1.0, 6e6),
        mg1("uniform from 0, cs² ⅓", json!({"uniform": [0, 2.0 * SERVICE_MS]}), 0.6, 1.0 / 3.0, 2e6),
    ]);
    cases.extend([
        shared("constant", json!(SERVICE_MS), 0.8, 8e6),
        shared("exponential", exponential(SERVICE_MS), 0.8, 12e6),
        shared("gamma, cs² 4", gamma(2.0), 0.8, 12e6),
        shared("uniform from 0", json!({"uniform": [0, 2.0 * SERVICE_MS]}), 0.5, 2e6),
    ]);
    Section {
        title: "Queues",
        about: "One server fed by a Poisson stream. Times are in mean service times; loads are shares of what the cores can do. \
                Waiting lines: [Erlang C](https://en.wikipedia.org/wiki/M/M/c_queue), \
                [Pollaczek and Khinchine](https://en.wikipedia.org/wiki/Pollaczek%E2%80%93Khinchine_formula); bounded: \
                [Erlang B](https://en.wikipedia.org/wiki/Erlang_(unit)#Erlang_B_formula), which holds for any distribution of \
                service times, and [M/M/c/K](https://en.wikipedia.org/wiki/M/M/c_queue#Finite_capacity). A core that all requests share gives a mean time of \
                1/(1 − ρ) whatever the [service times](https://en.wikipedia.org/wiki/Processor_sharing).",
        cases,
    }
}

fn gamma(cv: f64) -> Value {
    json!({"gamma": {"mean": SERVICE_MS, "cv": cv}})
}

/// A figure of the report that is a time in ms, in mean service times.
pub fn times(pointer: &'static str) -> impl Fn(&Run) -> Option<f64> {
    move |run| Some(run.number(pointer)? / SERVICE_MS)
}

/// Any other figure of the report.
pub fn figure(pointer: &'static str) -> impl Fn(&Run) -> Option<f64> {
    move |run| run.number(pointer)
}

fn one(rate: f64, node: Value) -> Value {
    design(vec![users(rate), node], vec![link("users", "web")])
}

fn mm1(rho: f64, requests: f64) -> Case {
    let rate = rho * SPEED;
    let time = 1.0 / (1.0 - rho);
    // Near saturation a run of the same precision costs more than it tells.
    let tolerance = if rho > 0.85 { 0.02 } else { 0.01 };
    let design = one(rate, server("web", 1, exponential(SERVICE_MS)));
    Case::new(format!("M/M/1, load {rho}"), design, rate, 1.0, requests, 8)
        .near("number in the system", figure("/nodes/web/mean_in_system"), rho * time, tolerance)
        .near("time in the system, mean", times("/nodes/web/sojourn_ms/mean"), time, tolerance)
        .near("… p50", times("/nodes/web/sojourn_ms/p50"), time * std::f64::consts::LN_2, tolerance)
        .near("… p95", times("/nodes/web/sojourn_ms/p95"), -time * libm::log(0.05), 2.0 * tolerance)
        .near("… p99", times("/nodes/web/sojourn_ms/p99"), -time * libm::log(0.01), 2.0 * tolerance)
        .near("users' p99", times("/latency_ms/p99"), -time * libm::log(0.01), 2.0 * tolerance)
        .near("utilization", figure("/nodes/web/utilization"), rho, 0.005)
}

/// So many cores, offered load and requests.
pub fn mmc((cores, load, requests): (u32, f64, f64)) -> Case {
    let rate = load * SPEED;
    let queue = super::mmc(cores, load);
    let design = one(rate, server("web", cores, exponential(SERVICE_MS)));
    Case::new(format!("M/M/{cores}, λ {load}"), design, rate, 1.0, requests, 8)
        .near(
            "wait, mean",
            times("/nodes/web/wait_ms/mean"),
            queue.wait_mean(),
            if load / f64::from(cores) > 0.85 { 0.03 } else { 0.02 },
        )
        .near("time in the system, mean", times("/nodes/web/sojourn_ms/mean"), queue.response_mean(), 0.01)
        .near("… p95", times("/nodes/web/sojourn_ms/p95"), queue.response_quantile(0.95), 0.01)
        .near("… p99", times("/nodes/web/sojourn_ms/p99"), queue.response_quantile(0.99), 0.02)
        .near("utilization", figure("/nodes/web/utilization"), load / f64::from(cores), 0.005)
}

/// Of all who came, how many were turned away.
fn refused_share(run: &Run) -> Option<f64> {
    Some(run.number("/nodes/web/refused")? / run.number("/nodes/web/arrivals")?)
}

fn turned_away(rate: f64, cores: u32, workers: u32, backlog: u32, service: Value) -> Value {
    let mut web = server("web", cores, service);
    web["params"]["workers"] = workers.into();
    web["params"]["backlog"] = backlog.into();
    one(rate, web)
}

/// As many workers as cores and nowhere to wait.
fn loss(cores: u32, load: f64, service: Value, name: &str) -> Case {
    let rate = load * SPEED;
    let lost = erlang_b(cores.into(), load);
    // A share is as hard to measure as few are lost.
    let (requests, seeds) = if lost < 0.1 { (48e6, 16) } else { (3e6, 8) };
    let design = turned_away(rate, cores, cores, 0, service);
    Case::new(format!("{name}/{cores}/{cores}, λ {load}"), design, rate, 1.0, requests, seeds)
        .near("share lost", refused_share, lost, 0.01)
        .near("utilization", figure("/nodes/web/utilization"), load * (1.0 - lost) / f64::from(cores), 0.005)
}

/// Room for `room` in all: either each has a worker and waits for a core, or waits in the backlog for a worker.
fn bounded(cores: u32, load: f64, room: u32, backlog: bool) -> Case {
    let rate = load * SPEED;
    let queue = Mmck::new(load, 1.0, cores.into(), room.into());
    let (workers, backlog, name) =
        if backlog { (cores, room - cores, "waiting in the backlog") } else { (room, 0, "each with a worker") };
    let design = turned_away(rate, cores, workers, backlog, exponential(SERVICE_MS));
    Case::new(format!("M/M/{cores}/{room}, λ {load}, {name}"), design, rate, 1.0, 4e6, 8)
        .near("share lost", refused_share, queue.loss, 0.01)
        .near("time in the system, mean", times("/nodes/web/sojourn_ms/mean"), queue.response_mean(), 0.01)
}

fn mg1(name: &str, service: Value, rho: f64, cs2: f64, requests: f64) -> Case {
    let rate = rho * SPEED;
    let design = one(rate, server("web", 1, service));
    // A wait varies more than a time in the system; with service times that vary much, much more.
    let tolerance = if cs2 > 1.0 { 0.02 } else { 0.01 };
    Case::new(format!("M/G/1, {name}, load {rho}"), design, rate, 1.0, requests, 8).near(
        "wait, mean",
        times("/nodes/web/wait_ms/mean"),
        mg1_wait(rho, 1.0, f64::sqrt(cs2)).expect("a load below 1"),
        tolerance,
    )
}

/// One core that all requests share: how much service times vary makes no difference.
fn shared(name: &str, service: Value, rho: f64, requests: f64) -> Case {
    let rate = rho * SPEED;
    let mut web = server("web", 1, service);
    web["params"]["discipline"] = "ps".into();
    Case::new(format!("M/G/1, processor sharing, {name}, load {rho}"), one(rate, web), rate, 1.0, requests, 8).near(
        "time in the system, mean",
        times("/nodes/web/sojourn_ms/mean"),
        1.0 / (1.0 - rho),
        0.01,
    )
}
