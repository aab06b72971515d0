//! Links: what one means follows from the kinds at its ends, and its parameters from what it means.

use super::Kind;
use super::param::{Lit, Param, choice, dist, flag, num, whole};

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
    /// server → database or server or load_balancer: a call made for a request.
    Call,
    /// database → database: replication.
    Replication,
}

/// The meaning of a link between these kinds.
///
/// # Errors
/// One sentence: why such a link makes no sense and what would.
pub fn meaning(from: Kind, to: Kind) -> Result<Meaning, &'static str> {
    use Kind::*;
    match (from, to) {
        (Users, Dns) => Ok(Meaning::Names),
        (Users, Users) | (_, Users) => Err("nothing calls the users; draw the link from the users to what they ask"),
        (Users, Database) => Err("users cannot speak to a database; put a server between them"),
        (Users, LoadBalancer | Server) => Ok(Meaning::Path),
        (Dns, LoadBalancer | Server) => Ok(Meaning::Record),
        (Dns, Dns) => Err("a DNS service answers by itself; link it to the node whose address it gives out"),
        (Dns, Database) => Err("users cannot use a database's address; give out a server's or a balancer's"),
        (_, Dns) => Err("only users ask DNS here; inside, nodes know each other's addresses"),
        (LoadBalancer, Server | LoadBalancer) => Ok(Meaning::Backend),
        (LoadBalancer, Database) => {
            Err("a balancer passes on HTTP, which a database does not answer; link a server to it")
        }
        (Server, Server | LoadBalancer | Database) => Ok(Meaning::Call),
        (Database, Database) => Ok(Meaning::Replication),
        (Database, Server | LoadBalancer) => Err("a database is asked, it does not ask; draw the link from the server"),
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
const CALL: &[Param] = &[
    LATENCY,
    whole("calls", "Calls per request", 0, 1000, 1, "How many times each request makes this call.").main(),
    flag("parallel", "In parallel", false, "Whether these calls go out at once instead of one after the other."),
    LOSS,
    BANDWIDTH,
];
const REPLICATION: &[Param] = &[
    LATENCY,
    choice(
        "mode",
        "Mode",
        &["async", "semi_sync", "sync"],
        "When the primary answers a write: at once, when a replica has received it, or when replicas show it.",
    )
    .not_yet(),
    num(
        "semi_sync_timeout_ms",
        "Semi-sync time-out",
        0.0,
        1e8,
        10_000.0,
        "How long a write waits for a replica before the primary goes on without.",
    )
    .not_yet(),
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
            Meaning::Call => CALL,
            Meaning::Replication => REPLICATION,
        }
    }

    /// What people call such a link.
    pub fn label(self) -> &'static str {
        match self {
            Meaning::Names => "Name look-ups",
            Meaning::Path => "Network path",
            Meaning::Record => "DNS record",
            Meaning::Backend => "Backend",
            Meaning::Call => "Call",
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
            Meaning::Call => "call",
            Meaning::Replication => "replication",
        }
    }
}

/// Every meaning, for references.
pub const MEANINGS: &[Meaning] =
    &[Meaning::Names, Meaning::Path, Meaning::Record, Meaning::Backend, Meaning::Call, Meaning::Replication];
