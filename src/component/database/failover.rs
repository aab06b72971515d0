//! How the members watch each other, choose a new primary, and what becomes of the old one.
//!
//! A group whose members all take writes promotes nobody: who is down is left out until it is back.

use super::line::NOBODY;
use super::member::Phase;
use super::{Database, PROMOTE, REPLACE, WATCH};
use crate::component::Values;
use crate::component::effects::{Cx, Effect, NewCall};
use crate::component::link::Meaning;
use crate::component::log::What;
use crate::component::net::{Ask, CallId, NONE, Net, Op};
use crate::time::{Nanos, SECOND};

/// Whether a lost primary is noticed, and by whom it is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is not.
    None,
    /// It is noticed, and a person promotes.
    Manual,
    /// It is noticed, and the group promotes.
    Automatic,
}

/// How the members watch each other; read from the primary.
#[derive(Clone, Copy)]
pub struct Failover {
    pub mode: Mode,
    pub interval: Nanos,
    pub timeout: Nanos,
    pub probes: u64,
    pub promote: Nanos,
    pub max_lag: Option<Nanos>,
    pub replace_after: Option<Nanos>,
    pub restore_after: Option<Nanos>,
}

impl Default for Failover {
    fn default() -> Failover {
        Failover {
            mode: Mode::None,
            interval: SECOND,
            timeout: SECOND,
            probes: 3,
            promote: 0,
            max_lag: None,
            replace_after: None,
            restore_after: None,
        }
    }
}

impl Failover {
    /// Reads it from its group of parameters.
    pub fn new(f: &Values) -> Failover {
        Failover {
            mode: match f.text("mode").as_str() {
                "manual" => Mode::Manual,
                "automatic" => Mode::Automatic,
                _ => Mode::None,
            },
            interval: f.span("probe_interval_ms").max(1),
            timeout: f.span("probe_timeout_ms").max(1),
            probes: f.whole("probes"),
            promote: f.span("promote_ms"),
            max_lag: f.optional_span("max_lag_ms"),
            replace_after: f.optional_span("replace_after_s"),
            restore_after: f.optional_span("recovery_script_s"),
        }
    }
}

impl Database {
    /// A member's turn to look after the others: a primary after all, a replica after the primaries.
    pub(super) fn watch(&mut self, cx: &mut Cx, i: usize) {
        if self.failover.mode == Mode::None || self.members[i].gone {
            self.members[i].watching = false;
            return;
        }
        cx.after(self.failover.interval, WATCH, 0);
        for j in 0..self.members.len() {
            if !self.looks_after(i, j) {
                continue;
            }
            // Where there is no way, no probe comes through.
            let Some(link) = self.path(cx.net, i, j) else {
                self.probed(cx, i, j, false);
                continue;
            };
            let ask = Ask::nobody(Op::Probe, cx.now);
            let patience = (self.failover.timeout, self.failover.timeout);
            let callee = self.members[j].node;
            cx.call(NewCall { link, callee, instance: NONE, ask, token: j as u32, handshakes: 0, patience });
        }
        self.elect(cx, i);
    }

    /// Whether a member watches another: the primary all others, a replica the primary; of several primaries each all
    /// others, and nobody else.
    fn looks_after(&self, i: usize, j: usize) -> bool {
        if self.is_primary(i) { j != i && !self.members[j].gone } else { !self.is_multi() && self.is_primary(j) }
    }

    /// A member's probe of another came to an end.
    pub(super) fn probed(&mut self, cx: &mut Cx, i: usize, j: usize, passed: bool) {
        if self.failover.mode == Mode::None || j >= self.members.len() {
            return;
        }
        let deposes = !self.is_multi() && self.is_primary(j);
        if !deposes && !self.is_primary(i) {
            return;
        }
        let watcher = cx.node;
        let watched = self.members[j].node;
        let misses = self.members[i].misses.or_default(watched);
        *misses = if passed { 0 } else { *misses + 1 };
        let enough = *misses >= self.failover.probes;
        let missed = self.majority(cx.net, j) && !(deposes && self.is_up(cx.net, j) && self.lines[0].alone);
        let m = &mut self.members[j];
        if enough && missed && m.believed_up {
            (m.believed_up, m.down_since) = (false, cx.now);
            cx.log(m.node, What::DetectedDown, watcher);
            if deposes {
                self.fence(cx);
                self.elect(cx, i);
            }
            self.left_out(cx, j);
            if let Some(span) = self.failover.replace_after {
                cx.after(span, REPLACE, j as u32);
            }
        } else if passed && !missed && !m.believed_up && m.phase != Phase::Copying {
            m.believed_up = true;
            cx.log(m.node, What::DetectedUp, watcher);
            if deposes && self.heir.is_none() {
                self.fenced = false;
                for to in 0..self.members.len() {
                    self.resync(cx, 0, to);
                }
            }
            self.came_back(cx, j);
        }
    }

    /// Whether most of those who watch a member and live have lost it. They compare what they see through a store
    /// outside the group, as Patroni's members do through etcd; who is dead has no lease there and no vote. A primary
    /// that had to go on without its synchronous replicas has said so there: while it lives they leave it alone.
    fn majority(&self, net: &Net, of: usize) -> bool {
        let node = self.members[of].node;
        let (mut votes, mut voters) = (0, 0);
        for (i, m) in self.members.iter().enumerate() {
            if !m.gone && self.looks_after(i, of) && self.is_up(net, i) {
                voters += 1;
                votes += usize::from(m.misses.get(&node).is_some_and(|&misses| misses > 0));
            }
        }
        2 * votes > voters
    }

    /// The primary may no longer acknowledge; what waits to be sent stays with it.
    pub(super) fn fence(&mut self, cx: &mut Cx) {
        self.fenced = true;
        for place in &mut self.lines[0].at {
            place.sending = NONE;
        }
        let primary = self.lines[0].primary;
        if self.is_up(cx.net, primary) {
            self.give_up(cx, primary);
        }
    }

    /// If there is no primary, the replica that has received most is chosen to become it.
    pub(super) fn elect(&mut self, cx: &mut Cx, by: usize) {
        let primary = self.lines[0].primary;
        if self.failover.mode != Mode::Automatic || !self.fenced || self.heir.is_some() || by == primary {
            return;
        }
        let line = &self.lines[0];
        let head = line.log.last();
        let max_lag = self.failover.max_lag;
        let best = (0..self.members.len())
            .filter(|&i| {
                let (m, received) = (&self.members[i], line.at[i].received);
                let fresh = max_lag.is_none_or(|max| {
                    received >= head || line.log.committed(received + 1).is_some_and(|t| cx.now - t <= max)
                });
                let ready = i != primary && !m.gone && self.is_up(cx.net, i) && m.phase == Phase::Serving;
                ready && fresh && self.may_lead(cx.net, i)
            })
            .max_by_key(|&i| (line.at[i].received, std::cmp::Reverse(i)));
        match best {
            Some(i) => self.appoint(cx, i, by),
            None if !self.members[primary].hopeless => {
                self.members[primary].hopeless = true;
                cx.log(self.members[primary].node, What::NoCandidate, self.members[by].node);
            }
            None => {}
        }
    }

    pub(super) fn appoint(&mut self, cx: &mut Cx, i: usize, by: usize) {
        self.heir = Some(i);
        let primary = self.lines[0].primary;
        self.members[primary].hopeless = false;
        self.members[i].until = cx.now + self.failover.promote;
        cx.log(self.members[i].node, What::Elected, self.members[by].node);
        let span = self.failover.promote;
        self.with(cx, i, |_, cx| cx.after(span, PROMOTE, 0));
    }

    /// The heir becomes the primary when its time has come and it has applied what it received. What the old primary
    /// acknowledged and the heir never received is lost.
    pub(super) fn take_over(&mut self, cx: &mut Cx, i: usize) {
        let line = &mut self.lines[0];
        let fork = line.at[i].received;
        if cx.now < self.members[i].until || line.at[i].applied < fork {
            return;
        }
        let old = std::mem::replace(&mut line.primary, i);
        let torn = line.log.fork(fork);
        (self.heir, self.fenced) = (None, false);
        self.term += 1;
        for (j, (m, place)) in self.members.iter_mut().zip(&mut line.at).enumerate() {
            if j != i {
                m.discarded += place.received.saturating_sub(fork);
                (place.received, place.applied) = (place.received.min(fork), place.applied.min(fork));
            }
            if place.source == old {
                place.source = i;
            }
            place.sending = NONE;
            m.misses.clear();
        }
        (line.at[old].source, line.at[i].source) = (i, NOBODY);
        line.chained = line.is_chained();
        self.members[i].believed_up = true;
        self.members[old].deposed = true;
        let lost = torn.iter().filter(|w| w.acked).count() as u64;
        cx.fx.list.extend(torn.iter().filter(|w| w.acked).map(|w| Effect::Lost(w.origin)));
        if self.failover.restore_after.is_some() {
            self.members[old].torn.extend(torn);
        }
        cx.log(cx.node, What::Promoted(lost), NONE);
        self.await_clients(cx.net);
        self.lines[0].begin_anew(|j| self.members[j].believed_up);
        self.update_waits(cx.net, 0);
        for j in 0..self.members.len() {
            if self.is_up(cx.net, j) {
                self.rejoin(cx, j);
                self.resync(cx, 0, j);
            }
        }
        self.trim(0);
        self.settle(cx, 0);
    }

    /// Takes note of who will have to find the new primary.
    fn await_clients(&mut self, net: &Net) {
        self.awaited.clear();
        for link in net.links.iter().filter(|l| l.meaning == Meaning::Call && !l.removed) {
            if self.at(link.to).is_some() && !self.awaited.contains(&link.from) {
                self.awaited.push(link.from);
            }
        }
    }

    /// A write has come to the primary: after a promotion the first of each client says that it has found it.
    #[cold]
    pub(super) fn welcome(&mut self, cx: &mut Cx, call: CallId) {
        let client = cx.net.calls[call].caller;
        if let Some(place) = self.awaited.iter().position(|&node| node == client) {
            self.awaited.swap_remove(place);
            cx.log(client, What::Reconnected, cx.node);
        }
    }

    /// A member that was the primary is back, as a replica without the writes that nobody else had.
    pub(super) fn rejoin(&mut self, cx: &mut Cx, i: usize) {
        if self.is_primary(i) {
            return;
        }
        let m = &mut self.members[i];
        if std::mem::take(&mut m.deposed) {
            let discarded = std::mem::take(&mut m.discarded);
            cx.log(m.node, What::Rejoined(discarded), self.members[self.lines[0].primary].node);
        }
        self.begin_script(cx, i);
    }

    /// A fresh machine takes the place of a member that stayed down.
    pub(super) fn replace(&mut self, cx: &mut Cx, j: usize) {
        if j >= self.members.len() || self.is_primary(j) {
            return;
        }
        let m = &mut self.members[j];
        let due = self.failover.replace_after.is_some_and(|span| cx.now - m.down_since >= span);
        if m.believed_up || m.gone || !due {
            return;
        }
        m.renew();
        for line in &mut self.lines {
            line.at[j].put(0);
        }
        cx.fx.list.push(Effect::Replace(self.members[j].node));
    }
}
