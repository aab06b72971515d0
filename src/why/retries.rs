//! Attempts beyond the first: how many there are, and whether they alone are what keeps the system down.

use super::moment::Moment;
use super::{Cause, Reason};
use crate::component::Kind;
use crate::metrics::frame::NodeView;
use crate::scene::format::{self, percent, rate};

/// So many attempts for each request are worth a word.
const MANY: f64 = 1.2;
/// A node with its cores this busy has nothing left.
const SATURATED: f64 = 0.95;
/// What is wanted must fit into what can be done with this much to spare, before the retries are to blame alone.
const FITS: f64 = 0.9;

/// Finds them.
pub(super) fn find(moment: &Moment, found: &mut Vec<Reason>) {
    let (wanted, retried) = (moment.wanted(), moment.retried());
    if wanted <= 0.0 {
        return;
    }
    let attempts = 1.0 + retried / wanted;
    if attempts < MANY {
        return;
    }
    let Some(users) = who(moment) else { return };
    let failing = moment.failing();
    let numbers = [
        ("attempts_per_request", Some(attempts)),
        ("wanted_rps", Some(wanted)),
        ("retries_rps", Some(retried)),
        ("failed_share", failing),
    ];
    if let Some((view, would, limit)) = kept_down(moment, attempts) {
        let words = format!(
            "Retries are what keeps {} down. It gets {} and can do {}, so answers come too late and are tried again, {} \
             times for each request; without the retries {} would come, which it could do with ease.",
            moment.label(&view.id),
            rate(moment.mean(&view.id).rate),
            format::per_second(limit),
            format::number(attempts),
            format::per_second(would),
        );
        let own = [
            ("utilization", moment.mean(&view.id).utilization),
            ("arrivals_rps", Some(moment.mean(&view.id).rate)),
            ("limit_rps", Some(limit)),
            ("without_retries_rps", Some(would)),
        ];
        found.push(Reason::new(Cause::Metastable, &view.id, words).with(&own).with(&numbers));
        return;
    }
    let still = failing.filter(|share| *share > 0.0);
    let still = still.map_or(String::new(), |share| format!(" Even so {} of the requests fail.", percent(share)));
    let words = format!(
        "Each request of {} is tried {} times on average: to the {} that people want come {} that are tried again.{still}",
        moment.label(users),
        format::number(attempts),
        rate(wanted),
        format::per_second(retried),
    );
    found.push(Reason::new(Cause::Retries, users, words).with(&numbers));
}

/// The users who ask most among those who try again.
fn who<'a>(moment: &'a Moment) -> Option<&'a str> {
    let tries =
        |id: &str| moment.kind(id) == Some(Kind::Users) && moment.params(id).is_some_and(|p| p.whole("retries") > 0);
    let users = moment.design.nodes.iter().map(|n| n.id.as_str()).filter(|id| tries(id));
    users.max_by(|a, b| moment.mean(a).rate.total_cmp(&moment.mean(b).rate))
}

/// A node at its limit that would not be there with one attempt for each request, what would come to it then, and what
/// it can do. A node that a fault slows down is not kept down by retries alone.
fn kept_down<'a>(moment: &Moment<'a>, attempts: f64) -> Option<(&'a NodeView, f64, f64)> {
    let mut worst: Option<(&NodeView, f64, f64)> = None;
    for view in &moment.frame.nodes {
        let mean = moment.mean(&view.id);
        if mean.utilization.is_none_or(|u| u < SATURATED) {
            continue;
        }
        let (would, limit) = (mean.rate / attempts, moment.limit(view));
        let well = view.slow <= 1.0 && view.error_share == 0.0;
        if well && would < FITS * limit && mean.rate > limit && worst.is_none_or(|(_, _, least)| limit < least) {
            worst = Some((view, would, limit));
        }
    }
    worst
}
