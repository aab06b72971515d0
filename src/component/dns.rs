//! DNS: the service, outside the system, that turns a name into an address that clients then keep.

use super::effects::{Behaviour, Cx, Wake};
use super::link::Meaning;
use super::net::{CallId, LinkInfo, LinkIx, NONE, Net, NodeIx};
use super::param::{Param, choice, later, num};
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
        "Which address is given out if there are several: any at random, each in turn, or by weight. Failover and latency come later.",
    )
    .main(),
    num("negative_ttl_s", "Negative time to live", 0.0, 1e7, 60.0, "How long \"no such name\" may be kept."),
    num("answer_ms", "Answer time", 0.0, 1e7, 1.0, "From the question's arrival to the answer's leaving."),
    later("health", "Health checks", "Leave out addresses that do not answer."),
];

/// Which record is given out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Simple,
    RoundRobin,
    Weighted,
}

/// The behaviour.
pub struct Dns {
    policy: Policy,
    answer: Nanos,
    /// How long an answer, and a "no such name", may be kept.
    ttl: (Nanos, Nanos),
    turn: u64,
    rng: Rng,
}

impl Dns {
    /// A service that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Dns { policy: Policy::Simple, answer: 0, ttl: (0, 0), turn: 0, rng: Rng::named(seed, id, "answers") }
    }

    /// The links whose ends are given out to this client: the records, or without any what the client has paths to.
    fn records(net: &Net, dns: NodeIx, client: NodeIx) -> Vec<&LinkInfo> {
        let links = |node: NodeIx, meaning: Meaning| {
            let out: &[LinkIx] = &net.nodes[node as usize].out;
            out.iter().map(|&l| &net.links[l as usize]).filter(move |l| l.meaning == meaning && !l.removed)
        };
        if links(dns, Meaning::Record).next().is_some() {
            links(dns, Meaning::Record).collect()
        } else {
            links(client, Meaning::Path).collect()
        }
    }

    fn pick(&mut self, net: &Net, dns: NodeIx, client: NodeIx) -> Option<NodeIx> {
        let records = Self::records(net, dns, client);
        if records.is_empty() {
            return None;
        }
        let i = match self.policy {
            Policy::Simple => self.rng.below(records.len() as u64) as usize,
            Policy::RoundRobin => {
                self.turn += 1;
                (self.turn - 1) as usize % records.len()
            }
            Policy::Weighted => {
                let mut left = self.rng.uniform() * records.iter().map(|l| l.weight).sum::<f64>();
                let found = records.iter().position(|l| {
                    left -= l.weight;
                    left < 0.0
                });
                found.unwrap_or(0)
            }
        };
        Some(records[i].to)
    }

    fn reply(&mut self, cx: &mut Cx, call: CallId) {
        let client = cx.net.calls[call as usize].caller;
        match self.pick(cx.net, cx.node, client) {
            Some(node) => cx.answer_name(call, node, self.ttl.0),
            None => cx.answer_name(call, NONE, self.ttl.1),
        }
    }
}

impl Behaviour for Dns {
    fn configure(&mut self, _: &mut Cx, p: &Values) {
        self.policy = match p.text("policy").as_str() {
            "round_robin" => Policy::RoundRobin,
            "weighted" => Policy::Weighted,
            _ => Policy::Simple,
        };
        self.answer = p.span("answer_ms");
        self.ttl = (p.span("ttl_s"), p.span("negative_ttl_s"));
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        match (self.answer as f64 * cx.net.nodes[cx.node as usize].slow).round() as Nanos {
            0 => self.reply(cx, call),
            span => {
                cx.after(span, 0, call);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        self.reply(cx, wake.index);
    }
}
