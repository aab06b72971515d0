//! What the scene shows, as text: snapshots are the cheapest way to see every word that a card says.

use super::outline::outline;
use super::timeline::timeline;
use super::*;
use crate::editor::{Command, Place, PresetId};
use crate::metrics::frame::{BackendView, Clock, DataView, NameView, State};
use crate::scenario::{Link, Scenario};
use crate::time::{MS, SECOND};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use std::fmt::Write;

mod inspector;
mod plots;

fn node(id: &str, kind: &str, at: [f64; 2], params: Value) -> Node {
    let params = params.as_object().cloned().unwrap_or_default();
    Node { id: id.into(), kind: kind.into(), at, params, ..Node::default() }
}

/// The design of the mock-up: DNS, users, balancer, two servers, primary and replica.
fn site() -> Editor {
    let nodes = vec![
        node("dns", "dns", [0.0, 0.0], json!({})),
        node("users", "users", [0.0, 160.0], json!({"rate_rps": 232})),
        node("lb", "load_balancer", [240.0, 160.0], json!({})),
        node("web1", "server", [480.0, 40.0], json!({"service_ms": {"exponential": 8}})),
        node("web2", "server", [480.0, 280.0], json!({"cores": 1})),
        node("db", "database", [720.0, 160.0], json!({"failover": {"mode": "automatic"}})),
        node("db2", "database", [720.0, 360.0], json!({})),
    ];
    let ends = [
        ("users", "dns"),
        ("users", "lb"),
        ("dns", "lb"),
        ("lb", "web1"),
        ("lb", "web2"),
        ("web1", "db"),
        ("web2", "db"),
        ("db", "db2"),
    ];
    let link = |(from, to): (&str, &str)| Link { from: from.into(), to: to.into(), ..Link::default() };
    Editor::new(Scenario { nodes, links: ends.map(link).into(), ..Scenario::default() })
}

/// 32.6 s into the run: Web 2 has crashed, Web 1 is overloaded, the replica lags.
fn frame() -> Frame {
    let view = |id: &str, rate: f64| NodeView { id: id.into(), rate, slow: 1.0, ..NodeView::default() };
    let backend = |id: &str, up, streak, needed, next_check| BackendView {
        id: id.into(),
        up,
        streak,
        needed,
        next_check,
        picks: 3711,
        open: 12,
        ..BackendView::default()
    };
    let data = |primary, behind, lag_ms| DataView {
        primary,
        primary_id: Some("db".into()),
        lsn: 1234,
        behind,
        lag_ms,
        probes: 3,
        believed_up: true,
        ..DataView::default()
    };
    let nodes = vec![
        NodeView { hit_share: Some(0.968), ..view("dns", 4.0) },
        NodeView { write_rate: 21.0, ..view("users", 232.0) },
        NodeView {
            backends: vec![backend("web1", true, 0, 3, None), backend("web2", true, 2, 3, Some(33_900_000_000))],
            ..view("lb", 232.0)
        },
        NodeView {
            utilization: Some(0.93),
            cores: 2.0,
            waiting: 15,
            in_system: 17,
            p99_ms: Some(261.4),
            ..view("web1", 232.0)
        },
        NodeView { state: State::Crashed, since: 28_400_000_000, ..view("web2", 0.0) },
        NodeView {
            utilization: Some(0.61),
            cores: 4.0,
            mean_ms: Some(12.34),
            write_rate: 21.0,
            slow: 3.0,
            data: Some(data(true, 0, 0.0)),
            ..view("db", 232.0)
        },
        NodeView { utilization: Some(0.34), cores: 4.0, data: Some(data(false, 3, 120.0)), ..view("db2", 0.0) },
    ];
    let link = |from: &str, to: &str, rate, error_rate| LinkView {
        from: from.into(),
        to: to.into(),
        slow: 1.0,
        rate,
        error_rate,
        ..LinkView::default()
    };
    let mut links = vec![
        link("users", "lb", 232.0, 0.0),
        link("lb", "web1", 232.0, 0.0),
        link("lb", "web2", 40.0, 30.0),
        link("db", "db2", 21.0, 0.0),
    ];
    links.push(LinkView { cut: true, ..link("web2", "db", 0.0, 0.0) });
    Frame { run: 1, now: 32_600_000_000, end: 120 * SECOND, clock: Clock::Playing, nodes, links, ..Frame::default() }
}

fn words(scene: &Scene) -> String {
    let mut out = String::new();
    for c in &scene.cards {
        let signs: Vec<&str> = [(c.crown, "crown"), (c.dead, "dead"), (c.selected, "selected")]
            .into_iter()
            .filter_map(|(on, word)| on.then_some(word))
            .collect();
        let use_ = c.utilization.map_or_else(String::new, |u| format!(" [{u} {}]", c.utilization_tone.name()));
        let badges: Vec<&str> = c.badges.iter().map(|b| b.label.as_str()).collect();
        let queue = if c.slots.is_empty() { String::new() } else { format!(" queue {}{}", c.slots.len(), c.more) };
        let line = format!(
            "{} | {} | {} ({}){use_}{queue} {} {}",
            c.name,
            c.address,
            c.status,
            c.tone.name(),
            signs.join(" "),
            badges.join(" ")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for w in &scene.wires {
        let joins = w.joins.as_deref().unwrap_or("");
        let _ = writeln!(out, "{} | {:.1} px {:?} {} {joins}", w.accessible, w.width, w.dash, w.tone.name());
    }
    for c in &scene.callouts {
        let _ = writeln!(out, "at {}: {} / {} ({})", c.node, c.title, c.detail, c.tone.name());
    }
    trimmed(&out)
}

/// Lines end where their words end.
fn trimmed(text: &str) -> String {
    text.lines().map(|l| format!("{}\n", l.trim_end())).collect()
}

fn check(editor: &Editor, frame: Option<&Frame>, wanted: &Expect) {
    let stage = Stage::new(editor, frame.map_or(0, |f| f.now));
    wanted.assert_eq(&words(&stage.scene(editor, frame)));
}

#[test]
fn a_design_before_it_runs() {
    check(
        &site(),
        None,
        &expect![[r#"
            DNS | api.mysite.com | TTL 60 s (idle)
            Users | 1,000 clients | 232 req/s · 10 % writes (idle)
            Balancer | 203.0.113.10 | round robin · 2 servers (idle)
            Web 1 | 10.0.1.11 | 2 cores · 8 ms each (idle)
            Web 2 | 10.0.1.12 | 1 core · 5 ms each (idle)
            Database | 10.0.2.11 primary | 4 cores · 4 ms reads (idle) crown
            Database 2 | 10.0.2.12 replica | 4 cores · 4 ms reads (idle)
            Name look-ups from Users to DNS | 1.4 px "4 5" idle
            Network path from Users to Balancer | 1.4 px "" idle
            DNS record from DNS to Balancer | 1.4 px "1 5" idle
            Backend from Balancer to Web 1 | 1.4 px "" idle
            Backend from Balancer to Web 2 | 1.4 px "" idle
            Call from Web 1 to Database | 1.4 px "" idle
            Call from Web 2 to Database | 1.4 px "" idle
            Replication from Database to Database 2 | 1.4 px "4 5" idle
        "#]],
    );
}

#[test]
fn a_run_with_a_crashed_server() {
    let mut editor = site();
    editor.apply(Command::Select(vec![Item::Node("web1".into())]), 0).unwrap();
    check(
        &editor,
        Some(&frame()),
        &expect![[r#"
            DNS | api.mysite.com | TTL 60 s · 96.8 % hits (ok)
            Users | 1,000 clients | 232 req/s · 9 % writes (ok)
            Balancer | 203.0.113.10 | 232 req/s · 2 up (ok)
            Web 1 | 10.0.1.11 | 232 req/s · p99 261 ms (warn) [0.93 bad] queue 13+2 selected
            Web 2 | 10.0.1.12 | crashed 4.2 s ago (bad) dead
            Database | 10.0.2.11 primary | 21 writes/s · 12.3 ms (warn) [0.61 ok] crown slow ×3
            Database 2 | 10.0.2.12 replica | lag 120 ms · 3 writes (ok) [0.34 ok]
            Name look-ups from Users to DNS | 1.4 px "4 5" idle
            Network path from Users to Balancer: 232 req/s | 3.3 px "" ok
            DNS record from DNS to Balancer | 1.4 px "1 5" idle
            Backend from Balancer to Web 1: 232 req/s | 3.3 px "" ok
            Backend from Balancer to Web 2: 40 req/s · 75 % fail | 2.7 px "3 5" bad
            Call from Web 1 to Database | 1.4 px "" idle
            Call from Web 2 to Database: cut | 1.4 px "2 8" bad
            Replication from Database to Database 2: 21 writes/s | 2.5 px "4 5" ok
            at web2: Health check: 2 of 3 missed / marked down at 33.9 s if it misses (warn)
        "#]],
    );
}

#[test]
fn states_in_words() {
    let editor = site();
    let mut out = String::new();
    let now = 10 * SECOND;
    for (id, state) in [
        ("web1", State::Frozen),
        ("web1", State::Booting { until: 13_100_000_000 }),
        ("db2", State::Copying { until: 13_100_000_000 }),
        ("db2", State::Promoting { until: 11_400_000_000 }),
        ("db2", State::Promoting { until: 10_000_000_000 }),
        ("db2", State::Up),
        ("lb", State::Up),
        ("users", State::Up),
    ] {
        let view =
            NodeView { id: id.into(), state, since: 8 * SECOND, rate: 20.0, error_rate: 1.0, ..NodeView::default() };
        let frame = Frame { now, nodes: vec![view], ..Frame::default() };
        let scene = Stage::new(&editor, now).scene(&editor, Some(&frame));
        let card = scene.cards.iter().find(|c| c.id == id).unwrap();
        let _ = writeln!(out, "{}: {} ({})", card.name, card.status, card.tone.name());
    }
    expect![[r#"
        Web 1: frozen for 2 s (bad)
        Web 1: boots, 3.1 s left (warn)
        Database 2: copying, 3.1 s left (warn)
        Database 2: takes over in 1.4 s (warn)
        Database 2: takes over, applying writes (warn)
        Database 2: 20 reads/s · no lag (warn)
        Balancer: no servers (warn)
        Users: 20 req/s · 5 % fail (warn)
    "#]]
    .assert_eq(&trimmed(&out));
}

#[test]
fn what_joins_later_is_a_ghost_and_what_strikes_next_says_so() {
    let mut editor = site();
    let preset = PresetId { kind: Kind::Server, index: 0 };
    editor.apply(Command::AddNode { preset, place: Place::At([480.0, 520.0]) }, 30 * SECOND).unwrap();
    editor.apply(Command::Link { from: "lb".into(), to: "web3".into() }, 30 * SECOND).unwrap();
    let crash = Command::fault(&Action::Crash, vec![Target::Node("db".into())], None);
    editor.apply(crash, 0).unwrap();
    let scene = Stage::new(&editor, 0).scene(&editor, None);
    let (web3, wire) = (scene.cards.last().unwrap(), scene.wires.last().unwrap());
    assert_eq!((web3.name.as_str(), web3.joins.as_deref()), ("Web 3", Some("joins at 30 s")));
    assert_eq!((wire.joins.as_deref(), wire.dash), (Some("joins at 30 s"), "2 6"));
    assert_eq!(scene.cards[5].status, "crash at the next step");
    let later = Stage::new(&editor, 30 * SECOND).scene(&editor, None);
    assert_eq!(later.cards.last().unwrap().joins, None);
    // The same stage goes on as the run does: what has struck is told by the run.
    let db = NodeView { id: "db".into(), state: State::Crashed, since: MS, ..NodeView::default() };
    let struck = Frame { now: SECOND, nodes: vec![db], ..Frame::default() };
    let scene = Stage::new(&editor, 0).scene(&editor, Some(&struck));
    assert_eq!(scene.cards[5].status, "crashed 999 ms ago");
}

#[test]
fn dots_find_their_wires_and_pointers_find_things() {
    let editor = site();
    let (stage, frame) = (Stage::new(&editor, 0), frame());
    let scene = stage.scene(&editor, Some(&frame));
    assert_eq!(scene.wire_of_link, [Some(1), Some(3), Some(4), Some(7), Some(6)], "by the frame's links");
    assert_eq!(stage.node_at([250.0, 170.0]), Some("lb"));
    assert_eq!(stage.node_near([235.0, 170.0], 20.0), Some("lb"));
    assert_eq!(stage.node_near([205.0, 100.0], 5.0), None);
    let middle = scene.wires[1].middle;
    assert_eq!(stage.link_near(middle, 10.0), Some(scene.wires[1].item()));
    assert_eq!(stage.link_near([-900.0, -900.0], 10.0), None);
}

#[test]
fn users_show_the_address_that_they_go_by_as_it_ages() {
    let editor = site();
    let card = |now: Nanos, of: Option<&str>, state: State| {
        let known = NameView { node: of.map(str::to_owned), since: 10 * SECOND, until: 70 * SECOND };
        let users = NodeView { id: "users".into(), name: Some(known), ..NodeView::default() };
        let lb = NodeView { id: "lb".into(), state, ..NodeView::default() };
        let frame = Frame { now, nodes: vec![users, lb], ..Frame::default() };
        let scene = Stage::new(&editor, now).scene(&editor, Some(&frame));
        let ticket = scene.cards.into_iter().find(|c| c.id == "users").unwrap().ticket.unwrap();
        (ticket.label, (ticket.left * 100.0).round(), ticket.tone)
    };
    let ip = "203.0.113.10";
    assert_eq!(card(10 * SECOND, Some("lb"), State::Up), (format!("{ip} · 60 s"), 100.0, Tone::Ok));
    assert_eq!(card(54_500 * MS, Some("lb"), State::Up), (format!("{ip} · 16 s"), 26.0, Tone::Ok));
    assert_eq!(card(40 * SECOND, Some("lb"), State::Crashed).2, Tone::Warn, "the address of a dead node");
    assert_eq!(card(40 * SECOND, None, State::Up), ("no such name · 30 s".into(), 50.0, Tone::Bad));
}

#[test]
fn the_outline_is_the_canvas_as_tables() {
    let editor = site();
    let frame = frame();
    let shown = outline(&editor, &Stage::new(&editor, frame.now), Some(&frame));
    let mut out = String::new();
    for n in &shown.nodes {
        let _ = writeln!(
            out,
            "{} | {} | {} | {} | {} | {} | {} | {}",
            n.name, n.kind, n.status, n.rate, n.p99, n.utilization, n.waiting, n.asks
        );
    }
    for l in &shown.links {
        let _ = writeln!(out, "{} | {} | {} | {} | {}", l.name, l.meaning, l.rate, l.errors, l.status);
    }
    expect![[r#"
        DNS | DNS | TTL 60 s · 96.8 % hits | 4 req/s | – | – | 0 | Balancer
        Users | Users | 232 req/s · 9 % writes | 232 req/s | – | – | 0 | DNS, Balancer
        Balancer | Load balancer | 232 req/s · 2 up | 232 req/s | – | – | 0 | Web 1, Web 2
        Web 1 | Web server | 232 req/s · p99 261 ms | 232 req/s | 261 ms | 93 % | 15 | Database
        Web 2 | Web server | crashed 4.2 s ago | 0 req/s | – | – | 0 | Database
        Database | Database | 21 writes/s · 12.3 ms | 232 req/s | – | 61 % | 0 | Database 2
        Database 2 | Database | lag 120 ms · 3 writes | 0 req/s | – | 34 % | 0 |
        Users → DNS | Name look-ups | – | – | idle
        Users → Balancer | Network path | 232 | 0 % | 232 req/s
        DNS → Balancer | DNS record | – | – | idle
        Balancer → Web 1 | Backend | 232 | 0 % | 232 req/s
        Balancer → Web 2 | Backend | 40 | 75 % | 40 req/s · 75 % fail
        Web 1 → Database | Call | – | – | idle
        Web 2 → Database | Call | 0 | – | cut
        Database → Database 2 | Replication | 21 | 0 % | 21 writes/s
    "#]]
    .assert_eq(&trimmed(&out));
}

#[test]
fn the_timeline_has_a_mark_for_every_entry() {
    let mut editor = site();
    let fault = |action: Action, id: &str| Command::fault(&action, vec![Target::Node(id.into())], Some(5.0));
    editor.apply(fault(Action::Load { factor: 2.0 }, "users"), 20 * SECOND).unwrap();
    editor.apply(fault(Action::Crash, "web2"), 60 * SECOND).unwrap();
    editor.apply(fault(Action::Crash, "web1"), 61 * SECOND).unwrap();
    let shown = timeline(editor.document(), Some(&frame()), 600.0);
    let marks: Vec<_> = shown.marks.iter().map(|m| (m.label.as_str(), m.tone, m.roomy, m.past)).collect();
    assert_eq!(
        marks,
        [
            ("Users load ×2", Tone::Warn, true, true),
            ("Web 2 crash", Tone::Bad, true, false),
            ("Web 1 crash", Tone::Bad, false, false),
        ]
    );
    assert_eq!((shown.clock.as_str(), shown.end.as_str()), ("00:32.6", "02:00.0"));
    assert!((shown.now - 32.6 / 120.0).abs() < 1e-9);
    let until = shown.marks[0].until.unwrap();
    assert!((until - 25.001 / 120.0).abs() < 1e-9, "undone at {until}");
}

#[test]
fn a_zone_is_a_frame_around_what_stands_in_it_and_tells_what_is_down() {
    let mut doc = site().document().clone();
    for id in ["web1", "db", "users"] {
        doc.nodes.iter_mut().find(|n| n.id == id).unwrap().zone = Some("eu-a".into());
    }
    let mut editor = Editor::new(doc);
    let zone = |editor: &Editor, down: &[&str]| {
        let state = |id: &str| if down.contains(&id) { State::Crashed } else { State::Up };
        let nodes = ["web1", "db"].map(|id| NodeView { id: id.into(), state: state(id), ..NodeView::default() });
        let frame = Frame { now: SECOND, nodes: nodes.into(), ..Frame::default() };
        let scene = Stage::new(editor, SECOND).scene(editor, Some(&frame));
        assert_eq!(scene.zones.len(), 1);
        let inside = scene.cards.iter().filter(|c| c.zone.is_some());
        assert!(inside.clone().all(|c| {
            let (r, z) = (c.rect, scene.zones[0].rect);
            r.x > z.x && r.y > z.y && r.x + r.w < z.x + z.w && r.y + r.h < z.y + z.h
        }));
        let around = scene.bounds.unwrap();
        assert!(around.y <= scene.zones[0].rect.y, "fitting everything fits the frames too");
        scene.zones[0].clone()
    };
    let told = |z: Zone| (z.state, z.tone, z.accessible);
    assert_eq!(told(zone(&editor, &[])), (String::new(), Tone::Idle, "eu-a, zone of 3 components".into()));
    let one = ("1 of 2 down".to_owned(), Tone::Warn, "eu-a 1 of 2 down, zone of 3 components".to_owned());
    assert_eq!(told(zone(&editor, &["db"])), one, "users do not break");
    assert_eq!(told(zone(&editor, &["web1", "db"])).1, Tone::Bad);
    assert!(!zone(&editor, &[]).selected);
    let all = ["web1", "db", "users"].map(|id| Item::Node(id.into()));
    editor.apply(Command::Select(all.into()), 0).unwrap();
    assert!(zone(&editor, &[]).selected);
}

#[test]
fn a_node_carries_a_mark_of_the_worst_that_is_wrong_with_it() {
    let mut doc = site().document().clone();
    doc.nodes[4].params.insert("cores".into(), json!(0));
    doc.nodes.push(node("lb9", "load_balancer", [0.0, 600.0], json!({})));
    let editor = Editor::new(doc);
    let scene = Stage::new(&editor, 0).scene(&editor, None);
    let flaws: Vec<_> = scene.cards.iter().filter_map(|c| c.flaw.as_ref().map(|f| (c.id.as_str(), f.error))).collect();
    assert_eq!(flaws, [("web2", true), ("lb9", false)]);
    let web2 = &scene.cards[4];
    let words = &web2.flaw.as_ref().unwrap().words;
    assert!(web2.accessible.ends_with(words.as_str()), "{} is spoken too: {}", words, web2.accessible);
}

#[test]
fn a_stage_that_follows_the_one_before_is_the_same_as_a_new_one() {
    let mut editor = site();
    let crash = Command::fault(&Action::Crash, vec![Target::Node("web2".into())], None);
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let commands = [
        Command::Move { ids: ids(&["web1"]), by: [30.0, -10.0], gesture: 2 },
        Command::Move { ids: ids(&["web1", "db"]), by: [90.0, 10.0], gesture: 4 },
        Command::Rename { id: "web1".into(), name: "First".into() },
        Command::SetZone { ids: ids(&["web1", "web2"]), zone: Some("eu".into()) },
        Command::Move { ids: ids(&["web1"]), by: [0.0, -300.0], gesture: 6 },
        Command::SetLocked { ids: ids(&["db"]), locked: true },
        Command::SetParam { target: Item::Node("db".into()), name: "cores".into(), value: json!(8), gesture: 0 },
        Command::Relink { from: "web1".into(), to: "db".into(), end: crate::editor::End::To, node: "db2".into() },
        crash,
        Command::AddNode { preset: PresetId { kind: Kind::Server, index: 0 }, place: Place::At([0.0, 500.0]) },
        Command::Undo,
        Command::Undo,
    ];
    for now in [0, 30 * SECOND] {
        let mut stage = Stage::new(&editor, now);
        for command in commands.clone() {
            let about = format!("{command:?} at {now}");
            // Not all of them can be done in the middle of the run.
            if editor.apply(command, now).is_ok() {
                stage = stage.next(&editor, now);
                let anew = Stage::new(&editor, now);
                assert_eq!(stage.scene(&editor, None), anew.scene(&editor, None), "after {about}");
                assert_eq!(stage.scene(&editor, Some(&frame())), anew.scene(&editor, Some(&frame())), "after {about}");
                assert_eq!(stage.bounds(), anew.bounds(), "after {about}");
            }
        }
    }
}
