//! Content delivery network: keeps static files near the users and fetches from the origin what it lacks.
//!
//! The network is one node: its many places, each with a cache of its own, are not told apart, so the first user of a
//! continent does not miss what another continent has warmed. Static requests are kept by their key; all others pass
//! through. Misses of one file at the same time all go to the origin unless `coalesce` is set (nginx's
//! `proxy_cache_lock`, which is off by default too); then one fetches, and the others get what it got, be it an error.

use super::effects::{Behaviour, Count, Cx, Doing, Effect, NewCall, Wake};
use super::index::Index;
use super::link::Meaning;
use super::net::{CallId, NONE, Net, NodeIx, Op, Outcome};
use super::param::{Param, choice, dist, flag, num, whole};
use super::store::{Found, POLICIES, Policy, Store};
use super::view::{StockView, View};
use super::{ADDRESS, KindSpec, Lit, Preset, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_ms};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "cdn",
    label: "CDN",
    group: "Network",
    help: "A content delivery network: keeps static files near the users and fetches from the origin what it lacks.",
    icon: "M7 18.500a4.5 4.5 0 0 1-.6-9A6 6 0 0 1 18 8.700a5 5 0 0 1-.5 9.800zM12 21v-8M9 15.500l3-3 3 3",
    params: PARAMS,
    addressed: true,
    grouped: false,
    presets: &[Preset { label: "CDN", stem: "cdn", params: &[] }],
};

const PARAMS: &[Param] = &[
    whole("capacity_items", "Capacity", 1, 10_000_000, 10_000, "How many files it holds.").main(),
    num("ttl_s", "Time to live", 0.0, 1e7, 300.0, "How long a file is good after it was fetched.").main(),
    num(
        "stale_if_error_s",
        "Stale if error",
        0.0,
        1e7,
        0.0,
        "For how long after its time to live a file is still given out when the origin fails (RFC 5861); none means never.",
    )
    .none()
    .main(),
    flag(
        "coalesce",
        "One fetch per file",
        false,
        "Whether requests for a file that is being fetched wait for that fetch instead of going to the origin too.",
    )
    .main(),
    choice("policy", "Policy", POLICIES, "Which file goes when it is full: the one used longest ago, the one used least often, the first that came, or any."),
    dist("overhead_ms", "Overhead", 0.0, 1e6, Lit::Number(0.1), "Time that it adds to each request."),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long it waits for a connection to the origin."),
    num("read_timeout_ms", "Read time-out", 1.0, 1e8, 30_000.0, "How long it waits for the origin's answer; then it answers 504."),
    ADDRESS,
];

/// A request passing through.
#[derive(Clone)]
struct Job {
    call: CallId,
    /// Of a static file: its key.
    file: Option<u64>,
    /// The next job that waits for the same fetch.
    next: u32,
}

/// The behaviour.
#[derive(Clone)]
pub struct Cdn {
    store: Store,
    ttl: Nanos,
    stale: Option<Nanos>,
    coalesce: bool,
    overhead: Dist,
    patience: (Nanos, Nanos),
    jobs: Slots<Job>,
    /// Files that are being fetched while others wait for them, and the first job to wait.
    fetches: Index,
    /// Whose turn it is among several origins.
    turn: usize,
    rng: Rng,
}

impl Cdn {
    /// A network that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Cdn {
            store: Store::new(Rng::named(seed, id, "evict")),
            ttl: 0,
            stale: None,
            coalesce: false,
            overhead: Dist::Constant(0.0),
            patience: (0, 0),
            jobs: Slots::default(),
            fetches: Index::default(),
            turn: 0,
            rng: Rng::named(seed, id, "overhead"),
        }
    }

    /// Answers from what is kept, or asks the origin.
    fn serve(&mut self, cx: &mut Cx, id: u32) {
        let Some(file) = self.jobs[id].file else { return self.fetch(cx, id) };
        let hit = self.store.look(file, cx.now) == Found::Fresh;
        cx.fx.list.push(Effect::Lookup(cx.node, 0, cx.node, hit));
        if hit {
            let job = self.jobs.remove(id);
            return cx.answer(job.call, Outcome::Ok);
        }
        if self.coalesce {
            if let Some(first) = self.fetches.get(file) {
                // Behind the one that fetches and before those that wait already: all are answered at once.
                cx.doing(self.jobs[id].call, Doing::Share);
                self.jobs[id].next = first as u32;
                return self.fetches.set(file, u64::from(id));
            }
            self.fetches.set(file, u64::from(NONE));
        }
        self.fetch(cx, id);
    }

    /// Passes a request on to the origin; of several each in turn.
    fn fetch(&mut self, cx: &mut Cx, id: u32) {
        let origins = cx.links(Meaning::Origin).count();
        self.turn = self.turn.wrapping_add(1);
        let Some(link) = cx.links(Meaning::Origin).nth(self.turn % origins.max(1)) else {
            return self.fetched(cx, id, Outcome::NoBackend);
        };
        let held = self.jobs[id].call;
        let ask = cx.net.calls[held].ask;
        let callee = cx.net.links[link as usize].to;
        let patience = self.patience;
        cx.call_for(held, NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience });
    }

    /// The origin has answered, or will not: answers everybody who waits for that.
    fn fetched(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let file = self.jobs[id].file;
        if let (Some(file), Outcome::Ok) = (file, outcome) {
            self.store.put(file, cx.now.saturating_add(self.ttl));
        }
        let spared = outcome != Outcome::Ok && file.is_some_and(|file| self.is_spared(file, cx.now));
        let outcome = if spared { Outcome::Ok } else { outcome };
        let waiting = file.and_then(|file| self.fetches.take(file));
        self.finish(cx, id, outcome, spared);
        let mut next = waiting.map_or(NONE, |first| first as u32);
        while next != NONE {
            let id = next;
            next = self.jobs[id].next;
            self.finish(cx, id, outcome, spared);
        }
    }

    fn finish(&mut self, cx: &mut Cx, id: u32, outcome: Outcome, stale: bool) {
        let job = self.jobs.remove(id);
        if stale {
            cx.fx.list.push(Effect::Count(cx.node, Count::Stale));
        }
        cx.answer(job.call, outcome);
    }

    /// Whether a file may be given out though its time is over.
    fn is_spared(&mut self, file: u64, now: Nanos) -> bool {
        let Some(stale) = self.stale else { return false };
        match self.store.look(file, now) {
            Found::Fresh => true,
            Found::Stale(until) => now - until <= stale,
            Found::Missing => false,
        }
    }
}

impl Behaviour for Cdn {
    fn configure(&mut self, _: &mut Cx, p: &Values) {
        self.store.resize(Policy::from_word(&p.text("policy")), p.whole("capacity_items"));
        self.ttl = p.span("ttl_s");
        self.stale = p.optional_span("stale_if_error_s");
        self.coalesce = p.flag("coalesce");
        self.overhead = p.dist("overhead_ms");
        self.patience = (p.span("connect_timeout_ms"), p.span("read_timeout_ms"));
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        let ask = cx.net.calls[call].ask;
        if ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        let file = (ask.op == Op::Static).then(|| cx.net.key(&ask));
        let job = self.jobs.insert(Job { call, file, next: NONE });
        match from_ms(self.overhead.sample(&mut self.rng) * cx.net.nodes[cx.node as usize].slow) {
            0 => self.serve(cx, job),
            overhead => {
                cx.later(overhead, 0, job);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        self.serve(cx, wake.index);
    }

    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let id = cx.net.calls[call].token;
        match outcome {
            Outcome::Timeout | Outcome::ConnectTimeout => self.fetched(cx, id, Outcome::GatewayTimeout),
            outcome => self.fetched(cx, id, outcome),
        }
    }

    fn on_flush(&mut self, _: &mut Cx) -> bool {
        self.store.clear();
        true
    }

    fn on_crash(&mut self, _: &mut Cx) {
        self.store.clear();
        self.jobs.clear();
        self.fetches = Index::default();
    }

    fn bytes(&self) -> usize {
        self.store.bytes()
    }

    fn view(&self, _: Nanos, _: &Net, _: NodeIx) -> View {
        let (items, capacity) = (self.store.len() as u64, self.store.capacity() as u64);
        View { stock: Some(StockView { items, capacity, ..StockView::default() }), ..View::default() }
    }
}
