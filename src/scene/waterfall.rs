//! A request's way as a waterfall: a row for each step, indented by the depth of calls, bars on one axis of time.
//!
//! What a node spends a call's time on (waiting, computing, the network) are parts of the call's bar; the table below
//! lists them as well. Also as text for a terminal, and in the Chrome trace event format, which Perfetto opens.

mod perfetto;
mod text;

pub use perfetto::perfetto;
pub use text::text;

use super::format;
use crate::metrics::trace::{Asked, CLOSED, Span, SpanKind, Trace};
use crate::scenario::{Scenario, readable};
use crate::time::{Nanos, to_ms};

/// The whole picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waterfall {
    /// Which request it is.
    pub title: String,
    /// How it ended, in a sentence.
    pub outcome: String,
    /// Whether it failed.
    pub failed: bool,
    /// From wanting to the end.
    pub total: Nanos,
    /// The same in words.
    pub total_words: String,
    /// Steps, each before those inside it.
    pub rows: Vec<Row>,
    /// Marks of the axis: where, 0 to 1, and what stands there.
    pub ticks: Vec<(f64, String)>,
    /// Every span, the parts of calls too.
    pub table: Vec<Line>,
    /// What is worth saying beside it.
    pub note: Option<&'static str>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// How many calls it lies inside.
    pub depth: u8,
    /// What it is.
    pub label: String,
    /// The node that it is about.
    pub node: String,
    /// What it is, for its colour.
    pub kind: SpanKind,
    /// What did not go well, in words; empty if all did.
    pub trouble: String,
    /// When it began, and how long it took.
    pub start: String,
    /// See `start`.
    pub length: String,
    /// Where its bar begins and how long it is, 0 to 1.
    pub bar: [f64; 2],
    /// The bar's parts: what, and where on the whole axis.
    pub parts: Vec<(SpanKind, [f64; 2])>,
    /// The row in a sentence.
    pub accessible: String,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How many calls it lies inside.
    pub depth: u8,
    /// What it is.
    pub label: String,
    /// The name of the node, with the instance.
    pub node: String,
    /// When it began, after the user wanted an answer.
    pub start: String,
    /// How long it took.
    pub length: String,
    /// How it ended.
    pub outcome: String,
}

/// The picture of a trace. `names` is a design that knows every node's name.
pub fn waterfall(trace: &Trace, names: &Scenario) -> Waterfall {
    let end = trace.finished.or(trace.spans.iter().map(|s| s.end).max()).unwrap_or(trace.wanted);
    let view = View { trace, names, total: end - trace.wanted };
    let mut rows: Vec<Row> = Vec::new();
    for (i, span) in trace.spans.iter().enumerate() {
        if span.kind.is_part() {
            let bar = view.bar(span);
            if let Some(row) = rows.iter_mut().rev().find(|r| r.depth < span.depth) {
                row.parts.push((span.kind, bar));
            }
        } else {
            rows.push(view.row(i));
        }
    }
    Waterfall {
        title: title(trace, names),
        outcome: view.ending(),
        failed: trace.finished.is_some() && trace.outcome != "ok",
        total: view.total,
        total_words: length(view.total),
        rows,
        ticks: view.ticks(),
        table: trace.spans.iter().map(|span| view.line(span)).collect(),
        note: trace.cut.then_some("Only the beginning is shown: this request made more calls than are kept."),
    }
}

/// Which request it is, in words.
pub fn title(trace: &Trace, names: &Scenario) -> String {
    let what = match trace.asked {
        Asked::Read => "a read",
        Asked::Write => "a write",
        Asked::Static => "a static file",
    };
    format!("Request {} of {}, {what}", format::count(trace.ordinal), name(names, &trace.users))
}

/// The name that people gave a node.
fn name(names: &Scenario, id: &str) -> String {
    names.node(id).map_or_else(|| readable(id), |n| n.label())
}

/// A length of time; to the µs, because a waterfall is read closely.
pub fn length(t: Nanos) -> String {
    let ms = to_ms(t);
    match t {
        0 => "0 ms".to_owned(),
        1..1_000_000 => format!("{ms:.3} ms"),
        1_000_000..100_000_000 => format!("{ms:.2} ms"),
        _ => format!("{} ms", with_commas(ms)),
    }
}

fn with_commas(ms: f64) -> String {
    let tenths = (ms * 10.0).round() as u64;
    format!("{}.{}", format::count(tenths / 10), tenths % 10)
}

/// How something ended, in words.
pub fn ending(outcome: &str) -> &'static str {
    match outcome {
        "ok" => "answered",
        "refused" => "refused",
        "reset" => "connection lost",
        "timeout" => "no answer in time",
        "no_backend" => "503: no server is up",
        "gateway_timeout" => "504: no answer in time behind it",
        "app_error" => "500: an error",
        "no_such_name" => "no such name",
        "name_timeout" => "the name service did not answer",
        "unreachable" => "no way to the address",
        CLOSED => "nobody waited any more",
        _ => "",
    }
}

/// What a kind of span is called in the legend and in the table.
pub fn kind_label(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Query => "Look-up",
        SpanKind::SharedQuery => "Look-up asked by another",
        SpanKind::ClientCache => "Address from the client's cache",
        SpanKind::ResolverCache => "Address from the resolver's cache",
        SpanKind::Connect => "Connect",
        SpanKind::Tls => "TLS",
        SpanKind::Call => "Call",
        SpanKind::Network => "Network",
        SpanKind::Wait => "Waiting for a worker or core",
        SpanKind::Compute => "Computing",
        SpanKind::Inside => "Waiting or computing",
        SpanKind::Disk => "Disk",
        SpanKind::Replicas => "Waiting for replicas",
        SpanKind::Share => "Waiting for another's fetch",
        SpanKind::Backoff => "Back-off",
        SpanKind::Instant => "Fails at once",
    }
}

/// A kind's name for style classes.
pub fn kind_class(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Query | SpanKind::SharedQuery | SpanKind::ClientCache | SpanKind::ResolverCache => "name",
        SpanKind::Connect | SpanKind::Tls => "connect",
        SpanKind::Call => "call",
        SpanKind::Network => "network",
        SpanKind::Wait | SpanKind::Inside => "wait",
        SpanKind::Compute => "compute",
        SpanKind::Disk | SpanKind::Replicas | SpanKind::Share => "other",
        SpanKind::Backoff | SpanKind::Instant => "pause",
    }
}

/// What a picture is made from.
struct View<'a> {
    trace: &'a Trace,
    names: &'a Scenario,
    total: Nanos,
}

impl View<'_> {
    fn ending(&self) -> String {
        let (total, outcome) = (length(self.total), self.trace.outcome.as_str());
        match self.trace.finished {
            None => format!("Not answered by the end of the run, {total} after it was wanted"),
            Some(_) if outcome == "ok" => format!("Answered after {total}"),
            Some(_) => format!("Failed after {total}: {}", ending(outcome)),
        }
    }

    fn bar(&self, span: &Span) -> [f64; 2] {
        let total = (self.total as f64).max(1.0);
        [(span.start - self.trace.wanted) as f64 / total, span.len() as f64 / total]
    }

    /// The node's name, with the instance where there are several.
    fn node(&self, span: &Span) -> String {
        let name = name(self.names, &span.node);
        span.instance.map_or_else(|| name.clone(), |n| format!("{name} #{n}"))
    }

    fn label(&self, span: &Span) -> String {
        let node = self.node(span);
        match span.kind {
            SpanKind::Query => format!("Look-up at {node}"),
            SpanKind::Connect => format!("Connect to {node}"),
            SpanKind::Tls => format!("TLS with {node}"),
            SpanKind::Call => node,
            kind => kind_label(kind).to_owned(),
        }
    }

    fn row(&self, i: usize) -> Row {
        let span = &self.trace.spans[i];
        let mut label = self.label(span);
        // The first step of each further attempt says so.
        let before = self.trace.spans[..i].iter().rev().find(|s| s.kind != SpanKind::Backoff);
        if span.kind != SpanKind::Backoff && before.is_some_and(|b| b.attempt < span.attempt) {
            label = format!("Attempt {}: {label}", span.attempt);
        }
        let trouble = match span.outcome.as_deref() {
            None | Some("ok") => String::new(),
            Some(outcome) => ending(outcome).to_owned(),
        };
        let (start, length) = (self.start(span), length(span.len()));
        let how = if trouble.is_empty() { String::new() } else { format!(", {trouble}") };
        let accessible = format!("{label}: from {start} on, {length}{how}");
        Row {
            depth: span.depth,
            node: span.node.clone(),
            kind: span.kind,
            bar: self.bar(span),
            parts: Vec::new(),
            label,
            trouble,
            start,
            length,
            accessible,
        }
    }

    fn start(&self, span: &Span) -> String {
        length(span.start - self.trace.wanted)
    }

    fn line(&self, span: &Span) -> Line {
        Line {
            depth: span.depth,
            label: kind_label(span.kind).to_owned(),
            node: self.node(span),
            start: self.start(span),
            length: length(span.len()),
            outcome: span.outcome.as_deref().map_or("", ending).to_owned(),
        }
    }

    /// Three to seven marks at round times.
    fn ticks(&self) -> Vec<(f64, String)> {
        if self.total == 0 {
            return vec![(0.0, "0".to_owned())];
        }
        let steps = (0..18).flat_map(|power| [1, 2, 5].map(|digit| digit * (10 as Nanos).pow(power)));
        let step = steps.into_iter().find(|step| self.total / step <= 6).unwrap_or(self.total);
        let place = |t: Nanos| (t as f64 / self.total as f64, format::number(to_ms(t)));
        (0..=self.total / step).map(|i| place(i * step)).collect()
    }
}

#[cfg(test)]
mod tests;
