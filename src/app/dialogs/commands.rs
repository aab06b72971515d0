//! The command palette and the search for a node: a text, a list, arrows and Enter.

use crate::act::act;
use crate::canvas::{self, hand::Hand};
use crate::icons::Icon;
use crate::store::{Store, memo};
use leptos::html;
use leptos::prelude::*;
use loadstone::editor::actions::{ACTIONS, Act};
use loadstone::editor::{Command, Place, PresetId, walk};
use loadstone::order;

/// What a line of the list does.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Act(Act),
    Add(PresetId),
    Go,
}

/// A line of the list.
#[derive(Clone, PartialEq)]
struct Choice {
    what: What,
    /// The node to go to.
    id: String,
    label: String,
    icon: &'static str,
    keys: String,
    enabled: bool,
}

/// The palette; with `find` only nodes.
#[component]
pub fn Commands(store: Store, hand: Hand, find: bool) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    super::show(store, node);
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0usize);
    let choices = memo(move || choices(store, &text.get(), find));
    let choose = move |i: usize| {
        let Some(choice) = choices.with_untracked(|c| c.get(i).cloned()).filter(|c| c.enabled) else { return };
        super::close(store);
        match choice.what {
            What::Act(wanted) => act(store, hand, wanted),
            What::Add(preset) => {
                let middle = store.camera.get_untracked().middle(store.screen.get_untracked());
                store.apply(Command::AddNode { preset, place: Place::Near(middle) });
            }
            What::Go => canvas::go_to(store, &choice.id),
        }
    };
    let key = move |e: leptos::ev::KeyboardEvent| {
        let last = choices.read_untracked().len().saturating_sub(1);
        match e.key().as_str() {
            "ArrowDown" => at.update(|i| *i = if *i >= last { 0 } else { *i + 1 }),
            "ArrowUp" => at.update(|i| *i = if *i == 0 { last } else { *i - 1 }),
            "Enter" => choose(at.get_untracked()),
            _ => return,
        }
        e.prevent_default();
        if let Some(row) = document().get_element_by_id(&format!("choice-{}", at.get_untracked())) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    };
    let name = if find { "Find a node" } else { "All commands" };
    let outside = move |e: leptos::ev::MouseEvent| {
        if node.get_untracked().is_some_and(|d| e.target().as_ref() == Some(d.as_ref())) {
            super::close(store);
        }
    };
    view! {
        <dialog node_ref=node class="commands high" aria-label=name on:close=move |_| super::close(store) on:click=outside>
            <input node_ref=input role="combobox" aria-label=name aria-expanded="true" aria-controls="choices" aria-autocomplete="list"
                aria-activedescendant=move || format!("choice-{}", at.get())
                placeholder=if find { "Find a node…" } else { "What would you like to do?" } autocomplete="off"
                on:input=move |e| { text.set(event_target_value(&e)); at.set(0) } on:keydown=key/>
            <ul role="listbox" id="choices" aria-label=name>
                {move || choices.get().into_iter().enumerate().map(|(i, c)| view! {
                    <li role="option" id=format!("choice-{i}") aria-selected=move || (at.get() == i).to_string() aria-disabled=(!c.enabled).to_string()
                        on:click=move |_| choose(i) on:pointermove=move |_| if at.get_untracked() != i { at.set(i) }>
                        <Icon path=c.icon/><span>{c.label}</span>{(!c.keys.is_empty()).then(|| view! { <kbd>{c.keys}</kbd> })}
                    </li>
                }).collect_view()}
            </ul>
            <Show when=move || choices.read().is_empty()><p class="quiet">"Nothing fits."</p></Show>
        </dialog>
    }
}

fn choices(store: Store, text: &str, find: bool) -> Vec<Choice> {
    let wanted = text.trim().to_lowercase();
    let mac = crate::is_mac();
    let mut all = Vec::new();
    if !find {
        all.extend(store.situation(|s| {
            let fits = |label: &str| label.to_lowercase().contains(&wanted);
            ACTIONS
                .iter()
                .filter(|a| a.act != Act::OpenPalette && a.act != Act::Cancel && fits(a.label))
                .map(|a| Choice {
                    what: What::Act(a.act),
                    id: String::new(),
                    label: a.label.to_owned(),
                    icon: a.icon,
                    keys: a.keys.first().map(|k| k.label(mac)).unwrap_or_default(),
                    enabled: (a.enabled)(s),
                })
                .collect::<Vec<_>>()
        }));
        // What can be done comes first.
        order::sort_by_key(&mut all, |c| !c.enabled);
        all.extend(PresetId::all().into_iter().filter_map(|preset| {
            let label = format!("Add: {}", preset.preset().label);
            label.to_lowercase().contains(&wanted).then(|| Choice {
                what: What::Add(preset),
                id: String::new(),
                label,
                icon: preset.spec().icon,
                keys: String::new(),
                enabled: true,
            })
        }));
    }
    if find || !wanted.is_empty() {
        let scene = store.scene.get_untracked();
        let design = store.editor.with_untracked(|e| e.shown(store.edit_time()).design);
        all.extend(walk::find(&design, &wanted).into_iter().take(100).filter_map(|id| {
            let card = scene.cards.iter().find(|c| c.id == id)?;
            let label = if find { card.name.clone() } else { format!("Go to {}", card.name) };
            Some(Choice { what: What::Go, icon: card.icon, keys: String::new(), enabled: true, label, id })
        }));
    }
    all
}
