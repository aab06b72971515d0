//! What was promised beside what was measured, in words: how much of each budget is left.

use super::bars::slower;
use super::{Tone, format};
use crate::component::slo::{budget_left, slower_share};
use crate::metrics::frame::Frame;
use crate::texts::{fill, tr};

/// One promise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promise {
    /// Its name, as in `component::slo`.
    pub name: &'static str,
    /// "Errors at most 0.1 %: 62 % of the error budget is left".
    pub words: String,
    /// Bad once it is broken, a warning when less than a fifth is left.
    pub tone: Tone,
}

/// Every promise of a document, by what a frame says of the run so far.
pub fn promises(limits: &[(&'static str, f64)], frame: &Frame) -> Vec<Promise> {
    limits.iter().map(|&(name, limit)| promise(name, limit, frame)).collect()
}

fn promise(name: &'static str, limit: f64, frame: &Frame) -> Promise {
    let t = &frame.totals;
    let what = match name.strip_suffix("_ms") {
        Some("mean") => fill("Mean latency at most {time}", &[&format::ms(limit)]),
        Some(percentile) => fill("{what} at most {time}", &[&percentile, &format::ms(limit)]),
        None => fill("Errors at most {share}", &[&format::percent(limit)]),
    };
    let (left, budget) = match slower_share(name) {
        _ if name == "error_share" => (budget_left(limit, t.failed, t.ok + t.failed), "the error budget"),
        Some(share) if !frame.histogram.is_empty() => {
            let slow = slower(&frame.histogram, limit).round() as u64;
            (budget_left(share, slow, t.ok), "the budget of slower answers")
        }
        _ => (None, ""),
    };
    let measured = match name {
        "mean_ms" => t.mean_ms,
        "p50_ms" => t.p50_ms,
        "p95_ms" => t.p95_ms,
        "p99_ms" => t.p99_ms,
        _ => None,
    };
    match (left, measured) {
        (Some(left), _) => {
            Promise { name, words: format!("{what}: {}", left_in_words(left, budget)), tone: tone(left) }
        }
        (None, Some(ms)) => {
            let tone = if ms <= limit { Tone::Ok } else { Tone::Bad };
            Promise { name, words: fill("{what}: {time} so far", &[&what, &format::ms(ms)]), tone }
        }
        _ => Promise { name, words: fill("{what}: nothing measured yet", &[&what]), tone: Tone::Idle },
    }
}

fn left_in_words(left: f64, budget: &'static str) -> String {
    if left >= 0.0 {
        // Cut, not rounded: the last of a budget is not gone before it is.
        let cut = (left * 1000.0).floor() / 1000.0;
        fill("{share} of {budget} is left", &[&format::percent(cut), &tr(budget)])
    } else if left.is_finite() {
        fill("{budget} is spent {n} times over", &[&tr(budget), &format::number(1.0 - left)])
    } else {
        fill("{budget} allows none, and there were some", &[&tr(budget)])
    }
}

fn tone(left: f64) -> Tone {
    match left {
        l if l < 0.0 => Tone::Bad,
        l if l < 0.2 => Tone::Warn,
        _ => Tone::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::frame::{Bar, Totals};
    use crate::time::MS;

    fn said(ok: u64, failed: u64, limits: &[(&'static str, f64)]) -> Vec<(String, Tone)> {
        let totals = Totals { ok, failed, mean_ms: Some(12.0), p99_ms: Some(300.0), ..Totals::default() };
        let fast = Bar { from: 10 * MS, to: 20 * MS, count: ok.saturating_sub(4) };
        let slow = Bar { from: 300 * MS, to: 400 * MS, count: ok.min(4) };
        let frame = Frame { totals, histogram: vec![fast, slow], ..Frame::default() };
        promises(limits, &frame).into_iter().map(|p| (p.words, p.tone)).collect()
    }

    #[test]
    fn the_budget_left_is_said_in_words() {
        assert_eq!(
            said(99_962, 38, &[("error_share", 0.001)]),
            [("Errors at most 0.1 %: 62 % of the error budget is left".to_owned(), Tone::Ok)]
        );
        assert_eq!(
            said(900, 100, &[("error_share", 0.04)]),
            [("Errors at most 4 %: the error budget is spent 2.5 times over".to_owned(), Tone::Bad)]
        );
        assert_eq!(
            said(9, 1, &[("error_share", 0.0)]),
            [("Errors at most 0 %: the error budget allows none, and there were some".to_owned(), Tone::Bad)]
        );
        assert_eq!(said(0, 0, &[("error_share", 0.01)])[0].0, "Errors at most 1 %: nothing measured yet");
    }

    #[test]
    fn a_percentile_has_a_budget_of_slower_answers() {
        assert_eq!(
            said(1000, 0, &[("p99_ms", 250.0), ("mean_ms", 10.0)]),
            [
                ("p99 at most 250 ms: 60 % of the budget of slower answers is left".to_owned(), Tone::Ok),
                ("Mean latency at most 10 ms: 12 ms so far".to_owned(), Tone::Bad),
            ]
        );
    }
}
