//! The table of cases: every row of it is a design, a figure of its report, and what theory or real software says.

pub mod balancing;
mod caches;
pub mod failures;
pub mod hashing;
pub mod names;
pub mod networks;
pub mod picks;
pub mod queues;
pub mod replication;
mod scaling;

use crate::case::Section;
use loadstone::theory::queues::Mmc;
use serde_json::{Value, json};

/// The mean service time of most cases, in ms: times are told in multiples of it.
pub const SERVICE_MS: f64 = 10.0;

/// Services per second of one core that works without a pause.
pub const SPEED: f64 = 1000.0 / SERVICE_MS;

/// Everything that is held to theory and known behaviour.
pub fn all() -> Vec<Section> {
    vec![
        queues::section(),
        networks::section(),
        balancing::section(),
        picks::section(),
        hashing::section(),
        names::section(),
        caches::section(),
        failures::calls(),
        failures::detection(),
        failures::overload(),
        scaling::section(),
        replication::section(),
    ]
}

/// M/M/c at this offered load, in mean service times.
fn mmc(cores: u32, load: f64) -> Mmc {
    Mmc::new(load, 1.0, cores.into()).expect("less load than cores")
}

/// Users that want so much, over connections that stay open: a queue fed by a Poisson stream, and no network.
fn users(rate: f64) -> Value {
    json!({"id": "users", "kind": "users", "params": {"rate_rps": rate, "keep_alive_s": 1e6, "write_share": 0}})
}

/// A server with room for everybody who waits.
pub fn server(id: &str, cores: u32, service: Value) -> Value {
    let params = json!({"cores": cores, "workers": 10_000_000, "backlog": 10_000_000, "service_ms": service});
    json!({"id": id, "kind": "server", "params": params})
}

/// A link that costs no time.
pub fn link(from: &str, to: &str) -> Value {
    json!({"from": from, "to": to, "params": {"latency_ms": 0}})
}

/// An exponential time with this mean in ms.
fn exponential(mean: f64) -> Value {
    json!({"exponential": mean})
}

/// A design of these nodes and links.
pub fn design(nodes: Vec<Value>, links: Vec<Value>) -> Value {
    json!({"nodes": nodes, "links": links})
}
