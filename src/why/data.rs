//! What is old: answers of DNS, replicas, and caches that have to learn again.

use super::moment::Moment;
use super::{Cause, Reason};
use crate::component::{Kind, Meaning};
use crate::metrics::frame::NodeView;
use crate::scene::format::{self, counted, percent};
use crate::time::{Nanos, SECOND, to_s};

/// A replica this far behind is worth a word, in ms.
const LATE_MS: f64 = 1000.0;
/// A cache is cold while it knows this much less than before.
const COLD: f64 = 0.9;
/// After so long what a cache knows is what it knows.
const WARM: Nanos = 120 * SECOND;

/// Finds them.
pub(super) fn find(moment: &Moment, found: &mut Vec<Reason>) {
    for view in &moment.frame.nodes {
        match moment.kind(&view.id) {
            Some(Kind::Dns) => found.extend(stale_names(moment, view)),
            Some(Kind::Cache | Kind::Cdn) => found.extend(cold(moment, view)),
            _ => {}
        }
    }
    found.extend(behind(moment));
}

/// Attempts that still go to an address that DNS no longer gives out.
fn stale_names(moment: &Moment, dns: &NodeView) -> Option<Reason> {
    let ttl_s = moment.params(&dns.id)?.number("ttl_s");
    let asks = |from: &str| moment.links(&[Meaning::Names]).iter().any(|l| l.from == from && l.to == dns.id);
    let paths = moment.links(&[Meaning::Path]);
    for out in dns.backends.iter().filter(|b| !b.up) {
        let attempts: f64 =
            paths.iter().filter(|l| l.to == out.id && asks(&l.from)).map(|l| moment.line(&l.from, &l.to).rate).sum();
        let since = moment.logged(&out.id, &["detected_down"])?;
        let until = since + (ttl_s * 1e9) as Nanos;
        if attempts <= 0.0 || moment.now > until {
            continue;
        }
        let name = moment.label(&out.id);
        let words = format!(
            "{} took {name} out at {}, but an answer once given is kept for up to {}: {} attempts a second still go to \
             {name}, until {} at the latest.",
            moment.label(&dns.id),
            format::moment(since),
            format::ms(ttl_s * 1000.0),
            format::per_second(attempts),
            format::moment(until),
        );
        return Some(Reason::new(Cause::StaleNames, &dns.id, words).with(&[
            ("attempts_rps", Some(attempts)),
            ("time_to_live_s", Some(ttl_s)),
            ("noticed_at_s", Some(to_s(since))),
            ("over_at_s", Some(to_s(until))),
        ]));
    }
    None
}

/// A cache that lost what it knew and has not learned it again.
fn cold(moment: &Moment, cache: &NodeView) -> Option<Reason> {
    let emptied = moment.logged(&cache.id, &["flush", "crash", "added"])?;
    let (hits, before) = (cache.hits_now?, moment.lately.hits_before(&cache.id, emptied)?);
    if hits >= COLD * before || before - hits < 0.05 || moment.now > emptied + WARM {
        return None;
    }
    let behind: Vec<String> = callees(moment, &cache.id);
    let load = match &behind[..] {
        [] => String::new(),
        all => format!(" Meanwhile {} answers the rest.", super::limits::list(all)),
    };
    let words = format!(
        "{} was emptied at {} and is cold: {} of look-ups hit now, {} did before.{load}",
        moment.label(&cache.id),
        format::moment(emptied),
        percent(hits),
        percent(before),
    );
    Some(Reason::new(Cause::ColdCache, &cache.id, words).with(&[
        ("hits_now_share", Some(hits)),
        ("hits_before_share", Some(before)),
        ("emptied_at_s", Some(to_s(emptied))),
    ]))
}

/// The databases, or the origin, that answer what a cache does not know.
fn callees(moment: &Moment, cache: &str) -> Vec<String> {
    let calls = moment.links(&[Meaning::Call]);
    let askers: Vec<&str> = calls.iter().filter(|l| l.to == cache).map(|l| l.from.as_str()).collect();
    let mut found: Vec<String> = Vec::new();
    let called =
        calls.iter().filter(|l| askers.contains(&l.from.as_str()) && moment.kind(&l.to) == Some(Kind::Database));
    let origins = moment.links(&[Meaning::Origin]);
    for link in called.chain(origins.iter().filter(|l| l.from == cache)) {
        let name = moment.label(&link.to);
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The replica that is furthest behind, and reads that showed it.
fn behind(moment: &Moment) -> Option<Reason> {
    let replicas =
        moment.frame.nodes.iter().filter(|v| v.data.as_ref().is_some_and(|d| !d.primary) && !moment.stopped(&v.id));
    let lag = |v: &NodeView| v.data.as_ref().map_or(0.0, |d| d.lag_ms);
    let view = replicas.max_by(|a, b| lag(a).total_cmp(&lag(b)))?;
    let data = view.data.as_ref()?;
    let stale = moment.lately.counted(|t| t.stale_reads) / moment.lately.seconds();
    if data.lag_ms < LATE_MS && stale <= 0.0 {
        return None;
    }
    let late = if data.behind > 0 {
        format!(
            "{} is {} behind: {} are still to come.",
            moment.label(&view.id),
            format::ms(data.lag_ms),
            counted(data.behind, "write")
        )
    } else {
        format!("{} copies what was written a little later.", moment.label(&view.id))
    };
    let seen = if stale > 0.0 {
        format!(
            " {} reads a second missed the newest write of their record that a user had been told is done.",
            format::per_second(stale)
        )
    } else {
        String::new()
    };
    Some(Reason::new(Cause::Lag, &view.id, format!("{late}{seen}")).with(&[
        ("lag_ms", Some(data.lag_ms)),
        ("writes_behind", Some(data.behind as f64)),
        ("stale_reads_rps", Some(stale)),
    ]))
}
