//! What the program does inside the worker: passes messages to the engine's session and its answers back, and lets it
//! simulate in slices between them. Knows the browser's messages and timers; what they mean, `loadstone::worker` knows.

use js_sys::Uint8Array;
use loadstone::worker::{FromWorker, Session, ToWorker, pack, unpack};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

struct Host {
    scope: DedicatedWorkerGlobalScope,
    session: RefCell<Session>,
    /// A timer of 0 ms is really one of 4; a message to oneself comes at once, and others get in between.
    bell: Option<MessageChannel>,
    /// A slice is already on its way.
    rung: Cell<bool>,
}

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// Begins to listen.
pub fn start(scope: &DedicatedWorkerGlobalScope) {
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let message = event.data().dyn_into::<Uint8Array>().ok().and_then(|bytes| unpack::<ToWorker>(&bytes.to_vec()));
        with(|host| {
            if let Some(message) = message {
                host.session.borrow_mut().hear(message, host.wall_ms());
            }
            host.work();
        });
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    let bell = MessageChannel::new().ok();
    let slice = Closure::<dyn FnMut()>::new(|| with(Host::slice));
    if let Some(bell) = &bell {
        bell.port1().set_onmessage(Some(slice.as_ref().unchecked_ref()));
    }
    // They live as long as the worker.
    hear.forget();
    slice.forget();
    let host = Host { scope: scope.clone(), session: RefCell::default(), bell, rung: Cell::new(false) };
    host.say(&FromWorker::Ready);
    HOST.set(Some(host));
}

fn with(f: impl FnOnce(&Host)) {
    HOST.with_borrow(|host| {
        if let Some(host) = host {
            f(host);
        }
    });
}

impl Host {
    fn wall_ms(&self) -> f64 {
        self.scope.performance().map_or(0.0, |p| p.now())
    }

    fn say(&self, message: &FromWorker) {
        // The page is gone if this fails, and the worker with it.
        let _ = self.scope.post_message(&Uint8Array::from(pack(message).as_slice()));
    }

    fn slice(&self) {
        self.rung.set(false);
        self.work();
    }

    /// Simulates for a while, tells the page, and lets the next slice follow.
    fn work(&self) {
        let (messages, wait) = self.session.borrow_mut().work(&|| self.wall_ms());
        for message in &messages {
            self.say(message);
        }
        let Some(wait) = wait else { return };
        if self.rung.replace(true) {
            return;
        }
        match &self.bell {
            Some(bell) if wait == 0.0 => {
                let _ = bell.port2().post_message(&JsValue::NULL);
            }
            _ => {
                let later = Closure::once_into_js(|| with(Host::slice));
                let scope = &self.scope;
                let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(later.unchecked_ref(), wait as i32);
            }
        }
    }
}
