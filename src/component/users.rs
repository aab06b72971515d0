//! Users: browsers or mobile apps that want answers. They resolve names, open connections, wait, give up, try again.

mod load;

use super::address::Reach;
use super::effects::{Behaviour, Cx, Effect, NewCall, TimerId, Wake};
use super::link::Meaning;
use super::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Origin, Outcome, Status};
use super::param::{Lit, Param, Type, choice, counts, dist, flag, list, num, points, text, whole};
use super::traffic::{Endpoint, QUERIES, Query, Traffic};
use super::{KindSpec, Preset, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::{Nanos, SECOND, from_ms};
use load::Load;
use slab::Slab;
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

const PARAMS: &[Param] = &[
    num(
        "rate_rps",
        "Request rate",
        0.0,
        1e9,
        10.0,
        "Requests per second that all users together want, whatever happens (open loop).",
    )
    .main(),
    num("write_share", "Writes", 0.0, 1.0, 0.1, "Share of requests that change data; the rest read.").main(),
    choice("arrivals", "Arrivals", &["poisson", "constant"], "Whether requests come at random or like a metronome."),
    whole(
        "users",
        "Users",
        1,
        10_000_000,
        0,
        "Each waits for an answer and thinks before asking again (closed loop); replaces the rate.",
    )
    .none(),
    dist("think_ms", "Think time", 0.0, 1e9, Lit::Exponential(1000.0), "Pause of such a user before every request."),
    points(
        "load",
        "Load over time",
        "Multiplier of the rate, or of the active users, as [seconds, multiplier] pairs joined by straight lines.",
    ),
    whole(
        "clients",
        "Clients",
        1,
        10_000_000,
        1000,
        "Distinct addresses that the requests come from, each with its own connections and name cache.",
    ),
    choice("client", "Client", &["browser", "mobile"], "What people hold in their hands; it changes the picture only."),
    text("domain", "Domain", "api.mysite.com", "The name that clients look up."),
    num(
        "timeout_ms",
        "Time-out",
        1.0,
        1e8,
        15_000.0,
        "A client gives up an attempt after this long, name and connection included.",
    )
    .main(),
    whole("retries", "Retries", 0, 100, 0, "How often a failed request is tried again.").main(),
    num(
        "backoff_ms",
        "Back-off",
        0.0,
        1e8,
        100.0,
        "Longest pause before the first retry; doubles each time, the pause itself is drawn from 0 to this (full jitter).",
    ),
    choice(
        "connections",
        "Connections",
        &["keep_alive", "new"],
        "Whether clients keep connections open for the next request.",
    ),
    num("keep_alive_s", "Keep-alive", 0.0, 1e6, 75.0, "An idle connection is closed after this long."),
    flag("tls", "TLS", true, "Whether opening a connection costs a second round trip for TLS 1.3."),
    flag(
        "resolver_cache",
        "Resolver cache",
        true,
        "Whether the users' common resolver keeps answers for their time to live.",
    ),
    flag(
        "stub_cache",
        "Client name cache",
        true,
        "Whether each client keeps answers for their remaining time to live.",
    ),
    whole("keys", "Data keys", 1, 1_000_000_000, 10_000, "How many different records the requests are about."),
    num("zipf", "Popularity", 0.0, 10.0, 1.0, "Exponent of the Zipf law of the keys' popularity; 0 is all alike."),
    num(
        "static_share",
        "Static content",
        0.0,
        1.0,
        0.0,
        "Share of requests for files that never change; writes and reads share the rest.",
    ),
    list(
        "mix",
        "Endpoints",
        ENDPOINT,
        "Several kinds of requests with their own shares and costs; replaces the shares of writes and static content.",
    ),
    num("request_kb", "Request size", 0.0, 1e9, 1.0, "Sent with each request; matters on links with a bandwidth."),
    num("response_kb", "Response size", 0.0, 1e9, 10.0, "Sent with each answer; matters on links with a bandwidth."),
    num(
        "retry_budget_share",
        "Retry budget",
        0.0,
        1.0,
        0.0,
        "Retries allowed as a share of requests, saved up to 100; none is no limit.",
    )
    .none(),
    text("region", "Region", "", "Where the users are, in words; how far that is, the paths' latencies say.").none(),
];

const ENDPOINT: &[Param] = &[
    text("name", "Name", "", "What people call it, such as \"checkout\"."),
    num("share", "Share", 0.0, 1e6, 1.0, "Share of the requests in proportion to the other endpoints."),
    text("path", "Path", "/", "What stands behind the domain in its address."),
    flag("writes", "Writes", false, "Whether it changes data."),
    flag("static", "Static", false, "Whether it is a file that never changes."),
    Param { of: Type::Choice(QUERIES), ..text("query", "Query", "point", "What it wants from the data.") },
    dist(
        "service_ms",
        "CPU time",
        0.0,
        1e8,
        Lit::Number(0.0),
        "CPU per request at a server; none is the server's own.",
    )
    .none(),
    counts(
        "calls",
        "Calls",
        "Calls per request by the callee's identifier; a callee that is left out is not called. None is what the links say.",
    ),
];

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

/// glibc's resolver asks twice, 5 s apart (resolv.conf(5): timeout, attempts).
const NAME_TIMEOUT: Nanos = 5 * SECOND;
const NAME_TRIES: u8 = 2;
/// What an immediate failure costs, so that a loop of failures takes time.
const INSTANT: Nanos = 1_000;

/// What a client or the resolver remembers of a name: the node ([`NONE`]: no such name), until when.
#[derive(Clone, Copy)]
struct Known {
    node: NodeIx,
    until: Nanos,
}

const NOTHING: Known = Known { node: NONE, until: 0 };

/// One client: an address with its own name cache and connections.
#[derive(Clone, Copy)]
struct Client {
    known: Known,
    /// The first of its idle connections, the latest used first.
    idle: u32,
}

/// An open connection of a client.
struct Connection {
    link: LinkIx,
    /// The server's epoch when it was opened: a crash breaks it.
    epoch: u32,
    idle_since: Nanos,
    next: u32,
}

/// A request that a user waits for.
struct Request {
    ask: Ask,
    client: u32,
    attempt: u32,
    name_tries: u8,
    /// Gives up the attempt, or starts the next.
    timer: TimerId,
    call: CallId,
    /// What an immediate failure will report.
    failing: Option<Outcome>,
}

/// How requests come about.
enum Source {
    /// At a rate, whatever happens; constant or Poisson.
    Open { poisson: bool },
    /// From users who wait, each a client of its own.
    Closed { think: Dist },
}

/// The behaviour.
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
    connections: Slab<Connection>,
    requests: Slab<Request>,
    resolver: Known,
    ordinal: u64,
    turn: usize,
    arrival: TimerId,
    /// Users beyond the active ones.
    idle: BinaryHeap<Reverse<u32>>,
    rouse: TimerId,
    started: bool,
    rng: Streams,
}

/// Retries that may still be made: every request adds its share, every retry takes one.
struct Budget {
    share: f64,
    saved: f64,
}

/// What can be saved up of a budget of retries, as in gRPC's retry throttling (its largest `maxTokens` is 1000, its
/// examples use 100).
const MOST_SAVED: f64 = 100.0;

/// A stream for each purpose, so that a change of one leaves the others' numbers alone.
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
            connections: Slab::new(),
            requests: Slab::new(),
            resolver: NOTHING,
            ordinal: 0,
            turn: 0,
            arrival: NONE,
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

    /// Sets the alarm of the open loop's next request.
    fn schedule_arrival(&mut self, cx: &mut Cx) {
        let Source::Open { poisson } = self.source else { return };
        if self.arrival != NONE {
            cx.cancel(self.arrival);
            self.arrival = NONE;
        }
        if let Some(span) = self.load.next(cx.now, || if poisson { self.rng.arrivals.exponential() } else { 1.0 }) {
            self.arrival = cx.after(span, ARRIVAL, 0);
        }
    }

    /// A user thinks, or is idle if the load leaves it out.
    fn think(&mut self, cx: &mut Cx, user: u32) {
        let Source::Closed { think } = &self.source else { return };
        if f64::from(user) >= self.load.active(cx.now) {
            self.idle.push(Reverse(user));
            return self.schedule_rouse(cx);
        }
        let span = from_ms(think.sample(&mut self.rng.think));
        cx.later(span, THOUGHT, user);
    }

    /// Sets the alarm for the moment when the first idle user becomes active.
    fn schedule_rouse(&mut self, cx: &mut Cx) {
        if self.rouse != NONE {
            cx.cancel(self.rouse);
            self.rouse = NONE;
        }
        if let Some(span) = self.idle.peek().and_then(|&Reverse(user)| self.load.reaches(cx.now, f64::from(user))) {
            self.rouse = cx.after(span, ROUSE, 0);
        }
    }

    fn rouse(&mut self, cx: &mut Cx) {
        let active = self.load.active(cx.now);
        while let Some(&Reverse(user)) = self.idle.peek().filter(|first| f64::from(first.0) < active) {
            self.idle.pop();
            self.think(cx, user);
        }
        self.schedule_rouse(cx);
    }

    /// A user wants something.
    fn want(&mut self, cx: &mut Cx, client: u32) {
        self.ordinal += 1;
        let origin = Origin { users: cx.node, ordinal: self.ordinal };
        let (endpoint, op, query) = self.choose(&cx.net.nodes[cx.node as usize].traffic.endpoints);
        let ask = Ask { op, origin, wanted: cx.now, client, endpoint, query };
        if let Some(budget) = &mut self.budget {
            budget.saved = (budget.saved + budget.share).min(MOST_SAVED);
        }
        let request = Request { ask, client, attempt: 0, name_tries: 0, timer: NONE, call: NONE, failing: None };
        let id = self.requests.insert(request) as u32;
        cx.fx.list.push(Effect::Issued(cx.node, ask));
        self.attempt(cx, id);
    }

    /// What kind of request comes next: its endpoint, and what it does.
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

    /// Starts an attempt: on an idle connection, or else by name and a new one.
    fn attempt(&mut self, cx: &mut Cx, id: u32) {
        let timer = cx.after(self.timeout, GIVE_UP, id);
        let request = &mut self.requests[id as usize];
        (request.timer, request.name_tries) = (timer, 0);
        let client = request.client;
        if let Some(link) = self.idle_connection(cx, client) {
            return self.send(cx, id, link, 0);
        }
        let dns = cx.links(Meaning::Names).next();
        let Some(dns) = dns else { return self.connect_any(cx, id) };
        let known = self.clients[client as usize].known;
        if self.caches.1 && known.until > cx.now {
            return self.connect(cx, id, known.node);
        }
        let cached = self.caches.0 && self.resolver.until > cx.now;
        let to = cx.net.links[dns as usize].to;
        cx.fx.list.push(Effect::Lookup(cx.node, to, cached));
        if cached {
            self.clients[client as usize].known = self.resolver;
            return self.connect(cx, id, self.resolver.node);
        }
        self.query(cx, id, dns);
    }

    fn query(&mut self, cx: &mut Cx, id: u32, link: LinkIx) {
        let request = &mut self.requests[id as usize];
        request.name_tries += 1;
        let ask = Ask { op: Op::Name, ..request.ask };
        let callee = cx.net.links[link as usize].to;
        let patience = (NAME_TIMEOUT, NAME_TIMEOUT);
        request.call = cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience });
    }

    /// The resolver answered, or did not.
    fn resolved(&mut self, cx: &mut Cx, id: u32, call: Call) {
        if call.outcome != Outcome::Ok {
            if self.requests[id as usize].name_tries < NAME_TRIES {
                return self.query(cx, id, call.link);
            }
            return self.failed(cx, id, Outcome::NameTimeout);
        }
        let (node, keep) = call.name;
        self.resolver = Known { node, until: cx.now.saturating_add(keep) };
        let client = self.requests[id as usize].client;
        self.clients[client as usize].known = self.resolver;
        self.connect(cx, id, node);
    }

    /// Without DNS: the paths in turn.
    fn connect_any(&mut self, cx: &mut Cx, id: u32) {
        let paths = cx.links(Meaning::Path).count();
        if paths == 0 {
            return self.fail_soon(cx, id, Outcome::Unreachable);
        }
        self.turn = (self.turn + 1) % paths;
        let link = cx.links(Meaning::Path).nth((self.turn + paths - 1) % paths).unwrap_or(NONE);
        let node = cx.net.links[link as usize].to;
        self.connect(cx, id, node);
    }

    /// Opens a connection to a node, if there is a way.
    fn connect(&mut self, cx: &mut Cx, id: u32, node: NodeIx) {
        if node == NONE {
            return self.fail_soon(cx, id, Outcome::NoSuchName);
        }
        let path = cx.links(Meaning::Path).find(|&l| cx.net.links[l as usize].to == node);
        match path {
            Some(link) if cx.net.nodes[node as usize].reach == Reach::Public => {
                self.send(cx, id, link, self.round_trips);
            }
            _ => self.fail_soon(cx, id, Outcome::Unreachable),
        }
    }

    fn send(&mut self, cx: &mut Cx, id: u32, link: LinkIx, handshakes: u8) {
        let callee = cx.net.links[link as usize].to;
        let request = &mut self.requests[id as usize];
        let ask = request.ask;
        request.call = cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes, patience: (0, 0) });
    }

    /// Takes an idle connection of this client, the latest used first; those that are too old or broken go.
    fn idle_connection(&mut self, cx: &Cx, client: u32) -> Option<LinkIx> {
        let keep_alive = self.keep_alive?;
        while let Some(connection) = self.connections.try_remove(self.clients[client as usize].idle as usize) {
            self.clients[client as usize].idle = connection.next;
            let link = &cx.net.links[connection.link as usize];
            let whole = !link.removed && cx.net.nodes[link.to as usize].epoch == connection.epoch;
            if whole && cx.now - connection.idle_since < keep_alive {
                return Some(connection.link);
            }
        }
        None
    }

    /// Keeps the connection of an answered request for the next.
    fn keep(&mut self, cx: &Cx, client: u32, link: LinkIx) {
        let to = cx.net.links[link as usize].to;
        if self.keep_alive.is_none() || cx.net.nodes[to as usize].status == Status::Crashed {
            return;
        }
        let connection = Connection {
            link,
            epoch: cx.net.nodes[to as usize].epoch,
            idle_since: cx.now,
            next: self.clients[client as usize].idle,
        };
        self.clients[client as usize].idle = self.connections.insert(connection) as u32;
    }

    /// Fails without a packet; a moment later, so that time goes on.
    fn fail_soon(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let request = &mut self.requests[id as usize];
        request.failing = Some(outcome);
        cx.cancel(request.timer);
        request.timer = cx.after(INSTANT, NEXT, id);
    }

    /// An attempt failed: another after a pause, or the request has failed.
    fn failed(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let request = &mut self.requests[id as usize];
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
        cx.fx.list.push(Effect::Retried(cx.node));
    }

    /// The user has an answer, or none for good.
    fn finish(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let request = self.requests.remove(id as usize);
        if request.timer != NONE {
            cx.cancel(request.timer);
        }
        cx.fx.list.push(Effect::Finished(cx.node, request.ask, outcome));
        self.think(cx, request.client);
    }
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
        self.clients.resize(clients.max(before), Client { known: NOTHING, idle: NONE });
        if self.started {
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
        self.schedule_arrival(cx);
        self.rouse(cx);
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            ARRIVAL => {
                self.arrival = NONE;
                self.load.arrived();
                let client = self.rng.clients.below(self.clients.len() as u64) as u32;
                self.want(cx, client);
                self.schedule_arrival(cx);
            }
            THOUGHT if matches!(self.source, Source::Closed { .. }) => self.want(cx, wake.index),
            GIVE_UP => {
                let request = &mut self.requests[wake.index as usize];
                request.timer = NONE;
                if request.call != NONE {
                    cx.close(request.call);
                }
                self.failed(cx, wake.index, Outcome::Timeout);
            }
            NEXT => {
                let request = &mut self.requests[wake.index as usize];
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
            _ => {}
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, _: CallId, call: Call) {
        let id = call.token;
        self.requests[id as usize].call = NONE;
        if call.ask.op == Op::Name {
            return self.resolved(cx, id, call);
        }
        let (client, link) = (self.requests[id as usize].client, call.link);
        // An error page leaves the connection open; a refusal or a reset closes it.
        if !matches!(call.outcome, Outcome::Refused | Outcome::Reset) {
            self.keep(cx, client, link);
        }
        match call.outcome {
            Outcome::Ok => self.finish(cx, id, Outcome::Ok),
            outcome => self.failed(cx, id, outcome),
        }
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        for request in self.requests.drain() {
            cx.fx.list.push(Effect::Finished(cx.node, request.ask, Outcome::Reset));
        }
        self.connections.clear();
        self.clients.fill(Client { known: NOTHING, idle: NONE });
        self.idle.clear();
        (self.arrival, self.rouse, self.resolver) = (NONE, NONE, NOTHING);
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.start(cx);
    }
}
