//! One request's way through the system, as plain data: what it spent its time on, and who answered.

use crate::component::net::{Op, Outcome};
use crate::order;
use crate::time::Nanos;
use serde::{Deserialize, Serialize};

/// A request, and the spans of its time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Whose: the users node's identifier.
    pub users: String,
    /// Which of its requests, counted from 1.
    pub ordinal: u64,
    /// What was wanted.
    pub asked: Asked,
    /// When.
    pub wanted: Nanos,
    /// When it was answered or given up; none if that comes after the end of the run.
    pub finished: Option<Nanos>,
    /// How it ended, by its name in reports; empty if it has not.
    pub outcome: String,
    /// What the time went on, in the order of a tree: each before those inside it, and these by their start. Those of
    /// depth 0 follow one another without a gap from `wanted` to `finished`.
    pub spans: Vec<Span>,
    /// More happened than is kept here.
    pub cut: bool,
}

/// What a user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// Data is read.
    #[default]
    Read,
    /// Data is changed.
    Write,
    /// A file that never changes is fetched.
    Static,
}

impl From<Op> for Asked {
    fn from(op: Op) -> Asked {
        match op {
            Op::Write => Asked::Write,
            Op::Static => Asked::Static,
            _ => Asked::Read,
        }
    }
}

/// A stretch of a request's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// How many calls it lies inside.
    pub depth: u8,
    /// What it is.
    pub kind: SpanKind,
    /// The identifier of the node that it is about: whom a call goes to, who works. The users for what they do.
    pub node: String,
    /// Which of that node's instances, counted from 1; none if there is one only.
    pub instance: Option<u32>,
    /// Who asks, of what goes from one node to another.
    pub from: Option<String>,
    /// From here,
    pub start: Nanos,
    /// until here.
    pub end: Nanos,
    /// How it ended, of what can end in several ways; by its name in reports.
    pub outcome: Option<String>,
    /// The user's attempt that it belongs to, counted from 1.
    pub attempt: u32,
}

impl Span {
    /// How long it takes.
    pub fn len(&self) -> Nanos {
        self.end - self.start
    }

    /// Whether it takes no time.
    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }

    /// Whether it ended in another way than well.
    pub fn failed(&self) -> bool {
        self.outcome.as_ref().is_some_and(|o| o != Outcome::Ok.name() && o != CLOSED)
    }
}

/// Spans, each with the place of the one around it, in the order of a tree. What went on after those who waited for it
/// had gone is not theirs, and is cut off.
pub(super) fn tree(mut spans: Vec<(Option<usize>, Span)>) -> Vec<Span> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order::sort_by_key(&mut order, |&i| (spans[i].1.start, spans[i].1.end, i));
    let mut inside: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut stack = Vec::new();
    for &i in order.iter().rev() {
        match spans[i].0 {
            Some(around) => inside[around].push(i),
            None => stack.push(i),
        }
    }
    let mut out = Vec::with_capacity(order.len());
    while let Some(i) = stack.pop() {
        let (start, end) = spans[i].0.map_or((0, Nanos::MAX), |around| (spans[around].1.start, spans[around].1.end));
        let span = &mut spans[i].1;
        if span.start > end {
            continue;
        }
        (span.start, span.end) = (span.start.max(start), span.end.min(end));
        out.push(span.clone());
        stack.append(&mut inside[i]);
    }
    out
}

/// The outcome of what nobody waits for any more.
pub const CLOSED: &str = "closed";

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpanKind {
    /// A query to the name service.
    Query,
    /// Waiting for the answer to a question that the resolver asks already, for somebody else.
    SharedQuery,
    /// The client had the address in its own cache.
    ClientCache,
    /// The resolver had the address in its cache.
    ResolverCache,
    /// The TCP handshake.
    Connect,
    /// The TLS handshake.
    Tls,
    /// A call, from sending the request to having the answer.
    Call,
    /// The request on its way, or the answer; where no answer came, the time until the caller gave up.
    Network,
    /// Waiting for a worker, a connection or a core.
    Wait,
    /// Computing.
    Compute,
    /// In a node that has not said yet whether it waits or computes.
    Inside,
    /// Reading from the disk.
    Disk,
    /// Waiting until replicas have a write.
    Replicas,
    /// Waiting for what is fetched for another request already.
    Share,
    /// A pause before the next attempt.
    Backoff,
    /// A failure that is noticed without a packet: no such name, or no way to the address.
    Instant,
}

impl SpanKind {
    /// Whether it is a part of the call that it lies in, drawn in that call's bar, and not a step of its own.
    pub fn is_part(self) -> bool {
        use SpanKind::{Compute, Disk, Inside, Network, Replicas, Share, Wait};
        matches!(self, Network | Wait | Compute | Inside | Disk | Replicas | Share)
    }
}
