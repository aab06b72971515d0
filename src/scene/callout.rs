//! Notes beside cards on what is about to happen, each where it covers least of the drawing.

use super::format;
use super::{Placed, Stage, Tone, Views};
use crate::editor::place::Rect;
use crate::texts::{fill, tr};

/// A note beside a card about something that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Callout {
    /// The node that it is about.
    pub node: String,
    /// Where it stands.
    pub rect: Rect,
    /// From here a line points to `to`.
    pub from: [f64; 2],
    /// See `from`.
    pub to: [f64; 2],
    /// What happens.
    pub title: String,
    /// What follows from it.
    pub detail: String,
    /// How good that is.
    pub tone: Tone,
}

/// Size of a note.
const SIZE: [f64; 2] = [222.0, 56.0];
/// From a card to its note.
const GAP: f64 = 26.0;

/// What is said of a backend that has begun to fail its checks: so many did, and what comes of it.
const MISSED: [&str; 4] = [
    "Health check: {n} of {all} missed",
    "marked down if the next misses",
    "marked down at {time} if it misses",
    "missed seen by {who}",
];
/// The same of one that has begun to pass them.
const PASSED: [&str; 4] = [
    "Health check: {n} of {all} passed",
    "marked up if the next passes",
    "marked up at {time} if it passes",
    "passed seen by {who}",
];

/// Notes on what is about to happen: checks that have begun to fail or to pass.
pub(super) fn callouts(stage: &Stage, views: &Views) -> Vec<Callout> {
    let mut found: Vec<Callout> = Vec::new();
    for n in &stage.nodes {
        let Some(view) = views.nodes.get(n.node.id.as_str()) else { continue };
        for backend in view.backends.iter().filter(|b| b.streak > 0 && b.streak < b.needed) {
            let Some(target) = stage.placed(&backend.id) else { continue };
            if found.iter().any(|c| c.node == backend.id) {
                continue;
            }
            let [title, if_next, at_next, seen] = if backend.up { MISSED } else { PASSED };
            let title = fill(title, &[&backend.streak, &backend.needed]);
            let next = backend.next_check.map(format::moment).unwrap_or_default();
            let detail = match (backend.streak + 1 == backend.needed, next.is_empty()) {
                (true, true) => tr(if_next).to_owned(),
                (true, false) => fill(at_next, &[&next]),
                (false, true) => fill(seen, &[&n.label]),
                (false, false) => fill("next check at {time}", &[&next]),
            };
            let tone = if backend.up { Tone::Warn } else { Tone::Ok };
            found.push(callout(stage, &found, target, title, detail, tone));
        }
        if let Some(data) = view.data.as_ref().filter(|d| d.misses > 0 && d.misses < d.probes && d.believed_up) {
            let title = fill("Probe: {n} of {all} missed", &[&data.misses, &data.probes]);
            let detail = tr(if data.primary { "then a replica is elected" } else { "then it gets no reads" });
            found.push(callout(stage, &found, n, title, detail.to_owned(), Tone::Warn));
        }
    }
    found
}

/// A note at a card: below, above, right or left of it, where it covers the least of other cards and notes.
fn callout(stage: &Stage, found: &[Callout], n: &Placed, title: String, detail: String, tone: Tone) -> Callout {
    let (card, [w, h], [cx, cy]) = (n.rect, SIZE, n.rect.centre());
    let (right, below) = (card.x + card.w, card.y + card.h);
    // Where the note is, and the line that ties it to its card, from the note to the card.
    let places = [
        ([cx - w / 2.0, below + GAP], [cx, below + GAP], [cx, below]),
        ([cx - w / 2.0, card.y - GAP - h], [cx, card.y - GAP], [cx, card.y]),
        ([right + GAP, cy - h / 2.0], [right + GAP, cy], [right, cy]),
        ([card.x - GAP - w, cy - h / 2.0], [card.x - GAP, cy], [card.x, cy]),
    ];
    let covered = |[x, y]: [f64; 2]| {
        let rect = Rect { x, y, w, h };
        let cards = stage.nodes.iter().map(|other| overlap(&rect, &other.rect));
        cards.chain(found.iter().map(|other| overlap(&rect, &other.rect))).sum::<f64>()
    };
    let mut best = (f64::INFINITY, places[0]);
    for place in places {
        let cost = covered(place.0);
        if cost < best.0 {
            best = (cost, place);
        }
    }
    let ([x, y], from, to) = best.1;
    Callout { node: n.node.id.clone(), rect: Rect { x, y, w, h }, from, to, title, detail, tone }
}

/// The area that two rectangles share.
fn overlap(a: &Rect, b: &Rect) -> f64 {
    let w = (a.x + a.w).min(b.x + b.w) - a.x.max(b.x);
    let h = (a.y + a.h).min(b.y + b.h) - a.y.max(b.y);
    w.max(0.0) * h.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::Editor;
    use crate::metrics::frame::{BackendView, Frame, NodeView};
    use crate::scenario::{Node, Scenario};

    #[test]
    fn a_note_covers_no_card_if_there_is_room_beside() {
        let node = |(id, kind, at): (&str, &str, _)| Node { id: id.into(), kind: kind.into(), at, ..Node::default() };
        let cards =
            [("lb", "load_balancer", [0.0, 0.0]), ("web1", "server", [300.0, 0.0]), ("web2", "server", [300.0, 100.0])];
        let design = Scenario { nodes: cards.map(node).to_vec(), ..Scenario::default() };
        let backend =
            |id: &str| BackendView { id: id.into(), up: true, streak: 1, needed: 3, ..BackendView::default() };
        let lb = NodeView { id: "lb".into(), backends: ["web1", "web2"].map(backend).to_vec(), ..NodeView::default() };
        let frame = Frame { now: 1, nodes: vec![lb], ..Frame::default() };
        let editor = Editor::new(design);
        let scene = Stage::new(&editor, 0).scene(&editor, Some(&frame));
        assert_eq!(scene.callouts.len(), 2);
        for (i, note) in scene.callouts.iter().enumerate() {
            let others = scene.callouts.iter().skip(i + 1).map(|c| c.rect);
            for rect in scene.cards.iter().map(|c| c.rect).chain(others) {
                assert_eq!(overlap(&note.rect, &rect), 0.0, "the note at {} lies on {rect:?}", note.node);
            }
        }
    }
}
