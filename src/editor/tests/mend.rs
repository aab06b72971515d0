//! What the button beside a problem does.

use super::*;
use crate::check::check;
use crate::codec;
use crate::editor::mend::mend;

/// users → lb → web1, web2, with something wrong in it, as text that replaces another.
fn broken(text: &str, by: &str) -> Scenario {
    const GOOD: &str = r#"{"loadstone": 1, "run_s": 60,
        "nodes": [
            {"id": "users", "kind": "users", "params": {"rate_rps": 100}},
            {"id": "lb", "kind": "load_balancer", "params": {"health": {"interval_ms": 2000, "timeout_ms": 1000}}},
            {"id": "web1", "kind": "server", "params": {"workers": 8}},
            {"id": "web2", "kind": "server"}],
        "links": [{"from": "users", "to": "lb"}, {"from": "lb", "to": "web1", "params": {"weight": 2}}, {"from": "lb", "to": "web2"}],
        "timeline": [{"at_s": 5, "do": "crash", "node": "web2"}]}"#;
    assert!(GOOD.contains(text), "{text} is not in the document");
    codec::read(&GOOD.replacen(text, by, 1)).0.expect("it can be read")
}

/// Mends the first problem that can be; what the button said. Afterwards nothing is wrong, and one undo for each change brings the
/// document back.
#[track_caller]
fn mended(doc: Scenario) -> String {
    let problems = check(&doc);
    let found = problems.iter().find_map(|p| mend(&doc, p)).unwrap_or_else(|| panic!("nothing mends {problems:?}"));
    let mut editor = Editor::new(doc.clone());
    let mut changes = 0;
    for command in found.commands {
        changes += usize::from(ok(&mut editor, 0, command).changed);
    }
    assert_eq!(check(editor.document()), [], "{}: something is left of {problems:?}", found.label);
    for _ in 0..changes {
        ok(&mut editor, 0, Command::Undo);
    }
    assert_eq!(editor.document(), &doc, "undo takes back: {}", found.label);
    found.label
}

#[test]
fn what_has_one_obvious_way_is_mended_and_can_be_taken_back() {
    for (text, by, label) in [
        (r#""workers": 8"#, r#""workers": 0"#, "Set to 1"),
        (r#""workers": 8"#, r#""workers": 7.6"#, "Set to 8"),
        (r#""workers": 8"#, r#""workers": "many""#, "Set to 256"),
        (r#""weight": 2"#, r#""weight": -1"#, "Set to 0"),
        (r#""timeout_ms": 1000"#, r#""timeout_ms": 5000"#, "Set to 2000 ms"),
        (r#""run_s": 60"#, r#""run_s": 0"#, "Set to 120 s"),
        (r#""run_s": 60"#, r#""run_s": 1000000"#, "Set to 86400 s"),
        (r#""run_s": 60"#, r#""run_s": 60, "slo": {"p99_ms": -5}"#, "Promise nothing of it"),
        (r#""run_s": 60"#, r#""run_s": 60, "prices": {"core_hour_usd": -5}"#, "Use the list price"),
        (r#""node": "web2""#, r#""node": "web9""#, "Take it off the timeline"),
        (
            r#"{"from": "lb", "to": "web2"}"#,
            r#"{"from": "lb", "to": "web2"}, {"from": "web2", "to": "web2"}"#,
            "Delete the link",
        ),
        (
            r#"{"from": "lb", "to": "web2"}"#,
            r#"{"from": "lb", "to": "web2"}, {"from": "web2", "to": "users"}"#,
            "Delete the link",
        ),
        (
            r#"{"from": "lb", "to": "web2"}"#,
            r#"{"from": "lb", "to": "web2"}, {"from": "web2", "to": "gone"}"#,
            "Delete the link",
        ),
    ] {
        assert_eq!(mended(broken(text, by)), label, "{text} was {by}");
    }
}

#[test]
fn where_there_is_a_choice_nothing_is_offered() {
    for (text, by) in [
        (r#""kind": "server", "params": {"workers": 8}"#, r#""kind": "toaster""#),
        (r#""at_s": 5"#, r#""at_s": 500"#),
        (r#""weight": 2"#, r#""wieght": 2"#),
    ] {
        let doc = broken(text, by);
        let problems = check(&doc);
        assert!(!problems.is_empty(), "{by} is a problem");
        let offered: Vec<_> =
            problems.iter().filter_map(|p| mend(&doc, p)).filter(|m| m.label != "Delete the link").collect();
        assert_eq!(offered, [], "{by}");
    }
}
