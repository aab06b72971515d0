//! How writes get from a primary to the replicas: a stream in order, applied one at a time, or a copy of everything. A
//! replica may pass on what it has received (PostgreSQL's cascading replication), so that chains and rings work too.

use super::line::NOBODY;
use super::log::Write;
use super::member::Phase;
use super::{APPLY, COPIED, Database, RETRY_COPY, SEND};
use crate::component::effects::{Cx, Effect, Ship};
use crate::component::link::{Meaning, SyncMode};
use crate::component::log::What;
use crate::component::net::{LinkIx, NONE, Net, NodeIx};
use crate::time::Nanos;

/// In an alarm's index the line stands above so many bits for the member.
const MEMBER_BITS: u32 = 16;

impl Database {
    /// The link between two members: the one drawn between them, in either direction; or else that of the one which
    /// is not where the drawing begins; none if it was taken away.
    pub(super) fn path(&self, net: &Net, a: usize, b: usize) -> Option<LinkIx> {
        let (x, y) = (self.members[a].node, self.members[b].node);
        let drawn = |from: NodeIx, to: NodeIx| {
            let fits = |&&l: &&LinkIx| {
                let link = &net.links[l as usize];
                link.to == to && link.meaning == Meaning::Replication && !link.removed
            };
            net.nodes[from as usize].out.iter().find(fits).copied()
        };
        let own = || [a, b].iter().map(|&i| self.members[i].link).find(|&link| link != NONE);
        drawn(y, x).or_else(|| drawn(x, y)).or_else(own)
    }

    /// Gives every member of a line that has none a source, along the drawn links, on the shortest way.
    pub(super) fn attach(&mut self, net: &Net, l: usize) {
        let links = net.links.iter().filter(|k| k.meaning == Meaning::Replication && !k.removed);
        let links: Vec<(usize, usize)> = links.filter_map(|k| Some((self.at(k.from)?, self.at(k.to)?))).collect();
        let line = &mut self.lines[l];
        loop {
            let near = |line: &super::Line, i: usize| i == line.primary || line.at[i].source != NOBODY;
            let there = |&&(a, b): &&(usize, usize)| near(line, a) && !near(line, b) && !self.members[b].gone;
            let found: Vec<(usize, usize)> = links.iter().filter(there).copied().collect();
            if found.is_empty() {
                break;
            }
            for (a, b) in found {
                if line.at[b].source == NOBODY {
                    line.at[b].source = a;
                }
            }
        }
        line.chained = line.is_chained();
    }

    /// A primary makes a write durable and passes it on. Returns its place in the log.
    pub(super) fn commit(&mut self, cx: &mut Cx, l: usize, write: Write) -> u64 {
        let key = write.key;
        let lsn = self.append(l, write);
        if self.is_multi() {
            let horizon = self.horizon(cx.now, l);
            let recent = &mut self.lines[l].recent;
            recent.pass(horizon);
            recent.note(cx.now, key);
        }
        let primary = self.lines[l].primary;
        self.pass_on(cx, l, primary);
        lsn
    }

    /// Whether anybody else is there to replicate to.
    pub(super) fn is_replicated(&self) -> bool {
        self.members.iter().filter(|m| !m.gone).count() > 1
    }

    /// Writes into a primary's log.
    fn append(&mut self, l: usize, write: Write) -> u64 {
        let keep = self.is_replicated();
        let line = &mut self.lines[l];
        let lsn = line.log.commit(write, keep);
        let place = &mut line.at[line.primary];
        (place.received, place.applied) = (lsn, lsn);
        lsn
    }

    /// Sends on what a member has to those who get it from there.
    pub(super) fn pass_on(&mut self, cx: &mut Cx, l: usize, from: usize) {
        for to in 0..self.members.len() {
            if self.lines[l].at[to].source == from {
                self.send(cx, l, to);
            }
        }
    }

    /// Sends a member what it lacks, as far as the writes have waited long enough; sets an alarm for the rest.
    pub(super) fn send(&mut self, cx: &mut Cx, l: usize, to: usize) {
        let line = &self.lines[l];
        let (m, place, from) = (&self.members[to], &line.at[to], line.at[to].source);
        let begins = from == line.primary;
        if from == NOBODY || m.gone || m.phase == Phase::Copying || place.sending != NONE || (begins && self.fenced) {
            return;
        }
        let head = if begins { line.log.last() } else { line.at[from].received };
        let ready = self.is_up(cx.net, from) && self.members[from].phase != Phase::Copying;
        if place.sent >= head || !ready {
            return;
        }
        let Some(link) = self.path(cx.net, to, from) else { return };
        let delay = cx.net.links[link as usize].delay;
        let due = cx.now.saturating_sub(delay);
        let upto = if delay == 0 { head } else { line.log.committed_by(due, place.sent).min(head) };
        if upto > place.sent {
            cx.fx.ship(Ship {
                from: self.members[from].node,
                to: m.node,
                link,
                line: l as u32,
                after: place.sent,
                upto,
                term: self.term,
                bytes: self.bytes(cx.net, l, link, place.sent, upto),
                report: false,
                arrives: 0,
            });
        }
        let rest = (upto < head).then(|| line.log.committed(upto + 1).unwrap_or(cx.now) + delay);
        self.lines[l].at[to].sent = upto.max(self.lines[l].at[to].sent);
        if let Some(due) = rest {
            let span = due.saturating_sub(cx.now);
            let index = ((l as u32) << MEMBER_BITS) | to as u32;
            self.lines[l].at[to].sending = self.with(cx, from, |_, cx| cx.after(span, SEND, index));
        }
    }

    /// The size of these writes, where a link's bandwidth asks for it: what their users sent.
    fn bytes(&self, net: &Net, l: usize, link: LinkIx, after: u64, upto: u64) -> u64 {
        if net.links[link as usize].per_byte == 0.0 {
            return 0;
        }
        let writes = (after + 1..=upto).filter_map(|lsn| self.lines[l].log.write(lsn));
        writes.filter_map(|w| net.nodes.get(w.origin.users as usize)).map(|users| users.traffic.bytes.0).sum()
    }

    /// A source's alarm: the next write to a member has waited long enough.
    pub(super) fn send_due(&mut self, cx: &mut Cx, i: usize, index: u32) {
        let (l, to) = ((index >> MEMBER_BITS) as usize, (index & ((1 << MEMBER_BITS) - 1)) as usize);
        if self.lines.get(l).is_some_and(|line| line.at.get(to).is_some_and(|place| place.source == i)) {
            self.lines[l].at[to].sending = NONE;
            self.send(cx, l, to);
        }
    }

    /// Writes arrive at a member.
    pub(super) fn receive(&mut self, cx: &mut Cx, l: usize, i: usize, ship: Ship) {
        let place = &mut self.lines[l].at[i];
        // A stream with a hole before it is worth nothing.
        if ship.after > place.received || self.members[i].phase == Phase::Copying {
            return;
        }
        place.received = place.received.max(ship.upto);
        self.report(cx, l, i, Some(SyncMode::SemiSync));
        self.apply(cx, i);
        if self.lines[l].chained {
            self.pass_on(cx, l, i);
        }
    }

    /// The stream to a member broke: it goes on from what that one has.
    pub(super) fn resync(&mut self, cx: &mut Cx, l: usize, i: usize) {
        let line = &mut self.lines[l];
        if i == line.primary {
            return;
        }
        let place = &mut line.at[i];
        place.sent = place.received;
        if place.received < line.log.base() {
            return self.copy(cx, i);
        }
        if self.is_up(cx.net, i) {
            self.report(cx, l, i, None);
        }
        self.send(cx, l, i);
    }

    /// All streams to a member and from it go on.
    pub(super) fn reconnect(&mut self, cx: &mut Cx, i: usize) {
        for l in 0..self.lines.len() {
            self.resync(cx, l, i);
            for j in 0..self.members.len() {
                if self.lines[l].at[j].source == i {
                    self.resync(cx, l, j);
                }
            }
        }
    }

    /// A member applies the next write, if it has one and is not at it already; of several lines in turn.
    pub(super) fn apply(&mut self, cx: &mut Cx, i: usize) {
        let m = &self.members[i];
        if m.applying || m.phase == Phase::Copying {
            return;
        }
        let count = self.lines.len();
        let lacks =
            |l: &usize| self.lines[*l].primary != i && self.lines[*l].at[i].applied < self.lines[*l].at[i].received;
        let Some(l) = (1..=count).map(|step| (self.members[i].turn + step) % count).find(lacks) else { return };
        let source = self.lines[l].at[i].source;
        let path = if source == NOBODY { None } else { self.path(cx.net, i, source) };
        let apply = path.map_or(0, |link| cx.net.links[link as usize].apply);
        let slow = cx.net.nodes[cx.node as usize].slow;
        let span = (apply as f64 * slow).round() as Nanos;
        (self.members[i].applying, self.members[i].turn) = (true, l);
        cx.after(span, APPLY, l as u32);
    }

    /// A member has applied a write.
    pub(super) fn applied(&mut self, cx: &mut Cx, l: usize, i: usize) {
        self.members[i].applying = false;
        let line = &mut self.lines[l];
        let place = &mut line.at[i];
        if place.applied >= place.received || i == line.primary {
            return;
        }
        place.applied += 1;
        let lsn = place.applied;
        if let Some(committed) = line.log.committed(lsn) {
            cx.fx.list.push(Effect::Lag(cx.node, cx.now - committed));
        }
        if self.is_multi() {
            self.compare(cx, l, i, lsn);
        }
        self.serve_if_caught_up(cx, i);
        self.report(cx, l, i, Some(SyncMode::Sync));
        self.trim(l);
        self.apply(cx, i);
        if self.heir == Some(i) {
            self.take_over(cx, i);
        }
    }

    /// A member that has copied everything serves once it shows what was written meanwhile.
    fn serve_if_caught_up(&mut self, cx: &mut Cx, i: usize) {
        if self.members[i].phase != Phase::CatchingUp {
            return;
        }
        let caught_up = |line: &super::Line| i == line.primary || line.at[i].applied >= line.at[i].serve_from;
        if self.lines.iter().all(caught_up) {
            self.members[i].phase = Phase::Serving;
            cx.log(cx.node, What::Serving, NONE);
        }
    }

    /// Forgets what every member has.
    pub(super) fn trim(&mut self, l: usize) {
        let line = &mut self.lines[l];
        let others = line.at.iter().zip(&self.members).enumerate();
        let others = others.filter(|&(i, (_, m))| i != line.primary && !m.gone);
        let upto = others.map(|(_, (place, _))| place.applied).min().unwrap_or(line.log.last());
        line.log.trim(upto);
    }

    /// An empty member begins to copy the data; it serves when it has it and what was written meanwhile.
    pub(super) fn copy(&mut self, cx: &mut Cx, i: usize) {
        let donor = self.lines.iter().map(|line| line.primary).find(|&p| p != i && self.is_up(cx.net, p));
        let donor = donor.filter(|_| !self.fenced);
        if self.members[i].phase != Phase::Copying {
            let from = donor.unwrap_or(self.lines[0].primary);
            cx.log(self.members[i].node, What::Copying, self.members[from].node);
        }
        if let Some(donor) = donor {
            // What is written from now on is kept for it.
            for line in self.lines.iter_mut().filter(|line| line.primary != i) {
                let has = line.at[donor].applied;
                line.at[i].put(has);
            }
        }
        let m = &mut self.members[i];
        (m.phase, m.applying, m.copied) = (Phase::Copying, false, donor.is_some());
        let span = if m.copied { m.copy_time } else { RETRY_COPY };
        m.until = cx.now + span;
        self.with(cx, i, |_, cx| cx.after(span, COPIED, 0));
    }

    pub(super) fn copied(&mut self, cx: &mut Cx, i: usize) {
        if self.members[i].phase != Phase::Copying {
            return;
        }
        let whole = |line: &super::Line| i == line.primary || line.at[i].applied >= line.log.base();
        if !self.members[i].copied || !self.lines.iter().all(whole) {
            return self.copy(cx, i);
        }
        for line in self.lines.iter_mut() {
            line.at[i].serve_from = line.log.last();
        }
        self.members[i].phase = Phase::CatchingUp;
        self.serve_if_caught_up(cx, i);
        self.reconnect(cx, i);
    }
}
