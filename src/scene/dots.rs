//! Moving requests: where a packet's dot is on its wire.
//!
//! A dot is a packet that was really simulated, drawn where it really is. A hop that would take less than
//! [`SHORTEST_MS`] on the screen is stretched to it, because the eye could not follow; the legend says so. All times are
//! arguments: the page passes a wall clock that stands while the run is paused, so that dots stand too.

use super::wire::Curve;
use crate::metrics::frame::{Class, Dot};
use crate::time::{Nanos, to_ms, to_s};

/// No hop is faster on the screen than this, in ms.
pub const SHORTEST_MS: f64 = 250.0;
/// Frames come in bursts; dots set out this much later than simulated, so that those of one frame do not start together.
const LAG_MS: f64 = 50.0;
/// From here on a failed packet falls off its wire.
const FALLS_AT: f64 = 0.6;
/// How far it falls.
const FALL_PX: f64 = 36.0;

/// A dot on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flight {
    /// The packet.
    pub dot: Dot,
    /// When it sets out on the screen, in ms of the page's clock.
    pub starts_ms: f64,
    /// How long its hop takes on the screen, in ms, if it is stretched.
    pub stretched_ms: Option<f64>,
}

/// Where and how to draw a dot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// On the canvas.
    pub x: f64,
    /// On the canvas.
    pub y: f64,
    /// Age of the request: 0 new, towards 1 old; the ring around the dot. 0.5 after half a simulated second.
    pub ring: f64,
    /// 1, less while a failed one fades.
    pub opacity: f64,
    /// Drawn as a cross.
    pub cross: bool,
    /// Hue and shape.
    pub class: Class,
}

/// What has become of a dot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dots {
    /// It has not set out on the screen yet.
    Waits,
    /// It is here.
    Flies(Spot),
    /// It has arrived: forget it.
    Over,
}

impl Flight {
    /// A dot of a frame: `now` is the frame's simulated time, `wall_ms` the page's clock when the frame came, `speed`
    /// the simulated seconds per second.
    pub fn launch(dot: Dot, now: Nanos, wall_ms: f64, speed: f64) -> Flight {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        let on_screen_ms = to_ms(dot.arrives.saturating_sub(dot.sent)) / speed;
        let ago_ms = (to_ms(now.saturating_sub(dot.sent)) / speed).min(LAG_MS);
        let stretched_ms = (on_screen_ms < SHORTEST_MS).then_some(SHORTEST_MS);
        Flight { dot, starts_ms: wall_ms + LAG_MS - ago_ms, stretched_ms }
    }

    /// Where it is on its wire at the simulated time `now` and the page's time `wall_ms`.
    pub fn place(&self, curve: &Curve, now: Nanos, wall_ms: f64) -> Dots {
        let span = self.dot.arrives.saturating_sub(self.dot.sent);
        let way = match self.stretched_ms {
            Some(ms) => (wall_ms - self.starts_ms) / ms,
            // A packet that is sent at the frame's very end may lie before the page's idea of now.
            None if now < self.dot.sent => -1.0,
            None => to_s(now - self.dot.sent) / to_s(span.max(1)),
        };
        if way < 0.0 {
            return Dots::Waits;
        }
        // A stretched dot stands while the page's clock stands; it must still end if the run was set back or replaced.
        if way >= 1.0 || !way.is_finite() {
            return Dots::Over;
        }
        let cross = self.dot.failed;
        let fall = if cross { ((way - FALLS_AT) / (1.0 - FALLS_AT)).max(0.0) } else { 0.0 };
        let along = if cross { way.min(FALLS_AT) } else { way };
        let [x, y] = curve.at(if self.dot.back { 1.0 - along } else { along });
        let age = to_s(now.saturating_sub(self.dot.wanted));
        let ring =
            if self.dot.wanted == self.dot.sent && self.dot.class == Class::Control { 0.0 } else { age / (age + 0.5) };
        Dots::Flies(Spot { x, y: y + FALL_PX * fall * fall, ring, opacity: 1.0 - fall, cross, class: self.dot.class })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{MS, SECOND};

    const LINE: Curve = Curve([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0], [300.0, 0.0]]);

    fn spot(flight: &Flight, now: Nanos, wall_ms: f64) -> Spot {
        match flight.place(&LINE, now, wall_ms) {
            Dots::Flies(spot) => spot,
            other => panic!("at {now} ns, {wall_ms} ms the dot is {other:?}"),
        }
    }

    #[test]
    fn a_slow_hop_is_where_the_packet_is() {
        let dot = Dot { sent: SECOND, arrives: 3 * SECOND, wanted: SECOND, ..Dot::default() };
        let flight = Flight::launch(dot, SECOND, 0.0, 1.0);
        assert_eq!(flight.stretched_ms, None);
        // The page's clock does not matter.
        assert!((spot(&flight, 2 * SECOND, 1e9).x - 150.0).abs() < 1e-9);
        assert_eq!(flight.place(&LINE, 3 * SECOND, 0.0), Dots::Over);
        let back = Flight { dot: Dot { back: true, ..dot }, ..flight };
        assert!(spot(&back, SECOND + 1, 0.0).x > 299.0, "an answer starts at the other end");
    }

    #[test]
    fn a_fast_hop_is_stretched_to_what_the_eye_can_follow() {
        let dot = Dot { sent: SECOND, arrives: SECOND + MS / 2, wanted: SECOND, ..Dot::default() };
        let flight = Flight::launch(dot, SECOND, 1000.0, 1.0);
        let start = flight.starts_ms;
        assert_eq!(flight.place(&LINE, SECOND, start - 1.0), Dots::Waits);
        assert!((spot(&flight, 2 * SECOND, start + SHORTEST_MS / 2.0).x - 150.0).abs() < 1e-9);
        assert_eq!(flight.place(&LINE, SECOND, start + SHORTEST_MS), Dots::Over);
    }

    #[test]
    fn speed_decides_what_is_fast() {
        let dot = Dot { sent: 0, arrives: SECOND, ..Dot::default() };
        assert_eq!(Flight::launch(dot, 0, 0.0, 1.0).stretched_ms, None);
        assert_eq!(Flight::launch(dot, 0, 0.0, 10.0).stretched_ms, Some(SHORTEST_MS));
        let hop = Dot { sent: 0, arrives: 25 * MS, ..Dot::default() };
        assert_eq!(Flight::launch(hop, 0, 0.0, 0.1).stretched_ms, None, "slowed down ten times it is 250 ms");
        assert!(Flight::launch(hop, 0, 5.0, f64::NAN).starts_ms.is_finite());
    }

    #[test]
    fn a_failed_packet_falls_off_and_fades_and_age_grows() {
        let dot = Dot { sent: 0, arrives: 10 * SECOND, failed: true, ..Dot::default() };
        let flight = Flight::launch(dot, 0, 0.0, 1.0);
        let (early, late) = (spot(&flight, 3 * SECOND, 0.0), spot(&flight, 9 * SECOND, 0.0));
        assert!(early.cross && early.opacity == 1.0 && early.y == 0.0, "{early:?}");
        assert!(late.y > 10.0 && late.opacity < 0.5 && late.x < 200.0, "{late:?}");
        assert!(early.ring < late.ring && late.ring < 1.0);
    }
}
