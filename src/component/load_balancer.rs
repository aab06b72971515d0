//! Load balancer: one address in front of many servers. It picks one for each request and learns which are up.

use super::effects::{Behaviour, Cx, Effect, NewCall, TimerId, Wake, What};
use super::link::Meaning;
use super::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Outcome, Status};
use super::param::{Param, choice, dist, flag, group, num, whole};
use super::view::{BackendView, View};
use super::{ADDRESS, KindSpec, Lit, Preset, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::{Nanos, from_ms};
use slab::Slab;

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

const HEALTH: &[Param] = &[
    num("interval_ms", "Interval", 1.0, 1e8, 2000.0, "From the start of one check to the start of the next.").main(),
    num(
        "timeout_ms",
        "Time-out",
        1.0,
        1e8,
        2000.0,
        "A check without an answer by then has failed; at most the interval.",
    ),
    whole("rise", "Rise", 1, 1000, 2, "Passed checks in a row until a server counts as up."),
    whole("fall", "Fall", 1, 1000, 3, "Failed checks in a row until a server counts as down.").main(),
];

const PARAMS: &[Param] = &[
    choice(
        "algorithm",
        "Algorithm",
        &[
            "round_robin", "least_connections", "random", "power_of_two", "ip_hash", "consistent_hash", "least_time",
        ],
        "Which server gets the next request: each in turn (smooth, weighted), the one with the fewest open requests, or any. The others come later.",
    )
    .main(),
    group("health", "Health checks", HEALTH, "Active checks of every server; off means that all count as up.").main(),
    whole("tries", "Tries", 1, 100, 2, "How often a refused request, or a read that failed, is sent in all; a write that was sent is not sent again.").main(),
    whole("max_fails", "Failures allowed", 1, 1000, 0, "Passive checks: after so many failed requests a server gets none for the fail time-out; none switches them off.").none(),
    num("fail_timeout_s", "Fail time-out", 1e-3, 1e6, 10.0, "Window in which failures are counted, and how long the server then gets no requests before one is tried."),
    flag("fail_open", "Fail open", false, "Whether all servers are used when none counts as up; otherwise the answer is 503."),
    dist("overhead_ms", "Overhead", 0.0, 1e6, Lit::Number(0.1), "Time that the balancer itself adds to each request."),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long it waits for a connection to a server."),
    num("read_timeout_ms", "Read time-out", 1.0, 1e8, 60_000.0, "How long it waits for a server's answer."),
    num("cores", "Cores", 1.0, 1024.0, 0.0, "Cores that the overhead keeps busy; none makes it a pure delay.").none().not_yet(),
    flag("sticky", "Sticky sessions", false, "Whether a client keeps its server.").not_yet(),
    num("slow_start_s", "Slow start", 0.0, 1e6, 0.0, "How long a server that came back takes to get its full share.").not_yet(),
    num("drain_s", "Draining", 0.0, 1e6, 30.0, "How long a removed server may finish its requests.").not_yet(),
    ADDRESS,
];

/// A request's overhead is over.
const FORWARD: u8 = 0;
/// The next check of a backend starts.
const CHECK: u8 = 1;
/// The token of a check is its backend's position plus this; the token of a request is its job's number.
const CHECK_TOKEN: u32 = 1 << 31;

/// How backends are picked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    RoundRobin,
    LeastConnections,
    Random,
}

/// Active checks.
#[derive(Clone, Copy)]
struct Health {
    interval: Nanos,
    timeout: Nanos,
    rise: u64,
    fall: u64,
}

/// One backend, and what the balancer believes of it.
struct Backend {
    link: LinkIx,
    node: NodeIx,
    weight: f64,
    /// nginx's weights: what it is worth after failures, and where smooth round robin stands.
    effective: f64,
    current: f64,
    open: u64,
    picks: u64,
    up: bool,
    /// Failed checks in a row while up, passed ones while down.
    streak: u64,
    next_check: Option<(TimerId, Nanos)>,
    /// Passive checks as in nginx: failures, when the window began, when one last failed.
    fails: u64,
    checked: Nanos,
    accessed: Nanos,
}

/// A request passing through.
struct Job {
    call: CallId,
    tries: u64,
    backend: usize,
}

/// The behaviour.
pub struct LoadBalancer {
    algorithm: Algorithm,
    health: Option<Health>,
    tries: u64,
    max_fails: Option<u64>,
    fail_timeout: Nanos,
    fail_open: bool,
    overhead: Dist,
    patience: (Nanos, Nanos),
    backends: Vec<Backend>,
    jobs: Slab<Job>,
    /// Where ties between equally loaded backends go on.
    last: usize,
    started: bool,
    rng: Rng,
    phases: Rng,
}

impl LoadBalancer {
    /// A balancer that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        LoadBalancer {
            algorithm: Algorithm::RoundRobin,
            health: None,
            tries: 1,
            max_fails: None,
            fail_timeout: 0,
            fail_open: false,
            overhead: Dist::Constant(0.0),
            patience: (0, 0),
            backends: Vec::new(),
            jobs: Slab::new(),
            last: 0,
            started: false,
            rng: Rng::named(seed, id, "balance"),
            phases: Rng::named(seed, id, "checks"),
        }
    }

    /// Sends a request to a backend, or answers 503 if there is none. `not` has just failed and is taken only if there
    /// is no other.
    fn forward(&mut self, cx: &mut Cx, id: u32, not: Option<usize>) {
        let Some(picked) = self.pick(cx.now, not).or_else(|| self.pick(cx.now, None)) else {
            let job = self.jobs.remove(id as usize);
            return cx.answer(job.call, Outcome::NoBackend);
        };
        let backend = &mut self.backends[picked];
        backend.open += 1;
        backend.picks += 1;
        let job = &mut self.jobs[id as usize];
        (job.backend, job.tries) = (picked, job.tries + 1);
        let ask = cx.net.calls[job.call as usize].ask;
        cx.fx.list.push(Effect::Picked(cx.node, backend.node));
        let (link, callee) = (backend.link, backend.node);
        cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience: self.patience });
    }

    /// Whether a backend may get a request now.
    fn usable(&self, i: usize, now: Nanos) -> bool {
        let b = &self.backends[i];
        let failed = match self.max_fails {
            // nginx: a group of one is always tried; otherwise none within the fail time-out of the last failure.
            Some(max) if self.backends.len() > 1 => b.fails >= max && now - b.checked <= self.fail_timeout,
            _ => false,
        };
        b.weight > 0.0 && b.up && !failed
    }

    fn pick(&mut self, now: Nanos, not: Option<usize>) -> Option<usize> {
        let any_up = (0..self.backends.len()).any(|i| self.usable(i, now));
        let open = self.fail_open && !any_up;
        let fits = |lb: &Self, i: usize| Some(i) != not && (lb.usable(i, now) || open && lb.backends[i].weight > 0.0);
        let picked = match self.algorithm {
            Algorithm::RoundRobin => self.smooth(now, fits),
            Algorithm::LeastConnections => self.least(fits),
            Algorithm::Random => self.random(fits),
        }?;
        self.last = picked;
        let (fail_timeout, b) = (self.fail_timeout, &mut self.backends[picked]);
        if now - b.checked > fail_timeout {
            b.checked = now;
        }
        Some(picked)
    }

    /// Smooth weighted round robin, as nginx's `ngx_http_upstream_get_peer`: each gains its weight, the highest is
    /// picked and loses the sum of all.
    fn smooth(&mut self, _now: Nanos, fits: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let (mut best, mut total) = (None::<usize>, 0.0);
        for i in 0..self.backends.len() {
            if !fits(self, i) {
                continue;
            }
            let b = &mut self.backends[i];
            b.current += b.effective;
            total += b.effective;
            if b.effective < b.weight {
                b.effective = (b.effective + 1.0).min(b.weight);
            }
            if best.is_none_or(|best| self.backends[i].current > self.backends[best].current) {
                best = Some(i);
            }
        }
        self.backends[best?].current -= total;
        best
    }

    /// The fewest open requests for its weight; ties go round.
    fn least(&self, fits: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let n = self.backends.len();
        let mut best: Option<usize> = None;
        for i in (1..=n).map(|k| (self.last + k) % n.max(1)) {
            let load = |i: usize| self.backends[i].open as f64 / self.backends[i].weight;
            if fits(self, i) && best.is_none_or(|best| load(i) < load(best)) {
                best = Some(i);
            }
        }
        best
    }

    /// Any, in proportion to the weights.
    fn random(&mut self, fits: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let total: f64 = (0..self.backends.len()).filter(|&i| fits(self, i)).map(|i| self.backends[i].weight).sum();
        let mut left = self.rng.uniform() * total;
        let mut last = None;
        for i in 0..self.backends.len() {
            if fits(self, i) {
                last = Some(i);
                left -= self.backends[i].weight;
                if left < 0.0 {
                    break;
                }
            }
        }
        last
    }

    /// Takes note of how a backend treated a request, as nginx's `ngx_http_upstream_free_peer`.
    fn passive(&mut self, i: usize, now: Nanos, failed: bool) {
        let Some(max) = self.max_fails else { return };
        let b = &mut self.backends[i];
        if failed {
            b.fails += 1;
            (b.accessed, b.checked) = (now, now);
            b.effective = (b.effective - b.weight / max as f64).max(0.0);
        } else if b.accessed < b.checked {
            b.fails = 0;
        }
    }

    /// Starts the next check of a backend, a fixed interval after the one before.
    fn check(&mut self, cx: &mut Cx, i: usize) {
        let Some(health) = self.health else { return };
        let b = &mut self.backends[i];
        b.next_check = None;
        if cx.net.links[b.link as usize].removed {
            return;
        }
        let timer = cx.after(health.interval, CHECK, i as u32);
        b.next_check = Some((timer, cx.now + health.interval));
        let ask = Ask::nobody(Op::Probe, cx.now);
        let (link, callee, token) = (b.link, b.node, CHECK_TOKEN + i as u32);
        cx.call(NewCall {
            link,
            callee,
            instance: NONE,
            ask,
            token,
            handshakes: 0,
            patience: (health.timeout, health.timeout),
        });
    }

    /// Takes note of a check.
    fn checked(&mut self, cx: &mut Cx, i: usize, passed: bool) {
        let Some(health) = self.health else { return };
        let b = &mut self.backends[i];
        if passed == b.up {
            b.streak = 0;
            return;
        }
        b.streak += 1;
        if b.streak >= if b.up { health.fall } else { health.rise } {
            b.up = !b.up;
            b.streak = 0;
            (b.effective, b.current) = (b.weight, 0.0);
            cx.log(b.node, if b.up { What::DetectedUp } else { What::DetectedDown }, cx.node);
        }
    }

    /// Starts the checks of every backend that has none, each at a random moment of the interval.
    fn start_checks(&mut self, cx: &mut Cx) {
        let Some(health) = self.health else { return };
        for i in 0..self.backends.len() {
            if self.backends[i].next_check.is_none() && !cx.net.links[self.backends[i].link as usize].removed {
                let phase = self.phases.below(health.interval);
                let timer = cx.after(phase, CHECK, i as u32);
                self.backends[i].next_check = Some((timer, cx.now + phase));
            }
        }
    }
}

impl Behaviour for LoadBalancer {
    fn start(&mut self, cx: &mut Cx) {
        self.started = true;
        self.start_checks(cx);
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.algorithm = match p.text("algorithm").as_str() {
            "least_connections" => Algorithm::LeastConnections,
            "random" => Algorithm::Random,
            _ => Algorithm::RoundRobin,
        };
        self.tries = p.whole("tries");
        self.max_fails = p.optional("max_fails").map(|n| n as u64);
        self.fail_timeout = p.span("fail_timeout_s");
        self.fail_open = p.flag("fail_open");
        self.overhead = p.dist("overhead_ms");
        self.patience = (p.span("connect_timeout_ms"), p.span("read_timeout_ms"));
        self.health = p.group("health").map(|h| Health {
            interval: h.span("interval_ms").max(1),
            // A check ends before the next begins.
            timeout: h.span("timeout_ms").clamp(1, h.span("interval_ms").max(1)),
            rise: h.whole("rise"),
            fall: h.whole("fall"),
        });
        for b in &mut self.backends {
            if let Some((timer, _)) = b.next_check.take() {
                cx.cancel(timer);
            }
            if self.health.is_none() {
                (b.up, b.streak) = (true, 0);
            }
        }
        if self.started {
            self.start_checks(cx);
        }
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        for &link in &cx.net.nodes[cx.node as usize].out {
            let info = &cx.net.links[link as usize];
            if info.meaning != Meaning::Backend {
                continue;
            }
            let weight = if info.removed { 0.0 } else { info.weight };
            match self.backends.iter_mut().find(|b| b.link == link) {
                Some(b) if b.weight != weight => (b.weight, b.effective) = (weight, weight),
                Some(_) => {}
                None => self.backends.push(Backend {
                    link,
                    node: info.to,
                    weight,
                    effective: weight,
                    current: 0.0,
                    open: 0,
                    picks: 0,
                    // Backends that are there from the start count as up, later ones have to pass checks first.
                    up: !self.started || self.health.is_none(),
                    streak: 0,
                    next_check: None,
                    fails: 0,
                    checked: 0,
                    accessed: 0,
                }),
            }
        }
        if self.started {
            self.start_checks(cx);
        }
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call as usize].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        let job = self.jobs.insert(Job { call, tries: 0, backend: 0 }) as u32;
        match from_ms(self.overhead.sample(&mut self.rng) * cx.net.nodes[cx.node as usize].slow) {
            0 => self.forward(cx, job, None),
            overhead => {
                cx.after(overhead, FORWARD, job);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            FORWARD => self.forward(cx, wake.index, None),
            _ => self.check(cx, wake.index as usize),
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, _: CallId, call: Call) {
        if call.token >= CHECK_TOKEN {
            return self.checked(cx, (call.token - CHECK_TOKEN) as usize, call.outcome == Outcome::Ok);
        }
        let job = &self.jobs[call.token as usize];
        let (i, tries, own) = (job.backend, job.tries, job.call);
        self.backends[i].open -= 1;
        // What nginx and HAProxy count against a server: no connection, a broken one, no answer in time.
        let unsent = matches!(call.outcome, Outcome::Refused | Outcome::ConnectTimeout);
        let failed = unsent || matches!(call.outcome, Outcome::Reset | Outcome::Timeout);
        self.passive(i, cx.now, failed);
        if failed && tries < self.tries && (unsent || call.ask.op != Op::Write) {
            return self.forward(cx, call.token, Some(i));
        }
        self.jobs.remove(call.token as usize);
        match call.outcome {
            Outcome::Timeout | Outcome::ConnectTimeout => cx.answer(own, Outcome::GatewayTimeout),
            outcome => cx.answer(own, outcome),
        }
    }

    fn on_crash(&mut self, _: &mut Cx) {
        self.jobs.clear();
        for b in &mut self.backends {
            (b.open, b.next_check, b.streak, b.fails, b.current) = (0, None, 0, 0, 0.0);
        }
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        // A balancer that starts believes the best, like HAProxy.
        for b in &mut self.backends {
            b.up = true;
        }
        self.start_checks(cx);
    }

    fn view(&self, _now: Nanos, net: &Net, node: NodeIx) -> View {
        let health = self.health.filter(|_| net.nodes[node as usize].status != Status::Crashed);
        let backends = self.backends.iter().filter(|b| !net.links[b.link as usize].removed).map(|b| BackendView {
            id: net.nodes[b.node as usize].id.clone(),
            up: b.up,
            streak: b.streak,
            needed: health.map_or(0, |h| if b.up { h.fall } else { h.rise }),
            next_check: health.and(b.next_check.map(|(_, at)| at)),
            picks: b.picks,
            open: b.open,
        });
        View { backends: backends.collect(), ..View::default() }
    }
}
