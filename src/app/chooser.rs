//! Which database? Sliders for a workload, five families that serve it side by side, and a verdict.

use super::edit::open;
use super::lesson::simulate;
use super::store::Store;
use super::{dialogs, shelf};
use leptos::prelude::*;
use loadstone::chooser::{ASKS, FAMILIES, Row, SEEDS, Seen, Workload, verdict};
use loadstone::component::database::costs::ratios;
use loadstone::metrics::interval::Estimate;
use loadstone::scene::format;
use loadstone::texts::{fill, tr};
use std::time::Duration;

/// The runs begin so long after the last change.
const CALM: Duration = Duration::from_millis(400);
/// The queries whose cost can be changed, by their words in files.
const QUERIES: [(&str, &str); 4] =
    [("join", "Join"), ("scan", "Range scan"), ("graph_hop", "Graph hop"), ("document", "Document")];

/// The values of a slider whose steps grow with the value.
const RATES: [f64; 11] = [10.0, 20.0, 40.0, 60.0, 100.0, 150.0, 200.0, 300.0, 500.0, 700.0, 1000.0];
const SIZES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
const WISHES: [f64; 8] = [20.0, 30.0, 50.0, 75.0, 100.0, 200.0, 500.0, 1000.0];

/// The sliders, the table and the verdict.
#[component]
pub fn Chooser(store: Store) -> impl IntoView {
    let load = RwSignal::new(Workload::default());
    let rows = RwSignal::new(Vec::<(usize, Row)>::new());
    let turn = StoredValue::new(0u64);
    let state = RwSignal::new(String::new());
    Effect::new(move |_| {
        load.track();
        let mine = turn.try_update_value(|n| {
            *n += 1;
            *n
        });
        state.set(tr("Running…").to_owned());
        set_timeout(move || measure(load, rows, state, move || turn.try_get_value() == mine), CALM);
    });
    let slider = move |label: &'static str,
                       steps: &'static [f64],
                       get: fn(&Workload) -> f64,
                       set: fn(&mut Workload, f64),
                       write: fn(f64) -> String| {
        let at = move || load.with(|w| steps.iter().position(|s| *s >= get(w)).unwrap_or(steps.len() - 1));
        let words = move || load.with(|w| write(get(w)));
        let moved = move |e| {
            let at = event_target_value(&e).parse::<usize>().unwrap_or(0).min(steps.len() - 1);
            load.update(|w| set(w, steps[at]));
        };
        view! {
            <label class="slide"><span>{label}</span>
                <input type="range" min="0" max=(steps.len() - 1).to_string() prop:value=move || at().to_string() aria-valuetext=words on:input=moved/>
                <output>{words}</output></label>
        }
    };
    let share = move |i: usize| {
        let percent = move || load.with(|w| w.shares[i] / w.shares.iter().sum::<f64>().max(1e-9));
        let words = move || format::percent((percent() * 100.0).round() / 100.0);
        let moved = move |e| {
            let value = event_target_value(&e).parse::<f64>().unwrap_or(0.0).clamp(0.0, 10.0);
            load.update(|w| w.shares[i] = value);
        };
        view! {
            <label class="slide"><span>{tr(ASKS[i].0)}</span>
                <input type="range" min="0" max="10" prop:value=move || load.with(|w| w.shares[i].to_string()) aria-valuetext=words on:input=moved
                    data-testid=format!("share-{i}")/>
                <output>{words}</output></label>
        }
    };
    let cells = move |i: usize| {
        let found = rows.with(|rows| rows.iter().find(|(of, _)| *of == i).map(|(_, row)| row.clone()));
        found.map_or_else(
            || view! { <td colspan="4">"…"</td> }.into_any(),
            |row| {
                let (serves, misses) = load.with(|w| (row.serves(w.wanted_ms), row.misses(w.wanted_ms)));
                let p99 = row.p99_ms.map_or_else(|| format::NONE.to_owned(), spread);
                view! {
                    <td class:good=serves class:bad=misses>{p99}</td>
                    <td>{format::percent(row.failed)}</td>
                    <td>{format::percent(row.utilization)}</td>
                    <td>{format::number(row.queries)}</td>
                }
                .into_any()
            },
        )
    };
    let line = move |i: usize| {
        let (word, label) = FAMILIES[i];
        let go = move |_| {
            let Some(design) = load.with_untracked(|w| w.design(word, SEEDS[0])) else { return };
            dialogs::close(store);
            open(store, design, shelf::new_id(), !store.still.get_untracked());
        };
        view! {
            <tr data-testid=format!("family-{word}")><th scope="row">{tr(label)}</th>{move || cells(i)}
                <td><button class="button" aria-label=fill("Open on the canvas: {what}", &[&tr(label)]) on:click=go>{tr("Open")}</button></td></tr>
        }
    };
    let said = move || {
        let all: Vec<Row> = rows.with(|rows| rows.iter().map(|(_, row)| row.clone()).collect());
        if all.len() < FAMILIES.len() { String::new() } else { load.with(|w| verdict(&all, w.wanted_ms)) }
    };
    view! {
        <p class="note">{tr("Say what is asked of your data. The five families serve it side by side, on machines alike (a web server, a database with 4 cores and 16 GB), with the same five seeds. The first six sliders are shares of the requests. Most costs of queries are assumptions, which you can change below.")}</p>
        <div class="slides">
            {(0..ASKS.len()).map(share).collect_view()}
            {slider(tr("Requests"), &RATES, |w| w.rate_rps, |w, v| w.rate_rps = v, |v| format!("{} /s", format::number(v)))}
            {slider(tr("Data in use"), &SIZES, |w| w.size_gb, |w, v| w.size_gb = v, |v| format!("{} GB", format::number(v)))}
            {slider(tr("99 of 100 within"), &WISHES, |w| w.wanted_ms, |w, v| w.wanted_ms = v, format::ms)}
        </div>
        <p class="verdict" role="status" data-testid="chooser-verdict">{said}</p>
        <div class="scrolls" tabindex="0" role="region" aria-label=tr("What was measured")><table class="numbers">
            <thead><tr><th scope="col">{tr("Family")}</th><th scope="col">{tr("p99, 95 % interval")}</th><th scope="col">{tr("Failed")}</th><th scope="col">{tr("Database busy")}</th><th scope="col">{tr("Queries per request")}</th><th scope="col"><span class="unseen">{tr("Open")}</span></th></tr></thead>
            <tbody>{(0..FAMILIES.len()).map(line).collect_view()}</tbody>
        </table></div>
        <p class="note" data-testid="chooser-state">{move || state.get()}</p>
        <details><summary>{tr("What a query costs in each family")}</summary>
            <p class="note">{tr("As multiples of a read of one record (4 ms of one core). Only the graph hop of the relational family is measured (Partner, Vukotic and Watt, Neo4j in Action, tables 1.3 and 1.4); that key-value and wide-column databases cannot join is what the documentation of DynamoDB and Cassandra says, and the server then reads a list and 10 rows one by one. All other numbers are assumptions for teaching: put in your own.")}</p>
            <Costs load/>
        </details>
    }
}

/// The costs, each of which can be changed.
#[component]
fn Costs(load: RwSignal<Workload>) -> impl IntoView {
    let cell = move |family: usize, query: usize| {
        let ((word, label), (ask, name)) = (FAMILIES[family], QUERIES[query]);
        let usual = ratios(word).map_or(1.0, |all| all[query]);
        let now = move || load.with(|w| w.costs.iter().find(|(f, q, _)| f == word && q == ask).map_or(usual, |c| c.2));
        let typed = move |e| {
            let value = event_target_value(&e).parse::<f64>().ok().filter(|v| (0.0..=1e6).contains(v));
            load.update(|w| {
                w.costs.retain(|(f, q, _)| f != word || q != ask);
                w.costs.extend(value.filter(|v| *v != usual).map(|v| (word.to_owned(), ask.to_owned(), v)));
            });
        };
        view! { <td><input type="number" min="0" step="any" aria-label=format!("{}, {}", tr(name), tr(label)) prop:value=move || now().to_string() on:change=typed/></td> }
    };
    view! {
        <div class="scrolls" tabindex="0" role="region" aria-label=tr("Costs")><table class="numbers">
            <thead><tr><th scope="col">{tr("Family")}</th>{QUERIES.map(|(_, name)| view! { <th scope="col">{tr(name)}</th> }).collect_view()}</tr></thead>
            <tbody>{FAMILIES.iter().enumerate().map(|(f, (_, label))| view! {
                <tr><th scope="row">{tr(label)}</th>{(0..QUERIES.len()).map(|q| cell(f, q)).collect_view()}</tr>
            }).collect_view()}</tbody>
        </table></div>
    }
}

fn spread(e: Estimate) -> String {
    match e.half {
        Some(half) => format!("{} ± {}", format::ms(e.mean), format::ms(half)),
        None => format::ms(e.mean),
    }
}

/// Makes all the runs, family by family, as long as they are wanted.
fn measure(
    load: RwSignal<Workload>,
    rows: RwSignal<Vec<(usize, Row)>>,
    state: RwSignal<String>,
    wanted: impl Fn() -> bool + Copy + 'static,
) {
    if !wanted() {
        return;
    }
    rows.set(Vec::new());
    if load.with_untracked(|w| w.shares.iter().sum::<f64>() <= 0.0) {
        return state.set(tr("Nothing is asked: move one of the first six sliders.").to_owned());
    }
    next(load.get_untracked(), rows, state, wanted, 0, Vec::new());
}

fn next(
    load: Workload,
    rows: RwSignal<Vec<(usize, Row)>>,
    state: RwSignal<String>,
    wanted: impl Fn() -> bool + Copy + 'static,
    family: usize,
    mut seen: Vec<Seen>,
) {
    let Some((word, label)) = FAMILIES.get(family).copied() else {
        let length = FAMILIES.len() * SEEDS.len();
        return state.set(fill("Measured: {n} runs of 20 s each, the same seeds for every family.", &[&length]));
    };
    state.set(fill("Running: {family}, seed {n} of {all}…", &[&tr(label), &(seen.len() + 1), &SEEDS.len()]));
    let Some(design) = load.design(word, SEEDS[seen.len()]) else { return };
    simulate(design, wanted, move |facts| {
        let one = facts.map(|facts| Seen::of(&facts));
        // A run that stops had more under way than fits: it answers nothing in time.
        seen.push(one.unwrap_or(Seen { p99_ms: None, failed: 1.0, utilization: 1.0, queries: 0.0 }));
        if seen.len() < SEEDS.len() {
            return next(load, rows, state, wanted, family, seen);
        }
        rows.update(|rows| rows.extend(Row::of(label, &seen).map(|row| (family, row))));
        next(load, rows, state, wanted, family + 1, Vec::new());
    });
}
