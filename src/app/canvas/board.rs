//! The canvas' ears: which event is which movement of the hand.

use super::hand::{Hand, place_of};
use crate::mode::Mode;
use crate::store::Store;
use leptos::prelude::*;
use wasm_bindgen::convert::FromWasmAbi;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, PointerEvent, WheelEvent};

/// Begins to listen, for as long as the page lives.
pub fn listen(store: Store, hand: Hand) {
    let Some(board) = document().get_element_by_id("board") else { return };
    on(&board, "pointerdown", move |e: PointerEvent| hand.down(store, &e));
    on(&board, "pointermove", move |e: PointerEvent| hand.moved(store, &e));
    on(&board, "pointerup", move |e: PointerEvent| hand.up(store, &e));
    on(&board, "pointercancel", move |_: PointerEvent| {
        hand.cancel(store);
    });
    // The finger's click would choose what the menu shows under it.
    on(&board, "touchend", move |e: web_sys::Event| {
        if hand.rested.get_value() {
            hand.rested.set_value(false);
            e.prevent_default();
        }
    });
    on(&board, "pointerenter", move |_: PointerEvent| hand.inside.set_value(true));
    on(&board, "pointerleave", move |_: PointerEvent| hand.inside.set_value(false));
    on(&board, "contextmenu", move |e: MouseEvent| hand.context(store, &e));
    on(&board, "dblclick", move |e: MouseEvent| rename_under(store, &e));
    on(&board, "wheel", move |e: WheelEvent| wheel(store, &e));
}

fn on<E: FromWasmAbi + 'static>(board: &Element, name: &str, heard: impl FnMut(E) + 'static) {
    let heard = Closure::<dyn FnMut(E)>::new(heard);
    let _ = board.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
    heard.forget();
}

fn wheel(store: Store, event: &WheelEvent) {
    event.prevent_default();
    let unit = match event.delta_mode() {
        1 => 16.0,
        2 => 400.0,
        _ => 1.0,
    };
    let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
    let camera = store.camera.get_untracked();
    store.camera.set(if event.ctrl_key() || event.meta_key() {
        camera.zoomed((-dy.clamp(-20.0, 20.0) * 0.01).exp(), place_of(event))
    } else if event.shift_key() && dx == 0.0 {
        camera.panned([-dy, 0.0])
    } else {
        camera.panned([-dx, -dy])
    });
}

fn rename_under(store: Store, event: &MouseEvent) {
    let element = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let node = element.and_then(|e| e.closest("[data-node]").ok().flatten()).and_then(|e| e.get_attribute("data-node"));
    if let Some(id) = node.filter(|_| store.mode == Mode::Edit) {
        store.renaming.set(Some(id));
    }
}
