//! The knee as a picture: what each value carries, against how slow it is, with the intervals over the seeds.

use super::curve::Spot;
use crate::metrics::interval::Estimate;
use crate::scene::format;
use crate::scene::scale::Scale;
use serde_json::Value;

/// The picture; places are shares of the box, from its left and its bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// A dot for each value that has an answer, in the order of the values.
    pub dots: Vec<Dot>,
    /// Throughputs along the bottom.
    pub across: Vec<(f64, String)>,
    /// Latencies along the side.
    pub up: Vec<(f64, String)>,
    /// How high the promise on p99 lies, if it lies in the picture.
    pub limit: Option<f64>,
}

/// One value of the parameter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dot {
    /// Its place among the values.
    pub index: usize,
    /// Throughput.
    pub x: f64,
    /// 99th percentile.
    pub y: f64,
    /// The ends of the interval of the throughput.
    pub wide: [f64; 2],
    /// The ends of the interval of the percentile.
    pub high: [f64; 2],
    /// Keeps every promise.
    pub kept: bool,
    /// "400: 395 ± 3 req/s, p99 212 ± 14 ms, 0 % failed".
    pub words: String,
}

/// The picture of a curve, with the promise on its p99.
pub fn picture(spots: &[Spot], limit_ms: Option<f64>) -> Picture {
    let both = |spot: &Spot| Some((spot.throughput_rps?, spot.p99_ms?));
    let seen: Vec<(usize, &Spot, Estimate, Estimate)> =
        spots.iter().enumerate().filter_map(|(i, s)| both(s).map(|(rate, slow)| (i, s, rate, slow))).collect();
    if seen.is_empty() {
        return Picture::default();
    }
    let most = seen.iter().map(|(_, _, rate, _)| top(rate)).fold(0.0, f64::max);
    // Half of the least: an interval that reaches to zero must not squeeze everything else.
    let low = seen.iter().map(|(.., slow)| (slow.mean - half(slow)).max(slow.mean / 2.0)).fold(f64::INFINITY, f64::min);
    let high = seen.iter().map(|(.., slow)| top(slow)).chain(limit_ms).fold(0.0, f64::max);
    let (x, y) = (Scale::linear(most), Scale::log(limit_ms.map_or(low, |l| l.min(low)), high));
    let dot = |(index, spot, rate, slow): &(usize, &Spot, Estimate, Estimate)| Dot {
        index: *index,
        x: x.share(rate.mean),
        y: y.share(slow.mean),
        wide: [x.share(rate.mean - half(rate)), x.share(top(rate))],
        high: [y.share(slow.mean - half(slow)), y.share(top(slow))],
        kept: spot.kept == Some(true),
        words: words(spot),
    };
    Picture {
        dots: seen.iter().map(dot).collect(),
        across: x.ticks().into_iter().map(|n| (x.share(n), format::per_second(n))).collect(),
        up: y.ticks().into_iter().map(|n| (y.share(n), format::ms(n))).collect(),
        limit: limit_ms.map(|l| y.share(l)),
    }
}

fn half(e: &Estimate) -> f64 {
    e.half.unwrap_or(0.0)
}

fn top(e: &Estimate) -> f64 {
    e.mean + half(e)
}

/// A spot in a sentence.
pub fn words(spot: &Spot) -> String {
    let rate = estimate(spot.throughput_rps, format::per_second);
    let slow = estimate(spot.p99_ms, format::ms);
    let failed = spot.error_share.map_or_else(|| format::NONE.to_owned(), |e| format::percent(e.mean));
    format!("{}: {rate} req/s, p99 {slow}, {failed} failed", value(&spot.value))
}

/// An estimate with its interval: "395 ± 3".
pub fn estimate(e: Option<Estimate>, words: fn(f64) -> String) -> String {
    match e {
        None => format::NONE.to_owned(),
        Some(Estimate { mean, half: Some(half) }) => format!("{} ± {}", words(mean), words(half)),
        Some(Estimate { mean, half: None }) => words(mean),
    }
}

/// A parameter's value as people write it.
pub fn value(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), format::number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spot(rate: f64, p99: f64) -> Spot {
        let estimate = |mean, half| Some(Estimate { mean, half: Some(half) });
        Spot {
            value: json!(rate),
            throughput_rps: estimate(rate, 5.0),
            p99_ms: estimate(p99, p99 * 2.0),
            error_share: estimate(0.0, 0.0),
            bottleneck: None,
            runs: 3,
            kept: Some(p99 <= 250.0),
        }
    }

    #[test]
    fn a_knee_rises_to_the_right_and_its_intervals_hold_their_dots() {
        let waiting = Spot { throughput_rps: None, p99_ms: None, ..spot(300.0, 1.0) };
        let picture = picture(&[spot(100.0, 20.0), spot(190.0, 200.0), waiting, spot(195.0, 4000.0)], Some(250.0));
        let seen: Vec<_> = picture.dots.iter().map(|d| (d.index, d.kept)).collect();
        assert_eq!(seen, [(0, true), (1, true), (3, false)], "what has no run yet has no dot");
        assert!(picture.dots.windows(2).all(|w| w[0].x < w[1].x && w[0].y < w[1].y), "{:?}", picture.dots);
        for dot in &picture.dots {
            assert!(
                dot.wide[0] <= dot.x && dot.x <= dot.wide[1] && dot.high[0] <= dot.y && dot.y <= dot.high[1],
                "{dot:?}"
            );
        }
        let limit = picture.limit.expect("there is a promise");
        assert!(picture.dots[1].y < limit && limit < picture.dots[2].y, "{limit}");
        assert_eq!(picture.dots[0].words, "100: 100 ± 5 req/s, p99 20 ms ± 40 ms, 0 % failed");
        assert_eq!(super::picture(&[], Some(250.0)), Picture::default());
    }
}
