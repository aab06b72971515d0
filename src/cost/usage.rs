//! What passed through the nodes of a run while it was measured.

use crate::component::Kind;
use crate::component::param::Values;
use crate::engine::{Engine, Recorder};
use crate::metrics::Metrics;
use crate::metrics::frame::Frame;
use crate::order::Map;
use crate::scenario::{Node, Scenario};
use crate::time::{Nanos, to_s};

/// Counters of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// How long was measured.
    pub seconds: f64,
    /// Requests that users wanted.
    pub issued: u64,
    /// Requests that they had answered.
    pub answered: u64,
    /// Requests that arrived, by node; of users, those that they wanted.
    arrivals: Map<String, u64>,
}

impl Usage {
    /// As a frame tells it of a run that is measured from `warmup` on.
    pub fn of_frame(frame: &Frame, warmup: Nanos) -> Usage {
        let mut arrivals = Map::new();
        for node in &frame.nodes {
            arrivals.insert(node.id.clone(), node.arrivals);
        }
        let seconds = to_s(frame.now.saturating_sub(warmup));
        Usage { seconds, issued: frame.totals.issued, answered: frame.totals.ok, arrivals }
    }

    /// As it was measured.
    pub fn of_run<R: Recorder>(engine: &Engine<R>, metrics: &Metrics) -> Usage {
        let mut arrivals = Map::new();
        for (node, station) in engine.net().nodes.iter().zip(&metrics.nodes) {
            arrivals.insert(node.id.clone(), station.arrivals);
        }
        let seconds = to_s(engine.now().saturating_sub(metrics.warmup()));
        Usage { seconds, issued: metrics.requests.issued, answered: metrics.requests.ok, arrivals }
    }

    /// Requests that arrived at a node.
    pub fn arrivals(&self, id: &str) -> u64 {
        self.arrivals.get(id).copied().unwrap_or(0)
    }

    /// What went from a node to its users, in GB of 10⁹ bytes; of a balancer, what went through it both ways. The sizes
    /// are those of the users' parameters, and whatever a CDN was asked for it has sent, not the others.
    pub fn gb(&self, node: &Node, doc: &Scenario) -> f64 {
        let kind = Kind::from_id(&node.kind);
        let users = |n: &&Node| Kind::from_id(&n.kind) == Some(Kind::Users);
        let answered = self.answered as f64 / self.issued.max(1) as f64;
        let kb = |n: &Node, name: &str| Values::new(Kind::Users.spec().params, &n.params).number(name);
        // Of all users together, each as often as it asked.
        let mean_kb = |size: &dyn Fn(&Node) -> f64| {
            let sum: f64 = super::everyone(doc).filter(users).map(|n| self.arrivals(&n.id) as f64 * size(n)).sum();
            sum / self.issued.max(1) as f64
        };
        let at_edges: u64 = super::everyone(doc)
            .filter(|n| Kind::from_id(&n.kind) == Some(Kind::Cdn))
            .map(|n| self.arrivals(&n.id))
            .sum();
        let from_edges = (at_edges as f64 / self.issued.max(1) as f64).min(1.0);
        let requests = self.arrivals(&node.id) as f64;
        let kilobytes = match kind {
            Some(Kind::Users) => requests * answered * (1.0 - from_edges) * kb(node, "response_kb"),
            Some(Kind::Cdn) => requests * mean_kb(&|n| kb(n, "response_kb")),
            _ => requests * mean_kb(&|n| kb(n, "request_kb") + kb(n, "response_kb")),
        };
        kilobytes / 1e6
    }
}
