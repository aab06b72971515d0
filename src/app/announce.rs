//! The live region: says what changed to assistive technology. What and how often, `scene::announce` decides.

use super::store::Store;
use leptos::prelude::*;
use loadstone::metrics::frame::Frame;
use loadstone::scene::announce::Announcer;
use std::cell::RefCell;

thread_local! {
    static ANNOUNCER: RefCell<Announcer> = RefCell::default();
}

/// Says this as soon as it may be said.
pub fn queue(words: &str) {
    ANNOUNCER.with_borrow_mut(|a| a.add(words));
}

/// Takes in the log lines of a frame.
pub fn feed(frame: &Frame) {
    ANNOUNCER.with_borrow_mut(|a| a.feed(frame));
}

/// Says what is due.
pub fn tick(store: Store, wall_ms: f64) {
    if let Some(words) = ANNOUNCER.with_borrow_mut(|a| a.next(wall_ms)) {
        // The same words twice in a row are only read out if the text differs.
        store.said.update(|said| *said = if *said == words { format!("{words}\u{a0}") } else { words });
    }
}
