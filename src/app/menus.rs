//! Menus at the pointer: documents, what can be done with a thing, kinds that fit at the end of a link.

use crate::author;
use crate::canvas::{self, hand::Hand};
use crate::documents;
use crate::film;
use crate::graphs;
use crate::hints;
use crate::icons::Icon;
use crate::lesson;
use crate::mode::Mode;
use crate::outline;
use crate::shelf;
use crate::store::{Menu, Store};
use crate::tracer;
use crate::versus;
use leptos::ev::{self, KeyboardEvent};
use leptos::html::Div;
use leptos::prelude::*;
use loadstone::editor::actions::{Act, of};
use loadstone::editor::place::{CARD_H, GRID};
use loadstone::editor::{Arrange as Tidy, Command, Item, Line as Edge};
use loadstone::texts::{fill, tr};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// What lies over the canvas: the legend, zoom and minimap, and, when it is asked for, outline, menus, and the dialog that opens a file.
#[component]
pub fn Stage(store: Store, hand: Hand) -> impl IntoView {
    view! {
        <canvas::view::Legend store/>
        <canvas::view::ViewBox store/>
        <Show when=move || store.outline.get()><outline::OutlineTable store hand/></Show>
        <Show when=move || store.graphs.read().is_some()><graphs::Graphs store/></Show>
        <Show when=move || store.tracing.read().is_some()><tracer::Tracer store/></Show>
        <Show when=move || store.versus.get()><versus::VersusPanel store/></Show>
        {(store.mode != Mode::Embed).then(|| view! { <lesson::LessonPanel store/> })}
        {(store.mode == Mode::Edit).then(|| view! { <author::AuthorPanel store/><hints::Hints store/> })}
        <film::FilmBar store/>
        <Show when=move || store.mode == Mode::Embed><documents::Opener store/></Show>
        <Menus store hand/>
        <documents::FileInput store/>
    }
}

/// Whatever menu is open.
#[component]
fn Menus(store: Store, hand: Hand) -> impl IntoView {
    let away = window_event_listener(ev::pointerdown, move |e| {
        let inside = |selector: &str| {
            let element = e.target().and_then(|t| t.dyn_into::<Element>().ok());
            element.and_then(|e| e.closest(selector).ok().flatten()).is_some()
        };
        if store.menu.read_untracked().is_some() && !inside(".menu") && !inside("[aria-haspopup=menu]") {
            store.menu.set(None);
        }
    });
    on_cleanup(move || away.remove());
    move || {
        store.menu.get().map(|menu| match menu {
            Menu::Documents(at) => {
                view! { <MenuFrame store at label=tr("Documents")><Documents store hand/></MenuFrame> }.into_any()
            }
            Menu::Context(at) => {
                view! { <MenuFrame store at label=tr("Menu")><Context store hand/></MenuFrame> }.into_any()
            }
            Menu::Fitting { at, from, world } => {
                view! { <MenuFrame store at label=tr("Add and link")><Fitting store from world/></MenuFrame> }
                    .into_any()
            }
        })
    }
}

/// The frame of a menu: stays on the screen, arrows walk, Esc closes.
#[component]
fn MenuFrame(store: Store, at: [f64; 2], label: &'static str, children: Children) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let place = RwSignal::new(at);
    Effect::new(move |_| {
        if let Some(menu) = node.get() {
            let size = |v: Result<JsValue, JsValue>| v.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
            let (w, h) = (size(window().inner_width()), size(window().inner_height()));
            let fit = |at: f64, long: i32, room: f64| at.min(room - f64::from(long) - 8.0).max(8.0);
            place.set([fit(at[0], menu.offset_width(), w), fit(at[1], menu.offset_height(), h)]);
            focus_item(&menu, 0);
        }
    });
    let key = move |e: KeyboardEvent| {
        let Some(menu) = node.get_untracked() else { return };
        let (here, count) = position(&menu);
        match e.key().as_str() {
            "ArrowDown" => focus_item(&menu, if here + 1 >= count { 0 } else { here + 1 }),
            "ArrowUp" => focus_item(&menu, if here == 0 { count.saturating_sub(1) } else { here - 1 }),
            "Home" => focus_item(&menu, 0),
            "End" => focus_item(&menu, count.saturating_sub(1)),
            "Escape" | "Tab" => {
                store.menu.set(None);
                canvas::focus_board();
            }
            _ => return,
        }
        e.prevent_default();
        e.stop_propagation();
    };
    view! {
        <div class="menu" role="menu" aria-label=label node_ref=node on:keydown=key on:contextmenu=|e| e.prevent_default()
            style:left=move || format!("{}px", place.get()[0]) style:top=move || format!("{}px", place.get()[1])>
            {children()}
        </div>
    }
}

fn items(menu: &Element) -> Vec<HtmlElement> {
    let Ok(found) = menu.query_selector_all("[role=menuitem]:not(:disabled)") else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
}

fn position(menu: &Element) -> (usize, usize) {
    let all = items(menu);
    let active = document().active_element();
    (all.iter().position(|i| active.as_ref() == Some(i.as_ref())).unwrap_or(0), all.len())
}

fn focus_item(menu: &Element, i: usize) {
    if let Some(item) = items(menu).get(i) {
        let _ = item.focus();
    }
}

/// A line that does an action of the table.
#[component]
fn Line(store: Store, hand: Hand, act: Act) -> impl IntoView {
    let wanted = act;
    of(wanted).map(|action| {
        let run = move |_| {
            store.menu.set(None);
            canvas::focus_board();
            crate::act::act(store, hand, wanted);
        };
        view! {
            <button role="menuitem" title=store.situation(|s| action.why_not(s)).map(tr) disabled=!store.situation(|s| action.enabled(s)) on:click=run>
                <Icon path=action.icon/><span>{tr(action.label)}</span>
                {action.keys.first().map(|k| view! { <kbd>{k.label(crate::is_mac())}</kbd> })}
            </button>
        }
    })
}

fn lines(store: Store, hand: Hand, acts: &'static [Act]) -> impl IntoView {
    acts.iter().map(|&act| view! { <Line store hand act/> }).collect_view()
}

/// What can be done with what is selected, or with the canvas.
#[component]
fn Context(store: Store, hand: Hand) -> impl IntoView {
    use Act::*;
    const NODE: &[Act] = &[CrashOrRecover, LoseZone, Freeze, Slow, Recover, Promote, Flush, BreakSomething];
    const EDIT: &[Act] = &[LinkTo, Rename, Duplicate, Cut, Copy, Lock, Delete];
    const LINK: &[Act] = &[CutLink, Recover, BreakSomething, Delete];
    const CANVAS: &[Act] = &[Paste, SelectAll, FitAll, Arrange(Tidy::Layout), ToggleOutline, BreakSomething];
    const SEVERAL: &[Act] = &[
        Arrange(Tidy::Align(Edge::Left)),
        Arrange(Tidy::Align(Edge::Top)),
        Arrange(Tidy::SpreadAcross),
        Arrange(Tidy::SpreadDown),
        Arrange(Tidy::Layout),
        GroupZone,
        UngroupZone,
    ];
    let only = store.editor.with_untracked(|e| e.only_selected().cloned());
    let none = store.editor.with_untracked(|e| e.selection().is_empty());
    match only {
        Some(Item::Link(..)) => lines(store, hand, LINK).into_any(),
        _ if none => lines(store, hand, CANVAS).into_any(),
        Some(_) => view! { {lines(store, hand, NODE)}<hr/>{lines(store, hand, EDIT)} }.into_any(),
        None => view! { {lines(store, hand, NODE)}<hr/>{lines(store, hand, SEVERAL)}<hr/>{lines(store, hand, EDIT)} }
            .into_any(),
    }
}

/// Kinds that fit where a link was dropped.
#[component]
fn Fitting(store: Store, from: String, world: [f64; 2]) -> impl IntoView {
    let fits = store.editor.with_untracked(|e| loadstone::editor::fits(e.document(), &from));
    let at = [world[0] - GRID / 2.0, world[1] - CARD_H / 2.0];
    let none = fits.is_empty();
    let rows = fits.into_iter().map(|preset| {
        let from = from.clone();
        let add = move |_| {
            store.menu.set(None);
            canvas::focus_board();
            store.apply(Command::AddLinked { from: from.clone(), preset, at });
        };
        view! { <button role="menuitem" on:click=add><Icon path=preset.spec().icon/><span>{tr(preset.preset().label)}</span></button> }
    });
    view! {
        <div class="title">{tr(if none { "Nothing can be linked from here" } else { "Add here and link" })}</div>
        {rows.collect_view()}
    }
}

/// The documents of this browser.
#[component]
fn Documents(store: Store, hand: Hand) -> impl IntoView {
    use Act::*;
    const FILE: &[Act] = &[
        NewDocument,
        DuplicateDocument,
        Examples,
        Course,
        Challenges,
        Chooser,
        WriteLesson,
        Glossary,
        Import,
        ExportJson,
        ExportPng,
        ExportSvg,
        ExportMermaid,
        Film,
        ExportStack,
        KeepEdits,
        ToggleOutline,
        Language,
    ];
    let here = store.doc_id.get_untracked();
    let others: Vec<_> = shelf::list().into_iter().filter(|k| k.id != here).take(12).collect();
    let open = move |id: String| {
        store.menu.set(None);
        canvas::focus_board();
        documents::open_kept(store, &id);
    };
    let title = (!others.is_empty()).then(|| view! { <hr/><div class="title">{tr("Your earlier work")}</div> });
    let rows = others.into_iter().map(|kept| {
        let (id, gone) = (kept.id.clone(), kept.id);
        let row = NodeRef::<Div>::new();
        let forget = move |_| {
            documents::forget(store, &gone);
            if let Some(row) = row.get_untracked() {
                row.remove();
            }
        };
        let label = fill("Forget {name}", &[&kept.name]);
        view! {
            <div class="kept" node_ref=row role="none">
                <button role="menuitem" on:click=move |_| open(id.clone())><span>{kept.name}</span><small>{ago(kept.saved)}</small></button>
                <button role="menuitem" class="forget" aria-label=label title=tr("Forget this document") on:click=forget><Icon path="M7 7l10 10M17 7 7 17" small=true/></button>
            </div>
        }
    });
    view! { {lines(store, hand, FILE)}{title}{rows.collect_view()} }
}

/// "3 min ago".
fn ago(saved: f64) -> String {
    let minutes = ((js_sys::Date::now() - saved) / 60_000.0).max(0.0);
    match minutes {
        m if m < 1.0 => tr("just now").to_owned(),
        m if m < 60.0 => fill("{n} min ago", &[&m.round()]),
        m if m < 1440.0 => fill("{n} h ago", &[&(m / 60.0).round()]),
        m => fill("{n} days ago", &[&(m / 1440.0).round()]),
    }
}
