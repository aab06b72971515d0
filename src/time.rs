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

/// Milliseconds to nanoseconds, rounded to the nearest, halves to even; negative and not-a-number become 0, the rest saturates.
#[inline]
pub fn from_ms(ms: f64) -> Nanos {
    round(ms * 1e6)
}

/// Seconds to nanoseconds, rounded to the nearest, halves to even; negative and not-a-number become 0, the rest saturates.
#[inline]
pub fn from_s(s: f64) -> Nanos {
    round(s * 1e9)
}

/// The same as `n.round_ties_even() as Nanos`, which is a call into a library on most processors.
#[inline]
fn round(n: f64) -> Nanos {
    // From here to twice as much a fraction's bits count by one: adding it rounds, and the bits then are the number.
    const WHOLE: f64 = (1u64 << 52) as f64;
    // Numbers from 0 on are in the order of their bits; the bits of all others are greater.
    if n.to_bits() < WHOLE.to_bits() {
        return (n + WHOLE).to_bits() - WHOLE.to_bits();
    }
    // Whole already, or no number, or negative.
    n as Nanos
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
        assert_eq!(
            [0.5, 1.5, 2.5].map(|ns| from_ms(ns / 1e6)),
            [0, 2, 2],
            "halves of a nanosecond go to the even side"
        );
        assert_eq!(from_s(-3.0), 0);
        assert_eq!(from_s(f64::NAN), 0);
        assert_eq!(from_s(1e300), NEVER);
        for n in
            [0.0, 0.49999999999999994, 0.5, 1.5, 2.5, 4503599627370495.5, 9007199254740993.0, 1.8e19, f64::INFINITY]
        {
            assert_eq!(round(n), n.round_ties_even() as Nanos, "{n}");
            assert_eq!(round(-n), 0, "{n}");
        }
        assert_eq!(to_s(from_s(12.345)), 12.345);
    }
}
