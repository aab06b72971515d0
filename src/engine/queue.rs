//! The event queue: a 4-ary heap by (time, sequence), from which any event can be taken back.
//!
//! A time-out that is not needed leaves nothing behind, so the heap holds only what will happen. Four children per node
//! touch fewer cache lines than two; the index of each event is kept so that taking one back costs a sift.

use crate::time::Nanos;

/// When an event happens, and after which others at the same time.
#[derive(Clone, Copy)]
struct Entry {
    at: Nanos,
    seq: u64,
    slot: u32,
}

impl Entry {
    fn before(&self, other: &Entry) -> bool {
        (self.at, self.seq) < (other.at, other.seq)
    }
}

/// Events by slot; the owner gives out the slots.
pub struct Queue<E> {
    heap: Vec<Entry>,
    /// By slot: the position in the heap, or `OUT`.
    places: Vec<u32>,
    events: Vec<Option<E>>,
    seq: u64,
}

const OUT: u32 = u32::MAX;

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue { heap: Vec::new(), places: Vec::new(), events: Vec::new(), seq: 0 }
    }
}

impl<E> Queue<E> {
    /// Adds an event under a slot that is not in use.
    pub fn push(&mut self, slot: u32, at: Nanos, event: E) {
        let index = slot as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, OUT);
            self.events.resize_with(index + 1, || None);
        }
        debug_assert!(self.events[index].is_none(), "slot {slot} is in use");
        self.events[index] = Some(event);
        self.seq += 1;
        self.heap.push(Entry { at, seq: self.seq, slot });
        self.up(self.heap.len() - 1);
    }

    /// When the next event happens.
    pub fn peek(&self) -> Option<Nanos> {
        self.heap.first().map(|e| e.at)
    }

    /// Takes the next event out, with its time and slot.
    pub fn pop(&mut self) -> Option<(Nanos, u32, E)> {
        let entry = *self.heap.first()?;
        self.take(0);
        self.events[entry.slot as usize].take().map(|event| (entry.at, entry.slot, event))
    }

    /// Takes an event back. Returns whether it was still there.
    pub fn cancel(&mut self, slot: u32) -> bool {
        match self.places.get(slot as usize) {
            Some(&place) if place != OUT => {
                self.take(place as usize);
                self.events[slot as usize] = None;
                true
            }
            _ => false,
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Removes the entry at a position of the heap.
    fn take(&mut self, place: usize) {
        self.places[self.heap[place].slot as usize] = OUT;
        let Some(last) = self.heap.pop() else { return };
        if place < self.heap.len() {
            self.heap[place] = last;
            self.down(place);
            self.up(place);
        }
    }

    fn up(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / 4;
            if !entry.before(&self.heap[parent]) {
                break;
            }
            self.set(place, self.heap[parent]);
            place = parent;
        }
        self.set(place, entry);
    }

    fn down(&mut self, mut place: usize) {
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
            self.set(place, self.heap[least]);
            place = least;
        }
        self.set(place, entry);
    }

    fn set(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.places[entry.slot as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a sorted list: the same events in the same order, whatever is taken back in between.
        #[test]
        fn it_is_a_stable_priority_queue(steps in prop::collection::vec((0u8..4, 0u64..20, 0usize..50), 1..400)) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, u64, u32)> = Vec::new();
            let mut slot = 0;
            for (n, &(what, at, which)) in steps.iter().enumerate() {
                match what {
                    0 | 1 => {
                        queue.push(slot, at, slot);
                        model.push((at, n as u64, slot));
                        model.sort_unstable();
                        slot += 1;
                    }
                    2 => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        prop_assert_eq!(queue.pop(), expected.map(|(at, _, slot)| (at, slot, slot)));
                    }
                    _ => {
                        let there = model.iter().position(|e| e.2 == which as u32);
                        prop_assert_eq!(queue.cancel(which as u32), there.is_some());
                        if let Some(i) = there { model.remove(i); }
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.peek(), model.first().map(|e| e.0));
            }
        }
    }
}
