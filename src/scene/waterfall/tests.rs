use super::*;
use crate::codec::examples;

fn span(depth: u8, kind: SpanKind, node: &str, start: Nanos, end: Nanos, outcome: Option<&str>) -> Span {
    let outcome = outcome.map(str::to_owned);
    Span { depth, kind, node: node.into(), instance: None, from: None, start, end, outcome, attempt: 1 }
}

/// A request that connects, asks, is refused, pauses and is answered at the second attempt.
fn retried() -> Trace {
    let ms = |n: u64| 1_000_000_000 + n * 1_000_000;
    let again = |s: Span| Span { attempt: 2, ..s };
    Trace {
        users: "users".into(),
        ordinal: 1234,
        wanted: ms(0),
        finished: Some(ms(400)),
        outcome: "ok".into(),
        spans: vec![
            span(0, SpanKind::Connect, "lb", ms(0), ms(40), Some("refused")),
            again(span(0, SpanKind::Backoff, "users", ms(40), ms(140), None)),
            again(span(0, SpanKind::Call, "lb", ms(140), ms(400), Some("ok"))),
            again(span(1, SpanKind::Network, "lb", ms(140), ms(160), None)),
            again(span(1, SpanKind::Call, "web1", ms(160), ms(380), Some("ok"))),
            again(span(2, SpanKind::Wait, "web1", ms(160), ms(360), None)),
            again(span(2, SpanKind::Compute, "web1", ms(360), ms(380), None)),
            again(span(1, SpanKind::Network, "lb", ms(380), ms(400), None)),
        ],
        ..Trace::default()
    }
}

#[test]
fn parts_lie_in_the_bars_of_their_calls() {
    let picture = waterfall(&retried(), &examples()[0].scenario);
    let rows: Vec<(u8, &str, usize)> =
        picture.rows.iter().map(|r| (r.depth, r.label.as_str(), r.parts.len())).collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows[0].1.starts_with("Connect to") && rows[1].1 == "Back-off", "{rows:?}");
    assert!(rows[2].1.starts_with("Attempt 2: ") && rows[2].2 == 2, "both ways of the network: {rows:?}");
    assert_eq!((rows[3].0, rows[3].2), (1, 2), "{rows:?}");
    assert_eq!(picture.rows[3].parts[0], (SpanKind::Wait, [0.4, 0.5]));
    assert_eq!(picture.rows[0].trouble, "refused");
    assert_eq!(picture.outcome, "Answered after 400.0 ms");
    assert_eq!(picture.table.len(), 8);
    assert!((3..=7).contains(&picture.ticks.len()), "{:?}", picture.ticks);
}

#[test]
fn perfetto_gets_slices_that_nest() {
    let told = perfetto(&retried(), &examples()[0].scenario);
    let events = told["traceEvents"].as_array().expect("a list");
    let slices: Vec<_> = events.iter().filter(|e| e["ph"] == "X").collect();
    assert_eq!(slices.len(), 8);
    let of = |e: &serde_json::Value| (e["pid"].as_u64().unwrap(), e["tid"].as_u64().unwrap());
    let range =
        |e: &serde_json::Value| (e["ts"].as_f64().unwrap(), e["ts"].as_f64().unwrap() + e["dur"].as_f64().unwrap());
    for (i, a) in slices.iter().enumerate() {
        for b in slices[i + 1..].iter().filter(|b| of(b) == of(a)) {
            let ((a0, a1), (b0, b1)) = (range(a), range(b));
            assert!(b0 >= a1 || a0 >= b1 || (a0 <= b0 && b1 <= a1), "{a} and {b} cross");
        }
    }
    assert_eq!(slices[0]["ts"], 1_000_000.0);
    assert_eq!(slices[0]["dur"], 40_000.0);
}
