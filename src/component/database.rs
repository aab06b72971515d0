//! Database: a primary that takes the writes, replicas that copy them and take the reads, and what happens when one of
//! them is gone. Several that copy each other all take writes.

mod acknowledge;
mod conflicts;
pub mod costs;
mod failover;
mod group;
mod line;
mod log;
mod member;
mod params;
mod queries;
mod replication;
mod routing;
mod script;
mod shape;
mod shown;

pub use shape::{Role, Shape};

use super::effects::{Behaviour, Cx, Doing, Effect, Ship, Wake};
use super::link::Meaning;
use super::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Origin, Outcome, Status};
use super::view::View;
use super::{KindSpec, Preset, Values};
use crate::order::Map;
use crate::time::{Nanos, SECOND};
use failover::{Failover, Mode};
use line::{Line, NOBODY, Place};
use member::{Member, Phase};
use routing::Route;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "database",
    label: "Database",
    group: "Data",
    help: "Keeps the data. Linked databases form a group: the primary (once called master) takes writes, replicas (slaves) take reads.",
    icon: "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
    params: params::PARAMS,
    addressed: true,
    grouped: true,
    presets: &[Preset { label: "Database", stem: "db", params: &[] }],
};

/// Alarms of a member; the index is a core, or nothing.
const CPU: u8 = 0;
/// The oldest write that waits to be sent to a member has waited enough; the alarm is its source's, the index the line
/// and the member.
const SEND: u8 = 1;
/// This member has applied a write; the index is the line.
const APPLY: u8 = 2;
/// This member looks after the others.
const WATCH: u8 = 3;
/// This member may take over, if it has applied what it received.
const PROMOTE: u8 = 4;
/// This member has copied the data.
const COPIED: u8 = 5;
/// A member has been down long enough to be replaced; the alarm is its watcher's, the index the member's position.
const REPLACE: u8 = 6;
/// A write of this primary may have waited too long for a replica; the index is the line.
const ACKNOWLEDGE: u8 = 7;
/// A script brings back what was lost with this member.
const RESTORE: u8 = 8;
/// A query has what it needs from the disk; the index is the query.
const DISK: u8 = 9;

/// How long a caller leaves out a replica that refused a read.
const MARKED: Nanos = 10 * SECOND;
/// How often a copy, or a recovery script, is tried again while there is no primary.
const RETRY_COPY: Nanos = SECOND;

/// A group of databases that hold the same data: one behaviour for all its members.
#[derive(Clone)]
pub struct Database {
    seed: u64,
    failover: Failover,
    /// Clients shall see their own writes.
    own_writes: bool,
    members: Vec<Member>,
    /// What each primary committed: one line, unless several take writes. Empty until the start.
    lines: Vec<Line>,
    /// The member that began as the primary, or as the first of several.
    lead: usize,
    /// The only primary counts as down and may not acknowledge.
    fenced: bool,
    /// Who takes over, while it does.
    heir: Option<usize>,
    /// Promotions so far; a stream of an earlier term is stale.
    term: u32,
    /// Who has not written to the new primary yet.
    awaited: Vec<NodeIx>,
    routes: Map<LinkIx, Route>,
    /// Writes that lost against a newer one made elsewhere.
    conflicts: u64,
}

impl Database {
    /// A group of these nodes, in order.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        Database {
            seed,
            failover: Failover::default(),
            own_writes: false,
            members: nodes.iter().map(|&node| Member::new(seed, net, node)).collect(),
            lines: Vec::new(),
            lead: 0,
            fenced: false,
            heir: None,
            term: 0,
            awaited: Vec::new(),
            routes: Map::new(),
            conflicts: 0,
        }
    }

    fn at(&self, node: NodeIx) -> Option<usize> {
        self.members.iter().position(|m| m.node == node)
    }

    /// The member that a node is; behaviours are only asked about their own nodes.
    fn me(&self, cx: &Cx) -> usize {
        self.at(cx.node).expect("a node asks its own group")
    }

    /// Several members take writes.
    fn is_multi(&self) -> bool {
        self.lines.len() > 1
    }

    /// The line that this member commits to, if it takes writes.
    fn line_of(&self, i: usize) -> Option<usize> {
        self.lines.iter().position(|line| line.primary == i)
    }

    fn is_primary(&self, i: usize) -> bool {
        self.line_of(i).is_some()
    }

    fn is_up(&self, net: &Net, i: usize) -> bool {
        net.nodes[self.members[i].node as usize].status == Status::Up
    }

    /// Acts as another member of the group.
    fn with<T>(&mut self, cx: &mut Cx, i: usize, f: impl FnOnce(&mut Self, &mut Cx) -> T) -> T {
        let node = std::mem::replace(&mut cx.node, self.members[i].node);
        let result = f(self, cx);
        cx.node = node;
        result
    }
}

impl Behaviour for Database {
    fn start(&mut self, cx: &mut Cx) {
        if self.lines.is_empty() {
            self.begin_lines(cx.net);
        }
        let i = self.me(cx);
        self.begin_to_watch(cx, i);
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        let i = self.me(cx);
        self.members[i].configure(cx, p);
        if self.lines.is_empty() {
            return;
        }
        self.follow_lead();
        if self.failover.mode != Mode::None {
            for j in 0..self.members.len() {
                if !self.members[j].watching {
                    self.members[j].watching = true;
                    self.with(cx, j, |_, cx| cx.after(0, WATCH, 0));
                }
            }
        }
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        for i in 0..self.members.len() {
            let node = self.members[i].node;
            let own = cx.net.links.iter().position(|l| l.to == node && l.meaning == Meaning::Replication && !l.removed);
            self.members[i].link = own.map_or(NONE, |l| l as LinkIx);
        }
        self.add_lines(cx.net);
        for l in 0..self.lines.len() {
            self.attach(cx.net, l);
            self.update_waits(cx.net, l);
        }
        self.settle_all(cx);
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        let i = self.me(cx);
        self.admit(cx, i, call);
    }

    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { callee, ask: Ask { op, .. }, .. } = cx.net.calls[call];
        if op == Op::Write {
            let i = self.me(cx);
            return self.restored(cx, i, outcome);
        }
        if let Some(j) = self.at(callee) {
            let i = self.me(cx);
            self.probed(cx, i, j, outcome == Outcome::Ok);
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        let i = self.me(cx);
        let index = wake.index as usize;
        match wake.what {
            CPU => self.computed(cx, i, wake.index),
            DISK => {
                cx.doing(self.members[i].jobs[wake.index].call, Doing::Work);
                self.compute(cx, i, wake.index);
            }
            SEND => self.send_due(cx, i, wake.index),
            APPLY if index < self.lines.len() => self.applied(cx, index, i),
            WATCH => self.watch(cx, i),
            PROMOTE if self.heir == Some(i) => self.take_over(cx, i),
            COPIED => self.copied(cx, i),
            REPLACE => self.replace(cx, index),
            ACKNOWLEDGE if self.line_of(i) == Some(index) => self.run_out(cx, index),
            RESTORE => self.restore(cx, i),
            _ => {}
        }
    }

    fn on_ship(&mut self, cx: &mut Cx, ship: Ship) {
        let l = ship.line as usize;
        let (Some(from), Some(to)) = (self.at(ship.from), self.at(ship.to)) else { return };
        // What was under way before a promotion is worth nothing.
        if ship.term != self.term || l >= self.lines.len() {
            return;
        }
        if ship.report {
            return self.reported(cx, l, from, ship.upto);
        }
        self.receive(cx, l, to, ship);
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.members[i].crash(cx);
        for line in &mut self.lines {
            if line.primary == i {
                line.alarm = NONE;
            }
            for place in line.at.iter_mut().filter(|place| place.source == i) {
                place.sending = NONE;
            }
        }
        if self.heir == Some(i) {
            self.heir = None;
        }
        self.say_who_is_cut_off(cx, i);
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.on_speed(cx);
        if self.failover.mode != Mode::None {
            self.begin_to_watch(cx, i);
        }
        if std::mem::take(&mut self.members[i].fresh) {
            return self.copy(cx, i);
        }
        self.rejoin(cx, i);
        self.apply(cx, i);
        self.reconnect(cx, i);
    }

    fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        let i = self.me(cx);
        self.members[i].station.set_slow(cx, slow);
    }

    fn on_freeze(&mut self, cx: &mut Cx) {
        self.set_slow(cx, 0.0);
        let i = self.me(cx);
        self.say_who_is_cut_off(cx, i);
    }

    fn on_thaw(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.on_speed(cx);
        self.rejoin(cx, i);
        if self.fenced || !self.is_primary(i) {
            self.give_up(cx, i);
        }
        self.reconnect(cx, i);
        self.settle_all(cx);
    }

    fn on_mended(&mut self, cx: &mut Cx, link: LinkIx) {
        for l in 0..self.lines.len() {
            for i in 0..self.members.len() {
                let source = self.lines[l].at[i].source;
                if source != NOBODY && self.path(cx.net, i, source) == Some(link) {
                    self.resync(cx, l, i);
                }
            }
        }
    }

    fn on_promote(&mut self, cx: &mut Cx) -> bool {
        let i = self.me(cx);
        if self.is_multi() || self.is_primary(i) || self.heir.is_some() || self.members[i].phase != Phase::Serving {
            return false;
        }
        self.fence(cx);
        self.appoint(cx, i, i);
        true
    }

    fn join(&mut self, cx: &mut Cx, node: NodeIx) {
        let member = Member::new(self.seed, cx.net, node);
        self.members.push(member);
        for line in &mut self.lines {
            line.at.push(Place::new());
            line.leave_out(line.at.len() - 1);
        }
    }

    fn leave(&mut self, cx: &mut Cx, node: NodeIx) {
        let Some(gone) = self.at(node) else { return };
        self.members[gone].gone = true;
        for line in self.lines.iter_mut().filter(|line| line.primary != gone) {
            // Who got the writes from it gets them from where it did.
            let source = line.at[gone].source;
            line.at.iter_mut().filter(|place| place.source == gone).for_each(|place| place.source = source);
            line.chained = line.is_chained();
        }
        self.left_out(cx, gone);
    }

    fn route(&mut self, now: Nanos, net: &Net, link: LinkIx, ask: &Ask) -> Option<NodeIx> {
        self.choose(now, net, link, ask)
    }

    fn on_refused(&mut self, now: Nanos, link: LinkIx, member: NodeIx) {
        self.mark(now, link, member);
    }

    fn on_acked(&mut self, cx: &mut Cx, origin: Origin) {
        let mut lost = false;
        for line in &mut self.lines {
            lost |= line.log.acked(origin);
        }
        if lost {
            let torn = self.members.iter_mut().flat_map(|m| &mut m.torn);
            torn.filter(|w| w.origin == origin).for_each(|w| w.acked = true);
            cx.fx.list.push(Effect::Lost(origin));
        }
    }

    fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.log.bytes() + line.recent.bytes()).sum()
    }

    fn view(&self, now: Nanos, net: &Net, node: NodeIx) -> View {
        self.at(node).map(|i| self.shown(now, net, i)).unwrap_or_default()
    }
}
