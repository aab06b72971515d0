//! The worker's keeper: starts it, talks to it, notices when it dies or hangs, and starts it again.
//!
//! Knows messages, not what they mean for the page: every message goes to `Store::hear`. A worker that was started
//! again is told the document, and brought back to the instant at which it was lost.

use super::store::Store;
use js_sys::Uint8Array;
use leptos::prelude::*;
use loadstone::time::Nanos;
use loadstone::worker::{FromWorker, ToWorker, pack, unpack};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// How often the worker is looked after, in ms.
const TICK_MS: u64 = 500;
/// Silent for so many looks while it has work: it hangs. Looks, not clock time, because a browser that slept or hid the
/// tab delivers neither looks nor messages.
const SILENT_TICKS: u32 = 8;
/// Lost so often in a row without any progress, it is left alone until the person asks again.
const MAX_LOSSES: u32 = 3;

#[derive(Default)]
struct Host {
    worker: Option<Worker>,
    ears: Vec<Ear>,
    alarms: Vec<Closure<dyn FnMut(web_sys::Event)>>,
    ready: bool,
    /// Messages for when it is ready.
    waiting: Vec<ToWorker>,
    /// A message went out that was not answered yet.
    asked: bool,
    silent: u32,
    losses: u32,
    /// Where the run was when the worker was lost, and whether it played.
    resume: Option<(Nanos, bool)>,
}

thread_local! {
    static HOST: RefCell<Host> = RefCell::default();
}

/// Starts the worker, and the looking after it.
pub fn start(store: Store) {
    launch(store);
    set_interval(move || look(store), std::time::Duration::from_millis(TICK_MS));
}

/// Sends a message, now or as soon as the worker is ready.
pub fn send(message: ToWorker) {
    HOST.with_borrow_mut(|host| {
        // Someone wants something: a worker that was given up gets another chance.
        host.asked = true;
        match &host.worker {
            Some(worker) if host.ready => post(worker, &message),
            _ => host.waiting.push(message),
        }
    });
}

/// Whether everything that was sent has been answered.
pub fn is_idle() -> bool {
    HOST.with_borrow(|host| !host.asked)
}

/// Sends a worker a message.
pub fn post(worker: &Worker, message: &ToWorker) {
    // A worker that cannot be reached is silent, and silence is noticed.
    let _ = worker.post_message(&Uint8Array::from(pack(message).as_slice()));
}

/// A worker of this build: it says that it is ready, then hears messages for a session of its own.
pub fn worker() -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let build = document().document_element().and_then(|root| root.get_attribute("data-build"));
    let address = format!("./worker_boot.js{}", build.map(|b| format!("?v={b}")).unwrap_or_default());
    Worker::new_with_options(&address, &options)
}

/// A worker's ear; it must live as long as the worker.
pub type Ear = Closure<dyn FnMut(MessageEvent)>;

/// Starts a worker that tells this what it has to say.
pub fn spawn(mut hear: impl FnMut(FromWorker) + 'static) -> Result<(Worker, Ear), JsValue> {
    let worker = worker()?;
    let ear = Ear::new(move |event: MessageEvent| {
        if let Some(message) = event.data().dyn_into::<Uint8Array>().ok().and_then(|bytes| unpack(&bytes.to_vec())) {
            hear(message);
        }
    });
    worker.set_onmessage(Some(ear.as_ref().unchecked_ref()));
    Ok((worker, ear))
}

fn launch(store: Store) {
    let Ok((worker, ear)) = spawn(move |message| heard(store, message)) else {
        return store.warn("This browser refuses to start the simulator (a Web Worker), so nothing can run.");
    };
    let alarm = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
        event.prevent_default();
        lost(store, "The simulator stopped working");
    });
    worker.set_onerror(Some(alarm.as_ref().unchecked_ref()));
    HOST.with_borrow_mut(|host| {
        host.worker = Some(worker);
        host.ears = vec![ear];
        host.alarms = vec![alarm];
        host.ready = false;
        host.silent = 0;
        host.asked = true;
    });
}

fn heard(store: Store, message: FromWorker) {
    let known = HOST.with_borrow_mut(|host| {
        host.silent = 0;
        host.asked = false;
        if message == FromWorker::Ready {
            host.ready = true;
            for message in std::mem::take(&mut host.waiting) {
                if let Some(worker) = &host.worker {
                    post(worker, &message);
                }
                host.asked = true;
            }
        }
        message == FromWorker::Ready
    });
    if known {
        return;
    }
    if let FromWorker::Frame(frame) = &message {
        let resumed = HOST.with_borrow_mut(|host| match host.resume {
            Some((to, play)) if frame.now >= to => {
                host.resume = None;
                Some(play)
            }
            _ => {
                if host.resume.is_none() && frame.speed > 0.0 {
                    host.losses = 0;
                }
                None
            }
        });
        if resumed == Some(true) {
            send(ToWorker::Play);
        }
    }
    store.hear(message);
}

fn look(store: Store) {
    let hangs = HOST.with_borrow_mut(|host| {
        let busy = host.asked || store.is_busy();
        host.silent = if busy && host.worker.is_some() { host.silent + 1 } else { 0 };
        // While it starts it loads code, which may take longer on a slow line.
        host.silent >= if host.ready { SILENT_TICKS } else { SILENT_TICKS * 8 }
    });
    if hangs {
        lost(store, "The simulator no longer answered");
    }
}

fn lost(store: Store, why: &str) {
    let losses = HOST.with_borrow_mut(|host| {
        if let Some(worker) = host.worker.take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
        host.ready = false;
        host.waiting.clear();
        host.losses += 1;
        host.losses
    });
    let (now, playing) = store.whereabouts();
    let again = losses < MAX_LOSSES;
    store.warn(&if again {
        format!("{why}. It was started again and replays to where it was; your work is untouched.")
    } else {
        format!("{why} {losses} times in a row. The run is back at its start; your work is untouched. Press play to try again.")
    });
    // The closures that call this are still running: they may only be dropped by the next turn of the event loop.
    set_timeout(
        move || {
            launch(store);
            send(ToWorker::Load { document: store.document_text(), restart: true });
            send(ToWorker::Speed(store.speed.get_untracked()));
            if again && now > 0 {
                HOST.with_borrow_mut(|host| host.resume = Some((now, playing)));
                send(ToWorker::Seek(now));
            } else if again && playing {
                send(ToWorker::Play);
            }
        },
        std::time::Duration::ZERO,
    );
}
