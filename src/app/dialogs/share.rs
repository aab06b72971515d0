//! Share: the link that replays exactly this run, the file for when a link is too long, pictures, and the page inside another.

use crate::documents::{self, LONG_LINK};
use crate::mode::Mode;
use crate::store::{Store, memo};
use crate::{film, pictures, theme};
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::scene::format;
use loadstone::texts::{fill, tr};
use wasm_bindgen_futures::JsFuture;

/// The dialog's inside.
#[component]
pub fn Share(store: Store) -> impl IntoView {
    let link = memo(move || documents::link(store, Mode::Edit));
    let view = memo(move || documents::link(store, Mode::View));
    let frame = memo(move || documents::frame(store, Mode::Embed));
    let lesson = memo(move || documents::frame(store, Mode::Edit));
    let has_lesson = move || store.editor.with(|e| !e.document().lesson.is_empty());
    let long = move || link.read().len() > LONG_LINK;
    view! {
        <p class="note">{tr("The link holds everything: the design, the seed, and every fault and edit with its time. Whoever opens it sees the same run. Nothing is sent to a server.")}</p>
        <Copyable store label=tr("Share link") what="link" value=link/>
        <p class="note" data-testid="link-length">{move || fill("{n} characters", &[&format::count(link.read().len() as u64)])}</p>
        <Show when=long>
            <p class="warned" data-testid="long-link">{tr("Some programs cut links this long: Outlook and Teams at about 2,000 characters, SMS much earlier. Send the file instead.")}</p>
        </Show>
        <div class="actions">
            <button class="button" data-testid="download" on:click=move |_| documents::download(store)>{tr("Save as a file")}</button>
            <button class="button" data-testid="open-file-button" on:click=move |_| documents::choose_file()>{tr("Open a file")}</button>
        </div>
        <p class="note">{tr("A file can also be dropped anywhere on the page.")}</p>
        <PictureOf store/>
        <details>
            <summary>{tr("To look at only, or inside another page")}</summary>
            <div class="more">
                <p class="note">{tr("This link shows the run, its numbers and its reasons; nothing can be changed there.")}</p>
                <Copyable store label=tr("View-only link") what="view" value=view/>
                <p class="note">{tr("This puts the canvas and its clock into a page of yours. It keeps nothing in the reader's browser.")}</p>
                <Copyable store label=tr("Code for a page") what="frame" value=frame/>
                <Show when=has_lesson>
                    <p class="note">{tr("The canvas alone has no lesson. This puts the whole page there, with the lesson; it works on documents of its own in the reader's browser.")}</p>
                    <Copyable store label=tr("Code for a page, with the lesson") what="lesson" value=lesson/>
                </Show>
            </div>
        </details>
    }
}

/// A text to copy, selected when somebody goes there.
#[component]
fn Copyable(store: Store, label: &'static str, what: &'static str, value: Memo<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let field = NodeRef::<Input>::new();
    let copy = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
        let promise = window().navigator().clipboard().write_text(&value.get_untracked());
        leptos::task::spawn_local(async move {
            if JsFuture::from(promise).await.is_ok() {
                copied.set(true);
                store.say(fill("{what} copied", &[&label]));
                set_timeout(
                    move || {
                        copied.try_set(false);
                    },
                    std::time::Duration::from_secs(3),
                );
            } else {
                store.say(fill("{what} is selected: copy it with the keyboard", &[&label]));
            }
        });
    };
    // The first is what most people come for.
    let class = if what == "link" { "button primary" } else { "button" };
    view! {
        <div class="linkbox">
            <input node_ref=field readonly aria-label=label data-testid=format!("share-{what}") prop:value=move || value.get()
                on:focus=move |_| if let Some(field) = field.get_untracked() { field.select() }/>
            <button class=class data-testid=format!("copy-{what}") aria-label=fill("Copy: {what}", &[&label]) on:click=copy>
                {move || tr(if copied.get() { "Copied ✓" } else { "Copy" })}
            </button>
        </div>
    }
}

/// The canvas as a picture, light or dark, or as a film.
#[component]
fn PictureOf(store: Store) -> impl IntoView {
    const KINDS: [(&str, &str); 3] = [("png2", "PNG, sharp"), ("png1", "PNG, small"), ("svg", "SVG")];
    let kind = RwSignal::new("png2".to_owned());
    let dark = RwSignal::new(theme::is_dark());
    let save = move |_| match kind.get_untracked().as_str() {
        "svg" => pictures::save_svg(store, dark.get_untracked()),
        "png1" => pictures::save_png(store, 1.0, dark.get_untracked()),
        _ => pictures::save_png(store, pictures::SHARP, dark.get_untracked()),
    };
    let record = move |_| {
        super::close(store);
        film::toggle(store);
    };
    let bare = move || store.scene.read().cards.is_empty();
    view! {
        <h3>{tr("As a picture")}</h3>
        <div class="actions pictures">
            <select aria-label=tr("Kind of picture") data-testid="picture-kind" on:change=move |e| kind.set(event_target_value(&e))>
                {KINDS.map(|(id, label)| view! { <option value=id>{tr(label)}</option> }).into_iter().collect_view()}
            </select>
            <select aria-label=tr("Colours") data-testid="picture-theme" prop:value=move || if dark.get() { "dark" } else { "light" }
                on:change=move |e| dark.set(event_target_value(&e) == "dark")>
                <option value="light">{tr("Light")}</option><option value="dark">{tr("Dark")}</option>
            </select>
            <button class="button" data-testid="save-picture" disabled=bare on:click=save>{tr("Save the picture")}</button>
            <button class="button" data-testid="record" disabled=bare on:click=record>{tr("Record a film")}</button>
        </div>
        <p class="note">{tr("PNG and SVG carry the design: dropped on this page, they open again.")}</p>
    }
}
