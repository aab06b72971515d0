//! Event queues that were measured against the engine's own: `bench queue KIND PENDING`. Each step takes the next event,
//! adds another, adds a time-out and takes an older one back, as a request does.

use loadstone::agenda::{NO_SLOT, Queue};
use loadstone::rng::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a queue of events has to do. Numbers identify events and rise.
trait Events {
    fn push(&mut self, at: u64, number: u64, slot: u32);
    /// Adds an event that is to be taken back, always the same span after now; its slot: the suggested
    /// one, unless the queue gives out its own.
    fn time_out(&mut self, now: u64, span: u64, number: u64, suggested: u32) -> u32 {
        self.push(now + span, number, suggested);
        suggested
    }
    fn pop(&mut self) -> Option<(u64, u64)>;
    fn cancel(&mut self, number: u64, slot: u32);
}

/// The engine's: a short list in front of a wheel, and lines of time-outs.
impl Events for Queue<u64> {
    fn push(&mut self, at: u64, number: u64, slot: u32) {
        Queue::push(self, slot, at, number);
    }
    fn time_out(&mut self, now: u64, span: u64, number: u64, _: u32) -> u32 {
        self.push_after(now, span, number)
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        Queue::pop(self, u64::MAX).map(|(at, _, (_, number))| (at, number))
    }
    fn cancel(&mut self, _: u64, slot: u32) {
        Queue::cancel(self, slot);
    }
}

/// The same with its time-outs among all other events.
#[derive(Default)]
struct Unlined(Queue<u64>);

impl Events for Unlined {
    fn time_out(&mut self, now: u64, span: u64, number: u64, _: u32) -> u32 {
        let slot = self.0.slot();
        self.push(now + span, number, slot);
        slot
    }
    fn push(&mut self, at: u64, number: u64, slot: u32) {
        Events::push(&mut self.0, at, number, slot);
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        Events::pop(&mut self.0)
    }
    fn cancel(&mut self, number: u64, slot: u32) {
        Events::cancel(&mut self.0, number, slot);
    }
}

/// Which events were taken back; those without places in their queue are skipped when they come up.
#[derive(Default)]
struct Gone(Vec<u64>);

impl Gone {
    fn add(&mut self, number: u64) {
        let word = (number / 64) as usize;
        self.0.resize(self.0.len().max(word + 1), 0);
        self.0[word] |= 1 << (number % 64);
    }
    fn has(&self, number: u64) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

/// The standard library's binary heap.
#[derive(Default)]
struct Binary(BinaryHeap<Reverse<(u64, u64)>>, Gone);

impl Events for Binary {
    fn push(&mut self, at: u64, number: u64, _: u32) {
        self.0.push(Reverse((at, number)));
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        loop {
            let Reverse(first) = self.0.pop()?;
            if !self.1.has(first.1) {
                return Some(first);
            }
        }
    }
    fn cancel(&mut self, number: u64, _: u32) {
        self.1.add(number);
    }
}

/// A heap with four children to a node and the place of each event, so that one taken back is gone at once.
#[derive(Default)]
struct FourAry {
    heap: Vec<(u64, u64, u32)>,
    places: Vec<usize>,
}

impl FourAry {
    fn set(&mut self, place: usize, entry: (u64, u64, u32)) {
        self.heap[place] = entry;
        if entry.2 != NO_SLOT {
            self.places[entry.2 as usize] = place;
        }
    }
    fn up(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while place > 0 && entry < self.heap[(place - 1) / 4] {
            self.set(place, self.heap[(place - 1) / 4]);
            place = (place - 1) / 4;
        }
        self.set(place, entry);
    }
    fn down(&mut self, mut place: usize) {
        let entry = self.heap[place];
        while let Some(least) = (4 * place + 1..(4 * place + 5).min(self.heap.len())).min_by_key(|&c| self.heap[c]) {
            if entry <= self.heap[least] {
                break;
            }
            self.set(place, self.heap[least]);
            place = least;
        }
        self.set(place, entry);
    }
    fn take(&mut self, place: usize) {
        let Some(last) = self.heap.pop() else { return };
        if place < self.heap.len() {
            self.heap[place] = last;
            self.down(place);
            self.up(place);
        }
    }
}

impl Events for FourAry {
    fn push(&mut self, at: u64, number: u64, slot: u32) {
        if slot != NO_SLOT {
            self.places.resize(self.places.len().max(slot as usize + 1), 0);
        }
        self.heap.push((at, number, slot));
        self.up(self.heap.len() - 1);
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        let &(at, number, _) = self.heap.first()?;
        self.take(0);
        Some((at, number))
    }
    fn cancel(&mut self, _: u64, slot: u32) {
        self.take(self.places[slot as usize]);
    }
}

/// A radix heap: a bucket for each highest bit in which a time differs from the last one taken out.
struct Radix {
    last: u64,
    buckets: Vec<Vec<(u64, u64)>>,
    gone: Gone,
}

impl Events for Radix {
    fn push(&mut self, at: u64, number: u64, _: u32) {
        let bucket = 64 - (at ^ self.last).leading_zeros();
        self.buckets[bucket as usize].push((at, number));
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        loop {
            if self.buckets[0].is_empty() {
                let i = self.buckets.iter().position(|b| !b.is_empty())?;
                let bucket = std::mem::take(&mut self.buckets[i]);
                self.last = bucket.iter().map(|e| e.0).min()?;
                bucket.into_iter().filter(|e| !self.gone.has(e.1)).for_each(|(at, n)| {
                    let to = 64 - (at ^ self.last).leading_zeros();
                    self.buckets[to as usize].push((at, n));
                });
                self.buckets[0].sort_unstable_by(|a, b| b.cmp(a));
                continue;
            }
            let first = self.buckets[0].pop()?;
            if !self.gone.has(first.1) {
                return Some(first);
            }
        }
    }
    fn cancel(&mut self, number: u64, _: u32) {
        self.gone.add(number);
    }
}

/// A calendar queue (Brown 1988) whose days were chosen for the load beforehand, which favours it: as many days as events
/// wait, each as long as lies between two events.
struct Calendar {
    day: u64,
    width: u64,
    days: Vec<Vec<(u64, u64)>>,
    gone: Gone,
}

impl Events for Calendar {
    fn push(&mut self, at: u64, number: u64, _: u32) {
        let n = self.days.len() as u64;
        let day = &mut self.days[(at / self.width % n) as usize];
        let place = day.partition_point(|&e| e > (at, number));
        day.insert(place, (at, number));
    }
    fn pop(&mut self) -> Option<(u64, u64)> {
        let n = self.days.len() as u64;
        loop {
            let day = &mut self.days[(self.day % n) as usize];
            match day.last() {
                Some(&(at, number)) if at / self.width == self.day => {
                    day.pop();
                    if !self.gone.has(number) {
                        return Some((at, number));
                    }
                }
                _ => self.day += 1,
            }
        }
    }
    fn cancel(&mut self, number: u64, _: u32) {
        self.gone.add(number);
    }
}

/// Between two events.
const SPACING: u64 = 1_000;
/// Time-outs that are set and not yet taken back.
const TIMERS: u64 = 32;

/// A queue in which so many events wait, to be stepped.
pub struct Hold {
    events: Box<dyn Events>,
    rng: Rng,
    pending: u64,
    number: u64,
    now: u64,
    /// Number and slot.
    timers: Vec<(u64, u32)>,
}

impl Hold {
    /// A queue of this kind.
    pub fn new(kind: &str, pending: u64) -> Option<Hold> {
        let events: Box<dyn Events> = match kind {
            "engine" => Box::new(Queue::default()),
            "unlined" => Box::new(Unlined::default()),
            "binary" => Box::new(Binary::default()),
            "four_ary" => Box::new(FourAry::default()),
            "radix" => Box::new(Radix { last: 0, buckets: vec![Vec::new(); 65], gone: Gone::default() }),
            "calendar" => Box::new(Calendar {
                day: 0,
                width: SPACING,
                days: vec![Vec::new(); pending as usize],
                gone: Gone::default(),
            }),
            _ => return None,
        };
        let timers = vec![(0, NO_SLOT); TIMERS as usize];
        let mut hold = Hold { events, rng: Rng::named(7, "hold", kind), pending, number: 0, now: 0, timers };
        (0..pending).for_each(|_| hold.add());
        Some(hold)
    }

    fn add(&mut self) {
        self.number += 1;
        let span = self.rng.exponential() * (self.pending * SPACING) as f64;
        self.events.push(self.now + 1 + span as u64, self.number, NO_SLOT);
    }

    /// Takes so many steps; returns when it arrived.
    pub fn advance(&mut self, steps: u64) -> u64 {
        for _ in 0..steps {
            self.now = self.events.pop().map_or(self.now, |(at, _)| at);
            self.add();
            let which = (self.number % TIMERS) as u32;
            let (number, slot) = self.timers[which as usize];
            if slot != NO_SLOT {
                self.events.cancel(number, slot);
            }
            self.number += 1;
            // Far enough that none rings before it is taken back.
            let span = 1_000 * TIMERS * SPACING + self.pending * SPACING;
            let slot = self.events.time_out(self.now, span, self.number, which);
            self.timers[which as usize] = (self.number, slot);
        }
        self.now
    }
}
