//! Simulated time: unsigned integer nanoseconds since the start of the run.
//!
//! Knows nothing else. Integers, because sums of them do not depend on their order and are the same natively and in
//! wasm; 64 bits hold 584 years.

/// An instant (since the start of the run) or a span, in nanoseconds.
pub type Nanos = u64;

/// One millisecond.
pub const MS: Nanos = 1_000_000;
/// One second.
pub const SECOND: Nanos = 1_000_000_000;
/// The end of time: later than any event. A run of this length cannot be asked for.
pub const NEVER: Nanos = Nanos::MAX;

/// Milliseconds to nanoseconds, rounded to the nearest; negative and not-a-number become 0, the rest saturates.
#[inline]
pub fn from_ms(ms: f64) -> Nanos {
    round(ms * 1e6)
}

/// Seconds to nanoseconds, rounded to the nearest; negative and not-a-number become 0, the rest saturates.
#[inline]
pub fn from_s(s: f64) -> Nanos {
    round(s * 1e9)
}

/// The same as `n.round() as Nanos`, which is a call into a library on most processors and in wasm.
#[inline]
fn round(n: f64) -> Nanos {
    if n < 9e18 {
        // A signed number is quicker to make of a fraction.
        let whole = n as i64;
        return (whole + i64::from(n - whole as f64 >= 0.5)).max(0) as Nanos;
    }
    let whole = n as Nanos;
    whole.saturating_add(Nanos::from(n - whole as f64 >= 0.5))
}

/// Nanoseconds to milliseconds, for reports.
pub fn to_ms(t: Nanos) -> f64 {
    t as f64 / 1e6
}

/// Nanoseconds to seconds, for reports.
pub fn to_s(t: Nanos) -> f64 {
    t as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_round_and_saturate() {
        assert_eq!(from_ms(0.0000005), 1, "half a nanosecond rounds away from zero");
        assert_eq!(from_s(-3.0), 0);
        assert_eq!(from_s(f64::NAN), 0);
        assert_eq!(from_s(1e300), NEVER);
        for n in
            [0.0, 0.49999999999999994, 0.5, 1.5, 2.5, 4503599627370495.5, 9007199254740993.0, 1.8e19, f64::INFINITY]
        {
            assert_eq!(round(n), n.round() as Nanos, "{n}");
            assert_eq!(round(-n), 0, "{n}");
        }
        assert_eq!(to_s(from_s(12.345)), 12.345);
    }
}
