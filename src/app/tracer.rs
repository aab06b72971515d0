//! One request followed: which, its way as a waterfall, and who answered. It is found and followed in a worker of its own,
//! in copies of the run; what is drawn, `scene::waterfall` says.

use crate::canvas;
use crate::documents;
use crate::helper::Helper;
use crate::icons::Icon;
use crate::store::Store;
use leptos::prelude::*;
use loadstone::editor::{Command, Item};
use loadstone::metrics::samples::Wanted;
use loadstone::metrics::trace::SpanKind;
use loadstone::scene::waterfall::{self, Row, Waterfall, kind_class, kind_label};
use loadstone::texts::{said, tr};
use loadstone::worker::{Errand, Followed, FromWorker, ToWorker, pack, unpack};
use std::sync::Arc;

/// What can be asked for without pointing at anything.
const EXAMPLES: [(&str, Wanted); 4] = [
    ("p99", Wanted::Quantile(0.99)),
    ("Median", Wanted::Quantile(0.5)),
    ("Slowest", Wanted::Slowest),
    ("Failed", Wanted::Failed),
];

/// What each colour of a bar stands for.
const LEGEND: [SpanKind; 7] = [
    SpanKind::Query,
    SpanKind::Connect,
    SpanKind::Network,
    SpanKind::Wait,
    SpanKind::Compute,
    SpanKind::Disk,
    SpanKind::Backoff,
];

/// Shows such a request of the run so far, or says that there is none yet.
pub fn ask(store: Store, wanted: Wanted) {
    if store.latest.with_value(|f| f.as_ref().is_none_or(|f| f.now == 0)) {
        store.tell("Nothing has run yet: press play, then ask again.");
        return;
    }
    // The same question again is a new one: the run has gone on.
    store.tracing.set(None);
    store.tracing.set(Some(wanted));
    canvas::focus_element("trace-title");
}

/// Back to the canvas.
fn close(store: Store) {
    store.tracing.set(None);
    canvas::focus_board();
}

/// The sheet.
#[component]
pub fn Tracer(store: Store) -> impl IntoView {
    let found = RwSignal::new(None::<Arc<Followed>>);
    // It ends when another is asked for, or the sheet closes, whatever it is at.
    let helper = StoredValue::new_local(None::<Helper>);
    Effect::new(move |_| {
        let Some(wanted) = store.tracing.get() else { return };
        found.set(None);
        helper.set_value(send(store, wanted, found));
    });
    let save = move |_| {
        if let Some(Ok(trace)) = found.get_untracked().as_deref() {
            store.editor.with_untracked(|e| documents::download_trace(store, trace, e.document()));
        }
    };
    let ready = move || matches!(found.read().as_deref(), Some(Ok(_)));
    let example = move |(label, wanted): (&'static str, Wanted)| {
        view! {
            <button class="button" aria-pressed=move || (store.tracing.get() == Some(wanted)).to_string()
                on:click=move |_| ask(store, wanted)>{tr(label)}</button>
        }
    };
    view! {
        <section class="graphs tracer" aria-label=tr("A request's way") data-testid="tracer" on:keydown=move |e| {
            if e.key() == "Escape" {
                e.prevent_default();
                e.stop_propagation();
                close(store);
            }
        }>
            <header>
                <h2 id="trace-title" tabindex="-1">{tr("A request’s way")}</h2>
                <div class="choices" role="group" aria-label=tr("Show the request that is")>{EXAMPLES.map(example).into_iter().collect_view()}</div>
                <span class="gap"></span>
                <button class="button" data-testid="save-trace" disabled=move || !ready() title=tr("For ui.perfetto.dev") on:click=save>{tr("Save for Perfetto")}</button>
                <button class="flat" aria-label=tr("Close") title=tr("Close (Esc)") on:click=move |_| close(store)><Icon path="M7 7l10 10M17 7 7 17" small=true/></button>
            </header>
            <div class="graphs-pane" role="status">
                {move || match found.get().as_deref() {
                    None => view! { <p class="note">{tr("Following it in a copy of the run…")}</p> }.into_any(),
                    Some(Err(why)) => view! { <p class="problem" data-testid="no-trace">{said(why)}</p> }.into_any(),
                    Some(Ok(trace)) => {
                        let picture = store.editor.with_untracked(|e| waterfall::waterfall(trace, e.document()));
                        view! { <Picture store picture/> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}

/// Sends a worker for a request's way.
fn send(store: Store, wanted: Wanted, found: RwSignal<Option<Arc<Followed>>>) -> Option<Helper> {
    let fail = move |why: &str| found.set(Some(Arc::new(Err(why.to_owned()))));
    let hear = move |message| {
        if let FromWorker::Followed(packed) = message {
            match unpack::<Followed>(&packed) {
                Some(followed) => found.set(Some(Arc::new(followed))),
                None => fail("This program cannot follow requests."),
            }
        }
    };
    let helper = Helper::fast(hear, move || fail("The simulator that follows requests could not be loaded."));
    let Some(helper) = helper else {
        fail("This browser refuses to start a second simulator.");
        return None;
    };
    // A dot may belong to a request that is still under way: its end lies ahead in the same run.
    let now = store.latest.with_value(|f| f.as_ref().map_or(0, |f| f.now));
    let until = if matches!(wanted, Wanted::This(_)) { store.end.get_untracked() } else { now };
    helper.send(ToWorker::Follow(pack(&Errand { document: store.document_text(), until, wanted })));
    Some(helper)
}

#[component]
fn Picture(store: Store, picture: Waterfall) -> impl IntoView {
    let ticks = picture.ticks.into_iter().map(|(at, words)| view! { <span style:left=percent(at)>{words}</span> });
    let used = |kind: &SpanKind| {
        let class = kind_class(*kind);
        let mut kinds = picture.rows.iter().flat_map(|r| r.parts.iter().map(|p| p.0).chain([r.kind]));
        kinds.any(|kind| kind_class(kind) == class)
    };
    let legend: Vec<SpanKind> = LEGEND.into_iter().filter(used).collect();
    let legend = legend.into_iter().map(|kind| {
        let label = tr(if kind == SpanKind::Disk { "Disk, replicas, another’s fetch" } else { kind_label(kind) });
        view! { <li><i class=format!("part {}", kind_class(kind)) aria-hidden="true"></i>{label}</li> }
    });
    let line = |line: waterfall::Line| {
        view! {
            <tr><th scope="row" style:padding-left=indent(line.depth)>{said(&line.label)}</th><td>{line.node}</td><td>{line.start}</td><td>{line.length}</td><td>{said(&line.outcome)}</td></tr>
        }
    };
    view! {
        <p class="trace-head"><b data-testid="trace-which">{said(&picture.title)}</b>
            <span class:bad=picture.failed data-testid="trace-end">{said(&picture.outcome)}</span></p>
        {picture.note.map(|note| view! { <p class="note">{said(note)}</p> })}
        <ul class="trace-legend" aria-label=tr("Colours")>{legend.collect_view()}</ul>
        <div class="waterfall" role="list" aria-label=tr("Steps, in the order in which they began") data-testid="waterfall">
            {picture.rows.into_iter().map(|row| view! { <Step store row/> }).collect_view()}
            <div class="step axis" aria-hidden="true"><span></span><div>{ticks.collect_view()}</div><span>{tr("ms")}</span></div>
        </div>
        <details><summary>{tr("Every part, in numbers")}</summary>
            <table class="small" data-testid="trace-table">
                <thead><tr><th scope="col">{tr("What")}</th><th scope="col">{tr("Where")}</th><th scope="col">{tr("From")}</th><th scope="col">{tr("Took")}</th><th scope="col">{tr("Ended")}</th></tr></thead>
                <tbody>{picture.table.into_iter().map(line).collect_view()}</tbody>
            </table>
        </details>
    }
}

/// One step: its name selects the node that it is about.
#[component]
fn Step(store: Store, row: Row) -> impl IntoView {
    let bar = |(kind, [x, w]): (SpanKind, [f64; 2])| {
        view! { <i class=format!("part {}", kind_class(kind)) style:left=percent(x) style:width=percent(w)></i> }
    };
    let bars: Vec<_> = std::iter::once((row.kind, row.bar)).chain(row.parts).collect();
    let node = row.node.clone();
    let select = move |_| {
        store.apply(Command::Select(vec![Item::Node(node.clone())]));
    };
    let bad = !row.trouble.is_empty();
    view! {
        <div class="step" role="listitem" data-node-of=row.node class:bad=bad>
            <button class="flat" style:padding-left=indent(row.depth) aria-label=said(&row.accessible) on:click=select>{said(&row.label)}</button>
            <div class="lane" aria-hidden="true">{bars.into_iter().map(bar).collect_view()}</div>
            <span aria-hidden="true">{row.length}{bad.then(|| view! { <em>{said(&row.trouble)}</em> })}</span>
        </div>
    }
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}

fn indent(depth: u8) -> String {
    format!("{}px", 8 + 14 * u32::from(depth))
}
