//! The part of a run that all charts show, and how hands change it: zooming about a moment, moving, the whole again.

use crate::time::{Nanos, SECOND};

/// Nobody looks closer than this: the charts have no point every few milliseconds.
const LEAST: Nanos = SECOND / 2;

/// A part of a run that ends at `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: Nanos,
    /// Where it ends.
    pub to: Nanos,
    /// The end of the run.
    pub end: Nanos,
}

impl Span {
    /// The whole run.
    pub fn whole(end: Nanos) -> Span {
        let end = end.max(LEAST);
        Span { from: 0, to: end, end }
    }

    /// Whether it is the whole run.
    pub fn is_whole(&self) -> bool {
        self.from == 0 && self.to == self.end
    }

    /// From one moment to another, in whichever order, within the run; what is too short to mean anything is widened.
    pub fn between(&self, a: Nanos, b: Nanos) -> Span {
        let (from, to) = (a.min(b).min(self.end), a.max(b).min(self.end));
        let short = LEAST.min(self.end).saturating_sub(to - from);
        let from = from.saturating_sub(short / 2);
        self.placed(from, (to - from).max(LEAST))
    }

    /// Half as long, or twice, with `about` staying where it is.
    pub fn zoomed(&self, closer: bool, about: Nanos) -> Span {
        let about = about.clamp(self.from, self.to);
        let length = if closer { self.length() / 2 } else { self.length() * 2 }.clamp(LEAST.min(self.end), self.end);
        let share = (about - self.from) as f64 / self.length().max(1) as f64;
        self.placed(about.saturating_sub((share * length as f64) as Nanos), length)
    }

    /// Moved by a share of its length, as far as the run goes.
    pub fn moved(&self, by: f64) -> Span {
        let step = (by.abs() * self.length() as f64) as Nanos;
        self.placed(if by < 0.0 { self.from.saturating_sub(step) } else { self.from + step }, self.length())
    }

    /// Moved as little as shows this moment.
    pub fn showing(&self, at: Nanos) -> Span {
        let at = at.min(self.end);
        if at < self.from {
            self.placed(at, self.length())
        } else if at > self.to {
            self.placed(at - self.length(), self.length())
        } else {
            *self
        }
    }

    /// The same part of a run that ends elsewhere; the whole stays the whole.
    pub fn of(&self, end: Nanos) -> Span {
        if self.is_whole() {
            Span::whole(end)
        } else {
            Span { end: end.max(LEAST), ..*self }.placed(self.from, self.length())
        }
    }

    /// How long it is.
    pub fn length(&self) -> Nanos {
        self.to - self.from
    }

    /// The moment at this share of it.
    pub fn at(&self, share: f64) -> Nanos {
        self.from + (share.clamp(0.0, 1.0) * self.length() as f64) as Nanos
    }

    /// Where a moment lies in it, 0 to 1; none outside.
    pub fn share(&self, at: Nanos) -> Option<f64> {
        (self.from..=self.to).contains(&at).then(|| (at - self.from) as f64 / self.length().max(1) as f64)
    }

    fn placed(&self, from: Nanos, length: Nanos) -> Span {
        let length = length.min(self.end);
        let from = from.min(self.end - length);
        Span { from, to: from + length, end: self.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zooming_keeps_the_moment_in_its_place() {
        let whole = Span::whole(120 * SECOND);
        let close = whole.zoomed(true, 30 * SECOND);
        assert_eq!((close.from, close.to), (15 * SECOND, 75 * SECOND));
        assert_eq!(close.zoomed(false, 30 * SECOND), whole);
        assert_eq!(whole.zoomed(false, 0), whole, "no further out than the run");
        assert_eq!(close.moved(0.25).from, 30 * SECOND);
        assert_eq!(close.moved(9.0).to, 120 * SECOND, "no further than its end");
        assert_eq!(close.showing(100 * SECOND).to, 100 * SECOND);
        assert_eq!(
            whole.between(60 * SECOND, 20 * SECOND),
            Span { from: 20 * SECOND, to: 60 * SECOND, end: 120 * SECOND }
        );
        assert_eq!(close.of(600 * SECOND), Span { end: 600 * SECOND, ..close }, "a longer run does not move it");
        assert!(whole.of(600 * SECOND).is_whole());
    }

    proptest! {
        #[test]
        fn it_stays_within_the_run(end in 0u64..1 << 50, steps in prop::collection::vec((0u8..6, any::<u64>(), -2.0f64..2.0), 0..20)) {
            let mut span = Span::whole(end);
            for (step, at, by) in steps {
                let at = at % (span.end + 1);
                span = match step {
                    0 => span.zoomed(true, at),
                    1 => span.zoomed(false, at),
                    2 => span.moved(by),
                    3 => span.showing(at),
                    4 => span.of(at),
                    _ => span.between(at, span.at(by)),
                };
                prop_assert!(span.from < span.to && span.to <= span.end, "{span:?}");
                prop_assert!(span.length() >= LEAST.min(span.end), "{span:?}");
            }
        }
    }
}
