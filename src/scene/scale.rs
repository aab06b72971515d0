//! An axis: from numbers to shares of its length, straight or logarithmic, ending and ticking at round numbers.

use super::chart::{nice, power_of_ten};

/// No axis has more ticks than this.
const TICKS: usize = 6;

/// An axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What its beginning stands for.
    pub low: f64,
    /// What its end stands for.
    pub high: f64,
    log: bool,
}

impl Scale {
    /// From 0 to the round number that holds `most`.
    pub fn linear(most: f64) -> Scale {
        Scale { low: 0.0, high: nice(most), log: false }
    }

    /// From the round number below `low`, which must be above 0, to the one above `high`.
    pub fn log(low: f64, high: f64) -> Scale {
        let low = if low.is_finite() && low > 0.0 { low } else { 1.0 };
        let high = if high.is_finite() && high > low { high } else { low * 2.0 };
        let floor = [5.0, 2.0, 1.0].into_iter().map(|m| m * power_of_ten(low)).find(|r| *r <= low * 1.000_001);
        Scale { low: floor.unwrap_or(low), high: nice(high), log: true }
    }

    /// Where a number lies: 0 at the beginning, 1 at the end. What lies beyond is moved to the end.
    pub fn share(&self, n: f64) -> f64 {
        let share = if self.log {
            libm::log(n.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (n - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }

    /// Round numbers along it.
    pub fn ticks(&self) -> Vec<f64> {
        if !self.log {
            // The axis ends at 1, 2 or 5 times a power of ten: halves and fifths are round.
            let parts = if self.high / power_of_ten(self.high) > 4.0 { 5 } else { 4 };
            return (0..=parts).map(|i| self.high * f64::from(i) / f64::from(parts)).collect();
        }
        let steps: [&[f64]; 2] = [&[1.0, 2.0, 5.0], &[1.0]];
        let ticks = steps.map(|steps| self.round(steps));
        let [fine, coarse] = ticks;
        if fine.len() <= TICKS {
            return fine;
        }
        let every = coarse.len().div_ceil(TICKS).max(1);
        coarse.into_iter().step_by(every).collect()
    }

    /// These multiples of every power of ten on the axis.
    fn round(&self, steps: &[f64]) -> Vec<f64> {
        let (mut power, mut found) = (power_of_ten(self.low), Vec::new());
        while power <= self.high {
            found.extend(steps.iter().map(|step| step * power));
            power *= 10.0;
        }
        found.retain(|n| *n >= self.low * 0.999_999 && *n <= self.high * 1.000_001);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: &[f64], wanted: &[f64]) {
        let same = got.len() == wanted.len() && got.iter().zip(wanted).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs());
        assert!(same, "{got:?} instead of {wanted:?}");
    }

    #[test]
    fn axes_end_and_tick_at_round_numbers() {
        near(&Scale::linear(180.0).ticks(), &[0.0, 50.0, 100.0, 150.0, 200.0]);
        near(&Scale::linear(4.1).ticks(), &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        near(&Scale::log(3.0, 1800.0).ticks(), &[10.0, 100.0, 1000.0]);
        near(&Scale::log(12.0, 90.0).ticks(), &[10.0, 20.0, 50.0, 100.0]);
        let wide = Scale::log(1e-6, 1e9).ticks();
        assert!(wide.len() <= TICKS, "{wide:?}");
    }

    #[test]
    fn a_logarithmic_axis_gives_every_factor_the_same_room() {
        let scale = Scale::log(1.0, 100.0);
        assert!((scale.share(10.0) - 0.5).abs() < 1e-12, "{}", scale.share(10.0));
        assert_eq!((scale.share(0.0), scale.share(1e9)), (0.0, 1.0));
        assert_eq!(Scale::log(0.0, f64::NAN), Scale::log(1.0, 2.0), "nothing to show is no reason to fail");
    }
}
