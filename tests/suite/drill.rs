//! Every node crashed once: what has no substitute must be found, what has one must not.

use crate::trial::scenario;
use loadstone::drill::{Impact, Plan, rank};
use serde_json::{Value, json};

/// Two servers behind a balancer and a database with or without failover, and what each crash does.
fn crashed(failover: &str, lb: Value, run_s: f64) -> Vec<Impact> {
    let nodes = json!([
        {"id": "users", "kind": "users", "params": {"rate_rps": 60, "write_share": 0.2, "clients": 50, "timeout_ms": 3000}},
        {"id": "lb", "kind": "load_balancer", "params": lb},
        {"id": "web1", "kind": "server"}, {"id": "web2", "kind": "server"},
        {"id": "db", "kind": "database", "params": {"failover": {"mode": failover}}}, {"id": "db2", "kind": "database"}]);
    let links = json!([
        {"from": "users", "to": "lb"}, {"from": "lb", "to": "web1"}, {"from": "lb", "to": "web2"},
        {"from": "web1", "to": "db"}, {"from": "web2", "to": "db"},
        {"from": "db", "to": "db2", "params": {"delay_ms": 300}}]);
    let plan = Plan::new(&scenario(3, run_s, nodes, links, json!([])), None);
    assert_eq!(plan.victims, ["lb", "web1", "web2", "db", "db2"], "people do not crash");
    let undisturbed = plan.run(None).expect("it runs");
    let judge = |id: &String| plan.judge(id, &undisturbed, &plan.run(Some(id)).expect("it runs"));
    let mut impacts: Vec<Impact> = plan.victims.iter().map(judge).collect();
    rank(&mut impacts);
    for impact in &impacts {
        println!("{}: {}", impact.node, impact.verdict());
    }
    impacts
}

fn of<'a>(impacts: &'a [Impact], id: &str) -> &'a Impact {
    impacts.iter().find(|i| i.node == id).expect("every node is judged")
}

#[test]
fn what_has_no_substitute_is_a_single_point_of_failure() {
    let impacts = crashed("none", json!({}), 60.0);
    assert_eq!(
        (impacts[0].node.as_str(), impacts[1].node.as_str()),
        ("lb", "db"),
        "the most harmful first: {impacts:?}"
    );
    let lb = of(&impacts, "lb");
    assert!(lb.single_point() && lb.failed_share > 0.95, "{lb:?}");
    assert_eq!(lb.verdict(), "Single point of failure: without it nothing works.");
    let db = of(&impacts, "db");
    assert!(db.single_point() && (0.15..0.25).contains(&db.failing_at_end), "one in five requests writes: {db:?}");
    for id in ["web1", "web2", "db2"] {
        assert!(!of(&impacts, id).single_point(), "{:?}", of(&impacts, id));
    }
}

#[test]
fn a_primary_with_an_heir_is_none_but_loses_writes() {
    let impacts = crashed("automatic", json!({}), 60.0);
    let db = of(&impacts, "db");
    assert!(!db.single_point() && (4.0..12.0).contains(&db.down_s), "noticed in 2 to 3 s, promoted in 3: {db:?}");
    assert!(db.writes_lost > 0 && db.verdict().contains("lost for good"), "{db:?}");
}

#[test]
fn a_balancer_without_checks_or_further_tries_makes_a_server_matter() {
    let checked = crashed("none", json!({"health": {}}), 40.0);
    let blind = crashed("none", json!({"health": null, "tries": 1}), 40.0);
    let web = of(&blind, "web2");
    assert!(web.single_point() && (0.4..0.6).contains(&web.failing_at_end), "every other request goes there: {web:?}");
    assert!(!of(&checked, "web2").single_point());
}
