//! The part of the page that answers a person: editing, gestures, keys, menus, dialogs, the outline and the inspector.
//!
//! A first visit sees the example run without it, so it is a file of its own (`xtask/src/program.rs` splits the program
//! in two), which is fetched as soon as the run shows. The rest of the page reaches it only through the table [`Later`]:
//! what nothing outside names goes into the second file, with all that only it needs. What a person does before it has
//! come waits for it.

use super::canvas::{board, card, hand::Hand};
use super::mode::Mode;
use super::store::{Pane, Remedy, Store};
use super::{act, dialogs, documents, edit, embed, graphs, inspector, keys, log, menus, timeline};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
use loadstone::editor::Command;
use loadstone::editor::actions::Act;
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// The way into the second file.
#[derive(Debug)]
pub struct Later {
    /// Carries out a command; true if it was.
    pub apply: fn(Store, Command) -> bool,
    /// Does what a key, a menu or a button means.
    pub act: fn(Store, Hand, Act),
    /// What lies over the canvas when it is asked for.
    pub stage: fn(Store, Hand) -> AnyView,
    /// The dialogs.
    pub dialogs: fn(Store, Hand) -> AnyView,
    /// The inspector of what is selected.
    pub selected: fn(Store, Hand) -> AnyView,
    /// The inspector of the scenario as a whole.
    pub scenario: fn(Store) -> AnyView,
    /// The link from a page that is only looked at to one where the design can be changed.
    pub opener: fn(Store) -> AnyView,
    /// The field in which a card gets another name.
    pub rename: fn(Store, String, String) -> AnyView,
    /// Does what a message offered.
    pub remedy: fn(Store, Remedy),
    /// The entries of the timeline, on its rail.
    pub marks: fn(Store, NodeRef<Div>) -> AnyView,
    /// The lines of the log.
    pub lines: fn(Store) -> AnyView,
    /// Opens the large charts.
    pub graphs: fn(Store),
    /// Begins to listen to the canvas, the keyboard and the window.
    listen: fn(Store, Hand),
}

static LATER: Later = Later {
    apply: edit::apply,
    act: act::act,
    stage: |store, hand| view! { <menus::Stage store hand/> }.into_any(),
    dialogs: |store, hand| view! { <dialogs::Dialogs store hand/> }.into_any(),
    selected: |store, hand| view! { <inspector::selected::Selected store hand/> }.into_any(),
    scenario: |store| view! { <inspector::scenario::ScenarioPanel store/> }.into_any(),
    opener: |store| view! { <documents::Opener store/> }.into_any(),
    rename: |store, id, name| view! { <card::Rename store id name/> }.into_any(),
    remedy: documents::remedy,
    marks: |store, rail| view! { <timeline::Marks store rail/> }.into_any(),
    lines: |store| view! { <log::Lines store/> }.into_any(),
    graphs: |store| graphs::open(store, Pane::Run),
    listen: |store, hand| {
        board::listen(store, hand);
        keys::listen(store, hand);
        documents::listen(store);
        if store.mode == Mode::Embed {
            embed::listen(store);
        }
    },
};

/// The only function of the second file that the first one knows.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn load() -> Result<&'static Later, SplitLoaderError> {
    Ok(&LATER)
}
#[cfg(not(feature = "split"))]
async fn load() -> Result<&'static Later, SplitLoaderError> {
    Ok(&LATER)
}

type Wish = Box<dyn FnOnce(&'static Later)>;

thread_local! {
    static ASKED: Cell<bool> = const { Cell::new(false) };
    static WISHES: RefCell<Vec<Wish>> = RefCell::default();
}

/// The identifier of the link to the part's style sheet.
const LOOKS: &str = "later-looks";

/// Fetches it, once; if the network fails, again after a while.
pub fn fetch(store: Store, hand: Hand) {
    const AGAIN: Duration = Duration::from_secs(4);
    if ASKED.replace(true) {
        return;
    }
    dress();
    spawn_local(async move {
        match load().await {
            Ok(later) => {
                store.later.set(Some(later));
                (later.listen)(store, hand);
                for wish in WISHES.take() {
                    wish(later);
                }
            }
            Err(_) => {
                store.warn("A part of the page could not be loaded, so nothing can be changed yet. It is tried again.");
                ASKED.set(false);
                set_timeout(move || fetch(store, hand), AGAIN);
            }
        }
    });
}

/// Fetches the looks of that part. They go before those of the page, whose narrow layouts then win.
fn dress() {
    let Ok(Some(head)) = document().query_selector("head") else { return };
    if document().get_element_by_id(LOOKS).is_some() {
        return;
    }
    if let Ok(link) = document().create_element("link") {
        let build = document().document_element().and_then(|root| root.get_attribute("data-build"));
        let address = format!("./later.css{}", build.map(|b| format!("?v={b}")).unwrap_or_default());
        for (name, value) in [("id", LOOKS), ("rel", "stylesheet"), ("href", &address)] {
            let _ = link.set_attribute(name, value);
        }
        let _ = head.insert_before(&link, head.first_child().as_ref());
    }
}

/// Does this as soon as the part is there: mostly now.
pub fn with(store: Store, wish: impl FnOnce(&'static Later) + 'static) {
    match store.later.get_untracked() {
        Some(later) => wish(later),
        None => WISHES.with_borrow_mut(|wishes| wishes.push(Box::new(wish))),
    }
}

/// Does what a button means.
pub fn act(store: Store, hand: Hand, act: Act) {
    with(store, move |later| (later.act)(store, hand, act));
}
