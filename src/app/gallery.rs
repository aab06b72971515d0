//! The gallery: pictures of scenarios that run, found by words and by tags.

use super::edit::open;
use super::language::EnglishOnly;
use super::store::Store;
use super::{dialogs, shelf, theme};
use leptos::prelude::*;
use loadstone::editor::Editor;
use loadstone::gallery::{Item, items, tags};
use loadstone::scene::Stage;
use loadstone::scene::picture::{picture, svg};
use loadstone::texts::{fill, tr};

/// Opens a scenario of the gallery as a document of its own; false if there is none of this name.
pub fn open_item(store: Store, slug: &str) -> bool {
    let Some(item) = items().iter().find(|item| item.slug == slug) else { return false };
    open(store, item.scenario.clone(), shelf::new_id(), !store.still.get_untracked());
    store.try_this.set(Some(&item.try_this));
    true
}

/// What the canvas shows of it before it runs.
fn thumbnail(item: &Item, dark: bool) -> String {
    let editor = Editor::new(item.scenario.clone());
    svg(&picture(&Stage::new(&editor, 0).scene(&editor, None)), "", None, dark)
}

/// All of it, with a field to search and tags to choose from.
#[component]
pub fn Gallery(store: Store) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let tag = RwSignal::new(None::<&'static str>);
    let dark = theme::is_dark();
    let fits = move |item: &Item| {
        item.matches(&words.read()) && tag.get().is_none_or(|tag| item.tags.iter().any(|t| t == tag))
    };
    let count = move || match items().iter().filter(|item| fits(item)).count() {
        0 => tr("Nothing fits. Try fewer words, or another tag.").to_owned(),
        1 => tr("1 scenario").to_owned(),
        n => fill("{n} scenarios", &[&n]),
    };
    let card = move |item: &'static Item| {
        let go = move |_| {
            dialogs::close(store);
            open_item(store, &item.slug);
        };
        view! {
            <li hidden=move || !fits(item)>
                <button data-testid=format!("example-{}", item.slug) on:click=go>
                    <span class="thumb" aria-hidden="true" inner_html=thumbnail(item, dark)></span>
                    <b lang="en">{item.scenario.name.clone()}</b>
                    <span lang="en">{item.try_this.clone()}</span>
                </button>
            </li>
        }
    };
    let chip = move |name: &'static str| {
        let pressed = move || (tag.get() == Some(name)).to_string();
        let press = move |_| tag.update(|tag| *tag = if *tag == Some(name) { None } else { Some(name) });
        view! { <button lang="en" aria-pressed=pressed on:click=press>{name}</button> }
    };
    view! {
        <input type="search" class="seek" autofocus aria-label=tr("Search the gallery") placeholder=tr("Search: failover, cache, Wikipedia…")
            prop:value=move || words.get() on:input=move |e| words.set(event_target_value(&e))/>
        <div class="chips" role="group" aria-label=tr("Tags")>{tags().into_iter().map(chip).collect_view()}</div>
        <p class="note" role="status" data-testid="gallery-count">{count}</p>
        <EnglishOnly/>
        <ul class="gallery">{items().iter().map(card).collect_view()}</ul>
        <p class="note">{tr("Each opens as a document of its own; yours stays in the menu of documents.")}</p>
    }
}
