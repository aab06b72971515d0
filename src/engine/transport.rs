//! Calls on their way: handshakes, requests, answers, time-outs, loss, cut links, refusals; and replication streams.

use super::{Engine, MOST_CALLS, Packet, Record, Recorder, Step, code};
use crate::component::Kind;
use crate::component::effects::{Effect, Effects, Ship};
use crate::component::event::{Event, Leg};
use crate::component::link::Meaning;
use crate::component::net::{Ask, Call, CallId, LinkInfo, NONE, Net, NodeInfo, NodeIx, Op, Origin, Outcome, Status};
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
    #[inline]
    pub(super) fn open(&mut self, id: CallId, held: CallId) {
        if id as usize > MOST_CALLS {
            self.stop();
        }
        let call = &self.net.calls[id];
        let link = &self.net.links[call.link as usize];
        if link.removed || link.grouped && call.ask.op != Op::Probe {
            let Some(member) = self.member(id) else { return self.nobody(id, held) };
            self.net.calls[id].callee = member;
        }
        let Net { calls, links, nodes, .. } = &mut self.net;
        let call = &mut calls[id];
        let link = &links[call.link as usize];
        let inside = !matches!(link.meaning, Meaning::Path | Meaning::Names);
        if inside {
            call.handshakes = u8::from(!link.is_warm(call.callee, nodes[call.callee as usize].epoch));
        }
        let (handshakes, steady) = (call.handshakes, link.steady);
        // The packet's.
        call.refs += 1;
        wait(&mut self.fx, self.now, id, call);
        self.follow(id, Step::Opened(held));
        self.send_over(steady, id, if handshakes > 0 { Leg::Greet(handshakes) } else { Leg::Ask });
    }

    /// Who of a group takes a call.
    #[inline(never)]
    fn member(&mut self, id: CallId) -> Option<NodeIx> {
        let call = &self.net.calls[id];
        if self.net.links[call.link as usize].removed {
            return None;
        }
        let group = self.net.nodes[call.callee as usize].actor as usize;
        self.actors[group].act(|b| b.route(self.now, &self.net, call.link, &call.ask))
    }

    /// Nobody is there to take a call: the refusal comes back after a round trip.
    #[cold]
    fn nobody(&mut self, id: CallId, held: CallId) {
        self.follow(id, Step::Opened(held));
        let Net { calls, links, .. } = &mut self.net;
        let call = &mut calls[id];
        (call.outcome, call.refs) = (Outcome::Refused, call.refs + 1);
        // The refusal may be lost on its way.
        wait(&mut self.fx, self.now, id, call);
        let link = &mut links[call.link as usize];
        let span = transit(link, false) + transit(link, false);
        self.schedule(self.now + span.max(REFUSAL), Event::Packet { call: id, leg: Leg::Answer });
    }

    /// Sends a packet of a call, which takes over a reference to it; it may vanish.
    #[inline]
    fn send(&mut self, id: CallId, leg: Leg) {
        self.send_over(self.net.links[self.net.calls[id].link as usize].steady, id, leg);
    }

    /// The same, where it is known how long every packet takes over the link, if that is always the same.
    #[inline]
    fn send_over(&mut self, steady: Option<Nanos>, id: CallId, leg: Leg) {
        let (greeting, back) = match leg {
            Leg::Greet(_) => (true, false),
            Leg::Greeted(_) => (true, true),
            Leg::Ask => (false, false),
            Leg::Answer => (false, true),
        };
        let steady_now = || self.net.links[self.net.calls[id].link as usize].steady_span();
        debug_assert_eq!(steady, steady_now(), "a link changed and its steady span did not");
        let (mut span, lost) = match steady {
            Some(span) => (span, false),
            None => self.passage(id, leg, greeting, back),
        };
        let call = &mut self.net.calls[id];
        let failed = leg == Leg::Answer && call.outcome != Outcome::Ok;
        if failed {
            span = span.max(REFUSAL);
        }
        let arrives = self.now + span;
        let packet = Packet {
            link: call.link,
            ends: (call.caller, call.callee),
            back,
            op: Some(call.ask.op),
            greeting,
            failed: failed || lost,
            arrives,
            wanted: call.ask.wanted,
            origin: call.ask.origin,
        };
        if lost {
            self.unref(id, 1);
        } else {
            self.schedule(arrives, Event::Packet { call: id, leg });
        }
        self.record(Record::Packet(packet));
    }

    /// How long a packet of a call takes over a link on which not all take the same time, and whether it vanishes.
    #[inline(never)]
    fn passage(&mut self, id: CallId, leg: Leg, greeting: bool, back: bool) -> (Nanos, bool) {
        let link = self.net.calls[id].link;
        let bytes = if self.net.links[link as usize].per_byte > 0.0 { self.bytes(id, leg) } else { 0 };
        let link = &mut self.net.links[link as usize];
        let lost = (link.meaning == Meaning::Names && link.rng.chance(link.loss)) | link.cut;
        (transmission(link, self.now, back, bytes) + transit(link, greeting), lost)
    }

    /// The bytes of a packet beyond its headers: requests and answers as large as their users say, all else nothing.
    fn bytes(&self, id: CallId, leg: Leg) -> u64 {
        let call = &self.net.calls[id];
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

    /// A packet of a connection being made arrives.
    #[inline(never)]
    pub(super) fn handshake(&mut self, id: CallId, leg: Leg) {
        self.packet(id, leg);
    }

    /// A packet of a call arrives.
    #[inline]
    pub(super) fn packet(&mut self, id: CallId, leg: Leg) {
        let Net { calls, links, nodes, .. } = &mut self.net;
        let call = &mut calls[id];
        let receiver = if matches!(leg, Leg::Greeted(_) | Leg::Answer) { call.caller } else { call.callee };
        let info = &mut nodes[receiver as usize];
        if info.status != Status::Up || links[call.link as usize].cut {
            return self.astray(id, leg);
        }
        let actor = info.actor;
        match leg {
            Leg::Greet(left) => self.send(id, Leg::Greeted(left - 1)),
            Leg::Greeted(left) => self.greeted(id, left),
            // It is the callee's from now on, and so is the packet's reference.
            Leg::Ask => {
                let fails = receive(self.now, call, info);
                let (link, op, ordinal) = (call.link, call.ask.op, call.ordinal);
                self.follow(id, Step::Arrived);
                if op != Op::Probe {
                    self.record(Record::Entered { node: receiver, link, op, ordinal });
                }
                if fails {
                    return self.fx.list.push(Effect::Answer(id));
                }
                self.lets(receiver, actor, |b, cx| b.on_call(cx, id));
            }
            Leg::Answer => self.ended(id, actor),
        }
    }

    /// A packet of a call comes to a node that is not up, or over a link that is cut. Whose process is gone waits for nothing,
    /// so it is only the sender of a request who may get to know.
    #[cold]
    fn astray(&mut self, id: CallId, leg: Leg) {
        let Call { link, caller, callee, open, ask: Ask { op, .. }, .. } = self.net.calls[id];
        let LinkInfo { cut, meaning, .. } = self.net.links[link as usize];
        if matches!(leg, Leg::Greet(_) | Leg::Ask) {
            if op != Op::Probe {
                self.record(Record::Missed { link });
            }
            // Of a dead name service nobody says no.
            if !cut && meaning != Meaning::Names && self.net.nodes[callee as usize].status != Status::Frozen {
                self.net.calls[id].outcome = Outcome::Refused;
                return self.send(id, Leg::Answer);
            }
        } else {
            let lives = matches!(self.net.nodes[caller as usize].status, Status::Up | Status::Frozen);
            debug_assert!(lives || !open, "a node whose process is gone waits for an answer");
        }
        self.unref(id, 1);
    }

    /// A handshake came back.
    #[inline(never)]
    fn greeted(&mut self, id: CallId, left: u8) {
        if !self.net.calls[id].open {
            return self.unref(id, 1);
        }
        self.follow(id, Step::Greeted(left));
        if left > 0 {
            return self.send(id, Leg::Greet(left));
        }
        let call = &mut self.net.calls[id];
        call.handshakes = 0;
        let epoch = self.net.nodes[call.callee as usize].epoch;
        let link = &mut self.net.links[call.link as usize];
        match link.connections.iter_mut().find(|(node, _)| *node == call.callee) {
            Some(known) => known.1 = epoch,
            None => link.connections.push((call.callee, epoch)),
        }
        self.forget_timer(id);
        wait(&mut self.fx, self.now, id, &mut self.net.calls[id]);
        self.send(id, Leg::Ask);
    }

    /// The callee answers.
    #[inline]
    pub(super) fn answered(&mut self, id: CallId) {
        let held = self.leaves(id, self.net.calls[id].outcome);
        debug_assert!(held, "a call is answered by a callee that does not hold it");
        if held {
            // The callee's reference becomes the answer's.
            self.send(id, Leg::Answer);
        }
    }

    /// The callee no longer holds a call, and does not answer.
    #[inline(never)]
    pub(super) fn let_go(&mut self, id: CallId, outcome: Outcome) {
        if self.leaves(id, outcome) {
            self.unref(id, 1);
        }
    }

    /// A call leaves its callee. Returns whether that still held it, and so referred to it.
    #[inline]
    fn leaves(&mut self, id: CallId, outcome: Outcome) -> bool {
        let call = &mut self.net.calls[id];
        if !std::mem::take(&mut call.held) {
            return false;
        }
        let Call { callee: node, link, ordinal, arrived, waited, ask: Ask { op, .. }, .. } = *call;
        self.follow(id, Step::Left);
        if op != Op::Probe {
            self.trace(node, code::ANSWERED + outcome as u64, ordinal);
            self.record(Record::Left { node, link, op, ordinal, arrived, waited, outcome });
        }
        true
    }

    /// An answer, a refusal or a reset arrives at the caller, for which this actor acts; the packet is over.
    #[inline]
    fn ended(&mut self, id: CallId, actor: u32) {
        let call = &mut self.net.calls[id];
        if !std::mem::take(&mut call.open) {
            return self.unref(id, 1);
        }
        let Call { caller, callee, link, outcome, .. } = *call;
        let timer = std::mem::replace(&mut call.timer, NONE);
        if timer != NONE {
            self.cancel(timer);
        }
        if outcome == Outcome::Refused {
            let (now, group) = (self.now, self.net.nodes[callee as usize].actor as usize);
            self.actors[group].act(|b| b.on_refused(now, link, callee));
        }
        self.tell(id, caller, actor, outcome);
        self.unref(id, 2);
    }

    /// A caller's patience has ended.
    #[inline(never)]
    pub(super) fn time_out(&mut self, id: CallId) {
        let call = &mut self.net.calls[id];
        call.timer = NONE;
        if std::mem::take(&mut call.open) {
            let outcome = if call.handshakes > 0 { Outcome::ConnectTimeout } else { Outcome::Timeout };
            let caller = call.caller;
            self.tell(id, caller, self.net.nodes[caller as usize].actor, outcome);
            self.unref(id, 1);
        }
    }

    /// The caller, for which this actor acts, gets to know how a call ended that is no longer open: its reference is to be
    /// taken off.
    #[inline]
    fn tell(&mut self, id: CallId, caller: NodeIx, actor: u32, outcome: Outcome) {
        self.follow(id, Step::Ended(Some(outcome)));
        self.lets(caller, actor, |b, cx| b.on_answer(cx, id, outcome));
    }

    /// The caller gives up.
    #[inline(never)]
    pub(super) fn close(&mut self, id: CallId) {
        if std::mem::take(&mut self.net.calls[id].open) {
            self.forget_timer(id);
            self.follow(id, Step::Ended(None));
            self.unref(id, 1);
        }
    }

    fn forget_timer(&mut self, id: CallId) {
        let timer = std::mem::replace(&mut self.net.calls[id].timer, NONE);
        if timer != NONE {
            self.cancel(timer);
        }
    }

    /// So many who referred to a call no longer do.
    fn unref(&mut self, id: CallId, by: u8) {
        let call = &mut self.net.calls[id];
        call.refs -= by;
        if call.refs == 0 {
            self.net.calls.remove(id);
        }
    }

    /// A node's process died: whoever waits for it gets a reset, whatever it waited for is nobody's any more.
    pub(super) fn sever(&mut self, node: NodeIx) {
        let mut held: Vec<(u64, Nanos, CallId)> = Vec::new();
        for id in 0..self.net.calls.bound() {
            let Some(call) = self.net.calls.get(id) else { continue };
            let waits = call.open && call.caller == node;
            if call.held && call.callee == node {
                held.push((call.ordinal, call.arrived, id));
            }
            if waits {
                self.close(id);
            }
        }
        // In the order of arrival; probes have no number, their order changes nothing that is drawn.
        held.sort_unstable();
        for (.., id) in held {
            self.net.calls[id].outcome = Outcome::Reset;
            self.fx.list.push(Effect::Answer(id));
        }
        self.carry_out();
        for &link in &self.net.nodes[node as usize].out {
            let link = &mut self.net.links[link as usize];
            link.warm = false;
            link.connections.clear();
        }
    }

    // Replication.

    /// Writes set out for a replica, or a replica's report for its primary, behind those that did before.
    #[inline(never)]
    pub(super) fn ship(&mut self, mut ship: Ship) {
        let link = &mut self.net.links[ship.link as usize];
        let drawn = link.from == ship.from;
        let span = transmission(link, self.now, !drawn, ship.bytes) + transit(link, false);
        let cut = link.cut;
        let arrives = self.streams.or_default((ship.from, ship.to));
        *arrives = (self.now + span).max(*arrives);
        ship.arrives = *arrives;
        self.record(Record::Packet(Packet {
            link: ship.link,
            ends: if ship.report { (ship.to, ship.from) } else { (ship.from, ship.to) },
            back: ship.report,
            op: None,
            greeting: false,
            failed: cut,
            arrives: ship.arrives,
            wanted: self.now,
            origin: Origin { users: NONE, ordinal: ship.upto },
        }));
        if !cut {
            let event = Event::Ship(self.ships.insert(ship));
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

/// Starts the caller's time-out: for the connection, or for the answer once there is one.
#[inline(always)]
fn wait(fx: &mut Effects, now: Nanos, id: CallId, call: &mut Call) {
    let patience = if call.handshakes > 0 { call.patience.0 } else { call.patience.1 };
    if patience > 0 {
        call.timer = fx.agenda.push_after(now, patience, Event::TimeOut(id));
    }
}

/// A node that is up receives a request. Returns whether it fails there by a fault.
#[inline]
fn receive(now: Nanos, call: &mut Call, info: &mut NodeInfo) -> bool {
    (call.arrived, call.held) = (now, true);
    if call.ask.op == Op::Probe {
        return false;
    }
    info.arrivals += 1;
    call.ordinal = info.arrivals;
    info.trace(now, code::ARRIVED, call.ordinal);
    let struck = info.error_share > 0.0 && (call.ask.op == Op::Write || !info.errors_are_writes);
    let fails = struck && info.rng.chance(info.error_share);
    if fails {
        call.outcome = Outcome::AppError;
    }
    fails
}

/// Until the last of these bytes has left: behind those that were sent before, at the link's bandwidth, which each
/// direction has to itself.
fn transmission(link: &mut LinkInfo, now: Nanos, back: bool, bytes: u64) -> Nanos {
    if link.per_byte == 0.0 || bytes == 0 {
        return 0;
    }
    let free = &mut link.free_at[usize::from(back)];
    *free = (*free).max(now) + (bytes as f64 * link.per_byte).round() as Nanos;
    *free - now
}

/// How long a packet takes over a link now, retransmissions included.
fn transit(link: &mut LinkInfo, connecting: bool) -> Nanos {
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
