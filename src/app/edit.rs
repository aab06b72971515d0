//! Commands and whole documents, from the page to the editor, the worker and the shelf.

use super::store::{Remedy, Store};
use super::{canvas, clipboard, hints, host};
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::editor::branches::Branches;
use loadstone::scenario::Scenario;
use loadstone::time::Nanos;
use loadstone::worker::ToWorker;

/// Carries out a command now; the person hears what was done, or why not.
pub fn apply(store: Store, command: Command) -> bool {
    if !store.mode.allows(&command) {
        store.tell("This page is only to look at. “Edit a copy” opens the design where it can be changed.");
        return false;
    }
    let (deletes, hint) = (matches!(command, Command::Delete), hints::of(&command));
    let select_only = matches!(
        command,
        Command::Select(_) | Command::Toggle(_) | Command::Deselect | Command::Marquee { .. } | Command::SelectAll
    );
    let (now, reached) = (store.edit_time(), store.reached.get_value());
    // Before a change of what has been seen: that future is kept.
    let past = !select_only && now < reached && !matches!(command, Command::Branch(_));
    let before = past.then(|| store.editor.with_untracked(|e| e.document().clone()));
    let switched = matches!(command, Command::Branch(_));
    let Some(result) = store.editor.try_update(|editor| editor.apply(command, now)) else { return false };
    match result {
        Ok(done) => {
            if done.changed {
                hint.into_iter().for_each(hints::done);
                store.save_soon();
                if !done.cosmetic {
                    if !switched {
                        store.reached.set_value(keep_future(store, before, reached, &done.said).unwrap_or(now));
                    }
                    store.refused.set(None);
                    host::send(ToWorker::Load { document: store.document_text(), restart: false });
                }
            }
            if let Some(text) = done.clip {
                clipboard::write(store, &text);
            }
            if deletes && done.changed {
                store.offer(done.said, Remedy::Undo(store.editor.with_untracked(|e| e.revision())));
            } else if !select_only && !done.said.is_empty() {
                store.say(done.said);
            }
            true
        }
        Err(why) => {
            store.tell(why);
            false
        }
    }
}

/// Keeps the future that the document had, unless this is a way back to one that is kept. Returns how far the new one has
/// been seen, if it has.
fn keep_future(store: Store, before: Option<Scenario>, reached: Nanos, said: &str) -> Option<Nanos> {
    let known = store.editor.with_untracked(|e| {
        store.branches.try_update(|b| {
            let known = b.returned(e.document());
            if let Some(before) = before.filter(|_| known.is_none()) {
                b.keep(before, reached, said);
            }
            known
        })
    });
    known.flatten()
}

/// Opens a document beside the present one, which stays on the shelf if it was ever changed.
pub fn open(store: Store, doc: Scenario, id: String, play: bool) {
    store.stand.set_value(!play);
    store.editor.update(|e| {
        // Opening cannot fail.
        let _ = e.apply(Command::Open(Box::new(doc)), 0);
    });
    store.doc_id.set(id);
    store.branches.set(Branches::default());
    store.reached.set_value(0);
    store.refused.set(None);
    store.now.set(0);
    store.try_this.set(None);
    store.notice.set(None);
    store.frame.set(None);
    store.latest.set_value(None);
    host::send(ToWorker::Load { document: store.document_text(), restart: true });
    if play {
        host::send(ToWorker::Play);
    }
    canvas::fit_all(store);
}
