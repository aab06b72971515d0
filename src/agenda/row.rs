//! Entries in order of their coming: the first to come is the first to go.
//!
//! The standard library's ring has to look at every step whether it is at its end; this one moves what is left to the
//! front of its memory now and then.

use super::Entry;

/// What is left is moved over when more than so many went before it, and more than are left.
const GONE: usize = 32;

/// Sifting makes room for so many at least, so that it is rare.
const ROOM: usize = 32;

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

    /// The last.
    #[inline]
    pub fn last(&self) -> Option<&Entry> {
        // What is left is never nothing but entries that went.
        self.entries.last()
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

    /// Whether one more takes more memory.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.entries.len() == self.entries.capacity()
    }

    /// Takes out what does not stay, and makes room for at least as many as are left, and not for many times as many.
    #[cold]
    #[inline(never)]
    pub fn sift(&mut self, mut stays: impl FnMut(&Entry) -> bool) {
        let mut left = 0;
        for i in self.gone..self.entries.len() {
            // Whether one stays cannot be guessed, so nothing depends on a guess: who goes is written over by the next.
            let entry = self.entries[i];
            self.entries[left] = entry;
            left += usize::from(stays(&entry));
        }
        self.entries.truncate(left);
        self.gone = 0;
        let room = self.entries.len().max(ROOM);
        self.entries.shrink_to(4 * room);
        self.entries.reserve(room);
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len() - self.gone
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
            assert_eq!((row.first().map(|e| e.seq), row.len() as u64), (Some(seq), 100_000 - seq));
            row.pop();
        }
        assert!(row.first().is_none() && row.last().is_none());
        assert!(row.entries.capacity() <= MANY, "room for {} is kept", row.entries.capacity());
    }

    #[test]
    fn sifting_keeps_who_stays_in_order_and_nobody_who_has_left() {
        for left in [0, 1, 20, 40] {
            let mut row = Row::default();
            (0..50).for_each(|seq| row.push(Entry { seq, ..Entry::default() }));
            (0..left).for_each(|_| row.pop());
            row.sift(|entry| entry.seq % 3 == 0);
            let mut stayed = Vec::new();
            while let Some(entry) = row.first() {
                stayed.push(entry.seq);
                row.pop();
            }
            assert_eq!(stayed, (left..50).filter(|seq| seq % 3 == 0).collect::<Vec<_>>(), "after {left} had left");
        }
    }
}
