//! The table of actions, and getting about by keyboard.

use super::super::actions::{ACTIONS, Act, Modifiers, Press, Situation, command, for_key};
use super::super::walk;
use super::*;
use crate::metrics::frame::{Frame, NodeView, State};
use std::collections::BTreeSet;

const CTRL: Modifiers = Modifiers { ctrl: true, meta: false, alt: false, shift: false };
const SHIFT: Modifiers = Modifiers { ctrl: false, meta: false, alt: false, shift: true };
const PLAIN: Modifiers = Modifiers { ctrl: false, meta: false, alt: false, shift: false };

#[test]
fn every_action_has_a_name_and_a_key_of_its_own() {
    let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for action in ACTIONS {
        assert!(!action.label.is_empty() && action.label.chars().next().unwrap().is_uppercase(), "{action:?}");
        assert!(ids.insert(action.id), "two actions are {}", action.id);
        for key in action.keys {
            assert!(keys.insert(format!("{key:?}")), "{} shares {} with another", action.id, key.label(false));
        }
    }
}

#[test]
fn keys_mean_what_the_help_says() {
    let alt = Modifiers { alt: true, ..PLAIN };
    let meta_shift = Modifiers { meta: true, shift: true, ..PLAIN };
    for (key, code, with, wanted) in [
        ("z", "KeyZ", CTRL, Some(Act::Undo)),
        ("Z", "KeyZ", meta_shift, Some(Act::Redo)),
        ("y", "KeyY", CTRL, Some(Act::Redo)),
        ("Delete", "Delete", PLAIN, Some(Act::Delete)),
        ("ArrowLeft", "ArrowLeft", PLAIN, Some(Act::Nudge(Direction::Left, false))),
        ("ArrowLeft", "ArrowLeft", SHIFT, Some(Act::Nudge(Direction::Left, true))),
        ("ArrowLeft", "ArrowLeft", alt, Some(Act::Walk(Direction::Left))),
        ("ArrowLeft", "ArrowLeft", CTRL, Some(Act::AddConnected(Direction::Left))),
        ("!", "Digit1", SHIFT, Some(Act::FitAll)),
        ("\"", "Digit2", SHIFT, Some(Act::FitSelection)),
        ("?", "Slash", SHIFT, Some(Act::Help)),
        ("+", "BracketRight", CTRL, Some(Act::ZoomIn)),
        ("=", "Equal", CTRL, Some(Act::ZoomIn)),
        ("-", "Minus", CTRL, Some(Act::ZoomOut)),
        ("à", "Digit0", CTRL, Some(Act::ZoomReset)),
        ("∂", "KeyD", Modifiers { alt: true, shift: true, ..PLAIN }, Some(Act::ToggleTheme)),
        (" ", "Space", PLAIN, Some(Act::PlayPause)),
        ("]", "BracketRight", PLAIN, Some(Act::Faster)),
        ("x", "KeyX", PLAIN, Some(Act::CrashOrRecover)),
        ("x", "KeyX", CTRL, Some(Act::Cut)),
        ("k", "KeyK", CTRL, Some(Act::OpenPalette)),
        ("F1", "F1", PLAIN, Some(Act::OpenPalette)),
        (",", "Comma", PLAIN, Some(Act::StepBack)),
        ("<", "Comma", SHIFT, Some(Act::Second(false))),
        (";", "Comma", SHIFT, Some(Act::Second(false))),
        (":", "Period", SHIFT, Some(Act::Second(true))),
        ("q", "KeyQ", PLAIN, None),
    ] {
        let press = Press { key, code, with };
        assert_eq!(for_key(&press, true).map(|a| a.act), wanted, "{press:?}");
    }
    let single = |key| for_key(&Press { key, code: "", with: PLAIN }, false).map(|a| a.act);
    assert_eq!(single("x"), None, "single keys can be switched off");
    assert_eq!(single("Delete"), Some(Act::Delete), "named keys stay");
    let redo = ACTIONS.iter().find(|a| a.act == Act::Redo).unwrap().keys[0];
    assert_eq!((redo.label(false), redo.label(true)), ("Ctrl+Shift+Z".into(), "⇧⌘Z".into()));
}

#[test]
fn x_crashes_and_recovers_also_while_the_clock_stands() {
    let mut e = editor();
    select(&mut e, &["db", "users"]);
    let down = NodeView { id: "db".into(), state: State::Crashed, ..NodeView::default() };
    let frame = Frame { now: SECOND, nodes: vec![down], ..Frame::default() };
    let fault = |e: &Editor, frame| match command(Act::CrashOrRecover, &Situation { editor: e, frame }) {
        Some(Command::Fault(strikes)) => (strikes[0].action.clone(), strikes.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(&e, None), (Action::Crash, 1), "users do not crash");
    assert_eq!(fault(&e, Some(&frame)), (Action::Recover, 1));
    let crash = command(Act::CrashOrRecover, &Situation { editor: &e, frame: None }).unwrap();
    ok(&mut e, 0, crash);
    assert_eq!(fault(&e, None), (Action::Recover, 1), "it is about to crash");
}

#[test]
fn predicates_follow_the_selection() {
    let mut e = editor();
    let enabled = |e: &Editor, act| {
        let action = ACTIONS.iter().find(|a| a.act == act).unwrap();
        action.enabled(&Situation { editor: e, frame: None })
    };
    assert!(!enabled(&e, Act::Delete) && !enabled(&e, Act::Undo) && !enabled(&e, Act::Promote));
    select(&mut e, &["db2"]);
    assert!(enabled(&e, Act::Delete) && enabled(&e, Act::Promote) && enabled(&e, Act::Rename));
    select(&mut e, &["users"]);
    assert!(!enabled(&e, Act::CrashOrRecover));
}

#[test]
fn arrows_walk_along_links_and_tab_reads_in_columns() {
    let design = site();
    for (from, direction, wanted) in [
        ("lb", Direction::Left, Some("users")),
        ("lb", Direction::Up, Some("web1")),
        ("lb", Direction::Down, Some("web2")),
        ("db", Direction::Down, Some("db2")),
        ("users", Direction::Left, None),
        ("nobody", Direction::Left, None),
    ] {
        assert_eq!(walk::along(&design, from, direction).as_deref(), wanted, "from {from} {direction:?}");
    }
    assert_eq!(walk::tab_order(design.nodes.iter()), ["users", "lb", "web1", "web2", "db", "db2"]);
    assert_eq!(walk::find(&design, "web 2"), ["web2"]);
    assert_eq!(walk::find(&design, "DATABASE"), ["db", "db2"]);
}
