//! Zones: a frame around what stands in one place, with a label that is taken hold of like a card.

use super::hand::{Doing, Hand};
use super::parts::Parts;
use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::editor::{Command, Item};
use loadstone::scene::Zone;
use loadstone::texts::tr;

/// Every zone's frame.
#[component]
pub fn Zones(store: Store, hand: Hand, zones: Parts<Zone>) -> impl IntoView {
    let names = memo(move || store.scene.read().zones.iter().map(|z| z.name.clone()).collect::<Vec<_>>());
    view! {
        <For each=move || names.get() key=|name| name.clone() let:name>
            {zones.follow(store, |z: &Zone| z.name == name).map(|zone| view! { <ZoneView store hand name zone/> })}
        </For>
    }
}

#[component]
fn ZoneView(store: Store, hand: Hand, name: String, zone: RwSignal<Zone>) -> impl IntoView {
    let focused = move |_| {
        // By keyboard; with the mouse the gesture decides.
        if matches!(hand.doing.get_value(), Doing::Nothing) && !zone.read_untracked().selected {
            store.apply(Command::Select(members(&zone.read_untracked())));
        }
    };
    let label = name.clone();
    view! {
        <div class="zone" data-tone=move || zone.read().tone.name() class:chosen=move || zone.read().selected
            style:transform=move || { let r = zone.read().rect; format!("translate({}px, {}px)", r.x, r.y) }
            style:width=move || format!("{}px", zone.read().rect.w) style:height=move || format!("{}px", zone.read().rect.h)>
            <div class="tab" data-zone=name role="button" tabindex="0"
                aria-label=move || zone.read().accessible.clone()
                aria-pressed=move || if zone.read().selected { "true" } else { "false" }
                title=tr("Zone: drag to move everything in it, right-click to lose it")
                on:focus=focused>
                {label}" "<span>{move || zone.read().state.clone()}</span>
            </div>
        </div>
    }
}

/// What stands in it, to select.
fn members(zone: &Zone) -> Vec<Item> {
    zone.nodes.iter().cloned().map(Item::Node).collect()
}

/// What stands in the zone of this name, to select.
pub fn inside(store: Store, name: &str) -> Vec<Item> {
    store.scene.with_untracked(|s| s.zones.iter().find(|z| z.name == name).map(members).unwrap_or_default())
}
