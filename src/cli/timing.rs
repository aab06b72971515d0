//! How long a command simulates, and what of that it measures.

use loadstone::check::MAX_RUN_S;
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, from_s, to_s};

/// The options that say so.
#[derive(clap::Args)]
pub struct Timing {
    /// How long to simulate, as 90s, 500ms, 2m or 1h; the scenario's own run_s otherwise.
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    length: Option<Nanos>,
    /// Leave the beginning out of the measurements.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "0s")]
    pub warmup: Nanos,
}

impl Timing {
    /// How long to simulate this scenario.
    pub fn length(&self, scenario: &Scenario) -> Result<Nanos, String> {
        let length = self.length.unwrap_or_else(|| from_s(scenario.run_s));
        if length == 0 || length > from_s(MAX_RUN_S) {
            return Err(format!("--for is {} s, but must be above 0 and at most {MAX_RUN_S} s", to_s(length)));
        }
        if self.warmup >= length {
            return Err("--warmup must be shorter than the run".into());
        }
        Ok(length)
    }
}

/// A span of time: a number of seconds, or one with a unit.
pub fn span(text: &str) -> Result<Nanos, String> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("{unit} is no unit of time; use ms, s, m or h")),
    };
    match number.trim().parse::<f64>() {
        Ok(n) if n >= 0.0 && n.is_finite() => Ok(from_s(n * seconds)),
        _ => Err("a time is a number with a unit, as 90s, 500ms, 2m or 1h".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let read = |text: &str| span(text).map(to_s);
        assert_eq!(read("60s"), Ok(60.0));
        assert_eq!(read("1500ms"), Ok(1.5));
        assert_eq!(read("2m"), Ok(120.0));
        assert_eq!(read("0.5"), Ok(0.5));
        for bad in ["", "s", "-1s", "NaN", "inf", "1e999s", "3 weeks", "5y"] {
            assert!(read(bad).is_err(), "{bad} reads as {:?}", read(bad));
        }
    }
}
