//! Replicated databases: what a promotion loses.

use super::{design, exponential, link, users};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let cases = [(500.0, 200.0), (500.0, 50.0), (100.0, 1000.0)].map(|(rate, lag)| lost(rate, lag));
    Section {
        title: "Replication",
        about: "An asynchronous primary answers before a replica has the write: what has not left it when it crashes is lost, on \
                the average the write rate times the time from commit to sending \
                ([PostgreSQL](https://www.postgresql.org/docs/15/warm-standby.html#SYNCHRONOUS-REPLICATION)).",
        cases: cases.into(),
    }
}

/// Writes only; the primary crashes, the replica takes over.
fn lost(rate: f64, lag_ms: f64) -> Case {
    let mut people = users(rate);
    people["params"]["write_share"] = 1.into();
    let web = super::server("web", 64, json!(0));
    let params = json!({"cores": 64, "write_ms": exponential(2.0), "failover": {"mode": "automatic"}});
    let db = json!({"id": "db", "kind": "database", "params": params});
    let nodes = vec![people, web, db, json!({"id": "db2", "kind": "database"})];
    let replication = json!({"from": "db", "to": "db2", "params": {"delay_ms": lag_ms, "latency_ms": 0}});
    let mut design = design(nodes, vec![link("users", "web"), link("web", "db"), replication]);
    design["timeline"] = json!([{"at_s": 10, "node": "db", "do": "crash"}]);
    Case::short(format!("{rate} writes per second, sent {lag_ms} ms after commit"), design, 20.0, rate, 200).near(
        "acknowledged writes lost, mean",
        |run: &Run| run.number("/requests/writes_lost"),
        rate * lag_ms / 1e3,
        0.05,
    )
}
