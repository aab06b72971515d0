//! What lies over the canvas: the legend, zoom and minimap, and words for an empty canvas or a first visit.

use crate::icons::Icon;
use crate::store::{Dialog, Store, memo};
use leptos::prelude::*;
use loadstone::editor::place::Rect;
use loadstone::scene::camera::Minimap;
use loadstone::texts::{fill, tr};

/// Shapes and hues of the dots, and how many requests one stands for.
#[component]
pub fn Legend(store: Store) -> impl IntoView {
    let per = move || match store.per_dot.get() {
        1 => tr("1 dot = 1 request").to_owned(),
        n => fill("1 dot = {n} requests", &[&loadstone::scene::format::count(u64::from(n))]),
    };
    view! {
        <div class="legend" role="note" aria-label=tr("Legend")>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><circle class="k-read" cx="7" cy="7" r="5"/></svg>{tr("read")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><rect class="k-write" x="2.5" y="2.5" width="9" height="9"/></svg>{tr("write")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><path class="k-static" d="M7 1.500l5.200 9.500H1.800z"/></svg>{tr("static")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><path class="k-control" d="M7 1.500l5.500 5.500L7 12.500 1.500 7z"/></svg>{tr("DNS, check")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><path class="k-copy" d="M7 2l5 5-5 5-5-5z"/></svg>{tr("replication")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><circle class="k-old" cx="7" cy="7" r="6.500"/><circle class="k-read" cx="7" cy="7" r="3.500"/></svg>{tr("waits long")}</span>
            <span><svg viewBox="0 0 14 14" aria-hidden="true"><path class="k-bad" d="M3 3l8 8m0-8l-8 8"/></svg>{tr("failed")}</span>
            <Show when=move || !store.still.get() fallback=|| view! { <span>{tr("reduced motion: thicker = more requests")}</span> }>
                <span class="per" data-testid="per-dot" title=tr("A hop that takes less than a quarter of a second on the screen is shown as long as that.")>{per}" "{tr("· short hops stretched to ¼ s")}</span>
            </Show>
        </div>
    }
}

/// Zoom and minimap.
#[component]
pub fn ViewBox(store: Store) -> impl IntoView {
    const SIZE: [f64; 2] = [132.0, 56.0];
    let middle = move || store.screen.get_untracked().map(|v| v / 2.0);
    let zoom = move |inwards: bool| store.camera.update(|c| *c = c.stepped(inwards, middle()));
    let blocks = memo(move || store.scene.read().cards.iter().map(|c| (c.rect, c.dead)).collect::<Vec<_>>());
    let map = memo(move || {
        let rects: Vec<Rect> = blocks.read().iter().map(|b| b.0).collect();
        Minimap::new(&rects, &store.camera.read(), store.screen.get(), SIZE)
    });
    // One path for all: hundreds of elements would take longer than the cards themselves.
    let drawn = move |down: bool| {
        let (map, blocks) = (map.read(), blocks.read());
        let mut d = String::new();
        for (r, _) in map.cards.iter().zip(blocks.iter()).filter(|(_, b)| b.1 == down) {
            let [x, y, w, h] = [r.x, r.y, r.w.max(2.0), r.h.max(2.0)].map(|v| v.round() as i64);
            d += &format!("M{x} {y}h{w}v{h}h-{w}z");
        }
        d
    };
    let go = move |event: &web_sys::PointerEvent| {
        let at = [f64::from(event.offset_x()), f64::from(event.offset_y())];
        let screen = store.screen.get_untracked();
        store.camera.update(|c| *c = map.read_untracked().centred(c, at, screen));
    };
    view! {
        <div class="view">
            <div class="zoom">
                <button aria-label=tr("Zoom out") on:click=move |_| zoom(false)>"−"</button>
                <button aria-label=move || fill("{zoom}, back to 100 %", &[&store.camera.read().percent()]) title=tr("Zoom to 100 %") data-testid="zoom" on:click=move |_| store.camera.update(|c| *c = c.zoomed(1.0 / c.zoom, middle()))>
                    {move || store.camera.read().percent()}
                </button>
                <button aria-label=tr("Zoom in") on:click=move |_| zoom(true)>"+"</button>
                <button class="fit" aria-label=tr("Fit everything") title=tr("Fit everything (Shift+1)") on:click=move |_| super::fit_all(store)>
                    <Icon path="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" small=true/>
                </button>
            </div>
            <svg class="minimap" aria-hidden="true" viewBox="0 0 132 56"
                on:pointerdown=move |e| go(&e)
                on:pointermove=move |e| if e.buttons() & 1 == 1 { go(&e) }
            >
                <path class="block" d=move || drawn(false)/>
                <path class="block bad" d=move || drawn(true)/>
                {move || {
                    let eye = map.read().view;
                    view! { <rect class="eye" x=eye.x.to_string() y=eye.y.to_string() width=eye.w.to_string() height=eye.h.to_string()/> }
                }}
            </svg>
        </div>
    }
}

/// What an empty canvas says.
#[component]
pub fn Empty(store: Store) -> impl IntoView {
    // Not before something can be done about it.
    let empty = memo(move || store.scene.read().cards.is_empty() && store.later.read().is_some());
    view! {
        <Show when=move || empty.get()>
            <div class="empty">
                <p>{tr("Nothing here yet. Drag a component from the left, or start from an example.")}</p>
                <button class="button" on:click=move |_| store.dialog.set(Some(Dialog::Examples))>{tr("Gallery")}</button>
            </div>
        </Show>
    }
}

/// One sentence on what to try.
#[component]
pub fn TryThis(store: Store) -> impl IntoView {
    move || {
        store.try_this.get().map(|words| {
            view! {
                <div class="try-this" role="note" data-testid="try-this">
                    <span><b>{tr("Try this:")}" "</b><span lang=(tr(words) == words).then_some("en")>{tr(words)}</span></span>
                    <button class="flat" aria-label=tr("Hide the hint") on:click=move |_| store.try_this.set(None)>
                        <Icon path="M7 7l10 10M17 7 7 17" small=true/>
                    </button>
                </div>
            }
        })
    }
}
