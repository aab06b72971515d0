//! What the design costs, estimated, and the prices that this rests on, which can be changed.

use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::codec;
use loadstone::component::Param;
use loadstone::component::param::number;
use loadstone::component::prices;
use loadstone::cost::{Usage, bill};
use loadstone::editor::Command;
use loadstone::scene::cost::{Costs, Row, costs};
use loadstone::scene::format;
use loadstone::texts::{fill, said, tr};
use serde_json::Value;

/// Of the whole design, or of one node.
fn estimate(store: Store, node: Option<String>) -> Memo<Option<Costs>> {
    memo(move || {
        let frame = store.frame.get();
        let (usage, now) = frame.as_deref().map_or_else(Default::default, |f| (Usage::of_frame(f, 0), f.now));
        store.editor.with(|e| {
            let doc = e.document();
            let bill = store.series.with_value(|s| bill(doc, s.scaling(), &usage, now));
            costs(doc, &bill, node.as_deref())
        })
    })
}

/// One node's part, in a line.
#[component]
pub fn NodeCost(store: Store, id: String) -> impl IntoView {
    let found = estimate(store, Some(id));
    let words = move || {
        let found = found.read();
        let costs = found.as_ref()?;
        Some(fill("Costs about {sum} a month, estimated: {what}.", &[&costs.month, &said(&costs.rows.first()?.what)]))
    };
    move || words().map(|words| view! { <p class="note" data-testid="node-cost">{words}</p> })
}

/// The whole design: the sum, node by node, and the prices.
#[component]
pub fn CostPane(store: Store) -> impl IntoView {
    let found = estimate(store, None);
    let some = memo(move || found.read().is_some());
    let answers = memo(move || found.read().as_ref().is_some_and(|c| !c.per_million.is_empty()));
    let get = move |read: fn(&Costs) -> String| move || found.read().as_ref().map(read).unwrap_or_default();
    let rows = move || {
        let row = |r: Row| view! { <dt title=said(&r.what)>{r.label}</dt><dd>{r.month}</dd> };
        found.get().map(|costs| costs.rows.into_iter().map(row).collect_view())
    };
    view! {
        <Show when=move || some.get()>
            <h3>{tr("Cost, estimated")}</h3>
            <dl class="rows">
                <dt>{tr("By the month, about")}</dt><dd data-testid="cost-month">{get(|c| c.month.clone())}</dd>
                <Show when=move || answers.get()><dt>{tr("A million answers")}</dt><dd data-testid="cost-million">{get(|c| c.per_million.clone())}</dd></Show>
            </dl>
            <details>
                <summary>{tr("Node by node")}</summary>
                <dl class="rows" data-testid="cost-rows">{rows}</dl>
            </details>
            <details data-testid="prices">
                <summary>{tr("Prices")}</summary>
                <p class="note">{get(|c| said(&c.basis))}</p>
                {prices::PARAMS.iter().map(|param| view! { <Price store param/> }).collect_view()}
            </details>
        </Show>
    }
}

/// The field of a price; empty is the list price.
#[component]
fn Price(store: Store, param: &'static Param) -> impl IntoView {
    let id = format!("price-{}", param.name);
    let own = memo(move || {
        let own = store.editor.with(|e| e.document().prices.get(param.name).and_then(Value::as_f64));
        own.map(format::exact).unwrap_or_default()
    });
    let list = param.default.to_value().to_string();
    let set = move |e| {
        let text = event_target_value(&e);
        let value = match (text.trim(), codec::number(text.trim())) {
            ("", _) => Value::Null,
            (_, Some(n)) => number(n),
            _ => return store.tell("A price is a number, or nothing for the list price."),
        };
        store.apply(Command::SetPrice { name: param.name.to_owned(), value });
    };
    view! {
        <div class="field" title=tr(param.help)><label for=id.clone()>{tr(param.label)}</label>
            <div class="box"><input id=id.clone() data-testid=id inputmode="decimal" placeholder=list prop:value=move || own.get() on:change=set/>
                <span class="unit">{param.unit()}</span></div></div>
    }
}
