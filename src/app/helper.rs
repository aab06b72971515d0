//! A worker beside the one that the page plays: a session of its own, which is told documents and where to go. Knows
//! messages, not what they are for. Dropping it ends it, whatever it is at.

use crate::host::Line;
use loadstone::codec::write_compact;
use loadstone::scenario::Scenario;
use loadstone::time::Nanos;
use loadstone::worker::{FromWorker, ToWorker};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// The worker.
pub struct Helper(Rc<Inner>);

struct Inner {
    line: RefCell<Option<Line>>,
    /// Messages for when it is ready; none once it is.
    waiting: RefCell<Option<Vec<ToWorker>>>,
}

impl Helper {
    /// Starts one, with whatever program is there. None if the browser refuses.
    pub fn start(hear: impl FnMut(FromWorker) + 'static, failed: impl Fn() + 'static) -> Option<Helper> {
        Helper::with(false, hear, failed)
    }

    /// Starts one with the program that can do all, fetched if it is not there yet. None if the browser refuses.
    pub fn fast(hear: impl FnMut(FromWorker) + 'static, failed: impl Fn() + 'static) -> Option<Helper> {
        Helper::with(true, hear, failed)
    }

    fn with(fast: bool, mut hear: impl FnMut(FromWorker) + 'static, failed: impl Fn() + 'static) -> Option<Helper> {
        let inner = Rc::new(Inner { line: RefCell::new(None), waiting: RefCell::new(Some(Vec::new())) });
        let weak = Rc::downgrade(&inner);
        let ear = move |message| match message {
            FromWorker::Ready => {
                let waited = Weak::upgrade(&weak).and_then(|inner| Some((inner.waiting.take()?, inner)));
                if let Some((messages, inner)) = waited {
                    messages.iter().for_each(|message| inner.post(message));
                }
            }
            message => hear(message),
        };
        inner.line.replace(Some(Line::further(fast, Box::new(ear), Box::new(failed))?));
        Some(Helper(inner))
    }

    /// Tells it something, now or as soon as it is ready.
    pub fn send(&self, message: ToWorker) {
        match &mut *self.0.waiting.borrow_mut() {
            Some(waiting) => waiting.push(message),
            None => self.0.post(&message),
        }
    }

    /// Lets it run this document from its start up to here.
    pub fn run(&self, document: &Scenario, to: Nanos) {
        self.send(ToWorker::Load { document: write_compact(document), restart: true });
        self.send(ToWorker::Seek(to));
    }
}

impl Inner {
    fn post(&self, message: &ToWorker) {
        if let Some(line) = &*self.line.borrow() {
            line.post(message);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            line.close();
        }
    }
}
