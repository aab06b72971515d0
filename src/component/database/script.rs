//! A recovery script: it reads what only a lost primary had and writes it again, one write after the other, as any client
//! would: each needs a connection and a core of the present primary, and is answered when its replicas have it.

use super::log::Write;
use super::{Database, RESTORE, RETRY_COPY};
use crate::component::effects::{Cx, Effect, NewCall};
use crate::component::link::Meaning;
use crate::component::log::What;
use crate::component::net::{Ask, CallId, NONE, Op, Origin, Outcome};
use crate::time::{Nanos, SECOND};

/// How long the script waits for a connection, and for an answer: as servers do unless told otherwise.
const PATIENCE: (Nanos, Nanos) = (5 * SECOND, 60 * SECOND);

impl Database {
    /// A member that was the primary is back: its script runs after a while, if there is one and anything to restore.
    pub(super) fn begin_script(&mut self, cx: &mut Cx, i: usize) {
        if let Some(span) = self.failover.restore_after.filter(|_| !self.members[i].torn.is_empty()) {
            self.with(cx, i, |_, cx| cx.after(span, RESTORE, 0));
        }
    }

    /// The script's next write goes to the primary, if it does not wait for one already.
    pub(super) fn restore(&mut self, cx: &mut Cx, i: usize) {
        if self.members[i].restoring || self.members[i].torn.is_empty() {
            return;
        }
        let primary = self.lines[0].primary;
        let link = self.path(cx.net, i, primary).or_else(|| cx.links(Meaning::Replication).next());
        let Some(link) = link.filter(|_| !self.fenced && self.is_up(cx.net, primary)) else {
            cx.after(RETRY_COPY, RESTORE, 0);
            return;
        };
        self.members[i].restoring = true;
        let ask = Ask::nobody(Op::Write, cx.now);
        let callee = self.members[primary].node;
        cx.call(NewCall { link, callee, instance: NONE, ask, token: 0, handshakes: 0, patience: PATIENCE });
    }

    /// The script's write has ended. It counts what users had been told; what failed is written again.
    pub(super) fn restored(&mut self, cx: &mut Cx, i: usize, outcome: Outcome) {
        let m = &mut self.members[i];
        m.restoring = false;
        if outcome != Outcome::Ok {
            cx.after(RETRY_COPY, RESTORE, 0);
            return;
        }
        if m.torn.pop_front().is_some_and(|write| write.acked) {
            m.restored += 1;
            cx.fx.list.push(Effect::Restored(1));
        }
        if !m.torn.is_empty() {
            return self.restore(cx, i);
        }
        let restored = std::mem::take(&mut m.restored);
        cx.log(cx.node, What::Restored(restored), self.members[self.lines[0].primary].node);
    }

    /// What a query writes: its own record, or the one that the script which asks is at.
    pub(super) fn write_of(&self, cx: &Cx, call: CallId) -> Write {
        let call = &cx.net.calls[call];
        let ask = &call.ask;
        let key = if self.is_replicated() { cx.net.key(ask) } else { 0 };
        let (committed, acked, beaten) = (cx.now, false, false);
        let own = Write { committed, origin: ask.origin, key, client: ask.client, acked, beaten };
        if ask.origin != Origin::NOBODY {
            return own;
        }
        let script = self.at(call.caller).and_then(|i| self.members[i].torn.front());
        script.map_or(own, |write| Write { committed, origin: Origin::NOBODY, acked, ..*write })
    }
}
