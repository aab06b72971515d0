//! When a primary answers a write: at once, or when replicas have it. Until then the query keeps its connection.
//!
//! A synchronous replica counts while the group believes it to be up, and again after an absence once it shows what
//! was committed by its return; the primary waits for all that count (PostgreSQL's `synchronous_commit = remote_apply`
//! with Patroni's list of synchronous members). Of semi-synchronous ones it waits for any; they stop counting when a
//! write has waited for their time-out, and count again once they have caught up (MySQL's `rpl_semi_sync`).

use super::line::Place;
use super::member::{Member, Pending, Phase};
use super::{ACKNOWLEDGE, Database};
use crate::component::effects::{Cx, Doing, Ship};
use crate::component::link::SyncMode;
use crate::component::log::What;
use crate::component::net::{NONE, Net, Outcome};
use crate::time::Nanos;

impl Database {
    /// How a primary waits for this member, and how long at most; only its own replicas concern it.
    fn sync(&self, net: &Net, l: usize, i: usize) -> (SyncMode, Nanos) {
        let line = &self.lines[l];
        if self.members[i].gone || line.at[i].source != line.primary {
            return (SyncMode::Async, 0);
        }
        self.path(net, i, line.primary).map_or((SyncMode::Async, 0), |link| net.links[link as usize].sync)
    }

    /// Whether this replica has every write that was acknowledged, as far as anybody can know: where some replicas are
    /// synchronous, only those that count (Patroni's `synchronous_mode` promotes no other).
    pub(super) fn may_lead(&self, net: &Net, i: usize) -> bool {
        let is_sync = |i: usize| self.sync(net, 0, i).0 == SyncMode::Sync;
        if is_sync(i) { self.lines[0].at[i].counts } else { !(0..self.members.len()).any(is_sync) }
    }

    /// Works out anew whether the primary waits for anybody.
    pub(super) fn update_waits(&mut self, net: &Net, l: usize) {
        self.lines[l].waits = (0..self.members.len()).any(|i| self.sync(net, l, i).0 != SyncMode::Async);
    }

    /// A write is committed: it is answered now, or when replicas have it.
    pub(super) fn acknowledge(&mut self, cx: &mut Cx, l: usize, lsn: u64, job: u32) {
        let primary = self.lines[l].primary;
        if !self.lines[l].waits {
            return self.finish(cx, primary, job, Outcome::Ok);
        }
        cx.doing(self.members[primary].jobs[job].call, Doing::Replicas);
        self.members[primary].pending.push_back(Pending { lsn, job, since: cx.now });
        self.settle(cx, l);
    }

    /// A replica tells its primary how far it is, if that one waits for it, in this mode or in any.
    pub(super) fn report(&mut self, cx: &mut Cx, l: usize, i: usize, mode: Option<SyncMode>) {
        let line = &self.lines[l];
        if !line.waits || line.at[i].source != line.primary {
            return;
        }
        let upto = match self.sync(cx.net, l, i).0 {
            SyncMode::Async => return,
            waits if mode.is_some_and(|mode| mode != waits) => return,
            SyncMode::SemiSync => line.at[i].received,
            SyncMode::Sync => line.at[i].applied,
        };
        let Some(link) = self.path(cx.net, i, line.primary) else { return };
        cx.fx.ship(Ship {
            from: self.members[i].node,
            to: self.members[line.primary].node,
            link,
            line: l as u32,
            after: 0,
            upto,
            term: self.term,
            bytes: 0,
            report: true,
            arrives: 0,
        });
    }

    /// A replica's report arrived at its primary.
    pub(super) fn reported(&mut self, cx: &mut Cx, l: usize, i: usize, upto: u64) {
        let place = &mut self.lines[l].at[i];
        place.confirmed = place.confirmed.max(upto);
        self.settle(cx, l);
    }

    /// A member counts as down, or has left: nobody waits for it until it is back.
    pub(super) fn left_out(&mut self, cx: &mut Cx, i: usize) {
        for l in 0..self.lines.len() {
            if self.sync(cx.net, l, i).0 == SyncMode::Sync {
                self.lines[l].leave_out(i);
            }
        }
        self.settle_all(cx);
    }

    /// A member is back: it counts again once it shows what was committed until now.
    pub(super) fn came_back(&mut self, cx: &mut Cx, i: usize) {
        for line in self.lines.iter_mut().filter(|line| !line.at[i].counts) {
            line.leave_out(i);
        }
        self.settle_all(cx);
    }

    pub(super) fn settle_all(&mut self, cx: &mut Cx) {
        for l in 0..self.lines.len() {
            self.settle(cx, l);
        }
    }

    /// Answers the writes that have been replicated enough.
    pub(super) fn settle(&mut self, cx: &mut Cx, l: usize) {
        let primary = self.lines[l].primary;
        let idle = !self.lines[l].waits && self.members[primary].pending.is_empty();
        if idle || (l == 0 && self.fenced) || !self.is_up(cx.net, primary) {
            return;
        }
        let upto = self.replicated(cx, l);
        while let Some(job) = self.members[primary].pending.pop_front_if(|p| p.lsn <= upto).map(|p| p.job) {
            self.with(cx, primary, |db, cx| db.finish(cx, primary, job, Outcome::Ok));
        }
        self.arm(cx, l);
    }

    /// Up to where the replicas that count have the writes; says when none does any more, and when one does again.
    fn replicated(&mut self, cx: &mut Cx, l: usize) -> u64 {
        let (mut all, mut any, mut counts) = (u64::MAX, None, false);
        for i in 0..self.members.len() {
            let sync = self.sync(cx.net, l, i).0;
            if sync == SyncMode::Async {
                continue;
            }
            let place = &mut self.lines[l].at[i];
            place.counts |= returns(&self.members[i], place, sync);
            if !place.counts {
                continue;
            }
            counts = true;
            match sync {
                SyncMode::Sync => all = all.min(place.confirmed),
                _ => any = Some(any.unwrap_or(0).max(place.confirmed)),
            }
        }
        let waits = self.lines[l].waits;
        let alone = waits && !counts;
        if alone != std::mem::replace(&mut self.lines[l].alone, alone) && waits {
            let what = if alone { What::SyncOff } else { What::SyncOn };
            cx.log(self.members[self.lines[l].primary].node, what, NONE);
        }
        all.min(any.unwrap_or(u64::MAX))
    }

    /// Sets the alarm for the first write that will have waited too long for semi-synchronous replicas, or takes it
    /// back if none waits.
    fn arm(&mut self, cx: &mut Cx, l: usize) {
        let primary = self.lines[l].primary;
        let first = self.members[primary].pending.front();
        let due = first.and_then(|p| Some(p.since.saturating_add(self.patience(cx.net, l, p.lsn)?)));
        match due {
            Some(due) if self.lines[l].alarm == NONE => {
                let span = due.saturating_sub(cx.now);
                self.lines[l].alarm = self.with(cx, primary, |_, cx| cx.after(span, ACKNOWLEDGE, l as u32));
            }
            None if self.lines[l].alarm != NONE => {
                cx.cancel(std::mem::replace(&mut self.lines[l].alarm, NONE));
            }
            _ => {}
        }
    }

    /// The shortest time-out of the semi-synchronous replicas that count and lack this write.
    fn patience(&self, net: &Net, l: usize, lsn: u64) -> Option<Nanos> {
        let at = &self.lines[l].at;
        let counted = (0..self.members.len()).filter(|&i| at[i].counts && at[i].confirmed < lsn);
        counted.map(|i| self.sync(net, l, i)).filter(|s| s.0 == SyncMode::SemiSync).map(|s| s.1).min()
    }

    /// The first write may have waited too long: semi-synchronous replicas that lack it no longer count.
    pub(super) fn run_out(&mut self, cx: &mut Cx, l: usize) {
        self.lines[l].alarm = NONE;
        let primary = self.lines[l].primary;
        let Some((lsn, since)) = self.members[primary].pending.front().map(|p| (p.lsn, p.since)) else { return };
        for i in 0..self.members.len() {
            let (sync, patience) = self.sync(cx.net, l, i);
            if sync == SyncMode::SemiSync && cx.now - since >= patience && self.lines[l].at[i].confirmed < lsn {
                self.lines[l].leave_out(i);
            }
        }
        self.settle(cx, l);
    }

    /// A member is no longer the primary, or may not acknowledge: what waits there is broken off.
    pub(super) fn give_up(&mut self, cx: &mut Cx, i: usize) {
        while let Some(job) = self.members[i].pending.pop_front().map(|p| p.job) {
            self.with(cx, i, |db, cx| db.finish(cx, i, job, Outcome::Reset));
        }
        if let Some(l) = self.line_of(i) {
            self.arm(cx, l);
        }
    }
}

/// Whether a replica that did not count does again.
fn returns(m: &Member, place: &Place, sync: SyncMode) -> bool {
    let here = m.phase == Phase::Serving && (m.believed_up || sync == SyncMode::SemiSync);
    here && place.confirmed >= place.counts_from
}
