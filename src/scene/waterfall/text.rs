//! The waterfall for a terminal.

use super::{View, kind_label, length, waterfall};
use crate::metrics::trace::{SpanKind, Trace};
use crate::scenario::Scenario;
use crate::time::to_s;
use std::fmt::Write;

/// Letters across a bar.
const WIDTH: usize = 32;

/// The picture as lines of text.
pub fn text(trace: &Trace, names: &Scenario) -> String {
    let picture = waterfall(trace, names);
    let view = View { trace, names, total: picture.total };
    let mut out = format!("{}, wanted at {} s\n{}\n", picture.title, to_s(trace.wanted), picture.outcome);
    out.push_str("\n    start (ms)   length (ms)\n");
    let mut rows = picture.rows.iter();
    for span in &trace.spans {
        let (label, outcome) = if span.kind.is_part() {
            (kind_label(span.kind).to_owned(), String::new())
        } else {
            rows.next().map(|row| (row.label.clone(), row.trouble.clone())).unwrap_or_default()
        };
        let (start, length) = (length(span.start - trace.wanted), length(span.len()));
        let [from, len] = view.bar(span);
        let bar = bar(from, len, letter(span.kind));
        let indent = "  ".repeat(usize::from(span.depth));
        let how = if outcome.is_empty() { outcome } else { format!("  ({outcome})") };
        let (start, length) = (start.trim_end_matches(" ms"), length.trim_end_matches(" ms"));
        let _ = writeln!(out, "{start:>14}{length:>14}  {bar}  {indent}{label}{how}");
    }
    if let Some(note) = picture.note {
        let _ = writeln!(out, "\n{note}");
    }
    out
}

fn bar(from: f64, len: f64, letter: char) -> String {
    let at = |share: f64| (share * WIDTH as f64).round() as usize;
    let (first, last) = (at(from).min(WIDTH - 1), at(from + len).min(WIDTH));
    let place = |i: usize| if i >= first && i < last.max(first + 1) { letter } else { '.' };
    (0..WIDTH).map(place).collect()
}

/// Steps are lines, what a node does is solid, what it waits for is not.
fn letter(kind: SpanKind) -> char {
    match kind {
        SpanKind::Compute | SpanKind::Disk => '#',
        SpanKind::Wait | SpanKind::Inside | SpanKind::Replicas | SpanKind::Share => '~',
        SpanKind::Backoff | SpanKind::Instant => '·',
        SpanKind::Network => '-',
        _ => '=',
    }
}
