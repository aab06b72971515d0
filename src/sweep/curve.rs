//! A sweep's curve: for each value of one parameter what it carries and how slow it is, over all seeds so far.
//!
//! Rows may come in any order and be incomplete, so that a curve can grow while its runs are still being made.

use super::knee::{Knee, knee};
use super::outcome::Outcome;
use super::plan::{Plan, Row};
use crate::metrics::interval::Estimate;
use serde_json::Value;

/// One value of the parameter, with what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The parameter's value.
    pub value: Value,
    /// Answered requests per second.
    pub throughput_rps: Option<Estimate>,
    /// 99th percentile of the latency, in ms.
    pub p99_ms: Option<Estimate>,
    /// Share of the finished requests that failed.
    pub error_share: Option<Estimate>,
    /// The node with the highest mean utilization, and that.
    pub bottleneck: Option<(String, f64)>,
    /// Runs that are done, of one for each seed.
    pub runs: usize,
    /// Whether every promise holds, by the means over the seeds; none before a run is done.
    pub kept: Option<bool>,
}

/// The curve of a plan with a single axis.
pub fn curve(plan: &Plan, rows: &[Row]) -> Vec<Spot> {
    let seeds = (plan.seeds.1 as usize).max(1);
    let spot = |index: usize| {
        let runs: Vec<&Outcome> = rows.iter().filter(|r| r.row / seeds == index).map(|r| &r.outcome).collect();
        let over = |name: &str| Estimate::of(&runs.iter().filter_map(|run| run.number(name)).collect::<Vec<f64>>());
        // A number that is missing (nothing was answered, or a run could not go on) keeps no promise.
        let kept = |(name, limit): &(String, f64)| over(name).is_some_and(|e| e.mean <= *limit);
        Spot {
            value: plan.setting(index)[0].clone(),
            throughput_rps: over("throughput_rps"),
            p99_ms: over("p99_ms"),
            error_share: over("error_share"),
            bottleneck: bottleneck(&runs),
            runs: runs.len(),
            kept: (!runs.is_empty()).then(|| plan.slo.iter().all(kept)),
        }
    };
    (0..plan.settings()).map(spot).collect()
}

/// The most of the first axis that keeps every promise, once all rows are there; none without promises or numbers.
pub fn most(plan: &Plan, rows: &[Row]) -> Option<Knee> {
    let loads = plan.set.first()?.ascending()?;
    let seeds = plan.seeds.1 as usize;
    if plan.slo.is_empty() || rows.len() < plan.rows() || plan.set.len() > 1 {
        return None;
    }
    let at = |row: usize| rows.iter().find(|r| r.row == row).map(|r| &r.outcome);
    let run = |seed: usize| (0..loads.len()).map(|i| at(i * seeds + seed)).collect::<Option<Vec<&Outcome>>>();
    let runs = (0..seeds).map(run).collect::<Option<Vec<_>>>()?;
    knee(&loads, &runs, &plan.slo)
}

/// The node with the highest mean utilization, and that.
pub fn bottleneck(runs: &[&Outcome]) -> Option<(String, f64)> {
    let mut sums: Vec<(&str, f64, f64)> = Vec::new();
    for (node, busy) in runs.iter().flat_map(|run| &run.utilization) {
        match sums.iter_mut().find(|sum| sum.0 == node) {
            Some(sum) => (sum.1, sum.2) = (sum.1 + busy, sum.2 + 1.0),
            None => sums.push((node, *busy, 1.0)),
        }
    }
    let means = sums.into_iter().map(|(node, sum, n)| (node.to_owned(), sum / n));
    means.max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use super::*;

    fn plan() -> Plan {
        Plan {
            version: String::new(),
            name: String::new(),
            document: String::new(),
            span: (1, 0),
            seeds: (1, 2),
            set: vec![Axis::read("users.rate_rps=100,200,300").expect("a list of values")],
            slo: vec![("p99_ms".into(), 50.0)],
        }
    }

    fn row(row: usize, p99_ms: f64) -> Row {
        let busy = [("web".to_owned(), 0.9), ("db".to_owned(), 0.4)];
        let outcome = Outcome { p99_ms: Some(p99_ms), utilization: busy.into(), ..Outcome::default() };
        Row { row, seed: row as u64 % 2, outcome }
    }

    #[test]
    fn a_curve_grows_while_its_rows_come_in() {
        let spots = curve(&plan(), &[row(2, 40.0), row(0, 10.0), row(1, 20.0)]);
        let seen: Vec<_> = spots.iter().map(|s| (s.runs, s.kept, s.p99_ms.map(|e| e.mean))).collect();
        assert_eq!(seen, [(2, Some(true), Some(15.0)), (1, Some(true), Some(40.0)), (0, None, None)]);
        assert!(spots[0].p99_ms.is_some_and(|e| e.half.is_some()), "two seeds have an interval");
        assert_eq!(spots[0].bottleneck.as_ref().map(|b| b.0.as_str()), Some("web"));
        assert_eq!(most(&plan(), &[row(0, 10.0)]), None, "the knee waits for every run");
    }

    #[test]
    fn the_most_that_keeps_the_promises_lies_between_the_values() {
        let rows: Vec<Row> =
            [10.0, 10.0, 40.0, 40.0, 60.0, 60.0].into_iter().enumerate().map(|(i, p)| row(i, p)).collect();
        let Some(Knee::At(most)) = most(&plan(), &rows) else { panic!("no knee") };
        assert!((most.mean - 250.0).abs() < 1e-9, "{most:?}");
        assert_eq!(
            curve(&plan(), &rows).iter().map(|s| s.kept).collect::<Vec<_>>(),
            [Some(true), Some(true), Some(false)]
        );
    }
}
