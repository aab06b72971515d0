//! A process inside a node: the pool of workers that requests hold, and its place on the [`machine`](super::machine)
//! whose cores they compute on.

use super::effects::{Cx, Effects};
use super::machine::{Machine, MachineIx};
use super::net::{NONE, Net};
use crate::time::Nanos;
use std::collections::VecDeque;

/// Workers (or connections) with a bounded backlog in front of them; jobs are numbers of the owner's.
#[derive(Clone, Default)]
pub struct Pool {
    limit: usize,
    backlog: usize,
    held: usize,
    queue: VecDeque<(u32, Nanos)>,
}

/// What became of a job that asked for a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It has one.
    Now,
    /// It waits.
    Waits,
    /// The backlog is full.
    No,
}

impl Pool {
    /// Changes the sizes; who is inside stays.
    pub fn resize(&mut self, limit: u64, backlog: u64) {
        (self.limit, self.backlog) = (limit as usize, backlog as usize);
    }

    /// A job asks for a worker.
    #[inline]
    pub fn admit(&mut self, job: u32, now: Nanos) -> Admitted {
        if self.held < self.limit {
            self.held += 1;
            Admitted::Now
        } else if self.queue.len() < self.backlog {
            self.queue.push_back((job, now));
            Admitted::Waits
        } else {
            Admitted::No
        }
    }

    /// A job gives its worker back. Call [`next`](Self::next) afterwards.
    #[inline]
    pub fn release(&mut self) {
        self.held -= 1;
    }

    /// The next waiting job that can have a worker, and since when it has waited.
    #[inline]
    pub fn next(&mut self) -> Option<(u32, Nanos)> {
        if self.held >= self.limit {
            return None;
        }
        let next = self.queue.pop_front()?;
        self.held += 1;
        Some(next)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether nobody is inside.
    pub fn is_empty(&self) -> bool {
        self.held == 0 && self.queue.is_empty()
    }

    /// Everybody is gone.
    pub fn clear(&mut self) {
        self.held = 0;
        self.queue.clear();
    }
}

/// One process of a node on a machine: the node's own, or its host's (see [`Net::home`]). Rings `what` when a job is
/// done.
///
/// A kind whose node can run on another's machine has [`HOST`](super::HOST) among its parameters and computes on a
/// station; the rest happens here and in the engine: its cores and memory are the host's, and it goes down with it.
#[derive(Clone)]
pub struct Station {
    what: u8,
    number: u32,
    machine: MachineIx,
    process: u32,
}

impl Station {
    /// The node's only process, or its first.
    pub fn new(what: u8) -> Self {
        Self::numbered(what, 0)
    }

    /// One of several processes: the index of its alarms has this number above [`CORE_BITS`](super::machine::CORE_BITS).
    /// All but the first have machines of their own, unless the node runs on a host.
    pub fn numbered(what: u8, number: u32) -> Self {
        Self { what, number, machine: NONE, process: NONE }
    }

    #[inline]
    fn at<'a>(&mut self, cx: &'a mut Cx) -> (&'a mut Machine, &'a mut Effects, u32) {
        if self.machine == NONE {
            self.settle(cx);
        }
        (&mut cx.net.machines[self.machine], cx.fx, self.process)
    }

    /// Finds the machine, or makes it, and becomes one of its processes.
    #[cold]
    fn settle(&mut self, cx: &mut Cx) {
        let alone = self.number > 0 && cx.net.home(cx.node) == cx.node;
        self.machine = if alone { cx.net.machines.add() } else { cx.net.machine_of(cx.node) };
        self.process = cx.net.machines[self.machine].process(cx.node, self.what, self.number);
    }

    /// Changes the number of cores; what is running stays. On a host's machine it changes nothing.
    pub fn resize(&mut self, cx: &mut Cx, cores: u64) {
        let (now, own) = (cx.now, cx.net.home(cx.node) == cx.node);
        let (machine, fx, _) = self.at(cx);
        if own {
            machine.resize(now, fx, cores);
        }
    }

    /// Whether the cores share themselves among all jobs instead of serving in order. On a host's machine it changes
    /// nothing.
    pub fn set_sharing(&mut self, cx: &mut Cx, sharing: bool) {
        let (now, own) = (cx.now, cx.net.home(cx.node) == cx.node);
        let (machine, fx, _) = self.at(cx);
        if own {
            machine.set_sharing(now, fx, sharing);
        }
    }

    /// How many bytes of memory the machine has. On a host's machine it changes nothing.
    pub fn set_memory(&mut self, cx: &mut Cx, bytes: u64) {
        let own = cx.net.home(cx.node) == cx.node;
        let (machine, fx, _) = self.at(cx);
        if own {
            machine.set_memory(fx, bytes);
        }
    }

    /// The process holds so many more bytes, or fewer.
    pub fn grow(&mut self, cx: &mut Cx, bytes: i64) {
        let (machine, fx, process) = self.at(cx);
        let held = machine.occupied(process).saturating_add_signed(bytes);
        machine.occupy(fx, process, held);
    }

    /// A job wants so much work done; it computes when its turn comes.
    #[inline]
    pub fn submit(&mut self, cx: &mut Cx, job: u32, work: Nanos) {
        let now = cx.now;
        let (machine, fx, process) = self.at(cx);
        machine.submit(now, fx, process, job, work);
    }

    /// An alarm rang for this core: the job that is done, and how long it had waited for a core.
    #[inline]
    pub fn done(&mut self, cx: &mut Cx, core: u32) -> Option<(u32, Nanos)> {
        let now = cx.now;
        let (machine, fx, process) = self.at(cx);
        machine.done(now, fx, process, core)
    }

    /// Speed changes at once, for the remaining work too. A factor of 0 stands still.
    pub fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        let now = cx.now;
        let (machine, fx, process) = self.at(cx);
        machine.set_slow(now, fx, process, slow);
    }

    /// How many cores the machine has.
    pub fn cores(&self, net: &Net) -> usize {
        if self.machine == NONE { 0 } else { net.machines[self.machine].cores() }
    }

    /// How many of its jobs wait for a core.
    pub fn waiting(&self, net: &Net) -> usize {
        if self.machine == NONE { 0 } else { net.machines[self.machine].waiting(self.process) }
    }

    /// Core time that it has used so far.
    pub fn used(&self, now: Nanos, net: &Net) -> Nanos {
        if self.machine == NONE { 0 } else { net.machines[self.machine].used(now, self.process) }
    }

    /// The process is gone with everything in it.
    pub fn clear(&mut self, cx: &mut Cx) {
        let now = cx.now;
        let (machine, fx, process) = self.at(cx);
        machine.clear(now, fx, process);
    }

    /// The process is gone for good, and so is its machine if that was only for it.
    pub fn leave(&mut self, cx: &mut Cx) {
        self.clear(cx);
        if self.machine != cx.net.machine_of(cx.node) {
            cx.net.machines.remove(self.machine);
        }
    }
}
