//! What every run keeps, whatever is drawn and whatever breaks: random designs with random faults.

use loadstone::component::net::Status;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::Metrics;
use loadstone::rng::Rng;
use loadstone::scenario::{Action, Entry, Link, Node, Params, Scenario, Target};
use loadstone::time::{Nanos, SECOND, from_s};
use serde_json::{Value, json};

/// The number of random scenarios.
const RUNS: u64 = 1_200;
const LENGTH_S: f64 = 20.0;

/// Draws scenarios: a web site of random shape, size and settings, and up to eight things that happen to it.
struct Draw(Rng);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len() as u64) as usize].clone()
    }

    fn params(&mut self, of: &[(&str, &[Value])]) -> Params {
        let mut params = Params::new();
        for (name, values) in of {
            if self.below(2) == 0 {
                params.insert((*name).into(), self.one(values));
            }
        }
        params
    }

    fn node(&mut self, id: String, kind: &str) -> Node {
        let params = match kind {
            "users" => self.params(&[
                ("rate_rps", &[json!(5), json!(40), json!(150)]),
                ("users", &[json!(null), json!(20)]),
                ("think_ms", &[json!({"exponential": 300}), json!(0.5)]),
                ("write_share", &[json!(0), json!(0.5), json!(1)]),
                ("static_share", &[json!(0.5)]),
                ("keys", &[json!(20)]),
                ("timeout_ms", &[json!(50), json!(500), json!(15_000)]),
                ("retries", &[json!(0), json!(2)]),
                ("clients", &[json!(1), json!(1000)]),
                ("connections", &[json!("new"), json!("keep_alive")]),
                ("keep_alive_s", &[json!(0), json!(1)]),
                ("load", &[json!([[0, 0], [10, 2]]), json!([[0, 1], [5, 0], [6, 1]])]),
                ("stub_cache", &[json!(false)]),
                ("resolver_cache", &[json!(false)]),
            ]),
            "dns" => self.params(&[
                ("ttl_s", &[json!(0), json!(2), json!(60)]),
                ("policy", &[json!("simple"), json!("round_robin"), json!("weighted")]),
            ]),
            "load_balancer" => self.params(&[
                ("algorithm", &[json!("round_robin"), json!("least_connections"), json!("random")]),
                ("health", &[json!(null), json!({"interval_ms": 500, "timeout_ms": 300, "fall": 1}), json!({})]),
                ("tries", &[json!(1), json!(3)]),
                ("max_fails", &[json!(1), json!(null)]),
                ("fail_open", &[json!(true)]),
                ("read_timeout_ms", &[json!(100)]),
                ("overhead_ms", &[json!(0), json!(2)]),
            ]),
            "server" => self.params(&[
                ("cores", &[json!(1), json!(4)]),
                ("workers", &[json!(1), json!(8), json!(256)]),
                ("backlog", &[json!(0), json!(5), json!(128)]),
                ("overflow", &[json!("drop")]),
                ("service_ms", &[json!(0), json!(20), json!({"gamma": {"mean": 5, "cv": 2}})]),
                ("boot_s", &[json!(0), json!(3)]),
                ("read_timeout_ms", &[json!(30), json!(1000)]),
            ]),
            "cdn" => self.params(&[
                ("capacity_items", &[json!(3), json!(500)]),
                ("ttl_s", &[json!(0), json!(1)]),
                ("stale_if_error_s", &[json!(3)]),
                ("coalesce", &[json!(true)]),
                ("policy", &[json!("lfu"), json!("random")]),
                ("overhead_ms", &[json!(0), json!(2)]),
                ("read_timeout_ms", &[json!(100)]),
            ]),
            "cache" => self.params(&[
                ("capacity_items", &[json!(3), json!(500)]),
                ("policy", &[json!("lfu"), json!("fifo"), json!("random")]),
                ("ttl_s", &[json!(0), json!(1)]),
                ("get_ms", &[json!(0), json!({"exponential": 5})]),
                ("hit_share", &[json!(0.5)]),
                ("backlog", &[json!(0), json!(3)]),
            ]),
            "queue" => self.params(&[
                ("capacity", &[json!(1), json!(50)]),
                ("visibility_s", &[json!(0.05), json!(2)]),
                ("prefetch", &[json!(1), json!(100)]),
                ("max_deliveries", &[json!(1), json!(3)]),
                ("durable", &[json!(false)]),
                ("store_ms", &[json!(0), json!(2)]),
                ("boot_s", &[json!(1)]),
            ]),
            _ => self.params(&[
                ("cores", &[json!(1), json!(4)]),
                ("connections", &[json!(1), json!(100)]),
                ("backlog", &[json!(0), json!(1000)]),
                ("read_ms", &[json!(0), json!({"exponential": 10})]),
                ("data_gb", &[json!(0), json!(0.2)]),
                ("read_your_writes", &[json!(true)]),
                ("family", &[json!("key_value"), json!("graph")]),
                ("memory_gb", &[json!(0), json!(0.5)]),
                (
                    "failover",
                    &[
                        json!({"mode": "automatic", "probes": 2, "probe_interval_ms": 300, "promote_ms": 500}),
                        json!({"mode": "automatic", "replace_after_s": 2}),
                        json!({"mode": "automatic", "recovery_script_s": 1, "probes": 1}),
                        json!({"mode": "manual"}),
                    ],
                ),
            ]),
        };
        let zone = (self.below(3) == 0).then(|| "a".to_owned());
        Node { id, kind: kind.into(), zone, params, ..Node::default() }
    }

    fn link(&mut self, from: &str, to: &str) -> Link {
        let params = match (from.starts_with("web"), to.starts_with("db")) {
            (true, true) => self.params(&[("calls", &[json!(0), json!(3)]), ("parallel", &[json!(true)])]),
            (false, true) => self.params(&[
                ("delay_ms", &[json!(100)]),
                ("apply_ms", &[json!(0), json!(20)]),
                ("mode", &[json!("semi_sync"), json!("sync")]),
                ("semi_sync_timeout_ms", &[json!(0), json!(700)]),
            ]),
            _ => self.params(&[
                ("latency_ms", &[json!(0), json!({"uniform": [1, 9]})]),
                ("loss_share", &[json!(0.1), json!(0.0)]),
            ]),
        };
        Link { from: from.into(), to: to.into(), params, ..Link::default() }
    }

    fn scenario(&mut self, seed: u64) -> Scenario {
        let mut s = Scenario { seed, run_s: LENGTH_S, ..Scenario::default() };
        let (webs, dbs) = (1 + self.below(3), self.below(4));
        s.nodes.push(self.node("users".into(), "users"));
        for (id, kind) in [("dns", "dns"), ("lb", "load_balancer")] {
            if self.below(2) == 0 {
                s.nodes.push(self.node(id.into(), kind));
                s.links.push(self.link("users", id));
            }
        }
        for i in 1..=webs {
            s.nodes.push(self.node(format!("web{i}"), "server"));
        }
        for kind in ["cdn", "cache", "queue"] {
            if self.below(3) == 0 {
                s.nodes.push(self.node(kind.into(), kind));
            }
        }
        for i in 1..=dbs {
            s.nodes.push(self.node(format!("db{i}"), "database"));
        }
        let front = if s.node("lb").is_some() { "lb" } else { "users" };
        for i in 1..=webs {
            let web = format!("web{i}");
            s.links.push(self.link(front, &web));
            for data in ["cache", "queue"] {
                if s.node(data).is_some() {
                    s.links.push(self.link(&web, data));
                }
            }
            if dbs > 0 {
                let target = format!("db{}", 1 + self.below(dbs));
                s.links.push(self.link(&web, &target));
            }
        }
        // A star, a chain, a ring, or two that copy each other with replicas of one of them.
        let shape = self.below(5);
        for i in 2..=dbs {
            let from = if shape == 1 || shape == 2 { i - 1 } else { 1 };
            s.links.push(self.link(&format!("db{from}"), &format!("db{i}")));
        }
        if dbs >= 2 && (shape == 2 || shape == 3) {
            let last = if shape == 2 { dbs } else { 2 };
            s.links.push(self.link(&format!("db{last}"), "db1"));
        }
        if s.node("cdn").is_some() {
            s.links.push(self.link("users", "cdn"));
            s.links.push(self.link("cdn", if front == "lb" { "lb" } else { "web1" }));
        }
        if s.node("queue").is_some() {
            s.nodes.push(self.node("worker".into(), "server"));
            s.links.push(self.link("queue", "worker"));
        }
        for _ in 0..self.below(9) {
            let entry = self.entry(&s);
            s.timeline.push(entry);
        }
        s
    }

    fn entry(&mut self, s: &Scenario) -> Entry {
        let node = self.one(&s.nodes).id;
        let link = self.one(&s.links);
        let (on_node, on_link) = (Target::Node(node.clone()), Target::Link(link.from.clone(), link.to.clone()));
        let (target, action) = match self.below(16) {
            0..3 => (on_node, Action::Crash),
            3 | 4 => (on_node, Action::Freeze),
            5 | 6 => (on_node, Action::Recover),
            7 => (on_node, Action::Slow { factor: self.one(&[0.5, 3.0]) }),
            8 => (on_node, Action::Error { share: 0.3 }),
            9 => (Target::Node("users".into()), Action::Load { factor: self.one(&[0.0, 3.0]) }),
            10 => (on_link, Action::Cut),
            11 => (Target::Zone("a".into()), self.one(&[Action::Crash, Action::Freeze, Action::Recover])),
            12 => (Target::Node(format!("db{}", 1 + self.below(3))), Action::Promote),
            13 => self.one(&[
                (on_node.clone(), Action::RemoveNode),
                (on_node, Action::Flush),
                (on_link.clone(), Action::RemoveLink),
                (on_link.clone(), Action::Recover),
            ]),
            14 => {
                let mut node = Node { id: "late".into(), kind: "server".into(), ..Node::default() };
                if self.below(2) == 0 {
                    (node.id, node.kind) = ("dblate".into(), "database".into());
                }
                (Target::Carried, Action::AddNode(Box::new(node)))
            }
            _ => {
                let (from, to) = if self.below(2) == 0 { ("lb", "late") } else { ("db1", "dblate") };
                (Target::Carried, Action::AddLink(Box::new(self.link(from, to))))
            }
        };
        let at_s = self.below(LENGTH_S as u64 * 10) as f64 / 10.0;
        Entry { for_s: (self.below(3) == 0).then_some(2.5), ..Entry::new(at_s, target, action) }
    }
}

/// Runs a scenario in steps of this length and gives what is the same for every way of running it.
fn run(scenario: &Scenario, step: Nanos) -> (Engine<Metrics>, u64) {
    let mut engine = Engine::new(scenario, Metrics::new(0, SECOND));
    let end = from_s(scenario.run_s);
    let mut until = step.min(end);
    loop {
        match engine.run_until(until, u64::MAX) {
            Progress::Reached if until >= end => break,
            Progress::Reached => until = (until + step).min(end),
            other => panic!("seed {}: the run did not go on: {other:?}\n{}", scenario.seed, as_file(scenario)),
        }
    }
    engine.recorder.settle(end);
    let hash = engine.trace_hash();
    (engine, hash)
}

fn as_file(scenario: &Scenario) -> String {
    loadstone::codec::write(scenario)
}

/// Counts that must agree, whatever happened.
fn conserves(scenario: &Scenario, engine: &Engine<Metrics>) {
    let (metrics, seed) = (&engine.recorder, scenario.seed);
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
        assert_eq!(station.area, station.time_inside(engine.now()), "seed {seed}: Little's law at {id}\n{}", file());
        let gone = station.completed + station.refused + station.failed;
        assert_eq!(
            station.arrivals,
            gone + station.inside,
            "seed {seed}: who came to {id} left or is inside\n{}",
            file()
        );
        if let Some(kept) = &station.messages {
            assert_eq!(kept.area, kept.time_inside(engine.now()), "seed {seed}: Little's law in {id}\n{}", file());
            let gone = kept.completed + kept.refused + kept.failed;
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
    let mut draw = Draw(Rng::named(1, "runs", "scenarios"));
    let mut moved = 0;
    for seed in 0..RUNS {
        let scenario = draw.scenario(seed);
        let (engine, hash) = run(&scenario, from_s(LENGTH_S));
        conserves(&scenario, &engine);
        moved += engine.recorder.requests.ok;
        // Another way through the same run: a thousand steps.
        if seed % 4 == 0 {
            let (_, sliced) = run(&scenario, from_s(LENGTH_S) / 1000);
            assert_eq!(hash, sliced, "seed {seed}: in a thousand steps it is another run\n{}", as_file(&scenario));
        }
    }
    assert!(moved > RUNS * 50, "the random designs hardly answer anything: {moved} requests");
}

/// The examples as they are, and with every node in turn broken and mended in the middle of the run.
#[test]
fn the_examples_conserve_requests_whatever_breaks() {
    for example in loadstone::codec::examples() {
        let plain = &example.scenario;
        let answered = |scenario: &Scenario| {
            let (engine, _) = run(scenario, from_s(scenario.run_s));
            conserves(scenario, &engine);
            engine.recorder.requests.ok
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
    let mut draw = Draw(Rng::named(2, "runs", "bystander"));
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
