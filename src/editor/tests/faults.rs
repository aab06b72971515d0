//! Faults by name: each fits something, strikes what it says, and chaos is drawn by its seed alone.

use super::*;
use crate::check;
use crate::codec;
use crate::component::log::What;
use crate::editor::faults::{FAULTS, chaos, targets};
use crate::engine::Engine;
use crate::metrics::Metrics;
use crate::time::from_s;

/// Something of every kind, in two zones of one region and one of another.
fn world() -> Scenario {
    let mut world = site();
    world.nodes.extend([node("dns", "dns", [0.0, 0.0]), node("cache", "cache", [720.0, 0.0])]);
    world.links.extend([link("users", "dns"), link("web1", "cache")]);
    for (id, zone) in [("web1", "eu-a"), ("web2", "eu-b"), ("db", "us-a")] {
        world.nodes.iter_mut().find(|n| n.id == id).unwrap().zone = Some(zone.into());
    }
    world.run_s = 20.0;
    world
}

#[test]
fn every_fault_strikes_wherever_it_fits() {
    let world = world();
    for fault in FAULTS {
        let fitting: Vec<Target> = targets(&world).into_iter().filter(|t| fault.fits(&world, t)).collect();
        assert!(!fitting.is_empty(), "{} fits nothing in a design with everything", fault.label);
        for target in fitting {
            let mut e = Editor::new(world.clone());
            let strikes = fault.at(&world, &target, Some(2 * SECOND), Some(5.0));
            let many = strikes.len();
            let about = format!("{} on {target:?}", fault.label);
            e.apply(Command::Fault(strikes), 0).unwrap_or_else(|why| panic!("{about}: {why}"));
            let doc = e.document();
            assert_eq!(doc.timeline.len(), many, "{about}: {:?}", doc.timeline);
            assert!(doc.timeline.iter().all(|t| t.at() == 2 * SECOND), "{about}: {:?}", doc.timeline);
            let before = check::check(&world).len();
            assert_eq!(check::check(doc).len(), before, "{about}: {:?}", check::check(doc));
            let mut run = Engine::new(doc, Metrics::new(0, SECOND));
            run.run_until(from_s(20.0), u64::MAX);
            let log = &run.recorder.log;
            assert!(!log.iter().any(|l| l.what == What::Ignored), "{about} does nothing: {log:?}");
            assert!(log.iter().any(|l| l.at == 2 * SECOND), "{about} leaves no line: {log:?}");
        }
    }
}

#[test]
fn a_region_is_all_zones_named_alike_up_to_the_last_dash() {
    let (world, region) = (world(), FAULTS.iter().find(|f| f.id == "region").unwrap());
    let struck = |id: &str| -> Vec<Target> {
        let strikes = region.at(&world, &Target::Node(id.into()), None, None);
        strikes.into_iter().map(|s| s.target).collect()
    };
    assert_eq!(struck("web2"), [Target::Zone("eu-a".into()), Target::Zone("eu-b".into())]);
    assert_eq!(struck("db"), [Target::Zone("us-a".into())]);
    assert_eq!(struck("lb"), [], "it stands nowhere");
}

#[test]
fn a_region_can_be_said_and_takes_along_what_stands_in_no_zone() {
    let (mut world, fault) = (world(), FAULTS.iter().find(|f| f.id == "region").unwrap());
    let says = |world: &mut Scenario, id: &str, region: &str| {
        let node = world.nodes.iter_mut().find(|n| n.id == id).unwrap();
        node.params.insert("region".into(), region.into());
    };
    let struck = |world: &Scenario, target: Target| -> Vec<Target> {
        fault.at(world, &target, None, None).into_iter().map(|s| s.target).collect()
    };
    says(&mut world, "lb", "eu");
    says(&mut world, "users", "eu");
    let eu = [Target::Zone("eu-a".into()), Target::Zone("eu-b".into()), Target::Node("lb".into())];
    assert_eq!(struck(&world, Target::Node("lb".into())), eu, "users are not lost with it");
    assert_eq!(struck(&world, Target::Zone("eu-b".into())), eu);
    // What a node says comes before what its zone says.
    says(&mut world, "web2", "us");
    assert_eq!(struck(&world, Target::Node("db".into())), [Target::Zone("eu-b".into()), Target::Zone("us-a".into())]);
}

#[test]
fn a_full_disk_fails_writes_and_answers_reads() {
    let mut world = world();
    world.nodes.iter_mut().find(|n| n.id == "users").unwrap().params.insert("write_share".into(), json!(0.5));
    let full = FAULTS.iter().find(|f| f.id == "disk_full").unwrap();
    let mut e = Editor::new(world.clone());
    let strikes = full.at(&world, &Target::Node("db".into()), Some(MS), None);
    e.apply(Command::Fault(strikes), 0).unwrap();
    let mut run = Engine::new(e.document(), Metrics::new(0, SECOND));
    run.run_until(from_s(20.0), u64::MAX);
    let r = &run.recorder.requests;
    assert!(r.ok > 50, "reads are answered: {r:?}");
    assert_eq!(r.writes_acked, 0, "no write is done: {r:?}");
    assert!(r.failed > 50, "writes fail: {r:?}");
}

#[test]
fn chaos_is_drawn_by_its_seed_alone_and_keeps_it() {
    let world = world();
    let drawn = |seed| chaos(&world, seed, from_s(10.0), from_s(100.0));
    assert_eq!(drawn(42), drawn(42));
    assert_ne!(drawn(42), drawn(43));
    assert!(drawn(42).iter().all(|s| s.at.is_some_and(|at| (from_s(10.0)..from_s(100.0)).contains(&at))));
    let mut e = Editor::new(world.clone());
    e.apply(Command::Fault(drawn(42)), 0).unwrap();
    assert!(e.document().timeline.iter().all(|t| t.chaos == Some(42)), "{:?}", e.document().timeline);
    let (again, problems) = codec::read(&codec::write(e.document()));
    assert_eq!(again.as_ref(), Some(e.document()), "{problems:?}");
    e.apply(Command::Undo, 0).unwrap();
    assert_eq!(e.document().timeline, [], "one step of the history");
}
