//! Batches of a run for its confidence intervals, without a word from the hot path: the counters that are there anyway
//! are written down at equally spaced moments, and a batch is the difference between two of these marks.
//!
//! There are 16 to 32 batches, however long the run gets: when they are full every second mark is dropped, which makes
//! one batch of two, and the next ones are twice as long. For percentiles a mark keeps how many spans lay below each of a
//! few hundred bounds. How they become an interval: the share of a batch's spans below the percentile varies from
//! batch to batch; from that comes an interval of the share, and its ends are read off the histogram of the whole run
//! (R. S. Woodruff, "Confidence intervals for medians and other position measures", 1952, with the variance taken from
//! batches, as in C. Alexopoulos et al., "Sequest", ACM TOMACS 2014).

use super::histogram::Coarse;
use super::{Histogram, Metrics, Requests, Station, interval};
use crate::time::Nanos;
use std::sync::Arc;

/// So many batches at most; half as many at least, once there have been as many.
const MOST: usize = 32;
/// The first batches' length: in the shortest run there are still enough of them.
const FIRST: Nanos = 1_000_000;
/// A percentile needs so many spans beyond it, a share so many of either sort.
const FEWEST_BEYOND: f64 = 30.0;

/// The marks so far.
#[derive(Clone, Default)]
pub struct Marks {
    start: Nanos,
    span: Nanos,
    /// Shared by the copies of a run.
    marks: Vec<Arc<Mark>>,
}

/// Everything counted from the warm-up's end up to one moment.
#[derive(Clone, Default)]
pub struct Mark {
    /// Nanoseconds since the warm-up's end.
    pub span: Nanos,
    /// Issued, ok and failed.
    pub requests: [u64; 3],
    /// Users' latencies.
    pub latency: Spans,
    /// By node; nodes that join later are missing.
    pub nodes: Vec<NodeMark>,
}

/// What was counted at one node.
#[derive(Clone, Default)]
pub struct NodeMark {
    /// Requests that arrived.
    pub arrivals: u64,
    /// Completed, refused and failed.
    pub left: [u64; 3],
    /// Request-nanoseconds inside, and core-nanoseconds busy.
    pub areas: [u128; 2],
    /// Look-ups at the resolver: hits, and all.
    pub lookups: (u64, u64),
    /// Times waited.
    pub wait: Spans,
    /// Times from arrival to leaving.
    pub sojourn: Spans,
    /// Queues only: their messages.
    pub messages: Option<Box<NodeMark>>,
}

/// A histogram at one moment.
#[derive(Clone, Default)]
pub struct Spans {
    count: u64,
    sum: u128,
    coarse: Coarse,
}

impl Spans {
    fn of(h: &Histogram) -> Spans {
        Spans { count: h.count(), sum: h.sum(), coarse: h.coarse() }
    }
}

impl NodeMark {
    fn of(s: &Station) -> NodeMark {
        NodeMark {
            arrivals: s.arrivals,
            left: [s.completed(), s.refused, s.failed],
            areas: [s.area, s.busy_area],
            lookups: s.lookups,
            wait: Spans::of(&s.wait),
            sojourn: Spans::of(&s.sojourn),
            messages: s.messages.as_deref().map(|m| Box::new(NodeMark::of(m))),
        }
    }

    /// What the node holds: a queue its messages, any other its requests.
    pub fn held(&self) -> &NodeMark {
        self.messages.as_deref().unwrap_or(self)
    }
}

impl Marks {
    /// Batches from the warm-up's end on.
    pub fn new(start: Nanos) -> Marks {
        Marks { start, span: FIRST, marks: Vec::new() }
    }

    /// When the next mark is due.
    pub fn next(&self) -> Nanos {
        self.start.saturating_add(self.span.saturating_mul(self.marks.len() as u64 + 1))
    }

    /// Writes down what has been counted up to the moment when the next mark is due.
    pub fn mark(&mut self, requests: &Requests, nodes: &mut [Station]) {
        let at = self.next();
        for node in nodes.iter_mut() {
            node.advance(at);
        }
        self.marks.push(Arc::new(Mark {
            span: at - self.start,
            requests: [requests.issued, requests.ok, requests.failed],
            latency: Spans::of(&super::latency(nodes)),
            nodes: nodes.iter().map(NodeMark::of).collect(),
        }));
        if self.marks.len() == MOST {
            let mut odd = false;
            self.marks.retain(|_| {
                odd = !odd;
                !odd
            });
            self.span *= 2;
        }
    }

    /// The half-width of the interval of x / y, both counted up from the warm-up's end.
    fn ratio(&self, of: impl Fn(&Mark) -> (f64, f64)) -> Option<f64> {
        let mut before = (0.0, 0.0);
        let batch = |mark: &Arc<Mark>| {
            let now = of(mark);
            let batch = (now.0 - before.0, now.1 - before.1);
            before = now;
            batch
        };
        interval::ratio(&self.marks.iter().map(batch).collect::<Vec<_>>())
    }
}

/// The ends of an interval about a value that cannot be negative.
fn about(value: f64, half: f64) -> [f64; 2] {
    [(value - half).max(0.0), value + half]
}

/// The 95 % confidence intervals of a run's estimates; none where the run is too short or has no steady state.
impl Metrics {
    /// Of a mean per second of simulated time.
    pub fn per_second(&self, value: f64, of: impl Fn(&Mark) -> f64) -> Option<[f64; 2]> {
        self.marks.ratio(|m| (of(m), m.span as f64 / 1e9)).map(|half| about(value, half))
    }

    /// Of a share, from the counts of the part and of the whole.
    pub fn share(&self, part: u64, whole: u64, of: impl Fn(&Mark) -> (u64, u64)) -> Option<[f64; 2]> {
        let (part, whole) = (part as f64, whole as f64);
        if part < FEWEST_BEYOND || whole - part < FEWEST_BEYOND {
            return None;
        }
        let half = self.marks.ratio(|m| (of(m).0 as f64, of(m).1 as f64))?;
        let [low, high] = about(part / whole, half);
        Some([low, high.min(1.0)])
    }

    /// Of a histogram's mean, in ms.
    pub fn mean_ms(&self, h: &Histogram, of: impl Fn(&Mark) -> Option<&Spans>) -> Option<[f64; 2]> {
        let mean = h.mean_ms().filter(|_| h.count() as f64 >= FEWEST_BEYOND)?;
        let sums = |m: &Mark| of(m).map_or((0.0, 0.0), |s| (s.sum as f64 / 1e6, s.count as f64));
        self.marks.ratio(sums).map(|half| about(mean, half))
    }

    /// Of a histogram's percentile, `q` from 0 to 1, in ms.
    pub fn quantile_ms(&self, h: &Histogram, q: f64, of: impl Fn(&Mark) -> Option<&Spans>) -> Option<[f64; 2]> {
        let n = h.count() as f64;
        let at = h.quantile_ms(q)? * 1e6;
        if n * q.min(1.0 - q) < FEWEST_BEYOND {
            return None;
        }
        let below = |m: &Mark| of(m).map_or((0.0, 0.0), |s| (s.coarse.below(at), s.count as f64));
        let half = self.marks.ratio(below)?;
        // An end beyond the last few spans, or before the first, is not known.
        if (1.0 - q - half) * n < 1.0 || (q - half) * n < 1.0 {
            return None;
        }
        Some([h.quantile_ms(q - half)?, h.quantile_ms(q + half)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::net::{Net, Op, Outcome};
    use crate::engine::{Record, Recorder};
    use crate::rng::Rng;
    use crate::time::{SECOND, from_s};

    /// A single core at load 0.5 and 100 requests a second, measured as an engine's records would be.
    fn single_core(seed: u64, run_s: f64) -> Metrics {
        let mut metrics = Metrics::new(from_s(2.0), SECOND);
        let mut rng = Rng::named(seed, "marks", "queue");
        let (mut arrival, mut free) = (0.0f64, 0.0f64);
        let mut leaving: std::collections::VecDeque<(f64, Nanos)> = std::collections::VecDeque::new();
        let (node, op, mut ordinal) = (0, Op::Read, 0);
        let net = Net::default();
        metrics.nodes.push(Station::new(from_s(2.0), true));
        loop {
            arrival += rng.exponential() / 100.0;
            while let Some((left, wanted)) = leaving.front().copied().filter(|&(left, _)| left <= arrival.min(run_s)) {
                let record = Record::Finished { node, op, ordinal, wanted, outcome: Outcome::Ok };
                metrics.record(from_s(left), &net, &record);
                leaving.pop_front();
            }
            if arrival > run_s {
                metrics.settle(from_s(run_s));
                return metrics;
            }
            free = free.max(arrival) + rng.exponential() / 200.0;
            ordinal += 1;
            metrics.record(from_s(arrival), &net, &Record::Issued { node, op, ordinal });
            leaving.push_back((free, from_s(arrival)));
        }
    }

    /// An M/M/1 queue's time in the system is exponential with mean 1 / (200 - 100) s, its mean number is 1.
    #[test]
    fn intervals_of_a_queue_hold_the_truth() {
        let mut held = [0; 4];
        let mut given = [0; 4];
        let runs = 200;
        for seed in 0..runs {
            let m = single_core(seed, 102.0);
            let intervals = [
                m.mean_ms(&m.latency(), |m| Some(&m.latency)),
                m.quantile_ms(&m.latency(), 0.5, |m| Some(&m.latency)),
                m.quantile_ms(&m.latency(), 0.99, |m| Some(&m.latency)),
                m.per_second(m.nodes[0].area as f64 / 100e9, |m| m.nodes[0].areas[0] as f64 / 1e9),
            ];
            let truth = [10.0, 10.0 * libm::log(2.0), 10.0 * libm::log(100.0), 1.0];
            for (i, interval) in intervals.into_iter().enumerate() {
                if let Some([low, high]) = interval {
                    given[i] += 1;
                    held[i] += usize::from(low <= truth[i] && truth[i] <= high);
                }
            }
        }
        println!("M/M/1 at load 0.5, {runs} runs of 10,000 requests: held {held:?} of {given:?}");
        for (i, what) in ["mean", "p50", "p99", "number in system"].into_iter().enumerate() {
            assert!(given[i] > 180, "{what}: only {} of {runs} runs got an interval", given[i]);
            let share = held[i] as f64 / given[i] as f64;
            assert!((0.88..=0.99).contains(&share), "{what}: the interval held the truth in {share} of the runs");
        }
    }

    #[test]
    fn marks_are_few_and_equally_far_apart_however_long_the_run() {
        for run in [3 * FIRST, 32 * FIRST, 33 * FIRST, 1000 * FIRST, 86_400 * SECOND] {
            let mut marks = Marks::new(SECOND);
            while marks.next() <= SECOND + run {
                marks.mark(&Requests::default(), &mut []);
            }
            let spans: Vec<Nanos> = marks.marks.iter().map(|m| m.span).collect();
            let even = spans.iter().enumerate().all(|(i, s)| *s == marks.span * (i as u64 + 1));
            assert!(even && spans.len() < MOST, "a run of {run} ns: {spans:?}");
            assert!(run < 32 * FIRST || spans.len() >= MOST / 2, "a run of {run} ns: {spans:?}");
        }
    }
}
