//! The glossary: the field's terms in plain words, found by name.

use super::icons::Icon;
use super::language::EnglishOnly;
use super::store::{Dialog, Store};
use leptos::prelude::*;
use loadstone::glossary::{Term, find, mentioned, term, terms};
use loadstone::texts::{fill, tr};

/// The terms, those that fit the words first; `first` is looked up at once.
#[component]
pub fn Glossary(first: &'static str, about: &'static str) -> impl IntoView {
    let words = RwSignal::new(term(first).map(|term| term.term.clone()).unwrap_or_default());
    let count = move || match find(&words.read()).len() {
        0 => tr("No term fits.").to_owned(),
        1 => tr("1 term").to_owned(),
        n => fill("{n} of {all} terms", &[&n, &terms().len()]),
    };
    let one = |term: &'static Term| {
        let also =
            (!term.also.is_empty()).then(|| view! { <small>{format!(" also: {}", term.also.join(", "))}</small> });
        view! {
            <dt id=format!("term-{}", term.id)>{term.term.clone()}{also}</dt>
            <dd>{format!("{} {}", term.is, term.why)}<span class="note">{format!(" {}", term.see)}</span></dd>
        }
    };
    view! {
        {(!about.is_empty()).then(|| view! { <p class="about"><b>{tr("The setting:")}" "</b>{about}</p> })}
        <input type="search" class="seek" autofocus aria-label=tr("Search the glossary") placeholder=tr("Search: TTL, quorum, p99…")
            prop:value=move || words.get() on:input=move |e| words.set(event_target_value(&e))/>
        <p class="note" role="status">{count}</p>
        <EnglishOnly/>
        <dl class="glossary" lang="en">{move || find(&words.read()).into_iter().map(one).collect_view()}</dl>
    }
}

/// A small button beside a label that looks this term up. It is no stop of the Tab key: F1 in a field does the same.
#[component]
pub fn Explain(store: Store, id: &'static str, #[prop(optional)] about: &'static str) -> impl IntoView {
    term(id).map(|term| {
        let label = fill("What is this? {term}", &[&term.term]);
        view! {
            <button class="explain-term" tabindex="-1" aria-label=label title=term.is.clone() on:click=move |_| look_up(store, id, about)>
                <Icon path="M9.5 9a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.5v.5" small=true/></button>
        }
    })
}

/// The terms that a text uses, each a button that looks it up.
#[component]
pub fn Words(store: Store, text: String) -> impl IntoView {
    let found = mentioned(&text);
    (!found.is_empty()).then(|| {
        let one = |term: &'static Term| {
            view! { <button lang="en" title=term.is.clone() on:click=move |_| look_up(store, &term.id, "")>{term.term.clone()}</button> }
        };
        view! { <p class="words" aria-label=tr("Words used here")>{found.into_iter().map(one).collect_view()}</p> }
    })
}

/// Opens the glossary at this term; above it stands what a setting says of itself.
pub fn look_up(store: Store, id: &'static str, about: &'static str) {
    store.dialog.set(Some(Dialog::Glossary(id, about)));
}
