//! Where the events are that can be taken back, by their slots.

/// A part of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Among those that happen soon.
    Near,
    /// In the wheel.
    Wheel,
    /// In a line of time-outs.
    Line,
}

/// Where an event is: in which part, and there at which place or under which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub part: Part,
    pub number: u64,
}

/// By slot: four times the number, and the part; or `OUT`.
#[derive(Clone, Default)]
pub struct Places(Vec<u64>);

const OUT: u64 = u64::MAX;

impl Places {
    /// The slot's event is there from now on.
    #[inline]
    pub fn set(&mut self, slot: u32, part: Part, number: u64) {
        let word = Place { part, number }.word();
        match self.0.get_mut(slot as usize) {
            Some(place) => *place = word,
            None => self.grow(slot, word),
        }
    }

    #[cold]
    fn grow(&mut self, slot: u32, word: u64) {
        self.0.resize(slot as usize, OUT);
        self.0.push(word);
    }

    /// Whether the slot has no event.
    pub fn is_free(&self, slot: u32) -> bool {
        self.0.get(slot as usize).is_none_or(|&word| word == OUT)
    }

    /// Whether the slot's event is there.
    #[inline]
    pub fn is(&self, slot: u32, part: Part, number: u64) -> bool {
        self.0[slot as usize] == Place { part, number }.word()
    }

    /// The event is no longer there; where it was.
    #[inline]
    pub fn forget(&mut self, slot: u32) -> Option<Place> {
        let word = std::mem::replace(self.0.get_mut(slot as usize)?, OUT);
        let part = match word & 3 {
            0 => Part::Near,
            1 => Part::Wheel,
            2 => Part::Line,
            _ => return None,
        };
        Some(Place { part, number: word >> 2 })
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.0[..])
    }
}

impl Place {
    #[inline]
    fn word(self) -> u64 {
        self.number << 2 | self.part as u64
    }
}
