//! Where cards stand after they were arranged.

use super::*;

fn tidy(how: Arrange) -> Command {
    Command::Arrange { how, share: 1.0, gesture: 0 }
}

fn places(e: &Editor) -> Vec<(&str, [f64; 2])> {
    e.document().nodes.iter().map(|n| (n.id.as_str(), n.at)).collect()
}

fn at(e: &Editor, id: &str) -> [f64; 2] {
    e.document().node(id).unwrap_or_else(|| panic!("{id} is gone")).at
}

fn select(e: &mut Editor, ids: &[&str]) {
    ok(e, 0, Command::Select(ids.iter().map(|id| Item::Node((*id).into())).collect()));
}

#[test]
fn cards_are_aligned_on_the_outermost_edge_or_the_middle() {
    for (line, axis, to) in [
        (Line::Left, 0, 0.0),
        (Line::Centre, 0, 360.0),
        (Line::Right, 0, 720.0),
        (Line::Top, 1, 40.0),
        (Line::Middle, 1, 100.0),
        (Line::Bottom, 1, 160.0),
    ] {
        let mut e = editor();
        select(&mut e, &["users", "web1", "db"]);
        let done = ok(&mut e, 0, tidy(Arrange::Align(line)));
        assert!(done.cosmetic && done.changed, "{line:?} concerns the picture alone: {done:?}");
        for id in ["users", "web1", "db"] {
            assert_eq!(at(&e, id)[axis], to, "{line:?} of {id}");
        }
        assert_eq!(at(&e, "lb"), [240.0, 160.0], "{line:?} moved what was not selected");
        ok(&mut e, 0, Command::Undo);
        assert_eq!(*e.document(), site(), "{line:?} is one step of undo");
    }
    let mut e = editor();
    select(&mut e, &["lb"]);
    assert_eq!(refused(&mut e, 0, tidy(Arrange::Align(Line::Left))), "Select 2 components or more.");
}

#[test]
fn gaps_become_equal_between_the_outermost() {
    let mut e = editor();
    ok(&mut e, 0, Command::Move { ids: vec!["lb".into()], by: [500.0, 0.0], gesture: 0 });
    select(&mut e, &["users", "lb", "db"]);
    ok(&mut e, 0, tidy(Arrange::SpreadAcross));
    assert_eq!(["users", "db", "lb"].map(|id| at(&e, id)[0]), [0.0, 370.0, 740.0], "order and ends stay");
    select(&mut e, &["web1", "web2", "db2"]);
    ok(&mut e, 0, tidy(Arrange::SpreadDown));
    assert_eq!(["web1", "web2", "db2"].map(|id| at(&e, id)[1]), [40.0, 200.0, 360.0]);
}

/// No card touches another, all stand on the grid.
#[track_caller]
fn legible(e: &Editor) {
    let places = places(e);
    for (i, (a, at)) in places.iter().enumerate() {
        assert!(at.iter().all(|v| v % place::GRID == 0.0), "{a} is off the grid at {at:?}");
        for (b, other) in &places[..i] {
            assert!(!place::Rect::card(*at).touches(&place::Rect::card(*other)), "{a} and {b} overlap: {places:?}");
        }
    }
}

#[test]
fn columns_follow_the_way_of_a_request_and_replicas_stand_by_their_primary() {
    let mut e = editor();
    let ids: Vec<String> = e.document().nodes.iter().map(|n| n.id.clone()).collect();
    for (i, id) in ids.into_iter().enumerate() {
        // All on one heap, the order reversed.
        let to = [0.0, -(i as f64)];
        let from = at(&e, &id);
        ok(&mut e, 0, Command::Move { ids: vec![id], by: [to[0] - from[0], to[1] - from[1]], gesture: 0 });
    }
    ok(&mut e, 0, tidy(Arrange::Layout));
    legible(&e);
    let column = |id: &str| at(&e, id)[0];
    assert!(column("users") < column("lb") && column("lb") < column("web1") && column("web1") < column("db"));
    assert_eq!((column("web1"), column("db")), (column("web2"), column("db2")), "one tier, one column");
    let before = places(&e).into_iter().map(|(id, at)| (id.to_owned(), at)).collect::<Vec<_>>();
    ok(&mut e, 0, tidy(Arrange::Layout));
    let again = places(&e).into_iter().map(|(id, at)| (id.to_owned(), at)).collect::<Vec<_>>();
    assert_eq!(before, again, "what is laid out stays so");
}

#[test]
fn rings_and_hundreds_of_cards_are_laid_out_too() {
    let mut doc = Scenario::default();
    for i in 0..300 {
        doc.nodes.push(node(&format!("s{i}"), "server", [f64::from(i % 7), 0.0]));
        doc.links.push(link(&format!("s{i}"), &format!("s{}", (i * 7 + 1) % 300)));
    }
    let mut e = Editor::new(doc);
    ok(&mut e, 0, tidy(Arrange::Layout));
    legible(&e);
}

#[test]
fn every_example_can_be_laid_out() {
    for example in codec::examples() {
        let mut e = Editor::new(example.scenario.clone());
        ok(&mut e, 0, tidy(Arrange::Layout));
        legible(&e);
    }
}

#[test]
fn a_movement_is_one_step_of_undo_and_ends_where_a_jump_would() {
    let mut jumped = editor();
    ok(&mut jumped, 0, tidy(Arrange::Layout));
    let mut moved = editor();
    for share in [0.25, 0.5, 1.0] {
        ok(&mut moved, 0, Command::Arrange { how: Arrange::Layout, share, gesture: 7 });
    }
    assert_eq!(places(&moved), places(&jumped));
    ok(&mut moved, 0, Command::Undo);
    assert_eq!(*moved.document(), site());
    assert_eq!(moved.undo_label(), None, "every part of the movement was taken back at once");
}

#[test]
fn a_gesture_that_ends_where_it_began_leaves_nothing_to_undo() {
    let mut e = editor();
    let drag = |by| Command::Move { ids: vec!["web1".to_owned()], by, gesture: 7 };
    ok(&mut e, 0, drag([40.0, 0.0]));
    assert!(e.undo_label().is_some());
    ok(&mut e, 0, drag([0.0, 0.0]));
    assert_eq!((e.undo_label(), e.document()), (None, &site()));
    ok(&mut e, 0, drag([80.0, 0.0]));
    ok(&mut e, 0, Command::Undo);
    assert_eq!((e.undo_label(), e.document()), (None, &site()), "the gesture went on from where it had begun");
}
