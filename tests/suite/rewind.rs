//! Going back: a moment that was come back to is the moment of the first pass, with edits in between too.

use crate::draw::{Draw, LENGTH_S};
use crate::trial;
use loadstone::check;
use loadstone::codec::write_compact;
use loadstone::engine::Engine;
use loadstone::metrics::Metrics;
use loadstone::metrics::frame::{Clock, Frame};
use loadstone::metrics::report::report;
use loadstone::rng::Rng;
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_s};
use loadstone::worker::{FromWorker, Session, ToWorker};
use serde_json::{Value, json};

/// A session that is driven without a clock: it works until it stands.
#[derive(Default)]
struct Driver(Session);

impl Driver {
    fn tell(&mut self, message: ToWorker) -> Frame {
        self.0.hear(message, 0.0);
        let mut last = None;
        loop {
            let (told, wait) = self.0.work(&|| 0.0);
            for message in told {
                match message {
                    FromWorker::Frame(frame) => last = Some(*frame),
                    other => panic!("the session said {other:?}"),
                }
            }
            if wait.is_none() {
                return last.expect("a frame at the end");
            }
        }
    }

    fn load(&mut self, scenario: &Scenario, restart: bool) {
        self.tell(ToWorker::Load { document: write_compact(scenario), restart });
    }

    /// The report of where it is.
    fn report(&self, scenario: &Scenario) -> Value {
        report(scenario, self.0.run(), &self.0.run().recorder.0, 0.0)
    }
}

/// The report at a moment of a run that was never gone back in.
fn straight(scenario: &Scenario, at: Nanos) -> Value {
    let mut engine = Engine::new(scenario, Metrics::new(0, SECOND));
    engine.run_until(at, u64::MAX);
    engine.recorder.settle(at);
    report(scenario, &engine, &engine.recorder, 0.0)
}

#[test]
fn a_moment_come_back_to_is_that_of_the_first_pass() {
    let mut draw = Draw::new(4, "rewind");
    let mut rng = Rng::named(4, "rewind", "moments");
    let mut copies = 0;
    let runs = |scenario: &Scenario| !check::refused(&check::check(scenario));
    let mut edits = 0;
    for seed in 0..18 {
        let mut scenario = draw.scenario(seed);
        let mut later: Vec<_> = scenario.timeline.drain(..).collect();
        if !runs(&scenario) {
            continue;
        }
        let mut driver = Driver::default();
        driver.load(&scenario, true);
        driver.tell(ToWorker::Seek(from_s(LENGTH_S)));
        copies += driver.0.checkpoints().0;
        for round in 0..10 {
            // Something is changed first: before, at or after the present moment.
            let mut changed = scenario.clone();
            if let Some(entry) = later.pop() {
                changed.timeline.push(entry);
            } else if !changed.timeline.is_empty() {
                later.push(changed.timeline.remove(rng.below(changed.timeline.len() as u64) as usize));
            }
            if round % 3 > 0 && runs(&changed) {
                scenario = changed;
                driver.load(&scenario, false);
                edits += 1;
            }
            let at = rng.below(from_s(LENGTH_S));
            let frame = driver.tell(ToWorker::Seek(at));
            assert_eq!((frame.now, frame.clock), (at, Clock::Paused), "seed {seed}, round {round}");
            let (there, first) = (driver.report(&scenario), straight(&scenario, at));
            let file = || loadstone::codec::write(&scenario);
            assert_eq!(there, first, "seed {seed}, round {round}: at {at} ns it is another run\n{}", file());
        }
    }
    println!("{edits} edits, {copies} checkpoints");
    assert!(edits > 50, "hardly anything was edited: {edits}");
    assert!(copies > 30, "hardly any checkpoint was made: {copies}");
}

#[test]
fn what_the_page_is_shown_of_a_moment_does_not_depend_on_the_way_there() {
    let scenario = &loadstone::codec::examples()[0].scenario;
    let shown = |way: &[f64]| {
        let mut driver = Driver::default();
        driver.load(scenario, true);
        let mut frames: Vec<Frame> = way.iter().map(|&s| driver.tell(ToWorker::Seek(from_s(s)))).collect();
        let frame = frames.pop().expect("a way has an end");
        (frame.nodes, frame.links, frame.totals, frame.trace_hash)
    };
    assert_eq!(shown(&[12.0]), shown(&[40.0, 3.0, 25.0, 12.0]));
}

#[test]
fn a_step_back_is_where_the_step_before_was() {
    let mut driver = Driver::default();
    driver.load(&loadstone::codec::examples()[0].scenario, true);
    driver.tell(ToWorker::Seek(from_s(9.0)));
    let mut steps: Vec<(Nanos, u64)> = Vec::new();
    for _ in 0..30 {
        driver.tell(ToWorker::Step);
        steps.push((driver.0.now(), driver.0.run().trace_hash()));
    }
    for step in steps.iter().rev().skip(1) {
        driver.tell(ToWorker::StepBack);
        assert_eq!((driver.0.now(), driver.0.run().trace_hash()), *step, "a step back went elsewhere");
    }
    driver.tell(ToWorker::Seek(from_s(2.0)));
    let frame = driver.tell(ToWorker::StepBack);
    assert!(frame.now < from_s(2.0) && frame.now > from_s(1.5), "back from 2 s to {}", frame.now);
    driver.load(&loadstone::codec::examples()[0].scenario, true);
    assert_eq!(driver.tell(ToWorker::StepBack).now, 0, "before the start there is nothing");
}

/// What undoes a fault comes where the changed file says, if something else happens at the same instant.
#[test]
fn removing_what_is_still_to_come_moves_nothing_else() {
    let nodes = json!([{"id": "users", "kind": "users", "params": {"rate_rps": 20}}, {"id": "web", "kind": "server"}]);
    let crash = |at_s: f64, for_s: f64| json!({"at_s": at_s, "node": "web", "do": "crash", "for_s": for_s});
    let timeline = json!([crash(18.0, 0.1), crash(19.0, 0.1), crash(5.0, 10.0), crash(15.0, 1.0)]);
    let mut scenario = trial::scenario(1, 20.0, nodes, json!([{"from": "users", "to": "web"}]), timeline);
    let mut driver = Driver::default();
    driver.load(&scenario, true);
    driver.tell(ToWorker::Seek(from_s(6.0)));
    scenario.timeline.drain(..2);
    driver.load(&scenario, false);
    driver.tell(ToWorker::Seek(from_s(20.0)));
    assert_eq!(driver.report(&scenario), straight(&scenario, from_s(20.0)));
}
