//! What each client keeps: a name, and connections that are idle.
//!
//! There may be millions, who mostly have one idle connection: it lies with the client, and those from before it elsewhere.

use super::names::Known;
use crate::component::net::{LinkIx, NONE, NodeIx};
use crate::slots::Slots;
use crate::time::Nanos;

/// One client: an address with its own name cache and connections. As large as half a line of a processor's cache, and so
/// never in two of them.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub struct Client {
    /// What it remembers of the name, see [`Known`].
    node: NodeIx,
    until: Nanos,
    /// The idle connection that was used last, if it has not been taken since.
    latest: Connection,
    /// The one from before it among the [`Connections`]; [`NONE`] if there is none.
    before: u32,
}

/// A client that knows nothing and has no connection.
pub const STRANGER: Client = Client { node: NONE, until: 0, latest: NOBODYS, before: NONE };

impl Client {
    /// What it remembers of the name.
    pub fn known(&self) -> Known {
        Known { node: self.node, until: self.until }
    }

    /// Remembers an answer.
    pub fn learn(&mut self, known: Known) {
        (self.node, self.until) = (known.node, known.until);
    }
}

/// An open connection of a client.
#[derive(Clone, Copy)]
pub struct Connection {
    /// [`NONE`] is no connection.
    pub link: LinkIx,
    /// The server's epoch when it was opened: a crash breaks it.
    pub epoch: u32,
    pub idle_since: Nanos,
}

const NOBODYS: Connection = Connection { link: NONE, epoch: 0, idle_since: 0 };

/// The idle connections of all clients but for each one's latest, each with the place of the one from before it.
#[derive(Clone, Default)]
pub struct Connections(Slots<(Connection, u32)>);

impl Connections {
    /// Takes a client's latest idle connection, if it has one.
    #[inline]
    pub fn take(&mut self, client: &mut Client) -> Option<Connection> {
        if client.latest.link != NONE {
            // Those from before stay where they are: they are needed once this one is taken, too old or broken.
            return Some(std::mem::replace(&mut client.latest, NOBODYS));
        }
        if client.before == NONE {
            return None;
        }
        let &mut (taken, before) = self.0.remove(client.before);
        client.before = before;
        Some(taken)
    }

    /// A client has another idle connection, the latest.
    #[inline]
    pub fn put(&mut self, client: &mut Client, connection: Connection) {
        if client.latest.link != NONE {
            client.before = self.0.insert((client.latest, client.before));
        }
        client.latest = connection;
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        self.0.len() * size_of::<(Connection, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Each client has its own, the latest first, however they come and go.
        #[test]
        fn everybody_gets_back_what_they_kept_the_latest_first(steps in prop::collection::vec((0usize..5, any::<bool>()), 0..300)) {
            let (mut connections, mut clients) = (Connections::default(), [STRANGER; 5]);
            let mut kept = vec![Vec::new(); 5];
            for (at, (who, keeps)) in (0..).zip(steps) {
                if keeps {
                    connections.put(&mut clients[who], Connection { link: who as u32, epoch: 7, idle_since: at });
                    kept[who].push((who as u32, at));
                } else {
                    let taken = connections.take(&mut clients[who]).map(|c| (c.link, c.idle_since));
                    prop_assert_eq!(taken, kept[who].pop());
                }
            }
        }
    }

    #[test]
    fn places_are_used_again() {
        let (mut connections, mut client) = (Connections::default(), STRANGER);
        for _ in 0..100 {
            for idle_since in 0..10 {
                connections.put(&mut client, Connection { link: 1, epoch: 0, idle_since });
            }
            while connections.take(&mut client).is_some() {}
        }
        assert!(connections.0.is_empty() && connections.0.bound() < 20, "room for {}", connections.0.bound());
    }

    #[test]
    fn a_client_is_half_a_line_of_the_cache() {
        assert_eq!(size_of::<Client>(), 32);
    }
}
