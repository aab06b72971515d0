//! Zones: a frame around the nodes that stand in one place, and can be lost together.

use super::{Card, Placed, Tone, format};
use crate::component::Kind;
use crate::editor::place::Rect;
use crate::texts::{fill, tr};

/// Room between a frame and the cards in it, in px.
const ROOM: f64 = 20.0;
/// Height of the band above them, with the zone's name.
const BAND: f64 = 28.0;

/// A zone to draw, below everything else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zone {
    /// Its name, as on its nodes.
    pub name: String,
    /// Its frame.
    pub rect: Rect,
    /// Identifiers of the nodes in it.
    pub nodes: Vec<String>,
    /// Bad: nothing in it works; warn: something does not.
    pub tone: Tone,
    /// What stands behind the name: "2 of 3 down"; empty while everything works.
    pub state: String,
    /// All of its nodes are selected.
    pub selected: bool,
    /// One sentence for assistive technology.
    pub accessible: String,
}

/// The nodes of each zone, in the order in which the zones come.
fn members(nodes: &[Placed]) -> Vec<(&str, Vec<usize>)> {
    let mut zones: Vec<(&str, Vec<usize>)> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let Some(name) = node.node.zone.as_deref() else { continue };
        match zones.iter_mut().find(|(n, _)| *n == name) {
            Some((_, inside)) => inside.push(i),
            None => zones.push((name, vec![i])),
        }
    }
    zones
}

fn frame(inside: impl Iterator<Item = Rect>) -> Rect {
    let around = Rect::around(inside).unwrap_or_default();
    Rect {
        x: around.x - ROOM,
        y: around.y - BAND,
        w: around.w + 2.0 * ROOM,
        // A queue hangs below a card.
        h: around.h + BAND + ROOM + 4.0,
    }
}

/// The frames of all zones.
pub(super) fn frames(nodes: &[Placed]) -> Vec<Rect> {
    members(nodes).iter().map(|(_, inside)| frame(inside.iter().map(|&i| nodes[i].rect))).collect()
}

/// All zones, given the cards of these nodes.
pub(super) fn zones(nodes: &[Placed], cards: &[Card]) -> Vec<Zone> {
    let zone = |(name, inside): (&str, Vec<usize>)| {
        // Users stand there too, but do not break.
        let works = |&&i: &&usize| nodes[i].kind != Some(Kind::Users);
        let (all, down) =
            (inside.iter().filter(works).count(), inside.iter().filter(works).filter(|&&i| cards[i].dead).count());
        let tone = match down {
            0 => Tone::Idle,
            _ if down == all => Tone::Bad,
            _ => Tone::Warn,
        };
        let state = match tone {
            Tone::Bad => tr("down").to_owned(),
            Tone::Warn => fill("{n} of {all} down", &[&down, &all]),
            _ => String::new(),
        };
        // Begins with what is read on it, so that who speaks to the page can say what they see.
        let seen = if state.is_empty() { name.to_owned() } else { format!("{name} {state}") };
        let accessible =
            fill("{name}, zone of {components}", &[&seen, &format::plural(inside.len() as u64, "component")]);
        Zone {
            name: name.to_owned(),
            rect: frame(inside.iter().map(|&i| cards[i].rect)),
            selected: inside.iter().all(|&i| cards[i].selected),
            nodes: inside.iter().map(|&i| cards[i].id.clone()).collect(),
            tone,
            state,
            accessible,
        }
    };
    members(nodes).into_iter().map(zone).collect()
}
