//! Single requests: what their traces say is what was measured, and nothing is left out.

use crate::trial::scenario;
use loadstone::codec::examples;
use loadstone::component::net::{CallId, Net, Origin, Outcome};
use loadstone::engine::{Engine, Progress, Record, Recorder, Step};
use loadstone::metrics::spans::Tracer;
use loadstone::metrics::trace::{Span, SpanKind, Trace};
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_s};
use serde_json::json;

/// Follows many requests in one run, and keeps what the engine itself says of each.
struct Many {
    tracers: Vec<(Origin, Tracer)>,
    finished: Vec<(Origin, Nanos, Nanos, Outcome)>,
}

impl Recorder for Many {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        for (_, tracer) in &mut self.tracers {
            tracer.record(now, net, record);
        }
        if let Record::Finished { node, ordinal, wanted, outcome, .. } = *record {
            let origin = Origin { users: node, ordinal };
            if self.tracers.iter().any(|(o, _)| *o == origin) {
                self.finished.push((origin, wanted, now, outcome));
            }
        }
    }

    fn step(&mut self, now: Nanos, net: &Net, call: CallId, step: Step) {
        for (_, tracer) in &mut self.tracers {
            tracer.step(now, net, call, step);
        }
    }
}

/// The traces of these requests of the first users node, with what the engine said of each.
fn traces(scenario: &Scenario, until_s: f64, ordinals: &[u64]) -> Vec<(Trace, Nanos, Outcome)> {
    let users = scenario.nodes.iter().position(|n| n.kind == "users").expect("users") as u32;
    let origin = |&ordinal: &u64| Origin { users, ordinal };
    let tracers = ordinals.iter().map(origin).map(|o| (o, Tracer::new(o))).collect();
    let mut engine = Engine::new(scenario, Many { tracers, finished: Vec::new() });
    assert_eq!(engine.run_until(from_s(until_s), u64::MAX), Progress::Reached);
    let (now, Many { tracers, finished }) =
        (engine.now(), std::mem::replace(&mut engine.recorder, Many { tracers: vec![], finished: vec![] }));
    let told = |(origin, wanted, at, outcome): (Origin, Nanos, Nanos, Outcome)| {
        let tracer = tracers.iter().find(|(o, _)| *o == origin).expect("it is followed").1.clone();
        let trace = tracer.finish(now, engine.net()).expect("it was wanted");
        assert_eq!((trace.wanted, trace.finished), (wanted, Some(at)), "request {}", origin.ordinal);
        assert_eq!(trace.outcome, outcome.name(), "request {}", origin.ordinal);
        (trace, at - wanted, outcome)
    };
    finished.into_iter().map(told).collect()
}

/// The spans right inside the one at this place.
fn inside(trace: &Trace, i: usize) -> Vec<&Span> {
    let depth = trace.spans[i].depth;
    let those = trace.spans[i + 1..].iter().take_while(|s| s.depth > depth);
    those.filter(|s| s.depth == depth + 1).collect()
}

/// How much of a stretch of time these spans cover; they are in the order of their start.
fn covered(spans: &[&Span], from: Nanos) -> Nanos {
    let mut upto = from;
    let mut sum = 0;
    for span in spans {
        let start = span.start.max(upto);
        sum += span.end.saturating_sub(start);
        upto = upto.max(span.end);
    }
    sum
}

/// The user's time is the spans of depth 0, one after the other; a call's time is what lies in it.
fn tiles(trace: &Trace, latency: Nanos, what: &str) {
    let mut cursor = trace.wanted;
    for span in trace.spans.iter().filter(|s| s.depth == 0) {
        assert_eq!(span.start, cursor, "{what}: a gap before {span:?} in {trace:#?}");
        cursor = span.end;
    }
    assert_eq!(cursor - trace.wanted, latency, "{what}: {trace:#?}");
    for (i, span) in trace.spans.iter().enumerate() {
        let parts = inside(trace, i);
        for part in &parts {
            assert!(span.start <= part.start && part.end <= span.end, "{what}: {part:?} is not in {span:?}");
        }
        if matches!(span.kind, SpanKind::Call | SpanKind::Query) {
            assert_eq!(covered(&parts, span.start), span.len(), "{what}: {span:?} is more than {parts:#?}");
        }
    }
}

#[test]
fn spans_tile_the_latency_in_every_example() {
    for example in examples() {
        let ordinals: Vec<u64> = (0..24).map(|i| 1 + i * 131).collect();
        let seen = traces(&example.scenario, example.scenario.run_s.min(25.0), &ordinals);
        assert!(seen.len() > 3, "{}: only {} of the requests came to an end", example.slug, seen.len());
        for (trace, latency, _) in seen {
            tiles(&trace, latency, &format!("{} request {}", example.slug, trace.ordinal));
        }
    }
}

/// One users node with these parameters that asks a server behind a balancer, by name.
fn small(users: serde_json::Value, timeline: serde_json::Value) -> Scenario {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": users}, {"id": "dns", "kind": "dns", "params": {"answer_ms": 2}},
        {"id": "lb", "kind": "load_balancer"},
        {"id": "web", "kind": "server", "params": {"instances": 2, "cores": 1, "service_ms": 10}},
        {"id": "db", "kind": "database", "params": {}}]);
    let links = json!([
        {"from": "users", "to": "dns", "params": {"latency_ms": 5}},
        {"from": "users", "to": "lb", "params": {"latency_ms": 20}}, {"from": "lb", "to": "web", "params": {"latency_ms": 1}},
        {"from": "web", "to": "db", "params": {"latency_ms": 1}}]);
    scenario(5, 60.0, nodes, links, timeline)
}

fn kinds(trace: &Trace, depth: u8) -> Vec<SpanKind> {
    trace.spans.iter().filter(|s| s.depth == depth).map(|s| s.kind).collect()
}

#[test]
fn a_first_request_asks_for_the_name_connects_and_is_answered_by_an_instance() {
    let all = traces(&small(json!({"rate_rps": 5, "arrivals": "constant", "tls": true}), json!([])), 10.0, &[1]);
    let (trace, latency, _) = &all[0];
    tiles(trace, *latency, "the first request");
    assert_eq!(kinds(trace, 0), [SpanKind::Query, SpanKind::Connect, SpanKind::Tls, SpanKind::Call], "{trace:#?}");
    let lengths: Vec<u64> = trace.spans.iter().filter(|s| s.depth == 0).map(|s| s.len() / 1_000_000).collect();
    assert_eq!(lengths[..3], [12, 40, 40], "two ways and 2 ms at the name service, then two round trips");
    let web = trace.spans.iter().find(|s| s.kind == SpanKind::Call && s.node == "web").expect("a call to the server");
    assert!(web.depth == 1 && web.instance.is_some_and(|n| n == 1 || n == 2), "{web:?}");
    let computing = trace.spans.iter().filter(|s| s.node == "web" && s.kind == SpanKind::Compute);
    assert!(computing.map(Span::len).sum::<Nanos>() > 0, "{trace:#?}");
    assert!(trace.spans.iter().any(|s| s.kind == SpanKind::Call && s.node == "db" && s.depth == 2), "{trace:#?}");
}

#[test]
fn an_attempt_that_fails_is_shown_with_the_pause_after_it() {
    let fault = json!([{"at_s": 0, "node": "lb", "do": "error", "share": 1}]);
    let users = json!({"rate_rps": 5, "arrivals": "constant", "retries": 2, "backoff_ms": 100});
    let all = traces(&small(users, fault), 20.0, &[1, 2, 3, 20]);
    assert_eq!(all.len(), 4);
    for (trace, latency, outcome) in &all {
        tiles(trace, *latency, "a retried request");
        assert_eq!(*outcome, Outcome::AppError);
        let calls: Vec<&Span> = trace.spans.iter().filter(|s| s.kind == SpanKind::Call && s.depth == 0).collect();
        assert_eq!(calls.iter().map(|s| s.attempt).collect::<Vec<_>>(), [1, 2, 3], "{trace:#?}");
        assert!(calls.iter().all(|s| s.outcome.as_deref() == Some("app_error")), "{trace:#?}");
        assert_eq!(kinds(trace, 0).iter().filter(|k| **k == SpanKind::Backoff).count(), 2, "{trace:#?}");
    }
}

#[test]
fn a_dead_name_service_is_asked_twice_five_seconds_apart() {
    let fault = json!([{"at_s": 0, "node": "dns", "do": "crash"}]);
    let users = json!({"rate_rps": 1, "arrivals": "constant", "timeout_ms": 60_000, "retries": 0});
    let all = traces(&small(users, fault), 40.0, &[1, 2]);
    for (trace, latency, outcome) in &all {
        tiles(trace, *latency, "an unanswered name");
        assert_eq!((*outcome, *latency), (Outcome::NameTimeout, 10 * SECOND));
    }
    let queries: Vec<&Span> = all[0].0.spans.iter().filter(|s| s.kind == SpanKind::Query).collect();
    assert_eq!(queries.len(), 2, "{:#?}", all[0].0);
    assert_eq!(queries[1].start - queries[0].start, 5 * SECOND, "{:#?}", all[0].0);
    assert!(kinds(&all[1].0, 0).contains(&SpanKind::SharedQuery), "the second waits for the first's: {:#?}", all[1].0);
}

/// The resolver goes on asking for others when the user whose request it began with has gone, and then gives up the first
/// question: that belongs to the trace as long as the user waited, though it is over when the trace is read.
#[test]
fn a_question_outlives_the_user_for_whom_it_was_asked() {
    let fault = json!([{"at_s": 0, "node": "dns", "do": "crash"}]);
    for retries in [0, 2] {
        let users = json!({"rate_rps": 1, "arrivals": "constant", "timeout_ms": 3000, "retries": retries});
        let all = traces(&small(users, fault.clone()), 40.0, &[1, 2]);
        let (trace, latency, _) = &all[0];
        tiles(trace, *latency, "a user who left before the resolver asked again");
        let first = trace.spans.iter().find(|s| s.kind == SpanKind::Query).expect("the first asks");
        assert_eq!((first.end - first.start, first.outcome.as_deref()), (3 * SECOND, Some("timeout")), "{trace:#?}");
        let inside = trace.spans.iter().filter(|s| s.depth > 0 && s.start < first.end);
        inside.for_each(|s| assert!(s.end <= first.end, "nothing of it is later than the user left: {trace:#?}"));
    }
}

/// What was queued and abandoned is told from what was computed: one core, far too much to do.
#[test]
fn waiting_is_told_from_computing_even_if_the_user_has_gone() {
    let users = json!({"rate_rps": 400, "arrivals": "constant", "timeout_ms": 1000, "retries": 0});
    let all = traces(&small(users, json!([])), 20.0, &[1500]);
    let (trace, latency, outcome) = &all[0];
    tiles(trace, *latency, "an abandoned request");
    assert_eq!(*outcome, Outcome::Timeout);
    let spent = |kind| trace.spans.iter().filter(|s| s.kind == kind && s.node == "web").map(Span::len).sum::<Nanos>();
    assert!(spent(SpanKind::Wait) > SECOND / 2, "waits most of its second: {trace:#?}");
    assert_eq!(spent(SpanKind::Inside), 0, "its server finished it later, so all is known: {trace:#?}");
}
