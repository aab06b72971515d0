//! Names: what clients and their resolver remember, and what is asked of the name service. While the resolver waits for
//! an answer, whoever asks it the same waits too and no second question goes out, as unbound's mesh of states has it
//! (<https://www.nlnetlabs.nl/documentation/unbound/doxygen/mesh_8h.html>).

use super::{UNANSWERED, Users};
use crate::component::effects::{Cx, Effect, NewCall};
use crate::component::link::Meaning;
use crate::component::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Outcome};
use crate::component::view::NameView;
use crate::time::{Nanos, SECOND};

/// glibc asks its resolver twice, 5 s apart, and gives up after another 5 s (resolv.conf(5): timeout, attempts).
const NAME_TIMEOUT: Nanos = 5 * SECOND;
const NAME_TRIES: u8 = 2;

/// What a client or the resolver remembers of a name: the node ([`NONE`]: no such name), until when.
#[derive(Clone, Copy)]
pub struct Known {
    pub node: NodeIx,
    pub until: Nanos,
}

/// The resolver that all clients of a users node share.
#[derive(Clone)]
pub struct Resolver {
    pub known: Known,
    /// When it learned that.
    since: Nanos,
    /// Its question that is under way, and since when.
    asked: Option<(CallId, Nanos)>,
    /// The requests that wait for its answer, in the order in which they asked; [`NONE`] for those that have left.
    waiting: Vec<u32>,
}

impl Default for Resolver {
    fn default() -> Resolver {
        Resolver { known: Known { node: NONE, until: 0 }, since: 0, asked: None, waiting: Vec::new() }
    }
}

impl Resolver {
    /// The answer that it keeps now.
    pub fn view(&self, now: Nanos, net: &Net) -> Option<NameView> {
        let Known { node, until } = self.known;
        let node = net.nodes.get(node as usize).map(|n| n.id.clone());
        (until > now).then_some(NameView { node, since: self.since, until })
    }
}

/// A request's look-up.
#[derive(Clone)]
pub struct LookUp {
    tries: u8,
    /// Rings when the present try has had no answer for too long.
    timer: u32,
    /// Its place among those that wait for the resolver.
    place: u32,
}

impl LookUp {
    pub const NONE: LookUp = LookUp { tries: 0, timer: NONE, place: NONE };
}

impl Users {
    /// Looks for an address: in the client's cache, in the resolver's, at the name service; without one, the paths in turn.
    pub(super) fn look_up(&mut self, cx: &mut Cx, id: u32, client: u32) {
        let Some(dns) = cx.links(Meaning::Names).next() else { return self.connect_any(cx, id) };
        let known = self.clients[client as usize].known();
        if self.caches.1 && known.until > cx.now {
            return self.connect(cx, id, known.node);
        }
        let known = self.resolver.known;
        let cached = self.caches.0 && known.until > cx.now;
        let to = cx.net.links[dns as usize].to;
        let ordinal = self.requests[id].ask.origin.ordinal;
        cx.fx.list.push(Effect::Lookup(cx.node, ordinal, to, cached));
        if cached {
            self.clients[client as usize].learn(known);
            return self.connect(cx, id, known.node);
        }
        self.ask(cx, id);
    }

    /// A client asks the resolver, which asks the name service unless it does so already; or, where the resolver keeps
    /// nothing, the client's own question goes there.
    fn ask(&mut self, cx: &mut Cx, id: u32) {
        let Some(link) = cx.links(Meaning::Names).next() else { return self.connect_any(cx, id) };
        let timer = cx.after(NAME_TIMEOUT, UNANSWERED, id);
        let request = &mut self.requests[id];
        let ask = Ask { op: Op::Name, ..request.ask };
        request.name.tries += 1;
        request.name.timer = timer;
        if !self.caches.0 {
            request.call = question(cx, link, ask, id);
            return;
        }
        request.name.place = self.resolver.waiting.len() as u32;
        self.resolver.waiting.push(id);
        match self.resolver.asked {
            Some((_, since)) if cx.now - since < NAME_TIMEOUT => return,
            Some((lost, _)) => cx.close(lost),
            None => {}
        }
        self.forget_who_left();
        self.resolver.asked = Some((question(cx, link, ask, NONE), cx.now));
    }

    /// Closes the gaps among those that wait, so that a name service that stays silent fills no memory.
    fn forget_who_left(&mut self) {
        let requests = &mut self.requests;
        let mut place = 0;
        self.resolver.waiting.retain(|&id| {
            if id != NONE {
                requests[id].name.place = place;
                place += 1;
            }
            id != NONE
        });
    }

    /// A client no longer waits for an answer.
    pub(super) fn stop_asking(&mut self, cx: &mut Cx, id: u32) {
        let name = &mut self.requests[id].name;
        if name.timer != NONE {
            cx.cancel(std::mem::replace(&mut name.timer, NONE));
        }
        let place = std::mem::replace(&mut name.place, NONE);
        if let Some(waits) = self.resolver.waiting.get_mut(place as usize) {
            *waits = NONE;
        }
    }

    /// A client has waited long enough for this try.
    pub(super) fn unanswered(&mut self, cx: &mut Cx, id: u32) {
        let request = &mut self.requests[id];
        request.name.timer = NONE;
        let own = std::mem::replace(&mut request.call, NONE);
        if own != NONE {
            cx.close(own);
        }
        self.ask_again(cx, id);
    }

    fn ask_again(&mut self, cx: &mut Cx, id: u32) {
        self.stop_asking(cx, id);
        if self.requests[id].name.tries < NAME_TRIES {
            return self.ask(cx, id);
        }
        self.failed(cx, id, Outcome::NameTimeout);
    }

    /// The name service has answered the resolver, or a client.
    pub(super) fn resolved(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { token, name: (node, keep), .. } = cx.net.calls[call];
        let known = Known { node, until: cx.now.saturating_add(keep) };
        if token != NONE {
            self.requests[token].call = NONE;
            return self.told(cx, token, outcome, known);
        }
        self.resolver.asked = None;
        if outcome == Outcome::Ok {
            (self.resolver.known, self.resolver.since) = (known, cx.now);
        }
        let mut waiting = std::mem::take(&mut self.resolver.waiting);
        for &id in waiting.iter().filter(|&&id| id != NONE) {
            self.requests[id].name.place = NONE;
            self.told(cx, id, outcome, known);
        }
        if self.resolver.waiting.is_empty() {
            waiting.clear();
            self.resolver.waiting = waiting;
        }
    }

    /// A client has its answer, or an error.
    fn told(&mut self, cx: &mut Cx, id: u32, outcome: Outcome, known: Known) {
        if outcome != Outcome::Ok {
            return self.ask_again(cx, id);
        }
        self.stop_asking(cx, id);
        let client = self.requests[id].ask.client;
        self.clients[client as usize].learn(known);
        self.connect(cx, id, known.node);
    }
}

fn question(cx: &mut Cx, link: LinkIx, ask: Ask, token: u32) -> CallId {
    let callee = cx.net.links[link as usize].to;
    cx.call(NewCall { link, callee, instance: NONE, ask, token, handshakes: 0, patience: (0, 0) })
}
