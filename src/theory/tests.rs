//! Which formula fits which design, and why none fits the others.

use super::*;

/// What theory says of a node, at 80 requests a second everywhere.
fn theory(design: &str, node: &str) -> Theory {
    let (scenario, problems) = crate::check::open(&format!(r#"{{"loadstone":1,{design}}}"#));
    assert!(!crate::check::refused(&problems), "{design}: {problems:?}");
    let scenario = scenario.expect("a design");
    let nodes = scenario.nodes.iter().map(|n| (n.id.clone(), (80.0, 1.0))).collect();
    let all = of(&scenario, &Measured { nodes, retried: false });
    all.into_iter().find(|(id, _)| id == node).unwrap_or_else(|| panic!("{design} has no {node}")).1
}

fn model(design: &str, node: &str) -> String {
    match theory(design, node) {
        Theory::Fits(p) => p.model,
        Theory::Nothing(why) => why,
    }
}

/// Users with these parameters, and a server with these.
fn pair(users: &str, web: &str) -> String {
    format!(
        r#""nodes":[{{"id":"u","kind":"users","params":{{{users}}}}},{{"id":"w","kind":"server","params":{{{web}}}}}],
        "links":[{{"from":"u","to":"w","params":{{"latency_ms":1}}}}]"#
    )
}

#[test]
fn a_server_gets_the_formula_of_its_service() {
    for (web, expected) in [
        (r#""cores":1,"service_ms":{"exponential":10}"#, "M/M/1"),
        (r#""cores":4,"service_ms":{"exponential":10}"#, "M/M/4"),
        (r#""cores":2,"workers":1,"service_ms":{"exponential":10}"#, "M/M/1"),
        (r#""cores":1,"workers":2,"backlog":3,"service_ms":{"exponential":10}"#, "M/M/1/5"),
        (r#""cores":2,"workers":2,"backlog":3,"service_ms":{"exponential":100}"#, "M/M/2/5"),
        (r#""cores":1,"service_ms":10"#, "M/D/1"),
        (r#""cores":1,"service_ms":{"gamma":{"mean":10,"cv":2}}"#, "M/G/1"),
        (r#""cores":4,"service_ms":10"#, "its service is not exponential and there are 4 cores"),
        (
            r#""cores":1,"service_ms":{"pareto":{"mean":10,"shape":1.5}}"#,
            "its service times have no variance that is finite",
        ),
        (r#""cores":1,"service_ms":12.5"#, "its load is 1.00: at 1 and above the queue grows for ever"),
        (
            r#""cores":1,"workers":10000000,"service_ms":{"exponential":13}"#,
            "its load is 1.04: at 1 and above the queue grows for ever",
        ),
    ] {
        assert_eq!(model(&pair("", web), "w"), expected, "{web}");
    }
}

#[test]
fn users_decide_what_arrives() {
    let web = r#""cores":1,"service_ms":{"exponential":10}"#;
    for (users, expected) in [
        (r#""arrivals":"constant""#, "its arrivals are not Poisson: u ask at a constant rate"),
        (r#""load":[[0,1],[60,2]]"#, "its arrivals are not Poisson: the load of u changes over time"),
        (r#""load":[[0,2],[60,2]]"#, "M/M/1"),
        (r#""users":50"#, "M/M/1//50"),
        (r#""users":50000"#, "users wait for an answer before they ask again"),
    ] {
        assert_eq!(model(&pair(users, web), "w"), expected, "{users}");
    }
    let Theory::Fits(p) = theory(&pair(r#""users":50"#, web), "w") else { panic!("a closed loop has a formula") };
    assert!(p.inputs.contains(&("think_ms", 1002.0)), "thinking and the way there and back: {:?}", p.inputs);
}

#[test]
fn a_balancer_decides_what_its_backends_get() {
    let design = |lb: &str, weight: u32| {
        format!(
            r#""nodes":[{{"id":"u","kind":"users"}},{{"id":"lb","kind":"load_balancer","params":{{"algorithm":"{lb}"}}}},
            {{"id":"a","kind":"server","params":{{"cores":1}}}},{{"id":"b","kind":"server","params":{{"cores":1}}}},
            {{"id":"db","kind":"database"}}],
            "links":[{{"from":"u","to":"lb"}},{{"from":"lb","to":"a","params":{{"weight":{weight}}}}},{{"from":"lb","to":"b"}},{{"from":"a","to":"db"}}]"#
        )
    };
    assert_eq!(model(&design("random", 3), "a"), "M/M/1");
    assert_eq!(model(&design("round_robin", 1), "a"), "E2/M/1");
    assert_eq!(
        model(&design("round_robin", 3), "a"),
        "its arrivals are not Poisson: they come through round robin at lb"
    );
    assert_eq!(
        model(&design("round_robin", 1), "db"),
        "its arrivals are not Poisson: they have gone through a, which is E2/M/1"
    );
    assert_eq!(
        model(&design("least_connections", 1), "b"),
        "its arrivals are not Poisson: lb picks by least connections"
    );
    assert_eq!(model(&design("random", 1), "db"), "its reads and writes take different times and there are 4 cores");
}

/// Poisson streams go on through exponential stations, and mean times add up.
#[test]
fn stations_behind_stations() {
    let design = |web: &str| {
        format!(
            r#""nodes":[{{"id":"u","kind":"users","params":{{"write_share":0}}}},{{"id":"w","kind":"server","params":{{"cores":1,"service_ms":{web}}}}},
            {{"id":"db","kind":"database","params":{{"cores":1,"read_ms":{{"exponential":5}}}}}}],
            "links":[{{"from":"u","to":"w","params":{{"latency_ms":20}}}},{{"from":"w","to":"db","params":{{"latency_ms":0.5,"calls":2}}}}],
            "timeline":[]"#
        )
    };
    let Theory::Fits(db) = theory(&design(r#"{"exponential":10}"#), "db") else { panic!("the database is M/M/1") };
    let Theory::Fits(web) = theory(&design(r#"{"exponential":10}"#), "w") else { panic!("the server is M/M/1") };
    let Theory::Fits(users) = theory(&design(r#"{"exponential":10}"#), "u") else { panic!("the users' times add up") };
    let near = |what: &str, times: Times, mean: f64| {
        assert!((times.mean.unwrap_or(0.0) - mean).abs() < 1e-9, "{what}: {times:?}, not {mean}");
    };
    // 80 a second against 200 and 100 a second.
    near("database", db.sojourn_ms, 1000.0 / 120.0);
    near("server", web.sojourn_ms, 50.0 + 2.0 * (1.0 + 1000.0 / 120.0));
    near("users", users.sojourn_ms, 50.0 + 2.0 * (1.0 + 1000.0 / 120.0) + 40.0);
    assert_eq!(web.wait_ms.mean.map(f64::round), Some(40.0), "the wait is that of its own core");
    assert_eq!(web.sojourn_ms.p99, None, "percentiles do not add up");
    let why = model(&design("10"), "db");
    assert_eq!(why, "its arrivals are not Poisson: they have gone through w, which is M/D/1");
}

#[test]
fn a_timeline_takes_the_steady_state_away() {
    let design = pair("", r#""cores":1"#) + r#","timeline":[{"at_s":1,"node":"w","do":"crash"}]"#;
    assert_eq!(model(&design, "w"), "the timeline changes the design while it runs");
}

#[test]
fn names_are_kept_for_their_time_to_live() {
    let design = |users: &str| {
        format!(
            r#""nodes":[{{"id":"u","kind":"users","params":{{{users}}}}},{{"id":"d","kind":"dns","params":{{"ttl_s":30}}}},{{"id":"w","kind":"server"}}],
            "links":[{{"from":"u","to":"d"}},{{"from":"u","to":"w"}},{{"from":"d","to":"w"}}]"#
        )
    };
    let Theory::Fits(p) = theory(&design(r#""stub_cache":false,"connections":"new""#), "d") else {
        panic!("a formula")
    };
    assert!((p.hit_share.unwrap_or(0.0) - 2400.0 / (2401.0 + 80.0 * 0.041)).abs() < 1e-12, "{p:?}");
    assert!(model(&design(""), "d").starts_with("clients ask only when"));
}

#[test]
fn caches_follow_che() {
    let design = |users: &str, cache: &str| {
        format!(
            r#""nodes":[{{"id":"u","kind":"users","params":{{"zipf":0.8,{users}}}}},{{"id":"w","kind":"server"}},
            {{"id":"c","kind":"cache","params":{{{cache}}}}},{{"id":"db","kind":"database"}}],
            "links":[{{"from":"u","to":"w"}},{{"from":"w","to":"c"}},{{"from":"w","to":"db"}}]"#
        )
    };
    let hit = |users: &str, cache: &str| match theory(&design(users, cache), "c") {
        Theory::Fits(p) => p.hit_share.map(|hit| (hit * 1e4).round() / 1e4),
        Theory::Nothing(why) => panic!("{cache}: {why}"),
    };
    assert_eq!(hit(r#""write_share":0"#, ""), Some(0.4367));
    assert!(hit(r#""write_share":0.1"#, "") < Some(0.42), "writes delete keys");
    assert!(hit(r#""write_share":0"#, r#""policy":"fifo""#) < Some(0.4367));
    assert!(hit(r#""write_share":0"#, r#""ttl_s":5"#) < Some(0.3327), "80 a second for 5 s");
    assert!(model(&design(r#""write_share":0"#, r#""ttl_s":60"#), "c").starts_with("both its capacity"));
    assert!(model(&design("\"write_share\":0", "\"hit_share\":0.5"), "c").contains("forced"));
    assert!(
        model(&design("\"write_share\":0", ""), "db").contains("the cache c lets through only what it does not know")
    );
}
