//! The command palette, the search for a node, and the choice of a link's end: a text, a list, arrows and Enter.

use crate::act::act;
use crate::canvas::{self, hand::Hand};
use crate::icons::Icon;
use crate::language;
use crate::palette;
use crate::store::{Store, memo};
use leptos::html;
use leptos::prelude::*;
use loadstone::editor::actions::{ACTIONS, Act, Action, of};
use loadstone::editor::{Command, Item, Place, PresetId, walk};
use loadstone::order;
use loadstone::texts::{fill, tr};

/// What is on the list.
#[derive(Clone, Copy, PartialEq)]
pub enum List {
    /// Everything that can be done.
    All,
    /// Nodes to go to.
    Nodes,
    /// Nodes that the selected one can be linked to.
    Ends,
    /// Languages that the page speaks.
    Languages,
}

/// What a line of the list does.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Act(Act),
    Add(PresetId),
    Go,
    Link,
    Speak,
}

/// A line of the list.
#[derive(Clone, PartialEq)]
struct Choice {
    what: What,
    /// The node to go to, or to link to; the language to speak.
    id: String,
    label: String,
    icon: &'static str,
    keys: String,
    /// Why it cannot be done now.
    why_not: Option<&'static str>,
}

/// The list, as a dialog.
#[component]
pub fn Commands(store: Store, hand: Hand, list: List) -> impl IntoView {
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
    let choices = memo(move || choices(store, &text.get(), list));
    let choose = move |i: usize| {
        let Some(choice) = choices.with_untracked(|c| c.get(i).cloned()).filter(|c| c.why_not.is_none()) else {
            return;
        };
        super::close(store);
        match choice.what {
            What::Act(wanted) => act(store, hand, wanted),
            What::Add(preset) => {
                let middle = store.camera.get_untracked().middle(store.screen.get_untracked());
                palette::add(store, preset, Place::Near(middle));
            }
            What::Go => canvas::go_to(store, &choice.id),
            What::Speak => language::choose(store, &choice.id),
            What::Link => {
                if let Some(from) = selected(store) {
                    store.apply(Command::Link { from: from.clone(), to: choice.id });
                    canvas::go_to(store, &from);
                }
            }
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
    let (name, prompt, none) = match list {
        List::All => ("All commands", "What would you like to do?", "Nothing fits."),
        List::Nodes => ("Find a node", "Find a node…", "Nothing fits."),
        List::Ends => ("Link to", "Link to…", "Nothing on the canvas can be linked from here."),
        List::Languages => ("Language", "Language…", "Nothing fits."),
    };
    let (name, prompt, none) = (tr(name), tr(prompt), tr(none));
    let outside = move |e: leptos::ev::MouseEvent| {
        if node.get_untracked().is_some_and(|d| e.target().as_ref() == Some(d.as_ref())) {
            super::close(store);
        }
    };
    view! {
        <dialog node_ref=node class="commands high" aria-label=name on:close=move |_| super::closed(store, node) on:click=outside>
            <input node_ref=input role="combobox" aria-label=name aria-expanded="true" aria-controls="choices" aria-autocomplete="list"
                aria-activedescendant=move || format!("choice-{}", at.get())
                placeholder=prompt autocomplete="off"
                on:input=move |e| { text.set(event_target_value(&e)); at.set(0) } on:keydown=key/>
            <ul role="listbox" id="choices" aria-label=name>
                {move || choices.get().into_iter().enumerate().map(|(i, c)| view! {
                    <li role="option" id=format!("choice-{i}") aria-selected=move || (at.get() == i).to_string() aria-disabled=c.why_not.is_some().to_string()
                        on:click=move |_| choose(i) on:pointermove=move |_| if at.get_untracked() != i { at.set(i) }>
                        <Icon path=c.icon/><span>{c.label}{c.why_not.map(|why| view! { <small>{why}</small> })}</span>{(!c.keys.is_empty()).then(|| view! { <kbd>{c.keys}</kbd> })}
                    </li>
                }).collect_view()}
            </ul>
            <Show when=move || choices.read().is_empty()><p class="quiet">{none}</p></Show>
        </dialog>
    }
}

/// The node that is selected, if it is one.
fn selected(store: Store) -> Option<String> {
    store.editor.with_untracked(|e| match e.only_selected() {
        Some(Item::Node(id)) => Some(id.clone()),
        _ => None,
    })
}

fn choices(store: Store, text: &str, list: List) -> Vec<Choice> {
    let wanted = text.trim().to_lowercase();
    let mac = crate::is_mac();
    let mut all = Vec::new();
    if list == List::All {
        all.extend(store.situation(|s| {
            // Whoever knows the English name finds it by that, too.
            let fits = |a: &&Action| [tr(a.label), a.label].iter().any(|l| l.to_lowercase().contains(&wanted));
            ACTIONS
                .iter()
                .filter(|a| a.act != Act::OpenPalette && a.act != Act::Cancel && fits(a))
                .map(|a| Choice {
                    what: What::Act(a.act),
                    id: String::new(),
                    label: tr(a.label).to_owned(),
                    icon: a.icon,
                    keys: a.keys.first().map(|k| k.label(mac)).unwrap_or_default(),
                    why_not: a.why_not(s).map(tr),
                })
                .collect::<Vec<_>>()
        }));
        // What can be done comes first.
        order::sort_by_key(&mut all, |c| c.why_not.is_some());
        all.extend(PresetId::all().into_iter().filter_map(|preset| {
            let label = fill("Add: {what}", &[&tr(preset.preset().label)]);
            label.to_lowercase().contains(&wanted).then(|| Choice {
                what: What::Add(preset),
                id: String::new(),
                label,
                icon: preset.spec().icon,
                keys: String::new(),
                why_not: None,
            })
        }));
    }
    if matches!(list, List::All | List::Languages) {
        let icon = of(Act::Language).map_or("", |a| a.icon);
        all.extend(language::others().into_iter().filter_map(|(id, name)| {
            let label = fill("Language: {name}", &[&name]);
            label.to_lowercase().contains(&wanted).then(|| Choice {
                what: What::Speak,
                id,
                label,
                icon,
                keys: String::new(),
                why_not: None,
            })
        }));
    }
    if matches!(list, List::Nodes | List::Ends) || list == List::All && !wanted.is_empty() {
        let scene = store.scene.get_untracked();
        let (from, now) = (selected(store), store.edit_time());
        let design = store.editor.with_untracked(|e| e.shown(now).design);
        let fits = |to: &str| {
            let from = from.as_deref().unwrap_or_default();
            list != List::Ends || store.editor.with_untracked(|e| e.can_link(from, to, now).is_ok())
        };
        all.extend(walk::find(&design, &wanted).into_iter().filter(|id| fits(id)).take(100).filter_map(|id| {
            let card = scene.cards.iter().find(|c| c.id == id)?;
            let label = if list == List::All { fill("Go to {who}", &[&card.name]) } else { card.name.clone() };
            let what = if list == List::Ends { What::Link } else { What::Go };
            Some(Choice { what, icon: card.icon, keys: String::new(), why_not: None, label, id })
        }));
    }
    all
}
