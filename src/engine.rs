//! The engine: takes events in order of time, lets behaviours act, carries packets over links, breaks things on time.
//!
//! Time is a parameter ([`Engine::run_until`]); there is no clock, no input or output, no global. Everything random
//! comes from named streams, so a file and a seed make one run, in one step or a thousand, natively and in wasm.
//! What happens is told to a [`Recorder`]; the engine keeps no statistics.

mod build;
mod faults;
mod groups;
pub mod record;
mod transport;

pub use record::{LogEntry, Packet, Record, Recorder, Step};

use crate::agenda::NO_SLOT;
use crate::component::Actor;
use crate::component::effects::{Behaviour, Cx, Effect, Effects, Ship, Wake};
use crate::component::event::{Event, Leg};
use crate::component::log::What;
use crate::component::net::{Call, CallId, LinkIx, NONE, Net, NodeInfo, NodeIx, Op, Origin, Outcome, Status};
use crate::component::view::View;
use crate::order::{Gather, Map};
use crate::rng::{Rng, fold, mix};
use crate::scenario::Scenario;
use crate::slots::Slots;
use crate::time::Nanos;
use faults::Due;

/// More events than this at one instant mean that time no longer passes.
const MOST_AT_ONCE: u64 = 1_000_000;
/// More calls than this at once do not fit into memory.
const MOST_CALLS: usize = 8_000_000;

/// Memory for more effects at once is given back.
const MANY_EFFECTS: usize = 4096;

/// How far [`Engine::run_until`] came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything up to the given time has happened.
    Reached,
    /// The budget is used up; call again.
    Budget,
    /// The run cannot go on, with the reason.
    Stopped(String),
}

/// A run.
#[derive(Clone)]
pub struct Engine<R> {
    /// Gets to know everything that happens.
    pub recorder: R,
    seed: u64,
    now: Nanos,
    events: u64,
    /// How many there had been when time last passed.
    passed: u64,
    stopped: Option<String>,
    /// No event happens when there have been so many: the budget, and nothing once it is stopped.
    last: u64,
    net: Net,
    /// By node: events that came while it stood still.
    held: Vec<Vec<(u32, Event)>>,
    /// Whose each life is that any node ever had, [`NONE`] once it is over; and a copy of the node's actor, so that an alarm
    /// need not look at the node first to know who acts on it.
    owners: Vec<(NodeIx, u32)>,
    actors: Vec<Actor>,
    /// Which of them are databases.
    databases: Vec<usize>,
    fx: Effects,
    /// The design as it stands now.
    design: Scenario,
    /// Faults and edits to come, by time and then in the order of the file.
    due: Vec<Due>,
    next_due: usize,
    /// When the last packet of a replication stream arrives, by sender and receiver.
    streams: Map<(NodeIx, NodeIx), Nanos>,
    /// Those under way; kept aside, so that events are small.
    ships: Slots<Ship>,
}

impl<R: Recorder> Engine<R> {
    /// Makes a run of this document, at time 0. Problems that [`check`](crate::check) calls errors are passed over:
    /// what makes no sense is not there.
    pub fn new(scenario: &Scenario, recorder: R) -> Engine<R> {
        let mut engine = Engine {
            recorder,
            seed: scenario.seed,
            now: 0,
            events: 0,
            passed: 0,
            stopped: None,
            last: 0,
            net: Net::default(),
            held: Vec::new(),
            owners: Vec::new(),
            actors: Vec::new(),
            databases: Vec::new(),
            fx: Effects::default(),
            design: Scenario { timeline: Vec::new(), ..scenario.clone() },
            due: faults::due(&scenario.timeline),
            next_due: 0,
            streams: Map::new(),
            ships: Slots::default(),
        };
        engine.build();
        engine
    }

    /// Lets everything happen that is due up to and including `until`, but at most so many events.
    pub fn run_until(&mut self, until: Nanos, budget: u64) -> Progress {
        self.last = if self.stopped.is_none() { self.events.saturating_add(budget) } else { 0 };
        loop {
            // What the timeline says comes before all else of the same instant.
            let due = self.due.get(self.next_due).map(|d| d.at).filter(|&at| at <= until);
            if let Some(before) = due.map_or(Some(until), |at| at.checked_sub(1)) {
                self.happen_until(before);
            }
            if let Some(reason) = &self.stopped {
                return Progress::Stopped(reason.clone());
            }
            if self.next_time().is_none_or(|at| at > until) {
                self.now = self.now.max(until);
                return Progress::Reached;
            }
            if self.events >= self.last {
                return Progress::Budget;
            }
            if let Some(at) = due {
                self.step(at);
                self.strike_next();
            }
        }
    }

    /// Lets what behaviours wanted happen, then the events of the queue up to then, or until there have been `last`.
    fn happen_until(&mut self, until: Nanos) {
        loop {
            self.drain();
            if self.events >= self.last {
                return;
            }
            let Some((at, slot, words)) = self.fx.agenda.pop(until) else { return };
            self.step(at);
            self.happen(slot, Event::from_words(words));
        }
    }

    /// When the next thing happens.
    pub fn next_time(&mut self) -> Option<Nanos> {
        let due = self.due.get(self.next_due).map(|d| d.at);
        match (due, self.fx.agenda.peek()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// It is the next event's time. Refuses to go on where that leads nowhere.
    #[inline]
    fn step(&mut self, at: Nanos) {
        self.events += 1;
        if at > self.now {
            (self.now, self.passed) = (at, self.events);
        } else if self.events - self.passed > MOST_AT_ONCE {
            self.stop();
        }
    }

    #[cold]
    fn stop(&mut self) {
        self.last = 0;
        let s = crate::time::to_s(self.now);
        self.stopped = Some(if self.events - self.passed > MOST_AT_ONCE {
            format!(
                "More than {MOST_AT_ONCE} events at {s} s: something goes round without time passing. \
                 Give a latency, a service time or a think time above 0."
            )
        } else {
            format!(
                "More than {MOST_CALLS} requests are under way: the load is far above what is answered. \
                 Lower the rate, or shorten the time-outs."
            )
        });
    }

    /// Lets the timeline's next entry strike.
    #[cold]
    fn strike_next(&mut self) {
        let due = self.due[self.next_due].clone();
        self.next_due += 1;
        self.strike(due);
    }

    #[inline]
    fn happen(&mut self, slot: u32, event: Event) {
        match event {
            Event::Wake { life, what, index } => {
                let (node, actor) = self.owners[life as usize];
                if self.net.nodes.get(node as usize).is_some_and(|info| info.status == Status::Up) {
                    debug_assert_eq!(actor, self.net.nodes[node as usize].actor, "another acts for the node");
                    self.fx.put_timer(slot);
                    self.lets(node, actor, |b, cx| b.on_wake(cx, Wake { what, index }));
                } else if node == NONE || !self.stands_still(node, slot, event) {
                    self.fx.put_timer(slot);
                }
            }
            // Each by itself: what a packet is need not be asked again.
            Event::Packet { call, leg: Leg::Ask } => self.packet(call, Leg::Ask),
            Event::Packet { call, leg: Leg::Answer } => self.packet(call, Leg::Answer),
            Event::Packet { call, leg } => self.handshake(call, leg),
            Event::TimeOut(call) => {
                if self.stands_still(self.net.calls[call].caller, slot, event) {
                    return;
                }
                self.fx.put_timer(slot);
                self.time_out(call);
            }
            Event::Ship(ship) => {
                let ship = *self.ships.remove(ship);
                self.arrive(ship);
            }
            Event::Boot { life } => {
                let (node, _) = self.owners[life as usize];
                if node != NONE {
                    self.boot(node);
                }
            }
            Event::Replace(node) => self.replace_now(node),
            Event::Restart { node, number } => self.restart(node, number),
            Event::Regrouped(node) => self.regrouped(node),
        }
    }

    /// A node that stands still does nothing: what comes due waits until it goes on. Packets to it vanish.
    #[inline]
    fn stands_still(&mut self, node: NodeIx, slot: u32, event: Event) -> bool {
        let frozen = self.net.nodes[node as usize].status == Status::Frozen;
        if frozen {
            self.hold(node, slot, event);
        }
        frozen
    }

    #[cold]
    fn hold(&mut self, node: NodeIx, slot: u32, event: Event) {
        self.held[node as usize].push((slot, event));
    }

    /// Lets a node's behaviour act, and then what it wants happen.
    fn act<T>(&mut self, node: NodeIx, f: impl FnOnce(&mut dyn Behaviour, &mut Cx) -> T) -> T {
        let result = self.wants(node, f);
        self.carry_out();
        result
    }

    /// Lets what behaviours wanted happen, and no event: by the loop's own way, because there shall be no second copy of it.
    fn carry_out(&mut self) {
        let last = std::mem::take(&mut self.last);
        self.happen_until(self.now);
        if self.stopped.is_none() {
            self.last = last;
        }
        debug_assert!(self.fx.list.is_empty(), "something that was wanted has not happened");
    }

    /// Lets a node's behaviour act; what it wants happens when the present event is over.
    fn wants<T>(&mut self, node: NodeIx, f: impl FnOnce(&mut dyn Behaviour, &mut Cx) -> T) -> T {
        self.lets(node, self.net.nodes[node as usize].actor, f)
    }

    /// The same, where the node's actor is known.
    fn lets<T>(&mut self, node: NodeIx, actor: u32, f: impl FnOnce(&mut dyn Behaviour, &mut Cx) -> T) -> T {
        let actor = &mut self.actors[actor as usize];
        let mut cx = Cx { now: self.now, node, net: &mut self.net, fx: &mut self.fx };
        actor.act(|b| f(b, &mut cx))
    }

    /// Lets everything in the buffer happen, in order. Nothing here calls a behaviour, so the buffer does not grow,
    /// but for what users were told, which concerns the databases.
    #[inline(always)]
    fn drain(&mut self) {
        let mut i = 0;
        while let Some(&effect) = self.fx.list.get(i) {
            self.effect(effect);
            i += 1;
        }
        self.fx.list.clear();
        // A million users begin at once, and never again.
        if i > MANY_EFFECTS {
            self.fx.list.shrink_to(MANY_EFFECTS);
        }
    }

    /// Lets an effect of the buffer happen.
    #[inline(always)]
    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Call(call, held, place) => {
                if place != NONE {
                    let Call { caller: node, callee: backend, instance, .. } = self.net.calls[call];
                    self.record(Record::Picked { node, backend, instance, place });
                }
                self.open(call, held)
            }
            Effect::Answer(call) => self.answered(call),
            Effect::Drop(call) => self.let_go(call, Outcome::Timeout),
            Effect::Doing(call, doing) => self.follow(call, Step::Doing(doing)),
            Effect::Close(call) => self.close(call),
            Effect::Cancel(slot) => self.cancel_held(slot),
            Effect::Ship => {
                if let Some(ship) = self.fx.ships.pop_front() {
                    self.ship(ship);
                }
            }
            Effect::Busy(node, delta) => self.record(Record::Busy { node, delta }),
            Effect::Cores(node, cores) => self.record(Record::Cores { node, cores }),
            Effect::LoggedOut(node) => self.record(Record::LoggedOut { node }),
            Effect::Issued(node, op, ordinal) => {
                self.trace(node, code::ISSUED, ordinal);
                self.record(Record::Issued { node, op, ordinal });
            }
            Effect::Retried(node, ordinal) => self.record(Record::Retried { node, ordinal }),
            Effect::Finished(node, op, ordinal, wanted, outcome) => {
                self.trace(node, code::FINISHED + outcome as u64, ordinal);
                self.record(Record::Finished { node, op, ordinal, wanted, outcome });
                if outcome == Outcome::Ok && op == Op::Write {
                    self.acked(Origin { users: node, ordinal });
                }
            }
            Effect::Lookup(node, ordinal, of, hit) => self.record(Record::Lookup { node, ordinal, of, hit }),
            Effect::Count(node, count) => self.record(Record::Count { node, count }),
            Effect::Stored(node, op) => self.record(Record::Stored { node, op }),
            Effect::Settled(node, stored, waited, outcome) => {
                self.trace(node, code::SETTLED + outcome as u64, stored);
                self.record(Record::Settled { node, stored, waited, outcome });
            }
            Effect::Lag(node, lag) => self.record(Record::Lag { node, lag }),
            Effect::Lost(origin) => self.record(Record::Lost { origin }),
            Effect::Restored(writes) => self.record(Record::Restored { writes }),
            Effect::Stale(node) => self.record(Record::Stale { node }),
            Effect::Conflict => self.record(Record::Conflict),
            Effect::Log => {
                if let Some((node, what, by)) = self.fx.lines.pop_front() {
                    self.log(node, NONE, what, by);
                }
            }
            Effect::Replace(node) => self.schedule(self.now, Event::Replace(node)),
            Effect::Restart(node, number) => self.schedule(self.now, Event::Restart { node, number }),
            Effect::Regrouped(node) => self.schedule(self.now, Event::Regrouped(node)),
        }
    }

    /// A user was told that a write is done: databases need to know which of their writes that is.
    fn acked(&mut self, origin: Origin) {
        for &actor in &self.databases {
            let mut cx = Cx { now: self.now, node: NONE, net: &mut self.net, fx: &mut self.fx };
            self.actors[actor].act(|b| b.on_acked(&mut cx, origin));
        }
    }

    fn cancel(&mut self, slot: u32) {
        if !self.fx.agenda.cancel(slot) {
            self.cancel_held(slot);
        }
    }

    /// Takes back an event that came due while its node stood still.
    #[cold]
    fn cancel_held(&mut self, slot: u32) {
        for held in &mut self.held {
            if let Some(i) = held.iter().position(|(held, _)| *held == slot) {
                held.remove(i);
                return self.fx.agenda.put_slot(slot);
            }
        }
    }

    /// Adds an event that nobody takes back.
    #[inline]
    fn schedule(&mut self, at: Nanos, event: Event) {
        self.fx.agenda.push(NO_SLOT, at, event);
    }

    #[inline(always)]
    fn record(&mut self, record: Record) {
        self.recorder.record(self.now, &self.net, &record);
    }

    /// A call came a step further.
    #[inline]
    fn follow(&mut self, call: CallId, step: Step) {
        self.recorder.step(self.now, &self.net, call, step);
    }

    fn log(&mut self, node: NodeIx, link: LinkIx, what: What, by: NodeIx) {
        if node != NONE {
            self.trace(node, code::LOG + u64::from(what.code()), 0);
        }
        self.record(Record::Log(LogEntry { at: self.now, node, link, what, by }));
    }

    /// Folds a happening into its node's hash.
    #[inline]
    fn trace(&mut self, node: NodeIx, what: u64, ordinal: u64) {
        self.net.nodes[node as usize].trace(self.now, what, ordinal);
    }

    /// Now.
    pub fn now(&self) -> Nanos {
        self.now
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Events that wait.
    pub fn pending(&self) -> usize {
        self.fx.agenda.len()
    }

    /// Roughly how much memory a copy of it takes, without the recorder: what can be large in a run, counted by the piece.
    pub fn memory(&self) -> usize {
        // For each call there is about as much again in the behaviours at both of its ends.
        let calls = 2 * self.net.calls.bound() as usize * size_of::<Call>();
        let behaviours: usize = self.actors.iter().map(|actor| actor.behaviour().bytes()).sum();
        const NODE: usize = 4096;
        self.net.nodes.len() * NODE + calls + self.net.logins.bytes() + self.fx.agenda.bytes() + behaviours
    }

    /// Nodes and links as they stand now.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The design as it stands now, without the timeline.
    pub fn design(&self) -> &Scenario {
        &self.design
    }

    /// What people see of a node.
    pub fn view(&self, node: NodeIx) -> View {
        self.actors[self.net.nodes[node as usize].actor as usize].behaviour().view(self.now, &self.net, node)
    }

    /// Covers everything that happened at this node: when, what, and to which of its requests.
    pub fn node_hash(&self, node: NodeIx) -> u64 {
        mix(0, self.net.nodes[node as usize].hash)
    }

    /// Covers everything that happened, over all nodes by identifier.
    pub fn trace_hash(&self) -> u64 {
        let by_id: Map<&str, u64> =
            self.net.nodes.iter().zip(0..).map(|(node, ix)| (node.id.as_str(), self.node_hash(ix))).gather();
        by_id.values().fold(self.seed, |hash, &node| mix(hash, node))
    }
}

impl NodeInfo {
    /// Folds a happening into its hash.
    #[inline]
    fn trace(&mut self, now: Nanos, what: u64, ordinal: u64) {
        // Spread over the word by a large odd number (Steele and Vigna's multiplier), a time hardly meets another's number.
        self.hash = fold(self.hash, now.wrapping_mul(0xd134_2543_de82_ef95) ^ (what << 56) ^ ordinal);
    }
}

/// Codes of what a trace hash covers.
mod code {
    pub const ISSUED: u64 = 1;
    pub const ARRIVED: u64 = 2;
    pub const FINISHED: u64 = 16;
    pub const ANSWERED: u64 = 48;
    pub const LOG: u64 = 80;
    pub const SETTLED: u64 = 160;
}

/// The start of a node's hash.
fn seed_hash(id: &str) -> u64 {
    Rng::named(0, id, "trace").bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_s;

    /// A copy in the middle goes the same way as what it was taken of, whatever the design.
    #[test]
    fn a_copy_goes_on_like_the_original() {
        for example in crate::codec::examples() {
            let mut first = Engine::new(&example.scenario, ());
            first.run_until(from_s(7.3), u64::MAX);
            let mut copy = first.clone();
            for engine in [&mut first, &mut copy] {
                engine.run_until(from_s(25.0), u64::MAX);
            }
            assert_eq!(first.trace_hash(), copy.trace_hash(), "{}", example.slug);
            assert_eq!(first.events(), copy.events(), "{}", example.slug);
        }
    }
}
