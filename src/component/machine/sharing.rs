//! Cores that share themselves: with n jobs each gets min(1, cores / n) of a core, whatever process it belongs to.
//!
//! Egalitarian processor sharing in virtual time: the clock counts the work that each job present has got, so a job ends
//! when the clock reaches what it showed at arrival plus the job's work, and an arrival or a departure moves nobody
//! else's end. The clock is an integer, in 2⁻³² ns; what a division leaves over is lost to all alike, less than a
//! nanosecond in a billion events.

use super::{ALL_CORES, Machine, scaled};
use crate::component::effects::{Effects, TimerId};
use crate::component::net::NONE;
use crate::order;
use crate::time::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Binary places of the clock.
const PLACES: u32 = 32;

/// A job: the clock at its end, its place in the order of arrival, its process, itself.
type Share = Reverse<(u128, u64, u32, u32)>;

#[derive(Clone)]
pub(super) struct Sharing {
    clock: u128,
    since: Nanos,
    jobs: BinaryHeap<Share>,
    /// The alarm for the job that ends next.
    timer: TimerId,
}

impl Default for Sharing {
    fn default() -> Sharing {
        Sharing { clock: 0, since: 0, jobs: BinaryHeap::new(), timer: NONE }
    }
}

impl Sharing {
    /// Lets the clock go on up to now.
    fn advance(&mut self, now: Nanos, cores: usize) {
        let span = u128::from(now - self.since) << PLACES;
        let jobs = self.jobs.len();
        self.clock += if jobs <= cores { span } else { span * cores as u128 / jobs as u128 };
        if jobs == 0 {
            self.clock = 0;
        }
        self.since = now;
    }

    /// Until the clock shows this.
    fn until(&self, clock: u128, cores: usize) -> Nanos {
        let (left, jobs) = (clock.saturating_sub(self.clock), self.jobs.len());
        let span = if jobs <= cores {
            left.div_ceil(1 << PLACES)
        } else {
            (left * jobs as u128).div_ceil((cores as u128) << PLACES)
        };
        Nanos::try_from(span).unwrap_or(Nanos::MAX)
    }
}

impl Machine {
    /// Lets the clock go on, if there is one.
    pub(super) fn share_until(&mut self, now: Nanos) {
        let Some(sharing) = &mut self.sharing else { return };
        let (span, jobs) = ((now - sharing.since) as f64, sharing.jobs.len());
        let each = jobs.min(self.cores) as f64 / jobs.max(1) as f64;
        for p in &mut self.processes {
            p.owed += (p.inside as f64 * each - p.busy as f64) * span;
        }
        sharing.advance(now, self.cores);
    }

    #[inline(never)]
    pub(super) fn share(&mut self, now: Nanos, fx: &mut Effects, process: u32, job: u32, work: Nanos) {
        self.share_until(now);
        self.share_in(process, job, work);
        self.share_on(now, fx);
    }

    /// A job comes in, or is put aside while its process stands still.
    fn share_in(&mut self, process: u32, job: u32, work: Nanos) {
        let p = &mut self.processes[process as usize];
        let Some(sharing) = self.sharing.as_mut().filter(|_| !p.stands_still()) else {
            return p.parked.push((job, work));
        };
        p.inside += 1;
        self.jobs += 1;
        let end = sharing.clock + (u128::from(scaled(work, p.slow)) << PLACES);
        sharing.jobs.push(Reverse((end, self.jobs, process, job)));
    }

    /// Sets the alarm for the next end anew, and counts the cores to the processes.
    pub(super) fn share_on(&mut self, now: Nanos, fx: &mut Effects) {
        let Some(sharing) = &mut self.sharing else { return };
        if sharing.timer != NONE {
            fx.cancel(std::mem::replace(&mut sharing.timer, NONE));
        }
        if let Some(&Reverse((end, _, process, _))) = sharing.jobs.peek() {
            let at = now.saturating_add(sharing.until(end, self.cores));
            let (node, wake) = self.processes[process as usize].alarm(ALL_CORES);
            sharing.timer = fx.alarm(at, node, wake);
        }
        self.share_cores(now, fx);
    }

    /// Whole cores in proportion to the processes' jobs. What rounding leaves over goes to those to whom most is owed
    /// from before, so that in the long run each is counted what it really got.
    fn share_cores(&mut self, now: Nanos, fx: &mut Effects) {
        let jobs = self.sharing.as_ref().map_or(0, |sharing| sharing.jobs.len());
        let busy = jobs.min(self.cores);
        let whole = |inside: usize| (inside * busy).checked_div(jobs).unwrap_or(0);
        let mut rest = busy - self.processes.iter().map(|p| whole(p.inside)).sum::<usize>();
        let mut cores: Vec<usize> = Vec::new();
        if rest > 0 {
            cores.extend(self.processes.iter().map(|p| whole(p.inside)));
            while rest > 0 {
                let short = |&i: &usize| cores[i] == whole(self.processes[i].inside) && self.processes[i].inside > 0;
                let owed = |i: usize| self.processes[i].owed;
                let next = (0..cores.len()).filter(short).reduce(|a, b| if owed(b) > owed(a) { b } else { a });
                let Some(i) = next else { break };
                cores[i] += 1;
                rest -= 1;
            }
        }
        for process in 0..self.processes.len() {
            let mine = cores.get(process).copied().unwrap_or_else(|| whole(self.processes[process].inside));
            self.set_busy(now, fx, process as u32, mine);
        }
    }

    pub(super) fn share_done(&mut self, now: Nanos, fx: &mut Effects, process: u32) -> Option<(u32, Nanos)> {
        self.share_until(now);
        let sharing = self.sharing.as_mut()?;
        sharing.timer = NONE;
        let Reverse((end, _, owner, job)) = sharing.jobs.pop()?;
        debug_assert!(owner == process && end <= sharing.clock, "an alarm rang for a job that is not done");
        self.processes[process as usize].inside -= 1;
        self.share_on(now, fx);
        Some((job, 0))
    }

    /// A process's speed has changed: what its jobs have left takes longer or shorter.
    pub(super) fn share_slow(&mut self, now: Nanos, fx: &mut Effects, process: u32, before: f64) {
        for (job, left) in self.share_out(now, process, before) {
            self.share_in(process, job, left);
        }
        self.share_on(now, fx);
    }

    /// Takes a process's jobs out, in order of arrival: job and work left.
    fn share_out(&mut self, now: Nanos, process: u32, slow: f64) -> Vec<(u32, Nanos)> {
        self.share_until(now);
        let p = &mut self.processes[process as usize];
        let mut out = std::mem::take(&mut p.parked);
        p.inside = 0;
        let Some(sharing) = &mut self.sharing else { return out };
        let mut mine: Vec<(u64, u32, u128)> = Vec::new();
        for &Reverse((end, seq, owner, job)) in &sharing.jobs {
            if owner == process {
                mine.push((seq, job, end.saturating_sub(sharing.clock)));
            }
        }
        sharing.jobs.retain(|&Reverse((_, _, owner, _))| owner != process);
        order::sort_by_key(&mut mine, |a| a.0);
        let work = |left: u128| ((left >> PLACES) as f64 / slow).round() as Nanos;
        out.extend(mine.into_iter().map(|(_, job, left)| (job, work(left))));
        out
    }

    /// Takes a process away.
    pub(super) fn share_drop(&mut self, now: Nanos, process: u32) {
        self.share_out(now, process, 1.0);
    }

    /// Takes everybody out: process, job, work left.
    pub(super) fn share_take(&mut self, now: Nanos, fx: &mut Effects) -> Vec<(u32, u32, Nanos)> {
        let mut all = Vec::new();
        for process in 0..self.processes.len() as u32 {
            let slow = self.processes[process as usize].slow;
            all.extend(self.share_out(now, process, slow).into_iter().map(|(job, left)| (process, job, left)));
        }
        self.share_on(now, fx);
        all
    }
}
