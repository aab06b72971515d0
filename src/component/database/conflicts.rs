//! Where several primaries take writes, two may change one record without knowing of each other. The last writer wins,
//! by the time of the commit, as in Apache Cassandra and in bidirectional replication of SQL databases: the other write
//! is overwritten everywhere, though its user was told that it is done.

use super::Database;
use crate::component::effects::{Cx, Effect};
use crate::component::log::What;
use crate::component::net::NONE;
use crate::time::Nanos;

impl Database {
    /// A write made elsewhere has arrived at a member. If that one takes writes itself and has changed the record
    /// since, the two did not know of each other, and this one, being older, loses.
    pub(super) fn compare(&mut self, cx: &mut Cx, l: usize, i: usize, lsn: u64) {
        let Some(own) = self.line_of(i) else { return };
        let Some(&write) = self.lines[l].log.write(lsn) else { return };
        let newer = self.lines[own].recent.last(write.key).is_some_and(|at| (at, own) > (write.committed, l));
        if newer && self.lines[l].log.beat(lsn) {
            self.conflicts += 1;
            cx.fx.list.push(Effect::Conflict);
            // The first, the tenth, the hundredth: a line for each would drown the log.
            if is_power_of_ten(self.conflicts) {
                cx.log(cx.node, What::Conflict(self.conflicts), NONE);
            }
        }
    }

    /// No write made elsewhere before this moment can still arrive at a line's primary.
    pub(super) fn horizon(&self, now: Nanos, l: usize) -> Nanos {
        let primary = self.lines[l].primary;
        let lacking = self.lines.iter().filter_map(|line| line.lacks_since(primary));
        lacking.min().unwrap_or(now)
    }
}

fn is_power_of_ten(n: u64) -> bool {
    n > 0 && 10u64.pow(n.ilog10()) == n
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_of_the_log_come_at_powers_of_ten() {
        let said: Vec<u64> = (0..2000).filter(|&n| super::is_power_of_ten(n)).collect();
        assert_eq!(said, [1, 10, 100, 1000]);
    }
}
