//! One backend: what it is worth, what it has to do, and what the balancer believes of it.

use crate::component::effects::TimerId;
use crate::component::guard::Breaker;
use crate::component::health::Watched;
use crate::component::net::{LinkIx, NodeIx};
use crate::time::{Nanos, SECOND};
use std::ops::{Deref, DerefMut};

/// How requests that fail count against a backend (nginx: `max_fails`, `fail_timeout`).
#[derive(Clone, Copy, Default)]
pub struct Passive {
    /// So many failures; none switches it off.
    pub max_fails: Option<u64>,
    /// The window of the failures, and how long the backend then rests.
    pub fail_timeout: Nanos,
}

/// One backend.
#[derive(Clone)]
pub struct Backend {
    /// Who it is, and what active checks found.
    pub watched: Watched,
    /// Part of the design; otherwise it only finishes what it has.
    pub present: bool,
    /// Its share of the traffic in proportion to the others; above 0, or it gets none.
    pub weight: f64,
    /// nginx's weights: what it is worth after failures, and where smooth round robin stands.
    pub effective: f64,
    /// See `effective`.
    pub current: f64,
    /// Requests that it has now.
    pub open: u64,
    /// Requests that it got so far.
    pub picks: u64,
    /// When its number of open requests last changed, by count: the longest unchanged comes first among equals.
    pub changed: u64,
    /// Since when its weight grows; none if it has grown.
    pub growing: Option<Nanos>,
    /// How long its answers take.
    pub time: PeakEwma,
    /// In front of it, if the balancer uses breakers.
    pub breaker: Breaker,
    /// When what it still has is reset, once it is no longer present.
    pub drain: Option<TimerId>,
    /// Passive checks as in nginx: failures, when the window began, when one last failed.
    fails: u64,
    checked: Nanos,
    accessed: Nanos,
}

/// All backends of a balancer. Whoever may change one of them by the usual ways is taken to have changed who can be
/// picked, which is then found out anew; what cannot change that goes by [`Backends::quietly`].
#[derive(Clone, Default)]
pub struct Backends {
    list: Vec<Backend>,
    /// Whether that was so since the balancer last looked who can be picked.
    pub stale: bool,
}

impl Backends {
    /// One more.
    pub fn push(&mut self, backend: Backend) {
        self.list.push(backend);
        self.stale = true;
    }

    /// All of them, for changes that leave it alone who can be picked and for which weight.
    #[inline]
    pub fn quietly(&mut self) -> &mut [Backend] {
        &mut self.list
    }
}

impl Deref for Backends {
    type Target = [Backend];
    #[inline]
    fn deref(&self) -> &[Backend] {
        &self.list
    }
}

impl DerefMut for Backends {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Backend] {
        self.stale = true;
        &mut self.list
    }
}

impl Backend {
    /// One that has just joined.
    pub fn new(link: LinkIx, node: NodeIx, instance: u32, weight: f64, up: bool) -> Backend {
        Backend {
            watched: Watched::new(link, node, instance, up),
            present: true,
            weight,
            effective: weight,
            current: 0.0,
            open: 0,
            picks: 0,
            changed: 0,
            growing: None,
            time: PeakEwma::default(),
            breaker: Breaker::default(),
            drain: None,
            fails: 0,
            checked: 0,
            accessed: 0,
        }
    }

    /// Another weight.
    pub fn weigh(&mut self, weight: f64) {
        if self.weight != weight {
            (self.weight, self.effective) = (weight, weight);
        }
    }

    /// Whether it may get a request now, if it does not rest.
    pub fn usable(&self, now: Nanos) -> bool {
        self.present && self.weight > 0.0 && self.watched.up && self.breaker.allows(now)
    }

    /// Whether it may be picked for the same weight, or not, until something happens to it: time alone changes nothing.
    pub fn is_steady(&self, passive: &Passive) -> bool {
        !self.present
            || self.growing.is_none()
                && self.breaker.is_closed()
                && passive.max_fails.is_none_or(|max| self.fails < max)
    }

    /// Too many requests failed, and the last of them not long enough ago (nginx's `ngx_http_upstream_get_peer`).
    pub fn resting(&self, now: Nanos, passive: &Passive) -> bool {
        passive.max_fails.is_some_and(|max| self.fails >= max && now - self.checked <= passive.fail_timeout)
    }

    /// A request goes there. After the fail time-out this begins the next one, so that one request alone tries a
    /// backend that failed.
    pub fn picked(&mut self, now: Nanos, passive: &Passive, count: u64) {
        if now - self.checked > passive.fail_timeout {
            self.checked = now;
        }
        self.open += 1;
        self.picks += 1;
        self.changed = count;
    }

    /// Takes note of how it treated a request, as nginx's `ngx_http_upstream_free_round_robin_peer`. Returns whether
    /// this ends its rest.
    pub fn treated(&mut self, now: Nanos, passive: &Passive, failed: bool) -> bool {
        let Some(max) = passive.max_fails else { return false };
        if failed {
            self.fails += 1;
            (self.accessed, self.checked) = (now, now);
            self.effective = (self.effective - self.weight / max as f64).max(0.0);
        } else if self.accessed < self.checked {
            return std::mem::take(&mut self.fails) >= max;
        }
        false
    }

    /// Its share of its weight grows from now on.
    pub fn grow(&mut self, now: Nanos) {
        self.growing = Some(now);
    }

    /// The part of its weight that it has while it starts slowly: from a sixteenth to all of it in a straight line, as
    /// HAProxy's `slowstart`.
    pub fn ramp(&mut self, now: Nanos, span: Nanos) -> f64 {
        match self.growing {
            Some(since) if now - since < span => ((now - since) as f64 / span as f64).max(1.0 / 16.0),
            Some(_) => {
                self.growing = None;
                1.0
            }
            None => 1.0,
        }
    }

    /// The balancer starts anew and believes the best.
    pub fn restart(&mut self) {
        self.watched.forget();
        self.watched.up = true;
        self.breaker.reset();
        (self.open, self.fails, self.checked, self.accessed) = (0, 0, 0, 0);
        (self.effective, self.current) = (self.weight, 0.0);
        (self.growing, self.drain, self.time) = (None, None, PeakEwma::default());
    }
}

/// The exponentially weighted moving average of answer times that jumps to every peak: Finagle's
/// (<https://github.com/twitter/finagle>, `PeakEwma.scala`) and Linkerd's, with Finagle's decay of 10 s.
#[derive(Clone, Copy, Default)]
pub struct PeakEwma {
    /// In ns.
    cost: f64,
    at: Nanos,
}

/// After this long an answer's time still counts for 1/e.
const DECAY: f64 = (10 * SECOND) as f64;
/// What a backend is taken to cost that has a request and has never answered.
const UNKNOWN: f64 = (i64::MAX >> 16) as f64;

impl PeakEwma {
    /// An answer took so long.
    pub fn observe(&mut self, now: Nanos, took: Nanos) {
        let took = took as f64;
        let kept = libm::exp(-((now - self.at) as f64) / DECAY);
        self.cost = if took > self.cost { took } else { self.cost * kept + took * (1.0 - kept) };
        self.at = now;
    }

    /// What one more request would cost beside those that are open.
    pub fn load(&mut self, now: Nanos, open: u64) -> f64 {
        // Looking is observing an answer that took no time: a backend that nobody asks becomes attractive again.
        self.observe(now, 0);
        if self.cost == 0.0 && open > 0 { UNKNOWN + open as f64 } else { self.cost * (open as f64 + 1.0) }
    }
}
