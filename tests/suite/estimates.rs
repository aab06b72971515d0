//! The report's estimates: intervals that hold the truth, none where there is none to hold, and Little's law.

use loadstone::engine::Engine;
use loadstone::metrics::{Metrics, report};
use loadstone::scenario::Scenario;
use loadstone::time::{SECOND, from_s};
use serde_json::Value;

fn run(scenario: &Scenario, warmup_s: f64) -> Value {
    let mut engine = Engine::new(scenario, Metrics::new(from_s(warmup_s), SECOND));
    engine.run_until(from_s(scenario.run_s), u64::MAX);
    let now = engine.now();
    engine.recorder.settle(now);
    report::report(scenario, &engine, &engine.recorder, 0.0)
}

/// One core at load 0.6, 100 requests a second, over a network without latency.
fn queue(timeline: &str) -> Scenario {
    let text = format!(
        r#"{{"loadstone":1,"name":"queue","seed":5,"run_s":420,
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":100,"keep_alive_s":100000}}}},
                 {{"id":"web","kind":"server","params":{{"cores":1,"workers":10000,"service_ms":{{"exponential":6}}}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":0}}}}],"timeline":{timeline}}}"#
    );
    loadstone::check::open(&text).0.expect("a scenario without errors")
}

fn ends(report: &Value, place: &str, name: &str) -> Option<(f64, f64)> {
    let ends = &report.pointer(place).unwrap_or_else(|| panic!("no {place} in {report}"))["ci95"];
    let ends = ends.get(name).unwrap_or_else(|| panic!("no interval of {name} in {place}: {ends}"));
    Some((ends[0].as_f64()?, ends[1].as_f64()?))
}

#[test]
fn every_estimate_stands_with_an_interval() {
    let report = run(&queue("[]"), 20.0);
    let mean = 6.0 / 0.4;
    for (place, name, truth) in [
        ("/requests", "issued_rps", 100.0),
        ("/requests", "ok_rps", 100.0),
        ("/latency_ms", "mean", mean),
        ("/latency_ms", "p50", mean * libm::log(2.0)),
        ("/latency_ms", "p95", mean * libm::log(20.0)),
        ("/latency_ms", "p99", mean * libm::log(100.0)),
        ("/nodes/web/sojourn_ms", "mean", mean),
        ("/nodes/web/sojourn_ms", "p99", mean * libm::log(100.0)),
        ("/nodes/web/wait_ms", "mean", mean - 6.0),
        ("/nodes/web/wait_ms", "p99", mean * libm::log(60.0)),
        ("/nodes/web", "arrival_rate_rps", 100.0),
        ("/nodes/web", "utilization", 0.6),
        ("/nodes/web", "mean_in_system", 1.5),
    ] {
        let (low, high) = ends(&report, place, name).unwrap_or_else(|| panic!("{place} {name} has no interval"));
        let point = &report.pointer(place).unwrap()[name];
        println!("{place} {name}: truth {truth:.3}, measured {point}, from {low:.3} to {high:.3}");
        let measured = point.as_f64().expect("an estimate");
        assert!(low <= measured && measured <= high, "{place} {name}: {measured} outside {low} to {high}");
        // With a wider margin: of thirteen intervals one may well miss.
        let margin = (high - low) / 2.0;
        assert!(low - margin <= truth && truth <= high + margin, "{place} {name}: {truth} far from {low} to {high}");
        assert!(high - low < 0.35 * truth, "{place} {name}: {low} to {high} says nothing");
    }
    assert_eq!(ends(&report, "/requests", "failed_share"), None, "nothing failed, so nothing is known of how often");
}

#[test]
fn a_run_that_breaks_has_no_steady_state_to_estimate() {
    let report = run(&queue(r#"[{"at_s":200,"node":"web","do":"slow","factor":1.4}]"#), 0.0);
    for (place, name) in [("/latency_ms", "mean"), ("/latency_ms", "p50"), ("/nodes/web", "utilization")] {
        assert_eq!(ends(&report, place, name), None, "{place} {name}");
    }
    let short = Scenario { run_s: 0.1, ..queue("[]") };
    assert_eq!(ends(&run(&short, 0.0), "/latency_ms", "mean"), None, "ten requests");
}

#[test]
fn littles_three_terms_agree_and_time_at_a_node_adds_up() {
    let report = run(&queue("[]"), 20.0);
    for node in ["users", "web"] {
        let little = &report["nodes"][node]["little"];
        let number = |name: &str| little[name].as_f64().unwrap_or_else(|| panic!("{node}: no {name}: {little}"));
        assert!(number("difference_share").abs() < 0.002, "{node}: {little}");
        let product = number("lambda_rps") * number("w_ms") / 1000.0;
        assert!((product / number("lambda_w") - 1.0).abs() < 1e-9, "{node}: {little}");
        assert_eq!(little["l"], report["nodes"][node]["mean_in_system"]);
    }
    let web = &report["nodes"]["web"];
    let mean = |part: &str| web[part]["mean"].as_f64().unwrap_or_else(|| panic!("no {part}: {web}"));
    let parts = mean("wait_ms") + mean("service_ms") + mean("downstream_ms");
    assert!((parts / mean("sojourn_ms") - 1.0).abs() < 1e-3, "{parts} is not {web}");
    assert!((mean("service_ms") - 6.0).abs() < 0.1 && mean("downstream_ms") < 0.05, "{web}");
}
