//! Lists in order and collections by key, in the fewest machine instructions.
//!
//! The standard library's sort, and the building of its maps from iterators, which sorts too, are compiled anew for
//! each type they meet: fast, and some four kilobytes each time in a program that every visitor of the page downloads.
//! What is sorted here is short, so one sort of positions serves all types. It must not know what it sorts.

mod map;

pub use map::{Map, Set};

use std::cmp::Ordering;

/// Sorts as [`slice::sort_by`] does: equal items keep their order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut order = positions(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    // order[i] is where the item for place i lies: each cycle of moves is walked once.
    for start in 0..items.len() {
        let mut at = start;
        while order[at] != start {
            let from = order[at];
            items.swap(at, from);
            order[at] = at;
            at = from;
        }
        order[at] = at;
    }
}

/// Sorts as [`slice::sort_by_key`] does: equal items keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

fn positions(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// [`Gather::gather`], for every iterator.
pub trait Gather: Iterator + Sized {
    /// Collects into a map or a set one item after the other; of two with one key the last counts, as in `collect`.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(items in prop::collection::vec((0u8..9, any::<u8>()), 0..60)) {
            let mut expected = items.clone();
            expected.sort_by_key(|i| i.0);
            let mut sorted = items;
            sort_by_key(&mut sorted, |i| i.0);
            prop_assert_eq!(sorted, expected);
        }
    }
}
