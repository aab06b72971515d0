//! The keyboard. What a key means, the table of actions says; this file only decides whether the page may take it.

use super::act::act;
use super::canvas::hand::Hand;
use super::store::Store;
use super::{dialogs, documents};
use leptos::ev;
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::editor::actions::{Act, Modifiers, Press, for_key};
use wasm_bindgen::prelude::*;
use web_sys::{ClipboardEvent, Element, KeyboardEvent};

/// What has the keyboard.
#[derive(Clone, Copy, PartialEq)]
enum Focus {
    /// The canvas, a card or a link.
    Canvas,
    /// Something that is typed into.
    Text,
    /// A dialog or menu, which has keys of its own.
    Modal,
    /// A button, or nothing.
    Other,
}

fn focus(event: &web_sys::Event) -> Focus {
    let Some(element) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return Focus::Other };
    let inside = |selector: &str| element.closest(selector).ok().flatten().is_some();
    if inside("input:not([type=checkbox]), textarea, select, [contenteditable]") {
        Focus::Text
    } else if inside("dialog, .menu") {
        Focus::Modal
    } else if inside("#board") {
        Focus::Canvas
    } else {
        Focus::Other
    }
}

/// Listens to the keyboard and the clipboard.
pub fn listen(store: Store, hand: Hand) {
    let down = window_event_listener(ev::keydown, move |event| key_down(store, hand, &event));
    let up = window_event_listener(ev::keyup, move |event| {
        if event.key() == " " && hand.space.get_untracked() {
            hand.space.set(false);
            // A tap plays; holding it was for panning.
            if focus(&event) == Focus::Canvas && !hand.panned.get_value() {
                act(store, hand, Act::PlayPause);
            }
        }
    });
    // Focus rings of the canvas are for those who use the keyboard.
    let mouse = window_event_listener(ev::pointerdown, |_| by_keyboard(false));
    let lost = window_event_listener(ev::blur, move |_| hand.space.set(false));
    let copy = window_event_listener(ev::copy, move |event| copied(store, &event, Command::Copy));
    let cut = window_event_listener(ev::cut, move |event| copied(store, &event, Command::Cut));
    let paste = window_event_listener(ev::paste, move |event| {
        let event: &ClipboardEvent = event.unchecked_ref();
        let data = event.clipboard_data();
        let file = data.as_ref().and_then(|d| d.files()).and_then(|f| f.get(0));
        let text = data.and_then(|d| d.get_data("text/plain").ok());
        if matches!(focus(event), Focus::Canvas | Focus::Other)
            && let Some(text) = text.filter(|t| !t.is_empty())
        {
            event.prevent_default();
            let at = hand.inside.get_value().then(|| store.camera.get_untracked().to_world(hand.pointer.get_value()));
            documents::paste(store, &text, at);
        } else if matches!(focus(event), Focus::Canvas | Focus::Other)
            && let Some(file) = file
        {
            event.prevent_default();
            documents::open_file(store, file);
        }
    });
    // They live as long as the page.
    for handle in [down, up, mouse, lost, copy, cut, paste] {
        std::mem::forget(handle);
    }
}

fn by_keyboard(yes: bool) {
    if let Some(root) = document().document_element() {
        let _ = if yes { root.set_attribute("data-keys", "") } else { root.remove_attribute("data-keys") };
    }
}

fn copied(store: Store, event: &ClipboardEvent, command: Command) {
    let marked = document().get_selection().ok().flatten().is_some_and(|s| !s.is_collapsed());
    if !matches!(focus(event), Focus::Canvas | Focus::Other) || marked {
        return;
    }
    let now = store.edit_time();
    // Through the event, because that needs no permission.
    let clip = store.editor.try_update(|e| e.apply(Command::Copy, now)).and_then(|r| r.ok()).and_then(|done| done.clip);
    if let (Some(text), Some(data)) = (clip, event.clipboard_data()) {
        event.prevent_default();
        let _ = data.set_data("text/plain", &text);
        if command == Command::Cut {
            store.apply(Command::Delete);
        }
    }
}

fn key_down(store: Store, hand: Hand, event: &KeyboardEvent) {
    if event.is_composing() || event.default_prevented() {
        return;
    }
    let (key, code) = (event.key(), event.code());
    if key == "Tab" || key.starts_with("Arrow") {
        by_keyboard(true);
    }
    let with =
        Modifiers { ctrl: event.ctrl_key(), meta: event.meta_key(), alt: event.alt_key(), shift: event.shift_key() };
    let press = Press { key: &key, code: &code, with };
    let Some(action) = for_key(&press, store.single_keys.get_untracked()) else { return };
    // The key was meant for what has the keyboard now, though the browser sent it to what had it while the dialog was open.
    let focus = if dialogs::notice_closed(store) { Focus::Canvas } else { focus(event) };
    let canvas = focus == Focus::Canvas;
    let held = with.ctrl || with.meta || with.alt || key.starts_with('F') && key.len() > 1;
    let allowed = match action.act {
        // The clipboard's own events do these.
        Act::Cut | Act::Copy | Act::Paste => false,
        Act::OpenPalette | Act::ToggleTheme | Act::Help if held => true,
        Act::Cancel => !matches!(focus, Focus::Modal | Focus::Text),
        Act::ZoomIn | Act::ZoomOut | Act::ZoomReset => canvas || hand.inside.get_value() && focus == Focus::Other,
        Act::SelectAll | Act::Duplicate | Act::AddConnected(_) | Act::Walk(_) | Act::Nudge(..) | Act::Delete => canvas,
        Act::Rename => canvas,
        _ if held => !matches!(focus, Focus::Text | Focus::Modal),
        _ => canvas,
    };
    if !allowed || dialogs::is_open(store) && action.act != Act::ToggleTheme {
        return;
    }
    event.prevent_default();
    match action.act {
        Act::PlayPause if !event.repeat() => {
            hand.panned.set_value(false);
            hand.space.set(true);
        }
        _ if event.repeat()
            && !matches!(
                action.act,
                Act::Undo
                    | Act::Redo
                    | Act::Step
                    | Act::StepBack
                    | Act::Second(_)
                    | Act::ZoomIn
                    | Act::ZoomOut
                    | Act::Nudge(..)
            ) => {}
        wanted if store.situation(|s| action.enabled(s)) => act(store, hand, wanted),
        _ => {}
    }
}
