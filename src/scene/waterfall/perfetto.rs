//! A trace in the Chrome trace event format, which Perfetto and `chrome://tracing` open:
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>.
//!
//! Every node is a process. What happens at one node at the same time lies on several of its threads, because slices of
//! one thread have to lie inside each other.

use super::{View, kind_label, title, waterfall};
use crate::metrics::trace::{Span, Trace};
use crate::scenario::Scenario;
use crate::time::{Nanos, to_ms};
use serde_json::{Value, json};

/// The trace as one JSON object; times are µs since the run's start.
pub fn perfetto(trace: &Trace, names: &Scenario) -> Value {
    let view = View { trace, names, total: 0 };
    let mut tracks = Tracks::default();
    let mut events = Vec::new();
    for span in &trace.spans {
        let (pid, tid) = tracks.place(span);
        let label = if span.kind.is_part() { kind_label(span.kind).to_owned() } else { view.label(span) };
        events.push(json!({
            "name": label, "cat": kind_label(span.kind), "ph": "X", "ts": us(span.start), "dur": us(span.len()),
            "pid": pid, "tid": tid,
            "args": {
                "node": span.node, "instance": span.instance, "from": span.from, "outcome": span.outcome,
                "attempt": span.attempt, "since_wanted_ms": to_ms(span.start - trace.wanted),
            },
        }));
    }
    let name = |(i, id): (usize, &String)| json!({"name": "process_name", "ph": "M", "pid": i + 1, "tid": 0, "args": {"name": super::name(names, id)}});
    events.extend(tracks.nodes.iter().enumerate().map(name));
    let picture = waterfall(trace, names);
    json!({
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {
            "request": title(trace, names), "outcome": picture.outcome, "wanted_us": us(trace.wanted),
            "total_us": us(picture.total),
        },
    })
}

fn us(t: Nanos) -> f64 {
    t as f64 / 1e3
}

/// Which thread of which process a span lies on.
#[derive(Default)]
struct Tracks {
    nodes: Vec<String>,
    /// By node and thread: until when it is taken.
    lanes: Vec<Vec<Nanos>>,
    /// Those of the calls around the present span, by depth.
    around: Vec<(usize, usize)>,
}

impl Tracks {
    /// Process and thread, both from 1.
    fn place(&mut self, span: &Span) -> (usize, usize) {
        let depth = usize::from(span.depth);
        self.around.truncate(depth);
        let (node, lane) = match self.around.last() {
            Some(&around) if span.kind.is_part() => around,
            _ => self.take(span),
        };
        self.around.resize(depth, (node, lane));
        self.around.push((node, lane));
        (node + 1, lane + 1)
    }

    fn take(&mut self, span: &Span) -> (usize, usize) {
        let node = self.nodes.iter().position(|id| *id == span.node).unwrap_or_else(|| {
            self.nodes.push(span.node.clone());
            self.lanes.push(Vec::new());
            self.nodes.len() - 1
        });
        let lanes = &mut self.lanes[node];
        let lane = lanes.iter().position(|&until| until <= span.start).unwrap_or_else(|| {
            lanes.push(0);
            lanes.len() - 1
        });
        lanes[lane] = span.end;
        (node, lane)
    }
}
