//! The worker's keeper: starts it, talks to it, notices when it dies or hangs, and starts it again.
//!
//! Knows messages, not what they mean for the page: every message goes to `Store::hear`. A worker that was started
//! again is told the document, and brought back to the instant at which it was lost. One that is faster takes over
//! while the other still runs: see `relief`.

use super::relief::{self, Relief};
use super::store::Store;
use js_sys::Uint8Array;
use leptos::prelude::*;
use loadstone::metrics::frame::{Clock, Frame};
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
/// The page's own program, which can simulate as well.
const PAGE: &str = "app";

/// A worker and those who listen to it.
pub struct Line {
    worker: Worker,
    number: u32,
    _ear: Closure<dyn FnMut(MessageEvent)>,
    _alarm: Closure<dyn FnMut(web_sys::Event)>,
}

#[derive(Default)]
struct Host {
    line: Option<Line>,
    /// Counts the workers, so that a message of one that is no longer there is known as such.
    number: u32,
    ready: bool,
    /// Messages for when it is ready.
    waiting: Vec<ToWorker>,
    /// A message went out that was not answered yet.
    asked: bool,
    silent: u32,
    losses: u32,
    /// Where the run was when the worker was lost, and whether it played.
    resume: Option<(Nanos, bool)>,
    relief: Option<Relief>,
    /// The program that a worker runs.
    program: Option<&'static str>,
    /// What to add to the numbers of this worker's runs, so that they go on from those of the worker before.
    runs: u32,
    /// Until then the worker before has told everything; none once that is past.
    told_until: Option<Nanos>,
    /// A worker that has just taken over was told to play and has not said so yet: that it stands where it waited is no news.
    awaits_play: bool,
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
        if let Some(relief) = &mut host.relief {
            relief.overhear(&message);
        }
        if matches!(message, ToWorker::Seek(_) | ToWorker::StepBack | ToWorker::Load { .. }) {
            // What it goes back to was told by the worker before, but belongs to another run.
            host.told_until = None;
        }
        host.awaits_play = false;
        // Someone wants something: a worker that was given up gets another chance.
        host.asked |= host.answers(&message);
        match &host.line {
            Some(line) if host.ready => line.post(&message),
            _ => host.waiting.push(message),
        }
    });
}

/// Whether everything that was sent has been answered.
pub fn is_idle() -> bool {
    HOST.with_borrow(|host| !host.asked)
}

fn begin(program: &str) -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(program);
    let build = document().document_element().and_then(|root| root.get_attribute("data-build"));
    let address = format!("./worker_boot.js{}", build.map(|b| format!("?v={b}")).unwrap_or_default());
    Worker::new_with_options(&address, &options)
}

/// Who hears a worker.
pub type Hear = Box<dyn FnMut(FromWorker)>;

impl Line {
    /// A worker beside the page's own, with the fastest program that is there, or in any case with the `fast` one: it says
    /// that it is ready, then hears messages for a session of its own. None if the browser refuses.
    pub fn further(fast: bool, hear: Hear, failed: Box<dyn Fn()>) -> Option<Line> {
        let program =
            if fast && cfg!(feature = "split") { Some(relief::PROGRAM) } else { HOST.with_borrow(|h| h.program) };
        Line::begin(program.unwrap_or(PAGE), 0, hear, failed)
    }

    fn begin(program: &str, number: u32, mut hear: Hear, failed: Box<dyn Fn()>) -> Option<Line> {
        let worker = begin(program).ok()?;
        let ear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = event.data().dyn_into::<Uint8Array>().ok();
            if let Some(message) = bytes.and_then(|bytes| unpack(&bytes.to_vec())) {
                hear(message);
            }
        });
        let alarm = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            failed();
        });
        worker.set_onmessage(Some(ear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(alarm.as_ref().unchecked_ref()));
        Some(Line { worker, number, _ear: ear, _alarm: alarm })
    }

    /// Tells the worker.
    pub fn post(&self, message: &ToWorker) {
        // A worker that cannot be reached is silent, and silence is noticed.
        let _ = self.worker.post_message(&Uint8Array::from(pack(message).as_slice()));
    }

    /// Ends it by the next turn of the event loop: a closure that calls this may be one of its own.
    pub fn close(self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        set_timeout(move || drop(self), std::time::Duration::ZERO);
    }
}

impl Host {
    fn open(&mut self, store: Store, program: &str) -> Option<Line> {
        self.number += 1;
        let number = self.number;
        let hear = move |message| heard(store, number, message);
        Line::begin(program, number, Box::new(hear), Box::new(move || failed(store, number)))
    }

    /// Whether this is answered: the program of a first visit leaves measuring to the one made for speed.
    fn answers(&self, message: &ToWorker) -> bool {
        !cfg!(feature = "split") || self.program.is_some() || !matches!(message, ToWorker::Measure(_))
    }

    fn is_relief(&self, number: u32) -> bool {
        self.relief.as_ref().is_some_and(|relief| relief.line.number == number)
    }

    fn is_current(&self, number: u32) -> bool {
        self.line.as_ref().is_some_and(|line| line.number == number)
    }

    /// Lets a frame go on from those of the worker before; false if that one has told it all.
    fn follow_on(&mut self, frame: &mut Frame) -> bool {
        frame.run = frame.run.wrapping_add(self.runs);
        self.awaits_play &= frame.clock == Clock::Paused;
        if self.awaits_play {
            return false;
        }
        match self.told_until {
            Some(until) if frame.now < until => return false,
            Some(until) => frame.log.retain(|line| line.at > until),
            None => {}
        }
        self.told_until = None;
        true
    }
}

fn launch(store: Store) {
    let opened = HOST.with_borrow_mut(|host| {
        host.line = host.open(store, host.program.unwrap_or(PAGE));
        host.ready = false;
        host.silent = 0;
        host.asked = true;
        host.line.is_some()
    });
    if !opened {
        store.warn("This browser refuses to start the simulator (a Web Worker), so nothing can run.");
    }
}

/// Fetches the program that is made for speed, and lets it take over once it has caught up with the run.
pub fn relieve(store: Store) {
    HOST.with_borrow_mut(|host| {
        if host.relief.is_none() && host.program.is_none() {
            host.relief = host.open(store, relief::PROGRAM).map(|line| Relief::new(store, line));
        }
    });
}

fn heard(store: Store, number: u32, mut message: FromWorker) {
    let known = HOST.with_borrow_mut(|host| {
        if host.is_relief(number) {
            host.relief.as_mut().expect("it just spoke").hear(&message);
            return true;
        }
        if !host.is_current(number) {
            return true;
        }
        host.silent = 0;
        host.asked = false;
        if message == FromWorker::Ready {
            host.ready = true;
            for message in std::mem::take(&mut host.waiting) {
                host.line.as_ref().expect("it just spoke").post(&message);
                host.asked = true;
            }
        }
        match &mut message {
            FromWorker::Ready => true,
            FromWorker::Frame(frame) => !host.follow_on(frame),
            FromWorker::Refused(_) | FromWorker::Measured(_) | FromWorker::Followed(_) => false,
        }
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
        HOST.with_borrow_mut(|host| take_over(host, frame));
    }
    store.hear(message);
}

/// Changes the workers if the faster one has caught up with this frame.
fn take_over(host: &mut Host, frame: &Frame) {
    let Some(run) = host.relief.as_mut().and_then(|relief| relief.meets(frame)) else { return };
    let Some(relief) = host.relief.take() else { return };
    if let Some(before) = host.line.replace(relief.line) {
        before.close();
    }
    host.program = Some(relief::PROGRAM);
    host.runs = frame.run.wrapping_sub(run);
    (host.told_until, host.awaits_play) = (Some(frame.now), frame.clock == Clock::Playing);
    (host.asked, host.silent) = (true, 0);
}

fn look(store: Store) {
    let hangs = HOST.with_borrow_mut(|host| {
        // A run that stands still sends no frames that could tell when to change the workers.
        let standing = store.latest.get_value().filter(|frame| relief::stands(frame) && !host.asked);
        if let Some(frame) = standing {
            take_over(host, &frame);
        }
        let busy = host.asked || store.is_busy();
        host.silent = if busy && host.line.is_some() { host.silent + 1 } else { 0 };
        // While it starts it loads code, which may take longer on a slow line.
        host.silent >= if host.ready { SILENT_TICKS } else { SILENT_TICKS * 8 }
    });
    if hangs {
        lost(store, "The simulator no longer answered");
    }
}

fn failed(store: Store, number: u32) {
    let (relief, current) = HOST.with_borrow_mut(|host| {
        // The run goes on as before, only slower.
        let relief = if host.is_relief(number) { host.relief.take() } else { None };
        (relief, host.is_current(number))
    });
    if let Some(relief) = relief {
        relief.line.close();
    }
    if current {
        lost(store, "The simulator stopped working");
    }
}

fn lost(store: Store, why: &str) {
    let latest = store.latest.with_value(|frame| frame.as_ref().map_or(0, |f| f.run));
    let losses = HOST.with_borrow_mut(|host| {
        if let Some(line) = host.line.take() {
            line.close();
        }
        host.ready = false;
        host.waiting.clear();
        (host.runs, host.told_until, host.awaits_play) = (latest, None, false);
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
