//! Which nodes one behaviour acts for: databases joined by replication form a group, every other node is alone. Groups
//! unite and part as links join and leave.

use super::{Engine, Recorder};
use crate::component::Actor;
use crate::component::link::Meaning;
use crate::component::net::{NodeIx, Status};

impl<R: Recorder> Engine<R> {
    /// Nodes that one behaviour acts for: those joined by replication, and every other alone. In document order.
    pub(super) fn groups(&self) -> Vec<Vec<NodeIx>> {
        let mut group: Vec<usize> = (0..self.net.nodes.len()).collect();
        // The lower number wins along every replication link, until nothing changes: groups are small.
        let mut changed = true;
        while changed {
            changed = false;
            for link in self.net.links.iter().filter(|l| l.meaning == Meaning::Replication && !l.removed) {
                let (a, b) = (link.from as usize, link.to as usize);
                let least = group[a].min(group[b]);
                changed |= group[a] != least || group[b] != least;
                (group[a], group[b]) = (least, least);
            }
        }
        let mut groups: Vec<Vec<NodeIx>> = vec![Vec::new(); group.len()];
        for (node, &of) in group.iter().enumerate() {
            groups[of].push(node as NodeIx);
        }
        groups.retain(|g| !g.is_empty());
        groups
    }

    /// Gives these nodes a behaviour.
    pub(super) fn add_actor(&mut self, nodes: &[NodeIx]) {
        let actor = Actor::new(self.seed, &self.net, nodes);
        if matches!(actor, Actor::Database(_)) {
            self.databases.push(self.actors.len());
        }
        for &node in nodes {
            self.set_actor(node, self.actors.len() as u32);
        }
        self.actors.push(actor);
    }

    /// This actor acts for a node from now on.
    fn set_actor(&mut self, node: NodeIx, actor: u32) {
        self.net.nodes[node as usize].actor = actor;
        self.owners[self.fx.lives[node as usize] as usize].1 = actor;
    }

    /// Nodes that were not there begin, with a behaviour of their own.
    pub(super) fn found(&mut self, nodes: &[NodeIx]) {
        self.add_actor(nodes);
        for &node in nodes {
            self.act(node, |b, cx| b.links_changed(cx));
            self.configure(node);
        }
        for &node in nodes {
            self.act(node, |b, cx| b.start(cx));
        }
    }

    /// A replication link joined: the group that it leads to becomes part of the other, and starts from nothing.
    pub(super) fn unite(&mut self, from: NodeIx, to: NodeIx) {
        let (stays, goes) = (self.net.nodes[from as usize].actor, self.net.nodes[to as usize].actor);
        if stays == goes {
            return;
        }
        let all = 0..self.net.nodes.len() as NodeIx;
        let of = |&n: &NodeIx| {
            self.net.nodes[n as usize].actor == goes && self.net.nodes[n as usize].status != Status::Removed
        };
        let moved: Vec<NodeIx> = all.filter(of).collect();
        for &node in &moved {
            self.die(node);
            self.set_actor(node, stays);
            self.act(node, |b, cx| b.join(cx, node));
        }
        self.act(to, |b, cx| b.links_changed(cx));
        for &node in &moved {
            self.configure(node);
        }
        for &node in &moved {
            if self.net.nodes[node as usize].status == Status::Up {
                self.act(node, |b, cx| b.on_boot(cx));
            }
        }
    }

    /// A replication link left: who hangs together with its end, and no longer with its beginning, is a group of its
    /// own from then on.
    pub(super) fn part(&mut self, from: NodeIx, to: NodeIx) {
        let actor = self.net.nodes[to as usize].actor;
        let groups = self.groups();
        let of = |node: NodeIx| groups.iter().find(|g| g.contains(&node)).cloned().unwrap_or_default();
        let mut parting = of(to);
        if self.net.nodes[from as usize].actor != actor || parting.contains(&from) {
            return;
        }
        parting.retain(|&node| self.net.nodes[node as usize].actor == actor);
        for &node in &parting {
            self.die(node);
            self.act(node, |b, cx| b.leave(cx, node));
        }
        self.found(&parting);
    }
}
