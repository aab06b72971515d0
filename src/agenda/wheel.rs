//! Events that happen later: a wheel of wheels, in base 64 over nanoseconds.
//!
//! An event lies on the level of the highest digit in which its time differs from `near`, in the bucket of that digit,
//! so its bucket follows from its time alone and only one bucket has to be sorted at a time (Varghese and Lauck, "Hashed
//! and hierarchical timing wheels", 1987; the levels by differing digits are the radix heap's, Ahuja et al. 1990).
//! A bucket is a chain of chunks: read in order, it is memory in order, which linked events would not be.

use super::places::{Part, Places};
use super::{Entry, NO_SLOT};
use crate::time::Nanos;

const BITS: u32 = 6;
const DIGITS: usize = 1 << BITS;
/// 11 digits hold 64 bits.
const LEVELS: usize = 11;
/// Events in one chunk.
const CHUNK: usize = 16;
/// A bucket of so few is poured out whole, a larger one is spread over the level below first.
const FEW: u32 = 48;
const END: u32 = u32::MAX;

/// A chain of chunks, all full but the first.
#[derive(Clone, Copy)]
struct Bucket {
    first: u32,
    /// Events in the first chunk.
    fill: u32,
    /// Events in all.
    count: u32,
}

/// The wheels.
#[derive(Clone)]
pub struct Wheel {
    /// Up to and including this, events are elsewhere.
    near: Nanos,
    len: usize,
    buckets: Vec<Bucket>,
    /// By level: which buckets hold any.
    filled: [u64; LEVELS],
    /// Which levels hold any.
    levels: u32,
    /// Chunks by number, and after each the next of its chain, or of the chain of those that are free.
    entries: Vec<Entry>,
    next: Vec<u32>,
    free: u32,
}

impl Default for Wheel {
    fn default() -> Self {
        Wheel {
            near: 0,
            len: 0,
            buckets: vec![Bucket { first: END, fill: 0, count: 0 }; LEVELS * DIGITS],
            filled: [0; LEVELS],
            levels: 0,
            entries: Vec::new(),
            next: Vec::new(),
            free: END,
        }
    }
}

impl Wheel {
    /// Up to and including this, events are elsewhere.
    #[inline]
    pub fn near(&self) -> Nanos {
        self.near
    }

    /// Moves `near` to an earlier time, if all events can stay where they are: none may lie on a lower level than the
    /// digit that changes. Returns whether it did.
    #[inline]
    pub fn draw_near(&mut self, to: Nanos) -> bool {
        let possible = (to ^ self.near) >> (BITS * (self.levels.trailing_zeros() + 1)).min(63) == 0;
        if possible {
            self.near = to;
        }
        possible
    }

    /// How many events there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// How much memory the events take.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.entries[..])
    }

    /// The level and bucket of a time after `near`.
    #[inline]
    fn bucket(&self, at: Nanos) -> (usize, usize) {
        let level = (63 - (at ^ self.near).leading_zeros()) / BITS;
        (level as usize, (at >> (level * BITS)) as usize % DIGITS)
    }

    /// Adds an event after `near`.
    #[inline]
    pub fn add(&mut self, entry: Entry, places: &mut Places) {
        let index = self.room(entry.at);
        self.entries[index] = entry;
        if entry.slot != NO_SLOT {
            places.set(entry.slot, Part::Wheel, index);
        }
    }

    /// Where an event after `near` goes.
    fn room(&mut self, at: Nanos) -> usize {
        let (level, digit) = self.bucket(at);
        let bucket = level * DIGITS + digit;
        let Bucket { first, fill, .. } = self.buckets[bucket];
        if first == END || fill as usize == CHUNK {
            let chunk = self.new_chunk();
            self.next[chunk as usize] = first;
            (self.buckets[bucket].first, self.buckets[bucket].fill) = (chunk, 0);
            self.filled[level] |= 1 << digit;
            self.levels |= 1 << level;
        }
        let b = &mut self.buckets[bucket];
        let index = b.first as usize * CHUNK + b.fill as usize;
        b.fill += 1;
        b.count += 1;
        self.len += 1;
        index
    }

    /// Removes the event at an index; the latest of its bucket takes its place.
    pub fn remove(&mut self, index: usize, places: &mut Places) {
        let (level, digit) = self.bucket(self.entries[index].at);
        let b = &mut self.buckets[level * DIGITS + digit];
        b.fill -= 1;
        b.count -= 1;
        self.len -= 1;
        let last = b.first as usize * CHUNK + b.fill as usize;
        if b.fill == 0 {
            let chunk = b.first;
            (b.first, b.fill) = (self.next[chunk as usize], CHUNK as u32);
            if b.first == END {
                self.clear_bit(level, digit);
            }
            self.release(chunk);
        }
        if last != index {
            let moved = self.entries[last];
            self.entries[index] = moved;
            if moved.slot != NO_SLOT {
                places.set(moved.slot, Part::Wheel, index);
            }
        }
    }

    /// Moves the earliest events to `out`, in no order, and `near` behind them; where they are many in one bucket, only
    /// nearer to the level where they are few.
    pub fn pour(&mut self, out: &mut Vec<Entry>, places: &mut Places) {
        let level = self.levels.trailing_zeros() as usize;
        let digit = self.filled[level].trailing_zeros() as usize;
        let b = std::mem::replace(&mut self.buckets[level * DIGITS + digit], Bucket { first: END, fill: 0, count: 0 });
        self.clear_bit(level, digit);
        self.len -= b.count as usize;
        let shift = level as u32 * BITS;
        let below = (1 << shift) - 1;
        let start = ((self.near >> shift) & !(DIGITS as u64 - 1) | digit as u64) << shift;
        let whole = level == 0 || b.count <= FEW;
        self.near = if whole { start | below } else { start };
        let (mut chunk, mut fill) = (b.first, b.fill as usize);
        while chunk != END {
            for i in 0..fill {
                let entry = self.entries[chunk as usize * CHUNK + i];
                if entry.at <= self.near { out.push(entry) } else { self.add(entry, places) }
            }
            let after = self.next[chunk as usize];
            self.release(chunk);
            (chunk, fill) = (after, CHUNK);
        }
    }

    fn clear_bit(&mut self, level: usize, digit: usize) {
        self.filled[level] &= !(1 << digit);
        if self.filled[level] == 0 {
            self.levels &= !(1 << level);
        }
    }

    /// A chunk that no bucket uses.
    fn new_chunk(&mut self) -> u32 {
        let chunk = self.free;
        if chunk != END {
            self.free = self.next[chunk as usize];
            return chunk;
        }
        let len = self.entries.len();
        if self.entries.capacity() - len < CHUNK {
            // By a quarter, not to twice as many: this is most of what a million users take.
            self.entries.reserve_exact(CHUNK + len / 4);
        }
        self.entries.resize(len + CHUNK, Entry::default());
        self.next.push(END);
        self.next.len() as u32 - 1
    }

    fn release(&mut self, chunk: u32) {
        self.next[chunk as usize] = self.free;
        self.free = chunk;
    }
}
