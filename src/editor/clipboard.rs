//! The clipboard: typed JSON in plain text, so that it works across tabs and programs.
//!
//! What is pasted comes from anywhere and is checked like a stranger's file: bounded, known kinds only, values that do
//! not fit left out.

use super::edit::tidy;
use super::sound::contradiction;
use crate::codec::{MAX_ID, MAX_LINKS, MAX_NAME, MAX_NODES, identifier};
use crate::component::link::meaning;
use crate::component::{Kind, Param};
use crate::editor::place::bounded;
use crate::order::Set;
use crate::scenario::{Link, Node, Params, Scenario};
use serde_json::{Map, Value, json};

/// The longest text that is looked at.
const MAX_BYTES: usize = 1 << 20;

/// Nodes and the links between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clip {
    /// In the order of the document.
    pub nodes: Vec<Node>,
    /// Only links whose two ends are among the nodes.
    pub links: Vec<Link>,
}

impl Clip {
    /// As text.
    pub fn to_text(&self) -> String {
        let nodes: Vec<Value> = self.nodes.iter().map(node_value).collect();
        let links: Vec<Value> = self.links.iter().map(link_value).collect();
        json!({"loadstone-clip": 1, "nodes": nodes, "links": links}).to_string()
    }

    /// From text.
    ///
    /// # Errors
    /// One sentence: why this is not something to paste.
    pub fn from_text(text: &str) -> Result<Clip, String> {
        let other = || "The clipboard does not hold anything that was copied here.".to_owned();
        if text.len() > MAX_BYTES {
            return Err("The clipboard holds more than 1 MB, too much to paste.".to_owned());
        }
        let value: Value = serde_json::from_str(text).map_err(|_| other())?;
        match value.get("loadstone-clip").and_then(Value::as_u64) {
            Some(1) => {}
            Some(_) => return Err("This was copied by a newer version of this page.".to_owned()),
            None => return Err(other()),
        }
        let list = |name: &str| value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if list("nodes").len() > MAX_NODES || list("links").len() > MAX_LINKS {
            return Err(format!("The clipboard holds more than {MAX_NODES} nodes, too many to paste."));
        }
        let mut clip = Clip::default();
        for node in list("nodes") {
            let node = read_node(node).ok_or_else(|| "The clipboard holds a node that cannot be read.".to_owned())?;
            if clip.nodes.iter().any(|n| n.id == node.id) {
                return Err(format!("The clipboard holds two nodes named {}.", node.id));
            }
            clip.nodes.push(node);
        }
        let mut drawn = Scenario { nodes: clip.nodes, ..Scenario::default() };
        let mut pairs = Set::new();
        for link in list("links") {
            // A link that this version cannot draw is left out; the nodes are still worth having.
            if let Some(link) = read_link(link, &drawn)
                && pairs.insert((link.from.clone(), link.to.clone()))
            {
                drawn.links.push(link);
            }
        }
        if let Some(wrong) = contradiction(&drawn) {
            return Err(wrong);
        }
        let clip = Clip { nodes: drawn.nodes, links: drawn.links };
        if clip.nodes.is_empty() { Err("The clipboard holds no nodes.".to_owned()) } else { Ok(clip) }
    }
}

fn node_value(node: &Node) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(node.id));
    out.insert("kind".into(), json!(node.kind));
    out.insert("at".into(), json!(node.at));
    if let Some(name) = &node.name {
        out.insert("name".into(), json!(name));
    }
    if let Some(zone) = &node.zone {
        out.insert("zone".into(), json!(zone));
    }
    if !node.params.is_empty() {
        out.insert("params".into(), Value::Object(node.params.clone()));
    }
    Value::Object(out)
}

fn link_value(link: &Link) -> Value {
    let mut out = Map::new();
    out.insert("from".into(), json!(link.from));
    out.insert("to".into(), json!(link.to));
    if !link.params.is_empty() {
        out.insert("params".into(), Value::Object(link.params.clone()));
    }
    Value::Object(out)
}

fn short(value: Option<&Value>, most: usize) -> Option<String> {
    value.and_then(Value::as_str).filter(|t| !t.trim().is_empty()).map(|t| t.chars().take(most).collect())
}

fn read_node(value: &Value) -> Option<Node> {
    let kind = Kind::from_id(value.get("kind")?.as_str()?)?;
    let at = value.get("at")?.as_array()?;
    Some(Node {
        id: short(value.get("id"), MAX_ID).filter(|id| identifier(id).is_ok())?,
        kind: kind.id().to_owned(),
        at: [bounded(at.first()?.as_f64()?), bounded(at.get(1)?.as_f64()?)],
        name: short(value.get("name"), MAX_NAME),
        zone: short(value.get("zone"), MAX_ID),
        locked: false,
        params: read_params(value.get("params"), kind.spec().params),
        extra: Params::new(),
    })
}

fn read_link(value: &Value, drawn: &Scenario) -> Option<Link> {
    let end = |name: &str| {
        let id = value.get(name)?.as_str()?;
        drawn.node(id).and_then(|n| Kind::from_id(&n.kind).map(|kind| (n, kind)))
    };
    let ((from, a), (to, b)) = (end("from")?, end("to")?);
    let means = meaning(a, b).ok()?;
    let params = read_params(value.get("params"), means.params());
    Some(Link { from: from.id.clone(), to: to.id.clone(), params, extra: Params::new() })
}

/// The values that this version knows and that fit.
fn read_params(value: Option<&Value>, table: &'static [Param]) -> Params {
    let mut params = Params::new();
    for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
        if table.iter().any(|p| p.name == name && p.check(value).is_ok()) {
            params.insert(name.clone(), value.clone());
        }
    }
    tidy(&mut params, table);
    params
}
