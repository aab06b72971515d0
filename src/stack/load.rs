//! Users as a script that sends requests as they do.

use super::File;
use super::names::comment;
use super::service::pretty;
use super::site::{PORT, Site, whole_weights};
use crate::component::{Kind, Meaning};
use serde_json::{Value, json};

/// The script and what it is told.
pub fn files(site: &Site, differs: &mut Vec<String>) -> Vec<File> {
    let mut endpoint = 0;
    let mut groups = Vec::new();
    for (i, place) in site.of(Kind::Users) {
        let v = &place.values;
        let mix: Vec<Value> = v
            .list("mix")
            .iter()
            .map(|e| {
                endpoint += 1;
                json!({"share": e.number("share"), "writes": e.flag("writes"), "static": e.flag("static"),
                       "query": e.text("query"), "endpoint": endpoint - 1})
            })
            .collect();
        let mix = if mix.is_empty() { usual(v.number("write_share"), v.number("static_share")) } else { mix };
        groups.push(json!({
            "name": comment(&place.node.label()),
            "targets": targets(site, i),
            "rate_rps": v.number("rate_rps"),
            "arrivals": v.text("arrivals"),
            "users": v.value("users"),
            "think_ms": v.value("think_ms"),
            "load": v.value("load"),
            "clients": v.whole("clients"),
            "timeout_ms": v.number("timeout_ms"),
            "retries": v.whole("retries"),
            "backoff_ms": v.number("backoff_ms"),
            "keep_alive": v.text("connections") == "keep_alive",
            "keys": v.whole("keys"),
            "zipf": v.number("zipf"),
            "mix": mix,
        }));
        if targets(site, i).as_array().is_none_or(Vec::is_empty) {
            differs.push(format!("`{}` ask nobody.", comment(&place.node.label())));
        }
        if v.flag("tls") {
            differs.push("Connections are not encrypted.".into());
        }
    }
    if site.of(Kind::Dns).next().is_some() {
        differs.push("Names are Docker's own: no time to live, and no record is left out for its health.".into());
    }
    differs.sort();
    differs.dedup();
    let settings = json!({"seed": site.seed, "run_s": site.run_s, "groups": groups});
    vec![File::new("load/load.py", include_str!("files/load.py")), File::new("load/load.json", pretty(&settings))]
}

/// Requests without endpoints of their own.
fn usual(writes: f64, files: f64) -> Vec<Value> {
    let dynamic = 1.0 - files;
    vec![
        json!({"share": dynamic * writes, "writes": true, "static": false, "query": "point", "endpoint": null}),
        json!({"share": dynamic * (1.0 - writes), "writes": false, "static": false, "query": "point", "endpoint": null}),
        json!({"share": files, "writes": false, "static": true, "query": "point", "endpoint": null}),
    ]
}

/// Where users go, with weights: what the names of their DNS lead to, and what they have a path to but no name for.
fn targets(site: &Site, users: usize) -> Value {
    let mut to: Vec<(usize, f64)> = Vec::new();
    for wire in site.from(users).filter(|w| w.meaning == Meaning::Names) {
        let weighted = site.nodes[wire.to].values.text("policy") == "weighted";
        let first = site.nodes[wire.to].values.text("policy") == "failover";
        let records = site.from(wire.to).filter(|w| w.meaning == Meaning::Record);
        for record in records.take(if first { 1 } else { usize::MAX }) {
            to.push((record.to, if weighted { record.values.number("weight") } else { 1.0 }));
        }
    }
    if to.is_empty() {
        to = site.from(users).filter(|w| w.meaning == Meaning::Path).map(|w| (w.to, 1.0)).collect();
    }
    let mut all: Vec<(String, f64)> = Vec::new();
    for (node, weight) in to {
        all.extend(site.containers(node).into_iter().map(|name| (format!("{name}:{PORT}"), weight)));
    }
    let (names, weights): (Vec<String>, Vec<f64>) = all.into_iter().unzip();
    let weights = whole_weights(&weights, 1000);
    names
        .into_iter()
        .zip(weights)
        .filter(|(_, w)| *w > 0)
        .map(|(host, weight)| json!({"host": host, "weight": weight}))
        .collect()
}

/// Every endpoint of every users node in turn, with what it changes at a server.
pub fn endpoints(site: &Site) -> Value {
    let all = site.of(Kind::Users).flat_map(|(_, place)| place.values.list("mix"));
    all.map(|e| json!({"service_ms": e.value("service_ms"), "calls": e.value("calls")})).collect()
}
