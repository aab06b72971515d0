//! How writes get from the primary to the replicas: a stream in order, applied one at a time, or a copy of everything.

use super::member::Phase;
use super::{APPLY, COPIED, Database, RETRY_COPY, SEND};
use crate::component::effects::{Cx, Effect, Ship, What};
use crate::component::net::{NONE, Origin};
use crate::time::Nanos;

impl Database {
    /// The primary makes a write durable and passes it on.
    pub(super) fn commit(&mut self, cx: &mut Cx, origin: Origin) {
        let keep = self.members.iter().filter(|m| !m.gone).count() > 1;
        let lsn = self.log.commit(cx.now, origin, keep);
        let primary = &mut self.members[self.primary];
        (primary.received, primary.applied) = (lsn, lsn);
        for to in 0..self.members.len() {
            self.send(cx, to);
        }
    }

    /// Sends a replica what it lacks, as far as the writes have waited long enough; sets an alarm for the rest.
    pub(super) fn send(&mut self, cx: &mut Cx, to: usize) {
        let (m, head) = (&self.members[to], self.log.last());
        let streams = to != self.primary && !m.gone && m.phase != Phase::Copying && !self.fenced && m.sending == NONE;
        if !streams || m.sent >= head || !self.is_up(cx.net, self.primary) {
            return;
        }
        let Some(link) = self.path(to, self.primary) else { return };
        let delay = cx.net.links[link as usize].delay;
        let upto = if delay == 0 { head } else { self.log.committed_by(cx.now.saturating_sub(delay), m.sent) };
        if upto > m.sent {
            let ship = Ship {
                from: self.members[self.primary].node,
                to: m.node,
                link,
                after: m.sent,
                upto,
                term: self.term,
                arrives: 0,
            };
            cx.fx.list.push(Effect::Ship(ship));
            self.members[to].sent = upto;
        }
        if upto < head {
            let due = self.log.committed(upto + 1).unwrap_or(cx.now) + delay;
            let primary = self.primary;
            let span = due.saturating_sub(cx.now);
            self.members[to].sending = self.with(cx, primary, |_, cx| cx.after(span, SEND, to as u32));
        }
    }

    /// The stream to a replica broke: it goes on from what that one has.
    pub(super) fn resync(&mut self, cx: &mut Cx, i: usize) {
        if i == self.primary {
            return;
        }
        let m = &mut self.members[i];
        m.sent = m.received;
        if m.received < self.log.base() {
            return self.copy(cx, i);
        }
        self.send(cx, i);
    }

    /// A replica applies the next write, if it has one and is not at it already.
    pub(super) fn apply(&mut self, cx: &mut Cx, i: usize) {
        let m = &mut self.members[i];
        if m.applying || m.applied >= m.received || i == self.primary || m.phase == Phase::Copying {
            return;
        }
        m.applying = true;
        let apply = self.path(i, self.primary).map_or(0, |link| cx.net.links[link as usize].apply);
        let slow = cx.net.nodes[cx.node as usize].slow;
        let span = (apply as f64 * slow).round() as Nanos;
        cx.after(span, APPLY, 0);
    }

    pub(super) fn applied(&mut self, cx: &mut Cx, i: usize) {
        let m = &mut self.members[i];
        m.applying = false;
        if m.applied >= m.received || i == self.primary {
            return;
        }
        m.applied += 1;
        if let Some(committed) = self.log.committed(m.applied) {
            cx.fx.list.push(Effect::Lag(cx.node, cx.now - committed));
        }
        if m.phase == Phase::CatchingUp && m.applied >= m.serve_from {
            m.phase = Phase::Serving;
            cx.log(cx.node, What::Serving, NONE);
        }
        self.trim();
        self.apply(cx, i);
        if self.heir == Some(i) {
            self.take_over(cx, i);
        }
    }

    /// Forgets what every replica has.
    pub(super) fn trim(&mut self) {
        let replicas = self.members.iter().enumerate().filter(|&(i, m)| i != self.primary && !m.gone);
        let upto = replicas.map(|(_, m)| m.applied).min().unwrap_or(self.log.last());
        self.log.trim(upto);
    }

    /// An empty replica begins to copy the data; it serves when it has it and what was written meanwhile.
    pub(super) fn copy(&mut self, cx: &mut Cx, i: usize) {
        let primary = self.primary;
        if self.members[i].phase != Phase::Copying {
            cx.log(self.members[i].node, What::Copying, self.members[primary].node);
        }
        let from_primary = self.is_up(cx.net, primary) && !self.fenced;
        let applied = self.members[primary].applied;
        let m = &mut self.members[i];
        m.phase = Phase::Copying;
        m.applying = false;
        let span = if from_primary { m.copy_time } else { RETRY_COPY };
        m.copied = from_primary.then_some(applied);
        if from_primary {
            // What is written from now on is kept for it.
            (m.received, m.applied, m.sent) = (applied, applied, applied);
        }
        m.until = cx.now + span;
        self.with(cx, i, |_, cx| cx.after(span, COPIED, 0));
    }

    pub(super) fn copied(&mut self, cx: &mut Cx, i: usize) {
        let whole = self.members[i].copied.is_some_and(|lsn| lsn >= self.log.base());
        if self.members[i].phase != Phase::Copying || i == self.primary {
            return;
        }
        if !whole {
            return self.copy(cx, i);
        }
        let head = self.log.last();
        let m = &mut self.members[i];
        (m.phase, m.serve_from) = (Phase::CatchingUp, head);
        if m.applied >= head {
            m.phase = Phase::Serving;
            cx.log(cx.node, What::Serving, NONE);
        }
        self.resync(cx, i);
    }
}
