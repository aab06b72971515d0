//! What tests of whole runs share: a scenario from a few lines, its run, and what is read off it.

use loadstone::component::Kind;
use loadstone::component::net::Net;
use loadstone::component::view::View;
use loadstone::engine::{Engine, Progress, Record, Recorder};
use loadstone::metrics::Metrics;
use loadstone::metrics::report::report;
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_s, to_s};
use serde_json::{Value, json};

/// A document of these parts, without errors.
pub fn scenario(seed: u64, run_s: f64, nodes: Value, links: Value, timeline: Value) -> Scenario {
    let text = json!({"loadstone": 1, "name": "trial", "seed": seed, "run_s": run_s,
                      "nodes": nodes, "links": links, "timeline": timeline});
    let (scenario, problems) = loadstone::check::open(&text.to_string());
    assert!(!loadstone::check::refused(&problems), "the test's own scenario has errors: {problems:?}");
    scenario.expect("a scenario without errors")
}

/// What was asked of whom: requests as they arrive, picks as they are made, greetings as they set out.
#[derive(Default)]
pub struct Seen {
    /// Arrivals at every node: when, which.
    pub entered: Vec<(f64, String)>,
    /// Picks: when, whom.
    pub picks: Vec<(f64, String)>,
    /// Packets that open users' connections to every node, when they set out.
    pub greetings: Vec<(f64, String)>,
}

impl Recorder for Seen {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        let (at, id) = (to_s(now), |node: u32| net.nodes[node as usize].id.clone());
        match record {
            Record::Entered { node, .. } => self.entered.push((at, id(*node))),
            Record::Picked { backend, .. } => self.picks.push((at, id(*backend))),
            Record::Packet(p) if p.greeting && !p.back && net.nodes[p.ends.0 as usize].kind == Kind::Users => {
                self.greetings.push((at, id(p.ends.1)));
            }
            _ => {}
        }
    }
}

/// A run that is over.
pub struct Trial {
    engine: Engine<(Metrics, Seen)>,
    /// The report, as `run --json` prints it.
    pub report: Value,
}

impl Trial {
    /// Runs it.
    pub fn new(scenario: &Scenario) -> Trial {
        let mut engine = Engine::new(scenario, (Metrics::new(0, SECOND), Seen::default()));
        assert_eq!(engine.run_until(from_s(scenario.run_s), u64::MAX), Progress::Reached, "seed {}", scenario.seed);
        engine.recorder.0.settle(from_s(scenario.run_s));
        let report = report(scenario, &engine, &engine.recorder.0, 0.0);
        Trial { engine, report }
    }

    /// What was seen.
    pub fn seen(&self) -> &Seen {
        &self.engine.recorder.1
    }

    /// The first node, as people see it at the end.
    pub fn first(&self) -> View {
        self.engine.view(0)
    }

    /// The picks within this time, as one word if all identifiers are one letter.
    pub fn picks(&self, from_s: f64, to_s: f64) -> String {
        self.seen().picks.iter().filter(|(at, _)| (from_s..to_s).contains(at)).map(|(_, id)| id.as_str()).collect()
    }

    /// The first time that the log says this of this node.
    pub fn logged(&self, node: &str, what: &str) -> Option<f64> {
        let log = self.report["log"].as_array().expect("a log");
        log.iter().find(|e| e["node"] == node && e["what"] == what).and_then(|e| e["at_s"].as_f64())
    }

    /// A number of the report, by its path.
    pub fn number(&self, path: &str) -> f64 {
        let value = path.split('.').fold(&self.report, |value, key| &value[key]);
        value.as_f64().unwrap_or_else(|| panic!("{path} is {value}"))
    }
}

/// Asserts that a measured value lies within a relative tolerance of what theory says.
pub fn near(what: &str, measured: f64, theory: f64, tolerance: f64) {
    let off = measured / theory - 1.0;
    println!("{what}: theory {theory:.4}, measured {measured:.4}, off by {:+.2} %", off * 100.0);
    assert!(off.abs() <= tolerance, "{what}: measured {measured}, theory {theory}, off by {:+.2} %", off * 100.0);
}
