//! A table from numbers to numbers that allocates only when it grows: open addressing with linear probing, entries
//! moved back when one is taken out (D. E. Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
//!
//! What a log knows of its writes is looked up for every write and every read; a tree would allocate each time.

use crate::rng::mix;

/// No key has this value.
const FREE: u64 = u64::MAX;

/// The table.
#[derive(Clone, Default)]
pub struct Index {
    /// Key and value; a power of two, at most half of them used.
    slots: Vec<(u64, u64)>,
    len: usize,
}

impl Index {
    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.slots[..])
    }

    /// Where the search for a key begins.
    fn home(&self, key: u64) -> usize {
        mix(0, key) as usize & (self.slots.len() - 1)
    }

    /// The key's slot, or the free one where it would be.
    fn slot(&self, key: u64) -> usize {
        let mut slot = self.home(key);
        while self.slots[slot].0 != key && self.slots[slot].0 != FREE {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    /// What stands for this key.
    pub fn get(&self, key: u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let (found, value) = self.slots[self.slot(key)];
        (found == key).then_some(value)
    }

    /// Writes down a value, in place of an earlier one.
    pub fn set(&mut self, key: u64, value: u64) {
        if (self.len + 1) * 2 > self.slots.len() {
            let twice = vec![(FREE, 0); (self.slots.len() * 2).max(16)];
            for (key, value) in std::mem::replace(&mut self.slots, twice) {
                if key != FREE {
                    let slot = self.slot(key);
                    self.slots[slot] = (key, value);
                }
            }
        }
        let slot = self.slot(key);
        self.len += usize::from(self.slots[slot].0 == FREE);
        self.slots[slot] = (key, value);
    }

    /// Takes a key out, if it still has this value.
    pub fn remove(&mut self, key: u64, value: u64) {
        if self.get(key) == Some(value) {
            self.take(key);
        }
    }

    /// Takes a key out; its value, if it was there.
    pub fn take(&mut self, key: u64) -> Option<u64> {
        let value = self.get(key)?;
        let mask = self.slots.len() - 1;
        let mut hole = self.slot(key);
        let mut next = hole;
        loop {
            next = (next + 1) & mask;
            let moved = self.slots[next].0;
            if moved == FREE {
                break;
            }
            // It may go back to the hole if its search begins there or before.
            if next.wrapping_sub(self.home(moved)) & mask >= next.wrapping_sub(hole) & mask {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
        }
        self.slots[hole].0 = FREE;
        self.len -= 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_a_map() {
        let (mut index, mut map, mut rng) = (Index::default(), BTreeMap::new(), Rng::named(1, "index", "test"));
        for step in 0..20_000 {
            let key = rng.below(300);
            match rng.below(3) {
                0 => {
                    let value = map.get(&key).copied().unwrap_or(0);
                    index.remove(key, value);
                    map.remove(&key);
                }
                1 => {
                    index.set(key, step);
                    map.insert(key, step);
                }
                _ => {}
            }
            assert_eq!(index.get(key), map.get(&key).copied(), "key {key} after {step} steps");
            assert_eq!(index.len, map.len(), "after {step} steps");
        }
        for key in 0..300 {
            assert_eq!(index.get(key), map.get(&key).copied(), "key {key} at the end");
        }
    }

    #[test]
    fn another_value_stays() {
        let mut index = Index::default();
        index.set(7, 1);
        index.set(7, 2);
        index.remove(7, 1);
        assert_eq!(index.get(7), Some(2), "only the value that was named is taken out");
    }
}
