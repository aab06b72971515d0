//! Events that happen soon: a list in order while they are few, a heap while they are many.
//!
//! Of few the earliest is simply the last of a list, and to put one in moves a handful; nobody keeps track of where each
//! is. Therefore a list that gets long gives its later events back to the wheel. Only when the wheel cannot take them, as
//! when a million users begin at once, the list becomes a 4-ary heap, until it is empty again.

use super::places::{Part, Places};
use super::{Entry, NO_SLOT};
use crate::time::Nanos;

/// More than this are a heap; a power of two.
const MOST_LISTED: usize = 64;
/// So many are enough: what comes after all of them can wait elsewhere.
const ENOUGH: usize = 8;
/// A new event's place is mostly within so many of the earliest.
const CLOSE: usize = 4;

/// The events.
#[derive(Clone)]
pub struct Near {
    /// What nothing is later than, so that there are always some to compare with; then the latest first; then room to
    /// move some. Not a vector, which every insertion would have to be ready to move.
    list: [Entry; CLOSE + MOST_LISTED + CLOSE],
    listed: usize,
    /// The earliest first; while there are any here, the list is empty.
    heap: Vec<Entry>,
}

impl Default for Near {
    fn default() -> Self {
        let never = Entry { at: Nanos::MAX, ..Entry::default() };
        Near { list: [never; CLOSE + MOST_LISTED + CLOSE], listed: 0, heap: Vec::new() }
    }
}

impl Near {
    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.listed + self.heap.len()
    }

    /// The earliest.
    #[inline]
    pub fn first(&self) -> Option<&Entry> {
        if self.listed > 0 { Some(self.listed_at(self.listed - 1)) } else { self.heap.first() }
    }

    #[inline]
    fn listed_at(&self, place: usize) -> &Entry {
        &self.list[CLOSE + place % MOST_LISTED]
    }

    /// The list, the latest first.
    fn listed(&self) -> &[Entry] {
        &self.list[CLOSE..CLOSE + self.listed]
    }

    /// The same, with so many places more.
    fn listed_and(&mut self, more: usize) -> &mut [Entry] {
        &mut self.list[CLOSE..CLOSE + self.listed + more]
    }

    /// Whether an event at this time can be added at once, by [`add`](Self::add).
    #[inline]
    pub fn has_room(&self, at: Nanos) -> bool {
        let few = self.listed < ENOUGH || self.listed < MOST_LISTED && at <= self.listed_at(0).at;
        few && self.heap.is_empty()
    }

    /// Adds an event that was added to the queue after all others; there must be room.
    #[inline]
    pub fn add(&mut self, entry: Entry) {
        if !self.add_close(entry) {
            let Entry { at, seq, slot, head, body } = entry;
            self.add_farther(at, seq, slot, head, body);
        }
        self.listed += 1;
    }

    /// Puts an event where it belongs, which is not among the earliest, but mostly near them: to move one by one is quicker
    /// than to look for the place first. By its parts, see `Queue::put_away`.
    #[inline(never)]
    fn add_farther(&mut self, at: Nanos, seq: u64, slot: u32, head: u32, body: u64) {
        let entry = Entry { at, seq, slot, head, body };
        let mut place = self.listed;
        while place > 0 && self.listed_at(place - 1).at <= entry.at {
            self.list[CLOSE + place % MOST_LISTED] = *self.listed_at(place - 1);
            place -= 1;
        }
        self.list[CLOSE + place % MOST_LISTED] = entry;
    }

    /// Adds an event if its place is among the earliest; returns whether it is. Which of these places it is cannot be
    /// guessed, so nothing depends on a guess: as many are moved every time, though there may be nothing behind the last.
    #[inline]
    fn add_close(&mut self, entry: Entry) -> bool {
        // The last four, or what is later than all where there are fewer, and room for as many.
        let Some(end) = self.list.get_mut(self.listed..).and_then(|end| end.first_chunk_mut::<{ 2 * CLOSE }>()) else {
            return false;
        };
        let later = |i: usize| usize::from(end[i].at > entry.at);
        let place = later(0) + later(1) + later(2) + later(3);
        if place == 0 {
            return false;
        }
        end.copy_within(place..place + CLOSE - 1, place + 1);
        end[place] = entry;
        true
    }

    /// Where its range should end, if there are so many that it should end earlier than the time `at` of an event that
    /// is to be added: a long list costs more than it saves.
    pub fn should_end(&self, at: Nanos) -> Option<Nanos> {
        if self.listed < ENOUGH {
            return None;
        }
        let full = self.listed == MOST_LISTED;
        let end = self.listed_at(if full { MOST_LISTED / 2 } else { 0 }).at;
        (full || at > end).then_some(end)
    }

    /// Takes out what happens after the new end of its range.
    pub fn end(&mut self, end: Nanos, late: impl FnMut(Entry)) {
        let count = self.listed().iter().take_while(|e| e.at > end).count();
        self.listed()[..count].iter().copied().for_each(late);
        self.listed_and(0).copy_within(count.., 0);
        self.listed -= count;
    }

    /// Adds an event, whenever it was added to the queue.
    pub fn insert(&mut self, entry: Entry, places: &mut Places) {
        if self.listed == MOST_LISTED {
            // In ascending order it is a heap already.
            self.heap.extend(self.list[CLOSE..CLOSE + MOST_LISTED].iter().rev());
            self.listed = 0;
            self.know_places(places);
        }
        if !self.heap.is_empty() {
            self.heap.push(entry);
            return self.up(self.heap.len() - 1, places);
        }
        if entry.slot != NO_SLOT {
            places.set(entry.slot, Part::Near, 0);
        }
        let place = self.listed().partition_point(|other| entry.before(other));
        let last = self.listed;
        let list = self.listed_and(1);
        list.copy_within(place..last, place + 1);
        list[place] = entry;
        self.listed += 1;
    }

    /// Takes the earliest out; there must be one.
    #[inline]
    pub fn pop(&mut self, places: &mut Places) {
        if self.listed > 0 { self.listed -= 1 } else { self.take(0, places) }
    }

    /// Takes out the event with a slot, which is at this place if this is a heap.
    pub fn remove(&mut self, slot: u32, place: usize, places: &mut Places) {
        if !self.heap.is_empty() {
            self.take(place, places);
        } else if let Some(i) = self.listed().iter().position(|e| e.slot == slot) {
            self.listed_and(0).copy_within(i + 1.., i);
            self.listed -= 1;
        }
    }

    /// Takes in events in any order; there must be none yet.
    pub fn fill(&mut self, places: &mut Places, pour: impl FnOnce(&mut Vec<Entry>, &mut Places)) {
        pour(&mut self.heap, places);
        if self.heap.len() > MOST_LISTED {
            // From an array to a heap: parents last to first.
            for place in (0..self.heap.len().div_ceil(4)).rev() {
                self.down(place, places);
            }
            return self.know_places(places);
        }
        let list = &mut self.list[CLOSE..];
        for (i, &entry) in self.heap.iter().enumerate() {
            let mut to = i;
            while to > 0 && list[to - 1].before(&entry) {
                list[to] = list[to - 1];
                to -= 1;
            }
            list[to] = entry;
            if entry.slot != NO_SLOT {
                places.set(entry.slot, Part::Near, 0);
            }
        }
        self.listed = self.heap.len();
        self.heap.clear();
    }

    fn know_places(&self, places: &mut Places) {
        for (place, entry) in self.heap.iter().enumerate() {
            if entry.slot != NO_SLOT {
                places.set(entry.slot, Part::Near, place);
            }
        }
    }

    /// Removes the entry at a position of the heap.
    #[cold]
    fn take(&mut self, place: usize, places: &mut Places) {
        let Some(last) = self.heap.pop() else { return };
        if place < self.heap.len() {
            let goes_up = place > 0 && last.before(&self.heap[(place - 1) / 4]);
            self.heap[place] = last;
            if goes_up { self.up(place, places) } else { self.down(place, places) }
        }
    }

    fn up(&mut self, mut place: usize, places: &mut Places) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / 4;
            if !entry.before(&self.heap[parent]) {
                break;
            }
            self.set(place, self.heap[parent], places);
            place = parent;
        }
        self.set(place, entry, places);
    }

    fn down(&mut self, mut place: usize, places: &mut Places) {
        let entry = self.heap[place];
        loop {
            let first = 4 * place + 1;
            let children = first..(first + 4).min(self.heap.len());
            let Some(least) = children.reduce(|a, b| if self.heap[b].before(&self.heap[a]) { b } else { a }) else {
                break;
            };
            if !self.heap[least].before(&entry) {
                break;
            }
            self.set(place, self.heap[least], places);
            place = least;
        }
        self.set(place, entry, places);
    }

    #[inline]
    fn set(&mut self, place: usize, entry: Entry, places: &mut Places) {
        self.heap[place] = entry;
        if entry.slot != NO_SLOT {
            places.set(entry.slot, Part::Near, place);
        }
    }
}
