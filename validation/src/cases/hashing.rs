//! Hashes: which server a key or a client's network belongs to, and what moves when a server comes or goes.

use super::balancing::balancer;
use super::{design, link, server};
use crate::case::{Case, Section};
use crate::run::{Pick, Run};
use loadstone::component::net::{Ask, Net};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn section() -> Section {
    let mut cases = Vec::new();
    for (servers, broken, fault) in
        [(3, 1, "remove_link"), (10, 4, "remove_link"), (10, 7, "crash"), (50, 20, "remove_link")]
    {
        cases.push(consistent(servers, broken, fault));
    }
    for (weights, down) in
        [(&[1, 1, 1, 1][..], None), (&[5, 2, 1], None), (&[1, 1, 1, 1], Some(1)), (&[5, 2, 1], Some(2))]
    {
        cases.push(by_network(weights, down));
    }
    Section {
        title: "Hashes",
        about: "With a ring of many points for each server, as \
                [ketama](https://www.metabrew.com/article/libketama-consistent-hashing-algo-memcached-clients) lays it and nginx's \
                [`hash … consistent`](https://nginx.org/en/docs/http/ngx_http_upstream_module.html#hash) uses it with 160 points, one \
                of N servers owns about 1/N of the keys; when it leaves, these move and no others, and they come back with it. \
                `ip_hash` looks at the first three octets of an address only and picks by nginx's formula \
                ([source](https://github.com/nginx/nginx/blob/master/src/http/modules/ngx_http_upstream_ip_hash_module.c)), written \
                here a second time; where it finds a server down, it hashes on.",
        cases,
    }
}

/// Seconds with all servers, then without one of them, then with all again.
const PHASE: f64 = 100.0;
/// At the beginning of a phase checks may not yet have found what has changed.
const SETTLING: f64 = 10.0;

fn key(net: &Net, ask: &Ask) -> u64 {
    net.key(ask)
}

/// Ten thousand keys over `servers`; the one at position `broken` is away for a while.
fn consistent(servers: u32, broken: u32, fault: &str) -> Case {
    let people = json!({"rate_rps": 1000, "arrivals": "constant", "keep_alive_s": 1e6, "keys": 10_000, "zipf": 0, "write_share": 0});
    let mut lb = balancer("consistent_hash");
    lb["params"]["health"] = json!({"interval_ms": 1000, "timeout_ms": 500});
    let name = |i: u32| format!("web{i}");
    let mut nodes = vec![json!({"id": "users", "kind": "users", "params": people}), lb];
    let mut links = vec![link("users", "lb")];
    for i in 0..servers {
        let mut web = server(&name(i), 4, json!(0));
        web["params"]["boot_s"] = 0.into();
        nodes.push(web);
        links.push(link("lb", &name(i)));
    }
    let mut design = design(nodes, links);
    let broken_id = name(broken);
    let crash = fault == "crash";
    design["timeline"] = if crash {
        json!([{"at_s": PHASE, "node": broken_id, "do": "crash", "for_s": PHASE}])
    } else {
        json!([{"at_s": PHASE, "link": ["lb", broken_id], "do": "remove_link", "for_s": PHASE}])
    };
    let ideal = 1.0 / f64::from(servers);
    // Each key belongs to the server at this position of the design: users and balancer come first.
    let left = broken + 2;
    let what = if crash { "is down" } else { "leaves" };
    // With 160 points a share's standard deviation is a twelfth of it; some more comes from which keys there are.
    Case::short(format!("ketama, one of {servers} {what}"), design, 3.0 * PHASE, 1000.0, 4)
        .following(key)
        .within("share of the keys that move", |run: &Run| moved(run, |_| true), 0.7 * ideal, 1.3 * ideal)
        .within("keys of the others that move", move |run: &Run| moved(run, |owner| owner != left), 0.0, 0.0)
        .within("keys that are elsewhere once it is back", returned, 0.0, 0.0)
}

/// Who got each key last within a phase.
fn owners(run: &Run, phase: u32) -> BTreeMap<u64, u32> {
    let (from, to) = (PHASE * f64::from(phase) + SETTLING, PHASE * f64::from(phase + 1));
    let within = run.followed.iter().filter(|p| (from..to).contains(&p.at_s));
    within.map(|p| (p.of, p.backend)).collect()
}

/// The keys that two phases send to different servers, as a share of those that came in both.
fn differing(run: &Run, phases: (u32, u32), counts: impl Fn(u32) -> bool) -> Option<f64> {
    let (before, after) = (owners(run, phases.0), owners(run, phases.1));
    let both: Vec<(u32, u32)> = before.iter().filter_map(|(key, &a)| Some((a, *after.get(key)?))).collect();
    let moved = both.iter().filter(|(a, b)| a != b && counts(*a)).count();
    (!both.is_empty()).then(|| moved as f64 / both.len() as f64)
}

fn moved(run: &Run, counts: impl Fn(u32) -> bool) -> Option<f64> {
    differing(run, (0, 1), counts)
}

fn returned(run: &Run) -> Option<f64> {
    differing(run, (0, 2), |_| true)
}

/// The first three octets of the client's address as a number.
pub fn network(net: &Net, ask: &Ask) -> u64 {
    let [a, b, c] = net.traffic(ask).map_or([0; 3], |t| t.network(ask.client));
    u64::from(u32::from_be_bytes([0, a, b, c]))
}

/// A thousand clients and `ip_hash`, with servers a, b, c … of these weights, one of which may be down.
pub fn networks(weights: &[u32], down: Option<usize>, rate: f64) -> Value {
    let people =
        json!({"rate_rps": rate, "arrivals": "constant", "keep_alive_s": 1e6, "clients": 1000, "write_share": 0});
    let mut lb = balancer("ip_hash");
    lb["params"]["max_fails"] = 1.into();
    lb["params"]["fail_timeout_s"] = 1e6.into();
    let mut nodes = vec![json!({"id": "users", "kind": "users", "params": people}), lb];
    let mut links = vec![link("users", "lb")];
    for (i, weight) in weights.iter().enumerate() {
        let name = super::picks::name(i);
        nodes.push(server(&name, 4, json!(0)));
        links.push(json!({"from": "lb", "to": name, "params": {"latency_ms": 0, "weight": weight}}));
    }
    let mut design = design(nodes, links);
    if let Some(down) = down {
        design["timeline"] = json!([{"at_s": 0, "node": super::picks::name(down), "do": "crash"}]);
    }
    design
}

fn by_network(weights: &'static [u32], down: Option<usize>) -> Case {
    let rate = 1000.0;
    let list = weights.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let failed = down.map(|i| format!(", {} down", super::picks::name(i))).unwrap_or_default();
    let case = Case::short(format!("ip_hash, weights {list}{failed}"), networks(weights, down, rate), 60.0, rate, 8)
        .following(network)
        .within(
            "picks other than by nginx's formula",
            move |run: &Run| {
                let other = |p: &&Pick| formula(weights, down, p.of).is_some_and(|at| at + 2 != p.backend as usize);
                Some(settled(run).filter(other).count() as f64)
            },
            0.0,
            0.0,
        );
    if down.is_some() {
        return case;
    }
    case.within("networks that two servers got", |run: &Run| Some(torn(settled(run))), 0.0, 0.0)
}

/// The picks once the failure of a server is known.
fn settled(run: &Run) -> impl Iterator<Item = &Pick> {
    run.followed.iter().filter(|p| p.at_s >= SETTLING)
}

fn torn<'a>(picks: impl Iterator<Item = &'a Pick>) -> f64 {
    let mut owner = BTreeMap::new();
    let torn = picks.filter(|p| *owner.entry(p.of).or_insert(p.backend) != p.backend).map(|p| p.of);
    torn.collect::<BTreeSet<u64>>().len() as f64
}

/// nginx's `ngx_http_upstream_get_ip_hash_peer`: the position of the server for a network. None if it hashes to the
/// server that is down again and again: then they take turns.
pub fn formula(weights: &[u32], down: Option<usize>, network: u64) -> Option<usize> {
    const TRIES: usize = 20;
    let total: u64 = weights.iter().map(|&w| u64::from(w)).sum();
    let octets = [network >> 16 & 255, network >> 8 & 255, network & 255];
    let mut hash = 89;
    for _ in 0..=TRIES {
        for octet in octets {
            hash = (hash * 113 + octet) % 6271;
        }
        let mut rest = hash % total;
        let mut at = 0;
        while rest >= u64::from(weights[at]) {
            rest -= u64::from(weights[at]);
            at += 1;
        }
        if Some(at) != down {
            return Some(at);
        }
    }
    None
}
