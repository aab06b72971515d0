//! One run, steered by messages: simulates in slices of wall time and reports in frames.
//!
//! The wall clock comes in as a number with every call, so that a test can be its own clock. What happens in the run
//! never depends on it: slices only decide how far the run has come when a message is heard.

use super::{FromWorker, ToWorker};
use crate::codec::{self, Problem};
use crate::engine::{Engine, Progress};
use crate::metrics::Metrics;
use crate::metrics::dots::Dots;
use crate::metrics::frame::{Clock, Dot, Frame};
use crate::metrics::snapshot::{Listeners, Told, link_places};
use crate::scenario::{Action, Scenario};
use crate::time::{Nanos, from_s, to_s};

/// A slice of simulating lasts about so long, in ms of wall time; then messages get a hearing.
const SLICE_MS: f64 = 12.0;
/// So many events are simulated between two looks at the clock.
const BATCH: u64 = 2_000;
/// Frames are at least so far apart, in ms.
const FRAME_MS: f64 = 33.0;
/// While a run is caught up nobody watches, but everybody waits.
const CATCH_UP_FRAME_MS: f64 = 100.0;
/// A dot is seen for about so long, in s of wall time.
const SEEN_S: f64 = 0.25;
/// The page wants so many dots at a time.
const DOTS: usize = 400;
/// Charts get a point every so often.
const POINT: Nanos = 500_000_000;
/// The achieved speed is measured over so long, in ms.
const SPEED_MS: f64 = 500.0;
/// A step ends after so many events even if nothing moved.
const STEP_EVENTS: u32 = 20_000;

/// A document and its run.
#[derive(Default)]
pub struct Session {
    doc: Scenario,
    run: Option<Run>,
    number: u32,
    refused: Option<String>,
    speed: f64,
}

struct Run {
    engine: Engine<Listeners>,
    told: Told,
    clock: Clock,
    end: Nanos,
    /// Play on when it is caught up.
    then_play: bool,
    /// Where playing has come by the wall clock; the run follows.
    due: Nanos,
    last_ms: f64,
    frame_ms: f64,
    framed: Nanos,
    pace: (f64, Nanos),
    achieved: f64,
}

impl Session {
    /// Nothing is loaded yet; the speed is 1.
    pub fn new() -> Session {
        Session { speed: 1.0, ..Session::default() }
    }

    /// Hears a message; the answer says how things stand then.
    pub fn hear(&mut self, message: ToWorker, wall_ms: f64) -> FromWorker {
        match message {
            ToWorker::Load { document, restart } => self.load(&document, restart, wall_ms),
            ToWorker::Speed(speed) if speed.is_finite() && speed > 0.0 => self.speed = speed.clamp(1e-6, 1e6),
            ToWorker::Speed(_) => {}
            ToWorker::Play => self.play(wall_ms),
            ToWorker::Pause => self.pause(),
            ToWorker::Step => self.step(),
            ToWorker::Seek(to) => self.seek(to, false, wall_ms),
        }
        self.answer(wall_ms)
    }

    /// Whether there is something to simulate.
    pub fn is_busy(&self) -> bool {
        self.run.as_ref().is_some_and(|r| matches!(r.clock, Clock::Playing | Clock::CatchingUp { .. }))
    }

    /// Simulates a slice, asking the clock as it goes; a frame if one is due.
    pub fn slice(&mut self, clock: impl Fn() -> f64) -> Option<FromWorker> {
        let wall = clock();
        let speed = self.speed;
        let run = self.run.as_mut()?;
        let until = match run.clock {
            Clock::Playing => {
                let gone = (wall - run.last_ms).clamp(0.0, 250.0) / 1000.0;
                run.due = run.due.saturating_add(from_s(gone * speed)).min(run.end);
                run.due
            }
            Clock::CatchingUp { to } => to.min(run.end),
            _ => return None,
        };
        run.last_ms = wall;
        let reached = loop {
            match run.engine.run_until(until, BATCH) {
                Progress::Reached => break true,
                Progress::Stopped(why) => {
                    run.clock = Clock::Stopped(why);
                    break false;
                }
                Progress::Budget if clock() - wall >= SLICE_MS => break false,
                Progress::Budget => {}
            }
        };
        if !reached {
            // What could not be simulated in time is not owed: the run is slower than asked for, and says so.
            run.due = run.engine.now();
        }
        run.turn(reached);
        let now = clock();
        run.measure(now);
        let apart = if matches!(run.clock, Clock::CatchingUp { .. }) { CATCH_UP_FRAME_MS } else { FRAME_MS };
        let stands = !matches!(run.clock, Clock::Playing | Clock::CatchingUp { .. });
        (stands || now - run.frame_ms >= apart).then(|| self.answer(now))
    }

    fn load(&mut self, text: &str, restart: bool, wall_ms: f64) {
        let doc = match read(text) {
            Ok(doc) => doc,
            Err(why) => {
                self.refused = Some(why);
                self.pause();
                return;
            }
        };
        self.refused = None;
        let before = std::mem::replace(&mut self.doc, doc);
        let Some(run) = self.run.as_mut().filter(|_| !restart) else { return self.begin(wall_ms) };
        run.end = from_s(self.doc.run_s).max(1);
        let here = match run.clock {
            Clock::CatchingUp { to } => to,
            _ => run.engine.now(),
        };
        match added(&before, &self.doc, run.engine.now()) {
            Some(first) => {
                run.engine.append(first, &self.doc.timeline[first..]);
                if run.clock == Clock::Ended && run.engine.now() < run.end {
                    run.clock = Clock::Paused;
                }
            }
            None => {
                let play = run.clock == Clock::Playing || run.then_play;
                self.begin(wall_ms);
                self.seek(here, play, wall_ms);
            }
        }
    }

    /// A new run of the document, at 0, paused.
    fn begin(&mut self, wall_ms: f64) {
        self.number = self.number.wrapping_add(1);
        let mut dots = Dots::default();
        dots.listen(true);
        self.run = Some(Run {
            engine: Engine::new(&self.doc, (Metrics::new(0, POINT), dots)),
            told: Told::default(),
            clock: Clock::Paused,
            end: from_s(self.doc.run_s).max(1),
            then_play: false,
            due: 0,
            last_ms: wall_ms,
            frame_ms: wall_ms,
            framed: 0,
            pace: (wall_ms, 0),
            achieved: 0.0,
        });
    }

    fn play(&mut self, wall_ms: f64) {
        if self.refused.is_some() {
            return;
        }
        let Some(run) = &mut self.run else { return };
        match run.clock {
            Clock::Paused => {
                run.clock = Clock::Playing;
                run.last_ms = wall_ms;
                run.due = run.engine.now();
                run.pace = (wall_ms, run.engine.now());
                run.achieved = self.speed;
            }
            Clock::CatchingUp { .. } => run.then_play = true,
            _ => {}
        }
    }

    fn pause(&mut self) {
        if let Some(run) = &mut self.run {
            run.then_play = false;
            if matches!(run.clock, Clock::Playing | Clock::CatchingUp { .. }) {
                run.clock = Clock::Paused;
                run.engine.recorder.1.listen(true);
            }
        }
    }

    fn step(&mut self) {
        self.pause();
        let Some(run) = self.run.as_mut().filter(|r| r.clock == Clock::Paused && self.refused.is_none()) else {
            return;
        };
        for _ in 0..STEP_EVENTS {
            match run.engine.next_time() {
                Some(at) if at <= run.end => {
                    if let Progress::Stopped(why) = run.engine.run_until(at, 1) {
                        run.clock = Clock::Stopped(why);
                        return;
                    }
                }
                _ => {
                    run.engine.run_until(run.end, 1);
                    run.clock = Clock::Ended;
                    return;
                }
            }
            if run.engine.recorder.1.has_any() {
                return;
            }
        }
    }

    fn seek(&mut self, to: Nanos, then_play: bool, wall_ms: f64) {
        if self.refused.is_some() || self.run.is_none() {
            return;
        }
        if self.run.as_ref().is_some_and(|r| to < r.engine.now() || matches!(r.clock, Clock::Stopped(_))) {
            self.begin(wall_ms);
        }
        if let Some(run) = &mut self.run {
            run.then_play = then_play;
            run.clock = Clock::CatchingUp { to: to.min(run.end) };
            run.engine.recorder.1.listen(false);
            run.turn(run.engine.now() >= to);
        }
    }

    fn answer(&mut self, wall_ms: f64) -> FromWorker {
        match (&self.refused, &mut self.run) {
            (Some(why), _) => FromWorker::Refused(why.clone()),
            (None, Some(run)) => FromWorker::Frame(Box::new(run.frame(&self.doc, self.number, self.speed, wall_ms))),
            (None, None) => FromWorker::Ready,
        }
    }
}

impl Run {
    /// What the clock does once a slice is over.
    fn turn(&mut self, reached: bool) {
        match self.clock {
            Clock::Playing if reached && self.engine.now() >= self.end => self.clock = Clock::Ended,
            Clock::CatchingUp { .. } if reached => {
                self.engine.recorder.1.listen(true);
                self.framed = self.engine.now();
                self.due = self.engine.now();
                self.pace = (self.last_ms, self.engine.now());
                self.clock = match () {
                    () if self.engine.now() >= self.end => Clock::Ended,
                    () if std::mem::take(&mut self.then_play) => Clock::Playing,
                    () => Clock::Paused,
                };
            }
            _ => {}
        }
    }

    /// Measures how fast it really goes.
    fn measure(&mut self, wall_ms: f64) {
        let gone = wall_ms - self.pace.0;
        if gone >= SPEED_MS {
            let simulated = self.engine.now().saturating_sub(self.pace.1);
            self.achieved = to_s(simulated) / (gone / 1000.0);
            self.pace = (wall_ms, self.engine.now());
        }
    }

    fn frame(&mut self, names: &Scenario, run: u32, speed: f64, wall_ms: f64) -> Frame {
        let mut frame = self.told.frame(&mut self.engine, names, self.clock.clone(), self.end);
        frame.run = run;
        frame.speed = if self.clock == Clock::Playing { self.achieved } else { 0.0 };
        let now = self.engine.now();
        let collected = now.saturating_sub(self.framed);
        let dots = self.engine.recorder.1.take(collected, from_s(SEEN_S * speed), DOTS);
        let places = link_places(&self.engine);
        let placed = |dot: Dot| Some(Dot { link: (*places.get(dot.link as usize)?)?, ..dot });
        frame.dots = dots.into_iter().filter_map(placed).collect();
        self.framed = now;
        self.frame_ms = wall_ms;
        frame
    }
}

/// Reads a document that can run.
fn read(text: &str) -> Result<Scenario, String> {
    let (doc, mut problems) = codec::read(text);
    if let Some(doc) = &doc {
        problems.extend(crate::check::check(doc));
    }
    let errors: Vec<&Problem> = problems.iter().filter(|p| p.is_error()).collect();
    match (doc, errors.as_slice()) {
        (Some(doc), []) => Ok(doc),
        (_, [one]) => Err(one.to_string()),
        (_, [first, rest @ ..]) => Err(format!("{first}, and {} more", rest.len())),
        (None, []) => Err("the document cannot be read".to_owned()),
    }
}

/// If a run of `old` that has come to `now` is also one of `new` so far, because only entries in the future were added
/// at the timeline's end: the place of the first of them. What has no meaning for a run (names, places, notes, its
/// length) does not matter.
fn added(old: &Scenario, new: &Scenario, now: Nanos) -> Option<usize> {
    let first = old.timeline.len();
    let fresh = new.timeline.get(first..)?;
    let future = fresh.iter().all(|e| e.at() > now);
    let (a, b) = (bare(old), bare(new));
    let same = a.timeline.as_slice() == b.timeline.get(..first)?;
    let design = |s: Scenario| Scenario { timeline: Vec::new(), ..s };
    (future && same && design(a) == design(b)).then_some(first)
}

/// The document without what has no meaning for a run.
fn bare(doc: &Scenario) -> Scenario {
    let mut bare = doc.clone();
    bare.name.clear();
    bare.notes.clear();
    bare.run_s = 0.0;
    bare.extra.clear();
    let plain = |node: &mut crate::scenario::Node| {
        node.at = [0.0; 2];
        node.name = None;
    };
    bare.nodes.iter_mut().for_each(plain);
    for entry in &mut bare.timeline {
        if let Action::AddNode(node) = &mut entry.action {
            plain(node);
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Entry, Target};
    use std::cell::Cell;

    fn example() -> Scenario {
        codec::examples().last().expect("an example greets a first visit").scenario.clone()
    }

    fn load(session: &mut Session, doc: &Scenario, restart: bool) -> FromWorker {
        session.hear(ToWorker::Load { document: codec::write_compact(doc), restart }, 0.0)
    }

    /// Runs with a clock that gains `ms` at every look, until nothing is left to do; the last frame.
    fn drive(session: &mut Session, ms: f64) -> Frame {
        let wall = Cell::new(0.0);
        let clock = || {
            wall.set(wall.get() + ms);
            wall.get()
        };
        let mut last = None;
        for _ in 0..1_000_000 {
            if !session.is_busy() {
                break;
            }
            if let Some(FromWorker::Frame(frame)) = session.slice(clock) {
                last = Some(*frame);
            }
        }
        assert!(!session.is_busy(), "the run does not end");
        last.expect("a run that ends sends a last frame")
    }

    fn hash_at(doc: &Scenario, to: Nanos, ms: f64) -> String {
        let mut session = Session::new();
        load(&mut session, doc, true);
        session.hear(ToWorker::Seek(to), 0.0);
        drive(&mut session, ms).trace_hash.expect("a standing clock shows the hash")
    }

    #[test]
    fn the_wall_clock_does_not_matter_to_the_run() {
        let doc = Scenario { run_s: 6.0, ..example() };
        let hash = hash_at(&doc, from_s(6.0), 0.1);
        assert_eq!(hash, hash_at(&doc, from_s(6.0), 40.0), "longer slices");
        let mut session = Session::new();
        load(&mut session, &doc, true);
        session.hear(ToWorker::Speed(3.0), 0.0);
        session.hear(ToWorker::Play, 0.0);
        let end = drive(&mut session, 7.0);
        assert_eq!((end.clock, end.now), (Clock::Ended, from_s(6.0)));
        assert_eq!(end.trace_hash, Some(hash), "played instead of sought");
    }

    #[test]
    fn an_edit_of_the_future_goes_on_and_one_of_the_past_replays_to_the_same_run() {
        let doc = example();
        let mut session = Session::new();
        load(&mut session, &doc, true);
        session.hear(ToWorker::Seek(from_s(3.0)), 0.0);
        let run = drive(&mut session, 1.0).run;
        let crash = |at_s| Entry { at_s, target: Target::Node("web1".into()), action: Action::Crash, for_s: None };
        let mut edited = doc.clone();
        edited.timeline.push(crash(3.5));
        let FromWorker::Frame(frame) = load(&mut session, &edited, false) else { panic!("a good document is refused") };
        assert_eq!((frame.run, frame.now), (run, from_s(3.0)), "the run goes on");
        session.hear(ToWorker::Seek(from_s(5.0)), 0.0);
        let hash = drive(&mut session, 1.0).trace_hash;
        assert_eq!(hash, Some(hash_at(&edited, from_s(5.0), 1.0)), "as if it had always been there");

        edited.timeline.push(crash(1.0));
        load(&mut session, &edited, false);
        assert!(session.is_busy(), "the past changed: it is simulated again");
        let after = drive(&mut session, 1.0);
        assert_eq!((after.now, after.run != run), (from_s(5.0), true));
        assert_eq!(after.trace_hash, Some(hash_at(&edited, from_s(5.0), 1.0)));
    }

    #[test]
    fn a_document_with_errors_is_refused_and_the_next_good_one_runs() {
        let mut session = Session::new();
        let FromWorker::Refused(why) = session.hear(ToWorker::Load { document: "{".into(), restart: true }, 0.0) else {
            panic!("half a document is taken")
        };
        assert!(!why.is_empty());
        session.hear(ToWorker::Play, 0.0);
        assert!(!session.is_busy(), "what is refused does not play");
        assert!(matches!(load(&mut session, &example(), true), FromWorker::Frame(_)));
    }

    #[test]
    fn a_step_moves_something() {
        let mut session = Session::new();
        load(&mut session, &example(), true);
        let mut before = 0;
        for _ in 0..5 {
            let FromWorker::Frame(frame) = session.hear(ToWorker::Step, 0.0) else { panic!("a step is refused") };
            assert!(!frame.dots.is_empty(), "nothing moved at {} ns", frame.now);
            assert!(frame.now >= before);
            before = frame.now;
        }
    }
}
