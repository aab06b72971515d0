//! From a document to nodes, links and behaviours; and the same for what joins, changes or leaves during the run.

use super::{Engine, Recorder, seed_hash};
use crate::component::address::{Reach, addresses};
use crate::component::link::{self, SyncMode};
use crate::component::net::{LinkInfo, LinkIx, NONE, NodeInfo, NodeIx, Status};
use crate::component::sharding::Shard;
use crate::component::traffic::Traffic;
use crate::component::{Kind, Values};
use crate::rng::Rng;
use crate::scenario::{Link, Node};

impl<R: Recorder> Engine<R> {
    /// Builds everything that the document holds at the start.
    pub(super) fn build(&mut self) {
        let design = self.design.clone();
        for node in &design.nodes {
            self.add_node_info(node);
        }
        for link in &design.links {
            self.add_link_info(link);
        }
        self.refresh_reach();
        for node in 0..self.net.nodes.len() as NodeIx {
            self.net.nodes[node as usize].host = self.host_of(node);
        }
        for group in self.groups() {
            self.add_actor(&group);
        }
        let all = 0..self.net.nodes.len() as NodeIx;
        for node in all.clone() {
            self.act(node, |b, cx| b.links_changed(cx));
        }
        for node in all.clone() {
            self.configure(node);
        }
        // Again, now that everybody knows how many instances they have.
        for node in all.clone() {
            self.act(node, |b, cx| b.links_changed(cx));
        }
        for node in all {
            self.act(node, |b, cx| b.start(cx));
        }
    }

    /// The node on whose machine a node runs, as the design says; [`NONE`] for a machine of its own, or if what it says
    /// makes no sense. It stays as it is when the node joins.
    pub(super) fn host_of(&self, node: NodeIx) -> NodeIx {
        let named = |node: NodeIx| {
            let info = &self.net.nodes[node as usize];
            let host = self.design.node(&info.id)?.params.get("host")?.as_str().filter(|id| !id.is_empty())?;
            info.kind.hosted().then_some(host)
        };
        let host = named(node).and_then(|id| self.find(id)).filter(|&host| host != node && named(host).is_none());
        host.filter(|&host| self.net.nodes[host as usize].kind.hosted()).unwrap_or(NONE)
    }

    /// Adds a node without a behaviour; none if its kind is unknown or its identifier taken.
    pub(super) fn add_node_info(&mut self, node: &Node) -> Option<NodeIx> {
        let kind = Kind::from_id(&node.kind)?;
        if self.find(&node.id).is_some() {
            return None;
        }
        self.net.nodes.push(NodeInfo {
            id: node.id.clone(),
            kind,
            status: Status::Up,
            since: self.now,
            slow: 1.0,
            error_share: 0.0,
            errors_are_writes: false,
            reach: Reach::Public,
            zone: node.zone.clone(),
            epoch: 0,
            arrivals: 0,
            rng: Rng::named(self.seed, &node.id, "errors"),
            out: Vec::new(),
            instances: 1,
            join_calls: 1,
            host: NONE,
            machine: NONE,
            traffic: Traffic::default(),
            actor: 0,
            hash: seed_hash(&node.id),
        });
        let life = self.begin_life(self.net.nodes.len() as NodeIx - 1);
        self.fx.lives.push(life);
        self.held.push(Vec::new());
        Some(self.net.nodes.len() as NodeIx - 1)
    }

    /// Adds a link; none if it makes no sense.
    pub(super) fn add_link_info(&mut self, link: &Link) -> Option<LinkIx> {
        let (from, to) = (self.find(&link.from)?, self.find(&link.to)?);
        if from == to || self.find_link(&link.from, &link.to).is_some() {
            return None;
        }
        let meaning = link::meaning(self.net.nodes[from as usize].kind, self.net.nodes[to as usize].kind).ok()?;
        let mut info = LinkInfo {
            from,
            to,
            meaning,
            latency: crate::dist::Dist::Constant(0.0),
            loss: 0.0,
            cut: false,
            slow: 1.0,
            removed: false,
            grouped: self.net.nodes[to as usize].kind.spec().grouped,
            weight: 1.0,
            calls: (1, false),
            shard: None,
            apply: 0,
            delay: 0,
            sync: (SyncMode::Async, 0),
            per_byte: 0.0,
            free_at: [0, 0],
            steady: None,
            rng: Rng::named(self.seed, &format!("{}>{}", link.from, link.to), "link"),
            warm: true,
            connections: Vec::new(),
        };
        read_link(&mut info, link);
        self.net.links.push(info);
        let index = self.net.links.len() as LinkIx - 1;
        self.net.nodes[from as usize].out.push(index);
        Some(index)
    }

    /// The node with this identifier that is part of the design.
    pub(super) fn find(&self, id: &str) -> Option<NodeIx> {
        let there = |n: &NodeInfo| n.status != Status::Removed && n.id == id;
        self.net.nodes.iter().position(there).map(|i| i as NodeIx)
    }

    /// The link between these nodes that is part of the design.
    pub(super) fn find_link(&self, from: &str, to: &str) -> Option<LinkIx> {
        let (from, to) = (self.find(from)?, self.find(to)?);
        let there = |l: &LinkInfo| !l.removed && l.from == from && l.to == to;
        self.net.links.iter().position(there).map(|i| i as LinkIx)
    }

    /// Lets a node read its parameters.
    pub(super) fn configure(&mut self, node: NodeIx) {
        let info = &self.net.nodes[node as usize];
        let (table, id) = (info.kind.spec().params, info.id.clone());
        let params = self.design.node(&id).map(|n| n.params.clone()).unwrap_or_default();
        self.act(node, |b, cx| b.configure(cx, &Values::new(table, &params)));
    }

    /// Lets a link read its parameters, and those at its ends take note.
    pub(super) fn configure_link(&mut self, index: LinkIx) {
        let info = &self.net.links[index as usize];
        let (from, to) = (info.from, info.to);
        let ids = (&self.net.nodes[from as usize].id, &self.net.nodes[to as usize].id);
        if let Some(link) = self.design.link(ids.0, ids.1) {
            read_link(&mut self.net.links[index as usize], link);
        }
        for node in [from, to] {
            self.act(node, |b, cx| b.links_changed(cx));
        }
    }

    /// Works out anew who can be reached from outside.
    pub(super) fn refresh_reach(&mut self) {
        let addresses = addresses(&self.design);
        for node in &mut self.net.nodes {
            if let Some(address) = addresses.get(node.id.as_str()) {
                node.reach = address.reach;
            }
        }
    }
}

/// Reads a link's parameters.
fn read_link(info: &mut LinkInfo, link: &Link) {
    let table = info.meaning.params();
    let p = Values::new(table, &link.params);
    let has = |name: &str| table.iter().any(|param| param.name == name);
    if has("latency_ms") {
        info.latency = p.dist("latency_ms");
        info.loss = p.number("loss_share");
    }
    if has("bandwidth_mbps") {
        // A megabit per second sends a byte in 8 µs.
        info.per_byte = p.optional("bandwidth_mbps").map_or(0.0, |mbps| 8000.0 / mbps);
    }
    if has("weight") {
        info.weight = p.number("weight");
    }
    if has("calls") {
        info.calls = (p.whole("calls") as u32, p.flag("parallel"));
    }
    if has("shard_of") {
        let data = p.text("shard_of");
        info.shard = (!data.is_empty()).then(|| Shard::new(&data, &link.to));
    }
    if has("apply_ms") {
        info.apply = p.span("apply_ms");
        info.delay = p.span("delay_ms");
        let mode = match p.text("mode").as_str() {
            "semi_sync" => SyncMode::SemiSync,
            "sync" => SyncMode::Sync,
            _ => SyncMode::Async,
        };
        info.sync = (mode, p.span("semi_sync_timeout_ms"));
    }
    info.steady = info.steady_span();
}
