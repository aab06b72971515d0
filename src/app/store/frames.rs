//! What the worker says, taken in: at once what moves, and no more often than calm allows what is read.

use super::{Store, wall_ms};
use crate::announce;
use crate::canvas::overlay;
use leptos::prelude::*;
use loadstone::metrics::frame::{Clock, Frame};
use loadstone::time::from_s;
use loadstone::worker::FromWorker;
use std::sync::Arc;

/// Cards, charts and numbers change at most this often, in ms: nothing flashes more than three times a second.
const CALM_MS: f64 = 340.0;
/// What is kept of the log.
const MAX_LOG: usize = 1000;

/// When things came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beat {
    /// When the newest frame came, by the page's clock in ms.
    pub heard: f64,
    /// When the calm view was refreshed last.
    pub shown: f64,
    /// Something came since.
    pub stale: bool,
}

impl Store {
    /// Takes in what the worker says.
    pub fn hear(self, message: FromWorker) {
        match message {
            FromWorker::Ready | FromWorker::Followed(_) => {}
            FromWorker::Refused(why) => {
                self.refused.set(Some(why));
                self.clock.set(Clock::Paused);
            }
            FromWorker::Frame(frame) => self.take(*frame),
            FromWorker::Measured(measured) => self.measured.set(Some(Arc::new(*measured))),
        }
    }

    fn take(self, mut frame: Frame) {
        let wall = wall_ms();
        let before = self.latest.get_value();
        let restarted = before.as_ref().is_none_or(|b| b.run != frame.run);
        if restarted {
            self.log.set(Vec::new());
            overlay::forget();
        }
        self.reached.update_value(|r| *r = frame.now.max(*r));
        self.series.update_value(|s| s.feed(&frame));
        announce::feed(&frame);
        if !frame.log.is_empty() {
            self.log.update(|log| bounded(log, std::mem::take(&mut frame.log), MAX_LOG));
        }
        frame.points = Vec::new();
        let speed = if frame.speed > 0.0 { frame.speed } else { self.speed.get_untracked() };
        overlay::launch(std::mem::take(&mut frame.dots), frame.now, speed);
        let turned = *self.clock.read_untracked() != frame.clock;
        set_if_new(self.clock, frame.clock.clone());
        set_if_new(self.end, frame.end);
        set_if_new(self.achieved, frame.speed);
        set_if_new(self.per_dot, frame.per_dot.max(1));
        let stands = frame.clock != Clock::Playing;
        // Between frames the page moves the time on by itself; it never steps back by the little it was ahead.
        let ahead = self.now.get_untracked();
        if stands || restarted || frame.now > ahead || ahead - frame.now > from_s(0.2 * frame.speed) {
            set_if_new(self.now, frame.now);
        }
        let frame = Arc::new(frame);
        self.latest.set_value(Some(frame));
        self.beat.update_value(|b| {
            b.heard = wall;
            b.stale = true;
        });
        if turned || stands || restarted {
            self.refresh(wall);
        }
    }

    /// Shows the newest frame on cards, inspector and charts, if the last time is long enough ago.
    pub fn refresh_calmly(self, wall: f64) {
        let beat = self.beat.get_value();
        if beat.stale && wall - beat.shown >= CALM_MS {
            self.refresh(wall);
        }
    }

    fn refresh(self, wall: f64) {
        self.beat.update_value(|b| {
            b.shown = wall;
            b.stale = false;
        });
        self.frame.set(self.latest.get_value());
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if *signal.read_untracked() != value {
        signal.set(value);
    }
}

/// Appends, and drops the oldest quarter once it is too many.
fn bounded<T>(list: &mut Vec<T>, more: Vec<T>, most: usize) {
    list.extend(more);
    if list.len() > most {
        let cut = list.len() - most * 3 / 4;
        list.drain(..cut);
    }
}
