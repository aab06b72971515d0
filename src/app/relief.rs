//! The faster simulator, which takes over from the one that a visit began with.
//!
//! A first visit loads one program, made small, for page and worker alike: the run shows at once, but an engine that is
//! compiled for size simulates at little more than half the speed. So once the run shows, a second worker fetches the same engine made
//! for speed, and simulates the same document. A run depends on its document alone; so the new worker, a little ahead of the
//! old one, stands where that one will be in a moment, and when it gets there they change.
//! The page is told nothing twice and nothing too little: `host` drops what was told before.

use super::host::Line;
use super::store::{Store, wall_ms};
use leptos::prelude::*;
use loadstone::metrics::frame::{Clock, Frame};
use loadstone::time::{Nanos, from_s};
use loadstone::worker::{FromWorker, ToWorker};

/// The name of its program's files.
pub const PROGRAM: &str = "engine";
/// It waits so far ahead of the other, in seconds on the screen, and takes over if it is not further behind than that.
const AHEAD_S: f64 = 0.4;
/// While something that was asked of the other may still be on its way, in ms, they do not change.
const QUIET_MS: f64 = 300.0;

/// The worker that will take over.
pub struct Relief {
    store: Store,
    /// The way to it.
    pub line: Line,
    ready: bool,
    /// Where it waits and the number of its run; none while it is on its way.
    waits: Option<(Nanos, u32)>,
    /// Where it was sent to.
    sent: Nanos,
    /// Until then, by the page's clock in ms, they do not change.
    quiet_until: f64,
    /// The other one made a step: it stands in the middle of an instant, to which no seeking leads.
    stepped: bool,
}

impl Relief {
    /// A worker that was just started.
    pub fn new(store: Store, line: Line) -> Relief {
        Relief { store, line, ready: false, waits: None, sent: 0, quiet_until: 0.0, stepped: false }
    }

    /// Takes notice of what the other worker is told.
    pub fn overhear(&mut self, message: &ToWorker) {
        self.quiet_until = wall_ms() + QUIET_MS;
        self.stepped = match message {
            ToWorker::Step | ToWorker::StepBack => true,
            ToWorker::Play | ToWorker::Seek(_) | ToWorker::Load { .. } => false,
            _ => self.stepped,
        };
        match message {
            ToWorker::Load { document, .. } if self.ready => self.load(document.clone()),
            ToWorker::Speed(_) | ToWorker::Watch(_) if self.ready => self.line.post(message),
            // Where the run goes, its frames tell.
            _ => {}
        }
    }

    /// Takes in what it says.
    pub fn hear(&mut self, message: &FromWorker) {
        match message {
            FromWorker::Ready => {
                self.ready = true;
                self.line.post(&ToWorker::Speed(self.store.speed.get_untracked()));
                self.load(self.store.document_text());
            }
            FromWorker::Frame(frame) => {
                let there = stands(frame) && frame.now == self.sent;
                self.waits = there.then_some((frame.now, frame.run));
            }
            FromWorker::Refused(_) => self.waits = None,
            // Nobody asks it for this before it is the one that runs.
            FromWorker::Measured(_) | FromWorker::Followed(_) => {}
        }
    }

    /// Looks at the latest frame of the other one: if that plays and has reached the place where this one waits, or stands
    /// there, this one goes on from there, and the number of its run is returned.
    pub fn meets(&mut self, frame: &Frame) -> Option<u32> {
        // A design that is refused is nothing that could go on.
        if !self.ready || wall_ms() < self.quiet_until || self.store.refused.read_untracked().is_some() {
            return None;
        }
        if stands(frame) {
            match self.waits {
                _ if self.stepped => {}
                Some((at, run)) if at == frame.now => {
                    // So that the page hears from it.
                    self.line.post(&ToWorker::Seek(at));
                    return Some(run);
                }
                _ if self.sent != frame.now => self.send(frame.now),
                _ => {}
            }
            return None;
        }
        if frame.clock != Clock::Playing {
            return None;
        }
        let near = from_s(AHEAD_S * frame.speed.max(0.001));
        let here = match self.waits {
            Some((at, run)) if at <= frame.now && frame.now - at <= near => run,
            // It is still to come here; or this one is still on its way.
            Some((at, _)) if at > frame.now && at - frame.now <= near * 2 => return None,
            None if self.sent.abs_diff(frame.now) <= near * 8 => return None,
            _ => {
                self.send(frame.now + near);
                return None;
            }
        };
        self.line.post(&ToWorker::Seek(frame.now));
        self.line.post(&ToWorker::Play);
        Some(here)
    }

    fn load(&mut self, document: String) {
        self.line.post(&ToWorker::Load { document, restart: true });
        let (now, _) = self.store.whereabouts();
        self.send(now);
    }

    fn send(&mut self, to: Nanos) {
        self.waits = None;
        self.sent = to;
        self.line.post(&ToWorker::Seek(to));
    }
}

/// Whether a run stands, at its end or before.
pub fn stands(frame: &Frame) -> bool {
    matches!(frame.clock, Clock::Paused | Clock::Ended)
}
