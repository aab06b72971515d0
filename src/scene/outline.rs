//! The outline: nodes and links as tables with live numbers, for assistive technology and for those who prefer a table.

use super::{Stage, Tone, Views, card, format};
use crate::editor::{Editor, Item};
use crate::metrics::frame::Frame;
use crate::texts::tr;

/// A node as a row.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// Its identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// Its address line.
    pub address: String,
    /// How it is, in words.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
    /// Arrivals per second.
    pub rate: String,
    /// 99th percentile of the time in it.
    pub p99: String,
    /// Share of its cores that are busy.
    pub utilization: String,
    /// How many wait.
    pub waiting: String,
    /// The names of the nodes that it asks.
    pub asks: String,
    /// Selected.
    pub selected: bool,
}

/// A link as a row.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// The node that asks.
    pub from: String,
    /// The node that answers.
    pub to: String,
    /// "Web 1 → Database 1".
    pub name: String,
    /// What it means.
    pub meaning: &'static str,
    /// Requests per second.
    pub rate: String,
    /// Share of them that fails.
    pub errors: String,
    /// How it is, in a word.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
    /// Selected.
    pub selected: bool,
}

/// Both tables, nodes in the order in which Tab visits them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The nodes.
    pub nodes: Vec<NodeRow>,
    /// The links, in the order of the document.
    pub links: Vec<LinkRow>,
}

/// The outline of what is on the canvas.
pub fn outline(editor: &Editor, stage: &Stage, frame: Option<&Frame>) -> Outline {
    let views = Views::new(frame);
    let nodes = stage.tab_order().into_iter().filter_map(|id| stage.placed(&id)).map(|n| {
        let view = views.nodes.get(n.node.id.as_str()).copied();
        let drawn = card::card(n, stage, &views, super::pending_on(stage.pending(frame), &n.node), false);
        let asks: Vec<&str> = n.asks.iter().map(|id| stage.label(id)).collect();
        NodeRow {
            selected: editor.selection().contains(&Item::Node(n.node.id.clone())),
            id: n.node.id.clone(),
            name: drawn.name,
            kind: n.kind.map_or("unknown", |k| k.spec().label),
            address: drawn.address,
            status: drawn.status,
            tone: drawn.tone,
            rate: view.map_or_else(|| format::NONE.to_owned(), |v| format::rate(v.rate)),
            p99: format::ms_or_none(view.and_then(|v| v.p99_ms)),
            utilization: drawn.utilization.map_or_else(|| format::NONE.to_owned(), |u| format!("{:.0} %", u * 100.0)),
            waiting: view.map_or_else(|| format::NONE.to_owned(), |v| format::count(v.waiting)),
            asks: asks.join(", "),
        }
    });
    let links = stage.wires.iter().map(|laid| {
        let view = views.links.get(&(laid.from.as_str(), laid.to.as_str())).copied();
        let wire = laid.wire(view, false, editor.selection().contains(&Item::Link(laid.from.clone(), laid.to.clone())));
        let rate = view.map(|v| v.rate).filter(|r| *r > 0.0);
        LinkRow {
            name: format!("{} → {}", laid.names.0, laid.names.1),
            meaning: wire.meaning,
            rate: view.map_or_else(|| format::NONE.to_owned(), |v| format::per_second(v.rate)),
            errors: rate.zip(view).map_or_else(|| format::NONE.to_owned(), |(r, v)| format::percent(v.error_rate / r)),
            status: wire.joins.clone().unwrap_or(if wire.label.is_empty() {
                tr("idle").to_owned()
            } else {
                wire.label
            }),
            tone: wire.tone,
            selected: wire.selected,
            from: wire.from,
            to: wire.to,
        }
    });
    Outline { nodes: nodes.collect(), links: links.collect() }
}
