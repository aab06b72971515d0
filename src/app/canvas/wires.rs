//! Links as SVG: what is drawn in the document, and what is being drawn by hand.

use super::hand::{Doing, Hand};
use super::parts::Parts;
use crate::store::{Store, memo};
use leptos::prelude::*;
use loadstone::editor::{Command, Item};
use loadstone::scene::Wire;
use loadstone::texts::{fill, tr};

/// The camera as an SVG transform.
fn layer(store: Store) -> impl Fn() -> String + Copy + Send + 'static {
    move || {
        let c = store.camera.get();
        format!("translate({} {}) scale({})", -c.x * c.zoom, -c.y * c.zoom, c.zoom)
    }
}

/// Every link.
#[component]
pub fn Wires(store: Store, hand: Hand, wires: Parts<Wire>) -> impl IntoView {
    let ends = move || store.scene.read().wires.iter().map(|w| (w.from.clone(), w.to.clone())).collect::<Vec<_>>();
    let ends = memo(ends);
    let leaders = memo(move || store.scene.read().callouts.iter().map(|c| (c.from, c.to)).collect::<Vec<_>>());
    let wire_of = move |ends: (String, String)| {
        let name = format!("{}>{}", ends.0, ends.1);
        wires
            .follow(store, |w: &Wire| w.from == ends.0 && w.to == ends.1)
            .map(|wire| view! { <WireView store hand ends name wire/> })
    };
    view! {
        <svg role="group" aria-label=tr("Links")>
            <g transform=layer(store)>
                <For each=move || ends.get() key=|e| e.clone() let:ends>
                    {wire_of(ends)}
                </For>
                {move || leaders.get().into_iter().map(|(a, b)| view! {
                    <line class="leader" x1=a[0].to_string() y1=a[1].to_string() x2=b[0].to_string() y2=b[1].to_string()/>
                }).collect_view()}
            </g>
        </svg>
    }
}

#[component]
fn WireView(store: Store, hand: Hand, ends: (String, String), name: String, wire: RwSignal<Wire>) -> impl IntoView {
    let key = StoredValue::new(ends);
    let chosen = move || wire.read().selected;
    let focused = move |_| {
        let item = key.with_value(|(a, b)| Item::Link(a.clone(), b.clone()));
        if !chosen() && matches!(hand.doing.get_value(), Doing::Nothing) {
            store.apply(Command::Select(vec![item]));
        }
    };
    view! {
        <g class="link" data-link=name role="button" tabindex="0" class:chosen=chosen
            aria-label=move || wire.read().accessible.clone()
            aria-pressed=move || if chosen() { "true" } else { "false" }
            on:focus=focused
        >
            {move || line(&wire.read(), store.still.get())}
        </g>
    }
}

/// What a link shows: one view, drawn anew as a whole, as that of a card is.
fn line(wire: &Wire, still: bool) -> impl IntoView + use<> {
    let tone = match wire.tone.name() {
        "bad" => "bad",
        _ if wire.control => "control",
        other => other,
    };
    let label = (wire.selected || wire.cut || still).then(|| {
        let [x, y] = wire.middle;
        view! { <text class="label" x=x.to_string() y=(y - 9.0).to_string()>{wire.label.clone()}</text> }
    });
    let ends = wire.selected.then(|| {
        let [[ax, ay], [bx, by]] = wire.curve.grips();
        view! {
            <circle class="end" data-end="from" r="7" cx=ax.to_string() cy=ay.to_string()/>
            <circle class="end" data-end="to" r="7" cx=bx.to_string() cy=by.to_string()/>
        }
    });
    view! {
        <path class="wire-hit" d=wire.path.clone()/>
        <path class="wire" data-tone=tone d=wire.path.clone()
            stroke-width=format!("{:.1}", wire.width) stroke-dasharray=wire.dash/>
        <path class="arrow" d=wire.head.clone()/>
        {label}{ends}
    }
}

/// Guides, the marquee and the link that is being drawn: above the cards.
#[component]
pub fn Sketch(store: Store, hand: Hand) -> impl IntoView {
    let lines = move || {
        hand.guides.get().into_iter().map(|g| {
            view! { <line class="guide" x1=g.from[0].to_string() y1=g.from[1].to_string() x2=g.to[0].to_string() y2=g.to[1].to_string()/> }
        }).collect_view()
    };
    let marquee = move || {
        hand.marquee.get().map(|r| view! { <rect class="marquee" x=r.x.to_string() y=r.y.to_string() width=r.w.to_string() height=r.h.to_string()/> })
    };
    let draft = move || {
        hand.draft
            .get()
            .map(|d| view! { <path class="ghost-wire" class:wrong=!d.why_not.is_empty() d=d.curve.path()/> })
    };
    view! { <svg aria-hidden="true"><g transform=layer(store)>{lines}{marquee}{draft}</g></svg> }
}

/// Why the link that is being drawn makes no sense, beside the pointer.
#[component]
pub fn LinkHint(store: Store, hand: Hand) -> impl IntoView {
    move || {
        hand.draft.get().map(|d| {
            let words = match &d.target {
                Some(_) if !d.why_not.is_empty() => d.why_not.clone(),
                Some(to) => fill("Link to {who}", &[&store.stage.with(|s| s.0.label(to).to_owned())]),
                None => tr("Drop on a card, or on the empty canvas to add what fits").to_owned(),
            };
            let [w, _] = store.screen.get_untracked();
            let x = (d.pointer[0] + 16.0).min(w - 292.0).max(4.0);
            view! {
                <div class="hint-bubble" class:wrong=!d.why_not.is_empty()
                    style:transform=format!("translate({x}px, {}px)", d.pointer[1] + 18.0)>{words}</div>
            }
        })
    }
}
