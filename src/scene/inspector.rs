//! The inspector: the fields of a node or link, generated from its table of parameters, and its live numbers.
//!
//! A field holds everything that a widget needs, also the error of a value that a file came with. [`read`] turns what a
//! person typed back into a value; the editor checks it again.

use super::{Stage, Tone, Views, card, format};
use crate::component::param::number;
use crate::component::{Param, Type};
use crate::dist::{Dist, shown};
use crate::editor::edit::current;
use crate::editor::{Editor, Item};
use crate::metrics::frame::Frame;
use crate::scenario::Params;
use crate::time::Nanos;
use serde_json::{Value, json};

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

/// Fields under one heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The heading.
    pub label: &'static str,
    /// Folded away until asked for.
    pub folded: bool,
    /// In the order of the table.
    pub fields: Vec<Field>,
}

/// One parameter to see and to edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name for `Command::SetParam`; dotted inside a group.
    pub name: String,
    /// What people call it.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its unit; empty without one.
    pub unit: &'static str,
    /// Its value now, defaults included.
    pub value: Value,
    /// The value as a text to edit.
    pub text: String,
    /// The default as a text.
    pub default: String,
    /// Whether it is the default.
    pub is_default: bool,
    /// The value that resets it.
    pub reset: Value,
    /// What it may be, in words: "1 to 1,024".
    pub range: String,
    /// Whether it may be empty (absent, off).
    pub nullable: bool,
    /// Whether this version simulates it.
    pub ready: bool,
    /// How to edit it.
    pub widget: Widget,
    /// What is wrong with the value that the document holds.
    pub error: Option<String>,
}

/// How a parameter is edited.
#[derive(Clone, Debug, PartialEq)]
pub enum Widget {
    /// A number.
    Number {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// One press of an arrow key.
        step: f64,
    },
    /// A whole number.
    Whole {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// On or off.
    Switch(bool),
    /// One of some words: (value, label).
    Choice(Vec<(&'static str, String)>),
    /// A short text.
    Text,
    /// A distribution.
    Distribution {
        /// Its shape now, one of [`SHAPES`].
        shape: &'static str,
        /// Its numbers.
        parts: Vec<Part>,
        /// "mean 5 ms", for shapes whose mean is none of their numbers.
        note: String,
    },
    /// `[[seconds, multiplier], …]`, edited as text.
    Points,
    /// A group of further fields, on or off.
    Group {
        /// Whether it is on.
        on: bool,
        /// Its fields; empty when off.
        fields: Vec<Field>,
    },
    /// Nothing to edit in this version.
    Later,
}

/// One number of a distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is called.
    pub label: &'static str,
    /// Its value.
    pub value: f64,
    /// Whether it has the parameter's unit.
    pub unit: bool,
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
    /// "up", "up, 2 of 3 missed", "down", "down, 1 of 2 passed".
    pub state: String,
    /// How good that is.
    pub tone: Tone,
    /// Requests that it got.
    pub picks: String,
    /// Requests that are open there.
    pub open: String,
}

/// The shapes of a distribution: (identifier, what people call it).
pub const SHAPES: &[(&str, &str)] = &[
    ("constant", "Constant"),
    ("exponential", "Exponential"),
    ("gamma", "Gamma"),
    ("lognormal", "Log-normal"),
    ("uniform", "Uniform"),
    ("pareto", "Pareto"),
    ("percentiles", "Percentiles"),
];

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
    let drawn = card::card(placed, views, None, true);
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
        status: if wire.label.is_empty() { "idle".to_owned() } else { wire.label },
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
        let note = format!("of {}", format::plural(view.cores as u64, "core"));
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
        let (value, note) = (format::count(view.waiting), format!("of {} inside", format::count(view.in_system)));
        rows.push(Live { label: "Waiting", value, note, tone, series: Some(NodeSeries::Waiting) });
    }
    let mean = view.mean_ms.map(|m| format!("mean {}", format::ms(m))).unwrap_or_default();
    let value = format::ms_or_none(view.p99_ms);
    rows.push(Live { label: "p99 latency", value, note: mean, tone: Tone::Ok, series: Some(NodeSeries::P99) });
    rows.push(row("Arrivals", format::rate(view.rate), format!("{} answered", format::rate(view.ok_rate)), Tone::Ok));
    let tone = if view.error_rate > 0.0 { Tone::Bad } else { Tone::Ok };
    rows.push(row("Errors", format!("{} /s", format::per_second(view.error_rate)), String::new(), tone));
    if let Some(hits) = view.hit_share {
        rows.push(row("Names from a cache", format::percent(hits), String::new(), Tone::Ok));
    }
    if let (Some(role), Some(data)) = (card::role(placed, Some(view)), &view.data) {
        let primary = role == super::Role::Primary;
        let note = match &data.primary_id {
            Some(of) if !primary => format!("of {}", stage.label(of)),
            _ => String::new(),
        };
        rows.push(row("Role", if primary { "primary" } else { "replica" }.to_owned(), note, Tone::Ok));
        rows.push(row("Log position", format::count(data.lsn), "last write it has".to_owned(), Tone::Ok));
        if !primary {
            let tone = if data.lag_ms > 1000.0 { Tone::Warn } else { Tone::Ok };
            let note = format!("{} behind", format::plural(data.behind, "write"));
            rows.push(row("Lag", format::ms(data.lag_ms), note, tone));
        }
        if !data.believed_up {
            rows.push(row("Its group", "believes it is down".to_owned(), String::new(), Tone::Bad));
        }
    }
    rows
}

fn backends(stage: &Stage, views: &Views, id: &str) -> Vec<Backend> {
    let Some(view) = views.nodes.get(id) else { return Vec::new() };
    let one = |b: &crate::metrics::frame::BackendView| {
        let (word, tone) = if b.up { ("up", Tone::Ok) } else { ("down", Tone::Bad) };
        let did = if b.up { "missed" } else { "passed" };
        let (state, tone) = match b.streak {
            0 => (word.to_owned(), tone),
            n => (format!("{word}, {n} of {} {did}", b.needed), Tone::Warn),
        };
        let name = stage.label(&b.id).to_owned();
        Backend { id: b.id.clone(), name, state, tone, picks: format::count(b.picks), open: format::count(b.open) }
    };
    view.backends.iter().map(one).collect()
}

/// The fields of a table, in sections.
pub fn sections(table: &'static [Param], params: &Params) -> Vec<Section> {
    let part = |label, folded, wanted: fn(&&Param) -> bool| Section {
        label,
        folded,
        fields: table.iter().filter(wanted).map(|p| field(p, "", params)).collect(),
    };
    let mut all = vec![
        part("Main", false, |p| p.main && p.ready),
        part("More", true, |p| !p.main && p.ready),
        part("Not simulated yet", true, |p| !p.ready),
    ];
    all.retain(|s| !s.fields.is_empty());
    all
}

fn field(param: &'static Param, prefix: &str, params: &Params) -> Field {
    let table = std::slice::from_ref(param);
    let value = current(params, table, param.name);
    let given = params.get(param.name).unwrap_or(&Value::Null);
    let name = format!("{prefix}{}", param.name);
    Field {
        label: param.label,
        help: param.help,
        unit: param.unit(),
        text: text(&value),
        default: in_words(&param.default.to_value(), param.unit()),
        is_default: !params.contains_key(param.name) || param.is_default(given),
        reset: param.default.to_value(),
        range: range(param),
        nullable: param.nullable(),
        ready: param.ready,
        widget: widget(param, &name, &value),
        error: param.check(given).err(),
        value,
        name,
    }
}

/// A value as a text to edit.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(t) => t.clone(),
        Value::Number(n) => n.as_f64().map(format::exact).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// A value as people say it.
fn in_words(value: &Value, unit: &str) -> String {
    let with = |n: f64| format!("{} {unit}", format::exact(n)).trim().to_owned();
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::String(t) => t.replace('_', " "),
        Value::Number(n) => n.as_f64().map(with).unwrap_or_default(),
        Value::Object(o) if o.is_empty() => "on".to_owned(),
        other => match Dist::from_value(other) {
            Ok(d) => format!("{}, mean {}", shape(&d), with(d.mean())),
            Err(_) => shown(other),
        },
    }
}

/// What a parameter may be, in words.
fn range(param: &Param) -> String {
    let from_to = |lo: f64, hi: f64| format!("{} to {}", format::number(lo), format::number(hi));
    match param.of {
        Type::Number(lo, hi) | Type::Distribution(lo, hi) => from_to(lo, hi),
        Type::Whole(lo, hi) => from_to(lo as f64, hi as f64),
        Type::Points => "[seconds, multiplier] pairs, times ascending".to_owned(),
        Type::Text => "at most 200 characters".to_owned(),
        Type::Flag | Type::Choice(_) | Type::Group(_) | Type::Later => String::new(),
    }
}

fn widget(param: &'static Param, name: &str, value: &Value) -> Widget {
    match &param.of {
        Type::Number(min, max) => Widget::Number { min: *min, max: *max, step: step(value.as_f64().unwrap_or(0.0)) },
        Type::Whole(min, max) => Widget::Whole { min: *min as f64, max: *max as f64 },
        Type::Flag => Widget::Switch(value.as_bool().unwrap_or(false)),
        Type::Choice(of) => Widget::Choice(of.iter().map(|w| (*w, w.replace('_', " "))).collect()),
        Type::Text => Widget::Text,
        Type::Points => Widget::Points,
        Type::Distribution(..) => {
            let d = Dist::from_value(value).unwrap_or(Dist::Constant(0.0));
            let shown_mean = matches!(d, Dist::Uniform(..) | Dist::Percentiles { .. });
            let note = format!("mean {} {}", format::number(d.mean()), param.unit());
            Widget::Distribution {
                shape: shape(&d),
                parts: parts(&d),
                note: if shown_mean { note.trim().to_owned() } else { String::new() },
            }
        }
        Type::Group(inner) => match value.as_object() {
            None => Widget::Group { on: false, fields: Vec::new() },
            Some(given) => {
                let fields = inner.iter().map(|p| field(p, &format!("{name}."), given)).collect();
                Widget::Group { on: true, fields }
            }
        },
        Type::Later => Widget::Later,
    }
}

/// A sensible step for a value: a tenth of its size, as a power of ten.
fn step(value: f64) -> f64 {
    let size = value.abs();
    if size < 1.0 {
        return if size < 0.1 && size > 0.0 { 0.001 } else { 0.01 };
    }
    libm::exp10(libm::floor(libm::log10(size)) - 1.0).max(0.1)
}

/// The identifier of a distribution's shape.
pub fn shape(d: &Dist) -> &'static str {
    match d {
        Dist::Constant(_) => "constant",
        Dist::Exponential(_) => "exponential",
        Dist::Gamma { .. } => "gamma",
        Dist::Lognormal { .. } => "lognormal",
        Dist::Uniform(..) => "uniform",
        Dist::Pareto { .. } => "pareto",
        Dist::Percentiles { .. } => "percentiles",
    }
}

fn parts(d: &Dist) -> Vec<Part> {
    let own = |label, value| Part { label, value, unit: true };
    let bare = |label, value| Part { label, value, unit: false };
    match *d {
        Dist::Constant(n) => vec![own("value", n)],
        Dist::Exponential(mean) => vec![own("mean", mean)],
        Dist::Gamma { mean, cv } | Dist::Lognormal { mean, cv } => vec![own("mean", mean), bare("variation", cv)],
        Dist::Uniform(lo, hi) => vec![own("from", lo), own("to", hi)],
        Dist::Pareto { mean, shape } => vec![own("mean", mean), bare("shape", shape)],
        Dist::Percentiles { p50, p95, p99 } => vec![own("p50", p50), own("p95", p95), own("p99", p99)],
    }
}

/// The value of a distribution of this shape with these numbers, in the order of its parts; missing ones are 0.
pub fn distribution(shape: &str, parts: &[f64]) -> Value {
    let n = |i: usize| number(parts.get(i).copied().unwrap_or(0.0));
    match shape {
        "exponential" => json!({"exponential": n(0)}),
        "gamma" => json!({"gamma": {"mean": n(0), "cv": n(1)}}),
        "lognormal" => json!({"lognormal": {"mean": n(0), "cv": n(1)}}),
        "uniform" => json!({"uniform": [n(0), n(1)]}),
        "pareto" => json!({"pareto": {"mean": n(0), "shape": n(1)}}),
        "percentiles" => json!({"percentiles": {"p50": n(0), "p95": n(1), "p99": n(2)}}),
        _ => n(0),
    }
}

/// Another shape with about the same mean: what the inspector makes of a value when a person picks a shape.
pub fn reshaped(value: &Value, shape: &str) -> Value {
    let mean = Dist::from_value(value).map_or(1.0, |d| d.mean());
    let mean = (mean * 1000.0).round() / 1000.0;
    match shape {
        "gamma" => distribution(shape, &[mean, 0.5]),
        "lognormal" => distribution(shape, &[mean, 1.0]),
        "uniform" => distribution(shape, &[mean * 0.5, mean * 1.5]),
        "pareto" => distribution(shape, &[mean, 2.5]),
        // An exponential's percentiles: mean × ln 2, ln 20, ln 100. Zero has none.
        "percentiles" => {
            let mean = if mean > 0.0 { mean } else { 1.0 };
            let p = |ln: f64| (mean * ln * 1000.0).round().max(1.0) / 1000.0;
            distribution(shape, &[p(std::f64::consts::LN_2), p(2.995_732), p(4.605_170)])
        }
        _ => distribution(shape, &[mean]),
    }
}

/// What a person typed into the field of this parameter, as a value. Commas between thousands and the unit are
/// understood; an empty text is none where there is none, otherwise the default.
///
/// # Errors
/// A sentence that says what would be right.
pub fn read(param: &Param, typed: &str) -> Result<Value, String> {
    let typed = typed.trim();
    if typed.is_empty() && !matches!(param.of, Type::Text) {
        return Ok(if matches!(param.default, crate::component::Lit::None) {
            Value::Null
        } else {
            param.default.to_value()
        });
    }
    let value = match param.of {
        Type::Number(..) | Type::Whole(..) => {
            let bare = typed.strip_suffix(param.unit()).unwrap_or(typed).replace([',', ' ', '\u{202f}', '\u{a0}'], "");
            bare.parse::<f64>().map_or_else(|_| json!(typed), number)
        }
        Type::Distribution(..) => {
            typed.parse::<f64>().map_or_else(|_| serde_json::from_str(typed).unwrap_or_else(|_| json!(typed)), number)
        }
        Type::Points | Type::Group(_) | Type::Later => serde_json::from_str(typed).unwrap_or_else(|_| json!(typed)),
        Type::Flag => json!(matches!(typed, "true" | "on" | "yes" | "1")),
        Type::Choice(_) | Type::Text => json!(typed),
    };
    param.check(&value).map(|()| value).map_err(|e| format!("{} {e}.", param.label))
}

/// The live words of a moment of the run for the clock: "00:32.6 of 02:00.0".
pub fn clock_words(now: Nanos, end: Nanos) -> String {
    format!("{} of {}", format::clock(now), format::clock(end))
}
