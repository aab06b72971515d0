//! The event queue: what happens next, by (time, sequence), and can be taken back.
//!
//! Knows time, and of an event only that two numbers hold it.
//!
//! Four parts, because four kinds of events wait. What happens at this very instant stands in a row (`Present`). What happens soon
//! lies in a short list in order (`Near`), which stays in the processor's nearest cache however many events wait.
//! Time-outs stand in `Lines`, one for each span. All else, thinking users above all, lies in a `Wheel`, where adding and
//! taking back cost the same for ten events and for ten million; whenever the list is empty, the wheel's next bucket is
//! poured into it.

mod lines;
mod near;
mod places;
mod present;
mod row;
mod wheel;

use crate::time::Nanos;
use lines::{Lines, TICK};
use near::Near;
use places::{Part, Place, Places};
use present::Present;
use std::marker::PhantomData;
use wheel::Wheel;

/// The slot of an event that nobody takes back.
pub const NO_SLOT: u32 = u32::MAX;

/// An event as two numbers. So it travels in registers; a structure would be written to memory in pieces and read back
/// whole, for which a processor has to wait.
pub trait Words: Copy {
    /// The numbers; the first is less than `u32::MAX`.
    fn words(self) -> (u32, u64);
}

/// An event and when it happens, after which others at the same time, and by which number it can be taken back.
#[derive(Clone, Copy, Default)]
struct Entry {
    at: Nanos,
    seq: u64,
    slot: u32,
    /// See [`Words`]; not as a pair, which would take more memory.
    head: u32,
    body: u64,
}

impl Entry {
    #[inline]
    fn out(self) -> (Nanos, u32, (u32, u64)) {
        (self.at, self.slot, (self.head, self.body))
    }

    #[inline]
    fn before(&self, other: &Entry) -> bool {
        self.at < other.at || self.at == other.at && self.seq < other.seq
    }
}

/// Events in order. Those that may be taken back have a slot, which is theirs until [`put_slot`](Queue::put_slot) or
/// [`cancel`](Queue::cancel).
#[derive(Clone)]
pub struct Queue<E> {
    /// When the last event happened.
    now: Nanos,
    seq: u64,
    /// Events at `now` that were added at `now` and that nobody takes back.
    present: Present,
    /// Events up to and including [`Wheel::near`].
    near: Near,
    /// Events after that.
    wheel: Wheel,
    /// Time-outs.
    lines: Lines,
    /// Where events with slots are.
    places: Places,
    of: PhantomData<E>,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Queue {
            now: 0,
            seq: 0,
            present: Present::default(),
            near: Near::default(),
            wheel: Wheel::default(),
            lines: Lines::default(),
            places: Places::default(),
            of: PhantomData,
        }
    }
}

impl<E: Words> Queue<E> {
    /// A slot for an event, the one that came free last.
    #[inline]
    pub fn slot(&mut self) -> u32 {
        self.places.take()
    }

    /// Gives back the slot of an event that has happened; not [`NO_SLOT`].
    #[inline]
    pub fn put_slot(&mut self, slot: u32) {
        debug_assert!(self.is_out(slot), "slot {slot} is in use");
        self.places.put(slot);
    }

    /// Adds an event under a slot, or under [`NO_SLOT`]. It must not lie in the past.
    #[inline]
    pub fn push(&mut self, slot: u32, at: Nanos, event: E) {
        // Here, where it is known which kind of event it is.
        let (head, body) = event.words();
        self.put(slot, at, head, body);
    }

    #[inline]
    fn put(&mut self, slot: u32, at: Nanos, head: u32, body: u64) {
        self.check(slot, at, head);
        self.seq += 1;
        let entry = Entry { at, seq: self.seq, slot, head, body };
        if slot == NO_SLOT && at == self.now {
            return self.present.push(entry);
        }
        if at > self.wheel.near() || !self.near.has_room(at) {
            return self.put_away(slot, at, head, body);
        }
        if slot != NO_SLOT {
            self.places.set(slot, Part::Near, 0);
        }
        self.near.add(entry);
    }

    /// Whether a slot has no event.
    fn is_out(&self, slot: u32) -> bool {
        self.places[slot].part == Part::Out
    }

    /// While tests run: whether an event may be added.
    #[inline]
    fn check(&self, slot: u32, at: Nanos, head: u32) {
        debug_assert!(at >= self.now, "{at} is over: it is {}", self.now);
        debug_assert!(head != TICK, "an event's first number is {TICK}");
        debug_assert!(slot == NO_SLOT || self.is_out(slot), "slot {slot} is in use");
    }

    /// Adds the event that was just numbered, where it is not known that it belongs to those that happen soon. By its parts:
    /// whoever wants the address of the whole makes it lie in memory for all others.
    #[inline(never)]
    fn put_away(&mut self, slot: u32, at: Nanos, head: u32, body: u64) {
        let entry = Entry { at, seq: self.seq, slot, head, body };
        if at <= self.wheel.near()
            && let Some(end) = self.near.should_end(at)
            && self.wheel.draw_near(end)
        {
            // The list's range ends earlier; what happens later goes to the wheel.
            let Queue { near, wheel, places, .. } = self;
            near.end(end, |late| wheel.add(late, places));
        }
        self.insert(entry);
    }

    /// Adds an event at `now + span`; its slot. `now` never goes back. For many events after the same span, nearly all of
    /// which are taken back.
    #[inline]
    pub fn push_after(&mut self, now: Nanos, span: Nanos, event: E) -> u32 {
        let (head, body) = event.words();
        let at = now.saturating_add(span);
        self.check(NO_SLOT, at, head);
        let Some(line) = self.lines.of(span) else { return self.push_sorted(at, head, body) };
        self.seq += 1;
        let entry = Entry { at, seq: self.seq, slot: NO_SLOT, head, body };
        let (slot, tick) = self.lines.push(line, entry, &mut self.places);
        if let Some(tick) = tick {
            self.insert(tick);
        }
        slot
    }

    /// The same where too many spans have lines.
    #[cold]
    fn push_sorted(&mut self, at: Nanos, head: u32, body: u64) -> u32 {
        let slot = self.slot();
        self.put(slot, at, head, body);
        slot
    }

    /// Adds an event or a line's tick, which need not have the latest number.
    fn insert(&mut self, entry: Entry) {
        if entry.at <= self.wheel.near() {
            self.near.insert(entry, &mut self.places);
        } else {
            self.wheel.add(entry, &mut self.places);
        }
    }

    /// When the next event happens.
    pub fn peek(&mut self) -> Option<Nanos> {
        if self.present.len() > 0 {
            return Some(self.now);
        }
        loop {
            self.pour();
            let first = *self.near.first()?;
            if first.head != TICK || self.lines.due(&first, &self.places).is_some() {
                return Some(first.at);
            }
            self.near.pop(&mut self.places);
            self.next_tick(first.body as u32);
        }
    }

    /// Takes the next event out if it happens by then: its time, its slot, and its [`Words`], which whoever tells events
    /// apart reads right there: to tell them apart here as well would be to do it twice.
    #[inline]
    pub fn pop(&mut self, until: Nanos) -> Option<(Nanos, u32, (u32, u64))> {
        loop {
            if let Some(&first) = self.present.first()
                && self.near.first().is_none_or(|e| first.before(e))
            {
                if self.now > until {
                    return None;
                }
                self.present.pop();
                return Some(first.out());
            }
            self.pour();
            let mut entry = *self.near.first()?;
            if entry.at > until {
                return None;
            }
            self.near.pop(&mut self.places);
            if entry.head == TICK {
                match self.tick(&entry) {
                    Some(due) => entry = due,
                    None => continue,
                }
            }
            if entry.slot != NO_SLOT {
                self.places[entry.slot].part = Part::Out;
            }
            self.now = entry.at;
            return Some(entry.out());
        }
    }

    /// A line's tick was taken out: the event that it stands for, if that was not taken back.
    #[cold]
    fn tick(&mut self, tick: &Entry) -> Option<Entry> {
        let due = self.lines.due(tick, &self.places);
        if let Some(entry) = due {
            self.lines.remove(entry.slot, &mut self.places);
        }
        self.next_tick(tick.body as u32);
        due
    }

    #[cold]
    fn next_tick(&mut self, line: u32) {
        if let Some(tick) = self.lines.next_tick(line, &self.places) {
            self.insert(tick);
        }
    }

    /// Takes an event back, and its slot. Returns whether it was still there; if it has happened, the slot remains.
    #[inline]
    pub fn cancel(&mut self, slot: u32) -> bool {
        let Place { part, before: number, .. } = self.places[slot];
        match part {
            Part::Out => return false,
            Part::Line => self.lines.remove(slot, &mut self.places),
            Part::Wheel => self.wheel.remove(number as usize, &mut self.places),
            Part::Near => self.near.remove(slot, number as usize, &mut self.places),
        }
        self.places.put(slot);
        true
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.present.len() + self.near.len() + self.wheel.len() + self.lines.len() - self.lines.ticks()
    }

    /// How much memory its events take.
    pub fn bytes(&self) -> usize {
        self.present.bytes() + self.near.len() * size_of::<Entry>() + self.wheel.bytes() + self.places.bytes()
    }

    /// Fills the list from the wheel, if it is empty. Nothing may happen right now.
    #[inline]
    fn pour(&mut self) {
        if self.near.len() == 0 {
            self.pour_now();
        }
    }

    #[inline(never)]
    fn pour_now(&mut self) {
        while self.near.len() == 0 && self.wheel.len() > 0 {
            self.near.fill(&mut self.places, |entries, places| self.wheel.pour(entries, places));
        }
    }
}

impl Words for u64 {
    fn words(self) -> (u32, u64) {
        (0, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A step of a test: what to do, how far ahead (on any scale), and with which of the timers.
    fn step() -> impl Strategy<Value = (u8, u64, usize)> {
        (0u8..10, 0u64..64, 0u32..40, 0usize..50).prop_map(|(what, digit, scale, which)| (what, digit << scale, which))
    }

    proptest! {
        /// Against a sorted list: the same events in the same order, whatever is taken back in between.
        #[test]
        fn it_is_a_stable_priority_queue(steps in prop::collection::vec(step(), 1..600), crowd in 0usize..300) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, u64, u32)> = Vec::new();
            let (mut now, mut number) = (0u64, 0u64);
            let crowded = std::iter::repeat_n((0, 1_000_000, 0), crowd).enumerate();
            let crowded = crowded.map(|(i, (what, at, which))| (what, at + 37 * i as u64, which));
            for (what, span, which) in crowded.chain(steps) {
                number += 1;
                match what {
                    0..=2 => {
                        let slot = if what == 2 { NO_SLOT } else { queue.slot() };
                        let at = now.saturating_add(span);
                        queue.push(slot, at, number);
                        model.push((at, number, slot));
                    }
                    3 | 4 => {
                        // Only what happens by then.
                        let until = if what == 3 { now.saturating_add(span) } else { Nanos::MAX };
                        let due = model.first().is_some_and(|e| e.0 <= until);
                        let expected = due.then(|| model.remove(0)).map(|(at, number, slot)| (at, slot, number.words()));
                        prop_assert_eq!(queue.pop(until), expected);
                        if let Some((at, slot, _)) = expected {
                            now = at;
                            if slot != NO_SLOT {
                                prop_assert!(!queue.cancel(slot), "it has happened");
                                queue.put_slot(slot);
                            }
                        }
                    }
                    5 | 6 => {
                        // A few spans at most have lines.
                        let span = if which == 0 { Nanos::MAX } else { (span % 12) << (which % 24) };
                        let slot = queue.push_after(now, span, number);
                        model.push((now.saturating_add(span), number, slot));
                    }
                    7 => {
                        // Time can pass without an event.
                        now = now.saturating_add(span).min(model.first().map_or(now, |e| e.0));
                    }
                    _ => {
                        let timers: Vec<usize> = (0..model.len()).filter(|&i| model[i].2 != NO_SLOT).collect();
                        if let Some(&i) = timers.get(which % timers.len().max(1)) {
                            let slot = model.remove(i).2;
                            prop_assert!(queue.cancel(slot));
                            prop_assert!(!queue.cancel(slot));
                        }
                    }
                }
                model.sort_unstable();
                let mut slots: Vec<u32> = model.iter().map(|e| e.2).filter(|&slot| slot != NO_SLOT).collect();
                slots.sort_unstable();
                prop_assert!(slots.windows(2).all(|two| two[0] < two[1]), "two events have one slot: {:?}", slots);
                prop_assert_eq!(queue.len(), model.len());
                // Looking ahead moves events from one part to another; so not always.
                if which % 4 == 0 {
                    prop_assert_eq!(queue.peek(), model.first().map(|e| e.0));
                }
            }
        }
    }
    /// A call that hangs does not keep all that were answered since.
    #[test]
    fn what_was_taken_back_behind_what_was_not_takes_no_memory() {
        let mut queue = Queue::default();
        let first = queue.push_after(0, 1_000_000_000, 0u64);
        for now in 1..1_000_000 {
            let slot = queue.push_after(now, 1_000_000_000, now);
            queue.push(NO_SLOT, now, now);
            assert_eq!(queue.pop(now), Some((now, NO_SLOT, now.words())));
            assert!(queue.cancel(slot));
        }
        assert!(queue.bytes() < 10_000, "{} bytes for one event", queue.bytes());
        assert_eq!(queue.pop(Nanos::MAX), Some((1_000_000_000, first, 0.words())));
    }
}
