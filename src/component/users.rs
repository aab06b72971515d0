//! Users: browsers or mobile apps that want answers. They resolve names, open connections, wait, give up, try again.

mod clients;
mod connecting;
mod load;
mod names;
mod params;
mod source;

use super::effects::{Behaviour, Cx, Effect, NewCall, TimerId, Wake};
use super::net::{Ask, Call, CallId, INSTANT, LinkIx, NONE, Net, NodeIx, Op, Origin, Outcome, Status};
use super::traffic::{Endpoint, Query, Traffic};
use super::view::View;
use super::{KindSpec, Lit, Preset, Values};
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_ms};
use clients::{Client, Connections, STRANGER};
use load::Load;
use names::{LookUp, Resolver};
use params::PARAMS;
use source::Source;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "users",
    label: "Users",
    group: "Clients",
    help: "People with browsers or mobile apps. They look up a name, connect, ask and wait for the answer.",
    icon: "M8 11a3.2 3.2 0 1 0 0-.1M2.5 20c.4-3.6 2.6-5.4 5.5-5.4s5.1 1.8 5.5 5.4M16.5 11.5a2.7 2.7 0 1 0-1.5-5M17 14.7c2.6.1 4.2 1.9 4.5 5.3",
    params: PARAMS,
    addressed: false,
    grouped: false,
    presets: &[
        Preset { label: "Web browsers", stem: "users", params: &[] },
        Preset { label: "Mobile apps", stem: "mobile", params: &[("client", Lit::Text("mobile"))] },
    ],
};

/// The next request of the open loop.
const ARRIVAL: u8 = 0;
/// A user has thought enough.
const THOUGHT: u8 = 1;
/// A client gives up an attempt.
const GIVE_UP: u8 = 2;
/// A pause before another attempt is over, or a failure that costs no time takes effect.
const NEXT: u8 = 3;
/// Users that were idle become active again.
const ROUSE: u8 = 4;

/// A question for a name has had no answer for too long.
const UNANSWERED: u8 = 5;

/// A request that a user waits for.
#[derive(Clone)]
struct Request {
    ask: Ask,
    attempt: u32,
    name: LookUp,
    /// Gives up the attempt, or starts the next.
    timer: TimerId,
    call: CallId,
    /// What an immediate failure will report.
    failing: Option<Outcome>,
}

/// The behaviour.
#[derive(Clone)]
pub struct Users {
    seed: u64,
    source: Source,
    load: Load,
    /// Shares of static content, and of writes among the rest.
    shares: (f64, f64),
    timeout: Nanos,
    retries: u32,
    budget: Option<Budget>,
    backoff: f64,
    keep_alive: Option<Nanos>,
    round_trips: u8,
    caches: (bool, bool),
    clients: Vec<Client>,
    connections: Connections,
    requests: Slots<Request>,
    resolver: Resolver,
    ordinal: u64,
    turn: usize,
    /// Which alarm brings the next request of the open loop.
    arrival: u32,
    /// Users beyond the active ones.
    idle: BinaryHeap<Reverse<u32>>,
    rouse: TimerId,
    started: bool,
    rng: Streams,
}

/// Retries that may still be made: every request adds its share, every retry takes one.
#[derive(Clone)]
struct Budget {
    share: f64,
    saved: f64,
}

/// What can be saved up of a budget of retries, as in gRPC's retry throttling (its largest `maxTokens` is 1000, its
/// examples use 100).
const MOST_SAVED: f64 = 100.0;

/// A stream for each purpose, so that a change of one leaves the others' numbers alone.
#[derive(Clone)]
struct Streams {
    arrivals: Rng,
    clients: Rng,
    writes: Rng,
    endpoints: Rng,
    backoff: Rng,
    think: Rng,
}

impl Users {
    /// Users that have no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        let stream = |purpose| Rng::named(seed, id, purpose);
        Users {
            seed,
            source: Source::Open { poisson: true },
            load: Load::default(),
            shares: (0.0, 0.0),
            timeout: 0,
            retries: 0,
            budget: None,
            backoff: 0.0,
            keep_alive: None,
            round_trips: 1,
            caches: (true, true),
            clients: Vec::new(),
            connections: Connections::default(),
            requests: Slots::default(),
            resolver: Resolver::default(),
            ordinal: 0,
            turn: 0,
            arrival: 0,
            idle: BinaryHeap::new(),
            rouse: NONE,
            started: false,
            rng: Streams {
                arrivals: stream("arrivals"),
                clients: stream("clients"),
                writes: stream("writes"),
                endpoints: stream("endpoints"),
                backoff: stream("backoff"),
                think: stream("think"),
            },
        }
    }

    /// A user wants something.
    #[inline]
    fn want(&mut self, cx: &mut Cx, client: u32) {
        self.ordinal += 1;
        let origin = Origin { users: cx.node, ordinal: self.ordinal };
        let (endpoint, op, query) = self.choose(&cx.net.nodes[cx.node as usize].traffic.endpoints);
        let ask = Ask { op, origin, wanted: cx.now, client, endpoint, query };
        if let Some(budget) = &mut self.budget {
            budget.saved = (budget.saved + budget.share).min(MOST_SAVED);
        }
        cx.fx.issued(&ask);
        let id = self.requests.next_number();
        let timer = cx.patience(self.timeout, GIVE_UP, id);
        self.requests.insert(Request { ask, attempt: 0, name: LookUp::NONE, timer, call: NONE, failing: None });
        self.begin(cx, id, ask);
    }

    /// What kind of request comes next: its endpoint, and what it does.
    #[inline]
    fn choose(&mut self, endpoints: &[Endpoint]) -> (u16, Op, Query) {
        if endpoints.is_empty() {
            let (fixed, writes) = self.shares;
            let op = match () {
                () if self.rng.endpoints.chance(fixed) => Op::Static,
                () if self.rng.writes.chance(writes) => Op::Write,
                () => Op::Read,
            };
            return (0, op, Query::Point);
        }
        let mut left = self.rng.endpoints.uniform() * endpoints.iter().map(|e| e.share).sum::<f64>();
        let found = endpoints.iter().position(|e| {
            left -= e.share;
            left < 0.0
        });
        let i = found.unwrap_or(0);
        (i as u16, endpoints[i].op, endpoints[i].query)
    }

    /// Starts another attempt.
    fn attempt(&mut self, cx: &mut Cx, id: u32) {
        let timer = cx.patience(self.timeout, GIVE_UP, id);
        let request = &mut self.requests[id];
        (request.timer, request.name) = (timer, LookUp::NONE);
        let ask = request.ask;
        self.begin(cx, id, ask);
    }

    /// Begins an attempt: on an idle connection, or else by name and a new one.
    #[inline]
    fn begin(&mut self, cx: &mut Cx, id: u32, ask: Ask) {
        match self.idle_connection(cx, ask.client) {
            Some(way) => self.send(cx, id, ask, way, 0),
            None => self.look_up(cx, id, ask.client),
        }
    }

    #[inline]
    fn send(&mut self, cx: &mut Cx, id: u32, ask: Ask, (link, callee): (LinkIx, NodeIx), handshakes: u8) {
        let request = &mut self.requests[id];
        request.call = cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes, patience: (0, 0) });
    }

    /// Fails without a packet; a moment later, so that time goes on.
    fn fail_soon(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let request = &mut self.requests[id];
        request.failing = Some(outcome);
        cx.cancel(request.timer);
        request.timer = cx.after(INSTANT, NEXT, id);
    }

    /// An attempt failed: another after a pause, or the request has failed.
    fn failed(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        self.stop_asking(cx, id);
        let request = &mut self.requests[id];
        if request.timer != NONE {
            cx.cancel(request.timer);
        }
        (request.call, request.timer) = (NONE, NONE);
        let afford = self.budget.as_mut().is_none_or(|budget| {
            let enough = budget.saved >= 1.0;
            budget.saved -= f64::from(u8::from(enough && request.attempt < self.retries));
            enough
        });
        if request.attempt >= self.retries || !afford {
            return self.finish(cx, id, outcome);
        }
        // Full jitter: from nothing to a bound that doubles (AWS, "Exponential backoff and jitter").
        let longest = self.backoff * f64::from(2u32.pow(request.attempt.min(30)));
        let pause = from_ms(longest * self.rng.backoff.uniform());
        request.attempt += 1;
        request.timer = cx.after(pause, NEXT, id);
        cx.fx.list.push(Effect::Retried(cx.node, request.ask.origin.ordinal));
    }

    /// The user has an answer, or none for good.
    #[inline]
    fn finish(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let &mut Request { ask, timer, .. } = self.requests.remove(id);
        if timer != NONE {
            cx.cancel(timer);
        }
        cx.fx.finished(&ask, outcome);
        self.think(cx, ask.client);
    }
}

/// Whether nobody is there, so that no alarm may be set: everything begins anew when they are back.
fn is_down(cx: &Cx) -> bool {
    !matches!(cx.net.nodes[cx.node as usize].status, Status::Up | Status::Frozen)
}

impl Behaviour for Users {
    fn start(&mut self, cx: &mut Cx) {
        self.started = true;
        self.schedule_arrival(cx);
        if matches!(self.source, Source::Closed { .. }) {
            for user in 0..self.clients.len() as u32 {
                self.think(cx, user);
            }
        }
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        let users = p.optional("users");
        self.source = match users {
            Some(_) => Source::Closed { think: p.dist("think_ms") },
            None => Source::Open { poisson: p.text("arrivals") != "constant" },
        };
        self.load.set(cx.now, users.unwrap_or_else(|| p.number("rate_rps")), p.points("load"));
        self.shares = (p.number("static_share"), p.number("write_share"));
        let info = &mut cx.net.nodes[cx.node as usize];
        info.traffic = Traffic::new(self.seed, &info.id, p);
        self.budget = p.optional("retry_budget_share").map(|share| {
            let saved = self.budget.as_ref().map_or(0.0, |before| before.saved);
            Budget { share, saved }
        });
        self.timeout = p.span("timeout_ms");
        self.retries = p.whole("retries") as u32;
        self.backoff = p.number("backoff_ms");
        self.keep_alive = Some(p.span("keep_alive_s")).filter(|_| p.text("connections") != "new");
        self.round_trips = if p.flag("tls") { 2 } else { 1 };
        self.caches = (p.flag("resolver_cache"), p.flag("stub_cache"));
        let before = self.clients.len();
        let clients = users.map_or_else(|| p.whole("clients"), |n| n as u64) as usize;
        // Clients that are no longer wanted stay, since their requests may still be under way.
        self.clients.resize(clients.max(before), STRANGER);
        if self.started && !is_down(cx) {
            self.schedule_arrival(cx);
            if users.is_some() {
                for user in before..clients {
                    self.think(cx, user as u32);
                }
            }
            self.rouse(cx);
        }
    }

    fn on_load(&mut self, cx: &mut Cx, factor: f64) {
        self.load.set_factor(cx.now, factor);
        if !is_down(cx) {
            self.schedule_arrival(cx);
            self.rouse(cx);
        }
    }

    #[inline]
    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            ARRIVAL if wake.index == self.arrival => {
                self.load.arrived();
                // Asked here already, so that it is known when it is needed.
                let next = self.until_arrival(cx.now);
                let client = self.rng.clients.below(self.clients.len() as u64) as u32;
                self.want(cx, client);
                self.await_arrival(cx, next);
            }
            THOUGHT if matches!(self.source, Source::Closed { .. }) => self.want(cx, wake.index),
            GIVE_UP => {
                let request = &mut self.requests[wake.index];
                request.timer = NONE;
                if request.call != NONE {
                    cx.close(request.call);
                }
                self.failed(cx, wake.index, Outcome::Timeout);
            }
            NEXT => {
                let request = &mut self.requests[wake.index];
                request.timer = NONE;
                match request.failing.take() {
                    Some(outcome) => self.failed(cx, wake.index, outcome),
                    None => self.attempt(cx, wake.index),
                }
            }
            ROUSE => {
                self.rouse = NONE;
                self.rouse(cx);
            }
            UNANSWERED => self.unanswered(cx, wake.index),
            _ => {}
        }
    }

    #[inline]
    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { token: id, link, ask: Ask { op, client, .. }, .. } = cx.net.calls[call];
        if op == Op::Name {
            return self.resolved(cx, call, outcome);
        }
        // An error page leaves the connection open; a refusal or a reset closes it.
        if !matches!(outcome, Outcome::Refused | Outcome::Reset) {
            self.keep(cx, client, link);
        }
        match outcome {
            Outcome::Ok => self.finish(cx, id, Outcome::Ok),
            outcome => self.failed(cx, id, outcome),
        }
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        for (_, request) in self.requests.iter() {
            cx.fx.finished(&request.ask, Outcome::Reset);
        }
        self.requests.clear();
        self.clients.fill(STRANGER);
        self.idle.clear();
        (self.rouse, self.resolver, self.connections) = (NONE, Resolver::default(), Connections::default());
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.start(cx);
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.clients[..]) + self.connections.bytes() + self.requests.len() * size_of::<Request>()
    }

    fn view(&self, now: Nanos, net: &Net, _: NodeIx) -> View {
        let name = if self.caches.0 { self.resolver.view(now, net) } else { None };
        View { name, ..View::default() }
    }
}
