//! Live charts: latency, requests and errors of the last minute. The lines come from `scene::chart`.

use crate::store::{Store, memo};
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::metrics::frame::Point;
use loadstone::scene::chart::{Chart, Quantity};
use loadstone::scene::format;
use loadstone::texts::{fill, tr};
use loadstone::time::{Nanos, SECOND};

/// The charts show at most this much of the run, so that what happens now has room.
const WINDOW: Nanos = 60 * SECOND;
/// At the start of a run they show this much.
const LEAST: Nanos = 10 * SECOND;
/// The box that lines are computed in; the page stretches it.
const W: f64 = 360.0;
const H: f64 = 72.0;

/// The end and the length of what charts show at this moment of the run.
pub fn window_at(now: Nanos) -> (Nanos, Nanos) {
    (now.max(LEAST), now.clamp(LEAST, WINDOW))
}

/// The three charts.
#[component]
pub fn Charts(store: Store) -> impl IntoView {
    view! {
        <section class="charts" aria-label=tr("Charts")>
            <ChartView store what=Quantity::Latency hue="accent" id="latency"/>
            <ChartView store what=Quantity::Requests hue="ok" id="requests"/>
            <ChartView store what=Quantity::Errors hue="bad" id="errors"/>
        </section>
    }
}

#[component]
fn ChartView(store: Store, what: Quantity, hue: &'static str, id: &'static str) -> impl IntoView {
    // As calm as the cards.
    let chart = memo(move || {
        let now = store.frame.read().as_ref().map_or(0, |f| f.now);
        let (to, span) = window_at(now);
        store.series.with_value(|s| store.rival.with(|r| s.chart(r.as_ref(), what, (to, span), [W, H])))
    });
    let area = NodeRef::<Div>::new();
    let tip = RwSignal::new(None::<(f64, String)>);
    let hover = move |e: leptos::ev::PointerEvent| {
        let Some(rect) = area.get_untracked().map(|a| a.get_bounding_client_rect()) else { return };
        let way = ((f64::from(e.client_x()) - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
        let (to, span) = window_at(store.now.get_untracked());
        let at = to - span + (way * span as f64) as Nanos;
        let nearest =
            store.series.with_value(|s| s.points().min_by_key(|p| p.at.abs_diff(at)).map(|p| reading(p, what)));
        tip.set(nearest.map(|words| (way, words)));
    };
    let lines = move || {
        let read = chart.read();
        let count = read.lines.len();
        let line = |i: usize, path: String, area: String| {
            let main = i + 1 == count || what == Quantity::Latency && i == 0;
            let fill =
                (what != Quantity::Latency || i == 0).then(|| view! { <path class="fill" data-hue=hue d=area/> });
            view! { {fill}<path class="line" class:second=!main data-hue=hue d=path/> }
        };
        read.lines.iter().enumerate().map(|(i, l)| line(i, l.path.clone(), l.area.clone())).collect_view()
    };
    view! {
        <div class="chart" role="img" aria-label=move || chart.read().accessible.clone() data-testid=format!("chart-{id}")>
            <div class="head"><span>{tr(chart.read_untracked().title)}<span class="detail">{chart.read_untracked().detail}</span></span><b data-tone=move || chart.read().tone.name()>{move || chart.read().value.clone()}</b></div>
            <div class="plot" node_ref=area on:pointermove=hover on:pointerleave=move |_| tip.set(None)>
                <svg viewBox=format!("0 0 {W} {H}") preserveAspectRatio="none" aria-hidden="true">
                    <path class="base" d=format!("M0 {H}H{W}M0 0H{W}")/>
                    {lines}
                    {move || chart.read().rival.as_ref().map(|l| view! { <path class="line rival" data-hue=hue d=l.path.clone()/> })}
                </svg>
                <span class="top">{move || top(&chart.read())}</span>
                {move || tip.get().map(|(way, words)| view! { <span class="tip" style:left=format!("{:.1}%", (way * 100.0).min(60.0))>{words}</span> })}
            </div>
        </div>
    }
}

fn top(chart: &Chart) -> String {
    if chart.lines.iter().all(|l| l.path.is_empty()) { String::new() } else { chart.top_label.clone() }
}

/// One moment in words, for the pointer.
fn reading(p: &Point, what: Quantity) -> String {
    let value = match what {
        Quantity::Latency => format!("p50 {}, p99 {}", format::ms_or_none(p.p50_ms), format::ms_or_none(p.p99_ms)),
        Quantity::Requests => {
            fill("{rate} wanted, {done} answered /s", &[&format::per_second(p.rate), &format::per_second(p.ok_rate)])
        }
        Quantity::Errors => p.error_share.map_or_else(|| format::NONE.to_owned(), format::percent),
    };
    format!("{} {value}", format::clock(p.at))
}
