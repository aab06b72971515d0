//! Names: what DNS answers, how long answers are kept, and how failover by DNS goes.

use crate::trial::{Trial, near, scenario};
use loadstone::time::SECOND;
use serde_json::{Value, json};

/// Two sites behind one name; `users` and `dns` are parameters, the paths take 10 and 50 ms, asking takes no time.
fn sites(run_s: f64, users: Value, dns: Value, timeline: Value) -> Trial {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": users}, {"id": "dns", "kind": "dns", "params": dns},
        {"id": "a", "kind": "server", "params": {"boot_s": 0}}, {"id": "b", "kind": "server", "params": {"boot_s": 0}}]);
    let links = json!([
        {"from": "users", "to": "dns", "params": {"latency_ms": 0}},
        {"from": "users", "to": "a", "params": {"latency_ms": 50}},
        {"from": "users", "to": "b", "params": {"latency_ms": 10}}, {"from": "dns", "to": "a", "params": {"weight": 3}},
        {"from": "dns", "to": "b"}]);
    Trial::new(&scenario(21, run_s, nodes, links, timeline))
}

/// Every request looks up the name and opens a connection.
fn asking(rate: f64) -> Value {
    json!({"rate_rps": rate, "arrivals": "constant", "connections": "new", "timeout_ms": 1000, "write_share": 0})
}

fn share_of_a(trial: &Trial, from: f64, to: f64) -> f64 {
    let all: Vec<&str> = trial
        .seen()
        .entered
        .iter()
        .filter(|(at, id)| (from..to).contains(at) && id != "dns")
        .map(|(_, id)| id.as_str())
        .collect();
    all.iter().filter(|id| **id == "a").count() as f64 / all.len() as f64
}

#[test]
fn policies_choose_as_they_say() {
    let share = |policy: &str| {
        let trial = sites(200.0, asking(20.0), json!({"policy": policy, "ttl_s": 0}), json!([]));
        share_of_a(&trial, 0.0, 200.0)
    };
    near("round robin", share("round_robin"), 0.5, 0.01);
    near("simple", share("simple"), 0.5, 0.06);
    near("weights 3 and 1", share("weighted"), 0.75, 0.04);
    assert_eq!(share("failover"), 1.0, "the first in order");
    assert_eq!(share("latency"), 0.0, "b is nearer");
}

#[test]
fn the_nearest_differs_by_who_asks() {
    let nodes = json!([
        {"id": "us", "kind": "users", "params": asking(10.0)}, {"id": "eu", "kind": "users", "params": asking(10.0)},
        {"id": "dns", "kind": "dns", "params": {"policy": "latency"}},
        {"id": "east", "kind": "server"}, {"id": "west", "kind": "server"}]);
    let path = |from: &str, to: &str, ms: f64| json!({"from": from, "to": to, "params": {"latency_ms": ms}});
    let links = json!([
        path("us", "dns", 5.0),
        path("eu", "dns", 5.0),
        path("us", "east", 10.0),
        path("us", "west", 90.0),
        path("eu", "east", 90.0),
        path("eu", "west", 10.0)
    ]);
    let trial = Trial::new(&scenario(1, 30.0, nodes, links, json!([])));
    for node in ["us", "eu"] {
        let mean = trial.number(&format!("nodes.{node}.sojourn_ms.mean"));
        assert!(mean < 100.0, "{node} is answered by the far site: {mean} ms");
    }
}

/// Route 53: checks every 30 s, down after 3, and then clients follow as their answers expire.
#[test]
fn failover_takes_the_checks_and_the_time_to_live() {
    let dns = json!({"policy": "failover", "ttl_s": 60,
                     "health": {"interval_ms": 30_000, "timeout_ms": 4000, "rise": 3, "fall": 3}});
    let timeline = json!([{"at_s": 100, "node": "a", "do": "crash"}, {"at_s": 500, "node": "a", "do": "recover"}]);
    let trial = sites(1000.0, asking(10.0), dns, timeline);
    let down = trial.logged("a", "detected_down").expect("the checks find it");
    assert!((160.0..190.01).contains(&down), "two to three intervals after the crash at 100 s: {down}");
    let up = trial.logged("a", "detected_up").expect("the checks find it again");
    assert!((560.0..590.01).contains(&up), "three passes after its return at 500 s: {up}");
    assert_eq!(share_of_a(&trial, 0.0, 100.0), 1.0);
    let first_b = trial.seen().entered.iter().find(|(_, id)| id == "b").expect("b takes over").0;
    assert!((down..down + 60.5).contains(&first_b), "found at {down}, b's first request at {first_b}");
    assert_eq!(share_of_a(&trial, down + 61.0, up), 0.0, "everybody has moved after the time to live");
    assert_eq!(share_of_a(&trial, up + 61.0, 1000.0), 1.0, "and back");
    let refused = trial.number("requests.errors.refused");
    near("requests lost in between", refused, (first_b - 100.0) * 10.0, 0.02);
}

#[test]
fn if_none_is_healthy_all_are_given_out() {
    let dns = json!({"policy": "round_robin", "ttl_s": 0, "health": {"interval_ms": 1000, "timeout_ms": 500}});
    let timeline = json!([{"at_s": 10, "node": "a", "do": "crash"}, {"at_s": 20, "node": "b", "do": "crash"}]);
    let trial = sites(40.0, asking(20.0), dns, timeline);
    let to = |id: &str, from: f64, until: f64| {
        let there = |(at, to): &&(f64, String)| to == id && (from..until).contains(at);
        trial.seen().greetings.iter().filter(there).count() as f64
    };
    assert_eq!(to("a", 15.0, 20.0), 0.0, "a is left out");
    let both = (to("a", 25.0, 40.0), to("b", 25.0, 40.0));
    near("a's share when both are down", both.0 / (both.0 + both.1), 0.5, 0.01);
}

/// A record of TTL T asked for as a Poisson stream of rate λ is found in the cache in λT / (1 + λT) of cases.
#[test]
fn the_resolver_hits_as_often_as_renewal_theory_says() {
    let users = json!({"rate_rps": 1, "connections": "new", "stub_cache": false});
    let trial = sites(86_400.0, users, json!({"ttl_s": 30, "answer_ms": 0}), json!([]));
    let misses = 1.0 - trial.number("nodes.dns.resolver_hit_share");
    near("misses", misses, 1.0 / 31.0, 0.015);
}

#[test]
fn users_show_the_answer_that_their_resolver_keeps_until_its_time_is_over() {
    let known = |run_s: f64, dns: Value| sites(run_s, asking(1.0), dns, json!([])).first().name;
    let seen = known(95.0, json!({"policy": "failover", "ttl_s": 30, "answer_ms": 0})).expect("an answer is kept");
    assert_eq!(seen.node.as_deref(), Some("a"));
    // Asked for again by the first request after the old answer has gone, which is at most a second later.
    assert_eq!(seen.until - seen.since, 30 * SECOND);
    assert!((91..=94).contains(&(seen.since / SECOND)), "it came at {} ns", seen.since);
    assert_eq!(known(95.0, json!({"ttl_s": 0})), None, "an answer for no time is not kept");
}

#[test]
fn nobody_sees_an_old_address_longer_than_its_time_to_live() {
    for (stub, resolver) in [(true, true), (true, false), (false, true)] {
        let mut users = asking(50.0);
        (users["stub_cache"], users["resolver_cache"]) = (stub.into(), resolver.into());
        users["clients"] = 30.into();
        let timeline = json!([{"at_s": 100, "link": ["dns", "a"], "do": "remove_link"}]);
        let trial = sites(250.0, users, json!({"policy": "failover", "ttl_s": 40}), timeline);
        let last = trial.seen().greetings.iter().rfind(|(_, id)| id == "a").expect("a was used").0;
        assert!(last <= 140.1, "caches {stub} {resolver}: the old address was used until {last} s");
        assert!(last > 120.0, "caches {stub} {resolver}: an answer from before the change lives on, until {last} s");
    }
}

#[test]
fn no_such_name_is_kept_for_the_shorter_of_two_times() {
    let queries = |dns: Value| {
        let nodes = json!([{"id": "users", "kind": "users", "params": asking(10.0)},
                           {"id": "dns", "kind": "dns", "params": dns}]);
        let links = json!([{"from": "users", "to": "dns"}]);
        let trial = Trial::new(&scenario(1, 1000.0, nodes, links, json!([])));
        assert_eq!(trial.number("requests.issued"), trial.number("requests.errors.no_such_name") + 1.0);
        trial.number("nodes.dns.queries")
    };
    near("negative time to live of 20 s", queries(json!({"negative_ttl_s": 20, "ttl_s": 5})), 50.0, 0.05);
    near("SOA of 10 s", queries(json!({"negative_ttl_s": 20, "soa_ttl_s": 10})), 100.0, 0.05);
    near("SOA of 40 s", queries(json!({"negative_ttl_s": 20, "soa_ttl_s": 40})), 50.0, 0.05);
}

#[test]
fn clients_live_on_their_caches_while_dns_is_dead() {
    let timeline = json!([{"at_s": 30, "node": "dns", "do": "crash"}]);
    let mut users = asking(10.0);
    users["timeout_ms"] = 15_000.into();
    let trial = sites(200.0, users, json!({"ttl_s": 100, "policy": "failover"}), timeline);
    let last = trial.seen().entered.iter().rfind(|(_, id)| id == "a").expect("a was used").0;
    assert!(
        (99.0..101.0).contains(&last),
        "the first answer of about 0 s lives 100 s; the last request came at {last}"
    );
    let failed = trial.number("requests.failed");
    assert!(failed > 800.0 && failed == trial.number("requests.errors.name_timeout"), "{}", trial.report["requests"]);
}

/// Without records the paths of those who ask are what is given out, and what is checked; also one drawn later.
#[test]
fn paths_are_checked_where_no_record_is_drawn() {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": asking(20.0)}, {"id": "a", "kind": "server"}, {"id": "b", "kind": "server"},
        {"id": "dns", "kind": "dns", "params": {"ttl_s": 0, "policy": "failover", "health": {}}}]);
    let links = json!([{"from": "users", "to": "dns"}, {"from": "users", "to": "a"}]);
    let timeline = json!([{"at_s": 5, "do": "add_link", "link": {"from": "users", "to": "b"}},
                          {"at_s": 10, "node": "a", "do": "crash"}]);
    let trial = Trial::new(&scenario(4, 60.0, nodes, links, timeline));
    let down = trial.logged("a", "detected_down").expect("a is checked");
    assert!((14.0..=16.1).contains(&down), "interval 2 s, fall 3: {down}");
    assert_eq!(share_of_a(&trial, down + 0.2, 60.0), 0.0, "b answers");
}

/// Users far from the name service, every one of whom asks: the resolver asks once for all who wait, as unbound does.
fn crowd(resolver_cache: bool, timeline: Value) -> Trial {
    let users = json!({"rate_rps": 100, "arrivals": "constant", "connections": "new", "write_share": 0,
                       "stub_cache": false, "resolver_cache": resolver_cache});
    let web = json!({"backlog": 10_000, "service_ms": 0});
    let nodes = json!([{"id": "users", "kind": "users", "params": users}, {"id": "web", "kind": "server", "params": web},
                       {"id": "dns", "kind": "dns", "params": {"ttl_s": 1000, "answer_ms": 0}}]);
    let links = json!([{"from": "users", "to": "dns", "params": {"latency_ms": 500}}, {"from": "users", "to": "web"}]);
    Trial::new(&scenario(8, 60.0, nodes, links, timeline))
}

#[test]
fn who_asks_while_the_resolver_waits_waits_with_it() {
    let together = crowd(true, json!([]));
    assert_eq!(together.number("nodes.dns.queries"), 1.0, "one question for the hundred that come within 1 s");
    assert_eq!(together.number("requests.failed"), 0.0, "{}", together.report["requests"]);
    let first = &together.seen().greetings[..100];
    assert!(
        first.iter().all(|(at, _)| (at - 1.01).abs() < 1e-6),
        "all connect when the answer comes, at 1.01 s: {first:?}"
    );
    let alone = crowd(false, json!([]));
    let (queries, issued) = (alone.number("nodes.dns.queries"), alone.number("requests.issued"));
    assert!(queries >= issued - 51.0, "without a resolver each asks: {queries} questions of {issued}");
}

#[test]
fn a_lost_question_is_asked_again_for_all_who_wait() {
    let cut = json!([{"at_s": 0, "link": ["users", "dns"], "do": "cut", "for_s": 3}]);
    let trial = crowd(true, cut);
    assert_eq!(trial.number("nodes.dns.queries"), 1.0, "the second question, 5 s after the first that was lost");
    assert_eq!(trial.number("requests.failed"), 0.0, "{}", trial.report["requests"]);
    near("the longest wait, for the first", trial.number("latency_ms.max") / 1e3, 6.0, 0.05);
}

/// 15 s is longer than two questions, so every request fails 10 s after it began, however many wait at once.
#[test]
fn a_dead_name_service_costs_everybody_ten_seconds() {
    let trial = crowd(true, json!([{"at_s": 0, "node": "dns", "do": "crash"}]));
    let (failed, waiting) = (trial.number("requests.errors.name_timeout"), trial.number("requests.in_flight"));
    assert_eq!(failed, trial.number("requests.failed"), "{}", trial.report["requests"]);
    assert_eq!(waiting, 1000.0, "100 a second wait 10 s each");
}
