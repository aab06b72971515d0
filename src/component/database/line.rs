//! A line of writes: what one primary committed, in order, and how far every member of the group has come with it.
//!
//! A group with one primary has one line. Where several take writes, each has its own, and every member follows them
//! all: so two primaries linked both ways, or a ring of them, are several trees over the same members.

use super::log::Log;
use crate::component::effects::TimerId;
use crate::component::index::Index;
use crate::component::net::NONE;
use crate::time::Nanos;
use std::collections::VecDeque;

/// No member.
pub const NOBODY: usize = usize::MAX;

/// How far a member has come with a line; log sequence numbers.
#[derive(Clone)]
pub struct Place {
    /// The member that sends it the writes; [`NOBODY`] for the primary, and where no link leads.
    pub source: usize,
    /// What the source has sent it.
    pub sent: u64,
    /// What it has received.
    pub received: u64,
    /// What it shows.
    pub applied: u64,
    /// After a copy it serves when it shows this.
    pub serve_from: u64,
    /// The source's alarm for the next write to it.
    pub sending: TimerId,
    /// What the source knows it to have: received or applied, by the link's mode.
    pub confirmed: u64,
    /// The primary waits for it.
    pub counts: bool,
    /// It counts again once it has confirmed this.
    pub counts_from: u64,
}

impl Place {
    /// At the beginning.
    pub fn new() -> Place {
        Place {
            source: NOBODY,
            sent: 0,
            received: 0,
            applied: 0,
            serve_from: 0,
            sending: NONE,
            confirmed: 0,
            counts: true,
            counts_from: 0,
        }
    }

    /// It has everything up to here, and nothing beyond.
    pub fn put(&mut self, lsn: u64) {
        (self.sent, self.received, self.applied, self.confirmed) = (lsn, lsn, lsn, lsn);
    }
}

/// The line.
#[derive(Clone)]
pub struct Line {
    /// Who commits.
    pub primary: usize,
    /// What it committed.
    pub log: Log,
    /// By member.
    pub at: Vec<Place>,
    /// Some member gets the writes from another than the primary.
    pub chained: bool,
    /// The primary waits for a replica before it answers a write, if one counts.
    pub waits: bool,
    /// It would, but none counts.
    pub alone: bool,
    /// The primary's alarm for writes that have waited too long.
    pub alarm: TimerId,
    /// The primary's own writes that a write made elsewhere before may still meet.
    pub recent: Recent,
}

impl Line {
    /// An empty line of one of so many members.
    pub fn new(primary: usize, members: usize) -> Line {
        Line {
            primary,
            log: Log::default(),
            at: vec![Place::new(); members],
            chained: false,
            waits: false,
            alone: false,
            alarm: NONE,
            recent: Recent::default(),
        }
    }

    /// Whether some member gets the writes from another than the primary.
    pub fn is_chained(&self) -> bool {
        self.at.iter().any(|place| place.source != NOBODY && place.source != self.primary)
    }

    /// Another is the primary now: it has heard nothing of the others yet, and waits for those that it believes up.
    pub fn begin_anew(&mut self, up: impl Fn(usize) -> bool) {
        let last = self.log.last();
        for (i, place) in self.at.iter_mut().enumerate() {
            (place.confirmed, place.counts, place.counts_from) = (0, up(i), last);
        }
        (self.alone, self.alarm) = (false, NONE);
    }

    /// The primary no longer waits for this member, until it has all that was committed by now.
    pub fn leave_out(&mut self, member: usize) {
        let last = self.log.last();
        let place = &mut self.at[member];
        (place.counts, place.counts_from) = (false, last);
    }

    /// When the next write that this member lacks was committed; none if it has them all.
    pub fn lacks_since(&self, member: usize) -> Option<Nanos> {
        if member == self.primary { None } else { self.log.committed(self.at[member].applied + 1) }
    }
}

/// When records were last written, for as long as an older write may still arrive.
#[derive(Clone, Default)]
pub struct Recent {
    at: Index,
    queue: VecDeque<(Nanos, u64)>,
}

/// So many are remembered at most; beyond, an old conflict may go unseen.
const MOST: usize = 1 << 20;

impl Recent {
    /// How much memory it takes.
    pub fn bytes(&self) -> usize {
        self.at.bytes() + self.queue.len() * size_of::<(Nanos, u64)>()
    }

    /// A record was written now.
    pub fn note(&mut self, now: Nanos, key: u64) {
        self.at.set(key, now);
        self.queue.push_back((now, key));
        if self.queue.len() > MOST {
            self.drop_first();
        }
    }

    /// No write from before `horizon` will arrive any more.
    pub fn pass(&mut self, horizon: Nanos) {
        while self.queue.front().is_some_and(|&(at, _)| at < horizon) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((at, key)) = self.queue.pop_front() {
            self.at.remove(key, at);
        }
    }

    /// When this record was last written, if that is recent.
    pub fn last(&self, key: u64) -> Option<Nanos> {
        self.at.get(key)
    }
}
