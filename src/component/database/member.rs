//! One database of a group: its connections, cores and queries, and how much of the data it has.

use crate::component::effects::{Cx, TimerId};
use crate::component::net::{CallId, LinkIx, NONE, Net, NodeIx, Status};
use crate::component::param::Values;
use crate::component::station::{Pool, Station};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::{Nanos, from_s};
use slab::Slab;
use std::collections::BTreeMap;

/// A query that holds a connection, or waits for one.
pub struct Job {
    /// Its call.
    pub call: CallId,
}

/// Whether a replica can serve reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It can.
    Serving,
    /// It copies the data.
    Copying,
    /// It has the copy and applies what was written meanwhile.
    CatchingUp,
}

/// The member.
pub struct Member {
    /// Which node it is.
    pub node: NodeIx,
    /// The drawn replication link that ends at it; [`NONE`] where the drawing begins.
    pub link: LinkIx,
    /// Connections.
    pub pool: Pool,
    /// Cores.
    pub station: Station,
    /// Queries.
    pub jobs: Slab<Job>,
    /// Core time of a read, in ms.
    pub read: Dist,
    /// Core time of a write, in ms.
    pub write: Dist,
    /// How long a full copy of the data takes.
    pub copy_time: Nanos,
    /// Draws core times.
    pub rng: Rng,
    /// Draws when it looks after the others.
    pub phases: Rng,
    /// What the primary has sent it, what it has received, what it shows: log sequence numbers.
    pub sent: u64,
    /// See `sent`.
    pub received: u64,
    /// See `sent`.
    pub applied: u64,
    /// It is at a write.
    pub applying: bool,
    /// The primary's alarm for the next write to it.
    pub sending: TimerId,
    /// Whether it serves.
    pub phase: Phase,
    /// It serves when it shows this.
    pub serve_from: u64,
    /// The LSN of the copy that is under way.
    pub copied: Option<u64>,
    /// When its copy or its promotion ends.
    pub until: Nanos,
    /// Whether the group believes it to be up.
    pub believed_up: bool,
    /// Since when it counts as down.
    pub down_since: Nanos,
    /// Its failed probes of others in a row.
    pub misses: BTreeMap<NodeIx, u64>,
    /// Its alarm to look after the others is set.
    pub watching: bool,
    /// It was the primary when it went down.
    pub deposed: bool,
    /// Writes that only it had when another was promoted.
    pub discarded: u64,
    /// It was said that nobody can take its place.
    pub hopeless: bool,
    /// It is a new machine without data.
    pub fresh: bool,
    /// It is no longer part of the group.
    pub gone: bool,
}

impl Member {
    /// A member that has no parameters yet.
    pub fn new(seed: u64, net: &Net, node: NodeIx) -> Member {
        let id = &net.nodes[node as usize].id;
        Member {
            node,
            link: NONE,
            pool: Pool::default(),
            station: Station::new(super::CPU),
            jobs: Slab::new(),
            read: Dist::Constant(0.0),
            write: Dist::Constant(0.0),
            copy_time: 0,
            rng: Rng::named(seed, id, "queries"),
            phases: Rng::named(seed, id, "probes"),
            sent: 0,
            received: 0,
            applied: 0,
            applying: false,
            sending: NONE,
            phase: Phase::Serving,
            serve_from: 0,
            copied: None,
            until: 0,
            believed_up: true,
            down_since: 0,
            misses: BTreeMap::new(),
            watching: false,
            deposed: false,
            discarded: 0,
            hopeless: false,
            fresh: false,
            gone: false,
        }
    }

    /// Reads its parameters.
    pub fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.read = p.dist("read_ms");
        self.write = p.dist("write_ms");
        self.pool.resize(p.whole("connections"), p.whole("backlog"));
        self.station.resize(cx, p.whole("cores"));
        self.copy_time = from_s(p.number("data_gb") * 8000.0 / p.number("copy_mbps"));
    }

    /// Whether it is part of the group and of the design.
    pub fn present(&self, net: &Net) -> bool {
        !self.gone && net.nodes[self.node as usize].status != Status::Removed
    }

    /// Its process died: queries are gone, what it committed or received stays on its disk.
    pub fn crash(&mut self, cx: &mut Cx) {
        self.jobs.clear();
        self.pool.clear();
        self.station.clear(cx);
        self.applying = false;
        self.watching = false;
        self.misses.clear();
        if self.phase == Phase::Copying {
            self.fresh = true;
        }
    }

    /// A new machine takes its place.
    pub fn renew(&mut self) {
        (self.sent, self.received, self.applied) = (0, 0, 0);
        (self.fresh, self.deposed, self.discarded) = (true, false, 0);
    }
}
