//! What keeps too much, or what is broken, from being asked: a token bucket and a circuit breaker. Whoever makes or
//! takes calls can own one.

use super::log::What;
use super::net::Outcome;
use super::param::{Param, Values, num, whole};
use crate::time::{Nanos, SECOND};

/// How many requests per second are let through.
pub const RATE_LIMIT: Param = num(
    "rate_limit_rps",
    "Rate limit",
    1e-3,
    1e9,
    0.0,
    "Requests per second let through, by each instance where there are several; more are answered 429, which counts as refused. None is no limit.",
)
.none();

/// How many requests may come at once.
pub const RATE_BURST: Param = whole(
    "rate_limit_burst",
    "Burst",
    1,
    1_000_000_000,
    100,
    "Requests that may come at once before the rate limit bites (the token bucket's size).",
);

/// What a rate limit lets through.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    per_second: f64,
    burst: f64,
}

impl Rate {
    /// Reads it, if there is a limit.
    pub fn new(p: &Values) -> Option<Rate> {
        let burst = p.number(RATE_BURST.name);
        p.optional(RATE_LIMIT.name).map(|per_second| Rate { per_second, burst })
    }
}

/// A token bucket: each request takes a token, tokens come back at a constant rate up to the bucket's size (the meter
/// of RFC 2697 with one rate; so do Envoy's local rate limit and Amazon's API Gateway,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>).
#[derive(Clone, Debug)]
pub struct TokenBucket {
    /// Tokens per nanosecond.
    rate: f64,
    size: f64,
    tokens: f64,
    at: Nanos,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: Rate, now: Nanos) -> TokenBucket {
        let Rate { per_second, burst } = rate;
        TokenBucket { rate: per_second / SECOND as f64, size: burst, tokens: burst, at: now }
    }

    /// The bucket for what the parameters say now: tokens that were there stay, as far as they fit.
    pub fn fitted(before: Option<TokenBucket>, rate: Option<Rate>, now: Nanos) -> Option<TokenBucket> {
        let mut bucket = TokenBucket::new(rate?, now);
        if let Some(mut before) = before {
            before.fill(now);
            bucket.tokens = before.tokens.min(bucket.size);
        }
        Some(bucket)
    }

    fn fill(&mut self, now: Nanos) {
        self.tokens = (self.tokens + (now - self.at) as f64 * self.rate).min(self.size);
        self.at = now;
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Nanos) -> bool {
        self.fill(now);
        // A millionth of a token stands for the rounding of many small sums.
        let there = self.tokens >= 1.0 - 1e-6;
        if there {
            self.tokens = (self.tokens - 1.0).max(0.0);
        }
        there
    }
}

/// The parameters of a breaker.
pub const BREAKER: &[Param] = &[
    num("error_share", "Error share", 1e-3, 1.0, 0.5, "It opens when this share of the window's requests failed.")
        .main(),
    num("window_s", "Window", 1e-2, 1e5, 10.0, "How far back requests count, in tenths of this."),
    whole("min_requests", "Least requests", 1, 1_000_000, 20, "It stays closed while the window holds fewer."),
    num("pause_s", "Pause", 1e-3, 1e6, 30.0, "How long it stays open before one request is tried.").main(),
];

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct BreakerRules {
    error_share: f64,
    slot: Nanos,
    least: u64,
    pause: Nanos,
}

impl BreakerRules {
    /// Reads them.
    pub fn new(p: &Values) -> BreakerRules {
        BreakerRules {
            error_share: p.number("error_share"),
            slot: (p.span("window_s") / SLOTS as Nanos).max(1),
            least: p.whole("min_requests"),
            pause: p.span("pause_s"),
        }
    }
}

/// The window slides by tenths.
const SLOTS: usize = 10;

/// Closed: requests go through. Open: none does. Trying: one is out that will decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Nanos },
    Trying,
}

/// A circuit breaker with a sliding window of time, as resilience4j's (<https://resilience4j.readme.io/docs/circuitbreaker>)
/// with one permitted call while half open; in front of one backend it does what Envoy's outlier detection does by
/// failure percentage.
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
    /// Requests and failures by tenth of the window; a slot's place is its number modulo ten.
    slots: [(u64, u64); SLOTS],
    slot: Nanos,
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker { state: State::Closed, slots: [(0, 0); SLOTS], slot: 0 }
    }
}

/// What a breaker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It opened.
    Opened,
    /// It closed.
    Closed,
}

impl Turn {
    /// What the log says of it.
    pub fn what(self) -> What {
        match self {
            Turn::Opened => What::BreakerOpened,
            Turn::Closed => What::BreakerClosed,
        }
    }
}

impl Breaker {
    /// Whether a request may go out.
    pub fn allows(&self, now: Nanos) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until } => now >= until,
            State::Trying => false,
        }
    }

    /// Whether requests go through until it opens.
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// A request goes out. Returns whether it is the one that decides.
    pub fn sent(&mut self) -> bool {
        let trial = matches!(self.state, State::Open { .. });
        if trial {
            self.state = State::Trying;
        }
        trial
    }

    /// A request ended; `trial` is what [`sent`](Self::sent) said. Requests from before it opened decide nothing.
    pub fn ended(&mut self, rules: &BreakerRules, now: Nanos, trial: bool, outcome: Outcome) -> Option<Turn> {
        // Who was turned away for asking too much says nothing about whether the other side works.
        let failed = !matches!(outcome, Outcome::Ok | Outcome::RateLimited);
        if trial {
            return Some(if failed { self.open(rules, now) } else { self.close() });
        }
        if self.state != State::Closed {
            return None;
        }
        self.slide(rules, now);
        let slot = &mut self.slots[(self.slot % SLOTS as Nanos) as usize];
        slot.0 += 1;
        slot.1 += u64::from(failed);
        let (all, bad) = self.slots.iter().fold((0, 0), |sum, slot| (sum.0 + slot.0, sum.1 + slot.1));
        (all >= rules.least && bad as f64 >= rules.error_share * all as f64).then(|| self.open(rules, now))
    }

    /// The trial came to nothing, because nobody waits for it any more: the next request is another.
    pub fn released(&mut self, now: Nanos) {
        if self.state == State::Trying {
            self.state = State::Open { until: now };
        }
    }

    /// As new.
    pub fn reset(&mut self) {
        *self = Breaker::default();
    }

    fn open(&mut self, rules: &BreakerRules, now: Nanos) -> Turn {
        self.state = State::Open { until: now.saturating_add(rules.pause) };
        Turn::Opened
    }

    fn close(&mut self) -> Turn {
        self.reset();
        Turn::Closed
    }

    /// Forgets what has left the window.
    fn slide(&mut self, rules: &BreakerRules, now: Nanos) {
        let slot = now / rules.slot;
        let passed = slot.saturating_sub(self.slot).min(SLOTS as Nanos);
        for k in 0..passed {
            self.slots[((slot - k) % SLOTS as Nanos) as usize] = (0, 0);
        }
        self.slot = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MS;

    const RULES: BreakerRules = BreakerRules { error_share: 0.5, slot: SECOND, least: 4, pause: 5 * SECOND };

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_the_rate() {
        let mut bucket = TokenBucket::new(Rate { per_second: 10.0, burst: 5.0 }, 0);
        assert_eq!((0..20).filter(|_| bucket.take(0)).count(), 5, "a full bucket of 5 at one instant");
        // Asked every 10 ms for 10 s, ten times the rate.
        let passed = (1..=1000).filter(|i| bucket.take(i * 10 * MS)).count();
        assert_eq!(passed, 100, "10 a second for 10 s");
        assert_eq!((0..20).filter(|_| bucket.take(20 * SECOND)).count(), 5, "full again after a quiet time");
    }

    #[test]
    fn a_breaker_opens_tries_once_and_closes() {
        let mut breaker = Breaker::default();
        let end = |b: &mut Breaker, at: Nanos, outcome| b.ended(&RULES, at, false, outcome);
        assert_eq!(end(&mut breaker, 0, Outcome::Reset), None, "one failure is fewer than the least requests");
        assert_eq!(end(&mut breaker, SECOND, Outcome::Ok), None);
        assert_eq!(end(&mut breaker, SECOND, Outcome::Ok), None);
        assert_eq!(end(&mut breaker, SECOND, Outcome::Timeout), Some(Turn::Opened), "2 of 4 failed");
        assert!(!breaker.allows(5 * SECOND), "open for 5 s");
        assert!(breaker.allows(6 * SECOND), "then one is tried");
        assert!(breaker.sent(), "that one decides");
        assert!(!breaker.allows(7 * SECOND), "and no other goes with it");
        assert_eq!(breaker.ended(&RULES, 7 * SECOND, false, Outcome::Ok), None, "one from before decides nothing");
        assert_eq!(breaker.ended(&RULES, 8 * SECOND, true, Outcome::Reset), Some(Turn::Opened));
        assert!(!breaker.allows(12 * SECOND) && breaker.allows(13 * SECOND), "another whole pause");
        assert!(breaker.sent());
        breaker.released(13 * SECOND);
        assert!(breaker.allows(13 * SECOND) && breaker.sent(), "a trial that nobody waits for decides nothing");
        assert_eq!(breaker.ended(&RULES, 14 * SECOND, true, Outcome::Ok), Some(Turn::Closed));
        assert!(breaker.allows(14 * SECOND) && !breaker.sent(), "closed: all go, none decides");
    }

    #[test]
    fn failures_leave_the_window() {
        let mut breaker = Breaker::default();
        for second in 0..200 {
            // One failure in twelve seconds beside many answers never makes half.
            let outcome = if second % 12 == 0 { Outcome::Refused } else { Outcome::Ok };
            assert_eq!(breaker.ended(&RULES, second * SECOND, false, outcome), None, "at {second} s");
        }
        for second in [300, 300, 300] {
            assert_eq!(breaker.ended(&RULES, second * SECOND, false, Outcome::Refused), None, "3 after a long pause");
        }
    }
}
