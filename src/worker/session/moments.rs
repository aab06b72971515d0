//! To another moment: a step on or back, anywhere in the run, by way of the nearest checkpoint.

use super::super::checkpoints::Run;
use super::{Mode, Session, engine};
use crate::engine::Progress;
use crate::metrics::snapshot::WINDOW;
use crate::time::Nanos;

/// A step looks at so many events for one that moves something.
const STEP_EVENTS: u64 = 100_000;
/// A step back looks at so many events first, and at more if none of them moved anything.
const BACK_EVENTS: u64 = 500;

impl Session {
    /// To the next event that sends a packet or writes into the log.
    pub(super) fn step(&mut self) {
        self.mode = Mode::Paused;
        self.engine.recorder.1.listen(true);
        for _ in 0..STEP_EVENTS {
            let Some(at) = self.engine.next_time().filter(|&at| at <= self.end()) else {
                self.advance(self.end(), f64::INFINITY, &|| 0.0);
                return;
            };
            if self.moves(at) || self.stopped.is_some() {
                return;
            }
        }
    }

    /// Lets the one event happen that is next, at `at`. Returns whether it sent a packet or wrote into the log.
    fn moves(&mut self, at: Nanos) -> bool {
        let before = (self.engine.recorder.1.seen(), self.engine.recorder.0.log.len());
        if let Progress::Stopped(why) = self.engine.run_until(at, 1) {
            self.stopped = Some(why);
        }
        before != (self.engine.recorder.1.seen(), self.engine.recorder.0.log.len())
    }

    /// Back to the last event before this moment that sent a packet or wrote into the log.
    pub(super) fn step_back(&mut self) {
        self.mode = Mode::Paused;
        let (now, events) = (self.engine.now(), self.engine.events());
        let mut back = BACK_EVENTS;
        loop {
            let from = events.saturating_sub(back);
            self.rewind(|run| run.events() <= from);
            self.engine.run_until(now, from - self.engine.events());
            let start = self.engine.clone();
            self.engine.recorder.1.listen(true);
            let mut found = None;
            while let Some(at) = self.engine.next_time().filter(|&at| at <= now && self.engine.events() < events) {
                let earlier = at < now || self.engine.events() + 1 < events;
                if self.moves(at) && earlier {
                    found = Some((self.engine.events(), at));
                }
            }
            self.put(start);
            match found {
                Some((event, at)) => {
                    self.engine.recorder.1.listen(true);
                    self.engine.run_until(at, event - self.engine.events());
                    return;
                }
                None if from == 0 => {
                    self.engine = engine(&self.document, self.warmup);
                    return;
                }
                None => back *= 8,
            }
        }
    }

    pub(super) fn seek(&mut self, to: Nanos, then_play: bool) {
        let (now, by) = (self.engine.now(), to.saturating_sub(WINDOW));
        if to < now {
            self.rewind(|run| run.now() <= by);
        } else if let Some(run) = self.checkpoints.last(|run| run.now() > now && run.now() <= by) {
            self.put(run);
        }
        self.engine.recorder.1.listen(false);
        self.mode = Mode::CatchingUp { to, then_play };
    }

    /// Puts the run back to the last checkpoint that fits, or to its start.
    fn rewind(&mut self, fits: impl Fn(&Run) -> bool) {
        let run = self.checkpoints.last(fits).unwrap_or_else(|| engine(&self.document, self.warmup));
        let left = self.put(run);
        self.checkpoints.leave(left);
        self.begin_again();
    }

    /// Goes on with this run, under the present timeline; returns the one before.
    fn put(&mut self, mut run: Run) -> Run {
        run.revise(&self.document.timeline);
        std::mem::swap(&mut run.recorder.1, &mut self.engine.recorder.1);
        self.stopped = None;
        std::mem::replace(&mut self.engine, run)
    }
}
