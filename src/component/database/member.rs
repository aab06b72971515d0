//! One database of a group: its connections, cores and queries, and what the others believe of it.

use super::costs::Costs;
use super::failover::Failover;
use super::log::Write;
use super::shape::Role;
use crate::component::effects::Cx;
use crate::component::net::{CallId, LinkIx, NONE, Net, NodeIx, Status};
use crate::component::param::Values;
use crate::component::station::{Pool, Station};
use crate::dist::Dist;
use crate::order::Map;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_s};
use std::collections::VecDeque;

/// A query that holds a connection, or waits for one.
#[derive(Clone)]
pub struct Job {
    /// Its call.
    pub call: CallId,
}

/// A committed write that is answered when replicas have it. It keeps its connection.
#[derive(Clone)]
pub struct Pending {
    /// Its place in the log.
    pub lsn: u64,
    /// Its query.
    pub job: u32,
    /// Since when it waits.
    pub since: Nanos,
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
#[derive(Clone)]
pub struct Member {
    /// Which node it is.
    pub node: NodeIx,
    /// The first drawn replication link that ends at it; [`NONE`] without any.
    pub link: LinkIx,
    /// What it shall be.
    pub role: Role,
    /// How members would watch each other if it were the primary.
    pub failover: Failover,
    /// Whether it would send clients where their writes are if it were the primary.
    pub own_writes: bool,
    /// Connections.
    pub pool: Pool,
    /// Cores.
    pub station: Station,
    /// Queries.
    pub jobs: Slots<Job>,
    /// Its writes that wait for replicas, oldest first.
    pub pending: VecDeque<Pending>,
    /// Core time of a read, in ms.
    pub read: Dist,
    /// Core time of a write, in ms.
    pub write: Dist,
    /// What other queries cost.
    pub costs: Costs,
    /// How long a full copy of the data takes.
    pub copy_time: Nanos,
    /// Draws core times.
    pub rng: Rng,
    /// Draws disk times.
    pub disk: Rng,
    /// Draws when it looks after the others.
    pub phases: Rng,
    /// It is at a write.
    pub applying: bool,
    /// The line that it applied a write of last.
    pub turn: usize,
    /// Whether it serves.
    pub phase: Phase,
    /// The copy that is under way is of a primary.
    pub copied: bool,
    /// When its copy or its promotion ends.
    pub until: Nanos,
    /// Whether the group believes it to be up.
    pub believed_up: bool,
    /// Since when it counts as down.
    pub down_since: Nanos,
    /// Its failed probes of others in a row.
    pub misses: Map<NodeIx, u64>,
    /// Its alarm to look after the others is set.
    pub watching: bool,
    /// It was the primary when it went down.
    pub deposed: bool,
    /// Writes that only it had when another was promoted.
    pub discarded: u64,
    /// Those writes, while a script may bring them back: in order, without those that it has brought back.
    pub torn: VecDeque<Write>,
    /// The script waits for an answer.
    pub restoring: bool,
    /// Writes that users knew to be done and that it has brought back.
    pub restored: u64,
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
            role: Role::Auto,
            failover: Failover::default(),
            own_writes: false,
            pool: Pool::default(),
            station: Station::new(super::CPU),
            jobs: Slots::default(),
            pending: VecDeque::new(),
            read: Dist::Constant(0.0),
            write: Dist::Constant(0.0),
            costs: Costs::default(),
            copy_time: 0,
            rng: Rng::named(seed, id, "queries"),
            disk: Rng::named(seed, id, "disk"),
            phases: Rng::named(seed, id, "probes"),
            applying: false,
            turn: 0,
            phase: Phase::Serving,
            copied: false,
            until: 0,
            believed_up: true,
            down_since: 0,
            misses: Map::new(),
            watching: false,
            deposed: false,
            discarded: 0,
            torn: VecDeque::new(),
            restoring: false,
            restored: 0,
            hopeless: false,
            fresh: false,
            gone: false,
        }
    }

    /// Reads its parameters.
    pub fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.role = Role::from_word(&p.text("role"));
        self.own_writes = p.flag("read_your_writes");
        self.failover = p.group("failover").map_or_else(Failover::default, |f| Failover::new(&f));
        self.read = p.dist("read_ms");
        self.write = p.dist("write_ms");
        self.costs = Costs::new(p);
        cx.net.nodes[self.node as usize].join_calls = self.costs.join_calls;
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
        self.pending.clear();
        self.pool.clear();
        self.station.clear(cx);
        self.applying = false;
        self.restoring = false;
        self.watching = false;
        self.misses.clear();
        if self.phase == Phase::Copying {
            self.fresh = true;
        }
    }

    /// A new machine takes its place.
    pub fn renew(&mut self) {
        (self.fresh, self.deposed, self.discarded) = (true, false, 0);
        (self.torn, self.restored) = (VecDeque::new(), 0);
    }
}
