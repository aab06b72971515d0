//! DNS: the service, outside the system, that turns a name into an address that clients then keep.

use super::address::Reach;
use super::effects::{Behaviour, Cx, Wake};
use super::health::{CHECK, CHECK_TOKEN, HEALTH, Health, Watched};
use super::link::Meaning;
use super::net::{CallId, LinkIx, NONE, Net, NodeIx, Outcome, Status};
use super::param::{Param, choice, group, num};
use super::view::{BackendView, View};
use super::{KindSpec, Preset, Values};
use crate::rng::Rng;
use crate::time::Nanos;

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "dns",
    label: "DNS",
    group: "Network",
    help: "The name service, usually paid for and run by a third party. Clients keep its answers for their time to live.",
    icon: "M12 3a9 9 0 1 0 .01 0M3 12h18M12 3c2.6 2.7 3.6 5.7 3.6 9s-1 6.3-3.6 9M12 3c-2.6 2.7-3.6 5.7-3.6 9s1 6.3 3.6 9",
    params: PARAMS,
    addressed: false,
    grouped: false,
    presets: &[Preset { label: "DNS", stem: "dns", params: &[] }],
};

const PARAMS: &[Param] = &[
    num("ttl_s", "Time to live", 0.0, 1e7, 60.0, "How long an answer may be kept.").main(),
    choice(
        "policy",
        "Policy",
        &["simple", "round_robin", "weighted", "failover", "latency"],
        "Which address is given out if there are several: any at random, each in turn, by weight, the first that is healthy, or the healthy one with the shortest path from who asks.",
    )
    .main(),
    group(
        "health",
        "Health checks",
        HEALTH,
        "Leave out addresses that do not answer; if none does, all are given out. Route 53 checks every 30 s and gives up after 3.",
    )
    .none(),
    num("negative_ttl_s", "Negative time to live", 0.0, 1e7, 60.0, "How long \"no such name\" may be kept (the SOA record's minimum)."),
    num(
        "soa_ttl_s",
        "SOA time to live",
        0.0,
        1e7,
        0.0,
        "The SOA record's own time to live: \"no such name\" is kept for the shorter of the two (RFC 2308). None leaves it to the other.",
    )
    .none(),
    num("answer_ms", "Answer time", 0.0, 1e7, 1.0, "From the question's arrival to the answer's leaving."),
];

/// Which record is given out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Simple,
    RoundRobin,
    Weighted,
    Failover,
    Latency,
}

/// The alarm of an answer.
const ANSWER: u8 = 0;

/// The behaviour.
#[derive(Clone)]
pub struct Dns {
    policy: Policy,
    answer: Nanos,
    /// How long an answer, and a "no such name", may be kept.
    ttl: (Nanos, Nanos),
    health: Option<Health>,
    /// Every address that may be given out, with what checks found; those without a link no more stay unused.
    watched: Vec<Watched>,
    /// How often each of these was given out.
    given: Vec<u64>,
    started: bool,
    turn: u64,
    /// The links whose ends may be given out to whoever asks now.
    candidates: Vec<LinkIx>,
    rng: Rng,
    phases: Rng,
}

impl Dns {
    /// A service that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Dns {
            policy: Policy::Simple,
            answer: 0,
            ttl: (0, 0),
            health: None,
            watched: Vec::new(),
            given: Vec::new(),
            started: false,
            turn: 0,
            candidates: Vec::new(),
            rng: Rng::named(seed, id, "answers"),
            phases: Rng::named(seed, id, "checks"),
        }
    }

    /// Fills `candidates` for a client: the records, or without any what the client has paths to; of these the healthy
    /// ones, or all if none is (as Route 53,
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>).
    fn list(&mut self, net: &Net, dns: NodeIx, client: NodeIx) {
        self.candidates.clear();
        self.candidates.extend(links(net, dns, Meaning::Record));
        if self.candidates.is_empty() {
            self.candidates.extend(links(net, client, Meaning::Path));
        }
        let watched = &self.watched;
        let to = |link: LinkIx| net.links[link as usize].to;
        let healthy = |link: LinkIx| watched.iter().all(|w| w.node != to(link) || w.up);
        if self.candidates.iter().any(|&link| healthy(link)) {
            self.candidates.retain(|&link| healthy(link));
        }
    }

    fn pick(&mut self, net: &Net, dns: NodeIx, client: NodeIx) -> Option<NodeIx> {
        self.list(net, dns, client);
        let first = *self.candidates.first()?;
        let count = self.candidates.len() as u64;
        let link = match self.policy {
            Policy::Simple => self.candidates[self.rng.below(count) as usize],
            Policy::RoundRobin => {
                self.turn += 1;
                self.candidates[((self.turn - 1) % count) as usize]
            }
            Policy::Weighted => self.by_weight(net),
            Policy::Failover => first,
            Policy::Latency => self.nearest(net, client),
        };
        Some(net.links[link as usize].to)
    }

    /// One of the candidates in proportion to the weights; any if all are 0.
    fn by_weight(&mut self, net: &Net) -> LinkIx {
        let weight = |link: LinkIx| net.links[link as usize].weight;
        let mut left = self.rng.uniform() * self.candidates.iter().map(|&l| weight(l)).sum::<f64>();
        let found = self.candidates.iter().position(|&link| {
            left -= weight(link);
            left < 0.0
        });
        self.candidates[found.unwrap_or(0)]
    }

    /// The candidate with the lowest mean latency on the client's path; the first of equals. Route 53 knows such means
    /// from measurements over weeks, so a fault of the moment changes nothing.
    fn nearest(&self, net: &Net, client: NodeIx) -> LinkIx {
        let latency = |&link: &LinkIx| {
            let to = net.links[link as usize].to;
            let path = links(net, client, Meaning::Path).find(|&l| net.links[l as usize].to == to);
            path.map_or(f64::INFINITY, |l| net.links[l as usize].latency.mean())
        };
        let nearest = self.candidates.iter().min_by(|a, b| latency(a).total_cmp(&latency(b)));
        nearest.copied().unwrap_or(self.candidates[0])
    }

    fn reply(&mut self, cx: &mut Cx, call: CallId) {
        let client = cx.net.calls[call].caller;
        // Nobody tells a name service that its askers got another path.
        let known = |link: LinkIx| self.watched.iter().any(|w| w.node == cx.net.links[link as usize].to);
        let records = links(cx.net, cx.node, Meaning::Record).next().is_some();
        if self.health.is_some() && !records && !links(cx.net, client, Meaning::Path).all(known) {
            self.watch(cx);
        }
        match self.pick(cx.net, cx.node, client) {
            Some(node) => {
                if let Some(i) = self.watched.iter().position(|w| w.node == node) {
                    self.given[i] += 1;
                }
                cx.answer_name(call, node, self.ttl.0);
            }
            None => cx.answer_name(call, NONE, self.ttl.1),
        }
    }

    /// Watches every address that may be given out, over its record or else over the path of those who ask.
    fn watch(&mut self, cx: &mut Cx) {
        let ways = ways(cx.net, cx.node);
        let to = |link: LinkIx| cx.net.links[link as usize].to;
        // One that joins later counts as up at once: Route 53 takes a new check to be healthy until it knows better.
        for &way in &ways {
            match self.watched.iter_mut().find(|w| w.node == to(way)) {
                Some(known) => known.link = way,
                None => {
                    self.watched.push(Watched::new(way, to(way), NONE, true));
                    self.given.push(0);
                }
            }
        }
        let runs = matches!(cx.net.nodes[cx.node as usize].status, Status::Up | Status::Frozen);
        for (i, w) in self.watched.iter_mut().enumerate() {
            match self.health {
                Some(health) if runs && self.started && ways.contains(&w.link) => {
                    w.begin(cx, &health, &mut self.phases, i);
                }
                Some(_) if ways.contains(&w.link) => {}
                _ => {
                    w.stop(cx);
                    (w.up, w.streak) = (true, 0);
                }
            }
        }
    }

    /// A check starts; checkers stand outside, where a private address does not answer.
    fn check(&mut self, cx: &mut Cx, i: usize) {
        let Some(health) = self.health else { return };
        let w = &mut self.watched[i];
        let private = cx.net.nodes[w.node as usize].reach == Reach::Private;
        if private {
            w.note(cx, &health, false);
        }
        w.check(cx, &health, i, !private);
    }
}

/// The links to every address that may be given out: the records, or without any the paths of those who ask.
fn ways(net: &Net, dns: NodeIx) -> Vec<LinkIx> {
    let records: Vec<LinkIx> = links(net, dns, Meaning::Record).collect();
    if !records.is_empty() {
        return records;
    }
    let askers = net.links.iter().filter(|l| l.to == dns && l.meaning == Meaning::Names && !l.removed);
    askers.flat_map(|l| links(net, l.from, Meaning::Path)).collect()
}

/// The links of this meaning that leave a node, in order.
fn links(net: &Net, node: NodeIx, meaning: Meaning) -> impl Iterator<Item = LinkIx> + '_ {
    let fits = move |&l: &LinkIx| net.links[l as usize].meaning == meaning && !net.links[l as usize].removed;
    net.nodes[node as usize].out.iter().copied().filter(fits)
}

impl Behaviour for Dns {
    fn start(&mut self, cx: &mut Cx) {
        self.started = true;
        self.watch(cx);
    }

    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.policy = match p.text("policy").as_str() {
            "round_robin" => Policy::RoundRobin,
            "weighted" => Policy::Weighted,
            "failover" => Policy::Failover,
            "latency" => Policy::Latency,
            _ => Policy::Simple,
        };
        self.answer = p.span("answer_ms");
        let negative = p.span("negative_ttl_s");
        self.ttl = (p.span("ttl_s"), p.optional_span("soa_ttl_s").map_or(negative, |soa| soa.min(negative)));
        self.health = p.group("health").map(|h| Health::new(&h));
        for w in &mut self.watched {
            w.stop(cx);
        }
        self.watch(cx);
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        self.watch(cx);
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        match (self.answer as f64 * cx.net.nodes[cx.node as usize].slow).round() as Nanos {
            0 => self.reply(cx, call),
            span => {
                cx.later(span, ANSWER, call);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            CHECK => self.check(cx, wake.index as usize),
            _ => self.reply(cx, wake.index),
        }
    }

    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let token = cx.net.calls[call].token;
        let (Some(health), i) = (self.health, (token - CHECK_TOKEN) as usize) else { return };
        self.watched[i].note(cx, &health, outcome == Outcome::Ok);
    }

    fn on_crash(&mut self, _: &mut Cx) {
        for w in &mut self.watched {
            w.forget();
        }
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.watch(cx);
    }

    fn view(&self, _now: Nanos, net: &Net, node: NodeIx) -> View {
        let health = self.health.filter(|_| net.nodes[node as usize].status != Status::Crashed);
        let watched = self.watched.iter().zip(&self.given).filter(|(w, _)| w.next_check().is_some());
        let backends =
            watched.map(|(w, &picks)| BackendView { picks, ..BackendView::watched(net, w, health.as_ref()) });
        View { backends: backends.collect(), ..View::default() }
    }
}
