//! A run as a [`Frame`]: everything the page shows of this moment, and what is new since the frame before.

use super::dots::Dots;
use super::frame::{Clock, Frame, LinkView, LogLine, NodePoint, NodeView, Point, State, Totals};
use super::report::hex;
use super::station::Window;
use super::{Metrics, Station, words};
use crate::component::net::{NodeIx, Status};
use crate::engine::{Engine, Recorder};
use crate::scenario::Scenario;
use crate::time::{Nanos, to_s};

/// What the page's engine is listened to by.
pub type Listeners = (Metrics, Dots);

/// Listens to an engine, and measures.
pub trait Measures: Recorder {
    /// What it has measured.
    fn metrics(&self) -> &Metrics;
    /// The same, to settle it and to begin a new window.
    fn metrics_mut(&mut self) -> &mut Metrics;
    /// One dot stands for this many requests.
    fn per_dot(&self) -> u32 {
        1
    }
}

impl Measures for Metrics {
    fn metrics(&self) -> &Metrics {
        self
    }

    fn metrics_mut(&mut self) -> &mut Metrics {
        self
    }
}

impl Measures for Listeners {
    fn metrics(&self) -> &Metrics {
        &self.0
    }

    fn metrics_mut(&mut self) -> &mut Metrics {
        &mut self.0
    }

    fn per_dot(&self) -> u32 {
        self.1.stride() as u32
    }
}

/// What the page has already been told, so that it is told once.
#[derive(Default)]
pub struct Told {
    log: usize,
    points: usize,
    nodes: Vec<NodeView>,
    links: Vec<LinkView>,
}

/// Windows of the rates last at least so long in simulated time, so that they hold a few requests.
pub const WINDOW: Nanos = 500_000_000;

impl Told {
    /// The present moment. `fresh_rates` begins a new window of rates; otherwise those of the window before are
    /// repeated. `names` knows every node's name. The caller adds the run's number, the speed and the dots.
    pub fn frame<R: Measures>(&mut self, engine: &mut Engine<R>, names: &Scenario, clock: Clock, end: Nanos) -> Frame {
        let now = engine.now();
        engine.recorder.metrics_mut().settle(now);
        let metrics = engine.recorder.metrics();
        let fresh = now.saturating_sub(metrics.window_start) >= WINDOW;
        let stands = clock != Clock::Playing;
        let frame = Frame {
            now,
            end,
            nodes: self.nodes(engine, fresh),
            links: self.links(engine, fresh),
            totals: totals(metrics),
            log: self.log(engine, names),
            points: self.points(engine),
            trace_hash: stands.then(|| hex(engine.trace_hash())),
            clock,
            per_dot: engine.recorder.per_dot(),
            ..Frame::default()
        };
        if fresh {
            engine.recorder.metrics_mut().next_window(now);
            (self.nodes, self.links) = (frame.nodes.clone(), frame.links.clone());
        }
        frame
    }

    fn log<R: Measures>(&mut self, engine: &Engine<R>, names: &Scenario) -> Vec<LogLine> {
        let log = &engine.recorder.metrics().log;
        let new = &log[self.log.min(log.len())..];
        self.log = log.len();
        new.iter().map(|entry| words::line(entry, engine.net(), names)).collect()
    }

    fn points<R: Measures>(&mut self, engine: &Engine<R>) -> Vec<Point> {
        let points = engine.recorder.metrics().series.points();
        let new = points[self.points.min(points.len())..].iter().map(|point| Point::clone(point)).collect();
        self.points = points.len();
        of_present(engine, new)
    }

    fn nodes<R: Measures>(&self, engine: &Engine<R>, fresh: bool) -> Vec<NodeView> {
        let metrics = engine.recorder.metrics();
        let empty = Station::default();
        let view = |(i, id): (NodeIx, &str)| {
            let station = metrics.nodes.get(i as usize).unwrap_or(&empty);
            let before = self.nodes.iter().find(|n| n.id == id);
            node(engine, i, station, before.filter(|_| !fresh))
        };
        present(engine).map(view).collect()
    }

    fn links<R: Measures>(&self, engine: &Engine<R>, fresh: bool) -> Vec<LinkView> {
        let (net, metrics) = (engine.net(), engine.recorder.metrics());
        let seconds = to_s(engine.now() - metrics.window_start).max(1e-9);
        let there = net.links.iter().enumerate().filter(|(_, l)| !l.removed);
        let view = |(i, l): (usize, &crate::component::net::LinkInfo)| {
            let (from, to) = (&net.nodes[l.from as usize].id, &net.nodes[l.to as usize].id);
            let (requests, failed) = metrics.links.get(i).copied().unwrap_or_default();
            let before = self.links.iter().find(|v| v.from == *from && v.to == *to).filter(|_| !fresh);
            LinkView {
                from: from.clone(),
                to: to.clone(),
                cut: l.cut,
                slow: l.slow,
                rate: before.map_or(requests as f64 / seconds, |v| v.rate),
                error_rate: before.map_or(failed as f64 / seconds, |v| v.error_rate),
            }
        };
        there.map(view).collect()
    }
}

/// Where the engine's nodes, or its links, stand among those that a frame lists; none for those that left.
pub struct Places(Vec<Option<u32>>);

impl Places {
    /// Of the nodes.
    pub fn of_nodes(engine: &Engine<Listeners>) -> Places {
        Places::new(engine.net().nodes.iter().map(|n| n.status != Status::Removed))
    }

    /// Of the links.
    pub fn of_links(engine: &Engine<Listeners>) -> Places {
        Places::new(engine.net().links.iter().map(|l| !l.removed))
    }

    fn new(there: impl Iterator<Item = bool>) -> Places {
        let mut next = 0;
        let place = |there: bool| {
            there.then(|| {
                next += 1;
                next - 1
            })
        };
        Places(there.map(place).collect())
    }

    /// The place of the one with this index.
    pub fn of(&self, index: u32) -> Option<u32> {
        self.0.get(index as usize).copied().flatten()
    }
}

/// Points as [`Point::nodes`] promises them: of the nodes that are there now, with their share of busy cores.
pub fn of_present<R: Recorder>(engine: &Engine<R>, mut points: Vec<Point>) -> Vec<Point> {
    let present: Vec<(usize, f64)> = present(engine).map(|(i, _)| (i as usize, engine.view(i).cores)).collect();
    for point in &mut points {
        let all = std::mem::take(&mut point.nodes);
        let row = |&(i, cores): &(usize, f64)| {
            let of_node = all.get(i).copied().unwrap_or_default();
            NodePoint { utilization: of_node.utilization.filter(|_| cores > 0.0).map(|busy| busy / cores), ..of_node }
        };
        point.nodes = present.iter().map(row).collect();
    }
    points
}

fn present<R: Recorder>(engine: &Engine<R>) -> impl Iterator<Item = (NodeIx, &str)> {
    let there = engine.net().nodes.iter().enumerate().filter(|(_, n)| n.status != Status::Removed);
    there.map(|(i, n)| (i as NodeIx, n.id.as_str()))
}

fn node<R: Measures>(engine: &Engine<R>, i: NodeIx, s: &Station, before: Option<&NodeView>) -> NodeView {
    let info = &engine.net().nodes[i as usize];
    let view = engine.view(i);
    let state = match info.status {
        Status::Up | Status::Removed => view.state.unwrap_or(State::Up),
        Status::Crashed => State::Crashed,
        Status::Frozen => State::Frozen,
        Status::Booting(until) => State::Booting { until },
    };
    let span = engine.now() - engine.recorder.metrics().window_start;
    let rates = match before {
        Some(b) => b.clone(),
        None => rates(s.window(), span, view.cores),
    };
    NodeView {
        id: info.id.clone(),
        state,
        since: info.since,
        slow: info.slow,
        error_share: info.error_share,
        in_system: s.inside + s.messages.as_ref().map_or(0, |m| m.inside),
        waiting: view.waiting,
        cores: view.cores,
        arrivals: s.arrivals,
        data: view.data,
        backends: view.backends,
        stock: view.stock,
        name: view.name,
        hit_share: share(s.lookups),
        counts: s.counts,
        ..rates
    }
}

/// What happened at a node with so many cores in the present window.
fn rates(w: Window, span: Nanos, cores: f64) -> NodeView {
    let per_second = |n: u64| n as f64 / to_s(span).max(1e-9);
    NodeView {
        utilization: (cores > 0.0 && span > 0).then(|| w.busy_area as f64 / span as f64 / cores),
        rate: per_second(w.arrivals),
        ok_rate: per_second(w.ok),
        error_rate: per_second(w.failed),
        p99_ms: w.p99_ms,
        mean_ms: w.mean_ms,
        write_rate: per_second(w.writes),
        hits_now: share(w.lookups),
        ..NodeView::default()
    }
}

fn share((hits, all): (u64, u64)) -> Option<f64> {
    (all > 0).then(|| hits as f64 / all as f64)
}

fn totals(metrics: &Metrics) -> Totals {
    let (r, latency) = (&metrics.requests, metrics.latency());
    Totals {
        issued: r.issued,
        ok: r.ok,
        failed: r.failed,
        in_flight: r.in_flight(),
        retries: r.retries,
        writes_acked: r.writes_acked,
        writes_lost: r.writes_lost,
        writes_restored: r.writes_restored,
        stale_reads: r.stale_reads,
        conflicts: r.conflicts,
        errors: r.errors.iter().map(|(cause, n)| ((*cause).to_owned(), *n)).collect(),
        mean_ms: latency.mean_ms(),
        p50_ms: latency.quantile_ms(0.5),
        p95_ms: latency.quantile_ms(0.95),
        p99_ms: latency.quantile_ms(0.99),
        commit_ms: metrics.commit.mean_ms(),
    }
}
