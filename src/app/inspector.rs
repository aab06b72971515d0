//! The panel on the right: the selected node's or link's settings and live numbers, or the scenario's.
//!
//! What is shown comes from `scene::inspector`; a field that is being typed into keeps what was typed.

mod cost;
mod drill;
mod fields;
mod measured;
pub mod scenario;
pub mod selected;
mod tabs;
mod why;

use crate::canvas::hand::Hand;
use crate::icons::Icon;
use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::texts::tr;

/// The panel.
#[component]
pub fn InspectorPanel(store: Store, hand: Hand) -> impl IntoView {
    let any = memo(move || !store.editor.read().selection().is_empty());
    view! {
        <aside class="inspector" aria-label=tr("Inspector") id="inspector">
            {move || if any.get() {
                store.later.get().map(|later| (later.selected)(store, hand)).into_any()
            } else {
                // Its heading holds the place until the rest is there.
                view! {
                    <header><Icon path="M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"/><h2>{tr("Scenario")}</h2></header>
                    {store.later.get().map(|later| (later.scenario)(store))}
                }
                .into_any()
            }}
        </aside>
    }
}
