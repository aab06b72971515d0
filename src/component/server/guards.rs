//! What keeps a server from taking more than it shall, and from asking those that fail. Each instance is a process of its
//! own, so each has its own bucket of tokens, and its own breaker for each of its links.

use super::Server;
use crate::component::effects::Cx;
use crate::component::guard::{Breaker, BreakerRules, Rate, TokenBucket};
use crate::component::net::{CallId, LinkIx, Outcome};
use crate::time::Nanos;

/// An instance's guards.
#[derive(Clone, Default)]
pub(super) struct Guards {
    limit: Option<TokenBucket>,
    /// By position among the server's links; those behind were never asked.
    breakers: Vec<Breaker>,
}

impl Guards {
    /// Takes over what the parameters say now.
    pub fn fit(&mut self, now: Nanos, limit: Option<Rate>, breaker: Option<BreakerRules>) {
        self.limit = TokenBucket::fitted(self.limit.take(), limit, now);
        if breaker.is_none() {
            self.breakers.clear();
        }
    }

    /// Whether another request is let in.
    pub fn admits(&mut self, now: Nanos) -> bool {
        self.limit.as_mut().is_none_or(|bucket| bucket.take(now))
    }

    fn breaker(&mut self, place: usize) -> &mut Breaker {
        if self.breakers.len() <= place {
            self.breakers.resize_with(place + 1, Breaker::default);
        }
        &mut self.breakers[place]
    }
}

/// A call that decides whether a breaker closes.
#[derive(Clone, Copy)]
pub(super) struct Trial {
    pub call: CallId,
    pub job: u32,
    pub slot: u32,
    pub link: LinkIx,
}

impl Server {
    #[inline(never)]
    fn breaker(&mut self, slot: u32, link: LinkIx) -> Option<&mut Breaker> {
        let place = self.links.iter().position(|&l| l == link)?;
        Some(self.instances.get_mut(slot)?.guards.breaker(place))
    }

    /// Whether an open breaker keeps an instance from a call.
    pub(super) fn is_barred(&mut self, now: Nanos, slot: u32, link: LinkIx) -> bool {
        self.breaker.is_some() && self.breaker(slot, link).is_some_and(|breaker| !breaker.allows(now))
    }

    /// A call has gone out: if its breaker was open, it is the one that decides.
    pub(super) fn note(&mut self, call: Trial) {
        if self.breaker.is_some() && self.breaker(call.slot, call.link).is_some_and(Breaker::sent) {
            self.trials.push(call);
        }
    }

    /// A call of an instance has ended: its breaker may open or close.
    pub(super) fn learn(&mut self, cx: &mut Cx, slot: u32, call: CallId, outcome: Outcome) {
        let Some(rules) = self.breaker else { return };
        let link = cx.net.calls[call].link;
        let trial = self.trials.iter().position(|t| t.call == call).map(|i| self.trials.swap_remove(i));
        let breaker = self.breaker(slot, link);
        if let Some(turn) = breaker.and_then(|b| b.ended(&rules, cx.now, trial.is_some(), outcome)) {
            cx.log(cx.net.links[link as usize].to, turn.what(), cx.node);
        }
    }

    /// A job is over: trials that it still has out decide nothing.
    #[inline]
    pub(super) fn release(&mut self, now: Nanos, job: u32) {
        if !self.trials.is_empty() {
            self.release_trials(now, job);
        }
    }

    fn release_trials(&mut self, now: Nanos, job: u32) {
        while let Some(i) = self.trials.iter().position(|t| t.job == job) {
            let trial = self.trials.swap_remove(i);
            if let Some(breaker) = self.breaker(trial.slot, trial.link) {
                breaker.released(now);
            }
        }
    }
}
