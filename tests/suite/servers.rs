//! Servers against theory, and what they do when they are scaled, resized, share a machine or run out of memory.

use loadstone::check;
use loadstone::component::log::What;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::{Metrics, Station};
use loadstone::scenario::Scenario;
use loadstone::time::{SECOND, from_s, to_s};

fn open(text: &str) -> Scenario {
    let (scenario, problems) = check::open(text);
    assert!(!check::refused(&problems), "the test's own scenario has errors: {problems:?}");
    scenario.expect("a scenario without errors")
}

/// Runs a design of users, servers and what else it says, from 100 s on if it is longer than that.
fn run(text: &str) -> Engine<Metrics> {
    let scenario = open(text);
    let warmup = if scenario.run_s > 1000.0 { from_s(100.0) } else { 0 };
    let mut engine = Engine::new(&scenario, Metrics::new(warmup, SECOND));
    assert_eq!(engine.run_until(from_s(scenario.run_s), u64::MAX), Progress::Reached, "{text}");
    engine.recorder.settle(from_s(scenario.run_s));
    engine
}

/// One server with these parameters, fed at this rate over a network without latency.
fn server(rate_rps: f64, params: &str, run_s: u32, timeline: &str) -> Engine<Metrics> {
    run(&format!(
        r#"{{"loadstone":1,"name":"server","seed":21,"run_s":{run_s},
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":{rate_rps},"keep_alive_s":100000,"timeout_ms":10000000}}}},
                 {{"id":"web","kind":"server","params":{{{params}}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":0}}}}],
        "timeline":[{timeline}]}}"#
    ))
}

fn station<'a>(engine: &'a Engine<Metrics>, id: &str) -> &'a Station {
    let node = engine.net().nodes.iter().position(|n| n.id == id).unwrap_or_else(|| panic!("{id} is not there"));
    &engine.recorder.nodes[node]
}

fn instances(engine: &Engine<Metrics>) -> u32 {
    engine.net().nodes.iter().find(|n| n.id == "web").map_or(0, |n| n.instances)
}

/// When, in seconds, and what the log says.
fn log(engine: &Engine<Metrics>) -> Vec<(f64, &'static str)> {
    engine.recorder.log.iter().map(|e| (to_s(e.at), e.what.name())).collect()
}

fn near(what: &str, measured: f64, theory: f64, tolerance: f64) {
    let off = measured / theory - 1.0;
    println!("{what}: theory {theory:.4}, measured {measured:.4}, off by {:+.2} %", off * 100.0);
    assert!(off.abs() <= tolerance, "{what}: measured {measured}, theory {theory}, off by {:.2} %", off * 100.0);
}

/// M/G/1 with processor sharing: the mean time is that of M/M/1, 5 service times at load 0.8, however the service times
/// vary (Kleinrock, Queueing Systems II, 4.4); and one of x service times stays x / (1 - load) on average.
#[test]
fn sharing_makes_the_mean_independent_of_the_variance() {
    for (service, tolerance) in [("8", 0.02), (r#"{"exponential":8}"#, 0.03), (r#"{"gamma":{"mean":8,"cv":2}}"#, 0.05)]
    {
        let params = format!(r#""cores":1,"discipline":"ps","workers":10000000,"service_ms":{service}"#);
        let engine = server(100.0, &params, 8_000, "");
        let mean = engine.recorder.latency().mean_ms().expect("requests were answered");
        near(&format!("M/G/1-PS, service {service}"), mean / 8.0, 5.0, tolerance);
        let web = station(&engine, "web");
        near("its utilization", web.busy_area as f64 / (engine.now() - from_s(100.0)) as f64, 0.8, 0.02);
    }
}

/// M/M/2 with processor sharing has the mean of M/M/2 first come, first served: both serve at min(n, 2).
#[test]
fn two_shared_cores_are_as_quick_as_two_in_order() {
    let params = r#""cores":2,"discipline":"ps","workers":10000000,"service_ms":{"exponential":16}"#;
    let engine = server(100.0, params, 8_000, "");
    // Erlang C for two cores at load 0.8: mean time 1 / (1 - 0.64).
    near("M/M/2-PS", engine.recorder.latency().mean_ms().unwrap_or(0.0) / 16.0, 1.0 / 0.36, 0.03);
}

/// Erlang's loss formula: 10 workers without a backlog, 10 Erlangs offered; .21458, whatever the service times.
#[test]
fn without_a_backlog_requests_are_lost_by_erlangs_formula() {
    for service in [r#"{"exponential":100}"#, "100"] {
        let params = format!(r#""cores":10,"workers":10,"backlog":0,"service_ms":{service}"#);
        let web = server(100.0, &params, 3_000, "");
        let web = station(&web, "web");
        near(&format!("Erlang B, service {service}"), web.refused as f64 / web.arrivals as f64, 0.21458, 0.02);
    }
}

/// M/M/c/K with 10 cores and room for 20, 12 Erlangs offered.
#[test]
fn a_bounded_backlog_loses_what_theory_says() {
    let params = r#""cores":10,"workers":10,"backlog":10,"service_ms":{"exponential":100}"#;
    let engine = server(120.0, params, 3_000, "");
    let web = station(&engine, "web");
    near("M/M/10/20 loss", web.refused as f64 / web.arrivals as f64, 0.17967, 0.03);
    near("M/M/10/20 mean", engine.recorder.latency().mean_ms().unwrap_or(0.0) / 100.0, 1.6360, 0.02);
}

/// Each instance has cores and workers of its own: two M/M/1, each fed by every second request (an Erlang-2 stream,
/// which waits less than a Poisson stream), and not one M/M/2.
#[test]
fn instances_are_machines_of_their_own() {
    let one = r#""cores":1,"workers":1,"backlog":0,"service_ms":10000"#;
    let all = r#""instances":3,"cores":1,"workers":1,"backlog":0,"service_ms":10000"#;
    let held = |params: &str| {
        let engine = server(100.0, params, 5, "");
        assert_eq!(station(&engine, "web").cores_busy as u64, station(&engine, "web").inside, "each holds a core");
        station(&engine, "web").inside
    };
    assert_eq!((held(one), held(all)), (1, 3), "one worker each");
    let params = r#""instances":2,"cores":1,"workers":10000000,"service_ms":{"exponential":16}"#;
    let engine = server(100.0, params, 8_000, "");
    // E2/M/1 (Kleinrock, Queueing Systems I, 6.4): the root of s = (2·λ' / (2·λ' + μ(1 - s)))² at load 0.8 is .7016.
    let (mut s, rho) = (0.5f64, 0.8f64);
    for _ in 0..1000 {
        let base = 2.0 * rho / (2.0 * rho + 1.0 - s);
        s = base * base;
    }
    near("E2/M/1", engine.recorder.latency().mean_ms().unwrap_or(0.0) / 16.0, 1.0 / (1.0 - s), 0.03);
}

/// A server and a database in one box, each half of the load: together one M/M/1 at load 0.8, each of them slowed by
/// the other. Alone each would be at 0.4.
#[test]
fn two_roles_on_one_machine_share_its_cores() {
    let shared = |host: &str| {
        run(&format!(
            r#"{{"loadstone":1,"name":"box","seed":5,"run_s":8000,
            "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":100,"write_share":0,"keep_alive_s":100000}}}},
                     {{"id":"web","kind":"server","params":{{"cores":1,"workers":10000000,"service_ms":{{"exponential":4}}}}}},
                     {{"id":"db","kind":"database","params":{{{host}"cores":1,"connections":10000000,"read_ms":{{"exponential":4}}}}}}],
            "links":[{{"from":"users","to":"web","params":{{"latency_ms":0}}}},{{"from":"web","to":"db","params":{{"latency_ms":0}}}}]}}"#
        ))
    };
    let (apart, together) = (shared(""), shared(r#""host":"web","#));
    let mean = |engine: &Engine<Metrics>| engine.recorder.latency().mean_ms().unwrap_or(0.0);
    near("two M/M/1 at 0.4 in a row", mean(&apart), 2.0 * 4.0 / 0.6, 0.02);
    // A request comes back to the same queue once: a class-independent product form, Σ per visit 4 / (1 - 0.8).
    near("one M/M/1 at 0.8, visited twice", mean(&together), 2.0 * 4.0 / 0.2, 0.04);
    let span = (together.now() - from_s(100.0)) as f64;
    for id in ["web", "db"] {
        near(&format!("busy by {id}"), station(&together, id).busy_area as f64 / span, 0.4, 0.02);
    }
}

/// What breaks a machine breaks all who run on it, and they start when it has started.
#[test]
fn a_machine_takes_its_guests_down_with_it() {
    let text = r#"{"loadstone":1,"name":"box","seed":5,"run_s":60,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":50}},
                 {"id":"db","kind":"database","params":{"host":"web"}},
                 {"id":"web","kind":"server","params":{"boot_s":7}}],
        "links":[{"from":"users","to":"web"},{"from":"web","to":"db"}],
        "timeline":[{"at_s":10,"node":"web","do":"crash"},{"at_s":15,"node":"db","do":"recover"},{"at_s":20,"node":"web","do":"recover"},
                    {"at_s":40,"node":"db","do":"crash"},{"at_s":41,"node":"db","do":"recover"},
                    {"at_s":50,"node":"web","do":"set","param":"cores","value":4}]}"#;
    let engine = run(text);
    let told: Vec<String> = engine
        .recorder
        .log
        .iter()
        .map(|e| format!("{} {} {}", to_s(e.at), engine.net().nodes[e.node as usize].id, e.what.name()))
        .collect();
    let expected = [
        "10 web crash",
        "10 db crash",
        "15 db ignored",
        "20 web recover",
        "20 db recover",
        "27 web booted",
        "27 db booted",
        "40 db crash",
        "41 db recover",
        "50 web set",
        "50 web resized",
        "50 db resized",
        "57 web booted",
        "57 db booted",
    ];
    assert_eq!(told, expected, "a guest cannot run without its machine, but a machine without its guest");
}

/// Kubernetes' formula in a run: 2 cores' worth of load at a target of half is 4 instances of one core, each of which
/// boots; when the load is gone, down to the least after the window of 300 s.
#[test]
fn autoscaling_follows_the_load_with_boot_time() {
    let params = r#""cores":1,"workers":100000,"backlog":100000,"service_ms":20,"boot_s":20,
        "autoscale":{"target_share":0.5,"min":2,"max":8}"#;
    let calm = r#"{"at_s":300,"node":"users","do":"load","factor":0.1}"#;
    let engine = server(100.0, params, 800, calm);
    let scaled: Vec<(f64, f64)> = engine
        .recorder
        .log
        .iter()
        .filter(|e| matches!(e.what, What::Scaled(_)))
        .map(|e| (to_s(e.at), e.what.number().expect("how many").1))
        .collect();
    // At 15 s both are full: 4. At 45 s a queue is left from before they had booted, so all are still full: 8.
    assert_eq!(scaled.first(), Some(&(15.0, 4.0)), "{scaled:?}");
    let last = scaled.last().copied().expect("it was scaled");
    assert_eq!(last.1, 2.0, "the least in the end: {scaled:?}");
    assert!((600.0..=630.0).contains(&last.0), "300 s after the last wish for more: {scaled:?}");
    assert_eq!(instances(&engine), 2);
    let web = station(&engine, "web");
    assert_eq!(web.failed + web.refused, 0, "instances that leave finish what they have");
    let cores = web.mean_cores(engine.now(), 0.0);
    assert!(cores > 3.0 && cores < 8.0, "the mean number of cores over the run: {cores}");
}

/// 100 requests of 50 MB each do not fit into 4 GB: the process dies, its callers get a reset, and it starts again.
#[test]
fn too_many_requests_at_once_kill_the_process() {
    let params = r#""cores":1,"workers":1000,"memory_gb":4,"request_mb":50,"service_ms":200,"boot_s":5"#;
    let engine = server(50.0, params, 8, "");
    let log = log(&engine);
    assert_eq!(log.iter().map(|l| l.1).collect::<Vec<_>>(), ["out_of_memory", "booted"], "{log:?}");
    // 45 of 50 requests a second stay: 4096 / 50 = 81 are there after about 1.8 s.
    assert!((1.4..2.4).contains(&log[0].0) && (log[1].0 - log[0].0 - 5.0).abs() < 1e-9, "{log:?}");
    assert_eq!(engine.recorder.requests.errors.get("reset"), Some(&82), "all who were inside: {log:?}");
    let enough = server(50.0, &params.replace("50,", "1,"), 9, "");
    assert!(enough.recorder.log.is_empty(), "1 MB each fits: {:?}", enough.recorder.log);
}

/// Of several instances only the one that is out of memory dies; the others take the requests.
#[test]
fn out_of_memory_takes_one_instance() {
    let params = r#""instances":4,"cores":1,"workers":1000,"memory_gb":1,"request_mb":50,
        "service_ms":{"gamma":{"mean":200,"cv":3}},"boot_s":5"#;
    let engine = server(12.0, params, 40, "");
    let log = log(&engine);
    assert!(!log.is_empty() && log.iter().all(|l| l.1 == "out_of_memory"), "{log:?}");
    let count = |cause: &str| engine.recorder.requests.errors.get(cause).copied().unwrap_or(0);
    // 1024 / 50 = 20 requests fit, the one more kills all of them.
    assert_eq!(count("reset"), 21 * log.len() as u64, "all who were in that instance: {log:?}");
    assert_eq!(count("refused"), 0, "the others take the requests meanwhile: {log:?}");
}

/// A machine that is resized restarts: S5 in "scale from zero". Other settings do not restart it.
#[test]
fn another_size_restarts_the_machine() {
    let change = |param: &str, value: &str| {
        let timeline = format!(r#"{{"at_s":20,"node":"web","do":"set","param":"{param}","value":{value}}}"#);
        let engine = server(50.0, r#""boot_s":10,"service_ms":2"#, 60, &timeline);
        (log(&engine), engine.recorder.requests.failed)
    };
    for (param, value) in [("cores", "8"), ("memory_gb", "64")] {
        let (log, failed) = change(param, value);
        assert_eq!(log, [(20.0, "set"), (20.0, "resized"), (30.0, "booted")], "{param}");
        assert!((400..600).contains(&failed), "ten seconds of 50 requests each: {failed} failed, {param}");
    }
    assert_eq!(change("workers", "8"), (vec![(20.0, "set")], 0), "more workers are only a setting");
}

/// Ten clients, two servers: with sessions in memory and no sticky balancer they are logged out again and again; one
/// server that restarts logs all of its users out, once.
#[test]
fn sessions_in_memory_are_lost_with_their_server() {
    let users = |sessions: &str| {
        let params = format!(r#""boot_s":1,"sessions":"{sessions}""#);
        let crash = r#"{"at_s":30,"node":"web","do":"crash"},{"at_s":31,"node":"web","do":"recover"}"#;
        let engine = run(&format!(
            r#"{{"loadstone":1,"name":"sessions","seed":3,"run_s":60,
            "nodes":[{{"id":"users","kind":"users","params":{{"users":10,"think_ms":500}}}},
                     {{"id":"web","kind":"server","params":{{{params}}}}}],
            "links":[{{"from":"users","to":"web"}}],"timeline":[{crash}]}}"#
        ));
        let lost =
            engine.recorder.log.iter().find_map(|e| if let What::SessionsLost(n) = e.what { Some(n) } else { None });
        (station(&engine, "web").logged_out, lost)
    };
    assert_eq!(users("memory"), (10, Some(10)), "all ten, once");
    assert_eq!(users("stateless"), (0, None));
    assert_eq!(users("shared"), (0, None));
}

/// Fan-out: one of 100 calls, each slow with a chance of 1 %, makes 63.4 % of the requests slow.
#[test]
fn a_rare_slow_call_is_common_where_many_are_made() {
    let engine = run(r#"{"loadstone":1,"name":"fan-out","seed":9,"run_s":200,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":20,"keep_alive_s":1000}},
                 {"id":"web","kind":"server","params":{"service_ms":0}},
                 {"id":"leaf","kind":"server","params":{"cores":1024,"workers":1000000,
                    "service_ms":{"percentiles":{"p50":1,"p95":1.0001,"p99":1.0002}}}}],
        "links":[{"from":"users","to":"web","params":{"latency_ms":0}},
                 {"from":"web","to":"leaf","params":{"latency_ms":0,"calls":100,"parallel":true}}]}"#);
    // Beyond the leaf's p99 of 1.0002 ms: 1 - .99^100 of the requests have at least one such call.
    let leaf = station(&engine, "leaf");
    assert_eq!(leaf.arrivals, 100 * station(&engine, "web").arrivals, "a hundred calls each");
    let quantile = |q: f64| engine.recorder.latency().quantile_ms(q).unwrap_or(0.0);
    let (below, above) = (quantile(0.36), quantile(0.38));
    assert!(below <= above, "{below} and {above}");
    assert!(engine.recorder.latency().quantile_ms(0.3).unwrap_or(9.0) < 1.01, "a third is quick");
}

/// An endpoint's own service time and calls, instead of the server's and the links'.
#[test]
fn endpoints_have_their_own_cost_and_calls() {
    let engine = run(r#"{"loadstone":1,"name":"mix","seed":9,"run_s":100,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":40,"mix":[
                    {"name":"list","share":1,"service_ms":3,"calls":{"db":4}},
                    {"name":"post","share":1,"writes":true,"calls":{"other":1}},
                    {"name":"logo","share":2,"static":true,"service_ms":0.5}]}},
                 {"id":"web","kind":"server","params":{"service_ms":1}},
                 {"id":"db","kind":"database","params":{"read_ms":0}},
                 {"id":"other","kind":"server","params":{"service_ms":0}}],
        "links":[{"from":"users","to":"web"},{"from":"web","to":"db"},{"from":"web","to":"other"}]}"#);
    let arrivals = |id: &str| station(&engine, id).arrivals as f64;
    near("calls of the database", arrivals("db") / arrivals("web"), 1.0, 0.06);
    near("calls of the other server", arrivals("other") / arrivals("web"), 0.25, 0.06);
    let busy = station(&engine, "web").busy_area as f64 / 1e6;
    near("core time per request in ms", busy / arrivals("web"), 3.0 / 4.0 + 1.0 / 4.0 + 0.5 / 2.0, 0.03);
}

/// More instances at run time boot first; fewer leave when they are empty.
#[test]
fn instances_can_be_set_while_it_runs() {
    let timeline = r#"{"at_s":10,"node":"web","do":"set","param":"instances","value":5},
                      {"at_s":40,"node":"web","do":"set","param":"instances","value":1}"#;
    let engine =
        server(200.0, r#""cores":1,"service_ms":20,"boot_s":15,"backlog":100000,"workers":100000"#, 60, timeline);
    assert_eq!(instances(&engine), 1);
    let web = station(&engine, "web");
    assert_eq!(web.failed + web.refused, 0, "nobody is turned away");
    // One core from 0 to 25 s and from 40 s on, five in between.
    near("mean cores", web.mean_cores(engine.now(), 0.0), (45.0 + 5.0 * 15.0) / 60.0, 0.001);
}

/// Cache-aside: every miss and nothing else reads the database, and is put in; a write goes to the database and throws
/// the record out, so that the next read of it misses. A cache that is gone costs a read of the database, no answer.
#[test]
fn a_cache_spares_the_database_what_it_knows() {
    let site = |write_share: f64, timeline: &str| {
        run(&format!(
            r#"{{"loadstone":1,"name":"aside","seed":8,"run_s":200,
            "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":50,"keys":100,"zipf":0,"write_share":{write_share}}}}},
                     {{"id":"web","kind":"server","params":{{"service_ms":0.1}}}},
                     {{"id":"db","kind":"database","params":{{"read_ms":0.1,"write_ms":0.1}}}},{{"id":"cache","kind":"cache"}}],
            "links":[{{"from":"users","to":"web"}},{{"from":"web","to":"db","params":{{"latency_ms":0.1}}}},
                     {{"from":"web","to":"cache","params":{{"latency_ms":0.1}}}}],
            "timeline":[{timeline}]}}"#
        ))
    };
    let reads = site(0.0, "");
    let (db, cache) = (station(&reads, "db").arrivals, station(&reads, "cache").arrivals);
    assert!((100..105).contains(&db), "each of 100 records is read once, or twice at once: {db}");
    assert_eq!(cache, station(&reads, "web").arrivals + db, "a look for each request, a fill for each miss");
    // A record is looked for 9 times for each write of it: the looks that come next after a write miss, 9 of 10 × 1 of 10.
    let mixed = site(0.1, "");
    let (db, web) = (station(&mixed, "db").arrivals as f64, station(&mixed, "web").arrivals as f64);
    near("writes and misses at the database", (db - 100.0) / web, 0.1 + 0.9 * 0.1, 0.05);
    let broken = site(0.0, r#"{"at_s":100,"node":"cache","do":"crash"}"#);
    assert_eq!(broken.recorder.requests.failed, 0, "the database answers instead: {:?}", broken.recorder.requests);
    let db = station(&broken, "db").arrivals as f64;
    near("all reads go to the database from then on", db - 100.0, 100.0 * 50.0, 0.05);
}

/// A cache on the server's machine takes its memory from it: the larger one of the two goes.
#[test]
fn a_cache_in_the_same_box_shares_its_memory() {
    let engine = run(r#"{"loadstone":1,"name":"box","seed":8,"run_s":60,
        "nodes":[{"id":"users","kind":"users","params":{"rate_rps":100,"write_share":0,"keys":1000000,"zipf":0,"response_kb":1000}},
                 {"id":"web","kind":"server","params":{"memory_gb":1}},{"id":"db","kind":"database"},
                 {"id":"cache","kind":"cache","params":{"host":"web","capacity_items":1000000}}],
        "links":[{"from":"users","to":"web"},{"from":"web","to":"cache"},{"from":"web","to":"db"}]}"#);
    let killed: Vec<f64> =
        engine.recorder.log.iter().filter(|e| e.what == What::OutOfMemory).map(|e| to_s(e.at)).collect();
    // 100 records of a megabyte a second: 1 GiB is full every 10.7 s.
    assert_eq!(killed.len(), 5, "{killed:?}");
    assert!((killed[0] - 10.7).abs() < 1.0, "{killed:?}");
    let cache = engine.net().nodes.iter().position(|n| n.id == "cache");
    let only = engine.recorder.log.iter().all(|e| Some(e.node as usize) == cache);
    assert!(only, "the cache is the largest process: {:?}", log(&engine));
}

/// Instances that were booting when their node crashed have no alarm any more that could be taken back: its place in the
/// queue is somebody else's by then, such as a user's next request.
#[test]
fn to_shrink_while_it_is_down_takes_nobodys_alarms() {
    let timeline = r#"{"at_s":10,"node":"web","do":"set","param":"instances","value":5},
        {"at_s":15,"node":"web","do":"crash","for_s":45},
        {"at_s":40,"node":"web","do":"set","param":"instances","value":1}"#;
    // Which alarm it would be is luck.
    for seed in 0..20 {
        let text = format!(
            r#"{{"loadstone":1,"name":"shrink","seed":{seed},"run_s":200,
            "nodes":[{{"id":"a","kind":"users","params":{{"rate_rps":1,"arrivals":"constant"}}}},
                     {{"id":"b","kind":"users","params":{{"rate_rps":1,"arrivals":"constant"}}}},
                     {{"id":"web","kind":"server","params":{{"boot_s":10}}}},{{"id":"api","kind":"server","params":{{}}}}],
            "links":[{{"from":"a","to":"api"}},{{"from":"b","to":"api"}},{{"from":"api","to":"web"}}],
            "timeline":[{timeline}]}}"#
        );
        let engine = run(&text);
        assert_eq!(instances(&engine), 1);
        let issued = engine.recorder.requests.issued;
        assert!((398..=400).contains(&issued), "seed {seed}: two ask once a second for 200 s, {issued} times in all");
    }
}

/// Nor do users whose load changes while they are down: they set no alarm until they are back.
#[test]
fn a_load_that_changes_while_its_users_are_down_takes_nobodys_alarms() {
    let sources = [(r#""rate_rps":2"#, 60..=140), (r#""users":1,"think_ms":500"#, 70..=110)];
    for (seed, (source, times)) in (0..20).flat_map(|seed| sources.clone().map(|source| (seed, source))) {
        let text = format!(
            r#"{{"loadstone":1,"name":"load","seed":{seed},"run_s":100,
            "nodes":[{{"id":"a","kind":"users","params":{{{source}}}}},
                     {{"id":"b","kind":"users","params":{{"rate_rps":1}}}}, {{"id":"c","kind":"users","params":{{"rate_rps":1}}}},
                     {{"id":"web","kind":"server","params":{{}}}}],
            "links":[{{"from":"a","to":"web"}},{{"from":"b","to":"web"}},{{"from":"c","to":"web"}}],
            "timeline":[{{"at_s":10,"node":"a","do":"crash","for_s":50}},
                        {{"at_s":20,"node":"a","do":"load","factor":3,"for_s":20}}]}}"#
        );
        let engine = run(&text);
        let [a, b, c] = [0, 1, 2].map(|node| engine.recorder.nodes[node].arrivals);
        assert!(times.contains(&a), "seed {seed}, {source}: a asks about twice a second for 50 s, {a} times in all");
        let steady = 60..=140;
        assert!(
            steady.contains(&b) && steady.contains(&c),
            "seed {seed}, {source}: each asks about 100 times: {b}, {c}"
        );
    }
}
