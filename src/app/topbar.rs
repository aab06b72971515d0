//! The bar at the top: name and documents, undo and redo, examples, share, help, theme.

use crate::canvas::hand::Hand;
use crate::icons::Icon;
use crate::later::act;
use crate::mode::Mode;
use crate::store::{Menu, Store, memo};
use leptos::prelude::*;
use loadstone::editor::actions::{self, Act, Action};
use loadstone::texts::{fill, tr};
use wasm_bindgen::prelude::*;
use web_sys::Element;

/// The bar.
#[component]
pub fn Topbar(store: Store, hand: Hand) -> impl IntoView {
    let name = memo(move || store.editor.read().document().name.clone());
    let documents = move |event: leptos::ev::MouseEvent| {
        let target = event.current_target().and_then(|t| t.dyn_into::<Element>().ok());
        if let Some(rect) = target.map(|t| t.get_bounding_client_rect()) {
            let open = matches!(*store.menu.read_untracked(), Some(Menu::Documents(_)));
            store.menu.set((!open).then_some(Menu::Documents([rect.left(), rect.bottom() + 4.0])));
        }
    };
    let open = move || matches!(*store.menu.read(), Some(Menu::Documents(_)));
    view! {
        <header class="topbar">
            <h1 class="brand"><Icon path="M3 20 12 4l9 16z"/><span>{tr("Loadstone")}</span></h1>
            <button class="flat docname edits" aria-haspopup="menu" aria-expanded=move || open().to_string()
                aria-label=move || fill("Document: {name}", &[&name.get()]) data-testid="document-menu" on:click=documents>
                <span>{move || name.get()}</span>" ▾"
            </button>
            <IconButton store hand action=&actions::UNDO testid="undo"/>
            <IconButton store hand action=&actions::REDO testid="redo"/>
            {(store.mode == Mode::View).then(|| view! { <span class="docname">{move || name.get()}</span> })}
            <span class="gap"></span>
            {move || store.later.get().filter(|_| store.mode == Mode::View).map(|later| (later.opener)(store))}
            <button class="flat roomy edits" data-testid="examples" on:click=move |_| act(store, hand, Act::Examples)>{tr("Gallery")}</button>
            <button class="flat roomy edits" data-testid="course" on:click=move |_| act(store, hand, Act::Course)>{tr("Course")}</button>
            <button class="flat roomy" data-testid="outline" aria-pressed=move || store.outline.get().to_string()
                on:click=move |_| act(store, hand, Act::ToggleOutline)>{tr("Outline")}</button>
            <button class="button primary" data-testid="share" on:click=move |_| act(store, hand, Act::Share)>{tr("Share")}<span class="roomy">" "{tr("link")}</span></button>
            <span class="roomy"><IconButton store hand action=&actions::PALETTE testid="commands"/></span>
            <IconButton store hand action=&actions::HELP testid="help"/>
            <IconButton store hand action=&actions::THEME testid="theme"/>
        </header>
    }
}

/// A button for an action, with its icon and its keys.
#[component]
fn IconButton(store: Store, hand: Hand, action: &'static Action, testid: &'static str) -> impl IntoView {
    let keys = action.keys.first().map(|k| k.label(crate::is_mac()));
    let label = tr(action.label);
    let title = keys.map_or(label.to_owned(), |k| format!("{label} ({k})"));
    view! {
        <button class="flat" class:edits=matches!(action.act, Act::Undo | Act::Redo) aria-label=label title=title data-testid=testid
            disabled=move || !store.situation(|s| action.enabled(s))
            on:click=move |_| act(store, hand, action.act)>
            <Icon path=action.icon small=true/>
        </button>
    }
}
