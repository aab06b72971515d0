//! Named random streams: each purpose of each node and link draws from its own, seeded by names, never by position.
//!
//! So a node that nothing connects to changes no other node's numbers, and two designs on one seed share their luck.
//! The generator is pinned: xoshiro256++ (Blackman and Vigna, <https://prng.di.unimi.it>), seeded through SplitMix64.

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::LazyLock;

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng {
    source: Xoshiro256PlusPlus,
    /// The next bits of the source: drawn ahead, so that nobody waits for them.
    next: u64,
}

impl Rng {
    /// The stream of `purpose` at `owner` (a node's identifier, or `from>to` for a link) in the run of `seed`.
    pub fn named(seed: u64, owner: &str, purpose: &str) -> Rng {
        let mut hash = mix(0x9e37_79b9_7f4a_7c15, seed);
        for part in [owner.as_bytes(), &[0xff], purpose.as_bytes()] {
            hash = part.iter().fold(hash, |hash, &byte| mix(hash, u64::from(byte)));
        }
        let mut source = Xoshiro256PlusPlus::seed_from_u64(hash);
        let next = source.next_u64();
        Rng { source, next }
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        std::mem::replace(&mut self.next, self.source.next_u64())
    }

    /// Uniform in 0 ≤ x < 1, on a grid of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        fraction(self.bits())
    }

    /// Uniform among `0..n`; 0 if `n` is 0. Multiply-shift: the bias is below n/2⁶⁴.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        // A product of 128 bits is one instruction natively, but a call in wasm.
        let halves = cfg!(target_family = "wasm") && n >> 32 == 0;
        if halves { high_by_halves(self.bits(), n) } else { high(self.bits(), n) }
    }

    /// Exponential with mean 1: never negative, never infinite. Every request takes two or three, so this is quicker than a
    /// logarithm: a point that is drawn in layers under the curve nearly always lies where no curve needs to be looked at
    /// (G. Marsaglia and W. W. Tsang, "The ziggurat method for generating random variables", J. Stat. Softw. 2000).
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let (layer, x) = self.point();
        if x < LAYERS[layer + 1] { x } else { self.exponential_outside(layer, x) }
    }

    /// A layer, and a point as far to the right as it reaches at most.
    #[inline]
    fn point(&mut self) -> (usize, f64) {
        // The fraction does not use these bits.
        let bits = self.bits();
        let layer = bits as usize % NUMBER;
        (layer, fraction(bits) * LAYERS[layer])
    }

    /// The same where a point is not in the part of its layer that lies wholly under the curve.
    #[cold]
    fn exponential_outside(&mut self, mut layer: usize, mut x: f64) -> f64 {
        while x >= LAYERS[layer + 1] {
            if layer == 0 {
                // What is left of the curve is the same curve again, only later and lower.
                return LAYERS[1] + self.exponential();
            }
            let (low, high) = (libm::exp(-LAYERS[layer]), libm::exp(-LAYERS[layer + 1]));
            if low + (high - low) * self.uniform() < libm::exp(-x) {
                break;
            }
            (layer, x) = self.point();
        }
        x
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

/// The high word of a product.
#[inline]
fn high(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

/// The same for an `n` below 2³², for which neither half's product nor their sum needs more than 64 bits.
#[inline]
fn high_by_halves(bits: u64, n: u64) -> u64 {
    ((bits >> 32) * n + (((bits & 0xffff_ffff) * n) >> 32)) >> 32
}

/// The fraction in 0 ≤ x < 1 that the 53 highest of these bits are.
#[inline]
fn fraction(bits: u64) -> f64 {
    // Below 2⁶³ a signed number is the same, and quicker to turn into a fraction.
    (bits >> 11) as i64 as f64 / (1u64 << 53) as f64
}

/// How many layers there are.
const NUMBER: usize = 256;

/// Horizontal layers of equal area that cover what lies under exp(-x): how far to the right each reaches, from the lowest
/// to the highest, and 0. The lowest is the rectangle from 0 to the second's end with the endless tail to its right, taken
/// for a rectangle. Worked out and not written down, because the page's visitors download what is written down.
static LAYERS: LazyLock<[f64; NUMBER + 1]> = LazyLock::new(|| {
    // So the last layer ends at 1, where the curve begins (found by bisection; Marsaglia and Tsang give the same number).
    const TAIL: f64 = 7.697_117_470_131_05;
    let area = (TAIL + 1.0) * libm::exp(-TAIL);
    let mut ends = [0.0; NUMBER + 1];
    let (mut end, mut height) = (TAIL, libm::exp(-TAIL));
    ends[0] = TAIL + 1.0;
    for place in &mut ends[1..NUMBER] {
        *place = end;
        height += area / end;
        end = -libm::log(height);
    }
    ends
});

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
    fn a_product_by_halves_is_the_whole_product() {
        let mut rng = Rng::named(1, "test", "halves");
        for _ in 0..10_000 {
            let (bits, n) = (rng.bits(), rng.bits() >> (32 + rng.bits() % 32));
            for (bits, n) in
                [(bits, n), (u64::MAX, n), (bits, u64::from(u32::MAX)), (u64::MAX, u64::from(u32::MAX)), (bits, 0)]
            {
                assert_eq!(high_by_halves(bits, n), high(bits, n), "{bits} times {n}");
            }
        }
    }

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
    fn layers_have_one_area_and_end_where_the_curve_begins() {
        let area = LAYERS[1] * libm::exp(-LAYERS[1]) + libm::exp(-LAYERS[1]);
        for i in 1..NUMBER {
            let height = libm::exp(-LAYERS[i + 1]) - libm::exp(-LAYERS[i]);
            assert!((LAYERS[i] * height / area - 1.0).abs() < 1e-11, "layer {i}: {}, not {area}", LAYERS[i] * height);
        }
        assert!((LAYERS[0] * libm::exp(-LAYERS[1]) / area - 1.0).abs() < 1e-11, "the lowest layer");
    }

    /// Exponential numbers under the exponential of minus them are uniform: in a thousand bins each gets its share, by the
    /// chi-square test at six standard deviations. What lies beyond the lowest layer's end is looked at
    /// by itself.
    #[test]
    fn exponentials_are_exponential() {
        const DRAWS: usize = 8_000_000;
        let mut rng = Rng::named(7, "web1", "exponential");
        let mut bins = [[0u32; 1000], [0; 1000]];
        for _ in 0..DRAWS {
            let x = rng.exponential();
            assert!(x >= 0.0 && x.is_finite(), "{x}");
            let late = usize::from(x >= LAYERS[1]);
            let left = libm::exp(-(x - LAYERS[1] * late as f64));
            bins[late][(left * 1000.0).min(999.0) as usize] += 1;
        }
        let share = libm::exp(-LAYERS[1]);
        let late: u32 = bins[1].iter().sum();
        let expected = DRAWS as f64 * share;
        assert!((f64::from(late) - expected).abs() < 6.0 * f64::sqrt(expected), "{late} beyond, expected {expected}");
        for (bins, expected) in [(bins[0], DRAWS as f64 / 1000.0), (bins[1], f64::from(late) / 1000.0)] {
            // What is beyond is counted apart; of the first bin it is a part.
            let inside = |i: usize| if i == 0 && expected > 1000.0 { expected - f64::from(late) } else { expected };
            let square = |(i, &n): (usize, &u32)| {
                let off = f64::from(n) - inside(i);
                off * off / inside(i)
            };
            let chi: f64 = bins.iter().enumerate().map(square).sum();
            assert!((chi - 999.0).abs() < 6.0 * f64::sqrt(2.0 * 999.0), "chi-square {chi} of 999");
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
    fn names_make_streams_apart() {
        let first = |owner: &str, purpose: &str| Rng::named(7, owner, purpose).bits();
        assert_ne!(first("a", "b"), first("b", "a"));
        assert_ne!(first("ab", "c"), first("a", "bc"));
        assert_ne!(Rng::named(1, "a", "b").bits(), Rng::named(2, "a", "b").bits());
    }
}
