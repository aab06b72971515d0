//! Replicated databases: what a promotion loses.

use super::{design, exponential, link, users};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let mut cases: Vec<Case> =
        [(500.0, 200.0), (500.0, 50.0), (100.0, 1000.0)].map(|(rate, lag)| lost(rate, lag, "async")).into();
    cases.push(lost(500.0, 200.0, "sync"));
    cases.extend([(1, 100.0), (10, 100.0), (1, 20.0)].map(|(keys, lag)| stale(keys, lag)));
    Section {
        title: "Replication",
        about: "An asynchronous primary answers before a replica has the write: what has not left it when it crashes is lost, on \
                the average the write rate times the time from commit to sending \
                ([PostgreSQL](https://www.postgresql.org/docs/15/warm-standby.html#SYNCHRONOUS-REPLICATION)); a synchronous one loses none. A read is \
                stale if its record was written within the replica's lag.",
        cases,
    }
}

/// Writes only; the primary crashes, the replica takes over.
pub fn lost(rate: f64, lag_ms: f64, mode: &str) -> Case {
    let mut people = users(rate);
    people["params"]["write_share"] = 1.into();
    let web = super::server("web", 64, json!(0));
    let params = json!({"cores": 64, "write_ms": exponential(2.0), "failover": {"mode": "automatic"}});
    let db = json!({"id": "db", "kind": "database", "params": params});
    let nodes = vec![people, web, db, json!({"id": "db2", "kind": "database"})];
    let replication = json!({"from": "db", "to": "db2", "params": {"delay_ms": lag_ms, "latency_ms": 0, "mode": mode}});
    let mut design = design(nodes, vec![link("users", "web"), link("web", "db"), replication]);
    design["timeline"] = json!([{"at_s": 10, "node": "db", "do": "crash"}]);
    let case = Case::short(
        format!("{rate} writes per second, {mode}, sent {lag_ms} ms after commit"),
        design,
        20.0,
        rate,
        200,
    );
    let lost = |run: &Run| run.number("/requests/writes_lost");
    if mode == "sync" {
        return case.within("acknowledged writes lost", lost, 0.0, 0.0);
    }
    case.near("acknowledged writes lost, mean", lost, rate * lag_ms / 1e3, 0.05)
}

/// Reads from a replica that shows each write so much later: stale if the record was written within that time.
fn stale(keys: u32, lag_ms: f64) -> Case {
    let mut people = users(100.0);
    people["params"]["write_share"] = 0.1.into();
    people["params"]["keys"] = keys.into();
    people["params"]["zipf"] = 0.into();
    let none = json!({"cores": 64, "write_ms": 0, "read_ms": 0});
    let nodes = vec![
        people,
        super::server("web", 64, json!(0)),
        json!({"id": "db", "kind": "database", "params": none}),
        json!({"id": "db2", "kind": "database", "params": none}),
    ];
    let replication =
        json!({"from": "db", "to": "db2", "params": {"delay_ms": lag_ms, "latency_ms": 0, "apply_ms": 0}});
    let links =
        vec![link("users", "web"), json!({"from": "web", "to": "db", "params": {"latency_ms": 0}}), replication];
    let writes_meanwhile = 100.0 * 0.1 / f64::from(keys) * lag_ms / 1e3;
    Case::new(
        format!("10 writes per second over {keys} records, seen {lag_ms} ms later"),
        design(nodes, links),
        100.0,
        3.0,
        2e6,
        8,
    )
    .near(
        "share of reads that are stale",
        |run: &Run| Some(run.number("/requests/stale_reads")? / (0.9 * run.number("/requests/issued")?)),
        1.0 - libm::exp(-writes_meanwhile),
        0.01,
    )
}
