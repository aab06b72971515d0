//! What can break: a target, a time, and every fault that fits it with a sentence on what it is in real life; and chaos.

use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::codec;
use loadstone::editor::faults::{FAULTS, Fault, chaos, targets};
use loadstone::editor::{Command, timeline};
use loadstone::scenario::{Scenario, Target};
use loadstone::texts::tr;
use loadstone::time::{Nanos, from_s, to_s};

/// How long a fault lasts unless somebody says otherwise, in seconds.
const USUAL_S: &str = "20";

/// The dialog; `at` is the time that was pointed at on the timeline.
#[component]
pub fn Faults(store: Store, at: Option<Nanos>) -> impl IntoView {
    let design = StoredValue::new(store.editor.with_untracked(|e| e.shown(at.unwrap_or(store.edit_time())).design));
    let all = StoredValue::new(design.with_value(targets));
    let chosen = store.editor.with_untracked(|e| e.selection().iter().next().map(|item| item.target()));
    let first = all.with_value(|all| all.iter().position(|t| Some(t) == chosen.as_ref())).unwrap_or(0);
    let place = RwSignal::new(first);
    let when = RwSignal::new(at.map_or(String::new(), |at| format!("{:.1}", to_s(at))));
    let lasts = RwSignal::new(USUAL_S.to_owned());
    let target = move || all.with_value(|all| all.get(place.get()).cloned());
    let fitting = memo(move || {
        let Some(target) = target() else { return Vec::new() };
        let fits = |i: &usize| design.with_value(|d| FAULTS[*i].fits(d, &target));
        (0..FAULTS.len()).filter(fits).collect()
    });
    let strike = move |fault: &'static Fault| {
        let Some(target) = target() else { return };
        let (Ok(at), Ok(for_s)) = (seconds(&when.get_untracked()), seconds(&lasts.get_untracked())) else {
            return store.warn("When and for how long are numbers of seconds, or nothing.");
        };
        let strikes = design.with_value(|d| fault.at(d, &target, at.map(from_s), for_s));
        super::close(store);
        store.apply(Command::Fault(strikes));
    };
    let options = design.with_value(|d| all.with_value(|all| groups(d, all)));
    view! {
        <div class="field"><label for="fault-target">{tr("What breaks")}</label>
            <div class="box"><select id="fault-target" data-testid="fault-target"
                on:change=move |e| if let Ok(i) = event_target_value(&e).parse() { place.set(i) }>
                {options.into_iter().map(|(label, group)| view! {
                    <optgroup label=label>
                        {group.into_iter().map(|(i, name)| view! { <option value=i selected=i == first>{name}</option> }).collect_view()}
                    </optgroup>
                }).collect_view()}
            </select></div></div>
        <div class="field"><label for="fault-at">{tr("When")}</label>
            <div class="box"><input id="fault-at" inputmode="decimal" placeholder=tr("now") prop:value=move || when.get()
                on:input=move |e| when.set(event_target_value(&e))/><span class="unit">"s"</span></div></div>
        <div class="field"><label for="fault-for">{tr("For how long")}</label>
            <div class="box"><input id="fault-for" inputmode="decimal" placeholder=tr("until mended") prop:value=move || lasts.get()
                on:input=move |e| lasts.set(event_target_value(&e))/><span class="unit">"s"</span></div></div>
        <div class="examples" role="group" aria-label=tr("Faults")>
            {move || fitting.get().into_iter().map(|i| {
                let fault = &FAULTS[i];
                view! {
                    <button data-testid=format!("fault-{}", fault.id) on:click=move |_| strike(fault)><b>{tr(fault.label)}</b><span>{tr(fault.life)}</span></button>
                }
            }).collect_view()}
        </div>
        <Chaos store design/>
    }
}

/// Faults drawn at random over the rest of the run.
#[component]
fn Chaos(store: Store, design: StoredValue<Scenario>) -> impl IntoView {
    let mut bytes = [0; 4];
    let fresh = getrandom::fill(&mut bytes).map_or(1, |()| u32::from_le_bytes(bytes) % 1_000_000);
    let seed = RwSignal::new(fresh.to_string());
    let draw = move |_| {
        let Ok(seed) = seed.get_untracked().trim().parse() else {
            return store.warn("A seed is a whole number from 0 to 18446744073709551615.");
        };
        let end = store.editor.with_untracked(|e| from_s(e.document().run_s));
        let strikes = design.with_value(|d| chaos(d, seed, store.edit_time(), end));
        if strikes.is_empty() {
            return store.warn("There is nothing to break, or no time left in this run.");
        }
        super::close(store);
        store.apply(Command::Fault(strikes));
    };
    view! {
        <h3>{tr("Chaos")}</h3>
        <p class="note">{tr("Random faults over the rest of the run. They stand on the timeline like any other, with the seed that drew them, so a shared link breaks in the same way.")}</p>
        <div class="field"><label for="chaos-seed">{tr("Seed of the chaos")}</label>
            <div class="box"><input id="chaos-seed" inputmode="numeric" data-testid="chaos-seed" prop:value=move || seed.get()
                on:input=move |e| seed.set(event_target_value(&e))/></div></div>
        <button class="button" data-testid="chaos" on:click=draw>{tr("Draw faults")}</button>
    }
}

/// A number of seconds, or nothing.
fn seconds(text: &str) -> Result<Option<f64>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => codec::number(text).filter(|s| (0.0..=1e9).contains(s)).map(Some).ok_or(()),
    }
}

/// Targets under the headings of the list, with their places.
fn groups(design: &Scenario, all: &[Target]) -> Vec<(&'static str, Vec<(usize, String)>)> {
    let of = |heading: &'static str, fits: fn(&Target) -> bool| {
        let fitting = all.iter().enumerate().filter(|(_, t)| fits(t));
        (heading, fitting.map(|(i, t)| (i, timeline::name(design, t))).collect::<Vec<_>>())
    };
    let mut groups = vec![
        of(tr("Nodes"), |t| matches!(t, Target::Node(_))),
        of(tr("Links"), |t| matches!(t, Target::Link(..))),
        of(tr("Zones"), |t| matches!(t, Target::Zone(_))),
    ];
    groups.retain(|(_, list)| !list.is_empty());
    groups
}
