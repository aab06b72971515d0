//! The engine against closed forms and against what the real software is known to do.

use loadstone::component::log::What;
use loadstone::component::net::Net;
use loadstone::engine::{Engine, Progress, Record, Recorder};
use loadstone::metrics::Metrics;
use loadstone::scenario::Scenario;
use loadstone::time::{Nanos, SECOND, from_s, to_s};

pub fn open(text: &str) -> Scenario {
    let (scenario, problems) = loadstone::check::open(text);
    assert!(!loadstone::check::refused(&problems), "the test's own scenario has errors: {problems:?}");
    scenario.expect("a scenario without errors")
}

pub fn run<R: Recorder>(scenario: &Scenario, recorder: R) -> Engine<R> {
    let mut engine = Engine::new(scenario, recorder);
    assert_eq!(engine.run_until(from_s(scenario.run_s), u64::MAX), Progress::Reached, "seed {}", scenario.seed);
    engine
}

/// Asserts that a measured value lies within a relative tolerance of what theory says.
pub fn near(what: &str, measured: Option<f64>, theory: f64, tolerance: f64) {
    let measured = measured.unwrap_or_else(|| panic!("{what}: nothing was measured"));
    let off = measured / theory - 1.0;
    println!("{what}: theory {theory:.3}, measured {measured:.3}, off by {:+.2} %", off * 100.0);
    assert!(off.abs() <= tolerance, "{what}: measured {measured}, theory {theory}, off by {:.2} %", off * 100.0);
}

/// One server with so many cores, fed at 100 requests a second over a network without latency.
fn queue(cores: u32, service: &str, run_s: u32) -> Engine<Metrics> {
    let text = format!(
        r#"{{"loadstone":1,"name":"queue","seed":11,"run_s":{run_s},
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":100,"keep_alive_s":100000}}}},
                 {{"id":"web","kind":"server","params":{{"cores":{cores},"workers":10000000,"backlog":10000000,"service_ms":{service}}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":0}}}}]}}"#
    );
    let scenario = open(&text);
    let mut engine = run(&scenario, Metrics::new(from_s(100.0), SECOND));
    engine.recorder.settle(from_s(scenario.run_s));
    engine
}

/// M/M/1 at load 0.8: the time in the system is exponential with mean 1/(μ−λ) (Kleinrock, Queueing Systems I, 3.2).
#[test]
fn one_core_is_an_mm1_queue() {
    let engine = queue(1, r#"{"exponential":8}"#, 20_000);
    let latency = engine.recorder.latency();
    let mean = 8.0 / (1.0 - 0.8);
    near("M/M/1 mean", latency.mean_ms(), mean, 0.02);
    for (q, name) in [(0.5, "M/M/1 p50"), (0.95, "M/M/1 p95"), (0.99, "M/M/1 p99")] {
        near(name, latency.quantile_ms(q), -mean * libm::log(1.0 - q), 0.04);
    }
    let web = engine.net().nodes.iter().position(|n| n.id == "web").expect("web is there");
    let station = &engine.recorder.nodes[web];
    let span = (engine.now() - from_s(100.0)) as f64;
    near("M/M/1 number in system", Some(station.area as f64 / span), 4.0, 0.04);
    near("M/M/1 utilization", Some(station.busy_area as f64 / span), 0.8, 0.01);
}

/// M/D/1 by Pollaczek and Khinchine: the wait is half of M/M/1's.
#[test]
fn constant_service_waits_half_as_long() {
    let engine = queue(1, "8", 10_000);
    near("M/D/1 mean", engine.recorder.latency().mean_ms(), 8.0 + 0.8 * 8.0 / (2.0 * 0.2), 0.02);
}

/// M/M/4 at load 0.8 by Erlang C: P(wait) .5964, mean wait .7455/μ.
#[test]
fn four_cores_are_an_mm4_queue() {
    let engine = queue(4, r#"{"exponential":32}"#, 20_000);
    let latency = engine.recorder.latency();
    near("M/M/4 mean", latency.mean_ms(), 32.0 * 1.7455, 0.02);
    near("M/M/4 p99", latency.quantile_ms(0.99), 32.0 * 6.893, 0.04);
}

/// The backends that a balancer picked, in order.
#[derive(Default)]
struct Picks(Vec<String>);

impl Recorder for Picks {
    fn record(&mut self, _: Nanos, net: &Net, record: &Record) {
        if let Record::Picked { backend, .. } = record {
            self.0.push(net.nodes[*backend as usize].id.clone());
        }
    }
}

/// Smooth weighted round robin, as nginx documents it in ngx_http_upstream_round_robin.c.
#[test]
fn round_robin_picks_in_nginx_order() {
    for (weights, expected) in [([5, 1, 1], "aabacaa"), ([4, 2, 1], "abacaba"), ([3, 2, 1], "abacba")] {
        let [a, b, c] = weights;
        let text = format!(
            r#"{{"loadstone":1,"name":"picks","seed":1,"run_s":3,
            "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":10,"arrivals":"constant"}}}},{{"id":"lb","kind":"load_balancer"}},
                     {{"id":"a","kind":"server"}},{{"id":"b","kind":"server"}},{{"id":"c","kind":"server"}}],
            "links":[{{"from":"users","to":"lb"}},{{"from":"lb","to":"a","params":{{"weight":{a}}}}},
                     {{"from":"lb","to":"b","params":{{"weight":{b}}}}},{{"from":"lb","to":"c","params":{{"weight":{c}}}}}]}}"#
        );
        let picks = run(&open(&text), Picks::default()).recorder.0.concat();
        let cycles = expected.repeat(3);
        assert!(
            picks.starts_with(&cycles),
            "weights {weights:?}: picked {picks}, nginx picks {expected} over and over"
        );
    }
}

/// How long after a fault at each of 30 moments the balancer's checks (interval 2 s, fall 3) found the server down.
fn detections(fault: &str) -> Vec<f64> {
    let found = |i: u32| {
        let at_s = 20.0 + f64::from(i) * 0.7;
        let text = format!(
            r#"{{"loadstone":1,"name":"checks","seed":{i},"run_s":60,
            "nodes":[{{"id":"users","kind":"users"}},{{"id":"lb","kind":"load_balancer"}},{{"id":"a","kind":"server"}},{{"id":"b","kind":"server"}}],
            "links":[{{"from":"users","to":"lb"}},{{"from":"lb","to":"a"}},{{"from":"lb","to":"b"}}],
            "timeline":[{{"at_s":{at_s},"node":"a","do":"{fault}"}}]}}"#
        );
        let engine = run(&open(&text), Metrics::new(0, SECOND));
        let entry = engine.recorder.log.iter().find(|e| e.what == What::DetectedDown);
        to_s(entry.unwrap_or_else(|| panic!("{fault} at {at_s} s was never found")).at) - at_s
    };
    (0..30).map(found).collect()
}

#[test]
fn checks_find_a_dead_port_after_four_to_six_seconds() {
    let found = detections("crash");
    let all = found.iter().all(|&t| (4.0..=6.01).contains(&t));
    assert!(all, "interval 2 s, fall 3: found after {found:.2?} s");
    let mean = found.iter().sum::<f64>() / found.len() as f64;
    println!("dead port, 30 crashes: found after {found:.2?} s, mean {mean:.2}");
    assert!((mean - 5.0).abs() < 0.4, "uniform from 4 to 6 s has mean 5, measured {mean:.2}: {found:.2?}");
}

#[test]
fn checks_find_a_black_hole_one_time_out_later() {
    let found = detections("freeze");
    assert!(found.iter().all(|&t| (6.0..=8.01).contains(&t)), "time-out 2 s on top: found after {found:.2?} s");
}

/// The group's own watch: three probes a second apart, then election and promotion.
#[test]
fn a_lost_primary_is_replaced_and_its_unsent_writes_are_counted() {
    let text = r#"{"loadstone":1,"name":"failover","seed":5,"run_s":60,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":100,"write_share":0.5}},{"id":"web","kind":"server"},
                 {"id":"db","kind":"database","params":{"failover":{"mode":"automatic"}}},{"id":"db2","kind":"database"}],
        "links":[{"from":"users","to":"web"},{"from":"web","to":"db"},{"from":"db","to":"db2","params":{"delay_ms":200}}],
        "timeline":[{"at_s":30,"node":"db","do":"crash"}]}"#;
    let engine = run(&open(text), Metrics::new(0, SECOND));
    let at = |what: &str| {
        let log = &engine.recorder.log;
        to_s(log.iter().find(|e| e.what.name() == what).unwrap_or_else(|| panic!("no {what}: {log:?}")).at)
    };
    assert!((32.0..=33.0).contains(&at("detected_down")), "three probes: {}", at("detected_down"));
    assert!((at("promoted") - at("detected_down") - 3.0).abs() < 0.2, "promote_ms 3000: {}", at("promoted"));
    let lost = engine.recorder.requests.writes_lost;
    // 50 writes a second that wait 200 ms each: about ten are always on their way.
    assert!((3..=20).contains(&lost), "lost {lost} writes, about 10 expected");
}
