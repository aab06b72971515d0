//! The one obvious way to mend a problem, where there is one: what the button beside it does.
//!
//! Goes by what a problem is about and where it is, never by its words.

use super::{Command, Item};
use crate::check::MAX_RUN_S;
use crate::codec::{Problem, Subject};
use crate::component::Kind;
use crate::component::link::meaning;
use crate::component::param::{Param, Type, find, number};
use crate::dist::shown;
use crate::scenario::{Params, Scenario};
use serde_json::Value;

/// What would mend a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// What the button says.
    pub label: String,
    /// What it does, one after the other.
    pub commands: Vec<Command>,
}

/// The obvious way to mend it; none if there is a choice to be made.
pub fn mend(document: &Scenario, problem: &Problem) -> Option<Mend> {
    let (label, commands) = parameter(document, problem)
        .or_else(|| of_the_whole(document, problem))
        .or_else(|| entry(document, problem))
        .or_else(|| link(document, problem))?;
    Some(Mend { label, commands })
}

type Way = Option<(String, Vec<Command>)>;

/// A parameter of a node or link gets the nearest value that fits.
fn parameter(document: &Scenario, problem: &Problem) -> Way {
    let name = problem.path.split_once(".params.")?.1;
    let (target, given, table): (_, _, &'static [Param]) = match &problem.subject {
        Subject::Document => return None,
        Subject::Node(id) => {
            let node = document.node(id)?;
            (Item::Node(id.clone()), &node.params, Kind::from_id(&node.kind)?.spec().params)
        }
        Subject::Link(from, to) => {
            let kind = |id: &str| Kind::from_id(&document.node(id)?.kind);
            let params = &document.link(from, to)?.params;
            (Item::Link(from.clone(), to.clone()), params, meaning(kind(from)?, kind(to)?).ok()?.params())
        }
    };
    let param = find(table, name)?;
    let value = at(given, name)?;
    let better = match param.check(value) {
        Err(_) => nearest(param, value),
        Ok(()) if !param.ready => param.default.to_value(),
        // It fits by itself: the other one of two that have to go together says how far.
        Ok(()) => at(given, &format!("{}interval_ms", name.strip_suffix("timeout_ms")?))?.clone(),
    };
    let label = match &better {
        Value::Null => "Leave it out".to_owned(),
        better => format!("Set to {} {}", shown(better), param.unit()).trim_end().to_owned(),
    };
    Some((label, vec![Command::SetParam { target, name: name.to_owned(), value: better, gesture: 0 }]))
}

/// The value at a dotted name.
fn at<'a>(given: &'a Params, name: &str) -> Option<&'a Value> {
    match name.split_once('.') {
        None => given.get(name),
        Some((group, rest)) => at(given.get(group)?.as_object()?, rest),
    }
}

/// What comes nearest among the values that fit; the default where that is no question of more or less.
fn nearest(param: &Param, value: &Value) -> Value {
    match (&param.of, value.as_f64()) {
        (Type::Number(lo, hi), Some(n)) => number(n.clamp(*lo, *hi)),
        (Type::Whole(lo, hi), Some(n)) => number(n.round().clamp(*lo as f64, *hi as f64)),
        _ => param.default.to_value(),
    }
}

/// The run's length, an objective, a price.
fn of_the_whole(document: &Scenario, problem: &Problem) -> Way {
    let (group, name) = problem.path.split_once('.').unwrap_or((&problem.path, ""));
    let (label, command) = match group {
        "run_s" => {
            let run_s = if document.run_s > MAX_RUN_S { MAX_RUN_S } else { Scenario::default().run_s };
            (format!("Set to {run_s} s"), Command::SetRunLength(run_s))
        }
        "slo" if problem.is_error() => {
            ("Promise nothing of it".to_owned(), Command::SetSlo { name: name.to_owned(), value: Value::Null })
        }
        "prices" if problem.is_error() => {
            ("Use the list price".to_owned(), Command::SetPrice { name: name.to_owned(), value: Value::Null })
        }
        _ => return None,
    };
    Some((label, vec![command]))
}

/// What cannot happen, or does nothing, need not stand on the timeline. What only comes too late may be meant for a longer run.
fn entry(document: &Scenario, problem: &Problem) -> Way {
    let rest = problem.path.strip_prefix("timeline[")?;
    let (index, rest) = rest.split_once(']')?;
    let index: usize = index.parse().ok().filter(|&i| i < document.timeline.len())?;
    if !problem.is_error() && !rest.is_empty() {
        return None;
    }
    Some(("Take it off the timeline".to_owned(), vec![Command::RemoveEntry(index)]))
}

/// A link that can never mean anything goes.
fn link(document: &Scenario, problem: &Problem) -> Way {
    let Subject::Link(from, to) = &problem.subject else { return None };
    let kind = |id: &str| Kind::from_id(&document.node(id)?.kind);
    let senseless = from == to || kind(from).zip(kind(to)).is_none_or(|(a, b)| meaning(a, b).is_err());
    if !senseless || !problem.path.starts_with("links[") || document.node(from).is_none() && document.node(to).is_none()
    {
        return None;
    }
    let select = Command::Select(vec![Item::Link(from.clone(), to.clone())]);
    Some(("Delete the link".to_owned(), vec![select, Command::Delete]))
}
