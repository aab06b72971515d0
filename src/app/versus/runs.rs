//! The two helpers of a comparison: one follows the page's clock with B, the other runs both on one seed after another.

use crate::helper::Helper;
use crate::store::Store;
use leptos::prelude::*;
use loadstone::metrics::frame::{Clock, Frame};
use loadstone::scenario::Scenario;
use loadstone::scene::chart::Series;
use loadstone::sweep::versus::{Pairs, SEEDS};
use loadstone::sweep::{Outcome, Watch};
use loadstone::time::{Nanos, from_s};
use loadstone::worker::{FromWorker, ToWorker};
use std::sync::Arc;

/// A worker died; what it was for is told with it.
const LOST: &str = "a simulator beside the page's own stopped working";

/// What is known of B and of the pairs.
#[derive(Clone, Copy)]
pub struct Runs {
    /// B's newest frame.
    pub rival: StoredValue<Option<Arc<Frame>>>,
    /// The pairs so far.
    pub pairs: RwSignal<Pairs>,
    /// Why B cannot run.
    pub refused: RwSignal<Option<String>>,
    /// B is on its way to where A is.
    busy: StoredValue<bool>,
    follower: StoredValue<Option<Helper>, LocalStorage>,
    sampler: StoredValue<Option<Helper>, LocalStorage>,
}

impl Runs {
    pub fn new() -> Runs {
        Runs {
            rival: StoredValue::new(None),
            pairs: RwSignal::new(Pairs::default()),
            refused: RwSignal::new(None),
            busy: StoredValue::new(false),
            follower: StoredValue::new_local(None),
            sampler: StoredValue::new_local(None),
        }
    }

    /// Lets B follow the page's clock, from where that is now. B has A's seed and length.
    pub fn hold(self, store: Store, b: &Scenario) {
        self.rival.set_value(None);
        store.rival.set(Some(Series::default()));
        self.refused.set(None);
        self.busy.set_value(false);
        let hear = move |message| match message {
            FromWorker::Frame(frame) => self.heard(store, *frame),
            FromWorker::Refused(why) => self.refused.set(Some(why)),
            FromWorker::Ready | FromWorker::Measured(_) | FromWorker::Followed(_) => {}
        };
        let failed = move || self.refused.set(Some(LOST.to_owned()));
        self.follower.set_value(Helper::start(hear, failed));
        self.busy.set_value(true);
        self.follower.with_value(|f| f.as_ref().map(|f| f.run(b, here(store))));
    }

    fn heard(self, store: Store, mut frame: Frame) {
        let there = !matches!(frame.clock, Clock::CatchingUp { .. });
        store.rival.update_untracked(|series| {
            if let Some(series) = series {
                series.feed(&frame);
            }
        });
        frame.points = Vec::new();
        self.rival.set_value(Some(Arc::new(frame)));
        if there {
            self.busy.set_value(false);
            // While the clock runs, charts and table keep to the pace of the cards.
            if !self.follow(store) && !store.is_busy() {
                store.rival.notify();
            }
        }
    }

    /// Sends B to where A is, if it is not there and not on its way. Returns whether it was sent.
    pub fn follow(self, store: Store) -> bool {
        let to = here(store);
        let goes_no_further = |clock: &Clock| matches!(clock, Clock::Ended | Clock::Stopped(_));
        let there = self.rival.get_value().is_some_and(|f| f.now == to || f.now < to && goes_no_further(&f.clock));
        if there || self.busy.get_value() {
            return false;
        }
        self.busy.set_value(true);
        self.follower.with_value(|f| f.as_ref().map(|f| f.send(ToWorker::Seek(to))));
        true
    }

    /// Runs both on one seed after another, from A's on.
    pub fn sample(self, a: &Scenario, b: &Scenario) {
        let (seed, end) = (a.seed, from_s(a.run_s));
        self.pairs.set(Pairs { seed, end, ..Pairs::default() });
        let both = [a.clone(), b.clone()];
        let document = move |job: u64| {
            let which = &both[job as usize % 2];
            Scenario { seed: seed.wrapping_add(job / 2), ..which.clone() }
        };
        let begin = move |document: &Scenario| {
            self.sampler.try_with_value(|s| s.as_ref().map(|s| s.run(document, end)));
        };
        let stop = move |why: String| self.pairs.update(|pairs| pairs.stopped = Some(why));
        let first = document(0);
        let (mut job, mut watch, mut of_a) = (0, Watch::new(first.clone(), 0), None::<Outcome>);
        let mut over = None;
        let hear = move |message| {
            let FromWorker::Frame(frame) = message else { return };
            // What a run that is over still says is old.
            let Some(outcome) = (over != Some(frame.run)).then(|| watch.hear(&frame)).flatten() else { return };
            over = Some(frame.run);
            if let Some(why) = outcome.stopped {
                return stop(why);
            }
            match of_a.take() {
                None => of_a = Some(outcome),
                Some(a) => self.pairs.update(|pairs| pairs.outcomes.push((a, outcome))),
            }
            job += 1;
            if job < 2 * SEEDS {
                let next = document(job);
                begin(&next);
                watch = Watch::new(next, 0);
            } else {
                // Its memory is of no more use.
                self.sampler.try_set_value(None);
            }
        };
        self.sampler.set_value(Helper::start(hear, move || stop(LOST.to_owned())));
        begin(&first);
    }

    /// Lets both helpers go.
    pub fn end(self, store: Store) {
        self.follower.set_value(None);
        self.sampler.set_value(None);
        store.rival.set(None);
        self.rival.set_value(None);
    }
}

/// Where A is.
fn here(store: Store) -> Nanos {
    store.latest.get_value().map_or(0, |f| f.now)
}
