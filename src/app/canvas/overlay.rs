//! The moving dots: one canvas over the links, drawn anew for every frame of the screen.
//!
//! Where a dot is, `scene::dots` says; this file only paints. Not reactive, because sixty times a second is no event.

use crate::store::{Store, wall_ms};
use leptos::prelude::*;
use loadstone::editor::place::Rect;
use loadstone::metrics::frame::{Class, Clock, Dot, Frame, LinkView, NodeView};
use loadstone::metrics::samples::Sample;
use loadstone::order::{Gather, Map};
use loadstone::scene::Scene;
use loadstone::scene::dots::{Dots, Flight, Spot};
use loadstone::scene::wire::{self, Curve};
use loadstone::time::{Nanos, from_s};
use std::cell::RefCell;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// More dots than this at once help nobody; the worker already thins them out.
const MAX_DOTS: usize = 4000;
/// After a step the page's clock goes on for this long, so that the packet of that step is seen to move.
const STEP_MS: f64 = 700.0;
/// A dot with its ring reaches no further than this, in px.
const EDGE: f64 = 60.0;
/// Requests older than this (about a third of a simulated second) carry a ring.
const OLD: f64 = 0.4;

#[derive(Default)]
struct Sky {
    flights: Vec<Flight>,
    /// Where on the screen dots of users' requests were painted last, and whose they are.
    requests: Vec<([f64; 2], (u32, u64))>,
    /// The page's clock for dots; it stands while the run stands.
    clock_ms: f64,
    /// Until then it goes on although the run stands.
    on_until: f64,
    last_ms: f64,
    ways: Ways,
    colours: Vec<(&'static str, String)>,
    theme: String,
}

/// Where dots fly: worked out anew only when a frame or the scene is another.
#[derive(Default)]
struct Ways {
    of: Option<(Arc<Scene>, Arc<Frame>)>,
    /// Of the frame's links.
    curves: Vec<Option<Curve>>,
    /// Of the frame's nodes.
    cards: Vec<Option<Rect>>,
}

impl Ways {
    fn new(scene: Arc<Scene>, frame: Arc<Frame>) -> Ways {
        let wires: Map<(&str, &str), Curve> =
            scene.wires.iter().map(|w| ((w.from.as_str(), w.to.as_str()), w.curve)).gather();
        let curve = |l: &LinkView| wires.get(&(l.from.as_str(), l.to.as_str())).copied();
        let cards: Map<&str, Rect> = scene.cards.iter().map(|c| (c.id.as_str(), c.rect)).gather();
        let card = |n: &NodeView| cards.get(n.id.as_str()).copied();
        let (curves, cards) = (frame.links.iter().map(curve).collect(), frame.nodes.iter().map(card).collect());
        Ways { of: Some((scene, frame)), curves, cards }
    }

    fn are_of(&self, scene: &Arc<Scene>, frame: &Arc<Frame>) -> bool {
        let same = |a: &Frame, b: &Frame| {
            let ends = |l: &LinkView, m: &LinkView| l.from == m.from && l.to == m.to;
            a.links.len() == b.links.len()
                && a.nodes.len() == b.nodes.len()
                && a.links.iter().zip(&b.links).all(|(l, m)| ends(l, m))
                && a.nodes.iter().zip(&b.nodes).all(|(n, m)| n.id == m.id)
        };
        self.of.as_ref().is_some_and(|(s, f)| Arc::ptr_eq(s, scene) && (Arc::ptr_eq(f, frame) || same(f, frame)))
    }
}

thread_local! {
    static SKY: RefCell<Sky> = RefCell::default();
}

/// Takes in the dots of a frame.
pub fn launch(dots: Vec<Dot>, now: Nanos, speed: f64) {
    SKY.with_borrow_mut(|sky| {
        let clock = sky.clock_ms;
        let room = MAX_DOTS.saturating_sub(sky.flights.len());
        sky.flights.extend(dots.into_iter().take(room).map(|dot| Flight::launch(dot, now, clock, speed)));
    });
}

/// Forgets all dots: another run begins.
pub fn forget() {
    SKY.with_borrow_mut(|sky| sky.flights.clear());
}

/// The request whose dot is nearest to this place on the screen, at most so many px away.
pub fn request_at(at: [f64; 2], reach: f64) -> Option<Sample> {
    let far = |place: [f64; 2]| (place[0] - at[0]).hypot(place[1] - at[1]);
    SKY.with_borrow(|sky| {
        let near = sky.requests.iter().map(|&(place, request)| (far(place), request)).filter(|(far, _)| *far <= reach);
        let (_, (users, ordinal)) = near.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Sample { users, ordinal, wanted: 0 })
    })
}

/// Lets the dots' clock go on for a moment although the run stands.
pub fn show_step() {
    SKY.with_borrow_mut(|sky| sky.on_until = wall_ms() + STEP_MS);
}

/// Paints one frame of the screen.
pub fn paint(store: Store, canvas: &HtmlCanvasElement, wall: f64) {
    let Some(context) = context(canvas) else { return };
    let ratio = window().device_pixel_ratio().clamp(1.0, 2.0);
    let [w, h] = store.screen.get_untracked();
    let (pw, ph) = ((w * ratio).round() as u32, (h * ratio).round() as u32);
    if canvas.width() != pw || canvas.height() != ph {
        canvas.set_width(pw);
        canvas.set_height(ph);
    }
    let _ = context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, f64::from(pw), f64::from(ph));
    let playing = *store.clock.read_untracked() == Clock::Playing;
    let links = store.latest.get_value();
    SKY.with_borrow_mut(|sky| {
        let gone = (wall - sky.last_ms).clamp(0.0, 100.0);
        sky.last_ms = wall;
        if playing || wall < sky.on_until {
            sky.clock_ms += gone;
        }
        sky.requests.clear();
        if sky.flights.is_empty() {
            return;
        }
        if store.still.get_untracked() {
            sky.flights.clear();
            return;
        }
        sky.read_colours();
        let scene = store.scene.get_untracked();
        if let Some(frame) = links.filter(|frame| !sky.ways.are_of(&scene, frame)) {
            sky.ways = Ways::new(scene, frame);
        }
        let Ways { curves, cards, .. } = &sky.ways;
        let card = |place: u32| cards.get(place as usize).copied().flatten();
        let between = |[a, b]: [u32; 2]| Some(wire::between(&card(a)?, &card(b)?));
        let camera = store.camera.get_untracked();
        let zoom = camera.zoom * ratio;
        let _ = context.set_transform(zoom, 0.0, 0.0, zoom, -camera.x * zoom, -camera.y * zoom);
        // A little behind, so that what a frame brings has not flown past its start already.
        let speed = store.achieved.get_untracked();
        let now = store.now.get_untracked().saturating_sub(if playing { from_s(0.05 * speed) } else { 0 });
        let clock = sky.clock_ms;
        let mut spots: Vec<Spot> = Vec::with_capacity(sky.flights.len());
        let requests = &mut sky.requests;
        sky.flights.retain(|flight| {
            let curve = match flight.dot.off {
                None => curves.get(flight.dot.link as usize).copied().flatten(),
                Some(ends) => between(ends),
            };
            let Some(curve) = curve else { return false };
            match flight.place(&curve, now, clock) {
                Dots::Waits => true,
                Dots::Flies(spot) => {
                    let [x, y] = camera.to_screen([spot.x, spot.y]);
                    // What lies beyond the edge need not be painted.
                    if (-EDGE..w + EDGE).contains(&x) && (-EDGE..h + EDGE).contains(&y) {
                        if flight.dot.request.1 > 0 {
                            requests.push(([x, y], flight.dot.request));
                        }
                        spots.push(spot);
                    }
                    true
                }
                Dots::Over => false,
            }
        });
        let small = if camera.zoom < 0.5 { 1.4 } else { 1.0 };
        draw(&context, sky, &spots, small);
    });
}

/// The canvas that the dots are on.
pub fn canvas() -> Option<HtmlCanvasElement> {
    document().query_selector("#board canvas").ok().flatten()?.dyn_into().ok()
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

impl Sky {
    /// The theme's colours, read anew when it changes.
    fn read_colours(&mut self) {
        let Some(root) = document().document_element() else { return };
        let dark = window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|m| m.matches());
        let theme = format!("{}{dark}", root.get_attribute("data-theme").unwrap_or_default());
        if theme == self.theme {
            return;
        }
        self.theme = theme;
        if let Ok(Some(style)) = window().get_computed_style(&root) {
            let read = |name: &str| style.get_property_value(&format!("--{name}")).unwrap_or_default();
            self.colours =
                ["accent", "write", "control", "static", "bad", "warn"].into_iter().map(|n| (n, read(n))).collect();
        }
    }

    fn colour(&self, name: &str) -> &str {
        self.colours.iter().find(|(n, _)| *n == name).map_or("#888", |(_, value)| value.trim())
    }
}

/// Paints the spots, one path for each look.
fn draw(context: &CanvasRenderingContext2d, sky: &Sky, spots: &[Spot], scale: f64) {
    use std::f64::consts::TAU;
    context.set_line_width(1.5 * scale);
    for class in [Class::Read, Class::Write, Class::Static, Class::Control, Class::Replication] {
        let colour = sky.colour(match class {
            Class::Read => "accent",
            Class::Write => "write",
            Class::Static => "static",
            Class::Control | Class::Replication => "control",
        });
        context.set_fill_style_str(colour);
        context.set_stroke_style_str(colour);
        context.begin_path();
        for s in spots.iter().filter(|s| s.class == class && !s.cross) {
            shape(context, s, scale);
        }
        if class == Class::Replication { context.stroke() } else { context.fill() }
    }
    // Rings: the older the request, the wider.
    context.set_stroke_style_str(sky.colour("warn"));
    context.set_line_width(1.2 * scale);
    context.begin_path();
    for s in spots
        .iter()
        .filter(|s| !s.cross && s.ring > OLD && matches!(s.class, Class::Read | Class::Write | Class::Static))
    {
        let radius = (5.5 + 7.0 * s.ring) * scale;
        context.move_to(s.x + radius, s.y);
        let _ = context.arc(s.x, s.y, radius, 0.0, TAU);
    }
    context.stroke();
    context.set_stroke_style_str(sky.colour("bad"));
    context.set_line_width(2.4 * scale);
    for s in spots.iter().filter(|s| s.cross) {
        let r = 4.5 * scale;
        context.set_global_alpha(s.opacity.clamp(0.0, 1.0));
        context.begin_path();
        context.move_to(s.x - r, s.y - r);
        context.line_to(s.x + r, s.y + r);
        context.move_to(s.x + r, s.y - r);
        context.line_to(s.x - r, s.y + r);
        context.stroke();
    }
    context.set_global_alpha(1.0);
}

/// No path is closed but by a line to where it began: closing one of thousands takes longer than all the others together.
/// Reads are circles, writes squares, static content triangles, control packets diamonds, replication a diamond's outline.
fn shape(context: &CanvasRenderingContext2d, s: &Spot, scale: f64) {
    match s.class {
        Class::Read => {
            context.move_to(s.x + 5.0 * scale, s.y);
            let _ = context.arc(s.x, s.y, 5.0 * scale, 0.0, std::f64::consts::TAU);
        }
        Class::Write => context.rect(s.x - 4.5 * scale, s.y - 4.5 * scale, 9.0 * scale, 9.0 * scale),
        Class::Static => {
            context.move_to(s.x, s.y - 5.5 * scale);
            context.line_to(s.x + 5.2 * scale, s.y + 4.0 * scale);
            context.line_to(s.x - 5.2 * scale, s.y + 4.0 * scale);
        }
        Class::Control | Class::Replication => {
            let r = if s.class == Class::Control { 5.2 } else { 5.0 } * scale;
            context.move_to(s.x, s.y - r);
            context.line_to(s.x + r, s.y);
            context.line_to(s.x, s.y + r);
            context.line_to(s.x - r, s.y);
            context.line_to(s.x, s.y - r);
        }
    }
}
