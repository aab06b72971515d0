//! The large charts: everything that is known of a run over one part of it, as lines that share a time axis, a cursor,
//! the faults of the timeline and the promises of the document.
//!
//! Each line has a hue and a dash of its own, the same for a node in every chart, so that colour is never alone.

use super::chart::{Axis, Series, nice};
use super::cost::usd;
use super::format;
use super::span::Span;
use super::timeline::timeline;
use crate::component::net::Outcome;
use crate::cost::{Course, MONTH_H};
use crate::metrics::frame::{NodePoint, Point};
use crate::order::{self, Set};
use crate::scenario::Scenario;
use crate::texts::{fill, said, tr};
use crate::time::Nanos;

/// So many pairs of hue and dash tell lines apart; no chart shows more lines.
pub const STYLES: usize = 8;
/// The hue and dash of the run that this one is held against.
pub const OF_B: usize = STYLES - 1;
/// The box that paths are computed in; the page stretches it.
pub const W: f64 = 600.0;
/// See [`W`].
pub const H: f64 = 140.0;

/// What a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Percentiles of the users' latency.
    Latency,
    /// Answers and failures per second, these by cause.
    Outcomes,
    /// Failed among the finished.
    Errors,
    /// Busy share of each node's cores.
    Utilization,
    /// Mean time that requests waited in each node.
    Waiting,
    /// Requests in each node.
    Inside,
    /// How far each replica is behind.
    Lag,
    /// Look-ups that each cache knew.
    Hits,
    /// What each node costs by the hour, for a month of such hours.
    Cost,
}

impl Topic {
    /// Every chart, in the order in which they are shown.
    pub const ALL: [Topic; 9] = [
        Topic::Latency,
        Topic::Outcomes,
        Topic::Errors,
        Topic::Utilization,
        Topic::Waiting,
        Topic::Inside,
        Topic::Lag,
        Topic::Hits,
        Topic::Cost,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Topic::Latency => "Latency",
            Topic::Outcomes => "Requests by outcome",
            Topic::Errors => "Failed among the finished",
            Topic::Utilization => "Utilization",
            Topic::Waiting => "Mean waiting time",
            Topic::Inside => "Requests inside",
            Topic::Lag => "Replication lag",
            Topic::Hits => "Cache hits",
            Topic::Cost => "Estimated cost, by the month",
        }
    }

    /// Its name, for tests and style classes.
    pub fn id(self) -> &'static str {
        match self {
            Topic::Latency => "latency",
            Topic::Outcomes => "outcomes",
            Topic::Errors => "errors",
            Topic::Utilization => "utilization",
            Topic::Waiting => "waiting",
            Topic::Inside => "inside",
            Topic::Lag => "lag",
            Topic::Hits => "hits",
            Topic::Cost => "cost",
        }
    }

    /// The term of the glossary that explains it.
    pub fn term(self) -> &'static str {
        match self {
            Topic::Latency => "latency",
            Topic::Outcomes => "throughput",
            Topic::Errors => "error-budget",
            Topic::Utilization => "utilization",
            Topic::Waiting => "queue",
            Topic::Inside => "littles-law",
            Topic::Lag => "replication-lag",
            Topic::Hits => "hit-ratio",
            Topic::Cost => "cost-per-million",
        }
    }

    /// A value as people read it.
    pub fn words(self, n: f64) -> String {
        match self {
            Topic::Latency | Topic::Waiting | Topic::Lag => format::ms(n),
            Topic::Outcomes => format!("{} /s", format::per_second(n)),
            Topic::Errors | Topic::Utilization | Topic::Hits => format::percent(n),
            Topic::Inside => format::number(n),
            Topic::Cost => usd(n),
        }
    }

    fn of_node(self) -> Option<fn(&NodePoint) -> Option<f64>> {
        match self {
            Topic::Utilization => Some(|p| p.utilization),
            Topic::Waiting => Some(|p| p.wait_ms),
            Topic::Inside => Some(|p| Some(f64::from(p.inside))),
            Topic::Lag => Some(|p| p.lag_ms),
            Topic::Hits => Some(|p| p.hit_share),
            _ => None,
        }
    }

    /// The end of its axis if that is always the same.
    fn most(self) -> Option<f64> {
        matches!(self, Topic::Utilization | Topic::Hits).then_some(1.0)
    }
}

/// What to draw.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The part of the run.
    pub span: Span,
    /// Only these nodes; all if it is empty.
    pub nodes: &'a Set<String>,
    /// Keys of lines that are switched off.
    pub hidden: &'a Set<String>,
    /// The run that this one is held against, if there is one.
    pub rival: Option<&'a Series>,
    /// What was promised, as `component::slo::limits` tells it.
    pub limits: &'a [(&'static str, f64)],
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// What it shows.
    pub topic: Topic,
    /// What its upper edge stands for.
    pub top: String,
    /// Its lines, as the legend lists them.
    pub lines: Vec<Line>,
    /// Nodes that there was no room for.
    pub more: usize,
    /// A promise: its height (1 is the upper edge), and in words.
    pub limits: Vec<(f64, String)>,
    /// A sentence for assistive technology.
    pub accessible: String,
}

/// A line, and its place in the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Identifies it among all charts.
    pub key: String,
    /// What the legend calls it, in the reader's language unless it is a name that somebody gave.
    pub name: String,
    /// Which hue and dash.
    pub style: usize,
    /// An SVG path in the box; empty if it is switched off.
    pub path: String,
    /// What it goes through: the value of the interval that ends then.
    pub values: Values,
    /// Switched off.
    pub hidden: bool,
}

impl Plot {
    /// A line's value at a moment, or the latest, in words.
    pub fn value(&self, line: &Line, at: Option<Nanos>) -> String {
        let at = at.unwrap_or(Nanos::MAX);
        let value = line.values.iter().find(|v| v.0 >= at).or(line.values.last()).and_then(|v| v.1);
        value.map_or_else(|| format::NONE.to_owned(), |n| self.topic.words(n))
    }
}

/// Moments, and what was measured in the interval that ended then.
pub type Values = Vec<(Nanos, Option<f64>)>;

/// A line before the height of its chart is known.
struct Raw {
    name: String,
    key: String,
    style: usize,
    values: Values,
}

/// The charts that have something to show.
pub fn plots(series: &Series, doc: &Scenario, wanted: &Wanted) -> Vec<Plot> {
    Topic::ALL.into_iter().filter_map(|topic| plot(topic, series, doc, wanted)).collect()
}

fn plot(topic: Topic, series: &Series, doc: &Scenario, wanted: &Wanted) -> Option<Plot> {
    let (raw, more) = match topic.of_node() {
        Some(get) => {
            let values = |id: &str| series.node(id).map(|(at, p)| (*at, get(p))).collect();
            of_nodes(topic, series, doc, wanted, &values)
        }
        None if topic == Topic::Cost => of_cost(series, doc, wanted),
        None => (of_users(topic, series, wanted), 0),
    };
    let limits: Vec<(&str, f64)> = wanted.limits.iter().filter(|(name, _)| promised_in(name, topic)).copied().collect();
    if raw.is_empty() {
        return None;
    }
    let hidden = |line: &Raw| wanted.hidden.contains(&line.key);
    let shown = raw.iter().filter(|line| !hidden(line)).flat_map(|line| &line.values).filter_map(|v| v.1);
    let most = shown.fold(0.0, f64::max);
    // A promise is worth seeing unless the lines would lie on the floor.
    let promised = limits.iter().map(|l| l.1).filter(|l| *l <= most.max(1e-9) * 8.0 || most == 0.0).fold(0.0, f64::max);
    let least = if topic == Topic::Errors { 0.01 } else { 1.0 };
    let top = topic.most().unwrap_or_else(|| nice(most.max(promised * 1.02).max(least)));
    let axis = Axis::new(wanted.span.to, wanted.span.length(), W, H);
    let line = |line: Raw| {
        let off = hidden(&line);
        Line {
            path: if off { String::new() } else { axis.drawn(&line.values, top).0 },
            values: line.values,
            key: line.key,
            name: line.name,
            style: line.style,
            hidden: off,
        }
    };
    let lines: Vec<Line> = raw.into_iter().map(line).collect();
    let mut plot = Plot {
        topic,
        top: topic.words(top),
        more,
        limits: limits
            .iter()
            .filter(|(_, limit)| *limit <= top)
            .map(|(name, limit)| (limit / top, format!("{} {}", short(name), topic.words(*limit))))
            .collect(),
        accessible: String::new(),
        lines,
    };
    let shown = plot.lines.iter().filter(|l| !l.hidden);
    let told: Vec<String> = shown.map(|l| format!("{} {}", l.name, plot.value(l, None))).collect();
    plot.accessible = fill("{what}, up to {top}: {lines}", &[&tr(topic.title()), &topic.words(top), &told.join(", ")]);
    Some(plot)
}

fn promised_in(name: &str, topic: Topic) -> bool {
    match topic {
        Topic::Latency => name.ends_with("_ms"),
        Topic::Errors => name == "error_share",
        _ => false,
    }
}

/// A promise beside its line: "p99 ≤".
fn short(name: &str) -> String {
    format!("{} ≤", name.trim_end_matches("_ms").trim_end_matches("_share"))
}

/// Whether a moment is drawn: also the one before the left edge, from which the line comes in.
fn within(axis: &Axis, at: Nanos) -> bool {
    at + axis.slack >= axis.from && at <= axis.from + axis.span
}

fn of_users(topic: Topic, series: &Series, wanted: &Wanted) -> Vec<Raw> {
    type Get<'a> = &'a dyn Fn(&Point) -> Option<f64>;
    let axis = Axis::new(wanted.span.to, wanted.span.length(), W, H);
    let line = |series: &Series, name: &str, style: usize, get: Get| Raw {
        name: said(name),
        key: format!("{}:{name}", topic.id()),
        style,
        values: series.points().filter(|p| within(&axis, p.at)).map(|p| (p.at, get(p))).collect(),
    };
    let raw = |name: &str, style: usize, get: Get| line(series, name, style, get);
    let rival = |name: &str, get: Get| wanted.rival.map(|rival| line(rival, &format!("{name}, B"), OF_B, get));
    match topic {
        Topic::Latency => {
            let lines = [raw("p50", 0, &|p| p.p50_ms), raw("p95", 1, &|p| p.p95_ms), raw("p99", 2, &|p| p.p99_ms)];
            lines.into_iter().chain(rival("p99", &|p| p.p99_ms)).collect()
        }
        Topic::Errors => {
            [raw("failed", 5, &|p| p.error_share)].into_iter().chain(rival("failed", &|p| p.error_share)).collect()
        }
        _ => {
            let mut lines = vec![raw("answered", 0, &|p| Some(p.ok_rate))];
            for (i, cause) in Outcome::CAUSES.iter().enumerate() {
                let count = |p: &Point| p.errors.iter().find(|e| usize::from(e.0) == i).map_or(0, |e| e.1);
                // A cause keeps its place in the legend once it has happened, wherever in the run.
                if series.points().any(|p| count(p) > 0) {
                    let rate = |p: &Point| Some(f64::from(count(p)) * 1e9 / p.span.max(1) as f64);
                    lines.push(raw(&cause.name().replace('_', " "), 1 + i % (STYLES - 1), &rate));
                }
            }
            lines.extend(rival("answered", &|p| Some(p.ok_rate)));
            lines
        }
    }
}

/// The hours of each node, with every edit and every instance of the run so far.
fn of_cost(series: &Series, doc: &Scenario, wanted: &Wanted) -> (Vec<Raw>, usize) {
    let ends = || series.points().map(|p| p.at);
    let course = Course::new(doc, series.scaling(), ends().last().unwrap_or(0));
    let month = |usd: Option<f64>| usd.map(|usd| usd * MONTH_H);
    let of_node = |id: &str| ends().map(|at| (at, month(course.hour_usd(id, at)))).collect();
    of_nodes(Topic::Cost, series, doc, wanted, &of_node)
}

/// A line for each node that has such numbers: of all those that were asked for, the highest first.
fn of_nodes(
    topic: Topic,
    series: &Series,
    doc: &Scenario,
    wanted: &Wanted,
    values: &dyn Fn(&str) -> Values,
) -> (Vec<Raw>, usize) {
    let axis = Axis::new(wanted.span.to, wanted.span.length(), W, H);
    let mut lines: Vec<(f64, Raw)> = Vec::new();
    for (place, id) in places(series, doc).into_iter().enumerate() {
        if !wanted.nodes.is_empty() && !wanted.nodes.contains(&id) {
            continue;
        }
        let mut values = values(&id);
        // Nothing ever waits in a user or a DNS: a line along the floor says nothing.
        let says = values.iter().any(|v| v.1.is_some_and(|n| n > 0.0));
        values.retain(|(at, _)| within(&axis, *at));
        let most = values.iter().filter_map(|v| v.1).fold(0.0, f64::max);
        if says {
            let key = format!("{}:{id}", topic.id());
            lines.push((most, Raw { name: label(doc, &id), key, style: place % STYLES, values }));
        }
    }
    let more = lines.len().saturating_sub(STYLES);
    if more > 0 {
        order::sort_by(&mut lines, |a, b| b.0.total_cmp(&a.0));
        lines.truncate(STYLES);
        // Two lines of one chart never look alike.
        for (i, line) in lines.iter_mut().enumerate() {
            line.1.style = i;
        }
    }
    (lines.into_iter().map(|line| line.1).collect(), more)
}

/// The nodes of which something is known: those of the document in its order, then those that left.
pub fn places(series: &Series, doc: &Scenario) -> Vec<String> {
    let known = series.nodes();
    let drawn = doc.nodes.iter().map(|n| n.id.as_str()).filter(|id| known.contains(id));
    let drawn: Vec<&str> = drawn.collect();
    let gone = known.iter().copied().filter(|id| !drawn.contains(id));
    drawn.iter().copied().chain(gone).map(str::to_owned).collect()
}

/// What people call a node, also one that is not in the document any more.
pub fn label(doc: &Scenario, id: &str) -> String {
    crate::editor::edit::node_anywhere(doc, id).map_or_else(|| crate::scenario::readable(id), |n| n.label())
}

/// A fault of the timeline, as a thin line in every chart.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultMark {
    /// Where: 0 is the left edge, 1 the right.
    pub share: f64,
    /// "Web 2 crash at 30 s".
    pub words: String,
    /// How bad it is, for its hue.
    pub tone: super::Tone,
}

/// The timeline's entries within a part of the run.
pub fn marks(doc: &Scenario, span: Span) -> Vec<FaultMark> {
    let all = timeline(doc, None, W).marks.into_iter();
    all.filter_map(|m| Some(FaultMark { share: span.share(m.at)?, words: m.accessible, tone: m.tone })).collect()
}

/// The moment of the cursor in a sentence: when, what broke just there, and the users' numbers.
pub fn reading(series: &Series, doc: &Scenario, span: Span, at: Nanos) -> String {
    let mut words = format::clock(at);
    let near = |m: &&FaultMark| (m.share - span.share(at).unwrap_or(2.0)).abs() < 0.01;
    if let Some(mark) = marks(doc, span).iter().find(near) {
        words += &format!(" · {}", mark.words);
    }
    match series.points().find(|p| p.at >= at) {
        Some(p) => {
            words += &fill(
                " · {rate} answered, p50 {p50}, p99 {p99}",
                &[&format::rate(p.ok_rate), &format::ms_or_none(p.p50_ms), &format::ms_or_none(p.p99_ms)],
            );
            match p.error_share {
                Some(share) if share > 0.0 => words + &fill(", {share} failed", &[&format::percent(share)]),
                _ => words,
            }
        }
        None => words + tr(" · not simulated yet"),
    }
}
