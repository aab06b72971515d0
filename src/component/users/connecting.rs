//! From an address to a connection: the way there, and connections that are kept.

use super::Users;
use super::clients::Connection;
use crate::component::address::Reach;
use crate::component::effects::Cx;
use crate::component::link::Meaning;
use crate::component::net::{LinkIx, NONE, NodeInfo, NodeIx, Outcome, Status};

impl Users {
    /// Without DNS: the paths in turn.
    pub(super) fn connect_any(&mut self, cx: &mut Cx, id: u32) {
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
    pub(super) fn connect(&mut self, cx: &mut Cx, id: u32, node: NodeIx) {
        if node == NONE {
            return self.fail_soon(cx, id, Outcome::NoSuchName);
        }
        let path = cx.links(Meaning::Path).find(|&l| cx.net.links[l as usize].to == node);
        match path {
            Some(link) if cx.net.nodes[node as usize].reach == Reach::Public => {
                self.send(cx, id, self.requests[id].ask, (link, node), self.round_trips);
            }
            _ => self.fail_soon(cx, id, Outcome::Unreachable),
        }
    }

    /// Takes an idle connection of this client, the latest used first; those that are too old or broken go. Returns its
    /// link and to whom it leads.
    #[inline]
    pub(super) fn idle_connection(&mut self, cx: &Cx, client: u32) -> Option<(LinkIx, NodeIx)> {
        let keep_alive = self.keep_alive?;
        let client = &mut self.clients[client as usize];
        while let Some(connection) = self.connections.take(client) {
            let link = &cx.net.links[connection.link as usize];
            let whole = !link.removed && cx.net.nodes[link.to as usize].epoch == connection.epoch;
            if whole && cx.now - connection.idle_since < keep_alive {
                return Some((connection.link, link.to));
            }
        }
        None
    }

    /// Keeps the connection of an answered request for the next.
    #[inline]
    pub(super) fn keep(&mut self, cx: &Cx, client: u32, link: LinkIx) {
        let to = cx.net.links[link as usize].to;
        let &NodeInfo { status, epoch, .. } = &cx.net.nodes[to as usize];
        if self.keep_alive.is_none() || status == Status::Crashed {
            return;
        }
        self.connections.put(&mut self.clients[client as usize], Connection { link, epoch, idle_since: cx.now });
    }
}
