//! What somebody did, as entries of a timeline: how a solution or the change of a bet is recorded.

use crate::component::{Kind, Param, link, param};
use crate::scenario::{Action, Entry, Params, Scenario, Target};
use serde_json::Value;

/// The entries that make the second document of the first: edits at 0 s, and what came to the timeline. Names and
/// places of nodes that are there already stay: they have no part in a run.
pub fn difference(before: &Scenario, after: &Scenario) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at_once = |target: Target, action: Action| entries.push(Entry::new(0.0, target, action));
    let kind = |id: &str| Kind::from_id(&after.node(id)?.kind);
    let key = |l: &crate::scenario::Link| (l.from.clone(), l.to.clone());
    for node in before.nodes.iter().filter(|n| after.node(&n.id).is_none()) {
        at_once(Target::Node(node.id.clone()), Action::RemoveNode);
    }
    for (from, to) in before.links.iter().map(key) {
        let ends = after.node(&from).is_some() && after.node(&to).is_some();
        if ends && after.link(&from, &to).is_none() {
            at_once(Target::Link(from, to), Action::RemoveLink);
        }
    }
    for node in &after.nodes {
        let Some(old) = before.node(&node.id) else {
            at_once(Target::Carried, Action::AddNode(Box::new(node.clone())));
            continue;
        };
        let target = Target::Node(node.id.clone());
        for (param, value) in
            changed(&old.params, &node.params, kind(&node.id).map_or(&[][..], |kind| kind.spec().params))
        {
            at_once(target.clone(), Action::Set { param, value });
        }
        if old.zone != node.zone {
            let value = node.zone.clone().map_or(Value::Null, Value::String);
            at_once(target, Action::Set { param: "zone".into(), value });
        }
    }
    for edge in &after.links {
        let Some(old) = before.link(&edge.from, &edge.to) else {
            at_once(Target::Carried, Action::AddLink(Box::new(edge.clone())));
            continue;
        };
        let meaning = kind(&edge.from).zip(kind(&edge.to)).and_then(|(from, to)| link::meaning(from, to).ok());
        let table = meaning.map_or(&[][..], link::Meaning::params);
        for (param, value) in changed(&old.params, &edge.params, table) {
            at_once(Target::Link(edge.from.clone(), edge.to.clone()), Action::Set { param, value });
        }
    }
    entries.extend(after.timeline.iter().filter(|entry| !before.timeline.contains(entry)).cloned());
    entries
}

/// What was set, by name; what is gone gets its default.
fn changed(before: &Params, after: &Params, table: &'static [Param]) -> Vec<(String, Value)> {
    let usual = |name: &str| param::find(table, name).map_or(Value::Null, |param| param.default.to_value());
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), usual(name)));
    let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    set.map(|(name, value)| (name.clone(), value.clone())).chain(gone).collect()
}
