//! Estimates over the whole run with their intervals, beside theory; the worker is asked for them while they are shown.

use crate::host;
use crate::store::{Store, memo, wall_ms};
use leptos::prelude::*;
use loadstone::scene::measured::{Reading, Readings, readings};
use loadstone::texts::{fill, tr};
use loadstone::worker::ToWorker;
use std::cell::Cell;

/// The worker is asked at most this often, in ms.
const CALM_MS: f64 = 1000.0;

/// Of a node, or of all users' requests.
#[component]
pub fn MeasuredPane(store: Store, node: Option<String>) -> impl IntoView {
    let node = StoredValue::new(node);
    let asked = Cell::new(f64::NEG_INFINITY);
    Effect::new(move |_| {
        let begun = store.frame.read().as_ref().is_some_and(|f| f.now > 0);
        if begun && (wall_ms() - asked.get() >= CALM_MS || !store.is_busy()) {
            asked.set(wall_ms());
            host::send(ToWorker::Measure(node.get_value()));
        }
    });
    let found = memo(move || {
        let measured = store.measured.get().filter(|m| node.with_value(|node| *node == m.node));
        measured.map(|m| store.editor.with_untracked(|e| readings(e.document(), &m))).unwrap_or_default()
    });
    view! {
        <Show when=move || !found.read().rows.is_empty()>
            <Table found/>
            <Theory found/>
        </Show>
    }
}

#[component]
fn Table(found: Memo<Readings>) -> impl IntoView {
    let predicted = memo(move || found.read().rows.iter().any(|r| !r.theory.is_empty()));
    let row = move |r: Reading| {
        view! {
            <tr><th scope="row">{tr(r.label)}</th>
                <td><a class="vouched" href=format!("./validation.html#{}", r.anchor) target="_blank" title=tr("How this figure is checked")>{r.value}</a></td>
                <td>{r.within}</td>{predicted.get().then(|| view! { <td>{r.theory}</td> })}</tr>
        }
    };
    view! {
        <h3>{tr("Over the whole run")}</h3>
        <table class="small" data-testid="measured">
            <thead><tr><th scope="col"><span class="unseen">{tr("Figure")}</span></th><th scope="col">{tr("Measured")}</th><th scope="col">"95 %"</th>
                {move || predicted.get().then(|| view! { <th scope="col">{tr("Theory")}</th> })}</tr></thead>
            <tbody>{move || found.get().rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Theory(found: Memo<Readings>) -> impl IntoView {
    let title = memo(move || found.read().theory.as_ref().map(|t| t.title.clone()));
    let words = move || found.read().theory.as_ref().map(|t| t.words.clone());
    move || {
        title.get().map(|title| {
            view! { <details data-testid="theory"><summary>{fill("Theory: {title}", &[&title])}</summary><p class="note" lang="en">{words}</p></details> }
        })
    }
}
