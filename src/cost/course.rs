//! What stands there over time: the edits of the timeline, and how many instances the autoscalers wanted.

use super::rates::rate;
use crate::component::log::What;
use crate::component::prices;
use crate::engine::{Engine, Recorder};
use crate::metrics::Metrics;
use crate::metrics::frame::LogLine;
use crate::order;
use crate::scenario::Scenario;
use crate::time::{Nanos, to_s};

/// When an autoscaler wanted how many instances, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling(Vec<(Nanos, String, u32)>);

impl Scaling {
    /// Takes in new lines of the log.
    pub fn feed(&mut self, log: &[LogLine]) {
        let scaled = log.iter().filter(|line| line.what == What::Scaled(0).name());
        self.0.extend(scaled.map(|line| (line.at, line.node.clone(), line.count.unwrap_or(0.0) as u32)));
    }

    /// That of a whole run.
    pub fn of_run<R: Recorder>(engine: &Engine<R>, metrics: &Metrics) -> Scaling {
        let scaled = metrics.log.iter().filter_map(|entry| match entry.what {
            What::Scaled(n) => Some((entry.at, engine.net().nodes.get(entry.node as usize)?.id.clone(), n)),
            _ => None,
        });
        Scaling(scaled.collect())
    }

    /// How often something was scaled.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing ever was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many instances the autoscaler of a server wants at a moment; none if it has wanted no other number yet.
    pub fn instances(&self, id: &str, at: Nanos) -> Option<u32> {
        self.0.iter().rev().find(|(when, node, _)| *when <= at && node == id).map(|(.., n)| *n)
    }
}

/// What each node costs by the hour, from each change to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course(Vec<Step>);

/// From this moment on, until the next step.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    since: Nanos,
    /// By node, in US dollars.
    hour_usd: Vec<(String, f64)>,
}

impl Course {
    /// From the start of a run to `end`.
    pub fn new(doc: &Scenario, scaling: &Scaling, end: Nanos) -> Course {
        let prices = prices::of(doc);
        let edits = doc.timeline.iter().filter(|entry| entry.action.is_edit());
        let edits = edits.flat_map(|entry| [Some(entry.at()), entry.over()].into_iter().flatten());
        let mut times: Vec<Nanos> = edits.chain(scaling.0.iter().map(|s| s.0)).filter(|at| *at <= end).collect();
        times.push(0);
        order::sort_by_key(&mut times, |at| *at);
        times.dedup();
        let step = |at: Nanos| {
            let design = doc.at(at);
            let hour = |node| Some(rate(&design, node, scaling.instances(&node.id, at), &prices)?.hour_usd);
            let nodes = design.nodes.iter().filter_map(|node| Some((node.id.clone(), hour(node)?)));
            Step { since: at, hour_usd: nodes.collect() }
        };
        Course(times.into_iter().map(step).collect())
    }

    /// What a node costs by the hour at a moment; none if it is not there.
    pub fn hour_usd(&self, id: &str, at: Nanos) -> Option<f64> {
        let step = self.0.iter().rev().find(|step| step.since <= at)?;
        step.hour_usd.iter().find(|(node, _)| node == id).map(|(_, usd)| *usd)
    }

    /// What all hours of a stretch of the run cost.
    pub fn usd(&self, from: Nanos, to: Nanos) -> f64 {
        let ends = self.0.iter().skip(1).map(|step| step.since).chain([Nanos::MAX]);
        let cost = |(step, until): (&Step, Nanos)| {
            let span = to_s(until.min(to).saturating_sub(step.since.max(from)));
            step.hour_usd.iter().map(|(_, usd)| usd).sum::<f64>() * span / 3600.0
        };
        self.0.iter().zip(ends).map(cost).sum()
    }
}
