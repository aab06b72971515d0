//! What the engine tells of a run: one plain record per happening.

use crate::component::effects::{Count, Doing};
use crate::component::log::What;
use crate::component::net::{CallId, LinkIx, Net, NodeIx, Op, Origin, Outcome};
use crate::time::Nanos;

/// Listens to a run.
pub trait Recorder {
    /// Something happened now. Which kind of thing is known where this is called: one that is always inlined, as those
    /// of a run on the page or the command line are, costs only what it does with that kind.
    fn record(&mut self, now: Nanos, net: &Net, record: &Record);

    /// A call came a step further: for those who follow single requests. Who does not, pays nothing for it.
    #[inline]
    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        let _ = (now, net, call, step);
    }
}

impl Recorder for () {
    fn record(&mut self, _: Nanos, _: &Net, _: &Record) {}
}

impl<A: Recorder, B: Recorder> Recorder for (A, B) {
    #[inline(always)]
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        self.0.record(now, net, record);
        self.1.record(now, net, record);
    }

    #[inline]
    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        self.0.step(now, net, call, step);
        self.1.step(now, net, call, step);
    }
}

impl<A: Recorder, B: Recorder, C: Recorder> Recorder for (A, B, C) {
    #[inline]
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        self.0.record(now, net, record);
        self.1.record(now, net, record);
        self.2.record(now, net, record);
    }

    #[inline]
    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        self.0.step(now, net, call, step);
        self.1.step(now, net, call, step);
        self.2.step(now, net, call, step);
    }
}

/// How a call gets on; its particulars are in [`Net::calls`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// It goes out, for the sake of a call that its caller holds, or of none
    /// ([`NONE`](crate::component::net::NONE)). Who takes it, and whether it has to connect first, is known.
    Opened(CallId),
    /// A handshake came back; so many more are to be made.
    Greeted(u8),
    /// The callee has it.
    Arrived,
    /// What the callee does with it from now on.
    Doing(Doing),
    /// The callee answers, or is done with it without an answer.
    Left,
    /// It ended for the caller: so, or because nobody waits any more.
    Ended(Option<Outcome>),
}

/// One happening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Record {
    /// A user wants something.
    Issued {
        /// The users node.
        node: NodeIx,
        /// What.
        op: Op,
        /// As which of its requests.
        ordinal: u64,
    },
    /// A user tries again.
    Retried {
        /// The users node.
        node: NodeIx,
        /// Which of its requests.
        ordinal: u64,
    },
    /// A user has an answer, or none for good.
    Finished {
        /// The users node.
        node: NodeIx,
        /// What was wanted.
        op: Op,
        /// As which of its requests.
        ordinal: u64,
        /// Since when.
        wanted: Nanos,
        /// Answered, or the cause of the last attempt's failure.
        outcome: Outcome,
    },
    /// A request arrived at a node.
    Entered {
        /// Where.
        node: NodeIx,
        /// Over which link.
        link: LinkIx,
        /// What is asked.
        op: Op,
        /// Its number among the node's arrivals.
        ordinal: u64,
    },
    /// A node let go of a request.
    Left {
        /// Where.
        node: NodeIx,
        /// Over which link it had come.
        link: LinkIx,
        /// What was asked.
        op: Op,
        /// Its number among the node's arrivals.
        ordinal: u64,
        /// When it had arrived.
        arrived: Nanos,
        /// Of its time here, waiting for a worker or a core.
        waited: Nanos,
        /// How it ended.
        outcome: Outcome,
    },
    /// A request, or a greeting, came to where nobody answers: the node or the link is down.
    Missed {
        /// Over which link.
        link: LinkIx,
    },
    /// So many more (or fewer) cores are busy.
    Busy {
        /// Where.
        node: NodeIx,
        /// How many more.
        delta: i32,
    },
    /// The node has so many cores from now on; told by kinds whose number of machines can change.
    Cores {
        /// Where.
        node: NodeIx,
        /// How many.
        cores: u32,
    },
    /// A user found that it is not logged in any more.
    LoggedOut {
        /// The server that does not know it.
        node: NodeIx,
    },
    /// A packet sets out.
    Packet(Packet),
    /// Something was looked up in a cache.
    Lookup {
        /// Who asked: the users at their resolver, or the cache itself.
        node: NodeIx,
        /// For which of the users' requests; 0 if a cache asks itself.
        ordinal: u64,
        /// Whose answers are kept: the DNS node, or the cache itself.
        of: NodeIx,
        /// Whether the cache knew.
        hit: bool,
    },
    /// Something happened that is only counted.
    Count {
        /// Where.
        node: NodeIx,
        /// What.
        count: Count,
    },
    /// A queue keeps one more message.
    Stored {
        /// The queue.
        node: NodeIx,
        /// What it is for.
        op: Op,
    },
    /// A queue is done with a message.
    Settled {
        /// The queue.
        node: NodeIx,
        /// When it was stored.
        stored: Nanos,
        /// From then to its last delivery.
        waited: Nanos,
        /// Done, given up or lost.
        outcome: Outcome,
    },
    /// A balancer picked a backend.
    Picked {
        /// The balancer.
        node: NodeIx,
        /// The backend.
        backend: NodeIx,
        /// Which of its instances.
        instance: u32,
        /// Its number among the balancer's backends: where to look for it first.
        place: u32,
    },
    /// A write became visible on a replica.
    Lag {
        /// The replica.
        node: NodeIx,
        /// Commit to visible.
        lag: Nanos,
    },
    /// An acknowledged write turned out to be lost.
    Lost {
        /// Whose.
        origin: Origin,
    },
    /// Lost writes were written again.
    Restored {
        /// How many.
        writes: u64,
    },
    /// A read was answered that did not show the last write that a user knew to be done.
    Stale {
        /// By which database.
        node: NodeIx,
    },
    /// A write lost against a newer one of the same record, made elsewhere without knowing of it.
    Conflict,
    /// Something for the log.
    Log(LogEntry),
}

/// A packet on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Packet {
    /// Over which link.
    pub link: LinkIx,
    /// Who asked and who answers; a replica of a group may answer over the link that was drawn to another member.
    pub ends: (NodeIx, NodeIx),
    /// From the one who answers to the one who asked.
    pub back: bool,
    /// What it is about; `None` for writes on their way to a replica.
    pub op: Option<Op>,
    /// Whether it only opens a connection.
    pub greeting: bool,
    /// It brings an error, or vanishes.
    pub failed: bool,
    /// When it arrives.
    pub arrives: Nanos,
    /// When its user wanted the answer; now, if no user did.
    pub wanted: Nanos,
    /// Whose request it belongs to.
    pub origin: Origin,
}

/// A line of the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogEntry {
    /// When.
    pub at: Nanos,
    /// The node it is about, or none.
    pub node: NodeIx,
    /// The link it is about, or none.
    pub link: LinkIx,
    /// What happened.
    pub what: What,
    /// Who saw or did it, or none.
    pub by: NodeIx,
}
