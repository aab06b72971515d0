//! Branches, and A against B: A is the run on the screen, B another branch or document on the same seed and clock, in a
//! worker of its own. The charts show both, the table what differs; what is said of it, `sweep::versus` decides.

mod runs;

use crate::act;
use crate::clipboard;
use crate::documents;
use crate::icons::Icon;
use crate::shelf;
use crate::store::{Store, memo};
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::codec::{self, picture};
use loadstone::cost::Scaling;
use loadstone::editor::edit::runs_alike;
use loadstone::scenario::Scenario;
use loadstone::scene::chart::Series;
use loadstone::sweep::versus::{Side, versus};
use loadstone::texts::{fill, said, tr};
use runs::Runs;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// After a change of A the pairs are run again once this has passed without another.
const SETTLED: Duration = Duration::from_millis(400);
/// What B is chosen by.
const ELSEWHERE: &str = "elsewhere";

/// A document; equal to any that makes the same run and costs the same.
#[derive(Clone)]
struct Run(Scenario);
impl PartialEq for Run {
    fn eq(&self, other: &Run) -> bool {
        runs_alike(&self.0, &other.0) && self.0.prices == other.0.prices
    }
}

/// The panel, over the canvas.
#[component]
pub fn VersusPanel(store: Store) -> impl IntoView {
    // "branch 2", "kept 18c…", or ELSEWHERE with the document that was read.
    let choice = RwSignal::new(store.branches.with_untracked(|b| match b.others().len() {
        0 => String::new(),
        n => format!("branch {}", n - 1),
    }));
    let foreign = RwSignal::new(None::<Run>);
    let runs = Runs::new();
    let a = memo(move || Run(store.editor.read().document().clone()));
    let b = memo(move || chosen(store, &choice.read(), foreign).map(|b| against(&a.read().0, b.0)));
    Effect::new(move |_| match b.get() {
        Some(b) => runs.hold(store, &b.0),
        None => runs.end(store),
    });
    let turn = StoredValue::new(0u32);
    Effect::new(move |_| {
        let (a, Some(b)) = (a.get(), b.get()) else { return };
        turn.update_value(|n| *n += 1);
        let mine = turn.get_value();
        let settled = move || {
            if turn.try_get_value() == Some(mine) {
                runs.sample(&a.0, &b.0);
            }
        };
        set_timeout(settled, SETTLED);
    });
    Effect::new(move |_| {
        store.now.track();
        if b.with_untracked(Option::is_some) {
            runs.follow(store);
        }
    });
    on_cleanup(move || runs.end(store));
    let present = move || {
        let label = store.branches.read().label().to_owned();
        if label.is_empty() { store.editor.read().document().name.clone() } else { label }
    };
    let switch = move |_| {
        if let Some(to) = branch(&choice.get_untracked()) {
            act::switch_branch(store, to);
        }
    };
    view! {
        <section class="versus" aria-label=tr("Branches, and A against B") data-testid="versus">
            <header><h2>{tr("A against B")}</h2>
                <button class="flat" aria-label=tr("Close the comparison") on:click=move |_| act::compare(store)><Icon path="M7 7l10 10M17 7 7 17" small=true/></button>
            </header>
            <dl>
                <dt>"A"<i class="stroke"></i></dt><dd data-testid="versus-a">{present}</dd>
                <dt>"B"<i class="stroke dashed"></i></dt>
                <dd><Choose store choice/>
                    <Show when=move || branch(&choice.read()).is_some()>
                        <button class="button" data-testid="switch-branch" on:click=switch>{tr("Go over to B")}</button>
                    </Show>
                </dd>
            </dl>
            <Show when=move || *choice.read() == ELSEWHERE><Elsewhere store foreign/></Show>
            <Show when=move || store.branches.read().others().is_empty() && b.read().is_none()>
                <p class="note">{tr("Go back in the run, change something and play on: the future that was is kept here as a branch.")}</p>
            </Show>
            {move || runs.refused.get().map(|why| view! { <p class="warned">{fill("B cannot run: {why}", &[&said(&why)])}</p> })}
            <Show when=move || b.read().is_some() && runs.refused.read().is_none()><Table store runs b/></Show>
        </section>
    }
}

/// Which branch a choice means.
fn branch(choice: &str) -> Option<usize> {
    choice.strip_prefix("branch ")?.parse().ok()
}

fn chosen(store: Store, choice: &str, foreign: RwSignal<Option<Run>>) -> Option<Run> {
    if choice == ELSEWHERE {
        return foreign.get();
    }
    if let Some(id) = choice.strip_prefix("kept ") {
        return codec::read(&shelf::read(id)?).0.map(Run);
    }
    let branches = store.branches.read();
    branches.others().get(branch(choice)?).map(|b| Run(b.document.clone()))
}

/// B on A's seed, for as long, and at the same prices: what differs shall be the design.
fn against(a: &Scenario, b: Scenario) -> Run {
    Run(Scenario { seed: a.seed, run_s: a.run_s, prices: a.prices.clone(), ..b })
}

/// What B can be.
#[component]
fn Choose(store: Store, choice: RwSignal<String>) -> impl IntoView {
    let here = store.doc_id.get_untracked();
    let kept: Vec<_> = shelf::list().into_iter().filter(|k| k.id != here).take(12).collect();
    let branches = move || {
        let others = store.branches.get();
        let option = |(i, b): (usize, &loadstone::editor::branches::Branch)| {
            let value = format!("branch {i}");
            let selected = *choice.read() == value;
            view! { <option value=value selected=selected>{said(&b.label)}</option> }
        };
        others.others().iter().enumerate().map(option).collect_view()
    };
    view! {
        <select aria-label="B" data-testid="versus-b" prop:value=move || choice.get() on:change=move |e| choice.set(event_target_value(&e))>
            <option value="">{tr("Choose what to compare with")}</option>
            <optgroup label=tr("Branches of this run")>{branches}</optgroup>
            <optgroup label=tr("Other documents")>
                {kept.into_iter().map(|k| view! { <option value=format!("kept {}", k.id)>{k.name}</option> }).collect_view()}
                <option value=ELSEWHERE>{tr("From a link or a file…")}</option>
            </optgroup>
        </select>
    }
}

/// The document that a link, JSON or a picture holds.
fn document_in(given: &[u8]) -> Result<Scenario, String> {
    let text = std::str::from_utf8(given).unwrap_or_default().trim();
    let linked = text.split_once('#').filter(|_| text.starts_with("http")).map(|(_, fragment)| fragment);
    match picture::in_file(given).map(Option::unwrap_or_default).or(linked) {
        Some(fragment) => codec::link::decode(fragment).map(|(doc, _)| doc).map_err(|p| p.message),
        None => codec::read(text).0.ok_or_else(|| "it is no document of Loadstone".to_owned()),
    }
}

/// A document from a link, from pasted JSON or from a file.
#[component]
fn Elsewhere(store: Store, foreign: RwSignal<Option<Run>>) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let take = move |given: &[u8]| match document_in(given) {
        Ok(doc) => foreign.set(Some(Run(doc))),
        Err(why) => store.warn(&format!("B could not be read: {}.", why.trim_end_matches('.'))),
    };
    let file = move |_| {
        let file = input.get_untracked().and_then(|i| i.files()).and_then(|f| f.get(0));
        if let Some(file) = file {
            clipboard::read_file(store, file, move |bytes| take(&bytes));
        }
    };
    let pick = move |_| {
        if let Some(input) = input.get_untracked() {
            input.unchecked_ref::<web_sys::HtmlElement>().click();
        }
    };
    view! {
        <div class="actions">
            <input class="text" aria-label=tr("Link or JSON of B") placeholder=tr("Paste a link or JSON") data-testid="versus-link" on:change=move |e| take(event_target_value(&e).as_bytes())/>
            <button class="button" on:click=pick>{tr("Open a file")}</button>
            <input type="file" class="unseen" node_ref=input tabindex="-1" aria-label=tr("File of B") accept=documents::SCENARIOS on:change=file/>
        </div>
    }
}

/// What differs, and what can be said of it.
#[component]
fn Table(store: Store, runs: Runs, b: Memo<Option<Run>>) -> impl IntoView {
    let shown = memo(move || {
        let (frame, rival) = (store.frame.get(), runs.rival.get_value());
        let (document, series) = (store.editor.read(), store.rival.read());
        let (b, none) = (b.read(), Scaling::default());
        store.series.with_value(|of_a| {
            let a =
                frame.as_deref().map(|frame| Side { frame, document: document.document(), scaling: of_a.scaling() });
            let scaling = series.as_ref().map_or(&none, Series::scaling);
            let b = rival.as_deref().zip(b.as_ref()).map(|(frame, b)| Side { frame, document: &b.0, scaling });
            versus(a, b, &runs.pairs.read())
        })
    });
    let rows = move || {
        let row = |row: loadstone::sweep::versus::Row| {
            let tone = match row.better {
                Some(true) => "ok",
                Some(false) => "bad",
                None => "",
            };
            view! {
                <tr data-row=row.name data-certain=row.certain.to_string()><th scope="row">{tr(row.label)}</th><td>{row.a}</td><td>{row.b}</td><td data-tone=tone class:certain=row.certain>{row.difference}</td></tr>
            }
        };
        shown.get().rows.into_iter().map(row).collect_view()
    };
    view! {
        <table class="small">
            <thead>
                <tr><td></td><th scope="colgroup" colspan="2">{tr("This run, now")}</th><th scope="col">{tr("Whole runs")}</th></tr>
                <tr><td></td><th scope="col">"A"</th><th scope="col">"B"</th><th scope="col">"B − A"</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="verdict" role="status" data-testid="verdict">{move || said(&shown.get().verdict)}</p>
        <p class="note" data-testid="versus-basis">{move || said(&shown.get().basis)}</p>
    }
}
