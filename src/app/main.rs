//! The page: Leptos components over the library, and the only place that knows a browser.
//!
//! Nothing here computes what could be tested without one: documents change through `editor`, what is drawn comes from
//! `scene`, the run happens in a worker that `host` keeps alive. Each component is a file; all share one `Store`.

// These run in one browser at a time: what differs between platforms in the last bit does no harm here.
#![allow(clippy::disallowed_methods)]

mod act;
mod announce;
mod author;
mod canvas;
mod charts;
mod chooser;
mod clipboard;
mod course;
mod dialogs;
mod documents;
mod edit;
mod embed;
mod film;
mod gallery;
mod glossary;
mod graphs;
mod helper;
mod hints;
mod host;
mod icons;
mod inspector;
mod keys;
mod language;
mod later;
mod lesson;
mod log;
mod menus;
mod mode;
mod outline;
mod paint;
mod palette;
mod pictures;
mod relief;
mod shelf;
mod store;
mod theme;
mod timeline;
mod topbar;
mod tracer;
mod versus;
mod worker;

use canvas::hand::Hand;
use leptos::prelude::*;
use loadstone::texts::tr;
use loadstone::worker::ToWorker;
use store::Store;
use wasm_bindgen::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    // Page and worker are one program, because most of it is needed by both and would be loaded twice.
    match js_sys::global().dyn_into::<web_sys::DedicatedWorkerGlobalScope>() {
        Ok(scope) => worker::start(&scope),
        Err(_) => open_page(),
    }
}

fn open_page() {
    language::begin();
    // What is created here lives as long as the page.
    let owner = Owner::new();
    owner.set();
    mount_to_body(|| view! { <Page/> });
    std::mem::forget(owner);
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
}

/// Whether shortcuts are named as on a Mac.
pub fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|p| p.starts_with("Mac") || p.starts_with("iP"))
}

#[component]
fn Page() -> impl IntoView {
    let start = documents::start();
    let store = Store::new(start.doc, start.id);
    let hand = Hand::default();
    store.still.set(theme::media("(prefers-reduced-motion: reduce)"));
    store.try_this.set(start.try_this);
    host::start(store);
    // What a link holds is opened by the part that comes later.
    if !start.by_link {
        host::send(ToWorker::Load { document: store.document_text(), restart: true });
    }
    if start.play {
        host::send(ToWorker::Play);
    }
    if let Some(words) = start.message {
        store.warn(&words);
    }
    theme::watch_motion(store);
    fetch_the_rest(store, hand, start.by_link);
    Effect::new(move |_| canvas::focus_board());
    view! {
        <div class="page" data-sheet=move || store.sheet.get()
            class:no-palette=move || !store.palette_open.get() class:no-inspector=move || !store.inspector_open.get()>
            <topbar::Topbar store hand/>
            <palette::Palette store/>
            <main class="stage">
                <canvas::Canvas store hand/>
                <NoticeBar store/>
                {move || store.later.get().map(|later| (later.stage)(store, hand))}
            </main>
            <inspector::InspectorPanel store hand/>
            <section class="dock" aria-label=tr("Run")>
                <timeline::Transport store/>
                <timeline::Timeline store/>
                <charts::Charts store/>
                <log::Log store/>
            </section>
            <Sheets store/>
            {move || store.later.get().map(|later| (later.dialogs)(store, hand))}
            <div class="unseen" role="status" aria-live="polite" data-testid="said-aloud">{move || store.said.get()}</div>
        </div>
    }
}

/// The second part of the page comes once the run shows, or cannot; at once for whoever came by a link, which it reads.
fn fetch_the_rest(store: Store, hand: Hand, at_once: bool) {
    const AT_THE_LATEST: std::time::Duration = std::time::Duration::from_secs(2);
    let shown = store::memo(move || at_once || store.frame.read().is_some() || store.refused.read().is_some());
    Effect::new(move |_| {
        if shown.get() {
            later::fetch(store, hand);
        }
    });
    set_timeout(move || later::fetch(store, hand), AT_THE_LATEST);
    // Last the engine that is made for speed; where the program is not cut in two, there is only one.
    const AFTER: std::time::Duration = std::time::Duration::from_secs(1);
    Effect::new(move |_| {
        if cfg!(feature = "split") && store.later.read().is_some() {
            set_timeout(move || host::relieve(store), AFTER);
        }
    });
}

/// On a phone: which panel covers the lower half.
#[component]
fn Sheets(store: Store) -> impl IntoView {
    const SHEETS: [(&str, &str, &str); 4] = [
        ("palette", "Add", "M12 5v14M5 12h14"),
        ("inspector", "Details", "M4 7h9M17 7h3M4 17h3M11 17h9M13 4.500v5M7 14.500v5"),
        ("charts", "Charts", "M4 19h16M5 15l4-5 4 3 6-8"),
        ("log", "Log", "M5 6h14M5 12h14M5 18h9"),
    ];
    let button = move |(id, label, icon): (&'static str, &'static str, &'static str)| {
        view! {
            <button class="flat" aria-pressed=move || (store.sheet.get() == id).to_string()
                on:click=move |_| store.sheet.update(|s| *s = if *s == id { "" } else { id })>
                <icons::Icon path=icon/><span>{tr(label)}</span>
            </button>
        }
    };
    let first = usize::from(store.mode != mode::Mode::Edit);
    view! { <nav class="sheets" aria-label=tr("Panels")>{SHEETS.into_iter().skip(first).map(button).collect_view()}</nav> }
}

/// A message above the canvas.
#[component]
fn NoticeBar(store: Store) -> impl IntoView {
    move || {
        store.notice.get().map(|notice| {
            view! {
                <div class="notice" class:bad=notice.bad role="alert" data-testid="notice">
                    <span>{notice.words}</span>
                    {notice.remedy.map(|remedy| view! {
                        <button class="button" data-testid="remedy" on:click=move |_| {
                            let remedy = remedy.clone();
                            later::with(store, move |later| (later.remedy)(store, remedy));
                        }>{tr("Undo")}</button>
                    })}
                    <button class="flat" aria-label=tr("Close the message") on:click=move |_| store.notice.set(None)>
                        <icons::Icon path="M7 7l10 10M17 7 7 17" small=true/>
                    </button>
                </div>
            }
        })
    }
}
