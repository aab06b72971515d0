//! The ceiling: one or four queues as a bare loop over a binary heap. No model, no statistics but a mean.

// It may use std's logarithm, which is faster than libm's and different in wasm: it is a ceiling, not a rival.
#![allow(clippy::disallowed_methods)]

use crate::Done;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// xorshift64*.
struct Random(u64);

impl Random {
    /// Exponential with this mean, in nanoseconds.
    fn exponential(&mut self, mean_ns: f64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
        (-((bits as f64 + 0.5) / (1u64 << 53) as f64).ln() * mean_ns) as u64
    }
}

const ARRIVAL: u32 = u32::MAX;

/// Work A or B for so many requests.
pub fn bare(work: &str, requests: u64) -> Done {
    let servers = if work == "A" { 1 } else { 4 };
    let mut random = Random(7);
    let mut queues: Vec<VecDeque<u64>> = vec![VecDeque::new(); servers];
    // Time, number, and the server that is done or an arrival.
    let mut heap = BinaryHeap::from([Reverse((0u64, 0u64, ARRIVAL))]);
    let (mut number, mut came, mut left, mut spent) = (0, 0, 0, 0u128);
    let mut events = 0;
    while let Some(Reverse((now, _, what))) = heap.pop() {
        events += 1;
        let mut after = |span: u64, what: u32| {
            number += 1;
            heap.push(Reverse((now + span, number, what)));
        };
        if what == ARRIVAL {
            came += 1;
            let least = (0..servers).min_by_key(|&s| queues[s].len()).unwrap_or(0);
            queues[least].push_back(now);
            if queues[least].len() == 1 {
                after(random.exponential(1e6), least as u32);
            }
            if came < requests {
                after(random.exponential(1e6 / (0.8 * servers as f64)), ARRIVAL);
            }
        } else {
            let queue = &mut queues[what as usize];
            spent += u128::from(now - queue.pop_front().unwrap_or(now));
            left += 1;
            if !queue.is_empty() {
                after(random.exponential(1e6), what);
            }
        }
    }
    Done { requests: left, events, mean_ms: spent as f64 / left as f64 / 1e6 }
}
