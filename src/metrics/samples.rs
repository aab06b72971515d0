//! Which request to look at for an example: the last of every step of the latency's histogram, the slowest, the last
//! that failed, and both of the latter for every stretch of the run. So one that took as long as the 99th percentile
//! says is always known. Only who wants to look listens for this.

use super::histogram::{self, Histogram};
use crate::component::net::{Net, NodeIx, Origin, Outcome};
use crate::engine::{Record, Recorder};
use crate::time::{MS, Nanos, SECOND, from_ms};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A request, and when it was wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The users node.
    pub users: NodeIx,
    /// Counted from 1 there.
    pub ordinal: u64,
    /// When it was wanted.
    pub wanted: Nanos,
}

impl Sample {
    /// Whose it is, and which.
    pub fn origin(self) -> Origin {
        Origin { users: self.users, ordinal: self.ordinal }
    }
}

/// A request to look at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wanted {
    /// This one.
    This(Sample),
    /// One that took as long as this share of all at most, 0 to 1.
    Quantile(f64),
    /// One that took at least `from` and less than `to`.
    Took {
        /// The least.
        from: Nanos,
        /// What is too much.
        to: Nanos,
    },
    /// The slowest that was answered.
    Slowest,
    /// The last that failed.
    Failed,
    /// About this moment, one that failed or the slowest that was answered.
    About {
        /// The moment.
        at: Nanos,
        /// Whether it is to have failed.
        failed: bool,
    },
}

/// Steps are added so many at a time, so that growing is rare.
const ROOM: usize = 64;
/// More stretches of the run than this are not told apart; they grow longer instead.
const STRETCHES: usize = 256;
/// What is further from a moment than this is not about it.
const NEAR: Nanos = 15 * SECOND;

/// What stands out.
#[derive(Clone, Copy, Debug, Default)]
struct Extremes {
    /// The slowest that was answered, with its latency.
    slowest: Option<(Nanos, Sample)>,
    /// The last that failed.
    failed: Option<Sample>,
}

impl Extremes {
    #[inline]
    fn add(&mut self, latency: Nanos, outcome: Outcome, sample: Sample) {
        if outcome != Outcome::Ok {
            self.failed = Some(sample);
        } else if self.slowest.is_none_or(|(most, _)| latency > most) {
            self.slowest = Some((latency, sample));
        }
    }

    fn join(&mut self, later: Extremes) {
        if let Some((latency, sample)) = later.slowest {
            self.add(latency, Outcome::Ok, sample);
        }
        self.failed = later.failed.or(self.failed);
    }

    fn sample(&self, failed: bool) -> Option<Sample> {
        if failed { self.failed } else { self.slowest.map(|(_, sample)| sample) }
    }
}

/// The examples of a run so far.
#[derive(Clone, Debug)]
pub struct Samples {
    warmup: Nanos,
    /// The step of the first; an ordinal of 0 stands for none.
    first: usize,
    by_step: Vec<Sample>,
    all: Extremes,
    /// By the time at which requests ended.
    stretches: Vec<Extremes>,
    stretch: Nanos,
}

impl Default for Samples {
    fn default() -> Samples {
        Samples::new(0)
    }
}

impl Samples {
    /// Keeps examples of what is wanted from `warmup` on.
    pub fn new(warmup: Nanos) -> Samples {
        let (by_step, stretches) = (Vec::new(), Vec::new());
        Samples { warmup, first: 0, by_step, all: Extremes::default(), stretches, stretch: 250 * MS }
    }

    fn finished(&mut self, now: Nanos, outcome: Outcome, sample: Sample) {
        if sample.wanted < self.warmup {
            return;
        }
        let latency = now - sample.wanted;
        if outcome == Outcome::Ok {
            let step = histogram::step(latency);
            if step < self.first || step >= self.first + self.by_step.len() {
                self.extend(step);
            }
            self.by_step[step - self.first] = sample;
        }
        self.all.add(latency, outcome, sample);
        while now / self.stretch >= STRETCHES as Nanos {
            self.widen();
        }
        let place = (now / self.stretch) as usize;
        if place >= self.stretches.len() {
            self.stretches.resize(place + 1, Extremes::default());
        }
        self.stretches[place].add(latency, outcome, sample);
    }

    #[cold]
    fn extend(&mut self, step: usize) {
        if self.by_step.is_empty() {
            self.first = step;
        }
        if step < self.first {
            let to = step.saturating_sub(ROOM);
            let mut by_step = vec![Sample::default(); self.first - to];
            by_step.append(&mut self.by_step);
            self.by_step = by_step;
            self.first = to;
        } else {
            self.by_step.resize(step - self.first + 1 + ROOM, Sample::default());
        }
    }

    /// Joins stretches in pairs.
    #[cold]
    fn widen(&mut self) {
        for i in 0..self.stretches.len() {
            let later = self.stretches[i];
            if i % 2 == 0 { self.stretches[i / 2] = later } else { self.stretches[i / 2].join(later) }
        }
        self.stretches.truncate(self.stretches.len().div_ceil(2));
        self.stretch *= 2;
    }

    /// The request to look at that this means; none if there is no such request so far. `latency` is that of all
    /// requests.
    pub fn find(&self, wanted: Wanted, latency: &Histogram) -> Option<Sample> {
        match wanted {
            Wanted::This(sample) => Some(sample),
            // The percentile may be the very end of its step.
            Wanted::Quantile(q) => {
                let from = from_ms(latency.quantile_ms(q)?).saturating_sub(1);
                self.within(self.place(from)..self.by_step.len())
            }
            Wanted::Took { from, to } => self.within(self.place(from)..self.place(to)),
            Wanted::Slowest => self.all.sample(false),
            Wanted::Failed => self.all.sample(true),
            Wanted::About { at, failed } => self.about(at, failed),
        }
    }

    /// The last request of the first of these steps that has one.
    fn within(&self, steps: Range<usize>) -> Option<Sample> {
        self.by_step[steps].iter().find(|s| s.ordinal > 0).copied()
    }

    /// Where examples of this latency begin.
    fn place(&self, latency: Nanos) -> usize {
        histogram::step(latency).saturating_sub(self.first).min(self.by_step.len())
    }

    fn about(&self, at: Nanos, failed: bool) -> Option<Sample> {
        let with = self.stretches.iter().enumerate().filter_map(|(i, extremes)| {
            let middle = i as Nanos * self.stretch + self.stretch / 2;
            Some((middle.abs_diff(at), extremes.sample(failed)?))
        });
        with.min_by_key(|(far, _)| *far).filter(|(far, _)| *far <= NEAR.max(self.stretch)).map(|(_, sample)| sample)
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.by_step[..]) + size_of_val(&self.stretches[..])
    }
}

impl Recorder for Samples {
    #[inline]
    fn record(&mut self, now: Nanos, _: &Net, record: &Record) {
        if let Record::Finished { node, ordinal, wanted, outcome, .. } = *record {
            self.finished(now, outcome, Sample { users: node, ordinal, wanted });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever comes in whatever order, an example is as long as its percentile, and the extremes are found.
        #[test]
        fn examples_are_what_they_are_examples_of(runs in prop::collection::vec((1u64..2_000_000_000, any::<bool>()), 1..200), q in 0.0f64..1.0) {
            let (mut samples, mut latency) = (Samples::default(), Histogram::default());
            let (mut now, mut all) = (3 * SECOND, Vec::new());
            for (i, &(took, ok)) in runs.iter().enumerate() {
                now += took;
                let sample = Sample { users: 0, ordinal: i as u64 + 1, wanted: now - took };
                samples.finished(now, if ok { Outcome::Ok } else { Outcome::Reset }, sample);
                if ok {
                    latency.add(took);
                }
                all.push((now, took, ok, sample));
            }
            let of = |sample: Sample| all[sample.ordinal as usize - 1];
            let answered = || all.iter().filter(|(_, _, ok, _)| *ok);
            prop_assert_eq!(samples.find(Wanted::Slowest, &latency).map(|s| of(s).1), answered().map(|a| a.1).max());
            prop_assert_eq!(samples.find(Wanted::Failed, &latency), all.iter().rev().find(|a| !a.2).map(|a| a.3));
            if let Some(ms) = latency.quantile_ms(q) {
                let found = of(samples.find(Wanted::Quantile(q), &latency).expect("one was answered"));
                prop_assert!(found.2 && (found.1 as f64 / 1e6 / ms - 1.0).abs() < 0.01, "{} ns for {ms} ms", found.1);
            }
            for bar in latency.coarse().bars() {
                let found = samples.find(Wanted::Took { from: bar.from, to: bar.to }, &latency).map(|s| of(s).1);
                prop_assert_eq!(found.is_some(), bar.count > 0, "{:?}", bar);
                prop_assert!(found.is_none_or(|took| (bar.from..bar.to).contains(&took)), "{found:?} is not in {bar:?}");
            }
            let last = all[all.len() - 1];
            let about = Wanted::About { at: last.0, failed: !last.2 };
            let found = of(samples.find(about, &latency).expect("the last is about the end"));
            prop_assert!(found.2 == last.2 && last.0 - found.0 <= samples.stretch, "{found:?} is not about {last:?}");
            prop_assert!(samples.stretches.len() <= STRETCHES);
        }
    }
}
