//! Who takes writes in a group, and what the members know of that.

use super::failover::Mode;
use super::line::Line;
use super::{Database, Role, Shape, WATCH};
use crate::component::effects::Cx;
use crate::component::link::Meaning;
use crate::component::log::What;
use crate::component::net::Net;

impl Database {
    /// Who takes writes by the drawing.
    pub(super) fn drawn_primaries(&self, net: &Net) -> Vec<usize> {
        let links = net.links.iter().filter(|l| l.meaning == Meaning::Replication && !l.removed);
        let links = links.filter_map(|l| Some((self.at(l.from)?, self.at(l.to)?)));
        let roles: Vec<Role> = self.members.iter().map(|m| m.role).collect();
        Shape::new(self.members.len(), links).primaries(&roles)
    }

    /// Members that a ring drawn during the run makes primaries beside those that there are take writes from now on.
    pub(super) fn add_lines(&mut self, net: &Net) {
        let primaries = self.drawn_primaries(net);
        let all = self.lines.iter().all(|line| primaries.contains(&line.primary));
        if self.lines.is_empty() || !all || self.fenced || self.heir.is_some() {
            return;
        }
        for primary in primaries {
            if !self.is_primary(primary) && !self.members[primary].gone {
                self.lines.push(Line::new(primary, self.members.len()));
            }
        }
    }

    /// Reads from the drawing who takes writes, and who gets them from whom.
    pub(super) fn begin_lines(&mut self, net: &Net) {
        let mut primaries = self.drawn_primaries(net);
        if primaries.is_empty() {
            primaries.push(0);
        }
        self.lead = primaries[0];
        self.lines = primaries.iter().map(|&primary| Line::new(primary, self.members.len())).collect();
        for l in 0..self.lines.len() {
            self.attach(net, l);
            self.update_waits(net, l);
        }
        self.follow_lead();
    }

    /// Takes over what the primary says for the whole group.
    pub(super) fn follow_lead(&mut self) {
        let lead = &self.members[self.lead];
        (self.failover, self.own_writes) = (lead.failover, lead.own_writes);
    }

    /// A member no longer passes on what others wrote: whoever gets it from there gets no more.
    pub(super) fn say_who_is_cut_off(&self, cx: &mut Cx, i: usize) {
        for (j, m) in self.members.iter().enumerate() {
            let through = |line: &Line| line.primary != i && line.at[j].source == i;
            if self.lines.iter().any(through) {
                cx.log(m.node, What::CutOff, self.members[i].node);
            }
        }
    }

    /// Looks after the others from now on, at a moment of its own.
    pub(super) fn begin_to_watch(&mut self, cx: &mut Cx, i: usize) {
        let phase = self.members[i].phases.below(self.failover.interval.max(1));
        if self.failover.mode != Mode::None {
            cx.after(phase, WATCH, 0);
            self.members[i].watching = true;
        }
    }
}
