//! The two helpers of a comparison: one follows the page's clock with B, the other runs both on one seed after another.

use super::helper;
use crate::store::Store;
use leptos::prelude::*;
use loadstone::codec::write_compact;
use loadstone::metrics::frame::{Clock, Frame, Totals};
use loadstone::scenario::Scenario;
use loadstone::scene::chart::Series;
use loadstone::sweep::versus::{Pairs, SEEDS};
use loadstone::time::from_s;
use loadstone::worker::{FromWorker, ToWorker};
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static RIVAL: RefCell<Option<helper::Helper>> = const { RefCell::new(None) };
    static SAMPLER: RefCell<Option<helper::Helper>> = const { RefCell::new(None) };
}

/// What is known of B and of the pairs.
#[derive(Clone, Copy)]
pub struct Runs {
    /// B's newest frame.
    pub rival: StoredValue<Option<Arc<Frame>>>,
    /// The pairs so far.
    pub pairs: RwSignal<Pairs>,
    /// Rises when something came while the page's clock stood.
    pub news: RwSignal<u32>,
    /// Why B cannot run.
    pub refused: RwSignal<Option<String>>,
    /// B is on its way to where A is.
    busy: StoredValue<bool>,
}

impl Runs {
    pub fn new() -> Runs {
        Runs {
            rival: StoredValue::new(None),
            pairs: RwSignal::new(Pairs::default()),
            news: RwSignal::new(0),
            refused: RwSignal::new(None),
            busy: StoredValue::new(false),
        }
    }

    /// Lets B follow the page's clock, from where that is now. B has A's seed and length.
    pub fn hold(self, store: Store, b: &Scenario) {
        store.rival.set_value(Some(Series::default()));
        self.rival.set_value(None);
        self.refused.set(None);
        self.busy.set_value(false);
        helper::start(&RIVAL, move |message| match message {
            FromWorker::Frame(frame) => self.heard(store, *frame),
            FromWorker::Refused(why) => self.refused.set(Some(why)),
            FromWorker::Ready | FromWorker::Measured(_) => {}
        });
        helper::send(&RIVAL, ToWorker::Load { document: write_compact(b), restart: true });
        self.follow(store);
    }

    fn heard(self, store: Store, mut frame: Frame) {
        let there = !matches!(frame.clock, Clock::CatchingUp { .. });
        store.rival.update_value(|series| {
            if let Some(series) = series {
                series.feed(&frame);
            }
        });
        frame.points = Vec::new();
        self.rival.set_value(Some(Arc::new(frame)));
        if there {
            self.busy.set_value(false);
            // While the clock runs, the table keeps to the pace of the cards.
            if !self.follow(store) && !store.is_busy() {
                self.news.update(|n| *n += 1);
            }
        }
    }

    /// Sends B to where A is, if it is not there and not on its way. Returns whether it was sent.
    pub fn follow(self, store: Store) -> bool {
        let to = store.latest.get_value().map_or(0, |f| f.now);
        let goes_no_further = |clock: &Clock| matches!(clock, Clock::Ended | Clock::Stopped(_));
        let there = self.rival.get_value().is_some_and(|f| f.now == to || f.now < to && goes_no_further(&f.clock));
        if there || self.busy.get_value() {
            return false;
        }
        self.busy.set_value(true);
        helper::send(&RIVAL, ToWorker::Seek(to));
        true
    }

    /// Runs both on one seed after another, from A's on.
    pub fn sample(self, a: &Scenario, b: &Scenario) {
        let (seed, end) = (a.seed, from_s(a.run_s));
        self.pairs.set(Pairs { seed, end, ..Pairs::default() });
        let both = [a.clone(), b.clone()];
        let begin = move |job: u64| {
            let document = Scenario { seed: seed.wrapping_add(job / 2), ..both[job as usize % 2].clone() };
            helper::send(&SAMPLER, ToWorker::Load { document: write_compact(&document), restart: true });
            helper::send(&SAMPLER, ToWorker::Seek(end));
        };
        let (mut job, mut of_a) = (0, None::<Totals>);
        let next = begin.clone();
        helper::start(&SAMPLER, move |message| {
            let FromWorker::Frame(frame) = message else { return };
            match frame.clock {
                Clock::Ended => {}
                Clock::Stopped(why) => return self.pairs.update(|pairs| pairs.stopped = Some(why)),
                _ => return,
            }
            match of_a.take() {
                None => of_a = Some(frame.totals),
                Some(a) => self.pairs.update(|pairs| pairs.totals.push((a, frame.totals))),
            }
            job += 1;
            if job < 2 * SEEDS {
                next(job);
            } else {
                // Its memory is of no more use; it is let go once this closure has returned.
                set_timeout(|| helper::stop(&SAMPLER), std::time::Duration::ZERO);
            }
        });
        begin(0);
    }

    /// Lets both helpers go.
    pub fn end(self, store: Store) {
        helper::stop(&RIVAL);
        helper::stop(&SAMPLER);
        store.rival.set_value(None);
        self.rival.set_value(None);
    }
}
