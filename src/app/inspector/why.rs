//! Why it is so: the sentences of `loadstone::why` with the numbers that they rest on.

use crate::canvas;
use crate::language::EnglishOnly;
use crate::store::{Store, memo, wall_ms};
use leptos::prelude::*;
use loadstone::editor::Item;
use loadstone::texts::{said, tr};
use loadstone::why::{Cause, Lately, Reason, why};
use std::cell::{Cell, RefCell};

/// Sentences change at most this often, in ms: they are to be read.
const CALM_MS: f64 = 1000.0;

thread_local! {
    static LATELY: RefCell<Lately> = RefCell::default();
}

/// Listens to the run, so that there is something to say once somebody asks.
pub fn follow(store: Store) {
    Effect::new(move |_| {
        if let Some(frame) = store.frame.get() {
            LATELY.with_borrow_mut(|lately| lately.feed(&frame));
        }
    });
}

/// The sentences, those about the selected thing first.
#[component]
pub fn WhyPane(store: Store, #[prop(optional)] about: Option<Item>) -> impl IntoView {
    let reasons = reasons(store);
    let own = StoredValue::new(about);
    let is_own = move |r: &Reason| {
        own.with_value(|own| match own {
            Some(Item::Node(id)) => r.node == *id,
            Some(Item::Link(from, to)) => r.node == *from || r.node == *to,
            None => true,
        })
    };
    let keys = move |wanted: bool| {
        let all = reasons.read();
        let fitting = all.iter().filter(|r| is_own(r) == wanted);
        fitting.map(|r| (r.cause, r.node.clone())).collect::<Vec<_>>()
    };
    let here = memo(move || keys(true));
    let elsewhere = memo(move || keys(false));
    let selected = own.with_value(Option::is_some);
    view! {
        <Show when=move || reasons.read().is_empty()><p>{tr("Nothing measured yet. Press play, and here it says what limits the system.")}</p></Show>
        <Show when=move || selected && here.read().is_empty() && !elsewhere.read().is_empty()><p>{tr("Nothing to say of this one now.")}</p></Show>
        <Show when=move || !reasons.read().is_empty()><EnglishOnly/></Show>
        <ul class="reasons" data-testid="reasons"><For each=move || here.get() key=|k| k.clone() let:key><One store reasons key/></For></ul>
        <Show when=move || selected && !elsewhere.read().is_empty()><h3>{tr("Elsewhere in the system")}</h3></Show>
        <ul class="reasons"><For each=move || elsewhere.get() key=|k| k.clone() let:key><One store reasons key/></For></ul>
    }
}

/// What there is to say now.
fn reasons(store: Store) -> RwSignal<Vec<Reason>> {
    let said = RwSignal::new(Vec::new());
    let last = Cell::new(f64::NEG_INFINITY);
    Effect::new(move |_| {
        let Some(frame) = store.frame.get() else { return said.set(Vec::new()) };
        let stands = !store.is_busy();
        if wall_ms() - last.get() < CALM_MS && !stands {
            return;
        }
        last.set(wall_ms());
        let found = LATELY.with_borrow_mut(|lately| {
            lately.feed(&frame);
            store.editor.with_untracked(|e| store.log.with_untracked(|log| why(e.document(), lately, log)))
        });
        if *said.read_untracked() != found {
            said.set(found);
        }
    });
    said
}

#[component]
fn One(store: Store, reasons: RwSignal<Vec<Reason>>, key: (Cause, String)) -> impl IntoView {
    let (cause, node) = key.clone();
    let (key, id) = (StoredValue::new(key), node.clone());
    let reason = memo(move || {
        key.with_value(|(cause, node)| reasons.read().iter().find(|r| r.cause == *cause && r.node == *node).cloned())
    });
    let name = {
        let node = node.clone();
        memo(move || store.stage.read().0.label(&node).to_owned())
    };
    let facts = move || {
        let facts = reason.read().as_ref().map(Reason::facts).unwrap_or_default();
        facts.into_iter().map(|(label, value)| view! { <dt>{said(&label)}</dt><dd>{value}</dd> }).collect_view()
    };
    let theory = move || {
        let words = reason.read().as_ref().and_then(Reason::theory_words);
        words.map(|words| view! { <p class="note">{tr("Theory,")}" "<span lang="en">{words}</span></p> })
    };
    let tone = match cause {
        Cause::Nearest => "ok",
        Cause::Retries | Cause::Lag | Cause::ColdCache | Cause::StaleNames | Cause::Faulty => "warn",
        _ => "bad",
    };
    view! {
        <li data-what=cause.id() data-of=id data-tone=tone>
            <h4>{tr(cause.title())}
                <button class="flat" on:click=move |_| canvas::go_to(store, &node)>{move || name.get()}</button></h4>
            <p lang="en">{move || reason.read().as_ref().map(|r| r.words.clone())}</p>
            <details>
                <summary>{tr("Measured over the last seconds")}</summary>
                <dl class="rows">{facts}</dl>
                {theory}
                <a class="vouched" href=format!("./validation.html#{}", cause.validated_by()) target="_blank">{tr("How this is checked")}</a>
            </details>
        </li>
    }
}
