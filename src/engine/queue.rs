//! The event queue: what happens next, by (time, sequence), from which timers can be taken back.
//!
//! Three parts, because three kinds of events wait. What happens at this very instant lies in a line. What happens soon
//! lies in a small heap, which stays in the processor's nearest cache however many events wait. All else, thinking users
//! and time-outs above all, lies in a `Wheel` behind it, where adding and taking back cost the same for ten events and
//! for ten million; whenever the heap is empty, the wheel's next bucket is poured into it.

mod wheel;

use crate::time::Nanos;
use std::collections::VecDeque;
use wheel::{Places, Wheel};

/// The slot of an event that nobody takes back.
pub const NO_SLOT: u32 = u32::MAX;

/// An event and when it happens, after which others at the same time, and by which number it can be taken back.
#[derive(Clone, Copy)]
struct Entry<E> {
    at: Nanos,
    seq: u64,
    slot: u32,
    event: E,
}

impl<E> Entry<E> {
    #[inline]
    fn before(&self, other: &Entry<E>) -> bool {
        self.at < other.at || self.at == other.at && self.seq < other.seq
    }
}

/// Events in order; the owner gives out the slots of those that may be taken back.
#[derive(Clone)]
pub struct Queue<E> {
    /// When the last event happened.
    now: Nanos,
    seq: u64,
    /// Events at `now` that were added at `now` and that nobody takes back.
    line: VecDeque<Entry<E>>,
    /// A 4-ary heap of the events up to and including `near`.
    heap: Vec<Entry<E>>,
    /// Events after `near`.
    wheel: Wheel<E>,
    /// Where events with slots are.
    places: Places,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue {
            now: 0,
            seq: 0,
            line: VecDeque::new(),
            heap: Vec::new(),
            wheel: Wheel::default(),
            places: Places::default(),
        }
    }
}

impl<E: Copy> Queue<E> {
    /// Adds an event under a slot that is not in use, or under [`NO_SLOT`]. It must not lie in the past.
    #[inline]
    pub fn push(&mut self, slot: u32, at: Nanos, event: E) {
        debug_assert!(at >= self.now, "{at} is over: it is {}", self.now);
        self.seq += 1;
        let entry = Entry { at, seq: self.seq, slot, event };
        if slot != NO_SLOT {
            self.places.know(slot);
        } else if at == self.now {
            return self.line.push_back(entry);
        }
        if at <= self.wheel.near() {
            self.heap.push(entry);
            self.up(self.heap.len() - 1);
        } else {
            self.wheel.add(entry, &mut self.places);
        }
    }

    /// When the next event happens.
    pub fn peek(&mut self) -> Option<Nanos> {
        if !self.line.is_empty() {
            return Some(self.now);
        }
        self.pour();
        self.heap.first().map(|e| e.at)
    }

    /// Takes the next event out if it happens by then, with its time and slot.
    #[inline]
    pub fn pop(&mut self, until: Nanos) -> Option<(Nanos, u32, E)> {
        if let Some(first) = self.line.front()
            && self.heap.first().is_none_or(|e| first.before(e))
        {
            return if self.now <= until { self.line.pop_front().map(|e| (e.at, e.slot, e.event)) } else { None };
        }
        self.pour();
        let entry = *self.heap.first()?;
        if entry.at > until {
            return None;
        }
        self.take(0);
        if entry.slot != NO_SLOT {
            self.places.forget(entry.slot);
        }
        self.now = entry.at;
        Some((entry.at, entry.slot, entry.event))
    }

    /// Takes an event back. Returns whether it was still there.
    pub fn cancel(&mut self, slot: u32) -> bool {
        let Some(place) = self.places.forget(slot) else { return false };
        if place.in_wheel {
            self.wheel.remove(place.index, &mut self.places);
        } else {
            self.take(place.index);
        }
        true
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.line.len() + self.heap.len() + self.wheel.len()
    }

    /// How much memory its events take.
    pub fn bytes(&self) -> usize {
        self.heap.len() * size_of::<Entry<E>>() + self.wheel.bytes() + self.places.bytes()
    }

    /// Fills the heap from the wheel, if it is empty and nothing happens right now.
    #[inline]
    fn pour(&mut self) {
        while self.heap.is_empty() && self.wheel.len() > 0 {
            self.wheel.pour(&mut self.heap, &mut self.places);
            // From an array to a heap: parents last to first.
            for place in (0..self.heap.len().div_ceil(4)).rev() {
                self.down(place);
            }
            for place in 0..self.heap.len() {
                self.set(place, self.heap[place]);
            }
        }
    }

    /// Removes the entry at a position of the heap.
    #[inline]
    fn take(&mut self, place: usize) {
        let Some(last) = self.heap.pop() else { return };
        if place < self.heap.len() {
            let goes_up = place > 0 && last.before(&self.heap[(place - 1) / 4]);
            self.heap[place] = last;
            if goes_up { self.up(place) } else { self.down(place) }
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

    #[inline]
    fn set(&mut self, place: usize, entry: Entry<E>) {
        self.heap[place] = entry;
        if entry.slot != NO_SLOT {
            self.places.set(entry.slot, place, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A step of a test: what to do, how far ahead (on any scale), and with which of the timers.
    fn step() -> impl Strategy<Value = (u8, u64, usize)> {
        (0u8..6, 0u64..64, 0u32..40, 0usize..50).prop_map(|(what, digit, scale, which)| (what, digit << scale, which))
    }

    proptest! {
        /// Against a sorted list: the same events in the same order, whatever is taken back in between.
        #[test]
        fn it_is_a_stable_priority_queue(steps in prop::collection::vec(step(), 1..600), crowd in 0usize..300) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, u64, u32)> = Vec::new();
            let (mut slot, mut now, mut number) = (0, 0, 0u64);
            let crowded = std::iter::repeat_n((0, 1_000_000, 0), crowd).enumerate();
            let crowded = crowded.map(|(i, (what, at, which))| (what, at + 37 * i as u64, which));
            for (what, span, which) in crowded.chain(steps) {
                number += 1;
                match what {
                    0..=2 => {
                        let timer = if what == 2 { NO_SLOT } else { slot };
                        queue.push(timer, now + span, number);
                        model.push((now + span, number, timer));
                        model.sort_unstable();
                        slot += u32::from(timer != NO_SLOT);
                    }
                    3 => {
                        // Only what happens by then.
                        let until = now + span;
                        let due = model.first().is_some_and(|e| e.0 <= until);
                        let expected = due.then(|| model.remove(0)).map(|(at, number, slot)| (at, slot, number));
                        prop_assert_eq!(queue.pop(until), expected);
                        now = expected.map_or(now, |e| e.0);
                    }
                    4 => {
                        let expected = (!model.is_empty()).then(|| model.remove(0));
                        let expected = expected.map(|(at, number, slot)| (at, slot, number));
                        prop_assert_eq!(queue.pop(Nanos::MAX), expected);
                        now = expected.map_or(now, |e| e.0);
                    }
                    _ => {
                        let there = model.iter().position(|e| e.2 == which as u32);
                        prop_assert_eq!(queue.cancel(which as u32), there.is_some());
                        if let Some(i) = there { model.remove(i); }
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                // Looking ahead moves events from one part to another; so not always.
                if which % 4 == 0 {
                    prop_assert_eq!(queue.peek(), model.first().map(|e| e.0));
                }
            }
        }
    }
}
