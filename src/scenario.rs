//! The document: what a person draws, saves and shares. Nodes, links, parameters as plain values, a timeline.
//!
//! Knows no kind of component and no meaning: parameters stay the values that the file held, so nothing a person wrote
//! is lost, even what this version does not understand. `check` says what is wrong with them, `component` reads them.

use crate::order;
use crate::time::{Nanos, from_s};
use serde_json::{Map, Value};

/// The version of the file format that this program writes.
pub const FORMAT: u64 = 1;

/// Parameters by name, as plain values; what equals its default is left out.
pub type Params = Map<String, Value>;

/// A whole document.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What people call it.
    pub name: String,
    /// Markdown shown beside the canvas.
    pub notes: String,
    /// Every random stream derives from this number and a node's or link's identity.
    pub seed: u64,
    /// How long a run lasts, in simulated seconds.
    pub run_s: f64,
    /// What was promised of it, by name (see `component::slo`), as plain values. Changes nothing in a run.
    pub slo: Params,
    /// What things cost, where it is not as in `component::prices`, by name as plain values. Changes nothing in a run.
    pub prices: Params,
    /// In the order of the file.
    pub nodes: Vec<Node>,
    /// In the order of the file; calls and backends are taken in this order.
    pub links: Vec<Link>,
    /// Faults and edits, in the order of the file.
    pub timeline: Vec<Entry>,
    /// A lesson, as plain values (see `lesson`); empty without one. Changes nothing in a run.
    pub lesson: Params,
    /// Fields that this version does not know, kept as they were.
    pub extra: Params,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: "Untitled".into(),
            notes: String::new(),
            seed: 1,
            run_s: 120.0,
            slo: Params::new(),
            prices: Params::new(),
            nodes: Vec::new(),
            links: Vec::new(),
            timeline: Vec::new(),
            lesson: Params::new(),
            extra: Params::new(),
        }
    }
}

/// One box on the canvas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Unique in the document; links, timeline and random streams name the node by it.
    pub id: String,
    /// The kind's identifier, as in `component::KINDS`.
    pub kind: String,
    /// The card's top left corner on the canvas, in pixels at 100 %.
    pub at: [f64; 2],
    /// What people call it; the page shows the identifier's readable form without one.
    pub name: Option<String>,
    /// The place it stands in; a fault can hit a whole zone.
    pub zone: Option<String>,
    /// It stays where it stands, and is not deleted, until it is unlocked. Changes nothing in a run.
    pub locked: bool,
    /// Its parameters.
    pub params: Params,
    /// Fields that this version does not know, kept as they were.
    pub extra: Params,
}

impl Node {
    /// What people call it: its name, or its identifier made readable (`web1` is "Web 1", `db` is "Database").
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) if !name.trim().is_empty() => name.clone(),
            _ => readable(&self.id),
        }
    }
}

/// An identifier as people would say it: words apart from numbers, capitals, common abbreviations written out.
pub fn readable(id: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for part in id.split(|c: char| c == '_' || c == '-' || c.is_whitespace()).filter(|p| !p.is_empty()) {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = &part[letters.len()..];
        let word = match letters {
            "db" => "Database".to_owned(),
            "lb" => "Balancer".to_owned(),
            "dns" | "cdn" | "api" => letters.to_ascii_uppercase(),
            _ if words.is_empty() => {
                let mut chars = letters.chars();
                chars.next().map(|c| capital(c).to_string() + chars.as_str()).unwrap_or_default()
            }
            _ => letters.to_owned(),
        };
        words.extend([word, digits.to_owned()].into_iter().filter(|w| !w.is_empty()));
    }
    if words.is_empty() { id.to_owned() } else { words.join(" ") }
}

/// A letter's capital, in the alphabets in which it lies at a fixed distance: Latin with the accents of Western Europe,
/// Greek and Cyrillic. The standard library's `to_uppercase` knows all others too, by a table that is as large as what a page
/// needs for a whole component.
fn capital(c: char) -> char {
    let distance = match c {
        '÷' | 'ς' => 0,
        'a'..='z' | 'à'..='þ' | 'α'..='ϋ' | 'а'..='я' => 0x20,
        'ѐ'..='џ' => 0x50,
        _ => 0,
    };
    char::from_u32(u32::from(c) - distance).unwrap_or(c)
}

/// One directed link. A document holds at most one from the same node to the same node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Identifier of the node that asks.
    pub from: String,
    /// Identifier of the node that answers.
    pub to: String,
    /// Its parameters.
    pub params: Params,
    /// Fields that this version does not know, kept as they were.
    pub extra: Params,
}

/// Something that happens at one instant of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When, in simulated seconds.
    pub at_s: f64,
    /// To what.
    pub target: Target,
    /// What happens.
    pub action: Action,
    /// Undone this many seconds later, if given.
    pub for_s: Option<f64>,
    /// The seed with which it was drawn at random, if it was.
    pub chaos: Option<u64>,
    /// Fields that this version does not know, kept as they were.
    pub extra: Params,
}

impl Entry {
    /// An entry that nothing undoes.
    pub fn new(at_s: f64, target: Target, action: Action) -> Entry {
        Entry { at_s, target, action, for_s: None, chaos: None, extra: Params::new() }
    }

    /// When, in nanoseconds.
    pub fn at(&self) -> Nanos {
        from_s(self.at_s)
    }

    /// When it is undone, if it lasts only for a while.
    pub fn over(&self) -> Option<Nanos> {
        self.for_s.map(|for_s| self.at().saturating_add(from_s(for_s)))
    }
}

/// What a timeline entry acts on.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The node with this identifier.
    Node(String),
    /// The link between these two nodes, in the direction in which it is drawn.
    Link(String, String),
    /// Every node in this zone.
    Zone(String),
    /// Nothing that exists yet: the action carries it (`add_node`, `add_link`).
    Carried,
}

/// What happens at a timeline entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The process is gone: its queue, its requests and its connections with it.
    Crash,
    /// The machine stands still: packets to it and from it vanish, connections stay.
    Freeze,
    /// Ends whatever fault is there; after a crash the node boots first.
    Recover,
    /// Speed is divided by the factor (of a link: its latency is multiplied).
    Slow {
        /// Above 1 is slower.
        factor: f64,
    },
    /// This share of the requests is answered with an error.
    Error {
        /// 0 to 1.
        share: f64,
        /// Only writes fail; reads are answered as before.
        writes_only: bool,
    },
    /// The load of a users node is multiplied.
    Load {
        /// 1 is the load as drawn.
        factor: f64,
    },
    /// Packets on the link vanish both ways.
    Cut,
    /// A parameter changes.
    Set {
        /// Its name.
        param: String,
        /// Its new value; null is none, or the default where there is no none.
        value: Value,
    },
    /// This replica becomes the primary.
    Promote,
    /// A cache forgets everything.
    Flush,
    /// A node joins.
    AddNode(Box<Node>),
    /// The node leaves, and its links with it.
    RemoveNode,
    /// A link joins.
    AddLink(Box<Link>),
    /// The link leaves.
    RemoveLink,
}

impl Action {
    /// Its name in the file, and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Crash => "crash",
            Action::Freeze => "freeze",
            Action::Recover => "recover",
            Action::Slow { .. } => "slow",
            Action::Error { .. } => "error",
            Action::Load { .. } => "load",
            Action::Cut => "cut",
            Action::Set { .. } => "set",
            Action::Promote => "promote",
            Action::Flush => "flush",
            Action::AddNode(_) => "add_node",
            Action::RemoveNode => "remove_node",
            Action::AddLink(_) => "add_link",
            Action::RemoveLink => "remove_link",
        }
    }

    /// Whether it changes the design rather than breaking or mending it.
    pub fn is_edit(&self) -> bool {
        matches!(
            self,
            Action::Set { .. } | Action::AddNode(_) | Action::RemoveNode | Action::AddLink(_) | Action::RemoveLink
        )
    }
}

impl Scenario {
    /// The node with this identifier.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.id == id)
    }

    /// The link between these two nodes.
    pub fn link(&self, from: &str, to: &str) -> Option<&Link> {
        self.links.iter().find(|l| l.from == from && l.to == to)
    }

    /// Its zones, each once, in the order of its nodes.
    pub fn zones(&self) -> Vec<&str> {
        let mut zones: Vec<&str> = Vec::new();
        for zone in self.nodes.iter().filter_map(|n| n.zone.as_deref()) {
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        zones
    }

    /// The design as it stands at `now`: every edit of the timeline up to and including `now` applied, and undone again where
    /// it lasted only for a while, in the order in which the engine does it. Edits that no longer make sense (their node
    /// is gone) change nothing.
    pub fn at(&self, now: Nanos) -> Scenario {
        let mut design = self.clone();
        let edits = self.timeline.iter().enumerate().filter(|(_, e)| e.action.is_edit() && e.at() <= now);
        let mut due: Vec<(usize, &Entry)> = edits.collect();
        order::sort_by_key(&mut due, |(_, e)| e.at());
        // What undoes an entry takes its place in the file.
        let mut ends: Vec<(Nanos, usize, (Target, Action))> = Vec::new();
        for (place, entry) in due {
            design.undo_until((entry.at(), place), &mut ends);
            if let Some(over) = entry.over()
                && let Some(undo) = design.undoing(&entry.target, &entry.action)
            {
                let after = ends.partition_point(|(at, place, _)| (*at, *place) <= (over, *place));
                ends.insert(after, (over, place, undo));
            }
            design.apply_edit(&entry.target, &entry.action);
        }
        design.undo_until((now, usize::MAX), &mut ends);
        design
    }

    /// Undoes what ends before this instant, or at it but earlier in the file.
    fn undo_until(&mut self, moment: (Nanos, usize), ends: &mut Vec<(Nanos, usize, (Target, Action))>) {
        let over = ends.partition_point(|(at, place, _)| (*at, *place) < moment);
        for (_, _, (target, action)) in ends.drain(..over) {
            self.apply_edit(&target, &action);
        }
    }

    /// How many times edits of the timeline were made or undone up to and including `now`: while that stays, [`Scenario::at`] does.
    pub fn edits_until(&self, now: Nanos) -> usize {
        let edits = self.timeline.iter().filter(|e| e.action.is_edit());
        edits.map(|e| usize::from(e.at() <= now) + usize::from(e.over().is_some_and(|over| over <= now))).sum()
    }

    /// What undoes an edit of the design as it stands, and on what, if anything does: a node that left took its links with it,
    /// so bringing it back is another entry's job.
    pub fn undoing(&self, target: &Target, action: &Action) -> Option<(Target, Action)> {
        Some(match (action, target) {
            (Action::Set { param, .. }, _) => {
                (target.clone(), Action::Set { param: param.clone(), value: self.current(target, param) })
            }
            (Action::AddNode(node), _) => (Target::Node(node.id.clone()), Action::RemoveNode),
            (Action::AddLink(link), _) => (Target::Link(link.from.clone(), link.to.clone()), Action::RemoveLink),
            (Action::RemoveLink, Target::Link(from, to)) => {
                (Target::Carried, Action::AddLink(Box::new(self.link(from, to)?.clone())))
            }
            _ => return None,
        })
    }

    /// A parameter's value now; null if the document leaves it out.
    fn current(&self, target: &Target, param: &str) -> Value {
        let params: Option<&Params> = match target {
            Target::Node(id) if param == "zone" => {
                let zone = self.node(id).and_then(|n| n.zone.clone());
                return zone.map_or(Value::Null, Value::String);
            }
            Target::Node(id) => self.node(id).map(|n| &n.params),
            Target::Link(from, to) => self.link(from, to).map(|l| &l.params),
            _ => None,
        };
        let mut names = param.split('.');
        let first = names.next().and_then(|name| params?.get(name));
        first.and_then(|first| names.try_fold(first, |value, name| value.get(name))).cloned().unwrap_or(Value::Null)
    }

    /// Applies one edit to the design itself; anything but an edit, and an edit whose target is missing, does nothing.
    pub fn apply_edit(&mut self, target: &Target, action: &Action) {
        match (action, target) {
            (Action::AddNode(node), _) if self.node(&node.id).is_none() => self.nodes.push((**node).clone()),
            (Action::RemoveNode, Target::Node(id)) => {
                self.nodes.retain(|n| n.id != *id);
                self.links.retain(|l| l.from != *id && l.to != *id);
            }
            (Action::AddLink(link), _)
                if self.link(&link.from, &link.to).is_none()
                    && self.node(&link.from).is_some()
                    && self.node(&link.to).is_some() =>
            {
                self.links.push((**link).clone());
            }
            (Action::RemoveLink, Target::Link(from, to)) => {
                self.links.retain(|l| l.from != *from || l.to != *to);
            }
            (Action::Set { param, value }, Target::Node(id)) => {
                if let Some(node) = self.nodes.iter_mut().find(|n| n.id == *id) {
                    if param == "zone" {
                        node.zone = value.as_str().map(str::to_owned);
                    } else {
                        set(&mut node.params, param, value);
                    }
                }
            }
            (Action::Set { param, value }, Target::Link(from, to)) => {
                if let Some(link) = self.links.iter_mut().find(|l| l.from == *from && l.to == *to) {
                    set(&mut link.params, param, value);
                }
            }
            _ => {}
        }
    }
}

/// Sets one parameter. A dotted name (`health.interval_ms`) reaches into a group, which is made if it is missing.
/// `null` is kept: where a parameter can be absent it says so, elsewhere it means the default.
pub fn set(params: &mut Params, name: &str, value: &Value) {
    match name.split_once('.') {
        Some((group, rest)) => {
            let inner = params.entry(group).or_insert_with(|| Value::Object(Params::new()));
            if !inner.is_object() {
                *inner = Value::Object(Params::new());
            }
            if let Value::Object(inner) = inner {
                set(inner, rest, value);
            }
        }
        None => {
            params.insert(name.to_owned(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn capitals_are_those_of_unicode() {
        let letters = ('a'..='z').chain('à'..='þ').chain('α'..='ϋ').chain('а'..='џ').filter(|&c| c != 'ς');
        for letter in letters {
            assert!(letter.to_uppercase().eq([super::capital(letter)]), "the capital of {letter} is another");
        }
        assert_eq!(super::readable("über2_db"), "Über 2 Database");
    }
}
