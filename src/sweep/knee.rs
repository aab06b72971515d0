//! The knee: how much load a design carries before it breaks what was promised.

use super::outcome::Outcome;
use crate::metrics::interval::Estimate;

/// Where the promise broke for one seed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Broke {
    /// Already at the least load tried.
    Below,
    /// Between two loads; the crossing of the straight line between them.
    At(f64),
    /// Not even at the largest.
    Beyond,
}

/// The most load within the promises, over seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Knee {
    /// Less than the least load tried, for every seed.
    Below(f64),
    /// So much; the interval is missing if the promise held, or broke, throughout for some seed.
    At(Estimate),
    /// At least the largest load tried, for every seed.
    Beyond(f64),
}

/// The knee. `loads` ascend; `runs` are one list for each seed, with the outcome at each load.
pub fn knee(loads: &[f64], runs: &[Vec<&Outcome>], slo: &[(String, f64)]) -> Option<Knee> {
    let (&least, &most) = (loads.first()?, loads.last()?);
    let broke: Vec<Broke> = runs.iter().map(|run| broke(loads, run, slo)).collect();
    if broke.iter().all(|b| *b == Broke::Below) {
        return Some(Knee::Below(least));
    }
    if broke.iter().all(|b| *b == Broke::Beyond) {
        return Some(Knee::Beyond(most));
    }
    let load = |b: &Broke| match *b {
        Broke::Below => least,
        Broke::At(load) => load,
        Broke::Beyond => most,
    };
    let mut estimate = Estimate::of(&broke.iter().map(load).collect::<Vec<f64>>())?;
    if !broke.iter().all(|b| matches!(b, Broke::At(_))) {
        estimate.half = None;
    }
    Some(Knee::At(estimate))
}

fn broke(loads: &[f64], run: &[&Outcome], slo: &[(String, f64)]) -> Broke {
    // A number that is missing (nothing was answered, or the run could not go on) keeps no promise.
    let kept = |outcome: &Outcome| slo.iter().all(|(name, limit)| outcome.number(name).is_some_and(|n| n <= *limit));
    match run.iter().position(|outcome| !kept(outcome)) {
        None => Broke::Beyond,
        Some(0) => Broke::Below,
        Some(i) => {
            let crossing = |(name, limit): &(String, f64)| match (run[i - 1].number(name), run[i].number(name)) {
                (Some(before), Some(after)) if after > *limit => {
                    Some(loads[i - 1] + (loads[i] - loads[i - 1]) * (limit - before) / (after - before))
                }
                (_, None) => Some(loads[i - 1]),
                _ => None,
            };
            Broke::At(slo.iter().filter_map(crossing).fold(loads[i], f64::min))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn outcome(p99_ms: Option<f64>, error_share: f64) -> Outcome {
        Outcome {
            throughput_rps: None,
            mean_ms: None,
            p50_ms: None,
            p95_ms: None,
            p99_ms,
            error_share: Some(error_share),
            writes_lost: None,
            commit_ms: None,
            usd_per_million: None,
            utilization: BTreeMap::new(),
            trace_hash: String::new(),
            stopped: None,
        }
    }

    fn found(seeds: &[&[(Option<f64>, f64)]]) -> Option<Knee> {
        let runs: Vec<Vec<Outcome>> =
            seeds.iter().map(|run| run.iter().map(|&(p99, errors)| outcome(p99, errors)).collect()).collect();
        let runs: Vec<Vec<&Outcome>> = runs.iter().map(|run| run.iter().collect()).collect();
        knee(&[100.0, 200.0, 300.0], &runs, &[("p99_ms".into(), 50.0), ("error_share".into(), 0.1)])
    }

    #[test]
    fn the_knee_lies_where_the_line_crosses_the_limit() {
        let (first, second) = (
            [(Some(10.0), 0.0), (Some(40.0), 0.0), (Some(60.0), 0.0)],
            [(Some(10.0), 0.0), (Some(90.0), 0.0), (Some(95.0), 0.0)],
        );
        let Some(Knee::At(estimate)) = found(&[&first, &second]) else { panic!("no knee") };
        // 250 and 150.
        assert!((estimate.mean - 200.0).abs() < 1e-9 && estimate.half.is_some(), "{estimate:?}");
    }

    #[test]
    fn the_first_promise_that_breaks_counts() {
        let Some(Knee::At(estimate)) = found(&[&[(Some(10.0), 0.0), (Some(20.0), 0.4), (Some(30.0), 0.9)]]) else {
            panic!("no knee")
        };
        assert!((estimate.mean - 125.0).abs() < 1e-9, "{estimate:?}");
        let Some(Knee::At(nothing)) = found(&[&[(Some(10.0), 0.0), (None, 1.0), (None, 1.0)]]) else {
            panic!("no knee")
        };
        assert_eq!(nothing.mean, 100.0, "at 200 nothing is answered");
    }

    #[test]
    fn outside_the_range_it_is_only_bounded() {
        let (good, bad) = ([(Some(1.0), 0.0); 3], [(Some(99.0), 0.0); 3]);
        assert_eq!(found(&[&good, &good]), Some(Knee::Beyond(300.0)));
        assert_eq!(found(&[&bad, &bad]), Some(Knee::Below(100.0)));
        assert_eq!(found(&[&good, &bad]), Some(Knee::At(Estimate { mean: 200.0, half: None })));
    }
}
