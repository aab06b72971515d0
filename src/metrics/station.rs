//! What is measured at one node: who came, who left, how long they waited and stayed, how busy it was.

use super::Histogram;
use super::histogram::Since;
use crate::component::effects::Count;
use crate::component::net::{NodeIx, Op, Outcome};
use crate::order::Map;
use crate::time::Nanos;

/// A node's numbers. Spans before the warm-up's end are cut off, requests that arrived before it are not counted.
///
/// Every request leaves one time in one histogram; what happened within some time is the difference to a copy.
#[derive(Clone, Debug, Default)]
pub struct Station {
    warmup: Nanos,
    /// Whether it is users, whose requests come from themselves.
    users: bool,
    /// Up to when the integrals go: of those inside, and of busy cores.
    settled: Nanos,
    busy_settled: Nanos,
    /// Requests that arrived.
    pub arrivals: u64,
    /// Turned away.
    pub refused: u64,
    /// Left with another error.
    pub failed: u64,
    /// Are inside.
    pub inside: u64,
    /// Integral of those inside over time, in request-nanoseconds.
    pub area: u128,
    /// Cores busy now.
    pub cores_busy: i64,
    /// Integral of busy cores over time, in core-nanoseconds.
    pub busy_area: u128,
    /// Cores that there are, and their integral; 0 for kinds that do not tell.
    cores: u32,
    cores_settled: Nanos,
    core_area: u128,
    /// Users who had to log in again.
    pub logged_out: u64,
    /// Time that requests waited for a worker or a core.
    pub wait: Histogram,
    /// Time from arrival to leaving.
    pub sojourn: Histogram,
    /// The same of those who left with an error, and of both among those who came before the warm-up's end.
    erred: Histogram,
    early: [Histogram; 2],
    /// Look-ups in this cache, or of users at their resolver for this DNS: those that it knew, and all.
    pub lookups: (u64, u64),
    /// What is only counted, by [`Count`].
    pub counts: [u64; Count::LEN],
    /// Queues only: the messages that it keeps, measured like requests, from being stored to being done with.
    pub messages: Option<Box<Station>>,
    /// Requests given to each backend.
    pub picks: Map<Picked, u64>,
    /// Commit to visible.
    pub lag: Histogram,
    /// From the start of the run on: requests that arrived before the warm-up's end, writes, look-ups, and time waited.
    came_early: u64,
    writes: u64,
    all_lookups: (u64, u64),
    waited: u64,
    /// As all was when the present window and the present point of the charts began.
    window: Moment,
    point: Moment,
    /// Largest lag of a write that became visible since that point, if there was one.
    pub largest_lag: Option<Nanos>,
}

/// A backend: its node, and which of the node's instances. As one number, which is quickly compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picked(u64);

impl Picked {
    /// This instance of this node.
    pub fn new(node: NodeIx, instance: u32) -> Picked {
        Picked(u64::from(node) << 32 | u64::from(instance))
    }

    /// The node, and the instance.
    pub fn parts(self) -> (NodeIx, u32) {
        ((self.0 >> 32) as NodeIx, self.0 as u32)
    }
}

/// What is counted from the start of a run on, warm-up included.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    arrivals: u64,
    writes: u64,
    ok: u64,
    failed: u64,
    lookups: (u64, u64),
    waited: u64,
}

/// A node's numbers at one moment, to take the difference.
#[derive(Clone, Debug, Default)]
struct Moment {
    tally: Tally,
    busy_area: u128,
    /// Of those who left without an error and with one, and of both among those who came before the warm-up's end.
    times: [Histogram; 4],
}

/// What happened at a node within some time.
#[derive(Clone, Debug)]
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
    /// Time from arrival to leaving: the mean, and below which 99 % lie. None if nobody left.
    pub mean_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

/// So many over a span, in thing-nanoseconds. A product of 128 bits is one instruction natively, but a call in wasm.
#[inline]
fn area(span: Nanos, number: u64) -> u128 {
    let small = cfg!(target_family = "wasm") && (span | number) >> 32 == 0;
    if small { u128::from(span * number) } else { u128::from(span) * u128::from(number) }
}

impl Station {
    /// Measures users, or another node, from `warmup` on.
    pub fn new(warmup: Nanos, users: bool) -> Station {
        Station { warmup, users, settled: warmup, busy_settled: warmup, cores_settled: warmup, ..Station::default() }
    }

    /// Brings the integrals up to now.
    pub fn advance(&mut self, now: Nanos) {
        self.settle_inside(now);
        self.settle_busy(now);
        if now > self.cores_settled {
            self.core_area += area(now - self.cores_settled, u64::from(self.cores));
            self.cores_settled = now;
        }
        if let Some(messages) = &mut self.messages {
            messages.advance(now);
        }
    }

    #[inline]
    fn settle_inside(&mut self, now: Nanos) {
        if now > self.settled {
            self.area += area(now - self.settled, self.inside);
            self.settled = now;
        }
    }

    #[inline]
    fn settle_busy(&mut self, now: Nanos) {
        if now > self.busy_settled {
            self.busy_area += area(now - self.busy_settled, self.cores_busy.max(0) as u64);
            self.busy_settled = now;
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
    #[inline]
    pub fn enter(&mut self, now: Nanos, op: Op) {
        self.settle_inside(now);
        self.inside += 1;
        *(if now >= self.warmup { &mut self.arrivals } else { &mut self.came_early }) += 1;
        self.writes += u64::from(op == Op::Write);
    }

    /// A request leaves.
    #[inline]
    pub fn leave(&mut self, now: Nanos, arrived: Nanos, waited: Nanos, outcome: Outcome) {
        self.waited += waited;
        if self.end(now, arrived, outcome) {
            self.wait.add(waited);
        }
    }

    /// A request ends that was wanted here: it leaves, and has waited for nothing here. Returns whether it counts and was
    /// answered.
    #[inline]
    pub fn end(&mut self, now: Nanos, arrived: Nanos, outcome: Outcome) -> bool {
        self.settle_inside(now);
        self.inside -= 1;
        let answered = arrived >= self.warmup && outcome == Outcome::Ok;
        if answered {
            self.sojourn.add(now - arrived);
        } else {
            self.end_otherwise(now, arrived, outcome);
        }
        answered
    }

    /// One ends that came early, or with an error.
    fn end_otherwise(&mut self, now: Nanos, arrived: Nanos, outcome: Outcome) {
        if arrived < self.warmup {
            return self.early[usize::from(outcome != Outcome::Ok)].add(now - arrived);
        }
        self.erred.add(now - arrived);
        let turned_away = matches!(outcome, Outcome::Refused | Outcome::RateLimited);
        *(if turned_away { &mut self.refused } else { &mut self.failed }) += 1;
    }

    /// How many left with an answer that is no error.
    pub fn completed(&self) -> u64 {
        self.sojourn.count()
    }

    /// Time inside of all who left, whatever became of them; those who came before the warm-up's end are left out.
    pub fn stayed(&self) -> u128 {
        self.sojourn.sum() + self.erred.sum()
    }

    /// What happened since the present window began.
    pub fn window(&self) -> Window {
        self.since(&self.window)
    }

    /// What happened since the last point of the charts.
    pub fn point(&self) -> Window {
        self.since(&self.point)
    }

    /// Adds users' latencies, warm-up included, with their copies of when the present point of the charts began.
    pub fn answered_at_point<'a>(&'a self, pairs: &mut Vec<(&'a Histogram, &'a Histogram)>) {
        let [ok, _, early, _] = &self.point.times;
        if self.users {
            pairs.extend_from_slice(&[(&self.sojourn, ok), (&self.early[0], early)]);
        }
    }

    /// Users' latencies; none of others.
    pub fn latency(&self) -> Option<&Histogram> {
        self.users.then_some(&self.sojourn)
    }

    /// A new window begins.
    pub fn next_window(&mut self) {
        let tally = self.tally();
        let Station { busy_area, sojourn, erred, early: [early, early_erred], window, .. } = self;
        window.set(tally, *busy_area, [sojourn, erred, early, early_erred]);
    }

    /// The next point of the charts begins.
    pub fn next_point(&mut self) {
        let tally = self.tally();
        let Station { busy_area, sojourn, erred, early: [early, early_erred], point, .. } = self;
        point.set(tally, *busy_area, [sojourn, erred, early, early_erred]);
        self.largest_lag = None;
    }

    /// Roughly how much memory a copy of it takes, without the messages.
    pub fn bytes(&self) -> usize {
        let own = [&self.wait, &self.sojourn, &self.erred, &self.early[0], &self.early[1], &self.lag];
        let copies = self.window.times.iter().chain(&self.point.times);
        size_of::<Station>() + own.into_iter().chain(copies).map(Histogram::bytes).sum::<usize>()
    }

    fn tally(&self) -> Tally {
        Tally {
            arrivals: self.came_early + self.arrivals,
            writes: self.writes,
            ok: self.early[0].count() + self.completed(),
            failed: self.early[1].count() + self.refused + self.failed,
            lookups: self.all_lookups,
            waited: self.waited,
        }
    }

    fn since(&self, then: &Moment) -> Window {
        let (now, before) = (self.tally(), &then.tally);
        let [ok, erred, early, early_erred] = &then.times;
        let [early_now, early_erred_now] = &self.early;
        let times = Since::new(&[
            (&self.sojourn, ok),
            (&self.erred, erred),
            (early_now, early),
            (early_erred_now, early_erred),
        ]);
        Window {
            arrivals: now.arrivals - before.arrivals,
            writes: now.writes - before.writes,
            ok: now.ok - before.ok,
            failed: now.failed - before.failed,
            busy_area: self.busy_area - then.busy_area,
            lookups: (now.lookups.0 - before.lookups.0, now.lookups.1 - before.lookups.1),
            waited: now.waited - before.waited,
            mean_ms: times.mean_ms(),
            p99_ms: times.quantile_ms(0.99),
        }
    }

    /// Something was looked up in the cache; `counted` after the warm-up.
    pub fn looked_up(&mut self, counted: bool, hit: bool) {
        for (lookups, counted) in [(&mut self.lookups, counted), (&mut self.all_lookups, true)] {
            lookups.0 += u64::from(counted && hit);
            lookups.1 += u64::from(counted);
        }
    }

    /// A write became visible this long after its commit; `counted` after the warm-up.
    pub fn lagged(&mut self, counted: bool, lag: Nanos) {
        self.largest_lag = self.largest_lag.max(Some(lag));
        if counted {
            self.lag.add(lag);
        }
    }

    /// The messages that a queue keeps.
    #[inline(never)]
    pub fn messages(&mut self) -> &mut Station {
        self.messages.get_or_insert_with(|| Box::new(Station::new(self.warmup, false)))
    }

    /// So many more cores are busy.
    #[inline]
    pub fn busy(&mut self, now: Nanos, delta: i32) {
        self.settle_busy(now);
        self.cores_busy += i64::from(delta);
    }
}

impl Moment {
    fn set(&mut self, tally: Tally, busy_area: u128, times: [&mut Histogram; 4]) {
        (self.tally, self.busy_area) = (tally, busy_area);
        self.times.iter_mut().zip(times).for_each(|(copy, now)| copy.copy(now));
    }
}
