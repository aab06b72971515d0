//! Dialogs: share, examples, faults, help, all commands, find. Native `<dialog>` elements, so that the browser keeps the focus
//! inside and gives it back.

mod commands;
mod faults;
mod share;

use crate::canvas;
use crate::canvas::hand::Hand;
use crate::chooser;
use crate::course;
use crate::gallery;
use crate::glossary;
use crate::icons::Icon;
use crate::shelf;
use crate::store::{Dialog, Store};
use commands::List;
use leptos::html;
use leptos::prelude::*;
use loadstone::editor::actions::{ACTIONS, Group};
use loadstone::texts::tr;
use wasm_bindgen::JsCast;

/// Whatever dialog is open.
#[component]
pub fn Dialogs(store: Store, hand: Hand) -> impl IntoView {
    move || {
        store.dialog.get().map(|dialog| match dialog {
            Dialog::Share => view! { <Frame store title=tr("Share")><share::Share store/></Frame> }.into_any(),
            Dialog::Examples => {
                view! { <Frame store title=tr("Gallery") wide=true><gallery::Gallery store/></Frame> }.into_any()
            }
            Dialog::Course => view! { <Frame store title=tr("Course")><course::Chapters store/></Frame> }.into_any(),
            Dialog::Challenges => {
                view! { <Frame store title=tr("Challenges")><course::Challenges store/></Frame> }.into_any()
            }
            Dialog::Chooser => {
                view! { <Frame store title=tr("Which database?") wide=true><chooser::Chooser store/></Frame> }
                    .into_any()
            }
            Dialog::Glossary(first, about) => {
                view! { <Frame store title=tr("Glossary") wide=true><glossary::Glossary first about/></Frame> }
                    .into_any()
            }
            Dialog::Faults(at) => {
                view! { <Frame store title=tr("Break something")><faults::Faults store at/></Frame> }.into_any()
            }
            Dialog::Help => view! { <Frame store title=tr("Help") wide=true><Help store/></Frame> }.into_any(),
            Dialog::Commands => view! { <commands::Commands store hand list=List::All/> }.into_any(),
            Dialog::Find => view! { <commands::Commands store hand list=List::Nodes/> }.into_any(),
            Dialog::LinkTo => view! { <commands::Commands store hand list=List::Ends/> }.into_any(),
            Dialog::Languages => view! { <commands::Commands store hand list=List::Languages/> }.into_any(),
        })
    }
}

/// The dialog element that is open.
fn shown() -> Option<web_sys::HtmlDialogElement> {
    Some(document().query_selector("dialog[open]").ok()??.unchecked_into())
}

/// Whether a dialog is open.
pub fn is_open(store: Store) -> bool {
    store.dialog.read_untracked().is_some()
}

/// Takes note of a dialog that the browser has closed on Esc: it tells in an event of its own, and the next key may come
/// first. Returns whether there was one.
pub fn notice_closed(store: Store) -> bool {
    let closed = is_open(store) && shown().is_none();
    if closed {
        close(store);
    }
    closed
}

/// Closes the dialog; the keyboard goes back to the canvas.
pub fn close(store: Store) {
    if store.dialog.get_untracked().is_some() {
        // At once: while a modal dialog is open, nothing outside can have the keyboard.
        if let Some(open) = shown() {
            open.close();
        }
        store.dialog.set(None);
        canvas::focus_board();
    }
}

/// The browser closed this dialog: on Esc, or for another one in its place, which is the same element, open again. An
/// element that has left the page tells too late: another dialog may be open by then.
pub fn closed(store: Store, node: NodeRef<html::Dialog>) {
    if node.get_untracked().is_some_and(|dialog| !dialog.open() && dialog.is_connected()) {
        close(store);
    }
}

/// Opens a dialog element as soon as it is on the page.
pub fn show(store: Store, node: NodeRef<html::Dialog>) {
    Effect::new(move |_| {
        if let Some(dialog) = node.get()
            && !dialog.open()
            && dialog.show_modal().is_err()
        {
            store.dialog.set(None);
        }
    });
}

/// The frame of a dialog: heading and close button; a click beside it closes it.
#[component]
fn Frame(store: Store, title: &'static str, #[prop(optional)] wide: bool, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    show(store, node);
    let outside = move |e: leptos::ev::MouseEvent| {
        let on_itself = node.get_untracked().is_some_and(|d| e.target().as_ref() == Some(d.as_ref()));
        if on_itself {
            close(store);
        }
    };
    view! {
        <dialog node_ref=node class:wide=wide aria-labelledby="dialog-title" on:close=move |_| closed(store, node) on:click=outside>
            <header>
                <h2 id="dialog-title">{title}</h2>
                <button class="flat" aria-label=tr("Close") on:click=move |_| close(store)><Icon path="M7 7l10 10M17 7 7 17" small=true/></button>
            </header>
            <div class="body">{children()}</div>
        </dialog>
    }
}

/// What the page is, and every key.
#[component]
fn Help(store: Store) -> impl IntoView {
    const GROUPS: [Group; 6] = [Group::Run, Group::Break, Group::Edit, Group::Select, Group::View, Group::Document];
    let mac = crate::is_mac();
    let single = move |_| {
        store.single_keys.update(|s| *s = !*s);
        shelf::set_setting("single_keys", if store.single_keys.get_untracked() { "on" } else { "off" });
    };
    let group = move |group: Group| {
        let rows = ACTIONS.iter().filter(|a| a.group == group && !a.keys.is_empty()).map(|a| {
            let keys = a.keys.iter().map(|k| view! { <kbd>{k.label(mac)}</kbd> }).collect_view();
            view! { <li><span>{tr(a.label)}</span><span>{keys}</span></li> }
        });
        view! { <h3>{tr(group.label())}</h3><ul class="keys">{rows.collect_view()}</ul> }
    };
    view! {
        <p class="note">{tr("Drag components onto the canvas and draw links from a card's edge. Press play: every dot is a request that was really simulated. Break something, watch what happens, and share the link: it replays the very same run.")}</p>
        <p class="note">{tr("With the mouse: the wheel moves the canvas, Ctrl + wheel zooms, dragging the empty canvas selects, Space + drag or the middle button moves the canvas, Alt + drag copies, the right button opens a menu. By touch: two fingers move and zoom, a long press opens the menu.")}</p>
        <p class="note">{tr("The engine is held to queueing theory and to the behaviour of real software:")}" "<a href="./validation.html" target="_blank">{tr("what was checked, with every number")}</a>"."</p>
        <div class="field"><label for="single-keys">{tr("Shortcuts of a single key (while the canvas has the focus)")}</label>
            <div class="end"><button class="switch" id="single-keys" role="switch" aria-label=tr("Shortcuts of a single key")
                aria-checked=move || store.single_keys.get().to_string() on:click=single></button></div></div>
        {GROUPS.map(group).into_iter().collect_view()}
    }
}
