//! From wanting to a connection: names and their caches, the way to an address, connections that are kept.

use super::Users;
use crate::component::address::Reach;
use crate::component::effects::{Cx, Effect, NewCall};
use crate::component::link::Meaning;
use crate::component::net::{Ask, Call, LinkIx, NONE, NodeIx, Op, Outcome, Status};
use crate::time::{Nanos, SECOND};

/// glibc's resolver asks twice, 5 s apart (resolv.conf(5): timeout, attempts).
const NAME_TIMEOUT: Nanos = 5 * SECOND;
const NAME_TRIES: u8 = 2;
/// What a client or the resolver remembers of a name: the node ([`NONE`]: no such name), until when.
#[derive(Clone, Copy)]
pub struct Known {
    pub node: NodeIx,
    pub until: Nanos,
}

pub const NOTHING: Known = Known { node: NONE, until: 0 };

/// One client: an address with its own name cache and connections.
#[derive(Clone, Copy)]
pub struct Client {
    pub known: Known,
    /// The first of its idle connections, the latest used first.
    pub idle: u32,
}

/// An open connection of a client.
#[derive(Clone)]
pub struct Connection {
    pub link: LinkIx,
    /// The server's epoch when it was opened: a crash breaks it.
    pub epoch: u32,
    pub idle_since: Nanos,
    pub next: u32,
}

impl Users {
    /// Looks for an address: in the client's cache, in the resolver's, at the name service; without one, the paths in turn.
    pub(super) fn look_up(&mut self, cx: &mut Cx, id: u32, client: u32) {
        let dns = cx.links(Meaning::Names).next();
        let Some(dns) = dns else { return self.connect_any(cx, id) };
        let known = self.clients[client as usize].known;
        if self.caches.1 && known.until > cx.now {
            return self.connect(cx, id, known.node);
        }
        let cached = self.caches.0 && self.resolver.until > cx.now;
        let to = cx.net.links[dns as usize].to;
        cx.fx.list.push(Effect::Lookup(cx.node, to, cached));
        if cached {
            self.clients[client as usize].known = self.resolver;
            return self.connect(cx, id, self.resolver.node);
        }
        self.query(cx, id, dns);
    }

    fn query(&mut self, cx: &mut Cx, id: u32, link: LinkIx) {
        let request = &mut self.requests[id as usize];
        request.name_tries += 1;
        let ask = Ask { op: Op::Name, ..request.ask };
        let callee = cx.net.links[link as usize].to;
        let patience = (NAME_TIMEOUT, NAME_TIMEOUT);
        request.call = cx.call(NewCall { link, callee, instance: NONE, ask, token: id, handshakes: 0, patience });
    }

    /// The resolver answered, or did not.
    pub(super) fn resolved(&mut self, cx: &mut Cx, id: u32, call: Call) {
        if call.outcome != Outcome::Ok {
            if self.requests[id as usize].name_tries < NAME_TRIES {
                return self.query(cx, id, call.link);
            }
            return self.failed(cx, id, Outcome::NameTimeout);
        }
        let (node, keep) = call.name;
        self.resolver = Known { node, until: cx.now.saturating_add(keep) };
        self.resolved_at = cx.now;
        let client = self.requests[id as usize].client;
        self.clients[client as usize].known = self.resolver;
        self.connect(cx, id, node);
    }

    /// Without DNS: the paths in turn.
    fn connect_any(&mut self, cx: &mut Cx, id: u32) {
        let paths = cx.links(Meaning::Path).count();
        if paths == 0 {
            return self.fail_soon(cx, id, Outcome::Unreachable);
        }
        self.turn = (self.turn + 1) % paths;
        let link = cx.links(Meaning::Path).nth((self.turn + paths - 1) % paths).unwrap_or(NONE);
        let node = cx.net.links[link as usize].to;
        self.connect(cx, id, node);
    }

    /// Opens a connection to a node, if there is a way.
    fn connect(&mut self, cx: &mut Cx, id: u32, node: NodeIx) {
        if node == NONE {
            return self.fail_soon(cx, id, Outcome::NoSuchName);
        }
        let path = cx.links(Meaning::Path).find(|&l| cx.net.links[l as usize].to == node);
        match path {
            Some(link) if cx.net.nodes[node as usize].reach == Reach::Public => {
                self.send(cx, id, link, self.round_trips);
            }
            _ => self.fail_soon(cx, id, Outcome::Unreachable),
        }
    }

    /// Takes an idle connection of this client, the latest used first; those that are too old or broken go.
    pub(super) fn idle_connection(&mut self, cx: &Cx, client: u32) -> Option<LinkIx> {
        let keep_alive = self.keep_alive?;
        while let Some(connection) = self.connections.try_remove(self.clients[client as usize].idle as usize) {
            self.clients[client as usize].idle = connection.next;
            let link = &cx.net.links[connection.link as usize];
            let whole = !link.removed && cx.net.nodes[link.to as usize].epoch == connection.epoch;
            if whole && cx.now - connection.idle_since < keep_alive {
                return Some(connection.link);
            }
        }
        None
    }

    /// Keeps the connection of an answered request for the next.
    pub(super) fn keep(&mut self, cx: &Cx, client: u32, link: LinkIx) {
        let to = cx.net.links[link as usize].to;
        if self.keep_alive.is_none() || cx.net.nodes[to as usize].status == Status::Crashed {
            return;
        }
        let connection = Connection {
            link,
            epoch: cx.net.nodes[to as usize].epoch,
            idle_since: cx.now,
            next: self.clients[client as usize].idle,
        };
        self.clients[client as usize].idle = self.connections.insert(connection) as u32;
    }
}
