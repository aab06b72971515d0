//! The session against the engine alone, on a clock that only these tests move.

use super::*;
use crate::codec::{examples, write_compact};
use crate::scenario::{Entry, Target};
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
    assert_eq!(player.session.run().trace_hash(), hash_of(&document), "slices changed the run");
    let lines: Vec<&str> = player.frames.iter().flat_map(|f| &f.log).map(|l| l.what.as_str()).collect();
    for what in ["crash", "detected_down", "elected", "promoted", "reconnected", "rejoined"] {
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
    assert_eq!(player.session.run().trace_hash(), hash_of(&document), "edits made while it ran changed the run");
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
fn who_looks_at_the_charts_is_told_the_histogram() {
    let mut player = Player::load(&everything());
    player.tell(ToWorker::Seek(from_s(10.0)));
    assert_eq!(player.work_until(|f| f.now == from_s(10.0)).histogram, [], "nobody looked");
    player.tell(ToWorker::Watch(true));
    let frame = player.frames.last().unwrap();
    assert_eq!(frame.histogram.iter().map(|b| b.count).sum::<u64>(), frame.totals.ok, "{:?}", frame.histogram);
}

#[test]
fn a_step_moves_something() {
    let mut player = Player::load(&everything());
    player.tell(ToWorker::Step);
    let frame = player.frames.last().unwrap();
    assert!(frame.now > 0 && !frame.dots.is_empty(), "after one step: {} ns, {:?}", frame.now, frame.dots);
}

#[test]
fn a_document_that_cannot_run_stands_at_the_start_and_begins_there_once_it_is_mended() {
    let mut good = examples()[0].scenario.clone();
    good.timeline.clear();
    let mut bad = good.clone();
    bad.nodes.iter_mut().find(|n| n.kind == "server").unwrap().params.insert("cores".into(), 5000.into());
    let mut player = Player::load(&good);
    player.tell(ToWorker::Play);
    player.work_until(|f| f.now > from_s(1.0));
    let clock = || 1e6;
    let hear = |player: &mut Player, message: ToWorker| {
        player.session.hear(message, 1e6);
        player.session.work(&clock).0
    };
    let load = |document: &Scenario, restart| ToWorker::Load { document: write_compact(document), restart };
    let said = hear(&mut player, load(&bad, true));
    let (FromWorker::Refused(why), FromWorker::Frame(frame)) = (&said[0], &said[1]) else { panic!("{said:?}") };
    assert!(why.contains("5000"), "{why}");
    assert_eq!(
        (frame.now, &frame.clock, frame.nodes.len()),
        (0, &Clock::Paused, 0),
        "nothing of the run before is left"
    );
    hear(&mut player, ToWorker::Play);
    hear(&mut player, ToWorker::Step);
    assert_eq!(player.session.now(), 0, "it does not run");
    let said = hear(&mut player, load(&good, false));
    let Some(FromWorker::Frame(frame)) = said.last() else { panic!("{said:?}") };
    assert_eq!((frame.now, frame.nodes.len()), (0, good.nodes.len()), "mended, it stands at its start");
    hear(&mut player, ToWorker::Play);
    assert!(matches!(player.session.mode, Mode::Playing { .. }), "and runs");
    let refused_edit = hear(&mut player, load(&bad, false));
    let (FromWorker::Refused(_), FromWorker::Frame(frame)) = (&refused_edit[0], &refused_edit[1]) else {
        panic!("{refused_edit:?}")
    };
    assert_eq!(frame.nodes.len(), good.nodes.len(), "an edit that cannot run leaves the run as it was");
}
