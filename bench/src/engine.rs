//! The same works for the engine, with everything measured that `loadstone run` measures; a closed loop of any number
//! of users; and random designs whose hashes must agree.

use crate::Done;
use crate::draw::{Draw, LENGTH_S};
use loadstone::codec;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::Metrics;
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_s};
use serde_json::{Value, json};

fn open(document: &Value) -> Scenario {
    let (scenario, problems) = loadstone::check::open(&document.to_string());
    scenario.unwrap_or_else(|| panic!("{problems:?}"))
}

/// Work A: users ask one server, exponential service, load 0.8. Work B: a balancer gives each request to the server of
/// four that has the fewest. No latencies, so that the time in the system is the queue's alone; and no writes, because
/// the peers' requests are all alike.
fn open_loop(work: &str) -> Scenario {
    let here = json!({"latency_ms": 0});
    let server = json!({"cores": 1, "workers": 10_000_000, "service_ms": {"exponential": 1}});
    let node = |id: &str, kind: &str, params: &Value| json!({"id": id, "kind": kind, "params": params});
    let link = |from: &str, to: &str| json!({"from": from, "to": to, "params": here});
    let (mut nodes, mut links) = (Vec::new(), Vec::new());
    if work == "A" {
        nodes.push(node("users", "users", &json!({"rate_rps": 800, "write_share": 0})));
        nodes.push(node("web", "server", &server));
        links.push(link("users", "web"));
    } else {
        nodes.push(node("users", "users", &json!({"rate_rps": 3200, "write_share": 0})));
        nodes.push(node("lb", "load_balancer", &json!({"algorithm": "least_connections", "overhead_ms": 0})));
        links.push(link("users", "lb"));
        for web in ["web1", "web2", "web3", "web4"] {
            nodes.push(node(web, "server", &server));
            links.push(link("lb", web));
        }
    }
    open(&json!({"loadstone": 1, "name": work, "seed": 7, "run_s": 1e9, "nodes": nodes, "links": links}))
}

fn measured(scenario: &Scenario) -> Engine<Metrics> {
    Engine::new(scenario, Metrics::new(0, SECOND))
}

fn advance(engine: &mut Engine<Metrics>, until: Nanos) {
    assert_eq!(engine.run_until(until, u64::MAX), Progress::Reached, "the run did not go on");
}

fn done(engine: &mut Engine<Metrics>) -> Done {
    engine.recorder.settle(engine.now());
    let (requests, mean_ms) = (engine.recorder.requests.ok, engine.recorder.latency().mean_ms().unwrap_or(0.0));
    Done { requests, events: engine.events(), mean_ms }
}

/// Work A or B for about so many requests.
pub fn work(name: &str, requests: u64) -> Done {
    let rate = if name == "A" { 800.0 } else { 3200.0 };
    let mut engine = measured(&open_loop(name));
    advance(&mut engine, from_s(requests as f64 / rate));
    done(&mut engine)
}

/// A closed loop: so many users, each asking 1000 times less often than a thousand would, so that the pace is the same
/// and only the number of events that wait differs. Its event costs are compared over the number of users.
pub struct Closed(Played);

/// Requests per second of a closed loop.
const PACE: f64 = 10_000.0;

impl Closed {
    /// So many users, past their first thinking.
    pub fn new(users: u32) -> Closed {
        let think_ms = f64::from(users) / PACE * 1000.0;
        let document = json!({"loadstone": 1, "name": "closed loop", "seed": 7, "run_s": 1e9,
            "nodes": [
                {"id": "users", "kind": "users", "params": {"users": users, "think_ms": {"exponential": think_ms}}},
                {"id": "web", "kind": "server", "params":
                    {"cores": 64, "workers": 10_000_000, "backlog": 10_000_000, "service_ms": {"exponential": 0.5}}}],
            "links": [{"from": "users", "to": "web", "params": {"latency_ms": 0.1}}]});
        let mut closed = Closed(Played(measured(&open(&document))));
        // Long enough that almost everybody has asked once.
        closed.advance(think_ms / 1000.0 * 2.0);
        closed
    }

    /// Simulates so many seconds; returns the events that happened.
    pub fn advance(&mut self, seconds: f64) -> u64 {
        self.0.advance(seconds)
    }

    /// Events that wait.
    pub fn pending(&self) -> usize {
        self.0.0.pending()
    }
}

/// A built-in example, or another design, as it runs in the page: with everything measured.
pub struct Played(Engine<Metrics>);

impl Played {
    /// The example of this name, at its start.
    pub fn example(slug: &str) -> Option<Played> {
        let example = codec::examples().iter().find(|e| e.slug == slug)?;
        Some(Played(measured(&example.scenario)))
    }

    /// So many requests at once on their way to a server that is half a second away, and as many answers on their way
    /// back: run for a second, all that many are in flight.
    pub fn flight(requests: u32) -> Played {
        let document = json!({"loadstone": 1, "name": "in flight", "seed": 7, "run_s": 1e9,
            "nodes": [
                {"id": "users", "kind": "users", "params": {"rate_rps": requests, "clients": 1}},
                {"id": "web", "kind": "server", "params":
                    {"cores": 1024, "workers": 10_000_000, "service_ms": 0.01}}],
            "links": [{"from": "users", "to": "web", "params": {"latency_ms": 500}}]});
        Played(measured(&open(&document)))
    }

    /// Simulates so many seconds; returns the events that happened.
    pub fn advance(&mut self, seconds: f64) -> u64 {
        let before = self.0.events();
        let until = self.0.now() + from_s(seconds);
        advance(&mut self.0, until);
        self.0.events() - before
    }

    /// Requests that were made and are not answered yet.
    pub fn in_flight(&self) -> u64 {
        let requests = &self.0.recorder.requests;
        requests.issued - requests.ok - requests.failed
    }
}

/// Runs the random designs with these numbers and gives the hash of each, and how many events there were in all.
/// Each is written to its file and read again before it runs.
pub fn hashes(from: u64, to: u64) -> (Vec<u64>, u64) {
    let mut draw = Draw::new(3, "native and wasm");
    let mut events = 0;
    let mut hashes = Vec::new();
    for seed in 0..to {
        let scenario = draw.scenario(seed);
        if seed < from {
            continue;
        }
        let Some(scenario) = codec::read(&codec::write(&scenario)).0 else { continue };
        let mut engine = measured(&scenario);
        engine.run_until(from_s(LENGTH_S), u64::MAX);
        events += engine.events();
        hashes.push(engine.trace_hash());
    }
    (hashes, events)
}
