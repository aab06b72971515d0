//! Entries in order of their coming: the first to come is the first to go.
//!
//! The standard library's ring has to look at every step whether it is at its end; a row moves what is left to the
//! front of its memory now and then.

use super::Entry;

/// What is left is moved over when more than so many went before it, and more than are left.
const GONE: usize = 32;

/// Memory for more than these is given back when none is left.
const MANY: usize = 4096;

/// The entries.
#[derive(Clone, Default)]
pub struct Row {
    entries: Vec<Entry>,
    gone: usize,
}

impl Row {
    /// The first.
    #[inline]
    pub fn first(&self) -> Option<&Entry> {
        self.entries.get(self.gone)
    }

    /// Adds one behind the others.
    #[inline]
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Takes the first out; there must be one.
    #[inline]
    pub fn pop(&mut self) {
        self.gone += 1;
        if self.gone == self.entries.len() {
            self.gone = 0;
            if self.entries.capacity() > MANY { self.entries = Vec::new() } else { self.entries.clear() }
        } else if self.gone > GONE && 2 * self.gone > self.entries.len() {
            self.move_over();
        }
    }

    #[cold]
    fn move_over(&mut self) {
        self.entries.drain(..self.gone);
        self.gone = 0;
    }

    /// How much memory a copy of them takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.entries[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_leaves_in_order_and_no_memory_behind() {
        let mut row = Row::default();
        for seq in 0..100_000 {
            row.push(Entry { seq, ..Entry::default() });
        }
        for seq in 0..100_000 {
            assert_eq!(row.first().map(|e| e.seq), Some(seq));
            row.pop();
        }
        assert!(row.first().is_none());
        assert!(row.entries.capacity() <= MANY, "room for {} is kept", row.entries.capacity());
    }
}
