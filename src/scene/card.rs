//! Cards: a node in a few words, its load and its queue.

use super::{Placed, Role, Stage, Tone, Views, format, joins_words};
use crate::component::address::Reach;
use crate::component::{Kind, Values};
use crate::editor::Item;
use crate::editor::place::Rect;
use crate::metrics::frame::{NodeView, State, StockView};
use crate::scenario::Action;
use crate::texts::{fill, said, tr};
use crate::time::{Nanos, SECOND};

/// So many waiting requests fit under a card one by one.
pub const SLOTS: u64 = 13;

/// A node to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// Its identifier.
    pub id: String,
    /// Where it stands.
    pub rect: Rect,
    /// Its kind's identifier, for style classes.
    pub kind: String,
    /// An SVG path in a 24 × 24 box, stroked.
    pub icon: &'static str,
    /// What people call it.
    pub name: String,
    /// The line below: IP address, domain, or how many clients.
    pub address: String,
    /// Whether the address can be reached from the internet; none if it has none.
    pub public: Option<bool>,
    /// The line that tells how it is.
    pub status: String,
    /// How good that is.
    pub tone: Tone,
    /// Share of its cores that are busy, 0 to 1; none for kinds without cores.
    pub utilization: Option<f64>,
    /// How good that is.
    pub utilization_tone: Tone,
    /// Waiting requests as dots, at most [`SLOTS`].
    pub slots: Vec<Tone>,
    /// How many more wait: "+120"; empty for none.
    pub more: String,
    /// The primary of a database group.
    pub crown: bool,
    /// It does not work: drawn dark, with a cross.
    pub dead: bool,
    /// It joins later: drawn dashed, with these words.
    pub joins: Option<String>,
    /// Selected.
    pub selected: bool,
    /// Faults that do not kill: "slow ×3", "5 % errors".
    pub badges: Vec<Badge>,
    /// Users: the answer of the name service that they go by.
    pub ticket: Option<Ticket>,
    /// The zone that it stands in.
    pub zone: Option<String>,
    /// It stays where it stands.
    pub locked: bool,
    /// What is wrong with it as drawn.
    pub flaw: Option<Flaw>,
    /// One sentence for assistive technology.
    pub accessible: String,
}

impl Card {
    /// The node as something to select.
    pub fn item(&self) -> Item {
        Item::Node(self.id.clone())
    }
}

/// A name's answer in a cache, which ages until it is forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// "203.0.113.10 · 42 s".
    pub label: String,
    /// What is left of its time to live: 1 is fresh, 0 is gone.
    pub left: f64,
    /// Warn: the address is that of a node that does not work.
    pub tone: Tone,
}

/// What is wrong with a node as drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The design cannot run with it.
    pub error: bool,
    /// What, where and what would be right.
    pub words: String,
}

/// A small sign on a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Badge {
    /// What it says.
    pub label: String,
    /// How good that is.
    pub tone: Tone,
}

/// The card of a node.
pub(super) fn card(n: &Placed, stage: &Stage, views: &Views, pending: Option<&Action>, selected: bool) -> Card {
    let view = views.nodes.get(n.node.id.as_str()).copied();
    let (mut status, mut tone) = match view {
        Some(view) => live(n, view, views.now),
        None => (design(n), Tone::Idle),
    };
    let mut badges = Vec::new();
    let mut badge = |label: String| badges.push(Badge { label, tone: Tone::Warn });
    if let Some(view) = view {
        if view.slow > 1.0 {
            badge(fill("slow ×{factor}", &[&format::number(view.slow)]));
        }
        if view.error_share > 0.0 {
            badge(fill("{share} errors", &[&format::percent(view.error_share)]));
        }
    }
    if let Some(action) = pending {
        // The clock stands: the fault is recorded and strikes as soon as it runs.
        status = fill("{what} at the next step", &[&crate::editor::timeline::words(action)]);
        tone = if matches!(action, Action::Recover) { Tone::Warn } else { Tone::Bad };
    }
    let joins = n.joins.map(joins_words);
    if let Some(joins) = &joins {
        (status, tone) = (joins.clone(), Tone::Idle);
    }
    let state = view.map_or(State::Up, |v| v.state);
    let utilization = view.and_then(|v| v.utilization).map(|u| if u.is_finite() { u.clamp(0.0, 1.0) } else { 0.0 });
    let waiting = view.map_or(0, |v| v.waiting);
    let slot = |i| {
        if i > 9 {
            Tone::Bad
        } else if i > 5 {
            Tone::Warn
        } else {
            Tone::Ok
        }
    };
    let mut card = Card {
        id: n.node.id.clone(),
        rect: n.rect,
        kind: n.node.kind.clone(),
        icon: n.kind.map_or("M5 5h14v14H5zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M12 16v.1", |k| k.spec().icon),
        name: n.label.clone(),
        address: address(n, role(n, view)),
        public: n.address.as_ref().map(|a| a.reach == Reach::Public),
        status,
        tone,
        utilization,
        utilization_tone: utilization.map_or(Tone::Idle, Tone::of_utilization),
        slots: (0..waiting.min(SLOTS)).map(slot).collect(),
        more: if waiting > SLOTS { format!("+{}", format::count(waiting - SLOTS)) } else { String::new() },
        crown: role(n, view) == Some(Role::Primary) && !matches!(state, State::Crashed | State::Frozen),
        dead: matches!(state, State::Crashed | State::Frozen),
        joins,
        selected,
        badges,
        ticket: view.and_then(|v| ticket(v, stage, views)),
        zone: n.node.zone.clone(),
        locked: n.node.locked,
        flaw: n.flaw.clone(),
        accessible: String::new(),
    };
    card.accessible = accessible(n, &card, waiting);
    card
}

/// A database's role: as the run says, otherwise as drawn. Alone it has none.
pub(super) fn role(n: &Placed, view: Option<&NodeView>) -> Option<Role> {
    let drawn = n.role?;
    match view.and_then(|v| v.data.as_ref()) {
        Some(data) if data.primary => Some(Role::Primary),
        Some(_) => Some(Role::Replica),
        None => Some(drawn),
    }
}

/// The answer that a users' resolver keeps.
fn ticket(view: &NodeView, stage: &Stage, views: &Views) -> Option<Ticket> {
    let known = view.name.as_ref()?;
    let left = known.until.saturating_sub(views.now);
    let share = left as f64 / known.until.saturating_sub(known.since).max(1) as f64;
    let words = |what: &str| format!("{what} · {} s", left.div_ceil(SECOND));
    let Some(id) = &known.node else {
        return Some(Ticket { label: words(tr("no such name")), left: share, tone: Tone::Bad });
    };
    let ip = stage.placed(id).and_then(|n| n.address.as_ref()).map_or(tr("address"), |a| a.ip.as_str());
    let dead = views.nodes.get(id.as_str()).is_none_or(|n| matches!(n.state, State::Crashed | State::Frozen));
    let tone = if dead { Tone::Warn } else { Tone::Ok };
    Some(Ticket { label: words(ip), left: share, tone })
}

/// The line below the name.
fn address(n: &Placed, role: Option<Role>) -> String {
    let ip = n.address.as_ref().map_or("", |a| a.ip.as_str());
    match (n.values(), role) {
        (Some((Kind::Users, values)), _) => match values.optional("users") {
            Some(users) => format::plural(users as u64, "user"),
            None => format::plural(values.whole("clients"), "client"),
        },
        (Some((Kind::Dns, _)), _) => n.domain.clone().unwrap_or_else(|| tr("outside service").to_owned()),
        (Some(_), Some(Role::Primary)) => fill("{ip} primary", &[&ip]),
        (Some(_), Some(Role::Replica)) => fill("{ip} replica", &[&ip]),
        (Some(_), None) => ip.to_owned(),
        (None, _) => fill("unknown kind {kind}", &[&n.node.kind]),
    }
}

/// What the design says of a node before it runs.
fn design(n: &Placed) -> String {
    let Some((kind, values)) = n.values() else { return tr("not simulated by this version").to_owned() };
    match kind {
        Kind::Users => {
            let writes = format::percent(values.number("write_share"));
            match values.optional("users") {
                Some(_) => fill("think, ask · {writes} writes", &[&writes]),
                None => fill("{rate} · {share} writes", &[&format::rate(values.number("rate_rps")), &writes]),
            }
        }
        Kind::Dns => ttl(&values),
        Kind::LoadBalancer => {
            let algorithm = said(&values.text("algorithm").replace('_', " "));
            match n.asks.len() {
                0 => fill("{algorithm} · no servers", &[&algorithm]),
                some => format!("{algorithm} · {}", format::plural(some as u64, "server")),
            }
        }
        Kind::Server => {
            fill("{cores} · {time} each", &[&cores(&values), &format::ms(values.dist("service_ms").mean())])
        }
        Kind::Database => {
            fill("{cores} · {time} reads", &[&cores(&values), &format::ms(values.dist("read_ms").mean())])
        }
        _ => first(kind, &values),
    }
}

/// A kind in the words of its own table: the first of its main parameters.
fn first(kind: Kind, values: &Values) -> String {
    let Some(param) = kind.spec().params.iter().find(|p| p.main) else { return String::new() };
    let value = match values.value(param.name).as_f64() {
        Some(n) => format::number(n),
        None => values.text(param.name),
    };
    format!("{} {value} {}", first_word(param.label), param.unit()).trim_end().to_owned()
}

/// A parameter's name inside a line: small, as English writes it.
fn first_word(label: &'static str) -> String {
    let shown = tr(label);
    if shown == label { label.to_ascii_lowercase() } else { shown.to_owned() }
}

fn ttl(values: &Values) -> String {
    format!("TTL {} s", format::number(values.number("ttl_s")))
}

fn cores(values: &Values) -> String {
    let n = values.number("cores");
    if n == 1.0 { tr("1 core").to_owned() } else { fill("{n} cores", &[&format::number(n)]) }
}

/// What a run says of a node.
fn live(n: &Placed, v: &NodeView, now: Nanos) -> (String, Tone) {
    let ago = format::span(now.saturating_sub(v.since));
    let left = |until: Nanos| format::span(until.saturating_sub(now));
    match v.state {
        State::Crashed => (fill("crashed {time} ago", &[&ago]), Tone::Bad),
        State::Frozen => (fill("frozen for {time}", &[&ago]), Tone::Bad),
        State::Booting { until } => (fill("boots, {time} left", &[&left(until)]), Tone::Warn),
        State::Copying { until } => (fill("copying, {time} left", &[&left(until)]), Tone::Warn),
        State::Promoting { until } if until > now => (fill("takes over in {time}", &[&left(until)]), Tone::Warn),
        State::Promoting { .. } => (tr("takes over, applying writes").to_owned(), Tone::Warn),
        State::Up => working(n, v),
    }
}

/// What a run says of a node that works.
fn working(n: &Placed, v: &NodeView) -> (String, Tone) {
    let Some((kind, values)) = n.values() else { return (String::new(), Tone::Idle) };
    let failing = v.error_rate / v.rate.max(v.error_rate).max(1e-9);
    let busy = v.utilization.unwrap_or(0.0) > 0.9 || v.waiting > 5;
    let tone = match () {
        () if v.error_rate > 0.0 && failing > 0.5 => Tone::Bad,
        () if v.error_rate > 0.0 || busy || v.slow > 1.0 => Tone::Warn,
        () if v.rate > 0.0 => Tone::Ok,
        () => Tone::Idle,
    };
    let rate = format::rate(v.rate);
    match kind {
        Kind::Users if v.error_rate > 0.0 => (fill("{rate} · {share} fail", &[&rate, &format::percent(failing)]), tone),
        Kind::Users => {
            let share = if v.rate > 0.0 { (v.write_rate / v.rate).min(1.0) } else { values.number("write_share") };
            (fill("{rate} · {share} writes", &[&rate, &format_args!("{:.0} %", share * 100.0)]), tone)
        }
        Kind::Dns => match v.hit_share {
            Some(hits) => (fill("{rate} · {share} hits", &[&ttl(&values), &format::percent(hits)]), Tone::Ok),
            None => (ttl(&values), Tone::Idle),
        },
        Kind::LoadBalancer => balancer(v, tone),
        Kind::Database => database(n, v, tone),
        _ => (plain(v, rate), tone),
    }
}

/// What a run says of a node that needs no words of its own: what waits in it, what it knows, or how long it takes.
fn plain(v: &NodeView, rate: String) -> String {
    match (&v.stock, v.hits_now, v.p99_ms) {
        (Some(StockView { oldest_ms: Some(age), items, .. }), ..) => {
            fill("{n} wait, up to {time}", &[&format::count(*items), &format::ms(*age)])
        }
        (Some(_), Some(hits), _) => fill("{rate} · {share} hits", &[&rate, &format::percent(hits)]),
        (None, _, Some(p99)) => format!("{rate} · p99 {}", format::ms(p99)),
        _ => rate,
    }
}

fn balancer(v: &NodeView, tone: Tone) -> (String, Tone) {
    let present = || v.backends.iter().filter(|b| !b.draining);
    let (all, up) = (present().count(), present().filter(|b| b.up).count());
    match (all, up) {
        (0, _) => (tr("no servers").to_owned(), Tone::Warn),
        (_, 0) => (fill("{n} of {all} servers up", &[&0, &all]), Tone::Bad),
        (all, up) if up < all => (fill("{n} of {all} servers up", &[&up, &all]), tone.max(Tone::Warn)),
        _ => (fill("{rate} · {n} up", &[&format::rate(v.rate), &all]), tone),
    }
}

fn database(n: &Placed, v: &NodeView, tone: Tone) -> (String, Tone) {
    let time = v.mean_ms.map(|m| format!(" · {}", format::ms(m))).unwrap_or_default();
    match (role(n, Some(v)), &v.data) {
        (Some(Role::Replica), Some(data)) if data.behind > 0 => {
            let tone = if data.lag_ms > 1000.0 { tone.max(Tone::Warn) } else { tone.max(Tone::Ok) };
            (fill("lag {time} · {writes}", &[&format::ms(data.lag_ms), &format::plural(data.behind, "write")]), tone)
        }
        (Some(Role::Replica), _) => (fill("{n} reads/s · no lag", &[&format::per_second(v.rate)]), tone.max(Tone::Ok)),
        (Some(Role::Primary), _) => (fill("{n} writes/s", &[&format::per_second(v.write_rate)]) + &time, tone),
        (None, _) => (format!("{}{time}", format::rate(v.rate)), tone),
    }
}

fn accessible(n: &Placed, card: &Card, waiting: u64) -> String {
    let kind = n.kind.map_or("Unknown component", |k| k.spec().label);
    let called = tr(kind);
    let mut parts = vec![card.name.clone()];
    if ![kind, called].iter().any(|kind| card.name.starts_with(kind)) {
        parts.push(called.to_owned());
    }
    match card.public {
        Some(true) => parts.push(fill("public address {ip}", &[&card.address])),
        Some(false) => parts.push(fill("private address {ip}", &[&card.address])),
        None => parts.push(card.address.clone()),
    }
    parts.push(card.status.clone());
    if let Some(u) = card.utilization {
        parts.push(fill("{n} % busy", &[&(u * 100.0).round()]));
    }
    if waiting > 0 {
        parts.push(fill("{n} waiting", &[&format::count(waiting)]));
    }
    parts.extend(card.badges.iter().map(|b| b.label.clone()));
    parts.extend(card.ticket.iter().map(|t| fill("goes by {name}", &[&t.label])));
    parts.extend(card.zone.iter().map(|z| fill("zone {name}", &[&z])));
    parts.extend(card.locked.then(|| tr("locked").to_owned()));
    parts.extend(card.flaw.iter().map(|f| said(&f.words)));
    parts.retain(|p| !p.is_empty());
    parts.join(", ")
}
