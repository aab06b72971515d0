//! Servers as a small web service that computes for a drawn time and asks what the design's server asks.

use super::data::Databases;
use super::names::comment;
use super::site::{PORT, Site, Wire};
use super::{File, load};
use crate::component::{Kind, Meaning};
use serde_json::{Map, Value, json};

/// The service, and what each server is told.
pub fn files(site: &Site, differs: &mut Vec<String>) -> Vec<File> {
    let mut files = vec![
        File::new("service/Dockerfile", include_str!("files/Dockerfile")),
        File::new("service/service.py", include_str!("files/service.py")),
        File::new("service/draw.py", include_str!("files/draw.py")),
    ];
    let databases = Databases::of(site);
    for (i, place) in site.of(Kind::Server) {
        let (name, v) = (&place.name, &place.values);
        for (param, without) in [("breaker", "no circuit breaker"), ("rate_limit_rps", "no rate limit")] {
            if !v.value(param).is_null() {
                differs.push(format!("`{name}` has {without}."));
            }
        }
        if v.group("autoscale").is_some() {
            differs.push(format!("`{name}` does not scale itself."));
        }
        if v.text("sessions") != "stateless" {
            differs.push(format!("`{name}` keeps no sessions."));
        }
        if v.text("overflow") == "drop" {
            differs.push(format!("`{name}` refuses what it has no room for instead of dropping it silently."));
        }
        let calls: Vec<Value> =
            site.from(i).filter(|w| w.meaning == Meaning::Call).map(|w| call(site, &databases, w)).collect();
        let settings = json!({
            "name": comment(&place.node.label()),
            "port": PORT,
            "cores": v.whole("cores"),
            "workers": v.whole("workers"),
            "backlog": v.whole("backlog"),
            "service_ms": v.value("service_ms"),
            "connect_timeout_ms": v.number("connect_timeout_ms"),
            "read_timeout_ms": v.number("read_timeout_ms"),
            "endpoints": load::endpoints(site),
            "calls": calls,
        });
        files.push(File::new(format!("service/{name}.json"), pretty(&settings)));
    }
    files
}

/// One call of a server, in the words of service.py.
fn call(site: &Site, databases: &Databases, wire: &Wire) -> Value {
    let to = &site.nodes[wire.to];
    let mut call = Map::new();
    call.insert("node".into(), json!(to.node.id));
    call.insert("times".into(), json!(wire.values.whole("calls")));
    call.insert("parallel".into(), json!(wire.values.flag("parallel")));
    call.insert("shard_of".into(), wire.values.value("shard_of"));
    match to.kind {
        Kind::Database => {
            let (writes, reads) = databases.addresses(site, wire.to);
            call.insert("database".into(), json!({"writes": writes, "reads": reads}));
        }
        Kind::Cache => {
            call.insert("cache".into(), json!({"host": to.name, "ttl_s": to.values.value("ttl_s")}));
        }
        _ => {
            let all: Vec<String> = site.containers(wire.to).iter().map(|name| format!("{name}:{PORT}")).collect();
            call.insert("services".into(), json!(all));
        }
    }
    Value::Object(call)
}

/// JSON on several lines, with a line break at its end.
pub fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
