//! Little's law, looked at from the other side: what [`Station::area`](super::Station::area) adds up from the clock, this
//! adds up from the requests, and their times as [`Station::stayed`](super::Station::stayed) has them, without histograms.
//! A run needs none of it: the tests and the validation let it listen too.

use crate::component::net::{Net, NodeIx};
use crate::engine::{Record, Recorder};
use crate::time::Nanos;

/// How long requests stayed at each node since the warm-up's end, and messages in each queue.
#[derive(Clone, Debug, Default)]
pub struct Stays {
    warmup: Nanos,
    /// By node: of requests, and of the messages that it keeps.
    nodes: Vec<[Stay; 2]>,
}

/// How long some stayed.
#[derive(Clone, Copy, Debug, Default)]
struct Stay {
    inside: u64,
    /// Sum of the moments at which those inside came.
    came: u128,
    /// Time inside of those who left.
    stayed: u128,
    /// The same, without those who came before the warm-up's end.
    after: u128,
}

impl Stays {
    /// Measures from `warmup` on.
    pub fn new(warmup: Nanos) -> Stays {
        Stays { warmup, nodes: Vec::new() }
    }

    /// Request-nanoseconds inside a node, those still inside included, which by Little's law are its area; and those of
    /// requests that came after the warm-up's end and have left.
    pub fn at(&self, node: NodeIx, now: Nanos) -> (u128, u128) {
        self.sums(node, 0, now)
    }

    /// The same of messages that a queue keeps.
    pub fn in_queue(&self, node: NodeIx, now: Nanos) -> (u128, u128) {
        self.sums(node, 1, now)
    }

    fn sums(&self, node: NodeIx, which: usize, now: Nanos) -> (u128, u128) {
        let stay = self.nodes.get(node as usize).map_or_else(Stay::default, |n| n[which]);
        let now = u128::from(now.max(self.warmup));
        (stay.stayed + u128::from(stay.inside) * now - stay.came, stay.after)
    }

    fn stay(&mut self, node: NodeIx, which: usize) -> &mut Stay {
        if self.nodes.len() <= node as usize {
            self.nodes.resize(node as usize + 1, Default::default());
        }
        &mut self.nodes[node as usize][which]
    }

    fn comes(&mut self, node: NodeIx, which: usize, now: Nanos) {
        let at = u128::from(now.max(self.warmup));
        let stay = self.stay(node, which);
        (stay.inside, stay.came) = (stay.inside + 1, stay.came + at);
    }

    fn leaves(&mut self, node: NodeIx, which: usize, came: Nanos, now: Nanos) {
        let after = came >= self.warmup;
        let [came, now] = [came, now].map(|at| u128::from(at.max(self.warmup)));
        let stay = self.stay(node, which);
        (stay.inside, stay.came, stay.stayed) = (stay.inside - 1, stay.came - came, stay.stayed + now - came);
        stay.after += if after { now - came } else { 0 };
    }
}

impl Recorder for Stays {
    fn record(&mut self, now: Nanos, _: &Net, record: &Record) {
        match *record {
            Record::Issued { node, .. } | Record::Entered { node, .. } => self.comes(node, 0, now),
            Record::Finished { node, wanted, .. } => self.leaves(node, 0, wanted, now),
            Record::Left { node, arrived, .. } => self.leaves(node, 0, arrived, now),
            Record::Stored { node, .. } => self.comes(node, 1, now),
            Record::Settled { node, stored, .. } => self.leaves(node, 1, stored, now),
            _ => {}
        }
    }
}
