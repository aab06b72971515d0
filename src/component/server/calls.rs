//! What a request asks of others after its time on a core: caches first, then everybody else in the order of the file,
//! and at last the caches again, to put in what was missed or to throw out what was changed (cache-aside).

use super::Server;
use super::guards::Trial;
use crate::component::Kind;
use crate::component::effects::{Cx, NewCall};
use crate::component::net::{Ask, Call, CallId, LinkInfo, LinkIx, NONE, Net, Op, Outcome};

/// How far a request has come with its calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It asks caches.
    Look,
    /// It asks all others: databases only if no cache had the record.
    Ask,
    /// It brings caches up to date.
    Settle,
}

/// The calls of the present link are not counted yet.
const UNCOUNTED: u32 = u32::MAX;

/// A request in the server.
#[derive(Clone)]
pub(super) struct Job {
    pub call: CallId,
    /// Which instance has it.
    pub slot: u32,
    /// Memory that it holds.
    pub bytes: u64,
    stage: Stage,
    /// Position among the server's links.
    link: usize,
    /// Calls still to be made on that link.
    left: u32,
    /// Calls that are out.
    open: u32,
    /// Which: one, and all others.
    last: CallId,
    several: Vec<CallId>,
    /// Whether a refused read has already been sent to another member.
    again: bool,
    /// Whether a cache had the record, and by position which caches had not.
    hit: bool,
    missed: u64,
}

impl Default for Job {
    fn default() -> Job {
        Job {
            call: NONE,
            slot: NONE,
            bytes: 0,
            stage: Stage::Look,
            link: 0,
            left: UNCOUNTED,
            open: 0,
            last: NONE,
            several: Vec::new(),
            again: false,
            hit: false,
            missed: 0,
        }
    }
}

impl Job {
    /// It takes the place of one that is over, of which no call is out; its own calls have not [begun](Job::begin).
    #[inline]
    pub fn renew(&mut self, call: CallId, slot: u32) {
        (self.call, self.slot, self.bytes) = (call, slot, 0);
    }

    /// Its calls begin.
    #[inline]
    fn begin(&mut self, stage: Stage) {
        (self.stage, self.link, self.left, self.open) = (stage, 0, UNCOUNTED, 0);
        (self.again, self.hit, self.missed) = (false, false, 0);
    }

    /// Nobody waits for its calls any more.
    #[inline]
    pub fn close(&mut self, cx: &mut Cx) {
        if self.last != NONE {
            cx.close(std::mem::replace(&mut self.last, NONE));
        }
        self.several.drain(..).for_each(|out| cx.close(out));
    }

    /// How many calls it makes over its present link.
    fn count(&self, net: &Net, link: LinkIx) -> u32 {
        let (ask, callee) = (&net.calls[self.call].ask, &net.nodes[net.links[link as usize].to as usize]);
        let calls = net.calls_over(link, ask);
        match (self.stage, callee.kind == Kind::Cache) {
            (Stage::Look, true) if ask.op == Op::Read && !self.hit => calls,
            // One record is put in or thrown out once, however often it was looked for.
            (Stage::Settle, true) if ask.op == Op::Write => calls.min(1),
            (Stage::Settle, true) => calls.min(self.missed.checked_shr(self.link as u32).unwrap_or(0) as u32 & 1),
            (Stage::Ask, false) if self.hit && callee.kind == Kind::Database => 0,
            (Stage::Ask, false) => calls,
            _ => 0,
        }
    }

    /// What it asks at its present stage.
    fn ask(&self, net: &Net) -> Ask {
        let ask = net.calls[self.call].ask;
        match (self.stage, ask.op) {
            (Stage::Settle, Op::Write) => Ask { op: Op::Purge, ..ask },
            (Stage::Settle, _) => Ask { op: Op::Fill, ..ask },
            _ => ask,
        }
    }
}

impl Server {
    /// A request has had its time on a core: its calls begin. A static file needs none, nor does a server that calls
    /// nobody.
    #[inline]
    pub(super) fn computed(&mut self, cx: &mut Cx, id: u32) {
        let is_static = |job: &Job| cx.net.calls[job.call].ask.op == Op::Static;
        if self.links.is_empty() || is_static(&self.jobs[id]) {
            return self.finish(cx, id, Outcome::Ok);
        }
        self.jobs[id].begin(if self.caches { Stage::Look } else { Stage::Ask });
        self.proceed(cx, id);
    }

    /// Makes the next calls of a job: one after the other, or as many at once as are marked parallel.
    #[inline]
    fn proceed(&mut self, cx: &mut Cx, id: u32) {
        loop {
            let job = &mut self.jobs[id];
            let Some(&link) = self.links.get(job.link) else {
                if job.open > 0 {
                    return;
                }
                (job.link, job.left) = (0, UNCOUNTED);
                job.stage = match job.stage {
                    Stage::Look => Stage::Ask,
                    Stage::Ask if self.caches => Stage::Settle,
                    _ => return self.finish(cx, id, Outcome::Ok),
                };
                continue;
            };
            if job.left == UNCOUNTED {
                job.left = job.count(cx.net, link);
                if job.left == 0 {
                    (job.link, job.left) = (job.link + 1, UNCOUNTED);
                    continue;
                }
            }
            let parallel = cx.net.links[link as usize].calls.1;
            if job.open > 0 && !parallel {
                return;
            }
            if job.left == 0 {
                (job.link, job.left) = (job.link + 1, UNCOUNTED);
                continue;
            }
            job.left -= 1;
            job.again = false;
            let (slot, optional) = (job.slot, job.stage != Stage::Ask);
            if self.is_barred(cx.now, slot, link) {
                if optional {
                    continue;
                }
                return self.finish(cx, id, Outcome::AppError);
            }
            self.send(cx, id, link);
        }
    }

    fn send(&mut self, cx: &mut Cx, id: u32, link: LinkIx) {
        let job = &mut self.jobs[id];
        let (ask, slot) = (job.ask(cx.net), job.slot);
        job.open += 1;
        let LinkInfo { to: callee, calls: (_, parallel), .. } = cx.net.links[link as usize];
        let out = cx.call_for(
            job.call,
            NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience: self.patience },
        );
        // A refused call goes out again while others may be out, even if its link is no longer parallel.
        if parallel || job.last != NONE {
            job.several.push(out);
        } else {
            job.last = out;
        }
        self.note(Trial { call: out, job: id, slot, link });
    }

    /// A call has ended. What a cache cannot do the database does; any other call that fails makes the request fail.
    pub(super) fn answered(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { token: id, link, hit, ask: Ask { op, .. }, .. } = cx.net.calls[call];
        let Some(slot) = self.jobs.get(id).map(|job| job.slot) else { return };
        self.learn(cx, slot, call, outcome);
        let barred = self.is_barred(cx.now, slot, link);
        let job = &mut self.jobs[id];
        job.open -= 1;
        if job.last == call {
            job.last = NONE;
        } else {
            job.several.retain(|&out| out != call);
        }
        if job.stage == Stage::Look && outcome == Outcome::Ok {
            job.hit |= hit;
            let place = self.links.iter().position(|&l| l == link).filter(|&place| place < 64);
            job.missed |= place.filter(|_| !hit).map_or(0, |place| 1 << place);
        }
        let failed = match outcome {
            _ if job.stage != Stage::Ask => return self.proceed(cx, id),
            Outcome::Ok => return self.proceed(cx, id),
            Outcome::Refused if op != Op::Write && !job.again && !barred && cx.net.links[link as usize].grouped => {
                job.again = true;
                return self.send(cx, id, link);
            }
            Outcome::Timeout | Outcome::ConnectTimeout | Outcome::GatewayTimeout => Outcome::GatewayTimeout,
            _ => Outcome::AppError,
        };
        self.finish(cx, id, failed);
    }
}
