//! Events that happen soon: a list in order while they are few, a heap while they are many.
//!
//! Of few the earliest is simply the last of a list, and to put one in moves a handful; nobody keeps track of where each
//! is. Therefore a list that gets long gives its later events back to the wheel. Only when the wheel cannot take them, as
//! when a million users begin at once, the list becomes a 4-ary heap, until it is empty again.

use super::places::{Part, Places};
use super::{Entry, NO_SLOT};
use crate::time::Nanos;

/// More than this are a heap.
const MOST_LISTED: usize = 64;
/// So many are enough: what comes after all of them can wait elsewhere.
const ENOUGH: usize = 8;

/// The events.
#[derive(Clone, Default)]
pub struct Near {
    /// The latest first; or a heap, the earliest first.
    entries: Vec<Entry>,
    heap: bool,
}

impl Near {
    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The earliest.
    #[inline]
    pub fn first(&self) -> Option<&Entry> {
        if self.heap { self.entries.first() } else { self.entries.last() }
    }

    /// Where its range should end, if there are so many that it should end earlier than the time `at` of an event that
    /// is to be added: a long list costs more than it saves.
    #[inline]
    pub fn should_end(&self, at: Nanos) -> Option<Nanos> {
        if self.heap || self.entries.len() < ENOUGH {
            return None;
        }
        let full = self.entries.len() == MOST_LISTED;
        let end = self.entries[if full { MOST_LISTED / 2 } else { 0 }].at;
        (full || at > end).then_some(end)
    }

    /// Takes out what happens after the new end of its range.
    #[inline]
    pub fn end(&mut self, end: Nanos, mut late: impl FnMut(Entry)) {
        let count = self.entries.iter().take_while(|e| e.at > end).count();
        self.entries.drain(..count).for_each(&mut late);
    }

    /// Adds an event that was added to the queue after all others.
    #[inline(always)]
    pub fn push(&mut self, entry: Entry, places: &mut Places) {
        if self.heap || self.entries.len() >= MOST_LISTED {
            // By parts: whoever wants the address of the whole makes it lie in memory for all others.
            let Entry { at, seq, slot, head, body } = entry;
            return self.push_to_heap((at, seq), slot, (head, body), places);
        }
        if entry.slot != NO_SLOT {
            places.set(entry.slot, Part::Near, 0);
        }
        // Most go to the end or near it, so moving one by one is quicker than looking for the place first.
        self.entries.push(entry);
        let mut place = self.entries.len() - 1;
        while place > 0 && self.entries[place - 1].at <= entry.at {
            self.entries[place] = self.entries[place - 1];
            place -= 1;
        }
        self.entries[place] = entry;
    }

    /// Adds an event, whenever it was added to the queue.
    pub fn insert(&mut self, entry: Entry, places: &mut Places) {
        if self.heap || self.entries.len() >= MOST_LISTED {
            let Entry { at, seq, slot, head, body } = entry;
            return self.push_to_heap((at, seq), slot, (head, body), places);
        }
        let place = self.entries.partition_point(|other| entry.before(other));
        self.entries.insert(place, entry);
    }

    /// Takes the earliest out; there must be one.
    #[inline]
    pub fn pop(&mut self, places: &mut Places) {
        if self.heap {
            self.take(0, places);
            self.heap = !self.entries.is_empty();
        } else {
            self.entries.pop();
        }
    }

    /// Takes out the event with a slot, which is at this place if this is a heap.
    pub fn remove(&mut self, slot: u32, place: usize, places: &mut Places) {
        if self.heap {
            self.take(place, places);
            self.heap = !self.entries.is_empty();
        } else if let Some(i) = self.entries.iter().position(|e| e.slot == slot) {
            self.entries.remove(i);
        }
    }

    /// Takes in events in any order; there must be none yet.
    pub fn fill(&mut self, places: &mut Places, pour: impl FnOnce(&mut Vec<Entry>, &mut Places)) {
        pour(&mut self.entries, places);
        self.heap = self.entries.len() > MOST_LISTED;
        if self.heap {
            // From an array to a heap: parents last to first.
            for place in (0..self.entries.len().div_ceil(4)).rev() {
                self.down(place, places);
            }
            self.know_places(places);
            return;
        }
        for i in 1..self.entries.len() {
            let entry = self.entries[i];
            let mut to = i;
            while to > 0 && self.entries[to - 1].before(&entry) {
                self.entries[to] = self.entries[to - 1];
                to -= 1;
            }
            self.entries[to] = entry;
        }
        for entry in &self.entries {
            if entry.slot != NO_SLOT {
                places.set(entry.slot, Part::Near, 0);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn push_to_heap(&mut self, (at, seq): (Nanos, u64), slot: u32, (head, body): (u32, u64), places: &mut Places) {
        if !self.heap {
            // In ascending order it is a heap already.
            self.entries.reverse();
            self.heap = true;
            self.know_places(places);
        }
        self.entries.push(Entry { at, seq, slot, head, body });
        self.up(self.entries.len() - 1, places);
    }

    fn know_places(&self, places: &mut Places) {
        for (place, entry) in self.entries.iter().enumerate() {
            if entry.slot != NO_SLOT {
                places.set(entry.slot, Part::Near, place as u64);
            }
        }
    }

    /// Removes the entry at a position of the heap.
    fn take(&mut self, place: usize, places: &mut Places) {
        let Some(last) = self.entries.pop() else { return };
        if place < self.entries.len() {
            let goes_up = place > 0 && last.before(&self.entries[(place - 1) / 4]);
            self.entries[place] = last;
            if goes_up { self.up(place, places) } else { self.down(place, places) }
        }
    }

    fn up(&mut self, mut place: usize, places: &mut Places) {
        let entry = self.entries[place];
        while place > 0 {
            let parent = (place - 1) / 4;
            if !entry.before(&self.entries[parent]) {
                break;
            }
            self.set(place, self.entries[parent], places);
            place = parent;
        }
        self.set(place, entry, places);
    }

    fn down(&mut self, mut place: usize, places: &mut Places) {
        let entry = self.entries[place];
        loop {
            let first = 4 * place + 1;
            let children = first..(first + 4).min(self.entries.len());
            let Some(least) = children.reduce(|a, b| if self.entries[b].before(&self.entries[a]) { b } else { a })
            else {
                break;
            };
            if !self.entries[least].before(&entry) {
                break;
            }
            self.set(place, self.entries[least], places);
            place = least;
        }
        self.set(place, entry, places);
    }

    #[inline]
    fn set(&mut self, place: usize, entry: Entry, places: &mut Places) {
        self.entries[place] = entry;
        if entry.slot != NO_SLOT {
            places.set(entry.slot, Part::Near, place as u64);
        }
    }
}
