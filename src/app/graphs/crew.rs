//! Further workers that make the runs of a sweep in parallel: each is a session of its own that is told a document and to
//! go to its end. Dropping the crew ends them, whatever they are at.

use crate::host;
use js_sys::Uint8Array;
use leptos::prelude::*;
use loadstone::codec::write_compact;
use loadstone::scenario::Scenario;
use loadstone::sweep::{Outcome, Plan, Row, Watch};
use loadstone::worker::{FromWorker, ToWorker, pack, unpack};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

/// No more workers than this, whatever the machine has.
const MOST: usize = 8;

/// Who hears of a finished run.
type Tell = Box<dyn Fn(Result<Row, String>)>;

/// The workers and what is left to do.
pub struct Crew {
    plan: Plan,
    scenarios: Vec<Scenario>,
    /// Rows to make, the next last.
    left: RefCell<Vec<usize>>,
    hands: RefCell<Vec<Hand>>,
    tell: Tell,
}

/// One worker.
struct Hand {
    worker: Worker,
    /// The row that it makes.
    row: usize,
    watch: Watch,
    /// The session's run that is over: what it still says of it is old.
    over: Option<u32>,
    /// They live as long as the worker.
    _ear: Closure<dyn FnMut(MessageEvent)>,
    _alarm: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Crew {
    /// Begins. Every value gets its first seed before any gets its second, so that the curve is soon there as a whole.
    pub fn start(plan: Plan, scenarios: Vec<Scenario>, tell: Tell) -> Result<Rc<Crew>, String> {
        let seeds = plan.seeds.1 as usize;
        let mut rows: Vec<usize> =
            (0..seeds).flat_map(|seed| (0..plan.settings()).map(move |i| i * seeds + seed)).collect();
        rows.reverse();
        let cores = window().navigator().hardware_concurrency() as usize;
        let many = cores.clamp(1, MOST).min(rows.len());
        let crew = Rc::new(Crew { plan, scenarios, left: RefCell::new(rows), hands: RefCell::default(), tell });
        for place in 0..many {
            let hand =
                Crew::hire(&crew, place).map_err(|_| "This browser refuses to start further workers.".to_owned())?;
            crew.hands.borrow_mut().push(hand);
        }
        Ok(crew)
    }

    fn hire(crew: &Rc<Crew>, place: usize) -> Result<Hand, JsValue> {
        let worker = host::worker()?;
        let (listening, failing) = (Rc::downgrade(crew), Rc::downgrade(crew));
        let ear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = event.data().dyn_into::<Uint8Array>().ok().and_then(|bytes| unpack(&bytes.to_vec()));
            if let (Some(crew), Some(message)) = (Weak::upgrade(&listening), message) {
                crew.hear(place, message);
            }
        });
        let alarm = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            if let Some(crew) = Weak::upgrade(&failing) {
                (crew.tell)(Err("A worker of the sweep stopped working.".to_owned()));
            }
        });
        worker.set_onmessage(Some(ear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(alarm.as_ref().unchecked_ref()));
        Ok(Hand { worker, row: 0, watch: Watch::default(), over: None, _ear: ear, _alarm: alarm })
    }

    fn hear(&self, place: usize, message: FromWorker) {
        match message {
            FromWorker::Ready => self.next(place),
            FromWorker::Refused(why) => (self.tell)(Err(why)),
            // Nobody asks these workers for one.
            FromWorker::Measured(_) => {}
            FromWorker::Frame(frame) => {
                let done = match self.hands.borrow_mut().get_mut(place) {
                    Some(hand) if hand.over != Some(frame.run) => hand.watch.hear(&frame).map(|outcome| {
                        hand.over = Some(frame.run);
                        (hand.row, outcome)
                    }),
                    _ => None,
                };
                if let Some((row, outcome)) = done {
                    self.next(place);
                    self.done(row, outcome);
                }
            }
        }
    }

    fn done(&self, row: usize, outcome: Outcome) {
        let seed = self.plan.scenario(&self.scenarios, row).seed;
        (self.tell)(Ok(Row { row, seed, outcome }));
    }

    /// Gives a worker its next run.
    fn next(&self, place: usize) {
        let Some(row) = self.left.borrow_mut().pop() else { return };
        let scenario = self.plan.scenario(&self.scenarios, row);
        if let Some(hand) = self.hands.borrow_mut().get_mut(place) {
            (hand.row, hand.watch) = (row, Watch::default());
            let load = ToWorker::Load { document: write_compact(&scenario), restart: true };
            for message in [load, ToWorker::Seek(self.plan.span.0)] {
                let _ = hand.worker.post_message(&Uint8Array::from(pack(&message).as_slice()));
            }
        }
    }
}
