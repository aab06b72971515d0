//! Database: a primary that takes the writes, replicas that copy them and take the reads, and what happens when one of
//! them is gone.

mod failover;
mod log;
mod member;
mod replication;

use super::effects::{Behaviour, Cx, Effect, Ship, Wake};
use super::link::Meaning;
use super::net::{Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Origin, Outcome, Status};
use super::param::{Param, choice, dist, group, num, whole};
use super::station::Admitted;
use super::view::{DataView, State, View};
use super::{ADDRESS, KindSpec, Lit, Preset, Values};
use crate::time::{Nanos, SECOND, from_ms, to_ms};
use log::Log;
use member::{Job, Member, Phase};
use std::collections::BTreeMap;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "database",
    label: "Database",
    group: "Data",
    help: "Keeps the data. Linked databases form a group: the primary (once called master) takes writes, replicas (slaves) take reads.",
    icon: "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
    params: PARAMS,
    addressed: true,
    grouped: true,
    presets: &[Preset { label: "Database", stem: "db", params: &[] }],
};

const FAILOVER: &[Param] = &[
    choice(
        "mode",
        "Mode",
        &["none", "manual", "automatic"],
        "Whether a lost primary is noticed, and whether a replica then takes over by itself.",
    )
    .main(),
    num("probe_interval_ms", "Probe interval", 1.0, 1e8, 1000.0, "From one probe of a member to the next."),
    num("probe_timeout_ms", "Probe time-out", 1.0, 1e8, 1000.0, "A probe without an answer by then has failed."),
    whole("probes", "Probes", 1, 1000, 3, "Failed probes in a row until a member counts as down.").main(),
    num(
        "promote_ms",
        "Promotion time",
        0.0,
        1e8,
        3000.0,
        "From the election until the new primary takes writes, at least.",
    )
    .main(),
    num("max_lag_ms", "Largest lag", 0.0, 1e8, 0.0, "A replica further behind is not promoted; none means any may be.")
        .none(),
    num(
        "replace_after_s",
        "Replace after",
        0.0,
        1e6,
        0.0,
        "A member down for this long is replaced by a fresh machine; none means never.",
    )
    .none()
    .main(),
    num(
        "recovery_script_s",
        "Recovery script",
        0.0,
        1e6,
        0.0,
        "How long after the old primary's return a script brings back its lost writes.",
    )
    .none()
    .not_yet(),
];

const PARAMS: &[Param] = &[
    whole("cores", "Cores", 1, 1024, 4, "How many queries compute at the same time.").main(),
    dist("read_ms", "Read time", 0.0, 1e8, Lit::Exponential(4.0), "Core time of a read.").main(),
    dist("write_ms", "Write time", 0.0, 1e8, Lit::Exponential(8.0), "Core time of a write on the primary.").main(),
    whole("connections", "Connections", 1, 10_000_000, 100, "Queries held at once."),
    whole("backlog", "Backlog", 0, 10_000_000, 1000, "Queries that may wait for a connection."),
    choice("role", "Role", &["auto", "primary", "replica"], "By the replication links, unless told otherwise."),
    group("failover", "Failover", FAILOVER, "Read from the primary: how members watch each other.").main(),
    num("boot_s", "Boot time", 0.0, 1e6, 0.0, "From recovery after a crash until it runs again."),
    num("data_gb", "Data", 0.0, 1e6, 1.0, "What a new replica must copy before it serves."),
    num("copy_mbps", "Copy speed", 1e-3, 1e6, 1000.0, "How fast it copies, in Mbit/s."),
    choice("family", "Family", &["relational", "key_value", "document", "wide_column", "graph"], "What it is good at.")
        .not_yet(),
    ADDRESS,
];

/// Alarms of a member; the index is a core, or nothing.
const CPU: u8 = 0;
/// The oldest write that waits to be sent to this member has waited enough; the alarm is the primary's, the index the
/// member's position.
const SEND: u8 = 1;
/// This member has applied a write.
const APPLY: u8 = 2;
/// This member looks after the others.
const WATCH: u8 = 3;
/// This member may take over, if it has applied what it received.
const PROMOTE: u8 = 4;
/// This member has copied the data.
const COPIED: u8 = 5;
/// This member has been down long enough to be replaced; the alarm is its watcher's, the index the member's position.
const REPLACE: u8 = 6;

/// How long a caller leaves out a replica that refused a read.
const MARKED: Nanos = 10 * SECOND;
/// How often a copy is tried again while there is no primary to copy from.
const RETRY_COPY: Nanos = SECOND;

/// Whether a lost primary is noticed, and by whom it is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    None,
    Manual,
    Automatic,
}

/// How the members watch each other; read from the member that began as the primary.
struct Failover {
    mode: Mode,
    interval: Nanos,
    timeout: Nanos,
    probes: u64,
    promote: Nanos,
    max_lag: Option<Nanos>,
    replace_after: Option<Nanos>,
}

/// What one caller knows of the group.
#[derive(Default)]
struct Route {
    turn: usize,
    /// Members that refused, and until when they are left out.
    marked: Vec<(NodeIx, Nanos)>,
}

/// A group of databases that hold the same data: one behaviour for all its members.
pub struct Database {
    seed: u64,
    failover: Failover,
    members: Vec<Member>,
    /// Position of the primary, or of the one that was.
    primary: usize,
    /// The primary counts as down and may not acknowledge.
    fenced: bool,
    /// Who takes over, while it does.
    heir: Option<usize>,
    /// Promotions so far; a stream of an earlier term is stale.
    term: u32,
    log: Log,
    routes: BTreeMap<LinkIx, Route>,
    started: bool,
}

impl Database {
    /// A group of these nodes, in order.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let members: Vec<Member> = nodes.iter().map(|&node| Member::new(seed, net, node)).collect();
        Database {
            seed,
            failover: Failover {
                mode: Mode::None,
                interval: SECOND,
                timeout: SECOND,
                probes: 3,
                promote: 0,
                max_lag: None,
                replace_after: None,
            },
            members,
            primary: 0,
            fenced: false,
            heir: None,
            term: 0,
            log: Log::default(),
            routes: BTreeMap::new(),
            started: false,
        }
    }

    fn at(&self, node: NodeIx) -> Option<usize> {
        self.members.iter().position(|m| m.node == node)
    }

    /// The member that a node is; behaviours are only asked about their own nodes.
    fn me(&self, cx: &Cx) -> usize {
        self.at(cx.node).expect("a node asks its own group")
    }

    /// The link between two members: that of the one which is not where the drawing begins; none if it was taken away.
    fn path(&self, a: usize, b: usize) -> Option<LinkIx> {
        [a, b].iter().map(|&i| self.members[i].link).find(|&link| link != NONE)
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

    fn begin(&mut self, cx: &mut Cx, i: usize, job: u32) {
        let member = &mut self.members[i];
        let write = cx.net.calls[member.jobs[job as usize].call as usize].ask.op == Op::Write;
        let work = if write { &member.write } else { &member.read };
        let work = from_ms(work.sample(&mut member.rng));
        member.station.submit(cx, job, work);
    }

    /// A query has had its time on a core.
    fn computed(&mut self, cx: &mut Cx, i: usize, core: u32) {
        let member = &mut self.members[i];
        let Some((job, waited)) = member.station.done(cx, core) else { return };
        let call = member.jobs.remove(job as usize).call;
        cx.waited(call, waited);
        let ask = cx.net.calls[call as usize].ask;
        let outcome = match ask.op {
            Op::Write if i != self.primary || self.fenced => Outcome::Reset,
            Op::Write => {
                self.commit(cx, ask.origin);
                Outcome::Ok
            }
            _ => Outcome::Ok,
        };
        cx.answer(call, outcome);
        self.members[i].pool.release();
        while let Some((job, since)) = self.members[i].pool.next() {
            cx.waited(self.members[i].jobs[job as usize].call, cx.now - since);
            self.begin(cx, i, job);
        }
    }
}

impl Behaviour for Database {
    fn start(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.started = true;
        let phase = self.members[i].phases.below(self.failover.interval.max(1));
        if self.failover.mode != Mode::None {
            cx.after(phase, WATCH, 0);
            self.members[i].watching = true;
        }
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        let i = self.me(cx);
        self.members[i].configure(cx, p);
        if p.text("role") == "primary" && !self.started {
            self.primary = i;
        }
        let first = self.members[i].link == NONE;
        if let Some(f) = p.group("failover").filter(|_| first) {
            self.failover = Failover {
                mode: match f.text("mode").as_str() {
                    "manual" => Mode::Manual,
                    "automatic" => Mode::Automatic,
                    _ => Mode::None,
                },
                interval: f.span("probe_interval_ms").max(1),
                timeout: f.span("probe_timeout_ms").max(1),
                probes: f.whole("probes"),
                promote: f.span("promote_ms"),
                max_lag: f.optional_span("max_lag_ms"),
                replace_after: f.optional_span("replace_after_s"),
            };
        }
        if self.started && self.failover.mode != Mode::None {
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
        if !self.started {
            self.primary = self.members.iter().position(|m| m.link == NONE).unwrap_or(0);
        }
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call as usize].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        let i = self.me(cx);
        let m = &mut self.members[i];
        let job = m.jobs.insert(Job { call }) as u32;
        match m.pool.admit(job, cx.now) {
            Admitted::Now => self.begin(cx, i, job),
            Admitted::Waits => {}
            Admitted::No => {
                m.jobs.remove(job as usize);
                cx.answer(call, Outcome::Refused);
            }
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, _: CallId, call: Call) {
        if let Some(j) = self.at(call.callee) {
            let i = self.me(cx);
            self.probed(cx, i, j, call.outcome == Outcome::Ok);
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        let i = self.me(cx);
        let other = wake.index as usize;
        match wake.what {
            CPU => self.computed(cx, i, wake.index),
            SEND if other < self.members.len() && i == self.primary => {
                self.members[other].sending = NONE;
                self.send(cx, other);
            }
            APPLY => self.applied(cx, i),
            WATCH => self.watch(cx, i),
            PROMOTE if self.heir == Some(i) => self.take_over(cx, i),
            COPIED => self.copied(cx, i),
            REPLACE => self.replace(cx, other),
            _ => {}
        }
    }

    fn on_ship(&mut self, cx: &mut Cx, ship: Ship) {
        let Some(i) = self.at(ship.to) else { return };
        let m = &mut self.members[i];
        // A stream of an earlier primary, or one with a hole before it, is worth nothing.
        if ship.term != self.term || ship.after > m.received || m.phase == Phase::Copying {
            return;
        }
        m.received = m.received.max(ship.upto);
        self.apply(cx, i);
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.members[i].crash(cx);
        if i == self.primary {
            for m in &mut self.members {
                m.sending = NONE;
            }
        }
        if self.heir == Some(i) {
            self.heir = None;
        }
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        let slow = cx.net.nodes[cx.node as usize].slow;
        self.members[i].station.set_slow(cx, slow);
        if self.failover.mode != Mode::None {
            self.members[i].watching = true;
            let phase = self.members[i].phases.below(self.failover.interval.max(1));
            cx.after(phase, WATCH, 0);
        }
        if i == self.primary {
            for j in 0..self.members.len() {
                self.resync(cx, j);
            }
            return;
        }
        if self.members[i].fresh {
            self.members[i].fresh = false;
            return self.copy(cx, i);
        }
        self.rejoin(cx, i);
        self.apply(cx, i);
        self.resync(cx, i);
    }

    fn on_freeze(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.members[i].station.set_slow(cx, 0.0);
    }

    fn on_thaw(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        self.on_speed(cx);
        self.rejoin(cx, i);
        self.resync(cx, i);
        if i == self.primary {
            for j in 0..self.members.len() {
                self.resync(cx, j);
            }
        }
    }

    fn on_speed(&mut self, cx: &mut Cx) {
        let i = self.me(cx);
        let slow = cx.net.nodes[cx.node as usize].slow;
        self.members[i].station.set_slow(cx, slow);
    }

    fn on_mended(&mut self, cx: &mut Cx, link: LinkIx) {
        for i in 0..self.members.len() {
            if self.members[i].link == link || self.members[i].link == NONE {
                self.resync(cx, i);
            }
        }
    }

    fn on_promote(&mut self, cx: &mut Cx) -> bool {
        let i = self.me(cx);
        if i == self.primary || self.heir.is_some() || self.members[i].phase != Phase::Serving {
            return false;
        }
        self.fence();
        self.appoint(cx, i, i);
        true
    }

    fn join(&mut self, cx: &mut Cx, node: NodeIx) {
        let member = Member::new(self.seed, cx.net, node);
        self.members.push(member);
    }

    fn leave(&mut self, _: &mut Cx, node: NodeIx) {
        if let Some(m) = self.at(node) {
            self.members[m].gone = true;
        }
    }

    fn route(&mut self, now: Nanos, net: &Net, link: LinkIx, op: Op) -> Option<NodeIx> {
        let primary = (!self.fenced).then_some(self.members[self.primary].node);
        if op == Op::Write {
            return primary;
        }
        let n = self.members.len();
        let route = self.routes.entry(link).or_default();
        route.marked.retain(|&(_, until)| until > now);
        for step in 0..n {
            let i = (route.turn + step) % n;
            let m = &self.members[i];
            let marked = route.marked.iter().any(|&(node, _)| node == m.node);
            if i != self.primary && m.believed_up && !marked && m.phase == Phase::Serving && m.present(net) {
                route.turn = i + 1;
                return Some(m.node);
            }
        }
        primary
    }

    fn on_refused(&mut self, now: Nanos, link: LinkIx, member: NodeIx) {
        if self.at(member).is_some_and(|i| i != self.primary) {
            self.routes.entry(link).or_default().marked.push((member, now + MARKED));
        }
    }

    fn on_acked(&mut self, cx: &mut Cx, origin: Origin) {
        if self.log.acked(origin) {
            cx.fx.list.push(Effect::Lost(1));
        }
    }

    fn view(&self, now: Nanos, net: &Net, node: NodeIx) -> View {
        let Some(i) = self.at(node) else { return View::default() };
        let m = &self.members[i];
        let behind = if i == self.primary { 0 } else { self.log.last().saturating_sub(m.applied) };
        let oldest = self.log.committed(m.applied + 1).filter(|_| behind > 0);
        let watcher = if i == self.primary { None } else { Some(self.primary) };
        let misses = match watcher {
            Some(w) => self.members[w].misses.get(&node).copied().unwrap_or(0),
            None => self.members.iter().filter_map(|w| w.misses.get(&node)).copied().max().unwrap_or(0),
        };
        let state = if self.heir == Some(i) {
            Some(State::Promoting { until: m.until })
        } else if m.phase == Phase::Copying {
            Some(State::Copying { until: m.until })
        } else {
            None
        };
        View {
            waiting: (m.pool.waiting() + m.station.waiting()) as u64,
            cores: m.station.cores() as f64,
            state,
            data: Some(DataView {
                primary: i == self.primary && !self.fenced,
                primary_id: (!self.fenced).then(|| net.nodes[self.members[self.primary].node as usize].id.clone()),
                lsn: m.applied,
                behind,
                lag_ms: oldest.map_or(0.0, |t| to_ms(now - t)),
                misses,
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
