//! Server: takes a worker, then a core, then makes its calls, then answers. Holds the worker all along.

use super::effects::{Behaviour, Cx, NewCall, Wake};
use super::link::Meaning;
use super::net::{Call, CallId, LinkInfo, LinkIx, NONE, Net, NodeIx, Op, Outcome};
use super::param::{Param, choice, dist, later, num, whole};
use super::station::{Admitted, Pool, Station};
use super::view::View;
use super::{ADDRESS, KindSpec, Lit, Preset, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::{Nanos, from_ms};
use slab::Slab;

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
    ],
};

const PARAMS: &[Param] = &[
    whole("cores", "Cores", 1, 1024, 2, "How many requests compute at the same time.").main(),
    dist("service_ms", "Service time", 0.0, 1e8, Lit::Exponential(5.0), "Core time that each request needs.").main(),
    whole("workers", "Workers", 1, 10_000_000, 256, "Requests held at once, also while they wait for a database.")
        .main(),
    whole("backlog", "Backlog", 0, 10_000_000, 128, "Requests that may wait for a worker.").main(),
    choice(
        "overflow",
        "Beyond the backlog",
        &["refuse", "drop"],
        "Refuse at once, or drop silently so that the caller's time-out finds out. Linux drops by default.",
    ),
    num("boot_s", "Boot time", 0.0, 1e6, 30.0, "From recovery after a crash until it serves again.").main(),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long its calls wait for a connection."),
    num(
        "read_timeout_ms",
        "Read time-out",
        1.0,
        1e8,
        60_000.0,
        "How long its calls wait for an answer; then it answers 504.",
    ),
    choice("discipline", "Discipline", &["fifo", "ps"], "Whether cores serve in order or share themselves among all.")
        .not_yet(),
    whole("instances", "Instances", 1, 10_000, 1, "How many such machines stand here.").not_yet(),
    num("memory_gb", "Memory", 1e-3, 1e6, 4.0, "Memory that requests and caches share.").not_yet(),
    later("autoscale", "Autoscaling", "Adds and removes instances by utilization."),
    ADDRESS,
];

/// A core's alarm.
const CPU: u8 = 0;

/// A request in the server, from its worker to its answer.
struct Job {
    call: CallId,
    /// Position among the server's call links.
    link: usize,
    /// Calls still to be made on that link.
    left: u32,
    /// Calls that are out.
    open: u32,
    /// Which, if they are several.
    out: Vec<CallId>,
    /// Whether a refused read has already been sent to another member.
    again: bool,
}

/// The behaviour.
pub struct Server {
    pool: Pool,
    station: Station,
    jobs: Slab<Job>,
    /// Links to what it calls, in order.
    links: Vec<LinkIx>,
    service: Dist,
    drop_overflow: bool,
    patience: (Nanos, Nanos),
    rng: Rng,
}

impl Server {
    /// A server that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Server {
            pool: Pool::default(),
            station: Station::new(CPU),
            jobs: Slab::new(),
            links: Vec::new(),
            service: Dist::Constant(0.0),
            drop_overflow: false,
            patience: (0, 0),
            rng: Rng::named(seed, id, "service"),
        }
    }

    /// The job has a worker: a check is answered at once, a request wants a core.
    fn begin(&mut self, cx: &mut Cx, job: u32) {
        let call = self.jobs[job as usize].call;
        if cx.net.calls[call as usize].ask.op == Op::Probe {
            return self.finish(cx, job, Outcome::Ok);
        }
        let work = from_ms(self.service.sample(&mut self.rng));
        self.station.submit(cx, job, work);
    }

    /// Makes the next calls of a job: one after the other, or as many at once as are marked parallel.
    fn proceed(&mut self, cx: &mut Cx, id: u32) {
        loop {
            let job = &mut self.jobs[id as usize];
            let Some(&link) = self.links.get(job.link) else {
                if job.open == 0 {
                    self.finish(cx, id, Outcome::Ok);
                }
                return;
            };
            let parallel = cx.net.links[link as usize].calls.1;
            if job.open > 0 && !parallel {
                return;
            }
            if job.left == 0 {
                job.link += 1;
                let ask = &cx.net.calls[job.call as usize].ask;
                job.left = self.links.get(job.link).map_or(0, |&next| cx.net.calls_over(next, ask));
                continue;
            }
            job.left -= 1;
            job.open += 1;
            job.again = false;
            self.send(cx, id, link);
        }
    }

    fn send(&mut self, cx: &mut Cx, id: u32, link: LinkIx) {
        let job = &mut self.jobs[id as usize];
        let ask = cx.net.calls[job.call as usize].ask;
        let LinkInfo { to: callee, calls: (_, parallel), .. } = cx.net.links[link as usize];
        let out =
            cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience: self.patience });
        if parallel {
            job.out.push(out);
        }
    }

    /// Answers, and gives the worker to the next.
    fn finish(&mut self, cx: &mut Cx, id: u32, outcome: Outcome) {
        let job = self.jobs.remove(id as usize);
        cx.answer(job.call, outcome);
        self.pool.release();
        self.take_next(cx);
    }

    fn take_next(&mut self, cx: &mut Cx) {
        while let Some((job, since)) = self.pool.next() {
            cx.waited(self.jobs[job as usize].call, cx.now - since);
            self.begin(cx, job);
        }
    }
}

impl Behaviour for Server {
    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.service = p.dist("service_ms");
        self.drop_overflow = p.text("overflow") == "drop";
        self.patience = (p.span("connect_timeout_ms"), p.span("read_timeout_ms"));
        self.pool.resize(p.whole("workers"), p.whole("backlog"));
        self.station.resize(cx, p.whole("cores"));
        self.take_next(cx);
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        // Links are only ever added behind the others; one that was removed stays in the list and is not called, so
        // the positions that jobs hold stay true.
        for &link in &cx.net.nodes[cx.node as usize].out {
            if cx.net.links[link as usize].meaning == Meaning::Call && !self.links.contains(&link) {
                self.links.push(link);
            }
        }
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        let ask = &cx.net.calls[call as usize].ask;
        let left = self.links.first().map_or(0, |&l| cx.net.calls_over(l, ask));
        let job = self.jobs.insert(Job { call, link: 0, left, open: 0, out: Vec::new(), again: false }) as u32;
        match self.pool.admit(job, cx.now) {
            Admitted::Now => self.begin(cx, job),
            Admitted::Waits => {}
            Admitted::No => {
                self.jobs.remove(job as usize);
                if self.drop_overflow { cx.forget(call) } else { cx.answer(call, Outcome::Refused) }
            }
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, id: CallId, call: Call) {
        let Some(job) = self.jobs.get_mut(call.token as usize) else { return };
        job.open -= 1;
        job.out.retain(|&out| out != id);
        let failed = match call.outcome {
            Outcome::Ok => return self.proceed(cx, call.token),
            Outcome::Refused if call.ask.op != Op::Write && !job.again && cx.grouped(call.link) => {
                job.again = true;
                job.open += 1;
                return self.send(cx, call.token, call.link);
            }
            Outcome::Timeout | Outcome::ConnectTimeout | Outcome::GatewayTimeout => Outcome::GatewayTimeout,
            _ => Outcome::AppError,
        };
        for out in std::mem::take(&mut job.out) {
            cx.close(out);
        }
        self.finish(cx, call.token, failed);
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        let Some((job, waited)) = self.station.done(cx, wake.index) else { return };
        cx.waited(self.jobs[job as usize].call, waited);
        self.proceed(cx, job);
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        self.jobs.clear();
        self.pool.clear();
        self.station.clear(cx);
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.on_speed(cx);
    }

    fn on_freeze(&mut self, cx: &mut Cx) {
        self.station.set_slow(cx, 0.0);
    }

    fn on_thaw(&mut self, cx: &mut Cx) {
        self.on_speed(cx);
    }

    fn on_speed(&mut self, cx: &mut Cx) {
        let slow = cx.net.nodes[cx.node as usize].slow;
        self.station.set_slow(cx, slow);
    }

    fn view(&self, _now: Nanos, _net: &Net, _node: NodeIx) -> View {
        let waiting = (self.pool.waiting() + self.station.waiting()) as u64;
        View { waiting, cores: self.station.cores() as f64, ..View::default() }
    }
}
