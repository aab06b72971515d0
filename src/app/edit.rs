//! Commands and whole documents, from the page to the editor, the worker and the shelf.

use super::store::Store;
use super::{canvas, clipboard, host};
use leptos::prelude::*;
use loadstone::editor::Command;
use loadstone::scenario::Scenario;
use loadstone::worker::ToWorker;

/// Carries out a command now; the person hears what was done, or why not.
pub fn apply(store: Store, command: Command) -> bool {
    let select_only = matches!(
        command,
        Command::Select(_) | Command::Toggle(_) | Command::Deselect | Command::Marquee { .. } | Command::SelectAll
    );
    let now = store.edit_time();
    let Some(result) = store.editor.try_update(|editor| editor.apply(command, now)) else { return false };
    match result {
        Ok(done) => {
            if done.changed {
                store.save_soon();
                if !done.cosmetic {
                    store.refused.set(None);
                    host::send(ToWorker::Load { document: store.document_text(), restart: false });
                }
            }
            if let Some(text) = done.clip {
                clipboard::write(store, &text);
            }
            if !select_only && !done.said.is_empty() {
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

/// Opens a document beside the present one, which stays on the shelf if it was ever changed.
pub fn open(store: Store, doc: Scenario, id: String, play: bool) {
    store.stand.set_value(!play);
    store.editor.update(|e| {
        // Opening cannot fail.
        let _ = e.apply(Command::Open(Box::new(doc)), 0);
    });
    store.doc_id.set(id);
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
