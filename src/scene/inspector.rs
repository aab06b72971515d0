//! The inspector: the fields of a node or link, generated from its table of parameters, and its live numbers.
//!
//! A field holds everything that a widget needs, also the error of a value that a file came with. [`read`] turns what a
//! person typed back into a value; the editor checks it again.

mod field;

pub use field::{Field, Part, SHAPES, Section, Widget, distribution, read, reshaped, sections, shape};

use super::{Stage, Tone, Views, card, format};
use crate::component::Kind;
use crate::component::effects::Count;
use crate::component::view::instance_name;
use crate::editor::{Editor, Item};
use crate::metrics::frame::{Frame, NodeView, StockView};
use crate::scenario::Params;
use crate::texts::{fill, tr};

/// Everything about one node or link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inspector {
    /// What it is about; none when nothing or more than one thing is selected.
    pub item: Option<Item>,
    /// How many things are selected.
    pub selected: usize,
    /// Its name.
    pub title: String,
    /// What it is: "Web server", "Backend".
    pub kind: String,
    /// An SVG path in a 24 × 24 box, stroked.
    pub icon: &'static str,
    /// What it is in real life, or what the link means.
    pub help: String,
    /// Its address line.
    pub address: String,
    /// Its zone.
    pub zone: String,
    /// Whether it can have a name, a zone, and break.
    pub is_node: bool,
    /// How it is, in words.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
    /// Parameters: first what matters most, then "More", then what a later version simulates.
    pub sections: Vec<Section>,
    /// Live numbers.
    pub live: Vec<Live>,
    /// Balancers: what they believe of each backend.
    pub backends: Vec<Backend>,
}

/// A live number, with the name of the node's series that draws its spark line.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// What it is.
    pub label: &'static str,
    /// Its value now.
    pub value: String,
    /// What belongs to it: "of 2 cores".
    pub note: String,
    /// How good it is.
    pub tone: Tone,
    /// Which series draws it.
    pub series: Option<super::chart::NodeSeries>,
}

/// What a balancer believes of one backend.
#[derive(Clone, Debug, PartialEq)]
pub struct Backend {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// "up", "up, 2 of 3 missed", "down", "down, 1 of 2 passed", "draining".
    pub state: String,
    /// How good that is.
    pub tone: Tone,
    /// Requests that it got.
    pub picks: String,
    /// Requests that are open there.
    pub open: String,
}

/// The inspector of what is selected.
pub fn inspector(editor: &Editor, stage: &Stage, frame: Option<&Frame>) -> Inspector {
    let selected = editor.selection().len();
    let Some(item) = editor.only_selected() else { return Inspector { selected, ..Inspector::default() } };
    let table = editor.table(item).unwrap_or_default();
    let views = Views::new(frame);
    let mut found = match item {
        Item::Node(id) => node(stage, &views, id),
        Item::Link(from, to) => link(stage, &views, from, to),
    };
    if let Some(params) = params_of(stage, item) {
        found.sections = sections(table, params);
    }
    found.item = Some(item.clone());
    found.selected = selected;
    found
}

/// The parameters of a node or link as the stage shows them.
fn params_of<'a>(stage: &'a Stage, item: &Item) -> Option<&'a Params> {
    match item {
        Item::Node(id) => stage.placed(id).map(|n| &n.node.params),
        Item::Link(from, to) => stage.wires.iter().find(|w| w.from == *from && w.to == *to).map(|w| &w.params),
    }
}

fn node(stage: &Stage, views: &Views, id: &str) -> Inspector {
    let Some(placed) = stage.placed(id) else { return Inspector::default() };
    let drawn = card::card(placed, stage, views, None, true);
    let spec = placed.kind.map(|k| k.spec());
    Inspector {
        title: drawn.name,
        kind: spec.map_or_else(|| format!("Unknown kind {}", placed.node.kind), |s| s.label.to_owned()),
        icon: drawn.icon,
        help: spec.map_or("This version does not simulate it; it is kept as it is.", |s| s.help).to_owned(),
        address: drawn.address,
        zone: placed.node.zone.clone().unwrap_or_default(),
        is_node: true,
        status: drawn.status,
        tone: drawn.tone,
        live: live(stage, views, id),
        backends: backends(stage, views, id),
        ..Inspector::default()
    }
}

fn link(stage: &Stage, views: &Views, from: &str, to: &str) -> Inspector {
    let Some(laid) = stage.wires.iter().find(|w| w.from == from && w.to == to) else { return Inspector::default() };
    let view = views.links.get(&(from, to)).copied();
    let wire = laid.wire(view, false, true);
    let mut live = Vec::new();
    if let Some(view) = view {
        live.push(row("Rate", format::rate(view.rate), String::new(), Tone::Ok));
        let share = if view.rate > 0.0 { view.error_rate / view.rate } else { 0.0 };
        let tone = if share > 0.005 { Tone::Bad } else { Tone::Ok };
        live.push(row("Failing", format::percent(share), String::new(), tone));
    }
    Inspector {
        title: format!("{} → {}", laid.names.0, laid.names.1),
        kind: wire.meaning.to_owned(),
        icon: "M4 12h15M14 7l5 5-5 5",
        help: laid.meaning.map_or("", explain).to_owned(),
        status: if wire.label.is_empty() { tr("idle").to_owned() } else { wire.label },
        tone: wire.tone,
        live,
        ..Inspector::default()
    }
}

/// A link's meaning in a sentence.
pub fn explain(meaning: crate::component::Meaning) -> &'static str {
    use crate::component::Meaning::*;
    match meaning {
        Names => "Clients ask here for the address behind a name, and keep the answer for its time to live.",
        Path => "The way of the users' requests over the internet.",
        Record => "DNS gives out this node's address.",
        Backend => "The balancer may pick this server for a request.",
        Origin => "The CDN fetches from here what it lacks, and passes on what it does not keep.",
        Consumption => "The queue hands messages to this server, which does the work nobody waits for.",
        Call => "Each request here makes this call before it is answered.",
        Replication => "Every committed write is sent along here and applied by the replica, one at a time.",
    }
}

fn row(label: &'static str, value: String, note: String, tone: Tone) -> Live {
    Live { label, value, note, tone, series: None }
}

/// The live numbers of a node.
fn live(stage: &Stage, views: &Views, id: &str) -> Vec<Live> {
    use super::chart::NodeSeries;
    let (Some(placed), Some(view)) = (stage.placed(id), views.nodes.get(id)) else { return Vec::new() };
    let mut rows = Vec::new();
    if let Some(u) = view.utilization {
        let note = fill("of {what}", &[&format::plural(view.cores as u64, "core")]);
        let tone = Tone::of_utilization(u);
        let value = format!("{:.0} %", u.clamp(0.0, 1.0) * 100.0);
        rows.push(Live { label: "Utilization", value, note, tone, series: Some(NodeSeries::Utilization) });
        let tone = if view.waiting > 9 {
            Tone::Bad
        } else if view.waiting > 5 {
            Tone::Warn
        } else {
            Tone::Ok
        };
        let (value, note) = (format::count(view.waiting), fill("of {n} inside", &[&format::count(view.in_system)]));
        rows.push(Live { label: "Waiting", value, note, tone, series: Some(NodeSeries::Waiting) });
    }
    if let Some(n) = instances(placed, view) {
        let each = format::plural((view.cores / n as f64).round() as u64, "core");
        rows.push(row("Instances", format::count(n), fill("of {what} each", &[&each]), Tone::Ok));
    }
    let mean = view.mean_ms.map(|m| fill("mean {time}", &[&format::ms(m)])).unwrap_or_default();
    let value = format::ms_or_none(view.p99_ms);
    rows.push(Live { label: "p99 latency", value, note: mean, tone: Tone::Ok, series: Some(NodeSeries::P99) });
    rows.push(row(
        "Arrivals",
        format::rate(view.rate),
        fill("{rate} answered", &[&format::rate(view.ok_rate)]),
        Tone::Ok,
    ));
    let tone = if view.error_rate > 0.0 { Tone::Bad } else { Tone::Ok };
    rows.push(row("Errors", format!("{} /s", format::per_second(view.error_rate)), String::new(), tone));
    match (view.hit_share, view.hits_now) {
        (Some(hits), _) if placed.kind == Some(Kind::Dns) => {
            rows.push(row("Names from a cache", format::percent(hits), String::new(), Tone::Ok));
        }
        (Some(hits), now) => {
            let now = now.map_or(tr("none now").to_owned(), |now| fill("{share} now", &[&format::percent(now)]));
            rows.push(row("Hits", format::percent(hits), now, Tone::Ok));
        }
        _ => {}
    }
    if let Some(stock) = &view.stock {
        kept(&mut rows, view, stock);
    }
    if let (Some(role), Some(data)) = (card::role(placed, Some(view)), &view.data) {
        let primary = role == super::Role::Primary;
        let note = match &data.primary_id {
            Some(of) if !primary => fill("of {what}", &[&stage.label(of)]),
            _ => String::new(),
        };
        rows.push(row("Role", tr(if primary { "primary" } else { "replica" }).to_owned(), note, Tone::Ok));
        rows.push(row("Log position", format::count(data.lsn), tr("last write it has").to_owned(), Tone::Ok));
        if !primary {
            let tone = if data.lag_ms > 1000.0 { Tone::Warn } else { Tone::Ok };
            let note = fill("{writes} behind", &[&format::plural(data.behind, "write")]);
            rows.push(row("Lag", format::ms(data.lag_ms), note, tone));
        }
        if !data.believed_up {
            rows.push(row("Its group", tr("believes it is down").to_owned(), String::new(), Tone::Bad));
        }
    }
    rows
}

/// How many machines stand behind a server that is, or may become, several.
fn instances(placed: &super::Placed, view: &NodeView) -> Option<u64> {
    let (_, p) = placed.values().filter(|(kind, _)| *kind == Kind::Server)?;
    let n = (view.cores / p.number("cores")).round() as u64;
    (n > 1 || p.whole("instances") > 1 || p.group("autoscale").is_some()).then_some(n.max(1))
}

/// What a cache or a queue keeps, and what it counted.
fn kept(rows: &mut Vec<Live>, view: &NodeView, stock: &StockView) {
    let full = stock.items + stock.in_flight >= stock.capacity;
    let tone = if full && view.error_rate > 0.0 { Tone::Bad } else { Tone::Ok };
    let note = fill("of {what}", &[&format::count(stock.capacity)]);
    rows.push(row("Kept", format::count(stock.items + stock.in_flight), note, tone));
    if let Some(age) = stock.oldest_ms {
        rows.push(row("Oldest", format::ms(age), fill("of {n} waiting", &[&format::count(stock.items)]), Tone::Ok));
    }
    for (count, label, tone) in [
        (Count::Stale, "Served stale", Tone::Warn),
        (Count::Delivered, "Delivered", Tone::Ok),
        (Count::Redelivered, "Redelivered", Tone::Warn),
        (Count::DeadLetter, "Dead letters", Tone::Bad),
        (Count::LostMessage, "Lost", Tone::Bad),
    ] {
        let n = view.counts[count as usize];
        if n > 0 {
            rows.push(row(label, format::count(n), String::new(), tone));
        }
    }
}

fn backends(stage: &Stage, views: &Views, id: &str) -> Vec<Backend> {
    let Some(view) = views.nodes.get(id) else { return Vec::new() };
    let one = |b: &crate::metrics::frame::BackendView| {
        let (word, tone) = if b.up { ("up", Tone::Ok) } else { ("down", Tone::Bad) };
        let did = if b.up { "{n} of {all} missed" } else { "{n} of {all} passed" };
        let (state, tone) = match b.streak {
            0 => (tr(word).to_owned(), tone),
            n => (format!("{}, {}", tr(word), fill(did, &[&n, &b.needed])), Tone::Warn),
        };
        let (state, tone) = if b.draining { (tr("draining").to_owned(), Tone::Warn) } else { (state, tone) };
        let name = instance_name(stage.label(&b.id), b.instance);
        Backend { id: b.name(), name, state, tone, picks: format::count(b.picks), open: format::count(b.open) }
    };
    view.backends.iter().map(one).collect()
}
