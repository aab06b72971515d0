//! The inspector's tabs: arrow keys go from one to the next, as the ARIA pattern has it.

use crate::store::{Store, Tab};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use loadstone::texts::tr;
use wasm_bindgen::JsCast;

/// A tab's identifier in the page.
pub fn id(tab: Tab) -> &'static str {
    match tab {
        Tab::Settings => "tab-settings",
        Tab::Live => "tab-live",
        Tab::Why => "tab-why",
    }
}

/// The row of tabs. `tab` is the one that is shown.
#[component]
pub fn Tabs(store: Store, tab: Memo<Tab>, tabs: &'static [(Tab, &'static str)]) -> impl IntoView {
    let arrow = move |e: KeyboardEvent| {
        let step = match e.key().as_str() {
            "ArrowLeft" => tabs.len() - 1,
            "ArrowRight" => 1,
            _ => return,
        };
        e.prevent_default();
        let at = tabs.iter().position(|(t, _)| *t == tab.get_untracked()).unwrap_or(0);
        let next = tabs[(at + step) % tabs.len()].0;
        store.tab.set(Some(next));
        if let Some(tab) = document().get_element_by_id(id(next)) {
            let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let one = move |(this, label): (Tab, &'static str)| {
        let chosen = move || tab.get() == this;
        view! {
            <button role="tab" id=id(this) aria-controls="pane" aria-selected=move || chosen().to_string()
                tabindex=move || if chosen() { "0" } else { "-1" } on:click=move |_| store.tab.set(Some(this))>{tr(label)}</button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=tr("Inspector") on:keydown=arrow>
            {tabs.iter().copied().map(one).collect_view()}
        </div>
    }
}
