//! What every run keeps, whatever is drawn and whatever breaks: random designs with random faults.

use crate::draw::{Draw, LENGTH_S};
use loadstone::component::net::Status;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::{Metrics, Stays};
use loadstone::scenario::{Action, Entry, Node, Scenario, Target};
use loadstone::time::{Nanos, SECOND, from_s};

/// The number of random scenarios.
const RUNS: u64 = 1_200;

/// Who listens: what is measured, and what must come out the same.
type Listeners = (Metrics, Stays);

/// Runs a scenario in steps of this length and gives what is the same for every way of running it.
fn run(scenario: &Scenario, step: Nanos) -> (Engine<Listeners>, u64) {
    let mut engine = Engine::new(scenario, (Metrics::new(0, SECOND), Stays::new(0)));
    let end = from_s(scenario.run_s);
    let mut until = step.min(end);
    loop {
        match engine.run_until(until, u64::MAX) {
            Progress::Reached if until >= end => break,
            Progress::Reached => until = (until + step).min(end),
            other => panic!("seed {}: the run did not go on: {other:?}\n{}", scenario.seed, as_file(scenario)),
        }
    }
    engine.recorder.0.settle(end);
    let hash = engine.trace_hash();
    (engine, hash)
}

fn as_file(scenario: &Scenario) -> String {
    loadstone::codec::write(scenario)
}

/// Counts that must agree, whatever happened.
fn conserves(scenario: &Scenario, engine: &Engine<Listeners>) {
    let ((metrics, stays), now, seed) = (&engine.recorder, engine.now(), scenario.seed);
    let r = &metrics.requests;
    let waiting: u64 =
        engine.net().nodes.iter().zip(&metrics.nodes).filter(|(n, _)| n.id == "users").map(|(_, s)| s.inside).sum();
    let errors: u64 = r.errors.values().sum();
    assert_eq!(
        r.issued,
        r.ok + r.failed + waiting,
        "seed {seed}: issued = ok + failed + in flight\n{}",
        as_file(scenario)
    );
    assert_eq!(r.failed, errors, "seed {seed}: every failure has one cause\n{}", as_file(scenario));
    for (i, (node, station)) in engine.net().nodes.iter().zip(&metrics.nodes).enumerate() {
        let id = &node.id;
        let file = || as_file(scenario);
        assert_eq!(
            (station.area, station.stayed()),
            stays.at(i as u32, now),
            "seed {seed}: Little's law at {id}\n{}",
            file()
        );
        let gone = station.completed() + station.refused + station.failed;
        assert_eq!(
            station.arrivals,
            gone + station.inside,
            "seed {seed}: who came to {id} left or is inside\n{}",
            file()
        );
        if let Some(kept) = &station.messages {
            assert_eq!(
                (kept.area, kept.stayed()),
                stays.in_queue(i as u32, now),
                "seed {seed}: Little's law in {id}\n{}",
                file()
            );
            let gone = kept.completed() + kept.refused + kept.failed;
            assert_eq!(kept.arrivals, gone + kept.inside, "seed {seed}: messages in {id} are kept or done\n{}", file());
            let stock = engine.view(i as u32).stock.expect("a queue tells what it keeps");
            let seen = stock.items + stock.in_flight;
            assert_eq!(kept.inside, seen, "seed {seed}: messages that {id} says it keeps\n{}", file());
        }
        if node.status == Status::Crashed {
            assert_eq!(station.inside, 0, "seed {seed}: {id} is dead and holds nobody\n{}", file());
            assert_eq!(station.cores_busy, 0, "seed {seed}: {id} is dead and computes nothing\n{}", file());
        }
    }
}

#[test]
fn random_designs_with_random_faults_conserve_requests_and_repeat() {
    let mut draw = Draw::new(1, "scenarios");
    let mut moved = 0;
    for seed in 0..RUNS {
        let scenario = draw.scenario(seed);
        let (engine, hash) = run(&scenario, from_s(LENGTH_S));
        conserves(&scenario, &engine);
        moved += engine.recorder.0.requests.ok;
        // Another way through the same run: a thousand steps.
        if seed % 4 == 0 {
            let (_, sliced) = run(&scenario, from_s(LENGTH_S) / 1000);
            assert_eq!(hash, sliced, "seed {seed}: in a thousand steps it is another run\n{}", as_file(&scenario));
        }
    }
    assert!(moved > RUNS * 50, "the random designs hardly answer anything: {moved} requests");
}

/// The design with at most so many users of the closed loop, so that it runs in a moment.
fn with_few_users(scenario: &Scenario) -> Scenario {
    const FEW: u64 = 1_000;
    let mut few = scenario.clone();
    for users in few.nodes.iter_mut().filter_map(|node| node.params.get_mut("users")) {
        *users = users.as_u64().map_or(users.clone(), |n| n.min(FEW).into());
    }
    few
}

/// The largest example as it is, for a moment: a million people, and as many requests as they make in that time.
#[test]
fn a_million_users_are_simulated_one_by_one() {
    const SHORT_S: f64 = 0.2;
    let example = loadstone::codec::examples().iter().find(|e| e.slug == "a-million-users").expect("it is there");
    let moment = Scenario { run_s: SHORT_S, ..example.scenario.clone() };
    let (engine, _) = run(&moment, from_s(SHORT_S));
    conserves(&moment, &engine);
    assert!(engine.pending() > 950_000, "only {} of a million are waiting to ask", engine.pending());
    let issued = engine.recorder.0.requests.issued as f64;
    assert!((issued / (100_000.0 * SHORT_S) - 1.0).abs() < 0.05, "{issued} requests in {SHORT_S} s");
}

/// The examples, and with every node in turn broken and mended in the middle of the run.
#[test]
fn the_examples_conserve_requests_whatever_breaks() {
    for example in loadstone::codec::examples() {
        let plain = &with_few_users(&example.scenario);
        let answered = |scenario: &Scenario| {
            let (engine, _) = run(scenario, from_s(scenario.run_s));
            conserves(scenario, &engine);
            engine.recorder.0.requests.ok
        };
        assert!(answered(plain) > 1_000, "{}: hardly anything is answered", example.slug);
        for node in &plain.nodes {
            for action in [Action::Crash, Action::Freeze] {
                let mut broken = plain.clone();
                let at_s = plain.run_s / 3.0;
                broken
                    .timeline
                    .push(Entry { for_s: Some(20.0), ..Entry::new(at_s, Target::Node(node.id.clone()), action) });
                answered(&broken);
            }
        }
    }
}

#[test]
fn a_node_that_nothing_connects_to_changes_no_other() {
    let mut draw = Draw::new(2, "bystander");
    for seed in 0..60 {
        let scenario = draw.scenario(seed);
        let mut with = scenario.clone();
        with.nodes.insert(0, Node { id: "bystander".into(), kind: "server".into(), ..Node::default() });
        let others = Node { id: "others".into(), kind: "users".into(), ..Node::default() };
        with.nodes.push(others);
        let ((alone, _), (both, _)) = (run(&scenario, SECOND), run(&with, SECOND));
        // A node that left and came back is there twice; the last one is compared.
        for (i, node) in alone.net().nodes.iter().enumerate().filter(|(_, n)| n.status != Status::Removed) {
            let there = both.net().nodes.iter().rposition(|n| n.id == node.id).expect("the node is in both");
            assert_eq!(
                alone.node_hash(i as u32),
                both.node_hash(there as u32),
                "seed {seed}: a bystander changed {}\n{}",
                node.id,
                as_file(&scenario)
            );
        }
    }
}

#[test]
fn an_answered_request_leaves_nothing_behind() {
    let text = r#"{"loadstone":1,"name":"quiet","seed":3,"run_s":100,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":200,"load":[[0,1],[10,1],[10,0]]}},
                 {"id":"lb","kind":"load_balancer","params":{"health":null}},{"id":"web","kind":"server"},{"id":"db","kind":"database"}],
        "links":[{"from":"users","to":"lb"},{"from":"lb","to":"web"},{"from":"web","to":"db"}]}"#;
    let (scenario, problems) = loadstone::check::open(text);
    let scenario = scenario.unwrap_or_else(|| panic!("{problems:?}"));
    let mut engine = Engine::new(&scenario, Metrics::new(0, SECOND));
    assert_eq!(engine.run_until(from_s(12.0), u64::MAX), Progress::Reached);
    let r = &engine.recorder.requests;
    assert!(r.ok > 1500 && r.in_flight() == 0, "two seconds after the last request: {r:?}");
    assert_eq!(engine.pending(), 0, "events wait for requests that were answered");
}

/// What the canvas shows at a moment is what the engine has by then, also of edits that last only for a while.
#[test]
fn the_design_at_a_moment_is_that_of_the_run() {
    let mut draw = Draw::new(9, "designs over time");
    let (mut looked, mut undone) = (0, 0);
    for seed in 0..400 {
        let scenario = draw.scenario(seed);
        let mut engine = Engine::new(&scenario, Metrics::new(0, SECOND));
        let edits = scenario.timeline.iter().filter(|e| e.action.is_edit());
        let mut moments: Vec<Nanos> = edits.flat_map(|e| [Some(e.at()), e.over()]).flatten().collect();
        moments.sort_unstable();
        moments.retain(|&at| at <= from_s(LENGTH_S));
        let mut before = None;
        for at in moments {
            if engine.run_until(at, u64::MAX) != Progress::Reached {
                break;
            }
            let shown = Scenario { timeline: Vec::new(), ..scenario.at(at) };
            assert_eq!(&shown, engine.design(), "seed {seed}, {at} ns\n{}", as_file(&scenario));
            let key = scenario.edits_until(at);
            assert!(
                before.replace((key, shown)).is_none_or(|(k, d)| k != key || d == *engine.design()),
                "seed {seed}, {at} ns"
            );
            let ends = scenario.timeline.iter().any(|e| e.action.is_edit() && e.over() == Some(at));
            (looked, undone) = (looked + 1, undone + u32::from(ends));
        }
    }
    assert!(looked > 300 && undone > 60, "{looked} moments, {undone} at which an edit was undone: too few to tell");
}
