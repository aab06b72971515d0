//! The instances of a server: each has its own workers, cores, memory and sessions. They start, serve, leave and die.

use super::guards::Guards;
use super::{BOOTED, CPU, Server};
use crate::component::effects::{Cx, Effect, TimerId};
use crate::component::log::What;
use crate::component::logins::Seat;
use crate::component::net::{CallId, NONE, Outcome, Status};
use crate::component::station::{Pool, Station};
use crate::order;
use crate::time::Nanos;

/// Whether an instance takes requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Serving,
    /// It boots, and serves when the alarm rings.
    Starting(TimerId),
    /// It finishes what it has and then is gone.
    Leaving,
}

/// One instance.
#[derive(Clone)]
pub(super) struct Instance {
    pub pool: Pool,
    pub station: Station,
    pub guards: Guards,
    pub state: State,
    /// Which of the server's processes it is: another one after each start.
    pub birth: u32,
    /// When its cores were last looked at, and the time that they had worked by then.
    pub looked: Nanos,
    pub used: Nanos,
}

impl Server {
    /// Sees to it that so many instances serve or start. New ones boot first while the run goes on; of those to go the
    /// ones that start go first, then the highest numbers.
    pub(super) fn adjust(&mut self, cx: &mut Cx, wanted: u32) {
        let wanted = wanted as usize;
        while self.numbered.len() + self.starting.len() > wanted {
            if let Some(slot) = self.starting.pop().or_else(|| self.numbered.pop()) {
                self.dismiss(cx, slot);
            }
        }
        let running = self.started && cx.net.nodes[cx.node as usize].status != Status::Crashed;
        while self.numbered.len() + self.starting.len() < wanted {
            let slot = self.add(cx);
            if running {
                self.start(cx, slot);
                self.starting.push(slot);
            } else {
                self.numbered.push(slot);
            }
        }
        self.announce(cx);
    }

    fn add(&mut self, cx: &mut Cx) -> u32 {
        let slot = self.instances.next_number();
        self.births += 1;
        self.instances.insert(Instance {
            pool: Pool::default(),
            station: Station::numbered(CPU, slot),
            guards: Guards::default(),
            state: State::Serving,
            birth: self.births,
            looked: cx.now,
            used: 0,
        });
        self.fit(cx, slot);
        let slow = cx.net.nodes[cx.node as usize].slow;
        self.instances[slot].station.set_slow(cx, slow);
        slot
    }

    /// Gives an instance the size that the parameters say.
    pub(super) fn fit(&mut self, cx: &mut Cx, slot: u32) {
        let (size, instance) = (&self.size, &mut self.instances[slot]);
        instance.pool.resize(size.workers, size.backlog);
        instance.guards.fit(cx.now, self.limit, self.breaker);
        instance.station.set_sharing(cx, size.sharing);
        instance.station.resize(cx, size.cores);
        instance.station.set_memory(cx, size.memory);
    }

    /// An instance boots.
    fn start(&mut self, cx: &mut Cx, slot: u32) {
        let timer = cx.after(self.boot, BOOTED, slot);
        self.instances[slot].state = State::Starting(timer);
    }

    /// An instance has booted.
    pub(super) fn booted(&mut self, cx: &mut Cx, slot: u32) {
        self.arise(cx, slot);
        if let Some(i) = self.starting.iter().position(|&s| s == slot) {
            self.starting.remove(i);
            self.numbered.push(slot);
            self.announce(cx);
        }
    }

    /// An instance serves, with an empty memory.
    pub(super) fn arise(&mut self, cx: &mut Cx, slot: u32) {
        let Some(instance) = self.instances.get_mut(slot) else { return };
        self.births += 1;
        (instance.state, instance.birth, instance.guards) = (State::Serving, self.births, Guards::default());
        instance.guards.fit(cx.now, self.limit, self.breaker);
        (instance.looked, instance.used) = (cx.now, instance.station.used(cx.now, cx.net));
        let slow = cx.net.nodes[cx.node as usize].slow;
        instance.station.set_slow(cx, slow);
    }

    /// An instance that is no longer wanted finishes what it has.
    fn dismiss(&mut self, cx: &mut Cx, slot: u32) {
        let instance = &mut self.instances[slot];
        if let State::Starting(timer) = instance.state {
            cx.cancel(timer);
        }
        instance.state = State::Leaving;
        self.lose_sessions(cx, slot);
        self.retire(cx, slot);
    }

    /// An instance that leaves is gone when it holds nobody.
    pub(super) fn retire(&mut self, cx: &mut Cx, slot: u32) {
        let over = |i: &Instance| i.state == State::Leaving && i.pool.is_empty();
        if self.instances.get(slot).is_some_and(over) {
            self.instances.remove(slot).station.leave(cx);
        }
    }

    /// The process of one instance dies and starts again; the others go on. Callers get a reset, in the order in which
    /// their requests came.
    pub(super) fn kill(&mut self, cx: &mut Cx, slot: u32) {
        if !self.instances.contains(slot) {
            return;
        }
        let mut held: Vec<(u64, Nanos, CallId, u32)> = Vec::new();
        for (id, job) in self.jobs.iter().filter(|(_, job)| job.slot == slot) {
            let call = &cx.net.calls[job.call];
            held.push((call.ordinal, call.arrived, job.call, id));
        }
        order::sort_by_key(&mut held, |h| *h);
        for (.., call, id) in held {
            let job = self.jobs.remove(id);
            job.close(cx);
            cx.answer(call, Outcome::Reset);
        }
        self.trials.retain(|trial| trial.slot != slot);
        self.lose_sessions(cx, slot);
        let instance = &mut self.instances[slot];
        instance.pool.clear();
        instance.station.clear(cx);
        match instance.state {
            State::Leaving => self.retire(cx, slot),
            State::Starting(_) => {}
            State::Serving => self.start(cx, slot),
        }
    }

    /// Callers get to know how many instances there are, and reports how many cores.
    pub(super) fn announce(&mut self, cx: &mut Cx) {
        let count = self.numbered.len() as u32;
        let info = &mut cx.net.nodes[cx.node as usize];
        if std::mem::replace(&mut info.instances, count) != count && self.started {
            cx.fx.list.push(Effect::Regrouped(cx.node));
        }
        let cores = self.cores(cx.net, cx.node) as u32;
        cx.fx.list.push(Effect::Cores(cx.node, cores));
    }

    /// Who takes a request: the instance that the caller picked, or each in turn.
    #[inline]
    pub(super) fn choose(&mut self, picked: u32) -> Option<u32> {
        let serves = |server: &Self, slot: u32| server.instances[slot].state == State::Serving;
        if let Some(&slot) = self.numbered.get(picked as usize) {
            return serves(self, slot).then_some(slot);
        }
        // Nobody picked, or one that has left meanwhile.
        let n = self.numbered.len();
        let first = match self.turn {
            turn if turn < n => turn,
            turn if turn == n => 0,
            turn => turn.checked_rem(n).unwrap_or(0),
        };
        let mut i = first;
        for _ in 0..n {
            let slot = self.numbered[i];
            i += 1;
            if serves(self, slot) {
                self.turn = i;
                return Some(slot);
            }
            i = if i == n { 0 } else { i };
        }
        None
    }

    /// Where an instance's sessions are kept.
    pub(super) fn seat(&self, cx: &Cx, slot: u32) -> Seat {
        Seat { node: cx.node, birth: self.instances[slot].birth }
    }

    /// The sessions in an instance's memory are gone.
    pub(super) fn lose_sessions(&mut self, cx: &mut Cx, slot: u32) {
        let users = if self.sessions { cx.net.logins.held(self.seat(cx, slot)) } else { 0 };
        if users > 0 {
            cx.log(cx.node, What::SessionsLost(users), NONE);
        }
    }

    /// Every 15 s: as many instances as the autoscaler wants.
    pub(super) fn look(&mut self, cx: &mut Cx) {
        let mut busy = Vec::new();
        for &slot in &self.numbered {
            let instance = &mut self.instances[slot];
            if instance.state != State::Serving {
                continue;
            }
            let used = instance.station.used(cx.now, cx.net);
            let span = (cx.now - instance.looked).max(1) * instance.station.cores(cx.net) as Nanos;
            busy.push((used - instance.used) as f64 / span as f64);
            (instance.looked, instance.used) = (cx.now, used);
        }
        let current = (self.numbered.len() + self.starting.len()) as u32;
        let Some(scaler) = &mut self.scaler else { return };
        let wanted = scaler.look(cx.now, current, &busy);
        if wanted != current {
            cx.log(cx.node, What::Scaled(wanted), NONE);
            self.adjust(cx, wanted);
        }
    }
}
