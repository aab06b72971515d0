//! A run that follows a clock: how far to simulate by now, what to tell the page, what an edit means for the run.
//!
//! How it gets to another moment than the next is in [`moments`].
//!
//! Knows no browser: the time comes in as a parameter, in ms of some clock that only goes forward.

mod moments;

use super::checkpoints::{Checkpoints, Run};
use super::{Errand, Followed, FromWorker, ToWorker, pack, unpack};
use crate::check;
use crate::engine::{Engine, Progress};
use crate::metrics::Metrics;
use crate::metrics::dots::Dots;
use crate::metrics::follow::follow;
use crate::metrics::frame::{Clock, Frame};
use crate::metrics::measurement::Measurement;
use crate::metrics::snapshot::{Places, Told, WINDOW};
use crate::scenario::{Action, Scenario};
use crate::time::{Nanos, SECOND, from_s};

/// The page is told of the run at most this often, in ms.
const FRAME_MS: f64 = 33.0;
/// The engine works in slices of this length, in ms, and listens for messages in between.
const SLICE_MS: f64 = 16.0;
/// Events between two looks at the clock.
const CHUNK: u64 = 2_000;
/// If the engine is this far behind the clock, in ms, it gives up the lost time: the speed that it really achieves is
/// then lower than the one asked for, and the page says so.
const PATIENCE_MS: f64 = 50.0;
/// The achieved speed is measured over this long, in ms.
const SPEED_MS: f64 = 500.0;
/// A dot stays at least this long on the screen, in ms of the page's clock.
const DOT_MS: f64 = 250.0;
/// The page draws about so many dots at once.
const DOTS: usize = 2_000;
/// The charts have at most so many points per run.
const POINTS: u64 = 600;
/// And no interval shorter than this.
const INTERVAL: Nanos = SECOND / 4;
/// What the session is at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Paused,
    /// Follows the clock from a pair of moments.
    Playing {
        since_ms: f64,
        from: Nanos,
    },
    /// Simulates as fast as it can, then goes on as before.
    CatchingUp {
        to: Nanos,
        then_play: bool,
    },
}

/// The session: one document, one engine, one clock.
pub struct Session {
    document: Scenario,
    /// The document and every node that joins later, for their names.
    names: Scenario,
    engine: Run,
    checkpoints: Checkpoints,
    told: Told,
    run: u32,
    mode: Mode,
    speed: f64,
    /// From when on runs are measured.
    warmup: Nanos,
    stopped: Option<String>,
    /// The newest document can run.
    runs: bool,
    /// When and where the measuring of the achieved speed began, and what it was last.
    measured: (f64, Nanos, f64),
    /// When the page was last told, and where the run was then.
    framed: (f64, Nanos),
    /// Somebody looks at the charts.
    watched: bool,
    /// Something changed that the page should be told at once.
    news: bool,
    refused: Option<String>,
    /// What is to be measured, if anything: a node, or all.
    measure: Option<Option<String>>,
    /// A request to follow.
    errand: Option<Vec<u8>>,
}

impl Default for Session {
    fn default() -> Self {
        let document = Scenario::default();
        Session {
            names: document.clone(),
            engine: engine(&document, 0),
            warmup: 0,
            checkpoints: Checkpoints::default(),
            document,
            told: Told::default(),
            run: 0,
            mode: Mode::Paused,
            speed: 1.0,
            stopped: None,
            runs: true,
            measured: (0.0, 0, 0.0),
            framed: (f64::NEG_INFINITY, 0),
            watched: false,
            news: false,
            refused: None,
            measure: None,
            errand: None,
        }
    }
}

fn engine(document: &Scenario, warmup: Nanos) -> Run {
    let interval = INTERVAL.max(from_s(document.run_s) / POINTS);
    Engine::new(document, (Metrics::new(warmup, interval), Dots::default()))
}

impl Session {
    /// Takes a message.
    pub fn hear(&mut self, message: ToWorker, now_ms: f64) {
        self.news |= !matches!(message, ToWorker::Measure(_) | ToWorker::Follow(_));
        match message {
            ToWorker::Load { document, restart } => self.load(&document, restart, now_ms),
            ToWorker::Warmup(warmup) => self.warmup = warmup,
            ToWorker::Play if self.runs && self.engine.now() < self.end() && self.stopped.is_none() => {
                self.play(now_ms)
            }
            ToWorker::Play => {}
            ToWorker::Pause => self.mode = Mode::Paused,
            ToWorker::Speed(speed) if speed > 0.0 && speed <= 1e6 => {
                self.speed = speed;
                if let Mode::Playing { .. } = self.mode {
                    self.play(now_ms);
                }
            }
            ToWorker::Speed(_) => {}
            ToWorker::Watch(watched) => self.watched = watched,
            ToWorker::Step if self.runs => self.step(),
            ToWorker::Step => {}
            ToWorker::StepBack => self.step_back(),
            ToWorker::Seek(to) => self.seek(to.min(self.end()), false),
            ToWorker::Measure(of) => self.measure = Some(of),
            ToWorker::Follow(errand) => self.errand = Some(errand),
        }
    }

    /// Simulates for a while and says what the page should know. `clock` tells the time in ms. Returns the messages,
    /// and in how many ms to call again, or none if nothing happens until the next message.
    pub fn work(&mut self, clock: &dyn Fn() -> f64) -> (Vec<FromWorker>, Option<f64>) {
        let began = clock();
        let behind = match self.mode {
            Mode::Paused => false,
            Mode::Playing { since_ms, from } => self.follow(since_ms, from, began, clock),
            Mode::CatchingUp { to, then_play } => self.catch_up(to, then_play, began, clock),
        };
        let mut messages = Vec::new();
        messages.extend(self.refused.take().map(FromWorker::Refused));
        // The program that a first visit loads leaves this to the one made for speed, which takes over in a moment.
        if !cfg!(feature = "split")
            && let Some(of) = self.measure.take()
        {
            messages.push(FromWorker::Measured(Box::new(Measurement::of(&mut self.engine, of.as_deref()))));
        }
        if let Some(errand) = self.errand.take() {
            messages.push(FromWorker::Followed(if cfg!(feature = "split") { Vec::new() } else { run_errand(&errand) }));
        }
        let now_ms = clock();
        if self.news || (self.mode != Mode::Paused && now_ms - self.framed.0 >= FRAME_MS) {
            messages.push(FromWorker::Frame(Box::new(self.frame(now_ms))));
        }
        let wait = match self.mode {
            Mode::Paused => None,
            _ if behind => Some(0.0),
            _ => Some((self.framed.0 + FRAME_MS - now_ms).clamp(1.0, FRAME_MS)),
        };
        (messages, wait)
    }

    /// Where the run is.
    pub fn now(&self) -> Nanos {
        self.engine.now()
    }

    /// The run as it is now.
    pub fn run(&self) -> &Run {
        &self.engine
    }

    /// The copies of the run that are kept: how many, and roughly how many bytes they take.
    pub fn checkpoints(&self) -> (usize, usize) {
        self.checkpoints.size()
    }

    fn end(&self) -> Nanos {
        from_s(self.document.run_s)
    }

    fn play(&mut self, now_ms: f64) {
        let from = self.engine.now();
        if let Mode::CatchingUp { then_play, .. } = &mut self.mode {
            *then_play = true;
            return;
        }
        self.engine.recorder.1.listen(true);
        self.mode = Mode::Playing { since_ms: now_ms, from };
        self.measured = (now_ms, from, self.speed);
    }

    /// Simulates up to where the clock is, for at most a slice. Returns whether there is more to do.
    fn follow(&mut self, since_ms: f64, from: Nanos, began: f64, clock: &dyn Fn() -> f64) -> bool {
        let passed = ((began - since_ms).max(0.0) * 1e6 * self.speed) as Nanos;
        let target = from.saturating_add(passed).min(self.end());
        let reached = self.advance(target, began + SLICE_MS, clock);
        let now = self.engine.now();
        if !reached && (target - now) as f64 / 1e6 / self.speed > PATIENCE_MS {
            self.mode = Mode::Playing { since_ms: clock(), from: now };
        }
        let (at, was, _) = self.measured;
        if clock() - at >= SPEED_MS {
            let achieved = (now - was) as f64 / 1e6 / (clock() - at);
            self.measured = (clock(), now, achieved);
        }
        if now >= self.end() || self.stopped.is_some() {
            (self.mode, self.news) = (Mode::Paused, true);
        }
        !reached
    }

    fn catch_up(&mut self, to: Nanos, then_play: bool, began: f64, clock: &dyn Fn() -> f64) -> bool {
        // Rates at a moment are those of the last window before it, whichever way the run came there.
        let window = to.saturating_sub(WINDOW);
        if self.engine.now() < window {
            if !self.advance(window, began + SLICE_MS, clock) {
                return true;
            }
            let (now, metrics) = (self.engine.now(), &mut self.engine.recorder.0);
            metrics.settle(now);
            metrics.next_window(now);
        }
        if self.advance(to, began + SLICE_MS, clock) {
            (self.mode, self.news) = (Mode::Paused, true);
            if then_play && self.engine.now() < self.end() && self.stopped.is_none() {
                self.play(clock());
            }
        }
        true
    }

    /// Simulates up to `target` or until the clock shows `until_ms`. Returns whether there is nothing more to do.
    fn advance(&mut self, target: Nanos, until_ms: f64, clock: &dyn Fn() -> f64) -> bool {
        loop {
            self.checkpoints.pass(&self.engine);
            match self.engine.run_until(target, CHUNK) {
                Progress::Reached => return true,
                Progress::Budget if clock() >= until_ms => return false,
                Progress::Budget => {}
                Progress::Stopped(why) => {
                    self.stopped = Some(why);
                    return true;
                }
            }
        }
    }

    /// The page is told everything anew.
    fn begin_again(&mut self) {
        self.told = Told::default();
        self.stopped = None;
        self.run += 1;
        self.framed.1 = self.engine.now();
    }

    fn load(&mut self, json: &str, restart: bool, now_ms: f64) {
        let (document, problems) = check::open(json);
        let document = match document {
            Some(document) if !check::refused(&problems) => {
                self.runs = true;
                document
            }
            _ => {
                let errors = problems.iter().filter(|p| p.severity == crate::codec::Severity::Error);
                let words: Vec<String> = errors.map(|p| p.message.clone()).collect();
                (self.mode, self.runs) = (Mode::Paused, false);
                self.refused = Some(words.join("\n"));
                if !restart {
                    return;
                }
                // The run before was another document's: this one stands at 0, with nothing in it.
                Scenario::default()
            }
        };
        let now = self.engine.now();
        self.names = with_later_nodes(&document);
        self.document = document;
        let goes_on = !restart && now < self.checkpoints.differs(&self.document);
        if !goes_on {
            let left = std::mem::replace(&mut self.engine, engine(&self.document, self.warmup));
            self.checkpoints.leave(left);
        }
        self.checkpoints.follow(&self.document);
        if goes_on {
            self.engine.revise(&self.document.timeline);
            if let Mode::CatchingUp { to, .. } = &mut self.mode {
                *to = (*to).min(from_s(self.document.run_s));
            }
            return;
        }
        let (to, then_play) = match self.mode {
            Mode::Playing { .. } => (now, true),
            Mode::Paused => (now, false),
            Mode::CatchingUp { to, then_play } => (to, then_play),
        };
        self.begin_again();
        self.mode = Mode::Paused;
        if restart || to == 0 {
            if !restart && then_play {
                self.play(now_ms);
            }
        } else {
            self.seek(to.min(self.end()), then_play);
        }
    }

    fn frame(&mut self, now_ms: f64) -> Frame {
        let clock = match (&self.stopped, self.mode) {
            (Some(why), _) => Clock::Stopped(why.clone()),
            (None, Mode::CatchingUp { to, .. }) => Clock::CatchingUp { to },
            (None, Mode::Playing { .. }) => Clock::Playing,
            (None, Mode::Paused) if self.engine.now() >= self.end() => Clock::Ended,
            (None, Mode::Paused) => Clock::Paused,
        };
        let speed = if clock == Clock::Playing { self.measured.2 } else { 0.0 };
        let mut frame = self.told.frame(&mut self.engine, &self.names, clock, from_s(self.document.run_s));
        let lasting = (DOT_MS * 1e6 * self.speed) as Nanos;
        let collected = frame.now.saturating_sub(self.framed.1);
        let mut dots = self.engine.recorder.1.take(collected, lasting, DOTS);
        let (links, nodes) = (Places::of_links(&self.engine), Places::of_nodes(&self.engine));
        dots.retain_mut(|dot| {
            let off = dot.off.map(|[a, b]| nodes.of(a).zip(nodes.of(b)));
            let Some(link) = links.of(dot.link) else { return false };
            dot.link = link;
            dot.off = off.flatten().map(|(a, b)| [a, b]);
            off != Some(None)
        });
        frame.per_dot = self.engine.recorder.1.stride() as u32;
        if self.watched {
            frame.histogram = self.engine.recorder.0.latency().coarse().bars();
        }
        (frame.run, frame.speed, frame.dots) = (self.run, speed, dots);
        self.framed = (now_ms, frame.now);
        self.news = false;
        frame
    }
}

/// Follows a request in a run of its own.
fn run_errand(packed: &[u8]) -> Vec<u8> {
    let followed: Followed = match unpack::<Errand>(packed) {
        Some(errand) => match check::open(&errand.document) {
            (Some(document), problems) if !check::refused(&problems) => {
                follow(&document, errand.until, 0, errand.wanted)
            }
            _ => Err("This design cannot run.".to_owned()),
        },
        None => Err("The question was not understood.".to_owned()),
    };
    pack(&followed)
}

/// The document, and every node that joins by its timeline.
fn with_later_nodes(document: &Scenario) -> Scenario {
    let mut names = document.clone();
    for entry in &document.timeline {
        if let Action::AddNode(node) = &entry.action {
            names.nodes.push((**node).clone());
        }
    }
    names
}

#[cfg(test)]
mod tests;
