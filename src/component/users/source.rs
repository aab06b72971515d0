//! How requests come about: at a rate, whatever happens, or from users who wait, think and want again.

use super::{ARRIVAL, ROUSE, THOUGHT, Users};
use crate::component::effects::Cx;
use crate::component::net::NONE;
use crate::dist::Dist;
use crate::time::{Nanos, from_ms};
use std::cmp::Reverse;

/// How requests come about.
#[derive(Clone)]
pub enum Source {
    /// At a rate, whatever happens; constant or Poisson.
    Open { poisson: bool },
    /// From users who wait, each a client of its own.
    Closed { think: Dist },
}

impl Users {
    /// Sets the alarm of the open loop's next request; one that was set before no longer counts.
    pub(super) fn schedule_arrival(&mut self, cx: &mut Cx) {
        let span = self.until_arrival(cx.now);
        self.await_arrival(cx, span);
    }

    /// How long until the open loop's next request; none if it never comes, or if this is a closed loop.
    #[inline]
    pub(super) fn until_arrival(&mut self, now: Nanos) -> Option<Nanos> {
        let Source::Open { poisson } = self.source else { return None };
        self.load.next(now, || if poisson { self.rng.arrivals.exponential() } else { 1.0 })
    }

    /// Sets the alarm for that.
    #[inline]
    pub(super) fn await_arrival(&mut self, cx: &mut Cx, span: Option<Nanos>) {
        self.arrival = self.arrival.wrapping_add(1);
        if let Some(span) = span {
            cx.later(span, ARRIVAL, self.arrival);
        }
    }

    /// In a closed loop, a user thinks, or is idle if the load leaves it out.
    #[inline]
    pub(super) fn think(&mut self, cx: &mut Cx, user: u32) {
        let Source::Closed { think } = &self.source else { return };
        if f64::from(user) >= self.load.active(cx.now) {
            self.idle.push(Reverse(user));
            return self.schedule_rouse(cx);
        }
        let span = from_ms(think.sample(&mut self.rng.think));
        cx.later(span, THOUGHT, user);
    }

    /// Sets the alarm for the moment when the first idle user becomes active.
    fn schedule_rouse(&mut self, cx: &mut Cx) {
        if self.rouse != NONE {
            cx.cancel(self.rouse);
            self.rouse = NONE;
        }
        if let Some(span) = self.idle.peek().and_then(|&Reverse(user)| self.load.reaches(cx.now, f64::from(user))) {
            self.rouse = cx.after(span, ROUSE, 0);
        }
    }

    pub(super) fn rouse(&mut self, cx: &mut Cx) {
        let active = self.load.active(cx.now);
        while let Some(&Reverse(user)) = self.idle.peek().filter(|first| f64::from(first.0) < active) {
            self.idle.pop();
            self.think(cx, user);
        }
        self.schedule_rouse(cx);
    }
}
