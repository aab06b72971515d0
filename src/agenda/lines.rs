//! Time-outs: events that come up a fixed span after they were added, and that are nearly always taken back before.
//!
//! Of one span, who was added first is due first: they stand in a line, each knowing who stands before and behind, so that
//! to add one or to take one back moves no other. For each line one event waits in the rest of the queue, a *tick* at the
//! time and with the sequence number of who was its head then; so all is in order though nobody sorts.

use super::places::Places;
use super::{Entry, NO_SLOT};
use crate::time::Nanos;

/// [`Entry::head`] of a tick; its body is the line.
pub const TICK: u32 = u32::MAX;

/// The time-outs of one span.
#[derive(Clone, Default)]
struct Line {
    span: Nanos,
    /// Whether a tick of it waits; so it does while anybody stands there, and may when all have left.
    ticks: bool,
}

/// All lines: as many different spans as there are [ends](Places::ENDS); further ones have to be sorted like anything else.
#[derive(Clone, Default)]
pub struct Lines {
    lines: Vec<Line>,
    /// Events that stand in lines.
    len: usize,
    ticks: usize,
}

impl Lines {
    /// How many events stand in lines.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many ticks wait elsewhere.
    #[inline]
    pub fn ticks(&self) -> usize {
        self.ticks
    }

    /// The line of a span, if it has one or can get one.
    #[inline]
    pub fn of(&mut self, span: Nanos) -> Option<u32> {
        let found = self.lines.iter().position(|line| line.span == span);
        found.map(|line| line as u32).or_else(|| self.new_line(span))
    }

    /// A new line for a span, or one without a tick.
    #[cold]
    fn new_line(&mut self, span: Nanos) -> Option<u32> {
        let place = self.lines.iter().position(|line| !line.ticks).unwrap_or(self.lines.len());
        if place == Places::ENDS as usize {
            return None;
        }
        if place == self.lines.len() {
            self.lines.push(Line::default());
        }
        self.lines[place].span = span;
        Some(place as u32)
    }

    /// Adds an event at the end of its span's line, behind those that were added before it: its slot, and the tick that the
    /// rest of the queue needs if it has none of this line.
    #[inline]
    pub fn push(&mut self, line: u32, entry: Entry, places: &mut Places) -> (u32, Option<Entry>) {
        self.len += 1;
        let (slot, before) = places.append(line, entry);
        (slot, if before == line { self.begin(line, places) } else { None })
    }

    /// Somebody stands in a line that was empty; its tick, if none waits.
    #[inline(never)]
    fn begin(&mut self, line: u32, places: &Places) -> Option<Entry> {
        let ticked = std::mem::replace(&mut self.lines[line as usize].ticks, true);
        self.ticks += usize::from(!ticked);
        places.first(line).filter(|_| !ticked).map(|head| tick(line, head))
    }

    /// Takes the event with this slot out of its line.
    #[inline]
    pub fn remove(&mut self, slot: u32, places: &mut Places) {
        self.len -= 1;
        places.unlink(slot);
    }

    /// A tick came up: the event that it stands for, if that is still the head of its line.
    pub fn due(&self, tick: &Entry, places: &Places) -> Option<Entry> {
        places.first(tick.body as u32).filter(|head| head.seq == tick.seq)
    }

    /// A line's tick is gone: the next one, if anybody stands there.
    pub fn next_tick(&mut self, line: u32, places: &Places) -> Option<Entry> {
        let next = places.first(line).map(|head| tick(line, head));
        self.lines[line as usize].ticks = next.is_some();
        self.ticks -= usize::from(next.is_none());
        next
    }
}

fn tick(line: u32, head: Entry) -> Entry {
    Entry { at: head.at, seq: head.seq, slot: NO_SLOT, head: TICK, body: u64::from(line) }
}
