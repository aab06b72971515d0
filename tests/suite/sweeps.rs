//! Sweeps, their shards and comparisons, as a script uses them.

use super::cli::loadstone;
use loadstone::codec;
use loadstone::metrics::compare::COMPARED;
use loadstone::sweep::{NUMBERS, Outcome, Watch};
use loadstone::time::{Nanos, from_s};
use loadstone::worker::{FromWorker, Session, ToWorker};
use serde_json::Value;
use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

/// One core of 5 ms: it carries 200 requests a second at most.
fn file(service_ms: f64) -> String {
    format!(
        r#"{{"loadstone":1,"name":"One core","seed":3,"run_s":20,
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":150}}}},
                 {{"id":"web","kind":"server","params":{{"cores":1,"service_ms":{{"exponential":{service_ms}}}}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":1}}}}]}}"#
    )
}

/// A folder that no other test uses, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("loadstone-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files can be made");
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a temporary file can be written");
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn shards_of_a_sweep_merge_into_the_same_table() {
    let folder = Folder::new("shards");
    let run = |length: &str, more: &[&str]| {
        let grid = ["sweep", "-", "--set", "users.rate_rps=60..240:4", "--set", "web.cores=1,2"];
        let rest = ["--seeds", "3", "--for", length, "--warmup", "1s", "--slo", "p99_ms=60"];
        loadstone(&[&grid[..], &rest, more].concat(), &file(5.0))
    };
    let sweep = |more: &[&str]| {
        let answer = run("8s", more);
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{more:?}");
        answer.out
    };
    let shards: Vec<String> =
        (0..5).map(|i| folder.write(&format!("{i}.jsonl"), &sweep(&["--shard", &format!("{i}/5")]))).collect();
    let merge = |shards: &[String], more: &[&str]| {
        let files: Vec<&str> = shards.iter().map(String::as_str).collect();
        loadstone(&[&["merge"], more, &files[..]].concat(), "")
    };
    let whole = sweep(&[]);
    assert_eq!(merge(&shards, &[]).out, whole, "the table of the shards");
    let mut turned = shards.clone();
    turned.reverse();
    assert_eq!(merge(&turned, &["--json"]).out, sweep(&["--json"]), "in another order, as JSON");

    // With two cores the knee lies beyond what was tried, with one far below 200.
    assert!(whole.contains("Most users.rate_rps within p99 ≤ 60 ms, with web.cores 2: at least 240"), "{whole}");
    let json: Value = serde_json::from_str(&sweep(&["--json"])).expect("--json prints JSON");
    let most = json["knees"][0]["most"]["mean"].as_f64().expect("a knee with one core");
    // M/M/1: p99 is 2 ms of network and ln 100 / (μ - λ), which is 58 ms at λ = 120.6 per second.
    assert!((100.0..=150.0).contains(&most), "the knee with one core is at {most}");
    assert_eq!(json["settings"][6]["bottleneck"]["node"], "web");

    for (what, files, said) in
        [("one missing", &shards[1..], "5 of 24 rows are missing, the first is row 0"), ("none", &[], "required")]
    {
        let answer = merge(files, &[]);
        assert!(answer.code == Some(2) && answer.err.contains(said), "{what}: {}", answer.err);
    }
    let other = run("9s", &["--shard", "0/5"]);
    let mixed = [shards[1].clone(), folder.write("other.jsonl", &other.out)];
    let answer = merge(&mixed, &[]);
    assert!(answer.code == Some(2) && answer.err.contains("this shard is of another sweep"), "{}", answer.err);
}

#[test]
fn a_sweep_that_makes_no_sense_says_why() {
    for (args, said) in [
        (&["--set", "web.cores=0"][..], "must be a whole number from 1 to 1024"),
        (&["--set", "db.cores=1"], "names no parameter of this scenario"),
        (&["--set", "web.core=1"], "there is no parameter core; there are cores"),
        (&["--set", "web.cores=1..4"], "1..4 is no range"),
        (&["--set", "web.cores=1,2", "--set", "web.cores=3"], "web.cores is set twice"),
        (&["--set", "web.overflow=refuse,drop", "--slo", "p99_ms=9"], "needs numbers that ascend"),
        (&["--set", "web.cores=1", "--shard", "4/4"], "4/4 is no shard"),
        (&["--set", "users.rate_rps=1..9:100000", "--seeds", "1000"], "more than 1000000 runs"),
    ] {
        let answer = loadstone(&[&["sweep", "-"], args].concat(), &file(5.0));
        assert!(answer.code == Some(2) && answer.out.is_empty(), "{args:?}: {}", answer.out);
        assert!(answer.err.contains(said), "{args:?}: {}", answer.err);
    }
}

#[test]
fn a_comparison_finds_what_differs_and_nothing_else() {
    let folder = Folder::new("compare");
    let (slow, quick) = (folder.write("a.json", &file(5.0)), folder.write("b.json", &file(4.5)));
    let compare = |a: &str, b: &str, more: &[&str]| {
        let answer = loadstone(&[&["compare", a, b, "--seeds", "6"], more].concat(), "");
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
        answer.out
    };
    let json: Value = serde_json::from_str(&compare(&slow, &quick, &["--json"])).expect("--json prints JSON");
    let difference = |name: &str| json["differences"][name]["difference"]["ci95"][1].as_f64().expect(name);
    for name in ["mean_ms", "p50_ms", "p99_ms", "utilization of web"] {
        assert!(difference(name) < 0.0, "{name}: {}", json["differences"][name]);
    }
    // The same arrivals and the same luck: 150 × 0.5 ms less work, to within a few per cent.
    let busy = json["differences"]["utilization of web"]["difference"]["mean"].as_f64().unwrap_or(0.0);
    assert!((busy + 0.075).abs() < 0.004, "utilization differs by {busy}");
    let text = compare(&slow, &quick, &[]);
    assert!(
        text.contains("B's p99 is lower by ") && text.contains("No difference in throughput can be told"),
        "{text}"
    );
    let same = compare(&slow, &slow, &[]);
    assert!(same.contains("The p99 is the same for both."), "{same}");
}

#[test]
fn a_session_makes_the_same_row_as_the_command_line() {
    for warmup in [0, from_s(4.1)] {
        assert_same_row(warmup);
    }
}

fn assert_same_row(warmup: Nanos) {
    let text = r#"{"loadstone": 1, "seed": 5, "run_s": 20, "nodes": [{"id": "u", "kind": "users", "params": {"rate_rps": 250}},
        {"id": "web", "kind": "server", "params": {"cores": 1, "workers": 40, "backlog": 10}}], "links": [{"from": "u", "to": "web"}]}"#;
    let document = loadstone::check::open(text).0.expect("it can be read");
    let outcome = Outcome::of(&document, from_s(20.0), warmup);
    let mut session = Session::default();
    session.hear(ToWorker::Warmup(warmup), 0.0);
    session.hear(ToWorker::Load { document: codec::write_compact(&document), restart: true }, 0.0);
    session.hear(ToWorker::Seek(from_s(20.0)), 0.0);
    let (clock, mut watch) = (Cell::new(0.0), Watch::new(document, warmup));
    let told = (0..10_000).find_map(|_| {
        clock.set(clock.get() + 40.0);
        let (messages, _) = session.work(&|| clock.get());
        messages.iter().find_map(|m| if let FromWorker::Frame(frame) = m { watch.hear(frame) } else { None })
    });
    let told = told.expect("the session comes to the end of the run");
    assert!(outcome.error_share > Some(0.0), "the server is meant to refuse some: {outcome:?}");
    for name in NUMBERS.iter().chain(COMPARED) {
        assert_eq!(told.number(name), outcome.number(name), "{name} differs");
    }
    assert_eq!(told.trace_hash, outcome.trace_hash);
    let (seen, busy) = (told.utilization["web"], outcome.utilization["web"]);
    assert!((seen - busy).abs() < 1e-9, "utilization {seen}, not {busy}");
}

#[test]
fn the_series_is_a_table_and_the_files_own_promises_count() {
    let folder = Folder::new("series");
    let path = folder.write("one.json", &file(5.0).replacen("\"run_s\"", "\"slo\":{\"p99_ms\":40},\"run_s\"", 1));
    let csv = loadstone(&["run", &path, "--series", "2s", "--csv"], "").out;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 11, "a head and ten intervals of 2 s:\n{csv}");
    assert!(lines[0].starts_with("from_s,to_s,rate_rps,") && lines[0].contains(",web.utilization,"), "{}", lines[0]);
    assert!(lines.iter().all(|l| l.split(',').count() == lines[0].split(',').count()), "ragged rows:\n{csv}");
    let swept = loadstone(&["sweep", &path, "--set", "users.rate_rps=50..190:4", "--seeds", "2"], "").out;
    assert!(swept.contains("Most users.rate_rps within p99 ≤ 40 ms: "), "{swept}");
}
