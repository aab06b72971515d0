//! What was promised, in words, and the fields to change it.

use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::codec;
use loadstone::component::slo::{PARAMS, limits};
use loadstone::editor::Command;
use loadstone::metrics::frame::Frame;
use loadstone::scene::budget::promises;
use loadstone::scene::format;
use loadstone::texts::tr;
use serde_json::{Value, json};

/// The promises' sentences, and the form behind a disclosure.
#[component]
pub fn Promises(store: Store) -> impl IntoView {
    let said = memo(move || {
        let (frame, limits) = (store.frame.get(), store.editor.with(|e| limits(e.document())));
        let said = match frame.as_deref() {
            Some(frame) => promises(&limits, frame),
            None => promises(&limits, &Frame::default()),
        };
        said.into_iter().map(|p| (p.words, p.tone)).collect::<Vec<_>>()
    });
    view! {
        <div class="promises" data-testid="promises">
            {move || said.get().into_iter().map(|(words, tone)| view! { <p data-tone=tone.name()>{words}</p> }).collect_view()}
            <details>
                <summary>{move || tr(if said.read().is_empty() { "Promise something: objectives" } else { "Objectives" })}</summary>
                <Objectives store/>
            </details>
        </div>
    }
}

/// A field for each objective.
#[component]
fn Objectives(store: Store) -> impl IntoView {
    let shown = move |name: &'static str| {
        memo(move || {
            let limit = store.editor.with(|e| limits(e.document()).into_iter().find(|l| l.0 == name));
            // A share of errors is said in percent everywhere else too.
            limit
                .map(|(_, n)| format::exact(if name == "error_share" { rounded(n * 100.0) } else { n }))
                .unwrap_or_default()
        })
    };
    let set = move |name: &'static str, text: String| {
        let value = match (text.trim(), codec::number(text.trim())) {
            ("", _) => Value::Null,
            (_, Some(n)) if name == "error_share" => json!(rounded(n / 100.0)),
            (_, Some(n)) => loadstone::component::param::number(n),
            _ => return store.tell("An objective is a number, or nothing."),
        };
        store.apply(Command::SetSlo { name: name.to_owned(), value });
    };
    let fields = PARAMS.iter().map(|param| {
        let (id, name) = (format!("slo-{}", param.name), param.name);
        let text = shown(name);
        view! {
            <div class="field" title=tr(param.help)><label for=id.clone()>{tr(param.label)}</label>
                <div class="box"><input id=id.clone() data-testid=id inputmode="decimal" placeholder=tr("none") prop:value=move || text.get()
                    on:change=move |e| set(name, event_target_value(&e))/><span class="unit">{if name == "error_share" { "%" } else { param.unit() }}</span></div></div>
        }
    });
    view! { <div class="objectives">{fields.collect_view()}</div> }
}

/// Twelve digits: 0.1 %, not 0.10000000000000002 %.
fn rounded(n: f64) -> f64 {
    format!("{n:.11e}").parse().unwrap_or(n)
}
