//! The primary's write-ahead log: which writes were committed when, for whom, and whether their user knows.
//!
//! Only what some replica still lacks is kept; a replica that lags further behind than the log reaches must copy.

use crate::component::net::Origin;
use crate::time::Nanos;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The longest log that is kept for replicas that are behind.
const LONGEST: usize = 1_000_000;

struct Entry {
    committed: Nanos,
    origin: Origin,
    acked: bool,
}

/// The log. Log sequence numbers (LSN) count commits from 1.
#[derive(Default)]
pub struct Log {
    /// Entries up to this LSN are no longer kept.
    base: u64,
    entries: VecDeque<Entry>,
    /// Where the kept writes of a request are.
    by_origin: BTreeMap<Origin, u64>,
    /// Writes that a promotion lost before their users were told that they are done.
    lost_unacked: BTreeSet<Origin>,
}

impl Log {
    /// The LSN of the last commit.
    pub fn last(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// A replica that has everything up to here, or more, can be sent the rest.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Appends a write and returns its LSN; it is forgotten at once if nobody replicates.
    pub fn commit(&mut self, now: Nanos, origin: Origin, keep: bool) -> u64 {
        self.entries.push_back(Entry { committed: now, origin, acked: false });
        if keep {
            self.by_origin.insert(origin, self.last());
            if self.entries.len() > LONGEST {
                self.trim(self.base + 1);
            }
        } else {
            self.trim(self.last());
        }
        self.last()
    }

    /// When this write was committed, if the log still knows.
    pub fn committed(&self, lsn: u64) -> Option<Nanos> {
        let i = lsn.checked_sub(self.base + 1)?;
        self.entries.get(i as usize).map(|e| e.committed)
    }

    /// The last LSN that was committed no later than `when`, at least `from`.
    pub fn committed_by(&self, when: Nanos, from: u64) -> u64 {
        let mut upto = from.max(self.base);
        while self.committed(upto + 1).is_some_and(|t| t <= when) {
            upto += 1;
        }
        upto.max(from)
    }

    /// Forgets everything up to this LSN.
    pub fn trim(&mut self, upto: u64) {
        while self.base < upto {
            let Some(entry) = self.entries.pop_front() else { break };
            self.base += 1;
            if self.by_origin.get(&entry.origin) == Some(&self.base) {
                self.by_origin.remove(&entry.origin);
            }
        }
    }

    /// A user was told that its write is done. Returns whether that write has been lost meanwhile.
    pub fn acked(&mut self, origin: Origin) -> bool {
        if let Some(lsn) = self.by_origin.get(&origin) {
            let i = (lsn - self.base - 1) as usize;
            self.entries[i].acked = true;
            return false;
        }
        self.lost_unacked.remove(&origin)
    }

    /// Everything after this LSN never happened. Returns how many of these writes users believe to be done.
    pub fn fork(&mut self, last: u64) -> u64 {
        let mut lost = 0;
        while self.last() > last {
            let lsn = self.last();
            let Some(entry) = self.entries.pop_back() else { break };
            if self.by_origin.get(&entry.origin) == Some(&lsn) {
                self.by_origin.remove(&entry.origin);
            }
            if entry.acked {
                lost += 1;
            } else {
                self.lost_unacked.insert(entry.origin);
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(ordinal: u64) -> Origin {
        Origin { users: 0, ordinal }
    }

    #[test]
    fn a_fork_loses_what_was_acknowledged_then_and_later() {
        let mut log = Log::default();
        for n in 1..=4 {
            assert_eq!(log.commit(n * 10, origin(n), true), n);
        }
        assert!(!log.acked(origin(3)));
        assert_eq!(log.fork(2), 1, "write 3 was acknowledged, write 4 not yet");
        assert!(log.acked(origin(4)), "the acknowledgement of write 4 comes after it was lost");
        assert!(!log.acked(origin(4)), "a write is lost once");
        assert!(!log.acked(origin(1)), "write 1 is safe");
        assert_eq!(log.commit(99, origin(5), true), 3, "numbers go on from the fork");
    }

    #[test]
    fn what_everybody_has_is_forgotten() {
        let mut log = Log::default();
        for n in 1..=5 {
            log.commit(n * 10, origin(n), true);
        }
        log.trim(3);
        assert_eq!((log.base(), log.last(), log.committed(3), log.committed(4)), (3, 5, None, Some(40)));
        assert_eq!(log.committed_by(45, 3), 4);
        assert_eq!(log.commit(60, origin(6), false), 6);
        assert_eq!(log.base(), 6, "without replicas nothing is kept");
    }
}
