//! The command line, as a person or a script uses it: output, problems and exit codes.

use loadstone::codec;
use loadstone::component::KINDS;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// What a command printed and said, and its exit code.
pub struct Answer {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

/// Runs the program with this input.
pub fn loadstone(args: &[&str], input: &str) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_loadstone"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A command that reads no input may be gone before it is written.
    let _ = child.stdin.take().expect("the input is a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    Answer { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
}

#[test]
fn a_file_goes_through_a_link_and_back() {
    for example in codec::examples() {
        let file = codec::write(&example.scenario);
        let link = loadstone(&["link", "-", "--base", "https://example.org/sim/#old"], &file);
        assert_eq!((link.code, link.err.as_str()), (Some(0), ""), "{}", example.slug);
        assert!(link.out.starts_with("https://example.org/sim/#A"), "{}: {}", example.slug, link.out);
        let back = loadstone(&["unlink", link.out.trim()], "");
        assert_eq!((back.code, back.err.as_str()), (Some(0), ""), "{}", example.slug);
        assert_eq!(back.out, file, "{} changes on the way", example.slug);
    }
}

#[test]
fn errors_end_with_code_2_and_warnings_do_not() {
    let good = loadstone(&["check", "-"], &codec::write(&codec::examples()[0].scenario));
    assert_eq!((good.code, good.out.as_str(), good.err.as_str()), (Some(0), "", ""));
    let odd = loadstone(&["check", "-"], r#"{"loadstone": 1, "nodes": [{"id": "u", "kind": "users"}]}"#);
    assert_eq!(odd.code, Some(0), "{}", odd.err);
    assert!(odd.err.starts_with("warning: nodes[0] (u): has no path"), "{}", odd.err);
    let bad = r#"{"loadstone": 1, "nodes": [{"id": "w", "kind": "server", "params": {"workers": 0}}]}"#;
    for command in ["check", "link"] {
        let answer = loadstone(&[command, "-"], bad);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{command}");
        assert_eq!(
            answer.err, "error: nodes[0].params.workers (w): is 0, but must be a whole number from 1 to 10000000\n",
            "{command}"
        );
    }
    for args in [&["check", "no such file"][..], &["unlink", "AQ"], &["unlink", "#"]] {
        let answer = loadstone(args, "");
        assert_eq!(answer.code, Some(2), "{args:?}");
        assert!(answer.err.starts_with("error: "), "{args:?}: {}", answer.err);
    }
}

#[test]
fn the_reference_names_every_parameter() {
    let text = loadstone(&["kinds"], "").out;
    let json: Value = serde_json::from_str(&loadstone(&["kinds", "--json"], "").out).expect("kinds --json is JSON");
    for (i, spec) in KINDS.iter().map(|k| k.spec()).enumerate() {
        assert_eq!(json["kinds"][i]["id"], spec.id);
        for (j, param) in spec.params.iter().enumerate() {
            assert!(text.contains(&format!("  {} [", param.name)), "{}.{} is not in the text", spec.id, param.name);
            let listed = &json["kinds"][i]["params"][j];
            assert_eq!(listed["name"], param.name, "{}", spec.id);
            assert_eq!(listed["default"], param.default.to_value(), "{}.{}", spec.id, param.name);
        }
    }
}

#[test]
fn a_run_is_reported_for_people_and_for_programs() {
    let greeting = codec::examples().last().expect("there are examples");
    let file = codec::write(&greeting.scenario);
    let json = |args: &[&str]| -> Value {
        let answer = loadstone(&[&["run", "-", "--json"], args].concat(), &file);
        assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{args:?}");
        serde_json::from_str(&answer.out).expect("run --json prints JSON")
    };
    let (whole, short) = (json(&[]), json(&["--for", "30s", "--warmup", "5s", "--series", "10s"]));
    assert_eq!(whole["simulated_s"], greeting.scenario.run_s);
    assert!(whole["requests"]["ok"].as_u64() > Some(1000), "{}", whole["requests"]);
    let promoted = whole["log"].as_array().into_iter().flatten().find(|entry| entry["what"] == "promoted");
    let lost = promoted.and_then(|entry| entry["writes_lost"].as_u64());
    assert!(lost > Some(0), "the greeting example lost no writes: {}", whole["log"]);
    assert_eq!(whole["requests"]["writes_lost"].as_u64(), lost);
    assert_eq!((&short["simulated_s"], &short["warmup_s"]), (&30.0.into(), &5.0.into()));
    assert_eq!(short["series"].as_array().map(Vec::len), Some(3), "{}", short["series"]);
    assert_eq!(json(&[])["trace_hash"], whole["trace_hash"], "the same file and seed ran otherwise");
    assert_ne!(json(&["--seed", "8"])["trace_hash"], whole["trace_hash"], "the seed makes no difference");

    let text = loadstone(&["run", "-"], &file).out;
    let hash = whole["trace_hash"].as_str().expect("the hash is a text");
    assert!(text.contains(hash) && text.contains("Database 1 crashed"), "{text}");
    for args in [&["--for", "0s"][..], &["--for", "soon"], &["--warmup", "10m"], &["--series", "0s"]] {
        let answer = loadstone(&[&["run", "-"], args].concat(), &file);
        assert_eq!(answer.code, Some(2), "{args:?}: {}", answer.err);
    }
}

/// What `trace` says of a request is what the report says of it, and Perfetto gets the same spans.
#[test]
fn a_request_is_traced() {
    let file = codec::write(&codec::examples()[2].scenario);
    let picture = loadstone(&["trace", "-", "--p99", "--for", "10s"], &file);
    assert_eq!((picture.code, picture.err.as_str()), (Some(0), ""));
    assert!(picture.out.contains("Answered after ") && picture.out.contains("Computing"), "{}", picture.out);
    let read = |out: &str| serde_json::from_str::<Value>(out).expect("JSON");
    let spans = read(&loadstone(&["trace", "-", "--p99", "--for", "10s", "--json", "spans"], &file).out);
    let ms = |of: &Value| (of["finished"].as_f64().unwrap() - of["wanted"].as_f64().unwrap()) / 1e6;
    let report = read(&loadstone(&["run", "-", "--for", "10s", "--json"], &file).out);
    let p99 = report["latency_ms"]["p99"].as_f64().expect("a percentile");
    assert!((ms(&spans) / p99 - 1.0).abs() < 0.01, "{} ms, but the 99th percentile is {p99} ms", ms(&spans));
    let request = format!("{}:{}", spans["users"].as_str().unwrap(), spans["ordinal"]);
    let perfetto = read(&loadstone(&["trace", "-", "--request", &request, "--json", "perfetto"], &file).out);
    let slices = perfetto["traceEvents"].as_array().unwrap().iter().filter(|e| e["ph"] == "X").count();
    assert_eq!(slices, spans["spans"].as_array().unwrap().len(), "the same request by its number");
    let nobody = loadstone(&["trace", "-", "--request", "web1", "--for", "10s"], &file);
    assert_eq!((nobody.code, nobody.out.as_str()), (Some(2), ""), "{}", nobody.err);
}
