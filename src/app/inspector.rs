//! The panel on the right: the selected node's or link's settings and live numbers, or the scenario's.
//!
//! What is shown comes from `scene::inspector`; a field that is being typed into keeps what was typed.

mod fields;
mod scenario;
pub mod selected;

use crate::canvas::hand::Hand;
use crate::store::{Store, memo};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn InspectorPanel(store: Store, hand: Hand) -> impl IntoView {
    let any = memo(move || !store.editor.read().selection().is_empty());
    view! {
        <aside class="inspector" aria-label="Inspector" id="inspector">
            {move || if any.get() {
                store.later.get().map(|later| (later.selected)(store, hand)).into_any()
            } else {
                view! { <scenario::ScenarioPanel store/> }.into_any()
            }}
        </aside>
    }
}
