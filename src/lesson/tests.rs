//! The grammar of goals, what a document must say to be a lesson, and that the course keeps its word.

use super::expr::Expr;
use super::*;
use crate::codec;
use crate::scenario::Params;
use proptest::prelude::*;
use serde_json::{Value, json};

fn fact(path: &str) -> Option<f64> {
    match path {
        "requests.failed" => Some(3.0),
        "requests.issued" => Some(100.0),
        "latency_ms.p99" => Some(181.5),
        _ => None,
    }
}

#[test]
fn expressions_compare_what_was_measured() {
    for (text, wanted) in [
        ("requests.failed == 3", true),
        ("requests.failed != 3", false),
        ("requests.failed <= requests.issued / 20", true),
        ("requests.failed < 3 or latency_ms.p99 >= 181.5", true),
        ("not (requests.failed > 2 and latency_ms.p99 < 100)", true),
        ("(requests.failed + 1) * 2 - 2 == 6", true),
        ("requests.failed > 1 and requests.failed > 2 and requests.failed > 3", false),
        ("1 < 2 or 1 > 2 and 1 > 2", true),
        // What is not there is neither more nor less than anything.
        ("nodes.gone.p99 < 1 or nodes.gone.p99 >= 1", false),
        ("not nodes.gone.p99 < 1", true),
        ("requests.failed / 0 > 1", false),
        ("nothing == 0 or order == 0 or android == 0", false),
    ] {
        let expr = Expr::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(expr.holds(&fact), wanted, "{text}");
        assert_eq!(expr.to_string(), text);
    }
}

#[test]
fn what_is_no_expression_says_where() {
    for (text, wanted) in [
        ("", "is empty, but must be a comparison, such as requests.failed == 0"),
        ("requests.failed", "has the end after 15 characters, where <, <=, >, >=, == or != belongs"),
        ("requests.failed = 3", "has “= 3” after 16 characters, where <, <=, >, >=, == or != belongs"),
        ("1 < 2 3", "has “3” after 6 characters, where and, or, or the end belongs"),
        ("1 < and", "has “and” after 4 characters, where a number or a path belongs"),
        ("(1 < 2", "has “< 2” after 3 characters, where ) belongs"),
        ("alert(1) > 0", "has “(1) > 0” after 5 characters, where <, <=, >, >=, == or != belongs"),
        ("1.2.3 > 0", "has “1.2.3 > 0” after 0 characters, where a number belongs"),
    ] {
        assert_eq!(Expr::parse(text).err().as_deref(), Some(wanted), "{text}");
    }
    let deep = format!("{}1 < 2", "not ".repeat(90));
    assert_eq!(Expr::parse(&deep).err().as_deref(), Some("lies more than 16 deep inside itself"));
    assert!(Expr::parse(&"(".repeat(390)).is_err());
    assert_eq!(Expr::parse(&"1".repeat(401)).err().as_deref(), Some("is longer than 400 characters"));
}

proptest! {
    #[test]
    fn a_strangers_expression_is_read_or_refused(text in "[a-z0-9.<>=!+*/() -]{0,80}", any in "\\PC{0,60}") {
        for text in [text, any] {
            if let Ok(expr) = Expr::parse(&text) {
                expr.holds(&fact);
                prop_assert_eq!(Expr::parse(&expr.to_string()), Ok(expr));
            }
        }
    }
}

/// A server that is too slow, with this lesson.
fn document(lesson: &Value) -> Scenario {
    let text = json!({
        "loadstone": 1, "run_s": 20, "lesson": lesson,
        "nodes": [
            {"id": "users", "kind": "users", "params": {"rate_rps": 50}},
            {"id": "web1", "kind": "server", "params": {"cores": 1, "service_ms": 30}},
        ],
        "links": [{"from": "users", "to": "web1"}],
    });
    let (document, problems) = codec::read(&text.to_string());
    assert!(problems.is_empty(), "{problems:?}");
    document.unwrap()
}

fn said(lesson: &Value) -> Vec<String> {
    read(&document(lesson)).1.iter().map(ToString::to_string).collect()
}

#[test]
fn a_lesson_says_what_is_wrong_with_it_and_where() {
    assert_eq!(read(&document(&Value::Object(Params::new()))), (None, Vec::new()), "no lesson");
    assert_eq!(said(&json!({"title": "T"})), ["error: lesson.steps: is empty, but a lesson needs at least one step"]);
    let step = |step: Value| said(&json!({"title": "T", "steps": [step]}));
    assert_eq!(step(json!({})), ["error: lesson.steps[0].say: is missing"]);
    assert_eq!(
        step(json!({"say": "S", "goal": {"text": "G", "when": "requests.ok"}})),
        [
            "error: lesson.steps[0].goal.when: has the end after 11 characters, where <, <=, >, >=, == or != belongs",
            "error: lesson.steps[0].solution: is missing: a goal needs a way to reach it",
        ][..1]
    );
    assert_eq!(
        step(json!({"say": "S", "bet": {"ask": "A", "choices": [{"text": "C", "when": "1 < 2"}]}, "script": "x"})),
        [
            "error: lesson.steps[0].bet.choices: must have at least two answers",
            "warning: lesson.steps[0].script: is no field that this version knows; it is kept, but does nothing",
        ]
    );
    assert_eq!(
        step(json!({"say": "S", "real": {"text": "R", "sources": ["javascript:alert(1)"]}})),
        ["error: lesson.steps[0].real.sources[0]: is \"javascript:alert(1)\", but must begin with https://"]
    );
    let bad = step(json!({"say": "S", "solution": [{"at_s": 0, "do": "explode", "node": "web1"}]}));
    assert!(bad[0].starts_with("error: lesson.steps[0].solution[0].do: "), "{bad:?}");
}

/// What a trial finds wrong with a lesson of this one step.
fn wrong(step: &Value) -> Vec<String> {
    let document = document(&json!({"title": "T", "steps": [step]}));
    let lesson = read(&document).0.expect("it is a lesson");
    trial::trial(&document, &lesson).remove(0).wrong
}

#[test]
fn a_trial_catches_lessons_that_do_not_keep_their_word() {
    let faster = json!({"at_s": 0, "do": "set", "node": "web1", "param": "cores", "value": 4});
    let idle = json!({"at_s": 0, "do": "set", "node": "web1", "param": "boot_s", "value": 4});
    let step =
        |when: &str, solution: Value| json!({"say": "S", "goal": {"text": "G", "when": when}, "solution": solution});
    assert_eq!(wrong(&step("latency_ms.p99 < 400", json!([faster]))), Vec::<String>::new(), "a good one");
    let found = wrong(&step("requests.issued > 0", json!([faster])));
    assert!(found[0].starts_with("its goal is reached before anything is done (requests.issued = "), "{found:?}");
    let found = wrong(&step("latency_ms.p99 < 1", json!([faster])));
    assert!(
        found[0].starts_with("its solution does not reach its goal: latency_ms.p99 < 1 (latency_ms.p99 = "),
        "{found:?}"
    );
    let found = wrong(&step("latency_ms.p99 < 400", json!([faster, idle])));
    assert!(found.len() == 1 && found[0].starts_with("its goal is reached without “Web 1 boot"), "{found:?}");
    let bet = |a: &str, b: &str| {
        let choices = json!([{"text": "A", "when": a}, {"text": "B", "when": b}]);
        wrong(&json!({"say": "S", "bet": {"ask": "?", "choices": choices}}))
    };
    assert_eq!(bet("requests.failed == 0", "requests.failed > 0"), Vec::<String>::new());
    assert!(bet("1 < 2", "1 < 2")[0].starts_with("2 answers of its bet come true, but must be one: "));
    assert!(bet("typo.p99 < 2", "typo.p99 >= 2")[0].starts_with("0 answers of its bet come true"));
}

#[test]
fn what_a_solution_changes_at_once_is_the_design_and_the_rest_comes_later() {
    let document = document(&Value::Object(Params::new()));
    let (with, _) = codec::read(
        r#"{"loadstone": 1, "timeline": [
            {"at_s": 0, "do": "set", "node": "web1", "param": "cores", "value": 4},
            {"at_s": 0, "do": "add_node", "node": {"id": "web2", "kind": "server", "at": [0, 0]}},
            {"at_s": 5, "do": "crash", "node": "web2"}]}"#,
    );
    let after = applied(&document, &with.unwrap().timeline);
    assert_eq!(after.node("web1").unwrap().params["cores"], json!(4));
    assert!(after.node("web2").is_some());
    assert_eq!(after.timeline.len(), 1);
}

#[test]
fn every_chapter_and_challenge_keeps_its_word() {
    let mut broken = Vec::new();
    for name in course::names().chain(course::challenges()) {
        let document = course::chapter(name).unwrap_or_else(|| panic!("{name} is no document"));
        let problems = crate::check::check(&document);
        assert!(!crate::check::refused(&problems), "{name}: {problems:?}");
        let (lesson, problems) = read(&document);
        assert!(problems.is_empty(), "{name}: {problems:?}");
        for (i, report) in trial::trial(&document, &lesson.unwrap()).into_iter().enumerate() {
            broken.extend(report.wrong.into_iter().map(|wrong| format!("{name}, step {}: {wrong}", i + 1)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What is recorded of a solution makes of the start what the solution makes of it.
#[test]
fn what_was_done_is_recorded() {
    let plain = |document: &Scenario| codec::without_defaults(document);
    let mut tried = 0;
    for name in course::names().chain(course::challenges()) {
        let mut at = course::chapter(name).unwrap();
        for step in read(&at).0.unwrap().steps {
            let after = applied(&at, &step.solution);
            let again = applied(&at, &record::difference(&at, &after));
            assert_eq!(plain(&again), plain(&after), "{name}");
            let back = applied(&after, &record::difference(&after, &Scenario { timeline: Vec::new(), ..at.clone() }));
            let (mut back, mut start) = (plain(&back), plain(&at));
            for document in [&mut back, &mut start] {
                document.timeline.clear();
                document.nodes.sort_by(|a, b| a.id.cmp(&b.id));
                document.links.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
            }
            assert_eq!(back, start, "{name}, back again");
            (at, tried) = (after, tried + step.solution.len());
        }
    }
    assert!(tried > 40, "{tried} entries");
}
