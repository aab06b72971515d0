//! What people see of a database beyond counters: its place in its group, how far it is behind, what watches it.

use super::Database;
use super::failover::Mode;
use super::member::{Member, Phase};
use crate::component::net::Net;
use crate::component::view::{DataView, State, View};
use crate::time::{Nanos, to_ms};

impl Database {
    /// What people see of a member.
    pub(super) fn shown(&self, now: Nanos, net: &Net, i: usize) -> View {
        let m = &self.members[i];
        let node = m.node;
        let primary = self.is_primary(i);
        let others = || self.lines.iter().filter(|line| line.primary != i);
        let behind: u64 = others().map(|line| line.log.last().saturating_sub(line.at[i].applied)).sum();
        let oldest = others().filter_map(|line| line.lacks_since(i)).min().filter(|_| behind > 0);
        let seen_by = |w: &Member| w.misses.get(&node).copied();
        let misses = match self.lines.first() {
            Some(line) if !primary => seen_by(&self.members[line.primary]),
            _ => self.members.iter().filter_map(seen_by).max(),
        };
        let state = if self.heir == Some(i) {
            Some(State::Promoting { until: m.until })
        } else if m.phase == Phase::Copying {
            Some(State::Copying { until: m.until })
        } else {
            None
        };
        let first = if primary { Some(i) } else { self.lines.first().map(|line| line.primary) };
        let id = |i: usize| net.nodes[self.members[i].node as usize].id.clone();
        View {
            waiting: (m.pool.waiting() + m.station.waiting(net)) as u64,
            cores: m.station.cores(net) as f64,
            state,
            data: Some(DataView {
                primary,
                primary_id: first.filter(|_| !self.fenced).map(id),
                lsn: self.lines.iter().map(|line| line.at[i].applied).sum(),
                behind,
                lag_ms: oldest.map_or(0.0, |t| to_ms(now - t)),
                misses: misses.unwrap_or(0),
                probes: if self.failover.mode == Mode::None || self.members.len() < 2 {
                    0
                } else {
                    self.failover.probes
                },
                believed_up: m.believed_up,
            }),
            ..View::default()
        }
    }
}
