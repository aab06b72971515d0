//! Which process holds each client's session, as the cookie in the client's browser says: for servers that keep
//! sessions in their own memory.

use super::net::{Ask, NONE, NodeIx};

/// A process that holds sessions: its node, and which of the node's lives, counted over all its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The server.
    pub node: NodeIx,
    /// Which of its processes.
    pub birth: u32,
}

/// Nobody knows the client yet.
const NOWHERE: Seat = Seat { node: NONE, birth: NONE };

/// Cookies by users node and client.
#[derive(Clone, Default)]
pub struct Logins {
    seats: Vec<Vec<Seat>>,
}

impl Logins {
    /// A client comes to this process, which holds its session from then on. Returns whether it had been logged in at
    /// another and had to log in again.
    #[inline(never)]
    pub fn visit(&mut self, ask: &Ask, seat: Seat) -> bool {
        let (users, client) = (ask.origin.users as usize, ask.client as usize);
        if ask.origin.users == NONE {
            return false;
        }
        if self.seats.len() <= users {
            self.seats.resize_with(users + 1, Vec::new);
        }
        let clients = &mut self.seats[users];
        if clients.len() <= client {
            clients.resize(client + 1, NOWHERE);
        }
        let before = std::mem::replace(&mut clients[client], seat);
        before != seat && before != NOWHERE
    }

    /// How much memory the cookies take.
    pub fn bytes(&self) -> usize {
        self.seats.iter().map(|clients| size_of_val(&clients[..])).sum()
    }

    /// How many clients' sessions this process holds.
    pub fn held(&self, seat: Seat) -> u32 {
        self.seats.iter().flatten().filter(|&&s| s == seat).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::net::{Op, Origin};

    #[test]
    fn a_client_is_known_where_it_logged_in_last() {
        let mut logins = Logins::default();
        let ask = |client| Ask { client, origin: Origin { users: 2, ordinal: 1 }, ..Ask::nobody(Op::Read, 0) };
        let (a, b) = (Seat { node: 5, birth: 0 }, Seat { node: 6, birth: 0 });
        assert!(!logins.visit(&ask(7), a), "the first visit is no log-out");
        assert!(!logins.visit(&ask(7), a), "it is known there");
        assert!(!logins.visit(&ask(8), b), "another client");
        assert!(logins.visit(&ask(7), b), "b does not know it");
        assert!(logins.visit(&ask(7), Seat { birth: 1, ..b }), "b has lost its memory");
        assert_eq!((logins.held(a), logins.held(b)), (0, 1));
        assert!(!logins.visit(&Ask::nobody(Op::Read, 0), a), "nobody has no session");
    }
}
