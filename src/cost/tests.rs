//! Estimates against sums done by hand from the list prices.

use super::*;
use crate::codec;
use crate::metrics::frame::{Frame, LogLine, NodeView, Totals};
use crate::time::SECOND;

fn read(nodes: &str, more: &str) -> Scenario {
    let text = format!(r#"{{"loadstone": 1, "nodes": [{nodes}]{more}}}"#);
    codec::read(&text).0.expect("the document can be read")
}

fn month(nodes: &str) -> f64 {
    bill(&read(nodes, ""), &Scaling::default(), &Usage::default(), 0).month_usd()
}

fn near(got: f64, wanted: f64, what: &str) {
    assert!((got - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{what}: {got}, not {wanted}");
}

/// What so many requests in 100 s look like.
fn usage(arrivals: &[(&str, u64)], issued: u64, answered: u64) -> Usage {
    let node = |(id, n): &(&str, u64)| NodeView { id: (*id).into(), arrivals: *n, ..NodeView::default() };
    let frame = Frame {
        now: 100 * SECOND,
        nodes: arrivals.iter().map(node).collect(),
        totals: Totals { issued, ok: answered, ..Totals::default() },
        ..Frame::default()
    };
    Usage::of_frame(&frame, 0)
}

#[test]
fn machines_cost_by_cores_memory_and_number() {
    let one = 730.0 * (2.0 * 0.04048 + 4.0 * 0.004445);
    near(month(r#"{"id": "w", "kind": "server"}"#), one, "two cores, 4 GB");
    near(month(r#"{"id": "w", "kind": "server", "params": {"instances": 3}}"#), 3.0 * one, "three of them");
    let scaled = r#"{"id": "w", "kind": "server", "params": {"autoscale": {"min": 4, "max": 8}}}"#;
    near(month(scaled), 4.0 * one, "an autoscaler begins with its least");
    let database = 730.0 * 1.4 * (4.0 * 0.04048 + 16.0 * 0.004445);
    near(month(r#"{"id": "d", "kind": "database"}"#), database, "a managed database, 4 GB for each core");
    let both = r#"{"id": "w", "kind": "server"}, {"id": "d", "kind": "database", "params": {"host": "w"}}"#;
    near(month(both), one, "who runs on another's machine has none to pay for");
    near(month(r#"{"id": "b", "kind": "load_balancer"}"#), 730.0 * 0.0225, "a managed balancer");
    near(month(r#"{"id": "n", "kind": "dns"}"#), 0.5, "a zone");
    near(month(r#"{"id": "u", "kind": "users"}"#), 0.0, "nobody has asked for anything yet");
}

#[test]
fn the_largest_machines_cost_more_for_each_core() {
    let of = |cores: u32| {
        let server =
            |cores| format!(r#"{{"id": "w", "kind": "server", "params": {{"cores": {cores}, "memory_gb": 64}}}}"#);
        month(&server(cores))
    };
    near((of(192) - of(96)) / (of(96) - of(48)), 2.0, "ordinary sizes are linear");
    assert!(of(768) > 4.0 * of(192), "768 cores cost {}, no more than four times 192", of(768));
    // What the power was taken from: 46.40 an hour for 224 cores and 6,144 GB.
    let listed = month(r#"{"id": "w", "kind": "server", "params": {"cores": 224, "memory_gb": 6144}}"#) / 730.0;
    assert!((listed / 46.40391 - 1.0).abs() < 0.02, "{listed} an hour, not 46.40");
}

#[test]
fn what_passes_through_costs_by_what_was_measured() {
    let doc = read(
        r#"{"id": "u", "kind": "users", "params": {"response_kb": 50}}, {"id": "c", "kind": "cdn"}, {"id": "q", "kind": "queue"},
           {"id": "n", "kind": "dns"}, {"id": "b", "kind": "load_balancer"}"#,
        "",
    );
    let usage = usage(&[("u", 1000), ("c", 400), ("q", 200), ("n", 50), ("b", 500)], 1000, 900);
    let bill = bill(&doc, &Scaling::default(), &usage, 100 * SECOND);
    let months = 100.0 / 3600.0 / 730.0;
    let of =
        |id: &str| bill.of(id).and_then(|c| c.use_usd).unwrap_or_else(|| panic!("{id} is used: {bill:?}")) * months;
    near(of("u"), 900.0 * 0.6 * 50e-6 * 0.09, "answers that no CDN sent");
    near(of("c"), 400.0 / 1e6 + 400.0 * 50e-6 * 0.085, "requests and traffic of the CDN");
    near(of("q"), 200.0 * 3.0 * 0.4 / 1e6, "messages, three calls each");
    near(of("n"), 50.0 * 0.4 / 1e6, "look-ups");
    near(of("b"), 500.0 * 51e-6 * 0.008, "what goes through the balancer both ways");
    let hours = (0.0225 + 0.5 / 730.0) * 100.0 / 3600.0;
    let used: f64 = ["u", "c", "q", "n", "b"].into_iter().map(of).sum();
    near(bill.per_million_usd.expect("there are answers"), (hours + used) / 900.0 * 1e6, "a million answers");
}

#[test]
fn prices_of_the_document_replace_those_of_the_list() {
    let doc = read(r#"{"id": "w", "kind": "server"}"#, r#", "prices": {"core_hour_usd": 1, "memory_gb_hour_usd": 0}"#);
    near(bill(&doc, &Scaling::default(), &Usage::default(), 0).month_usd(), 730.0 * 2.0, "two cores at one an hour");
    let again = codec::read(&codec::write(&doc)).0.expect("it reads what it writes");
    assert_eq!(again.prices, doc.prices);
}

#[test]
fn hours_follow_autoscaling_and_edits() {
    let server = r#"{"id": "w", "kind": "server", "params": {"autoscale": {"min": 1, "max": 9}}}"#;
    let doc = read(
        server,
        r#", "timeline": [{"at_s": 50, "do": "add_node", "node": {"id": "x", "kind": "server"}}, {"at_s": 70, "node": "x", "do": "remove_node"}]"#,
    );
    let line = |s: u64, n: f64| LogLine {
        at: s * SECOND,
        node: "w".into(),
        what: "scaled".into(),
        count: Some(n),
        ..LogLine::default()
    };
    let mut scaling = Scaling::default();
    scaling.feed(&[line(30, 3.0), line(90, 2.0)]);
    let course = Course::new(&doc, &scaling, 100 * SECOND);
    let hour = 2.0 * 0.04048 + 4.0 * 0.004445;
    // One until 30 s, three until 90 s, two until 100 s; another for 20 s.
    near(course.usd(0, 100 * SECOND), hour * f64::from(30 + 3 * 60 + 2 * 10 + 20) / 3600.0, "all of it");
    near(course.usd(80 * SECOND, 95 * SECOND), hour * f64::from(3 * 10 + 2 * 5) / 3600.0, "a part");
    near(course.hour_usd("w", 40 * SECOND).expect("it is there"), 3.0 * hour, "while there are three");
    assert_eq!((course.hour_usd("x", 40 * SECOND), course.hour_usd("x", 80 * SECOND)), (None, None));
    assert_eq!(bill(&doc, &scaling, &Usage::default(), 40 * SECOND).of("w").unwrap().what, "3 × 2 cores, 4 GB");
}
