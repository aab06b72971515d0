//! The lists of what can be learnt: the chapters of the course, and the challenges.

use super::edit::open;
use super::language::EnglishOnly;
use super::lesson::done;
use super::store::{Dialog, Store};
use super::{dialogs, shelf};
use leptos::prelude::*;
use loadstone::lesson::{applied, course, read};
use loadstone::scenario::Scenario;
use loadstone::texts::{fill, tr};

/// Opens a chapter or a challenge as a document of its own, at this step; false if there is none of this name.
pub fn open_chapter(store: Store, name: &str, step: usize) -> bool {
    let Some(document) = course::chapter(name) else { return false };
    let document = at_step(document, step);
    store.lesson_step.set_value(Some(step));
    // Still, at 0: whatever is changed then is part of the design, and a bet is not answered before it is placed.
    open(store, document, shelf::new_id(), false);
    store.try_this.set(None);
    true
}

/// The document of a lesson as it is when a step begins: with the solutions of those before it.
pub fn at_step(document: Scenario, step: usize) -> Scenario {
    let steps = read(&document).0.map(|lesson| lesson.steps).unwrap_or_default();
    steps.iter().take(step).fold(document, |document, step| applied(&document, &step.solution))
}

/// The chapters, with how far each was taken.
#[component]
pub fn Chapters(store: Store) -> impl IntoView {
    view! {
        <Others store/>
        <p class="note">{tr("Each chapter is a small system that runs: place a bet, change it, break it, and let the simulation judge.")}</p>
        <EnglishOnly/>
        <Rows store names=course::names().collect() numbered=true/>
    }
}

/// The challenges, with those that were won.
#[component]
pub fn Challenges(store: Store) -> impl IntoView {
    view! {
        <Others store/>
        <p class="note">{tr("A load, a promise and a budget: the design is yours. It is judged by whole runs with several seeds, and then by drills that nobody tells you of. There is more than one way to win.")}</p>
        <EnglishOnly/>
        <Rows store names=course::challenges().collect() numbered=false/>
    }
}

#[component]
fn Rows(store: Store, names: Vec<&'static str>, numbered: bool) -> impl IntoView {
    let rows = names.into_iter().enumerate().filter_map(|(i, name)| {
        let lesson = read(&course::chapter(name)?).0?;
        let (done, all) = (done(&lesson.title), lesson.steps.len());
        let state = match done {
            0 => String::new(),
            n if n >= all => tr("done").to_owned(),
            n => fill("{n} of {all} steps", &[&n, &all]),
        };
        let go = move |_| {
            dialogs::close(store);
            open_chapter(store, name, 0);
        };
        let title = if numbered { format!("{}. {}", i + 1, lesson.title) } else { lesson.title };
        Some(view! {
            <button data-testid=format!("chapter-{name}") on:click=go>
                <b><span lang="en">{title}</span>{(!state.is_empty()).then(|| view! { <small>{format!(" · {state}")}</small> })}</b>
                <span lang="en">{lesson.about}</span>
            </button>
        })
    });
    view! { <div class="examples">{rows.collect_view()}</div> }
}

/// The ways from one list to the others.
#[component]
fn Others(store: Store) -> impl IntoView {
    let here = store.dialog.get_untracked();
    let other = move |dialog: Dialog, name: &'static str| {
        (here != Some(dialog)).then(
            || view! { <button class="button" on:click=move |_| store.dialog.set(Some(dialog))>{tr(name)}</button> },
        )
    };
    let write = move |_| {
        dialogs::close(store);
        store.try_this.set(None);
        store.authoring.set(true);
    };
    view! {
        <p class="actions">
            {other(Dialog::Course, "Course")}{other(Dialog::Challenges, "Challenges")}{other(Dialog::Chooser, "Which database?")}
            {other(Dialog::Glossary("", ""), "Glossary")}{other(Dialog::Examples, "Gallery")}
            <button class="button" on:click=write>{tr("Write a lesson")}</button>
        </p>
    }
}
