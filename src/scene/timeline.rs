//! The timeline: what the document says will happen, as marks along the run.

use super::{Tone, format};
use crate::editor::timeline::label;
use crate::metrics::frame::Frame;
use crate::order;
use crate::scenario::{Action, Scenario};
use crate::texts::fill;
use crate::time::{Nanos, from_s};

/// A mark on the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Position of its entry in the document, for `RemoveEntry` and `MoveEntry`.
    pub index: usize,
    /// When.
    pub at: Nanos,
    /// Where: 0 is the start of the run, 1 its end.
    pub share: f64,
    /// Where it is undone again, if it is.
    pub until: Option<f64>,
    /// "Web 2 crash".
    pub label: String,
    /// Whether the label has room beside its neighbours; otherwise it is for hovering and assistive technology.
    pub roomy: bool,
    /// Bad: a fault. Ok: it mends. Warn: load, slowness. Idle: an edit.
    pub tone: Tone,
    /// An edit of the design rather than a fault.
    pub edit: bool,
    /// It has happened.
    pub past: bool,
    /// "Web 2 crash at 30 s".
    pub accessible: String,
}

/// The timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// In the order of time.
    pub marks: Vec<Mark>,
    /// Where the run is: 0 is the start, 1 the end.
    pub now: f64,
    /// "00:32.6".
    pub clock: String,
    /// "02:00.0".
    pub end: String,
    /// How far the run is simulated again after an edit of its past, if it is.
    pub catching_up: Option<f64>,
}

/// The timeline of a document; `width` is its length on the screen in pixels.
pub fn timeline(doc: &Scenario, frame: Option<&Frame>, width: f64) -> Timeline {
    let end = from_s(doc.run_s).max(1);
    let now = frame.map_or(0, |f| f.now);
    let share = |t: Nanos| (t as f64 / end as f64).clamp(0.0, 1.0);
    let mut order: Vec<usize> = (0..doc.timeline.len()).collect();
    order::sort_by_key(&mut order, |&i| doc.timeline[i].at());
    let mut taken = f64::NEG_INFINITY;
    let mut marks: Vec<Mark> = Vec::with_capacity(order.len());
    for index in order {
        let entry = &doc.timeline[index];
        let (at, text) = (entry.at(), label(doc, entry));
        let x = share(at) * width;
        // About 6.5 px per character at 11 px.
        let long = text.chars().count() as f64 * 6.5 + 10.0;
        let roomy = x >= taken && x + long <= width + 40.0;
        if roomy {
            taken = x + long;
        }
        marks.push(Mark {
            index,
            at,
            share: share(at),
            until: entry.for_s.map(|s| share(at.saturating_add(from_s(s)))),
            accessible: match entry.chaos {
                Some(seed) => fill("{what} at {time}, by chaos with seed {seed}", &[&text, &format::moment(at), &seed]),
                None => fill("{what} at {time}", &[&text, &format::moment(at)]),
            },
            label: text,
            roomy,
            tone: tone(&entry.action),
            edit: entry.action.is_edit(),
            past: at <= now && now > 0,
        });
    }
    let catching_up = frame.and_then(|f| match f.clock {
        crate::metrics::frame::Clock::CatchingUp { to } => Some(share(to)),
        _ => None,
    });
    Timeline { marks, now: share(now), clock: format::clock(now), end: format::clock(end), catching_up }
}

fn tone(action: &Action) -> Tone {
    match action {
        Action::Crash | Action::Freeze | Action::Cut | Action::Error { .. } => Tone::Bad,
        Action::Recover | Action::Promote => Tone::Ok,
        Action::Slow { factor } | Action::Load { factor } if *factor == 1.0 => Tone::Ok,
        Action::Slow { .. } | Action::Load { .. } | Action::Flush => Tone::Warn,
        _ => Tone::Idle,
    }
}
