//! The large charts: which lines there are, what they tell, and what stands beside them.

use super::super::chart::Series;
use super::super::plots::*;
use super::super::span::Span;
use crate::metrics::frame::{Frame, NodeView};
use crate::metrics::frame::{NodePoint, Point};
use crate::order::Set;
use crate::scenario::{Action, Entry, Node, Scenario, Target};
use crate::time::SECOND;

fn run(nodes: usize) -> (Series, Scenario) {
    let mut series = Series::default();
    let ids: Vec<String> = (0..nodes).map(|i| format!("web{i}")).collect();
    let point = |s: u64| Point {
        at: s * SECOND,
        span: SECOND,
        ok_rate: 100.0,
        p50_ms: Some(10.0),
        p95_ms: Some(30.0),
        p99_ms: Some(40.0 + s as f64),
        error_share: Some(0.002),
        errors: if s == 5 { vec![(2, 3)] } else { Vec::new() },
        nodes: (0..nodes)
            .map(|i| NodePoint { utilization: Some(0.1 + i as f64 / 100.0), inside: 1, ..NodePoint::default() })
            .collect(),
        ..Point::default()
    };
    let views = ids.iter().map(|id| NodeView { id: id.clone(), ..NodeView::default() }).collect();
    series.feed(&Frame { now: 60 * SECOND, nodes: views, points: (1..=60).map(point).collect(), ..Frame::default() });
    let nodes = ids.into_iter().map(|id| Node { id, ..Node::default() }).collect();
    let crash = Entry::new(30.0, Target::Node("web1".into()), Action::Crash);
    (series, Scenario { nodes, timeline: vec![crash], run_s: 60.0, ..Scenario::default() })
}

fn drawn(nodes: usize, change: impl Fn(&mut Wanted)) -> Vec<Plot> {
    let (series, doc) = run(nodes);
    let (none, span) = (Set::new(), Span::whole(60 * SECOND));
    let mut wanted =
        Wanted { span, nodes: &none, hidden: &none, rival: None, limits: &[("p99_ms", 250.0), ("error_share", 0.01)] };
    change(&mut wanted);
    plots(&series, &doc, &wanted)
}

fn find(plots: &[Plot], topic: Topic) -> &Plot {
    plots.iter().find(|p| p.topic == topic).unwrap_or_else(|| panic!("no chart of {topic:?}"))
}

#[test]
fn what_has_no_numbers_has_no_chart() {
    let topics: Vec<Topic> = drawn(3, |_| ()).iter().map(|p| p.topic).collect();
    use Topic::*;
    assert_eq!(topics, [Latency, Outcomes, Errors, Utilization, Inside], "nothing waits, lags or is cached here");
}

#[test]
fn the_run_it_is_held_against_is_drawn_into_the_same_charts() {
    let (series, doc) = run(3);
    let none = Set::new();
    let (span, rival) = (Span::whole(60 * SECOND), Some(&series));
    let plots = plots(&series, &doc, &Wanted { span, nodes: &none, hidden: &none, rival, limits: &[] });
    for (topic, name) in [(Topic::Latency, "p99"), (Topic::Outcomes, "answered"), (Topic::Errors, "failed")] {
        let lines = &find(&plots, topic).lines;
        let of = |name: &str| lines.iter().find(|l| l.name == name).unwrap_or_else(|| panic!("no {name} in {lines:?}"));
        let (a, b) = (of(name), of(&format!("{name}, B")));
        assert_eq!((&a.values, &a.path), (&b.values, &b.path), "{name} of the same run");
        assert!(a.key != b.key && a.style != b.style && b.style == OF_B, "{name} and B's look alike");
    }
}

#[test]
fn lines_tell_causes_and_promises_stand_beside_them() {
    let plots = drawn(3, |_| ());
    let outcomes: Vec<&str> = find(&plots, Topic::Outcomes).lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(outcomes, ["answered", "timeout"]);
    let latency = find(&plots, Topic::Latency);
    assert_eq!(latency.lines.iter().map(|l| latency.value(l, None)).collect::<Vec<_>>(), ["10 ms", "30 ms", "100 ms"]);
    assert_eq!(latency.limits, [(0.5, "p99 ≤ 250 ms".to_owned())], "of an axis up to {}", latency.top);
    assert_eq!(find(&plots, Topic::Errors).limits.len(), 1);
    let (outcomes, at) = (find(&plots, Topic::Outcomes), Some(5 * SECOND));
    assert_eq!(outcomes.value(&outcomes.lines[1], at), "3 /s", "the cursor's moment counts");
    assert_eq!(latency.value(&latency.lines[2], at), "45 ms");
}

#[test]
fn no_two_lines_look_alike_and_what_finds_no_room_is_counted() {
    let plots = drawn(12, |_| ());
    let busy = find(&plots, Topic::Utilization);
    let styles: Set<usize> = busy.lines.iter().map(|l| l.style).collect();
    assert_eq!((busy.lines.len(), busy.more, styles.len()), (8, 4, 8));
    assert_eq!(busy.lines[0].name, "Web 11", "the busiest come first");
}

#[test]
fn chosen_nodes_and_hidden_lines() {
    let only: Set<String> = ["web1".to_owned()].into_iter().collect();
    let names: Vec<String> = {
        let (series, doc) = run(3);
        let none = Set::new();
        let wanted = Wanted { span: Span::whole(60 * SECOND), nodes: &only, hidden: &none, rival: None, limits: &[] };
        find(&plots(&series, &doc, &wanted), Topic::Utilization).lines.iter().map(|l| l.name.clone()).collect()
    };
    assert_eq!(names, ["Web 1"]);
    let (series, doc) = run(3);
    let (none, hidden) = (Set::new(), ["latency:p99".to_owned()].into_iter().collect());
    let wanted = Wanted { span: Span::whole(60 * SECOND), nodes: &none, hidden: &hidden, rival: None, limits: &[] };
    let all = plots(&series, &doc, &wanted);
    let latency = find(&all, Topic::Latency);
    assert!(latency.lines[2].hidden && latency.lines[2].path.is_empty());
    assert_eq!(latency.top, "50 ms", "the axis fits what is shown");
}

#[test]
fn faults_and_the_cursor_are_told_where_they_are() {
    let (series, doc) = run(3);
    let span = Span::whole(60 * SECOND);
    assert_eq!(
        marks(&doc, span).iter().map(|m| (m.share, m.words.as_str())).collect::<Vec<_>>(),
        [(0.5, "Web 1 crash at 30 s")]
    );
    assert_eq!(marks(&doc, span.between(0, 10 * SECOND)), [], "out of sight");
    assert_eq!(
        reading(&series, &doc, span, 30 * SECOND),
        "00:30.0 · Web 1 crash at 30 s · 100 req/s answered, p50 10 ms, p99 70 ms, 0.2 % failed"
    );
    assert_eq!(reading(&series, &doc, span, 61 * SECOND), "01:01.0 · not simulated yet");
}
