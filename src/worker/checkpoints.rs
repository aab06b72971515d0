//! Checkpoints: copies of the run at past moments, so that going back simulates a little of it again instead of all.
//!
//! They lie evenly over the events so far, because events are what simulating costs: when there are too many, the one
//! without which the gap is smallest goes. A checkpoint belongs to the document under which it was made and serves every
//! other that made the same run up to there: an edit leaves those before it, and undo, or another branch, finds its own
//! future again for as long as there is room.

use crate::engine::Engine;
use crate::metrics::snapshot::Listeners;
use crate::order;
use crate::scenario::{Action, Entry, Scenario};
use crate::time::{NEVER, Nanos};
use std::rc::Rc;

/// Whether there are any. Not in the program that a first visit loads: its engine simulates for a moment only, until the
/// one made for speed takes over, and the code that copies a run would make that visit wait longer.
const KEPT: bool = !cfg!(feature = "split");
/// More than this many are not kept.
const MOST: usize = 128;
/// Nor more than so many bytes in all of them together, as far as they can be estimated.
const BYTES: usize = 64 << 20;
/// Events between two of them at least: some milliseconds of simulating.
const SPACING: u64 = 20_000;
/// Copying so many bytes costs about as much as simulating one event; copying shall stay a small part of a run.
const BYTES_PER_EVENT: u64 = 16;

/// A run, listened to by the page.
pub type Run = Engine<Listeners>;

/// The checkpoints of a session.
#[derive(Default)]
pub struct Checkpoints {
    /// What decides the run now.
    document: Rc<Scenario>,
    kept: Vec<Checkpoint>,
    /// The next one is made after so many events.
    due: u64,
}

struct Checkpoint {
    run: Run,
    /// What decided it.
    document: Rc<Scenario>,
    bytes: usize,
    /// The present document makes the same run up to here.
    holds: bool,
}

impl Checkpoints {
    /// The first instant at which a document makes another run than the present one; [`NEVER`] if it makes the same.
    pub fn differs(&self, document: &Scenario) -> Nanos {
        difference(&self.document, &bare(document))
    }

    /// This is the document from now on.
    pub fn follow(&mut self, document: &Scenario) {
        let document = Rc::new(bare(document));
        let mut last = (self.document.clone(), difference(&self.document, &document));
        for checkpoint in &mut self.kept {
            if !Rc::ptr_eq(&last.0, &checkpoint.document) {
                last = (checkpoint.document.clone(), difference(&checkpoint.document, &document));
            }
            checkpoint.holds = checkpoint.run.now() < last.1;
        }
        // Nothing that is still to come of this document can make use of the runs of quite another.
        let same_start = |c: &Checkpoint| c.holds || c.run.now() > 0 && difference(&c.document, &document) > 0;
        self.kept.retain(same_start);
        self.document = document;
        self.due = 0;
    }

    /// Makes a checkpoint of the run if it is time for one.
    pub fn pass(&mut self, run: &Run) {
        if !KEPT || run.events() < self.due {
            return;
        }
        let bytes = memory(run);
        let spacing = SPACING.max(bytes as u64 / BYTES_PER_EVENT).max(run.events() / MOST as u64);
        self.due = run.events() + spacing;
        if bytes <= BYTES && !self.is_near(run, spacing / 2) {
            let mut copy = run.clone();
            copy.recorder.1 = Default::default();
            self.keep(copy, bytes);
        }
    }

    /// Takes in a run that is left for another moment: its future, as far as it is known, can be gone back to.
    pub fn leave(&mut self, mut run: Run) {
        let bytes = memory(&run);
        if KEPT && bytes <= BYTES && run.events() > 0 && !self.is_near(&run, SPACING / 2) {
            run.recorder.1 = Default::default();
            self.keep(run, bytes);
        }
    }

    /// A copy of the last checkpoint that holds and fits.
    pub fn last(&mut self, fits: impl Fn(&Run) -> bool) -> Option<Run> {
        let fitting = self.kept.iter().filter(|c| KEPT && c.holds && fits(&c.run));
        let last = fitting.max_by_key(|c| c.run.events()).filter(|_| KEPT)?;
        let run = last.run.clone();
        self.due = 0;
        Some(run)
    }

    /// How many there are, and their estimated bytes.
    pub fn size(&self) -> (usize, usize) {
        (self.kept.len(), self.kept.iter().map(|c| c.bytes).sum())
    }

    fn is_near(&self, run: &Run, events: u64) -> bool {
        self.kept.iter().any(|c| c.holds && c.run.events().abs_diff(run.events()) < events)
    }

    fn keep(&mut self, run: Run, bytes: usize) {
        self.kept.push(Checkpoint { run, document: self.document.clone(), bytes, holds: true });
        while self.kept.len() > MOST || self.size().1 > BYTES {
            let least = self.kept.iter().position(|c| !c.holds).unwrap_or_else(|| self.dispensable());
            self.kept.swap_remove(least);
        }
    }

    /// The one without which the gap between its neighbours is the smallest; never the latest, unless it is alone.
    fn dispensable(&self) -> usize {
        let events = |i: usize| self.kept[i].run.events();
        let mut places: Vec<usize> = (0..self.kept.len()).collect();
        order::sort_by_key(&mut places, |&i| events(i));
        let gap = |i: usize| events(places[i + 1]) - i.checked_sub(1).map_or(0, |before| events(places[before]));
        (0..places.len() - 1).min_by_key(|&i| gap(i)).map_or(0, |i| places[i])
    }
}

fn memory(run: &Run) -> usize {
    run.memory() + run.recorder.0.bytes()
}

/// What decides a run: nodes, links, seed and a timeline, without names and places.
fn bare(document: &Scenario) -> Scenario {
    let (nodes, links, timeline) = (document.nodes.clone(), document.links.clone(), document.timeline.clone());
    let mut bare = Scenario { nodes, links, timeline, seed: document.seed, ..Scenario::default() };
    let carried = bare.timeline.iter_mut().filter_map(|e| match &mut e.action {
        Action::AddNode(node) => Some(&mut **node),
        _ => None,
    });
    for node in bare.nodes.iter_mut().chain(carried) {
        (node.at, node.name) = ([0.0, 0.0], None);
    }
    order::sort_by_key(&mut bare.timeline, Entry::at);
    bare
}

/// The first instant at which the runs of two bare documents may differ; [`NEVER`] if there is none.
fn difference(a: &Scenario, b: &Scenario) -> Nanos {
    if a.seed != b.seed || a.nodes != b.nodes || a.links != b.links {
        return 0;
    }
    let same = a.timeline.iter().zip(&b.timeline).take_while(|(a, b)| a == b).count();
    let next = |s: &Scenario| s.timeline.get(same).map_or(NEVER, Entry::at);
    next(a).min(next(b))
}
