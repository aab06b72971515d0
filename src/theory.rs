//! Closed forms beside the measurements: for each node either what queueing theory says it should do, or why no formula
//! fits it.
//!
//! A formula is given only where its conditions hold by the design itself. So the arrivals at a node must be known to be
//! Poisson, which `flow` follows from the users on: random splitting and merging keep a stream Poisson, and so does a
//! station with exponential service (P. J. Burke, "The output of a queuing system", 1956); round robin, retries and
//! people who wait for answers do not. The rate is the measured one, so that a comparison tests the formula and not the
//! chance that more came than usual.

pub mod caches;
mod flow;
mod nodes;
pub mod queues;

#[cfg(test)]
mod tests;

use crate::component::net::Status;
use crate::engine::{Engine, Recorder};
use crate::metrics::Metrics;
use crate::scenario::Scenario;
use crate::time::to_s;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What theory says of one node.
#[derive(Clone, Debug, PartialEq)]
pub enum Theory {
    /// A formula fits.
    Fits(Box<Prediction>),
    /// None does: why, as half a sentence.
    Nothing(String),
}

/// What a formula predicts; what it is silent about is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// What the formula is called, such as M/M/1.
    pub model: String,
    /// Where it stands.
    pub source: &'static str,
    /// What went into it, with names that end in the unit.
    pub inputs: Vec<(&'static str, f64)>,
    /// Share of the cores that are busy.
    pub utilization: Option<f64>,
    /// Mean number inside.
    pub mean_in_system: Option<f64>,
    /// Time that requests wait for a worker or a core.
    pub wait_ms: Times,
    /// Time from arrival to leaving; of users, the latency on connections that are open.
    pub sojourn_ms: Times,
    /// Share of requests turned away.
    pub failed_share: Option<f64>,
    /// Share of look-ups that the cache knows.
    pub hit_share: Option<f64>,
}

/// A mean and percentiles, in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
}

impl Times {
    /// Only the mean is known.
    pub fn mean(mean: f64) -> Times {
        Times { mean: Some(mean), ..Times::default() }
    }

    /// From a mean and a quantile function.
    pub fn of(mean: f64, quantile: impl Fn(f64) -> f64) -> Times {
        Times { mean: Some(mean), p50: Some(quantile(0.5)), p95: Some(quantile(0.95)), p99: Some(quantile(0.99)) }
    }

    /// The same times, each longer by a constant.
    pub fn later(self, by: f64) -> Times {
        let add = |t: Option<f64>| t.map(|t| t + by);
        Times { mean: add(self.mean), p50: add(self.p50), p95: add(self.p95), p99: add(self.p99) }
    }

    fn to_value(self) -> Value {
        let all = [("mean", self.mean), ("p50", self.p50), ("p95", self.p95), ("p99", self.p99)];
        Value::Object(all.into_iter().filter_map(|(name, t)| Some((name.to_owned(), json!(t?)))).collect())
    }
}

/// What was measured and goes into the formulas.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Arrivals per second, and mean number inside, by node.
    pub nodes: BTreeMap<String, (f64, f64)>,
    /// Whether users tried again after failures.
    pub retried: bool,
}

impl Measured {
    /// From a run that has come to its end.
    pub fn new<R: Recorder>(engine: &Engine<R>, metrics: &Metrics) -> Measured {
        let seconds = to_s(engine.now().saturating_sub(metrics.warmup())).max(1e-9);
        let present = engine.net().nodes.iter().enumerate().filter(|(_, n)| n.status != Status::Removed);
        let nodes = present.filter_map(|(i, node)| {
            let s = metrics.nodes.get(i)?;
            Some((node.id.clone(), (s.arrivals as f64 / seconds, s.area as f64 / seconds / 1e9)))
        });
        Measured { nodes: nodes.collect(), retried: metrics.requests.retries > 0 }
    }
}

/// What theory says of every node of a design, in the order of the document.
pub fn of(scenario: &Scenario, measured: &Measured) -> Vec<(String, Theory)> {
    let mut design = flow::Design::new(scenario, measured);
    let mut one = |i: usize| {
        let theory = design.predict(i).map_or_else(Theory::Nothing, |p| Theory::Fits(Box::new(p)));
        (scenario.nodes[i].id.clone(), theory)
    };
    (0..scenario.nodes.len()).map(&mut one).collect()
}

impl Theory {
    /// As it stands in a report.
    pub fn to_value(&self) -> Value {
        let p = match self {
            Theory::Nothing(why) => return json!({"model": null, "why": why}),
            Theory::Fits(p) => p,
        };
        let mut predicted = Map::new();
        for (name, value) in [
            ("utilization", p.utilization),
            ("mean_in_system", p.mean_in_system),
            ("failed_share", p.failed_share),
            ("hit_share", p.hit_share),
        ] {
            predicted.extend(value.map(|v| (name.to_owned(), json!(v))));
        }
        for (name, times) in [("wait_ms", p.wait_ms), ("sojourn_ms", p.sojourn_ms)] {
            predicted.extend((times != Times::default()).then(|| (name.to_owned(), times.to_value())));
        }
        let inputs: Map<String, Value> = p.inputs.iter().map(|(name, v)| ((*name).to_owned(), json!(v))).collect();
        json!({"model": p.model, "source": p.source, "inputs": inputs, "predicted": predicted})
    }
}
