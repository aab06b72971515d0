//! Workers beside the one that the page plays: what is asked of them, and what they say. Knows messages, not what they
//! are for; if one dies, the comparison that wanted it stands still.

use crate::host;
use loadstone::worker::{FromWorker, ToWorker};
use std::cell::RefCell;
use std::thread::LocalKey;
use web_sys::Worker;

/// A worker, its messages that wait until it is ready, and its ear, which lives as long.
pub struct Helper {
    worker: Worker,
    waiting: Option<Vec<ToWorker>>,
    _ear: host::Ear,
}

/// Where a helper is kept.
pub type Slot = &'static LocalKey<RefCell<Option<Helper>>>;

/// Starts a helper in place of the one before.
pub fn start(slot: Slot, mut hear: impl FnMut(FromWorker) + 'static) {
    stop(slot);
    let ear = move |message| match message {
        FromWorker::Ready => slot.with_borrow_mut(|helper| {
            if let Some(Helper { worker, waiting, .. }) = helper {
                waiting.take().into_iter().flatten().for_each(|message| host::post(worker, &message));
            }
        }),
        message => hear(message),
    };
    // A browser that has started the page's own worker starts this one too.
    if let Ok((worker, ear)) = host::spawn(ear) {
        slot.set(Some(Helper { worker, waiting: Some(Vec::new()), _ear: ear }));
    }
}

/// Tells a helper something, now or as soon as it is ready.
pub fn send(slot: Slot, message: ToWorker) {
    slot.with_borrow_mut(|helper| match helper {
        Some(Helper { waiting: Some(waiting), .. }) => waiting.push(message),
        Some(helper) => host::post(&helper.worker, &message),
        None => {}
    });
}

/// Ends a helper.
pub fn stop(slot: Slot) {
    if let Some(helper) = slot.take() {
        helper.worker.set_onmessage(None);
        helper.worker.terminate();
    }
}
