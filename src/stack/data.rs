//! Databases as PostgreSQL with streaming replication.

use super::File;
use super::site::{Place, Site, Wire};
use crate::component::{Kind, Meaning, Role, Shape};

/// What a database is in the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It takes writes.
    Primary,
    /// It copies from this one, an index into the site's nodes.
    Replica(usize),
}

/// Who copies from whom.
pub struct Databases {
    /// By node; none where it is no database.
    part: Vec<Option<Part>>,
    /// A number that all members of a group share, by node.
    group: Vec<usize>,
}

impl Databases {
    /// Those of a site.
    pub fn of(site: &Site) -> Databases {
        let count = site.nodes.len();
        let wires: Vec<&Wire> = site.wires.iter().filter(|w| w.meaning == Meaning::Replication).collect();
        let shape = Shape::new(count, wires.iter().map(|w| (w.from, w.to)));
        let mut roles = vec![Role::Auto; count];
        for (i, place) in site.of(Kind::Database) {
            roles[i] = Role::from_word(&place.values.text("role"));
        }
        let primaries = shape.primaries(&roles);
        let part = (0..count).map(|i| {
            let upstream = wires.iter().find(|w| w.to == i).map(|w| w.from);
            match (site.nodes[i].kind, upstream) {
                (Kind::Database, Some(from)) if !primaries.contains(&i) => Some(Part::Replica(from)),
                (Kind::Database, _) => Some(Part::Primary),
                _ => None,
            }
        });
        let part = part.collect();
        let mut group: Vec<usize> = (0..count).collect();
        for _ in 0..count {
            for wire in &wires {
                let least = group[wire.from].min(group[wire.to]);
                (group[wire.from], group[wire.to]) = (least, least);
            }
        }
        Databases { part, group }
    }

    /// What this node is; none where it is no database.
    pub fn part(&self, node: usize) -> Option<Part> {
        self.part[node]
    }

    /// All members of this node's group, itself included.
    pub fn members(&self, node: usize) -> impl Iterator<Item = usize> {
        (0..self.group.len()).filter(move |&i| self.part[i].is_some() && self.group[i] == self.group[node])
    }

    /// How a server reaches the group: libpq's connection string for writes, and the one for reads. Both name all
    /// members; libpq looks for the one that takes writes, also after another was promoted.
    pub fn addresses(&self, site: &Site, node: usize) -> (String, String) {
        let hosts: Vec<&str> = self.members(node).map(|i| site.nodes[i].name.as_str()).collect();
        let hosts = hosts.join(",");
        let common = format!("host={hosts} user=postgres dbname=postgres connect_timeout=5");
        (
            format!("{common} target_session_attrs=read-write"),
            format!("{common} target_session_attrs=prefer-standby load_balance_hosts=random"),
        )
    }
}

/// The arguments of a database's server.
pub fn arguments(site: &Site, all: &Databases, node: usize, differs: &mut Vec<String>) -> Vec<String> {
    let place = &site.nodes[node];
    let mut set = vec![format!("max_connections={}", place.values.whole("connections").clamp(20, 10_000) + 10)];
    set.push("wal_level=replica".into());
    set.push("hot_standby=on".into());
    let copies: Vec<&Wire> = site.from(node).filter(|w| w.meaning == Meaning::Replication).collect();
    set.push(format!("max_wal_senders={}", 2 * copies.len() + 4));
    if all.part(node) == Some(Part::Primary) {
        set.extend(synchronous(site, &copies, place, differs));
    }
    if let Some(Part::Replica(from)) = all.part(node) {
        let wire = site.from(from).find(|w| w.to == node && w.meaning == Meaning::Replication);
        let delay = wire.map_or(0.0, |w| w.values.number("delay_ms"));
        if delay > 0.0 {
            set.push(format!("recovery_min_apply_delay={}ms", delay as u64));
        }
    }
    let mut arguments = vec!["postgres".to_owned()];
    for one in set {
        arguments.extend(["-c".to_owned(), one]);
    }
    arguments
}

/// Whom a primary waits for. `sync` waits for all of those, as `remote_apply` does; `semi_sync` for one that has
/// received the write.
fn synchronous(site: &Site, copies: &[&Wire], place: &Place, differs: &mut Vec<String>) -> Vec<String> {
    let waiting = |mode: &str| -> Vec<String> {
        let these = copies.iter().filter(|w| w.values.text("mode") == mode);
        these.map(|w| format!("\"{}\"", site.nodes[w.to].name)).collect()
    };
    let (all, some) = (waiting("sync"), waiting("semi_sync"));
    let name = &place.name;
    if !all.is_empty() {
        differs.push(format!("`{name}` waits for its synchronous replicas even while one of them is down."));
        if !some.is_empty() {
            differs
                .push(format!("`{name}` does not wait for its semi-synchronous replicas, as it has synchronous ones."));
        }
        let standbys = format!("synchronous_standby_names=FIRST {} ({})", all.len(), all.join(", "));
        vec!["synchronous_commit=remote_apply".into(), standbys]
    } else if !some.is_empty() {
        differs.push(format!(
            "`{name}` never gives up waiting for a semi-synchronous replica: PostgreSQL has no time-out for it."
        ));
        let standbys = format!("synchronous_standby_names=ANY 1 ({})", some.join(", "));
        vec!["synchronous_commit=remote_write".into(), standbys]
    } else {
        Vec::new()
    }
}

/// The scripts that every database starts with.
pub fn files(site: &Site) -> Vec<File> {
    if site.of(Kind::Database).next().is_none() {
        return Vec::new();
    }
    vec![
        File::new("database/primary.sh", include_str!("files/primary.sh")),
        File::new("database/replica.sh", include_str!("files/replica.sh")),
    ]
}
