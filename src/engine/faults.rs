//! What the timeline does: crash, freeze, slow, cut, recover, changes of parameters, nodes and links that join or leave.

use super::{Engine, Event, Recorder};
use crate::component::link::Meaning;
use crate::component::log::What;
use crate::component::net::{LinkIx, NONE, NodeIx, Status};
use crate::component::param::Values;
use crate::order;
use crate::scenario::{Action, Entry, Target};
use crate::time::{Nanos, from_s};

/// A timeline entry, or the undoing of one, that is still to come.
#[derive(Clone, Debug)]
pub struct Due {
    pub at: Nanos,
    /// Its place in the file.
    order: usize,
    target: Target,
    action: Action,
    lasts: Option<Nanos>,
    /// It undoes what an entry did.
    undoes: bool,
}

/// The entries of a timeline in the order in which they strike.
pub fn due(timeline: &[Entry]) -> Vec<Due> {
    let mut due: Vec<Due> = timeline.iter().enumerate().map(|(order, e)| Due::new(order, e)).collect();
    order::sort_by_key(&mut due, |d| (d.at, d.order));
    due
}

impl Due {
    fn new(order: usize, entry: &Entry) -> Due {
        Due {
            at: entry.at(),
            order,
            target: entry.target.clone(),
            action: entry.action.clone(),
            lasts: entry.for_s.map(from_s),
            undoes: false,
        }
    }
}

impl<R: Recorder> Engine<R> {
    /// Takes over what a changed timeline says of the time to come. What it says of the past must be what happened:
    /// whoever edits the past starts a new run.
    pub fn revise(&mut self, timeline: &[Entry]) {
        let now = self.now;
        let rest: Vec<Due> = self.due.drain(self.next_due..).filter(|d| d.undoes || d.at <= now).collect();
        self.due.extend(rest);
        self.renumber(timeline);
        for (order, entry) in timeline.iter().enumerate().filter(|(_, e)| e.at() > now) {
            self.insert(Due::new(order, entry));
        }
    }

    /// Entries of the past get the places that they have in the changed timeline, and so does what undoes them later:
    /// places decide which of two comes first at the same instant.
    fn renumber(&mut self, timeline: &[Entry]) {
        let places = |due: &[Due]| -> Vec<usize> {
            due.iter().filter(|d| d.at <= self.now && !d.undoes).map(|d| d.order).collect()
        };
        let (before, after) = (places(&self.due), places(&due(timeline)));
        for due in &mut self.due {
            if let Some(i) = before.iter().position(|&order| order == due.order) {
                due.order = after.get(i).copied().unwrap_or(due.order);
            }
        }
    }

    fn insert(&mut self, due: Due) {
        let key = (due.at, due.order);
        let rest = &self.due[self.next_due..];
        let place = rest.partition_point(|d| (d.at, d.order) <= key);
        self.due.insert(self.next_due + place, due);
    }

    /// An entry strikes.
    pub(super) fn strike(&mut self, due: Due) {
        if let Some(lasts) = due.lasts
            && let Some((target, action)) = self.undoing(&due.target, &due.action)
        {
            let at = self.now.saturating_add(lasts);
            self.insert(Due { at, order: due.order, target, action, lasts: None, undoes: true });
        }
        match &due.target {
            Target::Node(id) => match self.find(id) {
                Some(node) => self.strike_node(node, &due),
                None => self.log(NONE, NONE, What::Ignored, NONE),
            },
            Target::Zone(zone) => {
                let there = |n: &&crate::component::net::NodeInfo| n.zone.as_ref() == Some(zone);
                let ids: Vec<String> = self.net.nodes.iter().filter(there).map(|n| n.id.clone()).collect();
                for node in ids.iter().filter_map(|id| self.find(id)).collect::<Vec<_>>() {
                    self.strike_node(node, &due);
                }
            }
            Target::Link(from, to) => match self.find_link(from, to) {
                Some(link) => self.strike_link(link, &due),
                None => self.log(NONE, NONE, What::Ignored, NONE),
            },
            Target::Carried => self.join(&due),
        }
    }

    /// An entry strikes a node, and what breaks its machine strikes all who run on it.
    fn strike_node(&mut self, node: NodeIx, due: &Due) {
        self.strike_one(node, due);
        if matches!(due.action, Action::Crash | Action::Freeze | Action::Recover | Action::Slow { .. }) {
            for guest in self.guests(node) {
                self.strike_one(guest, due);
            }
        }
    }

    /// Who runs on a node's machine besides itself.
    fn guests(&self, node: NodeIx) -> Vec<NodeIx> {
        let all = self.net.nodes.iter().enumerate();
        all.filter(|(_, n)| n.host == node && n.status != Status::Removed).map(|(i, _)| i as NodeIx).collect()
    }

    /// Whether the machine that a node runs on is another's and does not work.
    fn homeless(&self, node: NodeIx) -> bool {
        let host = self.net.nodes[node as usize].host;
        host != NONE && matches!(self.net.nodes[host as usize].status, Status::Crashed | Status::Removed)
    }

    fn strike_one(&mut self, node: NodeIx, due: &Due) {
        let status = self.net.nodes[node as usize].status;
        let up = status == Status::Up;
        match &due.action {
            Action::Crash if status == Status::Crashed => self.log(node, NONE, What::Ignored, NONE),
            Action::Crash => self.crash(node),
            Action::Freeze if up => {
                self.act(node, |b, cx| b.on_freeze(cx));
                self.set_status(node, Status::Frozen);
                self.log(node, NONE, What::Freeze, NONE);
            }
            Action::Recover if self.homeless(node) => self.log(node, NONE, What::Ignored, NONE),
            Action::Recover => self.recover(node),
            Action::Slow { factor } => {
                self.net.nodes[node as usize].slow = *factor;
                if up {
                    self.act(node, |b, cx| b.on_speed(cx));
                }
                self.log(node, NONE, What::Slow(*factor), NONE);
            }
            Action::Error { share, writes_only } => {
                let info = &mut self.net.nodes[node as usize];
                (info.error_share, info.errors_are_writes) = (*share, *writes_only);
                self.log(node, NONE, What::Error(*share), NONE);
            }
            Action::Load { factor } => {
                self.act(node, |b, cx| b.on_load(cx, *factor));
                self.log(node, NONE, What::Load(*factor), NONE);
            }
            Action::Set { param, .. } => {
                self.design.apply_edit(&due.target, &due.action);
                if param == "zone" {
                    let id = self.net.nodes[node as usize].id.clone();
                    self.net.nodes[node as usize].zone = self.design.node(&id).and_then(|n| n.zone.clone());
                }
                self.refresh_reach();
                self.configure(node);
                self.log(node, NONE, What::Set, NONE);
            }
            Action::Promote if up => {
                if !self.act(node, |b, cx| b.on_promote(cx)) {
                    self.log(node, NONE, What::Ignored, NONE);
                }
            }
            Action::Flush if up && self.act(node, |b, cx| b.on_flush(cx)) => self.log(node, NONE, What::Flush, NONE),
            Action::RemoveNode => self.remove(node, due),
            _ => self.log(node, NONE, What::Ignored, NONE),
        }
    }

    fn strike_link(&mut self, link: LinkIx, due: &Due) {
        let info = &mut self.net.links[link as usize];
        let what = match &due.action {
            Action::Cut => {
                (info.cut, info.steady) = (true, None);
                What::Cut
            }
            Action::Slow { factor } => {
                info.slow = *factor;
                info.steady = info.steady_span();
                What::Slow(*factor)
            }
            Action::Recover => {
                (info.cut, info.slow) = (false, 1.0);
                info.steady = info.steady_span();
                for node in [info.from, info.to] {
                    self.act(node, |b, cx| b.on_mended(cx, link));
                }
                What::Recover
            }
            Action::Set { .. } => {
                self.design.apply_edit(&due.target, &due.action);
                self.configure_link(link);
                What::Set
            }
            Action::RemoveLink => {
                self.design.apply_edit(&due.target, &due.action);
                self.unlink(link);
                self.refresh_reach();
                What::Removed
            }
            _ => What::Ignored,
        };
        self.log(NONE, link, what, NONE);
    }

    fn set_status(&mut self, node: NodeIx, status: Status) {
        let info = &mut self.net.nodes[node as usize];
        (info.status, info.since) = (status, self.now);
    }

    fn crash(&mut self, node: NodeIx) {
        self.set_status(node, Status::Crashed);
        self.log(node, NONE, What::Crash, NONE);
        self.die(node);
    }

    /// A process begins: its number among all lives.
    pub(super) fn begin_life(&mut self, node: NodeIx) -> u32 {
        self.owners.push((node, self.net.nodes[node as usize].actor));
        self.owners.len() as u32 - 1
    }

    /// The process is gone, and everything that it held or waited for.
    pub(super) fn die(&mut self, node: NodeIx) {
        let next = self.begin_life(node);
        let over = std::mem::replace(&mut self.fx.lives[node as usize], next);
        self.owners[over as usize].0 = NONE;
        self.net.nodes[node as usize].epoch += 1;
        self.sever(node);
        for (slot, _) in std::mem::take(&mut self.held[node as usize]) {
            self.fx.put_timer(slot);
        }
        self.act(node, |b, cx| b.on_crash(cx));
    }

    fn recover(&mut self, node: NodeIx) {
        let info = &mut self.net.nodes[node as usize];
        (info.slow, info.error_share) = (1.0, 0.0);
        let status = info.status;
        self.log(node, NONE, What::Recover, NONE);
        match status {
            Status::Crashed => self.start_up(node),
            Status::Frozen => {
                self.set_status(node, Status::Up);
                for (slot, event) in std::mem::take(&mut self.held[node as usize]) {
                    self.fx.agenda.push(slot, self.now, event);
                }
                self.act(node, |b, cx| b.on_thaw(cx));
            }
            _ => {
                self.act(node, |b, cx| b.on_speed(cx));
                self.act(node, |b, cx| b.on_load(cx, 1.0));
            }
        }
    }

    /// A dead node starts, not before the machine that it runs on.
    fn start_up(&mut self, node: NodeIx) {
        let info = &self.net.nodes[node as usize];
        let table = info.kind.spec().params;
        let boots = table.iter().any(|p| p.name == "boot_s");
        let params = self.design.node(&info.id).map(|n| n.params.clone()).unwrap_or_default();
        let boot = if boots { Values::new(table, &params).span("boot_s") } else { 0 };
        let own = self.now.saturating_add(boot);
        let at = match self.net.nodes.get(info.host as usize).map(|host| host.status) {
            Some(Status::Booting(host)) => own.max(host),
            _ => own,
        };
        if at == self.now {
            return self.boot(node);
        }
        self.set_status(node, Status::Booting(at));
        let life = self.fx.lives[node as usize];
        self.schedule(at, Event::Boot { life });
    }

    /// A process without memory dies and starts again, as a supervisor has it; of several instances only this one. With
    /// [`NONE`] it is the whole machine that restarts, with another size, and all who run on it.
    pub(super) fn restart(&mut self, node: NodeIx, number: u32) {
        if !matches!(self.net.nodes[node as usize].status, Status::Up | Status::Frozen) {
            return;
        }
        let resized = number == NONE;
        self.log(node, NONE, if resized { What::Resized } else { What::OutOfMemory }, NONE);
        if !resized && self.net.nodes[node as usize].instances > 1 {
            return self.act(node, |b, cx| b.on_killed(cx, number));
        }
        self.die(node);
        self.start_up(node);
        for guest in self.guests(node) {
            if resized {
                self.restart(guest, NONE);
            }
        }
    }

    /// Those who call a node take note that the number of its instances changed.
    pub(super) fn regrouped(&mut self, node: NodeIx) {
        for link in 0..self.net.links.len() {
            let info = &self.net.links[link];
            let from = info.from;
            if info.to == node && !info.removed && self.net.nodes[from as usize].status != Status::Removed {
                self.act(from, |b, cx| b.links_changed(cx));
            }
        }
    }

    /// A node serves, after a crash or as a new machine.
    pub(super) fn boot(&mut self, node: NodeIx) {
        let booted = matches!(self.net.nodes[node as usize].status, Status::Booting(_));
        self.set_status(node, Status::Up);
        if booted {
            self.log(node, NONE, What::Booted, NONE);
        }
        self.act(node, |b, cx| b.on_boot(cx));
    }

    /// A fresh machine takes a node's place, unless it is no longer wanted.
    pub(super) fn replace_now(&mut self, node: NodeIx) {
        if self.net.nodes[node as usize].status == Status::Removed {
            return;
        }
        self.die(node);
        let info = &mut self.net.nodes[node as usize];
        (info.slow, info.error_share) = (1.0, 0.0);
        self.set_status(node, Status::Up);
        self.log(node, NONE, What::Replaced, NONE);
        self.act(node, |b, cx| b.on_boot(cx));
    }

    /// A node or a link joins.
    fn join(&mut self, due: &Due) {
        self.design.apply_edit(&due.target, &due.action);
        match &due.action {
            Action::AddNode(node) => {
                let Some(index) = self.add_node_info(node) else { return self.log(NONE, NONE, What::Ignored, NONE) };
                self.refresh_reach();
                self.net.nodes[index as usize].host = self.host_of(index);
                self.found(&[index]);
                self.log(index, NONE, What::Added, NONE);
            }
            Action::AddLink(link) => {
                let Some(index) = self.add_link_info(link) else { return self.log(NONE, NONE, What::Ignored, NONE) };
                self.refresh_reach();
                let info = &self.net.links[index as usize];
                let (from, to) = (info.from, info.to);
                if info.meaning == Meaning::Replication {
                    self.unite(from, to);
                }
                for node in [from, to] {
                    self.act(node, |b, cx| b.links_changed(cx));
                }
                self.log(NONE, index, What::Added, NONE);
            }
            _ => self.log(NONE, NONE, What::Ignored, NONE),
        }
    }

    /// A node leaves, and its links with it.
    fn remove(&mut self, node: NodeIx, due: &Due) {
        let id = self.net.nodes[node as usize].id.clone();
        let target = Target::Node(id);
        self.log(node, NONE, What::Removed, NONE);
        self.design.apply_edit(&target, &due.action);
        self.set_status(node, Status::Removed);
        self.die(node);
        self.act(node, |b, cx| b.leave(cx, node));
        for guest in self.guests(node) {
            if self.net.nodes[guest as usize].status != Status::Crashed {
                self.crash(guest);
            }
        }
        for link in 0..self.net.links.len() as LinkIx {
            let info = &self.net.links[link as usize];
            if !info.removed && (info.from == node || info.to == node) {
                self.drop_link(link);
            }
        }
        self.refresh_reach();
    }

    /// A link leaves.
    fn unlink(&mut self, link: LinkIx) {
        let info = &self.net.links[link as usize];
        let (from, to, meaning) = (info.from, info.to, info.meaning);
        self.drop_link(link);
        if meaning == Meaning::Replication {
            self.part(from, to);
        }
    }

    fn drop_link(&mut self, link: LinkIx) {
        let info = &mut self.net.links[link as usize];
        info.removed = true;
        info.calls.0 = 0;
        for node in [info.from, info.to] {
            if self.net.nodes[node as usize].status != Status::Removed {
                self.act(node, |b, cx| b.links_changed(cx));
            }
        }
    }

    /// What undoes an action, and on what, if anything does.
    fn undoing(&self, target: &Target, action: &Action) -> Option<(Target, Action)> {
        let undo = match action {
            Action::Crash | Action::Freeze | Action::Cut => Action::Recover,
            Action::Slow { .. } => Action::Slow { factor: 1.0 },
            Action::Error { .. } => Action::Error { share: 0.0, writes_only: false },
            Action::Load { .. } => Action::Load { factor: 1.0 },
            edit => return self.design.undoing(target, edit),
        };
        Some((target.clone(), undo))
    }
}
