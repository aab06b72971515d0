//! Who of a group takes a query: what a proxy in front of it decides for its caller.

use super::member::Phase;
use super::{Database, MARKED};
use crate::component::net::{Ask, LinkIx, Net, NodeIx, Op};
use crate::time::Nanos;

/// What one caller knows of the group.
#[derive(Clone, Default)]
pub struct Route {
    turn: usize,
    /// Members that refused, and until when they are left out.
    marked: Vec<(NodeIx, Nanos)>,
}

impl Database {
    /// Writes go to the primary; reads to the replicas that are believed up, in turn, or else to the primary.
    pub(super) fn choose(&mut self, now: Nanos, net: &Net, link: LinkIx, ask: &Ask) -> Option<NodeIx> {
        if ask.op == Op::Write {
            return self.writer(net, link);
        }
        let n = self.members.len();
        let mut route = std::mem::take(self.routes.or_default(link));
        route.marked.retain(|&(_, until)| until > now);
        let is_marked = |node: NodeIx| route.marked.iter().any(|&(marked, _)| marked == node);
        let fits = |&i: &usize| {
            let m = &self.members[i];
            let ready = m.believed_up && m.phase == Phase::Serving && m.present(net) && !is_marked(m.node);
            ready && !self.is_primary(i) && self.has_own(i, ask)
        };
        let found = (0..n).map(|step| (route.turn + step) % n).find(fits);
        if let Some(i) = found {
            route.turn = i + 1;
        }
        let marked = |node: NodeIx| is_marked(node);
        let chosen = found.map(|i| self.members[i].node).or_else(|| self.reader(net, link, marked));
        self.routes.insert(link, route);
        chosen
    }

    /// Whether a member shows the last write of the client that asks, where clients shall see their own.
    fn has_own(&self, i: usize, ask: &Ask) -> bool {
        let has = |line: &super::Line| line.log.last_of(ask.origin, ask.client) <= line.at[i].applied;
        !self.own_writes || self.lines.iter().all(|line| line.primary == i || has(line))
    }

    /// The member that takes writes over this link: the primary; of several the one that the link is drawn to, or
    /// while that one counts as down, the next.
    fn writer(&self, net: &Net, link: LinkIx) -> Option<NodeIx> {
        if !self.is_multi() {
            return (!self.fenced).then_some(self.members[self.lines[0].primary].node);
        }
        self.primary_near(net, link, |_| false)
    }

    /// The primary that takes reads over this link if no replica does.
    fn reader(&self, net: &Net, link: LinkIx, marked: impl Fn(NodeIx) -> bool) -> Option<NodeIx> {
        if self.is_multi() { self.primary_near(net, link, marked) } else { self.writer(net, link) }
    }

    fn primary_near(&self, net: &Net, link: LinkIx, marked: impl Fn(NodeIx) -> bool) -> Option<NodeIx> {
        let first = self.at(net.links[link as usize].to).unwrap_or(0);
        let n = self.members.len();
        let primaries = (0..n).map(|step| (first + step) % n).filter(|&i| self.is_primary(i));
        let there = primaries.map(|i| &self.members[i]).filter(|m| m.present(net));
        let (mut nearest, mut there) = (None, there);
        let up = there.find(|m| {
            nearest.get_or_insert(m.node);
            m.believed_up && !marked(m.node)
        });
        up.map(|m| m.node).or(nearest)
    }

    /// A member refused a read over this link: it is left out for a while, unless it is the only one that can.
    pub(super) fn mark(&mut self, now: Nanos, link: LinkIx, node: NodeIx) {
        if self.at(node).is_some_and(|i| self.is_multi() || !self.is_primary(i)) {
            self.routes.or_default(link).marked.push((node, now + MARKED));
        }
    }
}
