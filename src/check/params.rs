//! Parameters against their table: unknown names, values that do not fit, and what this version does not simulate.

use crate::codec::{Problems, Subject};
use crate::component::param::Type;
use crate::component::{Lit, Param, Values};
use crate::dist::shown;
use crate::scenario::Params;
use serde_json::{Value, json};

/// Whose parameters they are: as a sentence names them, and the kind's (or the link's meaning's) identifier.
#[derive(Clone, Copy)]
pub(super) struct Whose {
    pub what: &'static str,
    pub kind: &'static str,
}

/// Checks all that is given, groups too.
pub(super) fn check(
    problems: &mut Problems,
    path: &str,
    about: &Subject,
    whose: Whose,
    table: &'static [Param],
    given: &Params,
) {
    for (name, value) in given {
        let path = format!("{path}.{}", printable(name));
        match table.iter().find(|p| p.name == name) {
            Some(param) => one(problems, &path, about, whose, param, value),
            None => problems.warning(path, about, unknown(name, whose, table)),
        }
    }
    if table.iter().any(|p| p.name == "interval_ms") && given.contains_key("timeout_ms") {
        let read = Values::new(table, given);
        let (timeout, interval) = (read.number("timeout_ms"), read.number("interval_ms"));
        if timeout > interval {
            let message = format!("is {timeout} ms, but must be at most the interval between checks, {interval} ms");
            problems.error(format!("{path}.timeout_ms"), about, message);
        }
    }
}

/// Checks one parameter's value.
pub(super) fn one(
    problems: &mut Problems,
    path: &str,
    about: &Subject,
    whose: Whose,
    param: &'static Param,
    value: &Value,
) {
    if let Err(why) = param.check(value) {
        problems.error(path, about, with_unit(why, param));
    } else if !param.ready && !param.is_default(value) {
        let default = match param.default {
            Lit::None => "were not set".into(),
            default => format!("were {}", shown(&default.to_value())),
        };
        problems.warning(path, about, format!("is not simulated yet; the run goes on as if it {default}"));
    } else if let (Type::Group(inner), Value::Object(group)) = (&param.of, value) {
        check(problems, path, about, whose, inner, group);
    } else if let (Type::List(inner), Value::Array(list)) = (&param.of, value) {
        for (i, item) in list.iter().enumerate() {
            check(problems, &format!("{path}[{i}]"), about, whose, inner, item.as_object().unwrap_or(&Params::new()));
        }
    }
}

/// What to say about a name that the table lacks, with the nearest one that it has.
pub(super) fn unknown(name: &str, whose: Whose, table: &[Param]) -> String {
    let name = printable(name);
    let nearest = table.iter().map(|p| (distance(&name, p.name), p.name)).min();
    let hint = match nearest {
        Some((far, near)) if far <= 3 && far < near.len() => format!("; did you mean {near}?"),
        _ => format!("; `loadstone kinds` lists those of {}", whose.kind),
    };
    format!("is no parameter of {} and does nothing{hint}", whose.what)
}

fn with_unit(why: String, param: &Param) -> String {
    if param.unit().is_empty() { why } else { format!("{why} ({})", param.unit()) }
}

/// A stranger's name for a message: short, without control characters.
fn printable(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= 40 { clean } else { shown(&json!(clean)) }
}

/// Levenshtein's distance, for names of a few dozen letters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}
