//! CDNs and queues in whole runs, against theory and against what the real ones are known to do.

use crate::validation::{near, open, run};
use loadstone::component::effects::Count;
use loadstone::component::log::What;
use loadstone::engine::Engine;
use loadstone::metrics::{Metrics, Station};
use loadstone::scenario::Scenario;
use loadstone::time::{SECOND, from_s};
use serde_json::{Value, json};

/// A run of such nodes `[id, kind, params]` and links `[from, to]`, with statistics from `warmup_s` on.
pub struct Run(pub Engine<Metrics>);

impl Run {
    pub fn new(run_s: f64, warmup_s: f64, nodes: &Value, links: &Value, timeline: Value) -> Run {
        let node = |n: &Value| json!({"id": n[0], "kind": n[1], "params": n[2]});
        let link = |l: &Value| json!({"from": l[0], "to": l[1], "params": l.get(2).unwrap_or(&json!({}))});
        let all = |list: &Value, f: &dyn Fn(&Value) -> Value| list.as_array().into_iter().flatten().map(f).collect();
        let (nodes, links): (Value, Value) = (all(nodes, &node), all(links, &link));
        let file = json!({"loadstone": 1, "name": "data", "seed": 5, "run_s": run_s, "nodes": nodes, "links": links,
                          "timeline": timeline});
        let scenario: Scenario = open(&file.to_string());
        let mut engine = run(&scenario, Metrics::new(from_s(warmup_s), SECOND));
        engine.recorder.settle(from_s(run_s));
        Run(engine)
    }

    fn place(&self, id: &str) -> usize {
        self.0.net().nodes.iter().position(|n| n.id == id).unwrap_or_else(|| panic!("no node {id}"))
    }

    pub fn node(&self, id: &str) -> &Station {
        &self.0.recorder.nodes[self.place(id)]
    }

    pub fn hit_share(&self, id: &str) -> Option<f64> {
        let (hits, all) = self.node(id).lookups;
        (all > 0).then(|| hits as f64 / all as f64)
    }

    fn count(&self, id: &str, count: Count) -> u64 {
        self.node(id).counts[count as usize]
    }

    /// Messages that this queue keeps: waiting, in flight.
    fn kept(&self, id: &str) -> (u64, u64) {
        let stock = self.0.view(self.place(id) as u32).stock.expect("a queue tells what it keeps");
        (stock.items, stock.in_flight)
    }

    /// The shares of errors, second by second.
    fn errors(&self) -> Vec<f64> {
        self.0.recorder.series.points().iter().map(|p| p.error_share.unwrap_or(0.0)).collect()
    }
}

/// Users who only ask for files, a CDN, and its origin.
fn cdn(users: Value, cdn: Value, web: Value, timeline: Value, run_s: f64, warmup_s: f64) -> Run {
    let nodes = json!([["users", "users", users], ["cdn", "cdn", cdn], ["web", "server", web]]);
    Run::new(run_s, warmup_s, &nodes, &json!([["users", "cdn"], ["cdn", "web"]]), timeline)
}

#[test]
fn a_cdn_hits_as_often_as_theory_says() {
    let hits = |rate: u32, ttl_s: u32, run_s: f64| {
        let users = json!({"rate_rps": rate, "static_share": 1, "write_share": 0, "keys": 10_000, "zipf": 0.8});
        let run = cdn(users, json!({"capacity_items": 1000, "ttl_s": ttl_s}), json!({}), json!([]), run_s, 60.0);
        let misses = run.node("cdn").lookups.1 - run.node("cdn").lookups.0;
        let origin = run.node("web").arrivals;
        assert!(
            origin.abs_diff(misses) <= 5,
            "each miss is one request to the origin: {misses} misses, {origin} there"
        );
        run.hit_share("cdn")
    };
    near("Che, exponent 0.8", hits(400, 1_000_000, 260.0), 0.4367, 0.02);
    near("for 10 s at 100 requests a second", hits(100, 10, 560.0), 0.3327, 0.02);
}

#[test]
fn what_is_not_static_passes_through_a_cdn() {
    let users = json!({"rate_rps": 100, "static_share": 0, "write_share": 0.5});
    let run = cdn(users, json!({}), json!({}), json!([]), 20.0, 0.0);
    let passed = run.node("web").arrivals;
    assert!(passed > 1500 && run.node("cdn").arrivals - passed < 5, "{passed} of {}", run.node("cdn").arrivals);
    assert_eq!(run.hit_share("cdn"), None, "nothing is looked up");
}

/// RFC 5861, stale-if-error: while the origin is down, a file whose time is over is given out so much longer.
#[test]
fn a_stale_file_is_given_out_while_the_origin_is_down() {
    let errors = |stale: Value| {
        let users = json!({"rate_rps": 50, "static_share": 1, "write_share": 0, "keys": 3});
        let crash = json!([{"at_s": 20, "node": "web", "do": "crash"}]);
        let run = cdn(users, json!({"ttl_s": 2, "stale_if_error_s": stale}), json!({}), crash, 40.0, 0.0);
        let served = run.count("cdn", Count::Stale);
        (run.errors(), served)
    };
    let (without, served) = errors(Value::Null);
    assert_eq!(served, 0, "off by default");
    assert!(without[23..].iter().all(|&e| e == 1.0), "2 s after the crash every file is too old: {without:?}");
    let (with, served) = errors(json!(8));
    assert!(with[..27].iter().all(|&e| e == 0.0), "for 8 s more they are given out: {with:?}");
    assert!(with[32..].iter().all(|&e| e == 1.0), "and no longer: {with:?}");
    assert!((250..=550).contains(&served), "50 requests a second for 6 to 10 s: {served}");
}

/// A slow origin and one file: while it is fetched everybody else goes there too, or waits for the one fetch.
#[test]
fn misses_of_one_file_can_be_collapsed() {
    let fetches = |coalesce: bool| {
        let users = json!({"rate_rps": 200, "arrivals": "constant", "static_share": 1, "write_share": 0, "keys": 1});
        let web = json!({"service_ms": 100, "cores": 1024, "workers": 10_000});
        let run = cdn(users, json!({"ttl_s": 5, "coalesce": coalesce}), web, json!([]), 29.0, 0.0);
        assert!(run.errors().iter().all(|&e| e == 0.0), "everybody gets the file");
        run.node("web").arrivals
    };
    // Fetched at 0, 5, 10, 15, 20 and 25 s, each taking 100 ms and a round trip of 1 ms.
    assert_eq!(fetches(true), 6, "one fetch each time");
    let all = fetches(false);
    assert!((6 * 18..=6 * 25).contains(&all), "the first and 20 more each time: {all}");
}

#[test]
fn an_emptied_cdn_fetches_everything_again() {
    let users = json!({"rate_rps": 100, "static_share": 1, "write_share": 0, "keys": 50});
    let timeline = json!([{"at_s": 30, "node": "cdn", "do": "flush"}, {"at_s": 40, "node": "web", "do": "flush"}]);
    let nodes = json!([["users", "users", users], ["cdn", "cdn", {"ttl_s": 1000}], ["web", "server", {}]]);
    let links = json!([["users", "cdn"], ["cdn", "web"]]);
    let before = Run::new(29.0, 0.0, &nodes, &links, json!([])).node("web").arrivals;
    let run = Run::new(60.0, 0.0, &nodes, &links, json!([timeline[0]]));
    assert!((45..=55).contains(&before), "50 files, each once: {before}");
    assert!((90..=110).contains(&run.node("web").arrivals), "and once more: {}", run.node("web").arrivals);
    assert!(run.0.recorder.log.iter().any(|e| e.what == What::Flush), "{:?}", run.0.recorder.log);
}

/// Users, a server that publishes, a queue, and workers. The users stop at 20 s.
fn queue(rate: u32, queue: Value, workers: &[Value], timeline: Value, run_s: f64) -> Run {
    let users = json!({"rate_rps": rate, "write_share": 1, "load": [[0, 1], [20, 1], [20, 0]]});
    let mut nodes = vec![json!(["users", "users", users]), json!(["web", "server", {"service_ms": 1}])];
    let mut links = vec![json!(["users", "web"]), json!(["web", "queue"])];
    nodes.push(json!(["queue", "queue", queue]));
    for (i, worker) in workers.iter().enumerate() {
        nodes.push(json!([format!("worker{i}"), "server", worker]));
        links.push(json!(["queue", format!("worker{i}")]));
    }
    Run::new(run_s, 0.0, &Value::Array(nodes), &Value::Array(links), timeline)
}

#[test]
fn users_do_not_wait_for_what_is_queued() {
    // Each worker does 10 a second: what 40 a second publish until 20 s takes them until 40 s.
    let slow = json!({"cores": 1, "service_ms": 100});
    let run = queue(40, json!({"prefetch": 2}), &[slow.clone(), slow], json!([]), 60.0);
    let r = &run.0.recorder;
    assert!(r.requests.failed == 0 && r.requests.in_flight() == 0, "{:?}", r.requests);
    assert!(
        r.latency().quantile_ms(0.99) < Some(200.0),
        "users get an answer at once: {:?}",
        r.latency().quantile_ms(0.99)
    );
    let kept = run.node("queue").messages.as_ref().expect("messages are measured");
    assert_eq!((kept.arrivals, kept.completed()), (r.requests.ok, r.requests.ok), "each is stored, and done");
    assert_eq!(run.kept("queue"), (0, 0), "nothing is left");
    assert_eq!(run.count("queue", Count::Delivered), kept.completed(), "each was delivered once");
    // A rising queue drained at 20 a second: the last one waits about 20 s, the mean is half of that.
    near("mean time of a message", kept.sojourn.mean_ms(), 10_000.0, 0.1);
    let (a, b) = (run.node("worker0").arrivals, run.node("worker1").arrivals);
    assert!(a.abs_diff(b) <= 2, "the workers take turns: {a} and {b}");
}

/// A worker dies with messages in hand: they come back at their visibility time-out and the other one does them.
#[test]
fn what_a_dead_worker_had_is_delivered_again() {
    let worker = json!({"cores": 1, "service_ms": 20});
    let crash = json!([{"at_s": 10.005, "node": "worker0", "do": "crash"}]);
    let run = queue(80, json!({"prefetch": 8, "visibility_s": 5}), &[worker.clone(), worker], crash, 120.0);
    let kept = run.node("queue").messages.as_ref().expect("messages are measured");
    assert_eq!(kept.completed(), run.0.recorder.requests.ok, "none is lost");
    let again = run.count("queue", Count::Redelivered);
    assert!((1..=8).contains(&again), "at most the prefetched: {again}");
    let back = kept.sojourn.max_ms().unwrap_or(0.0);
    assert!(back > 5000.0, "hidden until the visibility time-out of 5 s: the slowest took {back} ms");
    assert_eq!(run.count("queue", Count::DeadLetter), 0);
}

/// Slower than the visibility time-out: the work is done more than once. At least once is not once.
#[test]
fn a_slow_worker_does_the_same_work_again() {
    let run = queue(1, json!({"visibility_s": 1, "prefetch": 1}), &[json!({"service_ms": 1500})], json!([]), 60.0);
    let (again, done) = (run.count("queue", Count::Redelivered), run.node("worker0").completed());
    assert!(again > 10, "delivered again: {again}");
    assert!(done > run.0.recorder.requests.ok, "{done} pieces of work for {} requests", run.0.recorder.requests.ok);
}

#[test]
fn a_message_that_always_fails_becomes_a_dead_letter() {
    let errors = json!([{"at_s": 0, "node": "worker0", "do": "error", "share": 1}]);
    let settings = json!({"visibility_s": 0.5, "max_deliveries": 3});
    let run = queue(20, settings, &[json!({"service_ms": 1})], errors, 60.0);
    let (dead, published) = (run.count("queue", Count::DeadLetter), run.0.recorder.requests.ok);
    assert_eq!(dead, published, "all of them");
    assert_eq!(run.count("queue", Count::Delivered), 3 * dead, "each after three deliveries");
    assert_eq!(run.node("worker0").arrivals, 3 * dead, "which the worker saw");
    assert_eq!(run.kept("queue"), (0, 0));
}

#[test]
fn a_full_queue_refuses() {
    let run = queue(10, json!({"capacity": 30}), &[], json!([]), 30.0);
    let r = &run.0.recorder.requests;
    assert_eq!((r.ok, run.kept("queue")), (30, (30, 0)), "30 fit");
    assert_eq!(run.node("queue").refused, r.failed, "the others are told");
}

#[test]
fn messages_survive_a_crash_of_a_durable_queue_only() {
    let crash = json!([{"at_s": 15, "node": "queue", "do": "crash", "for_s": 3}]);
    let work = |durable: bool| {
        let slow = json!({"cores": 1, "service_ms": 50});
        queue(30, json!({"durable": durable, "prefetch": 4}), &[slow], crash.clone(), 90.0)
    };
    let durable = work(true);
    let kept = durable.node("queue").messages.as_ref().expect("messages are measured");
    assert_eq!(kept.completed(), kept.arrivals, "all that were stored are done");
    assert_eq!(kept.arrivals, durable.0.recorder.requests.ok, "and all that were answered were stored");
    let again = durable.count("queue", Count::Redelivered);
    assert!((1..=4).contains(&again), "those under way are delivered again: {again}");
    let memory = work(false);
    let lost = memory.count("queue", Count::LostMessage);
    // 10 a second more come than are done: about 150 wait at 15 s.
    assert!((100..=200).contains(&lost), "lost with the memory: {lost}");
    let kept = memory.node("queue").messages.as_ref().expect("messages are measured");
    assert_eq!(kept.completed() + lost, kept.arrivals, "the others are done");
}
