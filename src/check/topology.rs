//! What only the whole drawing shows: rings of calls, replication that leaves databases without data, names without a path,
//! private addresses drawn to from outside, zones in two regions, balancers and users with nothing behind them.

use super::design::Design;
use super::replication;
use crate::codec::{Problems, Subject};
use crate::component::address::{Reach, addresses};
use crate::component::{Kind, Meaning, REGION};
use crate::order::Map;

/// Something wrong that the engine could not run with, wherever in the run it comes up.
pub(super) struct Finding {
    /// The path in the JSON, for a design as drawn.
    pub path: String,
    pub subject: Subject,
    pub message: String,
}

pub(super) fn check(problems: &mut Problems, design: &Design) {
    for Finding { path, subject, message } in severe(design) {
        problems.error(path, &subject, message);
    }
    replication::vain_failover(problems, design);
    names(problems, design);
    reach(problems, design);
    regions(problems, design);
    ends(problems, design);
}

/// What the engine could not run with: rings of calls, replication that leaves some of a group without the data, and
/// machines that are not there.
pub(super) fn severe(design: &Design) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some((ring, path)) = ring(design, Meaning::goes_on) {
        let message = format!(
            "closes a ring of calls in which a request would go round for ever: {}; take one of these links away",
            spelled(design, &ring)
        );
        found.push(Finding { path, subject: link_subject(design, &ring), message });
    }
    replication::groups(design, &mut found);
    super::machines::hosts(design, &mut found);
    found
}

/// A ring along links of such meanings, from its smallest identifier, and the path of its last link.
fn ring(design: &Design, such: fn(Meaning) -> bool) -> Option<(Vec<usize>, String)> {
    let next = design.neighbours(such);
    // Depth first without recursion: 0 is new, 1 on the way, 2 done.
    let mut state = vec![0u8; next.len()];
    for start in 0..next.len() {
        let mut way: Vec<(usize, usize)> = Vec::new();
        if state[start] == 0 {
            state[start] = 1;
            way.push((start, 0));
        }
        while let Some((node, at)) = way.last_mut() {
            let Some(&to) = next[*node].get(*at) else {
                state[*node] = 2;
                way.pop();
                continue;
            };
            *at += 1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    way.push((to, 0));
                }
                1 => {
                    let mut ring: Vec<usize> =
                        way.iter().map(|&(node, _)| node).skip_while(|&node| node != to).collect();
                    let first = (0..ring.len()).min_by_key(|&i| design.id(ring[i])).unwrap_or(0);
                    ring.rotate_left(first);
                    let (last, first) = (ring[ring.len() - 1], ring[0]);
                    let link = design.edges().find(|&(_, from, to, _)| (from, to) == (last, first));
                    return Some((ring, link.map_or_else(String::new, |(i, ..)| format!("links[{i}]"))));
                }
                _ => {}
            }
        }
    }
    None
}

fn spelled(design: &Design, ring: &[usize]) -> String {
    let shown = ring.iter().take(12).map(|&n| design.id(n));
    let rest = if ring.len() > 12 { "…" } else { design.id(ring[0]) };
    shown.chain([rest]).collect::<Vec<_>>().join(" → ")
}

fn link_subject(design: &Design, ring: &[usize]) -> Subject {
    Subject::Link(design.id(ring[ring.len() - 1]).into(), design.id(ring[0]).into())
}

/// A record's address must be one to which the askers have a path.
fn names(problems: &mut Problems, design: &Design) {
    let asks = design.neighbours(|m| m == Meaning::Names);
    let paths = design.neighbours(|m| m == Meaning::Path);
    let mut askers: Map<usize, Vec<usize>> = Map::new();
    for users in design.of(Kind::Users) {
        for &dns in &asks[users] {
            askers.or_default(dns).push(users);
        }
    }
    for (link, dns, to, _) in design.edges().filter(|&(.., meaning)| meaning == Meaning::Record) {
        for &users in askers.get(&dns).into_iter().flatten() {
            if !paths[users].contains(&to) {
                let about = Subject::Link(design.id(dns).into(), design.id(to).into());
                let (users, to) = (design.id(users), design.id(to));
                let message = format!(
                    "gives out the address of {to} to {users}, who have no path there; draw a link from {users} to {to}"
                );
                problems.error(format!("links[{link}]"), &about, message);
            }
        }
    }
    for dns in design.of(Kind::Dns).filter(|dns| !askers.contains_key(dns)) {
        let about = Subject::Node(design.id(dns).into());
        problems.warning(format!("nodes[{dns}]"), &about, "is asked by nobody; draw a link from the users to it");
    }
}

/// Private addresses drawn to from outside: allowed, because watching it fail is a lesson.
fn reach(problems: &mut Problems, design: &Design) {
    let addresses = addresses(design.scenario);
    let mut inside: Map<usize, usize> = Map::new();
    for (_, from, to, meaning) in design.edges() {
        if !matches!(meaning, Meaning::Path | Meaning::Record | Meaning::Names | Meaning::Origin) {
            inside.or_insert(to, from);
        }
    }
    for (link, from, to, _) in design.edges().filter(|&(.., meaning)| meaning == Meaning::Path) {
        let Some(address) = addresses.get(design.id(to)).filter(|a| a.reach == Reach::Private) else { continue };
        let why = match inside.get(&to) {
            _ if design.scenario.nodes[to].params.get("address").is_some_and(|a| a == "private") => {
                "its address is set to private".into()
            }
            Some(&by) => format!("the link {} → {} puts it behind {0}", design.id(by), design.id(to)),
            None => "it is inside".into(),
        };
        let about = Subject::Link(design.id(from).into(), design.id(to).into());
        let message = format!(
            "leads from outside to the private address {}, so every attempt fails as unreachable; it is private \
             because {why}",
            address.ip
        );
        problems.warning(format!("links[{link}]"), &about, message);
    }
}

/// A zone lies in one region.
fn regions(problems: &mut Problems, design: &Design) {
    let mut of: Map<&str, (&str, &str)> = Map::new();
    for (i, node) in design.scenario.nodes.iter().enumerate() {
        let region = node.params.get(REGION.name).and_then(|r| r.as_str()).filter(|r| !r.is_empty());
        let Some((zone, region)) = node.zone.as_deref().zip(region) else { continue };
        match of.get(zone) {
            Some((other, whose)) if *other != region => {
                let message = format!(
                    "is {region}, but {whose} stands in the same zone, {zone}, and says {other}; a zone lies in one region"
                );
                problems.warning(
                    format!("nodes[{i}].params.{}", REGION.name),
                    &Subject::Node(node.id.clone()),
                    message,
                );
            }
            Some(_) => {}
            None => {
                of.or_insert(zone, (region, node.id.as_str()));
            }
        }
    }
}

/// Users that reach nothing, balancers, CDNs and queues with nobody behind.
fn ends(problems: &mut Problems, design: &Design) {
    for (kind, meaning, message) in [
        (Kind::Users, Meaning::Path, "has no path to a server or balancer, so all its requests fail; draw a link"),
        (
            Kind::LoadBalancer,
            Meaning::Backend,
            "has no backend, so it answers 503 (no_backend); draw a link from it to a server",
        ),
        (
            Kind::Cdn,
            Meaning::Origin,
            "has no origin, so it answers 503 (no_backend); draw a link from it to a server or balancer",
        ),
        (
            Kind::Queue,
            Meaning::Consumption,
            "has no consumer, so it fills up and then refuses; draw a link from it to a server that does the work",
        ),
    ] {
        let next = design.neighbours(|m| m == meaning);
        for node in design.of(kind).filter(|&node| next[node].is_empty()) {
            problems.warning(format!("nodes[{node}]"), &Subject::Node(design.id(node).into()), message);
        }
    }
}
