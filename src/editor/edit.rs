//! Edits of a document at an instant: at 0 they change the design itself, later they become entries of the timeline.
//!
//! A node or link that only joins later is edited where the timeline carries it, so that a person can build with it
//! before its time. Knows no selection and no history; every function leaves a document without dangling links.

use super::command::Item;
use super::sound::{self, prune};
use crate::component::link::meaning;
use crate::component::{Kind, Meaning, Param, Type};
use crate::order::{self, Gather, Set};
use crate::scenario::{Action, Entry, Link, Node, Params, Scenario, Target, set};
use crate::time::{MS, Nanos, to_s};
use serde_json::Value;
use std::borrow::Cow;

/// When an edit made at the simulated time `now` takes effect: 0 is the design itself, otherwise the next whole
/// millisecond, so that what the run has already shown stays true.
pub fn instant(now: Nanos) -> Nanos {
    if now == 0 { 0 } else { (now / MS).saturating_add(1).saturating_mul(MS) }
}

/// The node with this identifier, wherever the document holds it: in the design or on the timeline.
pub fn node_anywhere<'a>(doc: &'a Scenario, id: &str) -> Option<&'a Node> {
    doc.node(id).or_else(|| carried_node(doc, id, 0).and_then(|i| carried(&doc.timeline[i])))
}

/// The same, to change what has no time (name, position).
pub fn node_anywhere_mut<'a>(doc: &'a mut Scenario, id: &str) -> Option<&'a mut Node> {
    if let Some(i) = doc.nodes.iter().position(|n| n.id == id) {
        return doc.nodes.get_mut(i);
    }
    let i = carried_node(doc, id, 0)?;
    match &mut doc.timeline[i].action {
        Action::AddNode(node) => Some(node),
        _ => None,
    }
}

fn carried(entry: &Entry) -> Option<&Node> {
    if let Action::AddNode(node) = &entry.action { Some(node) } else { None }
}

/// Every node that the document holds anywhere, with the time at which it joins if that is on the timeline.
pub fn all_nodes(doc: &Scenario) -> impl Iterator<Item = (&Node, Option<Nanos>)> {
    let joining = doc.timeline.iter().filter_map(|e| carried(e).map(|n| (n, Some(e.at()))));
    doc.nodes.iter().map(|n| (n, None)).chain(joining)
}

/// Position of the entry that adds this node at or after `at`.
fn carried_node(doc: &Scenario, id: &str, at: Nanos) -> Option<usize> {
    doc.timeline.iter().position(|e| e.at() >= at && carried(e).is_some_and(|n| n.id == id))
}

/// Position of the entry that adds this link at or after `at`.
fn carried_link(doc: &Scenario, from: &str, to: &str, at: Nanos) -> Option<usize> {
    doc.timeline
        .iter()
        .position(|e| e.at() >= at && matches!(&e.action, Action::AddLink(l) if l.from == from && l.to == to))
}

/// When the node is there for an edit at `at`: `None` in the design or already joined, otherwise its later time.
fn joins(doc: &Scenario, id: &str, at: Nanos) -> Option<Nanos> {
    if doc.node(id).is_some() {
        return None;
    }
    carried_node(doc, id, at).map(|i| doc.timeline[i].at())
}

fn entry(at: Nanos, target: Target, action: Action) -> Entry {
    Entry::new(to_s(at), target, action)
}

/// The design as it stands at `at`, without a copy where the timeline has not edited it by then.
fn standing(doc: &Scenario, at: Nanos) -> Cow<'_, Scenario> {
    if doc.timeline.iter().any(|e| e.action.is_edit() && e.at() <= at) {
        Cow::Owned(doc.at(at))
    } else {
        Cow::Borrowed(doc)
    }
}

/// Adds a node.
pub fn add_node(doc: &mut Scenario, at: Nanos, node: Node) {
    if at == 0 {
        doc.nodes.push(node);
    } else {
        doc.timeline.push(entry(at, Target::Carried, Action::AddNode(Box::new(node))));
    }
}

/// Adds a link, when both ends are there.
///
/// # Errors
/// One sentence: why not.
pub fn add_link(doc: &mut Scenario, at: Nanos, link: Link) -> Result<(), String> {
    check_link(doc, at, &link.from, &link.to)?;
    let touched = [link.from.clone(), link.to.clone()].into_iter().gather();
    put_link(doc, at, link);
    prune(doc, &touched);
    Ok(())
}

/// Adds a link of which it is known that it may be drawn, when both ends are there.
pub fn put_link(doc: &mut Scenario, at: Nanos, link: Link) {
    let later = joins(doc, &link.from, at).into_iter().chain(joins(doc, &link.to, at)).max();
    match later {
        None if at == 0 => doc.links.push(link),
        _ => {
            let at = later.unwrap_or(at);
            doc.timeline.push(entry(at, Target::Carried, Action::AddLink(Box::new(link))));
        }
    }
}

/// Whether a link from one node to the other may be drawn at `at`.
///
/// # Errors
/// One sentence: why it makes no sense, or is there already.
pub fn check_link(doc: &Scenario, at: Nanos, from: &str, to: &str) -> Result<Meaning, String> {
    let find = |id: &str| node_anywhere(doc, id).ok_or_else(|| format!("There is no node {id}."));
    let (a, b) = (find(from)?, find(to)?);
    if from == to {
        return Err(format!("{} cannot be linked to itself.", a.label()));
    }
    let kind =
        |n: &Node| Kind::from_id(&n.kind).ok_or_else(|| format!("This version does not know the kind {}.", n.kind));
    let meaning = meaning(kind(a)?, kind(b)?).map_err(sentence)?;
    let at = joins(doc, from, at).into_iter().chain(joins(doc, to, at)).max().unwrap_or(at);
    let design = standing(doc, at);
    if design.link(from, to).is_some() {
        return Err(format!("{} is already linked to {}.", a.label(), b.label()));
    }
    if let Some(gone) = [a, b].into_iter().find(|n| design.node(&n.id).is_none()) {
        return Err(format!("{} is gone by then.", gone.label()));
    }
    sound::may_add(&design, from, to, meaning)?;
    Ok(meaning)
}

/// A reason as a sentence.
pub fn sentence(reason: impl AsRef<str>) -> String {
    let mut chars = reason.as_ref().chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// Removes nodes, their links, and what the timeline then says in vain.
pub fn remove_nodes(doc: &mut Scenario, at: Nanos, ids: &Set<String>) {
    let base: Set<&str> = doc.nodes.iter().map(|n| n.id.as_str()).gather();
    // What the timeline adds from now on simply never comes.
    let unborn: Set<String> = (doc.timeline.iter().filter(|e| e.at() >= at).filter_map(carried))
        .filter(|n| ids.contains(&n.id) && !base.contains(n.id.as_str()))
        .map(|n| n.id.clone())
        .gather();
    doc.timeline.retain(|e| e.at() < at || carried(e).is_none_or(|n| !unborn.contains(&n.id)));
    if at == 0 {
        doc.nodes.retain(|n| !ids.contains(&n.id));
        doc.links.retain(|l| !ids.contains(&l.from) && !ids.contains(&l.to));
    } else {
        let there = |n: &&Node| ids.contains(&n.id);
        let leaving: Vec<String> = standing(doc, at).nodes.iter().filter(there).map(|n| n.id.clone()).collect();
        doc.timeline.extend(leaving.into_iter().map(|id| entry(at, Target::Node(id), Action::RemoveNode)));
    }
    prune(doc, ids);
}

/// Removes a link, and what the timeline then says in vain.
pub fn remove_link(doc: &mut Scenario, at: Nanos, from: &str, to: &str) {
    let touched = [from.to_owned(), to.to_owned()].into_iter().gather();
    let is_base = doc.link(from, to).is_some();
    match carried_link(doc, from, to, at) {
        Some(i) if !is_base || at > 0 && doc.timeline[i].at() == at => {
            doc.timeline.remove(i);
        }
        _ if at == 0 => doc.links.retain(|l| l.from != from || l.to != to),
        _ if standing(doc, at).link(from, to).is_some() => {
            doc.timeline.push(entry(at, Target::Link(from.to_owned(), to.to_owned()), Action::RemoveLink));
        }
        _ => {}
    }
    prune(doc, &touched);
}

/// Sets a parameter of a node or link. The value has been checked.
pub fn set_param(doc: &mut Scenario, at: Nanos, item: &Item, table: &'static [Param], name: &str, value: &Value) {
    if let Some(params) = match item {
        Item::Node(id) => own_node(doc, at, id).map(|n| &mut n.params),
        Item::Link(from, to) => own_link(doc, at, from, to).map(|l| &mut l.params),
    } {
        set(params, name, value);
        tidy(params, table);
    } else if at > 0 {
        set_later(doc, at, item, name, value, |design| match item {
            Item::Node(id) => design.node(id).map(|n| current(&n.params, table, name)),
            Item::Link(from, to) => design.link(from, to).map(|l| current(&l.params, table, name)),
        });
    }
}

/// Puts a node into a zone, or out of any.
pub fn set_zone(doc: &mut Scenario, at: Nanos, id: &str, zone: Option<&str>) {
    if let Some(node) = own_node(doc, at, id) {
        node.zone = zone.map(str::to_owned);
    } else if at > 0 {
        let value = zone.map(Value::from).unwrap_or_default();
        set_later(doc, at, &Item::Node(id.to_owned()), "zone", &value, |design| {
            design.node(id).map(|n| n.zone.clone().map(Value::String).unwrap_or_default())
        });
    }
}

/// The same parameter at the same instant is one entry, and none if it comes back to what it was.
fn set_later(
    doc: &mut Scenario,
    at: Nanos,
    item: &Item,
    name: &str,
    value: &Value,
    before: impl Fn(&Scenario) -> Option<Value>,
) {
    let target = item.target();
    doc.timeline.retain(|e| {
        e.at() != at || e.target != target || !matches!(&e.action, Action::Set { param, .. } if param == name)
    });
    if before(&standing(doc, at)).is_some_and(|before| before != *value) {
        let action = Action::Set { param: name.to_owned(), value: value.clone() };
        doc.timeline.push(entry(at, target, action));
    }
}

/// The node to change in place: one of the design at 0, one that the timeline adds at `at` or later.
fn own_node<'a>(doc: &'a mut Scenario, at: Nanos, id: &str) -> Option<&'a mut Node> {
    match doc.nodes.iter().position(|n| n.id == id) {
        Some(i) if at == 0 => doc.nodes.get_mut(i),
        Some(_) => None,
        None => {
            let i = carried_node(doc, id, at)?;
            if let Action::AddNode(node) = &mut doc.timeline[i].action { Some(node) } else { None }
        }
    }
}

/// The link to change in place, likewise.
fn own_link<'a>(doc: &'a mut Scenario, at: Nanos, from: &str, to: &str) -> Option<&'a mut Link> {
    match doc.links.iter().position(|l| l.from == from && l.to == to) {
        Some(i) if at == 0 => doc.links.get_mut(i),
        _ => {
            let i = carried_link(doc, from, to, at)?;
            if let Action::AddLink(link) = &mut doc.timeline[i].action { Some(link) } else { None }
        }
    }
}

/// What a parameter is now, defaults included; a dotted name reaches into its group.
pub fn current(params: &Params, table: &[Param], name: &str) -> Value {
    let (head, rest) = name.split_once('.').map_or((name, None), |(head, rest)| (head, Some(rest)));
    let Some(param) = table.iter().find(|p| p.name == head) else { return Value::Null };
    let given = params.get(head).filter(|v| !v.is_null() || param.nullable());
    match (rest, &param.of) {
        (None, _) => given.cloned().unwrap_or_else(|| param.default.to_value()),
        (Some(rest), Type::Group(inner)) => {
            let none = Params::new();
            current(given.and_then(Value::as_object).unwrap_or(&none), inner, rest)
        }
        _ => Value::Null,
    }
}

/// Leaves out what equals its default, in groups too: the file and the link stay short.
pub fn tidy(params: &mut Params, table: &'static [Param]) {
    for param in table {
        if let (Type::Group(inner), Some(Value::Object(group))) = (&param.of, params.get_mut(param.name)) {
            tidy(group, inner);
        }
    }
    params.retain(|name, value| table.iter().find(|p| p.name == name).is_none_or(|p| !p.is_default(value)));
}

/// Whether the two differ at most in what a run does not depend on: names, notes, positions.
pub fn runs_alike(a: &Scenario, b: &Scenario) -> bool {
    let node = |a: &Node, b: &Node| a.id == b.id && a.kind == b.kind && a.zone == b.zone && a.params == b.params;
    let action = |a: &Entry, b: &Entry| match (carried(a), carried(b)) {
        (Some(x), Some(y)) => node(x, y),
        _ => a.action == b.action,
    };
    a.seed == b.seed
        && a.run_s == b.run_s
        && a.links == b.links
        && a.nodes.len() == b.nodes.len()
        && a.timeline.len() == b.timeline.len()
        && a.nodes.iter().zip(&b.nodes).all(|(a, b)| node(a, b))
        && (a.timeline.iter().zip(&b.timeline))
            .all(|(a, b)| a.at_s == b.at_s && a.target == b.target && a.for_s == b.for_s && action(a, b))
}

/// The timeline's edits made part of the design; faults stay, as do edits that are undone again after a while.
pub fn keep_edits(doc: &mut Scenario) {
    let lasting = |e: &Entry| e.action.is_edit() && e.for_s.is_none();
    let ids: Set<String> = all_nodes(doc).map(|(n, _)| n.id.clone()).gather();
    let mut due: Vec<Entry> = doc.timeline.iter().filter(|e| lasting(e)).cloned().collect();
    doc.timeline.retain(|e| !lasting(e));
    order::sort_by_key(&mut due, Entry::at);
    for e in due {
        doc.apply_edit(&e.target, &e.action);
    }
    let tables: Vec<_> = doc.nodes.iter().map(|n| (n.id.clone(), Kind::from_id(&n.kind))).collect();
    let kind = |id: &str| tables.iter().find(|(i, _)| i == id).and_then(|(_, k)| *k);
    for node in &mut doc.nodes {
        if let Some(kind) = kind(&node.id) {
            tidy(&mut node.params, kind.spec().params);
        }
    }
    for link in &mut doc.links {
        if let Some(Ok(means)) = kind(&link.from).zip(kind(&link.to)).map(|(a, b)| meaning(a, b)) {
            tidy(&mut link.params, means.params());
        }
    }
    prune(doc, &ids);
}
