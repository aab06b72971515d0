//! What is selected: the settings and live numbers of a node or link, and what can be done to it.

use super::fields;
use super::measured::MeasuredPane;
use super::tabs::{self, Tabs};
use super::why::{self, WhyPane};
use crate::act::act;
use crate::canvas::{self, hand::Hand};
use crate::charts::window_at;
use crate::icons::Icon;
use crate::mode::Mode;
use crate::store::{Store, Tab, memo};
use leptos::prelude::*;
use loadstone::editor::actions::{Act, of};
use loadstone::editor::{Arrange, Command, Editor, Item, Line};
use loadstone::metrics::frame::{Frame, State};
use loadstone::scene::inspector::{Inspector, Live, inspector};
use loadstone::texts::{fill, tr};

/// One node or link, or how many.
#[component]
pub fn Selected(store: Store, hand: Hand) -> impl IntoView {
    why::follow(store);
    let about = memo(move || {
        let frame = store.frame.get();
        store.editor.with(|e| inspector(e, &store.stage.read().0, frame.as_deref()))
    });
    let item = memo(move || about.read().item.clone());
    let many = memo(move || about.read().selected);
    move || match item.get() {
        Some(item) => view! { <One store hand about item/> }.into_any(),
        None if many.get() > 1 => view! { <Many store hand count=many.get()/> }.into_any(),
        None => ().into_any(),
    }
}

/// One node or link.
#[component]
fn One(store: Store, hand: Hand, about: Memo<Inspector>, item: Item) -> impl IntoView {
    let suits = store.frame.read_untracked().as_ref().is_some_and(|f| f.now > 0);
    let tab = memo(move || store.tab.get().unwrap_or(if suits { Tab::Live } else { Tab::Settings }));
    let icon = about.with_untracked(|a| a.icon);
    let item = StoredValue::new(item);
    view! {
        <header>
            <Icon path=icon/>
            <h2>{move || about.read().title.clone()}</h2>
            <span class="mono">{move || about.read().address.clone()}</span>
        </header>
        <Tabs store tab tabs=&[(Tab::Settings, "Settings"), (Tab::Live, "Live"), (Tab::Why, "Why")]/>
        <div class="pane" role="tabpanel" id="pane" aria-labelledby=move || tabs::id(tab.get())>
            {move || match tab.get() {
                Tab::Settings => view! {
                    <fieldset class="bare" disabled=store.mode != Mode::Edit><fields::Settings store about item=item.get_value()/></fieldset>
                }.into_any(),
                Tab::Live => view! { <LivePane store about item=item.get_value()/> }.into_any(),
                Tab::Why => view! { <WhyPane store about=item.get_value()/> }.into_any(),
            }}
            {(store.mode == Mode::Edit).then(|| view! { <hr/><Actions store hand/> })}
        </div>
    }
}

/// Live numbers with their spark lines.
#[component]
fn LivePane(store: Store, about: Memo<Inspector>, item: Item) -> impl IntoView {
    let item = StoredValue::new(item);
    let rows = move || {
        let all = about.read().live.clone();
        let (drawn, plain): (Vec<_>, Vec<_>) = all.into_iter().partition(|l| l.series.is_some());
        let drawn = drawn.into_iter().map(|l| view! { <Reading store live=l item=item.get_value()/> }).collect_view();
        let plain = plain.into_iter().map(|l| {
            let note = if l.note.is_empty() { String::new() } else { format!(" · {}", l.note) };
            view! { <dt>{tr(l.label)}</dt><dd data-tone=l.tone.name()>{l.value}<span class="note">{note}</span></dd> }
        });
        view! { {drawn}<dl class="rows">{plain.collect_view()}</dl> }
    };
    let backends = move || {
        let all = about.read().backends.clone();
        (!all.is_empty()).then(|| {
            let rows = all.into_iter().map(|b| view! {
                <tr><th scope="row">{b.name}</th><td data-tone=b.tone.name()>{b.state}</td><td>{b.picks}</td><td>{b.open}</td></tr>
            }).collect_view();
            view! {
                <h3>{tr("Backends, as the balancer sees them")}</h3>
                <table class="small"><thead><tr><th scope="col">{tr("Server")}</th><th scope="col">{tr("State")}</th><th scope="col">{tr("Got")}</th><th scope="col">{tr("Open now")}</th></tr></thead>
                <tbody>{rows}</tbody></table>
            }
        })
    };
    let idle = move || about.read().live.is_empty();
    let node = item.with_value(|item| match item {
        Item::Node(id) => Some(id.clone()),
        Item::Link(..) => None,
    });
    view! {
        <p class="status" data-tone=move || about.read().tone.name()>{move || about.read().status.clone()}</p>
        <Show when=idle><p>{tr("Nothing measured yet. Press play to see live numbers.")}</p></Show>
        {rows}
        {backends}
        {node.map(|id| view! { <MeasuredPane store node=Some(id)/> })}
    }
}

#[component]
fn Reading(store: Store, live: Live, item: Item) -> impl IntoView {
    let hue = match live.tone.name() {
        "bad" => "bad",
        "warn" => "warn",
        _ => "accent",
    };
    let line = match (&item, live.series) {
        (Item::Node(id), Some(series)) => {
            let now = store.frame.read_untracked().as_ref().map_or(0, |f| f.now);
            let (to, span) = window_at(now);
            store.series.with_value(|s| s.spark(id, series, to, span, 150.0, 48.0))
        }
        _ => Default::default(),
    };
    view! {
        <div class="reading">
            <div>
                <div class="what">{tr(live.label)}</div>
                <div class="value" data-tone=live.tone.name()>{live.value}</div>
                <div class="about">{live.note}</div>
            </div>
            <svg viewBox="0 0 150 48" preserveAspectRatio="none" aria-hidden="true">
                <path class="fill" data-hue=hue d=line.area/><path class="line" data-hue=hue d=line.path/>
            </svg>
        </div>
    }
}

/// What breaks and mends it: of these, the ones that can be done.
#[component]
fn Actions(store: Store, hand: Hand) -> impl IntoView {
    const ALL: &[(Act, &str)] = &[
        (Act::CrashOrRecover, "Crash"),
        (Act::CutLink, "Cut the link"),
        (Act::Freeze, "Freeze"),
        (Act::Slow, "Slow ×3"),
        (Act::Recover, "Recover"),
        (Act::Promote, "Promote"),
        (Act::Flush, "Empty"),
        (Act::BreakSomething, "More…"),
        (Act::Delete, "Delete"),
    ];
    // What works needs no mending, and what lies still cannot fall.
    let hurt = memo(move || store.editor.with(|e| harm(e, store.frame.read().as_deref())));
    view! {
        <div class="actions" role="group" aria-label=tr("Break and mend")>
            {ALL.iter().map(|&(act, label)| view! { <ActButton store hand act label hurt/> }).collect_view()}
        </div>
    }
}

/// A button that is there only while its action can be done.
#[component]
fn ActButton(store: Store, hand: Hand, act: Act, label: &'static str, hurt: Memo<(bool, bool)>) -> impl IntoView {
    let wanted = act;
    let danger = matches!(act, Act::CrashOrRecover | Act::CutLink);
    let enabled = memo(move || {
        store.frame.track();
        of(wanted).is_some_and(|a| store.situation(|s| a.enabled(s)))
    });
    let sensible = memo(move || {
        let (hurt, down) = hurt.get();
        match wanted {
            Act::Recover => hurt,
            Act::CrashOrRecover => !down,
            _ => true,
        }
    });
    view! {
        <Show when=move || enabled.get() && sensible.get()>
            <button class="button" class:danger=danger data-testid=format!("do-{}", label.split([' ', '…']).next().unwrap_or_default().to_ascii_lowercase())
                on:click=move |_| crate::act::act(store, hand, wanted)>{tr(label)}</button>
        </Show>
    }
}

/// Whether anything selected suffers from a fault, and whether all of it is down.
fn harm(editor: &Editor, frame: Option<&Frame>) -> (bool, bool) {
    let Some(frame) = frame else { return (false, false) };
    let (mut hurt, mut down) = (false, true);
    for item in editor.selection().iter() {
        let (bad, dead) = match item {
            Item::Node(id) => frame.nodes.iter().find(|n| n.id == *id).map_or((false, false), |n| {
                let dead = matches!(n.state, State::Crashed | State::Frozen);
                (dead || n.slow > 1.0 || n.error_share > 0.0, dead)
            }),
            Item::Link(from, to) => (frame.links.iter())
                .find(|l| l.from == *from && l.to == *to)
                .map_or((false, false), |l| (l.cut || l.slow > 1.0, l.cut)),
        };
        hurt |= bad;
        down &= dead;
    }
    (hurt, down)
}

/// More than one thing.
#[component]
fn Many(store: Store, hand: Hand, count: usize) -> impl IntoView {
    let names = memo(move || {
        store
            .scene
            .read()
            .cards
            .iter()
            .filter(|c| c.selected)
            .map(|c| (c.id.clone(), c.name.clone()))
            .collect::<Vec<_>>()
    });
    view! {
        <header><h2>{fill("{n} selected", &[&count])}</h2></header>
        <div class="pane">
            <ul>
                {move || names.get().into_iter().map(|(id, name)| view! {
                    <li><button class="problem" on:click=move |_| canvas::go_to(store, &id)>{name}</button></li>
                }).collect_view()}
            </ul>
            {(store.mode == Mode::Edit).then(|| view! { <Tidy store hand/><Zone store/> })}
            <Actions store hand/>
            <button class="button" on:click=move |_| act(store, hand, Act::Duplicate)>{tr("Duplicate")}</button>
        </div>
    }
}

/// The zone in which all of them stand.
#[component]
fn Zone(store: Store) -> impl IntoView {
    let zone = move || {
        let scene = store.scene.read();
        let mut zones = scene.cards.iter().filter(|c| c.selected).map(|c| c.zone.clone().unwrap_or_default());
        let first = zones.next().unwrap_or_default();
        if zones.all(|z| z == first) { (first, tr("none")) } else { (String::new(), tr("several")) }
    };
    let set = move |e| {
        let zone = Some(event_target_value(&e)).filter(|z| !z.trim().is_empty());
        store.apply(Command::SetZone { ids: store.editor.with_untracked(Editor::selected_nodes), zone });
    };
    view! {
        <div class="field"><label for="f-zone">{tr("Zone")}</label>
            <div class="box"><input id="f-zone" maxlength="64" placeholder=move || zone().1 prop:value=move || zone().0 on:change=set/></div></div>
    }
}

/// What brings several cards in order, as icons in a row.
#[component]
fn Tidy(store: Store, hand: Hand) -> impl IntoView {
    const ALL: &[Arrange] = &[
        Arrange::Align(Line::Left),
        Arrange::Align(Line::Centre),
        Arrange::Align(Line::Right),
        Arrange::Align(Line::Top),
        Arrange::Align(Line::Middle),
        Arrange::Align(Line::Bottom),
        Arrange::SpreadAcross,
        Arrange::SpreadDown,
        Arrange::Layout,
    ];
    let button = |how: Arrange| {
        of(Act::Arrange(how)).map(|action| {
            let keys = action.keys.first().map(|k| format!(" ({})", k.label(crate::is_mac()))).unwrap_or_default();
            let may = memo(move || store.situation(|s| action.enabled(s)));
            view! {
                <button title=format!("{}{keys}", tr(action.label)) aria-label=tr(action.label)
                    disabled=move || !may.get() on:click=move |_| act(store, hand, action.act)>
                    <Icon path=action.icon/>
                </button>
            }
        })
    };
    view! { <div class="tidy" role="group" aria-label=tr("Arrange")>{ALL.iter().map(|&how| button(how)).collect_view()}</div> }
}
