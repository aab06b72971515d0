//! Groups of databases against what real replication is known to do: when a write is answered, what is lost, what is
//! read stale, and how far writes travel.

use loadstone::component::log::What;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::Metrics;
use loadstone::scenario::Scenario;
use loadstone::time::{SECOND, from_s, to_s};

fn open(text: &str) -> Scenario {
    let (scenario, problems) = loadstone::check::open(text);
    assert!(problems.is_empty(), "the test's own scenario has problems: {problems:?}\n{text}");
    scenario.expect("a scenario without problems")
}

pub fn run(text: &str) -> Engine<Metrics> {
    let scenario = open(text);
    let mut engine = Engine::new(&scenario, Metrics::new(0, SECOND));
    assert_eq!(engine.run_until(from_s(scenario.run_s), u64::MAX), Progress::Reached, "{text}");
    engine.recorder.settle(from_s(scenario.run_s));
    engine
}

/// Databases behind one server: their nodes, links among them and timeline as in a file, and what the users do.
pub fn group(users: &str, nodes: &str, links: &str, timeline: &str) -> String {
    format!(
        r#"{{"loadstone":1,"name":"group","seed":5,"run_s":60,
        "nodes":[{{"id":"users","kind":"users","params":{users}}},
                 {{"id":"web","kind":"server","params":{{"service_ms":1,"workers":10000}}}},{nodes}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":1}}}},{{"from":"web","to":"db"}},{links}],
        "timeline":[{timeline}]}}"#
    )
}

pub const WRITES: &str = r#"{"rate_rps":100,"write_share":1}"#;
pub const AUTOMATIC: &str = r#"{"id":"db","kind":"database","params":{"write_ms":2,"failover":{"mode":"automatic"}}},{"id":"db2","kind":"database"}"#;

pub fn moments(engine: &Engine<Metrics>, what: What) -> Vec<f64> {
    engine.recorder.log.iter().filter(|e| e.what == what).map(|e| to_s(e.at)).collect()
}

/// The mean latency of writes on an idle group whose replica is 7 ms away and applies in 3 ms.
fn commit_delay(mode: &str) -> f64 {
    let users = r#"{"rate_rps":2,"write_share":1}"#;
    let nodes = r#"{"id":"db","kind":"database","params":{"write_ms":2}},{"id":"db2","kind":"database"}"#;
    let links = format!(r#"{{"from":"db","to":"db2","params":{{"latency_ms":7,"apply_ms":3,"mode":"{mode}"}}}}"#);
    let engine = run(&group(users, nodes, &links, ""));
    // The middle one: later requests have warm connections.
    engine.recorder.latency().quantile_ms(0.5).expect("writes were answered")
}

/// Semi-synchronous is one round trip over the link, synchronous that and the time to apply (PostgreSQL's
/// synchronous_commit: remote_write waits for the receipt, remote_apply until it can be seen).
#[test]
fn a_commit_waits_for_the_receipt_or_until_the_write_can_be_seen() {
    let [alone, semi, sync] = ["async", "semi_sync", "sync"].map(commit_delay);
    println!("commit: async {alone:.2} ms, semi_sync {semi:.2} ms, sync {sync:.2} ms; one way 7 ms, apply 3 ms");
    assert!((semi - alone - 14.0).abs() < 0.3, "semi_sync waits a round trip, 14 ms: {alone} and {semi} ms");
    assert!((sync - alone - 17.0).abs() < 0.3, "sync waits for applying too, 17 ms: {alone} and {sync} ms");
}

/// Acknowledged writes lost at a promotion: the write rate times the time from commit to leaving the primary.
#[test]
fn an_asynchronous_promotion_loses_the_send_window_and_a_synchronous_one_nothing() {
    let lost = |mode: &str, delay_ms: u32, at_s: f64| {
        let link = format!(r#"{{"from":"db","to":"db2","params":{{"mode":"{mode}","delay_ms":{delay_ms}}}}}"#);
        let crash = format!(r#"{{"at_s":{at_s},"node":"db","do":"crash"}}"#);
        let engine = run(&group(WRITES, AUTOMATIC, &link, &crash));
        let log = &engine.recorder.log;
        assert!(log.iter().any(|e| matches!(e.what, What::Promoted(_))), "{mode}: nobody was promoted: {log:?}");
        engine.recorder.requests.writes_lost as f64
    };
    let crashes: Vec<f64> = (0..12).map(|i| 5.0 + f64::from(i) * 0.37).collect();
    for delay_ms in [200, 500] {
        let mean = crashes.iter().map(|&at| lost("async", delay_ms, at)).sum::<f64>() / crashes.len() as f64;
        let expected = 100.0 * f64::from(delay_ms) / 1000.0;
        println!("async, {delay_ms} ms to leaving: {mean:.1} writes lost of {expected} expected");
        assert!((mean / expected - 1.0).abs() < 0.15, "rate × send lag is {expected}, lost {mean}");
    }
    for at in crashes {
        assert_eq!(lost("sync", 20, at), 0.0, "a synchronous replica has every acknowledged write (crash at {at} s)");
        assert_eq!(lost("semi_sync", 20, at), 0.0, "and so has a semi-synchronous one (crash at {at} s)");
    }
}

/// After a promotion every client is named once, when its first write is with the new primary; a script is no client.
#[test]
fn clients_that_find_the_new_primary_are_named_once() {
    let text = |timeline: &str| {
        format!(
            r#"{{"loadstone":1,"name":"two clients","seed":3,"run_s":60,
            "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":50,"write_share":0.5}}}},{{"id":"lb","kind":"load_balancer"}},
                     {{"id":"web1","kind":"server"}},{{"id":"web2","kind":"server"}},{{"id":"idle","kind":"server"}},
                     {{"id":"db","kind":"database","params":{{"failover":{{"mode":"automatic","recovery_script_s":5}}}}}},{{"id":"db2","kind":"database"}}],
            "links":[{{"from":"users","to":"lb"}},{{"from":"lb","to":"web1"}},{{"from":"lb","to":"web2"}},{{"from":"web1","to":"db"}},
                     {{"from":"web2","to":"db"}},{{"from":"idle","to":"db"}},{{"from":"db","to":"db2","params":{{"delay_ms":300}}}}],
            "timeline":[{timeline}]}}"#
        )
    };
    let engine = run(&text(r#"{"at_s":10,"node":"db","do":"crash"},{"at_s":30,"node":"db","do":"recover"}"#));
    let (log, net) = (&engine.recorder.log, engine.net());
    let id = |node: u32| net.nodes[node as usize].id.as_str();
    let promoted = log.iter().position(|e| matches!(e.what, What::Promoted(_))).expect("db2 takes over");
    let found: Vec<_> = log.iter().enumerate().filter(|(_, e)| e.what == What::Reconnected).collect();
    let mut names: Vec<&str> = found.iter().map(|(_, e)| id(e.node)).collect();
    names.sort_unstable();
    assert_eq!(names, ["web1", "web2"], "idle writes nothing, and a script is nobody's client: {log:?}");
    for (place, entry) in found {
        let late = to_s(entry.at - log[promoted].at);
        assert!(place > promoted && id(entry.by) == "db2" && late < 3.0, "{late} s after the promotion: {entry:?}");
    }
    assert!(log.iter().any(|e| matches!(e.what, What::Restored(_))), "the script has written: {log:?}");
    let calm = run(&text(""));
    assert!(calm.recorder.log.iter().all(|e| e.what != What::Reconnected), "nobody had to: {:?}", calm.recorder.log);
}

/// Whatever single thing breaks: who is promoted has every acknowledged write, and writes go on in the end.
#[test]
fn a_synchronous_group_loses_nothing() {
    let link = r#"{"from":"db","to":"db2","params":{"mode":"sync","latency_ms":3}}"#;
    for fault in [r#""node":"db","do":"crash""#, r#""node":"db","do":"freeze""#, r#""link":["db","db2"],"do":"cut""#] {
        for i in 0..4 {
            let at = 10.0 + f64::from(i) * 0.37;
            for lasts in ["", r#","for_s":1.5"#, r#","for_s":6"#] {
                let engine = run(&group(WRITES, AUTOMATIC, link, &format!(r#"{{"at_s":{at},{fault}{lasts}}}"#)));
                let r = &engine.recorder.requests;
                assert_eq!(r.writes_lost, 0, "{fault}{lasts} at {at} s: {:?}", engine.recorder.log);
                let kept = r.writes_acked as f64 / r.issued as f64;
                assert!(
                    kept > 0.8,
                    "{fault}{lasts} at {at} s: {:.0} % answered, {:?}",
                    kept * 100.0,
                    engine.recorder.log
                );
            }
        }
    }
}

#[test]
fn a_synchronous_primary_waits_until_the_lost_replica_is_noticed() {
    let link = r#"{"from":"db","to":"db2","params":{"mode":"sync"}}"#;
    let fault = r#"{"at_s":20,"node":"db2","do":"crash"},{"at_s":40,"node":"db2","do":"recover"}"#;
    let engine = run(&group(WRITES, AUTOMATIC, link, fault));
    let (down, off, on) = (What::DetectedDown, moments(&engine, What::SyncOff), moments(&engine, What::SyncOn));
    assert_eq!(off, moments(&engine, down), "it answers alone from the moment in which the replica counts as down");
    assert!(matches!(on[..], [at] if (40.0..42.0).contains(&at)), "it waits again once the replica is back: {on:?}");
    let longest = engine.recorder.latency().quantile_ms(1.0).unwrap_or(0.0);
    assert!((2000.0..3100.0).contains(&longest), "writes waited for three probes: the longest took {longest} ms");
    assert_eq!(engine.recorder.requests.failed, 0, "nobody was refused");
}

#[test]
fn without_a_watch_a_synchronous_primary_waits_for_ever() {
    let nodes = r#"{"id":"db","kind":"database","params":{"write_ms":2}},{"id":"db2","kind":"database"}"#;
    let link = r#"{"from":"db","to":"db2","params":{"mode":"sync"}}"#;
    let engine = run(&group(WRITES, nodes, link, r#"{"at_s":20,"node":"db2","do":"crash"}"#));
    let r = &engine.recorder.requests;
    assert!((1850..2150).contains(&r.writes_acked), "answers end at 20 s: {} writes were answered", r.writes_acked);
    assert!(r.failed > 3500, "the connections stay taken for good: {r:?}");
}

/// MySQL's rpl_semi_sync: off when a write has waited for the time-out, on again when the replica has caught up.
#[test]
fn semi_synchronous_replication_falls_back_and_returns() {
    let nodes =
        r#"{"id":"db","kind":"database","params":{"write_ms":2,"connections":1000}},{"id":"db2","kind":"database"}"#;
    let link = r#"{"from":"db","to":"db2","params":{"mode":"semi_sync","semi_sync_timeout_ms":3000}}"#;
    let fault = r#"{"at_s":20,"link":["db","db2"],"do":"cut","for_s":15}"#;
    let engine = run(&group(WRITES, nodes, link, fault));
    let (off, on) = (moments(&engine, What::SyncOff), moments(&engine, What::SyncOn));
    assert!(matches!(off[..], [at] if (23.0..23.1).contains(&at)), "3 s after the first write that waits: {off:?}");
    assert!(matches!(on[..], [at] if (35.0..35.1).contains(&at)), "as soon as the link is mended: {on:?}");
    assert_eq!(engine.recorder.requests.failed, 0, "writes only waited");
    let longest = engine.recorder.latency().quantile_ms(1.0).unwrap_or(0.0);
    assert!((3000.0..3200.0).contains(&longest), "the longest waited for the time-out: {longest} ms");
}

/// Of several replicas one that cannot reach the primary does not depose it; most of them do.
#[test]
fn a_cut_link_to_one_of_several_replicas_deposes_nobody() {
    let nodes = format!(r#"{AUTOMATIC},{{"id":"db3","kind":"database"}}"#);
    let links = r#"{"from":"db","to":"db2"},{"from":"db","to":"db3"}"#;
    let promoted = |timeline: &str| {
        let engine = run(&group(WRITES, &nodes, links, timeline));
        let log = &engine.recorder.log;
        log.iter().filter(|e| matches!(e.what, What::Promoted(_))).count()
    };
    assert_eq!(promoted(r#"{"at_s":20,"link":["db","db2"],"do":"cut"}"#), 0, "db3 still sees the primary");
    let both = r#"{"at_s":20,"link":["db","db2"],"do":"cut"},{"at_s":20,"link":["db","db3"],"do":"cut"}"#;
    assert!(promoted(both) > 0, "nobody sees the primary");
    assert_eq!(promoted(r#"{"at_s":20,"node":"db","do":"freeze"}"#), 1, "the primary is gone");
}

/// While a group has no primary its answer is a refusal, which the link may lose like any other packet: the server waits for
/// its time-out, and has its workers again.
#[test]
fn a_refusal_that_is_lost_ends_with_the_time_out() {
    let text = r#"{"loadstone":1,"name":"lost refusals","seed":5,"run_s":60,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":20,"write_share":1,"retries":0}},
                 {"id":"web","kind":"server","params":{"service_ms":1,"workers":8,"read_timeout_ms":2000}},
                 {"id":"db","kind":"database","params":{"failover":{"mode":"manual"}}},{"id":"db2","kind":"database"}],
        "links":[{"from":"users","to":"web"},{"from":"web","to":"db","params":{"latency_ms":150}},{"from":"db","to":"db2"}],
        "timeline":[{"at_s":10,"node":"db","do":"crash","for_s":25},{"at_s":30,"link":["web","db"],"do":"cut","for_s":1}]}"#;
    let mut engine = Engine::new(&open(text), Metrics::new(0, SECOND));
    let mut answered = |until_s: f64| {
        assert_eq!(engine.run_until(from_s(until_s), u64::MAX), Progress::Reached);
        engine.recorder.requests.ok
    };
    let [before, recovered, end] = [30.0, 45.0, 60.0].map(&mut answered);
    println!("answered: {before} until the link is cut, {recovered} until 45 s, {end} until the end");
    assert!(
        (end - recovered) as f64 > 0.9 * 15.0 * 20.0,
        "every worker is free again: {} answers in 15 s",
        end - recovered
    );
}
