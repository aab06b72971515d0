//! The dock's upper part: transport, speed, clock, and the timeline with its faults and edits.

use crate::act;
use crate::canvas;
use crate::host;
use crate::icons::Icon;
use crate::later;
use crate::mode::Mode;
use crate::store::{Dialog, SPEEDS, Store, memo};
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::editor::{Command, Editor};
use loadstone::metrics::frame::Clock;
use loadstone::scene::format;
use loadstone::scene::timeline::{self, Mark};
use loadstone::texts::{fill, said, tr};
use loadstone::time::{Nanos, SECOND, from_s, to_s};
use loadstone::worker::ToWorker;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent};

/// Restart, play, step, speed, clock.
#[component]
pub fn Transport(store: Store) -> impl IntoView {
    let runs = memo(move || matches!(*store.clock.read(), Clock::Playing | Clock::CatchingUp { .. }));
    let clock = memo(move || format::clock(store.now.get()));
    let hash = memo(move || {
        store.frame.read().as_ref().filter(|f| f.now > 0).and_then(|f| Some((f.now, f.trace_hash.clone()?)))
    });
    let seed = memo(move || store.editor.read().document().seed);
    // What the clock does, in words where it is not what was asked for.
    let words = memo(move || match &*store.clock.read() {
        Clock::CatchingUp { to } => (fill("catching up to {time}", &[&format::clock(*to)]), true),
        Clock::Ended => (tr("end of the run").to_owned(), false),
        Clock::Stopped(why) => (fill("stopped: {why}", &[&said(why)]), true),
        Clock::Paused if store.refused.read().is_some() => (tr("cannot run: see the problems").to_owned(), true),
        Clock::Paused => (tr("paused").to_owned(), false),
        Clock::Playing => {
            let (real, wanted) = (store.frame.read().as_ref().map_or(0.0, |f| f.speed), store.speed.get());
            let slow = real > 0.0 && real < wanted * 0.85;
            (
                if slow {
                    fill("really {speed}: all this computer can do", &[&format::speed(real)])
                } else {
                    String::new()
                },
                slow,
            )
        }
    });
    view! {
        <div class="transport">
            <button class="flat" aria-label=tr("Back to the start") title=tr("Back to the start") data-testid="restart" on:click=move |_| act::restart(store)>
                <Icon path="M19 5l-8 7 8 7zM12 5l-8 7 8 7zM3.500 5v14" small=true/>
            </button>
            <button class="flat roomy" aria-label=tr("Step back to the event before") title=tr("Step back to the event before (,)") data-testid="step-back"
                disabled=move || store.now.get() == 0 on:click=move |_| act::step_back(store)>
                <Icon path="M18 5 8 12l10 7zM5.5 5v14" small=true/>
            </button>
            <button class="play" data-testid="play" aria-label=move || tr(if runs.get() { "Pause" } else { "Play" }) title=tr("Play or pause (Space)")
                on:click=move |e| {
                    store.play_or_pause();
                    // The canvas has the single keys: whoever came by mouse wants them next.
                    if e.detail() > 0 {
                        canvas::focus_board();
                    }
                }>
                <Show when=move || runs.get() fallback=|| view! { <Icon path="M8 5.500l11 6.500-11 6.500z" small=true/> }>
                    <Icon path="M7 5h3.500v14H7zM13.500 5H17v14h-3.500z" small=true/>
                </Show>
            </button>
            <button class="flat" aria-label=tr("Step to the next event") title=tr("Step to the next event (.)") data-testid="step"
                disabled=move || runs.get() on:click=move |_| act::step(store)>
                <Icon path="M6 5l10 7-10 7zM18.5 5v14" small=true/>
            </button>
            <button class="flat edits" aria-label=tr("Break something") title=tr("Break something (B)") data-testid="break"
                on:click=move |_| store.dialog.set(Some(Dialog::Faults(None)))>
                <Icon path="M13 2 4 14h6l-1 8 9-12h-6z" small=true/>
            </button>
            <button class="flat bulk" aria-label=tr("Charts of the whole run") title=tr("Charts of the whole run (G)") data-testid="open-charts"
                on:click=move |_| later::with(store, move |later| (later.graphs)(store))>
                <Icon path="M4 19h16M5 15l4-5 4 3 6-8" small=true/>
            </button>
            <select aria-label=tr("Speed") title=tr("Speed ([ slower, ] faster)") data-testid="speed"
                prop:value=move || store.speed.get().to_string()
                on:change=move |e| if let Some(speed) = loadstone::codec::number(&event_target_value(&e)) { store.set_speed(speed) }>
                {SPEEDS.iter().map(|s| view! { <option value=s.to_string() selected=*s == 1.0>{format::speed(*s)}</option> }).collect_view()}
            </select>
            <span class="clock" data-testid="clock" role="timer" aria-live="off" aria-label=tr("Simulated time")>{move || clock.get()}</span>
            {move || {
                let label = store.branches.read().label().to_owned();
                (!label.is_empty()).then(|| view! {
                    <button class="flat branch" data-testid="branches" title=tr("Branches, and A against B") aria-expanded=move || store.versus.get().to_string()
                        on:click=move |_| act::compare(store)>
                        <Icon path="M6 4v16M6 9c8 0 12-1 12-5M18 20c0-6-4-8-12-8" small=true/><span>{said(&label)}</span>
                    </button>
                })
            }}
            <span class="said seed bulk">{tr("seed")}" "{move || seed.get()}</span>
            <span class="said" class:slow=move || words.read().1 data-testid="said">{move || words.read().0.clone()}</span>
            {move || hash.get().map(|(at, hash)| view! {
                <span class="said mono" title=tr("Trace hash: the same design, seed and events give the same one, here and on the command line")
                    data-testid="trace-hash" data-at=at.to_string()>{hash}</span>
            })}
        </div>
    }
}

/// The timeline.
#[component]
pub fn Timeline(store: Store) -> impl IntoView {
    let rail = NodeRef::<Div>::new();
    let end = memo(move || {
        let end = store.end.get();
        if end > 0 { end } else { store.editor.with(|e| from_s(e.document().run_s)).max(1) }
    });
    let share = move |at: Nanos| (at as f64 / end.get() as f64).clamp(0.0, 1.0);
    let done = move || share(store.now.get());
    let at_pointer = move |e: &MouseEvent| -> Option<Nanos> {
        let rect = rail.get_untracked()?.get_bounding_client_rect();
        let way = ((f64::from(e.client_x()) - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
        Some(from_s(way * to_s(end.get_untracked())))
    };
    let drag = RwSignal::new(None::<Nanos>);
    let down = move |e: PointerEvent| {
        if e.button() == 0 {
            if let Some(rail) = rail.get_untracked() {
                let _ = rail.set_pointer_capture(e.pointer_id());
            }
            drag.set(at_pointer(&e));
        }
    };
    let moved = move |e: PointerEvent| {
        if drag.get_untracked().is_some() {
            drag.set(at_pointer(&e));
            // What is under the pointer shows as fast as the worker can follow.
            if let Some(to) = drag.get_untracked().filter(|_| host::is_idle()) {
                host::send(ToWorker::Seek(to));
            }
        }
    };
    let up = move |_| {
        if let Some(to) = drag.get_untracked() {
            drag.set(None);
            seek(store, to);
        }
    };
    let aim = move |e: MouseEvent| {
        if store.mode == Mode::Edit {
            store.dialog.set(at_pointer(&e).map(|at| Dialog::Faults(Some(at))));
        }
    };
    let key = move |e: KeyboardEvent| {
        let (now, end) = (store.now.get_untracked(), end.get_untracked());
        let to = match e.key().as_str() {
            "ArrowRight" | "ArrowUp" => now.saturating_add(SECOND),
            "ArrowLeft" | "ArrowDown" => now.saturating_sub(SECOND),
            "PageUp" => now.saturating_add(10 * SECOND),
            "PageDown" => now.saturating_sub(10 * SECOND),
            "Home" => 0,
            "End" => end,
            _ => return,
        };
        e.prevent_default();
        seek(store, to.min(end));
    };
    let shown = move || drag.get().map_or_else(done, share);
    view! {
        <div class="track" node_ref=rail title=tr("Click goes there, double click breaks something there") on:dblclick=aim on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=move |_| drag.set(None)>
            <div class="rail"></div>
            <div class="done" style:transform=move || format!("scaleX({:.5})", shown())></div>
            {move || store.later.get().map(|later| (later.marks)(store, rail))}
            <div class="thumb" role="slider" tabindex="0" aria-label=tr("Position in the run") data-testid="position"
                aria-valuemin="0" aria-valuemax=move || to_s(end.get()).to_string()
                aria-valuenow=move || format!("{:.0}", to_s(store.now.get()))
                aria-valuetext=move || format::clock(drag.get().unwrap_or_else(|| store.now.get() / SECOND * SECOND))
                style:left=move || format!("{:.3}%", shown() * 100.0) on:keydown=key></div>
        </div>
    }
}

/// The timeline's entries.
#[component]
pub fn Marks(store: Store, rail: NodeRef<Div>) -> impl IntoView {
    let width = memo(move || (store.screen.get()[0] - 48.0).max(100.0));
    let marks = memo(move || store.editor.with(|e| timeline::timeline(e.document(), None, width.get()).marks));
    move || marks.get().into_iter().map(|mark| view! { <MarkView store mark rail/> }).collect_view()
}

/// One entry of the timeline: a click goes there, dragging moves it, Delete removes it.
#[component]
fn MarkView(store: Store, mark: Mark, rail: NodeRef<Div>) -> impl IntoView {
    let (index, at, words) = (mark.index, mark.at, mark.accessible);
    let from = StoredValue::new(None::<f64>);
    let by = RwSignal::new(0.0);
    let remove = move || {
        store.apply(Command::RemoveEntry(index));
    };
    let down = move |e: PointerEvent| {
        e.stop_propagation();
        if let Some(mark) = e.current_target().and_then(|t| t.dyn_into::<Element>().ok()).filter(|_| e.button() == 0) {
            let _ = mark.set_pointer_capture(e.pointer_id());
            from.set_value(Some(f64::from(e.client_x())));
        }
    };
    let moved = move |e: PointerEvent| {
        if let Some(from) = from.get_value() {
            let far = f64::from(e.client_x()) - from;
            by.set(if far.abs() < 4.0 { 0.0 } else { far });
        }
    };
    // The list of marks is drawn anew with every change, so the document changes only when the drag ends.
    let up = move |_| {
        let (held, far) = (from.get_value().is_some(), by.get_untracked());
        from.set_value(None);
        if held && far != 0.0 {
            let width = rail.get_untracked().map_or(1.0, |r| r.get_bounding_client_rect().width().max(1.0));
            let end = store.editor.with_untracked(|e| e.document().run_s);
            let to = (to_s(at) + far / width * end).clamp(0.001, end);
            by.set(0.0);
            store.apply(Command::MoveEntry { index, at: from_s(to), gesture: 0 });
        }
    };
    let click = move |e: MouseEvent| {
        // A second earlier, so that one sees it happen. The click that ends a drag has no such meaning.
        if e.detail() == 0 || by.get_untracked() == 0.0 && store.editor.with_untracked(|e| still_at(e, index, at)) {
            seek(store, at.saturating_sub(SECOND));
        }
    };
    view! {
        <button class="event" class:quiet=!mark.roomy data-tone=mark.tone.name()
            title=fill("{what}. Click goes there, dragging moves it, Delete removes it.", &[&words])
            aria-label=fill("{what}; Enter goes there, Delete removes it", &[&words])
            style:left=format!("{:.3}%", mark.share * 100.0) style:transform=move || format!("translateX({}px)", by.get())
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:click=click
            on:contextmenu=move |e| { e.prevent_default(); remove() }
            on:keydown=move |e| if matches!(e.key().as_str(), "Delete" | "Backspace") { e.prevent_default(); e.stop_propagation(); remove() }>
            {mark.label}
        </button>
    }
}

fn still_at(editor: &Editor, index: usize, at: Nanos) -> bool {
    editor.document().timeline.get(index).is_some_and(|e| e.at() == at)
}

fn seek(store: Store, to: Nanos) {
    host::send(ToWorker::Seek(to));
    store.say(fill("Going to {time}", &[&format::moment(to)]));
}
