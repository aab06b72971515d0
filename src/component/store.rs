//! What a cache keeps: keys up to a capacity, which one goes when it is full, and until when each is good.
//!
//! Every step takes the same time however much is kept, and once the store is full nothing is allocated. Entries lie
//! side by side in one vector; the index is a table of chains through them, so no order but theirs exists.
//! The order in which entries go is kept in linked lists, one for each number of uses: least frequently used walks
//! up these lists (K. Shah, A. Mitra and D. Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme",
//! 2010), the other policies have all entries in one.

use super::net::NONE;
use crate::rng::{Rng, mix};
use crate::slots::Slots;
use crate::time::Nanos;

/// Which entry goes when one more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The one that was used longest ago.
    Lru,
    /// The one that was used least often since it came; of several, the one that was used longest ago.
    Lfu,
    /// The one that came first.
    Fifo,
    /// Any, each as likely.
    Random,
}

/// The words for [`Policy`] in files; the first is the default.
pub const POLICIES: &[&str] = &["lru", "lfu", "fifo", "random"];

impl Policy {
    /// By its word; least recently used if there is no such word.
    pub fn from_word(word: &str) -> Policy {
        const ALL: [Policy; 4] = [Policy::Lru, Policy::Lfu, Policy::Fifo, Policy::Random];
        POLICIES.iter().position(|w| *w == word).map_or(Policy::Lru, |i| ALL[i])
    }
}

/// What a look finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there and good.
    Fresh,
    /// It is there, but was good only until then.
    Stale(Nanos),
    /// It is not there.
    Missing,
}

#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    /// Until when it is good.
    until: Nanos,
    /// The list that it is in, and its neighbours there, towards the first to stay and the first to go.
    list: u32,
    newer: u32,
    older: u32,
    /// The next entry with the same place in the index.
    chain: u32,
}

/// Entries that were used equally often, the latest first.
#[derive(Clone, Copy)]
struct List {
    uses: u64,
    newest: u32,
    oldest: u32,
    /// The lists of the next more and the next fewer uses.
    more: u32,
    fewer: u32,
}

/// Keys that are kept.
#[derive(Clone)]
pub struct Store {
    policy: Policy,
    capacity: usize,
    entries: Vec<Entry>,
    lists: Slots<List>,
    /// The list of the fewest uses.
    least: u32,
    /// The first entry of each chain; a power of two of them.
    index: Vec<u32>,
    rng: Rng,
}

impl Store {
    /// An empty store; `rng` picks who goes at random.
    pub fn new(rng: Rng) -> Store {
        Store {
            policy: Policy::Lru,
            capacity: 1,
            entries: Vec::new(),
            lists: Slots::default(),
            least: NONE,
            index: vec![NONE; 16],
            rng,
        }
    }

    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.entries[..]) + size_of_val(&self.index[..])
    }

    /// Changes policy and capacity; what no longer fits goes.
    pub fn resize(&mut self, policy: Policy, capacity: u64) {
        self.capacity = (capacity as usize).max(1);
        if std::mem::replace(&mut self.policy, policy) != policy {
            self.relist();
        }
        while self.entries.len() > self.capacity {
            self.evict();
        }
    }

    /// How many keys are kept.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many fit.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Looks for a key and, if it is good, counts that as a use.
    pub fn look(&mut self, key: u64, now: Nanos) -> Found {
        let Some(i) = self.find(key) else { return Found::Missing };
        let until = self.entries[i as usize].until;
        if until <= now {
            return Found::Stale(until);
        }
        self.touch(i);
        Found::Fresh
    }

    /// Keeps a key until then. If it is there already, this is a use of it.
    pub fn put(&mut self, key: u64, until: Nanos) {
        if let Some(i) = self.find(key) {
            self.entries[i as usize].until = until;
            return self.touch(i);
        }
        if self.entries.len() >= self.capacity {
            self.evict();
        }
        if self.entries.len() == self.index.len() {
            self.widen();
        }
        let i = self.entries.len() as u32;
        let place = self.place(key);
        let chain = std::mem::replace(&mut self.index[place], i);
        self.entries.push(Entry { key, until, list: NONE, newer: NONE, older: NONE, chain });
        let list = self.list_of(1, NONE, self.least);
        self.link(i, list);
    }

    /// Forgets a key; whether it was there.
    pub fn remove(&mut self, key: u64) -> bool {
        let found = self.find(key);
        found.into_iter().for_each(|i| self.take(i));
        found.is_some()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.lists.clear();
        self.least = NONE;
        self.index.fill(NONE);
    }

    fn place(&self, key: u64) -> usize {
        mix(0, key) as usize & (self.index.len() - 1)
    }

    fn find(&self, key: u64) -> Option<u32> {
        let mut i = self.index[self.place(key)];
        while i != NONE {
            let entry = &self.entries[i as usize];
            if entry.key == key {
                return Some(i);
            }
            i = entry.chain;
        }
        None
    }

    /// Doubles the index.
    fn widen(&mut self) {
        self.index = vec![NONE; self.index.len() * 2];
        for i in 0..self.entries.len() {
            let place = self.place(self.entries[i].key);
            self.entries[i].chain = std::mem::replace(&mut self.index[place], i as u32);
        }
    }

    /// An entry was used.
    fn touch(&mut self, i: u32) {
        let from = self.entries[i as usize].list;
        match self.policy {
            Policy::Fifo | Policy::Random => {}
            Policy::Lru if self.lists[from].newest == i => {}
            Policy::Lru => {
                self.unlink(i);
                self.link(i, from);
            }
            Policy::Lfu => {
                let List { uses, more, .. } = self.lists[from];
                let to = self.list_of(uses + 1, from, more);
                self.unlink(i);
                self.link(i, to);
                self.tidy(from);
            }
        }
    }

    /// The list of so many uses, which stands between these two, or is the second.
    fn list_of(&mut self, uses: u64, fewer: u32, more: u32) -> u32 {
        if more != NONE && self.lists[more].uses == uses {
            return more;
        }
        let list = self.lists.insert(List { uses, newest: NONE, oldest: NONE, more, fewer });
        match fewer {
            NONE => self.least = list,
            fewer => self.lists[fewer].more = list,
        }
        if more != NONE {
            self.lists[more].fewer = list;
        }
        list
    }

    /// Takes a list away if nothing is in it.
    fn tidy(&mut self, list: u32) {
        let List { newest: NONE, more, fewer, .. } = self.lists[list] else { return };
        self.lists.remove(list);
        match fewer {
            NONE => self.least = more,
            fewer => self.lists[fewer].more = more,
        }
        if more != NONE {
            self.lists[more].fewer = fewer;
        }
    }

    /// Makes an entry the newest of a list.
    fn link(&mut self, i: u32, list: u32) {
        let to = &mut self.lists[list];
        let older = std::mem::replace(&mut to.newest, i);
        match older {
            NONE => to.oldest = i,
            older => self.entries[older as usize].newer = i,
        }
        let entry = &mut self.entries[i as usize];
        (entry.list, entry.newer, entry.older) = (list, NONE, older);
    }

    /// Takes an entry out of its list.
    fn unlink(&mut self, i: u32) {
        let Entry { list, newer, older, .. } = self.entries[i as usize];
        self.join(list, newer, older);
    }

    /// Makes two entries of a list neighbours; [`NONE`] is its end.
    fn join(&mut self, list: u32, newer: u32, older: u32) {
        match newer {
            NONE => self.lists[list].newest = older,
            newer => self.entries[newer as usize].older = older,
        }
        match older {
            NONE => self.lists[list].oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
    }

    /// Lets the one go whose turn it is.
    fn evict(&mut self) {
        let i = match self.policy {
            Policy::Random => self.rng.below(self.entries.len() as u64) as u32,
            _ => self.lists[self.least].oldest,
        };
        self.take(i);
    }

    /// Takes an entry out; the last one takes its place in the vector.
    fn take(&mut self, i: u32) {
        self.unlink(i);
        self.tidy(self.entries[i as usize].list);
        let chain = self.entries[i as usize].chain;
        self.redirect(i, chain);
        let last = self.entries.len() as u32 - 1;
        if i != last {
            self.redirect(last, i);
            let Entry { list, newer, older, .. } = self.entries[last as usize];
            self.join(list, newer, i);
            self.join(list, i, older);
        }
        self.entries.swap_remove(i as usize);
    }

    /// Lets what leads to an entry in its chain lead elsewhere.
    fn redirect(&mut self, i: u32, to: u32) {
        let place = self.place(self.entries[i as usize].key);
        let mut at = self.index[place];
        if at == i {
            self.index[place] = to;
            return;
        }
        while self.entries[at as usize].chain != i {
            at = self.entries[at as usize].chain;
        }
        self.entries[at as usize].chain = to;
    }

    /// Puts all entries into one list, those first to go as before.
    fn relist(&mut self) {
        let mut order = Vec::with_capacity(self.entries.len());
        let mut list = self.least;
        while list != NONE {
            let mut i = self.lists[list].oldest;
            while i != NONE {
                order.push(i);
                i = self.entries[i as usize].newer;
            }
            list = self.lists[list].more;
        }
        self.lists.clear();
        self.least = NONE;
        for i in order {
            let list = self.list_of(1, NONE, self.least);
            self.link(i, list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::traffic::Keys;
    use crate::time::{NEVER, SECOND};

    /// The slow way: the first to go stands first.
    #[derive(Default)]
    struct Plain(Vec<(u64, Nanos, u64)>);

    impl Plain {
        fn used(&mut self, policy: Policy, at: usize) {
            let (key, until, uses) = self.0[at];
            if matches!(policy, Policy::Lru | Policy::Lfu) {
                self.0.remove(at);
                self.0.push((key, until, uses + 1));
            }
        }

        fn look(&mut self, policy: Policy, key: u64, now: Nanos) -> Found {
            match self.0.iter().position(|e| e.0 == key) {
                None => Found::Missing,
                Some(at) if self.0[at].1 <= now => Found::Stale(self.0[at].1),
                Some(at) => {
                    self.used(policy, at);
                    Found::Fresh
                }
            }
        }

        fn put(&mut self, policy: Policy, capacity: usize, key: u64, until: Nanos) {
            if let Some(at) = self.0.iter().position(|e| e.0 == key) {
                self.0[at].1 = until;
                return self.used(policy, at);
            }
            if self.0.len() >= capacity {
                let least = self.0.iter().map(|e| e.2).min().unwrap_or(0);
                let goes = if policy == Policy::Lfu { self.0.iter().position(|e| e.2 == least) } else { Some(0) };
                self.0.remove(goes.unwrap_or(0));
            }
            self.0.push((key, until, 1));
        }
    }

    #[test]
    fn it_keeps_what_the_slow_way_keeps() {
        for policy in [Policy::Lru, Policy::Lfu, Policy::Fifo] {
            let (mut store, mut plain) = (Store::new(Rng::named(1, "a", "evict")), Plain::default());
            let mut rng = Rng::named(2, "a", "steps");
            store.resize(policy, 40);
            for now in 0..60_000 {
                let key = rng.below(12) * rng.below(12);
                match rng.below(20) {
                    0 => {
                        let was = plain.0.iter().position(|e| e.0 == key).map(|at| plain.0.remove(at)).is_some();
                        assert_eq!(store.remove(key), was, "{policy:?} at {now}: removing {key}");
                    }
                    1..8 => {
                        store.put(key, now + 50);
                        plain.put(policy, 40, key, now + 50);
                    }
                    _ => {
                        let found = store.look(key, now);
                        assert_eq!(found, plain.look(policy, key, now), "{policy:?} at {now}: looking for {key}");
                    }
                }
                assert_eq!(store.len(), plain.0.len(), "{policy:?} at {now}: how many are kept");
            }
            assert!(plain.0.len() > 20, "{policy:?}: the test keeps hardly anything");
        }
    }

    /// The share of hits after a warm-up, each miss being put in at once, with so many requests a second.
    fn hits(policy: Policy, exponent: f64, ttl_s: Option<u64>) -> f64 {
        let keys = Keys::new(3, 10_000, exponent);
        let mut store = Store::new(Rng::named(1, "cache", "evict"));
        store.resize(policy, 1000);
        let (warm, all) = (50_000, 800_000);
        let mut hits = 0;
        for n in 1..=all {
            let now = n * SECOND / 100;
            let key = keys.of(n);
            if store.look(key, now) == Found::Fresh {
                hits += u64::from(n > warm);
            } else {
                store.put(key, ttl_s.map_or(NEVER, |s| now + s * SECOND));
            }
        }
        hits as f64 / (all - warm) as f64
    }

    /// Che's approximation (H. Che, Y. Tung and Z. Wang, "Hierarchical Web caching systems", 2002), and simulated values
    /// with a time to live at 100 requests a second.
    #[test]
    fn least_recently_used_hits_as_often_as_theory_says() {
        let near = |what: &str, found: f64, expected: f64, off: f64| {
            assert!((found - expected).abs() < off, "{what}: hits {found:.4}, expected {expected}");
        };
        near("exponent 0.8", hits(Policy::Lru, 0.8, None), 0.4367, 0.003);
        near("exponent 1", hits(Policy::Lru, 1.0, None), 0.6756, 0.003);
        near("for 10 s", hits(Policy::Lru, 0.8, Some(10)), 0.3327, 0.003);
        near("for 30 s", hits(Policy::Lru, 0.8, Some(30)), 0.415, 0.003);
    }

    /// First in, first out and random keep key i with probability p·t / (1 + p·t), t so that the capacity is full: they
    /// hit equally often (E. Gelenbe, "A unified approach to the evaluation of a class of replacement algorithms", 1973).
    /// The most that any policy can hit is the share of the most popular.
    #[test]
    fn the_other_policies_stand_where_theory_puts_them() {
        let weight = |k: u64| libm::pow(k as f64, -0.8);
        let total: f64 = (1..=10_000).map(weight).sum();
        let kept = |t: f64, k: u64| weight(k) * t / (1.0 + weight(k) * t);
        let (mut lo, mut hi) = (0.0, 1e7);
        for _ in 0..100 {
            let t = (lo + hi) / 2.0;
            let full: f64 = (1..=10_000).map(|k| kept(t, k)).sum();
            if full < 1000.0 { lo = t } else { hi = t }
        }
        let theory: f64 = (1..=10_000).map(|k| weight(k) / total * kept(lo, k)).sum();
        let best = (1..=1000).map(weight).sum::<f64>() / total;
        let (fifo, random, lfu) =
            (hits(Policy::Fifo, 0.8, None), hits(Policy::Random, 0.8, None), hits(Policy::Lfu, 0.8, None));
        assert!((fifo - theory).abs() < 0.004, "first in, first out hits {fifo:.4}, theory {theory:.4}");
        assert!((random - theory).abs() < 0.004, "random hits {random:.4}, theory {theory:.4}");
        assert!(
            (0.4367 + 0.05..=best + 0.004).contains(&lfu),
            "least frequently used hits {lfu:.4}, at most {best:.4}"
        );
    }

    #[test]
    fn a_change_of_policy_or_capacity_keeps_what_fits() {
        let mut store = Store::new(Rng::named(1, "a", "evict"));
        store.resize(Policy::Lfu, 3);
        for key in [1, 2, 3] {
            store.put(key, NEVER);
        }
        for key in [1, 1, 3] {
            assert_eq!(store.look(key, 0), Found::Fresh, "key {key} was put in");
        }
        store.resize(Policy::Lru, 2);
        assert_eq!([1, 2, 3].map(|key| store.look(key, 0) == Found::Fresh), [true, false, true], "2 was used least");
        store.put(4, NEVER);
        assert_eq!([1, 3, 4].map(|key| store.look(key, 0) == Found::Fresh), [false, true, true], "1 was used first");
        store.clear();
        assert_eq!((store.len(), store.look(4, 0)), (0, Found::Missing), "an emptied store");
    }
}
