//! The canvas: zones, links, dots and cards under one camera, and the loop that redraws the moving parts.
//!
//! Draws what `scene` says and passes on what the hand does (`hand`). Links and cards are elements with roles and names;
//! dots are a canvas that assistive technology skips.

pub mod board;
pub mod card;
pub mod hand;
pub mod overlay;
mod parts;
pub mod view;
pub mod wires;
pub mod zones;

use crate::store::{Store, memo, wall_ms};
use hand::Hand;
use leptos::html::Canvas as CanvasTag;
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::metrics::frame::Clock;
use loadstone::scene::camera::Camera;
use loadstone::texts::tr;
use loadstone::time::from_s;
use parts::Everything;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// Width of a lesson's panel, with the room around it, in px.
pub const LESSON: f64 = 344.0;
/// The same of the panel in which one is written.
const AUTHOR: f64 = 392.0;
/// Room around the cards when everything is fitted, in px.
pub const MARGIN: f64 = 56.0;

/// The canvas with everything on it.
#[component]
pub fn Canvas(store: Store, hand: Hand) -> impl IntoView {
    let dots = NodeRef::<CanvasTag>::new();
    watch_size(store);
    pulse(store, dots);
    let camera = store.camera;
    let layer = move || {
        let c = camera.get();
        format!("translate({}px, {}px) scale({})", -c.x * c.zoom, -c.y * c.zoom, c.zoom)
    };
    let step = move || {
        let zoom = camera.read().zoom;
        20.0 * zoom * if zoom < 0.4 { 5.0 } else { 1.0 }
    };
    let ids = memo(move || store.scene.read().cards.iter().map(|c| c.id.clone()).collect::<Vec<_>>());
    let parts = Everything::new(store);
    let cards = parts.cards;
    view! {
        <div
            id="board" class="board" role="group" tabindex="0" aria-label=tr("Canvas") data-testid="canvas"
            class:panning=move || hand.space.get() class:pan-tool=move || store.pan_tool.get()
            class:held=move || hand.held.get() class:linking=move || hand.draft.read().is_some()
            style:background-size=move || format!("{0}px {0}px", step())
            style:background-position=move || { let c = camera.get(); format!("{}px {}px", -c.x * c.zoom, -c.y * c.zoom) }
        >
            <div class="zones" style:transform=layer style=("--zoom", move || camera.read().zoom.to_string())><zones::Zones store hand zones=parts.zones/></div>
            <wires::Wires store hand wires=parts.wires/>
            <canvas node_ref=dots aria-hidden="true"></canvas>
            <div class="cards" style:transform=layer>
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    {cards.follow(store, |c: &loadstone::scene::Card| c.id == id).map(|card| view! { <card::CardView store hand id card/> })}
                </For>
                <card::Callouts store/>
            </div>
            <wires::Sketch store hand/>
        </div>
        <wires::LinkHint store hand/>
        <view::Empty store/>
        <view::TryThis store/>
    }
}

/// Shows everything.
pub fn fit_all(store: Store) {
    let bounds = store.stage.with_untracked(|s| s.0.bounds());
    let screen = store.screen.get_untracked();
    let narrow = screen[0] < 800.0;
    let margin = if narrow { 20.0 } else { MARGIN };
    // A lesson stands to the left of what it speaks of, and above it on a phone.
    let (lesson, authoring) = (store.lesson.get_untracked(), store.authoring.get_untracked());
    let taken = match (lesson || authoring, screen[0] < 700.0) {
        (false, _) => [0.0, 0.0],
        (true, false) => [if authoring { AUTHOR } else { LESSON }, 0.0],
        (true, true) => [0.0, screen[1] * 0.52],
    };
    let free = [screen[0] - taken[0], screen[1] - taken[1]];
    store.camera.set(Camera::fitting(bounds, free, margin).panned(taken));
}

/// Moves the view as little as needed so that this node is in it.
pub fn reveal(store: Store, id: &str) {
    let rect = store.scene.with_untracked(|s| s.cards.iter().find(|c| c.id == id).map(|c| c.rect));
    if let Some(rect) = rect {
        store.camera.update(|c| *c = c.revealing(rect, store.screen.get_untracked(), 24.0));
    }
}

/// Gives a card the keyboard.
pub fn focus(id: &str) {
    let found = document().query_selector(&format!("[data-node=\"{}\"]", css_text(id))).ok().flatten();
    if let Some(card) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = card.focus();
    }
}

/// Gives an element the keyboard as soon as it is on the page.
pub fn focus_element(id: &'static str) {
    let focus = move || {
        if let Some(element) = document().get_element_by_id(id).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    };
    set_timeout(focus, std::time::Duration::ZERO);
}

/// Gives the canvas the keyboard.
pub fn focus_board() {
    if let Some(board) = document().get_element_by_id("board").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = board.focus();
    }
}

/// A text inside a quoted CSS string.
fn css_text(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .flat_map(|c| matches!(c, '"' | '\\').then_some('\\').into_iter().chain([c]))
        .collect()
}

/// Keeps `Store::screen` at the canvas' size, and fits the picture once it is known.
fn watch_size(store: Store) {
    let measure = move || {
        if let Some(board) = document().get_element_by_id("board") {
            let size = [f64::from(board.client_width()), f64::from(board.client_height())];
            if size[0] > 0.0 && *store.screen.read_untracked() != size {
                store.screen.set(size);
            }
        }
    };
    Effect::new(move |first: Option<()>| {
        measure();
        if first.is_none() {
            fit_all(store);
            let seen = Closure::<dyn FnMut()>::new(measure);
            if let (Ok(observer), Some(board)) =
                (web_sys::ResizeObserver::new(seen.as_ref().unchecked_ref()), document().get_element_by_id("board"))
            {
                observer.observe(&board);
            }
            // Lives as long as the page.
            seen.forget();
        }
    });
}

/// Sixty times a second: the clock moves on, dots are painted, and now and then the calm view is refreshed.
fn pulse(store: Store, dots: NodeRef<CanvasTag>) {
    let beat = move || {
        let wall = wall_ms();
        if *store.clock.read_untracked() == Clock::Playing
            && let Some(frame) = store.latest.get_value()
        {
            // Frames come every 33 ms; without one for longer, the clock waits rather than guesses.
            let gone = (wall - store.beat.get_value().heard).clamp(0.0, 120.0) / 1000.0;
            let now = frame.now.saturating_add(from_s(gone * frame.speed)).min(frame.end);
            if now > store.now.get_untracked() {
                store.now.set(now);
            }
        }
        store.refresh_calmly(wall);
        crate::announce::tick(store, wall);
        if let Some(canvas) = dots.get_untracked() {
            overlay::paint(store, &canvas, wall);
        }
    };
    fn next(beat: impl Fn() + Clone + 'static) {
        request_animation_frame(move || {
            beat();
            next(beat.clone());
        });
    }
    next(beat);
}

/// Selects exactly this node, shows it and gives it the keyboard.
pub fn go_to(store: Store, id: &str) {
    store.apply(Command::Select(vec![loadstone::editor::Item::Node(id.to_owned())]));
    reveal(store, id);
    focus(id);
}
