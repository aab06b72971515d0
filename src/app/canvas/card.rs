//! One card, and the call-outs beside cards.

use super::hand::{Doing, Hand};
use crate::icons::Icon;
use crate::store::{Store, memo};
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::component::Kind;
use loadstone::editor::place::Rect;
use loadstone::editor::{Command, Item};
use loadstone::scene::{Card, Tone};
use loadstone::texts::{fill, said, tr};

/// The card of the node with this identifier.
#[component]
pub fn CardView(store: Store, hand: Hand, id: String, card: RwSignal<Card>) -> impl IntoView {
    let key = StoredValue::new(id.clone());
    let renaming = memo(move || key.with_value(|id| store.renaming.read().as_ref() == Some(id)));
    let target = memo(move || {
        let draft = hand.draft.read();
        let aimed = key.with_value(|id| draft.as_ref().is_some_and(|d| d.target.as_ref() == Some(id)));
        aimed.then(|| draft.as_ref().is_some_and(|d| !d.why_not.is_empty()))
    });
    let focused = move |_| {
        // By keyboard; with the mouse the gesture decides.
        let chosen =
            key.with_value(|id| store.editor.with_untracked(|e| e.selection().contains(&Item::Node(id.clone()))));
        if !chosen && matches!(hand.doing.get_value(), Doing::Nothing) {
            store.apply(Command::Select(vec![Item::Node(key.get_value())]));
        }
    };
    // Where it is changes with every move of a hand, how it looks with every frame of a run: each redraws only its own.
    let place = memo(move || card.read().rect);
    let looks = memo(move || Card { rect: Rect::default(), ..card.get() });
    let classes = move || {
        let (card, target) = (looks.read(), target.get());
        let mut classes = "card".to_owned();
        for (name, _) in [
            (" chosen", card.selected),
            (" dead", card.dead),
            (" absent", card.joins.is_some()),
            (" target", target.is_some()),
            (" wrong", target == Some(true)),
        ]
        .into_iter()
        .filter(|(_, holds)| *holds)
        {
            classes += name;
        }
        classes
    };
    view! {
        <div
            class=classes data-node=id tabindex="0"
            role=move || if renaming.get() { "group" } else { "button" }
            aria-pressed=move || (!renaming.get()).then(|| if looks.read().selected { "true" } else { "false" })
            data-tone=move || looks.read().tone.name()
            style:transform=move || { let r = place.get(); format!("translate({}px, {}px)", r.x, r.y) }
            on:focus=focused
        >
            <Icon path=card.read_untracked().icon/>
            <Show when=move || renaming.get() fallback=move || view! { <span class="name">{move || looks.read().name.clone()}</span> }>
                {store.later.get().map(|later| (later.rename)(store, key.get_value(), card.read_untracked().name.clone()))}
            </Show>
            {move || face(&looks.read())}
            <span class="handle" data-handle="right"></span>
            <span class="handle left" data-handle="left"></span>
            <span class="handle top" data-handle="top"></span>
            <span class="handle bottom" data-handle="bottom"></span>
        </div>
    }
}

/// The status line, with the faults that do not kill.
fn status(card: &Card) -> String {
    let badges = card.badges.iter().map(|b| b.label.as_str());
    badges.chain([card.status.as_str()]).filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What only a picture shows, for assistive technology: kind, load, queue.
fn spoken(card: &Card) -> String {
    let kind = Kind::from_id(&card.kind).map_or("unknown kind", |k| k.spec().label);
    let kind = tr(kind);
    let busy = card.utilization.map(|u| fill(", {n} % busy", &[&(u * 100.0).round()])).unwrap_or_default();
    let flaw = card.flaw.as_ref().map(|f| fill(", problem: {what}", &[&said(&f.words)])).unwrap_or_default();
    let locked = if card.locked { tr(", locked") } else { "" };
    format!(", {kind}{busy}{locked}{flaw}")
}

/// What a card shows besides its name: one view, drawn anew as a whole, because hundreds of cards with a dozen effects each
/// would take longer to make than to draw.
fn face(card: &Card) -> impl IntoView + use<> {
    let (mark, path) = mark(card);
    let flaw = card.flaw.as_ref().map(|flaw| {
        let title =
            format!("{}: {}", tr(if flaw.error { "Cannot run" } else { "Probably not as meant" }), said(&flaw.words));
        view! { <span class="flaw" class:error=flaw.error title=title aria-hidden="true">"!"</span> }
    });
    let lock = card.locked.then(|| {
        view! { <svg class="lock" viewBox="0 0 24 24" aria-hidden="true"><path d="M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3"/></svg> }
    });
    let bar = card.utilization.map(|share| {
        view! {
            <span class="bar" data-tone=card.utilization_tone.name()>
                <i style:transform=format!("scaleX({share:.3})")></i>
            </span>
        }
    });
    let slots = (!card.slots.is_empty()).then(|| {
        let dots = card.slots.iter().map(|tone| view! { <i class=tone.name()></i> }).collect_view();
        let more = (!card.more.is_empty()).then(|| view! { <b>{card.more.clone()}</b> });
        view! { <span class="slots" aria-hidden="true">{dots}{more}</span> }
    });
    // The address that its name service's answer gave, ageing.
    let ticket = card.ticket.as_ref().map(|t| {
        view! {
            <span class="ticket" data-tone=t.tone.name() title=tr("What DNS answered, and how long it stays in the resolver's cache")>
                {t.label.clone()}<i style:transform=format!("scaleX({:.3})", t.left)></i>
            </span>
        }
    });
    view! {
        <span class="unseen">", "</span>
        <span class="address" class:public=card.public == Some(true)>{card.address.clone()}</span>
        <span class="unseen">", "</span>
        <span class="detail">{status(card)}</span>
        <span class="unseen">{spoken(card)}</span>
        <svg class="mark" viewBox="0 0 18 18" aria-hidden="true" data-mark=mark><path d=path/></svg>
        {flaw}{lock}{bar}{slots}{ticket}
    }
}

/// The sign in the corner: its shape tells the state as well as its colour.
fn mark(card: &Card) -> (&'static str, &'static str) {
    match card.tone {
        _ if card.joins.is_some() => ("idle", ""),
        _ if card.dead => ("bad", "M4.5 4.5l9 9m0-9l-9 9"),
        _ if card.crown => ("crown", "M2 14 .5 3.5l5 4.2L9 2.500l3.5 5.200 5-4.200L16 14z"),
        Tone::Bad | Tone::Warn => ("warn", "M9 3.5 15.5 14.5h-13z"),
        Tone::Ok => ("ok", "M9 5a4 4 0 1 1-.01 0z"),
        Tone::Idle => ("idle", ""),
    }
}

/// The name being edited in place.
#[component]
pub fn Rename(store: Store, id: String, name: String) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let key = StoredValue::new(id);
    let finish = move |keep: bool| {
        // Enter blurs, and so does the end of the field: only the first counts.
        if store.renaming.try_update(Option::take).flatten().is_none() {
            return;
        }
        let name = input.get_untracked().map(|i| i.value()).unwrap_or_default();
        if keep {
            store.apply(Command::Rename { id: key.get_value(), name });
        }
        super::focus(&key.get_value());
    };
    let pressed = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => finish(true),
            "Escape" => finish(false),
            _ => {}
        }
    };
    view! {
        <input
            class="rename" node_ref=input aria-label=tr("Name") maxlength="200" value=name
            on:keydown=pressed on:blur=move |_| finish(true)
            on:pointerdown=|e| e.stop_propagation() on:dblclick=|e| e.stop_propagation()
        />
    }
}

/// Notes about something that is under way, such as missed health checks.
#[component]
pub fn Callouts(store: Store) -> impl IntoView {
    let notes = memo(move || store.scene.read().callouts.clone());
    move || {
        notes
            .get()
            .into_iter()
            .map(|note| {
                let (x, y) = (note.rect.x, note.rect.y);
                view! {
                    <div class="callout" data-tone=note.tone.name()
                        style:transform=format!("translate({x}px, {y}px)")
                        style:width=format!("{}px", note.rect.w) style:height=format!("{}px", note.rect.h)>
                        <b>{note.title}</b><span>{note.detail}</span>
                    </div>
                }
            })
            .collect_view()
    }
}
