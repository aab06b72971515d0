//! Cores that serve in order of arrival, over all processes of the machine: each job has a core for itself.

use super::{Machine, Process, scaled};
use crate::component::effects::{Effects, TimerId};
use crate::component::net::NONE;
use crate::order;
use crate::time::{NEVER, Nanos};

/// A job that waits for a core.
#[derive(Clone)]
pub(super) struct Waiting {
    /// Its place in the order of arrival.
    pub seq: u64,
    pub job: u32,
    pub work: Nanos,
    pub since: Nanos,
}

/// A job on a core.
#[derive(Clone)]
pub(super) struct Run {
    process: u32,
    seq: u64,
    job: u32,
    /// Work left at full speed, as of `since`.
    left: Nanos,
    since: Nanos,
    waited: Nanos,
    /// When it is done; [`NEVER`] while its process stands still.
    ends: Nanos,
    /// The alarm for that, if it can be taken back (see [`Process::ring`]).
    timer: TimerId,
}

impl Machine {
    /// A job gets a free core at once, or joins the end of the line. While a core is free, nobody waits, except in a
    /// process that stands still.
    #[inline]
    pub(super) fn line_up(&mut self, now: Nanos, fx: &mut Effects, process: u32, job: u32, work: Nanos) {
        self.jobs += 1;
        let next = Waiting { seq: self.jobs, job, work, since: now };
        let p = &mut self.processes[process as usize];
        if self.runs.len() >= self.cores || p.stands_still() {
            return p.queue.push_back(next);
        }
        debug_assert!(p.queue.is_empty(), "a job waits while a core is free");
        self.take_core(now, fx, process, next);
    }

    /// Gives free cores to those who wait; a process that stands still gets none.
    pub(super) fn fill(&mut self, now: Nanos, fx: &mut Effects) {
        while self.runs.len() < self.cores {
            let Some((process, next)) = self.next() else { break };
            self.take_core(now, fx, process, next);
        }
    }

    /// A job begins on a core that is free.
    #[inline]
    fn take_core(&mut self, now: Nanos, fx: &mut Effects, process: u32, next: Waiting) {
        let core = self.runs.next_number();
        let run = self.begin(now, fx, process, next, core);
        self.runs.insert(run);
        self.set_busy(now, fx, process, self.processes[process as usize].busy + 1);
    }

    /// Takes who comes next out of the line, with its process.
    #[inline]
    fn next(&mut self) -> Option<(u32, Waiting)> {
        // Nearly every machine has one process.
        if let [one] = &mut self.processes[..] {
            return if one.stands_still() { None } else { Some((0, one.queue.pop_front()?)) };
        }
        let i = self.next_of_several()?;
        Some((i as u32, self.processes[i].queue.pop_front()?))
    }

    /// The process whose first job has waited for the longest.
    #[inline(never)]
    fn next_of_several(&self) -> Option<usize> {
        let waits = |p: &Process| if p.stands_still() { None } else { p.queue.front().map(|w| w.seq) };
        let several = self.processes.iter().enumerate();
        several.filter_map(|(i, p)| Some((waits(p)?, i))).min().map(|(_, i)| i)
    }

    /// A job begins on a core.
    #[inline]
    fn begin(&self, now: Nanos, fx: &mut Effects, process: u32, next: Waiting, core: u32) -> Run {
        let p = &self.processes[process as usize];
        let ends = now.saturating_add(scaled(next.work, p.slow));
        let timer = p.ring(fx, now, ends, core);
        Run {
            process,
            seq: next.seq,
            job: next.job,
            left: next.work,
            since: now,
            waited: now - next.since,
            ends,
            timer,
        }
    }

    /// A core is done with its job, and goes on with the next in line. Not if the alarm is an old one, of another process's
    /// job or of another time: most alarms of cores are not taken back.
    #[inline]
    pub(super) fn line_done(&mut self, now: Nanos, fx: &mut Effects, rang: u32, core: u32) -> Option<(u32, Nanos)> {
        let &Run { process, job, waited, ends, .. } = self.runs.get(core)?;
        if (process, ends) != (rang, now) {
            return None;
        }
        let next = if self.runs.len() <= self.cores { self.next() } else { None };
        let Some((takes_over, next)) = next else {
            self.runs.remove(core);
            self.set_busy(now, fx, process, self.processes[process as usize].busy - 1);
            return Some((job, waited));
        };
        self.runs[core] = self.begin(now, fx, takes_over, next, core);
        // From job to job of one process a core is busy all along.
        if takes_over != process {
            self.set_busy(now, fx, takes_over, self.processes[takes_over as usize].busy + 1);
            self.set_busy(now, fx, process, self.processes[process as usize].busy - 1);
        }
        Some((job, waited))
    }

    /// A process's speed has changed. One that stands still keeps the cores that it has.
    pub(super) fn line_slow(&mut self, now: Nanos, fx: &mut Effects, process: u32, before: f64) {
        let p = &self.processes[process as usize];
        for (core, run) in self.runs.iter_mut().filter(|(_, run)| run.process == process) {
            run.stop(now, fx, before);
            if !p.stands_still() {
                run.ends = now.saturating_add(scaled(run.left, p.slow));
                run.timer = p.ring(fx, now, run.ends, core);
            }
        }
        self.fill(now, fx);
    }

    /// Takes a process off its cores.
    pub(super) fn line_drop(&mut self, now: Nanos, fx: &mut Effects, process: u32) {
        for core in 0..self.runs.bound() {
            if self.runs.get(core).is_some_and(|run| run.process == process) {
                self.runs.remove(core).forget(fx);
            }
        }
        self.set_busy(now, fx, process, 0);
    }

    /// Takes everybody out, in order of arrival: process, job, work left.
    pub(super) fn line_take(&mut self, now: Nanos, fx: &mut Effects) -> Vec<(u32, u32, Nanos)> {
        let mut all: Vec<(u64, u32, u32, Nanos)> = Vec::new();
        for (_, run) in self.runs.iter_mut() {
            run.stop(now, fx, self.processes[run.process as usize].slow);
            all.push((run.seq, run.process, run.job, run.left));
        }
        self.runs.clear();
        for i in 0..self.processes.len() {
            let queue = std::mem::take(&mut self.processes[i].queue);
            all.extend(queue.into_iter().map(|w| (w.seq, i as u32, w.job, w.work)));
            self.set_busy(now, fx, i as u32, 0);
        }
        order::sort_by_key(&mut all, |a| a.0);
        all.into_iter().map(|(_, process, job, left)| (process, job, left)).collect()
    }
}

impl Run {
    /// Takes its alarm back, if that can be.
    fn forget(&mut self, fx: &mut Effects) {
        if self.timer != NONE {
            fx.cancel(std::mem::replace(&mut self.timer, NONE));
        }
    }

    /// Stops it, and notes how much of the work is left.
    fn stop(&mut self, now: Nanos, fx: &mut Effects, slow: f64) {
        self.forget(fx);
        if self.ends != NEVER {
            self.ends = NEVER;
            let spent = ((now - self.since) as f64 / slow).round() as Nanos;
            self.left = self.left.saturating_sub(spent);
        }
        self.since = now;
    }
}
