//! What was measured over the last seconds of a run: means of the windows that frames tell of.

use crate::metrics::frame::{Frame, Totals};
use crate::metrics::snapshot::WINDOW;
use crate::order::Map;
use crate::time::{Nanos, SECOND, to_s};
use std::collections::VecDeque;
use std::sync::Arc;

/// Sentences are about so long: long enough for a mean, short enough to be about now.
const SPAN: Nanos = 5 * SECOND;
/// So many moments are kept of the caches' hits.
const MOMENTS: usize = 600;

/// The last seconds of a run. Feed it every frame.
#[derive(Clone, Debug, Default)]
pub struct Lately {
    frames: VecDeque<Arc<Frame>>,
    newest: Option<Arc<Frame>>,
    /// When, and what share of the look-ups each cache knew then: reaches back further than the frames do.
    hits: Vec<(Nanos, Vec<(String, f64)>)>,
}

/// Means of one node, or of one link, whose `failed` is a part of its `rate`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    /// Share of the cores busy.
    pub utilization: Option<f64>,
    /// Arrivals per second.
    pub rate: f64,
    /// Answers that were no errors, per second.
    pub ok: f64,
    /// Others, per second.
    pub failed: f64,
    /// Requests waiting for a worker, a connection or a core.
    pub waiting: f64,
    /// Requests inside.
    pub inside: f64,
    /// Mean time inside, in ms.
    pub mean_ms: Option<f64>,
}

impl Lately {
    /// Takes in what the worker told. A run that began again, or went back, is begun again.
    pub fn feed(&mut self, frame: &Arc<Frame>) {
        if self.newest.as_ref().is_some_and(|last| last.run != frame.run || last.now > frame.now) {
            *self = Lately::default();
        }
        self.newest = Some(frame.clone());
        let due = self.frames.back().map_or(1, |last| last.now + WINDOW);
        if frame.now < due {
            return;
        }
        self.frames.push_back(frame.clone());
        while self.frames.get(1).is_some_and(|second| second.now + SPAN <= frame.now) {
            self.frames.pop_front();
        }
        let hits = frame.nodes.iter().filter_map(|n| Some((n.id.clone(), n.hits_now?)));
        self.hits.push((frame.now, hits.collect()));
        if self.hits.len() > MOMENTS {
            self.hits.drain(..MOMENTS / 4);
        }
    }

    /// The newest frame; none before the run has begun.
    pub fn newest(&self) -> Option<&Frame> {
        self.newest.as_deref().filter(|f| f.now > 0 && !self.frames.is_empty())
    }

    /// How long the means go back, in seconds.
    pub fn seconds(&self) -> f64 {
        let begin = if self.frames.len() > 1 { self.frames[0].now } else { 0 };
        self.frames.back().map_or(0.0, |last| to_s(last.now - begin)).max(1e-9)
    }

    /// What was counted in this time.
    pub fn counted(&self, count: impl Fn(&Totals) -> u64) -> f64 {
        let first = if self.frames.len() > 1 { count(&self.frames[0].totals) } else { 0 };
        self.frames.back().map_or(0, |last| count(&last.totals).saturating_sub(first)) as f64
    }

    /// By how much a node's number has changed in this time, per second.
    pub fn grew(&self, node: &str, of: impl Fn(&crate::metrics::frame::NodeView) -> f64) -> f64 {
        let at = |frame: &Arc<Frame>| frame.nodes.iter().find(|n| n.id == node).map_or(0.0, &of);
        let first = if self.frames.len() > 1 { at(&self.frames[0]) } else { 0.0 };
        self.frames.back().map_or(0.0, |last| at(last) - first) / self.seconds()
    }

    /// The windows with their lengths.
    fn windows(&self) -> impl Iterator<Item = (f64, &Frame)> {
        let alone = (self.frames.len() == 1).then(|| (1.0, self.frames[0].as_ref()));
        let pairs = self.frames.iter().zip(self.frames.iter().skip(1));
        alone.into_iter().chain(pairs.map(|(a, b)| (to_s(b.now - a.now), b.as_ref())))
    }

    /// The means of every node.
    pub fn nodes(&self) -> Map<String, Mean> {
        let mut sums: Map<String, Sum> = Map::new();
        for (span, frame) in self.windows() {
            for n in &frame.nodes {
                let sum = sums.or_default(n.id.clone());
                let left = n.ok_rate + n.error_rate;
                sum.add(span, &[n.rate, n.ok_rate, n.error_rate, n.waiting as f64, n.in_system as f64]);
                sum.busy = n.utilization.map_or(sum.busy, |u| (sum.busy.0 + span * u, sum.busy.1 + span));
                sum.time = n.mean_ms.map_or(sum.time, |t| (sum.time.0 + span * left * t, sum.time.1 + span * left));
            }
        }
        sums.iter().map(|(id, sum)| (id.clone(), sum.mean())).collect()
    }

    /// The means of every link, by its ends.
    pub fn links(&self) -> Map<(String, String), Mean> {
        let mut sums: Map<(String, String), Sum> = Map::new();
        for (span, frame) in self.windows() {
            for l in &frame.links {
                let good = (l.rate - l.error_rate).max(0.0);
                sums.or_default((l.from.clone(), l.to.clone())).add(span, &[l.rate, good, l.error_rate, 0.0, 0.0]);
            }
        }
        sums.iter().map(|(ends, sum)| (ends.clone(), sum.mean())).collect()
    }

    /// The share of look-ups that a cache knew in the last moments before this one.
    pub fn hits_before(&self, cache: &str, at: Nanos) -> Option<f64> {
        const MOMENTS_BEFORE: usize = 10;
        let before = self.hits.iter().rev().filter(|(now, _)| *now <= at);
        let shares = before.filter_map(|(_, all)| all.iter().find(|(id, _)| id == cache).map(|(_, share)| *share));
        let shares: Vec<f64> = shares.take(MOMENTS_BEFORE).collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

/// Sums over time, on the way to a mean.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    span: f64,
    sums: [f64; 5],
    busy: (f64, f64),
    time: (f64, f64),
}

impl Sum {
    fn add(&mut self, span: f64, values: &[f64; 5]) {
        self.span += span;
        for (sum, value) in self.sums.iter_mut().zip(values) {
            *sum += span * value;
        }
    }

    fn mean(&self) -> Mean {
        let [rate, ok, failed, waiting, inside] = self.sums.map(|sum| sum / self.span.max(1e-9));
        let share = |(sum, of): (f64, f64)| (of > 0.0).then(|| sum / of);
        Mean { utilization: share(self.busy), rate, ok, failed, waiting, inside, mean_ms: share(self.time) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::frame::NodeView;

    fn frame(run: u32, seconds: f64, rate: f64, retries: u64) -> Arc<Frame> {
        let node = NodeView { id: "web".into(), rate, hits_now: Some(rate / 100.0), ..NodeView::default() };
        let totals = Totals { retries, ..Totals::default() };
        Arc::new(Frame { run, now: (seconds * 1e9) as Nanos, nodes: vec![node], totals, ..Frame::default() })
    }

    #[test]
    fn means_are_of_the_last_seconds_only() {
        let mut lately = Lately::default();
        assert!(lately.newest().is_none());
        for (second, rate) in [(1, 10.0), (2, 10.0), (3, 10.0), (8, 20.0), (9, 40.0)] {
            lately.feed(&frame(0, f64::from(second), rate, second as u64 * 100));
        }
        // From 3 s to 9 s: five seconds at 20, one at 40.
        assert_eq!(lately.seconds(), 6.0);
        assert!((lately.nodes().get("web").unwrap().rate - 140.0 / 6.0).abs() < 1e-9);
        assert_eq!(lately.counted(|t| t.retries), 600.0);
        assert!((lately.hits_before("web", 3 * SECOND).unwrap() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn a_run_that_begins_again_has_no_past() {
        let mut lately = Lately::default();
        lately.feed(&frame(0, 8.0, 10.0, 5));
        lately.feed(&frame(1, 2.0, 30.0, 1));
        assert_eq!((lately.nodes().get("web").unwrap().rate, lately.counted(|t| t.retries)), (30.0, 1.0));
        lately.feed(&frame(1, 1.0, 7.0, 0));
        assert_eq!(lately.nodes().get("web").unwrap().rate, 7.0);
    }
}
