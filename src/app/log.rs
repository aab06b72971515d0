//! What happened, in words: newest last, and in view unless the person looks further up.

use crate::store::{Store, memo};
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::metrics::frame::LogLine;
use loadstone::scene::format;
use loadstone::texts::{said, tr};

/// The log's place; its lines come with the second part of the page.
#[component]
pub fn Log(store: Store) -> impl IntoView {
    view! {
        <section class="log" aria-label=tr("Event log")>
            <header><h2>{tr("What happened")}</h2></header>
            {move || store.later.get().map(|later| (later.lines)(store))}
        </section>
    }
}

/// The lines.
#[component]
pub fn Lines(store: Store) -> impl IntoView {
    let list = NodeRef::<Div>::new();
    let pinned = StoredValue::new(true);
    Effect::new(move |_| {
        store.log.track();
        if let Some(list) = list.get().filter(|_| pinned.get_value()) {
            // After the new lines are there.
            request_animation_frame(move || list.set_scroll_top(list.scroll_height()));
        }
    });
    let scrolled = move |_| {
        if let Some(list) = list.get_untracked() {
            pinned.set_value(list.scroll_height() - list.scroll_top() - list.client_height() < 24);
        }
    };
    let first = memo(move || store.log.read().is_empty());
    view! {
        // New lines are read out by the page's own live region, which keeps to one in two seconds.
        <div class="lines" role="log" aria-live="off" aria-label=tr("Event log") tabindex="0" data-testid="log" node_ref=list on:scroll=scrolled>
            <Show when=move || first.get()>
                <p class="quiet">{tr("Nothing yet. Faults, elections and recoveries appear here.")}</p>
            </Show>
            <For each=move || store.log.get().into_iter().enumerate() key=|(i, line)| (*i, line.at, line.what.clone()) let((_, line))>
                <Line line/>
            </For>
        </div>
    }
}

#[component]
fn Line(line: LogLine) -> impl IntoView {
    let tone = match line.what.as_str() {
        "crash" | "freeze" | "cut" | "detected_down" => "bad",
        "slow" | "error" | "elected" | "copying" | "sync_off" => "warn",
        _ => "ok",
    };
    view! {
        <div class="entry" data-tone=tone data-what=line.what data-at=line.at.to_string() data-of=line.node>
            <time>{format::clock(line.at)}</time><span>{said(&line.words)}</span>
        </div>
    }
}
