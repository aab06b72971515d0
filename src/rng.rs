//! Named random streams: each purpose of each node and link draws from its own, seeded by names, never by position.
//!
//! So a node that nothing connects to changes no other node's numbers, and two designs on one seed share their luck.
//! The generator is pinned: xoshiro256++ (Blackman and Vigna, <https://prng.di.unimi.it>), seeded through SplitMix64.

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng {
    source: Xoshiro256PlusPlus,
    /// The next bits of the source: drawn ahead, so that nobody waits for them.
    next: u64,
    /// Some bits and the exponential number that they make, for [`Rng::exponential_ahead`].
    known: (u64, f64),
}

impl Rng {
    /// The stream of `purpose` at `owner` (a node's identifier, or `from>to` for a link) in the run of `seed`.
    pub fn named(seed: u64, owner: &str, purpose: &str) -> Rng {
        let mut hash = mix(0x9e37_79b9_7f4a_7c15, seed);
        for byte in owner.bytes().chain([0xff]).chain(purpose.bytes()) {
            hash = mix(hash, u64::from(byte));
        }
        let mut source = Xoshiro256PlusPlus::seed_from_u64(hash);
        let next = source.next_u64();
        Rng { source, next, known: (!next, 0.0) }
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        std::mem::replace(&mut self.next, self.source.next_u64())
    }

    /// Uniform in 0 ≤ x < 1, on a grid of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        // Below 2⁶³ a signed number is the same, and quicker to turn into a fraction.
        (self.bits() >> 11) as i64 as f64 / (1u64 << 53) as f64
    }

    /// Uniform among `0..n`; 0 if `n` is 0. Multiply-shift: the bias is below n/2⁶⁴.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// Exponential with mean 1: never negative, never infinite.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        exponential(self.bits())
    }

    /// The same number, for streams of which hardly anything else is drawn: the next one is prepared at the same time.
    /// What happens with a number often hangs on how large it is, and a processor that has it at once guesses wrong for
    /// a moment only, instead of for as long as a logarithm takes.
    #[inline]
    pub fn exponential_ahead(&mut self) -> f64 {
        let bits = self.bits();
        let drawn = if self.known.0 == bits { self.known.1 } else { unprepared(bits) };
        self.known = (self.next, exponential(self.next));
        drawn
    }

    /// Standard normal, by the Box-Muller transform (one of the two values is used).
    pub fn normal(&mut self) -> f64 {
        f64::sqrt(2.0 * self.exponential()) * cosine(self.uniform())
    }

    /// True with this probability.
    #[inline]
    pub fn chance(&mut self, share: f64) -> bool {
        share > 0.0 && self.uniform() < share
    }
}

/// The exponential number, with mean 1, that these bits make: minus the logarithm of the fraction that they are, off by
/// less than 10⁻¹⁵, or above 1 by that share of it. Every request takes two or three, so this is quicker than a logarithm that is right to the last bit:
/// the fraction's leading bits choose a number near it whose logarithm is known, and a short series gives the rest
/// (P. T. P. Tang, "Table-driven implementation of the logarithm function", ACM TOMS 1990).
#[inline]
fn exponential(bits: u64) -> f64 {
    // From 0.5 to 2⁵³, below which a signed number is the same, and quicker to turn into a fraction.
    let n = ((bits >> 11) as i64 as f64 + 0.5).to_bits();
    let halvings = (1023 + 53 - (n >> 52) as i64) as f64;
    let mantissa = f64::from_bits(n & ((1 << 52) - 1) | 1023 << 52);
    let (inverse, logarithm) = NEAR[(n >> 47) as usize % NEAR.len()];
    let r = mantissa * inverse - 1.0;
    let square = r * r;
    let sixth = (r * (1.0 / 7.0) - 1.0 / 6.0) - square * (1.0 / 8.0);
    let rest = r + square * ((r * (1.0 / 3.0) - 0.5) + square * ((r * (1.0 / 5.0) - 0.25) + square * sixth));
    (halvings * std::f64::consts::LN_2 - logarithm - rest).max(0.0)
}

/// The same, for numbers that were not prepared.
#[cold]
#[inline(never)]
fn unprepared(bits: u64) -> f64 {
    exponential(bits)
}

/// About the inverse of a number from 1 to 2 with these first five binary places, and minus its logarithm. The inverses
/// have nine places, most bytes of which are 0: the page's visitors download them.
const NEAR: [(f64, f64); 32] = {
    let mut near = [(0.0, 0.0); 32];
    let mut i = 0;
    while i < near.len() {
        let inverse = (512 * 64 / (65 + 2 * i)) as f64 / 512.0;
        // The area hyperbolic tangent's series; its argument is below 0.34.
        let x = (1.0 - inverse) / (1.0 + inverse);
        let (mut sum, mut power, mut odd) = (0.0, x, 1);
        while odd < 43 {
            sum += power / odd as f64;
            power *= x * x;
            odd += 2;
        }
        near[i] = (inverse, 2.0 * sum);
        i += 1;
    }
    near
};

/// The cosine of so many turns, from 0 to 1, off by less than 10⁻¹⁵: the series for an eighth of a turn either way. A library's
/// takes any angle, and is ten times as long for that.
fn cosine(turns: f64) -> f64 {
    let quarter = (4.0 * turns + 0.5) as i32;
    let r = (turns - f64::from(quarter) * 0.25) * (2.0 * std::f64::consts::PI);
    let sine = quarter % 2 == 1;
    // From the smallest term to the largest: each is the one before it times r² over two of the factorial's factors.
    let mut sum = 1.0;
    let mut last = if sine { 17 } else { 16 };
    while last > 1 {
        sum = 1.0 - sum * r * r / f64::from(last * (last - 1));
        last -= 2;
    }
    let size = if sine { sum * r } else { sum };
    if matches!(quarter % 4, 1 | 2) { -size } else { size }
}

/// Folds one word into a hash that many more will follow: rotate, exclusive or, multiply, with the multiplier of rustc's
/// FxHash. A word leads from different hashes to different ones, so what once differs does so for ever; but only [`mix`] makes
/// every bit of the end depend on all. Also the trace hash's step.
#[inline]
pub fn fold(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(29) ^ word).wrapping_mul(0xf135_7aea_2e62_a9c5)
}

/// Folds one word into a 64-bit hash: the finalizer of SplitMix64 over the sum.
#[inline]
pub fn mix(hash: u64, word: u64) -> u64 {
    let mut z = (hash ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned() {
        let mut rng = Rng::named(7, "web1", "service");
        let drawn: Vec<u64> = (0..3).map(|_| rng.bits()).collect();
        expect_test::expect![[r#"
            [
                3150393045701629840,
                4362188039283796787,
                11066462716325585111,
            ]
        "#]]
        .assert_debug_eq(&drawn);
    }

    #[test]
    fn exponentials_are_logarithms() {
        let mut rng = Rng::named(7, "web1", "logarithm");
        let ends = [0, 1, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1];
        let steps = (0..64).flat_map(|bit| [1u64 << bit, (1 << bit) - 1, !(1 << bit)]);
        let drawn: Vec<u64> = (0..100_000).map(|_| rng.bits()).collect();
        for bits in ends.into_iter().chain(steps).chain(drawn) {
            let exact = -libm::log(((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64);
            let got = exponential(bits);
            assert!(got >= 0.0 && (got - exact).abs() < 1e-15 * exact.max(1.0), "{bits:#x}: {got}, not {exact}");
        }
    }

    #[test]
    fn cosines_are_cosines() {
        let mut rng = Rng::named(7, "web1", "cosine");
        let eighths = (0..8).flat_map(|i| [f64::from(i) / 8.0, (f64::from(i) / 8.0).next_down().max(0.0)]);
        for turns in eighths.chain((0..100_000).map(|_| rng.uniform())) {
            let (exact, got) = (libm::cos(2.0 * std::f64::consts::PI * turns), cosine(turns));
            assert!((got - exact).abs() < 1e-15, "{turns} turns: {got}, not {exact}");
        }
    }

    #[test]
    fn what_is_prepared_is_what_would_be_drawn() {
        let (mut one, mut other) = (Rng::named(7, "web1", "ahead"), Rng::named(7, "web1", "ahead"));
        for i in 0..1000 {
            let (ahead, plain) = match i % 7 {
                0 => (one.uniform(), other.uniform()),
                3 => (one.exponential(), other.exponential()),
                _ => (one.exponential_ahead(), other.exponential()),
            };
            assert_eq!(ahead, plain, "the {i}th draw");
        }
    }

    #[test]
    fn names_make_streams_apart() {
        let first = |owner: &str, purpose: &str| Rng::named(7, owner, purpose).bits();
        assert_ne!(first("a", "b"), first("b", "a"));
        assert_ne!(first("ab", "c"), first("a", "bc"));
        assert_ne!(Rng::named(1, "a", "b").bits(), Rng::named(2, "a", "b").bits());
    }
}
