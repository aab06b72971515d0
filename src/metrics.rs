//! What happened, folded into numbers: counters, histograms, time series, the log, and the frames that the page draws.
//!
//! [`Metrics`] listens to an engine and never asks it anything, so that what is measured cannot change what happens.

pub mod compare;
pub mod csv;
pub mod dots;
mod estimates;
pub mod follow;
pub mod frame;
mod histogram;
pub mod interval;
mod marks;
pub mod measurement;
pub mod report;
pub mod samples;
mod series;
pub mod snapshot;
pub mod spans;
mod station;
mod stays;
pub mod trace;
pub mod words;

pub use histogram::Histogram;
pub use marks::{Mark, Marks, NodeMark, Spans};
pub use series::Series;
pub use station::{Picked, Station};
pub use stays::Stays;

use crate::component::Kind;
use crate::component::net::{LinkIx, Net, NodeIx, Op, Origin, Outcome};
use crate::engine::{LogEntry, Record, Recorder};
use crate::order::Map;
use crate::time::Nanos;
use std::borrow::Cow;

/// The log keeps so many lines; what comes later is only counted.
pub const LONGEST_LOG: usize = 10_000;

/// So many lost writes are named; the others are only counted.
pub const MOST_NAMED: usize = 20;

/// Everything measured in a run so far. What happens before the warm-up's end is left out.
#[derive(Clone)]
pub struct Metrics {
    warmup: Nanos,
    /// By node.
    pub nodes: Vec<Station>,
    /// By link: requests and failures in the present window.
    pub links: Vec<(u64, u64)>,
    /// Users' requests.
    pub requests: Requests,
    /// Time that a write spends in the database that commits it, from its arrival there to the answer.
    pub commit: Histogram,
    /// The first lines of the log.
    pub log: Vec<LogEntry>,
    /// Lines beyond those.
    pub log_missed: u64,
    /// The charts.
    pub series: Series,
    /// Batches for the confidence intervals.
    marks: Marks,
    /// When the charts or the batches want to know how things stand.
    due: Nanos,
    /// When the present window of the nodes' and links' rates began.
    pub window_start: Nanos,
}

/// Counts of users' requests: issued = ok + failed + in flight.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Wanted.
    pub issued: u64,
    /// Answered.
    pub ok: u64,
    /// Given up.
    pub failed: u64,
    /// Further attempts.
    pub retries: u64,
    /// Writes that users were told are done.
    pub writes_acked: u64,
    /// Of these, gone after a promotion.
    pub writes_lost: u64,
    /// The first of these, with the moment at which they turned out to be lost.
    pub lost: Vec<(Nanos, Origin)>,
    /// Of these, written again by a script.
    pub writes_restored: u64,
    /// Reads answered without the last write that a user knew to be done.
    pub stale_reads: u64,
    /// Writes that lost against a newer one of the same record, made elsewhere without knowing of it.
    pub conflicts: u64,
    /// Failed, by cause.
    pub errors: Map<&'static str, u64>,
}

impl Requests {
    /// Neither answered nor given up.
    pub fn in_flight(&self) -> u64 {
        self.issued - self.ok - self.failed
    }
}

impl Metrics {
    /// Measures from `warmup` on, with a point of the charts every `interval`.
    pub fn new(warmup: Nanos, interval: Nanos) -> Metrics {
        Metrics {
            warmup,
            nodes: Vec::new(),
            links: Vec::new(),
            requests: Requests::default(),
            commit: Histogram::default(),
            log: Vec::new(),
            log_missed: 0,
            series: Series::new(interval),
            marks: Marks::new(warmup),
            due: 0,
            window_start: 0,
        }
    }

    /// Time from wanting to having an answer, of all users.
    pub fn latency(&self) -> Cow<'_, Histogram> {
        latency(&self.nodes)
    }

    /// When measuring began.
    pub fn warmup(&self) -> Nanos {
        self.warmup
    }

    /// Brings all integrals and the charts up to now.
    pub fn settle(&mut self, now: Nanos) {
        self.catch_up(now);
        for node in &mut self.nodes {
            node.advance(now);
        }
    }

    /// Writes down how things stood at every point of the charts and every end of a batch up to now.
    #[cold]
    fn catch_up(&mut self, now: Nanos) {
        while self.marks.next() <= now {
            self.series.advance(self.marks.next(), &mut self.nodes);
            self.marks.mark(&self.requests, &mut self.nodes);
        }
        self.series.advance(now, &mut self.nodes);
        self.due = self.series.next().min(self.marks.next());
    }

    /// Roughly how much memory a copy of it takes.
    pub fn bytes(&self) -> usize {
        let node = |s: &Station| s.bytes() + s.messages.as_deref().map_or(0, Station::bytes);
        self.nodes.iter().map(node).sum::<usize>() + size_of_val(&self.log[..])
    }

    /// Begins a new window of rates.
    pub fn next_window(&mut self, now: Nanos) {
        self.window_start = now;
        for node in &mut self.nodes {
            node.next_window();
        }
        self.links.fill((0, 0));
    }

    #[inline]
    fn node(&mut self, net: &Net, node: NodeIx) -> &mut Station {
        let ix = node as usize;
        if ix < self.nodes.len() { &mut self.nodes[ix] } else { self.new_node(net, node) }
    }

    #[cold]
    fn new_node(&mut self, net: &Net, last: NodeIx) -> &mut Station {
        for node in self.nodes.len()..=last as usize {
            let users = net.nodes.get(node).is_some_and(|n| n.kind == Kind::Users);
            self.nodes.push(Station::new(self.warmup, users));
        }
        &mut self.nodes[last as usize]
    }

    /// Requests and failures over a link.
    #[inline]
    fn link(&mut self, link: LinkIx) -> &mut (u64, u64) {
        let ix = link as usize;
        if ix < self.links.len() { &mut self.links[ix] } else { self.new_link(link) }
    }

    #[cold]
    fn new_link(&mut self, last: LinkIx) -> &mut (u64, u64) {
        self.links.resize(last as usize + 1, (0, 0));
        &mut self.links[last as usize]
    }

    #[inline]
    fn finished(&mut self, wanted: Nanos, op: Op, outcome: Outcome) {
        self.series.finished(outcome);
        match outcome {
            _ if wanted < self.warmup => {}
            Outcome::Ok => {
                self.requests.ok += 1;
                self.requests.writes_acked += u64::from(op == Op::Write);
            }
            cause => self.gave_up(cause),
        }
    }

    #[cold]
    fn gave_up(&mut self, cause: Outcome) {
        self.requests.failed += 1;
        *self.requests.errors.or_default(cause.name()) += 1;
    }
}

/// Time from wanting to having an answer, of all users among these nodes.
fn latency(nodes: &[Station]) -> Cow<'_, Histogram> {
    Histogram::all(nodes.iter().filter_map(Station::latency))
}

impl Recorder for Metrics {
    #[inline(always)]
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        if let Record::Packet(_) = record {
            return;
        }
        if now >= self.due {
            self.catch_up(now);
        }
        let counted = now >= self.warmup;
        match *record {
            Record::Issued { node, op, .. } => {
                self.requests.issued += u64::from(counted);
                self.series.issued();
                self.node(net, node).enter(now, op);
            }
            Record::Retried { .. } => self.requests.retries += u64::from(counted),
            Record::Finished { node, op, wanted, outcome, .. } => {
                self.finished(wanted, op, outcome);
                self.node(net, node).end(now, wanted, outcome);
            }
            Record::Entered { node, link, op, .. } => {
                self.node(net, node).enter(now, op);
                self.link(link).0 += 1;
            }
            Record::Left { node, link, op, arrived, waited, outcome, .. } => {
                self.node(net, node).leave(now, arrived, waited, outcome);
                if op == Op::Write
                    && outcome == Outcome::Ok
                    && arrived >= self.warmup
                    && net.nodes[node as usize].kind == Kind::Database
                {
                    self.commit.add(now - arrived);
                }
                if outcome != Outcome::Ok {
                    self.link(link).1 += 1;
                }
            }
            Record::Missed { link } => {
                let (requests, failed) = self.link(link);
                (*requests, *failed) = (*requests + 1, *failed + 1);
            }
            Record::Busy { node, delta } => self.node(net, node).busy(now, delta),
            Record::Cores { node, cores } => self.node(net, node).has_cores(now, cores),
            Record::LoggedOut { node } => self.node(net, node).logged_out += u64::from(counted),
            Record::Lookup { of, hit, .. } => self.node(net, of).looked_up(counted, hit),
            Record::Stored { node, op } => self.node(net, node).messages().enter(now, op),
            Record::Settled { node, stored, waited, outcome } => {
                self.node(net, node).messages().leave(now, stored, waited, outcome);
            }
            Record::Count { node, count } if counted => self.node(net, node).counts[count as usize] += 1,
            Record::Picked { node, backend, instance, place } if counted => {
                *self.node(net, node).picks.or_default_at(place as usize, Picked::new(backend, instance)) += 1;
            }
            Record::Lag { node, lag } => self.node(net, node).lagged(counted, lag),
            Record::Lost { origin } => {
                self.requests.writes_lost += 1;
                if self.requests.lost.len() < MOST_NAMED {
                    self.requests.lost.push((now, origin));
                }
            }
            Record::Restored { writes } => self.requests.writes_restored += writes,
            Record::Stale { .. } => self.requests.stale_reads += u64::from(counted),
            Record::Conflict => self.requests.conflicts += u64::from(counted),
            Record::Log(entry) if self.log.len() < LONGEST_LOG => self.log.push(entry),
            Record::Log(_) => self.log_missed += 1,
            Record::Packet(_) | Record::Picked { .. } | Record::Count { .. } => {}
        }
    }
}
