//! Documents in and out: links, files, examples, the shelf. A stranger's document is opened beside the present one, and
//! only once it has been read; what cannot be read leaves the work on the screen untouched.

use super::edit::open;
use super::store::{Dialog, Remedy, Store, memo};
use super::{clipboard, course, gallery, host, mode::Mode, shelf, theme};
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use loadstone::codec::{self, Problem, picture, table};
use loadstone::component::Kind;
use loadstone::editor::{Command, Item};
use loadstone::glossary;
use loadstone::metrics::trace::Trace;
use loadstone::scenario::Scenario;
use loadstone::scene::waterfall::perfetto;
use loadstone::stack;
use loadstone::sweep::{Choice, picture as chosen};
use loadstone::texts::{fill, tr};
use loadstone::worker::ToWorker;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{File, HtmlElement};

/// Before the number of a step, at the end of a link.
pub const STEP: &str = "&step=";
/// The identifier of the hidden file input.
const FILE_INPUT: &str = "open-file";
/// What a file input offers to open.
const FILES: &str = ".json,application/json,.png,image/png,.svg,image/svg+xml,.mmd,text/vnd.mermaid,.csv,text/csv";
/// Of these, those that hold a scenario.
pub const SCENARIOS: &str = ".json,application/json,.png,image/png,.svg,image/svg+xml,.mmd,text/vnd.mermaid";
/// Links longer than this are cut by some programs.
pub const LONG_LINK: usize = 2000;

/// What the page begins with.
pub struct Start {
    /// The document.
    pub doc: Scenario,
    /// Its identifier on the shelf.
    pub id: String,
    /// It plays at once.
    pub play: bool,
    /// It is empty until the link in the address was read.
    pub by_link: bool,
    /// The sentence on what to try.
    pub try_this: Option<&'static str>,
    /// A message to show.
    pub message: Option<String>,
}

/// Decides what to open: a link, the last document, or the example that greets a first visit.
pub fn start() -> Start {
    if fragment().is_some() {
        let doc = Scenario::default();
        return Start { doc, id: shelf::new_id(), play: false, by_link: true, try_this: None, message: None };
    }
    without_link()
}

fn without_link() -> Start {
    let still = theme::media("(prefers-reduced-motion: reduce)");
    let mut message = None;
    let last = shelf::last_open().and_then(|id| Some((shelf::read_to_open(&id)?, id)));
    if let Some((text, id)) = last {
        match codec::read(&text) {
            (Some(doc), _) => return Start { doc, id, play: false, by_link: false, try_this: None, message },
            (None, _) => message = Some("The last document could not be read; it is still on the list.".to_owned()),
        }
    }
    let (doc, try_this) = codec::greeting().map(|e| (e.scenario, e.try_this)).unzip();
    Start { doc: doc.unwrap_or_default(), id: shelf::new_id(), play: !still, by_link: false, try_this, message }
}

/// Opens what the address holds, and from now on every link that is followed and every file that is dropped.
pub fn listen(store: Store) {
    if let Some(fragment) = fragment() {
        forget_fragment(store);
        open_first(store, &fragment);
    }
    if store.mode != Mode::Edit {
        return;
    }
    watch_other_tabs(store);
    let over = window_event_listener(ev::dragover, |e| e.prevent_default());
    let drop = window_event_listener(ev::drop, move |e| {
        e.prevent_default();
        if let Some(file) = e.data_transfer().and_then(|d| d.files()).and_then(|f| f.get(0)) {
            open_file(store, file);
        }
    });
    let hash = window_event_listener(ev::hashchange, move |_| open_fragment(store));
    // They live as long as the page.
    for handle in [over, drop, hash] {
        std::mem::forget(handle);
    }
}

/// Opens the link that the page was opened with; if it cannot be read, what would have been opened without it.
fn open_first(store: Store, fragment: &str) {
    let fragment = to_step(store, fragment);
    if by_name(store, fragment) {
        return;
    }
    match codec::link::decode(fragment) {
        Ok((doc, _)) => {
            let doc = course::at_step(doc, store.lesson_step.get_value().unwrap_or(0));
            let id = keep(&doc);
            open(store, doc, id, !store.still.get_untracked());
        }
        Err(problem) => {
            open_usual(store);
            store.warn(&unreadable(&problem));
        }
    }
}

fn fragment() -> Option<String> {
    let hash = window().location().hash().ok()?;
    let hash = hash.strip_prefix('#')?.to_owned();
    (!hash.is_empty()).then_some(hash)
}

/// The address is clean again: what the link brought is on the shelf now, and a reload must not undo later work. Where
/// nothing is kept, the address keeps it.
fn forget_fragment(store: Store) {
    if store.mode != Mode::Edit {
        return;
    }
    let location = window().location();
    let clean = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&clean));
    }
}

/// Puts a document on the shelf, or finds it there.
fn keep(doc: &Scenario) -> String {
    let text = codec::write_compact(doc);
    if let Some(id) = shelf::same_as(&text) {
        let _ = shelf::read_to_open(&id);
        return id;
    }
    let id = shelf::new_id();
    // A shelf that is full is told with the first change.
    let _ = shelf::save(&id, &doc.name, &text);
    id
}

fn unreadable(problem: &Problem) -> String {
    let message = problem.message.trim_end_matches('.');
    format!("That link could not be opened: {message}. Your work is untouched.")
}

/// Opens whatever link the address holds now.
fn open_fragment(store: Store) {
    if let Some(fragment) = fragment() {
        forget_fragment(store);
        open_link(store, &fragment);
    }
}

fn open_link(store: Store, fragment: &str) {
    let fragment = to_step(store, fragment);
    if by_name(store, fragment) {
        return;
    }
    match codec::link::decode(fragment) {
        Ok((doc, _)) => {
            let doc = course::at_step(doc, store.lesson_step.get_value().unwrap_or(0));
            let id = keep(&doc);
            let name = doc.name.clone();
            open(store, doc, id, !store.still.get_untracked());
            store.tell(format!("Opened “{name}” from a link. Your earlier work is in the menu of documents."));
        }
        Err(problem) => store.warn(&unreadable(&problem)),
    }
}

/// A link may end in the number of a step, counted from 1: a lesson in what it brings begins there. Returns the rest.
fn to_step(store: Store, fragment: &str) -> &str {
    let (rest, step) = fragment.rsplit_once(STEP).unwrap_or((fragment, ""));
    store.lesson_step.set_value(Some(step.parse::<usize>().unwrap_or(1).saturating_sub(1)));
    rest
}

/// Opens what the product itself has under this name, as `chapter/balancer`, `gallery/stale-dns` or `term/ttl`; false if
/// the link is no name.
fn by_name(store: Store, fragment: &str) -> bool {
    let known = match fragment.split_once('/') {
        Some(("chapter", name)) => course::open_chapter(store, name, store.lesson_step.get_value().unwrap_or(0)),
        Some(("gallery", slug)) => gallery::open_item(store, slug),
        Some(("term", id)) => {
            let term = glossary::term(id);
            term.into_iter().for_each(|term| store.dialog.set(Some(Dialog::Glossary(&term.id, ""))));
            term.is_some()
        }
        _ => return false,
    };
    // A page that was opened with this link has shown nothing yet.
    if store.editor.with_untracked(|e| e.document().nodes.is_empty()) {
        open_usual(store);
    }
    if !known {
        let name: String = fragment.chars().take(60).collect();
        store.warn(&format!("There is nothing called “{name}” here. The course and the gallery list what there is."));
    }
    true
}

/// Opens what the page would begin with if there were no link.
fn open_usual(store: Store) {
    let start = without_link();
    open(store, start.doc, start.id, start.play);
    store.try_this.set(start.try_this);
}

/// Opens the scenario that a picture carries.
fn open_picture(store: Store, fragment: Option<&str>, source: &str) {
    match fragment.map(codec::link::decode) {
        Some(Ok((doc, _))) => {
            let id = keep(&doc);
            let name = doc.name.clone();
            open(store, doc, id, false);
            store.tell(format!("Opened “{name}” from a picture."));
        }
        Some(Err(problem)) => store.warn(&format!(
            "The scenario in {source} could not be opened: {} Your work is untouched.",
            problem.message
        )),
        None => store.warn(&format!(
            "{source} is a picture or diagram without a scenario in it: only those that this page saved hold one, and programs that \
             change a picture often drop it. Your work is untouched."
        )),
    }
}

/// Opens a file, whatever it is: a picture with a scenario in it, or JSON.
fn open_bytes(store: Store, bytes: &[u8], source: &str) {
    match (picture::in_file(bytes), std::str::from_utf8(bytes)) {
        (Some(fragment), _) => open_picture(store, fragment, source),
        (None, Ok(text)) if table::looks_like(text) || source.to_lowercase().ends_with(".csv") => take_traffic(store, text, source),
        (None, Ok(text)) => open_text(store, text, source),
        (None, Err(_)) => store.warn(&format!(
            "{source} could not be opened: it is neither a scenario (JSON), nor a picture or diagram that this page saved (PNG, SVG, Mermaid), nor a table of traffic (CSV). \
             Your work is untouched."
        )),
    }
}

/// Measured traffic becomes the load of the users that are chosen, or of the only ones that there are.
fn take_traffic(store: Store, text: &str, source: &str) {
    let traffic = match table::read(text) {
        Ok(traffic) => traffic,
        Err(why) => return store.warn(&format!("{source} is no table of traffic: {why} Your work is untouched.")),
    };
    let users = store.editor.with_untracked(|e| {
        let all = || e.document().nodes.iter().filter(|n| n.kind == Kind::Users.id());
        let chosen: Vec<_> = all().filter(|n| e.selection().contains(&Item::Node(n.id.clone()))).collect();
        let all: Vec<_> = all().collect();
        match (&chosen[..], &all[..]) {
            ([one], _) | ([], [one]) => Some((one.id.clone(), one.params.contains_key("users"))),
            _ => None,
        }
    });
    let Some((id, closed)) = users else {
        return store
            .warn(&format!("{source} holds traffic. Choose the users whose load it shall be, then open it again."));
    };
    // Both as one step; hands on the canvas count theirs up from 2.
    let gesture = u64::MAX - store.editor.with_untracked(|e| e.revision());
    let set = |name: &str, value| {
        let target = Item::Node(id.clone());
        store.apply(Command::SetParam { target, name: name.to_owned(), value, gesture })
    };
    // How many users there are the table does not know: they only come and go as it says.
    if (closed || set("rate_rps", json!(traffic.rate_rps))) && set("load", json!(traffic.load)) {
        let seconds = traffic.load.last().map_or(0.0, |point| point.0);
        let name = store.stage.with_untracked(|s| s.0.label(&id).to_owned());
        store.tell(format!(
            "The load of “{name}” follows {source}: {} requests per second on average, over {seconds} s.",
            traffic.rate_rps
        ));
    }
}

/// Opens JSON text, from a file or pasted.
fn open_text(store: Store, text: &str, source: &str) {
    match codec::read(text) {
        (Some(doc), problems) if !problems.iter().any(|p| p.is_error() && p.path.is_empty()) => {
            let id = keep(&doc);
            let name = doc.name.clone();
            open(store, doc, id, false);
            let odd = match problems.len() {
                0 => String::new(),
                1 => format!(" One thing is odd: {}", problems[0]),
                n => format!(" {n} things are odd; the first: {}", problems[0]),
            };
            store.tell(format!("Opened “{name}”.{odd}"));
        }
        (_, problems) => {
            let why = problems.iter().find(|p| p.is_error()).map(|p| p.message.clone()).unwrap_or_default();
            store
                .warn(&format!("{source} could not be opened: {}. Your work is untouched.", why.trim_end_matches('.')));
        }
    }
}

/// Text from the clipboard: nodes copied here, a link, or a whole document.
pub fn paste(store: Store, text: &str, at: Option<[f64; 2]>) {
    let text = text.trim();
    if let Some(fragment) = picture::in_file(text.as_bytes()) {
        open_picture(store, fragment, "The pasted drawing");
    } else if text.starts_with('{') && !text.contains("\"loadstone-clip\"") && text.contains("\"loadstone\"") {
        open_text(store, text, "The pasted document");
    } else if let Some((_, fragment)) = text.split_once('#').filter(|_| text.starts_with("http")) {
        open_link(store, fragment);
    } else if table::looks_like(text) {
        take_traffic(store, text, "The pasted table");
    } else {
        store.apply(Command::Paste { text: text.to_owned(), at });
    }
}

/// An empty document.
pub fn new_document(store: Store) {
    let mut seed = [0; 4];
    // Without entropy the seed is 0, which is as good.
    let _ = getrandom::fill(&mut seed);
    let doc = Scenario { seed: u64::from(u32::from_le_bytes(seed) % 100_000), ..Scenario::default() };
    open(store, doc, shelf::new_id(), false);
    store.say("New document".to_owned());
}

/// A copy of the document, beside it.
pub fn duplicate(store: Store) {
    let mut doc = store.editor.with_untracked(|e| e.document().clone());
    let name = doc.name.clone();
    doc.name = fill("{name} copy", &[&name]).chars().take(codec::MAX_NAME).collect();
    store.save_now();
    open(store, doc, shelf::new_id(), false);
    store.save_now();
    store.tell(format!("This is a copy of “{name}” now. That one is in the menu of documents."));
}

/// Takes a document off the shelf; the message offers to put it back.
pub fn forget(store: Store, id: &str) {
    if let Some((line, text)) = shelf::take(id) {
        let words = format!("“{}” is forgotten.", line.name);
        store.offer(words, Remedy::PutBack(line, text.into()));
    }
}

/// Does what a message offered.
pub fn remedy(store: Store, remedy: Remedy) {
    store.notice.set(None);
    match remedy {
        Remedy::Undo(revision) if store.editor.with_untracked(|e| e.revision()) == revision => {
            store.apply(Command::Undo);
        }
        // Something else was done since: then this is not what an undo would take back.
        Remedy::Undo(_) => store.tell("More was changed since then: undo takes back one step after the other."),
        Remedy::PutBack(line, text) => {
            let name = line.name.clone();
            shelf::put_back(line, &text);
            store.tell(format!("“{name}” is back in the menu of documents."));
        }
    }
}

/// Says so when another tab writes the document that this one has open.
fn watch_other_tabs(store: Store) {
    let heard = window_event_listener(ev::storage, move |e| {
        if e.key() == Some(shelf::key(&store.doc_id.get_untracked())) && e.new_value().is_some() {
            store.tell("This document was changed in another tab. What you change here from now on is kept as a document of its own.");
        }
    });
    std::mem::forget(heard);
}

/// Opens a document from the shelf.
pub fn open_kept(store: Store, id: &str) {
    match shelf::read_to_open(id).map(|text| codec::read(&text)) {
        Some((Some(doc), _)) => {
            open(store, doc, id.to_owned(), false);
        }
        _ => store.warn("That document could not be read."),
    }
}

/// The link to the document as it is now, for a page of this mode.
pub fn link(store: Store, mode: Mode) -> String {
    address(mode, &store.editor.with(|e| codec::link::encode(e.document())))
}

/// This page with something behind its `#`.
pub fn address(mode: Mode, fragment: &str) -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    format!("{origin}{}{}#{fragment}", location.pathname().unwrap_or_default(), mode.query())
}

/// HTML that puts the document into another page.
pub fn frame(store: Store, mode: Mode) -> String {
    let name = store.editor.with(|e| e.document().name.clone());
    let title: String = name.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | ',' | '.')).collect();
    format!(
        "<iframe src=\"{}\" title=\"{title}\" width=\"100%\" height=\"480\" loading=\"lazy\"></iframe>",
        link(store, mode)
    )
}

/// Saves the document as a file.
pub fn download(store: Store) {
    let (name, text) = store.editor.with_untracked(|e| (e.document().name.clone(), codec::write(e.document())));
    save(store, &format!("{}.loadstone.json", stem(&name)), "application/json", text.as_bytes());
}

/// Saves what the charts show of the run as a table.
pub fn download_series(store: Store) {
    let name = store.editor.with_untracked(|e| e.document().name.clone());
    let text = store.series.with_value(|s| s.csv());
    save(store, &format!("{}.csv", stem(&name)), "text/csv", text.as_bytes());
}

/// Saves the design as containers that run, in an archive.
pub fn download_stack(store: Store) {
    let (name, stack) = store.editor.with_untracked(|e| (stem(&e.document().name), stack::export(e.document())));
    match stack {
        Ok(stack) => save(store, &format!("{name}.stack.zip"), "application/zip", &stack.zip(&name)),
        Err(why) => store.warn(&format!("Nothing to run: {why}.")),
    }
}

/// Saves a request's way in the format that Perfetto opens.
pub fn download_trace(store: Store, trace: &Trace, names: &Scenario) {
    let file = format!("{}.request-{}.trace.json", stem(&names.name), trace.ordinal);
    save(store, &file, "application/json", perfetto(trace, names).to_string().as_bytes());
}

/// The document with one number changed from the very start, paused at 0. Undo takes it back.
pub fn open_with(store: Store, choice: &Choice, value: &Value) {
    let Some(done) = store.editor.try_update(|e| e.apply(choice.command(value), 0)) else { return };
    match done {
        Ok(_) => {
            store.save_soon();
            store.refused.set(None);
            host::send(ToWorker::Load { document: store.document_text(), restart: true });
            store.tell(format!(
                "{} is {} now, from the start of the run. Undo takes it back.",
                choice.label,
                chosen::value(value)
            ));
        }
        Err(why) => store.tell(why),
    }
}

/// A document's name as a file's.
pub fn stem(name: &str) -> String {
    let stem: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let stem = stem.split('-').filter(|p| !p.is_empty()).take(8).collect::<Vec<_>>().join("-");
    if stem.is_empty() { "design".to_owned() } else { stem }
}

/// Saves a file.
pub fn save(store: Store, file: &str, kind: &str, content: &[u8]) {
    told(store, file, clipboard::download(file, kind, content));
}

/// Says whether a file was saved.
pub fn told(store: Store, file: &str, saved: Result<(), JsValue>) {
    match saved {
        Ok(()) => store.say(format!("Saved as {file}")),
        Err(_) => store.warn("The browser did not allow saving a file."),
    }
}

/// Lets the person choose a file to open.
pub fn choose_file() {
    if let Some(input) = document().get_element_by_id(FILE_INPUT).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        input.click();
    }
}

/// Opens a chosen, dropped or pasted file.
pub fn open_file(store: Store, file: File) {
    let name = file.name();
    clipboard::read_file(store, file, move |bytes| open_bytes(store, &bytes, &name));
}

/// The hidden input that opens a file.
#[component]
pub fn FileInput(store: Store) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            if let Some(file) = input.files().and_then(|f| f.get(0)) {
                open_file(store, file);
            }
            // So that the same file can be chosen again.
            input.set_value("");
        }
    };
    view! {
        <input type="file" id=FILE_INPUT class="unseen" node_ref=input tabindex="-1" aria-label=tr("Open a file")
            accept=FILES on:change=chosen/>
    }
}

/// From a page that is only looked at to one where the design can be changed.
#[component]
pub fn Opener(store: Store) -> impl IntoView {
    let link = memo(move || link(store, Mode::Edit));
    let label = tr(if store.mode == Mode::Embed { "Open in Loadstone" } else { "Edit a copy" });
    view! { <a class="button opener" data-testid="opener" target="_blank" rel="noopener" href=move || link.get()>{label}</a> }
}
