//! What makes a document sound over the whole of its run: entries act on what is there at their time, requests run in
//! no ring, and databases that take writes for the same replicas copy each other.
//!
//! Walks along the timeline once instead of looking at single moments: an edit made now can contradict a later one.

use super::edit::node_anywhere;
use crate::component::link::meaning;
use crate::component::{Kind, Meaning, Shape};
use crate::order::{self, Gather, Map, Set};
use crate::scenario::{Action, Entry, Scenario, Target};

/// Nodes and links that are there at one moment.
struct World<'a> {
    kinds: Map<&'a str, Option<Kind>>,
    links: Set<(&'a str, &'a str)>,
}

impl<'a> World<'a> {
    fn new(doc: &'a Scenario) -> Self {
        World {
            kinds: doc.nodes.iter().map(|n| (n.id.as_str(), Kind::from_id(&n.kind))).gather(),
            links: doc.links.iter().map(|l| (l.from.as_str(), l.to.as_str())).gather(),
        }
    }

    /// Carries out an entry; whether it acts on something.
    fn step(&mut self, entry: &'a Entry) -> bool {
        match (&entry.action, &entry.target) {
            (Action::AddNode(node), _) => {
                let is_new = !self.kinds.contains_key(node.id.as_str());
                self.kinds.or_insert(&node.id, Kind::from_id(&node.kind));
                is_new
            }
            (Action::AddLink(l), _) => {
                self.kinds.contains_key(l.from.as_str())
                    && self.kinds.contains_key(l.to.as_str())
                    && self.links.insert((&l.from, &l.to))
            }
            (Action::RemoveNode, Target::Node(id)) => {
                self.links.retain(|(from, to)| from != id && to != id);
                self.kinds.remove(id.as_str()).is_some()
            }
            (Action::RemoveLink, Target::Link(from, to)) => self.links.remove(&(from.as_str(), to.as_str())),
            (_, Target::Node(id)) => self.kinds.contains_key(id.as_str()),
            (_, Target::Link(from, to)) => self.links.contains(&(from.as_str(), to.as_str())),
            (_, Target::Zone(_) | Target::Carried) => true,
        }
    }

    fn meaning(&self, from: &str, to: &str) -> Option<Meaning> {
        let kind = |id: &str| self.kinds.get(id).copied().flatten();
        meaning(kind(from)?, kind(to)?).ok()
    }

    /// A node in a ring of such links, if there is one (Kahn's algorithm: what cannot be sorted is in or behind a ring,
    /// and going back from it along links of its kind leads into the ring).
    fn ring(&self, wanted: fn(Meaning) -> bool) -> Option<&'a str> {
        let links: Vec<(&str, &str)> =
            self.links.iter().copied().filter(|(a, b)| self.meaning(a, b).is_some_and(wanted)).collect();
        let mut asked: Map<&str, usize> = Map::new();
        let mut asks: Map<&str, Vec<&str>> = Map::new();
        for (from, to) in &links {
            *asked.or_default(to) += 1;
            asks.or_default(from).push(to);
        }
        let mut open: Vec<&str> = asks.keys().copied().filter(|id| !asked.contains_key(id)).collect();
        while let Some(here) = open.pop() {
            for next in asks.remove(here).unwrap_or_default() {
                let left = asked.get_mut(next)?;
                *left -= 1;
                if *left == 0 {
                    open.push(next);
                }
            }
        }
        let mut here = asks.keys().copied().next()?;
        let mut seen = Set::new();
        while seen.insert(here) {
            here = links.iter().find(|(from, to)| *to == here && asks.contains_key(from))?.0;
        }
        Some(here)
    }

    /// A database that would get the writes of two others that do not get each other's, if there is one.
    fn tangled(&self) -> Option<&'a str> {
        let replication = |(a, b): &&(&'a str, &'a str)| self.meaning(a, b) == Some(Meaning::Replication);
        let links: Vec<(&str, &str)> = self.links.iter().filter(replication).copied().collect();
        let ids: Set<&str> = links.iter().flat_map(|&(a, b)| [a, b]).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let place = |id: &str| ids.binary_search(&id).unwrap_or(0);
        let links = links.iter().map(|&(a, b)| (place(a), place(b)));
        Shape::new(ids.len(), links).torn().map(|i| ids[i])
    }
}

/// Whether a link of this meaning may be added to a design that is sound.
///
/// # Errors
/// One sentence: why not.
pub(super) fn may_add(design: &Scenario, from: &str, to: &str, meaning: Meaning) -> Result<(), String> {
    let label = |id: &str| design.node(id).map(|n| n.label()).unwrap_or_default();
    let mut world = World::new(design);
    let (a, b) = (label(from), label(to));
    if meaning.goes_on() {
        world.links.insert((from, to));
        if world.ring(Meaning::goes_on).is_some() {
            return Err(format!("That would close a ring: {b} already calls {a}."));
        }
    }
    if meaning == Meaning::Replication {
        world.links.insert((from, to));
        if let Some(id) = world.tangled() {
            return Err(torn(&label(id)));
        }
    }
    Ok(())
}

fn torn(database: &str) -> String {
    format!("{database} would get writes from two primaries that do not copy each other; link those both ways first.")
}

/// What contradicts itself at some moment of the run, in a sentence.
pub(super) fn contradiction(doc: &Scenario) -> Option<String> {
    let mut world = World::new(doc);
    let label = |id: &str| node_anywhere(doc, id).map_or_else(|| id.to_owned(), |n| n.label());
    let wrong = |world: &World| {
        let ring =
            world.ring(Meaning::goes_on).map(|id| format!("Requests would run in a ring through {}.", label(id)));
        ring.or_else(|| world.tangled().map(|id| torn(&label(id))))
    };
    if let Some(wrong) = wrong(&world) {
        return Some(wrong);
    }
    let mut order: Vec<&Entry> = doc.timeline.iter().filter(|e| e.action.is_edit()).collect();
    order::sort_by_key(&mut order, |e| e.at());
    for moment in order.chunk_by(|a, b| a.at() == b.at()) {
        let mut relinks = false;
        for entry in moment {
            let links = matches!(entry.action, Action::AddLink(_) | Action::RemoveLink | Action::RemoveNode);
            relinks |= world.step(entry) && links;
        }
        if let Some(wrong) = relinks.then(|| wrong(&world)).flatten() {
            return Some(wrong);
        }
    }
    None
}

/// Positions of the entries that act on what is not there at their time.
pub fn vain(doc: &Scenario) -> Vec<usize> {
    let mut world = World::new(doc);
    let mut order: Vec<usize> = (0..doc.timeline.len()).collect();
    order::sort_by_key(&mut order, |&i| doc.timeline[i].at());
    let mut found: Vec<usize> = order.into_iter().filter(|&i| !world.step(&doc.timeline[i])).collect();
    found.sort_unstable();
    found
}

/// Removes the entries that act in vain on one of these nodes or their links; others that a file came with stay.
pub fn prune(doc: &mut Scenario, touched: &Set<String>) {
    let vain = vain(doc);
    let mut i = 0;
    doc.timeline.retain(|e| {
        let about = match (&e.action, &e.target) {
            (Action::AddNode(n), _) => touched.contains(&n.id),
            (Action::AddLink(l), _) => touched.contains(&l.from) || touched.contains(&l.to),
            (_, Target::Node(id)) => touched.contains(id),
            (_, Target::Link(from, to)) => touched.contains(from) || touched.contains(to),
            (_, Target::Zone(_) | Target::Carried) => false,
        };
        let keep = !about || vain.binary_search(&i).is_err();
        i += 1;
        keep
    });
}
