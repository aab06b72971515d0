//! The scenario as a whole: name, notes, seed, length, problems, totals. Shown while nothing is selected.

use super::cost::CostPane;
use super::drill::DrillPane;
use super::measured::MeasuredPane;
use super::tabs::{self, Tabs};
use super::why::{self, WhyPane};
use crate::canvas;
use crate::icons::Icon;
use crate::mode::Mode;
use crate::store::{Store, Tab, memo};
use leptos::prelude::*;
use loadstone::codec::{self, Problem, Subject};
use loadstone::editor::mend::{Mend, mend};
use loadstone::editor::{Command, Item};
use loadstone::scene::format;
use loadstone::texts::{said, tr};

/// The panel, below its heading.
#[component]
pub fn ScenarioPanel(store: Store) -> impl IntoView {
    let doc = move |read: fn(&loadstone::scenario::Scenario) -> String| {
        memo(move || store.editor.with(|e| read(e.document())))
    };
    let (name, notes) = (doc(|d| d.name.clone()), doc(|d| d.notes.clone()));
    let (seed, length) = (doc(|d| d.seed.to_string()), doc(|d| format::exact(d.run_s)));
    let set_seed = move |e| match event_target_value(&e).trim().parse() {
        Ok(seed) => {
            store.apply(Command::SetSeed(seed));
        }
        Err(_) => store.tell("A seed is a whole number from 0 to 18446744073709551615."),
    };
    let new_seed = move |_| {
        let mut bytes = [0; 4];
        if getrandom::fill(&mut bytes).is_ok() {
            store.apply(Command::SetSeed(u64::from(u32::from_le_bytes(bytes) % 1_000_000)));
        }
    };
    let set_length = move |e| match codec::number(&event_target_value(&e)) {
        Some(seconds) => {
            store.apply(Command::SetRunLength(seconds));
        }
        None => store.tell("The length of a run is a number of seconds."),
    };
    why::follow(store);
    // Settings and live numbers are one here.
    let tab = memo(move || if store.tab.get() == Some(Tab::Why) { Tab::Why } else { Tab::Settings });
    let shown = move || tab.get() == Tab::Settings;
    view! {
        <Tabs store tab tabs=&[(Tab::Settings, "Overview"), (Tab::Why, "Why")]/>
        <div class="pane" role="tabpanel" id="pane" aria-labelledby=move || tabs::id(tab.get())>
            <Show when=move || !shown()><WhyPane store/><hr/><DrillPane store/></Show>
            <div class="pane-part" hidden=move || !shown()>
            <fieldset class="bare" disabled=store.mode != Mode::Edit>
            <div class="field wide"><label for="s-name">{tr("Name")}</label>
                <div class="box"><input id="s-name" maxlength="200" prop:value=move || name.get()
                    on:change=move |e| { store.apply(Command::SetName(event_target_value(&e))); }/></div></div>
            <Show when=move || !notes.read().is_empty()><p class="text">{move || notes.get()}</p></Show>
            <Problems store/>
            <div class="field"><label for="s-seed">{tr("Seed")}</label>
                <div class="end"><div class="box"><input id="s-seed" inputmode="numeric" data-testid="seed" prop:value=move || seed.get() on:change=set_seed/></div>
                    <button class="flat" aria-label=tr("New seed") title=tr("New seed") on:click=new_seed><Icon path="M4 12a8 8 0 0 1 14-5.300M20 4v4.500h-4.500M20 12a8 8 0 0 1-14 5.300M4 20v-4.500h4.500" small=true/></button></div></div>
            <div class="field"><label for="s-length">{tr("Run length")}</label>
                <div class="box"><input id="s-length" inputmode="decimal" prop:value=move || length.get() on:change=set_length/><span class="unit">"s"</span></div></div>
            </fieldset>
            <hr/>
            <Totals store/>
            <Show when=shown><MeasuredPane store node=None/></Show>
            <CostPane store/>
            <details>
                <summary>{tr("Edit the notes")}</summary>
                <div class="more field wide"><textarea aria-label=tr("Notes") maxlength="20000" prop:value=move || notes.get()
                    on:change=move |e| { store.apply(Command::SetNotes(event_target_value(&e))); }></textarea></div>
            </details>
            </div>
        </div>
    }
}

/// What `check` and the worker complain about.
#[component]
fn Problems(store: Store) -> impl IntoView {
    let revision = memo(move || store.editor.read().revision());
    let problems = memo(move || {
        revision.get();
        store.editor.with_untracked(|e| {
            let mut problems = loadstone::check::check(e.document());
            if cfg!(feature = "split") {
                problems.extend(loadstone::check::prices(e.document()));
            }
            problems
        })
    });
    let refused = move || store.refused.get().filter(|_| problems.read().iter().all(|p| !p.is_error()));
    view! {
        <div class="problems" data-testid="problems">
            {move || problems.get().into_iter().take(50).map(|p| view! { <ProblemRow store problem=p/> }).collect_view()}
            {move || refused().map(|words| view! { <p class="problem error"><Icon path="M12 3 2.5 20h19zM12 9.500v5M12 17.200v.1" small=true/><span>{said(&words)}</span></p> })}
        </div>
    }
}

#[component]
fn ProblemRow(store: Store, problem: Problem) -> impl IntoView {
    let kind = if problem.is_error() { "Error" } else { "Warning" };
    let subject = problem.subject.clone();
    let about = match &subject {
        Subject::Document => String::new(),
        subject => format!("{subject}: "),
    };
    let go = move |_| match &subject {
        Subject::Node(id) => canvas::go_to(store, id),
        Subject::Link(from, to) => {
            store.apply(Command::Select(vec![Item::Link(from.clone(), to.clone())]));
        }
        Subject::Document => {}
    };
    let mend = store.editor.with_untracked(|e| mend(e.document(), &problem)).filter(|_| store.mode == Mode::Edit);
    let mend = mend.map(|Mend { label, commands }| {
        let mend = move |_| {
            for command in commands.clone() {
                store.apply(command);
            }
        };
        view! { <button class="button" data-testid="mend" on:click=mend>{said(&label)}</button> }
    });
    view! {
        <div class="mendable">
            <button class=format!("problem {}", kind.to_ascii_lowercase()) title=problem.path.clone() on:click=go>
                <Icon path="M12 3 2.5 20h19zM12 9.500v5M12 17.200v.1" small=true/>
                <span><b class="unseen">{tr(kind)}": "</b>{about}{said(&problem.message)}</span>
            </button>
            {mend}
        </div>
    }
}

/// The run so far.
#[component]
fn Totals(store: Store) -> impl IntoView {
    let rows = move || {
        let frame = store.frame.get();
        let Some(frame) = frame.filter(|f| f.now > 0) else {
            return view! { <p>{tr("Press play to run it.")}</p> }.into_any();
        };
        let t = frame.totals.clone();
        let row = |label: &'static str, id: &'static str, value: String, bad: bool| {
            view! { <dt>{tr(label)}</dt><dd data-testid=format!("total-{id}") data-tone=if bad { "bad" } else { "idle" }>{value}</dd> }
        };
        // Most designs have none of these.
        let some = |label, id, n: u64| (n > 0).then(|| row(label, id, format::count(n), false));
        let causes = t
            .errors
            .iter()
            .map(|(cause, n)| {
                view! { <dt>"… "{said(&cause.replace('_', " "))}</dt><dd>{format::count(*n)}</dd> }
            })
            .collect_view();
        view! {
            <h3>{tr("The run so far")}</h3>
            <dl class="rows" data-testid="totals">
                {row("Requests", "issued", format::count(t.issued), false)}
                {row("Answered", "ok", format::count(t.ok), false)}
                {row("Failed", "failed", format::count(t.failed), t.failed > 0)}
                {causes}
                {row("On their way", "in-flight", format::count(t.in_flight), false)}
                {row("Retries", "retries", format::count(t.retries), false)}
                {row("Writes confirmed", "writes-acked", format::count(t.writes_acked), false)}
                {row("Writes lost", "writes-lost", format::count(t.writes_lost), t.writes_lost > 0)}
                {some("Writes restored", "writes-restored", t.writes_restored)}
                {some("Stale reads", "stale-reads", t.stale_reads)}
                {some("Conflicts", "conflicts", t.conflicts)}
                {row("Median latency", "p50", format::ms_or_none(t.p50_ms), false)}
                {row("p99 latency", "p99", format::ms_or_none(t.p99_ms), false)}
                {frame.trace_hash.clone().map(|hash| view! { <dt>{tr("Trace hash")}</dt><dd class="mono">{hash}</dd> })}
            </dl>
        }
        .into_any()
    };
    view! { {rows} }
}
