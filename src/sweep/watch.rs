//! A run of a sweep that a session makes, as the page's workers do: its outcome, read off the frames that it tells.
//!
//! So a worker needs nothing that it does not have anyway.

use super::outcome::Outcome;
use crate::cost::Scaling;
use crate::metrics::frame::{Clock, Frame};
use crate::scenario::Scenario;
use crate::time::{Nanos, to_s};

/// What the frames have told so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// What is run, for what it costs.
    document: Scenario,
    /// The run is measured from here on.
    warmup: Nanos,
    scaling: Scaling,
    /// Busy time of each node's cores in s, and how long it was watched.
    busy: Vec<(String, f64, f64)>,
}

impl Watch {
    /// Of a run of this document that is measured from `warmup` on.
    pub fn new(document: Scenario, warmup: Nanos) -> Watch {
        Watch { document, warmup, ..Watch::default() }
    }

    /// Takes in a frame; the outcome once the run is over. The frames of one run must all come, and in their order.
    pub fn hear(&mut self, frame: &Frame) -> Option<Outcome> {
        self.scaling.feed(&frame.log);
        for point in &frame.points {
            // Nobody counted as busy before.
            let span = to_s(point.at.saturating_sub(self.warmup).min(point.span));
            let interval = to_s(point.span);
            for (node, of_node) in frame.nodes.iter().zip(&point.nodes) {
                let Some(busy) = of_node.utilization else { continue };
                match self.busy.iter_mut().find(|b| b.0 == node.id) {
                    Some(sum) => (sum.1, sum.2) = (sum.1 + busy * interval, sum.2 + span),
                    None => self.busy.push((node.id.clone(), busy * interval, span)),
                }
            }
        }
        match &frame.clock {
            Clock::Ended => Some(self.outcome(frame)),
            Clock::Stopped(why) => Some(Outcome { stopped: Some(why.clone()), ..Outcome::default() }),
            _ => None,
        }
    }

    fn outcome(&self, frame: &Frame) -> Outcome {
        Outcome {
            utilization: self.busy.iter().map(|(node, busy, span)| (node.clone(), busy / span.max(1e-9))).collect(),
            trace_hash: frame.trace_hash.clone().unwrap_or_default(),
            ..Outcome::told(frame, &self.document, &self.scaling, self.warmup)
        }
    }
}
