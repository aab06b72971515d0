//! Documents kept in this browser: several of them, saved after each change, never half written.
//!
//! Knows text, names and times, not what a document means. Each document lies under its own key and is written before
//! the list that names it; storage that is full or switched off loses nothing that is on the screen.

use super::mode::Mode;
use leptos::prelude::window;
use loadstone::order;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use web_sys::Storage;

const LIST: &str = "loadstone.documents";
const OPEN: &str = "loadstone.open";
/// The oldest documents make room for new ones.
const MAX_DOCUMENTS: usize = 40;

thread_local! {
    /// The document that this tab has open, as it was when the tab read or wrote it last.
    static SEEN: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Names the document's key.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// When it was saved, in ms since 1970.
    pub saved: f64,
}

/// The browser's storage; none for a page that is only looked at.
fn storage() -> Option<Storage> {
    if Mode::now() != Mode::Edit {
        return None;
    }
    window().local_storage().ok().flatten()
}

/// Under which key a document lies.
pub fn key(id: &str) -> String {
    format!("loadstone.document.{id}")
}

/// Remembers what this tab has seen of a document.
fn saw(id: &str, text: &str) {
    SEEN.set(Some((id.to_owned(), text.to_owned())));
}

/// Whether another tab has written this document since this one last read or wrote it.
fn is_anothers(storage: &Storage, id: &str) -> bool {
    let there = storage.get_item(&key(id)).ok().flatten();
    SEEN.with_borrow(|seen| match (seen, there) {
        (Some((of, text)), Some(there)) if of == id => *text != there,
        _ => false,
    })
}

/// Reads one setting.
pub fn setting(name: &str) -> Option<String> {
    storage()?.get_item(&format!("loadstone.{name}")).ok().flatten()
}

/// Writes one setting; storage that refuses is no problem.
pub fn set_setting(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("loadstone.{name}"), value);
    }
}

/// The kept documents, the latest first.
pub fn list() -> Vec<Kept> {
    let read = || serde_json::from_str::<Vec<Kept>>(&storage()?.get_item(LIST).ok()??).ok();
    let mut kept = read().unwrap_or_default();
    order::sort_by(&mut kept, |a, b| b.saved.total_cmp(&a.saved));
    kept
}

/// A new identifier.
pub fn new_id() -> String {
    format!("{:x}{:03x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 4096.0) as u32)
}

/// The text of a document.
pub fn read(id: &str) -> Option<String> {
    storage()?.get_item(&key(id)).ok().flatten()
}

/// The same, to be open in this tab from now on.
pub fn read_to_open(id: &str) -> Option<String> {
    let text = read(id)?;
    saw(id, &text);
    set_open(id);
    Some(text)
}

/// The identifier under which exactly this text is kept already.
pub fn same_as(text: &str) -> Option<String> {
    list().into_iter().map(|k| k.id).find(|id| read(id).as_deref() == Some(text))
}

/// Saves a document. Returns another identifier if it went there: another tab has changed this one meanwhile, and neither is to be
/// lost.
///
/// # Errors
/// One sentence for the person, if the browser keeps nothing.
pub fn save(id: &str, name: &str, text: &str) -> Result<Option<String>, &'static str> {
    let storage = storage().ok_or("This browser keeps nothing (storage is switched off): save your work as a file.")?;
    let apart = is_anothers(&storage, id).then(new_id);
    let id = apart.as_deref().unwrap_or(id);
    put(&storage, Kept { id: id.to_owned(), name: name.to_owned(), saved: js_sys::Date::now() }, text)?;
    set_open(id);
    saw(id, text);
    Ok(apart)
}

/// Writes a document and its line of the list.
fn put(storage: &Storage, line: Kept, text: &str) -> Result<(), &'static str> {
    const FULL: &str = "The browser's storage is full: save your work as a file.";
    let mut kept = list();
    kept.retain(|k| k.id != line.id);
    while kept.len() >= MAX_DOCUMENTS {
        if let Some(oldest) = kept.pop() {
            let _ = storage.remove_item(&key(&oldest.id));
        }
    }
    storage.set_item(&key(&line.id), text).map_err(|_| FULL)?;
    kept.insert(0, line);
    storage.set_item(LIST, &serde_json::to_string(&kept).unwrap_or_default()).map_err(|_| FULL)
}

/// Puts back what was taken off the shelf.
pub fn put_back(line: Kept, text: &str) {
    if let Some(storage) = storage() {
        let _ = put(&storage, line, text);
    }
}

/// Takes a document off the shelf, for whoever might want to put it back.
pub fn take(id: &str) -> Option<(Kept, String)> {
    let storage = storage()?;
    let mut kept = list();
    let line = kept.remove(kept.iter().position(|k| k.id == id)?);
    let text = read(id)?;
    let _ = storage.set_item(LIST, &serde_json::to_string(&kept).unwrap_or_default());
    let _ = storage.remove_item(&key(id));
    Some((line, text))
}

/// Remembers which document is open: in this tab, and for the next one.
fn set_open(id: &str) {
    if let Some(storage) = storage() {
        if let Ok(Some(tab)) = window().session_storage() {
            let _ = tab.set_item(OPEN, id);
        }
        let _ = storage.set_item(OPEN, id);
    }
}

/// Which document was open last: in this tab, otherwise anywhere.
pub fn last_open() -> Option<String> {
    let storage = storage()?;
    let tab = window().session_storage().ok().flatten().and_then(|s| s.get_item(OPEN).ok().flatten());
    tab.or_else(|| storage.get_item(OPEN).ok().flatten())
}
