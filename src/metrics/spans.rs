//! Follows one request through a run and writes down what its time goes on.
//!
//! An ordinary run keeps nothing of single requests. A run is the same whenever it is simulated again, so whoever wants
//! to know about a request simulates again from before it was wanted, with this listening.

use super::trace::{CLOSED, Span, SpanKind, Trace, tree};
use crate::component::effects::Doing;
use crate::component::link::Meaning;
use crate::component::net::{CallId, INSTANT, NONE, Net, NodeIx, Op, Origin, Outcome};
use crate::component::view::instance_number;
use crate::engine::{Record, Recorder, Step};
use crate::time::Nanos;

/// More spans than this are not kept of a request.
const MOST: usize = 5_000;
/// What is still in a node when the user has its answer is followed for so long, to learn what it did there.
const AFTER: Nanos = 30_000_000_000;

/// Listens for the happenings of one request.
#[derive(Clone, Debug)]
pub struct Tracer {
    origin: Origin,
    trace: Trace,
    /// Since when, and until when at depth 0 all is accounted for.
    began: bool,
    cursor: Nanos,
    attempt: u32,
    /// A pause before the next attempt has begun.
    pausing: bool,
    /// This attempt has asked for an address, or for an answer.
    tried: bool,
    /// With the place of the span around each, or none.
    spans: Vec<(Option<usize>, Span)>,
    live: Vec<Live>,
}

/// A call of the request.
#[derive(Clone, Debug)]
struct Live {
    id: CallId,
    /// Its call inside which it lies, or none; the span around it.
    held: CallId,
    around: Option<usize>,
    depth: u8,
    /// The place of the handshake's span, or of the call's.
    span: usize,
    /// Handshakes are under way.
    connecting: bool,
    /// Its caller waits, until this moment.
    ended: Option<Nanos>,
    /// The callee has it.
    inside: bool,
    /// Up to here its time is accounted for, and so much of the waiting.
    mark: Nanos,
    waited: Nanos,
    doing: Doing,
    /// Calls that the callee waits for.
    open: u32,
}

impl Tracer {
    /// Follows this request.
    pub fn new(origin: Origin) -> Tracer {
        Tracer {
            origin,
            trace: Trace::default(),
            began: false,
            cursor: 0,
            attempt: 1,
            pausing: false,
            tried: false,
            spans: Vec::new(),
            live: Vec::new(),
        }
    }

    /// Whether all is known at this moment of the run.
    pub fn is_done(&self, now: Nanos) -> bool {
        let over = |at: Nanos| self.live.iter().all(|l| !l.inside) || now >= at.saturating_add(AFTER);
        self.trace.finished.is_some_and(over)
    }

    /// What was seen so far; none if the request has not been wanted since this listens.
    pub fn finish(mut self, now: Nanos, net: &Net) -> Option<Trace> {
        if !self.began {
            return None;
        }
        let end = self.trace.finished.unwrap_or(now);
        for i in 0..self.live.len() {
            self.account(i, end, net, false);
            let live = &self.live[i];
            if live.ended.is_none() {
                let at = live.span;
                self.end(at, end, None);
            }
        }
        if self.trace.finished.is_none() {
            self.close_gap(end, net);
        }
        self.trace.spans = tree(self.spans);
        Some(self.trace)
    }

    fn push(&mut self, around: Option<usize>, span: Span) -> usize {
        self.spans.push((around, span));
        self.spans.len() - 1
    }

    /// A span of what the users do.
    fn own(&mut self, net: &Net, kind: SpanKind, start: Nanos, end: Nanos) {
        let node = net.nodes[self.origin.users as usize].id.clone();
        let attempt = self.attempt;
        let span = Span { depth: 0, kind, node, instance: None, from: None, start, end, outcome: None, attempt };
        self.push(None, span);
        self.cursor = end;
    }

    /// Accounts for the users' time up to now, in which none of their calls was out: a pause, a wait for the answer to a
    /// question that the resolver asks for somebody else, or a failure at once.
    fn close_gap(&mut self, now: Nanos, net: &Net) {
        let (from, pausing) = (self.cursor, std::mem::take(&mut self.pausing));
        let ends = if self.tried || !pausing { now } else { now.saturating_sub(INSTANT).max(from) };
        if pausing && ends > from {
            self.own(net, SpanKind::Backoff, from, ends);
        }
        if self.cursor < now {
            let at_once = now - self.cursor == INSTANT;
            self.own(net, if at_once { SpanKind::Instant } else { SpanKind::SharedQuery }, self.cursor, now);
        }
    }

    /// An attempt begins by asking the resolver.
    fn looked_up(&mut self, now: Nanos, net: &Net, hit: bool) {
        self.tried = true;
        self.close_gap(now, net);
        if hit {
            self.own(net, SpanKind::ResolverCache, now, now);
        }
    }

    /// The attempt is over: nobody waits for what is still out.
    fn give_up(&mut self, now: Nanos) {
        for i in 0..self.live.len() {
            if self.live[i].held == NONE && self.live[i].ended.is_none() {
                self.live[i].ended = Some(now);
                self.end(self.live[i].span, now, Some(Outcome::Timeout.name()));
            }
        }
    }

    fn opened(&mut self, now: Nanos, net: &Net, id: CallId, held: CallId) {
        self.live.retain(|l| l.id != id);
        let call = &net.calls[id];
        let by_users = call.caller == self.origin.users;
        let parent = self.live.iter().position(|l| held != NONE && l.id == held && l.ended.is_none());
        if !by_users && parent.is_none() {
            return;
        }
        if self.spans.len() >= MOST {
            self.trace.cut = true;
            return;
        }
        if by_users {
            self.tried = true;
            self.close_gap(now, net);
            self.name(now, net, call.ask.op, call.handshakes);
        }
        let (around, depth) = match parent {
            Some(p) => {
                if self.live[p].open == 0 {
                    self.account(p, now, net, true);
                }
                self.live[p].open += 1;
                (Some(self.live[p].span), self.live[p].depth + 1)
            }
            None => (None, 0),
        };
        let kind = match call.ask.op {
            Op::Name => SpanKind::Query,
            _ if call.handshakes > 0 => SpanKind::Connect,
            _ => SpanKind::Call,
        };
        let mut live = Live {
            id,
            held: if parent.is_some() { held } else { NONE },
            around,
            depth,
            span: 0,
            connecting: kind == SpanKind::Connect,
            ended: None,
            inside: false,
            mark: now,
            waited: 0,
            doing: Doing::Work,
            open: 0,
        };
        live.span = self.begin(now, net, &live, kind);
        self.live.push(live);
    }

    /// Says so if the client itself knew the address that it connects to now.
    fn name(&mut self, now: Nanos, net: &Net, op: Op, handshakes: u8) {
        use SpanKind::{Query, ResolverCache, SharedQuery};
        let mut own = self.spans.iter().filter(|(_, s)| s.attempt == self.attempt && s.depth == 0);
        let asked = own.any(|(_, s)| matches!(s.kind, Query | ResolverCache | SharedQuery));
        if op == Op::Name || handshakes == 0 || asked {
            return;
        }
        let by_name = |&l: &u32| net.links[l as usize].meaning == Meaning::Names && !net.links[l as usize].removed;
        if net.nodes[self.origin.users as usize].out.iter().any(by_name) {
            self.own(net, SpanKind::ClientCache, now, now);
        }
    }

    /// A step of a call begins.
    fn begin(&mut self, now: Nanos, net: &Net, live: &Live, kind: SpanKind) -> usize {
        let call = &net.calls[live.id];
        let to = &net.nodes[call.callee as usize];
        let span = Span {
            depth: live.depth,
            kind,
            node: to.id.clone(),
            instance: instance_number(to.instances, call.instance),
            from: Some(net.nodes[call.caller as usize].id.clone()),
            start: now,
            end: now,
            outcome: None,
            attempt: self.attempt,
        };
        self.push(live.around, span)
    }

    /// The present step of a call is over.
    fn end(&mut self, at: usize, now: Nanos, outcome: Option<&str>) {
        let span = &mut self.spans[at].1;
        (span.end, span.outcome) = (now, outcome.map(str::to_owned));
        if span.depth == 0 {
            self.cursor = now;
        }
    }

    /// A handshake came back: the next, or the request.
    fn greeted(&mut self, now: Nanos, net: &Net, i: usize, left: u8) {
        self.end(self.live[i].span, now, Some(Outcome::Ok.name()));
        let kind = if left > 0 { SpanKind::Tls } else { SpanKind::Call };
        let live = self.live[i].clone();
        let span = self.begin(now, net, &live, kind);
        let live = &mut self.live[i];
        (live.span, live.connecting, live.mark) = (span, left > 0, now);
    }

    /// A part of a call's time.
    fn part(&mut self, i: usize, net: &Net, kind: SpanKind, start: Nanos, end: Nanos) {
        let live = &self.live[i];
        let end = live.ended.map_or(end, |ended| end.min(ended));
        if start >= end {
            return;
        }
        let (around, depth) = (live.span, live.depth + 1);
        let instance = self.instance(net, i);
        let of = &self.spans[around].1;
        let (node, attempt) = (of.node.clone(), of.attempt);
        self.push(Some(around), Span { depth, kind, node, instance, from: None, start, end, outcome: None, attempt });
    }

    /// Which instance has a call: its server may have chosen it only when it came.
    fn instance(&mut self, net: &Net, i: usize) -> Option<u32> {
        let call = &net.calls[self.live[i].id];
        let instance = instance_number(net.nodes[call.callee as usize].instances, call.instance);
        let of = &mut self.spans[self.live[i].span].1;
        of.instance = of.instance.or(instance);
        of.instance
    }

    /// Accounts for a call's time at its callee up to now: first it waited, then it did what it did. While it is there
    /// (`known` is false) a node does not say whether it waits.
    fn account(&mut self, i: usize, now: Nanos, net: &Net, known: bool) {
        let live = &self.live[i];
        if live.open > 0 {
            return;
        }
        let (mark, doing) = (live.mark, live.doing);
        if !live.inside {
            if !live.connecting {
                self.part(i, net, SpanKind::Network, mark, now);
            }
        } else {
            let all = net.calls[live.id].waited;
            let waits = (all - live.waited).min(now.saturating_sub(mark));
            self.live[i].waited = all;
            self.part(i, net, SpanKind::Wait, mark, mark + waits);
            let kind = match doing {
                Doing::Work if !known => SpanKind::Inside,
                Doing::Work => SpanKind::Compute,
                Doing::Disk => SpanKind::Disk,
                Doing::Replicas => SpanKind::Replicas,
                Doing::Share => SpanKind::Share,
            };
            self.part(i, net, kind, mark + waits, now);
        }
        self.live[i].mark = now;
    }

    /// A call ended for its caller.
    fn ended(&mut self, now: Nanos, net: &Net, i: usize, outcome: Option<Outcome>) {
        let live = &self.live[i];
        let (span, held, given_up) = (live.span, live.held, live.ended.is_some());
        // Even if the user gave up before: now the call can still be looked at.
        if !live.inside {
            self.account(i, now, net, true);
        }
        if given_up {
            return;
        }
        self.live[i].ended = Some(now);
        // Users close a call when their patience ends; nobody told the span why.
        let given_up = if net.calls[self.live[i].id].caller == self.origin.users { "timeout" } else { CLOSED };
        self.end(span, now, Some(outcome.map_or(given_up, Outcome::name)));
        if let Some(parent) = self.live.iter_mut().find(|l| held != NONE && l.id == held) {
            parent.open = parent.open.saturating_sub(1);
            if parent.open == 0 {
                parent.mark = now;
            }
        }
    }

    fn is_mine(&self, users: NodeIx, ordinal: u64) -> bool {
        self.origin == Origin { users, ordinal }
    }

    fn issued(&mut self, now: Nanos, net: &Net, op: Op) {
        let users = net.nodes[self.origin.users as usize].id.clone();
        let (ordinal, asked) = (self.origin.ordinal, op.into());
        self.trace = Trace { users, ordinal, asked, wanted: now, ..Trace::default() };
        (self.began, self.cursor) = (true, now);
    }

    fn finished(&mut self, now: Nanos, net: &Net, outcome: Outcome) {
        self.give_up(now);
        self.close_gap(now, net);
        self.trace.finished = Some(now);
        self.trace.outcome = outcome.name().to_owned();
    }
}

impl Recorder for Tracer {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        match *record {
            Record::Issued { node, op, ordinal } if self.is_mine(node, ordinal) => self.issued(now, net, op),
            Record::Retried { node, ordinal } if self.is_mine(node, ordinal) => {
                self.give_up(now);
                self.close_gap(now, net);
                self.attempt += 1;
                (self.pausing, self.tried) = (true, false);
            }
            Record::Finished { node, ordinal, outcome, .. } if self.is_mine(node, ordinal) => {
                self.finished(now, net, outcome);
            }
            Record::Lookup { node, ordinal, hit, .. } if self.is_mine(node, ordinal) => self.looked_up(now, net, hit),
            _ => {}
        }
    }

    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        if net.calls[call].ask.origin != self.origin || !self.began {
            return;
        }
        if let Step::Opened(held) = step {
            return self.opened(now, net, call, held);
        }
        let Some(i) = self.live.iter().position(|l| l.id == call) else { return };
        match step {
            Step::Opened(_) => {}
            Step::Greeted(left) => self.greeted(now, net, i, left),
            Step::Arrived => {
                self.account(i, now, net, true);
                self.live[i].inside = true;
            }
            Step::Doing(doing) => {
                self.account(i, now, net, true);
                self.live[i].doing = doing;
            }
            Step::Left => {
                let whole = net.calls[call].outcome != Outcome::Reset;
                self.account(i, now, net, whole);
                self.live[i].inside = false;
            }
            Step::Ended(outcome) => self.ended(now, net, i, outcome),
        }
    }
}
