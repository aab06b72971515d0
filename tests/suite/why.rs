//! Why a run is as it is: each kind of sentence in a run where it must be said, and in one where it must not.

use crate::trial::scenario;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::Metrics;
use loadstone::time::{SECOND, from_s};
use loadstone::why::{CAUSES, Cause, MOST, Observer, Reason};
use serde_json::{Value, json};

/// What is said at the end of a run of so many seconds.
fn why(run_s: f64, nodes: Value, links: Value, timeline: Value) -> Vec<Reason> {
    let document = scenario(5, run_s, nodes, links, timeline);
    let mut engine = Engine::new(&document, Metrics::new(0, SECOND));
    let mut observer = Observer::default();
    assert_eq!(observer.run(&mut engine, &document, from_s(run_s)), Progress::Reached);
    let said = observer.why(&document);
    assert!(said.len() <= MOST && said.is_sorted_by_key(|r| r.cause), "{said:?}");
    for reason in &said {
        println!("at {run_s} s, {}: {}", reason.cause.id(), reason.words);
        assert!(reason.numbers.iter().all(|(_, n)| n.is_finite()), "{reason:?}");
        assert!(!reason.numbers.is_empty(), "a sentence without a measurement: {reason:?}");
    }
    said
}

/// The sentence of this kind, which must be there and be about this node; with a number of it.
fn told<'a>(said: &'a [Reason], cause: Cause, node: &str) -> &'a Reason {
    let found = said.iter().find(|r| r.cause == cause && r.node == node);
    found.unwrap_or_else(|| panic!("no {} about {node} in {said:#?}", cause.id()))
}

fn silent(said: &[Reason], causes: &[Cause]) {
    let loud = said.iter().find(|r| causes.contains(&r.cause));
    assert!(loud.is_none(), "said without cause: {loud:#?}");
}

fn number(reason: &Reason, name: &str) -> f64 {
    let found = reason.numbers.iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no {name} in {reason:?}")).1
}

/// Users before one server of two cores that can do 400 requests a second.
fn single(rate: f64, users: Value, web: Value, run_s: f64, timeline: Value) -> Vec<Reason> {
    let mut asking = json!({"rate_rps": rate, "write_share": 0, "clients": 100});
    asking.as_object_mut().unwrap().extend(users.as_object().unwrap().clone());
    let nodes =
        json!([{"id": "users", "kind": "users", "params": asking}, {"id": "web", "kind": "server", "params": web}]);
    why(run_s, nodes, json!([{"from": "users", "to": "web", "params": {"latency_ms": 5}}]), timeline)
}

#[test]
fn a_machine_at_its_limit_is_named_with_what_it_can_do() {
    let said = single(390.0, json!({}), json!({"workers": 10_000}), 30.0, json!([]));
    let reason = told(&said, Cause::Overloaded, "web");
    let limit = number(reason, "limit_rps");
    assert!((385.0..415.0).contains(&limit), "2 cores at 5 ms do 400 a second: {limit}");
    let theory = reason.theory.as_ref().expect("M/M/2 fits");
    assert_eq!(theory.model, "M/M/2");
    silent(&said, &[Cause::Nearest, Cause::QueueFull, Cause::PoolExhausted, Cause::Down]);
}

#[test]
fn with_room_to_spare_the_nearest_limit_is_told() {
    let said = single(250.0, json!({}), json!({}), 60.0, json!([]));
    let reason = told(&said, Cause::Nearest, "web");
    assert_eq!(said.len(), 1, "{said:?}");
    let limit = number(reason, "limit_rps");
    assert!((370.0..430.0).contains(&limit), "2 cores at 5 ms do 400 a second: {limit}");
    assert!(reason.words.contains("saturates near"), "{}", reason.words);
}

#[test]
fn a_full_queue_turns_away() {
    let said = single(600.0, json!({}), json!({"workers": 8, "backlog": 20}), 20.0, json!([]));
    let refused = number(told(&said, Cause::QueueFull, "web"), "refused_rps");
    assert!((150.0..250.0).contains(&refused), "600 come, 400 can be done: {refused}");
    told(&said, Cause::Overloaded, "web");
    let room = single(380.0, json!({}), json!({"workers": 8, "backlog": 5000}), 20.0, json!([]));
    silent(&room, &[Cause::QueueFull]);
}

#[test]
fn a_queue_that_drops_is_told_from_one_that_refuses_and_from_none() {
    let full = |rate: f64, web: Value| {
        let said = single(rate, json!({"retries": 0}), web, 10.0, json!([]));
        told(&said, Cause::QueueFull, "web").clone()
    };
    let drops = full(600.0, json!({"workers": 8, "backlog": 20, "overflow": "drop"}));
    assert!(drops.words.contains("It drops ") && number(&drops, "dropped_rps") > 100.0, "{drops:?}");
    let refuses = full(600.0, json!({"workers": 8, "backlog": 20}));
    assert!(refuses.words.contains("It turns away ") && !refuses.words.contains("drops"), "{refuses:?}");
    let none = full(4000.0, json!({"workers": 8, "backlog": 0}));
    assert!(none.words.contains("it has none") && !refuses.words.contains("it has none"), "{none:?}");
}

/// A server with few workers before a database that is slow, or not.
fn tiers(workers: u64, read_ms: f64, connections: u64) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 100, "write_share": 0, "clients": 100}},
        {"id": "web", "kind": "server", "params": {"workers": workers, "backlog": 500, "service_ms": 1}},
        {"id": "db", "kind": "database", "params": {"cores": 64, "read_ms": read_ms, "connections": connections}}]);
    let links = json!([{"from": "users", "to": "web", "params": {"latency_ms": 5}}, {"from": "web", "to": "db"}]);
    why(15.0, nodes, links, json!([]))
}

#[test]
fn workers_that_all_wait_are_told_from_cores_that_are_busy() {
    let reason = tiers(16, 300.0, 100);
    let pool = told(&reason, Cause::PoolExhausted, "web");
    assert!(number(pool, "utilization") < 0.2, "{pool:?}");
    let takes = number(pool, "callee_mean_time_ms");
    assert!((290.0..320.0).contains(&takes), "the database takes 300 ms: {takes}");
    assert!(pool.words.contains("wait for Database"), "{}", pool.words);
    silent(&tiers(200, 300.0, 100), &[Cause::PoolExhausted, Cause::Connections]);
}

#[test]
fn workers_that_wait_for_one_that_never_answers_say_so() {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 100, "write_share": 0, "clients": 100}},
        {"id": "web", "kind": "server", "params": {"workers": 16, "backlog": 500, "service_ms": 1}},
        {"id": "db", "kind": "database"}]);
    let links = json!([{"from": "users", "to": "web", "params": {"latency_ms": 5}}, {"from": "web", "to": "db"}]);
    let said = why(15.0, nodes, links, json!([{"at_s": 10, "node": "db", "do": "freeze"}]));
    let pool = told(&said, Cause::PoolExhausted, "web");
    assert!(pool.words.contains("Database, which does not answer"), "{pool:?}");
    let frozen = told(&said, Cause::Down, "db");
    assert!(frozen.words.contains("has been frozen for 5 s"), "{frozen:?}");
    assert!(!tiers(16, 300.0, 100)[0].words.contains("does not answer"), "it is slow, and answers");
}

#[test]
fn connections_that_are_all_taken_are_told() {
    let said = tiers(1000, 300.0, 20);
    let reason = told(&said, Cause::Connections, "db");
    assert_eq!(number(reason, "connections"), 20.0);
    silent(&said, &[Cause::Overloaded, Cause::PoolExhausted]);
    silent(&tiers(1000, 100.0, 60), &[Cause::Connections]);
}

/// A surge from 10 to 12 s over what the server can do, with or without retries, long after.
fn surge(retries: u64) -> Vec<Reason> {
    let users = json!({"timeout_ms": 500, "retries": retries, "backoff_ms": 50, "connections": "new", "tls": false});
    let web = json!({"service_ms": 5, "workers": 10_000, "backlog": 10_000});
    let timeline = json!([{"at_s": 10, "node": "users", "do": "load", "factor": 4, "for_s": 4}]);
    single(300.0, users, web, 60.0, timeline)
}

#[test]
fn retries_that_alone_keep_it_down_are_told_from_a_surge_that_passed() {
    let said = surge(5);
    let reason = told(&said, Cause::Metastable, "web");
    let (without, limit) = (number(reason, "without_retries_rps"), number(reason, "limit_rps"));
    assert!((270.0..330.0).contains(&without) && (380.0..420.0).contains(&limit), "{reason:?}");
    assert!(number(reason, "attempts_per_request") > 2.0, "{reason:?}");
    silent(&surge(0), &[Cause::Metastable, Cause::Retries, Cause::Overloaded]);
}

#[test]
fn retries_are_counted_while_they_are_many() {
    let users = json!({"retries": 3, "backoff_ms": 10, "timeout_ms": 2000});
    let failing = json!([{"at_s": 5, "node": "web", "do": "error", "share": 0.5}]);
    let said = single(100.0, users.clone(), json!({}), 20.0, failing);
    let attempts = number(told(&said, Cause::Retries, "users"), "attempts_per_request");
    // 1 + 1/2 + 1/4 + 1/8.
    assert!((1.75..2.0).contains(&attempts), "{attempts}");
    told(&said, Cause::Faulty, "web");
    silent(&single(100.0, users, json!({}), 20.0, json!([])), &[Cause::Retries, Cause::Faulty]);
}

#[test]
fn a_slow_server_is_told_until_the_fault_is_over() {
    let slow = json!([{"at_s": 5, "node": "web", "do": "slow", "factor": 3, "for_s": 10}]);
    let said = single(50.0, json!({}), json!({}), 14.0, slow.clone());
    let reason = told(&said, Cause::Faulty, "web");
    assert!(reason.words.contains("runs 3 times slower") && number(reason, "times_slower") == 3.0, "{reason:?}");
    silent(&single(50.0, json!({}), json!({}), 20.0, slow), &[Cause::Faulty]);
}

/// Two servers behind a balancer; the second crashes, or something else happens.
fn balanced(run_s: f64, rate: f64, lb: Value, timeline: Value) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": rate, "write_share": 0, "clients": 100}},
        {"id": "lb", "kind": "load_balancer", "params": lb}, {"id": "web1", "kind": "server"},
        {"id": "web2", "kind": "server"}]);
    let links = json!([{"from": "users", "to": "lb"}, {"from": "lb", "to": "web1"}, {"from": "lb", "to": "web2"}]);
    why(run_s, nodes, links, timeline)
}

#[test]
fn a_crash_that_checks_have_not_found_yet_says_when_they_will() {
    let crash = json!([{"at_s": 10, "node": "web2", "do": "crash"}]);
    let said = balanced(13.0, 100.0, json!({}), crash.clone());
    let reason = told(&said, Cause::Undetected, "web2");
    let (missed, at) = (number(reason, "checks_missed"), number(reason, "noticed_at_s"));
    assert!(
        (1.0..=2.0).contains(&missed) && (14.0..16.1).contains(&at),
        "the third miss comes at 14 to 16 s: {reason:?}"
    );
    let later = balanced(20.0, 100.0, json!({}), crash.clone());
    silent(&later, &[Cause::Undetected]);
    told(&later, Cause::Down, "web2");
    let blind = balanced(20.0, 100.0, json!({"health": null}), crash);
    assert!(told(&blind, Cause::Undetected, "web2").words.contains("makes no checks"), "{blind:?}");
    silent(&balanced(13.0, 100.0, json!({}), json!([])), &[Cause::Undetected, Cause::Down]);
}

#[test]
fn the_survivor_of_two_is_at_its_limit_because_the_other_is_down() {
    let crash = json!([{"at_s": 10, "node": "web2", "do": "crash"}]);
    let said = balanced(40.0, 420.0, json!({}), crash);
    assert!(told(&said, Cause::Overloaded, "web1").words.starts_with("Web 2 is down"), "{said:?}");
    let cut = json!([{"at_s": 10, "link": ["lb", "web2"], "do": "cut"}]);
    told(&balanced(13.0, 100.0, json!({}), cut), Cause::Down, "lb");
}

#[test]
fn two_at_their_limit_share_a_sentence() {
    let said = balanced(20.0, 820.0, json!({}), json!([]));
    let busy: Vec<&Reason> = said.iter().filter(|r| r.cause == Cause::Overloaded).collect();
    assert!(busy.len() == 1 && busy[0].words.contains(", and so is Web "), "{said:?}");
    let crash = json!([{"at_s": 10, "node": "web2", "do": "crash"}]);
    let alone = balanced(40.0, 420.0, json!({}), crash);
    assert!(!told(&alone, Cause::Overloaded, "web1").words.contains("and so is"), "{alone:?}");
    assert!(!busy[0].words.contains("down"), "{busy:?}");
}

#[test]
fn who_starts_again_says_when_it_serves() {
    let timeline = json!([{"at_s": 10, "node": "web2", "do": "crash"}, {"at_s": 18, "node": "web2", "do": "recover"}]);
    let starts = |said: &[Reason]| said.iter().any(|r| r.words.contains("starts again and serves at"));
    let (before, during, after) = (
        balanced(17.0, 100.0, json!({}), timeline.clone()),
        balanced(20.0, 100.0, json!({}), timeline.clone()),
        balanced(110.0, 100.0, json!({}), timeline),
    );
    assert!(!starts(&before), "{before:?}");
    assert!(told(&during, Cause::Down, "web2").words.contains("starts again and serves at"), "{during:?}");
    silent(&after, &[Cause::Down, Cause::Undetected]);
}

/// A primary with a replica; the primary crashes at 10 s.
fn replicated(run_s: f64, failover: &str, link: Value, crash: bool) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 100, "write_share": 0.3, "clients": 50}},
        {"id": "web", "kind": "server"},
        {"id": "db", "kind": "database", "params": {"failover": {"mode": failover}}}, {"id": "db2", "kind": "database"}]);
    let links = json!([
        {"from": "users", "to": "web"}, {"from": "web", "to": "db"}, {"from": "db", "to": "db2", "params": link}]);
    let timeline = if crash { json!([{"at_s": 10, "node": "db", "do": "crash"}]) } else { json!([]) };
    why(run_s, nodes, links, timeline)
}

#[test]
fn a_lost_primary_goes_unnoticed_then_has_an_heir_or_none() {
    told(&replicated(11.5, "automatic", json!({}), true), Cause::Undetected, "db");
    let election = replicated(14.5, "automatic", json!({}), true);
    let at = number(told(&election, Cause::Election, "db2"), "primary_at_s");
    assert!((15.0..17.1).contains(&at), "2 to 3 s until it is noticed, 3 s of promotion: {at}");
    silent(&election, &[Cause::Undetected, Cause::NoPrimary]);
    let after = replicated(30.0, "automatic", json!({}), true);
    silent(&after, &[Cause::Election, Cause::NoPrimary, Cause::Undetected]);
    told(&after, Cause::Down, "db");
    let none = replicated(30.0, "none", json!({}), true);
    assert!(told(&none, Cause::NoPrimary, "db").words.contains("failover is off"), "{none:?}");
    let manual = replicated(30.0, "manual", json!({}), true);
    assert!(told(&manual, Cause::NoPrimary, "db").words.contains("waits for a person"), "{manual:?}");
    let late = replicated(30.0, "automatic", json!({"delay_ms": 60_000}), true);
    silent(&late, &[Cause::NoPrimary]);
    silent(&replicated(14.5, "automatic", json!({}), false), &[Cause::Election, Cause::NoPrimary, Cause::Down]);
}

#[test]
fn replicas_that_are_behind_and_reads_that_show_it() {
    let said = replicated(20.0, "none", json!({"delay_ms": 2500}), false);
    let reason = told(&said, Cause::Lag, "db2");
    let lag = number(reason, "lag_ms");
    assert!((2000.0..3200.0).contains(&lag), "sent 2.5 s late: {lag}");
    assert!(number(reason, "writes_behind") > 40.0 && number(reason, "stale_reads_rps") > 1.0, "{reason:?}");
    silent(&replicated(20.0, "none", json!({"mode": "sync", "latency_ms": 0}), false), &[Cause::Lag]);
}

/// Two sites behind one name; the first crashes at 20 s, and checks find it.
fn sites(run_s: f64, ttl_s: f64) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 50, "connections": "new", "timeout_ms": 1000, "clients": 200}},
        {"id": "dns", "kind": "dns", "params": {"policy": "failover", "ttl_s": ttl_s,
            "health": {"interval_ms": 1000, "timeout_ms": 500, "rise": 2, "fall": 2}}},
        {"id": "a", "kind": "server"}, {"id": "b", "kind": "server"}]);
    let links = json!([
        {"from": "users", "to": "dns"}, {"from": "users", "to": "a"}, {"from": "users", "to": "b"},
        {"from": "dns", "to": "a"}, {"from": "dns", "to": "b"}]);
    why(run_s, nodes, links, json!([{"at_s": 20, "node": "a", "do": "crash"}]))
}

#[test]
fn old_answers_of_dns_are_told_until_they_have_expired() {
    let said = sites(30.0, 60.0);
    let reason = told(&said, Cause::StaleNames, "dns");
    let until = number(reason, "over_at_s");
    assert!((81.0..82.1).contains(&until), "noticed 1 to 2 s after the crash, kept for 60 s: {until}");
    assert!(number(reason, "attempts_rps") > 5.0, "{reason:?}");
    silent(&sites(30.0, 2.0), &[Cause::StaleNames]);
    silent(&sites(19.0, 60.0), &[Cause::StaleNames]);
}

/// Reads through a cache; it is emptied at 40 s.
fn cached(run_s: f64, keys: u64) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 100, "write_share": 0, "keys": keys, "zipf": 0.8, "clients": 50}},
        {"id": "web", "kind": "server"}, {"id": "cache", "kind": "cache", "params": {"capacity_items": 5000}},
        {"id": "db", "kind": "database"}]);
    let links = json!([
        {"from": "users", "to": "web"}, {"from": "web", "to": "cache"}, {"from": "web", "to": "db"}]);
    why(run_s, nodes, links, json!([{"at_s": 40, "node": "cache", "do": "flush"}]))
}

#[test]
fn a_cache_is_cold_after_it_was_emptied_and_warm_again() {
    let said = cached(42.0, 2000);
    let reason = told(&said, Cause::ColdCache, "cache");
    let (now, before) = (number(reason, "hits_now_share"), number(reason, "hits_before_share"));
    assert!(now < 0.6 * before && before > 0.7, "{now} of look-ups hit, {before} did");
    assert!(reason.words.contains("Database answers the rest"), "{}", reason.words);
    silent(&cached(39.0, 2000), &[Cause::ColdCache]);
    silent(&cached(90.0, 200), &[Cause::ColdCache]);
}

/// Two shards; with a steep popularity, most is asked of the one that has the most popular key.
fn sharded(zipf: f64) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 400, "write_share": 0, "keys": 100_000, "zipf": zipf, "clients": 50}},
        {"id": "web", "kind": "server", "params": {"cores": 16}},
        {"id": "a", "kind": "database", "params": {"cores": 2, "read_ms": 5}},
        {"id": "b", "kind": "database", "params": {"cores": 2, "read_ms": 5}},
        {"id": "c", "kind": "database", "params": {"cores": 2, "read_ms": 5}}]);
    let part = |to: &str| json!({"from": "web", "to": to, "params": {"shard_of": "orders"}});
    why(20.0, nodes, json!([{"from": "users", "to": "web"}, part("a"), part("b"), part("c")]), json!([]))
}

#[test]
fn a_hot_shard_is_told_from_an_even_spread() {
    let said = sharded(2.0);
    let hot = said.iter().find(|r| r.cause == Cause::HotShard).unwrap_or_else(|| panic!("no hot shard in {said:#?}"));
    assert!(number(hot, "share_of_requests_share") > 0.5 && number(hot, "shards") == 3.0, "{hot:?}");
    silent(&sharded(0.0), &[Cause::HotShard]);
}

/// Messages for one worker.
fn messages(rate: f64) -> Vec<Reason> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": rate, "write_share": 1, "clients": 50}},
        {"id": "web", "kind": "server"}, {"id": "queue", "kind": "queue"},
        {"id": "worker", "kind": "server", "params": {"cores": 1, "workers": 1, "service_ms": 20}}]);
    let links = json!([
        {"from": "users", "to": "web"}, {"from": "web", "to": "queue"}, {"from": "queue", "to": "worker"}]);
    why(20.0, nodes, links, json!([]))
}

#[test]
fn a_queue_that_grows_is_told_with_its_pace() {
    let said = messages(80.0);
    let growth = number(told(&said, Cause::Backlog, "queue"), "growth_rps");
    assert!((20.0..45.0).contains(&growth), "80 come, 50 at most are taken: {growth}");
    silent(&messages(20.0), &[Cause::Backlog]);
}

#[test]
fn nothing_is_said_of_a_run_that_has_not_begun() {
    let document = scenario(1, 10.0, json!([{"id": "web", "kind": "server"}]), json!([]), json!([]));
    assert_eq!(Observer::default().why(&document), []);
}

/// This file has a run where each is said, and one where it must not be.
#[test]
fn every_sentence_is_held_to_a_run_with_it_and_one_without() {
    let (source, _) = include_str!("why.rs").split_once("fn every_sentence_is_held_to").expect("this test is last");
    let named = |call: &str| -> String { source.split(call).skip(1).filter_map(|s| s.split(");").next()).collect() };
    let (said, unsaid) = (named("told("), named("silent("));
    for cause in CAUSES {
        let name = format!("Cause::{cause:?}");
        let whole = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != ':').any(|word| word == name);
        assert!(whole(&said) || source.contains(&format!("r.cause == {name}")), "no run where {name} is said");
        assert!(whole(&unsaid), "no run where {name} must not be said");
    }
}

#[test]
fn what_vouches_for_a_sentence_is_a_part_of_the_validation() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/validation.html")).expect("the page");
    for cause in CAUSES {
        let anchor = format!("id=\"{}\"", cause.validated_by());
        assert!(page.contains(&anchor), "{}: no {anchor} in www/validation.html", cause.id());
    }
    assert!(CAUSES.is_sorted() && CAUSES.last() == Some(&Cause::Nearest), "a cause is missing, or out of its place");
}
