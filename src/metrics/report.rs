//! The report of a run as one JSON object, with the names and units of the command line's contract.

use super::{Histogram, Metrics, Station, estimates, words};
use crate::component::Kind;
use crate::component::effects::Count;
use crate::component::net::{Net, NodeIx, Origin, Outcome, Status};
use crate::component::param::number;
use crate::component::view::{StockView, View, instance_name};
use crate::engine::{Engine, LogEntry, Recorder};
use crate::scenario::Scenario;
use crate::time::{Nanos, to_s};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The report of a run that has come to its end. `wall_s` is how long it took, which only the caller can know.
pub fn report<R: Recorder>(scenario: &Scenario, engine: &Engine<R>, metrics: &Metrics, wall_s: f64) -> Value {
    let r = &metrics.requests;
    let errors: Map<String, Value> = Outcome::CAUSES
        .iter()
        .map(|cause| (cause.name().to_owned(), json!(r.errors.get(cause.name()).copied().unwrap_or(0))))
        .collect();
    let mut report = json!({
        "name": scenario.name,
        "seed": scenario.seed,
        "simulated_s": to_s(engine.now()),
        "warmup_s": to_s(metrics.warmup()),
        "events": engine.events(),
        "wall_s": wall_s,
        "trace_hash": hex(engine.trace_hash()),
        "requests": {
            "issued": r.issued, "ok": r.ok, "failed": r.failed, "in_flight": r.in_flight(), "retries": r.retries,
            "stale_reads": r.stale_reads, "conflicts": r.conflicts,
            "writes_acked": r.writes_acked, "writes_lost": r.writes_lost, "writes_restored": r.writes_restored,
            "lost": r.lost.iter().map(|&(at, origin)| lost(engine, at, origin)).collect::<Vec<_>>(),
            "errors": errors,
        },
        "latency_ms": latency(&metrics.latency()),
        "nodes": nodes(engine, metrics),
        "log": metrics.log.iter().map(|entry| log_entry(scenario, engine, entry)).collect::<Vec<_>>(),
    });
    estimates::requests(&mut report["requests"], metrics, engine.now().saturating_sub(metrics.warmup()));
    estimates::latency(&mut report["latency_ms"], metrics);
    report
}

/// A lost write by its users node and the number of its request there.
fn lost<R: Recorder>(engine: &Engine<R>, at: Nanos, origin: Origin) -> Value {
    let users = engine.net().nodes.get(origin.users as usize).map(|n| n.id.as_str());
    json!({"users": users, "request": origin.ordinal, "at_s": to_s(at)})
}

/// A hash as 16 hexadecimal digits.
pub fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

/// Rate, errors and percentiles per interval, for `--series`.
pub fn series(metrics: &Metrics) -> Value {
    let rows = metrics.series.points().iter().map(|p| {
        json!({
            "from_s": to_s(p.at - p.span), "to_s": to_s(p.at), "rate_rps": p.rate, "ok_rps": p.ok_rate,
            "error_share": p.error_share, "p50_ms": p.p50_ms, "p95_ms": p.p95_ms, "p99_ms": p.p99_ms,
        })
    });
    rows.collect()
}

fn latency(h: &Histogram) -> Value {
    json!({
        "mean": h.mean_ms(), "p50": h.quantile_ms(0.5), "p90": h.quantile_ms(0.9), "p95": h.quantile_ms(0.95),
        "p99": h.quantile_ms(0.99), "p999": h.quantile_ms(0.999), "max": h.max_ms(),
    })
}

fn nodes<R: Recorder>(engine: &Engine<R>, metrics: &Metrics) -> Value {
    let net = engine.net();
    let empty = Station::new(metrics.warmup(), false);
    let present = net.nodes.iter().enumerate().filter(|(_, n)| n.status != Status::Removed);
    let rows = present.map(|(i, n)| {
        let station = metrics.nodes.get(i).unwrap_or(&empty);
        let mut row = row(engine, station, i as NodeIx, n.kind, metrics.warmup());
        let measured = engine.now().saturating_sub(metrics.warmup());
        let cores = station.mean_cores(measured, engine.view(i as NodeIx).cores);
        estimates::node(&mut row, metrics, i, station, cores, measured);
        (n.id.clone(), row)
    });
    Value::Object(rows.collect())
}

fn row<R: Recorder>(engine: &Engine<R>, s: &Station, node: NodeIx, kind: Kind, warmup: Nanos) -> Value {
    let net = engine.net();
    let span = engine.now().saturating_sub(warmup);
    let over = |area: u128| (span > 0).then(|| area as f64 / span as f64);
    let view = engine.view(node);
    let mut row = json!({
        "kind": kind.id(),
        "arrivals": s.arrivals,
        "completed": s.completed(),
        "refused": s.refused,
        "failed": s.failed,
        "mean_in_system": over(s.area),
        "sojourn_ms": times(&s.sojourn),
        "trace_hash": hex(engine.node_hash(node)),
    });
    if view.cores > 0.0 {
        row["utilization"] = json!(over(s.busy_area).map(|busy| busy / s.mean_cores(span, view.cores)));
        row["wait_ms"] = json!({"mean": s.wait.mean_ms(), "p99": s.wait.quantile_ms(0.99)});
    }
    if kind == Kind::Server {
        row["instances"] = json!(net.nodes[node as usize].instances);
        row["logged_out"] = json!(s.logged_out);
    }
    if kind == Kind::LoadBalancer {
        row["picks"] = picks(net, s, &view);
    }
    if kind == Kind::Dns {
        let (hits, all) = s.lookups;
        row["queries"] = json!(s.arrivals);
        row["resolver_hit_share"] = json!((all > 0).then(|| hits as f64 / all as f64));
    }
    if matches!(kind, Kind::Cache | Kind::Cdn) {
        let (hits, all) = s.lookups;
        row["hits"] = json!(hits);
        row["misses"] = json!(all - hits);
        row["hit_share"] = json!((all > 0).then(|| hits as f64 / all as f64));
    }
    if kind == Kind::Cdn {
        row["stale_served"] = json!(s.counts[Count::Stale as usize]);
    }
    if let (Kind::Queue, Some(stock)) = (kind, &view.stock) {
        row["messages"] = messages(s, stock, over);
    }
    if let Some(data) = &view.data {
        row["role"] = json!(if data.primary { "primary" } else { "replica" });
        row["replication_lag_ms"] = json!({"mean": s.lag.mean_ms(), "max": s.lag.max_ms()});
    }
    row
}

/// What a queue kept and handed out; the rest of its row is about those who brought messages, and had an answer at once.
fn messages(s: &Station, stock: &StockView, over: impl Fn(u128) -> Option<f64>) -> Value {
    let none = Station::default();
    let m = s.messages.as_deref().unwrap_or(&none);
    let count = |count: Count| s.counts[count as usize];
    json!({
        "stored": m.arrivals, "acknowledged": m.completed(), "backlog": stock.items, "in_flight": stock.in_flight,
        "oldest_s": stock.oldest_ms.map(|ms| ms / 1000.0), "delivered": count(Count::Delivered),
        "redelivered": count(Count::Redelivered), "dead_letters": count(Count::DeadLetter),
        "lost": count(Count::LostMessage), "mean_in_system": over(m.area), "sojourn_ms": times(&m.sojourn),
        "wait_ms": {"mean": m.wait.mean_ms(), "p99": m.wait.quantile_ms(0.99)},
    })
}

fn times(h: &Histogram) -> Value {
    json!({"mean": h.mean_ms(), "p50": h.quantile_ms(0.5), "p95": h.quantile_ms(0.95), "p99": h.quantile_ms(0.99)})
}

/// Requests by backend, each of a node's instances by itself if there are or were several, those that left too.
fn picks(net: &Net, s: &Station, view: &View) -> Value {
    // Every backend is listed, also one that never got a request.
    let listed = view.backends.iter().map(|b| ((b.id.as_str(), b.instance.map_or(0, |n| n - 1)), 0));
    let mut rows: BTreeMap<(&str, u32), u64> = listed.collect();
    for (picked, n) in s.picks.iter() {
        let (node, instance) = picked.parts();
        *rows.entry((net.nodes[node as usize].id.as_str(), instance)).or_default() += n;
    }
    let several = |id: &str| rows.range((id, 1)..).next().is_some_and(|((other, _), _)| *other == id);
    let named = rows.iter().map(|(&(id, i), n)| (instance_name(id, several(id).then_some(i + 1)), json!(n)));
    Value::Object(named.collect())
}

fn log_entry<R: Recorder>(scenario: &Scenario, engine: &Engine<R>, entry: &LogEntry) -> Value {
    let line = words::line(entry, engine.net(), scenario);
    let mut row = json!({"at_s": to_s(line.at), "node": line.node, "what": line.what});
    if let Some(by) = line.by {
        row["by"] = json!(by);
    }
    if let Some((name, n)) = entry.what.number() {
        row[name] = number(n);
    }
    row
}
