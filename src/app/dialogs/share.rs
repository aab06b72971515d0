//! Share: the link that replays exactly this run, and the file for when a link is too long.

use crate::documents::{self, LONG_LINK};
use crate::store::{Store, memo};
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::scene::format;
use wasm_bindgen_futures::JsFuture;

/// The dialog's inside.
#[component]
pub fn Share(store: Store) -> impl IntoView {
    let link = memo(move || documents::link(store));
    let copied = RwSignal::new(false);
    let field = NodeRef::<Input>::new();
    let copy = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
        let promise = window().navigator().clipboard().write_text(&link.get_untracked());
        leptos::task::spawn_local(async move {
            if JsFuture::from(promise).await.is_ok() {
                copied.set(true);
                store.say("Link copied".to_owned());
                set_timeout(
                    move || {
                        copied.try_set(false);
                    },
                    std::time::Duration::from_secs(3),
                );
            } else {
                store.say("The link is selected: copy it with the keyboard".to_owned());
            }
        });
    };
    let long = move || link.read().len() > LONG_LINK;
    view! {
        <p class="note">"The link holds everything: the design, the seed, and every fault and edit with its time. Whoever opens it sees the same run. Nothing is sent to a server."</p>
        <div class="linkbox">
            <input node_ref=field readonly aria-label="Share link" data-testid="share-link" prop:value=move || link.get()
                on:focus=move |_| if let Some(field) = field.get_untracked() { field.select() }/>
            <button class="button primary" data-testid="copy-link" on:click=copy>{move || if copied.get() { "Copied ✓" } else { "Copy link" }}</button>
        </div>
        <p class="note" data-testid="link-length">{move || format!("{} characters", format::count(link.read().len() as u64))}</p>
        <Show when=long>
            <p class="warned" data-testid="long-link">"Some programs cut links this long: Outlook and Teams at about 2,000 characters, SMS much earlier. Send the file instead."</p>
        </Show>
        <div class="actions">
            <button class="button" data-testid="download" on:click=move |_| documents::download(store)>"Save as a file"</button>
            <button class="button" data-testid="open-file-button" on:click=move |_| documents::choose_file()>"Open a file"</button>
        </div>
        <p class="note">"A file can also be dropped anywhere on the page."</p>
    }
}
