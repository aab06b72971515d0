//! The canvas as a picture that needs no page: shapes in the order in which they are painted, in the canvas' own pixels.
//! [`svg`] writes them as a file; the page paints the same ones onto a canvas, for pictures and films.
//!
//! Looks follow `www/styles.css`; the colours are tested to be the same.

mod svg;
#[cfg(test)]
mod tests;

pub use svg::{MONO, SANS, svg};

use super::wire::Point;
use super::{Callout, Card, Scene, Tone, Wire, Zone};
use crate::editor::place::Rect;

/// Room around what is drawn, in px.
const MARGIN: f64 = 40.0;

/// A colour by what it means; see the custom properties of `www/styles.css`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ink {
    Background,
    Panel,
    Line,
    Ink,
    Soft,
    Faint,
    Card,
    Ok,
    Warn,
    Bad,
    Control,
    Static,
    Wire,
    Track,
    Dead,
    Edge,
}

impl Ink {
    /// The colour, as `#rrggbb`.
    pub fn colour(self, dark: bool) -> &'static str {
        let (light, night) = match self {
            Ink::Background => ("#f6f7f9", "#12161c"),
            Ink::Panel => ("#ffffff", "#1a2028"),
            Ink::Line => ("#dfe3e8", "#2b343f"),
            Ink::Ink => ("#1c2430", "#e8edf3"),
            Ink::Soft => ("#5f6b7a", "#9aa7b6"),
            Ink::Faint => ("#667080", "#8c98a6"),
            Ink::Card => ("#ffffff", "#202834"),
            Ink::Ok => ("#009e73", "#2fc79b"),
            Ink::Warn => ("#965a00", "#e8a33d"),
            Ink::Bad => ("#c2362b", "#f0685c"),
            Ink::Control => ("#8a5cb8", "#b58be0"),
            Ink::Static => ("#56799a", "#8fb3d4"),
            Ink::Wire => ("#b3bcc7", "#4c5866"),
            Ink::Track => ("#e9edf2", "#2c3643"),
            Ink::Dead => ("#eceef1", "#181d24"),
            Ink::Edge => ("#838e9b", "#6f7c8b"),
        };
        if dark { night } else { light }
    }

    fn of(tone: Tone) -> Ink {
        match tone {
            Tone::Idle => Ink::Soft,
            Tone::Ok => Ink::Ok,
            Tone::Warn => Ink::Warn,
            Tone::Bad => Ink::Bad,
        }
    }
}

/// Something to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle with round corners.
    Box {
        /// Where.
        rect: Rect,
        /// Of its corners.
        radius: f64,
        /// Inside.
        fill: Option<Ink>,
        /// Its edge, 1 px wide.
        edge: Option<Ink>,
        /// Whether the edge is dashed.
        dashed: bool,
    },
    /// An SVG path.
    Path {
        /// Its commands.
        d: String,
        /// What is added to its coordinates.
        at: Point,
        /// Inside.
        fill: Option<Ink>,
        /// Its line, with the width.
        line: Option<(Ink, f64)>,
        /// `stroke-dasharray`; empty for a whole line.
        dash: &'static str,
    },
    /// A line of text that begins here, on its base line.
    Text {
        /// Where.
        at: Point,
        /// What it says.
        words: String,
        /// In px.
        size: f64,
        /// Its colour.
        ink: Ink,
        /// Heavier than usual.
        bold: bool,
        /// Every character as wide as the others.
        mono: bool,
    },
}

/// Shapes and what holds them all.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The part of the canvas that it shows.
    pub view: Rect,
    /// From the lowest to the highest.
    pub shapes: Vec<Shape>,
}

/// The picture of a scene; a small empty one if there is nothing.
pub fn picture(scene: &Scene) -> Picture {
    let mut shapes = Vec::new();
    scene.zones.iter().for_each(|z| zone(&mut shapes, z));
    for wire in &scene.wires {
        link(&mut shapes, wire);
    }
    for note in &scene.callouts {
        let d = format!("M{} {}L{} {}", note.from[0], note.from[1], note.to[0], note.to[1]);
        shapes.push(Shape::Path { d, at: [0.0; 2], fill: None, line: Some((Ink::Edge, 1.2)), dash: "" });
    }
    scene.cards.iter().for_each(|c| card(&mut shapes, c));
    scene.callouts.iter().for_each(|note| callout(&mut shapes, note));
    let around = scene.bounds.unwrap_or(Rect { x: 0.0, y: 0.0, w: 240.0, h: 120.0 });
    let notes = scene.callouts.iter().map(|c| c.rect);
    let all = Rect::around(notes.chain([around])).unwrap_or(around);
    let view = Rect { x: all.x - MARGIN, y: all.y - MARGIN, w: all.w + 2.0 * MARGIN, h: all.h + 2.0 * MARGIN };
    Picture { view, shapes }
}

fn zone(shapes: &mut Vec<Shape>, zone: &Zone) {
    let bad = zone.tone == Tone::Bad;
    let edge = Some(if bad { Ink::Bad } else { Ink::Edge });
    shapes.push(Shape::Box { rect: zone.rect, radius: 16.0, fill: None, edge, dashed: !bad });
    let words = [zone.name.as_str(), &zone.state].join("  ");
    let ink = if zone.state.is_empty() { Ink::Soft } else { Ink::of(zone.tone) };
    let at = [zone.rect.x + 18.0, zone.rect.y + 18.0];
    let words = shortened(words.trim_end(), zone.rect.w - 36.0, 12.0, false);
    shapes.push(Shape::Text { at, words, size: 12.0, ink, bold: true, mono: false });
}

fn link(shapes: &mut Vec<Shape>, wire: &Wire) {
    let ink = match wire.tone {
        Tone::Bad => Ink::Bad,
        _ if wire.control => Ink::Control,
        _ => Ink::Wire,
    };
    shapes.push(Shape::Path {
        d: wire.path.clone(),
        at: [0.0; 2],
        fill: None,
        line: Some((ink, wire.width)),
        dash: wire.dash,
    });
    shapes.push(Shape::Path { d: wire.head.clone(), at: [0.0; 2], fill: Some(Ink::Edge), line: None, dash: "" });
}

fn card(shapes: &mut Vec<Shape>, card: &Card) {
    let Rect { x, y, w, h } = card.rect;
    let absent = card.joins.is_some();
    let fill = if card.dead { Ink::Dead } else { Ink::Card };
    shapes.push(Shape::Box {
        rect: card.rect,
        radius: 12.0,
        fill: (!absent).then_some(fill),
        edge: Some(if absent { Ink::Edge } else { Ink::Line }),
        dashed: absent,
    });
    let icon = if card.dead { Ink::Faint } else { Ink::Soft };
    shapes.push(Shape::Path {
        d: card.icon.into(),
        at: [x + 10.0, y + 10.0],
        fill: None,
        line: Some((icon, 1.5)),
        dash: "",
    });
    let mut text = |at: Point, words: &str, room: f64, size: f64, ink: Ink, bold: bool, mono: bool| {
        let words = shortened(words, room, size, mono);
        if !words.is_empty() {
            shapes.push(Shape::Text { at, words, size, ink, bold, mono });
        }
    };
    let name = if card.dead { Ink::Soft } else { Ink::Ink };
    text([x + 41.0, y + 23.5], &card.name, w - 71.0, 14.0, name, true, false);
    let world = if card.public == Some(true) { "○ " } else { "" };
    text([x + 41.0, y + 41.0], &format!("{world}{}", card.address), w - 51.0, 11.0, Ink::Faint, false, true);
    let badges = card.badges.iter().map(|b| b.label.as_str());
    let status: Vec<&str> = badges.chain([card.status.as_str()]).filter(|t| !t.is_empty()).collect();
    let ink = if card.tone == Tone::Ok { Ink::Soft } else { Ink::of(card.tone) };
    text([x + 12.0, y + 64.0], &status.join(" · "), w - 24.0, 12.0, ink, false, false);
    if !card.more.is_empty() {
        let at = [x + 12.0 + 10.6 * card.slots.len() as f64 + 4.0, y + h + 14.0];
        text(at, &card.more, 60.0, 11.0, Ink::Soft, false, false);
    }
    mark(shapes, card, [x + w - 27.0, y + 9.0]);
    if let Some(share) = card.utilization {
        let track = Rect { x: x + 12.0, y: y + 73.0, w: w - 24.0, h: 4.0 };
        let full = Rect { w: track.w * share.clamp(0.0, 1.0), ..track };
        let ink = if card.utilization_tone == Tone::Idle { Ink::Ok } else { Ink::of(card.utilization_tone) };
        for (rect, ink) in [(track, Ink::Track), (full, ink)] {
            shapes.push(Shape::Box { rect, radius: 2.0, fill: Some(ink), edge: None, dashed: false });
        }
    }
    for (i, tone) in card.slots.iter().enumerate() {
        let rect = Rect { x: x + 12.0 + 10.6 * i as f64, y: y + h + 6.0, w: 7.2, h: 7.2 };
        shapes.push(Shape::Box { rect, radius: 3.6, fill: Some(Ink::of(*tone)), edge: None, dashed: false });
    }
}

/// The sign in a card's corner; as on the page, its shape tells the state as well as its colour.
fn mark(shapes: &mut Vec<Shape>, card: &Card, at: Point) {
    let (d, fill, line) = match card.tone {
        _ if card.joins.is_some() => return,
        _ if card.dead => ("M4.5 4.5l9 9m0-9l-9 9", None, Some((Ink::Bad, 2.2))),
        _ if card.crown => ("M2 14 .5 3.5l5 4.2L9 2.500l3.5 5.200 5-4.200L16 14z", Some(Ink::Warn), None),
        Tone::Bad | Tone::Warn => ("M9 3.5 15.5 14.5h-13z", Some(Ink::Warn), None),
        Tone::Ok => ("M9 5a4 4 0 1 1-.01 0z", Some(Ink::Ok), None),
        Tone::Idle => return,
    };
    shapes.push(Shape::Path { d: d.into(), at, fill, line, dash: "" });
}

fn callout(shapes: &mut Vec<Shape>, note: &Callout) {
    let Rect { x, y, w, .. } = note.rect;
    let (fill, edge) = (Some(Ink::Panel), Some(Ink::Line));
    shapes.push(Shape::Box { rect: note.rect, radius: 10.0, fill, edge, dashed: false });
    let ink = if matches!(note.tone, Tone::Warn | Tone::Bad) { Ink::of(note.tone) } else { Ink::Ink };
    let lines = [(24.0, 12.0, &note.title, ink, true), (41.0, 11.0, &note.detail, Ink::Soft, false)];
    for (down, size, words, ink, bold) in lines {
        let words = shortened(words, w - 24.0, size, false);
        shapes.push(Shape::Text { at: [x + 12.0, y + down], words, size, ink, bold, mono: false });
    }
}

/// The text, cut where it would leave its room. Widths are those of a common typeface, for nobody knows which one is there.
fn shortened(words: &str, room: f64, size: f64, mono: bool) -> String {
    let width = |c: char| match c {
        _ if mono => 0.602,
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | ' ' => 0.3,
        'm' | 'w' | 'M' | 'W' | '%' => 0.9,
        'A'..='Z' => 0.68,
        c if c.is_ascii() => 0.56,
        _ => 0.8,
    };
    let long: f64 = words.chars().map(width).sum::<f64>() * size;
    if long <= room {
        return words.to_owned();
    }
    let mut used = size * 0.8;
    let fits = words.chars().take_while(|&c| {
        used += width(c) * size;
        used <= room
    });
    format!("{}…", fits.collect::<String>().trim_end())
}
