//! Time-outs: events that come up a fixed span after they were added, and that are nearly always taken back before.
//!
//! Of one span, who was added first is due first: they stand in a line, and to add one or to take one back moves nothing.
//! Those taken back stay in the line until it would need more memory, or until its head is due. For each line
//! one event waits in the rest of the queue, a *tick* at the time and with the sequence number of its head; so all is in
//! order though nobody sorts.

use super::places::{Part, Places};
use super::row::Row;
use super::{Entry, NO_SLOT};
use crate::time::Nanos;

/// So many different spans have lines; further ones have to be sorted like anything else.
const MOST: usize = 8;

/// [`Entry::head`] of a tick; its body is the line.
pub const TICK: u32 = u32::MAX;

/// The time-outs of one span.
#[derive(Clone, Default)]
struct Line {
    span: Nanos,
    entries: Row,
    /// Whether a tick of it waits.
    ticks: bool,
}

/// What became of an event that should stand in a line.
pub enum Pushed {
    /// It stands there.
    InLine,
    /// It does, and the rest of the queue needs this tick, since it has none of this line.
    First(Entry),
    /// There are too many lines.
    NoLine,
}

/// All lines.
#[derive(Clone, Default)]
pub struct Lines {
    lines: Vec<Line>,
    /// Events that have not been taken back.
    len: usize,
    ticks: usize,
}

impl Lines {
    /// How many events wait here, of which some are only ticks elsewhere.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many ticks wait elsewhere.
    #[inline]
    pub fn ticks(&self) -> usize {
        self.ticks
    }

    /// How much memory the events take.
    pub fn bytes(&self) -> usize {
        self.lines.iter().map(|line| line.entries.bytes()).sum()
    }

    /// A new line for a span, or one that nobody stands in.
    #[cold]
    fn found(&mut self, span: Nanos) -> Option<usize> {
        let unused = |line: &Line| line.entries.len() == 0 && !line.ticks;
        let place = self.lines.iter().position(unused).unwrap_or(self.lines.len());
        if place == MOST {
            return None;
        }
        if place == self.lines.len() {
            self.lines.push(Line::default());
        }
        self.lines[place].span = span;
        Some(place)
    }

    /// Adds an event at the end of its span's line, behind those that were added before it.
    #[inline]
    pub fn push(&mut self, span: Nanos, entry: Entry, places: &mut Places) -> Pushed {
        let found = self.lines.iter().position(|line| line.span == span).or_else(|| self.found(span));
        let Some((number, line)) = found.and_then(|i| Some((i, self.lines.get_mut(i)?))) else { return Pushed::NoLine };
        debug_assert!(line.entries.last().is_none_or(|last| last.at <= entry.at), "time went back");
        places.set(entry.slot, Part::Line, entry.seq);
        self.len += 1;
        if line.entries.is_full() {
            // So a line is at most a few times as long as those in it who still wait are many.
            line.entries.sift(|e| places.is(e.slot, Part::Line, e.seq));
        }
        line.entries.push(entry);
        if line.ticks {
            return Pushed::InLine;
        }
        self.ticks += 1;
        line.ticks = true;
        line.entries.first().map_or(Pushed::InLine, |head| Pushed::First(tick(number, head)))
    }

    /// An event was taken back.
    #[inline]
    pub fn forget(&mut self) {
        self.len -= 1;
    }

    /// A tick came up. Returns whether it stands for the head of its line, which then is due.
    pub fn is_due(&mut self, tick: &Entry, places: &Places) -> bool {
        let line = &mut self.lines[tick.body as usize];
        while line.shorten(places) {}
        line.entries.first().is_some_and(|head| head.seq == tick.seq)
    }

    /// Takes the head of a line out.
    pub fn pop(&mut self, line: usize) -> Option<Entry> {
        self.len -= 1;
        let entries = &mut self.lines[line].entries;
        let head = entries.first().copied();
        entries.pop();
        head
    }

    /// A line's tick is gone: the next one, if anybody stands there.
    pub fn next_tick(&mut self, number: usize, places: &Places) -> Option<Entry> {
        let line = &mut self.lines[number];
        while line.shorten(places) {}
        let head = line.entries.first();
        line.ticks = head.is_some();
        self.ticks -= usize::from(!line.ticks);
        head.map(|head| tick(number, head))
    }
}

impl Line {
    /// Takes the head out if it was taken back.
    #[inline]
    fn shorten(&mut self, places: &Places) -> bool {
        let gone = self.entries.first().is_some_and(|head| !places.is(head.slot, Part::Line, head.seq));
        if gone {
            self.entries.pop();
        }
        gone
    }
}

fn tick(line: usize, head: &Entry) -> Entry {
    Entry { at: head.at, seq: head.seq, slot: NO_SLOT, head: TICK, body: line as u64 }
}
