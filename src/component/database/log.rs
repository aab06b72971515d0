//! A primary's write-ahead log: which writes were committed when, for whom, and whether their user knows.
//!
//! Only what some replica still lacks is kept; a replica that lags further behind than the log reaches must copy.

use crate::component::index::Index;
use crate::component::net::Origin;
use crate::time::Nanos;
use std::collections::VecDeque;

/// The longest log that is kept for replicas that are behind.
const LONGEST: usize = 1_000_000;

/// A write as a log keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    /// When it was committed.
    pub committed: Nanos,
    /// Whose request it belongs to.
    pub origin: Origin,
    /// The record.
    pub key: u64,
    /// Which of the users' clients wrote.
    pub client: u32,
    /// A user was told that it is done.
    pub acked: bool,
    /// A newer write of the same record, made elsewhere without knowing this one, has won over it.
    pub beaten: bool,
}

impl Write {
    fn who(&self) -> u64 {
        number(self.origin)
    }

    fn from(&self) -> u64 {
        client(self.origin, self.client)
    }
}

/// A request as one number: there are at most some thousand users nodes, and a day is too short for 2⁴⁸ requests.
fn number(origin: Origin) -> u64 {
    if origin == Origin::NOBODY { 0 } else { (u64::from(origin.users) << 48) | origin.ordinal }
}

/// A client as one number.
fn client(origin: Origin, client: u32) -> u64 {
    (u64::from(origin.users) << 32) | u64::from(client)
}

/// The log. Log sequence numbers (LSN) count commits from 1.
#[derive(Clone, Default)]
pub struct Log {
    /// Entries up to this LSN are no longer kept.
    base: u64,
    entries: VecDeque<Write>,
    /// Where the kept writes of a request are.
    by_origin: Index,
    /// The last kept write of each record that a user knows to be done.
    by_key: Index,
    /// The last kept write of each client.
    by_client: Index,
    /// The last write that a user knows to be done.
    acked: u64,
    /// Writes that a promotion lost before their users were told that they are done.
    lost_unacked: Index,
}

impl Log {
    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        let tables = [&self.by_origin, &self.by_key, &self.by_client, &self.lost_unacked];
        self.entries.len() * size_of::<Write>() + tables.map(Index::bytes).iter().sum::<usize>()
    }

    /// The LSN of the last commit.
    pub fn last(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// A replica that has everything up to here, or more, can be sent the rest.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Appends a write and returns its LSN; it is forgotten at once if nobody replicates.
    pub fn commit(&mut self, write: Write, keep: bool) -> u64 {
        self.entries.push_back(write);
        let lsn = self.last();
        if keep {
            if write.origin != Origin::NOBODY {
                self.by_origin.set(write.who(), lsn);
                self.by_client.set(write.from(), lsn);
            }
            if self.entries.len() > LONGEST {
                self.trim(self.base + 1);
            }
        } else {
            self.trim(lsn);
        }
        lsn
    }

    /// This write, if the log still knows it.
    pub fn write(&self, lsn: u64) -> Option<&Write> {
        self.entries.get(lsn.checked_sub(self.base + 1)? as usize)
    }

    /// When this write was committed, if the log still knows.
    pub fn committed(&self, lsn: u64) -> Option<Nanos> {
        self.write(lsn).map(|w| w.committed)
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
            let Some(write) = self.entries.pop_front() else { break };
            self.base += 1;
            self.forget(&write, self.base);
        }
    }

    fn forget(&mut self, write: &Write, lsn: u64) {
        if write.origin != Origin::NOBODY {
            self.by_origin.remove(write.who(), lsn);
            self.by_client.remove(write.from(), lsn);
        }
        if write.acked {
            self.by_key.remove(write.key, lsn);
        }
    }

    /// A user was told that its write is done. Returns whether that write has been lost meanwhile.
    pub fn acked(&mut self, origin: Origin) -> bool {
        let who = number(origin);
        if let Some(lsn) = self.by_origin.get(who) {
            let write = &mut self.entries[(lsn - self.base - 1) as usize];
            write.acked = true;
            let key = write.key;
            let newest = self.by_key.get(key).unwrap_or(0).max(lsn);
            self.by_key.set(key, newest);
            self.acked = self.acked.max(lsn);
            return false;
        }
        let lost = self.lost_unacked.get(who).is_some();
        self.lost_unacked.remove(who, 1);
        lost
    }

    /// Whether users know of a write that who has applied so much does not show.
    pub fn hides(&self, applied: u64) -> bool {
        self.acked > applied
    }

    /// Whether the last write of this record that a user knows to be done is beyond what has been applied.
    pub fn is_stale(&self, key: u64, applied: u64) -> bool {
        self.hides(applied) && self.by_key.get(key).is_some_and(|lsn| lsn > applied)
    }

    /// The last kept write of this client; 0 if everybody has them all.
    pub fn last_of(&self, origin: Origin, of: u32) -> u64 {
        self.by_client.get(client(origin, of)).unwrap_or(0)
    }

    /// Notes that a write lost against a newer one. Returns whether that is news.
    pub fn beat(&mut self, lsn: u64) -> bool {
        let i = lsn.checked_sub(self.base + 1);
        let write = i.and_then(|i| self.entries.get_mut(i as usize));
        write.is_some_and(|w| !std::mem::replace(&mut w.beaten, true))
    }

    /// Everything after this LSN never happened. Returns these writes, oldest first.
    pub fn fork(&mut self, last: u64) -> Vec<Write> {
        let kept = (last.max(self.base) - self.base) as usize;
        let torn = self.entries.split_off(kept.min(self.entries.len()));
        for (i, write) in torn.iter().enumerate() {
            let lsn = self.last() + 1 + i as u64;
            let newest = self.by_origin.get(write.who()) == Some(lsn);
            self.forget(write, lsn);
            if newest && !write.acked {
                self.lost_unacked.set(write.who(), 1);
            }
        }
        self.acked = self.acked.min(self.last());
        torn.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(ordinal: u64) -> Origin {
        Origin { users: 0, ordinal }
    }

    fn write(ordinal: u64) -> Write {
        let (committed, client) = (ordinal * 10, ordinal as u32 % 2);
        Write { committed, origin: origin(ordinal), key: ordinal % 2, client, acked: false, beaten: false }
    }

    fn of(count: u64) -> Log {
        let mut log = Log::default();
        for n in 1..=count {
            assert_eq!(log.commit(write(n), true), n);
        }
        log
    }

    #[test]
    fn a_fork_loses_what_was_acknowledged_then_and_later() {
        let mut log = of(4);
        assert!(!log.acked(origin(3)));
        let torn: Vec<(u64, bool)> = log.fork(2).iter().map(|w| (w.origin.ordinal, w.acked)).collect();
        assert_eq!(torn, [(3, true), (4, false)], "write 3 was acknowledged, write 4 not yet");
        assert!(log.acked(origin(4)), "the acknowledgement of write 4 comes after it was lost");
        assert!(!log.acked(origin(4)), "a write is lost once");
        assert!(!log.acked(origin(1)), "write 1 is safe");
        assert_eq!(log.commit(write(5), true), 3, "numbers go on from the fork");
    }

    #[test]
    fn what_everybody_has_is_forgotten() {
        let mut log = of(5);
        log.trim(3);
        assert_eq!((log.base(), log.last(), log.committed(3), log.committed(4)), (3, 5, None, Some(40)));
        assert_eq!(log.committed_by(45, 3), 4);
        assert_eq!(log.commit(write(6), false), 6);
        assert_eq!(log.base(), 6, "without replicas nothing is kept");
    }

    #[test]
    fn a_read_is_stale_by_its_own_record_and_only_once_a_user_knows() {
        let mut log = of(4);
        assert!(!log.is_stale(0, 1), "nobody was told of any write");
        log.acked(origin(2));
        assert!(log.is_stale(0, 1), "write 2 of record 0 is not shown by who has applied 1");
        assert!(!log.is_stale(0, 2), "it is, by who has applied 2");
        assert!(!log.is_stale(1, 0), "record 1's writes are not known to be done");
        log.acked(origin(4));
        log.trim(2);
        assert!(log.is_stale(0, 3) && !log.is_stale(0, 4), "write 4 is the last of record 0");
    }

    #[test]
    fn a_client_has_its_own_last_write() {
        let mut log = of(4);
        assert_eq!((log.last_of(origin(0), 0), log.last_of(origin(0), 1), log.last_of(origin(0), 9)), (4, 3, 0));
        log.trim(3);
        assert_eq!((log.last_of(origin(0), 0), log.last_of(origin(0), 1)), (4, 0), "everybody has write 3");
    }
}
