//! The outline: nodes and links as tables with live numbers, for those who would rather read than look; it edits too.

use crate::act::act;
use crate::canvas::{self, hand::Hand};
use crate::icons::Icon;
use crate::store::{Store, Tab, memo};
use leptos::prelude::*;
use loadstone::editor::actions::Act;
use loadstone::editor::{Command, Item};
use loadstone::scene::outline::{LinkRow, NodeRow, Outline, outline};
use loadstone::texts::{fill, tr};

/// The tables, over the canvas.
#[component]
pub fn OutlineTable(store: Store, hand: Hand) -> impl IntoView {
    let all = memo(move || {
        let frame = store.frame.get();
        store.editor.with(|e| outline(e, &store.stage.read().0, frame.as_deref()))
    });
    let nodes = memo(move || all.read().nodes.iter().map(|n| n.id.clone()).collect::<Vec<_>>());
    let links = memo(move || all.read().links.iter().map(|l| (l.from.clone(), l.to.clone())).collect::<Vec<_>>());
    view! {
        <section class="outline" aria-label=tr("Outline") data-testid="outline-table">
            <h2>{tr("Nodes")}<button class="flat" aria-label=tr("Close the outline") on:click=move |_| store.outline.set(false)><Icon path="M7 7l10 10M17 7 7 17" small=true/></button></h2>
            <div class="scroll" tabindex="0" role="group" aria-label=tr("Table of nodes")><table>
                <thead><tr><th scope="col">{tr("Name")}</th><th scope="col">{tr("Kind")}</th><th scope="col">{tr("Address")}</th><th scope="col">{tr("State")}</th><th scope="col">{tr("Arrivals")}</th>
                    <th scope="col">"p99"</th><th scope="col">{tr("Busy")}</th><th scope="col">{tr("Waiting")}</th><th scope="col">{tr("Asks")}</th><th scope="col">{tr("Actions")}</th></tr></thead>
                <tbody><For each=move || nodes.get() key=|id| id.clone() let:id><Node store hand all id/></For></tbody>
            </table></div>
            <h2>{tr("Links")}</h2>
            <div class="scroll" tabindex="0" role="group" aria-label=tr("Table of links")><table>
                <thead><tr><th scope="col">{tr("Link")}</th><th scope="col">{tr("Meaning")}</th><th scope="col">{tr("Per second")}</th><th scope="col">{tr("Failing")}</th><th scope="col">{tr("State")}</th><th scope="col">{tr("Actions")}</th></tr></thead>
                <tbody><For each=move || links.get() key=|l| l.clone() let:ends><Link store hand all ends/></For></tbody>
            </table></div>
            <NewLink store/>
        </section>
    }
}

#[component]
fn Node(store: Store, hand: Hand, all: Memo<Outline>, id: String) -> impl IntoView {
    let key = StoredValue::new(id);
    let row = memo(move || key.with_value(|id| all.read().nodes.iter().find(|n| n.id == *id).cloned()));
    let get = move |read: fn(&NodeRow) -> String| move || row.read().as_ref().map(read).unwrap_or_default();
    let select = move || store.apply(Command::Select(vec![Item::Node(key.get_value())]));
    let name = move || row.read().as_ref().map(|r| r.name.clone()).unwrap_or_default();
    view! {
        <tr class:chosen=move || row.read().as_ref().is_some_and(|r| r.selected)>
            <td><input aria-label=move || fill("Name of {who}", &[&name()]) prop:value=name
                on:change=move |e| { store.apply(Command::Rename { id: key.get_value(), name: event_target_value(&e) }); }/></td>
            <td>{get(|r| tr(r.kind).to_owned())}</td>
            <td class="mono">{get(|r| r.address.clone())}</td>
            <td data-tone=move || row.read().as_ref().map(|r| r.tone.name())>{get(|r| r.status.clone())}</td>
            <td>{get(|r| r.rate.clone())}</td><td>{get(|r| r.p99.clone())}</td><td>{get(|r| r.utilization.clone())}</td>
            <td>{get(|r| r.waiting.clone())}</td><td>{get(|r| r.asks.clone())}</td>
            <td><span class="actions">
                <button class="flat" aria-label=move || fill("Settings of {who}", &[&name()]) on:click=move |_| { select(); store.tab.set(Some(Tab::Settings)); }>{tr("Settings")}</button>
                <button class="flat" aria-label=move || fill("Crash or recover {who}", &[&name()]) on:click=move |_| { select(); act(store, hand, Act::CrashOrRecover); }>{tr("Crash/recover")}</button>
                <button class="flat" aria-label=move || fill("Delete {who}", &[&name()]) on:click=move |_| { select(); act(store, hand, Act::Delete); }>{tr("Delete")}</button>
            </span></td>
        </tr>
    }
}

#[component]
fn Link(store: Store, hand: Hand, all: Memo<Outline>, ends: (String, String)) -> impl IntoView {
    let key = StoredValue::new(ends);
    let row =
        memo(move || key.with_value(|(a, b)| all.read().links.iter().find(|l| l.from == *a && l.to == *b).cloned()));
    let get = move |read: fn(&LinkRow) -> String| move || row.read().as_ref().map(read).unwrap_or_default();
    let select = move || key.with_value(|(a, b)| store.apply(Command::Select(vec![Item::Link(a.clone(), b.clone())])));
    let name = get(|r| r.name.clone());
    view! {
        <tr class:chosen=move || row.read().as_ref().is_some_and(|r| r.selected)>
            <td>{name}</td><td>{get(|r| tr(r.meaning).to_owned())}</td><td>{get(|r| r.rate.clone())}</td><td>{get(|r| r.errors.clone())}</td>
            <td data-tone=move || row.read().as_ref().map(|r| r.tone.name())>{get(|r| r.status.clone())}</td>
            <td><span class="actions">
                <button class="flat" aria-label=move || fill("Settings of {who}", &[&name()]) on:click=move |_| { select(); store.tab.set(Some(Tab::Settings)); }>{tr("Settings")}</button>
                <button class="flat" aria-label=move || fill("Cut the link {who}", &[&name()]) on:click=move |_| { select(); act(store, hand, Act::CutLink); }>{tr("Cut the link")}</button>
                <button class="flat" aria-label=move || fill("Delete {who}", &[&name()]) on:click=move |_| { select(); act(store, hand, Act::Delete); }>{tr("Delete")}</button>
            </span></td>
        </tr>
    }
}

/// A link by choosing its ends.
#[component]
fn NewLink(store: Store) -> impl IntoView {
    let names =
        memo(move || store.scene.read().cards.iter().map(|c| (c.id.clone(), c.name.clone())).collect::<Vec<_>>());
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let picker = move |signal: RwSignal<String>, label: &'static str| {
        view! {
            <select aria-label=label prop:value=move || signal.get() on:change=move |e| signal.set(event_target_value(&e))>
                <option value="">{label}</option>
                {move || names.get().into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect_view()}
            </select>
        }
    };
    let link = move |_| {
        let (from, to) = (from.get_untracked(), to.get_untracked());
        if store.apply(Command::Link { from, to: to.clone() }) {
            canvas::reveal(store, &to);
        }
    };
    view! {
        <div class="actions new-link">
            {picker(from, tr("Link from…"))}{picker(to, tr("to…"))}
            <button class="button" disabled=move || from.read().is_empty() || to.read().is_empty() on:click=link>{tr("Add the link")}</button>
        </div>
    }
}
