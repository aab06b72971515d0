//! Parameter tables: what a parameter is called, what it may hold, what it is without being told, and what it means.
//!
//! The tables are constants; [`Values`] reads a document's plain values through them. A value that does not fit reads
//! as the default: `check` has already said so, and nothing here may panic on a stranger's file.

use crate::dist::{Dist, shown};
use crate::scenario::Params;
use crate::time::{Nanos, from_ms, from_s};
use serde_json::{Value, json};

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name in files; the last word is the unit.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it may hold.
    pub of: Type,
    /// What it is without being told.
    pub default: Lit,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Shown at once; the others wait behind "More".
    pub main: bool,
    /// Whether this version simulates it; otherwise a value other than the default gets a warning.
    pub ready: bool,
}

/// What a parameter may hold.
#[derive(Debug)]
pub enum Type {
    /// A number in this range.
    Number(f64, f64),
    /// A whole number in this range.
    Whole(u64, u64),
    /// True or false.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A short text.
    Text,
    /// A distribution whose values lie in this range (see [`Dist`]).
    Distribution(f64, f64),
    /// A list of `[seconds, multiplier]`, times ascending, multiplier from 0 to 1000.
    Points,
    /// An object with parameters of its own.
    Group(&'static [Param]),
    /// A list of objects with parameters of their own.
    List(&'static [Param]),
    /// An object of whole numbers from 0 to 1000 by a node's identifier.
    Counts,
    /// A structure that a later version reads.
    Later,
}

/// A list, or an object of counts, has at most so many entries.
const LONGEST_LIST: usize = 1000;

/// A default, or a preset's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lit {
    /// Null: absent, off. A parameter with this default may be null.
    None,
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A word or a text.
    Text(&'static str),
    /// An exponential distribution with this mean.
    Exponential(f64),
    /// A group with all its own defaults; null switches it off.
    Group,
    /// `[[0, 1]]`.
    Level,
}

impl Lit {
    /// As the value that a file would hold.
    pub fn to_value(self) -> Value {
        match self {
            Lit::None => Value::Null,
            Lit::Number(n) => number(n),
            Lit::Flag(b) => json!(b),
            Lit::Text(t) => json!(t),
            Lit::Exponential(mean) => json!({"exponential": number(mean)}),
            Lit::Group => json!({}),
            Lit::Level => json!([[0, 1]]),
        }
    }
}

/// A number as people write it: 5, not 5.0. Infinite and not-a-number become null.
pub fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) }
}

const fn param(name: &'static str, label: &'static str, of: Type, default: Lit, help: &'static str) -> Param {
    Param { name, label, of, default, help, main: false, ready: true }
}

/// A number; `none` makes it optional.
pub const fn num(name: &'static str, label: &'static str, lo: f64, hi: f64, d: f64, help: &'static str) -> Param {
    param(name, label, Type::Number(lo, hi), Lit::Number(d), help)
}
/// A whole number.
pub const fn whole(name: &'static str, label: &'static str, lo: u64, hi: u64, d: u64, help: &'static str) -> Param {
    param(name, label, Type::Whole(lo, hi), Lit::Number(d as f64), help)
}
/// True or false.
pub const fn flag(name: &'static str, label: &'static str, d: bool, help: &'static str) -> Param {
    param(name, label, Type::Flag, Lit::Flag(d), help)
}
/// One of some words; the first is the default.
pub const fn choice(name: &'static str, label: &'static str, of: &'static [&'static str], help: &'static str) -> Param {
    param(name, label, Type::Choice(of), Lit::Text(of[0]), help)
}
/// A short text.
pub const fn text(name: &'static str, label: &'static str, d: &'static str, help: &'static str) -> Param {
    param(name, label, Type::Text, Lit::Text(d), help)
}
/// A distribution.
pub const fn dist(name: &'static str, label: &'static str, lo: f64, hi: f64, d: Lit, help: &'static str) -> Param {
    param(name, label, Type::Distribution(lo, hi), d, help)
}
/// A group of parameters.
pub const fn group(name: &'static str, label: &'static str, of: &'static [Param], help: &'static str) -> Param {
    param(name, label, Type::Group(of), Lit::Group, help)
}
/// A multiplier over time.
pub const fn points(name: &'static str, label: &'static str, help: &'static str) -> Param {
    param(name, label, Type::Points, Lit::Level, help)
}
/// A list of objects, absent by default.
pub const fn list(name: &'static str, label: &'static str, of: &'static [Param], help: &'static str) -> Param {
    param(name, label, Type::List(of), Lit::None, help)
}
/// Whole numbers by a node's identifier, absent by default.
pub const fn counts(name: &'static str, label: &'static str, help: &'static str) -> Param {
    param(name, label, Type::Counts, Lit::None, help)
}
/// A structure that a later version reads.
pub const fn later(name: &'static str, label: &'static str, help: &'static str) -> Param {
    Param { ready: false, ..param(name, label, Type::Later, Lit::None, help) }
}

impl Param {
    /// Shown at once.
    pub const fn main(mut self) -> Param {
        self.main = true;
        self
    }
    /// Not simulated yet.
    pub const fn not_yet(mut self) -> Param {
        self.ready = false;
        self
    }
    /// Absent by default.
    pub const fn none(mut self) -> Param {
        self.default = Lit::None;
        self
    }

    /// Whether null is a value of its own (absent, off) rather than the default.
    pub fn nullable(&self) -> bool {
        matches!(self.default, Lit::None | Lit::Group)
    }

    /// The unit, from the name's last word: `ms`, `s`, `rps`, `gb`, `mb`, `kb`, `mbps`, or "" without one.
    pub fn unit(&self) -> &'static str {
        match self.name.rsplit_once('_').map(|(_, unit)| unit) {
            Some("ms") => "ms",
            Some("s") => "s",
            Some("rps") => "req/s",
            Some("gb") => "GB",
            Some("mb") => "MB",
            Some("kb") => "kB",
            Some("mbps") => "Mbit/s",
            Some("usd") => "USD",
            _ => "",
        }
    }

    /// Whether this value means the same as leaving the parameter out.
    pub fn is_default(&self, value: &Value) -> bool {
        match (self.default, value) {
            (_, Value::Null) => self.default == Lit::None || !self.nullable(),
            (Lit::Group, Value::Object(o)) => match self.of {
                Type::Group(inner) => o.iter().all(|(name, v)| inner.iter().any(|p| p.name == name && p.is_default(v))),
                _ => false,
            },
            (Lit::Number(d), v) => match self.of {
                // A distribution that is a constant may be written either way.
                Type::Distribution(..) => Dist::from_value(v) == Ok(Dist::Constant(d)),
                _ => v.as_f64() == Some(d),
            },
            (Lit::Exponential(mean), v) => Dist::from_value(v) == Ok(Dist::Exponential(mean)),
            (d, v) => d.to_value() == *v,
        }
    }

    /// What is wrong with this value, in words that say what would be right; `Ok` if nothing.
    ///
    /// # Errors
    /// A sentence without the parameter's name, to be prefixed by the caller.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        let wrong = |wanted: String| Err(format!("is {}, but must be {wanted}", shown(value)));
        match self.of {
            Type::Number(lo, hi) => match value.as_f64() {
                Some(n) if (lo..=hi).contains(&n) => Ok(()),
                _ => wrong(format!("a number from {} to {}", number(lo), number(hi))),
            },
            Type::Whole(lo, hi) => match value.as_f64() {
                Some(n) if n.fract() == 0.0 && (lo as f64..=hi as f64).contains(&n) => Ok(()),
                _ => wrong(format!("a whole number from {lo} to {hi}")),
            },
            Type::Flag if !value.is_boolean() => wrong("true or false".into()),
            Type::Choice(of) => match value.as_str() {
                Some(word) if of.contains(&word) => Ok(()),
                _ => wrong(format!("one of {}", of.join(", "))),
            },
            Type::Text => match value.as_str() {
                Some(t) if t.chars().count() <= 200 => Ok(()),
                _ => wrong("a text of at most 200 characters".into()),
            },
            Type::Distribution(lo, hi) => match Dist::from_value(value) {
                Ok(d) => d.check(lo, hi),
                Err(e) => Err(e),
            },
            Type::Points => points_of(value).map(|_| ()),
            Type::Group(_) if !value.is_object() => wrong("an object of parameters, or null".into()),
            Type::List(_) => match value.as_array() {
                Some(l) if l.len() <= LONGEST_LIST && l.iter().all(Value::is_object) => Ok(()),
                _ => wrong(format!("a list of at most {LONGEST_LIST} objects")),
            },
            Type::Counts => match value.as_object() {
                Some(o) if o.len() <= LONGEST_LIST && o.values().all(|n| n.as_u64().is_some_and(|n| n <= 1000)) => {
                    Ok(())
                }
                _ => wrong("an object of whole numbers from 0 to 1000 by node, such as {\"db\": 2}".into()),
            },
            Type::Flag | Type::Group(_) | Type::Later => Ok(()),
        }
    }
}

/// Reads `[[seconds, multiplier], …]`.
fn points_of(value: &Value) -> Result<Vec<(f64, f64)>, String> {
    let wrong = || {
        format!(
            "is {}, but must be a list of [seconds, multiplier], times ascending, multipliers from 0 to 1000",
            shown(value)
        )
    };
    let list = value.as_array().filter(|l| !l.is_empty() && l.len() <= 10_000).ok_or_else(wrong)?;
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(list.len());
    for pair in list {
        let pair = pair.as_array().filter(|p| p.len() == 2).ok_or_else(wrong)?;
        let (at, level) = (pair[0].as_f64().ok_or_else(wrong)?, pair[1].as_f64().ok_or_else(wrong)?);
        let ascending = points.last().is_none_or(|&(before, _)| at >= before);
        if !(0.0..=1e9).contains(&at) || !(0.0..=1000.0).contains(&level) || !ascending {
            return Err(wrong());
        }
        points.push((at, level));
    }
    Ok(points)
}

/// The parameter of this name, dotted for one inside a group (`health.interval_ms`).
pub fn find(table: &'static [Param], name: &str) -> Option<&'static Param> {
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let param = table.iter().find(|p| p.name == first)?;
    match (rest, &param.of) {
        (None, _) => Some(param),
        (Some(rest), Type::Group(inner)) => find(inner, rest),
        _ => None,
    }
}

/// A document's parameters read through their table: every read has an answer.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    table: &'static [Param],
    given: Option<&'a Params>,
}

impl<'a> Values<'a> {
    /// Reads `given` through `table`.
    pub fn new(table: &'static [Param], given: &'a Params) -> Self {
        Self { table, given: Some(given) }
    }

    /// The given value if it is there and fits, otherwise the default, as a value.
    pub fn value(&self, name: &str) -> Value {
        let param = self.param(name);
        match self.given.and_then(|g| g.get(name)) {
            Some(Value::Null) if param.nullable() => Value::Null,
            Some(v) if !v.is_null() && param.check(v).is_ok() => v.clone(),
            _ => param.default.to_value(),
        }
    }

    /// The parameter of this name; asking for one that the table lacks is a bug.
    fn param(&self, name: &str) -> &'static Param {
        self.table.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no parameter {name} in the table"))
    }

    /// Whether the table has this parameter.
    pub fn has(&self, name: &str) -> bool {
        self.table.iter().any(|p| p.name == name)
    }

    /// A number that is never absent.
    pub fn number(&self, name: &str) -> f64 {
        self.optional(name).unwrap_or(0.0)
    }
    /// A number that may be absent.
    pub fn optional(&self, name: &str) -> Option<f64> {
        self.value(name).as_f64()
    }
    /// A whole number.
    pub fn whole(&self, name: &str) -> u64 {
        self.number(name) as u64
    }
    /// True or false.
    pub fn flag(&self, name: &str) -> bool {
        self.value(name).as_bool().unwrap_or(false)
    }
    /// A word or a text.
    pub fn text(&self, name: &str) -> String {
        self.value(name).as_str().unwrap_or_default().to_owned()
    }
    /// A span whose name ends in `_ms` or `_s`.
    pub fn span(&self, name: &str) -> Nanos {
        self.optional_span(name).unwrap_or(0)
    }
    /// A span that may be absent.
    pub fn optional_span(&self, name: &str) -> Option<Nanos> {
        let n = self.optional(name)?;
        Some(if name.ends_with("_ms") { from_ms(n) } else { from_s(n) })
    }
    /// A distribution.
    pub fn dist(&self, name: &str) -> Dist {
        Dist::from_value(&self.value(name)).unwrap_or(Dist::Constant(0.0))
    }
    /// A distribution that may be absent.
    pub fn optional_dist(&self, name: &str) -> Option<Dist> {
        Some(self.value(name)).filter(|v| !v.is_null()).and_then(|v| Dist::from_value(&v).ok())
    }
    /// A multiplier over time: `(seconds, multiplier)`, times ascending, at least one.
    pub fn points(&self, name: &str) -> Vec<(f64, f64)> {
        points_of(&self.value(name)).unwrap_or_else(|_| vec![(0.0, 1.0)])
    }
    /// A group; `None` if it is switched off.
    pub fn group(&self, name: &str) -> Option<Values<'a>> {
        let Type::Group(table) = self.param(name).of else { return None };
        match self.given.and_then(|g| g.get(name)) {
            Some(Value::Null) => None,
            Some(Value::Object(inner)) => Some(Values { table, given: Some(inner) }),
            _ if self.param(name).default == Lit::None => None,
            _ => Some(Values { table, given: None }),
        }
    }
    /// A list of objects; empty if it is absent.
    pub fn list(&self, name: &str) -> Vec<Values<'a>> {
        let Type::List(table) = self.param(name).of else { return Vec::new() };
        let given = self.given.and_then(|g| g.get(name)).and_then(Value::as_array);
        let objects = given.into_iter().flatten().filter_map(Value::as_object).take(LONGEST_LIST);
        objects.map(|inner| Values { table, given: Some(inner) }).collect()
    }
    /// Whole numbers by a node's identifier, if they are there.
    pub fn counts(&self, name: &str) -> Option<Vec<(String, u32)>> {
        let value = self.value(name);
        let number = |(id, n): (&String, &Value)| Some((id.clone(), n.as_u64()? as u32));
        value.as_object().map(|o| o.iter().filter_map(number).collect())
    }
}
