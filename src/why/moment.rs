//! One moment of a run, with everything that sentences about it look at.

use super::Lately;
use super::lately::Mean;
use crate::component::{Kind, Meaning, Values, link::meaning};
use crate::metrics::frame::{Frame, LogLine, NodeView, State};
use crate::order::Map;
use crate::scenario::{Link, Scenario};
use crate::theory::{self, Measured, Theory};
use crate::time::Nanos;

/// So much of a pool or a queue counts as all of it: it empties for a moment whenever somebody leaves.
pub const ALL: f64 = 0.95;

/// See the module.
pub struct Moment<'a> {
    document: &'a Scenario,
    /// The design as it stands now.
    pub design: Scenario,
    pub lately: &'a Lately,
    pub frame: &'a Frame,
    pub now: Nanos,
    log: &'a [LogLine],
    nodes: Map<String, Mean>,
    links: Map<(String, String), Mean>,
}

impl<'a> Moment<'a> {
    /// None before the run has begun.
    pub fn new(document: &'a Scenario, lately: &'a Lately, log: &'a [LogLine]) -> Option<Moment<'a>> {
        let frame = lately.newest()?;
        let (nodes, links) = (lately.nodes(), lately.links());
        Some(Moment { document, design: document.at(frame.now), lately, frame, now: frame.now, log, nodes, links })
    }

    /// What people call a node.
    pub fn label(&self, id: &str) -> String {
        self.design.node(id).map_or_else(|| id.to_owned(), |n| n.label())
    }

    /// A node's kind.
    pub fn kind(&self, id: &str) -> Option<Kind> {
        Kind::from_id(&self.design.node(id)?.kind)
    }

    /// A node's parameters.
    pub fn params(&self, id: &str) -> Option<Values<'_>> {
        Some(Values::new(self.kind(id)?.spec().params, &self.design.node(id)?.params))
    }

    /// How a node is now.
    pub fn view(&self, id: &str) -> Option<&'a NodeView> {
        self.frame.nodes.iter().find(|n| n.id == id)
    }

    /// Whether it has stopped: what it is asked is refused or vanishes.
    pub fn stopped(&self, id: &str) -> bool {
        self.view(id).is_some_and(|v| matches!(v.state, State::Crashed | State::Frozen | State::Booting { .. }))
    }

    /// A node's means.
    pub fn mean(&self, id: &str) -> Mean {
        self.nodes.get(id).copied().unwrap_or_default()
    }

    /// A link's means.
    pub fn line(&self, from: &str, to: &str) -> Mean {
        self.links.get(&(from.to_owned(), to.to_owned())).copied().unwrap_or_default()
    }

    /// What a link means.
    pub fn meaning(&self, link: &Link) -> Option<Meaning> {
        meaning(self.kind(&link.from)?, self.kind(&link.to)?).ok()
    }

    /// The links with one of these meanings.
    pub fn links(&self, wanted: &[Meaning]) -> Vec<&Link> {
        self.design.links.iter().filter(|l| self.meaning(l).is_some_and(|m| wanted.contains(&m))).collect()
    }

    /// Nodes that have a balancer, or any caller, in common with this one and are of its kind.
    pub fn siblings(&self, id: &str) -> Vec<&str> {
        let served = self.links(&[Meaning::Backend, Meaning::Path, Meaning::Consumption]);
        let callers: Vec<&str> = served.iter().filter(|l| l.to == id).map(|l| l.from.as_str()).collect();
        let mut found: Vec<&str> = Vec::new();
        for link in served.iter().filter(|l| l.to != id && callers.contains(&l.from.as_str())) {
            if self.kind(&link.to) == self.kind(id) && !found.contains(&link.to.as_str()) {
                found.push(&link.to);
            }
        }
        found
    }

    /// All members of a database's group, itself too: joined by replication, however far.
    pub fn group(&self, id: &str) -> Vec<String> {
        let copies = self.links(&[Meaning::Replication]);
        let mut found = vec![id.to_owned()];
        let mut next = 0;
        while next < found.len() {
            for link in &copies {
                for (a, b) in [(&link.from, &link.to), (&link.to, &link.from)] {
                    if *a == found[next] && !found.contains(b) {
                        found.push(b.clone());
                    }
                }
            }
            next += 1;
        }
        found
    }

    /// The last time that the log says one of these of this node.
    pub fn logged(&self, node: &str, what: &[&str]) -> Option<Nanos> {
        self.log.iter().rev().find(|l| l.node == node && what.contains(&l.what.as_str())).map(|l| l.at)
    }

    /// Of the users' requests that ended lately, the share that failed; none if none ended.
    pub fn failing(&self) -> Option<f64> {
        let (ok, failed) = (self.lately.counted(|t| t.ok), self.lately.counted(|t| t.failed));
        (ok + failed > 0.0).then(|| failed / (ok + failed))
    }

    /// What the users want, per second.
    pub fn wanted(&self) -> f64 {
        self.lately.counted(|t| t.issued) / self.lately.seconds()
    }

    /// Further attempts per second.
    pub fn retried(&self) -> f64 {
        self.lately.counted(|t| t.retries) / self.lately.seconds()
    }

    /// How many machines stand behind a node now.
    pub fn instances(&self, id: &str) -> f64 {
        let (Some(p), Some(view)) = (self.params(id), self.view(id)) else { return 1.0 };
        let each = if p.has("cores") { p.number("cores") } else { 0.0 };
        if each > 0.0 && p.has("instances") { (view.cores / each).max(1.0) } else { 1.0 }
    }

    /// How many requests a second a node's cores can do: what they do now, by how busy they are. What is answered with
    /// an error has mostly been worked on too, but not what a fault or a full queue turns away.
    pub fn limit(&self, view: &NodeView) -> f64 {
        let mean = self.mean(&view.id);
        let places = self.params(&view.id).filter(|p| p.has("backlog")).map(|p| p.number("backlog"));
        let full = places.is_some_and(|n| mean.waiting >= ALL * n * self.instances(&view.id));
        let done = if full || view.error_share > 0.0 { mean.ok } else { mean.ok + mean.failed };
        done / mean.utilization.unwrap_or(0.0).max(1e-9)
    }

    /// What theory says of every node at the rates of now.
    pub fn theory(&self) -> Vec<(String, Theory)> {
        let nodes = self.nodes.iter().map(|(id, m)| (id.clone(), (m.rate, m.inside))).collect();
        theory::of(self.document, &Measured { nodes, retried: self.frame.totals.retries > 0 })
    }
}
