//! Message queue: takes work that nobody needs to wait for, and hands it to workers as fast as they take it.
//!
//! A publisher has its answer as soon as the message is stored; its user's request goes on without it. A message goes
//! to the consumers, each in turn, as long as one has fewer than `prefetch` of them unacknowledged. The consumer's
//! answer is the acknowledgement. A message without one by the visibility time-out waits again, at its old place, and
//! is delivered once more: at least once, never exactly once (as Amazon SQS). An error answer, a crash and a silence
//! are the same in this: the message is hidden until that time-out. A refusal is no delivery: the message waits again
//! at once, and that consumer is left alone for a second.

use super::effects::{Behaviour, Count, Cx, Effect, NewCall, Wake};
use super::link::Meaning;
use super::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Outcome, Status};
use super::param::{Param, dist, flag, num, whole};
use super::view::{StockView, View};
use super::{ADDRESS, KindSpec, Lit, Preset, REGION, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::slots::Slots;
use crate::time::{Nanos, SECOND, from_ms, to_ms};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "queue",
    label: "Message queue",
    group: "Data",
    help: "Stores work that nobody needs to wait for, like RabbitMQ or Amazon SQS, until the servers it leads to take it.",
    icon: "M3 7.500h18v9H3zM8 7.500v9M13 7.500v9M17 10.500l1.5 1.500-1.5 1.5",
    params: PARAMS,
    addressed: true,
    grouped: false,
    presets: &[Preset { label: "Message queue", stem: "queue", params: &[] }],
};

const PARAMS: &[Param] = &[
    whole("capacity", "Capacity", 1, 10_000_000, 10_000, "How many messages it holds; more are refused.").main(),
    num(
        "visibility_s",
        "Visibility time-out",
        1e-3,
        1e6,
        30.0,
        "A delivered message that is not acknowledged by then is delivered again.",
    )
    .main(),
    whole("prefetch", "Prefetch", 1, 1_000_000, 16, "How many messages each consumer may have unacknowledged.").main(),
    whole(
        "max_deliveries",
        "Deliveries allowed",
        1,
        1_000_000,
        0,
        "After so many deliveries in vain a message becomes a dead letter and is put aside; none means it never does.",
    )
    .none()
    .main(),
    flag("durable", "Durable", true, "Whether messages survive a crash of the queue."),
    dist(
        "store_ms",
        "Store time",
        0.0,
        1e6,
        Lit::Number(0.1),
        "From a message's arrival until it is stored and answered.",
    ),
    num("boot_s", "Boot time", 0.0, 1e6, 0.0, "From recovery after a crash until it runs again."),
    REGION,
    ADDRESS,
];

/// A message is stored; the index is its call.
const STORE: u8 = 0;
/// A message's visibility time-out is over; the index is its place.
const RETURN: u8 = 1;
/// A consumer that refused is tried again; the index is its place.
const AGAIN: u8 = 2;

/// How long a consumer that refused or died is left alone.
const LEFT_ALONE: Nanos = SECOND;

#[derive(Clone)]
struct Message {
    ask: Ask,
    /// Its number among those stored.
    number: u64,
    stored: Nanos,
    /// How often a consumer took it.
    deliveries: u64,
    /// When it was last handed out; `None` while it waits.
    out: Option<Nanos>,
    /// Whether a consumer has it now.
    held: bool,
}

#[derive(Clone)]
struct Consumer {
    link: LinkIx,
    node: NodeIx,
    /// Messages that it has not acknowledged.
    open: u64,
    alone: bool,
}

/// The behaviour.
#[derive(Clone)]
pub struct Queue {
    capacity: usize,
    visibility: Nanos,
    prefetch: u64,
    max_deliveries: Option<u64>,
    durable: bool,
    store_time: Dist,
    messages: Slots<Message>,
    stored: u64,
    /// Messages that were never handed out, the oldest first.
    fresh: VecDeque<u32>,
    /// Messages that came back, by number: each is older than any that was never handed out.
    returned: BinaryHeap<Reverse<(u64, u32)>>,
    consumers: Vec<Consumer>,
    turn: usize,
    rng: Rng,
}

impl Queue {
    /// A queue that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Queue {
            capacity: 0,
            visibility: 0,
            prefetch: 1,
            max_deliveries: None,
            durable: true,
            store_time: Dist::Constant(0.0),
            messages: Slots::default(),
            stored: 0,
            fresh: VecDeque::new(),
            returned: BinaryHeap::new(),
            consumers: Vec::new(),
            turn: 0,
            rng: Rng::named(seed, id, "store"),
        }
    }

    /// Keeps a message and answers its publisher.
    fn store(&mut self, cx: &mut Cx, call: CallId) {
        if self.messages.len() >= self.capacity {
            return cx.answer(call, Outcome::Refused);
        }
        let ask = cx.net.calls[call].ask;
        self.stored += 1;
        let message = Message { ask, number: self.stored, stored: cx.now, deliveries: 0, out: None, held: false };
        self.fresh.push_back(self.messages.insert(message));
        cx.fx.list.push(Effect::Stored(cx.node, ask.op));
        cx.answer(call, Outcome::Ok);
        self.deliver(cx);
    }

    /// Hands out messages, the oldest first, as long as a consumer has room.
    fn deliver(&mut self, cx: &mut Cx) {
        if cx.net.nodes[cx.node as usize].status != Status::Up {
            return;
        }
        while self.waiting() > 0 {
            let Some(consumer) = self.with_room(cx.net) else { return };
            let next = self.returned.pop().map(|Reverse((_, place))| place).or_else(|| self.fresh.pop_front());
            let Some(token) = next else { return };
            let message = &mut self.messages[token];
            (message.out, message.held) = (Some(cx.now), true);
            let ask = message.ask;
            let c = &mut self.consumers[consumer];
            c.open += 1;
            let (link, callee) = (c.link, c.node);
            let patience = (self.visibility, self.visibility);
            cx.call(NewCall { link, callee, instance: NONE, ask, token, handshakes: 0, patience });
        }
    }

    /// The next consumer in turn that may have another message.
    fn with_room(&mut self, net: &Net) -> Option<usize> {
        let n = self.consumers.len();
        let fits = |c: &Consumer| c.open < self.prefetch && !c.alone && !net.links[c.link as usize].removed;
        let found = (1..=n).map(|k| (self.turn + k) % n).find(|&i| fits(&self.consumers[i]))?;
        self.turn = found;
        Some(found)
    }

    /// A message waits for its next delivery.
    fn give_back(&mut self, place: u32) {
        let message = &mut self.messages[place];
        (message.out, message.held) = (None, false);
        self.returned.push(Reverse((message.number, place)));
    }

    /// A consumer took a message, whatever came of it.
    fn taken(&mut self, cx: &mut Cx, place: u32) {
        let message = &mut self.messages[place];
        (message.deliveries, message.held) = (message.deliveries + 1, false);
        cx.fx.list.push(Effect::Count(cx.node, Count::Delivered));
        if message.deliveries > 1 {
            cx.fx.list.push(Effect::Count(cx.node, Count::Redelivered));
        }
    }

    /// A message is done with.
    fn settle(&mut self, cx: &mut Cx, place: u32, outcome: Outcome) {
        let message = self.messages.remove(place);
        let waited = message.out.map_or(0, |out| out - message.stored);
        cx.fx.list.push(Effect::Settled(cx.node, message.stored, waited, outcome));
    }

    /// A delivery came to nothing: the message comes back at its visibility time-out, or is given up.
    fn failed(&mut self, cx: &mut Cx, place: u32) {
        let message = &self.messages[place];
        if self.max_deliveries.is_some_and(|most| message.deliveries >= most) {
            cx.fx.list.push(Effect::Count(cx.node, Count::DeadLetter));
            return self.settle(cx, place, Outcome::AppError);
        }
        let back = message.out.unwrap_or(cx.now).saturating_add(self.visibility);
        if back > cx.now {
            cx.after(back - cx.now, RETURN, place);
        } else {
            self.give_back(place);
        }
    }

    /// Leaves a consumer alone for a while.
    fn leave_alone(&mut self, cx: &mut Cx, consumer: usize) {
        if !std::mem::replace(&mut self.consumers[consumer].alone, true) {
            cx.after(LEFT_ALONE, AGAIN, consumer as u32);
        }
    }

    fn waiting(&self) -> usize {
        self.returned.len() + self.fresh.len()
    }

    fn oldest(&self) -> Option<Nanos> {
        let place = self.returned.peek().map(|Reverse((_, place))| place).or(self.fresh.front())?;
        Some(self.messages[*place].stored)
    }
}

impl Behaviour for Queue {
    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.capacity = p.whole("capacity") as usize;
        self.visibility = p.span("visibility_s").max(1);
        self.prefetch = p.whole("prefetch");
        self.max_deliveries = p.optional("max_deliveries").map(|n| n as u64);
        self.durable = p.flag("durable");
        self.store_time = p.dist("store_ms");
        self.deliver(cx);
    }

    fn links_changed(&mut self, cx: &mut Cx) {
        for &link in &cx.net.nodes[cx.node as usize].out {
            let info = &cx.net.links[link as usize];
            if info.meaning == Meaning::Consumption && !self.consumers.iter().any(|c| c.link == link) {
                self.consumers.push(Consumer { link, node: info.to, open: 0, alone: false });
            }
        }
        self.deliver(cx);
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        match from_ms(self.store_time.sample(&mut self.rng) * cx.net.nodes[cx.node as usize].slow) {
            0 => self.store(cx, call),
            span => {
                cx.after(span, STORE, call);
            }
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        match wake.what {
            STORE => return self.store(cx, wake.index),
            RETURN => self.give_back(wake.index),
            _ => self.consumers[wake.index as usize].alone = false,
        }
        self.deliver(cx);
    }

    fn on_answer(&mut self, cx: &mut Cx, call: CallId, outcome: Outcome) {
        let Call { token: place, link, .. } = cx.net.calls[call];
        let Some(consumer) = self.consumers.iter().position(|c| c.link == link) else { return };
        self.consumers[consumer].open -= 1;
        if matches!(outcome, Outcome::Refused | Outcome::ConnectTimeout) {
            self.leave_alone(cx, consumer);
            self.give_back(place);
            return self.deliver(cx);
        }
        self.taken(cx, place);
        if outcome == Outcome::Reset {
            self.leave_alone(cx, consumer);
        }
        match outcome {
            Outcome::Ok => self.settle(cx, place, Outcome::Ok),
            _ => self.failed(cx, place),
        }
        self.deliver(cx);
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        for c in &mut self.consumers {
            (c.open, c.alone) = (0, false);
        }
        let all = self.messages.iter().filter(|(_, m)| m.out.is_some() || !self.durable);
        for place in all.map(|(place, _)| place).collect::<Vec<_>>() {
            if self.messages[place].held {
                // It may or may not have been done; nobody is there to hear it.
                self.taken(cx, place);
            }
            if self.durable {
                self.give_back(place);
            } else {
                cx.fx.list.push(Effect::Count(cx.node, Count::LostMessage));
                self.settle(cx, place, Outcome::Reset);
            }
        }
        if !self.durable {
            self.fresh.clear();
            self.returned.clear();
        }
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.deliver(cx);
    }

    fn bytes(&self) -> usize {
        self.messages.len() * size_of::<Message>() + self.fresh.len() * size_of::<u32>()
    }

    fn view(&self, now: Nanos, _: &Net, _: NodeIx) -> View {
        let waiting = self.waiting() as u64;
        let stock = StockView {
            items: waiting,
            capacity: self.capacity as u64,
            in_flight: self.messages.len() as u64 - waiting,
            oldest_ms: self.oldest().map(|stored| to_ms(now - stored)),
        };
        View { waiting, stock: Some(stock), ..View::default() }
    }
}
