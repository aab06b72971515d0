//! One chart of lines with its legend.

use super::look::Look;
use super::ruler::{Hands, Overlay, percent};
use crate::glossary;
use crate::store::{Store, memo};
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::scene::format;
use loadstone::scene::plots::{H, Line, Plot, Topic, W};
use loadstone::texts::{fill, tr};

/// The chart of a topic.
#[component]
pub fn PlotView(store: Store, look: Look, topic: Topic) -> impl IntoView {
    let get = move |read: fn(&Plot) -> String| {
        move || look.plots.read().0.iter().find(|p| p.topic == topic).map(read).unwrap_or_default()
    };
    let keys = memo(move || {
        let plots = look.plots.read();
        let plot = plots.0.iter().find(|p| p.topic == topic);
        plot.map(|p| p.lines.iter().map(|l| (l.key.clone(), l.name.clone(), l.style)).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let limits = memo(move || {
        let plots = look.plots.read();
        plots.0.iter().find(|p| p.topic == topic).map(|p| p.limits.clone()).unwrap_or_default()
    });
    let of_line = move |key: &str, read: &dyn Fn(&Plot, &Line) -> String| {
        let plots = look.plots.read();
        let plot = plots.0.iter().find(|p| p.topic == topic)?;
        plot.lines.iter().find(|l| l.key == key).map(|line| read(plot, line))
    };
    let rail = NodeRef::<Div>::new();
    let hands = Hands { store, look, rail };
    view! {
        <figure class="graph" data-testid=format!("plot-{}", topic.id())>
            <figcaption><b>{tr(topic.title())}<glossary::Explain store id=topic.term()/></b><span>{get(|p| p.top.clone())}</span></figcaption>
            <div class="area" role="img" node_ref=rail aria-label=get(|p| p.accessible.clone())
                on:pointerdown=move |e| hands.down(&e) on:pointermove=move |e| hands.moved(&e) on:pointerup=move |e| hands.up(&e)
                on:pointercancel=move |_| look.drag.set(None) on:dblclick=move |e| hands.seek(&e)>
                <svg viewBox=format!("0 0 {W} {H}") preserveAspectRatio="none" aria-hidden="true">
                    <path class="base" d=format!("M0 {H}H{W}M0 {}H{W}M0 0H{W}", H / 2.0)/>
                    <For each=move || keys.get() key=|line| line.clone() let:line>
                        <path class="line" data-style=line.2 d=move || of_line(&line.0, &|_, l| l.path.clone()).unwrap_or_default()/>
                    </For>
                </svg>
                {move || limits.get().into_iter().map(|(height, words)| view! { <i class="limit" style:bottom=percent(height)><span>{words}</span></i> }).collect_view()}
                <Overlay store look/>
            </div>
            <div class="ends"><span>{move || format::clock(look.span.read().from)}</span><span>{move || format::clock(look.span.read().to)}</span></div>
            <ul class="graph-lines" aria-label=fill("Lines of {what}", &[&tr(topic.title())])>
                <For each=move || keys.get() key=|line| line.clone() let:line>
                    {
                        let (key, name, style) = line;
                        let key = StoredValue::new(key);
                        view! {
                            <li><button class="flat" aria-pressed=move || key.with_value(|k| (!look.hidden.read().contains(k)).to_string())
                                on:click=move |_| key.with_value(|k| look.toggle(k))>
                                <svg viewBox="0 0 28 8" aria-hidden="true"><path class="line" data-style=style d="M0 4H28"/></svg>
                                <span>{name}</span>
                                <b>{move || key.with_value(|k| of_line(k, &|p, l| p.value(l, look.cursor.get()))).unwrap_or_default()}</b>
                            </button></li>
                        }
                    }
                </For>
                {move || {
                    let more = look.plots.read().0.iter().find(|p| p.topic == topic).map_or(0, |p| p.more);
                    (more > 0).then(|| view! { <li class="quiet">{fill("and {n} lower", &[&format::plural(more as u64, "node")])}</li> })
                }}
            </ul>
        </figure>
    }
}
