//! A query's way through a database: a connection, the disk if its record is not in memory, a core, the answer.

use super::line::Line;
use super::member::Job;
use super::{DISK, Database};
use crate::component::effects::{Cx, Doing, Effect};
use crate::component::net::{Ask, CallId, Op, Outcome};
use crate::component::station::Admitted;
use crate::time::from_ms;

impl Database {
    /// A query arrives: it has a connection, waits for one, or is refused.
    pub(super) fn admit(&mut self, cx: &mut Cx, i: usize, call: CallId) {
        let m = &mut self.members[i];
        let job = m.jobs.insert(Job { call });
        match m.pool.admit(job, cx.now) {
            Admitted::Now => self.begin(cx, i, job),
            Admitted::Waits => {}
            Admitted::No => {
                m.jobs.remove(job);
                cx.answer(call, Outcome::Refused);
            }
        }
    }

    /// A query has a connection: what it needs from the disk comes first, then its time on a core.
    pub(super) fn begin(&mut self, cx: &mut Cx, i: usize, job: u32) {
        let member = &mut self.members[i];
        let ask = &cx.net.calls[member.jobs[job].call].ask;
        match member.costs.disk(cx.net, ask) {
            Some(disk) => {
                let slow = cx.net.nodes[cx.node as usize].slow;
                let span = from_ms(disk.sample(&mut member.disk) * slow);
                cx.doing(member.jobs[job].call, Doing::Disk);
                cx.later(span, DISK, job);
            }
            None => self.compute(cx, i, job),
        }
    }

    pub(super) fn compute(&mut self, cx: &mut Cx, i: usize, job: u32) {
        let member = &mut self.members[i];
        let ask = &cx.net.calls[member.jobs[job].call].ask;
        let work = match ask.op {
            Op::Write => member.write.sample(&mut member.rng),
            _ => member.read.sample(&mut member.rng) * member.costs.times(ask.query),
        };
        member.station.submit(cx, job, from_ms(work));
    }

    /// A query has had its time on a core.
    pub(super) fn computed(&mut self, cx: &mut Cx, i: usize, core: u32) {
        let member = &mut self.members[i];
        let Some((job, waited)) = member.station.done(cx, core) else { return };
        let call = member.jobs[job].call;
        cx.waited(call, waited);
        let ask = cx.net.calls[call].ask;
        if ask.op != Op::Write {
            self.look(cx, i, &ask);
            return self.finish(cx, i, job, Outcome::Ok);
        }
        match self.line_of(i).filter(|_| !self.fenced) {
            Some(l) => {
                if !self.awaited.is_empty() {
                    self.welcome(cx, call);
                }
                let write = self.write_of(cx, call);
                let lsn = self.commit(cx, l, write);
                self.acknowledge(cx, l, lsn, job);
            }
            None => self.finish(cx, i, job, Outcome::Reset),
        }
    }

    /// A member reads a record: says so if it does not show the last write that a user knows to be done.
    pub(super) fn look(&self, cx: &mut Cx, i: usize, ask: &Ask) {
        let behind = |line: &&Line| line.primary != i && line.log.hides(line.at[i].applied);
        if self.lines.iter().any(|line| behind(&line)) {
            let key = cx.net.key(ask);
            let stale = |line: &Line| line.log.is_stale(key, line.at[i].applied);
            if self.lines.iter().filter(behind).any(stale) {
                cx.fx.list.push(Effect::Stale(cx.node));
            }
        }
    }

    /// Answers a query and gives its connection to the next.
    pub(super) fn finish(&mut self, cx: &mut Cx, i: usize, job: u32, outcome: Outcome) {
        let call = self.members[i].jobs.remove(job).call;
        cx.answer(call, outcome);
        self.members[i].pool.release();
        while let Some((job, since)) = self.members[i].pool.next() {
            cx.waited(self.members[i].jobs[job].call, cx.now - since);
            self.begin(cx, i, job);
        }
    }
}
