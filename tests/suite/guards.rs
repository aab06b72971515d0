//! Servers that refuse what is too much, and stop asking those that fail.

use crate::trial::{Trial, near, scenario};
use serde_json::{Value, json};

/// Steady users in front of a server with these parameters, which asks an api.
fn chain(rate: u32, run_s: f64, web: Value, timeline: Value) -> Trial {
    let users = json!({"rate_rps": rate, "arrivals": "constant", "write_share": 0});
    let nodes = json!([{"id": "users", "kind": "users", "params": users}, {"id": "web", "kind": "server", "params": web},
                       {"id": "api", "kind": "server", "params": {"service_ms": 1}}]);
    let links = json!([{"from": "users", "to": "web", "params": {"latency_ms": 0}},
                       {"from": "web", "to": "api", "params": {"latency_ms": 0}}]);
    Trial::new(&scenario(3, run_s, nodes, links, timeline))
}

/// A full bucket and then the rate: the rest is answered 429, which reports count as refused.
#[test]
fn a_server_lets_through_its_burst_and_then_its_rate() {
    for (instances, passed) in [(1, 10.0 + 40.0 * 100.0), (2, 20.0 + 80.0 * 100.0)] {
        let web = json!({"rate_limit_rps": 40, "rate_limit_burst": 10, "instances": instances, "service_ms": 1});
        let trial = chain(100, 100.0, web, json!([]));
        near(&format!("let through by {instances}"), trial.number("requests.ok"), passed, 0.002);
        let refused = trial.number("requests.errors.refused");
        assert_eq!(refused, trial.number("requests.failed"), "nothing else fails");
        let turned_away = trial.number("nodes.web.refused") - refused;
        assert!(
            (0.0..=1.0).contains(&turned_away),
            "the server counts what it turned away, the last may be on its way"
        );
        assert_eq!(trial.number("requests.ok"), trial.number("nodes.api.completed"), "what is turned away asks nobody");
    }
}

/// Half of a window of 2 s has failed after 1 s: open. Then one trial every 5 s, until one is answered.
#[test]
fn a_servers_breaker_opens_tries_and_closes_again() {
    let breaker = json!({"error_share": 0.5, "window_s": 2, "min_requests": 20, "pause_s": 5});
    let timeline = json!([{"at_s": 10, "node": "api", "do": "error", "share": 1, "for_s": 30}]);
    let trial = chain(20, 60.0, json!({"breaker": breaker}), timeline);
    let log = trial.report["log"].as_array().expect("a log");
    let said = |what: &str| -> Vec<f64> {
        let fits = log.iter().filter(|e| e["what"] == what && e["node"] == "api" && e["by"] == "web");
        fits.filter_map(|e| e["at_s"].as_f64()).collect()
    };
    let (opened, closed) = (said("breaker_opened"), said("breaker_closed"));
    assert!((10.8..=11.2).contains(&opened[0]), "half of 2 s had failed 1 s after 10 s: {opened:?}");
    let pauses: Vec<f64> = opened.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(pauses.iter().all(|p| (5.0..=5.06).contains(p)), "a trial 5 s after the last: {opened:?}");
    assert_eq!(closed.len(), 1, "one trial is answered: {closed:?}");
    assert!((40.0..=45.1).contains(&closed[0]), "the first trial after 40 s: {closed:?}");
    let asked = |from: f64, to: f64| {
        trial.seen().entered.iter().filter(|(at, id)| id == "api" && (from..to).contains(at)).count()
    };
    assert_eq!(asked(opened[0] + 0.01, closed[0]), opened.len(), "while it is open only the trials go out: {opened:?}");
    near(
        "failed while it was open, and before it opened",
        trial.number("requests.failed"),
        (closed[0] - 10.0) * 20.0,
        0.01,
    );
    assert_eq!(trial.number("requests.failed"), trial.number("requests.errors.app_error"), "an error, at once");
    assert_eq!(asked(closed[0] + 0.1, 60.0), ((60.0 - closed[0] - 0.1) * 20.0) as usize, "closed: all go again");
}

/// A breaker in front of a cache that is dead leaves it out: the database answers, and nobody waits for a time-out.
#[test]
fn a_cache_behind_an_open_breaker_is_left_out() {
    let run = |breaker: Value| {
        let users = json!({"rate_rps": 20, "arrivals": "constant", "write_share": 0});
        let web = json!({"breaker": breaker, "read_timeout_ms": 500, "service_ms": 1});
        let nodes = json!([{"id": "users", "kind": "users", "params": users}, {"id": "web", "kind": "server", "params": web},
            {"id": "cache", "kind": "cache"}, {"id": "db", "kind": "database", "params": {"read_ms": 1}}]);
        let links =
            json!([{"from": "users", "to": "web"}, {"from": "web", "to": "cache"}, {"from": "web", "to": "db"}]);
        let timeline = json!([{"at_s": 10, "node": "cache", "do": "freeze"}]);
        Trial::new(&scenario(5, 100.0, nodes, links, timeline))
    };
    let (with, without) = (run(json!({"pause_s": 20})), run(Value::Null));
    for trial in [&with, &without] {
        assert_eq!(trial.number("requests.failed"), 0.0, "the database answers: {}", trial.report["requests"]);
    }
    let mean = |trial: &Trial| trial.number("latency_ms.mean");
    assert!(mean(&without) > 400.0, "without a breaker everybody waits for the cache's time-out: {}", mean(&without));
    assert!(mean(&with) < 0.3 * mean(&without), "with one few do: {} and {}", mean(&with), mean(&without));
}
