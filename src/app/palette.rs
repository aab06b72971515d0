//! The palette: every kind and preset of the table, to drag, click or press Enter on.

use crate::canvas::{self, hand};
use crate::icons::Icon;
use crate::store::Store;
use leptos::prelude::*;
use loadstone::editor::place::{CARD_H, CARD_W};
use loadstone::editor::{Command, Place, PresetId};
use loadstone::texts::tr;
use wasm_bindgen::prelude::*;
use web_sys::{Element, PointerEvent};

/// Farther than this it is a drag.
const SLOP: f64 = 5.0;

/// What is being dragged out of the palette.
#[derive(Clone, Copy, PartialEq)]
struct Carried {
    preset: PresetId,
    from: [f64; 2],
    at: [f64; 2],
    moved: bool,
}

/// The palette.
#[component]
pub fn Palette(store: Store) -> impl IntoView {
    let wanted = RwSignal::new(String::new());
    let carried = RwSignal::new(None::<Carried>);
    let groups = move || {
        let text = wanted.get().trim().to_ascii_lowercase();
        let fits = |p: &PresetId| {
            let spec = p.spec();
            [tr(p.preset().label), p.preset().label, tr(spec.group), spec.label, spec.group, spec.id]
                .iter()
                .any(|t| t.to_ascii_lowercase().contains(&text))
        };
        let mut groups: Vec<(&'static str, Vec<PresetId>)> = Vec::new();
        for preset in PresetId::all().into_iter().filter(fits) {
            match groups.iter_mut().find(|g| g.0 == preset.spec().group) {
                Some(group) => group.1.push(preset),
                None => groups.push((preset.spec().group, vec![preset])),
            }
        }
        groups
    };
    view! {
        <nav class="palette" aria-label=tr("Components") id="palette">
            <div class="search">
                <input type="search" placeholder=tr("Find") aria-label=tr("Find a component")
                    prop:value=move || wanted.get() on:input=move |e| wanted.set(event_target_value(&e))/>
            </div>
            {move || groups().into_iter().map(|(group, presets)| view! {
                <h2>{tr(group)}</h2>
                <div role="list">
                    {presets.into_iter().map(|preset| view! { <div role="listitem"><Item store preset carried/></div> }).collect_view()}
                </div>
            }).collect_view()}
            <p class="hint">{tr("Drag onto the canvas, or click. Then draw links from a card's edge.")}</p>
        </nav>
        {move || carried.get().filter(|c| c.moved).map(|c| view! {
            <div class="drag-ghost" aria-hidden="true"
                style:transform=format!("translate({}px, {}px)", c.at[0] - CARD_W / 2.0, c.at[1] - CARD_H / 2.0)>
                <Icon path=c.preset.spec().icon/><span>{tr(c.preset.preset().label)}</span>
            </div>
        })}
    }
}

#[component]
fn Item(store: Store, preset: PresetId, carried: RwSignal<Option<Carried>>) -> impl IntoView {
    let point = |e: &PointerEvent| [f64::from(e.client_x()), f64::from(e.client_y())];
    let down = move |e: PointerEvent| {
        if e.button() != 0 {
            return;
        }
        if let Some(element) = e.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
            let _ = element.set_pointer_capture(e.pointer_id());
        }
        carried.set(Some(Carried { preset, from: point(&e), at: point(&e), moved: false }));
    };
    let moved = move |e: PointerEvent| {
        carried.update(|c| {
            if let Some(c) = c {
                c.at = point(&e);
                c.moved |= (c.at[0] - c.from[0]).hypot(c.at[1] - c.from[1]) > SLOP;
            }
        });
    };
    // A drag ends on the canvas or nowhere; a click comes as a click, from mouse and keyboard alike.
    let up = move |e: PointerEvent| {
        let dragged = carried.get_untracked().filter(|c| c.moved);
        if dragged.is_none() {
            carried.set(None);
            return;
        }
        let at = hand::place_of(&e);
        let [w, h] = store.screen.get_untracked();
        if (0.0..w).contains(&at[0]) && (0.0..h).contains(&at[1]) {
            let [x, y] = store.camera.get_untracked().to_world(at);
            add(store, preset, Place::At([x - CARD_W / 2.0, y - CARD_H / 2.0]));
        }
        // The click that follows the drag must not add a second one.
        set_timeout(move || carried.set(None), std::time::Duration::ZERO);
    };
    let click = move |_| {
        if carried.get_untracked().is_none_or(|c| !c.moved) {
            let middle = store.camera.get_untracked().middle(store.screen.get_untracked());
            add(store, preset, Place::Near(middle));
        }
    };
    view! {
        <button class="item" title=tr(preset.spec().help) data-testid=format!("add-{}", preset.preset().stem)
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=move |_| carried.set(None) on:click=click>
            <Icon path=preset.spec().icon/><span>{tr(preset.preset().label)}</span>
        </button>
    }
}

/// Adds it, shows it and gives it the keyboard.
pub fn add(store: Store, preset: PresetId, place: Place) {
    if store.apply(Command::AddNode { preset, place }) {
        store.sheet.set("");
        let added = store.editor.with_untracked(|e| e.selected_nodes().first().cloned());
        if let Some(id) = added {
            canvas::reveal(store, &id);
            set_timeout(move || canvas::focus(&id), std::time::Duration::ZERO);
        }
    }
}
