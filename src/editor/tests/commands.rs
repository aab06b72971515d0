//! One command at a time.

use super::*;

#[test]
fn new_nodes_get_numbers_and_readable_names() {
    let mut e = editor();
    for (kind, id, label) in [
        (Kind::Server, "web3", "Web 3"),
        (Kind::Database, "db3", "Database 3"),
        (Kind::Dns, "dns", "DNS"),
        (Kind::LoadBalancer, "lb2", "Balancer 2"),
    ] {
        let added = ok(&mut e, 0, Command::AddNode { preset: preset(kind), place: Place::Near([0.0, 0.0]) }).added;
        assert_eq!(added, [id]);
        assert_eq!(e.document().node(id).unwrap().label(), label);
        assert_eq!(e.selected_nodes(), [id], "a new node is selected");
    }
    let cards: Vec<place::Rect> = e.document().nodes.iter().map(|n| place::Rect::card(n.at)).collect();
    for (i, a) in cards.iter().enumerate() {
        assert!(!cards[..i].iter().any(|b| a.touches(b)), "card {i} hides another: {cards:?}");
    }
}

#[test]
fn edits_of_a_run_become_entries_at_the_next_millisecond() {
    let mut e = editor();
    let now = 32_600 * MS + 400_000;
    let web3 = Command::AddNode { preset: preset(Kind::Server), place: Place::At([700.0, 500.0]) };
    ok(&mut e, now, web3);
    ok(&mut e, now, Command::Link { from: "lb".into(), to: "web3".into() });
    ok(&mut e, now, set("web1", "cores", json!(4)));
    ok(&mut e, now, set("web1", "cores", json!(8)));
    assert_eq!(
        entries(&e),
        [(32.601, "Web 3 joins".into()), (32.601, "Balancer → Web 3 joins".into()), (32.601, "Web 1 cores 8".into()),],
        "changes of one parameter at one instant are one entry"
    );
    assert!(e.document().node("web3").is_none(), "the design itself is as it was");
    assert!(e.shown(now).design.link("lb", "web3").is_some(), "it shows at once");
    assert!(e.shown(now).joins.is_empty(), "and not as something that joins later");
    assert_eq!(e.shown(0).joins.len(), 2, "at the start it is something that joins later");
    ok(&mut e, now, set("web1", "cores", json!(2)));
    assert_eq!(e.document().timeline.len(), 2, "back to what it was is no entry");
    assert_eq!(entries(&e)[0].0, to_s(instant(now)));
}

#[test]
fn what_joins_later_is_edited_where_the_timeline_carries_it() {
    let mut e = editor();
    ok(&mut e, 30 * SECOND, Command::AddNode { preset: preset(Kind::Server), place: Place::At([700.0, 500.0]) });
    // Back at the start, the ghost can be named, moved, set, placed in a zone and linked.
    ok(&mut e, 0, Command::Rename { id: "web3".into(), name: "Spare".into() });
    ok(&mut e, 0, Command::Move { ids: vec!["web3".into()], by: [20.0, 0.0], gesture: 0 });
    ok(&mut e, 0, set("web3", "cores", json!(16)));
    ok(&mut e, 0, Command::SetZone { ids: vec!["web3".into()], zone: Some("eu-b".into()) });
    ok(&mut e, 0, Command::Link { from: "lb".into(), to: "web3".into() });
    let Action::AddNode(spare) = &e.document().timeline[0].action else { panic!("{:?}", e.document().timeline) };
    assert_eq!((spare.label().as_str(), spare.at, spare.zone.as_deref()), ("Spare", [720.0, 500.0], Some("eu-b")));
    assert_eq!(spare.params["cores"], json!(16));
    assert_eq!(entries(&e)[1], (30.001, "Balancer → Spare joins".into()), "its link joins when it does");
    select(&mut e, &["web3"]);
    ok(&mut e, 0, Command::Delete);
    assert_eq!(e.document().timeline, [], "its link goes with it");
}

#[test]
fn deleting_takes_links_and_vain_entries_along() {
    let mut e = editor();
    let crash = |id: &str| Command::fault(&Action::Crash, vec![Target::Node(id.into())], None);
    ok(&mut e, 10 * SECOND, crash("db"));
    ok(&mut e, 20 * SECOND, crash("web1"));
    select(&mut e, &["db"]);
    ok(&mut e, 0, Command::Delete);
    assert_eq!(e.document().links.len(), 3);
    assert_eq!(entries(&e), [(20.001, "Web 1 crash".into())]);
    // In the run it leaves by an entry, and what came before stays.
    select(&mut e, &["web1"]);
    ok(&mut e, 30 * SECOND, Command::Delete);
    assert_eq!(entries(&e), [(20.001, "Web 1 crash".into()), (30.001, "Web 1 removed".into())]);
    assert!(e.document().node("web1").is_some() && e.shown(30 * SECOND).design.node("web1").is_none());
    assert!(refused(&mut e, 40 * SECOND, crash("web1")).contains("not there at this time"));
}

#[test]
fn links_that_make_no_sense_say_why() {
    let mut e = editor();
    let mut try_link = |from: &str, to: &str| refused(&mut e, 0, Command::Link { from: from.into(), to: to.into() });
    assert_eq!(try_link("users", "db"), "Users cannot speak to a database; put a server between them.");
    assert_eq!(try_link("lb", "lb"), "Balancer cannot be linked to itself.");
    assert_eq!(try_link("lb", "web1"), "Balancer is already linked to Web 1.");
    assert_eq!(try_link("web1", "lb"), "That would close a ring: Balancer already calls Web 1.");
    assert_eq!(try_link("lb", "nothing"), "There is no node nothing.");
}

#[test]
fn an_edit_now_may_not_contradict_a_later_one() {
    let mut e = editor();
    let link = |from: &str, to: &str| Command::Link { from: from.into(), to: to.into() };
    ok(&mut e, 10 * SECOND, link("web1", "web2"));
    assert_eq!(refused(&mut e, 0, link("web2", "web1")), "Requests would run in a ring through Web 1.");
    // The first is taken away before the other comes: no ring, as long as that entry stays.
    select(&mut e, &[]);
    ok(&mut e, 20 * SECOND, Command::Select(vec![Item::Link("web1".into(), "web2".into())]));
    ok(&mut e, 20 * SECOND, Command::Delete);
    ok(&mut e, 30 * SECOND, link("web2", "web1"));
    assert!(refused(&mut e, 0, Command::RemoveEntry(1)).contains("ring"));
    let second = Command::AddNode { preset: preset(Kind::Database), place: Place::Near([0.0, 0.0]) };
    ok(&mut e, 0, second);
    assert_eq!(
        refused(&mut e, 0, link("db3", "db2")),
        "Database 2 would get writes from two primaries that do not copy each other; link those both ways first."
    );
    select(&mut e, &["db"]);
    ok(&mut e, 0, Command::Duplicate { gesture: 0 });
    assert!(e.document().link("db4", "db2").is_none(), "a copied primary takes no replicas away");
}

#[test]
fn an_end_of_a_link_moves_with_its_parameters() {
    let mut e = editor();
    let weight = Item::Link("lb".into(), "web1".into());
    ok(&mut e, 0, Command::SetParam { target: weight, name: "weight".into(), value: json!(3), gesture: 0 });
    ok(&mut e, 0, Command::AddNode { preset: preset(Kind::Server), place: Place::At([0.0, 500.0]) });
    let relink = |node: &str| Command::Relink { from: "lb".into(), to: "web1".into(), end: End::To, node: node.into() };
    assert!(refused(&mut e, 0, relink("db")).contains("a database does not answer"));
    assert!(refused(&mut e, 0, relink("web2")).contains("already linked"));
    ok(&mut e, 0, relink("web3"));
    let moved = &e.document().links[1];
    assert_eq!((moved.to.as_str(), &moved.params["weight"]), ("web3", &json!(3)), "in its place, with its weight");
    let in_run = Command::Relink { from: "lb".into(), to: "web3".into(), end: End::To, node: "web1".into() };
    ok(&mut e, 5 * SECOND, in_run);
    let labels: Vec<String> = entries(&e).into_iter().map(|e| e.1).collect();
    assert_eq!(labels, ["Balancer → Web 3 removed", "Balancer → Web 1 joins"]);
}

#[test]
fn parameters_are_checked_and_defaults_left_out() {
    let mut e = editor();
    assert_eq!(
        refused(&mut e, 0, set("web1", "workers", json!(0))),
        "Workers is 0, but must be a whole number from 1 to 10000000."
    );
    assert!(refused(&mut e, 0, set("web1", "colour", json!(1))).contains("no parameter colour"));
    assert!(refused(&mut e, 0, set("lb", "health", json!({"fall": -1}))).starts_with("Fall is -1"));
    ok(&mut e, 0, set("web1", "workers", json!(5.0)));
    assert_eq!(e.document().node("web1").unwrap().params["workers"], json!(5));
    ok(&mut e, 0, set("web1", "workers", Value::Null));
    ok(&mut e, 0, set("lb", "health.fall", json!(5)));
    assert_eq!(e.document().node("lb").unwrap().params["health"], json!({"fall": 5}));
    ok(&mut e, 0, set("lb", "health.fall", json!(3)));
    let seed = ok(&mut e, 0, Command::SetSeed(99));
    assert!(seed.changed && !seed.cosmetic, "the seed is a matter for the run");
    let all_default = |id: &str| e.document().node(id).unwrap().params.is_empty();
    assert!(all_default("web1") && all_default("lb"), "what equals its default is left out");
    ok(&mut e, 0, set("lb", "health", Value::Null));
    assert_eq!(e.document().node("lb").unwrap().params["health"], Value::Null, "off is not the default");
}

#[test]
fn an_objective_is_promised_and_taken_back() {
    let mut e = editor();
    let promise = |name: &str, value: Value| Command::SetSlo { name: name.into(), value };
    let done = ok(&mut e, 0, promise("p99_ms", json!(250)));
    assert!(done.changed && done.cosmetic, "an objective is no matter for the run: {done:?}");
    ok(&mut e, 0, promise("error_share", json!(0.001)));
    ok(&mut e, 0, promise("p99_ms", Value::Null));
    assert_eq!(crate::component::slo::limits(e.document()), [("error_share", 0.001)]);
    ok(&mut e, 0, Command::Undo);
    assert_eq!(crate::component::slo::limits(e.document()), [("p99_ms", 250.0), ("error_share", 0.001)]);
    assert_eq!(
        refused(&mut e, 0, promise("error_share", json!(3))),
        "Errors at most is 3, but must be a number from 0 to 1."
    );
    assert_eq!(refused(&mut e, 0, promise("p42_ms", json!(3))), "There is no objective p42_ms.");
}

#[test]
fn a_drag_is_one_step_measured_from_its_start() {
    let mut e = editor();
    for x in [5.0, 60.0, 100.0] {
        ok(&mut e, 0, Command::Move { ids: vec!["lb".into()], by: [x, 0.0], gesture: 7 });
    }
    assert_eq!(e.document().node("lb").unwrap().at, [340.0, 160.0]);
    select(&mut e, &["lb", "web1"]);
    for _ in 0..3 {
        ok(&mut e, 0, Command::Nudge { by: [0.0, 1.0] });
    }
    assert_eq!(e.document().node("lb").unwrap().at, [340.0, 163.0]);
    let undone = ok(&mut e, 0, Command::Undo);
    assert_eq!((undone.said.as_str(), undone.cosmetic), ("Undone: Move", true), "a move is no matter for the run");
    assert_eq!(e.document().node("lb").unwrap().at, [340.0, 160.0], "nudges of the same nodes are one step");
    ok(&mut e, 0, Command::Undo);
    assert_eq!(*e.document(), site());
    assert_eq!(refused(&mut e, 0, Command::Undo), "Nothing to undo.");
}

#[test]
fn the_history_is_bounded_and_selection_is_not_in_it() {
    let mut e = editor();
    for i in 0..600 {
        ok(&mut e, 0, Command::SetSeed(i + 10));
    }
    select(&mut e, &["lb"]);
    let steps = (0..).take_while(|_| e.apply(Command::Undo, 0).is_ok()).count();
    assert_eq!(steps, 500);
    assert_eq!(e.selected_nodes(), ["lb"]);
    assert_eq!(e.document().seed, 109, "the oldest hundred steps are forgotten");
}

#[test]
fn faults_are_entries_even_at_the_start() {
    let mut e = editor();
    let fault = |action: Action, target: Target| Command::fault(&action, vec![target], None);
    ok(&mut e, 0, fault(Action::Crash, Target::Node("db".into())));
    ok(&mut e, 0, fault(Action::Crash, Target::Node("db".into())));
    assert_eq!(entries(&e), [(0.001, "Database crash".into())], "twice at one instant is once");
    ok(&mut e, SECOND, fault(Action::Cut, Target::Link("lb".into(), "web1".into())));
    for (action, target) in [
        (Action::Cut, Target::Node("db".into())),
        (Action::Crash, Target::Link("lb".into(), "web1".into())),
        (Action::Crash, Target::Node("users".into())),
        (Action::Crash, Target::Zone("nowhere".into())),
        (Action::Slow { factor: f64::NAN }, Target::Node("db".into())),
        (Action::Load { factor: 2.0 }, Target::Node("db".into())),
        (Action::RemoveNode, Target::Node("db".into())),
    ] {
        refused(&mut e, SECOND, fault(action, target));
    }
}

#[test]
fn an_edit_after_the_end_makes_the_run_longer() {
    let mut e = editor();
    let said = ok(&mut e, 120 * SECOND, set("web1", "cores", json!(8))).said;
    assert_eq!((e.document().run_s, entries(&e)[0].0), (240.0, 120.001));
    assert!(said.contains("240 s"), "{said}");
}

#[test]
fn entries_move_and_go_but_never_before_what_they_need() {
    let mut e = editor();
    ok(&mut e, 10 * SECOND, Command::AddNode { preset: preset(Kind::Server), place: Place::Near([0.0, 0.0]) });
    ok(&mut e, 20 * SECOND, Command::Link { from: "lb".into(), to: "web3".into() });
    let to = |index, s: u64| Command::MoveEntry { index, at: s * SECOND, gesture: 3 };
    assert!(refused(&mut e, 0, to(1, 5)).contains("something it depends on is not there then"));
    ok(&mut e, 0, to(1, 15));
    ok(&mut e, 0, to(1, 12));
    assert_eq!(entries(&e)[1].0, 12.0);
    ok(&mut e, 0, Command::Undo);
    assert_eq!(entries(&e)[1].0, 20.001, "a drag of an entry is one step");
    ok(&mut e, 0, Command::RemoveEntry(0));
    assert_eq!(entries(&e), [], "the link goes with its node");
}

#[test]
fn keeping_edits_folds_them_into_the_design() {
    let mut e = editor();
    ok(&mut e, 10 * SECOND, Command::AddNode { preset: preset(Kind::Server), place: Place::Near([0.0, 0.0]) });
    ok(&mut e, 10 * SECOND, Command::Link { from: "lb".into(), to: "web3".into() });
    ok(&mut e, 20 * SECOND, set("web1", "cores", json!(4)));
    ok(&mut e, 25 * SECOND, set("web1", "cores", json!(2)));
    select(&mut e, &["db2"]);
    ok(&mut e, 30 * SECOND, Command::fault(&Action::Crash, vec![Target::Node("db2".into())], None));
    ok(&mut e, 40 * SECOND, Command::Delete);
    let last = e.shown(50 * SECOND).design;
    ok(&mut e, 0, Command::KeepEdits);
    assert_eq!(entries(&e), [], "a fault of a node that is not there any more goes too");
    assert_eq!(e.document().nodes.len(), last.nodes.len());
    assert_eq!(e.document().links, last.links);
    assert!(e.document().node("web1").unwrap().params.is_empty(), "2 cores are the default");
}

#[test]
fn copies_come_with_their_links_and_new_names() {
    let mut e = editor();
    ok(&mut e, 0, Command::Rename { id: "web2".into(), name: "API".into() });
    select(&mut e, &["web1", "web2", "db"]);
    let text = ok(&mut e, 0, Command::Copy).clip.unwrap();
    assert_eq!(Clip::from_text(&text).unwrap().links.len(), 2, "only links between copied nodes");
    let added = ok(&mut e, 0, Command::Paste { text: text.clone(), at: Some([1000.0, 1000.0]) }).added;
    assert_eq!(added, ["db3", "web3", "web4"]);
    assert_eq!(e.document().node("web4").unwrap().name.as_deref(), Some("API 2"));
    assert!(e.document().link("web3", "db3").is_some());
    select(&mut e, &["web1"]);
    ok(&mut e, 0, Command::Duplicate { gesture: 0 });
    let doc = e.document();
    assert!(doc.link("lb", "web5").is_some() && doc.link("web5", "db").is_some(), "a duplicate is wired alike");
    // In another tab, and in a run.
    let mut other = Editor::new(Scenario::default());
    ok(&mut other, 3 * SECOND, Command::Paste { text, at: None });
    assert_eq!(other.document().timeline.len(), 5);
    assert_eq!(other.shown(3 * SECOND).design.links.len(), 2);
}

#[test]
fn a_strangers_clipboard_is_checked() {
    let mut e = editor();
    for text in [
        "",
        "hello",
        "{\"nodes\": []}",
        "{\"loadstone-clip\": 2, \"nodes\": []}",
        "{\"loadstone-clip\": 1}",
        "{\"loadstone-clip\": 1, \"nodes\": [{\"id\": \"a\", \"kind\": \"rocket\", \"at\": [0, 0]}]}",
        "{\"loadstone-clip\": 1, \"nodes\": [{\"id\": \"a\", \"kind\": \"server\", \"at\": [0]}]}",
        r#"{"loadstone-clip": 1, "nodes": [{"id": "a", "kind": "server", "at": [0, 0]}, {"id": "b", "kind": "server", "at": [0, 0]}],
            "links": [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}]}"#,
        &format!("{{\"loadstone-clip\": 1, \"nodes\": [{}]}}", "[".repeat(100_000)),
        &"x".repeat(2_000_000),
    ] {
        refused(&mut e, 0, Command::Paste { text: text.to_owned(), at: None });
    }
    let hostile = json!({"loadstone-clip": 1, "nodes": [
        {"id": "web1", "kind": "server", "at": [1e300, 0], "name": "<script>", "params": {"cores": "many", "x": 1}}
    ], "links": [{"from": "web1", "to": "gone"}, 7]});
    ok(&mut e, 0, Command::Paste { text: hostile.to_string(), at: None });
    let pasted = e.document().node("web3").unwrap();
    assert!(pasted.params.is_empty() && pasted.at[0] <= place::FAR, "{pasted:?}");
    assert_eq!(pasted.name.as_deref(), Some("<script>"), "a name is text, whatever it says");
}

#[test]
fn a_connected_node_comes_on_the_side_of_the_key() {
    let mut e = editor();
    let add = |from: &str, side| Command::AddConnected { from: from.into(), preset: None, side };
    let right = ok(&mut e, 0, add("lb", Direction::Right)).added;
    assert_eq!(right, ["web3"]);
    assert!(e.document().link("lb", "web3").is_some());
    let left = ok(&mut e, 0, add("web3", Direction::Left)).added;
    assert!(e.document().link(&left[0], "web3").is_some(), "to the left comes what asks it: {left:?}");
    let down = ok(&mut e, 0, add("web3", Direction::Down)).added;
    assert_eq!(e.document().node(&down[0]).unwrap().kind, "database");
    assert!(refused(&mut e, 0, add("users", Direction::Left)).starts_with("Nothing can be linked before"));
}

#[test]
fn the_marquee_takes_nodes_and_the_links_between_them() {
    let mut e = editor();
    ok(&mut e, 0, Command::Marquee { from: [900.0, 500.0], to: [640.0, 150.0], add: false });
    let (db, db2) = (Item::Node("db".into()), Item::Node("db2".into()));
    let inside = [db, db2, Item::Node("web2".into())];
    assert!(inside.iter().all(|i| e.selection().contains(i)), "{:?}", e.selection());
    assert!(e.selection().contains(&Item::Link("db".into(), "db2".into())));
    assert!(!e.selection().contains(&Item::Node("lb".into())));
    ok(&mut e, 0, Command::Toggle(Item::Node("web2".into())));
    ok(&mut e, 0, Command::Marquee { from: [0.0, 150.0], to: [10.0, 170.0], add: true });
    assert!(e.selection().contains(&Item::Node("users".into())) && !e.selection().contains(&inside[2]));
    ok(&mut e, 0, Command::Select(vec![Item::Node("nobody".into())]));
    assert!(e.selection().is_empty(), "what is not there cannot be selected");
}

#[test]
fn dragging_snaps_to_neighbours_then_to_the_grid() {
    use place::{Rect, snap};
    let (moving, other) = (Rect::card([0.0, 0.0]), Rect::card([300.0, 105.0]));
    let near = snap(moving, [100.0, 99.0], &[other], 1.0);
    assert_eq!((near.by, near.guides.len()), ([100.0, 105.0], 1), "6 px from a neighbour's edge");
    let zoomed = snap(moving, [100.0, 99.0], &[other], 2.0);
    assert_eq!((zoomed.by, zoomed.guides.len()), ([100.0, 100.0], 0), "at 200 % only 4 px count");
    assert_eq!(place::to_grid([f64::NAN, 1e300]), [0.0, 1e6]);
}

#[test]
fn a_zone_is_grouped_lost_named_anew_and_left() {
    use crate::editor::actions::{Act, Situation, command};
    let mut e = editor();
    let now = |e: &Editor, act| command(act, &Situation { editor: e, frame: None });
    select(&mut e, &["web1", "db"]);
    assert_eq!(now(&e, Act::LoseZone), None, "nothing stands in a zone yet");
    let group = now(&e, Act::GroupZone).unwrap();
    ok(&mut e, 0, group);
    let zone = |e: &Editor, id: &str| e.document().node(id).unwrap().zone.clone();
    assert_eq!((zone(&e, "web1"), zone(&e, "web2")), (Some("zone-a".into()), None));
    select(&mut e, &["web2"]);
    let second = now(&e, Act::GroupZone).unwrap();
    ok(&mut e, 0, second);
    assert_eq!(zone(&e, "web2"), Some("zone-b".into()), "each group is a zone of its own");

    select(&mut e, &["db"]);
    let lose = now(&e, Act::LoseZone).unwrap();
    ok(&mut e, 0, lose);
    assert_eq!(entries(&e), [(0.001, "Zone zone-a crash".into())], "all of it, by one of its nodes");
    assert!(matches!(now(&e, Act::LoseZone), Some(Command::Fault(s)) if s[0].action == Action::Recover), "and back");

    let both = || vec!["web1".to_owned(), "db".to_owned()];
    ok(&mut e, 0, Command::SetZone { ids: vec!["db".into()], zone: Some("eu-a".into()) });
    assert_eq!(e.document().timeline[0].target, Target::Zone("zone-a".into()), "some of it is still there");
    ok(&mut e, 0, Command::SetZone { ids: both(), zone: Some("eu-a".into()) });
    assert_eq!(e.document().timeline[0].target, Target::Zone("eu-a".into()), "a fault follows the zone's new name");
    ok(&mut e, 0, Command::Undo);
    assert_eq!(e.document().timeline[0].target, Target::Zone("zone-a".into()));
    ok(&mut e, 0, Command::Redo);

    select(&mut e, &["web2"]);
    let out = now(&e, Act::UngroupZone).unwrap();
    ok(&mut e, 0, out);
    assert_eq!(zone(&e, "web2"), None);
}

#[test]
fn what_is_locked_stays_until_it_is_unlocked() {
    use crate::editor::actions::{Act, Situation, command};
    let mut e = editor();
    let toggle = |e: &mut Editor| {
        let lock = command(Act::Lock, &Situation { editor: e, frame: None }).unwrap();
        ok(e, 0, lock)
    };
    let at = |e: &Editor, id: &str| e.document().node(id).unwrap().at;
    select(&mut e, &["web1"]);
    let (before, done) = (at(&e, "web1"), toggle(&mut e));
    assert!(done.changed && done.cosmetic, "a run does not depend on it: {done:?}");
    assert_eq!(refused(&mut e, 0, Command::Delete), "Web 1 is locked; unlock it first.");
    assert_eq!(refused(&mut e, 0, Command::Nudge { by: [1.0, 0.0] }), "Web 1 is locked; unlock it first.");
    let both = vec!["web1".to_owned(), "web2".to_owned()];
    ok(&mut e, 0, Command::Move { ids: both, by: [40.0, 0.0], gesture: 7 });
    assert_eq!((at(&e, "web1"), at(&e, "web2")), (before, [520.0, 280.0]), "the others move");
    select(&mut e, &[]);
    ok(&mut e, 0, Command::Arrange { how: Arrange::Layout, share: 1.0, gesture: 0 });
    assert_eq!(at(&e, "web1"), before);
    select(&mut e, &["web1", "web2"]);
    assert_eq!(ok(&mut e, 0, Command::Delete).said, "Deleted 1 of 2; what is locked stays");
    assert!(e.document().node("web1").is_some() && e.document().node("web2").is_none());

    let (doc, problems) = codec::read(&codec::write(e.document()));
    assert_eq!((doc.as_ref(), problems.len()), (Some(e.document()), 0), "it is in the file");
    select(&mut e, &["web1"]);
    toggle(&mut e);
    ok(&mut e, 0, Command::Nudge { by: [1.0, 0.0] });
    assert_eq!(at(&e, "web1"), [before[0] + 1.0, before[1]]);
}

#[test]
fn copies_that_are_dragged_on_are_one_step() {
    let mut e = editor();
    select(&mut e, &["web1"]);
    let before = e.document().clone();
    ok(&mut e, 0, Command::Duplicate { gesture: 8 });
    let copies = e.selected_nodes();
    let appeared = e.document().node(&copies[0]).unwrap().at;
    for by in [[40.0, 0.0], [100.0, 60.0]] {
        ok(&mut e, 0, Command::Move { ids: copies.clone(), by, gesture: 8 });
    }
    let at = e.document().node(&copies[0]).unwrap().at;
    assert_eq!(at, [appeared[0] + 100.0, appeared[1] + 60.0], "measured from where they appeared");
    let after = e.document().clone();
    ok(&mut e, 0, Command::Undo);
    assert_eq!(*e.document(), before, "one undo takes back copy and drag");
    ok(&mut e, 0, Command::Redo);
    assert_eq!(*e.document(), after);
}
