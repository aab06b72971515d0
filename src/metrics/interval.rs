//! Confidence intervals: how far an estimate can be trusted, for one run and for several seeds.
//!
//! One run gives correlated numbers, so it is cut into batches long enough to be almost independent (A. M. Law,
//! "Simulation Modeling and Analysis", 5th ed., section 9.5.3: batch means). Every estimate here is a ratio of two sums
//! over the batches (latency per request, busy time per time, errors per request), and its interval is the classical
//! one for ratios (Law, 9.5.1). Runs with different seeds are independent, so their mean gets Student's interval.

/// Fewer batches than this say nothing about their spread.
pub const FEWEST: usize = 10;

/// A mean with the half-width of its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half of the interval's width; none with fewer than two values.
    pub half: Option<f64>,
}

impl Estimate {
    /// The mean of independent values, as from different seeds; none without values.
    pub fn of(values: &[f64]) -> Option<Estimate> {
        let n = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let half = (values.len() > 1).then(|| t95(values.len() - 1) * f64::sqrt(squares / (n - 1.0) / n));
        Some(Estimate { mean, half })
    }

    /// The interval's ends.
    pub fn ends(&self) -> Option<[f64; 2]> {
        self.half.map(|half| [self.mean - half, self.mean + half])
    }
}

/// The half-width of the 95 % interval of Σx / Σy over batches `(x, y)` of one run, in their order. Batches that are
/// still correlated are merged in pairs; none if too few would be left, as in a run that has no steady state.
pub fn ratio(batches: &[(f64, f64)]) -> Option<f64> {
    let m = batches.len();
    let total = batches.iter().fold((0.0, 0.0), |sum, b| (sum.0 + b.0, sum.1 + b.1));
    if m < FEWEST || total.1 <= 0.0 {
        return None;
    }
    let ratio = total.0 / total.1;
    let off: Vec<f64> = batches.iter().map(|b| b.0 - ratio * b.1).collect();
    let squares: f64 = off.iter().map(|d| d * d).sum();
    if correlated(&off, squares) {
        return self::ratio(&pairs(batches));
    }
    let m = m as f64;
    Some(t95(batches.len() - 1) * f64::sqrt(m * squares / (m - 1.0)) / total.1)
}

/// Whether neighbours are more alike than chance explains at the 1 % level (J. von Neumann's ratio test, 1941, in the
/// normal approximation of the serial correlation: mean -1/m, standard deviation 1/√m).
fn correlated(off: &[f64], squares: f64) -> bool {
    const Z99: f64 = 2.326;
    let m = off.len() as f64;
    let neighbours: f64 = off.windows(2).map(|w| w[0] * w[1]).sum();
    neighbours > squares * (Z99 / f64::sqrt(m) - 1.0 / m)
}

/// Neighbours as one; an odd last one joins the pair before it.
fn pairs(batches: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut merged: Vec<(f64, f64)> =
        batches.chunks_exact(2).map(|pair| (pair[0].0 + pair[1].0, pair[0].1 + pair[1].1)).collect();
    if let ([odd], Some(last)) = (batches.chunks_exact(2).remainder(), merged.last_mut()) {
        *last = (last.0 + odd.0, last.1 + odd.1);
    }
    merged
}

/// The quantile of Student's t distribution that leaves 2.5 % above it, for so many degrees of freedom (at least 1).
pub fn t95(freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if within(middle, freedom.max(1)) < 0.95 { low = middle } else { high = middle }
    }
    high
}

/// The probability that |T| stays below `t`: finite series for whole degrees of freedom (Abramowitz and Stegun, "Handbook
/// of Mathematical Functions", 26.7.3 and 26.7.4).
fn within(t: f64, freedom: usize) -> f64 {
    let root = f64::sqrt(freedom as f64);
    let angle = libm::atan(t / root);
    let long = f64::sqrt(freedom as f64 + t * t);
    let (sin, cos) = (t / long, root / long);
    let odd = freedom % 2 == 1;
    if freedom == 1 {
        return angle * std::f64::consts::FRAC_2_PI;
    }
    let mut term = if odd { cos } else { 1.0 };
    let mut sum = term;
    let mut k = if odd { 3 } else { 2 };
    while k < freedom {
        term *= cos * cos * (k - 1) as f64 / k as f64;
        sum += term;
        k += 2;
    }
    if odd { std::f64::consts::FRAC_2_PI * (angle + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn students_quantiles_are_those_of_the_tables() {
        for (freedom, t) in [(1, 12.706), (2, 4.303), (3, 3.182), (9, 2.262), (19, 2.093), (30, 2.042), (1000, 1.962)] {
            assert!(
                (t95(freedom) - t).abs() < 5e-4,
                "{freedom} degrees of freedom: {}, the table has {t}",
                t95(freedom)
            );
        }
    }

    #[test]
    fn independent_values_get_students_interval() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        // Standard deviation 1.291, of the mean 0.6455, times 3.182.
        assert!((estimate.mean - 2.5).abs() < 1e-12 && (estimate.half.unwrap() - 2.0542).abs() < 1e-3, "{estimate:?}");
        assert_eq!(Estimate::of(&[7.0]).unwrap().half, None);
        assert_eq!(Estimate::of(&[]), None);
    }

    /// In how many of 400 runs the interval of an AR(1) series' mean holds the truth, 0, and in how many there is one.
    fn coverage(phi: f64, batches: usize, length: usize) -> (usize, usize) {
        let mut rng = Rng::named(3, "interval", "ar");
        let mut result = (0, 0);
        for _ in 0..400 {
            let mut x = rng.normal() / f64::sqrt(1.0 - phi * phi);
            let mut batch = || {
                let sum = (0..length).map(|_| {
                    x = phi * x + rng.normal();
                    x
                });
                (sum.sum::<f64>(), length as f64)
            };
            let batches: Vec<(f64, f64)> = (0..batches).map(|_| batch()).collect();
            let mean = batches.iter().map(|b| b.0).sum::<f64>() / batches.iter().map(|b| b.1).sum::<f64>();
            if let Some(half) = ratio(&batches) {
                result.0 += usize::from(mean.abs() <= half);
                result.1 += 1;
            }
        }
        result
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        for (phi, batches, length, all) in [(0.0, 20, 5, 390), (0.8, 32, 100, 390), (0.9, 24, 100, 390)] {
            let (held, given) = coverage(phi, batches, length);
            let share = held as f64 / given as f64;
            assert!(given >= all, "AR({phi}), {batches} batches of {length}: only {given} of 400 runs got an interval");
            assert!((0.90..=0.985).contains(&share), "AR({phi}), {batches} batches of {length}: {share} of 95 %");
        }
    }

    #[test]
    fn a_run_without_a_steady_state_gets_none() {
        let growing: Vec<(f64, f64)> = (0..32).map(|i| (f64::from(i), 1.0)).collect();
        let broken: Vec<(f64, f64)> = (0..32).map(|i| (f64::from(i / 16), 1.0)).collect();
        for batches in [&growing, &broken, &growing[..20].to_vec(), &growing[..9].to_vec()] {
            assert_eq!(ratio(batches), None, "{batches:?}");
        }
    }
}
