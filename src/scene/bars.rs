//! The histogram of a run's latencies as bars over a logarithmic axis: what is usual, what is rare, and where the limits
//! and percentiles lie.

use super::format;
use super::scale::Scale;
use crate::component::slo::slower_share;
use crate::metrics::frame::{Bar, Frame};
use crate::texts::{fill, tr};
use crate::time::to_ms;

/// The picture; all places are shares of the box, from its left and its bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// The bars, shortest latency first.
    pub bars: Vec<Shape>,
    /// Numbers along the axis, with their place.
    pub ticks: Vec<(f64, String)>,
    /// Lines across it: place, name ("p99", "p99 at most"), whether it is a promise.
    pub lines: Vec<(f64, String, bool)>,
    /// A sentence for assistive technology.
    pub accessible: String,
}

/// One bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// What it counts: latencies from here to there.
    pub bar: Bar,
    /// Its left edge.
    pub x: f64,
    /// Its width.
    pub w: f64,
    /// Its height; the most frequent is 1.
    pub h: f64,
    /// "1,234 answers took 12 to 13 ms: 3.1 %".
    pub words: String,
}

/// The histogram of a frame, with the promises on its latencies.
pub fn bars(frame: &Frame, limits: &[(&'static str, f64)]) -> Bars {
    let (Some(first), Some(last)) = (frame.histogram.first(), frame.histogram.last()) else {
        return Bars { accessible: tr("Latency histogram: no answers yet").to_owned(), ..Bars::default() };
    };
    let promised: Vec<(&str, f64)> = limits.iter().filter(|(n, _)| slower_share(n).is_some()).copied().collect();
    // A microsecond is the least that the axis shows.
    let low = promised.iter().map(|l| l.1).fold(to_ms(first.from), f64::min).max(0.001);
    let high = promised.iter().map(|l| l.1).fold(to_ms(last.to), f64::max);
    let scale = Scale::log(low, high);
    let most = frame.histogram.iter().map(|b| b.count).max().unwrap_or(1).max(1);
    let all: u64 = frame.histogram.iter().map(|b| b.count).sum();
    let shape = |bar: &Bar| {
        let (x, to) = (scale.share(to_ms(bar.from)), scale.share(to_ms(bar.to)));
        Shape { bar: *bar, x, w: to - x, h: bar.count as f64 / most as f64, words: words(bar, all) }
    };
    let t = &frame.totals;
    let measured = [("p50", t.p50_ms), ("p95", t.p95_ms), ("p99", t.p99_ms)];
    let measured = measured.into_iter().filter_map(|(name, ms)| Some((scale.share(ms?), name.to_owned(), false)));
    let promised = promised.iter().map(|(name, ms)| {
        let name = name.trim_end_matches("_ms");
        (scale.share(*ms), fill("{what} at most {time}", &[&name, &format::ms(*ms)]), true)
    });
    Bars {
        bars: frame.histogram.iter().filter(|b| b.count > 0).map(shape).collect(),
        ticks: scale.ticks().into_iter().map(|ms| (scale.share(ms), format::ms(ms))).collect(),
        lines: measured.chain(promised).collect(),
        accessible: fill(
            "Latency histogram of {n} answers: half within {p50}, 95 % within {p95}, 99 % within {p99}",
            &[
                &format::count(all),
                &format::ms_or_none(t.p50_ms),
                &format::ms_or_none(t.p95_ms),
                &format::ms_or_none(t.p99_ms),
            ],
        ),
    }
}

/// A bar in a sentence.
fn words(bar: &Bar, all: u64) -> String {
    let share = bar.count as f64 / all.max(1) as f64;
    fill(
        "{answers} took {from} to {to}: {share}",
        &[
            &format::plural(bar.count, "answer"),
            &format::ms(to_ms(bar.from)),
            &format::ms(to_ms(bar.to)),
            &format::percent(share),
        ],
    )
}

/// About how many answers took longer than `ms`: within a bar they are taken to be spread evenly.
pub fn slower(histogram: &[Bar], ms: f64) -> f64 {
    let above = |bar: &Bar| {
        let (from, to) = (to_ms(bar.from), to_ms(bar.to));
        bar.count as f64 * ((to - ms) / (to - from)).clamp(0.0, 1.0)
    };
    histogram.iter().map(above).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Histogram;
    use crate::metrics::frame::Totals;
    use crate::time::MS;

    fn frame() -> Frame {
        let mut histogram = Histogram::default();
        for ms in 1..=100 {
            histogram.add(ms * MS);
        }
        let totals = Totals { p50_ms: Some(50.0), p99_ms: Some(99.0), ..Totals::default() };
        Frame { histogram: histogram.coarse().bars(), totals, ..Frame::default() }
    }

    #[test]
    fn bars_and_limits_share_one_axis() {
        let picture = bars(&frame(), &[("error_share", 0.1), ("p99_ms", 200.0)]);
        assert!(picture.bars.windows(2).all(|w| w[0].x + w[0].w <= w[1].x + 1e-9), "bars overlap: {picture:?}");
        assert_eq!(picture.bars.iter().map(|b| b.bar.count).sum::<u64>(), 100);
        let lines: Vec<&str> = picture.lines.iter().map(|l| l.1.as_str()).collect();
        assert_eq!(lines, ["p50", "p99", "p99 at most 200 ms"]);
        assert!(picture.lines.windows(2).all(|w| w[0].0 < w[1].0), "{:?}", picture.lines);
        assert!(picture.ticks.iter().any(|t| t.1 == "10 ms"), "{:?}", picture.ticks);
    }

    #[test]
    fn slow_answers_are_counted_within_a_bar_too() {
        let about = slower(&frame().histogram, 90.0);
        assert!((about - 10.0).abs() < 2.0, "{about} of 1 to 100 ms are above 90");
        assert_eq!(slower(&[], 1.0), 0.0);
    }
}
