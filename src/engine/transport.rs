//! Calls on their way: handshakes, requests, answers, time-outs, loss, cut links, refusals; and replication streams.

use super::{Engine, Event, Leg, Packet, Record, Recorder, code};
use crate::component::Kind;
use crate::component::effects::Ship;
use crate::component::link::Meaning;
use crate::component::net::{CallId, LinkIx, NONE, NodeIx, Op, Outcome, Status};
use crate::time::{MS, Nanos, SECOND, from_ms};

/// What a lost packet costs on an open connection: Linux's smallest retransmission time-out (TCP_RTO_MIN).
const RETRANSMIT: Nanos = 200 * MS;
/// What a lost SYN costs; doubles each time (TCP_TIMEOUT_INIT).
const CONNECT_AGAIN: Nanos = SECOND;
/// After so many losses in a row a packet goes through; the sum is beyond any patience.
const MOST_LOSSES: u32 = 12;
/// What a refusal costs at least.
const REFUSAL: Nanos = 1_000;

impl<R: Recorder> Engine<R> {
    /// A caller opens a call: the connection if there is none, then the request.
    pub(super) fn open(&mut self, id: CallId) {
        let call = self.net.calls[id as usize];
        let link = &self.net.links[call.link as usize];
        let group = self.lives[call.callee as usize].actor as usize;
        let routed = if link.removed {
            None
        } else if call.ask.op == Op::Probe {
            Some(call.callee)
        } else {
            self.actors[group].act(|b| b.route(self.now, &self.net, call.link, &call.ask))
        };
        let Some(callee) = routed else {
            // Nobody is there to take it: the refusal comes back after a round trip.
            let there = self.transit(call.link, false);
            let back = self.transit(call.link, false);
            self.net.calls[id as usize].outcome = Outcome::Refused;
            self.net.calls[id as usize].refs += 1;
            self.schedule(self.now + (there + back).max(REFUSAL), Event::Packet { call: id, leg: Leg::Answer });
            return;
        };
        self.net.calls[id as usize].callee = callee;
        let epoch = self.net.nodes[callee as usize].epoch;
        let link = &self.net.links[call.link as usize];
        let inside = !matches!(link.meaning, Meaning::Path | Meaning::Names);
        let handshakes = if inside && !link.is_warm(callee, epoch) { 1 } else { call.handshakes };
        self.net.calls[id as usize].handshakes = handshakes;
        let patience = if handshakes > 0 { call.patience.0 } else { call.patience.1 };
        self.wait(id, patience);
        self.send(id, if handshakes > 0 { Leg::Greet(handshakes) } else { Leg::Ask });
    }

    /// Starts the caller's time-out.
    fn wait(&mut self, id: CallId, patience: Nanos) {
        if patience > 0 {
            let timer = self.fx.timers.take();
            self.queue.push(timer, self.now.saturating_add(patience), Event::TimeOut(id));
            self.net.calls[id as usize].timer = timer;
        }
    }

    /// Sends a packet of a call; it may vanish.
    fn send(&mut self, id: CallId, leg: Leg) {
        let call = self.net.calls[id as usize];
        let back = matches!(leg, Leg::Greeted(_) | Leg::Answer);
        let link = &self.net.links[call.link as usize];
        let datagram = link.meaning == Meaning::Names;
        let (cut, loss, narrow) = (link.cut, link.loss, link.per_byte > 0.0);
        let greeting = matches!(leg, Leg::Greet(_) | Leg::Greeted(_));
        let lost = datagram && self.net.links[call.link as usize].rng.chance(loss);
        let bytes = if narrow { self.bytes(id, leg) } else { 0 };
        let mut span = self.transmission(call.link, back, bytes) + self.transit(call.link, greeting);
        let failed = leg == Leg::Answer && call.outcome != Outcome::Ok;
        if failed {
            span = span.max(REFUSAL);
        }
        self.record(Record::Packet(Packet {
            link: call.link,
            ends: (call.caller, call.callee),
            back,
            op: Some(call.ask.op),
            greeting,
            failed: failed || cut || lost,
            arrives: self.now + span,
            wanted: call.ask.wanted,
            ordinal: call.ask.origin.ordinal,
        }));
        if cut || lost {
            return;
        }
        self.net.calls[id as usize].refs += 1;
        self.schedule(self.now + span, Event::Packet { call: id, leg });
    }

    /// The bytes of a packet beyond its headers: requests and answers as large as their users say, all else nothing.
    fn bytes(&self, id: CallId, leg: Leg) -> u64 {
        let call = &self.net.calls[id as usize];
        let Some(traffic) = self.net.traffic(&call.ask).filter(|_| call.outcome == Outcome::Ok) else { return 0 };
        // A word is enough to say that a message is stored or done, or that a cache does not have it.
        let empty = match self.net.nodes[call.callee as usize].kind {
            Kind::Queue => true,
            Kind::Cache => !call.hit,
            _ => self.net.links[call.link as usize].meaning == Meaning::Consumption,
        };
        match (call.ask.op, leg) {
            (Op::Probe | Op::Name | Op::Purge, _) => 0,
            (_, Leg::Answer) if empty => 0,
            // What is put into a cache is what its users are answered.
            (Op::Fill, Leg::Ask) | (_, Leg::Answer) => traffic.bytes.1,
            (_, Leg::Ask) => traffic.bytes.0,
            _ => 0,
        }
    }

    /// Until the last of these bytes has left: behind those that were sent before, at the link's bandwidth, which each
    /// direction has to itself.
    pub(super) fn transmission(&mut self, link: LinkIx, back: bool, bytes: u64) -> Nanos {
        let link = &mut self.net.links[link as usize];
        if link.per_byte == 0.0 || bytes == 0 {
            return 0;
        }
        let free = &mut link.free_at[usize::from(back)];
        *free = (*free).max(self.now) + (bytes as f64 * link.per_byte).round() as Nanos;
        *free - self.now
    }

    /// How long a packet takes over a link now, retransmissions included.
    fn transit(&mut self, link: LinkIx, connecting: bool) -> Nanos {
        let link = &mut self.net.links[link as usize];
        let mut span = from_ms(link.latency.sample(&mut link.rng) * link.slow);
        if link.loss > 0.0 && link.meaning != Meaning::Names {
            let mut losses = 0;
            while losses < MOST_LOSSES && link.rng.chance(link.loss) {
                span += if connecting { CONNECT_AGAIN << losses } else { RETRANSMIT };
                losses += 1;
            }
        }
        span
    }

    /// A packet of a call arrives.
    pub(super) fn packet(&mut self, id: CallId, leg: Leg) {
        let call = self.net.calls[id as usize];
        let receiver = if matches!(leg, Leg::Greeted(_) | Leg::Answer) { call.caller } else { call.callee };
        let vanishes = self.net.links[call.link as usize].cut
            || self.net.nodes[receiver as usize].status == Status::Frozen
            || self.datagram_to_nobody(call.link, receiver);
        let goes = matches!(leg, Leg::Greet(_) | Leg::Ask);
        let nobody = vanishes || self.net.nodes[receiver as usize].status != Status::Up;
        if goes && nobody && call.ask.op != Op::Probe {
            self.record(Record::Missed { link: call.link });
        }
        if !vanishes {
            match leg {
                Leg::Greet(_) | Leg::Ask if nobody => {
                    self.net.calls[id as usize].outcome = Outcome::Refused;
                    self.send(id, Leg::Answer);
                }
                Leg::Greet(left) => self.send(id, Leg::Greeted(left - 1)),
                Leg::Greeted(left) => self.greeted(id, left),
                Leg::Ask => self.asked(id),
                Leg::Answer => self.ended(id),
            }
        }
        self.unref(id);
    }

    /// A query to a dead name service: nobody says no.
    fn datagram_to_nobody(&self, link: LinkIx, receiver: NodeIx) -> bool {
        self.net.links[link as usize].meaning == Meaning::Names
            && self.net.nodes[receiver as usize].status != Status::Up
    }

    /// A handshake came back.
    fn greeted(&mut self, id: CallId, left: u8) {
        let call = self.net.calls[id as usize];
        if !call.open {
            return;
        }
        if left > 0 {
            return self.send(id, Leg::Greet(left));
        }
        let epoch = self.net.nodes[call.callee as usize].epoch;
        let link = &mut self.net.links[call.link as usize];
        match link.connections.iter_mut().find(|(node, _)| *node == call.callee) {
            Some(known) => known.1 = epoch,
            None => link.connections.push((call.callee, epoch)),
        }
        self.forget_timer(id);
        self.net.calls[id as usize].handshakes = 0;
        self.wait(id, call.patience.1);
        self.send(id, Leg::Ask);
    }

    /// A request arrives at a node that is up.
    fn asked(&mut self, id: CallId) {
        let (node, now) = (self.net.calls[id as usize].callee, self.now);
        let info = &mut self.net.nodes[node as usize];
        let call = &mut self.net.calls[id as usize];
        call.arrived = now;
        call.held = true;
        call.refs += 1;
        if call.ask.op == Op::Probe {
            return self.act(node, |b, cx| b.on_call(cx, id));
        }
        info.arrivals += 1;
        call.ordinal = info.arrivals;
        let struck = info.error_share > 0.0 && (call.ask.op == Op::Write || !info.errors_are_writes);
        let failing = struck && info.rng.chance(info.error_share);
        let (link, op, ordinal) = (call.link, call.ask.op, call.ordinal);
        self.trace(node, code::ARRIVED, ordinal);
        self.record(Record::Entered { node, link, op, ordinal });
        if failing {
            self.net.calls[id as usize].outcome = Outcome::AppError;
            return self.answered(id);
        }
        self.act(node, |b, cx| b.on_call(cx, id));
    }

    /// The callee answers.
    pub(super) fn answered(&mut self, id: CallId) {
        let outcome = self.net.calls[id as usize].outcome;
        self.net.calls[id as usize].refs += 1;
        self.let_go(id, outcome);
        self.send(id, Leg::Answer);
        self.unref(id);
    }

    /// The callee no longer holds a call.
    pub(super) fn let_go(&mut self, id: CallId, outcome: Outcome) {
        let call = &mut self.net.calls[id as usize];
        if !std::mem::take(&mut call.held) {
            return;
        }
        let call = *call;
        if call.ask.op != Op::Probe {
            let node = call.callee;
            self.trace(node, code::ANSWERED + outcome as u64, call.ordinal);
            self.record(Record::Left {
                node,
                link: call.link,
                op: call.ask.op,
                ordinal: call.ordinal,
                arrived: call.arrived,
                waited: call.waited,
                outcome,
            });
        }
        self.unref(id);
    }

    /// An answer, a refusal or a reset arrives at the caller.
    fn ended(&mut self, id: CallId) {
        let call = self.net.calls[id as usize];
        if !call.open {
            return;
        }
        self.forget_timer(id);
        self.finish(id);
        if call.outcome == Outcome::Refused {
            let (now, actor) = (self.now, self.lives[call.callee as usize].actor as usize);
            self.actors[actor].act(|b| b.on_refused(now, call.link, call.callee));
        }
        self.act(call.caller, |b, cx| b.on_answer(cx, id, call));
    }

    /// A caller's patience has ended.
    pub(super) fn time_out(&mut self, id: CallId) {
        let mut call = self.net.calls[id as usize];
        self.net.calls[id as usize].timer = NONE;
        if call.open {
            call.outcome = if call.handshakes > 0 { Outcome::ConnectTimeout } else { Outcome::Timeout };
            self.finish(id);
            self.act(call.caller, |b, cx| b.on_answer(cx, id, call));
        }
    }

    /// The caller gives up.
    pub(super) fn close(&mut self, id: CallId) {
        if self.net.calls[id as usize].open {
            self.forget_timer(id);
            self.finish(id);
        }
    }

    /// The caller no longer waits.
    fn finish(&mut self, id: CallId) {
        self.net.calls[id as usize].open = false;
        self.unref(id);
    }

    fn forget_timer(&mut self, id: CallId) {
        let timer = std::mem::replace(&mut self.net.calls[id as usize].timer, NONE);
        if timer != NONE {
            self.cancel(timer);
        }
    }

    fn unref(&mut self, id: CallId) {
        let call = &mut self.net.calls[id as usize];
        call.refs -= 1;
        if call.refs == 0 {
            self.fx.calls.put(id);
        }
    }

    /// A node's process died: whoever waits for it gets a reset, whatever it waited for is nobody's any more.
    pub(super) fn sever(&mut self, node: NodeIx) {
        let mut held: Vec<(u64, Nanos, CallId)> = Vec::new();
        for id in 0..self.net.calls.len() as CallId {
            let call = self.net.calls[id as usize];
            if call.refs > 0 && call.held && call.callee == node {
                held.push((call.ordinal, call.arrived, id));
            }
            if call.refs > 0 && call.open && call.caller == node {
                self.close(id);
            }
        }
        // In the order of arrival; probes have no number, their order changes nothing that is drawn.
        held.sort_unstable();
        for (.., id) in held {
            self.net.calls[id as usize].outcome = Outcome::Reset;
            self.answered(id);
        }
        for &link in &self.net.nodes[node as usize].out {
            let link = &mut self.net.links[link as usize];
            link.warm = false;
            link.connections.clear();
        }
    }

    // Replication.

    /// Writes set out for a replica, or a replica's report for its primary, behind those that did before.
    pub(super) fn ship(&mut self, mut ship: Ship) {
        let drawn = self.net.links[ship.link as usize].from == ship.from;
        let span = self.transmission(ship.link, !drawn, ship.bytes) + self.transit(ship.link, false);
        let arrives = self.streams.or_default((ship.from, ship.to));
        *arrives = (self.now + span).max(*arrives);
        ship.arrives = *arrives;
        let cut = self.net.links[ship.link as usize].cut;
        self.record(Record::Packet(Packet {
            link: ship.link,
            ends: if ship.report { (ship.to, ship.from) } else { (ship.from, ship.to) },
            back: ship.report,
            op: None,
            greeting: false,
            failed: cut,
            arrives: ship.arrives,
            wanted: self.now,
            ordinal: ship.upto,
        }));
        if !cut {
            let event = Event::Ship(self.ships.insert(ship) as u32);
            self.schedule(ship.arrives, event);
        }
    }

    pub(super) fn arrive(&mut self, ship: Ship) {
        let up = self.net.nodes[ship.to as usize].status == Status::Up;
        if up && !self.net.links[ship.link as usize].cut {
            self.act(ship.to, |b, cx| b.on_ship(cx, ship));
        }
    }
}
