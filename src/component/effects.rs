//! What behaviours may do, and the trait they implement: they set and take back alarms at once, and say what else should
//! happen in a list of effects, which the engine carries out after each call.
//!
//! A behaviour never sees the engine: it reads the [`Net`] and changes its own state. So each kind can be tested alone.
//! At one instant an alarm comes before the packets of the same call, which set out when the list is carried out.

use super::event::Event;
use super::link::Meaning;
use super::log::What;
use super::net::{Ask, Call, CallId, LinkIx, NONE, Net, NodeIx, Op, Origin, Outcome};
use super::param::Values;
use super::view::View;
use crate::agenda::{NO_SLOT, Queue};
use crate::time::Nanos;
use std::collections::VecDeque;

/// A timer that can be cancelled.
pub type TimerId = u32;

/// A behaviour's own alarm: what for, and for which of its things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// One of the behaviour's own constants.
    pub what: u8,
    /// Which of its things.
    pub index: u32,
}

/// A write, or several, on the way to a replica; or a replica's report on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ship {
    /// Who sent it.
    pub from: NodeIx,
    /// Who gets it.
    pub to: NodeIx,
    /// Over which link.
    pub link: LinkIx,
    /// Which of the group's lines of writes.
    pub line: u32,
    /// The last write before these.
    pub after: u64,
    /// The last of these.
    pub upto: u64,
    /// The group's count of promotions when it was sent.
    pub term: u32,
    /// How large it is, where that matters.
    pub bytes: u64,
    /// It brings no writes, but the news of how far a replica is.
    pub report: bool,
    /// When it arrives; set by the engine, which keeps a stream in order.
    pub arrives: Nanos,
}

/// Something that is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// An answer that was good no longer, because the origin did not give another.
    Stale,
    /// A consumer took a message, and it is known what became of it.
    Delivered,
    /// Of these, one that had been taken before.
    Redelivered,
    /// A message was given up after so many deliveries.
    DeadLetter,
    /// A message was lost with the memory that held it.
    LostMessage,
}

impl Count {
    /// How many there are.
    pub const LEN: usize = 5;
}

/// What a node spends a request's time on, calls to others aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Waiting for a worker, a connection or a core, then computing.
    Work,
    /// Reading what is not in memory.
    Disk,
    /// Waiting until replicas have a write.
    Replicas,
    /// Waiting for the same thing that is fetched for another request already.
    Share,
}

/// One thing that should happen. It is small, because every request makes a dozen: what is large and rare lies beside the
/// list.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// A call goes out, for the sake of another that its caller holds, or of none ([`NONE`]); and if the caller is a balancer
    /// that picked the callee, its number among the backends, else [`NONE`].
    Call(CallId, CallId, u32),
    /// The callee answers.
    Answer(CallId),
    /// The callee forgets it without an answer.
    Drop(CallId),
    /// What the callee does with it from now on, if that is neither a wait for workers and cores nor computing.
    Doing(CallId, Doing),
    /// The caller no longer waits.
    Close(CallId),
    /// An alarm is taken back that came due while its node stood still.
    Cancel(TimerId),
    /// The next of the buffer's ships sets out.
    Ship,
    /// So many more (or fewer) cores of the node are busy.
    Busy(NodeIx, i32),
    /// So many cores the node has from now on.
    Cores(NodeIx, u32),
    /// A user found that it is not logged in at this server any more.
    LoggedOut(NodeIx),
    /// A user wants something: what, and as which of its requests.
    Issued(NodeIx, Op, u64),
    /// A user tries again: which of its requests.
    Retried(NodeIx, u64),
    /// A user has an answer, or gives up: what was wanted, as which of its requests, since when, and how it ended.
    Finished(NodeIx, Op, u64, Nanos, Outcome),
    /// Something was looked up in a cache: node that asked, for which of a user's requests (0 if that is not asked for),
    /// the node whose answers are kept (DNS) or that keeps them itself, whether the cache knew.
    Lookup(NodeIx, u64, NodeIx, bool),
    /// Something happened that is only counted.
    Count(NodeIx, Count),
    /// A queue keeps one more message.
    Stored(NodeIx, Op),
    /// A queue is done with a message: stored then, delivered after so long, and how that ended.
    Settled(NodeIx, Nanos, Nanos, Outcome),
    /// A write became visible on a replica so long after its commit.
    Lag(NodeIx, Nanos),
    /// An acknowledged write turned out to be lost.
    Lost(Origin),
    /// So many lost writes were written again.
    Restored(u64),
    /// This node answered a read without the last write that a user knew to be done.
    Stale(NodeIx),
    /// A write lost against a newer one made elsewhere.
    Conflict,
    /// The next of the buffer's lines goes into the log.
    Log,
    /// A fresh machine takes this node's place.
    Replace(NodeIx),
    /// The process with this number of this node dies for want of memory and starts again; [`NONE`] is the whole
    /// machine, which has got another size.
    Restart(NodeIx, u32),
    /// The number of a node's instances changed: those who call it take note.
    Regrouped(NodeIx),
}

/// A call to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewCall {
    /// Over which link.
    pub link: LinkIx,
    /// To whom.
    pub callee: NodeIx,
    /// To which of its instances; [`NONE`] leaves the choice to the callee.
    pub instance: u32,
    /// What is asked.
    pub ask: Ask,
    /// The caller's own mark.
    pub token: u32,
    /// Round trips before the request can be sent.
    pub handshakes: u8,
    /// How long to wait for the connection, and then for the answer; 0 is for ever.
    pub patience: (Nanos, Nanos),
}

/// The list of effects, and the alarms.
#[derive(Clone, Default)]
pub struct Effects {
    /// In the order in which they shall happen.
    pub list: Vec<Effect>,
    /// Those of [`Effect::Ship`], in order.
    pub ships: VecDeque<Ship>,
    /// Those of [`Effect::Log`], in order: subject, what, who saw it.
    pub lines: VecDeque<(NodeIx, What, NodeIx)>,
    /// What is going to happen. Alarms are no effects that wait: they are set and taken back at once.
    pub agenda: Queue<Event>,
    /// Which life each node lives: another when its process dies, so that alarms of an earlier life do not ring.
    pub lives: Vec<u32>,
}

impl Effects {
    /// Gives back the slot of an event that has happened, if it has one.
    #[inline]
    pub fn put_timer(&mut self, slot: TimerId) {
        if slot != NONE {
            self.agenda.put_slot(slot);
        }
    }

    /// Sets an alarm of a node.
    #[inline]
    pub fn alarm(&mut self, at: Nanos, node: NodeIx, wake: Wake) -> TimerId {
        let (id, event) = (self.agenda.slot(), self.wake(node, wake));
        self.agenda.push(id, at, event);
        id
    }

    /// Sets an alarm of a node that is never taken back.
    // Not in wasm, where a dozen copies are bytes of every visit.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn ring(&mut self, at: Nanos, node: NodeIx, wake: Wake) {
        let event = self.wake(node, wake);
        self.agenda.push(NO_SLOT, at, event);
    }

    /// An alarm of a node in its present life.
    #[inline]
    fn wake(&self, node: NodeIx, Wake { what, index }: Wake) -> Event {
        Event::Wake { life: self.lives[node as usize], what, index }
    }

    /// Sends writes to a replica.
    pub fn ship(&mut self, ship: Ship) {
        self.ships.push_back(ship);
        self.list.push(Effect::Ship);
    }

    /// Says that a user wants something.
    #[inline]
    pub fn issued(&mut self, ask: &Ask) {
        self.list.push(Effect::Issued(ask.origin.users, ask.op, ask.origin.ordinal));
    }

    /// Says that a user has an answer to a request, or gives up.
    #[inline]
    pub fn finished(&mut self, ask: &Ask, outcome: Outcome) {
        let Origin { users, ordinal } = ask.origin;
        self.list.push(Effect::Finished(users, ask.op, ordinal, ask.wanted, outcome));
    }

    /// Takes an alarm back; it must not have rung.
    #[inline]
    pub fn cancel(&mut self, timer: TimerId) {
        if !self.agenda.cancel(timer) {
            self.list.push(Effect::Cancel(timer));
        }
    }
}

/// A behaviour's view of the world while it acts.
pub struct Cx<'a> {
    /// Now.
    pub now: Nanos,
    /// The node that acts.
    pub node: NodeIx,
    /// Everything that is connected.
    pub net: &'a mut Net,
    /// What shall happen.
    pub fx: &'a mut Effects,
}

impl Cx<'_> {
    /// Opens a call from this node that serves no other.
    #[inline]
    pub fn call(&mut self, new: NewCall) -> CallId {
        self.call_for(NONE, new)
    }

    /// Opens a call from this node, to answer another that it holds.
    #[inline]
    pub fn call_for(&mut self, held: CallId, new: NewCall) -> CallId {
        self.call_picked(held, NONE, new)
    }

    /// The same for a balancer, that picked the callee and has it at this place among its backends.
    #[inline]
    pub fn call_picked(&mut self, held: CallId, place: u32, new: NewCall) -> CallId {
        let (id, call) = self.net.calls.take();
        *call = Call {
            ask: new.ask,
            caller: self.node,
            callee: new.callee,
            instance: new.instance,
            link: new.link,
            token: new.token,
            handshakes: new.handshakes,
            patience: new.patience,
            open: true,
            refs: 1,
            ..Call::NOBODYS
        };
        self.fx.list.push(Effect::Call(id, held, place));
        id
    }

    /// Links of this meaning that leave this node, in order.
    pub fn links(&self, meaning: Meaning) -> impl Iterator<Item = LinkIx> + '_ {
        let links = &self.net.links;
        let fits = move |&l: &LinkIx| links[l as usize].meaning == meaning && !links[l as usize].removed;
        self.net.nodes[self.node as usize].out.iter().copied().filter(fits)
    }

    /// Answers a call that this node holds.
    #[inline]
    pub fn answer(&mut self, call: CallId, outcome: Outcome) {
        self.net.calls[call].outcome = outcome;
        self.fx.list.push(Effect::Answer(call));
    }

    /// Answers a look-up: the node, or [`NONE`], and how long that may be kept.
    pub fn answer_name(&mut self, call: CallId, node: NodeIx, keep: Nanos) {
        self.net.calls[call].name = (node, keep);
        self.answer(call, Outcome::Ok);
    }

    /// Lets go of a call without an answer.
    pub fn forget(&mut self, call: CallId) {
        self.fx.list.push(Effect::Drop(call));
    }

    /// Says what a held call's time is spent on from now on.
    pub fn doing(&mut self, call: CallId, doing: Doing) {
        self.fx.list.push(Effect::Doing(call, doing));
    }

    /// Adds to the time that a held call has waited for a worker or a core.
    #[inline]
    pub fn waited(&mut self, call: CallId, span: Nanos) {
        self.net.calls[call].waited += span;
    }

    /// The caller no longer waits.
    pub fn close(&mut self, call: CallId) {
        self.fx.list.push(Effect::Close(call));
    }

    /// Sets an alarm of this node.
    #[inline]
    pub fn after(&mut self, span: Nanos, what: u8, index: u32) -> TimerId {
        let at = self.now.saturating_add(span);
        self.fx.alarm(at, self.node, Wake { what, index })
    }

    /// Sets an alarm of this node for the end of its patience: the same span for many, and nearly all are taken back.
    #[inline]
    pub fn patience(&mut self, span: Nanos, what: u8, index: u32) -> TimerId {
        let event = self.fx.wake(self.node, Wake { what, index });
        self.fx.agenda.push_after(self.now, span, event)
    }

    /// Sets an alarm of this node that is never taken back.
    #[inline]
    pub fn later(&mut self, span: Nanos, what: u8, index: u32) {
        self.fx.ring(self.now.saturating_add(span), self.node, Wake { what, index });
    }

    /// Takes an alarm back; it must not have rung.
    #[inline]
    pub fn cancel(&mut self, timer: TimerId) {
        self.fx.cancel(timer);
    }

    /// Writes into the log.
    #[inline(never)]
    pub fn log(&mut self, subject: NodeIx, what: What, by: NodeIx) {
        self.fx.lines.push_back((subject, what, by));
        self.fx.list.push(Effect::Log);
    }
}

/// What a kind does. Every method has a default for those whom it does not concern.
#[allow(unused_variables)]
pub trait Behaviour {
    /// The node joined, at the start of the run or later; its links are there.
    fn start(&mut self, cx: &mut Cx) {}
    /// Its parameters, at the start and after a change.
    fn configure(&mut self, cx: &mut Cx, params: &Values) {}
    /// Links at it joined, left or changed.
    fn links_changed(&mut self, cx: &mut Cx) {}
    /// A request arrived.
    fn on_call(&mut self, cx: &mut Cx, call: CallId) {}
    /// A call that it opened ended for it, and how; what the callee knows of it is in [`Net::calls`].
    fn on_answer(&mut self, cx: &mut Cx, id: CallId, outcome: Outcome) {}
    /// An alarm rang.
    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {}
    /// Writes arrived.
    fn on_ship(&mut self, cx: &mut Cx, ship: Ship) {}
    /// Its process died: everything that it held is gone, its alarms too.
    fn on_crash(&mut self, cx: &mut Cx) {}
    /// One of several processes of it died; the others go on. It has to start that one again.
    fn on_killed(&mut self, cx: &mut Cx, number: u32) {}
    /// It serves again.
    fn on_boot(&mut self, cx: &mut Cx) {}
    /// The speed of its cores is divided by this; 0 stands still.
    fn set_slow(&mut self, cx: &mut Cx, slow: f64) {}
    /// It stands still.
    fn on_freeze(&mut self, cx: &mut Cx) {
        self.set_slow(cx, 0.0);
    }
    /// It goes on after standing still.
    fn on_thaw(&mut self, cx: &mut Cx) {
        self.on_speed(cx);
    }
    /// Its speed is now divided by `NodeInfo::slow`.
    fn on_speed(&mut self, cx: &mut Cx) {
        let slow = cx.net.nodes[cx.node as usize].slow;
        self.set_slow(cx, slow);
    }
    /// A link at it carries packets again.
    fn on_mended(&mut self, cx: &mut Cx, link: LinkIx) {}
    /// Its load is multiplied.
    fn on_load(&mut self, cx: &mut Cx, factor: f64) {}
    /// This node shall become the primary. Returns whether that makes sense.
    fn on_promote(&mut self, cx: &mut Cx) -> bool {
        false
    }
    /// It forgets what it keeps for a while. Returns whether that makes sense.
    fn on_flush(&mut self, cx: &mut Cx) -> bool {
        false
    }
    /// Another node becomes a member of its group.
    fn join(&mut self, cx: &mut Cx, node: NodeIx) {}
    /// A member leaves its group.
    fn leave(&mut self, cx: &mut Cx, node: NodeIx) {}
    /// Who shall take a call over this link; none if nobody can.
    fn route(&mut self, now: Nanos, net: &Net, link: LinkIx, ask: &Ask) -> Option<NodeIx> {
        Some(net.links[link as usize].to)
    }
    /// A call over this link was refused by this member.
    fn on_refused(&mut self, now: Nanos, link: LinkIx, member: NodeIx) {}
    /// A user was told that this write is done.
    fn on_acked(&mut self, cx: &mut Cx, origin: Origin) {}
    /// How much memory it holds that grows with users, data or load, roughly; what its calls take is counted elsewhere.
    fn bytes(&self) -> usize {
        0
    }
    /// What people see of it.
    fn view(&self, now: Nanos, net: &Net, node: NodeIx) -> View {
        View::default()
    }
}
