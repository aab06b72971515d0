//! Active health checks, as balancers and name services make them: when they start, and what follows from them.

use super::effects::{Cx, NewCall, TimerId};
use super::log::What;
use super::net::{Ask, LinkIx, NodeIx, Op};
use super::param::{Param, Values, num, whole};
use crate::rng::Rng;
use crate::time::Nanos;

/// The parameters of checks.
pub const HEALTH: &[Param] = &[
    num("interval_ms", "Interval", 1.0, 1e8, 2000.0, "From the start of one check to the start of the next.").main(),
    num(
        "timeout_ms",
        "Time-out",
        1.0,
        1e8,
        2000.0,
        "A check without an answer by then has failed; at most the interval.",
    ),
    whole("rise", "Rise", 1, 1000, 2, "Passed checks in a row until a server counts as up."),
    whole("fall", "Fall", 1, 1000, 3, "Failed checks in a row until a server counts as down.").main(),
];

/// The alarm at which a check starts; no behaviour that makes checks uses this number for another.
pub const CHECK: u8 = u8::MAX;
/// The token of a check is the watched one's position plus this; tokens of requests are smaller.
pub const CHECK_TOKEN: u32 = 1 << 31;

/// The rules of checks.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    interval: Nanos,
    timeout: Nanos,
    /// Passed checks in a row until up.
    pub rise: u64,
    /// Failed checks in a row until down.
    pub fall: u64,
}

impl Health {
    /// Reads them; a check ends before the next begins.
    pub fn new(p: &Values) -> Health {
        let interval = p.span("interval_ms").max(1);
        Health {
            interval,
            timeout: p.span("timeout_ms").clamp(1, interval),
            rise: p.whole("rise"),
            fall: p.whole("fall"),
        }
    }
}

/// One that is checked, and what the checks have led to.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The link that checks go over.
    pub link: LinkIx,
    /// Who is checked.
    pub node: NodeIx,
    /// Which of its instances.
    pub instance: u32,
    /// Whether it counts as up.
    pub up: bool,
    /// Failed checks in a row while up, passed ones while down.
    pub streak: u64,
    next: Option<(TimerId, Nanos)>,
}

impl Watched {
    /// One that is not checked yet.
    pub fn new(link: LinkIx, node: NodeIx, instance: u32, up: bool) -> Watched {
        Watched { link, node, instance, up, streak: 0, next: None }
    }

    /// Its checks begin at a random moment of the interval, unless they are under way.
    pub fn begin(&mut self, cx: &mut Cx, rules: &Health, rng: &mut Rng, index: usize) {
        if self.next.is_none() {
            let phase = rng.below(rules.interval);
            self.next = Some((cx.after(phase, CHECK, index as u32), cx.now + phase));
        }
    }

    /// A check starts, if it can reach anything, and the alarm of the next is set.
    pub fn check(&mut self, cx: &mut Cx, rules: &Health, index: usize, reaches: bool) {
        self.next = None;
        if cx.net.links[self.link as usize].removed {
            return;
        }
        let timer = cx.after(rules.interval, CHECK, index as u32);
        self.next = Some((timer, cx.now + rules.interval));
        if !reaches {
            return;
        }
        cx.call(NewCall {
            link: self.link,
            callee: self.node,
            instance: self.instance,
            ask: Ask::nobody(Op::Probe, cx.now),
            token: CHECK_TOKEN + index as u32,
            handshakes: 0,
            patience: (rules.timeout, rules.timeout),
        });
    }

    /// Takes note of a check and returns whether that changed the mind, which goes into the log.
    pub fn note(&mut self, cx: &mut Cx, rules: &Health, passed: bool) -> bool {
        if passed == self.up {
            self.streak = 0;
            return false;
        }
        self.streak += 1;
        if self.streak < self.needed(rules) {
            return false;
        }
        (self.up, self.streak) = (!self.up, 0);
        cx.log(self.node, if self.up { What::DetectedUp } else { What::DetectedDown }, cx.node);
        true
    }

    /// So many checks in a row change the mind.
    pub fn needed(&self, rules: &Health) -> u64 {
        if self.up { rules.fall } else { rules.rise }
    }

    /// No more checks.
    pub fn stop(&mut self, cx: &mut Cx) {
        if let Some((timer, _)) = self.next.take() {
            cx.cancel(timer);
        }
    }

    /// The process that checks died, and its alarms with it.
    pub fn forget(&mut self) {
        (self.next, self.streak) = (None, 0);
    }

    /// When the next check starts.
    pub fn next_check(&self) -> Option<Nanos> {
        self.next.map(|(_, at)| at)
    }
}
