//! A run that follows a clock: how far to simulate by now, what to tell the page, what an edit means for the run.
//!
//! Knows no browser: the time comes in as a parameter, in ms of some clock that only goes forward.

use super::{FromWorker, ToWorker};
use crate::check;
use crate::engine::{Engine, Progress};
use crate::metrics::Metrics;
use crate::metrics::dots::Dots;
use crate::metrics::frame::{Clock, Frame};
use crate::metrics::snapshot::{Listeners, Places, Told};
use crate::scenario::{Action, Entry, Scenario};
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
const DOTS: usize = 700;
/// The charts have at most so many points per run.
const POINTS: u64 = 600;
/// And no interval shorter than this.
const INTERVAL: Nanos = SECOND / 4;
/// A step looks at so many events for one that moves something.
const STEP_EVENTS: u64 = 100_000;

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
    engine: Engine<Listeners>,
    told: Told,
    run: u32,
    mode: Mode,
    speed: f64,
    stopped: Option<String>,
    /// When and where the measuring of the achieved speed began, and what it was last.
    measured: (f64, Nanos, f64),
    /// When the page was last told, and where the run was then.
    framed: (f64, Nanos),
    /// Something changed that the page should be told at once.
    news: bool,
    refused: Option<String>,
}

impl Default for Session {
    fn default() -> Self {
        let document = Scenario::default();
        Session {
            names: document.clone(),
            engine: engine(&document),
            document,
            told: Told::default(),
            run: 0,
            mode: Mode::Paused,
            speed: 1.0,
            stopped: None,
            measured: (0.0, 0, 0.0),
            framed: (f64::NEG_INFINITY, 0),
            news: false,
            refused: None,
        }
    }
}

fn engine(document: &Scenario) -> Engine<Listeners> {
    let interval = INTERVAL.max(from_s(document.run_s) / POINTS);
    Engine::new(document, (Metrics::new(0, interval), Dots::default()))
}

impl Session {
    /// Takes a message.
    pub fn hear(&mut self, message: ToWorker, now_ms: f64) {
        self.news = true;
        match message {
            ToWorker::Load { document, restart } => self.load(&document, restart, now_ms),
            ToWorker::Play if self.engine.now() < self.end() && self.stopped.is_none() => self.play(now_ms),
            ToWorker::Play => {}
            ToWorker::Pause => self.mode = Mode::Paused,
            ToWorker::Speed(speed) if speed > 0.0 && speed <= 1e6 => {
                self.speed = speed;
                if let Mode::Playing { .. } = self.mode {
                    self.play(now_ms);
                }
            }
            ToWorker::Speed(_) => {}
            ToWorker::Step => self.step(),
            ToWorker::Seek(to) => self.seek(to.min(self.end()), false),
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

    /// Covers everything that happened so far.
    pub fn trace_hash(&self) -> u64 {
        self.engine.trace_hash()
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
        let reached = self.advance(to, began + SLICE_MS, clock);
        if reached {
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

    /// To the next event that sends a packet or writes into the log.
    fn step(&mut self) {
        self.mode = Mode::Paused;
        self.engine.recorder.1.listen(true);
        let lines = self.engine.recorder.0.log.len();
        for _ in 0..STEP_EVENTS {
            let Some(at) = self.engine.next_time().filter(|&at| at <= self.end()) else {
                self.advance(self.end(), f64::INFINITY, &|| 0.0);
                return;
            };
            if let Progress::Stopped(why) = self.engine.run_until(at, 1) {
                self.stopped = Some(why);
                return;
            }
            if self.engine.recorder.1.seen() > 0 || self.engine.recorder.0.log.len() > lines {
                return;
            }
        }
    }

    fn seek(&mut self, to: Nanos, then_play: bool) {
        if to < self.engine.now() {
            self.rebuild();
        }
        self.engine.recorder.1.listen(false);
        self.mode = Mode::CatchingUp { to, then_play };
    }

    /// Starts the run again at 0.
    fn rebuild(&mut self) {
        self.engine = engine(&self.document);
        self.told = Told::default();
        self.stopped = None;
        self.run += 1;
        self.framed.1 = 0;
    }

    fn load(&mut self, json: &str, restart: bool, now_ms: f64) {
        let (document, problems) = check::open(json);
        let document = match document {
            Some(document) if !check::refused(&problems) => document,
            _ => {
                let errors = problems.iter().filter(|p| p.severity == crate::codec::Severity::Error);
                let words: Vec<String> = errors.map(|p| p.message.clone()).collect();
                self.mode = Mode::Paused;
                self.refused = Some(words.join("\n"));
                return;
            }
        };
        let now = self.engine.now();
        let goes_on = !restart && same_past(&self.document, &document, now);
        self.names = with_later_nodes(&document);
        self.document = document;
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
        self.rebuild();
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
        (frame.run, frame.speed, frame.dots) = (self.run, speed, dots);
        self.framed = (now_ms, frame.now);
        self.news = false;
        frame
    }
}

/// Whether two documents make the same run up to and including `now`: they differ at most in what people see, and in
/// what the timeline says of the time after.
fn same_past(a: &Scenario, b: &Scenario, now: Nanos) -> bool {
    let past = |s: &Scenario| -> Vec<Entry> { s.timeline.iter().filter(|e| e.at() <= now).cloned().collect() };
    bare(a, past(a)) == bare(b, past(b))
}

/// What decides a run: nodes, links, seed and a timeline, without names and places.
fn bare(document: &Scenario, timeline: Vec<Entry>) -> Scenario {
    let (nodes, links) = (document.nodes.clone(), document.links.clone());
    let mut bare = Scenario { nodes, links, timeline, seed: document.seed, ..Scenario::default() };
    let carried = bare.timeline.iter_mut().filter_map(|e| match &mut e.action {
        Action::AddNode(node) => Some(&mut **node),
        _ => None,
    });
    for node in bare.nodes.iter_mut().chain(carried) {
        (node.at, node.name) = ([0.0, 0.0], None);
    }
    bare
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
mod tests {
    use super::*;
    use crate::codec::{examples, write_compact};
    use crate::scenario::Target;
    use std::cell::Cell;

    /// A session of the example with this name, played at a speed on a clock that advances a little with every look.
    struct Player {
        session: Session,
        ms: Cell<f64>,
        frames: Vec<Frame>,
    }

    impl Player {
        fn load(document: &Scenario) -> Player {
            let mut player = Player { session: Session::default(), ms: Cell::new(0.0), frames: Vec::new() };
            player.tell(ToWorker::Load { document: write_compact(document), restart: true });
            player
        }

        fn tell(&mut self, message: ToWorker) {
            self.session.hear(message, self.ms.get());
            self.work();
        }

        fn work(&mut self) {
            let clock = || {
                self.ms.set(self.ms.get() + 0.5);
                self.ms.get()
            };
            let (messages, _) = self.session.work(&clock);
            for message in messages {
                match message {
                    FromWorker::Frame(frame) => self.frames.push(*frame),
                    other => panic!("the session said {other:?}"),
                }
            }
        }

        fn work_until(&mut self, done: impl Fn(&Frame) -> bool) -> &Frame {
            for _ in 0..200_000 {
                if self.frames.last().is_some_and(&done) {
                    return self.frames.last().unwrap();
                }
                self.work();
            }
            panic!("never done; the last frame: {:?}", self.frames.last().map(|f| (f.now, f.clock.clone())));
        }
    }

    fn everything() -> Scenario {
        examples().iter().find(|e| e.slug == "everything").expect("the first visit's example").scenario.clone()
    }

    /// The hash of a whole run in one step.
    fn hash_of(document: &Scenario) -> u64 {
        let mut engine = Engine::new(document, ());
        assert_eq!(engine.run_until(from_s(document.run_s), u64::MAX), Progress::Reached);
        engine.trace_hash()
    }

    #[test]
    fn played_in_slices_it_is_the_same_run() {
        let document = everything();
        let mut player = Player::load(&document);
        player.tell(ToWorker::Speed(100.0));
        player.tell(ToWorker::Play);
        let last = player.work_until(|f| f.clock == Clock::Ended);
        assert_eq!(last.now, from_s(document.run_s));
        assert!(last.totals.writes_lost > 0, "the example's failover loses writes: {:?}", last.totals);
        assert_eq!(player.session.trace_hash(), hash_of(&document), "slices changed the run");
        let lines: Vec<&str> = player.frames.iter().flat_map(|f| &f.log).map(|l| l.what.as_str()).collect();
        for what in ["crash", "detected_down", "elected", "promoted", "rejoined"] {
            assert!(lines.contains(&what), "no {what} in the log: {lines:?}");
        }
    }

    #[test]
    fn an_edit_ahead_goes_on_and_an_edit_of_the_past_replays() {
        let mut document = everything();
        let mut player = Player::load(&document);
        player.tell(ToWorker::Seek(from_s(10.0)));
        let run = player.work_until(|f| f.clock == Clock::Paused && f.now == from_s(10.0)).run;
        let crash = |at_s| Entry { for_s: Some(5.0), ..Entry::new(at_s, Target::Node("web1".into()), Action::Crash) };
        document.timeline.push(crash(10.5));
        player.tell(ToWorker::Load { document: write_compact(&document), restart: false });
        player.tell(ToWorker::Seek(from_s(30.0)));
        assert_eq!(player.work_until(|f| f.now == from_s(30.0)).run, run, "the edit ahead started a new run");
        document.timeline.push(crash(2.0));
        player.tell(ToWorker::Load { document: write_compact(&document), restart: false });
        let frame = player.work_until(|f| f.clock == Clock::Paused && f.now == from_s(30.0));
        assert!(frame.run > run, "the edit of the past did not replay");
        player.tell(ToWorker::Seek(from_s(document.run_s)));
        player.work_until(|f| f.clock == Clock::Ended);
        assert_eq!(player.session.trace_hash(), hash_of(&document), "edits made while it ran changed the run");
    }

    #[test]
    fn a_slow_machine_keeps_time_by_admitting_its_speed() {
        let mut document = everything();
        document.nodes.iter_mut().find(|n| n.kind == "users").unwrap().params.insert("rate_rps".into(), 20_000.into());
        document.timeline.clear();
        let mut player = Player::load(&document);
        player.tell(ToWorker::Speed(1000.0));
        player.tell(ToWorker::Play);
        let frame = player.work_until(|f| f.clock == Clock::Playing && f.speed > 0.0 && f.speed < 1000.0);
        assert!(
            frame.per_dot > 1 && frame.dots.len() < 1_500,
            "{} dots for {} requests each",
            frame.dots.len(),
            frame.per_dot
        );
    }

    #[test]
    fn calls_that_a_replica_answers_fly_to_the_replica() {
        let mut player = Player::load(&everything());
        player.tell(ToWorker::Play);
        player.work_until(|f| f.now > from_s(3.0));
        let (off, ids) =
            player.frames.iter().rev().find_map(|f| Some((f.dots.iter().find_map(|d| d.off)?, f))).map_or_else(
                || panic!("no packet flies off the drawn links"),
                |(off, f)| (off, off.map(|i| f.nodes[i as usize].id.clone())),
            );
        assert!(ids[0].starts_with("web") && ids[1].starts_with("db"), "{off:?} are {ids:?}");
    }

    #[test]
    fn a_step_moves_something() {
        let mut player = Player::load(&everything());
        player.tell(ToWorker::Step);
        let frame = player.frames.last().unwrap();
        assert!(frame.now > 0 && !frame.dots.is_empty(), "after one step: {} ns, {:?}", frame.now, frame.dots);
    }
}
