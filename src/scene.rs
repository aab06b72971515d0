//! The scene: from (editor, frame) to plain things to draw. Whatever a view shows is computed here, so that it can be
//! tested without a browser; knows no page, no clock, no pixels but the canvas' own.
//!
//! [`Stage`] holds what stays while nobody edits (make it anew when [`Editor::shown_key`] changes), [`Stage::scene`]
//! adds what a frame says, a few dozen times a second.

pub mod announce;
pub mod bars;
pub mod budget;
mod callout;
pub mod camera;
mod card;
pub mod chart;
pub mod cost;
pub mod dots;
pub mod format;
pub mod inspector;
pub mod measured;
pub mod outline;
pub mod picture;
pub mod plots;
pub mod scale;
pub mod span;
pub mod timeline;
pub mod waterfall;
pub mod wire;
mod zone;

#[cfg(test)]
mod tests;

pub use callout::Callout;
pub use card::{Badge, Card, Flaw, SLOTS};
pub use wire::Wire;
pub use zone::Zone;

use crate::check;
use crate::codec::{Problem, Subject};
use crate::component::address::{Address, addresses};
use crate::component::{Kind, Meaning, Role as Told, Shape, Values, link::meaning};
use crate::editor::edit::instant;
use crate::editor::place::Rect;
use crate::editor::walk::tab_order;
use crate::editor::{Editor, Item, Shown};
use crate::metrics::frame::{Frame, LinkView, NodeView};
use crate::order::{Gather, Map, Set};
use crate::scenario::{Action, Link, Node, Scenario, Target};
use crate::texts::fill;
use crate::time::{MS, Nanos};

/// How good things are. Never shown by colour alone: every tone comes with words or a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Nothing happens.
    #[default]
    Idle,
    /// As it should be.
    Ok,
    /// On the edge.
    Warn,
    /// Broken.
    Bad,
}

impl Tone {
    /// Its name, for style classes.
    pub fn name(self) -> &'static str {
        match self {
            Tone::Idle => "idle",
            Tone::Ok => "ok",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
        }
    }

    /// The tone of a utilization: above 90 % bad, above 75 % a warning.
    pub fn of_utilization(share: f64) -> Tone {
        match share {
            u if u > 0.9 => Tone::Bad,
            u if u > 0.75 => Tone::Warn,
            _ => Tone::Ok,
        }
    }
}

/// What a database is by the links as drawn, before a run says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Takes the writes.
    Primary,
    /// Copies another.
    Replica,
}

/// One node as it is drawn, without what a frame says.
#[derive(Clone, Debug)]
struct Placed {
    pub node: Node,
    pub kind: Option<Kind>,
    pub label: String,
    pub rect: Rect,
    pub address: Option<Address>,
    /// Databases that are linked to others.
    pub role: Option<Role>,
    /// DNS: the name that users ask it for.
    pub domain: Option<String>,
    /// Nodes that it asks by links that are drawn, in their order.
    pub asks: Vec<String>,
    /// When it joins, if that is later.
    pub joins: Option<Nanos>,
    /// What is wrong with it as drawn.
    pub flaw: Option<Flaw>,
}

impl Placed {
    /// Its parameters, if its kind is known.
    pub fn values(&self) -> Option<(Kind, Values<'_>)> {
        self.kind.map(|kind| (kind, Values::new(kind.spec().params, &self.node.params)))
    }
}

/// What stays while nobody edits.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    nodes: Vec<Placed>,
    wires: Vec<wire::Laid>,
    /// Of the wires, in their order.
    ends: Vec<wire::Ends>,
    by_id: Map<String, usize>,
    /// Faults that strike at the next instant, while the clock stands.
    pending: Pending,
    bounds: Option<Rect>,
}

/// Faults that are about to strike.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pending {
    at: Nanos,
    strikes: Vec<(Target, Action)>,
}

/// Everything to draw on the canvas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Frames around what stands in one place; the lowest.
    pub zones: Vec<Zone>,
    /// In the order in which they are drawn.
    pub cards: Vec<Card>,
    /// Likewise; under the cards.
    pub wires: Vec<Wire>,
    /// For each of the frame's links, its position in `wires`: where a dot flies.
    pub wire_of_link: Vec<Option<usize>>,
    /// Above everything.
    pub callouts: Vec<Callout>,
    /// Holds every card, with some room for their queues; none for an empty canvas.
    pub bounds: Option<Rect>,
}

impl Stage {
    /// What the editor shows at the simulated time `now`.
    pub fn new(editor: &Editor, now: Nanos) -> Stage {
        Stage::laid(&editor.shown(now), pending(editor, now))
    }

    /// The same, given how it was before: while cards are dragged, all but where they stand is kept.
    pub fn next(&self, editor: &Editor, now: Nanos) -> Stage {
        let (shown, pending) = (editor.shown(now), pending(editor, now));
        if self.pending == pending && self.differs_by_places(&shown) {
            self.moved(&shown.design)
        } else {
            Stage::laid(&shown, pending)
        }
    }

    /// Whether nothing but places on the canvas sets this apart from what is shown.
    fn differs_by_places(&self, shown: &Shown) -> bool {
        let design = &shown.design;
        let node = |(placed, node): (&Placed, &Node)| {
            let before = &placed.node;
            let same = (&before.id, &before.kind, &before.name, &before.zone, before.locked)
                == (&node.id, &node.kind, &node.name, &node.zone, node.locked);
            same && placed.joins.is_none() && before.params == node.params && before.extra == node.extra
        };
        let link = |(laid, link): (&wire::Laid, &Link)| {
            laid.from == link.from && laid.to == link.to && laid.joins.is_none() && laid.params == link.params
        };
        self.nodes.len() == design.nodes.len()
            && self.wires.len() == design.links.len()
            && shown.joins.is_empty()
            && self.nodes.iter().zip(&design.nodes).all(node)
            && self.wires.iter().zip(&design.links).all(link)
    }

    /// The same with every node where it stands in this design.
    fn moved(&self, design: &Scenario) -> Stage {
        let mut stage = self.clone();
        for (placed, node) in stage.nodes.iter_mut().zip(&design.nodes) {
            placed.node.at = node.at;
            placed.rect = Rect::card(node.at);
        }
        let rects: Vec<Rect> = stage.nodes.iter().map(|n| n.rect).collect();
        for (laid, curve) in stage.wires.iter_mut().zip(wire::lay(&rects, &stage.ends)) {
            laid.bend(curve);
        }
        stage.bounds = bounds(&stage.nodes);
        stage
    }

    fn laid(shown: &Shown, pending: Pending) -> Stage {
        let design = &shown.design;
        let addresses = addresses(design);
        let by_id: Map<String, usize> = design.nodes.iter().enumerate().map(|(i, n)| (n.id.clone(), i)).gather();
        let kinds: Vec<Option<Kind>> = design.nodes.iter().map(|n| Kind::from_id(&n.kind)).collect();
        let mut nodes: Vec<Placed> = (design.nodes.iter().zip(&kinds))
            .map(|(node, kind)| Placed {
                kind: *kind,
                label: node.label(),
                rect: Rect::card(node.at),
                address: addresses.get(node.id.as_str()).cloned(),
                role: None,
                domain: None,
                asks: Vec::new(),
                joins: shown.joins.get(&Item::Node(node.id.clone())).copied(),
                flaw: None,
                node: node.clone(),
            })
            .collect();
        let mut ends = Vec::new();
        let mut drawn = Vec::new();
        let mut copies = Vec::new();
        for link in &design.links {
            let (Some(&from), Some(&to)) = (by_id.get(&link.from), by_id.get(&link.to)) else { continue };
            let means = kinds[from].zip(kinds[to]).and_then(|(a, b)| meaning(a, b).ok());
            nodes[from].asks.push(link.to.clone());
            if means == Some(Meaning::Names) && nodes[to].domain.is_none() {
                nodes[to].domain = nodes[from].values().map(|(_, v)| v.text("domain")).filter(|d| !d.is_empty());
            }
            if means == Some(Meaning::Replication) {
                copies.push((from, to));
            }
            ends.push(wire::Ends { from, to, meaning: means });
            drawn.push(link);
        }
        roles(&mut nodes, &copies);
        flaws(&mut nodes, &by_id, &check::check(design));
        let rects: Vec<Rect> = nodes.iter().map(|n| n.rect).collect();
        let curves = wire::lay(&rects, &ends);
        let wires = (drawn.iter().zip(&ends).zip(curves))
            .map(|((link, ends), curve)| {
                let names = (nodes[ends.from].label.clone(), nodes[ends.to].label.clone());
                let mut laid = wire::Laid::new((link.from.clone(), link.to.clone()), names, curve, ends.meaning);
                let joins = shown.joins.get(&Item::Link(link.from.clone(), link.to.clone()));
                laid.params = link.params.clone();
                laid.joins = joins.map(|&at| joins_words(at));
                laid
            })
            .collect();
        Stage { bounds: bounds(&nodes), nodes, wires, ends, by_id, pending }
    }

    /// What to draw, given what the worker last said.
    pub fn scene(&self, editor: &Editor, frame: Option<&Frame>) -> Scene {
        let pending = self.pending(frame);
        let selection = editor.selection();
        let views = Views::new(frame);
        let cards = self.nodes.iter().map(|n| {
            let selected = selection.contains(&Item::Node(n.node.id.clone()));
            card::card(n, self, &views, pending_on(pending, &n.node), selected)
        });
        let cards: Vec<Card> = cards.collect();
        let zones = zone::zones(&self.nodes, &cards);
        let cuts: Set<(&str, &str)> = (pending.iter())
            .filter_map(|(target, action)| match (target, action) {
                (Target::Link(from, to), Action::Cut) => Some((from.as_str(), to.as_str())),
                _ => None,
            })
            .gather();
        let wires = self.wires.iter().map(|w| {
            let selected = selection.contains(&Item::Link(w.from.clone(), w.to.clone()));
            let view = views.links.get(&(w.from.as_str(), w.to.as_str())).copied();
            w.wire(view, cuts.contains(&(w.from.as_str(), w.to.as_str())), selected)
        });
        let wires: Vec<Wire> = wires.collect();
        let place: Map<(&str, &str), usize> =
            self.wires.iter().enumerate().map(|(i, w)| ((w.from.as_str(), w.to.as_str()), i)).gather();
        let wire_of_link = frame.map_or_else(Vec::new, |f| {
            f.links.iter().map(|l| place.get(&(l.from.as_str(), l.to.as_str())).copied()).collect()
        });
        Scene { zones, callouts: callout::callouts(self, &views), cards, wires, wire_of_link, bounds: self.bounds }
    }

    /// Faults that are about to strike. What has struck shows by what it did.
    fn pending(&self, frame: Option<&Frame>) -> &[(Target, Action)] {
        let due = frame.is_none_or(|f| f.now < self.pending.at);
        if due { &self.pending.strikes } else { &[] }
    }

    /// Holds every card; none for an empty canvas.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds
    }

    /// What a node is called.
    pub fn label<'a>(&'a self, id: &'a str) -> &'a str {
        self.placed(id).map_or(id, |n| &n.label)
    }

    /// Nodes in the order in which Tab visits them.
    pub fn tab_order(&self) -> Vec<String> {
        tab_order(self.nodes.iter().map(|n| &n.node))
    }

    /// The topmost node at this point of the canvas.
    pub fn node_at(&self, p: [f64; 2]) -> Option<&str> {
        self.nodes.iter().rev().find(|n| n.rect.contains(p)).map(|n| n.node.id.as_str())
    }

    /// The nearest node within `reach` of this point: where a link that is dropped here ends.
    pub fn node_near(&self, p: [f64; 2], reach: f64) -> Option<&str> {
        self.node_at(p)
            .or_else(|| self.nodes.iter().rev().find(|n| n.rect.grown(reach).contains(p)).map(|n| n.node.id.as_str()))
    }

    /// The link nearest to this point, if it is within `reach`.
    pub fn link_near(&self, p: [f64; 2], reach: f64) -> Option<Item> {
        let distances = self.wires.iter().map(|w| (w.curve.distance(p), w));
        let (distance, nearest) = distances.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (distance <= reach).then(|| Item::Link(nearest.from.clone(), nearest.to.clone()))
    }

    fn placed(&self, id: &str) -> Option<&Placed> {
        self.by_id.get(id).map(|&i| &self.nodes[i])
    }
}

/// Which of the pending faults will strike this node.
fn pending_on<'a>(pending: &'a [(Target, Action)], node: &Node) -> Option<&'a Action> {
    let hits = |target: &Target| match target {
        Target::Node(id) => *id == node.id,
        Target::Zone(zone) => node.zone.as_ref() == Some(zone),
        _ => false,
    };
    pending.iter().rev().find(|(target, _)| hits(target)).map(|(_, action)| action)
}

/// What each database is as drawn: alone it is nothing, unless it is told.
fn roles(nodes: &mut [Placed], copies: &[(usize, usize)]) {
    let told = |n: &Placed| match n.values() {
        Some((Kind::Database, values)) => Told::from_word(&values.text("role")),
        _ => Told::Auto,
    };
    let told: Vec<Told> = nodes.iter().map(told).collect();
    let primaries = Shape::new(nodes.len(), copies.iter().copied()).primaries(&told);
    for i in copies.iter().flat_map(|&(from, to)| [from, to]) {
        nodes[i].role = Some(Role::Replica);
    }
    for i in (0..nodes.len()).filter(|&i| told[i] == Told::Replica) {
        nodes[i].role = Some(Role::Replica);
    }
    for i in primaries {
        if nodes[i].role.is_some() || told[i] == Told::Primary {
            nodes[i].role = Some(Role::Primary);
        }
    }
}

/// Faults that strike at the next instant.
fn pending(editor: &Editor, now: Nanos) -> Pending {
    let at = instant(now).max(MS);
    let strikes = editor.document().timeline.iter().filter(|e| e.at() == at && !e.action.is_edit());
    Pending { at, strikes: strikes.map(|e| (e.target.clone(), e.action.clone())).collect() }
}

/// Holds every card and every zone's frame, with some room for queues.
fn bounds(nodes: &[Placed]) -> Option<Rect> {
    let all = nodes.iter().map(|n| n.rect).chain(zone::frames(nodes));
    Rect::around(all).map(|r| Rect { h: r.h + 24.0, ..r })
}

/// Marks each node with the worst that is wrong with it, or with a link from it. What the timeline has wrong is told there.
fn flaws(nodes: &mut [Placed], by_id: &Map<String, usize>, problems: &[Problem]) {
    for problem in problems.iter().filter(|p| !p.path.starts_with("timeline")) {
        let (Subject::Node(id) | Subject::Link(id, _)) = &problem.subject else { continue };
        let Some(node) = by_id.get(id).map(|&i| &mut nodes[i]) else { continue };
        let error = problem.is_error();
        if node.flaw.as_ref().is_none_or(|f| error && !f.error) {
            node.flaw = Some(Flaw { error, words: problem.message.clone() });
        }
    }
}

fn joins_words(at: Nanos) -> String {
    fill("joins at {time}", &[&format::moment(at)])
}

/// A frame's views by identifier.
struct Views<'a> {
    pub now: Nanos,
    pub nodes: Map<&'a str, &'a NodeView>,
    pub links: Map<(&'a str, &'a str), &'a LinkView>,
}

impl<'a> Views<'a> {
    pub fn new(frame: Option<&'a Frame>) -> Self {
        // At 0 nothing has been measured: the design speaks.
        let frame = frame.filter(|f| f.now > 0);
        let nodes = frame.map(|f| f.nodes.iter().map(|n| (n.id.as_str(), n)).gather()).unwrap_or_default();
        let links =
            frame.map(|f| f.links.iter().map(|l| ((l.from.as_str(), l.to.as_str()), l)).gather()).unwrap_or_default();
        Views { now: frame.map_or(0, |f| f.now), nodes, links }
    }
}
