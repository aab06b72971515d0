//! What can break: every fault that people know by a name, what it is in real life, and the timeline entries that it
//! is made of; and chaos, which draws some of them with a seed.

use super::command::Strike;
use crate::component::{Kind, Meaning, REGION, link::meaning};
use crate::rng::Rng;
use crate::scenario::{Action, Node, Scenario, Target};
use crate::time::{MS, Nanos, SECOND};
use serde_json::{Value, json};

/// A fault by its name.
#[derive(Debug)]
pub struct Fault {
    /// Stable name, for tests and the page's elements.
    pub id: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it is in real life, and what it does to those who wait.
    pub life: &'static str,
    /// How long it usually lasts, in seconds; 0 for what is over at once.
    pub lasts_s: f64,
    /// What it does to this target of this design; nothing where it makes no sense.
    strikes: fn(&Scenario, &Target) -> Vec<(Target, Action)>,
}

impl Fault {
    /// The fault at a time (now, if none is given), undone after so many seconds if given. Empty where the fault does
    /// not fit the target.
    pub fn at(&self, design: &Scenario, target: &Target, at: Option<Nanos>, for_s: Option<f64>) -> Vec<Strike> {
        let for_s = for_s.filter(|_| self.lasts_s > 0.0);
        let strike = |(target, action)| Strike { target, action, at, for_s, chaos: None };
        (self.strikes)(design, target).into_iter().map(strike).collect()
    }

    /// Whether it can happen to this target.
    pub fn fits(&self, design: &Scenario, target: &Target) -> bool {
        !(self.strikes)(design, target).is_empty()
    }
}

/// Every fault, in the order in which they are offered.
pub const FAULTS: &[Fault] = &[
    Fault {
        id: "crash",
        label: "Crash",
        life: "The process dies: a bug, the out-of-memory killer, a pulled plug. Its connections are reset and new ones refused, so callers know at once.",
        lasts_s: 20.0,
        strikes: |design, target| on(target, machine(design, target), Action::Crash),
    },
    Fault {
        id: "freeze",
        label: "Freeze",
        life: "The machine hangs: a long garbage collection, a stuck disk, a live migration. Nothing is refused, so callers only notice by their time-outs.",
        lasts_s: 10.0,
        strikes: |design, target| on(target, machine(design, target), Action::Freeze),
    },
    Fault {
        id: "slow",
        label: "Slow down ×3",
        life: "A noisy neighbour, a throttled processor, a cold cache below. It still answers its health checks, which is why it hurts for long.",
        lasts_s: 30.0,
        strikes: |design, target| on(target, machine(design, target), Action::Slow { factor: 3.0 }),
    },
    Fault {
        id: "errors",
        label: "20 % errors",
        life: "One request in five meets a bug and is answered with 500. Fast failures make a broken server look idle, and a balancer may send it even more.",
        lasts_s: 30.0,
        strikes: |design, target| on(target, machine(design, target), Action::Error { share: 0.2, writes_only: false }),
    },
    Fault {
        id: "deploy",
        label: "Bad deploy",
        life: "A release with a bug: three in ten requests fail and the others take twice as long, until somebody rolls it back.",
        lasts_s: 60.0,
        strikes: |design, target| {
            let server = kind(design, target) == Some(Kind::Server);
            let mut both = on(target, server, Action::Error { share: 0.3, writes_only: false });
            both.extend(on(target, server, Action::Slow { factor: 2.0 }));
            both
        },
    },
    Fault {
        id: "disk_full",
        label: "Disk full",
        life: "The database has no room left: reads are answered as before, every write fails until space is made.",
        lasts_s: 30.0,
        strikes: |design, target| {
            let database = kind(design, target) == Some(Kind::Database);
            on(target, database, Action::Error { share: 1.0, writes_only: true })
        },
    },
    Fault {
        id: "replication_pause",
        label: "Pause replication",
        life: "Its replication stands still: a saturated link, a stuck slot, a replica that somebody paused. Reads from replicas grow old, and a promotion now would lose what has not arrived.",
        lasts_s: 15.0,
        strikes: |design, target| {
            let there = |end: &str| matches!(target, Target::Node(id) if id == end);
            let streams = design.links.iter().filter(|l| there(&l.from) || there(&l.to));
            let streams = streams.filter(|l| means(design, &l.from, &l.to) == Some(Meaning::Replication));
            streams.map(|l| (Target::Link(l.from.clone(), l.to.clone()), Action::Cut)).collect()
        },
    },
    Fault {
        id: "flush",
        label: "Empty the cache",
        life: "A restart, a deploy or a wrong command empties it. Until it is warm again, everything behind it carries the whole load.",
        lasts_s: 0.0,
        strikes: |design, target| {
            let keeps = matches!(kind(design, target), Some(Kind::Cache | Kind::Cdn));
            on(target, keeps, Action::Flush)
        },
    },
    Fault {
        id: "dns_outage",
        label: "DNS outage",
        life: "The name service no longer answers. Who has the address in a cache goes on until the TTL ends; everyone else waits for a name.",
        lasts_s: 60.0,
        strikes: |design, target| on(target, kind(design, target) == Some(Kind::Dns), Action::Freeze),
    },
    Fault {
        id: "spike",
        label: "Load spike ×5",
        life: "A link on a large site, a push message, a sale that opens at noon: five times as many people as a moment ago.",
        lasts_s: 20.0,
        strikes: |design, target| on(target, kind(design, target) == Some(Kind::Users), Action::Load { factor: 5.0 }),
    },
    Fault {
        id: "cut",
        label: "Cut the link",
        life: "A cable, a switch or a firewall rule: packets vanish both ways and nobody is told. Both ends live, and each may believe that the other is dead.",
        lasts_s: 10.0,
        strikes: |design, target| on(target, link(design, target), Action::Cut),
    },
    Fault {
        id: "slow_link",
        label: "Slow link ×10",
        life: "Traffic takes a detour, or a queue in a router is full: every round trip takes ten times as long.",
        lasts_s: 30.0,
        strikes: |design, target| on(target, link(design, target), Action::Slow { factor: 10.0 }),
    },
    Fault {
        id: "lossy_link",
        label: "Lossy link, 5 %",
        life: "One packet in twenty is lost. TCP sends it again after 200 ms or more, so the median looks well and the p99 does not.",
        lasts_s: 30.0,
        strikes: |design, target| {
            on(target, link(design, target), Action::Set { param: "loss_share".into(), value: json!(0.05) })
        },
    },
    Fault {
        id: "zone",
        label: "Lose the zone",
        life: "Power, cooling or fire: everything that stands in this zone is gone at once.",
        lasts_s: 60.0,
        strikes: |design, target| match zone(design, target) {
            Some(zone) => vec![(Target::Zone(zone.to_owned()), Action::Crash)],
            None => Vec::new(),
        },
    },
    Fault {
        id: "region",
        label: "Lose the region",
        life: "A whole region is gone: every zone of it, and whatever else stands there.",
        lasts_s: 60.0,
        strikes: |design, target| {
            let first = match target {
                Target::Zone(zone) => design.nodes.iter().find(|n| n.zone.as_ref() == Some(zone)),
                _ => node(design, target),
            };
            let Some(lost) = first.and_then(region) else { return Vec::new() };
            // A zone that is lost as a whole is one entry, whoever else stands there another.
            let lies = |zone: &str| {
                let mut inside = design.nodes.iter().filter(|n| n.zone.as_deref() == Some(zone));
                inside.all(|n| region(n) == Some(lost))
            };
            let zones: Vec<&str> = design.zones().into_iter().filter(|zone| lies(zone)).collect();
            let others = design.nodes.iter().filter(|n| {
                let target = Target::Node(n.id.clone());
                region(n) == Some(lost)
                    && machine(design, &target)
                    && !n.zone.as_deref().is_some_and(|z| zones.contains(&z))
            });
            let others = others.map(|n| Target::Node(n.id.clone()));
            let zones = zones.iter().map(|zone| Target::Zone((*zone).to_owned()));
            zones.chain(others).map(|target| (target, Action::Crash)).collect()
        },
    },
];

fn on(target: &Target, fits: bool, action: Action) -> Vec<(Target, Action)> {
    if fits { vec![(target.clone(), action)] } else { Vec::new() }
}

fn node<'a>(design: &'a Scenario, target: &Target) -> Option<&'a Node> {
    if let Target::Node(id) = target { design.node(id) } else { None }
}

fn kind(design: &Scenario, target: &Target) -> Option<Kind> {
    Kind::from_id(&node(design, target)?.kind)
}

/// Whether it is something that computes: any node but users, or a whole zone.
fn machine(design: &Scenario, target: &Target) -> bool {
    match target {
        Target::Zone(zone) => design.nodes.iter().any(|n| n.zone.as_ref() == Some(zone)),
        _ => kind(design, target).is_some_and(|kind| kind != Kind::Users),
    }
}

fn link(design: &Scenario, target: &Target) -> bool {
    matches!(target, Target::Link(from, to) if design.link(from, to).is_some())
}

fn means(design: &Scenario, from: &str, to: &str) -> Option<Meaning> {
    let kind = |id: &str| Kind::from_id(&design.node(id)?.kind);
    meaning(kind(from)?, kind(to)?).ok()
}

/// The zone that a target is, or stands in.
fn zone<'a>(design: &'a Scenario, target: &'a Target) -> Option<&'a str> {
    match target {
        Target::Zone(zone) => machine(design, target).then_some(zone),
        _ => node(design, target)?.zone.as_deref(),
    }
}

/// The region that a node stands in: as it says, or as its zone's name does.
fn region(node: &Node) -> Option<&str> {
    let own = node.params.get(REGION.name).and_then(Value::as_str).filter(|region| !region.is_empty());
    own.or_else(|| zone_region(node.zone.as_deref()?))
}

/// A zone's region: us-east-1 for us-east-1a, and eu for eu-a.
fn zone_region(zone: &str) -> Option<&str> {
    let (region, last) = zone.rsplit_once('-')?;
    let number = last.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let numbered = !number.is_empty() && number.len() < last.len() && number.bytes().all(|b| b.is_ascii_digit());
    Some(if numbered { &zone[..region.len() + 1 + number.len()] } else { region })
}

/// Everything of a design that can break: nodes, links, zones.
pub fn targets(design: &Scenario) -> Vec<Target> {
    let nodes = design.nodes.iter().map(|n| Target::Node(n.id.clone()));
    let links = design.links.iter().map(|l| Target::Link(l.from.clone(), l.to.clone()));
    nodes.chain(links).chain(design.zones().into_iter().map(|z| Target::Zone(z.to_owned()))).collect()
}

/// Chaos draws one fault for so long a time, and at least one.
const CHAOS_EVERY: Nanos = 15 * SECOND;
/// And not more than this.
const MOST_CHAOS: u64 = 40;

/// Faults at random times in `from..to`, each on something that it fits, each over again after its usual time at most.
/// The seed alone decides: the same design and seed break in the same way, and the entries carry it.
pub fn chaos(design: &Scenario, seed: u64, from: Nanos, to: Nanos) -> Vec<Strike> {
    let span = to.saturating_sub(from);
    let mut rng = Rng::named(seed, "chaos", "faults");
    let pairs: Vec<(&Fault, Target)> = targets(design)
        .into_iter()
        .flat_map(|target| FAULTS.iter().map(move |fault| (fault, target.clone())))
        .filter(|(fault, target)| fault.fits(design, target))
        .collect();
    let many = (span / CHAOS_EVERY).clamp(1, MOST_CHAOS);
    let mut drawn = Vec::new();
    for _ in 0..if pairs.is_empty() || span < MS { 0 } else { many } {
        let (fault, target) = &pairs[rng.below(pairs.len() as u64) as usize];
        let at = from + rng.below(span) / MS * MS;
        // From a tenth of its usual time to all of it, in whole seconds.
        let lasts = (fault.lasts_s * (0.1 + 0.9 * rng.uniform())).round().max(1.0);
        drawn.extend(fault.at(design, target, Some(at.max(MS)), Some(lasts)));
    }
    for strike in &mut drawn {
        strike.chaos = Some(seed);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zones_name_tells_its_region_as_the_large_providers_write_it() {
        for (zone, region) in [
            ("eu-a", Some("eu")),
            ("europe-west1-b", Some("europe-west1")),
            ("us-east-1a", Some("us-east-1")),
            ("us-east-2a", Some("us-east-2")),
            ("eu-1", Some("eu")),
            ("rack7", None),
        ] {
            assert_eq!(zone_region(zone), region, "{zone}");
        }
    }
}
