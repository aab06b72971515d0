//! Limits that are reached: cores, queues, workers, connections, shards; and how far it is to the nearest.

use super::moment::{ALL, Moment};
use super::{Cause, Reason};
use crate::component::{Kind, Meaning, Values};
use crate::metrics::frame::NodeView;
use crate::order::sort_by;
use crate::scene::format::{self, counted, percent, rate};

/// Cores that are this busy are the limit.
const BUSY: f64 = 0.9;
/// Below this the cores are not what requests wait for.
const IDLE: f64 = 0.75;
/// A shard is hot if it gets so many times what it would with an even spread.
const HOT: f64 = 1.4;

/// Finds them.
pub(super) fn find(moment: &Moment, found: &mut Vec<Reason>) {
    overloaded(moment, found);
    for view in &moment.frame.nodes {
        let Some(p) = moment.params(&view.id) else { continue };
        found.extend(queue_full(moment, view, &p));
        found.extend(exhausted(moment, view, &p));
    }
    found.extend(hot_shards(moment));
    found.extend(moment.frame.nodes.iter().filter_map(|view| backlog(moment, view)));
}

/// The nodes whose cores are busy, those with most requests waiting first; siblings that share a fate share a sentence.
fn overloaded(moment: &Moment, found: &mut Vec<Reason>) {
    let mean = |v: &&NodeView| moment.mean(&v.id);
    // A machine that has just come to its limit has no mean to show for it yet, but a queue.
    let sudden = |v: &NodeView| v.utilization.is_some_and(|u| u >= 0.98) && v.waiting as f64 >= 10.0 * v.cores;
    let limit = |v: &NodeView| moment.mean(&v.id).utilization.is_some_and(|u| u >= BUSY) || sudden(v);
    let busy = |v: &&NodeView| limit(v) && !moment.stopped(&v.id);
    let mut all: Vec<&NodeView> = moment.frame.nodes.iter().filter(busy).collect();
    sort_by(&mut all, |a, b| mean(b).waiting.total_cmp(&mean(a).waiting));
    let mut told: Vec<&str> = Vec::new();
    for view in &all {
        if told.contains(&view.id.as_str()) {
            continue;
        }
        let like = moment.siblings(&view.id);
        let others: Vec<&str> = all.iter().map(|v| v.id.as_str()).filter(|id| like.contains(id)).collect();
        told.extend(&others);
        found.push(overload(moment, view, &others));
    }
}

fn overload(moment: &Moment, view: &NodeView, others: &[&str]) -> Reason {
    let (id, mean) = (view.id.as_str(), moment.mean(&view.id));
    let name = moment.label(id);
    let utilization = mean.utilization.unwrap_or(0.0).max(view.utilization.unwrap_or(0.0));
    let limit = moment.limit(view);
    let lost: Vec<String> =
        moment.siblings(id).into_iter().filter(|s| moment.stopped(s)).map(|s| moment.label(s)).collect();
    let because = match &lost[..] {
        [] => String::new(),
        lost => {
            format!("{} {} down, so more falls on {name}. ", list(lost), if lost.len() == 1 { "is" } else { "are" })
        }
    };
    let too: Vec<String> = others.iter().map(|id| moment.label(id)).collect();
    let too = match &too[..] {
        [] => String::new(),
        all => format!(", and so {} {}", if all.len() == 1 { "is" } else { "are" }, list(all)),
    };
    let waits = if mean.waiting >= 1.0 {
        format!(" and {} wait", counted(mean.waiting.round() as u64, "request"))
    } else {
        String::new()
    };
    // What a request waits beyond its work; calls to others would count as waiting.
    let alone = moment.links(&[Meaning::Call]).iter().all(|l| l.from != id);
    let service_ms = view.cores * 1000.0 / limit.max(1e-9);
    let slow = mean.mean_ms.filter(|t| alone && mean.ok > 0.0 && *t >= 2.0 * service_ms);
    let slow = slow.map_or(String::new(), |t| {
        let times = format::number(t / service_ms - 1.0);
        format!(" A request waits {times} times as long as it is worked on.")
    });
    let words = format!(
        "{because}{name} is at its limit{too}: its {} {} {} busy{waits}. It gets {} and can do about {}.{slow}",
        counted(view.cores.round() as u64, "core"),
        if view.cores == 1.0 { "is" } else { "are" },
        percent(utilization.min(1.0)),
        rate(mean.rate),
        format::per_second(limit),
    );
    Reason::new(Cause::Overloaded, id, words).with(&[
        ("utilization", Some(utilization.min(1.0))),
        ("cores", Some(view.cores)),
        ("arrivals_rps", Some(mean.rate)),
        ("limit_rps", Some(limit)),
        ("waiting", Some(mean.waiting)),
        ("mean_time_ms", mean.mean_ms),
    ])
}

/// A queue before workers or connections without a free place, and what is turned away there.
fn queue_full(moment: &Moment, view: &NodeView, p: &Values) -> Option<Reason> {
    let mean = moment.mean(&view.id);
    let places = p.has("backlog").then(|| p.number("backlog"))? * moment.instances(&view.id);
    let full = mean.waiting >= ALL * places && mean.failed > 0.0 && !moment.stopped(&view.id);
    let pool = p.has(pool_of(p)).then(|| p.number(pool_of(p)))? * moment.instances(&view.id);
    // Without a queue there is nothing to count: the pool itself must be full.
    if !full || (places == 0.0 && mean.inside < ALL * pool) {
        return None;
    }
    let (what, verb) = if p.has("overflow") && p.text("overflow") == "drop" {
        ("drops", "dropped")
    } else {
        ("turns away", "refused")
    };
    let taken =
        if places == 0.0 { "it has none".into() } else { format!("{} places are taken", format::number(places)) };
    let words = format!(
        "The queue of {} is full: {taken}. It {what} {} of the {} that come a second.",
        moment.label(&view.id),
        format::per_second(mean.failed),
        format::per_second(mean.rate),
    );
    let named = if verb == "dropped" { "dropped_rps" } else { "refused_rps" };
    Some(Reason::new(Cause::QueueFull, &view.id, words).with(&[
        ("waiting", Some(mean.waiting)),
        ("places", Some(places)),
        ("arrivals_rps", Some(mean.rate)),
        (named, Some(mean.failed)),
    ]))
}

/// What requests must have to be inside: the parameter that says how many there are.
fn pool_of(p: &Values) -> &'static str {
    if p.has("workers") { "workers" } else { "connections" }
}

/// All workers, or all connections, taken while the cores have little to do.
fn exhausted(moment: &Moment, view: &NodeView, p: &Values) -> Option<Reason> {
    let mean = moment.mean(&view.id);
    let pool = pool_of(p);
    let size = p.has(pool).then(|| p.number(pool))? * moment.instances(&view.id);
    let held = mean.inside - mean.waiting;
    if held < ALL * size || mean.waiting < 0.5 || mean.utilization? >= IDLE || moment.stopped(&view.id) {
        return None;
    }
    let (name, busy) = (moment.label(&view.id), percent(mean.utilization?));
    let waiting = counted(mean.waiting.round().max(1.0) as u64, "request");
    let numbers =
        [(pool, Some(size)), ("taken", Some(held)), ("waiting", Some(mean.waiting)), ("utilization", mean.utilization)];
    if moment.kind(&view.id) == Some(Kind::Database) {
        let words = format!(
            "All {} connections of {name} are taken and {waiting} wait for one, while its cores are {busy} busy: \
             the limit of connections holds it back.",
            format::number(size)
        );
        return Some(Reason::new(Cause::Connections, &view.id, words).with(&numbers));
    }
    let (callee, takes) = slowest_callee(moment, &view.id)?;
    let so = match takes {
        _ if moment.stopped(&callee) => format!("{}, which does not answer", moment.label(&callee)),
        Some(ms) => format!("{}, which takes {} on average", moment.label(&callee), format::ms(ms)),
        None => format!("{}, which has not answered lately", moment.label(&callee)),
    };
    let words = format!(
        "All {} workers of {name} are taken while its cores are {busy} busy: they wait for {so}. {waiting} wait for a worker.",
        format::number(size)
    );
    let reason = Reason::new(Cause::PoolExhausted, &view.id, words).with(&numbers);
    Some(reason.with(&[("callee_mean_time_ms", takes.filter(|_| !moment.stopped(&callee)))]))
}

/// Of those that a server calls the one that holds it up most: who is down, then who takes longest.
fn slowest_callee(moment: &Moment, server: &str) -> Option<(String, Option<f64>)> {
    let calls = moment.links(&[Meaning::Call]);
    let mut callees: Vec<String> = Vec::new();
    for link in calls.iter().filter(|l| l.from == server) {
        // Any member of a group may be the one that answers.
        callees.extend(moment.group(&link.to));
    }
    let held = |id: &String| {
        let time = moment.mean(id).mean_ms.unwrap_or(f64::INFINITY);
        if moment.stopped(id) { f64::INFINITY } else { time }
    };
    let slowest = callees.into_iter().max_by(|a, b| held(a).total_cmp(&held(b)))?;
    let takes = moment.mean(&slowest).mean_ms;
    Some((slowest, takes))
}

/// Among the shards of one kind of data, the one that gets far more than its part and has little left.
fn hot_shards(moment: &Moment) -> Vec<Reason> {
    let calls = moment.links(&[Meaning::Call]);
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for link in &calls {
        let data = Values::new(Meaning::Call.params(), &link.params).text("shard_of");
        match groups.iter_mut().find(|(name, _)| *name == data) {
            _ if data.is_empty() => {}
            Some((_, members)) if members.contains(&link.to) => {}
            Some((_, members)) => members.push(link.to.clone()),
            None => groups.push((data, vec![link.to.clone()])),
        }
    }
    groups.iter().filter_map(|(data, members)| hot_shard(moment, data, members)).collect()
}

fn hot_shard(moment: &Moment, data: &str, members: &[String]) -> Option<Reason> {
    let all: f64 = members.iter().map(|id| moment.mean(id).rate).sum();
    let hottest = members.iter().max_by(|a, b| moment.mean(a).rate.total_cmp(&moment.mean(b).rate))?;
    let mean = moment.mean(hottest);
    let (share, even) = (mean.rate / all.max(1e-9), 1.0 / members.len() as f64);
    let busy = mean.utilization.filter(|u| *u >= 0.6)?;
    if members.len() < 2 || share < HOT * even {
        return None;
    }
    let words = format!(
        "{} gets {} of all that is asked of the {} shards of {data}, and is {} busy: what is popular lies there, and \
         more shards would not spread it.",
        moment.label(hottest),
        percent(share),
        members.len(),
        percent(busy.min(1.0)),
    );
    Some(Reason::new(Cause::HotShard, hottest, words).with(&[
        ("share_of_requests_share", Some(share)),
        ("shards", Some(members.len() as f64)),
        ("utilization", Some(busy.min(1.0))),
        ("arrivals_rps", Some(mean.rate)),
    ]))
}

/// A queue of messages that fills faster than it empties.
fn backlog(moment: &Moment, view: &NodeView) -> Option<Reason> {
    let stock = view.stock.as_ref().filter(|_| moment.kind(&view.id) == Some(Kind::Queue))?;
    let kept = |v: &NodeView| v.stock.as_ref().map_or(0.0, |s| s.items as f64);
    let (growth, mean) = (moment.lately.grew(&view.id, kept), moment.mean(&view.id));
    if stock.items < 20 || growth < 0.05 * mean.rate || growth <= 0.0 {
        return None;
    }
    let oldest = stock.oldest_ms.map_or(String::new(), |ms| format!(", the oldest for {}", format::ms(ms)));
    let words = format!(
        "{} messages wait in {}{oldest}. {} come a second and {} more than are taken: those who take them are too few or too slow.",
        format::count(stock.items),
        moment.label(&view.id),
        format::per_second(mean.rate),
        format::per_second(growth),
    );
    Some(Reason::new(Cause::Backlog, &view.id, words).with(&[
        ("messages", Some(stock.items as f64)),
        ("oldest_ms", stock.oldest_ms),
        ("arrivals_rps", Some(mean.rate)),
        ("growth_rps", Some(growth)),
    ]))
}

/// Who is nearest to the limit of its cores, if nobody is there.
pub(super) fn nearest(moment: &Moment) -> Option<Reason> {
    let busy = |v: &&NodeView| moment.mean(&v.id).utilization.unwrap_or(0.0);
    let view = moment.frame.nodes.iter().max_by(|a, b| busy(a).total_cmp(&busy(b)))?;
    let mean = moment.mean(&view.id);
    let utilization = mean.utilization.filter(|u| *u >= 0.001 && *u < BUSY && mean.ok > 0.0)?;
    let limit = moment.limit(view);
    let words = format!(
        "No machine is at its limit. {} comes nearest: {} busy at {}, it saturates near {}.",
        moment.label(&view.id),
        percent(utilization),
        rate(mean.rate),
        rate(limit),
    );
    Some(Reason::new(Cause::Nearest, &view.id, words).with(&[
        ("utilization", Some(utilization)),
        ("cores", Some(view.cores)),
        ("arrivals_rps", Some(mean.rate)),
        ("limit_rps", Some(limit)),
    ]))
}

/// "Web 1", "Web 1 and Web 2", "Web 1, Web 2 and 3 more".
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [a, b, c] => format!("{a}, {b} and {c}"),
        [a, b, rest @ ..] => format!("{a}, {b} and {} more", rest.len()),
    }
}
