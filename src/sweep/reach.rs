//! The range of a sweep, as it is dragged: from a tenth of what the number is now to ten times that, and every factor takes
//! the same room.

use super::choices::Choice;

/// The ends lie this factor below and above what the number is now.
const REACH: f64 = 10.0;
/// The least distance of the two ends of a range, as a share of the rail.
const GAP: f64 = 0.02;
/// Steps of a key before it gives up: the whole rail.
const STEPS: u32 = 100;

/// What is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// The lower end.
    From,
    /// The upper end.
    To,
    /// The whole range.
    Both,
}

/// The rail of a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    choice: Choice,
    /// The least and the most that can be dragged to.
    pub ends: (f64, f64),
}

impl Reach {
    /// That of a number as it is now.
    pub fn new(choice: Choice) -> Reach {
        let now = if choice.now > 0.0 { choice.now } else { choice.around().1 };
        // There is no factor from 0 on.
        let low = choice.fits(now / REACH).max(now / REACH / REACH).max(1e-9);
        let high = choice.fits(now * REACH).max(low * REACH);
        Reach { choice, ends: (low, high) }
    }

    /// Where a number lies: 0 is the left end, 1 the right one.
    pub fn share(&self, n: f64) -> f64 {
        let (low, high) = self.ends;
        (libm::log(n.max(low) / low) / libm::log(high / low)).clamp(0.0, 1.0)
    }

    /// The number that lies there, with three digits: more a hand cannot mean.
    pub fn at(&self, share: f64) -> f64 {
        let (low, high) = self.ends;
        let exact = low * libm::pow(high / low, share.clamp(0.0, 1.0));
        self.choice.fits(format!("{exact:.2e}").parse().unwrap_or(exact))
    }

    /// A range after something of it was moved by a share of the rail. It never turns round, and an end that was not moved
    /// stays as it was typed.
    pub fn moved(&self, range: (f64, f64), grip: Grip, by: f64) -> (f64, f64) {
        let (from, to) = (self.share(range.0), self.share(range.1));
        let moved = match grip {
            Grip::From => (self.at((from + by).clamp(0.0, (to - GAP).max(0.0))), range.1),
            Grip::To => (range.0, self.at((to + by).clamp((from + GAP).min(1.0), 1.0))),
            Grip::Both => {
                let by = by.clamp(-from, 1.0 - to);
                (self.at(from + by), self.at(to + by))
            }
        };
        if moved.0 < moved.1 { moved } else { range }
    }

    /// A range after a key: moved by the least that changes it.
    pub fn stepped(&self, range: (f64, f64), grip: Grip, by: f64) -> (f64, f64) {
        let tries = (1..=STEPS).map(|n| self.moved(range, grip, by * f64::from(n)));
        tries.into_iter().find(|moved| *moved != range).unwrap_or(range)
    }
}

#[cfg(test)]
mod tests {
    use super::super::choices::choices;
    use super::*;

    fn reach(path: &str) -> Reach {
        let text = r#"{"loadstone": 1, "nodes": [{"id": "users", "kind": "users", "params": {"rate_rps": 240}},
            {"id": "web", "kind": "server", "params": {"cores": 2, "request_mb": 0}}], "links": [{"from": "users", "to": "web"}]}"#;
        let all = choices(&crate::check::open(text).0.expect("it can be read"));
        Reach::new(all.into_iter().find(|c| c.path == path).expect("it is there"))
    }

    #[test]
    fn every_factor_takes_the_same_room() {
        let rate = reach("users.rate_rps");
        assert_eq!((rate.ends, rate.at(0.0), rate.at(1.0)), ((24.0, 2400.0), 24.0, 2400.0));
        assert!((rate.share(240.0) - 0.5).abs() < 1e-12, "{}", rate.share(240.0));
        assert_eq!(rate.at(0.25), 75.9, "three digits");
        assert!(reach("web.request_mb").ends.0 > 0.0, "also of a number that is 0 now");
    }

    #[test]
    fn ends_are_dragged_one_by_one_or_together_and_never_cross() {
        let rate = reach("users.rate_rps");
        let range = (123.456, 480.0);
        assert_eq!(rate.moved(range, Grip::To, 0.5), (123.456, 2400.0), "the other end stays as it was typed");
        let (from, to) = rate.moved(range, Grip::From, 0.9);
        assert!(from < to && to == 480.0 && from > 400.0, "it stops below the upper end: {from} to {to}");
        let (from, to) = rate.moved(range, Grip::Both, -5.0);
        assert_eq!((from, to), (24.0, 93.3), "both keep their factor, and stop at the rail's end");
        assert_eq!(rate.moved((30.0, 2400.0), Grip::Both, 0.3), (30.0, 2400.0));
    }

    #[test]
    fn keys_move_whole_numbers_by_one_at_least() {
        let cores = reach("web.cores");
        assert_eq!(cores.stepped((1.0, 4.0), Grip::To, 0.01), (1.0, 5.0));
        assert_eq!(cores.stepped((1.0, 4.0), Grip::From, 0.01), (2.0, 4.0));
        assert_eq!(cores.stepped((1.0, 2.0), Grip::From, 0.01), (1.0, 2.0), "there is no number between");
        assert_eq!(cores.stepped((1.0, 20.0), Grip::To, 0.01), (1.0, 20.0), "the end of the rail");
    }
}
