//! Load balancers: algorithms against theory, and what nginx, HAProxy, Envoy and Amazon's ALB are known to do.

use crate::trial::{Trial, near, scenario};
use loadstone::scenario::Scenario;
use serde_json::{Value, json};

/// Servers with these identifiers behind a balancer, without latency; `lb` and `web` are parameters.
fn balanced(seed: u64, run_s: f64, users: Value, lb: Value, web: Value, ids: &str, timeline: Value) -> Scenario {
    let mut nodes = vec![
        json!({"id": "users", "kind": "users", "params": users}),
        json!({"id": "lb", "kind": "load_balancer", "params": lb}),
    ];
    let mut links = vec![json!({"from": "users", "to": "lb", "params": {"latency_ms": 0}})];
    for id in ids.chars().map(String::from) {
        nodes.push(json!({"id": id, "kind": "server", "params": web}));
        links.push(json!({"from": "lb", "to": id, "params": {"latency_ms": 0}}));
    }
    scenario(seed, run_s, nodes.into(), links.into(), timeline)
}

fn steady(rate: u32) -> Value {
    json!({"rate_rps": rate, "arrivals": "constant", "write_share": 0})
}

/// Mean response time in units of the service time, of four servers at load 0.8 each.
fn response(algorithm: &str) -> f64 {
    let users = json!({"rate_rps": 320, "keep_alive_s": 100_000});
    let lb = json!({"algorithm": algorithm, "overhead_ms": 0, "health": null});
    let web = json!({"cores": 1, "workers": 1_000_000, "service_ms": {"exponential": 10}});
    let trial = Trial::new(&balanced(4, 1000.0, users, lb, web, "abcd", json!([])));
    trial.number("latency_ms.mean") / 10.0
}

/// Join the shortest queue, power of two, round robin and random, N = 4, load 0.8. The first three solved numerically,
/// the last is M/M/1.
#[test]
fn algorithms_order_as_theory_says() {
    let mut before = 0.0;
    for (algorithm, theory, tolerance) in [
        ("least_connections", 1.9531, 0.04),
        ("power_of_two", 2.331, 0.05),
        ("round_robin", 3.2674, 0.06),
        ("random", 5.0, 0.08),
    ] {
        let measured = response(algorithm);
        near(algorithm, measured, theory, tolerance);
        assert!(measured > before, "{algorithm} is not slower than the one before it: {measured} and {before}");
        before = measured;
    }
}

#[test]
fn hashes_keep_a_client_or_a_key_at_one_server() {
    let picked = |algorithm: &str, clients: u32, keys: u32| {
        let users = json!({"rate_rps": 50, "clients": clients, "keys": keys, "zipf": 0});
        let lb = json!({"algorithm": algorithm});
        let picks = Trial::new(&balanced(9, 20.0, users, lb, json!({}), "abcd", json!([]))).picks(0.0, 20.0);
        "abcd".chars().filter(|&c| picks.contains(c)).count()
    };
    assert_eq!(picked("ip_hash", 1, 1000), 1, "one client, one server");
    assert_eq!(picked("ip_hash", 1000, 1), 4, "a thousand networks, every server");
    assert_eq!(picked("consistent_hash", 1000, 1), 1, "one key, one server");
    assert_eq!(picked("consistent_hash", 1, 1000), 4, "a thousand keys, every server");
}

#[test]
fn a_sticky_client_keeps_its_server_until_that_goes_down() {
    let users = json!({"rate_rps": 10, "arrivals": "constant", "clients": 1, "write_share": 0});
    let timeline = json!([{"at_s": 20, "node": "a", "do": "crash", "for_s": 20}]);
    let lb = json!({"sticky": true});
    let trial = Trial::new(&balanced(2, 80.0, users, lb, json!({"boot_s": 0}), "abc", timeline));
    let (before, after) = (trial.picks(0.0, 20.0), trial.picks(20.1, 80.0));
    assert!(before.len() > 150 && before.chars().all(|c| c == 'a'), "one client, before the crash: {before}");
    let rest = after.trim_start_matches('a');
    let second = rest.chars().next().expect("picks after the crash");
    assert!(second != 'a' && rest.chars().all(|c| c == second), "then one other, also after its return: {after}");
    assert!(trial.logged("a", "detected_up").is_some(), "the first one came back");
    assert_eq!(trial.number("requests.failed"), 0.0, "refused reads go to another server");
}

#[test]
fn a_server_that_came_back_starts_slowly() {
    let timeline = json!([{"at_s": 10, "node": "a", "do": "crash", "for_s": 20}]);
    let lb = json!({"slow_start_s": 40});
    let trial = Trial::new(&balanced(3, 100.0, steady(100), lb, json!({"boot_s": 0}), "ab", timeline));
    let back = trial.logged("a", "detected_up").expect("it came back");
    let share = |from: f64| {
        let picks = trial.picks(back + from, back + from + 4.0);
        picks.chars().filter(|&c| c == 'a').count() as f64 / picks.len() as f64
    };
    for (from, ramp) in [(4.0, 0.15), (18.0, 0.5), (34.0, 0.9), (42.0, 1.0)] {
        near(&format!("share after {from} s"), share(from), ramp / (1.0 + ramp), 0.06);
    }
    assert!((share_of(&trial.picks(0.0, 10.0), 'a') - 0.5).abs() < 0.01, "no slow start at the beginning");
}

fn share_of(picks: &str, one: char) -> f64 {
    picks.chars().filter(|&c| c == one).count() as f64 / picks.len() as f64
}

/// What is refused and reset after the link to a is taken away at 10 s, with requests that last 4 s; and who is asked.
fn drained(drain_s: f64) -> (f64, String) {
    let web = json!({"service_ms": 4000, "cores": 100});
    let timeline = json!([{"at_s": 10, "link": ["lb", "a"], "do": "remove_link"}]);
    let trial = Trial::new(&balanced(5, 30.0, steady(10), json!({"drain_s": drain_s}), web, "ab", timeline));
    assert_eq!(trial.number("requests.failed"), trial.number("requests.errors.reset"), "nothing fails otherwise");
    (trial.number("requests.errors.reset"), trial.picks(10.01, 30.0))
}

#[test]
fn a_backend_that_leaves_finishes_what_it_has_for_a_while() {
    let (reset, picks) = drained(30.0);
    assert_eq!(reset, 0.0, "4 s of work fit into 30 s of draining");
    assert!(!picks.contains('a'), "a got requests after its link was taken away: {picks}");
    // 20 requests are there, one every 200 ms; half of them have more than 2 s to go.
    let (reset, _) = drained(2.0);
    assert!((9.0..=11.0).contains(&reset), "2 s of draining reset {reset} of 20 requests, expected 10");
    let (reset, _) = drained(0.0);
    assert!((19.0..=21.0).contains(&reset), "no draining reset {reset} of 20 requests");
}

/// `for_s` on a link that is taken away brings it back.
#[test]
fn a_link_that_leaves_for_a_while_comes_back() {
    let timeline = json!([{"at_s": 10, "link": ["lb", "a"], "do": "remove_link", "for_s": 10}]);
    let trial = Trial::new(&balanced(5, 40.0, steady(10), json!({}), json!({}), "ab", timeline));
    assert!(!trial.picks(10.01, 20.0).contains('a'), "a got requests while it had no link");
    let after = trial.picks(25.0, 40.0);
    assert!((share_of(&after, 'a') - 0.5).abs() < 0.02, "a gets its half again after two checks: {after}");
}

#[test]
fn without_a_server_a_balancer_says_so_or_fails_open() {
    let timeline = json!([{"at_s": 10, "node": "a", "do": "crash"}, {"at_s": 10, "node": "b", "do": "crash"}]);
    let run = |fail_open: bool| {
        let lb = json!({"fail_open": fail_open});
        Trial::new(&balanced(6, 40.0, steady(20), lb, json!({}), "ab", timeline.clone()))
    };
    let (closed, open) = (run(false), run(true));
    assert!(closed.number("requests.errors.no_backend") > 400.0, "{}", closed.report["requests"]);
    assert_eq!(closed.picks(17.0, 40.0), "", "nobody is asked when nobody is up");
    assert_eq!(open.number("requests.errors.no_backend"), 0.0, "{}", open.report["requests"]);
    assert!(open.number("requests.errors.refused") > 500.0, "all are asked, and refuse: {}", open.report["requests"]);
}

/// Amazon's ALB: interval 30 s, time-out 5 s, unhealthy after 2. A machine that vanishes is found after 35 to 65 s.
#[test]
fn a_black_hole_behind_an_alb_is_found_after_35_to_65_seconds() {
    let found = |i: u32| {
        let at_s = 100.0 + f64::from(i) * 4.1;
        let health = json!({"interval_ms": 30_000, "timeout_ms": 5000, "rise": 5, "fall": 2});
        let timeline = json!([{"at_s": at_s, "node": "a", "do": "freeze"}]);
        let lb = json!({"health": health, "fail_open": true});
        let run = balanced(u64::from(i), 300.0, steady(1), lb, json!({}), "ab", timeline);
        Trial::new(&run).logged("a", "detected_down").unwrap_or(f64::INFINITY) - at_s
    };
    let found: Vec<f64> = (0..20).map(found).collect();
    assert!(found.iter().all(|t| (35.0..=65.01).contains(t)), "found after {found:.1?} s");
    let spread = found.iter().fold(0.0f64, |a, &b| a.max(b)) - found.iter().fold(f64::MAX, |a, &b| a.min(b));
    assert!(spread > 15.0, "always nearly the same: {found:.1?}");
}

/// nginx: max_fails 1, fail_timeout 10 s; then one request tries the server, and only its success brings it back.
#[test]
fn passive_checks_send_one_probe_after_the_fail_time_out() {
    let timeline = json!([{"at_s": 5, "node": "a", "do": "crash", "for_s": 20}]);
    let lb = json!({"health": null, "max_fails": 1});
    let trial = Trial::new(&balanced(7, 60.0, steady(20), lb, json!({"boot_s": 0}), "ab", timeline));
    let tries: Vec<f64> = trial.seen().picks.iter().filter(|(at, id)| id == "a" && *at > 5.0).map(|p| p.0).collect();
    let down: Vec<f64> = tries.iter().copied().filter(|&at| at < 25.0).collect();
    assert_eq!(down.len(), 2, "the first failure and one probe in 20 s: {down:?}");
    let gap = down[1] - down[0];
    assert!((10.0..10.2).contains(&gap), "the probe comes just after 10 s: {gap}");
    // The next probe, after 10 s more, is answered: from then on a has its half again.
    let back = trial.picks(tries[2] + 0.5, 60.0);
    assert!(tries[2] > 25.0 && (share_of(&back, 'a') - 0.5).abs() < 0.01, "back at {}: {back}", tries[2]);
    assert_eq!(trial.number("requests.failed"), 0.0, "refused reads go to the other server");
}

#[test]
fn a_breaker_keeps_requests_from_a_server_that_answers_with_errors() {
    let timeline = json!([{"at_s": 10, "node": "a", "do": "error", "share": 1, "for_s": 40}]);
    let run = |breaker: Value| {
        let lb = json!({"breaker": breaker});
        Trial::new(&balanced(8, 100.0, steady(20), lb, json!({}), "ab", timeline.clone()))
    };
    let (without, with) = (run(Value::Null), run(json!({"min_requests": 10, "pause_s": 10})));
    assert_eq!(without.number("requests.errors.app_error"), 400.0, "half of 800 requests");
    let errors = with.number("requests.errors.app_error");
    // It takes 50 failures in 10 s beside 50 answers to reach half of the window, then one trial every 10 s.
    assert!((50.0..=56.0).contains(&errors), "{errors} errors with a breaker");
    let (opened, closed) = (with.logged("a", "breaker_opened"), with.logged("a", "breaker_closed"));
    assert!((14.9..15.2).contains(&opened.unwrap_or(0.0)), "opened at {opened:?}");
    assert!((50.0..61.0).contains(&closed.unwrap_or(0.0)), "closed at {closed:?}");
    assert!((share_of(&with.picks(70.0, 100.0), 'a') - 0.5).abs() < 0.01, "afterwards it has its half again");
}

#[test]
fn a_rate_limit_lets_through_its_rate_and_one_burst() {
    let lb = json!({"rate_limit_rps": 30, "rate_limit_burst": 50});
    let trial = Trial::new(&balanced(1, 100.0, steady(100), lb, json!({}), "ab", json!([])));
    let ok = trial.number("requests.ok");
    assert!((3045.0..=3055.0).contains(&ok), "30 a second for 100 s and a burst of 50: {ok}");
    assert_eq!(trial.number("requests.failed"), trial.number("requests.errors.refused"), "429 counts as refused");
    let connections = trial.seen().greetings.iter().filter(|(_, id)| id == "lb").count();
    assert!(connections <= 2050, "a 429 leaves the connection open: 1000 clients made {connections} round trips");
}

/// A balancer with one core is an M/M/1 queue of its own.
#[test]
fn a_balancer_with_cores_has_a_capacity() {
    let users = json!({"rate_rps": 400, "keep_alive_s": 100_000});
    let lb = json!({"cores": 1, "overhead_ms": {"exponential": 2}, "health": null});
    let web = json!({"service_ms": 0, "workers": 100_000});
    let trial = Trial::new(&balanced(12, 1000.0, users, lb, web, "a", json!([])));
    near("utilization", trial.number("nodes.lb.utilization"), 0.8, 0.02);
    near("mean time", trial.number("nodes.lb.sojourn_ms.mean"), 10.0, 0.1);
    near("mean wait", trial.number("nodes.lb.wait_ms.mean"), 8.0, 0.12);
}

/// A 502 is an answer: the client keeps its connection to the balancer.
#[test]
fn a_refusal_behind_the_balancer_leaves_the_clients_connection_open() {
    let users = json!({"rate_rps": 10, "arrivals": "constant", "clients": 1, "tls": false});
    let timeline = json!([{"at_s": 0, "node": "a", "do": "crash"}]);
    let lb = json!({"health": null, "tries": 1});
    let trial = Trial::new(&balanced(1, 10.0, users, lb, json!({}), "a", timeline));
    assert!(trial.number("requests.errors.refused") > 90.0, "{}", trial.report["requests"]);
    let opened = trial.seen().greetings.iter().filter(|(_, id)| id == "lb").count();
    assert_eq!(opened, 1, "connections of one client whose requests were answered 502");
}

/// Two servers down one after the other: a third try goes to the one that was not asked yet.
#[test]
fn a_request_is_not_tried_twice_at_the_same_server() {
    let timeline = json!([{"at_s": 1, "node": "a", "do": "crash"}, {"at_s": 1, "node": "b", "do": "crash"}]);
    let lb = json!({"health": null, "tries": 3, "algorithm": "random"});
    let trial = Trial::new(&balanced(3, 60.0, steady(20), lb, json!({}), "abc", timeline));
    assert_eq!(trial.number("requests.failed"), 0.0, "{}", trial.report["requests"]);
}

/// The instances of one node are backends of their own; of those that are taken away the highest go, and drain.
#[test]
fn instances_are_backends_and_drain_when_they_leave() {
    let web = json!({"instances": 3, "cores": 100, "service_ms": 500, "boot_s": 0});
    let timeline = json!([{"at_s": 20, "node": "a", "do": "set", "param": "instances", "value": 1},
                          {"at_s": 40, "node": "a", "do": "set", "param": "instances", "value": 2}]);
    let lb = json!({"slow_start_s": 10});
    let trial = Trial::new(&balanced(3, 80.0, steady(30), lb, web, "a", timeline));
    let picks = &trial.report["nodes"]["lb"]["picks"];
    let got = |name: &str| picks[name].as_f64().unwrap_or_else(|| panic!("no {name} in {picks}"));
    assert_eq!(got("a#3"), 199.0, "a third of the 599 requests before 20 s: {picks}");
    let second = got("a#2");
    // 200 at first; later half of what comes once the new one has passed its checks and started slowly.
    assert!((600.0..800.0).contains(&second), "{picks}");
    assert_eq!(got("a#1") + second + 199.0, 2399.0, "every request is picked for once: {picks}");
    assert_eq!(trial.number("requests.failed"), 0.0, "those that leave finish: {}", trial.report["requests"]);
}

/// An instance leaves that has a request and, behind it, checks that wait for its only worker.
#[test]
fn an_instance_is_gone_when_the_last_check_that_waited_there_is_answered() {
    let web = json!({"instances": 2, "workers": 1, "service_ms": 4000, "boot_s": 0});
    let timeline = json!([{"at_s": 9, "node": "a", "do": "set", "param": "instances", "value": 1}]);
    let users = json!({"rate_rps": 0.3, "arrivals": "constant", "write_share": 0});
    let lb = json!({"health": {"interval_ms": 1000, "timeout_ms": 1000, "fall": 100}});
    let trial = Trial::new(&balanced(1, 30.0, users, lb, web, "a", timeline));
    assert_eq!(trial.report["nodes"]["lb"]["picks"]["a#2"], json!(1), "the second request, at 6.7 s");
    assert_eq!(trial.number("requests.failed"), 0.0, "{}", trial.report["requests"]);
}

/// As many checks wait for the only worker as the request in it takes milliseconds; the machine's stack is not that deep.
#[test]
fn any_number_of_checks_may_wait() {
    let web = json!({"workers": 1, "backlog": 1_000_000, "service_ms": 60_000});
    let users = json!({"rate_rps": 0.1, "arrivals": "constant", "write_share": 0, "timeout_ms": 1e6});
    let lb = json!({"health": {"interval_ms": 1, "timeout_ms": 1, "fall": 1000}, "read_timeout_ms": 1e6});
    let trial = Trial::new(&balanced(1, 75.0, users, lb, web, "a", json!([])));
    assert_eq!(trial.number("requests.ok"), 1.0, "{}", trial.report["requests"]);
}

#[test]
fn a_node_with_one_instance_keeps_its_plain_name() {
    let trial = Trial::new(&balanced(1, 5.0, steady(10), json!({}), json!({}), "ab", json!([])));
    assert_eq!(trial.report["nodes"]["lb"]["picks"], json!({"a": 25, "b": 24}));
}

/// A balancer that crashed holds nothing, believes the best when it is back, and checks anew.
#[test]
fn a_balancer_crashes_and_comes_back() {
    let timeline =
        json!([{"at_s": 10, "node": "lb", "do": "crash", "for_s": 10}, {"at_s": 12, "node": "a", "do": "crash"}]);
    let web = json!({"service_ms": 500, "cores": 100});
    let trial = Trial::new(&balanced(3, 40.0, steady(20), json!({}), web, "ab", timeline));
    let (reset, refused) = (trial.number("requests.errors.reset"), trial.number("requests.errors.refused"));
    assert!((9.0..=11.0).contains(&reset), "20 a second that last half a second: {reset} were in it");
    assert!((198.0..=201.0).contains(&refused), "10 s at 20 a second: {refused}");
    assert_eq!(trial.number("requests.failed"), reset + refused, "{}", trial.report["requests"]);
    let down = trial.logged("a", "detected_down").expect("a is found down");
    assert!((24.0..=26.01).contains(&down), "two to three checks after 20 s: {down}");
}
