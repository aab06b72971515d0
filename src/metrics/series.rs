//! The charts: one point per interval of simulated time.

use super::Station;
use super::frame::{NodePoint, Point};
use super::histogram::Since;
use crate::component::net::Outcome;
use crate::time::{Nanos, to_ms, to_s};
use std::sync::Arc;

/// More points than this are not kept; a run is cut into fewer, longer intervals instead.
const MOST: usize = 100_000;

/// Points so far, and the one that is being measured.
#[derive(Clone)]
pub struct Series {
    interval: Nanos,
    next: Nanos,
    issued: u64,
    ok: u64,
    /// Failed, by their place in `Outcome::CAUSES`.
    failed: [u32; Outcome::CAUSES.len()],
    /// Shared by the copies of a run.
    points: Vec<Arc<Point>>,
}

impl Series {
    /// A point every `interval`.
    pub fn new(interval: Nanos) -> Series {
        let interval = interval.max(1);
        Series { interval, next: interval, issued: 0, ok: 0, failed: [0; Outcome::CAUSES.len()], points: Vec::new() }
    }

    /// When the present interval ends.
    pub fn next(&self) -> Nanos {
        self.next
    }

    /// Finished points.
    pub fn points(&self) -> &[Arc<Point>] {
        &self.points
    }

    /// A request is wanted.
    #[inline]
    pub fn issued(&mut self) {
        self.issued += 1;
    }

    /// A request is answered or given up.
    #[inline]
    pub fn finished(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Ok => self.ok += 1,
            outcome => self.failed(outcome),
        }
    }

    #[cold]
    fn failed(&mut self, outcome: Outcome) {
        if let Some(cause) = outcome.cause() {
            self.failed[cause] += 1;
        }
    }

    /// Finishes every point whose interval has ended by now.
    pub fn advance(&mut self, now: Nanos, nodes: &mut [Station]) {
        while now >= self.next && self.points.len() < MOST {
            let end = self.next;
            for node in nodes.iter_mut() {
                node.advance(end);
            }
            let seconds = to_s(self.interval);
            let mut answered = Vec::new();
            for node in nodes.iter() {
                node.answered_at_point(&mut answered);
            }
            let times = Since::new(&answered);
            let failed: u32 = self.failed.iter().sum();
            let finished = self.ok + u64::from(failed);
            let errors = self.failed.iter().enumerate().filter(|(_, n)| **n > 0).map(|(cause, n)| (cause as u8, *n));
            self.points.push(Arc::new(Point {
                at: end,
                span: self.interval,
                rate: self.issued as f64 / seconds,
                ok_rate: self.ok as f64 / seconds,
                error_share: (finished > 0).then(|| f64::from(failed) / finished as f64),
                p50_ms: times.quantile_ms(0.5),
                p95_ms: times.quantile_ms(0.95),
                p99_ms: times.quantile_ms(0.99),
                errors: errors.collect(),
                nodes: nodes.iter().map(|n| node_point(n, self.interval)).collect(),
            }));
            for node in nodes.iter_mut() {
                node.next_point();
            }
            (self.issued, self.ok) = (0, 0);
            self.failed.fill(0);
            self.next += self.interval;
        }
        if self.points.len() >= MOST {
            self.next = Nanos::MAX;
        }
    }
}

/// One node; its utilization in busy cores, because how many there are only the engine knows.
fn node_point(node: &Station, interval: Nanos) -> NodePoint {
    let p = node.point();
    let (left, (hits, lookups)) = (p.ok + p.failed, p.lookups);
    NodePoint {
        utilization: Some(p.busy_area as f64 / interval as f64),
        inside: node.inside as u32,
        wait_ms: (left > 0).then(|| p.waited as f64 / left as f64 / 1e6),
        p99_ms: p.p99_ms,
        lag_ms: node.largest_lag.map(to_ms),
        hit_share: (lookups > 0).then(|| hits as f64 / lookups as f64),
    }
}
