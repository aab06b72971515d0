//! The timeline, walked in the order of the run: each entry against the design as it stands by then.
//!
//! An entry whose target has left by then is a warning (nothing happens), one whose target never exists an error. After
//! edits the design is looked at again for what the engine could not run with; the cost of that is bounded.

use super::design::Design;
use super::params::{self, Whose};
use super::{check_node, links, topology};
use crate::codec::{self, Problems, Subject};
use crate::component::{Kind, Param, link::meaning, param::find};
use crate::order::{self, Gather, Map, Set};
use crate::scenario::{Action, Entry, Link, Node, Scenario, Target};

/// How many nodes and links are visited, in all, while the design is looked at again after edits.
const BUDGET: usize = 3_000_000;

pub(super) fn check(problems: &mut Problems, design: &Design) {
    let timeline = &design.scenario.timeline;
    for (i, entry) in timeline.iter().enumerate() {
        times(problems, &format!("timeline[{i}]"), entry, design.scenario.run_s);
    }
    let mut order: Vec<usize> = (0..timeline.len()).collect();
    order::sort_by_key(&mut order, |&i| timeline[i].at());
    let mut walk = Walk { problems, live: Live::new(design), stage: Stage::new(design) };
    for group in order.chunk_by(|&a, &b| timeline[a].at() == timeline[b].at()) {
        for &i in group {
            walk.entry(i, &timeline[i]);
        }
        let edited = group.iter().rev().find(|&&i| timeline[i].action.is_edit());
        if let Some(&i) = edited {
            walk.stage.look(walk.problems, i);
        }
    }
}

fn times(problems: &mut Problems, path: &str, entry: &Entry, run_s: f64) {
    let nothing = Subject::Document;
    let at_s = entry.at_s;
    if !(0.0..=1e9).contains(&at_s) {
        problems.error(format!("{path}.at_s"), &nothing, format!("is {at_s}, but must be 0 or more seconds"));
    } else if at_s > run_s {
        let message =
            format!("is {at_s}, which is after the end of the run ({run_s} s); it only happens in a longer one");
        problems.warning(format!("{path}.at_s"), &nothing, message);
    }
    let Some(for_s) = entry.for_s else { return };
    if !(for_s > 0.0 && for_s <= 1e9) {
        problems.error(format!("{path}.for_s"), &nothing, format!("is {for_s}, but must be above 0 seconds"));
    }
    if matches!(entry.action, Action::Recover | Action::Promote | Action::Flush | Action::RemoveNode) {
        let message = format!("does nothing: {} is not undone", entry.action.name());
        problems.warning(format!("{path}.for_s"), &nothing, message);
    }
}

/// Nodes and links by now, and all that there ever are.
struct Live<'a> {
    nodes: Map<&'a str, (Option<Kind>, Option<&'a str>)>,
    links: Set<(&'a str, &'a str)>,
    ever_nodes: Set<&'a str>,
    ever_links: Set<(&'a str, &'a str)>,
    ever_zones: Set<&'a str>,
}

impl<'a> Live<'a> {
    fn new(design: &Design<'a>) -> Self {
        let scenario = design.scenario;
        let mut live = Live {
            nodes: scenario.nodes.iter().map(|n| (n.id.as_str(), facts(n))).gather(),
            links: scenario.links.iter().map(|l| (l.from.as_str(), l.to.as_str())).gather(),
            ever_nodes: scenario.nodes.iter().map(|n| n.id.as_str()).gather(),
            ever_links: Set::new(),
            ever_zones: scenario.nodes.iter().filter_map(|n| n.zone.as_deref()).gather(),
        };
        live.ever_links.clone_from(&live.links);
        for entry in &scenario.timeline {
            match &entry.action {
                Action::AddNode(node) => {
                    live.ever_nodes.insert(&node.id);
                    live.ever_zones.extend(node.zone.as_deref());
                }
                Action::AddLink(link) => {
                    live.ever_links.insert((&link.from, &link.to));
                }
                Action::Set { param, value } if param == "zone" => live.ever_zones.extend(value.as_str()),
                _ => {}
            }
        }
        live
    }

    fn kind(&self, id: &str) -> Option<Kind> {
        self.nodes.get(id)?.0
    }

    fn apply(&mut self, entry: &'a Entry) {
        match (&entry.action, &entry.target) {
            (Action::AddNode(node), _) => {
                self.nodes.or_insert(&node.id, facts(node));
            }
            (Action::RemoveNode, Target::Node(id)) if self.nodes.remove(id.as_str()).is_some() => {
                self.links.retain(|&(from, to)| from != id && to != id);
            }
            (Action::AddLink(link), _)
                if self.nodes.contains_key(link.from.as_str()) && self.nodes.contains_key(link.to.as_str()) =>
            {
                self.links.insert((&link.from, &link.to));
            }
            (Action::RemoveLink, Target::Link(from, to)) => {
                self.links.remove(&(from.as_str(), to.as_str()));
            }
            (Action::Set { param, value }, Target::Node(id)) if param == "zone" => {
                if let Some((_, zone)) = self.nodes.get_mut(id.as_str()) {
                    *zone = value.as_str();
                }
            }
            _ => {}
        }
    }
}

fn facts(node: &Node) -> (Option<Kind>, Option<&str>) {
    (Kind::from_id(&node.kind), node.zone.as_deref())
}

/// The design by now, looked at again after edits as long as the budget lasts.
struct Stage {
    now: Scenario,
    known: Set<String>,
    budget: usize,
}

impl Stage {
    fn new(design: &Design) -> Self {
        let has_edits = design.scenario.timeline.iter().any(|e| e.action.is_edit());
        let known = topology::severe(design).into_iter().map(|f| f.message).gather();
        let now = if has_edits { design.scenario.clone() } else { Scenario::default() };
        Self { now: Scenario { timeline: Vec::new(), ..now }, known, budget: BUDGET }
    }

    fn apply(&mut self, entry: &Entry) {
        if self.spend() {
            self.now.apply_edit(&entry.target, &entry.action);
        }
    }

    fn look(&mut self, problems: &mut Problems, entry: usize) {
        if !self.spend() {
            let message = "the timeline has so many edits that not each of them was checked against the whole design";
            if self.known.insert(message.into()) {
                problems.warning("timeline", &Subject::Document, message);
            }
            return;
        }
        for finding in topology::severe(&Design::new(&self.now)) {
            if self.known.insert(finding.message.clone()) {
                let message = format!("from here on this {}", finding.message);
                problems.error(format!("timeline[{entry}]"), &finding.subject, message);
            }
        }
    }

    fn spend(&mut self) -> bool {
        let cost = self.now.nodes.len() + self.now.links.len() + 1;
        let left = self.budget.checked_sub(cost);
        self.budget = left.unwrap_or(0);
        left.is_some()
    }
}

struct Walk<'a, 'p> {
    problems: &'p mut Problems,
    live: Live<'a>,
    stage: Stage,
}

impl<'a> Walk<'a, '_> {
    fn entry(&mut self, i: usize, entry: &'a Entry) {
        let path = format!("timeline[{i}]");
        match (&entry.action, &entry.target) {
            (Action::AddNode(node), _) => self.add_node(&path, node),
            (Action::AddLink(link), _) => self.add_link(&path, link),
            (action, Target::Node(id)) => self.on_node(&path, action, id),
            (action, Target::Link(from, to)) => self.on_link(&path, action, from, to),
            (action, Target::Zone(zone)) => self.on_zone(&path, action, zone),
            (action, Target::Carried) => {
                let message = format!("needs a node, link or zone to {}", action.name());
                self.problems.error(path.clone(), &Subject::Document, message);
            }
        }
        self.numbers(&path, &entry.action);
        self.live.apply(entry);
        if entry.action.is_edit() {
            self.stage.apply(entry);
        }
    }

    fn add_node(&mut self, path: &str, node: &Node) {
        let about = Subject::Node(node.id.clone());
        let path = format!("{path}.node");
        if let Err(why) = codec::identifier(&node.id) {
            self.problems.error(format!("{path}.id"), &about, why);
        }
        if self.live.nodes.contains_key(node.id.as_str()) {
            self.problems.warning(path.clone(), &about, "is there already by then, so nothing happens");
        }
        check_node(self.problems, node, &path);
    }

    fn add_link(&mut self, path: &str, link: &Link) {
        let about = Subject::Link(link.from.clone(), link.to.clone());
        let path = format!("{path}.link");
        for (end, id) in [("from", &link.from), ("to", &link.to)] {
            self.there(&format!("{path}.{end}"), &about, id);
        }
        if self.live.links.contains(&(&link.from, &link.to)) {
            self.problems.warning(path.clone(), &about, "is there already by then, so nothing happens");
        }
        let kinds = self.live.kind(&link.from).zip(self.live.kind(&link.to));
        links::one(self.problems, &path, &about, link, kinds);
    }

    /// Whether the node is there by now; says so if not.
    fn there(&mut self, path: &str, about: &Subject, id: &str) -> bool {
        if self.live.nodes.contains_key(id) {
            return true;
        }
        if self.live.ever_nodes.contains(id) {
            self.problems.warning(path, about, format!("{id} is not there by then, so nothing happens"));
        } else {
            self.problems.error(path, about, format!("is {id}, but no node has that identifier"));
        }
        false
    }

    fn on_node(&mut self, path: &str, action: &Action, id: &str) {
        let about = Subject::Node(id.to_owned());
        if !self.there(&format!("{path}.node"), &about, id) {
            return;
        }
        let kind = self.live.kind(id);
        match action {
            Action::Cut | Action::RemoveLink => {
                let message = format!("{} acts on a link; name it as \"link\": [from, to]", action.name());
                self.problems.error(path, &about, message);
            }
            Action::Load { .. } => self.only(path, &about, action, kind, Kind::Users),
            Action::Promote => self.only(path, &about, action, kind, Kind::Database),
            Action::Flush if kind.is_some_and(|kind| !matches!(kind, Kind::Cache | Kind::Cdn)) => {
                self.problems.error(path, &about, "flush empties a cache or CDN, and this is none");
            }
            Action::Slow { .. } | Action::Error { .. } if kind == Some(Kind::Users) => {
                let message = format!("{} does nothing to users; let it hit what they ask", action.name());
                self.problems.warning(path, &about, message);
            }
            Action::Set { param, value } if param == "zone" => {
                let fits = value.is_null() || value.as_str().is_some_and(|z| z.chars().count() <= codec::MAX_ID);
                if !fits {
                    let message = "must be the name of a zone, of at most 64 characters, or null";
                    self.problems.error(format!("{path}.value"), &about, message);
                }
            }
            Action::Set { param, value } => {
                if let Some(kind) = kind {
                    let spec = kind.spec();
                    self.set(path, &about, Whose { what: spec.id, kind: spec.id }, spec.params, param, value);
                }
            }
            _ => {}
        }
    }

    fn only(&mut self, path: &str, about: &Subject, action: &Action, kind: Option<Kind>, fits: Kind) {
        if kind.is_some_and(|kind| kind != fits) {
            let message = format!(
                "{} acts on a {} node, and this is none",
                action.name(),
                fits.spec().label.to_ascii_lowercase()
            );
            self.problems.error(path, about, message);
        }
    }

    fn on_link(&mut self, path: &str, action: &Action, from: &'a str, to: &'a str) {
        let about = Subject::Link(from.to_owned(), to.to_owned());
        if !matches!(
            action,
            Action::Cut | Action::Recover | Action::Slow { .. } | Action::Set { .. } | Action::RemoveLink
        ) {
            let message = format!("{} does not act on a link; cut, recover, slow, set, remove_link do", action.name());
            self.problems.error(path, &about, message);
        } else if !self.live.links.contains(&(from, to)) {
            let path = format!("{path}.link");
            if self.live.ever_links.contains(&(from, to)) {
                self.problems.warning(path, &about, "the link is not there by then, so nothing happens");
            } else {
                self.problems.error(path, &about, format!("no link leads from {from} to {to}"));
            }
        } else if let Action::Set { param, value } = action {
            let kinds = self.live.kind(from).zip(self.live.kind(to));
            if let Some(Ok(means)) = kinds.map(|(from, to)| meaning(from, to)) {
                self.set(path, &about, links::whose(means), means.params(), param, value);
            }
        }
    }

    fn on_zone(&mut self, path: &str, action: &Action, zone: &str) {
        let nothing = Subject::Document;
        if matches!(
            action,
            Action::Cut | Action::Set { .. } | Action::Promote | Action::RemoveNode | Action::RemoveLink
        ) {
            let message = format!("{} does not act on a zone; crash, freeze, slow, error, recover do", action.name());
            self.problems.error(path, &nothing, message);
        } else if !self.live.nodes.values().any(|&(_, z)| z == Some(zone)) {
            let path = format!("{path}.zone");
            if self.live.ever_zones.contains(zone) {
                let message = format!("no node stands in {zone} by then, so nothing happens");
                self.problems.warning(path, &nothing, message);
            } else {
                self.problems.error(path, &nothing, format!("is {zone}, but no node stands in that zone"));
            }
        }
    }

    fn set(
        &mut self,
        path: &str,
        about: &Subject,
        whose: Whose,
        table: &'static [Param],
        param: &str,
        value: &serde_json::Value,
    ) {
        match find(table, param) {
            Some(spec) => params::one(self.problems, &format!("{path}.value"), about, whose, spec, value),
            None => {
                let message = format!("{param} {}", params::unknown(param, whose, table));
                self.problems.error(format!("{path}.param"), about, message);
            }
        }
    }

    fn numbers(&mut self, path: &str, action: &Action) {
        let (name, number, lo, hi) = match *action {
            Action::Slow { factor } => ("factor", factor, 1e-3, 1e6),
            Action::Load { factor } => ("factor", factor, 0.0, 1e6),
            Action::Error { share, .. } => ("share", share, 0.0, 1.0),
            _ => return,
        };
        if !(lo..=hi).contains(&number) {
            let message = format!("is {number}, but must be from {lo} to {hi}");
            self.problems.error(format!("{path}.{name}"), &Subject::Document, message);
        }
    }
}
