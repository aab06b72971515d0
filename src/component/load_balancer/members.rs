//! Who belongs to a balancer: backends that join, are found up or down, leave and drain.

use super::algorithm::Algorithm;
use super::backend::Backend;
use super::{DRAINED, LoadBalancer, ring};
use crate::component::effects::Cx;
use crate::component::link::Meaning;
use crate::component::net::{Net, Outcome, Status};

impl LoadBalancer {
    /// Takes over which backends the design has now: each instance of whoever a link leads to.
    pub(super) fn gather(&mut self, cx: &mut Cx) {
        for i in 0..self.backends.len() {
            let b = &mut self.backends[i];
            let link = &cx.net.links[b.watched.link as usize];
            let here = !link.removed && b.watched.instance < cx.net.nodes[link.to as usize].instances;
            if here {
                b.weigh(link.weight);
            }
            match (here, b.present) {
                (true, false) => self.rejoin(cx, i),
                (false, true) => self.leave(cx, i),
                _ => {}
            }
        }
        for place in 0..cx.net.nodes[cx.node as usize].out.len() {
            let link = cx.net.nodes[cx.node as usize].out[place];
            let info = &cx.net.links[link as usize];
            if info.meaning != Meaning::Backend || info.removed {
                continue;
            }
            // Instances are numbered from 0 without gaps, here too.
            let known = self.backends.iter().filter(|b| b.watched.link == link).count() as u32;
            for instance in known..cx.net.nodes[info.to as usize].instances {
                let mut b = Backend::new(link, info.to, instance, info.weight, self.joins_up());
                if self.started {
                    b.grow(cx.now);
                }
                self.picker.came(&mut b);
                self.backends.push(b);
            }
        }
        self.lay_ring(cx.net);
        self.start_checks(cx);
    }

    /// Takes note of a check.
    pub(super) fn checked(&mut self, cx: &mut Cx, i: usize, passed: bool) {
        let Some(health) = self.health else { return };
        let b = &mut self.backends[i];
        if b.present && b.watched.note(cx, &health, passed) {
            (b.effective, b.current) = (b.weight, 0.0);
            if b.watched.up {
                b.grow(cx.now);
                self.picker.came(b);
            }
        }
    }

    /// Starts the checks of every backend that has none.
    pub(super) fn start_checks(&mut self, cx: &mut Cx) {
        let runs = matches!(cx.net.nodes[cx.node as usize].status, Status::Up | Status::Frozen);
        let Some(health) = self.health.filter(|_| self.started && runs) else { return };
        for (i, b) in self.backends.iter_mut().enumerate().filter(|(_, b)| b.present) {
            b.watched.begin(cx, &health, &mut self.phases, i);
        }
    }

    /// Whether one that joins now has to pass checks first: those that are there from the start count as up.
    fn joins_up(&self) -> bool {
        !self.started || self.health.is_none()
    }

    /// A backend is no longer part of the design: it finishes what it has, for a while.
    fn leave(&mut self, cx: &mut Cx, i: usize) {
        let b = &mut self.backends[i];
        b.present = false;
        b.watched.stop(cx);
        if b.open > 0 {
            b.drain = Some(cx.after(self.drain, DRAINED, i as u32));
        }
    }

    /// A backend is part of the design again, as a new machine.
    fn rejoin(&mut self, cx: &mut Cx, i: usize) {
        let up = self.joins_up();
        let b = &mut self.backends[i];
        if let Some(timer) = b.drain.take() {
            cx.cancel(timer);
        }
        let open = b.open;
        b.restart();
        (b.present, b.open, b.watched.up) = (true, open, up);
        b.grow(cx.now);
        self.picker.came(b);
    }

    /// The time of a backend that left is over.
    pub(super) fn drained(&mut self, cx: &mut Cx, i: usize) {
        self.backends[i].drain = None;
        for id in 0..self.jobs.bound() {
            let Some(job) = self.jobs.get(id).filter(|job| job.backend == Some(i)) else { continue };
            cx.close(job.out);
            cx.answer(job.call, Outcome::ResetBehind);
            self.jobs.remove(id);
            self.picker.ended(&mut self.backends[i]);
        }
    }

    /// Lays the ring of consistent hashing, if anybody looks at it.
    pub(super) fn lay_ring(&mut self, net: &Net) {
        if self.picker.algorithm == Algorithm::ConsistentHash {
            let present = self.backends.iter().enumerate().filter(|(_, b)| b.present);
            self.picker.ring.lay(present.map(|(i, b)| {
                let name = ring::name_hash(&net.nodes[b.watched.node as usize].id, b.watched.instance);
                (i, name, b.weight)
            }));
        }
    }
}
