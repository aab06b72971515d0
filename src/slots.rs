//! Things by number: the number that was given back last is the next to be given out.
//!
//! What the `slab` crate does, for things that come and go with every request: none is moved out when it goes, and where a
//! thing is taken by its number, by `[]` or to remove it, it is trusted to be there (tests look); `get` asks. A thing that
//! is gone stays in memory until its number is used again.

use std::ops::{Index, IndexMut};

/// In the place of the next free number: this one is in use.
const USED: u32 = u32::MAX - 1;
/// In the place of a number: there is none.
const NONE: u32 = u32::MAX;

/// The things.
#[derive(Clone)]
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// The first number of the chain of those that are free.
    free: u32,
    len: usize,
}

#[derive(Clone)]
struct Slot<T> {
    thing: T,
    /// The next free number, or [`USED`].
    next: u32,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Slots { slots: Vec::new(), free: NONE, len: 0 }
    }
}

impl<T> Slots<T> {
    /// How many things there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every number that was given out since all were cleared is below this.
    pub fn bound(&self) -> u32 {
        self.slots.len() as u32
    }

    /// The number that comes next.
    #[inline]
    pub fn next_number(&self) -> u32 {
        if self.free == NONE { self.bound() } else { self.free }
    }

    /// Adds a thing; its number.
    #[inline]
    pub fn insert(&mut self, thing: T) -> u32 {
        self.len += 1;
        let number = self.free;
        // Each way writes it where it stays. Were it handed on, it would be made elsewhere first.
        match self.slots.get_mut(number as usize) {
            Some(slot) => {
                self.free = std::mem::replace(&mut slot.next, USED);
                slot.thing = thing;
                number
            }
            None => {
                self.slots.push(Slot { thing, next: USED });
                self.bound() - 1
            }
        }
    }

    /// Gives the number of a thing back; the thing, to be used for the last time.
    #[inline]
    pub fn remove(&mut self, number: u32) -> &mut T {
        let slot = &mut self.slots[number as usize];
        debug_assert!(slot.next == USED, "number {number} is given back and not in use");
        slot.next = self.free;
        self.free = number;
        self.len -= 1;
        &mut slot.thing
    }

    /// Whether a number is in use.
    #[inline]
    pub fn contains(&self, number: u32) -> bool {
        self.get(number).is_some()
    }

    /// The thing with this number, if it is in use.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&T> {
        self.slots.get(number as usize).filter(|slot| slot.next == USED).map(|slot| &slot.thing)
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number as usize).filter(|slot| slot.next == USED).map(|slot| &mut slot.thing)
    }

    /// All things with their numbers, in the order of these.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.slots).filter(|(_, slot)| slot.next == USED).map(|(number, slot)| (number, &slot.thing))
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut T)> {
        (0..).zip(&mut self.slots).filter(|(_, slot)| slot.next == USED).map(|(number, slot)| (number, &mut slot.thing))
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.slots.clear();
        (self.free, self.len) = (NONE, 0);
    }
}

impl<T: Default> Slots<T> {
    /// Takes the next number into use; the thing there is an old one or a default, which the caller writes over: for what is too large
    /// to be made elsewhere first.
    #[inline]
    pub fn take(&mut self) -> (u32, &mut T) {
        let number = self.next_number();
        if number == self.bound() {
            self.slots.push(Slot { thing: T::default(), next: USED });
        } else {
            self.free = std::mem::replace(&mut self.slots[number as usize].next, USED);
        }
        self.len += 1;
        (number, &mut self.slots[number as usize].thing)
    }
}

impl<T> Index<u32> for Slots<T> {
    type Output = T;
    #[inline]
    fn index(&self, number: u32) -> &T {
        let slot = &self.slots[number as usize];
        debug_assert!(slot.next == USED, "number {number} is not in use");
        &slot.thing
    }
}

impl<T> IndexMut<u32> for Slots<T> {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut T {
        let slot = &mut self.slots[number as usize];
        debug_assert!(slot.next == USED, "number {number} is not in use");
        &mut slot.thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// As a list of those that are there and a stack of the numbers that are free, whatever comes and goes.
        #[test]
        fn numbers_are_used_again_and_things_keep_theirs(steps in prop::collection::vec((0u8..8, 0usize..20), 0..300)) {
            let (mut slots, mut there, mut free, mut bound) = (Slots::default(), Vec::<(u32, usize)>::new(), Vec::new(), 0);
            for (step, (what, which)) in steps.into_iter().enumerate() {
                match what {
                    0..4 => {
                        let expected = free.pop().unwrap_or_else(|| {
                            bound += 1;
                            bound - 1
                        });
                        prop_assert_eq!(slots.next_number(), expected);
                        let number = if what > 0 { slots.insert(step) } else {
                            let (number, thing) = slots.take();
                            *thing = step;
                            number
                        };
                        prop_assert_eq!(number, expected);
                        there.push((number, step));
                    }
                    4..7 if !there.is_empty() => {
                        let (number, thing) = there.remove(which % there.len());
                        prop_assert_eq!(*slots.remove(number), thing);
                        prop_assert!(!slots.contains(number) && slots.get_mut(number).is_none());
                        free.push(number);
                    }
                    7 if which == 0 => {
                        slots.clear();
                        (there, free, bound) = (Vec::new(), Vec::new(), 0);
                    }
                    _ => {}
                }
                prop_assert_eq!((slots.len(), slots.is_empty(), slots.bound()), (there.len(), there.is_empty(), bound));
                let mut by_number = there.clone();
                by_number.sort_unstable();
                prop_assert_eq!(slots.iter().map(|(number, &thing)| (number, thing)).collect::<Vec<_>>(), &by_number[..]);
                prop_assert_eq!(slots.iter_mut().map(|(number, thing)| (number, *thing)).collect::<Vec<_>>(), &by_number[..]);
                for (number, thing) in by_number {
                    prop_assert_eq!((slots[number], slots.get(number)), (thing, Some(&thing)));
                }
            }
        }
    }
}
