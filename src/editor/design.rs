//! Commands on nodes and links: add, link, name, set, move, delete.

use super::edit::{self, node_anywhere, node_anywhere_mut, sentence};
use super::place::{CARD_H, CARD_W, GAP, Rect, bounded, free_place, to_grid};
use super::{Direction, Draft, Editor, End, Item, Place, PresetId};
use crate::codec::{MAX_ID, MAX_NAME, MAX_NOTES};
use crate::component::param::{Lit, find, number};
use crate::component::{Kind, Meaning, Param, Type, link::meaning, prices, slo};
use crate::order::{self, Gather, Set};
use crate::scenario::{Link, Node, Params, Scenario, Target, readable};
use crate::texts::{said, tr};
use crate::time::Nanos;
use serde_json::Value;

/// The cards that are on the canvas now or later.
pub(super) fn cards(doc: &Scenario) -> Vec<Rect> {
    edit::all_nodes(doc).map(|(n, _)| Rect::card(n.at)).collect()
}

/// An identifier that no node of the document ever had: the stem, or the stem with a number. `numbered` begins at 1.
pub(super) fn free_id(doc: &Scenario, stem: &str, numbered: bool) -> String {
    let taken: Set<&str> = edit::all_nodes(doc).map(|(n, _)| n.id.as_str()).gather();
    let bare_taken = taken.contains(stem);
    if !numbered && !bare_taken {
        return stem.to_owned();
    }
    // The bare stem counts as number 1: after `db` comes `db2`.
    (if bare_taken { 2 } else { 1 }..)
        .map(|n| format!("{stem}{n}"))
        .find(|id| !taken.contains(id.as_str()))
        .unwrap_or_else(|| stem.to_owned())
}

/// A fresh node from the palette; its readable identifier is its name.
fn new_node(doc: &Scenario, preset: PresetId, at: [f64; 2]) -> Node {
    let what = preset.preset();
    let params: Params =
        what.params.iter().map(|(name, value): &(&str, Lit)| ((*name).to_owned(), value.to_value())).collect();
    let numbered = matches!(preset.spec().group, "Compute" | "Data");
    let (kind, id) = (preset.spec().id.to_owned(), free_id(doc, what.stem, numbered));
    Node { id, kind, at, params, ..Node::default() }
}

fn put(draft: &mut Draft, node: Node) {
    draft.select_nodes(std::slice::from_ref(&node.id));
    draft.done.added.push(node.id.clone());
    draft.done.said = format!("Added {}", node.label());
    edit::add_node(&mut draft.doc, draft.at, node);
}

/// The kinds that a link from this node can lead to, the likeliest first: offered where a link is dropped on the empty
/// canvas.
pub fn fits(doc: &Scenario, id: &str) -> Vec<PresetId> {
    partners(doc, id, true)
}

/// The palette's entries that this node can ask (or that can ask it), the likeliest first.
fn partners(doc: &Scenario, id: &str, asked: bool) -> Vec<PresetId> {
    let Some(kind) = node_anywhere(doc, id).and_then(|n| Kind::from_id(&n.kind)) else { return Vec::new() };
    let means = |p: &PresetId| if asked { meaning(kind, p.kind) } else { meaning(p.kind, kind) }.ok();
    let rank = |p: &PresetId| match means(p) {
        Some(Meaning::Call) if p.kind == Kind::Database || !asked => 0,
        Some(Meaning::Backend) if p.kind == Kind::Server || !asked => 0,
        Some(Meaning::Path | Meaning::Record | Meaning::Replication) => 1,
        _ => 2,
    };
    let mut found: Vec<PresetId> = PresetId::all().into_iter().filter(|p| means(p).is_some()).collect();
    order::sort_by_key(&mut found, rank);
    found
}

/// Adds a node where a link was dropped, and the link.
pub(super) fn add_linked(
    draft: &mut Draft,
    from: &str,
    preset: PresetId,
    at: [f64; 2],
) -> Result<&'static str, String> {
    let node = new_node(&draft.doc, preset, to_grid(at));
    let id = node.id.clone();
    put(draft, node);
    let link = Link { from: from.to_owned(), to: id, ..Link::default() };
    edit::add_link(&mut draft.doc, draft.at, link)?;
    Ok("Add a linked node")
}

/// Those of these nodes that are not locked.
///
/// # Errors
/// If all of them are.
fn unlocked(draft: &Draft, ids: &[String]) -> Result<Vec<String>, String> {
    let locked = |id: &&String| node_anywhere(&draft.doc, id).is_some_and(|n| n.locked);
    let free: Vec<String> = ids.iter().filter(|id| !locked(id)).cloned().collect();
    match ids.iter().find(locked) {
        Some(id) if free.is_empty() => {
            let name = node_anywhere(&draft.doc, id).map(Node::label).unwrap_or_default();
            Err(format!("{name} is locked; unlock it first."))
        }
        _ => Ok(free),
    }
}

/// Locks nodes, or unlocks them.
pub(super) fn set_locked(draft: &mut Draft, ids: &[String], locked: bool) -> Result<&'static str, String> {
    for id in ids {
        if let Some(node) = node_anywhere_mut(&mut draft.doc, id) {
            node.locked = locked;
        }
    }
    let (said, label) = if locked { ("Locked", "Lock") } else { ("Unlocked", "Unlock") };
    said.clone_into(&mut draft.done.said);
    Ok(label)
}

/// Moves nodes; those that are not there, or locked, are skipped.
pub(super) fn shift(draft: &mut Draft, ids: &[String], by: [f64; 2]) -> Result<&'static str, String> {
    for id in unlocked(draft, ids)? {
        if let Some(node) = node_anywhere_mut(&mut draft.doc, &id) {
            node.at = [bounded(node.at[0] + by[0]), bounded(node.at[1] + by[1])];
        }
    }
    Ok("Move")
}

fn short(text: &str, most: usize) -> String {
    // Names are one line; control characters would only confuse what reads them aloud.
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

/// Renames a node.
pub(super) fn rename(draft: &mut Draft, id: &str, name: &str) -> Result<&'static str, String> {
    let name = short(name, MAX_NAME);
    let node = node_anywhere_mut(&mut draft.doc, id).ok_or("That node is gone.")?;
    node.name = Some(name).filter(|n| !n.is_empty() && *n != readable(id));
    draft.done.said = format!("Renamed to {}", node.label());
    Ok("Rename")
}

/// Names the document.
pub(super) fn set_name(draft: &mut Draft, name: &str) -> Result<&'static str, String> {
    let name = short(name, MAX_NAME);
    draft.doc.name = if name.is_empty() { "Untitled".to_owned() } else { name };
    Ok("Rename the document")
}

/// Writes the document's notes.
pub(super) fn set_notes(draft: &mut Draft, notes: String) -> Result<&'static str, String> {
    if notes.chars().count() > MAX_NOTES {
        return Err(format!("Notes take at most {MAX_NOTES} characters."));
    }
    draft.doc.notes = notes;
    Ok("Write notes")
}

/// Writes the lesson.
pub(super) fn set_lesson(draft: &mut Draft, lesson: Params) -> Result<&'static str, String> {
    draft.doc.lesson = lesson;
    Ok("Write the lesson")
}

/// Promises something of the design.
pub(super) fn set_slo(draft: &mut Draft, name: &str, value: Value) -> Result<&'static str, String> {
    let param = slo::PARAMS.iter().find(|p| p.name == name).ok_or_else(|| format!("There is no objective {name}."))?;
    param.check(&value).map_err(|why| format!("{} {}.", tr(param.label), said(&why)))?;
    draft.doc.slo.remove(name);
    if !value.is_null() {
        draft.doc.slo.insert(name.to_owned(), value);
    }
    Ok("Change an objective")
}

/// Sets what something costs.
pub(super) fn set_price(draft: &mut Draft, name: &str, value: Value) -> Result<&'static str, String> {
    let param = prices::PARAMS.iter().find(|p| p.name == name).ok_or_else(|| format!("There is no price {name}."))?;
    param.check(&value).map_err(|why| format!("{} {}.", tr(param.label), said(&why)))?;
    draft.doc.prices.remove(name);
    if !param.is_default(&value) {
        draft.doc.prices.insert(name.to_owned(), value);
    }
    Ok("Change a price")
}

/// Puts nodes into a zone. When all of a zone go to another, that is the zone under a new name, and its faults follow.
pub(super) fn set_zone(draft: &mut Draft, ids: &[String], zone: Option<&str>) -> Result<&'static str, String> {
    let zone = zone.map(|z| short(z, MAX_ID)).filter(|z| !z.is_empty());
    let before: Vec<String> = draft.doc.zones().into_iter().map(str::to_owned).collect();
    for id in ids {
        edit::set_zone(&mut draft.doc, draft.at, id, zone.as_deref());
    }
    if let Some(zone) = &zone {
        let left = draft.doc.zones().into_iter().map(str::to_owned).collect::<Vec<_>>();
        for entry in &mut draft.doc.timeline {
            if matches!(&entry.target, Target::Zone(of) if before.contains(of) && !left.contains(of)) {
                entry.target = Target::Zone(zone.clone());
            }
        }
    }
    draft.done.said = zone.map_or_else(|| "Out of any zone".to_owned(), |z| format!("In zone {z}"));
    Ok("Set the zone")
}

/// Draws a link.
pub(super) fn link(draft: &mut Draft, from: &str, to: &str) -> Result<&'static str, String> {
    let link = Link { from: from.to_owned(), to: to.to_owned(), ..Link::default() };
    edit::add_link(&mut draft.doc, draft.at, link)?;
    let label = |id: &str| node_anywhere(&draft.doc, id).map(Node::label).unwrap_or_default();
    draft.done.said = format!("Linked {} to {}", label(from), label(to));
    draft.select = Some([Item::Link(from.to_owned(), to.to_owned())].into_iter().gather());
    Ok("Link")
}

/// Numbers as people write them, so that 5 and 5.0 are the same value.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().map_or(Value::Number(n), number),
        Value::Array(list) => list.into_iter().map(normal).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, normal(v))).collect(),
        other => other,
    }
}

/// What is wrong with a value, inside groups too.
fn check_value(param: &Param, value: &Value) -> Result<(), String> {
    param.check(value).map_err(|e| format!("{} {e}", param.label))?;
    if let (Type::Group(inner), Value::Object(given)) = (&param.of, value) {
        for (name, value) in given {
            let param = inner.iter().find(|p| p.name == name).ok_or_else(|| format!("there is no parameter {name}"))?;
            check_value(param, value)?;
        }
    }
    Ok(())
}

impl Editor {
    /// Adds a node from the palette.
    pub(super) fn add(&self, draft: &mut Draft, preset: PresetId, place: Place) -> Result<&'static str, String> {
        let at = match place {
            Place::At(at) => to_grid(at),
            Place::Near(middle) => {
                let selected = self.selected_nodes();
                let around = Rect::around(
                    selected.iter().filter_map(|id| node_anywhere(&draft.doc, id)).map(|n| Rect::card(n.at)),
                );
                let wanted = match around {
                    Some(r) => [r.x, r.y + r.h + GAP],
                    None => [middle[0] - CARD_W / 2.0, middle[1] - CARD_H / 2.0],
                };
                free_place(wanted, &cards(&draft.doc))
            }
        };
        let node = new_node(&draft.doc, preset, at);
        put(draft, node);
        Ok("Add a node")
    }

    /// Adds a node beside another and links the two.
    pub(super) fn add_connected(
        &self,
        draft: &mut Draft,
        from: &str,
        preset: Option<PresetId>,
        side: Direction,
    ) -> Result<&'static str, String> {
        let start = node_anywhere(&draft.doc, from).ok_or("That node is gone.")?;
        let asked = side != Direction::Left;
        let fitting = partners(&draft.doc, from, asked);
        let preset = preset.or_else(|| fitting.first().copied()).ok_or_else(|| {
            let who = start.label();
            if asked {
                format!("Nothing can be linked behind {who}.")
            } else {
                format!("Nothing can be linked before {who}.")
            }
        })?;
        let [dx, dy] = side.vector();
        let wanted = [start.at[0] + dx * (CARD_W + 76.0), start.at[1] + dy * (CARD_H + 76.0)];
        let node = new_node(&draft.doc, preset, free_place(wanted, &cards(&draft.doc)));
        let (a, b) = if asked { (from.to_owned(), node.id.clone()) } else { (node.id.clone(), from.to_owned()) };
        put(draft, node);
        edit::add_link(&mut draft.doc, draft.at, Link { from: a, to: b, ..Link::default() })?;
        Ok("Add a linked node")
    }

    /// Sets a parameter, if its table has it and the value fits.
    pub(super) fn set_param(
        &self,
        draft: &mut Draft,
        target: &Item,
        name: &str,
        value: Value,
    ) -> Result<&'static str, String> {
        let table = self.table(target).ok_or("This version does not know its parameters.")?;
        let param = find(table, name).ok_or_else(|| format!("There is no parameter {name}."))?;
        let value = match normal(value) {
            Value::Null if !param.nullable() => param.default.to_value(),
            value => value,
        };
        check_value(param, &value).map_err(sentence)?;
        edit::set_param(&mut draft.doc, draft.at, target, table, name, &value);
        draft.done.said = format!("{} {}", param.label, crate::dist::shown(&value));
        Ok("Set a parameter")
    }

    /// Drags one end of a link elsewhere; parameters that the new link has too go with it.
    pub(super) fn relink(
        &self,
        draft: &mut Draft,
        from: &str,
        to: &str,
        end: End,
        node: &str,
    ) -> Result<&'static str, String> {
        let old = Item::Link(from.to_owned(), to.to_owned());
        let shown = self.shown_at(draft.at);
        let mut link = shown.link(from, to).cloned().ok_or("That link is gone.")?;
        let place = draft.doc.links.iter().position(|l| l.from == from && l.to == to);
        edit::remove_link(&mut draft.doc, draft.at, from, to);
        match end {
            End::From => link.from = node.to_owned(),
            End::To => link.to = node.to_owned(),
        }
        let now = Item::Link(link.from.clone(), link.to.clone());
        if now == old {
            return Err("That is where it leads already.".to_owned());
        }
        edit::check_link(&draft.doc, draft.at, &link.from, &link.to)?;
        if let Some(table) = self.table(&now) {
            link.params.retain(|name, value| table.iter().any(|p| p.name == name && p.check(value).is_ok()));
        }
        edit::add_link(&mut draft.doc, draft.at, link)?;
        // Calls are made in the order of the document: the link keeps its turn.
        let is_base = matches!(&now, Item::Link(from, to) if draft.doc.link(from, to).is_some());
        if let (0, Some(place), true) = (draft.at, place, is_base)
            && let Some(moved) = draft.doc.links.pop()
        {
            draft.doc.links.insert(place.min(draft.doc.links.len()), moved);
        }
        draft.select = Some([now].into_iter().gather());
        Ok("Move a link")
    }

    pub(super) fn shown_at(&self, at: Nanos) -> Scenario {
        self.shown(at.saturating_sub(1)).design
    }

    /// Deletes what is selected.
    pub(super) fn delete(&self, draft: &mut Draft) -> Result<&'static str, String> {
        if self.selection.is_empty() {
            return Err("Nothing is selected.".to_owned());
        }
        let nodes: Set<String> = unlocked(draft, &self.selected_nodes())?.into_iter().gather();
        let label = |id: &str| node_anywhere(&draft.doc, id).map(Node::label).unwrap_or_default();
        let stay = self.selected_nodes().len() - nodes.len();
        draft.done.said = match self.only_selected() {
            Some(Item::Node(id)) => format!("Deleted {}", label(id)),
            Some(Item::Link(from, to)) => format!("Deleted the link from {} to {}", label(from), label(to)),
            None if stay > 0 => {
                format!("Deleted {} of {}; what is locked stays", self.selection.len() - stay, self.selection.len())
            }
            None => format!("Deleted {} things", self.selection.len()),
        };
        // Links first: those of a deleted node go with it and need no entry of their own.
        for item in self.selection.iter() {
            if let Item::Link(from, to) = item
                && !nodes.contains(from)
                && !nodes.contains(to)
            {
                edit::remove_link(&mut draft.doc, draft.at, from, to);
            }
        }
        edit::remove_nodes(&mut draft.doc, draft.at, &nodes);
        draft.select = Some(Set::new());
        Ok("Delete")
    }
}
