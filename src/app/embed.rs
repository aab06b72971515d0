//! The page inside another: what that page may tell it, and what it tells. Both are closed: play, pause and seek come in;
//! the size that the design would like and the state of the run go out. Nothing of a reader leaves the page, and nobody but
//! the page around it is heard.

use super::canvas;
use super::host;
use super::store::{Store, memo};
use leptos::ev;
use leptos::prelude::*;
use loadstone::metrics::frame::Clock;
use loadstone::time::{from_s, to_s};
use loadstone::worker::ToWorker;
use serde::{Deserialize, Serialize};
use web_sys::MessageEvent;

/// What the page around may ask: `{loadstone: "play"}`, `{loadstone: "pause"}`, `{loadstone: "seek", at_s: 12.5}`.
#[derive(Deserialize)]
#[serde(tag = "loadstone", rename_all = "snake_case")]
enum Wish {
    Play,
    Pause,
    Seek { at_s: f64 },
}

/// What the page around is told.
#[derive(Clone, PartialEq, Serialize)]
struct State {
    /// Always "state".
    loadstone: &'static str,
    /// "playing", "paused" or "ended".
    run: &'static str,
    /// Whole simulated seconds.
    now_s: f64,
    /// The run's length.
    end_s: f64,
    /// How wide and high the canvas would be with everything on it at its natural size, in px.
    width: f64,
    height: f64,
}

/// Begins to listen and to tell, for as long as the page lives.
pub fn listen(store: Store) {
    let Ok(Some(around)) = window().parent() else { return };
    if around == window() {
        return;
    }
    let parent = around.clone();
    let heard = window_event_listener(ev::message, move |event: MessageEvent| {
        if event.source().as_ref() == Some(parent.as_ref())
            && let Ok(wish) = serde_wasm_bindgen::from_value(event.data())
        {
            carry_out(store, &wish);
        }
    });
    std::mem::forget(heard);
    let state = memo(move || {
        let run = match &*store.clock.read() {
            Clock::Playing | Clock::CatchingUp { .. } => "playing",
            Clock::Ended => "ended",
            Clock::Paused | Clock::Stopped(_) => "paused",
        };
        let bounds = store.stage.read().0.bounds().map_or([0.0; 2], |b| [b.w, b.h]);
        let [width, height] = bounds.map(|side| (side + 2.0 * canvas::MARGIN).ceil());
        State {
            loadstone: "state",
            run,
            now_s: to_s(store.now.get()).floor(),
            end_s: to_s(store.end.get()),
            width,
            height,
        }
    });
    // Any page may put this one inside: what it is told is no secret.
    Effect::new(move |_| {
        if let Ok(state) = serde_wasm_bindgen::to_value(&*state.read()) {
            let _ = around.post_message(&state, "*");
        }
    });
}

fn carry_out(store: Store, wish: &Wish) {
    match wish {
        Wish::Play if !store.is_busy() => store.play_or_pause(),
        Wish::Pause if store.is_busy() => store.play_or_pause(),
        Wish::Seek { at_s } if at_s.is_finite() => {
            let to = from_s(at_s.max(0.0)).min(store.end.get_untracked());
            host::send(ToWorker::Seek(to));
        }
        _ => {}
    }
}
