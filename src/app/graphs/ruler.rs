//! The bar above the charts: which nodes, how close, and the ruler with the cursor, which is the keyboard's way in.

use super::look::Look;
use crate::host;
use crate::icons::Icon;
use crate::store::{Store, memo};
use crate::tracer;
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::metrics::samples::Wanted;
use loadstone::scene::format;
use loadstone::scene::plots::{label, marks, places, reading};
use loadstone::texts::{fill, tr};
use loadstone::time::{Nanos, to_s};
use loadstone::worker::ToWorker;
use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};

/// Shorter drags than this, in pixels, are clicks.
const SLOP: f64 = 4.0;

/// The bar.
#[component]
pub fn Ruler(store: Store, look: Look) -> impl IntoView {
    let words = memo(move || {
        let at = look.cursor.get()?;
        store.frame.track();
        Some(store.editor.with(|e| store.series.with_value(|s| reading(s, e.document(), look.span.get(), at))))
    });
    let shown = move || look.span.with(|s| fill("{from} to {to}", &[&format::clock(s.from), &format::clock(s.to)]));
    let rail = NodeRef::<Div>::new();
    let hands = Hands { store, look, rail };
    view! {
        <div class="graphs-bar">
            <Nodes store look/>
            <button class="flat" aria-label=tr("Zoom in") title=tr("Zoom in (+)") on:click=move |_| look.zoom(true)><Icon path="M12 5v14M5 12h14" small=true/></button>
            <button class="flat" aria-label=tr("Zoom out") title=tr("Zoom out (−)") on:click=move |_| look.zoom(false)><Icon path="M5 12h14" small=true/></button>
            <button class="flat" aria-label=tr("Earlier") title=tr("Earlier (Shift + ←)") on:click=move |_| look.pan(-0.5)><Icon path="M15 5l-7 7 7 7" small=true/></button>
            <button class="flat" aria-label=tr("Later") title=tr("Later (Shift + →)") on:click=move |_| look.pan(0.5)><Icon path="M9 5l7 7-7 7" small=true/></button>
            <button class="flat" data-testid="whole-run" disabled=move || look.span.read().is_whole()
                on:click=move |_| look.span.update(|s| *s = loadstone::scene::span::Span::whole(s.end))>{tr("Whole run")}</button>
            <span class="said" data-testid="graphs-span">{shown}</span>
            <p class="graphs-said" data-testid="reading">{move || words.get().unwrap_or_else(|| tr("Drag a range to zoom, click to look at a moment, double click to go there.").to_owned())}</p>
            <Chosen store look/>
            <span class="unseen" id="graphs-keys">{tr("Arrows move, plus and minus zoom, Shift and arrows move what is shown, Enter goes there.")}</span>
            <div class="ruler" node_ref=rail on:pointerdown=move |e| hands.down(&e) on:pointermove=move |e| hands.moved(&e)
                on:pointerup=move |e| hands.up(&e) on:dblclick=move |e| hands.seek(&e)>
                <Overlay store look named=true/>
                <div class="needle" id="graphs-ruler" role="slider" tabindex="0" aria-label=tr("Moment of the run") data-testid="graphs-ruler"
                    aria-valuemin="0" aria-valuemax=move || to_s(look.span.read().end).to_string()
                    aria-valuenow=move || format!("{:.1}", to_s(look.cursor.get().unwrap_or(look.span.read().from)))
                    aria-valuetext=move || words.get().unwrap_or_else(shown)
                    aria-describedby="graphs-keys"
                    style:left=move || percent(look.cursor.get().and_then(|at| look.span.read().share(at)).unwrap_or(0.0))
                    on:keydown=move |e| key(store, look, &e)></div>
            </div>
        </div>
    }
}

/// What can be done with the moment that was chosen: see its requests, or go there.
#[component]
fn Chosen(store: Store, look: Look) -> impl IntoView {
    let follow = move |failed: bool| {
        if let Some(at) = look.chosen.get_untracked() {
            tracer::ask(store, Wanted::About { at, failed });
        }
    };
    view! {
        <Show when=move || look.chosen.get().is_some()>
            <div class="chosen" role="group" aria-label=tr("The chosen moment") data-testid="chosen">
                <span>{tr("At")}" "{move || look.chosen.get().map(format::clock)}": "</span>
                <button class="button" data-testid="follow-slowest" on:click=move |_| follow(false)>{tr("The slowest request")}</button>
                <button class="button" data-testid="follow-failed" on:click=move |_| follow(true)>{tr("A failed one")}</button>
                <button class="button" on:click=move |_| if let Some(at) = look.chosen.get_untracked() { seek(store, at) }>{tr("Go there")}</button>
            </div>
        </Show>
    }
}

/// Which nodes the charts tell apart.
#[component]
fn Nodes(store: Store, look: Look) -> impl IntoView {
    let all = memo(move || {
        store.frame.track();
        store.editor.with(|e| {
            let ids = store.series.with_value(|s| places(s, e.document()));
            ids.into_iter().map(|id| (label(e.document(), &id), id)).collect::<Vec<_>>()
        })
    });
    let summary = move || match look.nodes.read().len() {
        0 => tr("All nodes").to_owned(),
        n => format::plural(n as u64, "node"),
    };
    let toggle = move |id: &str| {
        look.nodes.update(|nodes| {
            if !nodes.remove(id) {
                nodes.insert(id.to_owned());
            }
        });
    };
    view! {
        <details class="pick" data-testid="graphs-nodes">
            <summary>{summary}</summary>
            <div class="choices">
                <button class="flat" on:click=move |_| look.nodes.update(|n| n.clear())>{tr("All")}</button>
                <For each=move || all.get() key=|(_, id)| id.clone() let:entry>
                    {
                        let (name, id) = entry;
                        let id = StoredValue::new(id);
                        view! {
                            <label><input type="checkbox" prop:checked=move || id.with_value(|id| look.nodes.read().contains(id))
                                on:change=move |_| id.with_value(|id| toggle(id))/><span>{name}</span></label>
                        }
                    }
                </For>
            </div>
        </details>
    }
}

/// Faults, the range that is dragged and the cursor, over a chart or the ruler; all places in percent.
#[component]
pub fn Overlay(store: Store, look: Look, #[prop(optional)] named: bool) -> impl IntoView {
    let marks = memo(move || store.editor.with(|e| marks(e.document(), look.span.get())));
    let share = move |at: Nanos| look.span.read().share(at);
    let dragged = move || {
        let (a, b) = look.drag.get()?;
        let (from, to) = (share(a.min(b))?, share(a.max(b))?);
        Some(view! { <i class="range" style:left=percent(from) style:width=percent(to - from)></i> })
    };
    // As calm as the lines, which end there.
    let now = move || {
        let at = store.frame.read().as_ref().map_or(0, |f| f.now);
        share(at).map(|s| view! { <i class="now" style:left=percent(s)></i> })
    };
    view! {
        {move || marks.get().into_iter().map(|m| view! {
            <i class="mark" data-tone=m.tone.name() title=if named { m.words } else { String::new() } style:left=percent(m.share)></i>
        }).collect_view()}
        {now}
        {dragged}
        {move || look.chosen.get().and_then(share).map(|s| view! { <i class="cursor chosen" style:left=percent(s)></i> })}
        {move || look.cursor.get().and_then(share).map(|s| view! { <i class="cursor" style:left=percent(s)></i> })}
    }
}

/// Hands on something as wide as the charts.
#[derive(Clone, Copy)]
pub struct Hands {
    pub store: Store,
    pub look: Look,
    pub rail: NodeRef<Div>,
}

impl Hands {
    fn at(&self, e: &MouseEvent) -> Option<Nanos> {
        let rect = self.rail.get_untracked()?.get_bounding_client_rect();
        let share = (f64::from(e.client_x()) - rect.left()) / rect.width().max(1.0);
        Some(self.look.span.get_untracked().at(share))
    }

    /// A range begins here.
    pub fn down(&self, e: &PointerEvent) {
        if e.button() == 0
            && let Some(at) = self.at(e)
        {
            if let Some(rail) = self.rail.get_untracked() {
                let _ = rail.set_pointer_capture(e.pointer_id());
            }
            self.look.drag.set(Some((at, at)));
            self.look.cursor.set(Some(at));
        }
    }

    /// The cursor follows.
    pub fn moved(&self, e: &PointerEvent) {
        let Some(at) = self.at(e) else { return };
        self.look.cursor.set(Some(at));
        if self.look.drag.read_untracked().is_some() {
            self.look.drag.update(|d| *d = d.map(|(from, _)| (from, at)));
        }
    }

    /// The range is chosen, if it is one.
    pub fn up(&self, _: &PointerEvent) {
        let Some((from, to)) = self.look.drag.get_untracked() else { return };
        self.look.drag.set(None);
        let width = self.rail.get_untracked().map_or(1.0, |r| r.get_bounding_client_rect().width().max(1.0));
        let span = self.look.span.get_untracked();
        if from.abs_diff(to) as f64 / span.length() as f64 * width > SLOP {
            self.look.span.set(span.between(from, to));
        } else {
            self.look.chosen.set(Some(to));
        }
    }

    /// The run goes there.
    pub fn seek(&self, e: &MouseEvent) {
        if let Some(at) = self.at(e) {
            seek(self.store, at);
        }
    }
}

fn seek(store: Store, at: Nanos) {
    host::send(ToWorker::Seek(at));
    store.say(fill("Going to {time}", &[&format::moment(at)]));
}

/// What keys do on the ruler.
fn key(store: Store, look: Look, e: &KeyboardEvent) {
    let span = look.span.get_untracked();
    let step = (span.length() / 60).max(1);
    let at = look.cursor.get_untracked();
    // The first arrow shows the cursor where the run is.
    let from = at.unwrap_or_else(|| store.now.get_untracked().clamp(span.from, span.to));
    match (e.key().as_str(), e.shift_key()) {
        ("ArrowLeft", true) => look.pan(-0.25),
        ("ArrowRight", true) => look.pan(0.25),
        ("ArrowLeft" | "ArrowDown", _) => look.point_at(from.saturating_sub(step)),
        ("ArrowRight" | "ArrowUp", _) => look.point_at(from.saturating_add(step)),
        ("PageDown", _) => look.point_at(from.saturating_sub(step * 10)),
        ("PageUp", _) => look.point_at(from.saturating_add(step * 10)),
        ("Home", _) => look.point_at(0),
        ("End", _) => look.point_at(span.end),
        ("+" | "=", _) => look.zoom(true),
        ("-" | "_", _) => look.zoom(false),
        ("0", _) => look.span.update(|s| *s = loadstone::scene::span::Span::whole(s.end)),
        ("Enter", _) => seek(store, from),
        _ => return,
    }
    e.prevent_default();
    e.stop_propagation();
}

/// A share as CSS writes it.
pub fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}
