//! How the members watch each other, choose a new primary, and what becomes of the old one.

use super::member::Phase;
use super::{Database, Mode, PROMOTE, REPLACE, WATCH};
use crate::component::effects::{Cx, Effect, NewCall, What};
use crate::component::net::{Ask, NONE, Op};

impl Database {
    /// A member's turn to look after the others: the primary after all, a replica after the primary.
    pub(super) fn watch(&mut self, cx: &mut Cx, i: usize) {
        if self.failover.mode == Mode::None || self.members[i].gone {
            self.members[i].watching = false;
            return;
        }
        cx.after(self.failover.interval, WATCH, 0);
        let looks_after =
            |j: usize| if i == self.primary { j != i && !self.members[j].gone } else { j == self.primary };
        let whom: Vec<usize> = (0..self.members.len()).filter(|&j| looks_after(j)).collect();
        for j in whom {
            // Where there is no way, no probe comes through.
            let Some(link) = self.path(i, j) else {
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

    /// A member's probe of another came to an end.
    pub(super) fn probed(&mut self, cx: &mut Cx, i: usize, j: usize, passed: bool) {
        let relevant = i == self.primary || j == self.primary;
        if self.failover.mode == Mode::None || !relevant || j >= self.members.len() {
            return;
        }
        let probes = self.failover.probes;
        let watcher = cx.node;
        let watched = self.members[j].node;
        let misses = self.members[i].misses.entry(watched).or_default();
        *misses = if passed { 0 } else { *misses + 1 };
        let misses = *misses;
        let m = &mut self.members[j];
        if !passed && misses >= probes && m.believed_up {
            (m.believed_up, m.down_since) = (false, cx.now);
            cx.log(m.node, What::DetectedDown, watcher);
            if j == self.primary {
                self.fence();
                self.elect(cx, i);
            }
            if let Some(span) = self.failover.replace_after {
                cx.after(span, REPLACE, j as u32);
            }
        } else if passed && !m.believed_up && m.phase != Phase::Copying {
            m.believed_up = true;
            cx.log(m.node, What::DetectedUp, watcher);
            if j == self.primary && self.heir.is_none() {
                self.fenced = false;
                for to in 0..self.members.len() {
                    self.resync(cx, to);
                }
            }
        }
    }

    /// The primary may no longer acknowledge; what waits to be sent stays with it.
    pub(super) fn fence(&mut self) {
        self.fenced = true;
        for m in &mut self.members {
            m.sending = NONE;
        }
    }

    /// If there is no primary, the replica that has received most is chosen to become it.
    pub(super) fn elect(&mut self, cx: &mut Cx, by: usize) {
        if self.failover.mode != Mode::Automatic || !self.fenced || self.heir.is_some() || by == self.primary {
            return;
        }
        let head = self.log.last();
        let max_lag = self.failover.max_lag;
        let best = (0..self.members.len())
            .filter(|&i| {
                let m = &self.members[i];
                let fresh = max_lag.is_none_or(|max| {
                    m.received >= head || self.log.committed(m.received + 1).is_some_and(|t| cx.now - t <= max)
                });
                i != self.primary && !m.gone && self.is_up(cx.net, i) && m.phase == Phase::Serving && fresh
            })
            .max_by_key(|&i| (self.members[i].received, std::cmp::Reverse(i)));
        match best {
            Some(i) => self.appoint(cx, i, by),
            None if !self.members[self.primary].hopeless => {
                self.members[self.primary].hopeless = true;
                cx.log(self.members[self.primary].node, What::NoCandidate, self.members[by].node);
            }
            None => {}
        }
    }

    pub(super) fn appoint(&mut self, cx: &mut Cx, i: usize, by: usize) {
        self.heir = Some(i);
        self.members[self.primary].hopeless = false;
        self.members[i].until = cx.now + self.failover.promote;
        cx.log(self.members[i].node, What::Elected, self.members[by].node);
        let span = self.failover.promote;
        self.with(cx, i, |_, cx| cx.after(span, PROMOTE, 0));
    }

    /// The heir becomes the primary when its time has come and it has applied what it received. What the old primary
    /// acknowledged and the heir never received is lost.
    pub(super) fn take_over(&mut self, cx: &mut Cx, i: usize) {
        let m = &self.members[i];
        if cx.now < m.until || m.applied < m.received {
            return;
        }
        let fork = m.received;
        let old = std::mem::replace(&mut self.primary, i);
        let lost = self.log.fork(fork);
        (self.heir, self.fenced) = (None, false);
        self.term += 1;
        for (j, m) in self.members.iter_mut().enumerate() {
            if j != i {
                if m.received > fork {
                    m.discarded += m.received - fork;
                }
                (m.received, m.applied) = (m.received.min(fork), m.applied.min(fork));
            }
            m.sending = NONE;
            m.misses.clear();
        }
        self.members[i].believed_up = true;
        self.members[old].deposed = true;
        cx.fx.list.push(Effect::Lost(lost));
        cx.log(cx.node, What::Promoted(lost), NONE);
        for j in 0..self.members.len() {
            if self.is_up(cx.net, j) {
                self.rejoin(cx, j);
                self.resync(cx, j);
            }
        }
        self.trim();
    }

    /// A member that was the primary is back, as a replica without the writes that nobody else had.
    pub(super) fn rejoin(&mut self, cx: &mut Cx, i: usize) {
        let m = &mut self.members[i];
        if i != self.primary && std::mem::take(&mut m.deposed) {
            let discarded = std::mem::take(&mut m.discarded);
            cx.log(m.node, What::Rejoined(discarded), self.members[self.primary].node);
        }
    }

    /// A fresh machine takes the place of a member that stayed down.
    pub(super) fn replace(&mut self, cx: &mut Cx, j: usize) {
        let Some(m) = self.members.get_mut(j) else { return };
        let due = self.failover.replace_after.is_some_and(|span| cx.now - m.down_since >= span);
        if m.believed_up || m.gone || j == self.primary || !due {
            return;
        }
        m.renew();
        cx.fx.list.push(Effect::Replace(m.node));
    }
}
