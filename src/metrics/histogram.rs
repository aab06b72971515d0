//! A histogram of spans: exact up to 256 ns, then 128 steps per doubling, so a percentile is off by at most 0.4 %.
//!
//! Counts are kept only for the range that occurs: a few hundred numbers for a node whose times spread over a factor of
//! a thousand.

use super::frame::Bar;
use crate::time::{Nanos, to_ms};

/// Steps per doubling, as a power of two.
const BITS: u32 = 7;
const STEPS: u64 = 1 << BITS;
/// So many counts are added up at once by those who look for a quantile.
const BLOCK: usize = 64;

/// The histogram.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// The step of the first count.
    first: usize,
    counts: Vec<u64>,
    total: u64,
    sum: u128,
    max: Nanos,
}

impl Histogram {
    /// Counts one span.
    #[inline]
    pub fn add(&mut self, span: Nanos) {
        *self.at(step(span)) += 1;
        self.total += 1;
        self.sum += u128::from(span);
        self.max = self.max.max(span);
    }

    /// The count of a step.
    #[inline]
    fn at(&mut self, step: usize) -> &mut u64 {
        if step.wrapping_sub(self.first) >= self.counts.len() {
            self.extend(step);
        }
        &mut self.counts[step - self.first]
    }

    #[cold]
    fn extend(&mut self, step: usize) {
        if self.counts.is_empty() {
            self.first = step;
        }
        if step < self.first {
            // Grown a doubling at a time, so that growing is rare.
            let to = step.saturating_sub(STEPS as usize / 2);
            self.counts.splice(0..0, std::iter::repeat_n(0, self.first - to));
            self.first = to;
        } else if step >= self.first + self.counts.len() {
            self.counts.resize(step - self.first + 1 + STEPS as usize / 2, 0);
        }
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.counts[..])
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
        let first = self.first / COARSER;
        let Some(last) = self.counts.len().checked_sub(1) else { return Coarse::default() };
        let mut counts = Vec::with_capacity((self.first + last) / COARSER - first + 1);
        // The first coarse step may begin before the first count.
        let (head, rest) = self.counts.split_at((COARSER - self.first % COARSER).min(last + 1));
        counts.push(head.iter().sum());
        counts.extend(rest.chunks(COARSER).map(|chunk| chunk.iter().sum::<u64>()));
        Coarse { first, counts }
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
        if self.total == 0 {
            return None;
        }
        let rank = q * self.total as f64;
        let mut below = 0u64;
        let mut blocks = self.counts.chunks(BLOCK).enumerate();
        // A block's sum takes a fraction of the time that looking at each of its counts does.
        let block = blocks.find(|(_, block)| {
            let sum = block.iter().sum::<u64>();
            let reached = sum > 0 && (below + sum) as f64 >= rank;
            below += if reached { 0 } else { sum };
            reached
        });
        let (start, counts) = block.map_or((0, &[][..]), |(i, block)| (i * BLOCK, block));
        for (i, &count) in counts.iter().enumerate() {
            if count > 0 && (below + count) as f64 >= rank {
                let (low, width) = bounds(self.first + start + i);
                let within = ((rank - below as f64) / count as f64).clamp(0.0, 1.0);
                let span = if width == 1 { low as f64 } else { low as f64 + within * width as f64 };
                return Some(span.min(self.max as f64) / 1e6);
            }
            below += count;
        }
        self.max_ms()
    }

    /// What was counted in each of some histograms since it was copied, all together. Of the largest only its step is known.
    pub fn since<'a>(pairs: impl IntoIterator<Item = (&'a Histogram, &'a Histogram)>) -> Histogram {
        let new = pairs.into_iter().filter(|(now, then)| now.total > then.total).map(|(now, then)| now.minus(then));
        new.reduce(Histogram::plus).unwrap_or_default()
    }

    /// Without what an earlier copy holds.
    fn minus(&self, then: &Histogram) -> Histogram {
        let mut counts = self.counts.clone();
        let start = then.first.saturating_sub(self.first);
        // As slices, which are gone through several counts at a time.
        counts[start..].iter_mut().zip(&then.counts[..]).for_each(|(count, before)| *count -= before);
        let last = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let (low, width) = bounds(self.first + last);
        Histogram {
            first: self.first,
            counts,
            total: self.total - then.total,
            sum: self.sum - then.sum,
            max: self.max.min(low + (width - 1)),
        }
    }

    /// Together with another.
    fn plus(mut self, other: Histogram) -> Histogram {
        for (i, &count) in other.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            *self.at(other.first + i) += count;
        }
        (self.total, self.sum) = (self.total + other.total, self.sum + other.sum);
        self.max = self.max.max(other.max);
        self
    }

    /// Becomes a copy of another, in the memory that it has.
    pub fn copy(&mut self, other: &Histogram) {
        self.counts.clone_from(&other.counts);
        (self.first, self.total, self.sum, self.max) = (other.first, other.total, other.sum, other.max);
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
    if span < 2 * STEPS {
        return span as usize;
    }
    let shift = 63 - BITS - span.leading_zeros();
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
            let since = Histogram::since(histograms.iter().zip(&copies));
            let mut added = Histogram::default();
            late.iter().for_each(|&span| added.add(span));
            prop_assert_eq!((since.count(), since.sum()), (added.count(), added.sum()));
            for q in [0.1, 0.5, 0.9, 0.99] {
                let (got, exact) = (since.quantile_ms(q).unwrap_or(0.0), added.quantile_ms(q).unwrap_or(0.0));
                prop_assert!((got - exact).abs() <= exact / 100.0, "q {q}: {got}, alone {exact}");
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
