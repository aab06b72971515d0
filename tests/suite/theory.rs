//! What theory predicts beside what is measured, in whole runs: the formula that the design gets must be the right one.

use loadstone::engine::Engine;
use loadstone::metrics::{Metrics, report};
use loadstone::theory::{self, Measured};
use loadstone::time::{SECOND, from_s};
use serde_json::Value;

/// Runs a design for 1200 s; its report with the theory of each node.
fn run(design: &str) -> Value {
    let text = format!(r#"{{"loadstone":1,"name":"theory","seed":4,"run_s":1220,{design}}}"#);
    let (scenario, problems) = loadstone::check::open(&text);
    assert!(!loadstone::check::refused(&problems), "{design}: {problems:?}");
    let scenario = scenario.expect("a design without errors");
    let mut engine = Engine::new(&scenario, Metrics::new(from_s(20.0), SECOND));
    engine.run_until(from_s(scenario.run_s), u64::MAX);
    let now = engine.now();
    engine.recorder.settle(now);
    let mut report = report::report(&scenario, &engine, &engine.recorder, 0.0);
    for (node, theory) in theory::of(&scenario, &Measured::new(&engine, &engine.recorder)) {
        report["nodes"][node]["theory"] = theory.to_value();
    }
    report
}

/// Holds a node's measurements to its theory: the prediction lies within twice the measured interval.
fn agrees(report: &Value, node: &str, model: &str, numbers: &[&str]) {
    let row = &report["nodes"][node];
    assert_eq!(row["theory"]["model"], model, "{node}: {}", row["theory"]);
    for number in numbers {
        let (parent, name) = number.rsplit_once('/').unwrap_or(("", number));
        let measured = row.pointer(parent).unwrap_or(row);
        let predicted = row["theory"]["predicted"].pointer(&format!("{parent}/{name}")).and_then(Value::as_f64);
        let predicted = predicted.unwrap_or_else(|| panic!("{node}: theory predicts no {number}: {}", row["theory"]));
        let ends = &measured["ci95"][name];
        let (Some(low), Some(high)) = (ends[0].as_f64(), ends[1].as_f64()) else {
            panic!("{node}: no interval of {number}: {measured}");
        };
        println!(
            "{model} at {node}, {number}: theory {predicted:.4}, measured {} ({low:.4} to {high:.4})",
            measured[name]
        );
        let margin = (high - low) / 2.0;
        assert!(
            low - margin <= predicted && predicted <= high + margin && high - low < 0.3 * predicted,
            "{model} at {node}, {number}: theory {predicted}, measured {low} to {high}"
        );
    }
}

/// Users with these parameters before one server with these.
fn server(users: &str, web: &str) -> Value {
    run(&format!(
        r#""nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":100,"keep_alive_s":100000,{users}}}}},
                 {{"id":"web","kind":"server","params":{{{web}}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":0}}}}]"#
    ))
}

const ALL: &[&str] = &[
    "utilization",
    "mean_in_system",
    "/wait_ms/mean",
    "/wait_ms/p99",
    "/sojourn_ms/mean",
    "/sojourn_ms/p50",
    "/sojourn_ms/p95",
    "/sojourn_ms/p99",
];
const MEANS: &[&str] = &["utilization", "mean_in_system", "/wait_ms/mean", "/sojourn_ms/mean"];

#[test]
fn one_station() {
    let keys = r#""clients":50"#;
    let report = server(keys, r#""cores":1,"service_ms":{"exponential":5}"#);
    agrees(&report, "web", "M/M/1", ALL);
    agrees(&report, "users", "sum of hops", &["/sojourn_ms/mean", "/sojourn_ms/p99"]);
    agrees(&server(keys, r#""cores":3,"service_ms":{"exponential":20}"#), "web", "M/M/3", ALL);
    agrees(&server(keys, r#""cores":1,"service_ms":7"#), "web", "M/D/1", MEANS);
    agrees(&server(keys, r#""cores":1,"service_ms":{"gamma":{"mean":5,"cv":1.5}}"#), "web", "M/G/1", MEANS);
    let full = server(keys, r#""cores":2,"workers":3,"backlog":2,"service_ms":{"exponential":25}"#);
    agrees(&full, "web", "M/M/2/5", &["utilization", "failed_share", "/sojourn_ms/mean"]);
    let closed = server(r#""users":40,"think_ms":300"#, r#""cores":1,"workers":50,"service_ms":{"exponential":8}"#);
    agrees(&closed, "web", "M/M/1//40", MEANS);
}

#[test]
fn stations_behind_each_other() {
    let design = |algorithm: &str| {
        run(&format!(
            r#""nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":200,"clients":50,"keep_alive_s":100000,"write_share":0}}}},
            {{"id":"lb","kind":"load_balancer","params":{{"algorithm":"{algorithm}"}}}},
            {{"id":"a","kind":"server","params":{{"cores":1,"service_ms":{{"exponential":6}}}}}},
            {{"id":"b","kind":"server","params":{{"cores":1,"service_ms":{{"exponential":6}}}}}},
            {{"id":"db","kind":"database","params":{{"cores":2,"read_ms":{{"exponential":5}}}}}}],
            "links":[{{"from":"users","to":"lb","params":{{"latency_ms":10}}}},{{"from":"lb","to":"a"}},{{"from":"lb","to":"b"}},
            {{"from":"a","to":"db"}},{{"from":"b","to":"db"}}]"#
        ))
    };
    let random = design("random");
    agrees(&random, "a", "M/M/1", MEANS);
    agrees(&random, "db", "M/M/2", ALL);
    agrees(&random, "users", "sum of hops", &["mean_in_system", "/sojourn_ms/mean"]);
    let turns = design("round_robin");
    agrees(&turns, "b", "E2/M/1", &["utilization", "/wait_ms/mean", "/wait_ms/p99"]);
    let why = &turns["nodes"]["db"]["theory"]["why"];
    assert_eq!(why, "its arrivals are not Poisson: they have gone through a, which is E2/M/1");
}

#[test]
fn names_that_are_kept() {
    let report =
        run(r#""nodes":[{"id":"users","kind":"users","params":{"rate_rps":5,"stub_cache":false,"connections":"new"}},
            {"id":"dns","kind":"dns","params":{"ttl_s":1}},{"id":"web","kind":"server"}],
        "links":[{"from":"users","to":"dns"},{"from":"users","to":"web"},{"from":"dns","to":"web"}]"#);
    let dns = &report["nodes"]["dns"];
    let predicted = dns["theory"]["predicted"]["hit_share"].as_f64().expect("a prediction");
    let ends = &dns["ci95"]["resolver_hit_share"];
    let (low, high) = (ends[0].as_f64().expect("an interval"), ends[1].as_f64().expect("an interval"));
    println!("TTL hits: theory {predicted:.4}, measured {} ({low:.4} to {high:.4})", dns["resolver_hit_share"]);
    let margin = (high - low) / 2.0;
    assert!(low - margin <= predicted && predicted <= high + margin, "{predicted}, measured {low} to {high}");
}
