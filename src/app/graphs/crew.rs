//! Further workers that make the runs of a sweep in parallel: each is a session of its own that is told a document and to
//! go to its end. Dropping the crew ends them, whatever they are at.

use crate::helper::Helper;
use leptos::prelude::*;
use loadstone::scenario::Scenario;
use loadstone::sweep::{Outcome, Plan, Row, Watch};
use loadstone::worker::{FromWorker, ToWorker};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

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
    helper: Helper,
    /// The row that it makes.
    row: usize,
    watch: Watch,
    /// The session's run that is over: what it still says of it is old.
    over: Option<u32>,
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
            let hand = Crew::hire(&crew, place).ok_or("This browser refuses to start further workers.")?;
            crew.hands.borrow_mut().push(hand);
            crew.next(place);
        }
        Ok(crew)
    }

    fn hire(crew: &Rc<Crew>, place: usize) -> Option<Hand> {
        let (listening, failing) = (Rc::downgrade(crew), Rc::downgrade(crew));
        let hear = move |message| {
            if let Some(crew) = Weak::upgrade(&listening) {
                crew.hear(place, message);
            }
        };
        let failed = move || {
            if let Some(crew) = Weak::upgrade(&failing) {
                (crew.tell)(Err("A worker of the sweep stopped working.".to_owned()));
            }
        };
        Some(Hand { helper: Helper::start(hear, failed)?, row: 0, watch: Watch::default(), over: None })
    }

    fn hear(&self, place: usize, message: FromWorker) {
        match message {
            FromWorker::Refused(why) => (self.tell)(Err(why)),
            // Nobody asks these workers to measure.
            FromWorker::Ready | FromWorker::Measured(_) | FromWorker::Followed(_) => {}
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
            (hand.row, hand.watch) = (row, Watch::new(scenario.clone(), self.plan.span.1));
            hand.helper.send(ToWorker::Warmup(self.plan.span.1));
            hand.helper.run(&scenario, self.plan.span.0);
        }
    }
}
