//! Shards: several links of one caller behind each of which lies a part of the records.
//!
//! A record belongs to the link whose name, hashed together with the record's key, gives the largest number (rendezvous
//! hashing: D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase hit rates", 1998). It needs no
//! table, every caller finds the same, and a shard that joins or leaves moves only the records that become or were its.

use super::link::Meaning;
use super::net::{Ask, LinkIx, Net, Op};
use super::traffic::Query;
use crate::rng::{Rng, mix};

/// What a link that leads to a shard has: the name of the data that is sharded and the callee's, both hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    data: u64,
    callee: u64,
}

impl Shard {
    /// A part of this data at this node.
    pub fn new(data: &str, callee: &str) -> Shard {
        Shard { data: Rng::named(0, data, "shards").bits(), callee: Rng::named(0, callee, "shard").bits() }
    }

    /// What a record gives here; the largest wins.
    fn score(&self, key: u64) -> u64 {
        mix(self.callee, key)
    }
}

impl Net {
    /// Whether what lies behind this link is asked at all by such a request: not if it is one of several shards and
    /// another holds the record.
    pub fn holds(&self, link: LinkIx, ask: &Ask) -> bool {
        let Some(own) = self.links[link as usize].shard else { return true };
        let key = self.key(ask);
        let caller = self.links[link as usize].from;
        let others = self.nodes[caller as usize].out.iter().map(|&l| &self.links[l as usize]);
        let shards = others.filter(|l| l.meaning == Meaning::Call && !l.removed).filter_map(|l| l.shard);
        shards.filter(|s| s.data == own.data).all(|s| s.score(key) <= own.score(key))
    }
}

impl Net {
    /// How many calls a server makes over this link for such a request: as many as its endpoint or else the link says,
    /// for each record of a join if the database there cannot join, and none where another shard holds the record.
    pub fn calls_over(&self, link: LinkIx, ask: &Ask) -> u32 {
        let info = &self.links[link as usize];
        let callee = &self.nodes[info.to as usize];
        let calls = match self.endpoint(ask).and_then(|e| e.calls.as_ref()) {
            Some(calls) => calls.iter().find(|(id, _)| *id == callee.id).map_or(0, |&(_, n)| n),
            None => info.calls.0,
        };
        let joins = (ask.op, ask.query) == (Op::Read, Query::Join);
        match self.holds(link, ask) && !info.removed {
            true if joins => calls * callee.join_calls,
            true => calls,
            false => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of so many shards holds each of a thousand records.
    fn holders(count: usize) -> Vec<usize> {
        let shards: Vec<Shard> = (0..count).map(|i| Shard::new("accounts", &format!("db{i}"))).collect();
        let best = |key: u64| (0..count).max_by_key(|&i| shards[i].score(key)).unwrap_or(0);
        (0..1000).map(best).collect()
    }

    #[test]
    fn records_are_spread_evenly_and_move_only_to_a_new_shard() {
        let (four, five) = (holders(4), holders(5));
        for shard in 0..4 {
            let held = four.iter().filter(|&&s| s == shard).count();
            assert!((200..300).contains(&held), "shard {shard} of four holds {held} of 1000 records");
        }
        let moved: Vec<usize> = four.iter().zip(&five).filter(|(a, b)| a != b).map(|(_, &b)| b).collect();
        assert!(moved.iter().all(|&to| to == 4), "only the new shard gets records: {moved:?}");
        assert!((150..250).contains(&moved.len()), "a fifth moves: {} of 1000", moved.len());
    }
}
