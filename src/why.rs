//! Why a run is as it is: in sentences, what limits the system now, what is broken, and what follows from it.
//!
//! A sentence is made only of what was measured lately ([`Lately`]) or logged, beside the design's own limits; it carries
//! the numbers that it rests on, and theory's where a formula fits the design. Knows no engine: frames come in.

mod data;
mod faults;
mod lately;
mod limits;
mod moment;
mod observer;
mod retries;

pub use lately::Lately;
pub use observer::Observer;

use crate::metrics::frame::LogLine;
use crate::order::sort_by_key;
use crate::scenario::Scenario;
use crate::scene::format;
use crate::theory::{Prediction, Theory};
use moment::Moment;
use serde_json::{Map, Value, json};

/// More sentences than these nobody reads.
pub const MOST: usize = 5;

/// What a sentence is about, in the order of importance: first what makes all else look bad, then what has stopped,
/// then limits that are reached, then what follows from these, last how far it is to the next limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Retries alone keep a node at its limit (Bronson et al., "Metastable failures in distributed systems", 2021).
    Metastable,
    /// A replica becomes the primary.
    Election,
    /// The primary is lost and nobody takes its place.
    NoPrimary,
    /// A node is down, and those who should know do not yet.
    Undetected,
    /// A node or a link is down.
    Down,
    /// A node is slow, or answers with errors, because a fault says so.
    Faulty,
    /// The cores are busy.
    Overloaded,
    /// All workers wait for somebody else.
    PoolExhausted,
    /// All connections of a database are taken.
    Connections,
    /// The queue is full, and what comes is turned away.
    QueueFull,
    /// One shard gets more than the others.
    HotShard,
    /// Clients go on to an address that DNS has taken out.
    StaleNames,
    /// A cache was emptied.
    ColdCache,
    /// Requests are tried several times.
    Retries,
    /// More messages come than are taken.
    Backlog,
    /// Replicas are behind.
    Lag,
    /// Nothing is at its limit; this is the nearest.
    Nearest,
}

/// Every one, in the order of importance.
pub const CAUSES: &[Cause] = &[
    Cause::Metastable,
    Cause::Election,
    Cause::NoPrimary,
    Cause::Undetected,
    Cause::Down,
    Cause::Faulty,
    Cause::Overloaded,
    Cause::PoolExhausted,
    Cause::Connections,
    Cause::QueueFull,
    Cause::HotShard,
    Cause::StaleNames,
    Cause::ColdCache,
    Cause::Retries,
    Cause::Backlog,
    Cause::Lag,
    Cause::Nearest,
];

impl Cause {
    /// Its name in reports.
    pub fn id(self) -> &'static str {
        match self {
            Cause::Metastable => "metastable",
            Cause::Election => "election",
            Cause::NoPrimary => "no_primary",
            Cause::Undetected => "undetected",
            Cause::Down => "down",
            Cause::Faulty => "faulty",
            Cause::Overloaded => "overloaded",
            Cause::QueueFull => "queue_full",
            Cause::PoolExhausted => "pool_exhausted",
            Cause::Connections => "connections",
            Cause::HotShard => "hot_shard",
            Cause::StaleNames => "stale_names",
            Cause::ColdCache => "cold_cache",
            Cause::Retries => "retries",
            Cause::Backlog => "backlog",
            Cause::Lag => "replication_lag",
            Cause::Nearest => "nearest_limit",
        }
    }

    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Cause::Metastable => "Retries keep it down",
            Cause::Election => "A new primary is on its way",
            Cause::NoPrimary => "No primary",
            Cause::Undetected => "A failure not yet noticed",
            Cause::Down => "Down",
            Cause::Faulty => "Not as it should be",
            Cause::Overloaded => "At its limit",
            Cause::QueueFull => "Queue full",
            Cause::PoolExhausted => "Every worker waits",
            Cause::Connections => "Out of connections",
            Cause::HotShard => "A hot shard",
            Cause::StaleNames => "Old DNS answers",
            Cause::ColdCache => "Cold cache",
            Cause::Retries => "Retries",
            Cause::Backlog => "The queue grows",
            Cause::Lag => "Replicas are behind",
            Cause::Nearest => "Nothing at its limit",
        }
    }

    /// The part of the validation that holds the engine to this.
    pub fn validated_by(self) -> &'static str {
        match self {
            Cause::Metastable => "overload-that-feeds-itself",
            Cause::Election | Cause::NoPrimary | Cause::Lag => "replication",
            Cause::Undetected | Cause::Down | Cause::Faulty => "failure-detection",
            Cause::PoolExhausted => "networks-of-queues",
            Cause::HotShard => "balancing",
            Cause::StaleNames => "names",
            Cause::ColdCache => "caches",
            Cause::Retries => "retries-and-fan-out",
            Cause::Overloaded | Cause::Connections | Cause::QueueFull | Cause::Backlog | Cause::Nearest => "queues",
        }
    }
}

/// One sentence or two, and what they rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it is about.
    pub cause: Cause,
    /// The node that it is about.
    pub node: String,
    /// The sentences.
    pub words: String,
    /// What was measured, with names that end in the unit.
    pub numbers: Vec<(&'static str, f64)>,
    /// What theory says of the node at the same rate, if a formula fits.
    pub theory: Option<Box<Prediction>>,
}

impl Reason {
    fn new(cause: Cause, node: &str, words: String) -> Reason {
        Reason { cause, node: node.to_owned(), words, numbers: Vec::new(), theory: None }
    }

    /// With these numbers; what is none is left out.
    fn with(mut self, numbers: &[(&'static str, Option<f64>)]) -> Reason {
        self.numbers.extend(numbers.iter().filter_map(|(name, n)| Some((*name, (*n)?))));
        self
    }

    /// The numbers for people: "97 % utilization".
    pub fn facts(&self) -> Vec<(String, String)> {
        self.numbers.iter().map(|&(name, n)| fact(name, n)).collect()
    }

    /// Theory's in words; none if no formula fits.
    pub fn theory_words(&self) -> Option<String> {
        let p = self.theory.as_ref()?;
        let mut said = Vec::new();
        said.extend(p.utilization.map(|u| format!("{} busy", format::percent(u))));
        said.extend(p.wait_ms.mean.map(|t| format!("mean wait {}", format::ms(t))));
        said.extend(p.sojourn_ms.mean.map(|t| format!("mean time {}", format::ms(t))));
        said.extend(p.failed_share.map(|s| format!("{} turned away", format::percent(s))));
        said.extend(p.hit_share.map(|s| format!("{} hits", format::percent(s))));
        Some(format!("{}: {}", p.model, said.join(", ")))
    }

    /// As it stands in a report.
    pub fn to_value(&self) -> Value {
        let numbers: Map<String, Value> = self.numbers.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
        json!({
            "what": self.cause.id(), "node": self.node, "words": self.words, "numbers": numbers,
            "theory": self.theory.as_ref().map(|p| Theory::Fits(p.clone()).to_value()),
            "validation": self.cause.validated_by(),
        })
    }
}

/// A number with its name for people, by the unit in which the name ends.
fn fact(name: &str, n: f64) -> (String, String) {
    let (name, value) = match name.rsplit_once('_') {
        Some((name, "rps")) => (name, format::rate(n)),
        Some((name, "ms")) => (name, format::ms(n)),
        Some((name, "s")) => (name, format::ms(n * 1000.0)),
        Some((name, "share")) => (name, format::percent(n)),
        _ if name == "utilization" => (name, format::percent(n)),
        _ => (name, format::number(n)),
    };
    let mut label = name.replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (label, value)
}

/// What there is to say, most important first. `document` is the whole document, its timeline included; `log` the run's
/// lines so far, or the newest of them.
pub fn why(document: &Scenario, lately: &Lately, log: &[LogLine]) -> Vec<Reason> {
    let Some(moment) = Moment::new(document, lately, log) else { return Vec::new() };
    let mut found = Vec::new();
    faults::find(&moment, &mut found);
    limits::find(&moment, &mut found);
    retries::find(&moment, &mut found);
    data::find(&moment, &mut found);
    if found.iter().all(|r: &Reason| {
        !matches!(r.cause, Cause::Overloaded | Cause::PoolExhausted | Cause::Connections | Cause::QueueFull)
    }) {
        found.extend(limits::nearest(&moment));
    }
    sort_by_key(&mut found, |r| r.cause);
    found.truncate(MOST);
    let theory = moment.theory();
    for reason in &mut found {
        reason.theory = theory.iter().find(|(id, _)| *id == reason.node).and_then(|(_, t)| match t {
            Theory::Fits(p) => Some(p.clone()),
            Theory::Nothing(_) => None,
        });
    }
    found
}
