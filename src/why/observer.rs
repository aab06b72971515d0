//! Watches a run as the page does: frame by frame.

use super::{Lately, Reason, why};
use crate::engine::{Engine, Progress};
use crate::metrics::frame::{Clock, LogLine};
use crate::metrics::snapshot::{Measures, Told, WINDOW};
use crate::scenario::Scenario;
use crate::time::Nanos;
use std::sync::Arc;

/// A run is looked at so often, if it is long.
const LOOKS: Nanos = 240;
/// So many lines of the log are kept, the newest.
const LINES: usize = 1000;

/// What was seen of a run.
#[derive(Default)]
pub struct Observer {
    told: Told,
    lately: Lately,
    log: Vec<LogLine>,
}

impl Observer {
    /// Runs up to `until`, and looks at it from time to time.
    pub fn run<R: Measures>(&mut self, engine: &mut Engine<R>, document: &Scenario, until: Nanos) -> Progress {
        let step = WINDOW.max(until.saturating_sub(engine.now()) / LOOKS);
        loop {
            let next = engine.now().saturating_add(step).min(until);
            let progress = engine.run_until(next, u64::MAX);
            let frame = self.told.frame(engine, document, Clock::Playing, until);
            self.log.extend(frame.log.iter().cloned());
            if self.log.len() > LINES {
                self.log.drain(..self.log.len() - LINES / 2);
            }
            self.lately.feed(&Arc::new(frame));
            if progress != Progress::Reached || next >= until {
                return progress;
            }
        }
    }

    /// Why it is now as it is.
    pub fn why(&self, document: &Scenario) -> Vec<Reason> {
        why(document, &self.lately, &self.log)
    }
}
