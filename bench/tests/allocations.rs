//! A request in a running simulation takes nothing from the allocator: whatever it needs was left by those before it.

use loadstone::engine::{Engine, Progress};
use loadstone::time::from_s;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Names, a balancer with checks, servers, keep-alive connections, time-outs: once the first minute has shown how much
/// is needed at once, the next minute of 200 requests a second needs no more.
#[test]
fn requests_allocate_nothing_in_the_steady_state() {
    let document = r#"{"loadstone": 1, "name": "steady", "seed": 7, "run_s": 1000,
        "nodes": [
            {"id": "users", "kind": "users", "params": {"rate_rps": 200, "clients": 50}},
            {"id": "dns", "kind": "dns", "params": {"ttl_s": 5}},
            {"id": "lb", "kind": "load_balancer", "params": {"algorithm": "least_connections"}},
            {"id": "web1", "kind": "server"}, {"id": "web2", "kind": "server"}, {"id": "api", "kind": "server"}],
        "links": [
            {"from": "users", "to": "dns"}, {"from": "dns", "to": "lb"}, {"from": "users", "to": "lb"},
            {"from": "lb", "to": "web1"}, {"from": "lb", "to": "web2"},
            {"from": "web1", "to": "api"}, {"from": "web2", "to": "api"}]}"#;
    let (scenario, problems) = loadstone::check::open(document);
    let scenario = scenario.unwrap_or_else(|| panic!("{problems:?}"));
    let mut engine = Engine::new(&scenario, ());
    assert_eq!(engine.run_until(from_s(60.0), u64::MAX), Progress::Reached);
    let (events, region) = (engine.events(), Region::new(ALLOCATOR));
    assert_eq!(engine.run_until(from_s(120.0), u64::MAX), Progress::Reached);
    let (made, events) = (region.change(), engine.events() - events);
    assert!(events > 100_000, "hardly anything happened: {events} events");
    // What is needed at once can still rise to a new record, and a buffer double for it; that is no cost of a request.
    let taken = made.allocations + made.reallocations;
    assert!(taken <= 4, "{taken} allocations in {events} events: {made:?}");
}
