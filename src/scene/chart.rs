//! Charts: a bounded store of what the frames said, and the lines to draw from it.

use super::{Tone, format};
use crate::cost::Scaling;
use crate::metrics::csv;
use crate::metrics::frame::{Frame, NodePoint, Point};
use crate::order::Map;
use crate::texts::{fill, tr};
use crate::time::{Nanos, SECOND, to_s};
use std::collections::VecDeque;

/// Older points than this many are forgotten.
const KEPT: usize = 2400;
/// No line has more corners than this, however many points there are.
const CORNERS: usize = 400;

/// The charts' memory of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    run: u32,
    points: VecDeque<Point>,
    nodes: Map<String, VecDeque<(Nanos, NodePoint)>>,
    scaling: Scaling,
}

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// p50 and p99 of the answers.
    Latency,
    /// Requests wanted and answered per second.
    Requests,
    /// Failed among the finished.
    Errors,
}

/// What a spark line of a node shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeSeries {
    /// Share of the cores that are busy.
    Utilization,
    /// Waiting requests.
    Waiting,
    /// 99th percentile of the time in it.
    P99,
}

/// A chart to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Its heading.
    pub title: &'static str,
    /// What the heading adds where there is room: which percentiles.
    pub detail: &'static str,
    /// Its latest value: "38 · 261 ms".
    pub value: String,
    /// How good that is.
    pub tone: Tone,
    /// What its upper edge stands for.
    pub top: f64,
    /// The same in words.
    pub top_label: String,
    /// Moments at its left and right edge, in words.
    pub from: String,
    /// See `from`.
    pub to: String,
    /// The lines, the most important last.
    pub lines: Vec<Line>,
    /// The most important line of the run that it is held against, if there is one.
    pub rival: Option<Line>,
    /// A sentence for assistive technology.
    pub accessible: String,
}

/// A line of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// What it shows: "p99"; also tells its style.
    pub name: &'static str,
    /// An SVG path; empty without points. Moments without a value leave a gap.
    pub path: String,
    /// The same closed down to the axis, to be filled.
    pub area: String,
}

impl Series {
    /// Takes in what a frame brings. Points of a run before are forgotten.
    pub fn feed(&mut self, frame: &Frame) {
        if frame.run != self.run {
            *self = Series { run: frame.run, ..Series::default() };
        }
        self.scaling.feed(&frame.log);
        for point in &frame.points {
            // A point that does not go on from the last one is a repetition.
            if self.points.back().is_some_and(|last| point.at <= last.at) {
                continue;
            }
            for (node, of_node) in frame.nodes.iter().zip(&point.nodes) {
                let kept = self.nodes.or_default(node.id.clone());
                kept.push_back((point.at, *of_node));
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
            self.points.push_back(Point { nodes: Vec::new(), ..point.clone() });
            if self.points.len() > KEPT {
                self.points.pop_front();
            }
        }
        // Nodes that left long ago leave the memory too.
        if let Some(first) = self.points.front().map(|p| p.at) {
            self.nodes.retain(|_, kept| kept.back().is_some_and(|p| p.0 >= first));
        }
    }

    /// Points that are remembered, oldest first.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        self.points.iter()
    }

    /// Nodes of which something is remembered, sorted by identifier.
    pub fn nodes(&self) -> Vec<&str> {
        self.nodes.iter().map(|(id, _)| id.as_str()).collect()
    }

    /// What is remembered of a node, oldest first.
    pub fn node(&self, id: &str) -> impl Iterator<Item = &(Nanos, NodePoint)> {
        self.nodes.get(id).into_iter().flatten()
    }

    /// What the autoscalers wanted.
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// Everything that is remembered, as a table for spreadsheets.
    pub fn csv(&self) -> String {
        let nodes = self.nodes();
        let mut lists: Vec<_> = nodes.iter().map(|id| self.node(id).peekable()).collect();
        let rows = self.points.iter().map(|point| {
            let of_node = lists.iter_mut().map(|list| list.next_if(|(at, _)| *at <= point.at).map(|(_, p)| *p));
            (point, of_node.collect())
        });
        let rows: Vec<csv::Row> = rows.collect();
        csv::table(&nodes, &rows)
    }

    /// A chart of the last `window` before `now`, in a box of `w` × `h` pixels; `rival` is drawn over it.
    pub fn chart(
        &self,
        rival: Option<&Series>,
        what: Quantity,
        (now, window): (Nanos, Nanos),
        [w, h]: [f64; 2],
    ) -> Chart {
        let axis = Axis::new(now, window, w, h);
        let within = |p: &&Point| p.at + axis.slack >= axis.from && p.at <= now;
        let seen: Vec<&Point> = self.points.iter().filter(within).collect();
        let rival: Vec<&Point> = rival.into_iter().flat_map(|r| r.points.iter()).filter(within).collect();
        let last = seen.last();
        type Get = fn(&Point) -> Option<f64>;
        let (title, lines, floor): (&'static str, &[(&'static str, Get)], f64) = match what {
            Quantity::Latency => ("Latency", &[("p99", |p| p.p99_ms), ("p50", |p| p.p50_ms)], 1.0),
            Quantity::Requests => ("Requests", &[("wanted", |p| Some(p.rate)), ("answered", |p| Some(p.ok_rate))], 1.0),
            Quantity::Errors => ("Errors", &[("failed", |p| p.error_share.map(|s| s * 100.0))], 1.0),
        };
        let most =
            seen.iter().chain(&rival).flat_map(|p| lines.iter().filter_map(|(_, get)| get(p))).fold(0.0, f64::max);
        let top = if what == Quantity::Errors { nice(most.max(floor)).min(100.0) } else { nice(most.max(floor)) };
        let value = match (what, last) {
            (_, None) => format::NONE.to_owned(),
            (Quantity::Latency, Some(p)) => latency_words(p),
            (Quantity::Requests, Some(p)) => format!("{} /s", format::per_second(p.rate)),
            (Quantity::Errors, Some(p)) => p.error_share.map_or_else(|| format::NONE.to_owned(), format::percent),
        };
        let failing = last.and_then(|p| p.error_share).unwrap_or(0.0);
        let tone = match (what, failing) {
            (Quantity::Errors, share) if share > 0.05 => Tone::Bad,
            (Quantity::Errors, share) if share > 0.0 => Tone::Warn,
            _ => Tone::Ok,
        };
        let top_label = match what {
            Quantity::Latency => format::ms(top),
            Quantity::Requests => format!("{} /s", format::number(top)),
            Quantity::Errors => format!("{} %", format::number(top)),
        };
        let line = |points: &[&Point], (name, get): &(&'static str, Get)| {
            let values: Vec<(Nanos, Option<f64>)> = points.iter().map(|p| (p.at, get(p))).collect();
            axis.line(name, &values, top)
        };
        // Of the rival only what is filled in this one: p99, what is answered, what fails.
        let main = if what == Quantity::Latency { lines.first() } else { lines.last() };
        let rival = main.filter(|_| !rival.is_empty()).map(|main| line(&rival, main));
        Chart {
            title,
            detail: if what == Quantity::Latency { " p50 · p99" } else { "" },
            accessible: fill("{what}: {value} now, up to {top} shown", &[&tr(title), &value, &top_label]),
            value,
            tone,
            top,
            top_label,
            from: format::clock(axis.from),
            to: format::clock(axis.from + axis.span),
            lines: lines.iter().map(|of| line(&seen, of)).collect(),
            rival,
        }
    }

    /// The spark line of a node over the last `window` before `now`.
    pub fn spark(&self, node: &str, what: NodeSeries, now: Nanos, window: Nanos, w: f64, h: f64) -> Line {
        let axis = Axis::new(now, window, w, h);
        let Some(kept) = self.nodes.get(node) else { return Line::default() };
        let get = |p: &NodePoint| match what {
            NodeSeries::Utilization => p.utilization,
            NodeSeries::Waiting => Some(f64::from(p.inside)),
            NodeSeries::P99 => p.p99_ms,
        };
        let values: Vec<(Nanos, Option<f64>)> =
            (kept.iter()).filter(|p| p.0 + axis.slack >= axis.from && p.0 <= now).map(|p| (p.0, get(&p.1))).collect();
        let most = values.iter().filter_map(|v| v.1).fold(0.0, f64::max);
        let top = if what == NodeSeries::Utilization { 1.0 } else { nice(most.max(1.0)) };
        let name = match what {
            NodeSeries::Utilization => "utilization",
            NodeSeries::Waiting => "waiting",
            NodeSeries::P99 => "p99",
        };
        axis.line(name, &values, top)
    }
}

/// "38 · 261 ms": the unit once if it is the same.
fn latency_words(p: &Point) -> String {
    let (low, high) = (format::ms_or_none(p.p50_ms), format::ms_or_none(p.p99_ms));
    match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((n, a)), Some((_, b))) if a == b => format!("{n} · {high}"),
        _ => format!("{low} · {high}"),
    }
}

/// The largest power of ten that is not above `n`, which should be above 0 and finite; else `n` itself.
pub fn power_of_ten(n: f64) -> f64 {
    if !n.is_finite() || n <= 0.0 {
        return n;
    }
    // Step by step: a power function is two kilobytes of every visit, and used for nothing else. Powers above 1 are exact.
    let mut power = 1.0;
    if n < 1.0 {
        while 1.0 / power > n {
            power *= 10.0;
        }
        return 1.0 / power;
    }
    while power <= n / 10.0 {
        power *= 10.0;
    }
    power
}

/// The next of 1, 2, 5, 10, 20, 50, …: an axis that jumps seldom.
pub fn nice(n: f64) -> f64 {
    if !n.is_finite() || n <= 0.0 {
        return 1.0;
    }
    let power = power_of_ten(n);
    // A hair above a round number is that number.
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|m| *m >= n * 0.999_999).unwrap_or(n)
}

/// The time axis of a chart and its box.
pub(super) struct Axis {
    pub from: Nanos,
    pub span: Nanos,
    /// Points this much older still matter: the line comes in from the left.
    pub slack: Nanos,
    pub w: f64,
    pub h: f64,
}

impl Axis {
    pub fn new(now: Nanos, window: Nanos, w: f64, h: f64) -> Axis {
        let span = window.max(SECOND / 1000);
        Axis { from: now.saturating_sub(span), span, slack: span / 50, w, h }
    }

    fn line(&self, name: &'static str, values: &[(Nanos, Option<f64>)], top: f64) -> Line {
        let (path, area) = self.drawn(values, top);
        Line { name, path, area }
    }

    /// The path through these values, and the same closed down to the axis.
    pub fn drawn(&self, values: &[(Nanos, Option<f64>)], top: f64) -> (String, String) {
        let x = |at: Nanos| {
            let since = to_s(at.max(self.from) - self.from) - to_s(self.from.saturating_sub(at));
            ((since / to_s(self.span)).max(0.0) * self.w * 10.0).round() / 10.0
        };
        let y = |v: f64| ((self.h - self.h * (v / top).clamp(0.0, 1.0)) * 10.0).round() / 10.0;
        let (mut path, mut area) = (String::new(), String::new());
        for run in values.split(|v| v.1.is_none()) {
            let corners = thin(run);
            let (Some(first), Some(last)) = (corners.first(), corners.last()) else { continue };
            let mut piece = String::new();
            for (i, (at, v)) in corners.iter().enumerate() {
                piece.push_str(&format!("{}{} {}", if i == 0 { "M" } else { "L" }, x(*at), y(*v)));
            }
            if corners.len() == 1 {
                // A single point is drawn as a dash.
                piece.push_str("h2");
            }
            area.push_str(&format!("{piece}L{} {}L{} {}z", x(last.0), self.h, x(first.0), self.h));
            path.push_str(&piece);
        }
        (path, area)
    }
}

/// No more than [`CORNERS`]: of each group the highest, because peaks are what matters.
fn thin(run: &[(Nanos, Option<f64>)]) -> Vec<(Nanos, f64)> {
    let values: Vec<(Nanos, f64)> = run.iter().filter_map(|(at, v)| v.map(|v| (*at, v))).collect();
    let group = values.len().div_ceil(CORNERS).max(1);
    values.chunks(group).filter_map(|c| c.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(run: u32, from_s: u64, to_s: u64) -> Frame {
        let point = |s: u64| Point {
            at: s * SECOND,
            span: SECOND,
            rate: 232.0,
            ok_rate: 230.0,
            error_share: (s != 3).then_some(0.031),
            p50_ms: (s != 3).then_some(38.0),
            p99_ms: (s != 3).then_some(261.0),
            nodes: vec![NodePoint { utilization: Some(0.5), inside: 3, p99_ms: Some(20.0), ..NodePoint::default() }],
            ..Point::default()
        };
        let nodes = vec![crate::metrics::frame::NodeView { id: "web1".into(), ..Default::default() }];
        Frame { run, now: to_s * SECOND, points: (from_s..=to_s).map(point).collect(), nodes, ..Frame::default() }
    }

    #[test]
    fn axes_end_at_round_numbers() {
        for (n, wanted) in
            [(0.0, 1.0), (1.0, 1.0), (1.2, 2.0), (261.0, 500.0), (500.0, 500.0), (0.03, 0.05), (7e6, 1e7)]
        {
            let got = nice(n);
            assert!((got / wanted - 1.0).abs() < 1e-9, "nice({n}) is {got}, not {wanted}");
        }
        assert_eq!(nice(f64::NAN), 1.0);
        for (n, power) in [
            (1.0, 1.0),
            (9.99, 1.0),
            (10.0, 10.0),
            (1e15, 1e15),
            (0.1, 0.1),
            (0.099, 0.01),
            (1e-6, 1e-6),
            (1e-15, 1e-15),
            (0.0, 0.0),
        ] {
            assert_eq!(power_of_ten(n), power, "of {n}");
        }
        for n in [f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324, -1.0] {
            let power = power_of_ten(n);
            assert!(power <= n, "of {n} it is {power}");
        }
    }

    #[test]
    fn a_chart_says_the_latest_and_leaves_gaps() {
        let mut series = Series::default();
        series.feed(&frame(1, 1, 6));
        let chart = series.chart(None, Quantity::Latency, (6 * SECOND, 10 * SECOND), [100.0, 50.0]);
        assert_eq!((chart.value.as_str(), chart.top), ("38 · 261 ms", 500.0));
        assert_eq!(
            chart.lines[0].path.matches('M').count(),
            2,
            "no answers at 3 s leave a gap: {}",
            chart.lines[0].path
        );
        let errors = series.chart(None, Quantity::Errors, (6 * SECOND, 10 * SECOND), [100.0, 50.0]);
        assert_eq!((errors.value.as_str(), errors.tone), ("3.1 %", Tone::Warn));
        assert_eq!(series.chart(None, Quantity::Requests, (6 * SECOND, 10 * SECOND), [100.0, 50.0]).value, "232 /s");
        assert!(!series.spark("web1", NodeSeries::Waiting, 6 * SECOND, 10 * SECOND, 100.0, 50.0).path.is_empty());
    }

    #[test]
    fn another_run_starts_afresh_and_memory_is_bounded() {
        let mut series = Series::default();
        series.feed(&frame(1, 1, 6));
        series.feed(&frame(1, 5, 8));
        assert_eq!(series.points().count(), 8, "points that were there already are not taken twice");
        series.feed(&frame(2, 1, 2));
        assert_eq!(series.points().count(), 2, "the run before is forgotten");
        series.feed(&frame(2, 3, 10_000));
        assert_eq!(series.points().count(), KEPT);
        let chart = series.chart(None, Quantity::Requests, (10_000 * SECOND, 5_000 * SECOND), [300.0, 50.0]);
        assert!(chart.lines[0].path.matches('L').count() < CORNERS, "lines are thinned");
    }
}
