//! What the page is told of a run, a few dozen times a second: plain data that crosses from the worker to the view.

use crate::component::effects::Count;
pub use crate::component::view::{BackendView, DataView, NameView, State, StockView};
use crate::time::Nanos;
use serde::{Deserialize, Serialize};

/// One moment of a run, and what is new since the frame before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Rises whenever the run goes on from elsewhere (restart, going back, an edit of the past): what the page kept of the
    /// log, the series and the dots belongs to the run before and must go.
    pub run: u32,
    /// Simulated time.
    pub now: Nanos,
    /// Simulated time at which the run ends.
    pub end: Nanos,
    /// What the clock does.
    pub clock: Clock,
    /// The speed that was really achieved lately, in simulated seconds per second; 0 while paused.
    pub speed: f64,
    /// Every node that is there now, in the engine's order.
    pub nodes: Vec<NodeView>,
    /// Every link that is there now, in the engine's order.
    pub links: Vec<LinkView>,
    /// Since the start of the run.
    pub totals: Totals,
    /// New lines of the log, oldest first.
    pub log: Vec<LogLine>,
    /// New points of the charts, oldest first.
    pub points: Vec<Point>,
    /// Packets that set out since the frame before.
    pub dots: Vec<Dot>,
    /// One dot stands for this many requests.
    pub per_dot: u32,
    /// How long the answers of the whole run took, shortest first; only while somebody looks at the charts.
    pub histogram: Vec<Bar>,
    /// 16 hexadecimal digits; filled in whenever the clock stands.
    pub trace_hash: Option<String>,
}

/// One bar of a histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The shortest latency in it.
    pub from: Nanos,
    /// The shortest beyond it.
    pub to: Nanos,
    /// Answers.
    pub count: u64,
}

/// What the clock does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Clock {
    /// It stands.
    #[default]
    Paused,
    /// It runs.
    Playing,
    /// The run is simulated again up to where it was, because its past was edited.
    CatchingUp {
        /// Up to here.
        to: Nanos,
    },
    /// The end of the run is reached.
    Ended,
    /// The engine refused to go on, with the reason.
    Stopped(String),
}

/// A node now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its identifier.
    pub id: String,
    /// Whether it works.
    pub state: State,
    /// Since when it is in this state.
    pub since: Nanos,
    /// 1 is full speed, 3 is three times slower.
    pub slow: f64,
    /// Share of requests answered with an error because a fault says so.
    pub error_share: f64,
    /// Requests in it now: waiting, in service, or waiting for what they called.
    pub in_system: u64,
    /// Of these, waiting for a worker, a connection or a core.
    pub waiting: u64,
    /// Share of the cores busy over the last window, 0 to 1; none for kinds without cores.
    pub utilization: Option<f64>,
    /// Cores.
    pub cores: f64,
    /// Arrivals so far (users: requests wanted).
    pub arrivals: u64,
    /// Arrivals per second over the last window (users: requests wanted).
    pub rate: f64,
    /// Answers that were not errors, per second, over the last window.
    pub ok_rate: f64,
    /// Refused or failed per second over the last window.
    pub error_rate: f64,
    /// 99th percentile of the time in the node over the last window, in ms; none without samples.
    pub p99_ms: Option<f64>,
    /// Mean time in the node over the last window, in ms.
    pub mean_ms: Option<f64>,
    /// Writes per second over the last window (users and databases).
    pub write_rate: f64,
    /// Databases only.
    pub data: Option<DataView>,
    /// Load balancers only: what it believes of each backend, in link order.
    pub backends: Vec<BackendView>,
    /// DNS and caches: share of look-ups answered from the cache so far; none without look-ups.
    pub hit_share: Option<f64>,
    /// The same over the last window.
    pub hits_now: Option<f64>,
    /// Caches and queues only.
    pub stock: Option<StockView>,
    /// Users only: the answer that their resolver keeps.
    pub name: Option<NameView>,
    /// What is only counted, so far, by [`Count`].
    pub counts: [u64; Count::LEN],
}

/// A link now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkView {
    /// Identifiers of its ends.
    pub from: String,
    /// See `from`.
    pub to: String,
    /// Whether packets vanish on it.
    pub cut: bool,
    /// Its latency is multiplied by this.
    pub slow: f64,
    /// Requests per second over the last window.
    pub rate: f64,
    /// Of these, failed; those too that found nobody.
    pub error_rate: f64,
}

/// Requests since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Wanted.
    pub issued: u64,
    /// Answered.
    pub ok: u64,
    /// Given up.
    pub failed: u64,
    /// Not yet either.
    pub in_flight: u64,
    /// Further attempts.
    pub retries: u64,
    /// Writes that users were told are done.
    pub writes_acked: u64,
    /// Of these, gone after a promotion.
    pub writes_lost: u64,
    /// Of these, written again by a script.
    pub writes_restored: u64,
    /// Reads answered without the last write that a user knew to be done.
    pub stale_reads: u64,
    /// Writes that lost against a newer one of the same record, made elsewhere without knowing of it.
    pub conflicts: u64,
    /// Failed by cause; only causes that happened.
    pub errors: Vec<(String, u64)>,
    /// Mean and percentiles of all answers so far, in ms; none without answers.
    pub mean_ms: Option<f64>,
    /// See `mean_ms`.
    pub p50_ms: Option<f64>,
    /// See `mean_ms`.
    pub p95_ms: Option<f64>,
    /// See `mean_ms`.
    pub p99_ms: Option<f64>,
    /// Mean time of a write in the database that commits it, in ms.
    pub commit_ms: Option<f64>,
}

/// One thing that happened, for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Nanos,
    /// The node it happened to; `from>to` for a link.
    pub node: String,
    /// What, from the closed list of `engine::log::What`.
    pub what: String,
    /// Who saw or did it.
    pub by: Option<String>,
    /// A number that belongs to it (writes lost, factor, …).
    pub count: Option<f64>,
    /// The whole in a sentence, with the nodes' names.
    pub words: String,
}

/// One interval of the charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its end.
    pub at: Nanos,
    /// Its length.
    pub span: Nanos,
    /// Requests wanted in it, per second.
    pub rate: f64,
    /// Requests answered in it, per second.
    pub ok_rate: f64,
    /// Failed among the finished, 0 to 1; none if none finished.
    pub error_share: Option<f64>,
    /// Percentiles of what was answered in it, in ms; none without answers.
    pub p50_ms: Option<f64>,
    /// See `p50_ms`.
    pub p95_ms: Option<f64>,
    /// See `p50_ms`.
    pub p99_ms: Option<f64>,
    /// Failed in it, by cause: its place in `Outcome::CAUSES`, and how many; those without any are left out.
    pub errors: Vec<(u8, u32)>,
    /// Per node in the order of `Frame::nodes`.
    pub nodes: Vec<NodePoint>,
}

/// One interval of the charts at one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodePoint {
    /// Share of the cores that were busy; none for kinds without cores.
    pub utilization: Option<f64>,
    /// Requests in it at the end of the interval.
    pub inside: u32,
    /// Mean time that those who left had waited for a worker or a core, in ms; none if nobody left.
    pub wait_ms: Option<f64>,
    /// 99th percentile of the time in it of those who left, in ms.
    pub p99_ms: Option<f64>,
    /// Largest replication lag of the writes that became visible, in ms.
    pub lag_ms: Option<f64>,
    /// Share of the look-ups that the cache knew.
    pub hit_share: Option<f64>,
}

/// A packet on its way: really simulated, drawn where it really is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dot {
    /// Position of its link in `Frame::links`.
    pub link: u32,
    /// Positions in `Frame::nodes` of who asks and who answers, where no drawn link joins the two: a call to a group
    /// that another member answers, a stream to a replica from a new primary.
    pub off: Option<[u32; 2]>,
    /// Against the direction.
    pub back: bool,
    /// What it carries.
    pub class: Class,
    /// It fails: an error, a refusal, or it vanishes on the way.
    pub failed: bool,
    /// Set out.
    pub sent: Nanos,
    /// Arrives.
    pub arrives: Nanos,
    /// When its user wanted the answer (its age is the growing ring); equals `sent` for control packets.
    pub wanted: Nanos,
    /// The request that it belongs to: the engine's number of the users node, and which of its requests, counted from 1;
    /// 0 if nobody's.
    pub request: (u32, u64),
}

/// What a packet carries; each looks different in hue and in shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// A read or its answer.
    #[default]
    Read,
    /// A write or its answer.
    Write,
    /// A static file or its request.
    Static,
    /// DNS, health check, connection set-up.
    Control,
    /// A write on its way to a replica.
    Replication,
}
