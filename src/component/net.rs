//! The network as behaviours see it: nodes, links and the calls between them. The engine owns and changes it.

use super::link::SyncMode;
use super::logins::Logins;
use super::machine::{MachineIx, Machines};
use super::sharding::Shard;
use super::traffic::{Query, Traffic};
use super::{Kind, Meaning};
use crate::component::address::Reach;
use crate::dist::Dist;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_ms};

/// Position of a node in [`Net::nodes`]; stays the same for the whole run.
pub type NodeIx = u32;
/// Position of a link in [`Net::links`]; stays the same for the whole run.
pub type LinkIx = u32;
/// A call that somebody waits for or works on.
pub type CallId = u32;
/// No node, link, call or timer.
pub const NONE: u32 = u32::MAX;

/// What a user's failure costs that needs no packet, so that a loop of failures takes time.
pub const INSTANT: Nanos = 1_000;

/// Everything that is connected.
#[derive(Clone, Default)]
pub struct Net {
    /// In the order of the document, then in the order in which they joined.
    pub nodes: Vec<NodeInfo>,
    /// In the order of the document, then in the order in which they joined.
    pub links: Vec<LinkInfo>,
    /// By [`CallId`].
    pub calls: Slots<Call>,
    /// What the nodes run on.
    pub machines: Machines,
    /// Where clients are logged in.
    pub logins: Logins,
}

/// One node.
#[derive(Clone)]
pub struct NodeInfo {
    /// Its identifier.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it works.
    pub status: Status,
    /// Since when.
    pub since: Nanos,
    /// Speed is divided by this.
    pub slow: f64,
    /// Share of requests answered with an error by a fault.
    pub error_share: f64,
    /// Only writes fail by that fault.
    pub errors_are_writes: bool,
    /// Who can reach it.
    pub reach: Reach,
    /// Where it stands.
    pub zone: Option<String>,
    /// How often its process died: connections made before are broken.
    pub epoch: u32,
    /// Requests that arrived so far; each gets the number.
    pub arrivals: u64,
    /// Draws which requests fail under `error_share`.
    pub rng: Rng,
    /// Links that leave it, in order.
    pub out: Vec<LinkIx>,
    /// Machines behind it that serve now, numbered from 0; more than 1 only for servers.
    pub instances: u32,
    /// Calls that a join takes here: 1 where the database joins, else one for the list and one for each row.
    pub join_calls: u32,
    /// The node on whose machine it runs; [`NONE`] if it has a machine of its own.
    pub host: NodeIx,
    /// Its own machine, or that of its first instance; [`NONE`] until something computes there.
    pub machine: MachineIx,
    /// Users only: what they ask for.
    pub traffic: Traffic,
    /// The behaviour that acts for it, and the hash of all that happened there; the engine's.
    pub actor: u32,
    /// See `actor`.
    pub hash: u64,
}

/// Whether a node works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Up,
    /// Its process is gone.
    Crashed,
    /// It stands still.
    Frozen,
    /// It starts, and serves from then on.
    Booting(Nanos),
    /// It is no longer part of the design.
    Removed,
}

/// One link.
#[derive(Clone)]
pub struct LinkInfo {
    /// Who asks.
    pub from: NodeIx,
    /// Who answers.
    pub to: NodeIx,
    /// What it means.
    pub meaning: Meaning,
    /// One way, in ms.
    pub latency: Dist,
    /// Share of packets lost.
    pub loss: f64,
    /// Packets vanish.
    pub cut: bool,
    /// Latency is multiplied by this.
    pub slow: f64,
    /// No longer part of the design.
    pub removed: bool,
    /// It leads to a group of nodes that is addressed as one.
    pub grouped: bool,
    /// Share of traffic or of answers.
    pub weight: f64,
    /// How often each request makes this call, and whether at once.
    pub calls: (u32, bool),
    /// Calls: the part of some data that lies behind it.
    pub shard: Option<Shard>,
    /// Replication: what the replica spends on each write.
    pub apply: Nanos,
    /// Replication: how long a write waits before it is sent.
    pub delay: Nanos,
    /// Replication: when a write is answered, and how long it waits at most to be received.
    pub sync: (SyncMode, Nanos),
    /// Nanoseconds that a byte takes to be sent; 0 without a limit.
    pub per_byte: f64,
    /// When the last byte sent so far has left, towards the callee and back.
    pub free_at: [Nanos; 2],
    /// How long every packet takes, if that is always the same; see [`LinkInfo::steady_span`].
    pub steady: Option<Nanos>,
    /// Draws latencies and losses.
    pub rng: Rng,
    /// Whether connections that nothing is known about are open (true until the caller's process dies).
    pub warm: bool,
    /// Known connections: callee and its epoch when the connection was made.
    pub connections: Vec<(NodeIx, u32)>,
}

impl LinkInfo {
    /// How long every packet takes: none if that is drawn, or hangs on others that are sent, or if some vanish.
    pub fn steady_span(&self) -> Option<Nanos> {
        match self.latency {
            Dist::Constant(ms) if self.loss == 0.0 && self.per_byte == 0.0 && !self.cut => {
                Some(from_ms(ms * self.slow))
            }
            _ => None,
        }
    }

    /// Whether a connection to this node is open and has not been broken by a crash.
    pub fn is_warm(&self, to: NodeIx, epoch: u32) -> bool {
        match self.connections.iter().find(|(node, _)| *node == to) {
            Some((_, made)) => *made == epoch,
            None => self.warm && epoch == 0,
        }
    }
}

/// What is asked of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Data is read.
    Read,
    /// Data is changed.
    Write,
    /// A file that never changes is fetched.
    Static,
    /// A record that was read from the database is put into a cache.
    Fill,
    /// A record that has changed is thrown out of a cache.
    Purge,
    /// A health check.
    Probe,
    /// A name is looked up.
    Name,
}

/// Whose request it is: the users node and the number of its request. Probes have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The users node.
    pub users: NodeIx,
    /// Counted from 1 there.
    pub ordinal: u64,
}

impl Origin {
    /// Of what no user wanted.
    pub const NOBODY: Origin = Origin { users: NONE, ordinal: 0 };
}

/// What travels down from hop to hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// What is asked.
    pub op: Op,
    /// For whom.
    pub origin: Origin,
    /// When the user wanted it.
    pub wanted: Nanos,
    /// Which of the users' clients asks, from 0.
    pub client: u32,
    /// Which of the users' endpoints, if they tell several apart (see [`Net::endpoint`]).
    pub endpoint: u16,
    /// What it wants from the data.
    pub query: Query,
}

impl Ask {
    /// What no user wanted.
    pub fn nobody(op: Op, now: Nanos) -> Ask {
        Ask { op, origin: Origin::NOBODY, wanted: now, client: 0, endpoint: 0, query: Query::Point }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered.
    Ok,
    /// Nobody listens, or the queue is full.
    Refused,
    /// The other side died, or closed the connection, while it had the request.
    Reset,
    /// No answer in time.
    Timeout,
    /// No connection in time; the request was never sent.
    ConnectTimeout,
    /// A balancer without a backend that is up: 503.
    NoBackend,
    /// A server or balancer waited in vain for another: 504.
    GatewayTimeout,
    /// The application answered with an error: 500.
    AppError,
    /// The name does not exist.
    NoSuchName,
    /// The name service did not answer.
    NameTimeout,
    /// A private address was asked from outside.
    Unreachable,
    /// A balancer's 502: the server that it asked refused. An answer like any other: the connection stays.
    RefusedBehind,
    /// A balancer's 502: the server that it asked closed the connection, or died.
    ResetBehind,
    /// More than the rate that a balancer lets through: 429.
    RateLimited,
}

impl Outcome {
    /// The causes that a request can fail with, in the order in which reports list them.
    pub const CAUSES: &'static [Outcome] = &[
        Outcome::Refused,
        Outcome::Reset,
        Outcome::Timeout,
        Outcome::NoSuchName,
        Outcome::NameTimeout,
        Outcome::Unreachable,
        Outcome::NoBackend,
        Outcome::GatewayTimeout,
        Outcome::AppError,
    ];

    /// Its place among [`CAUSES`](Outcome::CAUSES); none for an answer.
    pub fn cause(self) -> Option<usize> {
        match self {
            Outcome::Ok => None,
            Outcome::Refused | Outcome::RefusedBehind | Outcome::RateLimited => Some(0),
            Outcome::Reset | Outcome::ResetBehind => Some(1),
            Outcome::Timeout | Outcome::ConnectTimeout => Some(2),
            Outcome::NoSuchName => Some(3),
            Outcome::NameTimeout => Some(4),
            Outcome::Unreachable => Some(5),
            Outcome::NoBackend => Some(6),
            Outcome::GatewayTimeout => Some(7),
            Outcome::AppError => Some(8),
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Refused | Outcome::RefusedBehind | Outcome::RateLimited => "refused",
            Outcome::Reset | Outcome::ResetBehind => "reset",
            Outcome::Timeout | Outcome::ConnectTimeout => "timeout",
            Outcome::NoBackend => "no_backend",
            Outcome::GatewayTimeout => "gateway_timeout",
            Outcome::AppError => "app_error",
            Outcome::NoSuchName => "no_such_name",
            Outcome::NameTimeout => "name_timeout",
            Outcome::Unreachable => "unreachable",
        }
    }
}

/// One hop of a request: a caller waits, a callee works.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// What is asked.
    pub ask: Ask,
    /// Who waits.
    pub caller: NodeIx,
    /// Who works.
    pub callee: NodeIx,
    /// Which of the callee's instances; [`NONE`] leaves the choice to the callee.
    pub instance: u32,
    /// Over which link.
    pub link: LinkIx,
    /// The caller's own mark, handed back with the answer.
    pub token: u32,
    /// Round trips before the request can be sent.
    pub handshakes: u8,
    /// How long the caller waits for the connection, and then for the answer; 0 is for ever.
    pub patience: (Nanos, Nanos),
    /// Its number among the callee's arrivals.
    pub ordinal: u64,
    /// When it arrived at the callee.
    pub arrived: Nanos,
    /// Of its time at the callee, waiting for a worker or a core.
    pub waited: Nanos,
    /// How it ended.
    pub outcome: Outcome,
    /// The answer to a name: the node, or [`NONE`], and how long that may be kept.
    pub name: (NodeIx, Nanos),
    /// A cache's answer to a read: whether it had the record.
    pub hit: bool,
    /// The caller still waits.
    pub open: bool,
    /// The callee still works.
    pub held: bool,
    /// The time-out that runs, or [`NONE`].
    pub timer: u32,
    /// Who still refers to it: caller, callee, packets under way.
    pub refs: u8,
}

impl Default for Call {
    fn default() -> Self {
        Call::NOBODYS
    }
}

impl Call {
    /// A place for a call.
    pub const NOBODYS: Call = Call {
        ask: Ask { op: Op::Probe, origin: Origin::NOBODY, wanted: 0, client: 0, endpoint: 0, query: Query::Point },
        caller: NONE,
        callee: NONE,
        instance: NONE,
        link: NONE,
        token: 0,
        handshakes: 0,
        patience: (0, 0),
        ordinal: 0,
        arrived: 0,
        waited: 0,
        outcome: Outcome::Ok,
        name: (NONE, 0),
        hit: false,
        open: false,
        held: false,
        timer: NONE,
        refs: 0,
    };
}
