//! A run of a sweep that a session makes, as the page's workers do: its outcome, read off the frames that it tells.
//!
//! So a worker needs nothing that it does not have anyway. Sessions have no warm-up: everything counts.

use super::outcome::Outcome;
use crate::metrics::frame::{Clock, Frame};
use crate::time::to_s;

/// What the frames have told so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// Busy time of each node's cores in s, and how long it was watched.
    busy: Vec<(String, f64, f64)>,
}

impl Watch {
    /// Takes in a frame; the outcome once the run is over. The frames of one run must all come, and in their order.
    pub fn hear(&mut self, frame: &Frame) -> Option<Outcome> {
        for point in &frame.points {
            let span = to_s(point.span);
            for (node, of_node) in frame.nodes.iter().zip(&point.nodes) {
                let Some(busy) = of_node.utilization else { continue };
                match self.busy.iter_mut().find(|b| b.0 == node.id) {
                    Some(sum) => (sum.1, sum.2) = (sum.1 + busy * span, sum.2 + span),
                    None => self.busy.push((node.id.clone(), busy * span, span)),
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
            ..Outcome::told(&frame.totals, frame.now)
        }
    }
}
