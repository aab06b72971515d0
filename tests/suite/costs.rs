//! What a design costs, as the command line tells it and for whatever a document may hold.

use super::cli::loadstone;
use super::designs::documents;
use loadstone::cost::{Course, Scaling, Usage, bill};
use loadstone::time::SECOND;
use proptest::prelude::*;
use serde_json::Value;

/// A server whose load doubles after a while, so that its autoscaler adds instances.
const GROWING: &str = r#"{"loadstone": 1, "seed": 3, "run_s": 120, "nodes": [
    {"id": "u", "kind": "users", "params": {"rate_rps": 100, "load": [[0, 1], [30, 1], [31, 4]], "response_kb": 20}},
    {"id": "lb", "kind": "load_balancer"},
    {"id": "web", "kind": "server", "params": {"cores": 1, "boot_s": 5, "autoscale": {"min": 1, "max": 6}}}],
    "links": [{"from": "u", "to": "lb"}, {"from": "lb", "to": "web"}]}"#;

#[test]
fn a_run_tells_what_it_costs() {
    let json: Value = serde_json::from_str(&loadstone(&["run", "-", "--json"], GROWING).out).expect("it prints JSON");
    let cost = &json["cost"];
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} is no number in {cost}"));
    let parts = cost["nodes"].as_object().expect("node by node").values().map(|n| number(&n["month_usd"]));
    assert!((parts.sum::<f64>() - number(&cost["month_usd"])).abs() < 1e-6, "the parts are not the whole: {cost}");
    // At the end it stands there with the instances that it was scaled to.
    let scaled = json["log"].as_array().expect("a log").iter().rfind(|l| l["what"] == "scaled");
    let last = number(&scaled.expect("the load makes it grow")["instances"]);
    let one = 730.0 * (0.04048 + 4.0 * 0.004445);
    let web = number(&cost["nodes"]["web"]["hours_usd"]);
    assert!(last > 1.0 && (web - last * one).abs() < 1e-6, "{last} instances cost {web} a month");
    // Traffic: every answer of 20 kB, at the rate of the run.
    let gb = number(&json["requests"]["ok"]) * 20e-6;
    let traffic = number(&cost["nodes"]["u"]["use_usd"]);
    assert!((traffic / (gb * 0.09 * 730.0 * 3600.0 / 120.0) - 1.0).abs() < 1e-9, "{gb} GB cost {traffic} a month");
    let text = loadstone(&["run", "-"], GROWING).out;
    assert!(text.contains("USD for a million answered requests. An estimate from list prices"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_document_has_an_estimate(document in documents(), end in 0..1_000_000 * SECOND) {
        let (scaling, usage) = (Scaling::default(), Usage::default());
        let month = bill(&document, &scaling, &usage, end).month_usd();
        prop_assert!(month >= 0.0, "{month} a month");
        let course = Course::new(&document, &scaling, end);
        let (all, half) = (course.usd(0, end), course.usd(0, end / 2) + course.usd(end / 2, end));
        prop_assert!((all - half).abs() <= all * 1e-9, "the halves cost {half}, the whole {all}");
    }
}
