//! The report's derived numbers: rates, shares, Little's three terms, and the confidence interval beside each estimate.

use super::{Histogram, Mark, Metrics, NodeMark, Spans, Station};
use crate::time::Nanos;
use serde_json::{Map, Value, json};

/// Percentiles by their names in reports.
const PERCENTILES: &[(&str, f64)] = &[("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// The share of a part; none of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Rates and the share of failures among users' requests. `measured` is how long was measured.
pub fn requests(row: &mut Value, metrics: &Metrics, measured: Nanos) {
    let r = &metrics.requests;
    let rate = |n: u64| (measured > 0).then(|| n as f64 * 1e9 / measured as f64);
    let ends = |n: u64, i: usize| rate(n).and_then(|v| metrics.per_second(v, |m| m.requests[i] as f64));
    let finished = r.ok + r.failed;
    row["issued_rps"] = json!(rate(r.issued));
    row["ok_rps"] = json!(rate(r.ok));
    row["failed_share"] = json!(share(r.failed, finished));
    row["ci95"] = json!({
        "issued_rps": ends(r.issued, 0),
        "ok_rps": ends(r.ok, 1),
        "failed_share": metrics.share(r.failed, finished, |m| (m.requests[2], m.requests[1] + m.requests[2])),
    });
}

/// The intervals of users' latencies.
pub fn latency(row: &mut Value, metrics: &Metrics) {
    let names = ["mean", "p50", "p90", "p95", "p99", "p999"];
    row["ci95"] = spans(metrics, &metrics.latency(), &names, |m| Some(&m.latency));
}

/// The intervals of a histogram's mean and percentiles by their names.
fn spans(metrics: &Metrics, h: &Histogram, names: &[&str], of: impl Copy + Fn(&Mark) -> Option<&Spans>) -> Value {
    let interval = |name: &str| match PERCENTILES.iter().find(|(n, _)| *n == name) {
        Some(&(_, q)) => metrics.quantile_ms(h, q, of),
        None => metrics.mean_ms(h, of),
    };
    let all: Map<String, Value> = names.iter().map(|&name| (name.to_owned(), json!(interval(name)))).collect();
    Value::Object(all)
}

/// What a node's row has beyond its counters, `i` being the node's place. Fields that the row lacks get no interval.
pub fn node(row: &mut Value, metrics: &Metrics, i: usize, s: &Station, cores: f64, measured: Nanos) {
    // What stays in a queue are its messages, and the row says how long these do.
    let held = s.messages.as_deref().unwrap_or(s);
    let seconds = measured as f64 / 1e9;
    let left = s.completed() + s.refused + s.failed;
    let bad = s.refused + s.failed;
    let rate = (measured > 0).then(|| s.arrivals as f64 / seconds);
    row["arrival_rate_rps"] = json!(rate);
    row["failed_share"] = json!(share(bad, left));
    row["little"] = little(held, measured);
    let of = |f: fn(&NodeMark) -> f64| move |m: &Mark| m.nodes.get(i).map_or(0.0, f);
    let given = |row: &Value, name: &str| row[name].as_f64();
    let mut ci = json!({
        "arrival_rate_rps": rate.and_then(|v| metrics.per_second(v, of(|n| n.arrivals as f64))),
        "failed_share": metrics.share(bad, left, |m| {
            let [ok, refused, failed] = m.nodes.get(i).map_or([0; 3], |n| n.left);
            (refused + failed, ok + refused + failed)
        }),
    });
    if let Some(v) = given(row, "mean_in_system") {
        ci["mean_in_system"] = json!(metrics.per_second(v, of(|n| n.held().areas[0] as f64 / 1e9)));
    }
    if let Some(v) = given(row, "utilization") {
        let busy = metrics.per_second(v * cores, of(|n| n.areas[1] as f64 / 1e9));
        ci["utilization"] = json!(busy.map(|ends| ends.map(|end| end / cores)));
    }
    if !row["resolver_hit_share"].is_null() {
        let (hits, all) = s.lookups;
        ci["resolver_hit_share"] = json!(metrics.share(hits, all, |m| m.nodes.get(i).map_or((0, 0), |n| n.lookups)));
    }
    row["ci95"] = ci;
    let names = ["mean", "p50", "p95", "p99"];
    row["sojourn_ms"]["ci95"] = spans(metrics, &held.sojourn, &names, |m| Some(&m.nodes.get(i)?.held().sojourn));
    if row.get("wait_ms").is_some() {
        row["wait_ms"]["ci95"] = spans(metrics, &held.wait, &["mean", "p99"], |m| Some(&m.nodes.get(i)?.held().wait));
    }
    if cores > 0.0 {
        parts(row, s);
    }
}

/// The three terms of Little's law, each measured by itself: L from the clock, λ from arrivals, W from those who left.
/// What L and λW differ by is what the ends of the measurement cut off.
fn little(s: &Station, measured: Nanos) -> Value {
    let left = s.completed() + s.refused + s.failed;
    if measured == 0 || left == 0 {
        return json!({"l": null, "lambda_rps": null, "w_ms": null, "lambda_w": null, "difference_share": null});
    }
    let l = s.area as f64 / measured as f64;
    let (lambda, w) = (s.arrivals as f64 * 1e9 / measured as f64, s.stayed() as f64 / left as f64 / 1e6);
    let lambda_w = lambda * w / 1e3;
    json!({
        "l": l, "lambda_rps": lambda, "w_ms": w, "lambda_w": lambda_w,
        "difference_share": (l > 0.0).then(|| lambda_w / l - 1.0),
    })
}

/// Where a request's time at a node with cores goes, besides waiting: core time per request that was let in, and the
/// rest, which is calls to others.
fn parts(row: &mut Value, s: &Station) {
    let served = s.completed() + s.failed;
    let service = (served > 0).then(|| s.busy_area as f64 / served as f64 / 1e6);
    let elsewhere = |service: f64| Some((s.sojourn.mean_ms()? - s.wait.mean_ms()? - service).max(0.0));
    row["service_ms"] = json!({"mean": service});
    row["downstream_ms"] = json!({"mean": service.and_then(elsewhere)});
}
