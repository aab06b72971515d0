//! Load balancer: one address in front of many servers. It picks one for each request and learns which are up.

mod algorithm;
mod backend;
mod members;
mod ring;
mod sessions;

use super::effects::{Behaviour, Cx, NewCall, Wake};
use super::guard::{BREAKER, BreakerRules, RATE_BURST, RATE_LIMIT, Rate, TokenBucket};
use super::health::{CHECK, CHECK_TOKEN, HEALTH, Health};
use super::net::{Ask, Call, CallId, Net, NodeIx, Op, Outcome, Status};
use super::param::{Param, choice, dist, flag, group, num, whole};
use super::station::Station;
use super::view::{BackendView, View};
use super::{ADDRESS, KindSpec, Lit, Preset, REGION, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, from_ms};
use algorithm::{ALGORITHMS, Algorithm, Asked, Picker};
use backend::{Backends, Passive};
use sessions::Sessions;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "load_balancer",
    label: "Load balancer",
    group: "Network",
    help: "One public address in front of many servers. It spreads requests over those that its health checks find up.",
    icon: "M12 4v5M12 9c0 4-7 3-7 8M12 9c0 4 7 3 7 8M12 9v8M5 20.5v-3M12 20.5v-3M19 20.5v-3M9.5 4h5",
    params: PARAMS,
    addressed: true,
    grouped: false,
    presets: &[Preset { label: "Load balancer", stem: "lb", params: &[] }],
};

const PARAMS: &[Param] = &[
    choice(
        "algorithm",
        "Algorithm",
        ALGORITHMS,
        "Who gets the next request: each in turn (smooth, weighted); the fewest open requests; any; the better of two drawn; by the client's /24 network; by the data key (a ring of 160 points per weight); the quicker of two drawn (peak EWMA).",
    )
    .main(),
    group("health", "Health checks", HEALTH, "Active checks of every server; off means that all count as up.").main(),
    whole("tries", "Tries", 1, 100, 2, "How often a refused request, or a read that failed, is sent in all; a write that was sent is not sent again.").main(),
    whole("max_fails", "Failures allowed", 1, 1000, 0, "Passive checks: after so many failed requests a server gets none for the fail time-out; none switches them off. The only server of a group is always tried.").none(),
    num("fail_timeout_s", "Fail time-out", 1e-3, 1e6, 10.0, "Window in which failures are counted, and how long the server then gets no requests before one is tried."),
    flag("fail_open", "Fail open", false, "Whether all servers are used when none counts as up; otherwise the answer is 503."),
    flag("sticky", "Sticky sessions", false, "Whether a client keeps its server, as by a cookie, until that one goes down; then it keeps another."),
    num("slow_start_s", "Slow start", 0.0, 1e6, 0.0, "How long a server that is new or came back takes to grow to its full weight. Hashes do not heed it."),
    num("drain_s", "Draining", 0.0, 1e6, 30.0, "How long a server whose link or instance was taken away may finish its requests; then they are reset."),
    group("breaker", "Circuit breaker", BREAKER, "One for each server: when too many of its requests fail, it gets none for a while, then one as a trial.").none(),
    RATE_LIMIT,
    RATE_BURST,
    dist("overhead_ms", "Overhead", 0.0, 1e6, Lit::Number(0.1), "Time that the balancer itself adds to each request."),
    whole("cores", "Cores", 1, 1024, 0, "Cores that the overhead keeps busy, so that requests queue; none makes it a pure delay.").none(),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long it waits for a connection to a server."),
    num("read_timeout_ms", "Read time-out", 1.0, 1e8, 60_000.0, "How long it waits for a server's answer."),
    REGION,
    ADDRESS,
];

/// A request's overhead is over, as a pure delay.
const FORWARD: u8 = 0;
/// A core's alarm.
const CORE: u8 = 1;
/// What a backend that left still has is reset.
const DRAINED: u8 = 2;

/// A request passing through.
#[derive(Clone, Default)]
struct Job {
    call: CallId,
    tries: u64,
    /// Backends that failed it, a bit for each of the first 64.
    tried: u64,
    /// Where it is now, if it was sent: by which call, since when, and whether it decides if the backend's breaker closes.
    backend: Option<usize>,
    out: CallId,
    sent: Nanos,
    trial: bool,
}

/// The behaviour.
#[derive(Clone)]
pub struct LoadBalancer {
    picker: Picker,
    health: Option<Health>,
    breaker: Option<BreakerRules>,
    limit: Option<TokenBucket>,
    tries: u64,
    sessions: Option<Sessions>,
    drain: Nanos,
    overhead: Dist,
    /// Whether the overhead keeps cores busy.
    computes: bool,
    station: Station,
    patience: (Nanos, Nanos),
    backends: Backends,
    jobs: Slots<Job>,
    started: bool,
    rng: Rng,
    phases: Rng,
}

impl LoadBalancer {
    /// A balancer that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        LoadBalancer {
            picker: Picker::new(Rng::named(seed, id, "balance")),
            health: None,
            breaker: None,
            limit: None,
            tries: 1,
            sessions: None,
            drain: 0,
            overhead: Dist::Constant(0.0),
            computes: false,
            station: Station::new(CORE),
            patience: (0, 0),
            backends: Backends::default(),
            jobs: Slots::default(),
            started: false,
            rng: Rng::named(seed, id, "overhead"),
            phases: Rng::named(seed, id, "checks"),
        }
    }

    /// Sends a request to a backend, or answers 503 if there is none.
    #[inline]
    fn forward(&mut self, cx: &mut Cx, id: u32) {
        let job = &mut self.jobs[id];
        let ask = cx.net.calls[job.call].ask;
        let kept = self.sessions.as_ref().filter(|_| job.tried == 0).and_then(|s| s.get(&ask));
        let asked = asked(cx.net, self.picker.algorithm, &ask);
        let Some(picked) = self.picker.pick(&mut self.backends, cx.now, asked, job.tried, kept) else {
            let job = self.jobs.remove(id);
            return cx.answer(job.call, Outcome::NoBackend);
        };
        if let Some(sessions) = &mut self.sessions {
            sessions.set(&ask, picked);
        }
        let backend = &mut self.backends.quietly()[picked];
        let (link, callee, instance) = (backend.watched.link, backend.watched.node, backend.watched.instance);
        job.trial = self.breaker.is_some() && backend.breaker.sent();
        (job.backend, job.sent, job.tries) = (Some(picked), cx.now, job.tries + 1);
        job.out = cx.call_picked(
            job.call,
            picked as u32,
            NewCall { link, callee, instance, ask, token: id, handshakes: 0, patience: self.patience },
        );
    }

    /// Takes note of how a backend treated a request.
    #[inline]
    fn learn(&mut self, cx: &mut Cx, i: usize, job: (Nanos, bool), outcome: Outcome) {
        let (sent, trial) = job;
        let failed = is_failure(outcome);
        let b = &mut self.backends.quietly()[i];
        self.picker.ended(b);
        let rested = b.treated(cx.now, &self.picker.passive, failed);
        if rested {
            b.grow(cx.now);
        }
        // A refusal is quick: to learn from it would draw requests to who is broken. A time-out is not.
        if self.picker.algorithm == Algorithm::LeastTime && (!failed || outcome == Outcome::Timeout) {
            b.time.observe(cx.now, cx.now - sent);
        }
        let turn = self.breaker.and_then(|rules| b.breaker.ended(&rules, cx.now, trial, outcome));
        if let Some(turn) = turn {
            cx.log(b.watched.node, turn.what(), cx.node);
        }
        self.backends.stale |= failed || rested || turn.is_some();
    }
}

/// What of a request the algorithm looks at.
fn asked(net: &Net, algorithm: Algorithm, ask: &Ask) -> Asked {
    match algorithm {
        Algorithm::IpHash => {
            Asked { network: net.traffic(ask).map_or([0; 3], |t| t.network(ask.client)), ..Asked::default() }
        }
        Algorithm::ConsistentHash => Asked { key: net.key(ask), ..Asked::default() },
        _ => Asked::default(),
    }
}

/// The request never reached a worker.
fn is_unsent(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Refused | Outcome::ConnectTimeout)
}

/// What nginx and HAProxy count against a server: no connection, a broken one, no answer in time.
fn is_failure(outcome: Outcome) -> bool {
    is_unsent(outcome) || matches!(outcome, Outcome::Reset | Outcome::Timeout)
}

impl Behaviour for LoadBalancer {
    fn start(&mut self, cx: &mut Cx) {
        self.started = true;
        self.start_checks(cx);
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.picker.algorithm = Algorithm::from_word(&p.text("algorithm"));
        self.picker.passive =
            Passive { max_fails: p.optional("max_fails").map(|n| n as u64), fail_timeout: p.span("fail_timeout_s") };
        self.picker.fail_open = p.flag("fail_open");
        self.picker.slow_start = p.span("slow_start_s");
        self.lay_ring(cx.net);
        self.tries = p.whole("tries");
        self.sessions = p.flag("sticky").then(|| self.sessions.take().unwrap_or_default());
        self.drain = p.span("drain_s");
        self.overhead = p.dist("overhead_ms");
        let cores = p.optional("cores");
        self.computes = cores.is_some();
        if let Some(cores) = cores {
            self.station.resize(cx, cores as u64);
        }
        self.patience = (p.span("connect_timeout_ms"), p.span("read_timeout_ms"));
        self.limit = TokenBucket::fitted(self.limit.take(), Rate::new(p), cx.now);
        self.breaker = p.group("breaker").map(|b| BreakerRules::new(&b));
        self.health = p.group("health").map(|h| Health::new(&h));
        for b in self.backends.iter_mut() {
            b.watched.stop(cx);
            if self.health.is_none() {
                (b.watched.up, b.watched.streak) = (true, 0);
            }
            if self.breaker.is_none() {
                b.breaker.reset();
            }
        }
        self.start_checks(cx);
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        self.gather(cx);
    }

    #[inline]
    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        if self.limit.as_mut().is_some_and(|bucket| !bucket.take(cx.now)) {
            return cx.answer(call, Outcome::RateLimited);
        }
        let (id, job) = self.jobs.take();
        (job.call, job.tries, job.tried, job.backend) = (call, 0, 0, None);
        let overhead = self.overhead.sample(&mut self.rng);
        if self.computes {
            return self.station.submit(cx, id, from_ms(overhead));
        }
        match from_ms(overhead * cx.net.nodes[cx.node as usize].slow) {
            0 => self.forward(cx, id),
            overhead => {
                cx.later(overhead, FORWARD, id);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            FORWARD => self.forward(cx, wake.index),
            CORE => {
                if let Some((id, waited)) = self.station.done(cx, wake.index) {
                    cx.waited(self.jobs[id].call, waited);
                    self.forward(cx, id);
                }
            }
            DRAINED => self.drained(cx, wake.index as usize),
            CHECK => {
                let i = wake.index as usize;
                if let Some(health) = self.health {
                    self.backends[i].watched.check(cx, &health, i, true);
                }
            }
            _ => {}
        }
    }

    #[inline]
    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { token, ask: Ask { op, .. }, .. } = cx.net.calls[call];
        if token >= CHECK_TOKEN {
            return self.checked(cx, (token - CHECK_TOKEN) as usize, outcome == Outcome::Ok);
        }
        let job = &mut self.jobs[token];
        let Some(i) = job.backend.take() else { return };
        if i < 64 {
            job.tried |= 1 << i;
        }
        let (own, tries, timing) = (job.call, job.tries, (job.sent, job.trial));
        self.learn(cx, i, timing, outcome);
        let again = is_unsent(outcome) || op != Op::Write;
        if is_failure(outcome) && tries < self.tries && again {
            return self.forward(cx, token);
        }
        self.jobs.remove(token);
        let outcome = match outcome {
            Outcome::Timeout | Outcome::ConnectTimeout => Outcome::GatewayTimeout,
            Outcome::Refused => Outcome::RefusedBehind,
            Outcome::Reset => Outcome::ResetBehind,
            outcome => outcome,
        };
        cx.answer(own, outcome);
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        self.jobs.clear();
        self.station.clear(cx);
        for b in self.backends.iter_mut() {
            b.watched.forget();
            (b.open, b.drain) = (0, None);
        }
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        // A balancer that starts believes the best, like HAProxy.
        for b in self.backends.iter_mut() {
            b.restart();
        }
        self.on_speed(cx);
        self.start_checks(cx);
    }

    fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        self.station.set_slow(cx, slow);
    }

    fn bytes(&self) -> usize {
        self.sessions.as_ref().map_or(0, Sessions::bytes)
    }

    fn view(&self, _now: Nanos, net: &Net, node: NodeIx) -> View {
        let health = self.health.filter(|_| net.nodes[node as usize].status != Status::Crashed);
        let shown = self.backends.iter().filter(|b| b.present || b.open > 0);
        let backends = shown.map(|b| BackendView {
            picks: b.picks,
            open: b.open,
            draining: !b.present,
            ..BackendView::watched(net, &b.watched, health.as_ref())
        });
        View {
            backends: backends.collect(),
            waiting: self.station.waiting(net) as u64,
            cores: if self.computes { self.station.cores(net) as f64 } else { 0.0 },
            ..View::default()
        }
    }
}
