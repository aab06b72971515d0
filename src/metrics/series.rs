//! The charts: one point per interval of simulated time.

use super::frame::Point;
use super::{Histogram, Station};
use crate::time::{Nanos, to_s};
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
    failed: u64,
    latency: Histogram,
    /// Shared by the copies of a run.
    points: Vec<Arc<Point>>,
}

impl Series {
    /// A point every `interval`.
    pub fn new(interval: Nanos) -> Series {
        let interval = interval.max(1);
        Series {
            interval,
            next: interval,
            issued: 0,
            ok: 0,
            failed: 0,
            latency: Histogram::default(),
            points: Vec::new(),
        }
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
    pub fn issued(&mut self) {
        self.issued += 1;
    }

    /// A request is answered or given up after `latency`.
    pub fn finished(&mut self, latency: Nanos, ok: bool) {
        if ok {
            self.ok += 1;
            self.latency.add(latency);
        } else {
            self.failed += 1;
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
            let finished = self.ok + self.failed;
            self.points.push(Arc::new(Point {
                at: end,
                span: self.interval,
                rate: self.issued as f64 / seconds,
                ok_rate: self.ok as f64 / seconds,
                error_share: (finished > 0).then(|| self.failed as f64 / finished as f64),
                p50_ms: self.latency.quantile_ms(0.5),
                p99_ms: self.latency.quantile_ms(0.99),
                nodes: nodes.iter().map(|n| node_point(n, self.interval)).collect(),
            }));
            for node in nodes.iter_mut() {
                node.point.clear();
            }
            (self.issued, self.ok, self.failed) = (0, 0, 0);
            self.latency.clear();
            self.next += self.interval;
        }
        if self.points.len() >= MOST {
            self.next = Nanos::MAX;
        }
    }
}

/// Busy cores, requests inside, and p99 in ms of one node.
fn node_point(node: &Station, interval: Nanos) -> (f64, f64, f64) {
    let busy = node.point.busy_area as f64 / interval as f64;
    (busy, node.inside as f64, node.point.sojourn.quantile_ms(0.99).unwrap_or(0.0))
}
