//! The range of a sweep: a rail with two thumbs, which are dragged one by one, or both by what lies between them.

use super::ruler::percent;
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::codec;
use loadstone::scene::format;
use loadstone::sweep::{Grip, Reach};
use loadstone::texts::{fill, tr};

/// A key moves a thumb by this share of the rail, and with Page up and Page down by ten times that.
const STEP: f64 = 0.01;

/// What is being dragged: where it was taken, and the range as it was then.
#[derive(Clone, Copy)]
struct Held {
    grip: Grip,
    taken: f64,
    range: (f64, f64),
}

/// The rail, and a box to type into for each end.
#[component]
pub fn Range(reach: Memo<Option<Reach>>, range: RwSignal<(f64, f64)>, unit: Memo<&'static str>) -> impl IntoView {
    let rail = NodeRef::<Div>::new();
    let held = RwSignal::new(None::<Held>);
    let share = move |n: f64| reach.read().as_ref().map_or(0.0, |r| r.share(n));
    let under = move |e: &web_sys::PointerEvent| {
        let rect = rail.get_untracked()?.get_bounding_client_rect();
        Some((f64::from(e.client_x()) - rect.left()) / rect.width().max(1.0))
    };
    let take = move |e: &web_sys::PointerEvent, grip: Option<Grip>| {
        if e.button() != 0 {
            return;
        }
        let (Some(at), Some(rail)) = (under(e), rail.get_untracked()) else { return };
        e.stop_propagation();
        let _ = rail.set_pointer_capture(e.pointer_id());
        let was = range.get_untracked();
        let (from, to) = (share(was.0), share(was.1));
        // Beside both, the nearer one comes to the pointer.
        let (grip, taken) = match grip {
            Some(grip) => (grip, at),
            None if (at - from).abs() < (at - to).abs() => (Grip::From, from),
            None => (Grip::To, to),
        };
        held.set(Some(Held { grip, taken, range: was }));
        drag(reach, range, held, at);
    };
    let moved = move |e: web_sys::PointerEvent| {
        if let Some(at) = under(&e) {
            drag(reach, range, held, at);
        }
    };
    let key = move |e: web_sys::KeyboardEvent, grip: Grip| {
        let by = match e.key().as_str() {
            "ArrowRight" | "ArrowUp" => STEP,
            "ArrowLeft" | "ArrowDown" => -STEP,
            "PageUp" => 10.0 * STEP,
            "PageDown" => -10.0 * STEP,
            "Home" => -1.0,
            "End" => 1.0,
            _ => return,
        };
        e.prevent_default();
        if let Some(reach) = &*reach.read_untracked() {
            range.update(|range| *range = reach.stepped(*range, grip, by));
        }
    };
    let thumb = move |grip: Grip, name: &'static str| {
        let value = move || if grip == Grip::From { range.get().0 } else { range.get().1 };
        let end = move |upper: bool| {
            let ends = reach.read().as_ref().map_or((0.0, 0.0), |r| r.ends);
            if upper { ends.1.to_string() } else { ends.0.to_string() }
        };
        view! {
            <div class="thumb" role="slider" tabindex="0" aria-label=fill("{what}, by hand", &[&name]) style:left=move || percent(share(value()))
                aria-valuemin=move || end(false) aria-valuemax=move || end(true) aria-valuenow=move || value().to_string()
                aria-valuetext=move || format!("{} {}", format::exact(value()), unit.get())
                data-testid=format!("sweep-{}-thumb", name.to_ascii_lowercase())
                on:pointerdown=move |e| take(&e, Some(grip)) on:keydown=move |e| key(e, grip)></div>
        }
    };
    let typed = move |grip: Grip, e: &web_sys::Event| {
        if let Some(n) = codec::number(&event_target_value(e)) {
            range.update(|range| if grip == Grip::From { range.0 = n } else { range.1 = n });
        }
    };
    view! {
        <div class="sweep-range">
            <div class="rail" node_ref=rail on:pointerdown=move |e| take(&e, None) on:pointermove=moved
                on:pointerup=move |_| held.set(None) on:pointercancel=move |_| held.set(None)>
                <i class="between" data-testid="sweep-range" style:left=move || percent(share(range.get().0))
                    style:width=move || percent(share(range.get().1) - share(range.get().0)) on:pointerdown=move |e| take(&e, Some(Grip::Both))></i>
                {thumb(Grip::From, tr("From"))}
                {thumb(Grip::To, tr("To"))}
            </div>
            <div class="field"><label for="sweep-from">{tr("From")}</label>
                <div class="box"><input id="sweep-from" data-testid="sweep-from" inputmode="decimal" prop:value=move || format::exact(range.get().0)
                    on:change=move |e| typed(Grip::From, &e)/><span class="unit">{move || unit.get()}</span></div></div>
            <div class="field"><label for="sweep-to">{tr("To")}</label>
                <div class="box"><input id="sweep-to" data-testid="sweep-to" inputmode="decimal" prop:value=move || format::exact(range.get().1)
                    on:change=move |e| typed(Grip::To, &e)/><span class="unit">{move || unit.get()}</span></div></div>
        </div>
    }
}

/// Takes what is held to where the pointer is.
fn drag(reach: Memo<Option<Reach>>, range: RwSignal<(f64, f64)>, held: RwSignal<Option<Held>>, at: f64) {
    if let (Some(held), Some(reach)) = (held.get_untracked(), &*reach.read_untracked()) {
        range.set(reach.moved(held.range, held.grip, at - held.taken));
    }
}
