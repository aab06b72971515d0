//! Server: takes a worker, then a core, then makes its calls, then answers. Holds the worker all along.

mod autoscale;
mod calls;
mod guards;
mod instance;
mod params;

use super::effects::{Behaviour, Cx, Effect, Wake};
use super::guard::{BreakerRules, Rate};
use super::link::Meaning;
use super::machine::CORE_BITS;
use super::net::{Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Outcome};
use super::station::Admitted;
use super::view::View;
use super::{Kind, KindSpec, Lit, Preset, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_ms};
use autoscale::{Autoscale, PERIOD};
use calls::Job;
use guards::Trial;
use instance::{Instance, State};
use params::PARAMS;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "server",
    label: "Web server",
    group: "Compute",
    help: "Runs the application. It has so many workers and cores; more requests than that wait, and then are refused.",
    icon: "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01M11 7.5h6M11 16.5h6",
    params: PARAMS,
    addressed: true,
    grouped: false,
    presets: &[
        Preset { label: "Web server", stem: "web", params: &[] },
        Preset {
            label: "Worker",
            stem: "worker",
            params: &[("service_ms", Lit::Exponential(50.0)), ("workers", Lit::Number(16.0))],
        },
        Preset {
            label: "Largest machine",
            stem: "giant",
            params: &[("cores", Lit::Number(960.0)), ("memory_gb", Lit::Number(32_768.0))],
        },
    ],
};

/// A job of an instance is done: the index is the instance and the core.
const CPU: u8 = 0;
/// An instance has booted.
const BOOTED: u8 = 1;
/// The autoscaler looks at the load.
const LOOK: u8 = 2;

/// Bytes in a gigabyte and in a megabyte, as memory is sold.
const GB: f64 = (1u64 << 30) as f64;
const MB: f64 = (1u64 << 20) as f64;

/// What each instance has.
#[derive(Clone, Default)]
struct Size {
    cores: u64,
    memory: u64,
    workers: u64,
    backlog: u64,
    sharing: bool,
}

/// The behaviour.
#[derive(Clone)]
pub struct Server {
    instances: Slots<Instance>,
    /// Those that callers know, by number: places in `instances`.
    numbered: Vec<u32>,
    /// Those that boot for the first time.
    starting: Vec<u32>,
    /// Processes so far.
    births: u32,
    /// Where taking turns goes on.
    turn: usize,
    scaler: Option<Autoscale>,
    jobs: Slots<Job>,
    /// Links to what it calls, in order, and whether a cache is among them.
    links: Vec<LinkIx>,
    caches: bool,
    size: Size,
    service: Dist,
    /// Bytes that a request holds.
    request: u64,
    /// Whether it keeps sessions in its own memory.
    sessions: bool,
    drop_overflow: bool,
    patience: (Nanos, Nanos),
    /// For each instance's calls, and for what it takes.
    breaker: Option<BreakerRules>,
    limit: Option<Rate>,
    /// Calls that decide whether breakers close.
    trials: Vec<Trial>,
    boot: Nanos,
    started: bool,
    rng: Rng,
}

impl Server {
    /// A server that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Server {
            instances: Slots::default(),
            numbered: Vec::new(),
            starting: Vec::new(),
            births: 0,
            turn: 0,
            scaler: None,
            jobs: Slots::default(),
            links: Vec::new(),
            caches: false,
            size: Size::default(),
            service: Dist::Constant(0.0),
            request: 0,
            sessions: false,
            drop_overflow: false,
            patience: (0, 0),
            breaker: None,
            limit: None,
            trials: Vec::new(),
            boot: 0,
            started: false,
            rng: Rng::named(seed, id, "service"),
        }
    }

    /// The job of a call has a worker of an instance: a check is answered at once, a request wants a core.
    #[inline]
    fn begin(&mut self, cx: &mut Cx, id: u32, call: CallId, slot: u32) {
        let ask = &cx.net.calls[call].ask;
        if ask.op == Op::Probe {
            return self.finish(cx, id, Outcome::Ok);
        }
        let service = cx.net.endpoint(ask).and_then(|e| e.service.as_ref()).unwrap_or(&self.service);
        let work = from_ms(service.sample(&mut self.rng));
        if self.sessions {
            let seat = self.seat(cx, slot);
            if cx.net.logins.visit(&cx.net.calls[call].ask, seat) {
                cx.fx.list.push(Effect::LoggedOut(cx.node));
            }
        }
        let station = &mut self.instances[slot].station;
        if self.request > 0 {
            self.jobs[id].bytes = self.request;
            station.grow(cx, self.request as i64);
        }
        station.submit(cx, id, work);
    }

    /// Answers, and gives the worker to the next.
    #[inline]
    fn finish(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        if let Some(slot) = self.end(cx, id, outcome) {
            self.take_next(cx, slot);
            self.retire(cx, slot);
        }
    }

    /// Answers, and gives the worker back. Returns the instance, if somebody waits there or it is about to go.
    #[inline]
    fn end(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) -> Option<u32> {
        let job = self.jobs.remove(id);
        job.close(cx);
        let (slot, call, bytes) = (job.slot, job.call, job.bytes);
        self.release(cx.now, id);
        cx.answer(call, outcome);
        let instance = &mut self.instances[slot];
        instance.pool.release();
        if bytes > 0 {
            instance.station.grow(cx, -(bytes as i64));
        }
        (instance.pool.waiting() > 0 || instance.state != State::Serving).then_some(slot)
    }

    /// Gives free workers of an instance to those who wait.
    fn take_next(&mut self, cx: &mut Cx, slot: u32) {
        while let Some((job, since)) = self.instances.get_mut(slot).and_then(|i| i.pool.next()) {
            let call = self.jobs[job].call;
            cx.waited(call, cx.now - since);
            if cx.net.calls[call].ask.op == Op::Probe {
                // Here, and not by `begin`, which would come back here for each check that waits.
                self.end(cx, job, Outcome::Ok);
            } else {
                self.begin(cx, job, call, slot);
            }
        }
    }

    /// Cores of all instances that callers know; those of a shared machine once.
    fn cores(&self, net: &Net, node: NodeIx) -> usize {
        let several = if net.home(node) == node { self.numbered.len() } else { 1 };
        self.numbered.first().map_or(0, |&slot| self.instances[slot].station.cores(net)) * several
    }

    fn look_again(&mut self, cx: &mut Cx) {
        if self.scaler.is_some() {
            cx.after(PERIOD, LOOK, 0);
        }
    }
}

impl Behaviour for Server {
    fn start(&mut self, cx: &mut Cx) {
        self.started = true;
        self.look_again(cx);
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        let size = Size {
            cores: p.whole("cores"),
            memory: (p.number("memory_gb") * GB) as u64,
            workers: p.whole("workers"),
            backlog: p.whole("backlog"),
            sharing: p.text("discipline") == "ps",
        };
        let before = std::mem::replace(&mut self.size, size);
        let resized = (before.cores, before.memory) != (self.size.cores, self.size.memory);
        if resized && self.started && cx.net.home(cx.node) == cx.node {
            cx.fx.list.push(Effect::Restart(cx.node, NONE));
        }
        self.service = p.dist("service_ms");
        self.request = (p.number("request_mb") * MB) as u64;
        self.sessions = p.text("sessions") == "memory";
        self.drop_overflow = p.text("overflow") == "drop";
        self.patience = (p.span("connect_timeout_ms"), p.span("read_timeout_ms"));
        self.breaker = p.group("breaker").map(|b| BreakerRules::new(&b));
        self.limit = Rate::new(p);
        self.boot = p.span("boot_s");
        let slots: Vec<u32> = self.instances.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.fit(cx, slot);
            self.take_next(cx, slot);
        }
        let scaled = self.scaler.take();
        let first = scaled.is_none();
        self.scaler = p.group("autoscale").map(|a| Autoscale::new(&a, scaled));
        let current = (self.numbered.len() + self.starting.len()) as u32;
        let asked = p.whole("instances") as u32;
        let wanted = self.scaler.as_ref().map_or(asked, |s| s.clamp(if self.started { current } else { asked }));
        self.adjust(cx, wanted);
        if self.started && first {
            self.look_again(cx);
        }
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        // Links are only ever added behind the others; one that was removed stays in the list and is not called, so
        // the positions that jobs hold stay true.
        for &link in &cx.net.nodes[cx.node as usize].out {
            let info = &cx.net.links[link as usize];
            if info.meaning == Meaning::Call && !self.links.contains(&link) {
                self.links.push(link);
                self.caches |= cx.net.nodes[info.to as usize].kind == Kind::Cache;
            }
        }
    }

    #[inline]
    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        let Call { ask, instance: picked, .. } = &mut cx.net.calls[call];
        let Some(slot) = self.choose(*picked) else {
            return cx.answer(call, Outcome::Refused);
        };
        if *picked == NONE {
            *picked = self.turn as u32 - 1;
        }
        let instance = &mut self.instances[slot];
        if ask.op != Op::Probe && !instance.guards.admits(cx.now) {
            return cx.answer(call, Outcome::RateLimited);
        }
        let (job, new) = self.jobs.take();
        new.renew(call, slot);
        match instance.pool.admit(job, cx.now) {
            Admitted::Now => self.begin(cx, job, call, slot),
            Admitted::Waits => {}
            Admitted::No => {
                self.jobs.remove(job);
                if self.drop_overflow { cx.forget(call) } else { cx.answer(call, Outcome::Refused) }
            }
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        self.answered(cx, call, outcome);
    }

    #[inline]
    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            CPU => {
                let Some(instance) = self.instances.get_mut(wake.index >> CORE_BITS) else { return };
                let core = wake.index & ((1 << CORE_BITS) - 1);
                let Some((job, waited)) = instance.station.done(cx, core) else { return };
                cx.waited(self.jobs[job].call, waited);
                self.computed(cx, job);
            }
            BOOTED => self.booted(cx, wake.index),
            _ => {
                self.look(cx);
                self.look_again(cx);
            }
        }
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        self.jobs.clear();
        self.trials.clear();
        let slots: Vec<u32> = self.instances.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            self.lose_sessions(cx, slot);
            let instance = &mut self.instances[slot];
            instance.pool.clear();
            instance.station.clear(cx);
            if let State::Starting(_) = instance.state {
                // The alarm that would tell of it went with the process.
                instance.state = State::Serving;
            }
            self.retire(cx, slot);
        }
        // Those that were booting boot with the others.
        self.numbered.append(&mut self.starting);
        self.announce(cx);
    }

    fn on_killed(&mut self, cx: &mut Cx, number: u32) {
        self.kill(cx, number);
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        for i in 0..self.numbered.len() {
            self.arise(cx, self.numbered[i]);
        }
        self.look_again(cx);
    }

    fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        for (_, instance) in self.instances.iter_mut() {
            instance.station.set_slow(cx, slow);
        }
    }

    fn view(&self, _now: Nanos, net: &Net, node: NodeIx) -> View {
        let waiting = self.instances.iter().map(|(_, i)| i.pool.waiting() + i.station.waiting(net)).sum::<usize>();
        View { waiting: waiting as u64, cores: self.cores(net, node) as f64, ..View::default() }
    }
}
