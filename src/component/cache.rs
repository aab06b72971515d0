//! Cache: keeps records in memory so that the database need not be asked for them. The servers drive it (cache-aside):
//! they ask it first, put in what they had to read, and throw out what they changed.
//!
//! One thread does everything, as in Redis: a look, a fill and a purge each take the same service time, and what comes
//! meanwhile waits. A record that is past its time to live goes when it is next asked for.

use super::effects::{Behaviour, Cx, Effect, Wake};
use super::net::{Ask, CallId, Net, NodeIx, Op, Outcome};
use super::param::{Param, choice, dist, num, whole};
use super::station::{Admitted, Pool, Station};
use super::store::{Found, POLICIES, Policy, Store};
use super::view::{StockView, View};
use super::{ADDRESS, HOST, KindSpec, Lit, Preset, REGION, Values};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::{NEVER, Nanos, from_ms};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "cache",
    label: "Cache",
    group: "Data",
    help: "Keeps records in memory, like Redis or Memcached. A server that is linked to it asks it before its databases.",
    icon: "M13 3 5 13.5h6L10 21l9-11.5h-6.500z",
    params: PARAMS,
    addressed: true,
    grouped: false,
    presets: &[Preset { label: "Cache", stem: "cache", params: &[] }],
};

const PARAMS: &[Param] = &[
    whole("capacity_items", "Capacity", 1, 10_000_000, 1000, "How many records it holds.").main(),
    choice(
        "policy",
        "Policy",
        POLICIES,
        "Which record goes when it is full: the one used longest ago, the one used least often, the first that came, or any.",
    )
    .main(),
    num("ttl_s", "Time to live", 0.0, 1e7, 0.0, "How long a record is good after it was put in; none means until it has to go.")
        .none()
        .main(),
    dist("get_ms", "Service time", 0.0, 1e8, Lit::Number(0.5), "What a look, a fill or a purge takes on its core."),
    num(
        "hit_share",
        "Forced hit share",
        0.0,
        1.0,
        0.0,
        "Share of looks that find something whatever it holds; none lets hits follow from the users' keys and the capacity.",
    )
    .none(),
    whole("cores", "Cores", 1, 1024, 1, "Commands that run at the same time; Redis runs one after the other."),
    whole("backlog", "Backlog", 0, 10_000_000, 10_000, "Commands that may wait; more are refused."),
    num("boot_s", "Boot time", 0.0, 1e6, 0.0, "From recovery after a crash until it serves again, empty."),
    HOST,
    REGION,
    ADDRESS,
];

/// A core's alarm.
const CPU: u8 = 0;

/// The behaviour. Its jobs are the calls themselves.
#[derive(Clone)]
pub struct Cache {
    pool: Pool,
    station: Station,
    store: Store,
    ttl: Option<Nanos>,
    service: Dist,
    forced: Option<f64>,
    /// Draws service times, and forced hits.
    rng: (Rng, Rng),
}

impl Cache {
    /// A cache that has no parameters yet.
    pub fn new(seed: u64, net: &Net, nodes: &[NodeIx]) -> Self {
        let id = &net.nodes[nodes[0] as usize].id;
        Cache {
            pool: Pool::default(),
            station: Station::new(CPU),
            store: Store::new(Rng::named(seed, id, "evict")),
            ttl: None,
            service: Dist::Constant(0.0),
            forced: None,
            rng: (Rng::named(seed, id, "service"), Rng::named(seed, id, "hits")),
        }
    }

    /// The call has a place and wants the core.
    fn begin(&mut self, cx: &mut Cx, call: CallId) {
        let work = from_ms(self.service.sample(&mut self.rng.0));
        self.station.submit(cx, call, work);
    }

    /// Does what was asked.
    fn serve(&mut self, cx: &mut Cx, call: CallId) {
        let ask = cx.net.calls[call].ask;
        let key = cx.net.key(&ask);
        match ask.op {
            Op::Fill => {
                self.store.put(key, self.ttl.map_or(NEVER, |ttl| cx.now.saturating_add(ttl)));
                self.occupy(cx, &ask);
            }
            Op::Purge | Op::Write => {
                self.store.remove(key);
            }
            _ => {
                let hit = self.look(key, cx.now);
                cx.net.calls[call].hit = hit;
                cx.fx.list.push(Effect::Lookup(cx.node, 0, cx.node, hit));
            }
        }
        cx.answer(call, Outcome::Ok);
    }

    /// On another node's machine it takes memory from those who run there too: its records are as large as answers.
    fn occupy(&self, cx: &mut Cx, ask: &Ask) {
        if cx.net.home(cx.node) != cx.node {
            let size = cx.net.traffic(ask).map_or(0, |traffic| traffic.bytes.1);
            cx.occupy(self.store.len() as u64 * size);
        }
    }

    fn look(&mut self, key: u64, now: Nanos) -> bool {
        if let Some(share) = self.forced {
            return self.rng.1.chance(share);
        }
        match self.store.look(key, now) {
            Found::Fresh => true,
            Found::Missing => false,
            Found::Stale(_) => {
                self.store.remove(key);
                false
            }
        }
    }

    fn take_next(&mut self, cx: &mut Cx) {
        while let Some((call, since)) = self.pool.next() {
            cx.waited(call, cx.now - since);
            self.begin(cx, call);
        }
    }
}

impl Behaviour for Cache {
    fn configure(&mut self, cx: &mut Cx, p: &Values) {
        self.store.resize(Policy::from_word(&p.text("policy")), p.whole("capacity_items"));
        self.ttl = p.optional_span("ttl_s");
        self.service = p.dist("get_ms");
        self.forced = p.optional("hit_share");
        self.pool.resize(p.whole("cores"), p.whole("backlog"));
        self.station.resize(cx, p.whole("cores"));
        self.take_next(cx);
    }

    fn on_call(&mut self, cx: &mut Cx, call: CallId) {
        if cx.net.calls[call].ask.op == Op::Probe {
            return cx.answer(call, Outcome::Ok);
        }
        match self.pool.admit(call, cx.now) {
            Admitted::Now => self.begin(cx, call),
            Admitted::Waits => {}
            Admitted::No => cx.answer(call, Outcome::Refused),
        }
    }

    fn on_wake(&mut self, cx: &mut Cx, wake: Wake) {
        let Some((call, waited)) = self.station.done(cx, wake.index) else { return };
        cx.waited(call, waited);
        self.serve(cx, call);
        self.pool.release();
        self.take_next(cx);
    }

    fn on_flush(&mut self, cx: &mut Cx) -> bool {
        self.store.clear();
        cx.occupy(0);
        true
    }

    fn on_crash(&mut self, cx: &mut Cx) {
        self.store.clear();
        self.pool.clear();
        self.station.clear(cx);
        cx.occupy(0);
    }

    fn on_boot(&mut self, cx: &mut Cx) {
        self.on_speed(cx);
    }

    fn set_slow(&mut self, cx: &mut Cx, slow: f64) {
        self.station.set_slow(cx, slow);
    }

    fn bytes(&self) -> usize {
        self.store.bytes()
    }

    fn view(&self, _: Nanos, net: &Net, _: NodeIx) -> View {
        let waiting = (self.pool.waiting() + self.station.waiting(net)) as u64;
        let (items, capacity) = (self.store.len() as u64, self.store.capacity() as u64);
        let stock = Some(StockView { items, capacity, ..StockView::default() });
        View { waiting, cores: self.station.cores(net) as f64, stock, ..View::default() }
    }
}
