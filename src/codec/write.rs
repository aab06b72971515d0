//! A document to JSON: in the order in which people read it, one line for each node, link and entry, defaults left out.
//!
//! The text is made by hand around serde_json's values, because its maps are sorted by name: a file that began with
//! `links` and had `at` before `id` would be hard to read and to compare.

use super::timeline::entry_fields;
use crate::component::param::{Type, number};
use crate::component::{Kind, Param, link, slo};
use crate::order::Map;
use crate::scenario::{Action, FORMAT, Link, Node, Params, Scenario};
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Value, json};
use std::io;

/// Fields of an object in the order in which they are written.
pub(super) type Fields = Vec<(String, Value)>;
/// The kind behind each identifier, of nodes that join later too; `None` if it is unknown or not always the same.
type Kinds<'a> = Map<&'a str, Option<Kind>>;

/// The document as a file: one line for each node, link and timeline entry.
pub fn write(scenario: &Scenario) -> String {
    let Parts { head, lists, tail } = parts(scenario);
    let mut lines: Vec<String> = head.into_iter().map(|(name, value)| line(&name, &text(&value))).collect();
    for (name, items) in lists.into_iter().filter(|(_, items)| !items.is_empty()) {
        let items: Vec<String> = items.iter().map(|fields| format!("    {}", object_text(fields))).collect();
        lines.push(line(name, &format!("[\n{}\n  ]", items.join(",\n"))));
    }
    lines.extend(tail.into_iter().map(|(name, value)| line(&name, &text(&value))));
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// The document as one line.
pub fn write_compact(scenario: &Scenario) -> String {
    to_value(scenario).to_string()
}

/// The document as a plain value.
pub fn to_value(scenario: &Scenario) -> Value {
    let Parts { head, lists, tail } = parts(scenario);
    let lists = lists.into_iter().filter(|(_, items)| !items.is_empty());
    let lists = lists.map(|(name, items)| (name.to_owned(), items.into_iter().map(object).collect()));
    // What is known comes last, so that nothing unknown can take its place.
    object(tail.into_iter().chain(head).chain(lists).collect())
}

/// The document without the parameters that equal their defaults: what a file or link holds of it.
pub fn without_defaults(scenario: &Scenario) -> Scenario {
    let kinds = kinds(scenario);
    let mut lean = scenario.clone();
    prune(&mut lean.slo, slo::PARAMS);
    lean.nodes.iter_mut().for_each(prune_node);
    lean.links.iter_mut().for_each(|link| prune_link(link, &kinds));
    for entry in &mut lean.timeline {
        match &mut entry.action {
            Action::AddNode(node) => prune_node(node),
            Action::AddLink(link) => prune_link(link, &kinds),
            _ => {}
        }
    }
    lean
}

fn prune_node(node: &mut Node) {
    if let Some(kind) = Kind::from_id(&node.kind) {
        prune(&mut node.params, kind.spec().params);
    }
}

fn prune_link(link: &mut Link, kinds: &Kinds) {
    if let Some(table) = link_table(link, kinds) {
        prune(&mut link.params, table);
    }
}

/// Takes out what equals its default, in groups too.
fn prune(params: &mut Params, table: &[Param]) {
    let spec = |name: &str| table.iter().find(|p| p.name == name);
    params.retain(|name, value| !spec(name).is_some_and(|p| p.is_default(value)));
    for (name, value) in params.iter_mut() {
        if let (Some(Type::Group(inner)), Value::Object(group)) = (spec(name).map(|p| &p.of), value) {
            prune(group, inner);
        }
    }
}

fn link_table(link: &Link, kinds: &Kinds) -> Option<&'static [Param]> {
    let kind = |id: &str| kinds.get(id).copied().flatten();
    link::meaning(kind(&link.from)?, kind(&link.to)?).ok().map(|meaning| meaning.params())
}

fn kinds(scenario: &Scenario) -> Kinds<'_> {
    let mut kinds = Kinds::new();
    let joining = scenario.timeline.iter().filter_map(|entry| match &entry.action {
        Action::AddNode(node) => Some(&**node),
        _ => None,
    });
    for node in scenario.nodes.iter().chain(joining) {
        let kind = Kind::from_id(&node.kind);
        let known = kinds.or_insert(&node.id, kind);
        if *known != kind {
            *known = None;
        }
    }
    kinds
}

/// A document's fields: what stands before the lists, the lists, and what this version does not know.
struct Parts {
    head: Fields,
    lists: [(&'static str, Vec<Fields>); 3],
    tail: Fields,
}

fn parts(scenario: &Scenario) -> Parts {
    let lean = without_defaults(scenario);
    let mut head: Fields = vec![("loadstone".into(), json!(FORMAT)), ("name".into(), json!(lean.name))];
    if !lean.notes.is_empty() {
        head.push(("notes".into(), json!(lean.notes)));
    }
    head.push(("seed".into(), json!(lean.seed)));
    head.push(("run_s".into(), number(lean.run_s)));
    for (name, values) in [("slo", lean.slo), ("prices", lean.prices), ("lesson", lean.lesson)] {
        if !values.is_empty() {
            head.push((name.into(), Value::Object(values)));
        }
    }
    let lists = [
        ("nodes", lean.nodes.iter().map(node_fields).collect()),
        ("links", lean.links.iter().map(link_fields).collect()),
        ("timeline", lean.timeline.iter().map(entry_fields).collect()),
    ];
    Parts { head, lists, tail: lean.extra.into_iter().collect() }
}

/// A node's fields in the order of the file.
pub(super) fn node_fields(node: &Node) -> Fields {
    let mut fields: Fields = vec![
        ("id".into(), json!(node.id)),
        ("kind".into(), json!(node.kind)),
        ("at".into(), json!([number(node.at[0]), number(node.at[1])])),
    ];
    fields.extend(node.name.iter().map(|name| ("name".into(), json!(name))));
    fields.extend(node.zone.iter().map(|zone| ("zone".into(), json!(zone))));
    fields.extend(node.locked.then(|| ("locked".into(), json!(true))));
    finish(fields, &node.params, &node.extra)
}

/// A link's fields in the order of the file.
pub(super) fn link_fields(link: &Link) -> Fields {
    let fields = vec![("from".into(), json!(link.from)), ("to".into(), json!(link.to))];
    finish(fields, &link.params, &link.extra)
}

fn finish(mut fields: Fields, params: &Params, extra: &Params) -> Fields {
    if !params.is_empty() {
        fields.push(("params".into(), Value::Object(params.clone())));
    }
    with_extra(fields, extra)
}

/// Adds what this version does not know behind what it does.
pub(super) fn with_extra(mut fields: Fields, extra: &Params) -> Fields {
    let known = fields.len();
    for (name, value) in extra {
        if fields[..known].iter().all(|(taken, _)| taken != name) {
            fields.push((name.clone(), value.clone()));
        }
    }
    fields
}

pub(super) fn object(fields: Fields) -> Value {
    Value::Object(fields.into_iter().collect())
}

fn line(name: &str, value: &str) -> String {
    format!("  {}: {value}", json!(name))
}

fn object_text(fields: &Fields) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {}", json!(name), text(value))).collect();
    format!("{{{}}}", fields.join(", "))
}

/// A value on one line, with a space after each colon and comma.
fn text(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut out = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    // A plain value always has a text, and writing to memory does not fail.
    value.serialize(&mut out).map_or_else(|_| value.to_string(), |()| String::from_utf8_lossy(&bytes).into_owned())
}

/// serde_json's one line, with spaces.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
