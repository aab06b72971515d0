//! Distributions: how long things take, as people write them in a file, and how to draw from them.
//!
//! Only `libm` for logarithms and exponentials: std's differ between native and wasm in the last bit.

use crate::rng::Rng;
use serde_json::{Map, Value};

/// A distribution of non-negative numbers, in the unit of its parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Gamma by mean and coefficient of variation (standard deviation over mean).
    Gamma {
        /// Mean.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Log-normal by mean and coefficient of variation.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Uniform between two ends.
    Uniform(f64, f64),
    /// Pareto (type I) by mean and shape; the shape is above 1.
    Pareto {
        /// Mean.
        mean: f64,
        /// Shape; at 2 and below the variance is infinite.
        shape: f64,
    },
    /// Through three percentiles copied from a dashboard: log-linear from p0 = p50²/p95 through the points, then a
    /// log-normal tail beyond p99 that continues the slope between p95 and p99 in normal quantiles.
    Percentiles {
        /// Median.
        p50: f64,
        /// 95th percentile.
        p95: f64,
        /// 99th percentile.
        p99: f64,
    },
}

/// Standard normal quantiles at .95 and .99 (Abramowitz and Stegun, table 26.1).
const Z95: f64 = 1.644_853_626_951_472_7;
const Z99: f64 = 2.326_347_874_040_841;

impl Dist {
    /// Reads the value that a file holds.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn from_value(value: &Value) -> Result<Dist, String> {
        if let Some(n) = value.as_f64() {
            return Ok(Dist::Constant(n));
        }
        let wrong = || {
            format!(
                "is {}, but must be a number or one of {{\"exponential\": mean}}, {{\"gamma\": {{\"mean\", \"cv\"}}}}, \
                 {{\"lognormal\": {{\"mean\", \"cv\"}}}}, {{\"uniform\": [low, high]}}, {{\"pareto\": {{\"mean\", \"shape\"}}}}, \
                 {{\"percentiles\": {{\"p50\", \"p95\", \"p99\"}}}}",
                shown(value)
            )
        };
        let object = value.as_object().filter(|o| o.len() == 1).ok_or_else(wrong)?;
        let (name, inner) = object.iter().next().ok_or_else(wrong)?;
        let field =
            |key: &str| inner.as_object().and_then(|o: &Map<String, Value>| o.get(key)?.as_f64()).ok_or_else(wrong);
        match name.as_str() {
            "exponential" => Ok(Dist::Exponential(inner.as_f64().ok_or_else(wrong)?)),
            "gamma" => Ok(Dist::Gamma { mean: field("mean")?, cv: field("cv")? }),
            "lognormal" => Ok(Dist::Lognormal { mean: field("mean")?, cv: field("cv")? }),
            "pareto" => Ok(Dist::Pareto { mean: field("mean")?, shape: field("shape")? }),
            "percentiles" => Ok(Dist::Percentiles { p50: field("p50")?, p95: field("p95")?, p99: field("p99")? }),
            "uniform" => match inner.as_array().map(Vec::as_slice) {
                Some([lo, hi]) => Ok(Dist::Uniform(lo.as_f64().ok_or_else(wrong)?, hi.as_f64().ok_or_else(wrong)?)),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    /// Whether its numbers make sense and lie from `lo` to `hi`.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn check(&self, lo: f64, hi: f64) -> Result<(), String> {
        let inside = |what: &str, n: f64| {
            if (lo..=hi).contains(&n) {
                Ok(())
            } else {
                Err(format!("has {what} {n}, but it must be from {lo} to {hi}"))
            }
        };
        let between = |what: &str, n: f64, lo: f64, hi: f64| {
            if n >= lo && n <= hi { Ok(()) } else { Err(format!("has {what} {n}, but it must be from {lo} to {hi}")) }
        };
        match *self {
            Dist::Constant(n) => inside("the value", n),
            Dist::Exponential(mean) => inside("the mean", mean),
            Dist::Gamma { mean, cv } | Dist::Lognormal { mean, cv } => {
                inside("the mean", mean).and_then(|()| between("cv", cv, 0.0, 100.0))
            }
            Dist::Uniform(a, b) => inside("the low end", a).and_then(|()| inside("the high end", b)).and_then(|()| {
                if a <= b { Ok(()) } else { Err(format!("has the low end {a} above the high end {b}")) }
            }),
            Dist::Pareto { mean, shape } => {
                inside("the mean", mean).and_then(|()| between("shape", shape, 1.01, 1000.0))
            }
            Dist::Percentiles { p50, p95, p99 } => {
                inside("p50", p50).and_then(|()| inside("p99", p99)).and_then(|()| {
                    if p50 > 0.0 && p50 <= p95 && p95 <= p99 {
                        Ok(())
                    } else {
                        Err(format!("has p50 {p50}, p95 {p95}, p99 {p99}, but they must be above 0 and ascend"))
                    }
                })
            }
        }
    }

    /// Its mean, in the same unit; by numerical integration for percentiles.
    pub fn mean(&self) -> f64 {
        match *self {
            Dist::Constant(n) | Dist::Exponential(n) => n,
            Dist::Gamma { mean, .. } | Dist::Lognormal { mean, .. } | Dist::Pareto { mean, .. } => mean,
            Dist::Uniform(a, b) => (a + b) / 2.0,
            Dist::Percentiles { .. } => self.integral(|x| x),
        }
    }

    /// Its coefficient of variation, standard deviation over mean; infinite where there is no variance.
    pub fn cv(&self) -> f64 {
        match *self {
            Dist::Constant(_) => 0.0,
            Dist::Exponential(_) => 1.0,
            Dist::Gamma { cv, .. } | Dist::Lognormal { cv, .. } => cv,
            Dist::Uniform(a, b) => (b - a) / (a + b) / f64::sqrt(3.0),
            Dist::Pareto { shape, .. } if shape <= 2.0 => f64::INFINITY,
            Dist::Pareto { shape, .. } => 1.0 / f64::sqrt(shape * (shape - 2.0)),
            Dist::Percentiles { .. } => {
                let mean = self.mean();
                f64::sqrt((self.integral(|x| x * x) / (mean * mean) - 1.0).max(0.0))
            }
        }
    }

    /// The mean of a function of the value (percentiles only): midpoint rule over the quantile function, the tail beyond
    /// p99 on a finer grid of normal quantiles.
    fn integral(&self, f: impl Fn(f64) -> f64) -> f64 {
        let body: f64 = (0..990).map(|i| f(self.quantile((f64::from(i) + 0.5) / 1000.0))).sum::<f64>() / 1000.0;
        let step = 0.001;
        let tail: f64 = (0..8000)
            .map(|i| {
                let z = Z99 + (f64::from(i) + 0.5) * step;
                let density = libm::exp(-z * z / 2.0) / f64::sqrt(2.0 * std::f64::consts::PI);
                f(self.tail(z)) * density * step
            })
            .sum();
        body + tail
    }

    /// Draws one value, never negative.
    #[inline]
    pub fn sample(&self, rng: &mut Rng) -> f64 {
        match *self {
            Dist::Constant(n) => n,
            Dist::Exponential(mean) => mean * rng.exponential(),
            _ => self.draw(rng),
        }
    }

    fn draw(&self, rng: &mut Rng) -> f64 {
        match *self {
            Dist::Constant(n) | Dist::Exponential(n) => n,
            Dist::Gamma { mean, cv } => {
                if cv <= 0.0 {
                    return mean;
                }
                let shape = 1.0 / (cv * cv);
                mean / shape * gamma(shape, rng)
            }
            Dist::Lognormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                mean * libm::exp(f64::sqrt(variance) * rng.normal() - variance / 2.0)
            }
            Dist::Uniform(a, b) => a + (b - a) * rng.uniform(),
            Dist::Pareto { mean, shape } => mean * (shape - 1.0) / shape * libm::exp(rng.exponential() / shape),
            Dist::Percentiles { .. } => {
                let u = rng.uniform();
                if u < 0.99 {
                    return self.quantile(u);
                }
                // Beyond p99 a normal quantile is drawn from the tail itself (Marsaglia's method), exact and bounded.
                loop {
                    let x = f64::sqrt(Z99 * Z99 + 2.0 * rng.exponential());
                    if rng.uniform() * x < Z99 {
                        return self.tail(x);
                    }
                }
            }
        }
    }

    /// The value below which a share `u` < .99 lies (percentiles only; 0 for the others).
    fn quantile(&self, u: f64) -> f64 {
        let Dist::Percentiles { p50, p95, p99 } = *self else { return 0.0 };
        let p0 = p50 * p50 / p95;
        let (u0, u1, a, b) = if u < 0.5 {
            (0.0, 0.5, p0, p50)
        } else if u < 0.95 {
            (0.5, 0.95, p50, p95)
        } else {
            (0.95, 0.99, p95, p99)
        };
        a * libm::exp((u - u0) / (u1 - u0) * libm::log(b / a))
    }

    /// The value at the normal quantile `z` beyond p99.
    fn tail(&self, z: f64) -> f64 {
        let Dist::Percentiles { p95, p99, .. } = *self else { return 0.0 };
        p99 * libm::exp(libm::log(p99 / p95) / (Z99 - Z95) * (z - Z99))
    }
}

/// A value as a message shows it: short, whatever a stranger put there.
pub fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 { text } else { format!("{}…", text.chars().take(39).collect::<String>()) }
}

/// A gamma variate of scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000).
fn gamma(shape: f64, rng: &mut Rng) -> f64 {
    if shape < 1.0 {
        let boost = libm::exp(-rng.exponential() / shape);
        return gamma(shape + 1.0, rng) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / f64::sqrt(9.0 * d);
    loop {
        let x = rng.normal();
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if -rng.exponential() < x * x / 2.0 + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sample mean and coefficient of variation of a million draws.
    fn moments(d: &Dist) -> (f64, f64) {
        let mut rng = Rng::named(1, "dist", "test");
        let n = 1_000_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = d.sample(&mut rng);
            assert!(x >= 0.0, "{d:?} gave {x}");
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, f64::sqrt(squares / f64::from(n) - mean * mean) / mean)
    }

    #[test]
    fn means_and_variations_are_as_asked() {
        for (d, mean, cv) in [
            (Dist::Exponential(5.0), 5.0, 1.0),
            (Dist::Gamma { mean: 3.0, cv: 0.5 }, 3.0, 0.5),
            (Dist::Gamma { mean: 3.0, cv: 2.0 }, 3.0, 2.0),
            (Dist::Lognormal { mean: 2.0, cv: 1.0 }, 2.0, 1.0),
            (Dist::Uniform(1.0, 3.0), 2.0, 1.0 / f64::sqrt(12.0)),
            (Dist::Pareto { mean: 2.0, shape: 4.0 }, 2.0, 1.0 / f64::sqrt(8.0)),
        ] {
            let (m, c) = moments(&d);
            assert!((m / mean - 1.0).abs() < 0.01, "{d:?}: mean {m}, not {mean}");
            assert!((c / cv - 1.0).abs() < 0.05, "{d:?}: cv {c}, not {cv}");
            assert!((d.cv() / cv - 1.0).abs() < 1e-9, "{d:?} says that its cv is {}, not {cv}", d.cv());
        }
    }

    #[test]
    fn percentiles_go_through_their_points() {
        let d = Dist::Percentiles { p50: 10.0, p95: 40.0, p99: 100.0 };
        let mut rng = Rng::named(1, "dist", "percentiles");
        let mut samples: Vec<f64> = (0..1_000_000).map(|_| d.sample(&mut rng)).collect();
        samples.sort_by(f64::total_cmp);
        for (share, value) in [(0.5, 10.0), (0.95, 40.0), (0.99, 100.0)] {
            let got = samples[(share * 1e6) as usize];
            assert!((got / value - 1.0).abs() < 0.02, "p{share}: {got}, not {value}");
        }
        let mean = samples.iter().sum::<f64>() / 1e6;
        assert!((mean / d.mean() - 1.0).abs() < 0.01, "mean {mean}, integrated {}", d.mean());
        let cv = f64::sqrt(samples.iter().map(|s| (s / mean - 1.0) * (s / mean - 1.0)).sum::<f64>() / 1e6);
        assert!((cv / d.cv() - 1.0).abs() < 0.03, "cv {cv}, integrated {}", d.cv());
    }

    #[test]
    fn nonsense_is_explained() {
        for bad in [r#"{"exponential": "x"}"#, r#"{"normal": 3}"#, r#"{"uniform": [1]}"#, r#""fast""#, "{}"] {
            let error = Dist::from_value(&serde_json::from_str(bad).unwrap()).unwrap_err();
            assert!(error.contains("must be a number or one of"), "{bad}: {error}");
        }
        assert!(Dist::Uniform(3.0, 1.0).check(0.0, 10.0).is_err());
        assert!(Dist::Pareto { mean: 1.0, shape: 0.5 }.check(0.0, 10.0).is_err());
        assert!(Dist::Constant(-1.0).check(0.0, 10.0).is_err());
    }
}
