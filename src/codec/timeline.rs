//! Timeline entries to and from plain values: `{"at_s": 30, "node": "db", "do": "slow", "factor": 3}`.
//!
//! Arguments are flat. `add_node` carries the node under `node`, `add_link` the link under `link`, where others name one.

use super::read::{Reader, join};
use super::write::{Fields, link_fields, node_fields, object, with_extra};
use super::{MAX_ID, Subject};
use crate::component::param::number;
use crate::dist::shown;
use crate::scenario::{Action, Entry, Params, Target};
use serde_json::{Value, json};

/// Every action's name, for the message about one that is not among them.
const ACTIONS: &str = "crash, freeze, recover, slow, error, load, cut, set, promote, flush, add_node, remove_node, \
                       add_link, remove_link";

impl Reader {
    /// An entry, and whether a node that it carries came with a place.
    pub(super) fn entry(&mut self, value: Value, path: &str) -> Option<(Entry, bool)> {
        let mut map = self.object(value, path)?;
        let nothing = Subject::Document;
        let given = map.contains_key("at_s");
        let at_s = self.number(&mut map, path, "at_s", &nothing);
        if !given {
            self.problems.error(join(path, "at_s"), &nothing, "is missing; it says when, in seconds");
        }
        let for_s = self.number(&mut map, path, "for_s", &nothing);
        let chaos = self.seed(&mut map, path, "chaos");
        let Some(what) = map.remove("do") else {
            self.problems.error(join(path, "do"), &nothing, format!("is missing; it is one of {ACTIONS}"));
            return None;
        };
        let what = what.as_str().map(str::to_owned).unwrap_or_else(|| shown(&what));
        let mut placed = false;
        let (target, action) = match what.as_str() {
            "add_node" => {
                let carried = self.carried(&mut map, path, "node")?;
                let (node, at) = self.node(carried, &join(path, "node"))?;
                placed = at;
                (Target::Carried, Action::AddNode(Box::new(node)))
            }
            "add_link" => {
                let carried = self.carried(&mut map, path, "link")?;
                let link = self.link(carried, &join(path, "link"))?;
                (Target::Carried, Action::AddLink(Box::new(link)))
            }
            _ => (self.target(&mut map, path)?, self.action(&mut map, path, &what)?),
        };
        let extra = self.extra(map, path, &nothing);
        Some((Entry { for_s, chaos, extra, ..Entry::new(at_s?, target, action) }, placed))
    }

    /// The node or link that the entry brings along.
    fn carried(&mut self, map: &mut Params, path: &str, field: &str) -> Option<Value> {
        let value = map.remove(field);
        if value.is_none() {
            let message = format!("is missing; it is the {field} that joins, as in the list of {field}s");
            self.problems.error(join(path, field), &Subject::Document, message);
        }
        value
    }

    fn target(&mut self, map: &mut Params, path: &str) -> Option<Target> {
        let nothing = Subject::Document;
        match (map.remove("node"), map.remove("link"), map.remove("zone")) {
            (Some(id), None, None) => Some(Target::Node(self.id_value(&id, &join(path, "node"), &nothing)?)),
            (None, Some(ends), None) => match ends.as_array().map(Vec::as_slice) {
                Some([from, to]) => {
                    let from = self.id_value(from, &join(path, "link[0]"), &nothing)?;
                    Some(Target::Link(from, self.id_value(to, &join(path, "link[1]"), &nothing)?))
                }
                _ => {
                    self.wrong(&join(path, "link"), &nothing, &ends, "the identifiers of its two nodes, [from, to]");
                    None
                }
            },
            (None, None, Some(zone)) => match zone.as_str() {
                Some(name) if name.chars().count() <= MAX_ID => Some(Target::Zone(super::text::line(name))),
                _ => {
                    self.wrong(&join(path, "zone"), &nothing, &zone, "a text of at most 64 characters");
                    None
                }
            },
            _ => {
                self.problems.error(path, &nothing, "needs exactly one of node, link and zone: what it acts on");
                None
            }
        }
    }

    fn action(&mut self, map: &mut Params, path: &str, what: &str) -> Option<Action> {
        Some(match what {
            "crash" => Action::Crash,
            "freeze" => Action::Freeze,
            "recover" => Action::Recover,
            "slow" => Action::Slow { factor: self.argument(map, path, "factor")? },
            "error" => {
                let share = self.argument(map, path, "share")?;
                Action::Error { share, writes_only: self.flag(map, path, "writes_only") }
            }
            "load" => Action::Load { factor: self.argument(map, path, "factor")? },
            "cut" => Action::Cut,
            "set" => {
                let param = self.id(map, path, "param", &Subject::Document)?;
                let Some(value) = map.remove("value") else {
                    let message = "is missing; null sets a parameter to none, or to its default";
                    self.problems.error(join(path, "value"), &Subject::Document, message);
                    return None;
                };
                Action::Set { param, value }
            }
            "promote" => Action::Promote,
            "flush" => Action::Flush,
            "remove_node" => Action::RemoveNode,
            "remove_link" => Action::RemoveLink,
            _ => {
                let message = format!("is {}, but must be one of {ACTIONS}", shown(&json!(what)));
                self.problems.error(join(path, "do"), &Subject::Document, message);
                return None;
            }
        })
    }

    /// A number that must be there.
    fn argument(&mut self, map: &mut Params, path: &str, name: &str) -> Option<f64> {
        if !map.contains_key(name) {
            self.problems.error(join(path, name), &Subject::Document, "is missing; it is a number");
        }
        self.number(map, path, name, &Subject::Document)
    }
}

/// An entry's fields in the order of the file.
pub(super) fn entry_fields(entry: &Entry) -> Fields {
    let mut fields: Fields = vec![("at_s".into(), number(entry.at_s))];
    match &entry.target {
        Target::Node(id) => fields.push(("node".into(), json!(id))),
        Target::Link(from, to) => fields.push(("link".into(), json!([from, to]))),
        Target::Zone(zone) => fields.push(("zone".into(), json!(zone))),
        Target::Carried => {}
    }
    fields.push(("do".into(), json!(entry.action.name())));
    match &entry.action {
        Action::Slow { factor } | Action::Load { factor } => fields.push(("factor".into(), number(*factor))),
        Action::Error { share, writes_only } => {
            fields.push(("share".into(), number(*share)));
            if *writes_only {
                fields.push(("writes_only".into(), json!(true)));
            }
        }
        Action::Set { param, value } => {
            fields.push(("param".into(), json!(param)));
            fields.push(("value".into(), value.clone()));
        }
        Action::AddNode(node) => fields.push(("node".into(), object(node_fields(node)))),
        Action::AddLink(link) => fields.push(("link".into(), object(link_fields(link)))),
        _ => {}
    }
    if let Some(for_s) = entry.for_s {
        fields.push(("for_s".into(), number(for_s)));
    }
    if let Some(seed) = entry.chaos {
        fields.push(("chaos".into(), json!(seed)));
    }
    with_extra(fields, &entry.extra)
}
