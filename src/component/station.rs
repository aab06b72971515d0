//! Machines inside a node: the pool of workers that requests hold, and the cores that they compute on.
//!
//! Both are first come, first served. Shared by servers and databases.

use super::effects::{Cx, Effect, TimerId};
use super::net::NONE;
use crate::time::Nanos;
use std::collections::VecDeque;

/// Workers (or connections) with a bounded backlog in front of them; jobs are numbers of the owner's.
#[derive(Default)]
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
    pub fn release(&mut self) {
        self.held -= 1;
    }

    /// The next waiting job that can have a worker, and since when it has waited.
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

    /// Everybody is gone.
    pub fn clear(&mut self) {
        self.held = 0;
        self.queue.clear();
    }
}

/// A job on a core.
struct Run {
    job: u32,
    /// Work left at full speed, as of `since`.
    left: Nanos,
    since: Nanos,
    /// How long it waited for the core.
    waited: Nanos,
    timer: TimerId,
}

/// Cores with a queue in front of them. Rings `what` with the core's number as index when a job is done.
pub struct Station {
    what: u8,
    cores: usize,
    /// Speed is divided by this; 0 while everything stands still.
    slow: f64,
    running: Vec<Option<Run>>,
    busy: usize,
    queue: VecDeque<(u32, Nanos, Nanos)>,
}

impl Station {
    /// Cores whose alarms are called `what`.
    pub fn new(what: u8) -> Self {
        Self { what, cores: 1, slow: 1.0, running: Vec::new(), busy: 0, queue: VecDeque::new() }
    }

    /// Changes the number of cores; what is running stays.
    pub fn resize(&mut self, cx: &mut Cx, cores: u64) {
        self.cores = cores as usize;
        self.fill(cx);
    }

    /// A job wants so much work done; it computes when its turn comes.
    pub fn submit(&mut self, cx: &mut Cx, job: u32, work: Nanos) {
        if self.busy < self.cores && self.slow > 0.0 {
            self.run(cx, job, work, 0);
        } else {
            self.queue.push_back((job, work, cx.now));
        }
    }

    /// A core's alarm rang: the job that is done, and how long it had waited for the core.
    pub fn done(&mut self, cx: &mut Cx, core: u32) -> Option<(u32, Nanos)> {
        let run = self.running.get_mut(core as usize)?.take()?;
        self.busy -= 1;
        cx.fx.list.push(Effect::Busy(cx.node, -1));
        self.fill(cx);
        Some((run.job, run.waited))
    }

    /// Gives free cores to those who wait.
    fn fill(&mut self, cx: &mut Cx) {
        while self.busy < self.cores && self.slow > 0.0 {
            let Some((job, work, since)) = self.queue.pop_front() else { break };
            self.run(cx, job, work, cx.now - since);
        }
    }

    fn run(&mut self, cx: &mut Cx, job: u32, work: Nanos, waited: Nanos) {
        let core = match self.running.iter().position(Option::is_none) {
            Some(core) => core,
            None => {
                self.running.push(None);
                self.running.len() - 1
            }
        };
        let timer = cx.after(scaled(work, self.slow), self.what, core as u32);
        self.running[core] = Some(Run { job, left: work, since: cx.now, waited, timer });
        self.busy += 1;
        cx.fx.list.push(Effect::Busy(cx.node, 1));
    }

    /// Speed changes at once, for the remaining work too. A factor of 0 stands still.
    pub fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        for core in 0..self.running.len() {
            let Some(run) = &mut self.running[core] else { continue };
            if self.slow > 0.0 {
                let spent = ((cx.now - run.since) as f64 / self.slow).round() as Nanos;
                run.left = run.left.saturating_sub(spent);
                cx.cancel(run.timer);
            }
            run.since = cx.now;
            run.timer = if slow > 0.0 { cx.after(scaled(run.left, slow), self.what, core as u32) } else { NONE };
        }
        self.slow = slow;
        self.fill(cx);
    }

    /// How many cores there are.
    pub fn cores(&self) -> usize {
        self.cores
    }

    /// How many wait for a core.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Everybody is gone; alarms are gone with the process.
    pub fn clear(&mut self, cx: &mut Cx) {
        if self.busy > 0 {
            cx.fx.list.push(Effect::Busy(cx.node, -(self.busy as i32)));
        }
        self.running.clear();
        self.queue.clear();
        self.busy = 0;
        self.slow = 1.0;
    }
}

/// Work at a speed divided by `slow`.
fn scaled(work: Nanos, slow: f64) -> Nanos {
    if slow == 1.0 { work } else { (work as f64 * slow).round() as Nanos }
}
