//! What is measured at one node: who came, who left, how long they waited and stayed, how busy it was.

use super::Histogram;
use crate::component::effects::Count;
use crate::component::net::{NodeIx, Op, Outcome};
use crate::order::Map;
use crate::time::Nanos;

/// A node's numbers. Spans before the warm-up's end are cut off, requests that arrived before it are not counted.
#[derive(Clone, Debug, Default)]
pub struct Station {
    warmup: Nanos,
    /// Up to when the integrals go.
    settled: Nanos,
    /// Requests that arrived.
    pub arrivals: u64,
    /// Left with an answer that is no error.
    pub completed: u64,
    /// Turned away.
    pub refused: u64,
    /// Left with another error.
    pub failed: u64,
    /// Are inside.
    pub inside: u64,
    /// Integral of those inside over time, in request-nanoseconds.
    pub area: u128,
    /// Time that those who left had spent inside.
    spent: u128,
    /// Time inside of all who left, whatever became of them; those who came before the warm-up's end are left out.
    pub stayed: u128,
    /// Sum of the moments at which those inside came.
    came: u128,
    /// Cores busy now.
    pub cores_busy: i64,
    /// Integral of busy cores over time, in core-nanoseconds.
    pub busy_area: u128,
    /// Cores that there are, and their integral; 0 for kinds that do not tell.
    cores: u32,
    core_area: u128,
    /// Users who had to log in again.
    pub logged_out: u64,
    /// Time that requests waited for a worker or a core.
    pub wait: Histogram,
    /// Time from arrival to leaving.
    pub sojourn: Histogram,
    /// Look-ups in this cache, or of users at their resolver for this DNS: those that it knew, and all.
    pub lookups: (u64, u64),
    /// What is only counted, by [`Count`].
    pub counts: [u64; Count::LEN],
    /// Queues only: the messages that it keeps, measured like requests, from being stored to being done with.
    pub messages: Option<Box<Station>>,
    /// Requests given to each backend: its node, and which of the node's instances.
    pub picks: Map<(NodeIx, u32), u64>,
    /// Commit to visible.
    pub lag: Histogram,
    /// Since the present window began.
    pub window: Window,
    /// Since the last point of the charts.
    pub point: Window,
}

/// What happened at a node within some time.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Requests that arrived.
    pub arrivals: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Left without an error.
    pub ok: u64,
    /// Left with one.
    pub failed: u64,
    /// Core-nanoseconds of work.
    pub busy_area: u128,
    /// Look-ups: those that the cache knew, and all.
    pub lookups: (u64, u64),
    /// Time that those who left had waited for a worker or a core, in ns.
    pub waited: u64,
    /// Largest lag of a write that became visible, and whether there was one.
    pub lag: Option<Nanos>,
    /// Time from arrival to leaving.
    pub sojourn: Histogram,
}

impl Window {
    /// Begins anew.
    pub fn clear(&mut self) {
        (self.arrivals, self.writes, self.ok, self.failed, self.busy_area) = (0, 0, 0, 0, 0);
        self.lookups = (0, 0);
        (self.waited, self.lag) = (0, None);
        self.sojourn.clear();
    }
}

impl Station {
    /// Measures from `warmup` on.
    pub fn new(warmup: Nanos) -> Station {
        Station { warmup, settled: warmup, ..Station::default() }
    }

    /// Brings the integrals up to now.
    pub fn advance(&mut self, now: Nanos) {
        if now > self.settled {
            let span = u128::from(now - self.settled);
            let busy = span * self.cores_busy.max(0) as u128;
            self.area += span * u128::from(self.inside);
            self.busy_area += busy;
            self.core_area += span * u128::from(self.cores);
            self.window.busy_area += busy;
            self.point.busy_area += busy;
            self.settled = now;
        }
        if let Some(messages) = &mut self.messages {
            messages.advance(now);
        }
    }

    /// So many cores there are from now on.
    pub fn has_cores(&mut self, now: Nanos, cores: u32) {
        self.advance(now);
        self.cores = cores;
    }

    /// How many cores there were on average over this span, which is all that was measured; `cores` where nobody told.
    pub fn mean_cores(&self, span: Nanos, cores: f64) -> f64 {
        if self.core_area > 0 && span > 0 { self.core_area as f64 / span as f64 } else { cores }
    }

    /// A request arrives.
    pub fn enter(&mut self, now: Nanos, op: Op) {
        self.advance(now);
        self.inside += 1;
        self.came += u128::from(now.max(self.warmup));
        self.arrivals += u64::from(now >= self.warmup);
        for window in [&mut self.window, &mut self.point] {
            window.arrivals += 1;
            window.writes += u64::from(op == Op::Write);
        }
    }

    /// A request leaves.
    pub fn leave(&mut self, now: Nanos, arrived: Nanos, waited: Nanos, outcome: Outcome) {
        self.advance(now);
        self.inside -= 1;
        self.came -= u128::from(arrived.max(self.warmup));
        if now > self.warmup {
            self.spent += u128::from(now - arrived.max(self.warmup));
        }
        for window in [&mut self.window, &mut self.point] {
            window.ok += u64::from(outcome == Outcome::Ok);
            window.failed += u64::from(outcome != Outcome::Ok);
            window.waited += waited;
            window.sojourn.add(now - arrived);
        }
        if arrived < self.warmup {
            return;
        }
        self.stayed += u128::from(now - arrived);
        match outcome {
            Outcome::Ok => {
                self.completed += 1;
                self.wait.add(waited);
                self.sojourn.add(now - arrived);
            }
            Outcome::Refused | Outcome::RateLimited => self.refused += 1,
            _ => self.failed += 1,
        }
    }

    /// Something was looked up in the cache; `counted` after the warm-up.
    pub fn looked_up(&mut self, counted: bool, hit: bool) {
        let windows = [&mut self.window.lookups, &mut self.point.lookups].map(|lookups| (lookups, true));
        for (lookups, counted) in windows.into_iter().chain([(&mut self.lookups, counted)]) {
            lookups.0 += u64::from(counted && hit);
            lookups.1 += u64::from(counted);
        }
    }

    /// A write became visible this long after its commit; `counted` after the warm-up.
    pub fn lagged(&mut self, counted: bool, lag: Nanos) {
        self.point.lag = self.point.lag.max(Some(lag));
        if counted {
            self.lag.add(lag);
        }
    }

    /// The messages that a queue keeps.
    pub fn messages(&mut self) -> &mut Station {
        self.messages.get_or_insert_with(|| Box::new(Station::new(self.warmup)))
    }

    /// So many more cores are busy.
    pub fn busy(&mut self, now: Nanos, delta: i32) {
        self.advance(now);
        self.cores_busy += i64::from(delta);
    }

    /// Time that all requests spent inside since the warm-up, those still inside included: by Little's law the same as
    /// [`area`](Self::area), to the nanosecond, though added up from the requests and not from the clock.
    pub fn time_inside(&self, now: Nanos) -> u128 {
        let now = now.max(self.warmup);
        self.spent + u128::from(self.inside) * u128::from(now) - self.came
    }
}
