//! What has stopped: who has not noticed yet, who takes over, and what nobody replaces.

use super::moment::Moment;
use super::{Cause, Reason};
use crate::metrics::frame::{BackendView, DataView, NodeView, State};
use crate::scene::format::{self, percent};
use crate::time::{Nanos, from_ms, to_s};

/// Finds them. A node is named once: by what is most to the point.
pub(super) fn find(moment: &Moment, found: &mut Vec<Reason>) {
    for view in &moment.frame.nodes {
        let stopped = moment.stopped(&view.id);
        let reason = match &view.data {
            Some(data) if stopped && data.primary => lost_primary(moment, view, data),
            _ if stopped => undetected(moment, view).or_else(|| Some(down(moment, view))),
            Some(_) if matches!(view.state, State::Promoting { .. }) => promoting(moment, view),
            _ => faulty(moment, view),
        };
        found.extend(reason);
    }
    let told = |id: &str, found: &[Reason]| found.iter().any(|r| r.node == id);
    for link in moment.frame.links.iter().filter(|l| l.cut) {
        if !told(&link.from, found) {
            let (from, to) = (moment.label(&link.from), moment.label(&link.to));
            let failing = moment.line(&link.from, &link.to).failed;
            let words =
                format!("The link from {from} to {to} is cut: what is sent along it vanishes.{}", effect(moment));
            let reason = Reason::new(Cause::Down, &link.from, words);
            found.push(reason.with(&[("lost_rps", Some(failing)), ("failed_share", moment.failing())]));
        }
    }
}

/// "has been down for 4.2 s", or what else stopped it.
fn state(moment: &Moment, view: &NodeView) -> String {
    let since = format::span(moment.now.saturating_sub(view.since));
    match view.state {
        State::Frozen => format!("has been frozen for {since}"),
        State::Booting { until } => format!("starts again and serves at {}", format::moment(until)),
        _ => format!("has been down for {since}"),
    }
}

/// What the users notice of it all.
fn effect(moment: &Moment) -> String {
    match moment.failing() {
        Some(share) if share >= 0.005 => format!(" {} of the users' requests fail.", percent(share)),
        Some(_) => " So far the users' requests are answered all the same.".to_owned(),
        None => String::new(),
    }
}

fn numbers(moment: &Moment, view: &NodeView) -> [(&'static str, Option<f64>); 2] {
    [("down_for_s", Some(to_s(moment.now.saturating_sub(view.since)))), ("failed_share", moment.failing())]
}

fn down(moment: &Moment, view: &NodeView) -> Reason {
    let words = format!("{} {}.{}", moment.label(&view.id), state(moment, view), effect(moment));
    Reason::new(Cause::Down, &view.id, words).with(&numbers(moment, view))
}

/// A node that stopped, and a balancer or a name service that still sends requests there.
fn undetected(moment: &Moment, view: &NodeView) -> Option<Reason> {
    if matches!(view.state, State::Booting { .. }) {
        return None;
    }
    let watchers = moment.frame.nodes.iter().filter(|w| !moment.stopped(&w.id));
    let (watcher, backend) =
        watchers.flat_map(|w| w.backends.iter().map(move |b| (w, b))).find(|(_, b)| b.id == view.id && b.up)?;
    let (name, by) = (moment.label(&view.id), moment.label(&watcher.id));
    let how = state(moment, view);
    let (words, soonest) = match soonest(moment, watcher, backend) {
        None => (format!("{name} {how}, and {by} makes no checks: it goes on sending requests there."), None),
        Some(at) => {
            let missed = format!("{} of {} checks missed", backend.streak, backend.needed);
            let when = format!("{} at the earliest", format::moment(at));
            (format!("{name} {how}, but {by} does not know yet: {missed}. It will at {when}."), Some(to_s(at)))
        }
    };
    let missed = Some(backend.streak as f64).filter(|_| soonest.is_some());
    let needed = Some(backend.needed as f64).filter(|_| soonest.is_some());
    let reason = Reason::new(Cause::Undetected, &view.id, format!("{words}{}", effect(moment)));
    let checks = [("checks_missed", missed), ("checks_needed", needed), ("noticed_at_s", soonest)];
    Some(reason.with(&checks).with(&numbers(moment, view)))
}

/// When enough checks can have missed.
fn soonest(moment: &Moment, watcher: &NodeView, backend: &BackendView) -> Option<Nanos> {
    let health = moment.params(&watcher.id).and_then(|p| p.group("health"))?;
    let left = backend.needed.checked_sub(backend.streak + 1).filter(|_| backend.needed > 0)?;
    Some(backend.next_check?.max(moment.now) + left * from_ms(health.number("interval_ms")))
}

/// A primary that stopped: probes still miss, or nobody takes its place. Once a replica is on its way, that one tells.
fn lost_primary(moment: &Moment, view: &NodeView, data: &DataView) -> Option<Reason> {
    let group = moment.group(&view.id);
    let heir = |id: &String| moment.view(id).is_some_and(|v| matches!(v.state, State::Promoting { .. }));
    if group.iter().any(heir) {
        return None;
    }
    if group.len() < 2 {
        return Some(down(moment, view));
    }
    let (name, how) = (moment.label(&view.id), state(moment, view));
    if data.believed_up && data.probes > 0 {
        let words = format!(
            "{name}, the primary, {how}, but its replicas have not noticed: {} of {} probes missed. None takes over before \
             that, and no write succeeds.{}",
            data.misses,
            data.probes,
            effect(moment)
        );
        let probes = [("probes_missed", Some(data.misses as f64)), ("probes_needed", Some(data.probes as f64))];
        return Some(Reason::new(Cause::Undetected, &view.id, words).with(&probes).with(&numbers(moment, view)));
    }
    let mode = moment.params(&view.id).and_then(|p| Some(p.group("failover")?.text("mode")));
    let why = match mode.as_deref() {
        Some("manual") => "failover waits for a person",
        Some("automatic") => "none is fit for it",
        _ => "failover is off",
    };
    let words = format!(
        "{name}, the primary, {how}, and no replica takes its place: {why}. No write succeeds until it is back.{}",
        effect(moment)
    );
    Some(Reason::new(Cause::NoPrimary, &view.id, words).with(&numbers(moment, view)))
}

/// A replica that becomes the primary.
fn promoting(moment: &Moment, view: &NodeView) -> Option<Reason> {
    let State::Promoting { until } = view.state else { return None };
    let group = moment.group(&view.id);
    let lost = group.iter().filter_map(|id| moment.view(id)).find(|v| moment.stopped(&v.id));
    let lost = lost.map_or(String::new(), |v| format!(" {} {}.", moment.label(&v.id), state(moment, v)));
    let words = format!(
        "{} was chosen as the new primary and takes writes from {} on; until then none succeeds.{lost}{}",
        moment.label(&view.id),
        format::moment(until.max(moment.now)),
        effect(moment)
    );
    let numbers = [("primary_at_s", Some(to_s(until))), ("failed_share", moment.failing())];
    Some(Reason::new(Cause::Election, &view.id, words).with(&numbers))
}

/// A node that a fault slows down, or makes fail.
fn faulty(moment: &Moment, view: &NodeView) -> Option<Reason> {
    let name = moment.label(&view.id);
    if view.slow > 1.0 {
        let mean = moment.mean(&view.id);
        let words = format!("{name} runs {} times slower than it should.{}", format::number(view.slow), effect(moment));
        let slow = [("times_slower", Some(view.slow)), ("mean_time_ms", mean.mean_ms)];
        return Some(Reason::new(Cause::Faulty, &view.id, words).with(&slow));
    }
    if view.error_share > 0.0 {
        let failed = moment.mean(&view.id).failed;
        let words = format!(
            "{name} answers {} of what it is asked with an error.{}",
            percent(view.error_share),
            effect(moment)
        );
        return Some(Reason::new(Cause::Faulty, &view.id, words).with(&[("failed_rps", Some(failed))]));
    }
    None
}
