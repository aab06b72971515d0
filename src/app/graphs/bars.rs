//! The latency histogram of the whole run. A bar is chosen by a click or with the arrows; what it counts is then told.

use super::ruler::percent;
use crate::store::{Shared, Store, memo};
use crate::tracer;
use leptos::prelude::*;
use loadstone::component::slo::limits;
use loadstone::metrics::frame::Bar;
use loadstone::metrics::samples::Wanted;
use loadstone::scene::bars::{Bars, Shape, bars};
use loadstone::texts::tr;
use std::sync::Arc;

/// The chart.
#[component]
pub fn Histogram(store: Store) -> impl IntoView {
    let picture = memo(move || {
        let frame = store.frame.get();
        let limits = store.editor.with(|e| limits(e.document()));
        Shared(Arc::new(frame.map(|f| bars(&f, &limits)).unwrap_or_default()))
    });
    let chosen = RwSignal::new(None::<Bar>);
    let place = move |picture: &Bars| {
        let bar = chosen.get()?;
        picture.bars.iter().position(|s| s.bar.from == bar.from)
    };
    let words = move || {
        let picture = picture.read();
        place(&picture.0)
            .map_or_else(|| tr("Answers by how long they took").to_owned(), |i| picture.0.bars[i].words.clone())
    };
    let key = move |e: leptos::ev::KeyboardEvent| {
        let picture = picture.get_untracked().0;
        let last = picture.bars.len().saturating_sub(1);
        let here = chosen.get_untracked().and_then(|bar| picture.bars.iter().position(|s| s.bar.from == bar.from));
        let to = match (e.key().as_str(), here) {
            ("ArrowRight" | "ArrowUp", Some(i)) => (i + 1).min(last),
            ("ArrowLeft" | "ArrowDown", Some(i)) => i.saturating_sub(1),
            ("ArrowRight" | "ArrowUp" | "Home", _) => 0,
            ("ArrowLeft" | "ArrowDown" | "End", _) => last,
            _ => return,
        };
        e.prevent_default();
        chosen.set(picture.bars.get(to).map(|s| s.bar));
    };
    let bar = move |shape: Shape| {
        let (bar, from) = (shape.bar, shape.bar.from);
        view! {
            <rect x=shape.x * 600.0 width=(shape.w * 600.0 - 0.6).max(0.6) y=140.0 - shape.h * 140.0 height=shape.h * 140.0
                data-from=from.to_string() class:chosen=move || chosen.get().is_some_and(|b| b.from == from)
                on:click=move |_| chosen.set(Some(bar))><title>{shape.words}</title></rect>
        }
    };
    // Names of lines near the right edge stand on their left.
    let upright = |(at, name, promised): (f64, String, bool)| {
        let left = at > 0.6;
        view! { <i class="upright" class:promised=promised class:left=left style:left=percent(at)><span>{name}</span></i> }
    };
    view! {
        <figure class="graph histogram" data-testid="histogram">
            <figcaption><b>{tr("Latency of the whole run")}</b></figcaption>
            <div class="area" role="slider" tabindex="0" aria-label=move || picture.read().0.accessible.clone() on:keydown=key
                aria-valuemin="0" aria-valuemax=move || picture.read().0.bars.len().to_string()
                aria-valuenow=move || { let p = picture.read(); place(&p.0).map_or(0, |i| i + 1).to_string() } aria-valuetext=words>
                <svg viewBox="0 0 600 140" preserveAspectRatio="none" aria-hidden="true">
                    <path class="base" d="M0 140H600"/>
                    {move || picture.read().0.bars.iter().cloned().map(bar).collect_view()}
                </svg>
                {move || picture.read().0.lines.iter().cloned().map(upright).collect_view()}
            </div>
            <div class="ends ticks">{move || picture.read().0.ticks.iter().cloned().map(|(at, words)| view! { <span style:left=percent(at)>{words}</span> }).collect_view()}</div>
            <p class="quiet">{words}</p>
            <div class="choices">
                <button class="button" data-testid="follow-bar" disabled=move || chosen.read().is_none()
                    on:click=move |_| if let Some(bar) = chosen.get_untracked() { tracer::ask(store, Wanted::Took { from: bar.from, to: bar.to }) }>{tr("Show one of these")}</button>
                <button class="button" on:click=move |_| tracer::ask(store, Wanted::Quantile(0.99))>{tr("Show a p99 request")}</button>
            </div>
        </figure>
    }
}
