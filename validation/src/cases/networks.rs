//! Several stations, and users who wait for their answers.

use super::queues::{figure, times};
use super::{SERVICE_MS, SPEED, design, exponential, link, mmc, server, users};
use crate::case::{Case, Section};
use loadstone::theory::queues::Closed;
use serde_json::json;

pub fn section() -> Section {
    let mut cases = vec![tandem()];
    cases.extend([(5, 9.0), (20, 9.0), (100, 99.0)].map(|(n, think)| closed(n, think)));
    Section {
        title: "Networks of queues",
        about: "What leaves a queue of exponential servers is a Poisson stream again \
                ([Burke](https://en.wikipedia.org/wiki/Burke%27s_theorem)), so stations in a row add up \
                ([Jackson](https://en.wikipedia.org/wiki/Jackson_network)). Users who wait for their answer before they ask again: \
                [mean value analysis](https://en.wikipedia.org/wiki/Mean_value_analysis).",
        cases,
    }
}

/// Three stations, each of another shape.
pub fn tandem() -> Case {
    let rate = 1.5 * SPEED;
    let nodes = vec![
        users(rate),
        server("web", 2, exponential(SERVICE_MS)),
        server("app", 1, exponential(SERVICE_MS / 2.0)),
        server("store", 4, exponential(SERVICE_MS)),
    ];
    let links = vec![link("users", "web"), link("web", "app"), link("app", "store")];
    let alone = [mmc(2, 1.5).response_mean(), mmc(1, 0.75).response_mean() / 2.0, mmc(4, 1.5).response_mean()];
    Case::new("three stations in a row: M/M/2, M/M/1, M/M/4", design(nodes, links), rate, 3.0, 6e6, 8)
        .near("the users' time, mean", times("/latency_ms/mean"), alone.iter().sum(), 0.01)
        .near("time at the last station, mean", times("/nodes/store/sojourn_ms/mean"), alone[2], 0.01)
        .near("time at the second and behind it, mean", times("/nodes/app/sojourn_ms/mean"), alone[1] + alone[2], 0.01)
}

/// Users who think, queue at one exponential server, and think again.
fn closed(count: u32, think: f64) -> Case {
    let queue = Closed::new(count.into(), think, 1.0, 1);
    let mut people = users(1.0);
    people["params"] = json!({"users": count, "think_ms": exponential(think * SERVICE_MS), "keep_alive_s": 1e6});
    let nodes = vec![people, server("web", 1, exponential(SERVICE_MS))];
    Case::new(
        format!("{count} users who think {think} service times"),
        design(nodes, vec![link("users", "web")]),
        queue.throughput * SPEED,
        1.0,
        // The more users, the longer their waiting is alike.
        4e6 + 8e4 * f64::from(count),
        8,
    )
    .near("time in the system, mean", times("/nodes/web/sojourn_ms/mean"), queue.response_mean, 0.01)
    .near("utilization", figure("/nodes/web/utilization"), queue.utilization, 0.005)
}
