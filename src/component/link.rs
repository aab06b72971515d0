//! Links: what one means follows from the kinds at its ends, and its parameters from what it means.

use super::Kind;
use super::param::{Lit, Param, choice, dist, flag, num, text, whole};

/// What a link means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// users → dns: names are asked here.
    Names,
    /// users → anything that answers HTTP: the network path of requests.
    Path,
    /// dns → anything that answers HTTP: a record with its address.
    Record,
    /// load_balancer → server or load_balancer: a backend.
    Backend,
    /// cdn → server or load_balancer: the origin of what it keeps.
    Origin,
    /// server → anything that answers servers: a call made for a request.
    Call,
    /// queue → server: work that it takes from the queue.
    Consumption,
    /// database → database: replication.
    Replication,
}

/// When a primary answers a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMode {
    /// At once.
    Async,
    /// When a replica has received it.
    SemiSync,
    /// When the replicas show it.
    Sync,
}

/// The meaning of a link between these kinds.
///
/// # Errors
/// One sentence: why such a link makes no sense and what would.
pub fn meaning(from: Kind, to: Kind) -> Result<Meaning, &'static str> {
    use Kind::*;
    match (from, to) {
        (_, Users) => Err("nothing calls the users; draw the link from the users to what they ask"),
        (Users, Dns) => Ok(Meaning::Names),
        (Users, Cdn | LoadBalancer | Server) => Ok(Meaning::Path),
        (Users, Database) => Err("users cannot speak to a database; put a server between them"),
        (Users, Cache) => Err("users cannot speak to a cache; put a server between them, or a CDN for static files"),
        (Users, Queue) => Err("users cannot speak to a queue; put a server between them that publishes for them"),
        (Dns, Dns) => Err("a DNS service answers by itself; link it to the node whose address it gives out"),
        (_, Dns) => Err("only users ask DNS here; inside, nodes know each other's addresses"),
        (Dns, Cdn | LoadBalancer | Server) => Ok(Meaning::Record),
        (Dns, Cache | Queue | Database) => {
            Err("users cannot use the address of what servers use; give out a server's, a balancer's or a CDN's")
        }
        (Cdn, LoadBalancer | Server) => Ok(Meaning::Origin),
        (Cdn, Cdn) => Err("tiers of a CDN are not told apart; link it to the server or balancer that is its origin"),
        (Cdn, Cache | Queue | Database) => {
            Err("a CDN fetches by HTTP, which only servers and balancers answer; link it to the one that is its origin")
        }
        (LoadBalancer, Server | LoadBalancer) => Ok(Meaning::Backend),
        (LoadBalancer | Server | Cache | Queue | Database, Cdn) => {
            Err("a CDN stands in front: users ask it and it asks the origin; draw the link from the CDN")
        }
        (LoadBalancer, Database) => {
            Err("a balancer passes on HTTP, which a database does not answer; link a server to it")
        }
        (LoadBalancer, Cache | Queue) => {
            Err("a balancer passes on HTTP, which caches and queues do not answer; link a server to it")
        }
        (Server, Server | LoadBalancer | Cache | Queue | Database) => Ok(Meaning::Call),
        (Queue, Server) => Ok(Meaning::Consumption),
        (Queue, LoadBalancer) => Err("workers take messages from the queue themselves; link it to each server"),
        (Queue, Cache | Queue | Database) => {
            Err("messages are taken by servers; link the queue to a server that does the work")
        }
        (Cache, _) => Err("a cache is asked, it does not ask; link the server to the cache, and to the database too"),
        (Database, Database) => Ok(Meaning::Replication),
        (Database, Server | LoadBalancer | Cache | Queue) => {
            Err("a database is asked, it does not ask; draw the link from the server")
        }
    }
}

const LATENCY: Param = dist(
    "latency_ms",
    "Latency",
    0.0,
    1e7,
    Lit::Number(0.5),
    "One way, each packet on its own. 0.5 ms is a hop inside a data centre.",
)
.main();
const FAR: Param = dist(
    "latency_ms",
    "Latency",
    0.0,
    1e7,
    Lit::Number(20.0),
    "One way, each packet on its own. 20 ms is a user on the same continent.",
)
.main();
const LOSS: Param = num(
    "loss_share",
    "Packet loss",
    0.0,
    1.0,
    0.0,
    "Share of packets lost. TCP sends again: 200 ms per loss, 1, 2, 4 s while connecting; a lost DNS query is lost.",
);
const BANDWIDTH: Param = num(
    "bandwidth_mbps",
    "Bandwidth",
    1e-3,
    1e6,
    0.0,
    "What fits through per second, each way; more waits. None is no limit.",
)
.none();
const WEIGHT: Param =
    num("weight", "Weight", 0.0, 1e6, 1.0, "Share of the traffic in proportion to the others; 0 gets none.").main();

const PATH: &[Param] = &[FAR, LOSS, BANDWIDTH];
const RECORD: &[Param] = &[WEIGHT];
const BACKEND: &[Param] = &[LATENCY, WEIGHT, LOSS, BANDWIDTH];
const INSIDE: &[Param] = &[LATENCY, LOSS, BANDWIDTH];
const CALL: &[Param] = &[
    LATENCY,
    whole("calls", "Calls per request", 0, 1000, 1, "How many times each request makes this call.").main(),
    flag("parallel", "In parallel", false, "Whether these calls go out at once instead of one after the other."),
    text(
        "shard_of",
        "Shard of",
        "",
        "Name of data of which a part lies here. Links of a server with the same name share the records by consistent \
         hashing: a request goes only to the one that holds its record.",
    )
    .none(),
    LOSS,
    BANDWIDTH,
];
const REPLICATION: &[Param] = &[
    LATENCY,
    choice(
        "mode",
        "Mode",
        &["async", "semi_sync", "sync"],
        "When the primary answers a write: at once, when a replica has received it, or when all replicas believed up \
         show it. Counts between a primary and its own replicas.",
    )
    .main(),
    num(
        "semi_sync_timeout_ms",
        "Semi-sync time-out",
        0.0,
        1e8,
        10_000.0,
        "How long a write waits for a replica until the primary goes on without; it waits again once that one has \
         caught up.",
    ),
    num("apply_ms", "Apply time", 0.0, 1e6, 0.5, "What the replica spends on each write, one at a time.").main(),
    num("delay_ms", "Send delay", 0.0, 1e8, 0.0, "How long a committed write waits at the primary before it is sent.")
        .main(),
    LOSS,
    BANDWIDTH,
];

impl Meaning {
    /// The parameters of such a link.
    pub fn params(self) -> &'static [Param] {
        match self {
            Meaning::Names | Meaning::Path => PATH,
            Meaning::Record => RECORD,
            Meaning::Backend => BACKEND,
            Meaning::Origin | Meaning::Consumption => INSIDE,
            Meaning::Call => CALL,
            Meaning::Replication => REPLICATION,
        }
    }

    /// Whether one request, or message, makes another along such a link: a ring of them would never end.
    pub fn goes_on(self) -> bool {
        matches!(self, Meaning::Backend | Meaning::Origin | Meaning::Call | Meaning::Consumption)
    }

    /// What people call such a link.
    pub fn label(self) -> &'static str {
        match self {
            Meaning::Names => "Name look-ups",
            Meaning::Path => "Network path",
            Meaning::Record => "DNS record",
            Meaning::Backend => "Backend",
            Meaning::Origin => "Origin",
            Meaning::Call => "Call",
            Meaning::Consumption => "Consumption",
            Meaning::Replication => "Replication",
        }
    }

    /// Its identifier in `loadstone kinds`.
    pub fn id(self) -> &'static str {
        match self {
            Meaning::Names => "names",
            Meaning::Path => "path",
            Meaning::Record => "record",
            Meaning::Backend => "backend",
            Meaning::Origin => "origin",
            Meaning::Call => "call",
            Meaning::Consumption => "consumption",
            Meaning::Replication => "replication",
        }
    }
}

/// Every meaning, for references.
pub const MEANINGS: &[Meaning] = &[
    Meaning::Names,
    Meaning::Path,
    Meaning::Record,
    Meaning::Backend,
    Meaning::Origin,
    Meaning::Call,
    Meaning::Consumption,
    Meaning::Replication,
];
