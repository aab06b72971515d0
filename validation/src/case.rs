//! What one case of the table says: a design, how long it runs, and which figures of it are held to what.

use crate::run::Run;
use loadstone::component::net::{Ask, Net};
use serde_json::Value;

/// One design and what is expected of it.
pub struct Case {
    /// What people call the system.
    pub title: String,
    /// The document; seed and length are filled in.
    pub scenario: Value,
    /// Seconds simulated in each replication.
    pub run_s: f64,
    /// Seconds at its beginning that are not measured.
    pub warmup_s: f64,
    /// Replications, each with a seed of its own.
    pub seeds: u64,
    /// How much work it is: visits of requests to nodes, in all replications, roughly.
    pub cost: f64,
    /// A request that took longer than this counts as slow.
    pub slow_ms: f64,
    /// What of a request decides where a balancer sends it, if every pick is to be kept with it. Requests have to come one
    /// at a time.
    pub follows: Option<fn(&Net, &Ask) -> u64>,
    /// What is held to what.
    pub checks: Vec<Check>,
}

/// One figure and what it shall be.
pub struct Check {
    /// What is looked at.
    pub what: String,
    /// How it is read from a run.
    pub figure: Figure,
    /// What it shall be.
    pub wanted: Wanted,
}

/// Reads a number from a run.
type Read = Box<dyn Fn(&Run) -> Option<f64> + Send + Sync>;

/// How a figure is read from a run; `None` if the run did not measure it.
pub enum Figure {
    /// A number.
    Number(Read),
    /// A text, such as an order of picks.
    Text(Box<dyn Fn(&Run) -> String + Send + Sync>),
}

/// What a figure shall be.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// The mean over the replications lies within a relative tolerance of a value, and its 95 % interval is no wider to
    /// either side than the tolerance: a run that is too short to tell has not passed.
    Near(f64, f64),
    /// Each replication's value lies between these.
    Within(f64, f64),
    /// Exactly this number, in each replication.
    Equal(f64),
    /// Exactly this text.
    Text(String),
}

impl Case {
    /// A case without checks. `rate` is what the users want, in requests per second; `hops` the nodes each visits.
    pub fn new(title: impl Into<String>, scenario: Value, rate: f64, hops: f64, requests: f64, seeds: u64) -> Case {
        let run_s = requests / rate / seeds as f64;
        let cost = requests * hops;
        let title = title.into();
        Case {
            title,
            scenario,
            run_s,
            warmup_s: run_s / 20.0,
            seeds,
            cost,
            slow_ms: f64::INFINITY,
            follows: None,
            checks: Vec::new(),
        }
    }

    /// A case of short runs, of so many seconds each, that are measured from their first moment on.
    pub fn short(title: impl Into<String>, scenario: Value, run_s: f64, rate: f64, seeds: u64) -> Case {
        let mut case = Case::new(title, scenario, rate, 2.0, run_s * rate * seeds as f64, seeds);
        case.warmup_s = 0.0;
        case
    }

    /// Measures only from this second on.
    pub fn warmup(mut self, seconds: f64) -> Case {
        self.warmup_s = seconds;
        self
    }

    /// Keeps every pick of a balancer with this of its request.
    pub fn following(mut self, what: fn(&Net, &Ask) -> u64) -> Case {
        self.follows = Some(what);
        self
    }

    /// A number within a relative tolerance of what theory says.
    pub fn near(
        mut self,
        what: &str,
        figure: impl Fn(&Run) -> Option<f64> + Send + Sync + 'static,
        value: f64,
        tolerance: f64,
    ) -> Case {
        self.checks.push(Check {
            what: what.to_owned(),
            figure: Figure::Number(Box::new(figure)),
            wanted: Wanted::Near(value, tolerance),
        });
        self
    }

    /// A number that lies between two bounds in every replication.
    pub fn within(
        mut self,
        what: &str,
        figure: impl Fn(&Run) -> Option<f64> + Send + Sync + 'static,
        low: f64,
        high: f64,
    ) -> Case {
        let wanted = if low == high { Wanted::Equal(low) } else { Wanted::Within(low, high) };
        self.checks.push(Check { what: what.to_owned(), figure: Figure::Number(Box::new(figure)), wanted });
        self
    }

    /// A text that is exactly this.
    pub fn text(
        mut self,
        what: &str,
        figure: impl Fn(&Run) -> String + Send + Sync + 'static,
        wanted: impl Into<String>,
    ) -> Case {
        let wanted = Wanted::Text(wanted.into());
        self.checks.push(Check { what: what.to_owned(), figure: Figure::Text(Box::new(figure)), wanted });
        self
    }
}

/// A part of the table: cases that rest on the same sources.
pub struct Section {
    /// The headline.
    pub title: &'static str,
    /// What is run and where what is expected comes from, in Markdown.
    pub about: &'static str,
    /// The cases.
    pub cases: Vec<Case>,
}
