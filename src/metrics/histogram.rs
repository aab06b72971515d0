//! A histogram of spans: exact up to 256 ns, then 128 steps per doubling, so a percentile is off by at most 0.4 %.
//!
//! Counts are kept only for the range that occurs: a few hundred numbers for a node whose times spread over a factor of
//! a thousand.

use super::frame::Bar;
use crate::time::{Nanos, to_ms};
use std::borrow::Cow;
use std::iter::repeat_n;
use std::ops::Range;

/// Steps per doubling, as a power of two.
const BITS: u32 = 7;
const STEPS: u64 = 1 << BITS;
/// So many counts are added up at once by those who look for a quantile: half a doubling.
const BLOCK: usize = 64;

/// The histogram.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// The step of the first count, a multiple of `BLOCK` as their number is.
    first: usize,
    /// The low 32 bits of each count, so that twice as many fit into a processor's cache.
    counts: Vec<u32>,
    /// A step for each time that its count went round.
    rounds: Vec<usize>,
    total: u64,
    sum: u128,
    max: Nanos,
}

static NOTHING: Histogram = Histogram { first: 0, counts: Vec::new(), rounds: Vec::new(), total: 0, sum: 0, max: 0 };

impl Histogram {
    /// Counts one span.
    #[inline]
    pub fn add(&mut self, span: Nanos) {
        let step = step(span);
        match self.counts.get_mut(step.wrapping_sub(self.first)) {
            Some(count) if *count < u32::MAX => *count += 1,
            _ => self.put(step, 1),
        }
        self.total += 1;
        self.sum += u128::from(span);
        if span > self.max {
            self.max = span;
        }
    }

    /// Adds to the count of a step, which there may not have been yet.
    #[cold]
    fn put(&mut self, step: usize, more: u64) {
        // Grown by half a doubling at least, so that growing is rare.
        let block = step / BLOCK;
        if self.counts.is_empty() {
            self.first = block * BLOCK;
        }
        if step < self.first {
            let to = block.saturating_sub(1) * BLOCK;
            let mut counts = vec![0; self.first - to];
            counts.append(&mut self.counts);
            self.counts = counts;
            self.first = to;
        } else if step >= self.first + self.counts.len() {
            self.counts.resize((block + 2) * BLOCK - self.first, 0);
        }
        let count = &mut self.counts[step - self.first];
        let sum = u64::from(*count) + more;
        *count = sum as u32;
        self.rounds.extend(repeat_n(step, (sum >> 32) as usize));
    }

    /// How many spans were counted in these steps.
    fn within(&self, steps: Range<usize>) -> u64 {
        let [from, to] = [steps.start, steps.end].map(|step| step.saturating_sub(self.first).min(self.counts.len()));
        let low: u64 = self.counts[from..to].iter().map(|&count| u64::from(count)).sum();
        let rounds = self.rounds.iter().filter(|step| steps.contains(step)).count() as u64;
        low + (rounds << 32)
    }

    /// From its first step to after its last.
    fn steps(&self) -> Range<usize> {
        self.first..self.first + self.counts.len()
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.counts[..]) + size_of_val(&self.rounds[..])
    }

    /// How many spans were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The sum of all spans.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// What was counted, in steps sixteen times as wide.
    pub fn coarse(&self) -> Coarse {
        let counts = self.steps().step_by(COARSER).map(|step| self.within(step..step + COARSER));
        Coarse { first: self.first / COARSER, counts: counts.collect() }
    }

    /// The mean in ms, exact; none without samples.
    pub fn mean_ms(&self) -> Option<f64> {
        (self.total > 0).then(|| self.sum as f64 / self.total as f64 / 1e6)
    }

    /// The largest in ms, exact; none without samples.
    pub fn max_ms(&self) -> Option<f64> {
        (self.total > 0).then(|| to_ms(self.max))
    }

    /// The span in ms below which a share `q` (0 to 1) lies, interpolated within its step; none without samples.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        Since::new(&[(self, &NOTHING)]).quantile_ms(q)
    }

    /// All that was counted in these.
    pub fn all<'a>(several: impl IntoIterator<Item = &'a Histogram>) -> Cow<'a, Histogram> {
        let mut several = several.into_iter().filter(|h| h.total > 0);
        let mut sum = Cow::Borrowed(several.next().unwrap_or(&NOTHING));
        several.for_each(|other| sum.to_mut().include(other));
        sum
    }

    fn include(&mut self, other: &Histogram) {
        for step in other.steps() {
            let count = other.within(step..step + 1);
            if count > 0 {
                self.put(step, count);
            }
        }
        (self.total, self.sum) = (self.total + other.total, self.sum + other.sum);
        self.max = self.max.max(other.max);
    }

    /// Becomes a copy of another, in the memory that it has.
    pub fn copy(&mut self, other: &Histogram) {
        self.counts.clone_from(&other.counts);
        self.rounds.clone_from(&other.rounds);
        (self.first, self.total, self.sum, self.max) = (other.first, other.total, other.sum, other.max);
    }
}

/// What was counted in some histograms since each was copied, all together.
pub struct Since<'a> {
    pairs: Vec<(&'a Histogram, &'a Histogram)>,
    count: u64,
}

impl<'a> Since<'a> {
    /// Of these histograms, each with its copy.
    pub fn new(pairs: &[(&'a Histogram, &'a Histogram)]) -> Self {
        let mut since = Since { pairs: Vec::new(), count: 0 };
        for &(now, then) in pairs.iter().filter(|(now, then)| now.total > then.total) {
            since.pairs.push((now, then));
            since.count += now.total - then.total;
        }
        since
    }

    /// The mean in ms, exact; none without samples.
    pub fn mean_ms(&self) -> Option<f64> {
        let sum: u128 = self.pairs.iter().map(|(now, then)| now.sum - then.sum).sum();
        (self.count > 0).then(|| sum as f64 / self.count as f64 / 1e6)
    }

    /// As [`Histogram::quantile_ms`]. Of the largest span only its step is known.
    ///
    /// Looks from the largest spans down: most quantiles that are asked for are high ones, and few blocks lie above them.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = share * self.count as f64;
        let (mut block, mut below, mut largest) = (0, self.count, 0);
        for (now, _) in &self.pairs {
            block = block.max(now.steps().end / BLOCK);
            largest = largest.max(now.max);
        }
        while block > 0 && below > 0 && below as f64 >= rank {
            block -= 1;
            below -= self.within(block * BLOCK..(block + 1) * BLOCK);
        }
        if self.count == 0 {
            return None;
        }
        // Of its steps the first that holds the rank, or the last that holds any.
        let (mut step, mut count) = (0, 0);
        for i in block * BLOCK..(block + 1) * BLOCK {
            let n = self.within(i..i + 1);
            if n > 0 {
                below += count;
                (step, count) = (i, n);
                if (below + count) as f64 >= rank {
                    break;
                }
            }
        }
        let (low, width) = bounds(step);
        let within = ((rank - below as f64) / count as f64).clamp(0.0, 1.0);
        let span = if width == 1 { low as f64 } else { low as f64 + within * width as f64 };
        Some(span.min(largest as f64) / 1e6)
    }

    fn within(&self, steps: Range<usize>) -> u64 {
        self.pairs.iter().map(|(now, then)| now.within(steps.clone()) - then.within(steps.clone())).sum()
    }
}

/// So many steps of a histogram make one of a [`Coarse`] one: 8 per doubling.
const COARSER: usize = 16;

/// A histogram in fewer steps, to be kept many times over.
#[derive(Clone, Debug, Default)]
pub struct Coarse {
    first: usize,
    counts: Vec<u64>,
}

impl Coarse {
    /// Its steps from the first to the last that counted something: the smallest span, the smallest beyond, how many.
    pub fn bars(&self) -> Vec<Bar> {
        let bar = |(i, &count): (usize, &u64)| {
            let step = (self.first + i) * COARSER;
            Bar { from: bounds(step).0, to: bounds(step + COARSER).0, count }
        };
        let last = self.counts.iter().rposition(|&count| count > 0).map_or(0, |i| i + 1);
        let first = self.counts.iter().position(|&count| count > 0).unwrap_or(last);
        self.counts[..last].iter().enumerate().skip(first).map(bar).collect()
    }

    /// How many spans lie below `at` nanoseconds, interpolated within a step.
    pub fn below(&self, at: f64) -> f64 {
        let mut below = 0.0;
        for (i, &count) in self.counts.iter().enumerate() {
            let step = (self.first + i) * COARSER;
            let (low, high) = (bounds(step).0 as f64, bounds(step + COARSER).0 as f64);
            if at < high {
                return below + count as f64 * ((at - low) / (high - low)).max(0.0);
            }
            below += count as f64;
        }
        below
    }
}

/// The step that a span falls into.
#[inline]
pub fn step(span: Nanos) -> usize {
    // Up to 2 STEPS - 1 nothing is shifted away.
    let shift = 63 - BITS - (span | (2 * STEPS - 1)).leading_zeros();
    (u64::from(shift) * STEPS + (span >> shift)) as usize
}

/// The smallest span of a step, and how many there are.
fn bounds(step: usize) -> (Nanos, Nanos) {
    let step = step as u64;
    if step < 2 * STEPS {
        return (step, 1);
    }
    let shift = step / STEPS - 1;
    ((STEPS + step % STEPS) << shift, 1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_span_lies_in_its_step(span in prop_oneof![0u64..2000, any::<u64>()]) {
            let (low, width) = bounds(step(span));
            prop_assert!(low <= span && span - low < width, "{span}: step from {low}, {width} wide");
            prop_assert!(width == 1 || width as f64 <= low as f64 / 128.0, "{span}: {width} wide at {low}");
        }

        #[test]
        fn coarse_counts_are_near_the_sorted_list(spans in prop::collection::vec(1u64..5_000_000_000, 0..300), at in 0u64..5_000_000_000) {
            let mut histogram = Histogram::default();
            for &span in &spans {
                histogram.add(span);
            }
            let below = histogram.coarse().below(at as f64);
            let sure = |shift: f64| spans.iter().filter(|&&s| (s as f64) < at as f64 * shift).count() as f64;
            prop_assert!(sure(0.87) <= below && below <= sure(1.15) + 1e-9, "{below} below {at} of {spans:?}");
        }

        #[test]
        fn what_came_since_a_copy_is_what_was_added(
            early in prop::collection::vec(1u64..5_000_000_000, 0..100),
            late in prop::collection::vec(1u64..5_000_000_000, 0..100),
        ) {
            let mut histograms = [Histogram::default(), Histogram::default()];
            early.iter().enumerate().for_each(|(i, &span)| histograms[i % 2].add(span));
            let mut copies = [Histogram::default(), Histogram::default()];
            copies.iter_mut().zip(&histograms).for_each(|(copy, histogram)| copy.copy(histogram));
            late.iter().enumerate().for_each(|(i, &span)| histograms[i % 2].add(span));
            let since = Since::new(&histograms.iter().zip(&copies).collect::<Vec<_>>());
            let mut added = Histogram::default();
            late.iter().for_each(|&span| added.add(span));
            prop_assert_eq!((since.count, since.mean_ms()), (added.count(), added.mean_ms()));
            for q in [0.0, 0.1, 0.5, 0.9, 0.99, 1.0] {
                let (got, exact) = (since.quantile_ms(q).unwrap_or(0.0), added.quantile_ms(q).unwrap_or(0.0));
                prop_assert!((got - exact).abs() <= exact / 100.0, "q {q}: {got}, alone {exact}");
            }
        }

        #[test]
        fn several_together_are_as_one(
            some in prop::collection::vec(1u64..5_000_000_000, 0..100),
            others in prop::collection::vec(1u64..5_000_000_000, 0..100),
        ) {
            let mut histograms = [Histogram::default(), Histogram::default(), Histogram::default()];
            for (i, &span) in some.iter().chain(&others).enumerate() {
                histograms[usize::from(i >= some.len())].add(span);
                histograms[2].add(span);
            }
            let [all, one] = [Histogram::all(&histograms[..2]), Cow::Borrowed(&histograms[2])];
            prop_assert_eq!((all.count(), all.sum(), all.max_ms()), (one.count(), one.sum(), one.max_ms()));
            for q in [0.0, 0.1, 0.5, 0.9, 0.99, 1.0] {
                prop_assert_eq!(all.quantile_ms(q), one.quantile_ms(q), "q {}", q);
            }
        }

        /// As if a step's count had no end.
        #[test]
        fn a_count_that_goes_round_is_still_right(spans in prop::collection::vec(1u64..1000, 1..300), before in u32::MAX - 3..=u32::MAX) {
            let (mut round, mut alone) = (Histogram::default(), Histogram::default());
            round.add(spans[0]);
            let (step, place) = (step(spans[0]), step(spans[0]) - round.first);
            round.counts[place] = before;
            let then = round.clone();
            for &span in &spans {
                round.add(span);
                alone.add(span);
            }
            for i in 0..2000 {
                let expected = alone.within(i..i + 1) + if i == step { u64::from(before) } else { 0 };
                prop_assert_eq!(round.within(i..i + 1), expected, "step {}", i);
            }
            let sum = round.coarse().bars().iter().map(|bar| bar.count).sum::<u64>();
            prop_assert_eq!(sum, u64::from(before) + spans.len() as u64);
            let twice = Histogram::all([&round, &round]).into_owned();
            prop_assert_eq!(twice.within(0..2000), 2 * sum);
            for q in [0.1, 0.5, 0.99] {
                let (got, exact) = (Since::new(&[(&round, &then)]).quantile_ms(q), alone.quantile_ms(q));
                prop_assert!((got.unwrap() - exact.unwrap()).abs() <= exact.unwrap() / 100.0, "q {}: {:?}, alone {:?}", q, got, exact);
            }
        }

        #[test]
        fn bars_hold_every_span_once(spans in prop::collection::vec(1u64..5_000_000_000, 0..300)) {
            let mut histogram = Histogram::default();
            for &span in &spans {
                histogram.add(span);
            }
            let bars = histogram.coarse().bars();
            for bar in &bars {
                let inside = spans.iter().filter(|&&s| bar.from <= s && s < bar.to).count() as u64;
                prop_assert_eq!(bar.count, inside, "from {} to {}", bar.from, bar.to);
            }
            prop_assert!(bars.windows(2).all(|w| w[0].to == w[1].from), "bars with gaps: {bars:?}");
            prop_assert_eq!(bars.iter().map(|b| b.count).sum::<u64>(), spans.len() as u64);
        }

        #[test]
        fn quantiles_are_near_the_sorted_list(mut spans in prop::collection::vec(1u64..5_000_000_000, 1..300), q in 0.0f64..1.0) {
            let mut histogram = Histogram::default();
            for &span in &spans {
                histogram.add(span);
            }
            spans.sort_unstable();
            let rank = ((q * spans.len() as f64).ceil() as usize).clamp(1, spans.len());
            let (got, exact) = (histogram.quantile_ms(q).unwrap() * 1e6, spans[rank - 1] as f64);
            prop_assert!((got - exact).abs() <= exact / 100.0 + 1.0, "q {q}: {got}, sorted list {exact}");
            prop_assert_eq!(histogram.max_ms().unwrap(), to_ms(*spans.last().unwrap()));
        }
    }
}
