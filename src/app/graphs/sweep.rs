//! The sweep: one number of one node at many values, each with several seeds, made by further workers while the page goes
//! on. What the curve is, `loadstone::sweep` says.

use super::crew::Crew;
use super::range::Range;
use super::ruler::percent;
use crate::documents;
use crate::store::{Shared, Store, memo};
use leptos::prelude::*;
use loadstone::codec;
use loadstone::component::slo::limits;
use loadstone::order;
use loadstone::scenario::Scenario;
use loadstone::scene::format;
use loadstone::scene::plots::label;
use loadstone::sweep::picture::{Dot, Picture, estimate, picture, value};
use loadstone::sweep::{Choice, Plan, Reach, Row, Spot, choices, curve, hash, verdict};
use loadstone::texts::{fill, said, tr};
use loadstone::time::from_s;
use std::rc::Rc;
use std::sync::Arc;

/// Runs of each value, unless somebody says otherwise.
const SEEDS: u64 = 5;
/// Values, unless somebody says otherwise.
const POINTS: usize = 8;

/// What is being swept, or was.
#[derive(Clone, Copy)]
pub struct Going {
    plan: RwSignal<Option<Shared<Plan>>>,
    choice: RwSignal<Option<Choice>>,
    rows: RwSignal<Vec<Row>>,
    crew: StoredValue<Option<Rc<Crew>>, LocalStorage>,
    running: RwSignal<bool>,
}

impl Going {
    /// Nothing yet; it ends with who asks for it.
    pub fn new() -> Going {
        let going = Going {
            plan: RwSignal::new(None),
            choice: RwSignal::new(None),
            rows: RwSignal::new(Vec::new()),
            crew: StoredValue::new_local(None),
            running: RwSignal::new(false),
        };
        on_cleanup(move || {
            going.crew.try_update_value(Option::take);
        });
        going
    }

    fn stop(self) {
        self.running.set(false);
        // Its closures may be running: they are dropped by the next turn of the event loop.
        let crew = self.crew.try_update_value(Option::take).flatten();
        set_timeout(move || drop(crew), std::time::Duration::ZERO);
    }

    fn start(self, store: Store, choice: Choice, plan: Plan, base: &Scenario) {
        let scenarios = match plan.scenarios(base) {
            Ok(scenarios) => scenarios,
            Err(why) => return store.warn(&why),
        };
        let all = plan.rows();
        self.stop();
        self.rows.set(Vec::new());
        self.plan.set(Some(Shared(Arc::new(plan.clone()))));
        self.choice.set(Some(choice));
        let tell = move |told: Result<Row, String>| match told {
            Ok(row) => {
                let done = self.rows.try_update(|rows| {
                    rows.push(row);
                    rows.len()
                });
                if done == Some(all) {
                    self.stop();
                    store.say("The sweep is done".to_owned());
                }
            }
            Err(why) => {
                self.stop();
                store.warn(&why);
            }
        };
        match Crew::start(plan, scenarios, Box::new(tell)) {
            Ok(crew) => {
                self.crew.set_value(Some(crew));
                self.running.set(true);
            }
            Err(why) => store.warn(&why),
        }
    }
}

/// The pane.
#[component]
pub fn Sweep(store: Store, going: Going) -> impl IntoView {
    let spots = memo(move || {
        let plan = going.plan.get();
        plan.map(|p| curve(&p.0, &going.rows.read())).unwrap_or_default()
    });
    view! {
        <div class="sweep">
            <Form store going/>
            <Progress going/>
            <Show when=move || going.plan.read().is_some()>
                <Knees store going spots/>
                <Table store going spots/>
            </Show>
        </div>
    }
}

/// Which number, from where to where.
#[component]
fn Form(store: Store, going: Going) -> impl IntoView {
    let doc = store.editor.with_untracked(|e| e.document().clone());
    let mut all = choices(&doc);
    order::sort_by_key(&mut all, |c| !(c.param == "rate_rps" || c.param == "users"));
    let options: Vec<(String, String)> =
        all.iter().map(|c| (c.path.clone(), format!("{}: {}", label(&doc, &c.node), tr(c.label)))).collect();
    let all = StoredValue::new(all);
    let place = RwSignal::new(0usize);
    let range = RwSignal::new((0.0, 0.0));
    let (points, seeds) = (RwSignal::new(POINTS.to_string()), RwSignal::new(SEEDS.to_string()));
    let warmup = RwSignal::new("0".to_owned());
    let choice = move || all.with_value(|all| all.get(place.get()).cloned());
    let choose = move |i: usize| {
        place.set(i);
        if let Some((low, high)) = all.with_value(|all| all.get(i).map(Choice::around)) {
            range.set((low, high));
        }
    };
    choose(0);
    let reach = memo(move || {
        let place = place.get();
        all.with_value(|all| all.get(place).cloned()).map(Reach::new)
    });
    let unit = memo(move || {
        let place = place.get();
        all.with_value(|all| all.get(place).map_or("", |c| c.unit))
    });
    let run = move |_| {
        let Some(choice) = choice() else { return store.warn("There is no number to sweep in this design.") };
        let base = store.editor.with_untracked(|e| e.document().clone());
        let many = seeds.get_untracked().trim().parse().ok().filter(|n| (1..=100u64).contains(n));
        let points = points.get_untracked().trim().parse().unwrap_or(0);
        let (from, to) = range.get_untracked();
        let warmup = codec::number(warmup.get_untracked().trim()).filter(|s| (0.0..base.run_s).contains(s));
        match (choice.axis(from, to, points), many, warmup) {
            (Err(why), ..) => store.warn(&why),
            (_, None, _) => store.warn("A sweep makes from 1 to 100 runs of each value."),
            (.., None) => store.warn("The warm-up is a part of the run: a number of seconds, shorter than it."),
            (Ok(axis), Some(many), Some(warmup)) => {
                let plan = Plan {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    name: base.name.clone(),
                    document: hash(&base),
                    span: (from_s(base.run_s), from_s(warmup)),
                    seeds: (base.seed, many),
                    set: vec![axis],
                    slo: limits(&base).into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect(),
                };
                going.start(store, choice, plan, &base);
            }
        }
    };
    view! {
        <div class="sweep-form">
            <div class="field wide"><label for="sweep-param">{tr("What is swept")}</label>
                <div class="box"><select id="sweep-param" data-testid="sweep-param" on:change=move |e| {
                    let path = event_target_value(&e);
                    if let Some(i) = all.with_value(|all| all.iter().position(|c| c.path == path)) { choose(i) }
                }>{options.into_iter().map(|(path, words)| view! { <option value=path>{words}</option> }).collect_view()}</select></div></div>
            <Range reach range unit/>
            <div class="field"><label for="sweep-points">{tr("Values")}</label>
                <div class="box"><input id="sweep-points" data-testid="sweep-points" inputmode="numeric" prop:value=move || points.get() on:input=move |e| points.set(event_target_value(&e))/></div></div>
            <div class="field"><label for="sweep-seeds">{tr("Runs of each")}</label>
                <div class="box"><input id="sweep-seeds" data-testid="sweep-seeds" inputmode="numeric" prop:value=move || seeds.get() on:input=move |e| seeds.set(event_target_value(&e))/></div></div>
            <div class="field" title=tr("The start of each run that is not measured: connections are made and caches filled.")><label for="sweep-warmup">{tr("Warm-up")}</label>
                <div class="box"><input id="sweep-warmup" data-testid="sweep-warmup" inputmode="decimal" prop:value=move || warmup.get() on:input=move |e| warmup.set(event_target_value(&e))/>
                    <span class="unit">"s"</span></div></div>
            <Show when=move || going.running.get() fallback=move || view! { <button class="button primary" data-testid="sweep-start" on:click=run>{tr("Run the sweep")}</button> }>
                <button class="button" data-testid="sweep-cancel" on:click=move |_| going.stop()>{tr("Stop")}</button>
            </Show>
        </div>
    }
}

/// How far it is, and what came out.
#[component]
fn Progress(going: Going) -> impl IntoView {
    let words = move || {
        let plan = going.plan.get()?.0;
        let (done, all) = (going.rows.read().len(), plan.rows());
        if done < all {
            let state = if going.running.get() {
                "{n} of {all} runs are done"
            } else {
                "{n} of {all} runs were done, then it was stopped"
            };
            return Some(fill(state, &[&done, &all]));
        }
        going
            .choice
            .read()
            .as_ref()
            .and_then(|choice| verdict(&plan, &going.rows.read(), choice))
            .map(|words| said(&words))
    };
    let share = move || going.plan.get().map_or(0.0, |p| going.rows.read().len() as f64 / p.0.rows().max(1) as f64);
    view! {
        <p class="sweep-said" role="status" data-testid="sweep-said">{move || words().unwrap_or_else(|| tr("Each value is run with several seeds, in the background. The run on the canvas goes on.").to_owned())}</p>
        <div class="sweep-progress" aria-hidden="true"><i style:width=move || percent(share())></i></div>
    }
}

/// The document with this value, from the start of the run; undo takes it back.
fn take(store: Store, going: Going, spot: &Spot) {
    if let Some(choice) = going.choice.get_untracked() {
        documents::open_with(store, &choice, &spot.value);
    }
}

/// The curve: throughput against p99.
#[component]
fn Knees(store: Store, going: Going, spots: Memo<Vec<Spot>>) -> impl IntoView {
    let seen = memo(move || {
        let limit = store.editor.with(|e| limits(e.document()).into_iter().find(|l| l.0 == "p99_ms").map(|l| l.1));
        picture(&spots.read(), limit)
    });
    let told = RwSignal::new(String::new());
    let best = memo(move || spots.read().iter().rposition(|s| s.kept == Some(true)).filter(|_| has_promises(going)));
    let dot = move |dot: Dot| {
        let index = dot.index;
        let words = StoredValue::new(dot.words.clone());
        let open = move |_| {
            if let Some(spot) = spots.get_untracked().get(index) {
                take(store, going, spot);
            }
        };
        view! {
            <i class="whisker wide" style:left=percent(dot.wide[0]) style:width=percent(dot.wide[1] - dot.wide[0]) style:bottom=percent(dot.y)></i>
            <i class="whisker high" style:left=percent(dot.x) style:bottom=percent(dot.high[0]) style:height=percent(dot.high[1] - dot.high[0])></i>
            <button class="dot" class:kept=dot.kept class:best=move || best.get() == Some(index) style:left=percent(dot.x) style:bottom=percent(dot.y)
                aria-label=fill("{what}. Opens this run.", &[&dot.words]) title=dot.words data-testid="sweep-dot"
                on:pointerenter=move |_| told.set(words.get_value()) on:focus=move |_| told.set(words.get_value()) on:click=open></button>
        }
    };
    let path = |p: &Picture| {
        let corner = |(i, d): (usize, &Dot)| {
            format!("{}{:.1} {:.1}", if i == 0 { "M" } else { "L" }, d.x * 600.0, 240.0 - d.y * 240.0)
        };
        p.dots.iter().enumerate().map(corner).collect::<String>()
    };
    view! {
        <figure class="graph knee" data-testid="sweep-knee">
            <figcaption><b>{tr("p99 against throughput")}</b><span>{move || told.get()}</span></figcaption>
            <div class="area">
                <svg viewBox="0 0 600 240" preserveAspectRatio="none" aria-hidden="true">
                    <path class="base" d="M0 240H600M0 0V240"/><path class="line" data-style="0" d=move || path(&seen.read())/>
                </svg>
                {move || seen.read().up.iter().cloned().map(|(at, words)| view! { <span class="tick-y" style:bottom=percent(at)>{words}</span> }).collect_view()}
                {move || seen.read().limit.map(|at| view! { <i class="limit" style:bottom=percent(at)><span>{tr("objective")}</span></i> })}
                {move || seen.read().dots.iter().cloned().map(dot).collect_view()}
            </div>
            <div class="ends ticks">{move || seen.read().across.iter().cloned().map(|(at, words)| view! { <span style:left=percent(at)>{words}</span> }).collect_view()}</div>
            <p class="quiet">{tr("Answered requests per second across, 99th percentile upwards, with 95 % intervals over the seeds. A filled dot keeps every objective. A click opens that run.")}</p>
        </figure>
    }
}

fn has_promises(going: Going) -> bool {
    going.plan.read().as_ref().is_some_and(|p| !p.0.slo.is_empty())
}

/// The same as a table.
#[component]
fn Table(store: Store, going: Going, spots: Memo<Vec<Spot>>) -> impl IntoView {
    let head = move || going.choice.read().as_ref().map(|c| tr(c.label)).unwrap_or_default();
    let row = move |(index, spot): (usize, Spot)| {
        let busiest = spot.bottleneck.clone().map(|(node, busy)| {
            let name = store.editor.with_untracked(|e| label(e.document(), &node));
            format!("{name} {}", format::percent(busy))
        });
        let kept = match spot.kept.filter(|_| has_promises(going)) {
            Some(true) => tr("yes"),
            Some(false) => tr("no"),
            None => format::NONE,
        };
        let failed = estimate(spot.error_share, format::percent);
        let open = move |_| {
            if let Some(spot) = spots.get_untracked().get(index) {
                take(store, going, spot);
            }
        };
        view! {
            <tr><th scope="row">{value(&spot.value)}</th><td>{estimate(spot.throughput_rps, format::per_second)}</td><td>{estimate(spot.p99_ms, format::ms)}</td>
                <td>{failed}</td><td>{busiest.unwrap_or_default()}</td><td>{kept}</td>
                <td><button class="flat" data-testid="sweep-open" aria-label=fill("Open the run with {value}", &[&value(&spot.value)]) on:click=open>{tr("Open")}</button></td></tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=tr("Table of the sweep")><table data-testid="sweep-table">
            <thead><tr><th scope="col">{head}</th><th scope="col">{tr("Answered /s")}</th><th scope="col">"p99"</th><th scope="col">{tr("Failed")}</th><th scope="col">{tr("Busiest")}</th><th scope="col">{tr("Objectives kept")}</th><th scope="col">{tr("Run")}</th></tr></thead>
            <tbody>{move || spots.get().into_iter().enumerate().map(row).collect_view()}</tbody>
        </table></div>
    }
}
