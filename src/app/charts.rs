//! Live charts: latency, requests, errors over the run, and the small lines of the inspector.

use crate::store::Store;
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::metrics::frame::Point;
use loadstone::scene::format;
use loadstone::time::{Nanos, from_s};

/// The charts show this much of the run, so that what happens now has room.
const WINDOW_S: f64 = 60.0;

/// One chart's lines.
#[derive(Clone, Default, PartialEq)]
struct Plot {
    first: String,
    second: String,
    fill: String,
    top: String,
    now: String,
}

/// The three charts.
#[component]
pub fn Charts(store: Store) -> impl IntoView {
    // As calm as the cards: points come every so often, charts are drawn with the frame.
    let points = Memo::new(move |_| {
        store.frame.track();
        store.points.with_untracked(|p| recent(p, store.now.get_untracked()))
    });
    let latency = move || {
        let (p50, p99) = (series(&points.read(), |p| p.p50_ms), series(&points.read(), |p| p.p99_ms));
        let last = points.read().iter().rev().find(|p| p.p99_ms.is_some()).cloned();
        let now = last.map_or(format::NONE.to_owned(), |p| {
            format!("{} · {}", format::ms_or_none(p.p50_ms), format::ms_or_none(p.p99_ms))
        });
        plot(&p99, Some(&p50), format::ms, now)
    };
    let requests = move || {
        let rate = series(&points.read(), |p| Some(p.ok_rate));
        let wanted = series(&points.read(), |p| Some(p.rate));
        let now = points.read().last().map_or(format::NONE.to_owned(), |p| format!("{} /s", format::per_second(p.ok_rate)));
        plot(&rate, Some(&wanted), |v| format!("{} /s", format::per_second(v)), now)
    };
    let errors = move || {
        let share = series(&points.read(), |p| Some(p.error_share.unwrap_or(0.0)));
        let now = points.read().last().map_or(format::NONE.to_owned(), |p| format::percent(p.error_share.unwrap_or(0.0)));
        plot(&share, None, format::percent, now)
    };
    view! {
        <section class="charts" aria-label="Charts">
            <Chart title="Latency p50 · p99" hue="accent" value=Signal::derive(latency) about="latency" store/>
            <Chart title="Answered requests" hue="ok" value=Signal::derive(requests) about="requests" store/>
            <Chart title="Errors" hue="bad" value=Signal::derive(errors) about="errors" store/>
        </section>
    }
}

#[component]
fn Chart(store: Store, title: &'static str, hue: &'static str, value: Signal<Plot>, about: &'static str) -> impl IntoView {
    let plot = Memo::new(move |_| value.get());
    let area = NodeRef::<Div>::new();
    let tip = RwSignal::new(None::<(f64, String)>);
    let hover = move |e: leptos::ev::PointerEvent| {
        let Some(rect) = area.get_untracked().map(|a| a.get_bounding_client_rect()) else { return };
        let way = (f64::from(e.client_x()) - rect.left()) / rect.width().max(1.0);
        tip.set(store.points.with_untracked(|p| reading(p, store.now.get_untracked(), way, about)).map(|words| (way, words)));
    };
    view! {
        <figure class="chart" role="group" aria-label=move || format!("{title}: {}", plot.read().now) data-testid=format!("chart-{about}")>
            <div class="head"><span>{title}</span><b>{move || plot.read().now.clone()}</b></div>
            <div class="plot" node_ref=area on:pointermove=hover on:pointerleave=move |_| tip.set(None)>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    <path class="base" d="M0 100H100M0 0H100"/>
                    <path class="fill" data-hue=hue d=move || plot.read().fill.clone()/>
                    <path class="line second" data-hue=hue d=move || plot.read().second.clone()/>
                    <path class="line" data-hue=hue d=move || plot.read().first.clone()/>
                </svg>
                <span class="top">{move || plot.read().top.clone()}</span>
                {move || tip.get().map(|(way, words)| view! { <span class="tip" style:left=format!("{:.1}%", (way * 100.0).clamp(0.0, 70.0))>{words}</span> })}
            </div>
        </figure>
    }
}

/// The points of the last minute.
fn recent(points: &[Point], now: Nanos) -> Vec<Point> {
    let from = now.saturating_sub(from_s(WINDOW_S));
    points.iter().filter(|p| p.at >= from).cloned().collect()
}

/// Places in the chart, 0 to 1, with their values; the window's right edge is the newest point.
fn series(points: &[Point], read: impl Fn(&Point) -> Option<f64>) -> Vec<(f64, f64)> {
    let Some(last) = points.last().map(|p| p.at) else { return Vec::new() };
    let span = from_s(WINDOW_S).min(last).max(1) as f64;
    let place = |at: Nanos| 1.0 - (last - at.min(last)) as f64 / span;
    points.iter().filter_map(|p| Some((place(p.at), read(p)?))).filter(|(_, v)| v.is_finite()).collect()
}

fn reading(points: &[Point], now: Nanos, way: f64, about: &str) -> Option<String> {
    let points = recent(points, now);
    let last = points.last()?.at;
    let span = from_s(WINDOW_S).min(last) as f64;
    let at = (last as f64 - (1.0 - way) * span).max(0.0) as u64;
    let p = points.iter().min_by_key(|p| p.at.abs_diff(at))?;
    let value = match about {
        "latency" => format!("p50 {}, p99 {}", format::ms_or_none(p.p50_ms), format::ms_or_none(p.p99_ms)),
        "requests" => format!("{} of {} /s", format::per_second(p.ok_rate), format::per_second(p.rate)),
        _ => format::percent(p.error_share.unwrap_or(0.0)),
    };
    Some(format!("{}: {value}", format::clock(p.at)))
}

/// Lines on a common scale from 0 to a round number.
fn plot(first: &[(f64, f64)], second: Option<&[(f64, f64)]>, name: impl Fn(f64) -> String, now: String) -> Plot {
    let most = first.iter().chain(second.unwrap_or_default()).map(|p| p.1).fold(0.0, f64::max);
    let top = round_up(most);
    let (line, fill) = path(first, top);
    Plot {
        second: second.map(|s| path(s, top).0).unwrap_or_default(),
        first: line,
        fill,
        top: if most > 0.0 { name(top) } else { String::new() },
        now,
    }
}

/// The line through these points and the area below it, in a 100 × 100 box.
pub fn path(points: &[(f64, f64)], top: f64) -> (String, String) {
    use std::fmt::Write;
    let mut line = String::with_capacity(points.len() * 12);
    for (i, (x, v)) in points.iter().enumerate() {
        let y = 100.0 - 100.0 * (v / top.max(1e-12)).clamp(0.0, 1.0);
        let _ = write!(line, "{}{:.1} {:.1}", if i == 0 { 'M' } else { 'L' }, x * 100.0, y);
    }
    let fill = match (points.first(), points.last()) {
        (Some(a), Some(b)) => format!("{line}L{:.1} 100L{:.1} 100z", b.0 * 100.0, a.0 * 100.0),
        _ => String::new(),
    };
    (line, fill)
}

/// The next of 1, 2, 5, 10, … at or above.
pub fn round_up(v: f64) -> f64 {
    if v <= 0.0 || !v.is_finite() {
        return 1.0;
    }
    let base = 10f64.powf(v.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * base).find(|t| *t >= v * 0.999).unwrap_or(v)
}
