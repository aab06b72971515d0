//! What people see of a node beyond counters: its state, a database's place in its group, a balancer's beliefs.

use super::health::{Health, Watched};
use super::net::{NONE, Net};
use crate::time::Nanos;
use serde::{Deserialize, Serialize};

/// What a behaviour tells about one of its nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Requests waiting for a worker, a connection or a core.
    pub waiting: u64,
    /// Cores; 0 for kinds without.
    pub cores: f64,
    /// A state beyond up and down.
    pub state: Option<State>,
    /// Databases only.
    pub data: Option<DataView>,
    /// Load balancers, and DNS with health checks: whom they watch.
    pub backends: Vec<BackendView>,
    /// Caches and queues only.
    pub stock: Option<StockView>,
    /// Users only: the answer that their resolver keeps.
    pub name: Option<NameView>,
}

/// Whether a node works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It works.
    #[default]
    Up,
    /// Its process is gone.
    Crashed,
    /// It stands still.
    Frozen,
    /// It starts after a crash.
    Booting {
        /// When it serves again.
        until: Nanos,
    },
    /// A new replica that copies the data before it serves.
    Copying {
        /// When it has copied everything, at the present speed.
        until: Nanos,
    },
    /// A replica that becomes the primary.
    Promoting {
        /// Not before.
        until: Nanos,
    },
}

/// What a database is in its group now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataView {
    /// The one that takes writes, or did until another is promoted.
    pub primary: bool,
    /// The primary's identifier, if the group has one.
    pub primary_id: Option<String>,
    /// Log sequence number up to which its data goes (applied, or committed on the primary).
    pub lsn: u64,
    /// Writes of the primary that it does not show yet.
    pub behind: u64,
    /// Age of the oldest of these, in ms; 0 if there is none.
    pub lag_ms: f64,
    /// Failed probes in a row, as the member that watches it counts them.
    pub misses: u64,
    /// So many make it count as down; 0 if nobody watches.
    pub probes: u64,
    /// Whether the group believes it to be up.
    pub believed_up: bool,
}

/// What the users' resolver knows of a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NameView {
    /// The node whose address it is; none if the name does not exist.
    pub node: Option<String>,
    /// When it came.
    pub since: Nanos,
    /// When it is forgotten.
    pub until: Nanos,
}

/// What a cache or a queue keeps now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StockView {
    /// Records in a cache; messages that wait in a queue.
    pub items: u64,
    /// How much fits.
    pub capacity: u64,
    /// Queues: messages that a consumer has and has not yet acknowledged.
    pub in_flight: u64,
    /// Queues: the age of the oldest message that waits.
    pub oldest_ms: Option<f64>,
}

/// What a balancer believes of a backend, or a name service of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BackendView {
    /// Its node's identifier.
    pub id: String,
    /// Which of the node's instances, counted from 1; none if there is one only.
    pub instance: Option<u32>,
    /// It is no longer part of the design and finishes what it has.
    pub draining: bool,
    /// Whether it gets requests.
    pub up: bool,
    /// Failed checks in a row while up; passed checks in a row while down.
    pub streak: u64,
    /// So many change its mind.
    pub needed: u64,
    /// When the next check starts, or the running one times out.
    pub next_check: Option<Nanos>,
    /// Requests that it got so far.
    pub picks: u64,
    /// Requests open there now.
    pub open: u64,
}

impl BackendView {
    /// What checks have led to; none of the counts.
    pub fn watched(net: &Net, watched: &Watched, rules: Option<&Health>) -> BackendView {
        let node = &net.nodes[watched.node as usize];
        BackendView {
            id: node.id.clone(),
            instance: instance_number(node.instances, watched.instance),
            up: watched.up,
            streak: watched.streak,
            needed: rules.map_or(0, |rules| watched.needed(rules)),
            next_check: rules.and(watched.next_check()),
            ..BackendView::default()
        }
    }

    /// Its name in reports: `web1`, or `web1#2`.
    pub fn name(&self) -> String {
        instance_name(&self.id, self.instance)
    }
}

/// An instance's number for people, counted from 1; none if it is, and was, the only one.
pub fn instance_number(instances: u32, instance: u32) -> Option<u32> {
    let several = instances > 1 || instance > 0;
    several.then_some(instance.saturating_add(1)).filter(|_| instance != NONE)
}

/// An instance's name in reports: the node's identifier, and its number if there are several.
pub fn instance_name(id: &str, instance: Option<u32>) -> String {
    instance.map_or_else(|| id.to_owned(), |n| format!("{id}#{n}"))
}
