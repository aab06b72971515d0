//! Runs the cases through the library, replication by replication, on every core.

use crate::case::{Case, Figure};
use loadstone::component::net::{Ask, CallId, Net, Op, Outcome};
use loadstone::engine::{Engine, Progress, Record, Recorder, Step};
use loadstone::metrics::{Metrics, Stays, report};
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_ms, from_s, to_s};
use serde_json::Value;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many picks of balancers are kept, in order.
const PICKS: usize = 200;

/// What one replication gave.
pub struct Run {
    /// The report, as `loadstone run --json` prints it.
    pub report: Value,
    /// The first picks of the balancers.
    pub picks: Vec<String>,
    /// Every pick, if the case follows them.
    pub followed: Vec<Pick>,
    /// Answered requests that took longer than the case's bound, as a share of all answered.
    pub slow_share: f64,
    /// How Little's law fared.
    pub little: Little,
}

/// A balancer's pick.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    /// When, in seconds.
    pub at_s: f64,
    /// What of the request the case follows.
    pub of: u64,
    /// Who got it: the node's position in the design.
    pub backend: u32,
}

/// Little's law over the nodes of some runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Little {
    /// Nodes looked at.
    pub nodes: u64,
    /// Of these, where the time integral of the number inside and the summed times inside differ at all.
    pub unequal: u64,
    /// Stations busy enough, and not too busy, for L = λW to be tried on the report's rounded figures.
    pub tried: u64,
    /// The largest relative difference among these.
    pub worst: f64,
}

impl Little {
    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: Little) {
        self.nodes += other.nodes;
        self.unequal += other.unequal;
        self.tried += other.tried;
        self.worst = self.worst.max(other.worst);
    }
}

impl Run {
    /// A number of the report, by its JSON pointer.
    pub fn number(&self, pointer: &str) -> Option<f64> {
        self.report.pointer(pointer)?.as_f64()
    }

    /// When the log first says this of a node after a moment, in seconds after it.
    pub fn logged(&self, node: &str, what: &str, after_s: f64) -> Option<f64> {
        let log = self.report["log"].as_array()?;
        let entry = log
            .iter()
            .find(|e| e["node"] == node && e["what"] == what && e["at_s"].as_f64().is_some_and(|at| at >= after_s))?;
        Some(entry["at_s"].as_f64()? - after_s)
    }
}

/// Measures as the command line does, and keeps what the report has not.
struct Listener {
    metrics: Metrics,
    stays: Stays,
    picks: Vec<String>,
    follows: Option<fn(&Net, &Ask) -> u64>,
    followed: Vec<Pick>,
    /// What the request that a user sent last is followed by.
    last: u64,
    slow: Nanos,
    answered: u64,
    slower: u64,
}

impl Recorder for Listener {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        self.metrics.record(now, net, record);
        self.stays.record(now, net, record);
        match record {
            Record::Picked { backend, .. } if self.follows.is_some() => {
                self.followed.push(Pick { at_s: to_s(now), of: self.last, backend: *backend });
            }
            Record::Picked { backend, .. } if self.picks.len() < PICKS => {
                self.picks.push(net.nodes[*backend as usize].id.clone());
            }
            Record::Finished { wanted, outcome: Outcome::Ok, .. } if *wanted >= self.metrics.warmup() => {
                self.answered += 1;
                self.slower += u64::from(now - wanted > self.slow);
            }
            _ => {}
        }
    }

    fn step(&mut self, _: Nanos, net: &Net, call: CallId, step: Step) {
        let ask = &net.calls[call].ask;
        let by_user = net.calls[call].caller == ask.origin.users;
        if matches!(step, Step::Opened(_)) && by_user && ask.op != Op::Name {
            self.last = self.follows.map_or(0, |of| of(net, ask));
        }
    }
}

/// One replication of a case.
pub fn replicate(case: &Case, seed: u64) -> Run {
    let mut document = case.scenario.clone();
    document["loadstone"] = 1.into();
    document["name"] = case.title.clone().into();
    document["seed"] = seed.into();
    document["run_s"] = case.run_s.into();
    let (scenario, problems) = loadstone::check::open(&document.to_string());
    let scenario = match scenario {
        Some(scenario) if !loadstone::check::refused(&problems) => scenario,
        _ => panic!("the case \"{}\" has errors: {problems:?}", case.title),
    };
    let listener = Listener {
        metrics: Metrics::new(from_s(case.warmup_s), SECOND),
        stays: Stays::new(from_s(case.warmup_s)),
        picks: Vec::new(),
        follows: case.follows,
        followed: Vec::new(),
        last: 0,
        slow: if case.slow_ms.is_finite() { from_ms(case.slow_ms) } else { Nanos::MAX },
        answered: 0,
        slower: 0,
    };
    simulate(&scenario, listener)
}

fn simulate(scenario: &Scenario, listener: Listener) -> Run {
    let mut engine = Engine::new(scenario, listener);
    let progress = engine.run_until(from_s(scenario.run_s), u64::MAX);
    assert_eq!(progress, Progress::Reached, "\"{}\", seed {}", scenario.name, scenario.seed);
    let now = engine.now();
    engine.recorder.metrics.settle(now);
    let listener = &engine.recorder;
    Run {
        report: report::report(scenario, &engine, &listener.metrics, 0.0),
        picks: listener.picks.clone(),
        followed: listener.followed.clone(),
        slow_share: listener.slower as f64 / listener.answered.max(1) as f64,
        little: little(listener, now),
    }
}

/// Little's law at every node: exactly in nanoseconds, and as L = λW where enough requests make that exact enough.
fn little(Listener { metrics, stays, .. }: &Listener, now: Nanos) -> Little {
    const ENOUGH: u64 = 1_000_000;
    let mut seen = Little::default();
    for (node, station) in (0..).zip(&metrics.nodes).filter(|(_, s)| s.arrivals > 0) {
        seen.nodes += 1;
        seen.unequal += u64::from((station.area, station.stayed()) != stays.at(node, now));
        let span = to_s(now - metrics.warmup());
        let inside = station.area as f64 / 1e9 / span;
        if let Some(mean) = station.sojourn.mean_ms()
            && station.completed() >= ENOUGH
            && station.completed() + station.inside == station.arrivals
            && inside > 0.0
        {
            seen.tried += 1;
            let product = station.arrivals as f64 / span * mean / 1e3;
            seen.worst = seen.worst.max((product / inside - 1.0).abs());
        }
    }
    seen
}

/// What the replications of one case gave: for each check its values, one of each replication.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// By check.
    pub figures: Vec<Values>,
    /// Over all replications.
    pub little: Little,
}

/// A figure's values.
#[derive(Clone, Debug)]
pub enum Values {
    /// One number of each replication; none where nothing was measured.
    Numbers(Vec<Option<f64>>),
    /// One text of each replication.
    Texts(Vec<String>),
}

/// Runs all replications of all cases, the longest first, on so many threads. The order of what comes back is that of
/// the cases and their seeds, whatever the threads did.
pub fn all(cases: &[&Case], threads: usize) -> Vec<Measured> {
    let mut units: Vec<(usize, u64)> =
        cases.iter().enumerate().flat_map(|(i, c)| (1..=c.seeds).map(move |s| (i, s))).collect();
    units.sort_by(|a, b| cost(cases[b.0]).total_cmp(&cost(cases[a.0])).then(a.cmp(b)));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(&(i, seed)) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = replicate(cases[i], seed);
                    let read = read(cases[i], &run);
                    done.lock().expect("no thread panicked").push((i, seed, read, run.little));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panicked");
    done.sort_by_key(|unit| (unit.0, unit.1));
    let mut measured: Vec<Measured> = cases.iter().map(|_| Measured::default()).collect();
    for (i, _, read, little) in done {
        measured[i].little.add(little);
        gather(&mut measured[i].figures, read);
    }
    measured
}

fn cost(case: &Case) -> f64 {
    case.cost / case.seeds as f64
}

fn read(case: &Case, run: &Run) -> Vec<Values> {
    let one = |figure: &Figure| match figure {
        Figure::Number(read) => Values::Numbers(vec![read(run)]),
        Figure::Text(read) => Values::Texts(vec![read(run)]),
    };
    case.checks.iter().map(|check| one(&check.figure)).collect()
}

fn gather(all: &mut Vec<Values>, one: Vec<Values>) {
    if all.is_empty() {
        *all = one;
        return;
    }
    for (all, one) in all.iter_mut().zip(one) {
        match (all, one) {
            (Values::Numbers(all), Values::Numbers(one)) => all.extend(one),
            (Values::Texts(all), Values::Texts(one)) => all.extend(one),
            _ => unreachable!("a check gives the same sort of figure in every replication"),
        }
    }
}
