//! The inspector's fields and live rows.

use super::*;
use crate::scene::chart::NodeSeries;
use crate::scene::inspector::{SHAPES, Widget, inspector, read, reshaped};

#[test]
fn the_inspector_follows_the_tables() {
    let mut editor = site();
    editor.apply(Command::Select(vec![Item::Node("lb".into())]), 0).unwrap();
    let frame = frame();
    let shown = inspector(&editor, &Stage::new(&editor, frame.now), Some(&frame));
    let mut out = format!("{} | {} | {} | {}\n", shown.title, shown.kind, shown.address, shown.status);
    for section in &shown.sections {
        let _ = writeln!(out, "{}:", section.label);
        for f in &section.fields {
            let _ = writeln!(out, "  {} = {} {} (default {}; {})", f.name, f.text, f.unit, f.default, f.range);
            if let Widget::Group { fields, .. } = &f.widget {
                for f in fields {
                    let _ = writeln!(out, "    {} = {} {}", f.name, f.text, f.unit);
                }
            }
        }
    }
    for l in &shown.live {
        let _ = writeln!(out, "{}: {} {} ({})", l.label, l.value, l.note, l.tone.name());
    }
    for b in &shown.backends {
        let _ = writeln!(out, "backend {}: {}, {} picks, {} open", b.name, b.state, b.picks, b.open);
    }
    expect![[r#"
        Balancer | Load balancer | 203.0.113.10 | 232 req/s · 2 up
        Main:
          algorithm = round_robin  (default round robin; )
          health = {}  (default on; )
            health.interval_ms = 2000 ms
            health.timeout_ms = 2000 ms
            health.rise = 2
            health.fall = 3
          tries = 2  (default 2; 1 to 100)
        More:
          max_fails =   (default none; 1 to 1,000)
          fail_timeout_s = 10 s (default 10 s; 0.001 to 1,000,000)
          fail_open = false  (default off; )
          sticky = false  (default off; )
          slow_start_s = 0 s (default 0 s; 0 to 1,000,000)
          drain_s = 30 s (default 30 s; 0 to 1,000,000)
          breaker =   (default none; )
          rate_limit_rps =  req/s (default none; 0.001 to 1,000,000,000)
          rate_limit_burst = 100  (default 100; 1 to 1,000,000,000)
          overhead_ms = 0.1 ms (default 0.1 ms; 0 to 1,000,000)
          cores =   (default none; 1 to 1,024)
          connect_timeout_ms = 5000 ms (default 5000 ms; 1 to 100,000,000)
          read_timeout_ms = 60000 ms (default 60000 ms; 1 to 100,000,000)
          region =   (default none; at most 200 characters)
          address = auto  (default auto; )
        p99 latency: –  (ok)
        Arrivals: 232 req/s 0 req/s answered (ok)
        Errors: 0 /s  (ok)
        backend Web 1: up, 3,711 picks, 12 open
        backend Web 2: up, 2 of 3 missed, 3,711 picks, 12 open
    "#]]
    .assert_eq(&trimmed(&out));
}

#[test]
fn the_inspector_of_a_server_has_live_rows_with_spark_lines() {
    let mut editor = site();
    editor.apply(Command::Select(vec![Item::Node("web1".into())]), 0).unwrap();
    let frame = frame();
    let shown = inspector(&editor, &Stage::new(&editor, frame.now), Some(&frame));
    let first: Vec<_> = shown.live.iter().map(|l| (l.value.as_str(), l.note.as_str(), l.series)).take(3).collect();
    assert_eq!(
        first,
        [
            ("93 %", "of 2 cores", Some(NodeSeries::Utilization)),
            ("15", "of 17 inside", Some(NodeSeries::Waiting)),
            ("261 ms", "", Some(NodeSeries::P99)),
        ]
    );
    let service = shown.sections[0].fields.iter().find(|f| f.name == "service_ms").unwrap();
    let Widget::Distribution { shape, parts, .. } = &service.widget else { panic!("{service:?}") };
    assert_eq!((*shape, parts[0].value, service.is_default), ("exponential", 8.0, false));
    assert_eq!(service.default, "exponential, mean 5 ms");
}

#[test]
fn a_value_that_does_not_fit_shows_its_error() {
    let mut editor = Editor::new(Scenario {
        nodes: vec![
            node("web1", "server", [0.0, 0.0], json!({"workers": "many"})),
            node("x", "rocket", [0.0, 0.0], json!({})),
        ],
        ..Scenario::default()
    });
    editor.apply(Command::Select(vec![Item::Node("web1".into())]), 0).unwrap();
    let shown = inspector(&editor, &Stage::new(&editor, 0), None);
    let workers = shown.sections.iter().flat_map(|s| &s.fields).find(|f| f.name == "workers").unwrap();
    assert_eq!(workers.error.as_deref(), Some("is \"many\", but must be a whole number from 1 to 10000000"));
    editor.apply(Command::Select(vec![Item::Node("x".into())]), 0).unwrap();
    let unknown = inspector(&editor, &Stage::new(&editor, 0), None);
    assert_eq!((unknown.kind.as_str(), unknown.sections.len()), ("Unknown kind rocket", 0));
}

#[test]
fn what_people_type_becomes_values() {
    let param = |kind: Kind, name: &str| kind.spec().param(name).unwrap();
    let server = |name| param(Kind::Server, name);
    for (p, typed, wanted) in [
        (server("workers"), "1,024", Ok(json!(1024))),
        (server("workers"), "", Ok(json!(256))),
        (server("workers"), "x", Err("Workers is \"x\", but must be a whole number from 1 to 10000000.".to_owned())),
        (server("connect_timeout_ms"), " 250 ms ", Ok(json!(250))),
        (server("service_ms"), "5", Ok(json!(5))),
        (server("service_ms"), "{\"exponential\": 7}", Ok(json!({"exponential": 7}))),
        (param(Kind::Users, "users"), "", Ok(Value::Null)),
        (param(Kind::Users, "load"), "[[0,1],[60,4]]", Ok(json!([[0, 1], [60, 4]]))),
        (param(Kind::Users, "domain"), "", Ok(json!(""))),
    ] {
        assert_eq!(read(p, typed), wanted, "{} from {typed:?}", p.name);
    }
    let service = server("service_ms");
    for (shape, _) in SHAPES {
        let value = reshaped(&json!({"exponential": 5}), shape);
        assert_eq!(service.check(&value), Ok(()), "{shape}: {value}");
        let mean = crate::dist::Dist::from_value(&value).unwrap().mean();
        assert!((mean - 5.0).abs() < 0.5, "{shape} has mean {mean}");
        assert_eq!(service.check(&reshaped(&json!(0), shape)), Ok(()), "{shape} of zero");
    }
}
