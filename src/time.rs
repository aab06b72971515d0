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
pub fn from_ms(ms: f64) -> Nanos {
    (ms * 1e6).round() as Nanos
}

/// Seconds to nanoseconds, rounded to the nearest; negative and not-a-number become 0, the rest saturates.
pub fn from_s(s: f64) -> Nanos {
    (s * 1e9).round() as Nanos
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
        assert_eq!(to_s(from_s(12.345)), 12.345);
    }
}
