//! Commands on the timeline: faults come in, entries move and go.

use super::command::Strike;
use super::edit::{node_anywhere, sentence};
use super::{Draft, sound};
use crate::check::MAX_RUN_S;
use crate::component::Kind;
use crate::order::{Gather, Set};
use crate::scenario::{Action, Entry, Scenario, Target};
use crate::texts::{fill, tr};
use crate::time::{MS, Nanos, to_s};

/// Adds faults. At design time, what happens now strikes at the run's first millisecond.
pub(super) fn fault(draft: &mut Draft, strikes: &[Strike]) -> Result<&'static str, String> {
    let Some(first) = strikes.first() else { return Err("Select a node or a link first.".to_owned()) };
    let now = draft.at.max(MS);
    // What the run becomes longer for.
    draft.at = strikes.iter().map(|s| s.at.unwrap_or(now)).max().unwrap_or(now);
    for strike in strikes {
        let at = strike.at.unwrap_or(now).max(MS);
        put(&mut draft.doc, strike, at).map_err(sentence)?;
    }
    let alike = strikes.iter().all(|s| s.action.name() == first.action.name());
    draft.done.said = match (strikes, first.chaos) {
        (many, Some(seed)) => format!("Chaos with seed {seed}: {} faults on the timeline", many.len()),
        ([one], _) => format!("{}: {} at {} s", name(&draft.doc, &one.target), words(&one.action), to_s(draft.at)),
        (many, _) if alike => format!("{} things: {} at {} s", many.len(), words(&first.action), to_s(draft.at)),
        (many, _) => format!("{} faults at {} s", many.len(), to_s(draft.at)),
    };
    Ok(match first.action {
        _ if first.chaos.is_some() => "Chaos",
        _ if !alike => "Break",
        Action::Crash => "Crash",
        Action::Freeze => "Freeze",
        Action::Recover => "Recover",
        Action::Slow { .. } => "Slow down",
        Action::Error { .. } => "Answer with errors",
        Action::Load { .. } => "Change the load",
        Action::Cut => "Cut",
        Action::Promote => "Promote",
        Action::Flush => "Empty",
        _ => "Fault",
    })
}

/// Puts one fault onto the timeline; twice the same at the same instant is once.
fn put(doc: &mut Scenario, strike: &Strike, at: Nanos) -> Result<(), String> {
    let Strike { target, action, .. } = strike;
    allowed(&doc.at(at), doc, action, target)?;
    let passes = matches!(action, Action::Recover | Action::Promote | Action::Flush);
    let for_s = strike.for_s.filter(|s| (1e-3..=1e9).contains(s) && !passes);
    let other = |a: &Action| a.name() != action.name() || a.is_edit() && a != action;
    doc.timeline.retain(|e| e.at() != at || e.target != *target || other(&e.action));
    let entry = Entry::new(to_s(at), target.clone(), action.clone());
    doc.timeline.push(Entry { for_s, chaos: strike.chaos, ..entry });
    Ok(())
}

/// Whether such a thing can happen to such a target.
fn allowed(design: &Scenario, doc: &Scenario, action: &Action, target: &Target) -> Result<(), String> {
    let number = match action {
        Action::Slow { factor } => Some((*factor, 1e-3, 1e6, "a factor from 0.001 to 1000000")),
        Action::Load { factor } => Some((*factor, 0.0, 1e6, "a factor from 0 to 1000000")),
        Action::Error { share, .. } => Some((*share, 0.0, 1.0, "a share from 0 to 1")),
        _ => None,
    };
    if let Some((_, _, _, wanted)) = number.filter(|(n, lo, hi, _)| !(*lo..=*hi).contains(n)) {
        return Err(format!("it takes {wanted}"));
    }
    match target {
        Target::Node(id) => {
            let Some(node) = design.node(id) else {
                return Err(match node_anywhere(doc, id) {
                    Some(node) => format!("{} is not there at this time", node.label()),
                    None => format!("there is no node {id}"),
                });
            };
            let (kind, who) = (Kind::from_id(&node.kind), node.label());
            match action {
                Action::Cut => Err("only a link can be cut".to_owned()),
                Action::Load { .. } if kind != Some(Kind::Users) => Err("only users make load".to_owned()),
                Action::Load { .. } => Ok(()),
                Action::Promote if kind != Some(Kind::Database) => Err("only a database can be promoted".to_owned()),
                _ if kind == Some(Kind::Users) => Err(format!("{who} are people; break what they use instead")),
                Action::Flush if !matches!(kind, Some(Kind::Cache | Kind::Cdn)) => {
                    Err("only a cache or a CDN can be emptied".to_owned())
                }
                _ if action.is_edit() => Err("an edit is no fault".to_owned()),
                _ => Ok(()),
            }
        }
        Target::Link(from, to) => match action {
            _ if design.link(from, to).is_none() => Err("the link is not there at this time".to_owned()),
            Action::Cut | Action::Recover | Action::Slow { .. } => Ok(()),
            Action::Set { param, value } if param == "loss_share" => match value.as_f64() {
                Some(share) if (0.0..=1.0).contains(&share) => Ok(()),
                _ => Err("a link loses a share of its packets, from 0 to 1".to_owned()),
            },
            _ => Err("a link can be cut, slowed down or lose packets, nothing else".to_owned()),
        },
        Target::Zone(zone) => match action {
            _ if !design.nodes.iter().any(|n| n.zone.as_deref() == Some(zone)) => {
                Err(format!("no node stands in the zone {zone}"))
            }
            Action::Crash | Action::Freeze | Action::Recover | Action::Slow { .. } | Action::Error { .. } => Ok(()),
            _ => Err("a zone can crash, freeze, slow down, answer with errors or recover".to_owned()),
        },
        Target::Carried => Err("a fault needs a target".to_owned()),
    }
}

/// Removes an entry and what makes no sense without it.
pub(super) fn remove_entry(draft: &mut Draft, index: usize) -> Result<&'static str, String> {
    if index >= draft.doc.timeline.len() {
        return Err("That entry is gone already.".to_owned());
    }
    let entry = draft.doc.timeline.remove(index);
    draft.done.said = format!("Removed from the timeline: {}", label(&draft.doc, &entry));
    sound::prune(&mut draft.doc, &touched(&entry));
    Ok("Remove from the timeline")
}

/// Moves an entry, unless it or another would then act on what is not there.
pub(super) fn move_entry(draft: &mut Draft, index: usize, at: Nanos) -> Result<&'static str, String> {
    let vain = sound::vain(&draft.doc).len();
    let Some(entry) = draft.doc.timeline.get_mut(index) else {
        return Err("That entry is gone already.".to_owned());
    };
    entry.at_s = to_s(at.saturating_add(MS / 2) / MS * MS).min(1e9);
    let entry = entry.clone();
    if sound::vain(&draft.doc).len() > vain {
        let name = label(&draft.doc, &entry);
        return Err(format!("{name} cannot be at {} s: something it depends on is not there then.", entry.at_s));
    }
    draft.done.said = format!("{} at {} s", label(&draft.doc, &entry), entry.at_s);
    Ok("Move on the timeline")
}

fn touched(entry: &Entry) -> Set<String> {
    match (&entry.action, &entry.target) {
        (Action::AddNode(n), _) => [n.id.clone()].into_iter().gather(),
        (Action::AddLink(l), _) => [l.from.clone(), l.to.clone()].into_iter().gather(),
        (_, Target::Node(id)) => [id.clone()].into_iter().gather(),
        (_, Target::Link(from, to)) => [from.clone(), to.clone()].into_iter().gather(),
        _ => Set::new(),
    }
}

/// Sets how long a run lasts.
pub(super) fn set_run_length(draft: &mut Draft, seconds: f64) -> Result<&'static str, String> {
    if !(0.001..=MAX_RUN_S).contains(&seconds) {
        return Err(format!("A run lasts from 0.001 to {MAX_RUN_S} s, a day."));
    }
    draft.doc.run_s = seconds;
    draft.done.said = format!("The run lasts {seconds} s");
    Ok("Change the length of the run")
}

/// What an entry acts on, in words.
pub fn name(doc: &Scenario, target: &Target) -> String {
    let node = |id: &str| node_anywhere(doc, id).map_or_else(|| crate::scenario::readable(id), |n| n.label());
    match target {
        Target::Node(id) => node(id),
        Target::Link(from, to) => format!("{} → {}", node(from), node(to)),
        Target::Zone(zone) => fill("Zone {name}", &[&zone]),
        Target::Carried => String::new(),
    }
}

/// What happens, in a word or two.
pub fn words(action: &Action) -> String {
    match action {
        Action::Slow { factor } => fill("slow ×{factor}", &[&factor]),
        Action::Error { share, writes_only } => {
            let errors = if *writes_only { "{share} errors of writes" } else { "{share} errors" };
            fill(errors, &[&format_args!("{} %", (share * 1000.0).round() / 10.0)])
        }
        Action::Load { factor } => fill("load ×{factor}", &[&factor]),
        Action::Set { param, value } => match value {
            serde_json::Value::Null => fill("{what} off", &[&param]),
            value => format!("{param} {}", crate::dist::shown(value)),
        },
        Action::AddNode(_) | Action::AddLink(_) => tr("joins").to_owned(),
        Action::RemoveNode | Action::RemoveLink => tr("removed").to_owned(),
        other => tr(other.name()).to_owned(),
    }
}

/// An entry in a few words, as beside its mark on the timeline: "Web 2 crash".
pub fn label(doc: &Scenario, entry: &Entry) -> String {
    let who = match &entry.action {
        Action::AddNode(n) => n.label(),
        Action::AddLink(l) => name(doc, &Target::Link(l.from.clone(), l.to.clone())),
        _ => name(doc, &entry.target),
    };
    format!("{who} {}", words(&entry.action)).trim().to_owned()
}
