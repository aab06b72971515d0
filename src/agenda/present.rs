//! Events of this very instant, in order of their coming. Mostly there is one, which lies in a place of its own: to find it
//! in a row would take longer than all else that is done with it.

use super::Entry;
use super::row::Row;

/// The events.
#[derive(Clone, Default)]
pub struct Present {
    /// The first, if there is any.
    first: Entry,
    count: usize,
    others: Row,
}

impl Present {
    /// The first.
    #[inline]
    pub fn first(&self) -> Option<&Entry> {
        (self.count > 0).then_some(&self.first)
    }

    /// Adds one behind the others.
    #[inline]
    pub fn push(&mut self, entry: Entry) {
        if self.count == 0 {
            self.first = entry
        } else {
            self.others.push(entry)
        }
        self.count += 1;
    }

    /// Takes the first out; there must be one.
    #[inline]
    pub fn pop(&mut self) {
        self.count -= 1;
        if self.count > 0 {
            self.advance();
        }
    }

    #[inline(never)]
    fn advance(&mut self) {
        if let Some(&next) = self.others.first() {
            self.first = next;
            self.others.pop();
        }
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// How much memory a copy of the others takes.
    pub fn bytes(&self) -> usize {
        self.others.bytes()
    }
}
