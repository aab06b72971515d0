//! Copy, cut, paste, duplicate: clips out of the document and into it.

use super::clipboard::Clip;
use super::design::{cards, free_id};
use super::edit;
use super::place::{GAP, GRID, Rect, bounded, to_grid};
use super::sound::prune;
use super::{Applied, Draft, Editor};
use crate::codec::{MAX_ID, MAX_NODES};
use crate::component::Kind;
use crate::order::{Gather, Map, Set};
use crate::scenario::{Link, Node, Scenario};
use crate::time::Nanos;

/// Pastes what the clipboard holds.
pub(super) fn paste(draft: &mut Draft, text: &str, at: Option<[f64; 2]>) -> Result<&'static str, String> {
    let clip = Clip::from_text(text)?;
    let by = match (at, Rect::around(clip.nodes.iter().map(|n| Rect::card(n.at)))) {
        (Some(at), Some(all)) => {
            let corner = to_grid([at[0] - all.w / 2.0, at[1] - all.h / 2.0]);
            [corner[0] - all.x, corner[1] - all.y]
        }
        _ => free_shift(&draft.doc, &clip),
    };
    insert(draft, &clip, by, &[]);
    draft.done.said = format!("Pasted {}", count(clip.nodes.len()));
    Ok("Paste")
}

fn count(nodes: usize) -> String {
    if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") }
}

/// How far a copy must move so that it hides nothing.
fn free_shift(doc: &Scenario, clip: &Clip) -> [f64; 2] {
    let others = cards(doc);
    let free = |by: f64| {
        let hit = |n: &Node| others.iter().any(|o| o.touches(&Rect::card([n.at[0] + by, n.at[1] + by])));
        !clip.nodes.iter().any(hit)
    };
    let step = GRID * 2.0;
    let by = (1..=200).map(|i| f64::from(i) * step).find(|by| free(*by)).unwrap_or(step);
    [by, by]
}

/// Adds copies with new identifiers, selected. `outside` are links between a copied node and one that was not copied.
fn insert(draft: &mut Draft, clip: &Clip, by: [f64; 2], outside: &[Link]) {
    let mut ids: Map<&str, String> = Map::new();
    for node in &clip.nodes {
        let stem = node.id.trim_end_matches(|c: char| c.is_ascii_digit());
        // Room for a number within the longest identifier.
        let stem: String = stem.chars().take(MAX_ID - 6).collect();
        let stem = if stem.is_empty() { "node" } else { &stem };
        let id = free_id(&draft.doc, stem, stem != node.id);
        let name = node.name.as_ref().map(|name| free_name(&draft.doc, name));
        let at = [bounded(node.at[0] + by[0]), bounded(node.at[1] + by[1])];
        edit::add_node(&mut draft.doc, draft.at, Node { id: id.clone(), name, at, ..node.clone() });
        ids.insert(&node.id, id);
    }
    // Wired like the originals, so each link may be drawn and closes no ring.
    for link in clip.links.iter().chain(outside) {
        let end = |id: &String| ids.get(id.as_str()).unwrap_or(id).clone();
        let copy = Link { from: end(&link.from), to: end(&link.to), ..link.clone() };
        edit::put_link(&mut draft.doc, draft.at, copy);
    }
    let added: Vec<String> = ids.values().cloned().collect();
    draft.select_nodes(&added);
    // A neighbour may leave before a copied link to it would join.
    prune(&mut draft.doc, &added.iter().cloned().gather());
    draft.done.added = added;
}

/// A name that no other node has: "API", "API 2", "API 3".
fn free_name(doc: &Scenario, name: &str) -> String {
    let taken: Set<String> = edit::all_nodes(doc).map(|(n, _)| n.label()).gather();
    if !taken.contains(name) {
        return name.to_owned();
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    let fresh = (2..=MAX_NODES + 2).map(|n| format!("{stem} {n}")).find(|n| !taken.contains(n));
    fresh.unwrap_or_else(|| name.to_owned())
}

impl Editor {
    /// The selected nodes as they are shown, and the links between them.
    fn selected_clip(&self, at: Nanos) -> Result<(Clip, Scenario), String> {
        let shown = self.shown_at(at);
        let ids: Set<String> = self.selected_nodes().into_iter().gather();
        let nodes: Vec<Node> = shown.nodes.iter().filter(|n| ids.contains(&n.id)).cloned().collect();
        if nodes.is_empty() {
            return Err("Select a node first.".to_owned());
        }
        let links = shown.links.iter().filter(|l| ids.contains(&l.from) && ids.contains(&l.to)).cloned().collect();
        Ok((Clip { nodes, links }, shown))
    }

    /// The selection as text.
    pub(super) fn clip(&self, draft: &Draft) -> Result<String, String> {
        Ok(self.selected_clip(draft.at)?.0.to_text())
    }

    /// Copies the selection; nothing changes.
    pub(super) fn copy(&self, now: Nanos) -> Result<Applied, String> {
        let clip = self.selected_clip(edit::instant(now))?.0;
        let said = format!("Copied {}", count(clip.nodes.len()));
        Ok(Applied { clip: Some(clip.to_text()), said, ..Applied::default() })
    }

    /// Doubles the selection, wired like the originals.
    pub(super) fn duplicate(&self, draft: &mut Draft) -> Result<&'static str, String> {
        let (clip, shown) = self.selected_clip(draft.at)?;
        let has = |id: &str| clip.nodes.iter().any(|n| n.id == id);
        let kind = |id: &str| shown.node(id).and_then(|n| Kind::from_id(&n.kind));
        // A copy of a primary must not become the second primary of its replicas.
        let copies_to =
            |l: &Link| has(&l.from) && kind(&l.from).zip(kind(&l.to)) == Some((Kind::Database, Kind::Database));
        let outside = shown.links.iter().filter(|l| has(&l.from) != has(&l.to) && !copies_to(l)).cloned();
        let outside: Vec<Link> = outside.collect();
        let by = below(&draft.doc, &clip);
        insert(draft, &clip, by, &outside);
        draft.done.said = format!("Duplicated {}", count(clip.nodes.len()));
        Ok("Duplicate")
    }
}

/// The shift that puts a copy below the original, in the first gap that is wide enough for all of it.
fn below(doc: &Scenario, clip: &Clip) -> [f64; 2] {
    let others = cards(doc);
    let free = |by: f64| {
        let hit = |n: &Node| others.iter().any(|o| o.grown(GAP / 2.0).touches(&Rect::card([n.at[0], n.at[1] + by])));
        !clip.nodes.iter().any(hit)
    };
    let step = GRID * 2.0;
    [0.0, (3..=400).map(|i| f64::from(i) * step).find(|by| free(*by)).unwrap_or(step)]
}
