//! What the editor promises: edits land where they should, nothing dangles, and undo is exact.

use super::clipboard::Clip;
use super::*;
use crate::scenario::{Action, Entry, Link, Node, Scenario, Target};
use crate::time::{MS, SECOND, to_s};
use serde_json::{Value, json};

mod arrange;
mod commands;
mod faults;
mod keys;
mod mend;
mod properties;

fn node(id: &str, kind: &str, at: [f64; 2]) -> Node {
    Node { id: id.into(), kind: kind.into(), at, ..Node::default() }
}

fn link(from: &str, to: &str) -> Link {
    Link { from: from.into(), to: to.into(), ..Link::default() }
}

/// users → lb → web1, web2 → db → db2.
fn site() -> Scenario {
    Scenario {
        name: "Site".into(),
        nodes: vec![
            node("users", "users", [0.0, 160.0]),
            node("lb", "load_balancer", [240.0, 160.0]),
            node("web1", "server", [480.0, 40.0]),
            node("web2", "server", [480.0, 280.0]),
            node("db", "database", [720.0, 160.0]),
            node("db2", "database", [720.0, 360.0]),
        ],
        links: [("users", "lb"), ("lb", "web1"), ("lb", "web2"), ("web1", "db"), ("web2", "db"), ("db", "db2")]
            .map(|(from, to)| link(from, to))
            .into(),
        ..Scenario::default()
    }
}

fn editor() -> Editor {
    Editor::new(site())
}

fn preset(kind: Kind) -> PresetId {
    PresetId { kind, index: 0 }
}

/// Carries out a command that must succeed.
#[track_caller]
fn ok(editor: &mut Editor, now: u64, command: Command) -> Applied {
    let shown = format!("{command:?}");
    editor.apply(command, now).unwrap_or_else(|e| panic!("{shown} at {now} was refused: {e}"))
}

/// Carries out a command that must be refused, and leaves everything as it was; the reason.
#[track_caller]
fn refused(editor: &mut Editor, now: u64, command: Command) -> String {
    let (before, shown) = (editor.document().clone(), format!("{command:?}"));
    match editor.apply(command, now) {
        Ok(_) => panic!("{shown} was not refused"),
        Err(reason) => {
            assert_eq!(*editor.document(), before, "{shown} was refused and yet changed the document");
            assert!(reason.ends_with('.') && !reason.contains('\n'), "the reason is no sentence: {reason:?}");
            reason
        }
    }
}

fn select(editor: &mut Editor, ids: &[&str]) {
    ok(editor, 0, Command::Select(ids.iter().map(|id| Item::Node((*id).into())).collect()));
}

fn set(id: &str, name: &str, value: Value) -> Command {
    Command::SetParam { target: Item::Node(id.into()), name: name.into(), value, gesture: 0 }
}

fn entries(editor: &Editor) -> Vec<(f64, String)> {
    let doc = editor.document();
    doc.timeline.iter().map(|e| (e.at_s, timeline::label(doc, e))).collect()
}
