//! How much is wanted over time: a base times a line through points times a fault's factor.

use crate::time::{Nanos, SECOND, from_s, to_s};

/// The load of a users node.
#[derive(Clone)]
pub struct Load {
    /// Requests per second, or users.
    base: f64,
    /// `(seconds, multiplier)`, times ascending.
    points: Vec<(f64, f64)>,
    factor: f64,
    /// Work (expected requests) until the next arrival, as of `since`; drawn once per arrival, so that a change of
    /// the load stretches the wait instead of drawing again.
    left: Option<f64>,
    since: Nanos,
}

impl Default for Load {
    fn default() -> Self {
        Load { base: 0.0, points: vec![(0.0, 1.0)], factor: 1.0, left: None, since: 0 }
    }
}

impl Load {
    /// Changes base and points; the wait that has begun goes on.
    pub fn set(&mut self, now: Nanos, base: f64, points: Vec<(f64, f64)>) {
        self.advance(now);
        (self.base, self.points) = (base, points);
    }

    /// Changes the fault's factor.
    pub fn set_factor(&mut self, now: Nanos, factor: f64) {
        self.advance(now);
        self.factor = factor;
    }

    /// The next arrival has happened.
    pub fn arrived(&mut self) {
        self.left = None;
    }

    /// How long until the next arrival; none if it never comes. `draw` gives the work between two arrivals, with
    /// mean 1.
    #[inline]
    pub fn next(&mut self, now: Nanos, draw: impl FnOnce() -> f64) -> Option<Nanos> {
        self.advance(now);
        let left = match self.left {
            Some(left) => left,
            None => {
                self.since = now;
                *self.left.insert(draw())
            }
        };
        self.span(now, left)
    }

    /// How many users are active now.
    pub fn active(&self, now: Nanos) -> f64 {
        (self.base * self.factor * self.level(to_s(now))).round()
    }

    /// How long until more than `n` users are active; none if never.
    pub fn reaches(&self, now: Nanos, n: f64) -> Option<Nanos> {
        let wanted = (n + 0.5) / (self.base * self.factor);
        let t = to_s(now);
        self.segments(t).find_map(|(from, to, level, slope)| {
            let end = level + slope * (to - from);
            let at = if level >= wanted {
                from
            } else if slope > 0.0 && end >= wanted {
                from + (wanted - level) / slope
            } else {
                return None;
            };
            // One more nanosecond, so that rounding never leaves it a hair below.
            Some(((at - t).max(0.0) * SECOND as f64).ceil() as Nanos + 1)
        })
    }

    /// The work done since the wait began is subtracted.
    #[inline]
    fn advance(&mut self, now: Nanos) {
        if let Some(left) = self.left
            && now > self.since
        {
            self.left = Some((left - self.done(now)).max(0.0));
        }
        self.since = now;
    }

    /// How much has been done since the wait began.
    fn done(&self, now: Nanos) -> f64 {
        let (from, to) = (to_s(self.since), to_s(now));
        let rate = self.base * self.factor;
        let mut done = 0.0;
        for (a, b, level, slope) in self.segments(from) {
            let b = b.min(to);
            done += area(level, slope, b - a) * rate;
            if b >= to {
                break;
            }
        }
        done
    }

    /// How long so much work takes from now on.
    fn span(&self, now: Nanos, work: f64) -> Option<Nanos> {
        let rate = self.base * self.factor;
        // Behind the last point the line is level for ever; most have but one, at the start.
        if let Some(&(_, level)) = self.points.last().filter(|last| last.0 <= 0.0 || last.0 <= to_s(now)) {
            return (level * rate > 0.0).then(|| from_s(work / (level * rate)));
        }
        let t = to_s(now);
        let mut left = work;
        let mut passed = 0.0;
        for (from, to, level, slope) in self.segments(t) {
            let (level, slope, length) = (level * rate, slope * rate, to - from);
            let done = area(level, slope, length);
            if done >= left && (level > 0.0 || slope > 0.0) {
                // Solves level·x + slope·x²/2 = left for the smaller root, in the form that does not cancel.
                let root = f64::sqrt((level * level + 2.0 * slope * left).max(0.0));
                let x = if level + root > 0.0 { 2.0 * left / (level + root) } else { length };
                return Some(from_s(passed + x));
            }
            left -= done;
            passed += length;
        }
        None
    }

    fn level(&self, t: f64) -> f64 {
        self.segments(t).next().map_or(0.0, |(_, _, level, _)| level)
    }

    /// Stretches from `t` on: from, to, the level at its start, the slope. The last one never ends.
    fn segments(&self, t: f64) -> impl Iterator<Item = (f64, f64, f64, f64)> + '_ {
        let n = self.points.len();
        (0..=n).filter_map(move |i| {
            let (a, level, b, slope) = match i {
                0 => (0.0, self.points[0].1, self.points[0].0, 0.0),
                i if i == n => (self.points[n - 1].0, self.points[n - 1].1, f64::INFINITY, 0.0),
                i => {
                    let ((a, from), (b, to)) = (self.points[i - 1], self.points[i]);
                    (a, from, b, if b > a { (to - from) / (b - a) } else { 0.0 })
                }
            };
            if b <= t || b <= a {
                return None;
            }
            let start = a.max(t);
            Some((start, b, level + slope * (start - a), slope))
        })
    }
}

/// The area under a line over a length, which may be infinite where the line is level.
fn area(level: f64, slope: f64, length: f64) -> f64 {
    match (level == 0.0, slope == 0.0) {
        (true, true) => 0.0,
        (false, true) => level * length,
        _ => (level + slope * length / 2.0) * length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_s;

    fn load(base: f64, points: &[(f64, f64)]) -> Load {
        let mut load = Load::default();
        load.set(0, base, points.to_vec());
        load
    }

    #[test]
    fn a_constant_rate_spaces_evenly() {
        let mut l = load(10.0, &[(0.0, 1.0)]);
        assert_eq!(l.next(0, || 1.0), Some(from_s(0.1)));
        l.arrived();
        assert_eq!(l.next(from_s(5.0), || 2.0), Some(from_s(0.2)));
    }

    #[test]
    fn a_ramp_follows_the_integral() {
        // The rate grows from 0 by 10 per second: one request's work is done after sqrt(2/10) s.
        let mut l = load(10.0, &[(0.0, 0.0), (10.0, 10.0)]);
        let span = l.next(0, || 1.0).unwrap();
        assert!((to_s(span) - f64::sqrt(0.2)).abs() < 1e-9, "{span}");
    }

    #[test]
    fn silence_is_skipped_and_can_last_for_ever() {
        let mut l = load(10.0, &[(0.0, 0.0), (5.0, 0.0), (5.0, 1.0)]);
        assert_eq!(l.next(0, || 1.0), Some(from_s(5.1)));
        let mut l = load(10.0, &[(0.0, 0.0)]);
        assert_eq!(l.next(0, || 1.0), None);
        let mut l = load(0.0, &[(0.0, 1.0)]);
        assert_eq!(l.next(0, || 1.0), None);
    }

    #[test]
    fn a_change_stretches_the_wait_that_has_begun() {
        let mut l = load(1.0, &[(0.0, 1.0)]);
        assert_eq!(l.next(0, || 1.0), Some(from_s(1.0)));
        l.set_factor(from_s(0.5), 2.0);
        assert_eq!(l.next(from_s(0.5), || panic!("drawn again")), Some(from_s(0.25)));
    }

    #[test]
    fn users_become_active_when_the_line_reaches_them() {
        let l = load(100.0, &[(0.0, 0.0), (10.0, 1.0)]);
        assert_eq!(l.active(0), 0.0);
        let span = l.reaches(0, 49.0).unwrap();
        assert!(l.active(span) > 49.0 && (to_s(span) - 4.95).abs() < 1e-6, "{span}");
        assert_eq!(load(100.0, &[(0.0, 0.5)]).reaches(0, 60.0), None);
    }
}
