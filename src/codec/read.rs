//! JSON to a document: every field taken out by name, what is left kept as it was, what is wrong said with its path.
//!
//! Reads the shape only. Parameters stay plain values; what they mean is `check`'s business.

use super::{
    MAX_ID, MAX_LINKS, MAX_NAME, MAX_NODES, MAX_NOTES, MAX_TIMELINE, Problem, Problems, Subject, layout, migrate, scan,
    text,
};
use crate::dist::shown;
use crate::order::Set;
use crate::scenario::{Action, Link, Node, Params, Scenario};
use serde_json::Value;

/// Largest coordinate on the canvas, either way.
const MAX_AT: f64 = 1e6;
/// What is said about the second node with an identifier.
pub const TWICE: &str = "is the identifier of an earlier node too; each node needs its own";

/// Reads a document.
///
/// Gives the document as far as it could be read, and what is wrong. With an error among the problems something of the
/// text is missing from the document: show the problems, and do not save over the file. `None` when there is no
/// document at all.
pub fn read(json: &str) -> (Option<Scenario>, Vec<Problem>) {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    if let Err(limit) = scan::scan(json) {
        return (None, vec![Problem::fatal(limit)]);
    }
    match serde_json::from_str(json) {
        Ok(value) => read_value(value),
        Err(e) => (None, vec![Problem::fatal(format!("this is not JSON: {e}"))]),
    }
}

/// Reads a document from a value whose depth and size are known to be bounded.
pub fn read_value(value: Value) -> (Option<Scenario>, Vec<Problem>) {
    let mut reader = Reader::default();
    let scenario = reader.document(value);
    (scenario, reader.problems.into_list())
}

/// What has been found so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) problems: Problems,
}

impl Reader {
    fn document(&mut self, value: Value) -> Option<Scenario> {
        let whole = Subject::Document;
        let Value::Object(mut map) = value else {
            self.problems.error("", &whole, format!("is {}, but a document is a JSON object", shown(&value)));
            return None;
        };
        if let Err(why) = migrate::migrate(&mut map) {
            self.problems.error("loadstone", &whole, why);
            return None;
        }
        let nodes = self.list(&mut map, "nodes", MAX_NODES)?;
        let links = self.list(&mut map, "links", MAX_LINKS)?;
        let timeline = self.list(&mut map, "timeline", MAX_TIMELINE)?;

        let mut scenario = Scenario::default();
        if let Some(name) = self.line(&mut map, "", "name", &whole) {
            scenario.name = name;
        }
        if let Some(notes) = self.text(&mut map, "", "notes", &whole) {
            scenario.notes = text::lines(&notes);
            self.length("notes", &whole, &scenario.notes, MAX_NOTES);
        }
        if let Some(seed) = self.seed(&mut map, "", "seed") {
            scenario.seed = seed;
        }
        if let Some(run_s) = self.number(&mut map, "", "run_s", &whole) {
            scenario.run_s = run_s;
        }
        scenario.slo = self.named(&mut map, "", "slo", &whole);
        scenario.prices = self.named(&mut map, "", "prices", &whole);
        scenario.lesson = self.named(&mut map, "", "lesson", &whole);
        let mut placed = Vec::new();
        let mut taken = Set::new();
        for (i, value) in nodes.into_iter().enumerate() {
            let path = format!("nodes[{i}]");
            if let Some((node, at)) = self.node(value, &path) {
                if !taken.insert(node.id.clone()) {
                    self.problems.error(join(&path, "id"), &Subject::Node(node.id.clone()), TWICE);
                }
                scenario.nodes.push(node);
                placed.push(at);
            }
        }
        for (i, value) in links.into_iter().enumerate() {
            scenario.links.extend(self.link(value, &format!("links[{i}]")));
        }
        for (i, value) in timeline.into_iter().enumerate() {
            if let Some((entry, at)) = self.entry(value, &format!("timeline[{i}]")) {
                if matches!(entry.action, Action::AddNode(_)) {
                    placed.push(at);
                }
                scenario.timeline.push(entry);
            }
        }
        scenario.extra = self.extra(map, "", &whole);
        if placed.contains(&false) {
            let joining = scenario.timeline.iter_mut().filter_map(|entry| match &mut entry.action {
                Action::AddNode(node) => Some(&mut **node),
                _ => None,
            });
            layout::place(scenario.nodes.iter_mut().chain(joining).zip(placed).collect());
        }
        Some(scenario)
    }

    /// A node, and whether it came with a place.
    pub(super) fn node(&mut self, value: Value, path: &str) -> Option<(Node, bool)> {
        let mut map = self.object(value, path)?;
        let id = self.id(&mut map, path, "id", &Subject::Document)?;
        let about = Subject::Node(id.clone());
        let kind = self.id(&mut map, path, "kind", &about)?;
        let at = map.remove("at").map(|value| (place(&value), value));
        let place = match &at {
            Some((Some(at), _)) => Some(*at),
            Some((None, value)) => {
                self.wrong(&join(path, "at"), &about, value, "[x, y], each from -1000000 to 1000000");
                None
            }
            None => None,
        };
        let name = self.line(&mut map, path, "name", &about);
        let zone = self.line(&mut map, path, "zone", &about);
        if let Some(zone) = &zone {
            self.length(&join(path, "zone"), &about, zone, MAX_ID);
        }
        let locked = match map.remove("locked") {
            None => false,
            Some(Value::Bool(locked)) => locked,
            Some(other) => {
                self.wrong(&join(path, "locked"), &about, &other, "true or false");
                false
            }
        };
        let params = self.params(&mut map, path, &about);
        let extra = self.extra(map, path, &about);
        Some((Node { id, kind, at: place.unwrap_or_default(), name, zone, locked, params, extra }, place.is_some()))
    }

    pub(super) fn link(&mut self, value: Value, path: &str) -> Option<Link> {
        let mut map = self.object(value, path)?;
        let from = self.id(&mut map, path, "from", &Subject::Document);
        let to = self.id(&mut map, path, "to", &Subject::Document);
        let (from, to) = (from?, to?);
        let about = Subject::Link(from.clone(), to.clone());
        let params = self.params(&mut map, path, &about);
        let extra = self.extra(map, path, &about);
        Some(Link { from, to, params, extra })
    }

    /// A list, empty if it is missing; `None` if it is too long to go on.
    fn list(&mut self, map: &mut Params, name: &str, most: usize) -> Option<Vec<Value>> {
        let list = match map.remove(name) {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.wrong(name, &Subject::Document, &other, "a list");
                Vec::new()
            }
        };
        if list.len() > most {
            let message = format!("has {} entries, but at most {most} are allowed", list.len());
            self.problems.error(name, &Subject::Document, message);
            return None;
        }
        Some(list)
    }

    pub(super) fn object(&mut self, value: Value, path: &str) -> Option<Params> {
        match value {
            Value::Object(map) => Some(map),
            other => {
                self.wrong(path, &Subject::Document, &other, "an object");
                None
            }
        }
    }

    fn params(&mut self, map: &mut Params, path: &str, about: &Subject) -> Params {
        self.named(map, path, "params", about)
    }

    /// Plain values by name, none if they are missing.
    fn named(&mut self, map: &mut Params, path: &str, field: &str, about: &Subject) -> Params {
        match map.remove(field) {
            None => Params::new(),
            Some(Value::Object(params)) => params,
            Some(other) => {
                self.wrong(&join(path, field), about, &other, "an object of parameters");
                Params::new()
            }
        }
    }

    /// An identifier that must be there.
    pub(super) fn id(&mut self, map: &mut Params, path: &str, name: &str, about: &Subject) -> Option<String> {
        let path = join(path, name);
        let Some(value) = map.remove(name) else {
            self.problems.error(path, about, "is missing");
            return None;
        };
        self.id_value(&value, &path, about)
    }

    pub(super) fn id_value(&mut self, value: &Value, path: &str, about: &Subject) -> Option<String> {
        match value.as_str().map(|id| (id, text::identifier(id))) {
            Some((id, Ok(()))) => Some(id.to_owned()),
            Some((_, Err(why))) => {
                self.problems.error(path, about, why);
                None
            }
            None => {
                self.wrong(path, about, value, "a text");
                None
            }
        }
    }

    /// A text on one line, of the length of a name.
    fn line(&mut self, map: &mut Params, path: &str, name: &str, about: &Subject) -> Option<String> {
        let given = self.text(map, path, name, about)?;
        let clean = text::line(&given);
        let path = join(path, name);
        if clean != given {
            self.problems.warning(path.clone(), about, "has line ends or control characters in it; they are taken out");
        }
        self.length(&path, about, &clean, MAX_NAME);
        Some(clean)
    }

    fn text(&mut self, map: &mut Params, path: &str, name: &str, about: &Subject) -> Option<String> {
        match map.remove(name)? {
            Value::String(text) => Some(text),
            other => {
                self.wrong(&join(path, name), about, &other, "a text");
                None
            }
        }
    }

    pub(super) fn number(&mut self, map: &mut Params, path: &str, name: &str, about: &Subject) -> Option<f64> {
        let value = map.remove(name)?;
        let number = value.as_f64();
        if number.is_none() {
            self.wrong(&join(path, name), about, &value, "a number");
        }
        number
    }

    /// True if the field is there and says so.
    pub(super) fn flag(&mut self, map: &mut Params, path: &str, name: &str) -> bool {
        let Some(value) = map.remove(name) else { return false };
        if !value.is_boolean() {
            self.wrong(&join(path, name), &Subject::Document, &value, "true or false");
        }
        value == Value::Bool(true)
    }

    /// A seed, if the field is there.
    pub(super) fn seed(&mut self, map: &mut Params, path: &str, name: &str) -> Option<u64> {
        let value = map.remove(name)?;
        let seed = whole_number(&value);
        if seed.is_none() {
            let wanted = "a whole number from 0 to 18446744073709551615";
            self.wrong(&join(path, name), &Subject::Document, &value, wanted);
        }
        seed
    }

    fn length(&mut self, path: &str, about: &Subject, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.problems.error(path, about, format!("is {length} characters long, but at most {most} are allowed"));
        }
    }

    /// What is left over: kept, and said.
    pub(super) fn extra(&mut self, map: Params, path: &str, about: &Subject) -> Params {
        for name in map.keys() {
            let message = "is no field that this version knows; it is kept, but does nothing";
            self.problems.warning(join(path, &text::line(name)), about, message);
        }
        map
    }

    pub(super) fn wrong(&mut self, path: &str, about: &Subject, value: &Value, wanted: &str) {
        self.problems.error(path, about, format!("is {}, but must be {wanted}", shown(value)));
    }
}

/// A field's path.
pub(super) fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn whole_number(value: &Value) -> Option<u64> {
    let exact = |n: f64| n.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&n);
    value.as_u64().or_else(|| value.as_f64().filter(|&n| exact(n)).map(|n| n as u64))
}

fn place(value: &Value) -> Option<[f64; 2]> {
    let inside = |v: &Value| v.as_f64().filter(|n| n.abs() <= MAX_AT);
    match value.as_array()?.as_slice() {
        [x, y] => Some([inside(x)?, inside(y)?]),
        _ => None,
    }
}
