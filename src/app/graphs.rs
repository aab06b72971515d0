//! The large charts over the canvas: the whole run in lines that share a time axis and a cursor, and the sweep.
//!
//! What is drawn, `scene::plots` and its neighbours say; here are only hands: zooming, the cursor, legends, choices.

mod bars;
mod crew;
mod look;
mod plot;
mod promises;
mod range;
mod ruler;
mod sweep;

use crate::canvas;
use crate::documents;
use crate::host;
use crate::icons::Icon;
use crate::store::{Pane, Store};
use leptos::prelude::*;
use loadstone::texts::tr;
use loadstone::worker::ToWorker;
use look::Look;

/// The sheet with its two panes. A sweep goes on while the other pane is looked at, and ends with the sheet.
#[component]
pub fn Graphs(store: Store) -> impl IntoView {
    let going = sweep::Going::new();
    let is = move |pane: Pane| store.graphs.get() == Some(pane);
    let tab = move |which: Pane, label: &'static str, id: &'static str| {
        view! {
            <button role="tab" id=id aria-controls="graphs-pane" aria-selected=move || is(which).to_string() tabindex=move || if is(which) { "0" } else { "-1" }
                on:click=move |_| store.graphs.set(Some(which)) on:keydown=move |e: leptos::ev::KeyboardEvent| {
                    if matches!(e.key().as_str(), "ArrowLeft" | "ArrowRight") {
                        e.prevent_default();
                        let (other, id) = if which == Pane::Run { (Pane::Sweep, "tab-sweep") } else { (Pane::Run, "tab-run") };
                        store.graphs.set(Some(other));
                        canvas::focus_element(id);
                    }
                }>{label}</button>
        }
    };
    view! {
        <section class="graphs" aria-label=tr("Charts of the run") data-testid="graphs" on:keydown=move |e| {
            if e.key() == "Escape" {
                e.prevent_default();
                e.stop_propagation();
                close(store);
            }
        }>
            <header>
                <div class="tabs" role="tablist" aria-label=tr("Charts")>
                    {tab(Pane::Run, tr("Charts"), "tab-run")}
                    {tab(Pane::Sweep, tr("Sweep"), "tab-sweep")}
                </div>
                <button class="button" data-testid="export-csv" on:click=move |_| documents::download_series(store)>{tr("Save as CSV")}</button>
                <button class="flat" aria-label=tr("Close the charts") title=tr("Close (Esc)") on:click=move |_| close(store)><Icon path="M7 7l10 10M17 7 7 17" small=true/></button>
            </header>
            <div class="graphs-pane" id="graphs-pane" role="tabpanel" aria-labelledby=move || if is(Pane::Run) { "tab-run" } else { "tab-sweep" }>
                <Show when=move || is(Pane::Run)><Run store/></Show>
                <Show when=move || is(Pane::Sweep)><sweep::Sweep store going/></Show>
            </div>
        </section>
    }
}

/// Opens a pane and gives it the keyboard.
pub fn open(store: Store, pane: Pane) {
    store.graphs.set(Some(pane));
    let first = if pane == Pane::Run { "graphs-ruler" } else { "sweep-param" };
    canvas::focus_element(first);
}

/// Back to the canvas.
pub fn close(store: Store) {
    store.graphs.set(None);
    canvas::focus_board();
}

/// The run so far.
#[component]
fn Run(store: Store) -> impl IntoView {
    let look = Look::new(store);
    // Whoever answers next, also a worker that was started again, is told that somebody looks.
    Effect::new(move |_| {
        let told = store.frame.read().as_ref().is_none_or(|f| f.totals.ok == 0 || !f.histogram.is_empty());
        if !told {
            host::send(ToWorker::Watch(true));
        }
    });
    host::send(ToWorker::Watch(true));
    on_cleanup(|| host::send(ToWorker::Watch(false)));
    view! {
        <ruler::Ruler store look/>
        <promises::Promises store/>
        <div class="graphs-grid" data-testid="plots">
            <bars::Histogram store/>
            <For each=move || look.topics.get() key=|topic| *topic let:topic><plot::PlotView store look topic/></For>
        </div>
    }
}
