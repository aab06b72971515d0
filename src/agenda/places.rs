//! Where the events are that can be taken back, by their slots; and which slots are in use.

use super::{Entry, NO_SLOT};
use crate::time::Nanos;
use std::ops::{Index, IndexMut};

/// A part of the queue.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// None: the slot is free, or its event has happened.
    Out,
    /// Among those that happen soon.
    Near,
    /// In the wheel.
    Wheel,
    /// In a line of time-outs.
    Line,
}

/// Where an event is, and in a line the event itself.
#[derive(Clone, Copy)]
pub struct Place {
    at: Nanos,
    seq: u64,
    body: u64,
    head: u32,
    /// In a line, who stands before and behind. Elsewhere the first is the place there; of a free slot, the second is the
    /// one that came free before it.
    pub before: u32,
    pub behind: u32,
    pub part: Part,
}

/// The places by slot. The first few belong to no event: they are the [ends](Self::ENDS) of the lines.
#[derive(Clone)]
pub struct Places {
    places: Vec<Place>,
    /// The slot that came free last.
    free: u32,
}

impl Default for Places {
    fn default() -> Self {
        Places { places: (0..Self::ENDS).map(Place::alone).collect(), free: NO_SLOT }
    }
}

impl Places {
    /// So many lines have an end, which stands before the first and behind the last: a line's number is the slot of its end.
    pub const ENDS: u32 = 8;

    /// A slot that is not in use, and is from now on.
    #[inline]
    pub fn take(&mut self) -> u32 {
        if self.free == NO_SLOT {
            self.free = self.grow();
        }
        let slot = self.free;
        self.free = self[slot].behind;
        slot
    }

    /// A new slot, the only one that is free.
    #[inline(never)]
    fn grow(&mut self) -> u32 {
        let slot = self.places.len() as u32;
        self.places.push(Place { behind: NO_SLOT, ..Place::alone(slot) });
        slot
    }

    /// Gives back a slot, whose event is out.
    #[inline]
    pub fn put(&mut self, slot: u32) {
        let place = &mut self.places[slot as usize];
        (place.part, place.behind) = (Part::Out, self.free);
        self.free = slot;
    }

    /// The slot's event is there from now on.
    #[inline]
    pub fn set(&mut self, slot: u32, part: Part, number: usize) {
        let place = &mut self.places[slot as usize];
        (place.part, place.before) = (part, number as u32);
    }

    /// Adds an event at the end of a line, under a slot that is not in use; the slot, and who stands before it.
    #[inline]
    pub fn append(&mut self, end: u32, entry: Entry) -> (u32, u32) {
        if self.free == NO_SLOT {
            self.free = self.grow();
        }
        let (slot, places) = (self.free, &mut self.places[..]);
        let last = std::mem::replace(&mut places[end as usize].before, slot);
        let place = &mut places[slot as usize];
        self.free = place.behind;
        let Entry { at, seq, head, body, .. } = entry;
        *place = Place { at, seq, body, head, before: last, behind: end, part: Part::Line };
        places[last as usize].behind = slot;
        debug_assert!(last == end || places[last as usize].at <= at, "time went back");
        (slot, last)
    }

    /// Takes an event out of its line.
    #[inline]
    pub fn unlink(&mut self, slot: u32) {
        let places = &mut self.places[..];
        let Place { before, behind, .. } = places[slot as usize];
        places[before as usize].behind = behind;
        places[behind as usize].before = before;
    }

    /// Who stands at the head of a line.
    pub fn first(&self, end: u32) -> Option<Entry> {
        let slot = self[end].behind;
        let Place { at, seq, head, body, .. } = self[slot];
        (slot != end).then_some(Entry { at, seq, slot, head, body })
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.places[..])
    }
}

impl Place {
    /// The end of a line where nobody stands, or a place without an event.
    fn alone(slot: u32) -> Place {
        Place { at: 0, seq: 0, body: 0, head: 0, before: slot, behind: slot, part: Part::Out }
    }
}

impl Index<u32> for Places {
    type Output = Place;
    #[inline]
    fn index(&self, slot: u32) -> &Place {
        &self.places[slot as usize]
    }
}

impl IndexMut<u32> for Places {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Place {
        &mut self.places[slot as usize]
    }
}
