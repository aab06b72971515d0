//! Machines: cores and memory, and the processes that share them.
//!
//! A node's `Station` is one process on a machine. Most machines have one; nodes that name a
//! `host` are further processes on its machine, and each instance of a server has a machine of its own. The cores serve
//! in order of arrival (`line`) or share themselves among all jobs (`sharing`). Memory belongs to the machine: when
//! its processes want more than there is, the largest one dies, as Linux's out-of-memory killer has it.

mod line;
mod sharing;
#[cfg(test)]
mod tests;

use super::effects::{Cx, Effect, Effects, TimerId, Wake};
use super::net::{NONE, Net, NodeIx};
use crate::slots::Slots;
use crate::time::{Nanos, SECOND};
use line::{Run, Waiting};
use sharing::Sharing;
use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

/// Position of a machine in [`Machines`].
pub type MachineIx = u32;

/// An alarm's index holds the core in this many bits, and the process's number above them.
pub const CORE_BITS: u32 = 11;
/// In the place of a core: all of them, which share themselves.
const ALL_CORES: u32 = (1 << CORE_BITS) - 1;
/// The alarm of a job that takes longer can be taken back.
const FAR: Nanos = SECOND;

/// All machines.
#[derive(Clone, Default)]
pub struct Machines {
    list: Slots<Machine>,
}

impl Machines {
    /// A machine that nobody uses yet.
    pub fn add(&mut self) -> MachineIx {
        self.list.insert(Machine::default())
    }

    /// Gives a machine back.
    pub fn remove(&mut self, machine: MachineIx) {
        self.list.remove(machine);
    }
}

impl Index<MachineIx> for Machines {
    type Output = Machine;
    fn index(&self, machine: MachineIx) -> &Machine {
        &self.list[machine]
    }
}

impl IndexMut<MachineIx> for Machines {
    fn index_mut(&mut self, machine: MachineIx) -> &mut Machine {
        &mut self.list[machine]
    }
}

/// A process on a machine.
#[derive(Clone)]
struct Process {
    node: NodeIx,
    /// What its alarms are called, and its number among the node's.
    what: u8,
    number: u32,
    /// Its speed is divided by this; 0 while it stands still (as below 0, which `check` does not let through).
    slow: f64,
    /// Jobs that wait for a core, first come first.
    queue: VecDeque<Waiting>,
    /// Jobs that share the cores, and those of a process that stands still: job and work left.
    inside: usize,
    parked: Vec<(u32, Nanos)>,
    /// Core time that sharing gave it beyond what whole cores were counted to it.
    owed: f64,
    /// Cores that it keeps busy, since when, and core time used before.
    busy: usize,
    since: Nanos,
    used: Nanos,
    /// Bytes.
    memory: u64,
    /// It is about to be killed for them.
    doomed: bool,
}

impl Process {
    /// Whether its jobs get no core.
    #[inline]
    fn stands_still(&self) -> bool {
        self.slow <= 0.0
    }

    /// Its alarm for a core, or for [`ALL_CORES`].
    fn alarm(&self, core: u32) -> (NodeIx, Wake) {
        (self.node, Wake { what: self.what, index: self.number << CORE_BITS | core })
    }

    /// Sets its alarm for a core. Only one that is far off can be taken back, so that those of jobs that never end there do
    /// not heap up; to keep track of all would cost more than to let the others ring in vain.
    #[inline]
    fn ring(&self, fx: &mut Effects, now: Nanos, at: Nanos, core: u32) -> TimerId {
        let (node, wake) = self.alarm(core);
        if at - now > FAR {
            return fx.alarm(at, node, wake);
        }
        fx.ring(at, node, wake);
        NONE
    }
}

/// Cores and memory.
#[derive(Clone)]
pub struct Machine {
    cores: usize,
    memory: u64,
    processes: Vec<Process>,
    /// Jobs so far: the order of arrival over all processes.
    jobs: u64,
    /// Jobs on cores, by core.
    runs: Slots<Run>,
    /// All jobs at once, if cores share themselves.
    sharing: Option<Sharing>,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine { cores: 1, memory: u64::MAX, processes: Vec::new(), jobs: 0, runs: Slots::default(), sharing: None }
    }
}

impl Machine {
    /// The process with this number of this node, which is added if it is not there.
    pub fn process(&mut self, node: NodeIx, what: u8, number: u32) -> u32 {
        let same = |p: &Process| (p.node, p.what, p.number) == (node, what, number);
        let place = self.processes.iter().position(same).unwrap_or_else(|| {
            self.processes.push(Process {
                node,
                what,
                number,
                slow: 1.0,
                queue: VecDeque::new(),
                inside: 0,
                parked: Vec::new(),
                owed: 0.0,
                busy: 0,
                since: 0,
                used: 0,
                memory: 0,
                doomed: false,
            });
            self.processes.len() - 1
        });
        place as u32
    }

    /// A process wants so much work done.
    #[inline]
    pub fn submit(&mut self, now: Nanos, fx: &mut Effects, process: u32, job: u32, work: Nanos) {
        if self.sharing.is_some() {
            return self.share(now, fx, process, job, work);
        }
        self.line_up(now, fx, process, job, work);
    }

    /// An alarm of a process rang for this core: the job that is done, and how long it had waited.
    #[inline]
    pub fn done(&mut self, now: Nanos, fx: &mut Effects, process: u32, core: u32) -> Option<(u32, Nanos)> {
        if core == ALL_CORES { self.share_done(now, fx, process) } else { self.line_done(now, fx, process, core) }
    }

    /// A process's speed changes at once, for the remaining work too. A factor of 0 stands still.
    pub fn set_slow(&mut self, now: Nanos, fx: &mut Effects, process: u32, slow: f64) {
        let before = std::mem::replace(&mut self.processes[process as usize].slow, slow);
        if before == slow {
            return;
        }
        if self.sharing.is_some() {
            self.share_slow(now, fx, process, before);
        } else {
            self.line_slow(now, fx, process, before);
        }
    }

    /// Changes the number of cores; what is running stays.
    pub fn resize(&mut self, now: Nanos, fx: &mut Effects, cores: u64) {
        self.share_until(now);
        self.cores = cores as usize;
        self.go_on(now, fx);
    }

    /// Whether the cores share themselves among all jobs; jobs that are inside go on.
    pub fn set_sharing(&mut self, now: Nanos, fx: &mut Effects, sharing: bool) {
        if sharing == self.sharing.is_some() {
            return;
        }
        let inside = if sharing { self.line_take(now, fx) } else { self.share_take(now, fx) };
        self.sharing = sharing.then(Sharing::default);
        for (process, job, left) in inside {
            self.submit(now, fx, process, job, left);
        }
    }

    /// A process is gone with all its jobs.
    pub fn clear(&mut self, now: Nanos, fx: &mut Effects, process: u32) {
        let p = &mut self.processes[process as usize];
        p.queue.clear();
        p.parked.clear();
        (p.slow, p.memory, p.doomed) = (1.0, 0, false);
        if self.sharing.is_some() {
            self.share_drop(now, process);
        } else {
            self.line_drop(now, fx, process);
        }
        self.go_on(now, fx);
    }

    /// Those that remain get the cores.
    fn go_on(&mut self, now: Nanos, fx: &mut Effects) {
        if self.sharing.is_some() {
            self.share_on(now, fx);
        } else {
            self.fill(now, fx);
        }
    }

    /// How many cores there are.
    pub fn cores(&self) -> usize {
        self.cores
    }

    /// How many jobs of a process wait for a core.
    pub fn waiting(&self, process: u32) -> usize {
        let p = &self.processes[process as usize];
        p.queue.len() + p.inside.saturating_sub(p.busy)
    }

    /// Core time that a process has used so far.
    pub fn used(&self, now: Nanos, process: u32) -> Nanos {
        let p = &self.processes[process as usize];
        p.used + p.busy as Nanos * (now - p.since)
    }

    /// A process keeps so many cores busy from now on.
    #[inline]
    fn set_busy(&mut self, now: Nanos, fx: &mut Effects, process: u32, busy: usize) {
        let p = &mut self.processes[process as usize];
        p.used += p.busy as Nanos * (now - p.since);
        let before = std::mem::replace(&mut p.busy, busy);
        p.since = now;
        if busy != before {
            fx.list.push(Effect::Busy(p.node, busy as i32 - before as i32));
        }
    }

    /// How many bytes there are.
    pub fn set_memory(&mut self, fx: &mut Effects, bytes: u64) {
        self.memory = bytes;
        self.spare(fx);
    }

    /// A process holds so many bytes from now on.
    pub fn occupy(&mut self, fx: &mut Effects, process: u32, bytes: u64) {
        let p = &mut self.processes[process as usize];
        p.doomed &= bytes >= p.memory;
        p.memory = bytes;
        self.spare(fx);
    }

    /// How many bytes a process holds.
    pub fn occupied(&self, process: u32) -> u64 {
        self.processes[process as usize].memory
    }

    /// If there is not memory enough, the process that holds most is killed, of equals the first.
    #[inline(never)]
    fn spare(&mut self, fx: &mut Effects) {
        let held = self.processes.iter().map(|p| u128::from(p.memory)).sum::<u128>();
        if held <= u128::from(self.memory) || self.processes.iter().any(|p| p.doomed) {
            return;
        }
        let largest = self.processes.iter().map(|p| p.memory).max();
        if let Some(p) = self.processes.iter_mut().find(|p| Some(p.memory) == largest) {
            p.doomed = true;
            fx.list.push(Effect::Restart(p.node, p.number));
        }
    }
}

/// Work at a speed divided by `slow`.
#[inline]
fn scaled(work: Nanos, slow: f64) -> Nanos {
    if slow == 1.0 { work } else { stretched(work, slow) }
}

/// The same where the speed is not the usual one.
#[inline(never)]
fn stretched(work: Nanos, slow: f64) -> Nanos {
    (work as f64 * slow).round() as Nanos
}

/// What a cache holds is a process of its own: it has no alarms.
const HOLDER: u8 = u8::MAX;

impl Net {
    /// The node whose machine a node's processes run on.
    pub fn home(&self, node: NodeIx) -> NodeIx {
        match self.nodes[node as usize].host {
            NONE => node,
            host => host,
        }
    }

    /// The machine of a node, or of its host; made if there is none yet.
    pub fn machine_of(&mut self, node: NodeIx) -> MachineIx {
        let home = self.home(node) as usize;
        if self.nodes[home].machine == NONE {
            self.nodes[home].machine = self.machines.add();
        }
        self.nodes[home].machine
    }
}

impl Cx<'_> {
    /// This node holds so many bytes of its machine's memory from now on, as a cache holds its items. If that is more
    /// than the machine has, its largest process is killed and starts again.
    pub fn occupy(&mut self, bytes: u64) {
        let machine = self.net.machine_of(self.node);
        let machine = &mut self.net.machines[machine];
        let holder = machine.process(self.node, HOLDER, 0);
        machine.occupy(self.fx, holder, bytes);
    }
}
