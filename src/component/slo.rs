//! What a design has promised its users: the objectives that a document may carry, drawn as lines in the charts and
//! searched for by a sweep. They change nothing in a run.
//!
//! An objective has the name of the number that it bounds, as reports and `sweep --slo` call it. The budget is counted
//! in requests, as in Google's "Site Reliability Workbook", chapter 2: what may fail is the objective's share of all
//! that finished (<https://sre.google/workbook/implementing-slos/>).

use super::param::{Param, Values, num};
use crate::scenario::Scenario;

/// The table of objectives, all absent by default.
pub const PARAMS: &[Param] = &[
    latency("mean_ms", "Mean latency at most", "The mean time that users wait for an answer, retries included."),
    latency("p50_ms", "p50 at most", "Half of the answers come within this time."),
    latency("p95_ms", "p95 at most", "95 % of the answers come within this time."),
    latency("p99_ms", "p99 at most", "99 % of the answers come within this time."),
    num(
        "error_share",
        "Errors at most",
        0.0,
        1.0,
        0.0,
        "The share of requests that may fail; what is left of it is the error budget.",
    )
    .none(),
];

const fn latency(name: &'static str, label: &'static str, help: &'static str) -> Param {
    num(name, label, 0.001, 1e8, 0.0, help).none()
}

/// The objectives of a document, by name, in the order of the table; those that do not fit their range are left out.
pub fn limits(scenario: &Scenario) -> Vec<(&'static str, f64)> {
    let values = Values::new(PARAMS, &scenario.slo);
    PARAMS.iter().filter_map(|p| Some((p.name, values.optional(p.name)?))).collect()
}

/// The share of the requests that a percentile's objective lets be slower: 0.01 for `p99_ms`.
pub fn slower_share(name: &str) -> Option<f64> {
    match name {
        "p50_ms" => Some(0.5),
        "p95_ms" => Some(0.05),
        "p99_ms" => Some(0.01),
        _ => None,
    }
}

/// How much of a budget is left: 1 is all of it, below 0 it is overspent. `allowed` is the share of `all` that may go
/// wrong, `wrong` of them did. None before anything finished.
pub fn budget_left(allowed: f64, wrong: u64, all: u64) -> Option<f64> {
    let allowed = allowed * all as f64;
    match (all, wrong) {
        (0, _) => None,
        (_, 0) => Some(1.0),
        // A promise without any budget is broken by the first that goes wrong.
        _ if allowed <= 0.0 => Some(f64::NEG_INFINITY),
        _ => Some(1.0 - wrong as f64 / allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_read_in_the_order_of_the_table_and_wrong_ones_left_out() {
        let slo = json!({"error_share": 0.001, "p99_ms": 250, "p95_ms": -3, "unheard_of": 1});
        let scenario = Scenario { slo: slo.as_object().cloned().unwrap_or_default(), ..Scenario::default() };
        assert_eq!(limits(&scenario), [("p99_ms", 250.0), ("error_share", 0.001)]);
    }

    #[test]
    fn a_budget_is_spent_by_what_goes_wrong() {
        assert_eq!(budget_left(0.001, 0, 0), None, "nothing finished yet");
        assert_eq!(budget_left(0.001, 0, 5), Some(1.0));
        // 100,000 requests may fail 100 times; 38 did.
        let left = budget_left(0.001, 38, 100_000).expect("there are requests");
        assert!((left - 0.62).abs() < 1e-12, "{left} left, not 62 %");
        assert_eq!(budget_left(0.01, 20, 1000), Some(-1.0), "twice the budget is spent");
        assert_eq!(budget_left(0.0, 1, 1000), Some(f64::NEG_INFINITY));
    }
}
