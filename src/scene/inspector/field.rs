//! Fields: one for each parameter of a table, with everything that a widget needs, and back from what a person typed.

use crate::codec::number as typed_number;
use crate::component::param::number;
use crate::component::{Lit, Param, Type};
use crate::dist::{Dist, shown};
use crate::editor::edit::current;
use crate::scenario::Params;
use crate::scene::chart::power_of_ten;
use crate::scene::format;
use crate::texts::{fill, said, tr};
use serde_json::{Value, json};
use std::f64::consts::{LN_2, LN_10};

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
    Json,
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
        Value::Null => tr("none").to_owned(),
        Value::Bool(on) => tr(if *on { "on" } else { "off" }).to_owned(),
        Value::String(t) => said(&t.replace('_', " ")),
        Value::Number(n) => n.as_f64().map(with).unwrap_or_default(),
        Value::Object(o) if o.is_empty() => tr("on").to_owned(),
        other => match Dist::from_value(other) {
            Ok(d) => fill("{shape}, mean {time}", &[&tr(shape(&d)), &with(d.mean())]),
            Err(_) => shown(other),
        },
    }
}

/// What a parameter may be, in words.
fn range(param: &Param) -> String {
    let from_to = |lo: f64, hi: f64| fill("{from} to {to}", &[&format::number(lo), &format::number(hi)]);
    match param.of {
        Type::Number(lo, hi) | Type::Distribution(lo, hi) => from_to(lo, hi),
        Type::Whole(lo, hi) => from_to(lo as f64, hi as f64),
        Type::Points => tr("[seconds, multiplier] pairs, times ascending").to_owned(),
        Type::List(of) => {
            fill("a list of objects with {names}", &[&of.iter().map(|p| p.name).collect::<Vec<_>>().join(", ")])
        }
        Type::Counts => tr("whole numbers by node").to_owned() + ": {\"db\": 2}",
        Type::Text => tr("at most 200 characters").to_owned(),
        Type::Flag | Type::Choice(_) | Type::Group(_) | Type::Later => String::new(),
    }
}

fn widget(param: &'static Param, name: &str, value: &Value) -> Widget {
    match &param.of {
        Type::Number(min, max) => Widget::Number { min: *min, max: *max, step: step(value.as_f64().unwrap_or(0.0)) },
        Type::Whole(min, max) => Widget::Whole { min: *min as f64, max: *max as f64 },
        Type::Flag => Widget::Switch(value.as_bool().unwrap_or(false)),
        Type::Choice(of) => Widget::Choice(of.iter().map(|w| (*w, said(&w.replace('_', " ")))).collect()),
        Type::Text => Widget::Text,
        Type::Points | Type::List(_) | Type::Counts => Widget::Json,
        Type::Distribution(..) => {
            let d = Dist::from_value(value).unwrap_or(Dist::Constant(0.0));
            let shown_mean = matches!(d, Dist::Uniform(..) | Dist::Percentiles { .. });
            let note = fill("mean {time}", &[&format_args!("{} {}", format::number(d.mean()), param.unit())]);
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
    (power_of_ten(size) / 10.0).max(0.1)
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
            distribution(shape, &[p(LN_2), p(LN_2 + LN_10), p(2.0 * LN_10)])
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
        return Ok(if matches!(param.default, Lit::None) { Value::Null } else { param.default.to_value() });
    }
    let value = match param.of {
        Type::Number(..) | Type::Whole(..) => {
            let bare = typed.strip_suffix(param.unit()).unwrap_or(typed).replace([',', ' ', '\u{202f}', '\u{a0}'], "");
            typed_number(&bare).map_or_else(|| json!(typed), number)
        }
        Type::Distribution(..) => {
            typed_number(typed).map_or_else(|| serde_json::from_str(typed).unwrap_or_else(|_| json!(typed)), number)
        }
        Type::Points | Type::List(_) | Type::Counts | Type::Group(_) | Type::Later => {
            serde_json::from_str(typed).unwrap_or_else(|_| json!(typed))
        }
        Type::Flag => json!(matches!(typed, "true" | "on" | "yes" | "1")),
        Type::Choice(_) | Type::Text => json!(typed),
    };
    param.check(&value).map(|()| value).map_err(|e| format!("{} {}.", tr(param.label), said(&e)))
}
