//! What waits in the event queue.

use super::net::{CallId, NodeIx};
use crate::agenda::Words;

/// An event to come. A million users are a million of these: it is kept small.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A behaviour's alarm, if the node still lives the life in which it was set.
    Wake {
        /// The life, see [`Effects::lives`](super::effects::Effects::lives).
        life: u32,
        /// See [`Wake::what`](super::effects::Wake::what).
        what: u8,
        /// See [`Wake::index`](super::effects::Wake::index).
        index: u32,
    },
    /// A packet of a call arrives.
    Packet {
        /// The call.
        call: CallId,
        /// What the packet is in its life.
        leg: Leg,
    },
    /// A caller's patience ends.
    TimeOut(CallId),
    /// Writes arrive at a replica: their number among the ships.
    Ship(u32),
    /// A node has booted.
    Boot {
        /// The life that began when it went down.
        life: u32,
    },
    /// A fresh machine takes a node's place.
    Replace(NodeIx),
    /// A process of a node, or its whole machine, starts again.
    Restart {
        /// The node.
        node: NodeIx,
        /// The process; [`NONE`](super::net::NONE) is the whole machine.
        number: u32,
    },
    /// The number of a node's instances changed.
    Regrouped(NodeIx),
}

/// What a packet is in the life of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// A handshake towards the callee; so many round trips are left with this one.
    Greet(u8),
    /// A handshake's answer; so many round trips are left.
    Greeted(u8),
    /// The request.
    Ask,
    /// The answer, or the news that there will be none.
    Answer,
}

impl Words for Event {
    // Where an event is added it is known which it is, and what is left of this are two numbers.
    #[inline(always)]
    fn words(self) -> (u32, u64) {
        let two = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let (kind, detail, body) = match self {
            Event::Wake { life, what, index } => (0, what, two(index, life)),
            Event::Packet { call, leg: Leg::Greet(left) } => (1, left, two(call, 0)),
            Event::Packet { call, leg: Leg::Greeted(left) } => (2, left, two(call, 0)),
            Event::Packet { call, leg: Leg::Ask } => (3, 0, two(call, 0)),
            Event::Packet { call, leg: Leg::Answer } => (4, 0, two(call, 0)),
            Event::TimeOut(call) => (5, 0, two(call, 0)),
            Event::Ship(ship) => (6, 0, two(ship, 0)),
            Event::Boot { life } => (7, 0, two(life, 0)),
            Event::Replace(node) => (8, 0, two(node, 0)),
            Event::Restart { node, number } => (9, 0, two(node, number)),
            Event::Regrouped(node) => (10, 0, two(node, 0)),
        };
        (kind | u32::from(detail) << 8, body)
    }
}

impl Event {
    /// The event that these [`Words`] are.
    #[inline]
    pub fn from_words((head, body): (u32, u64)) -> Event {
        let (low, high, detail) = (body as u32, (body >> 32) as u32, (head >> 8) as u8);
        let packet = |leg| Event::Packet { call: low, leg };
        match head & 0xff {
            0 => Event::Wake { life: high, what: detail, index: low },
            1 => packet(Leg::Greet(detail)),
            2 => packet(Leg::Greeted(detail)),
            3 => packet(Leg::Ask),
            4 => packet(Leg::Answer),
            5 => Event::TimeOut(low),
            6 => Event::Ship(low),
            7 => Event::Boot { life: low },
            8 => Event::Replace(low),
            9 => Event::Restart { node: low, number: high },
            _ => Event::Regrouped(low),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event comes out of the queue as it went in, whatever it holds, and none is what the queue keeps for itself.
    #[test]
    fn events_are_their_numbers() {
        for n in [0, 1, 0x1234_5678, u32::MAX - 1, u32::MAX] {
            let (byte, other) = (n as u8, !n);
            let legs = [Leg::Greet(byte), Leg::Greeted(byte), Leg::Ask, Leg::Answer];
            let packets = legs.into_iter().map(|leg| Event::Packet { call: n, leg });
            let others = [
                Event::Wake { life: n, what: byte, index: other },
                Event::TimeOut(n),
                Event::Ship(n),
                Event::Boot { life: n },
                Event::Replace(n),
                Event::Restart { node: n, number: other },
                Event::Regrouped(n),
            ];
            for event in packets.chain(others) {
                let words = event.words();
                assert!(words.0 < u32::MAX, "{event:?} is {words:?}");
                assert_eq!(format!("{event:?}"), format!("{:?}", Event::from_words(words)));
            }
        }
    }
}
