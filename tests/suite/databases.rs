//! What databases show their readers, and what becomes of writes where several databases pass them on or take them.

use crate::replication::{AUTOMATIC, WRITES, group, moments, run};
use loadstone::component::log::What;
use loadstone::engine::Engine;
use loadstone::metrics::Metrics;
use loadstone::time::to_s;

fn near(what: &str, measured: f64, theory: f64, tolerance: f64) {
    println!("{what}: theory {theory:.4}, measured {measured:.4}");
    assert!((measured / theory - 1.0).abs() <= tolerance, "{what}: measured {measured}, theory {theory}");
}

fn behind(engine: &Engine<Metrics>, id: &str) -> u64 {
    let node = engine.net().nodes.iter().position(|n| n.id == id).expect("the node is there");
    engine.view(node as u32).data.expect("a database").behind
}

const PAIR: &str = r#"{"id":"db","kind":"database","params":{"write_ms":1,"read_ms":1}},{"id":"db2","kind":"database","params":{"read_ms":1}}"#;

/// A read is stale if a write of its record was acknowledged and is not visible yet: writes of one record come as a
/// Poisson stream, so that is 1 − e^(−rate × time from the answer until the write is visible).
#[test]
fn a_read_is_stale_if_the_lag_is_longer_than_the_write_is_old() {
    let users = r#"{"rate_rps":500,"write_share":0.4,"keys":100,"zipf":0,"clients":100000}"#;
    for delay_ms in [100, 400] {
        let link = format!(r#"{{"from":"db","to":"db2","params":{{"delay_ms":{delay_ms},"apply_ms":0}}}}"#);
        let engine = run(&group(users, PAIR, &link, ""));
        let r = &engine.recorder.requests;
        let stale = r.stale_reads as f64 / (r.ok - r.writes_acked) as f64;
        // The write is visible 0.5 ms after it leaves, its user knows of it 1.5 ms after the commit.
        let hidden = (f64::from(delay_ms) + 0.5 - 1.5) / 1000.0;
        let theory = 1.0 - libm::exp(-500.0 * 0.4 / 100.0 * hidden);
        near(&format!("stale reads at {delay_ms} ms"), stale, theory, 0.05);
    }
}

#[test]
fn clients_can_be_shown_their_own_writes() {
    let users = r#"{"rate_rps":100,"write_share":0.3,"keys":1,"clients":1,"think_ms":0}"#;
    let link = r#"{"from":"db","to":"db2","params":{"delay_ms":50}}"#;
    let stale = |nodes: &str| {
        let engine = run(&group(users, nodes, link, ""));
        let to_replica = engine.recorder.nodes[3].arrivals;
        (engine.recorder.requests.stale_reads, to_replica)
    };
    let (without, _) = stale(PAIR);
    let (with, to_replica) = stale(&PAIR.replacen("{\"write_ms\"", "{\"read_your_writes\":true,\"write_ms\"", 1));
    assert!(without > 500, "one client reads its own last write too early: {without} times");
    assert_eq!(with, 0, "its reads go to the primary until the replica has its last write");
    assert!(to_replica > 300, "later they go to the replica again: {to_replica} did");
}

#[test]
fn lost_writes_are_named_and_a_script_brings_them_back() {
    let nodes = AUTOMATIC.replacen("{\"mode\"", "{\"recovery_script_s\":5,\"mode\"", 1);
    let link = r#"{"from":"db","to":"db2","params":{"delay_ms":200}}"#;
    let faults = r#"{"at_s":20,"node":"db","do":"crash"},{"at_s":40,"node":"db","do":"recover"}"#;
    let engine = run(&group(WRITES, &nodes, link, faults));
    let r = &engine.recorder.requests;
    assert!((10..=30).contains(&r.writes_lost), "20 writes were waiting to be sent, {} are lost", r.writes_lost);
    assert_eq!(r.writes_restored, r.writes_lost, "the old primary still had every one of them");
    let restored = moments(&engine, What::Restored(r.writes_restored));
    assert!(restored.len() == 1 && (45.0..46.0).contains(&restored[0]), "5 s after its return: {restored:?}");
    let named: Vec<u64> = r.lost.iter().map(|(_, origin)| origin.ordinal).collect();
    assert_eq!(named.len() as u64, r.writes_lost.min(20), "the first are named: {named:?}");
    assert!(named.iter().all(|n| (1900..2200).contains(n)), "requests of just before 20 s: {named:?}");
    let lacks = behind(&engine, "db");
    assert!(lacks < 60, "the old primary keeps up, 20 writes wait to be sent: it lacks {lacks}");
}

/// The script writes one after the other, as any client: each write takes its time on a core of the new primary, and the
/// users' writes wait for it there.
#[test]
fn a_scripts_writes_take_their_time() {
    let nodes = |script: &str| {
        format!(
            r#"{{"id":"db","kind":"database","params":{{"write_ms":1,"failover":{{"mode":"automatic"{script}}}}}}},
               {{"id":"db2","kind":"database","params":{{"cores":1,"write_ms":50}}}}"#
        )
    };
    let link = r#"{"from":"db","to":"db2","params":{"delay_ms":1000}}"#;
    let faults = r#"{"at_s":20,"node":"db","do":"crash"},{"at_s":40,"node":"db","do":"recover"}"#;
    let go =
        |script| run(&group(r#"{"rate_rps":10,"write_share":1,"arrivals":"constant"}"#, &nodes(script), link, faults));
    let (with, without) = (go(r#","recovery_script_s":5"#), go(""));
    let r = &with.recorder.requests;
    assert!(r.writes_restored >= 8 && r.writes_restored == r.writes_lost, "{} of {}", r.writes_restored, r.writes_lost);
    let at = moments(&with, What::Restored(r.writes_restored))[0] - 45.0;
    // Half of the time the users' writes keep the core busy.
    let work = r.writes_restored as f64 * 0.05;
    assert!((work..3.0 * work).contains(&at), "{work:.2} s of work were done in {at:.2} s");
    let arrivals = |engine: &Engine<Metrics>| engine.recorder.nodes[3].arrivals;
    assert_eq!(
        arrivals(&with),
        arrivals(&without) + r.writes_restored,
        "each is a write of its own at the new primary"
    );
}

#[test]
fn a_replica_passes_writes_on_unless_it_is_down() {
    let nodes = r#"{"id":"db","kind":"database","params":{"write_ms":1}},{"id":"db2","kind":"database"},{"id":"db3","kind":"database"}"#;
    let links = r#"{"from":"db","to":"db2","params":{"latency_ms":5,"apply_ms":2}},{"from":"db2","to":"db3","params":{"latency_ms":7,"apply_ms":1}}"#;
    let engine = run(&group(r#"{"rate_rps":20,"write_share":1}"#, nodes, links, ""));
    let lag = |node: usize| engine.recorder.nodes[node].lag.mean_ms().expect("a lag");
    near("lag of the first", lag(3), 7.0, 0.02);
    near("lag of the second, which does not wait for the first to apply", lag(4), 13.0, 0.02);
    let broken = run(&group(WRITES, nodes, links, r#"{"at_s":20,"node":"db2","do":"crash"}"#));
    assert_eq!(moments(&broken, What::CutOff), [20.0], "db3 is cut off");
    let lacks = behind(&broken, "db3");
    assert!((3700..4300).contains(&lacks), "it lacks what was written for 40 s: {lacks}");
    let mended = run(&group(WRITES, nodes, links, r#"{"at_s":20,"node":"db2","do":"crash","for_s":20}"#));
    assert!(behind(&mended, "db3") < 5, "it catches up: {}", behind(&mended, "db3"));
}

/// Two sites, each with users, a server and a database that takes writes; a third if asked for.
fn sites(ids: &[&str], links: &str, keys: u32, timeline: &str) -> String {
    let mut nodes = Vec::new();
    let mut all = vec![links.to_owned()];
    for id in ids {
        nodes.push(format!(
            r#"{{"id":"users-{id}","kind":"users","params":{{"rate_rps":50,"write_share":1,"keys":{keys},"zipf":0}}}},
            {{"id":"web-{id}","kind":"server","params":{{"service_ms":1}}}},{{"id":"{id}","kind":"database","params":{{"write_ms":1}}}}"#
        ));
        all.push(format!(r#"{{"from":"users-{id}","to":"web-{id}"}},{{"from":"web-{id}","to":"{id}"}}"#));
    }
    format!(
        r#"{{"loadstone":1,"name":"sites","seed":3,"run_s":60,"nodes":[{}],"links":[{}],"timeline":[{timeline}]}}"#,
        nodes.join(","),
        all.join(",")
    )
}

/// A write loses if the other primary changes its record before it has arrived there: 1 − e^(−rate of the record × way).
#[test]
fn of_two_primaries_the_last_writer_wins_and_conflicts_are_counted() {
    let way = r#""params":{"latency_ms":100,"apply_ms":0}"#;
    let links = format!(r#"{{"from":"a","to":"b",{way}}},{{"from":"b","to":"a",{way}}}"#);
    let engine = run(&sites(&["a", "b"], &links, 50, ""));
    let r = &engine.recorder.requests;
    let theory = r.writes_acked as f64 * (1.0 - libm::exp(-50.0 / 50.0 * 0.1));
    near("conflicts", r.conflicts as f64, theory, 0.07);
    assert_eq!(moments(&engine, What::Conflict(1)).len(), 1, "the first has a line in the log");
    assert!(behind(&engine, "a") < 20 && behind(&engine, "b") < 20, "both have nearly everything");
    for id in ["a", "b"] {
        let node = engine.net().nodes.iter().position(|n| n.id == id).expect("a database") as u32;
        assert!(engine.view(node).data.expect("a database").primary, "{id} takes writes");
    }
    let local = run(&sites(&["a", "b"], &links, 1_000_000_000, ""));
    assert_eq!(local.recorder.requests.conflicts, 0, "hardly ever is one of a billion records written twice");
}

/// MySQL's circular replication: every server takes writes and passes on those of the one before.
#[test]
fn in_a_ring_a_broken_member_stops_the_writes_that_come_through_it() {
    let links = r#"{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"a"}"#;
    let whole = run(&sites(&["a", "b", "c"], links, 10_000, ""));
    for id in ["a", "b", "c"] {
        assert!(behind(&whole, id) < 10, "{id} has everything: {} are missing", behind(&whole, id));
    }
    let broken = run(&sites(&["a", "b", "c"], links, 10_000, r#"{"at_s":20,"node":"b","do":"crash"}"#));
    let cut = broken.recorder.log.iter().filter(|e| e.what == What::CutOff).map(|e| to_s(e.at));
    assert_eq!(cut.collect::<Vec<_>>(), [20.0], "c no longer gets what a writes");
    let (a, c) = (behind(&broken, "a"), behind(&broken, "c"));
    assert!(a < 10, "what c writes still reaches a: {a} are missing");
    assert!((1800..2200).contains(&c), "c lacks 40 s of a's writes: {c}");
}

/// With Zipf's law and the hottest tenth of 1000 records in memory, 1 − H(100)/H(1000) of the reads miss it.
#[test]
fn what_memory_does_not_hold_waits_for_the_disk() {
    let users = r#"{"rate_rps":100,"write_share":0,"keys":1000}"#;
    let db = |memory: &str| {
        let node = format!(
            r#"{{"id":"db","kind":"database","params":{{"read_ms":1,"disk_ms":10{memory}}}}},{{"id":"x","kind":"server"}}"#
        );
        let engine = run(&group(users, &node, r#"{"from":"web","to":"x"}"#, ""));
        engine.recorder.nodes[2].sojourn.mean_ms().expect("reads were answered")
    };
    let h = |n: u32| (1..=n).map(|k| 1.0 / f64::from(k)).sum::<f64>();
    let misses = 1.0 - h(100) / h(1000);
    near("everything in memory", db(""), 1.0, 0.02);
    near("a tenth in memory", db(r#","memory_gb":2,"working_set_gb":20"#), 1.0 + 10.0 * misses, 0.04);
    near("nothing in memory", db(r#","memory_gb":0"#), 11.0, 0.02);
}

#[test]
fn a_zone_is_lost_and_the_other_goes_on() {
    let text = r#"{"loadstone":1,"name":"zones","seed":9,"run_s":60,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":100,"write_share":0.3,"retries":2}},{"id":"lb","kind":"load_balancer"},
                 {"id":"web1","kind":"server","zone":"a"},{"id":"web2","kind":"server","zone":"b"},
                 {"id":"db","kind":"database","zone":"a","params":{"write_ms":2,"failover":{"mode":"automatic"}}},
                 {"id":"db2","kind":"database","zone":"a"},{"id":"db3","kind":"database","zone":"b"}],
        "links":[{"from":"users","to":"lb"},{"from":"lb","to":"web1"},{"from":"lb","to":"web2"},{"from":"web1","to":"db"},
                 {"from":"web2","to":"db"},{"from":"db","to":"db2"},{"from":"db","to":"db3","params":{"latency_ms":5,"delay_ms":300}}],
        "timeline":[{"at_s":20,"zone":"a","do":"crash"}]}"#;
    let engine = run(text);
    let r = &engine.recorder.requests;
    let promoted: Vec<_> = engine.recorder.log.iter().filter(|e| matches!(e.what, What::Promoted(_))).collect();
    assert_eq!(promoted.len(), 1, "db3 takes over: {:?}", engine.recorder.log);
    assert!((20.0..30.0).contains(&to_s(promoted[0].at)), "within seconds: {}", to_s(promoted[0].at));
    // 30 writes a second that wait 300 ms each: nine are always on their way.
    assert!((3..=18).contains(&r.writes_lost), "lost {} writes, about 9 expected", r.writes_lost);
    let reads_kept = 1.0 - r.failed as f64 / r.issued as f64;
    assert!(reads_kept > 0.93, "only writes of a few seconds fail: {:.1} % are answered", reads_kept * 100.0);
}
