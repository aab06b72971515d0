//! The live region: says what changed to assistive technology, one thing at a time and at most every two seconds.

use super::store::Store;
use leptos::prelude::*;
use loadstone::metrics::frame::LogLine;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(2000);
/// Beyond this the oldest is dropped: what is a minute old helps nobody.
const MAX_WAITING: usize = 6;

thread_local! {
    static WAITING: RefCell<(VecDeque<String>, bool)> = RefCell::default();
}

/// Says this as soon as it may be said.
pub fn queue(store: Store, words: String) {
    let idle = WAITING.with_borrow_mut(|(waiting, busy)| {
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(words);
        !std::mem::replace(busy, true)
    });
    if idle {
        next(store);
    }
}

/// Says the last of these lines; the log has them all.
pub fn log(store: Store, lines: &[LogLine]) {
    if let Some(line) = lines.last() {
        queue(store, line.words.clone());
    }
}

fn next(store: Store) {
    let words = WAITING.with_borrow_mut(|(waiting, busy)| {
        let words = waiting.pop_front();
        *busy = words.is_some();
        words
    });
    if let Some(words) = words {
        // The same words twice in a row are only read out if the text differs.
        store.said.update(|said| *said = if *said == words { format!("{words}\u{a0}") } else { words });
        set_timeout(move || next(store), PAUSE);
    }
}
