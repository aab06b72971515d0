//! Files: exact for every document, hostile ones answered at once, and every problem in words.

use crate::designs::{documents, sensible};
use expect_test::{Expect, expect};
use loadstone::check;
use loadstone::codec;
use proptest::prelude::*;
use serde_json::json;

/// The problems of a file, one a line.
fn check(json: &str, expected: Expect) {
    let (_, problems) = check::open(json);
    let lines: Vec<String> = problems.iter().map(|p| format!("{p}\n")).collect();
    expected.assert_eq(&lines.concat());
}

proptest! {
    #[test]
    fn every_document_survives_its_file(document in documents()) {
        let lean = codec::without_defaults(&document);
        for text in [codec::write(&document), codec::write_compact(&document)] {
            let (back, problems) = codec::read(&text);
            let errors: Vec<_> = problems.iter().filter(|p| p.is_error()).collect();
            prop_assert!(errors.is_empty(), "{:?}\n{}", errors, text);
            prop_assert_eq!(back.as_ref(), Some(&lean), "{}", text);
            prop_assert_eq!(codec::write(&lean), codec::write(&back.unwrap_or_default()), "{}", text);
        }
    }

    #[test]
    fn checking_any_document_has_an_end(document in documents()) {
        let _ = check::check(&document);
    }

    #[test]
    fn what_fits_one_by_one_has_only_errors_of_the_whole(design in sensible()) {
        for problem in check::check(&design).into_iter().filter(|p| p.is_error()) {
            let known = ["ring", "primary", "primaries", "replica", "no path there", "interval between checks"];
            prop_assert!(known.iter().any(|word| problem.message.contains(word)), "{}", problem);
        }
    }

    #[test]
    fn any_text_has_an_answer(text in "\\PC{0,100}|[\\[\\]{}\",:0-9eE.-]{0,60}") {
        let _ = check::open(&text);
    }
}

#[test]
fn hostile_files_are_answered() {
    check(
        &"[".repeat(1_000_000),
        expect![[r#"
        error: lists and objects lie more than 16 deep in each other; no design needs that
    "#]],
    );
    let million = format!(r#"{{"loadstone": 1, "nodes": [{}{{}}]}}"#, "{},".repeat(999_999));
    check(
        &million,
        expect![[r#"
        error: a list has more than 10000 entries; a design has at most 2000 nodes, 10000 links and 10000 timeline entries
    "#]],
    );
    let thousands = format!(r#"{{"loadstone": 1, "nodes": [{}{{}}]}}"#, "{},".repeat(2_999));
    check(
        &thousands,
        expect![[r#"
        error: nodes: has 3000 entries, but at most 2000 are allowed
    "#]],
    );
    check(
        r#"{"loadstone": 1, "run_s": NaN}"#,
        expect![[r#"
        error: this is not JSON: expected value at line 1 column 27
    "#]],
    );
    check(
        r#"{"loadstone": 1, "run_s": 1e999}"#,
        expect![[r#"
        error: this is not JSON: number out of range at line 1 column 31
    "#]],
    );
    check(
        "",
        expect![[r#"
        error: this is not JSON: EOF while parsing a value at line 1 column 0
    "#]],
    );
    check(
        r#"{"loadstone": 7}"#,
        expect![[r#"
        error: loadstone: is 7: the document was made by a newer Loadstone; this one reads formats up to 1. Reload the page or update the program
    "#]],
    );
}

#[test]
fn script_in_names_is_kept_as_text() {
    let name = "<script>alert(1)</script> & \"quotes\"";
    let file = json!({"loadstone": 1, "name": name, "nodes": [{"id": "<b>", "kind": "server", "name": name}]});
    let (scenario, problems) = check::open(&file.to_string());
    let scenario = scenario.expect("the document is readable");
    assert_eq!(problems, []);
    assert_eq!(scenario.name, name);
    assert_eq!(scenario.nodes[0].name.as_deref(), Some(name));
    let (scenario, problems) = codec::read("{\"loadstone\": 1, \"name\": \"a\\u0000b\\nc\\u001b[31m\"}");
    assert_eq!(scenario.map(|s| s.name).as_deref(), Some("ab c[31m"));
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[test]
fn a_file_with_the_wrong_shape() {
    check(
        r#"{"loadstone": 1, "name": 3, "seed": -1, "run_s": 0, "colour": "red",
            "nodes": [{"id": "", "kind": "server"}, {"kind": "server"}, {"id": "a"}, 7,
                      {"id": "b", "kind": "server", "at": [0, "x"], "params": []},
                      {"id": "b", "kind": "server"}, {"id": "c", "kind": "sever"}, {"id": "d", "kind": "cache"}],
            "links": [{"from": "a"}, {"from": "b", "to": "c", "latency": 3}],
            "timeline": [{"at_s": 1, "node": "b", "do": "explode"}, {"node": "b", "do": "crash"},
                         {"at_s": 1, "do": "crash"}, {"at_s": 1, "node": "b", "do": "slow"},
                         {"at_s": 1, "do": "add_node"}, {"at_s": 1, "link": ["b"], "do": "cut"},
                         {"at_s": 1, "node": "b", "do": "set", "param": "cores"}]}"#,
        expect![[r#"
            error: name: is 3, but must be a text
            error: seed: is -1, but must be a whole number from 0 to 18446744073709551615
            error: nodes[0].id: is 0 characters long, but must be 1 to 64
            error: nodes[1].id: is missing
            error: nodes[2].kind (a): is missing
            error: nodes[3]: is 7, but must be an object
            error: nodes[4].at (b): is [0,"x"], but must be [x, y], each from -1000000 to 1000000
            error: nodes[4].params (b): is [], but must be an object of parameters
            error: nodes[5].id (b): is the identifier of an earlier node too; each node needs its own
            error: links[0].to: is missing
            warning: links[1].latency (b → c): is no field that this version knows; it is kept, but does nothing
            error: timeline[0].do: is "explode", but must be one of crash, freeze, recover, slow, error, load, cut, set, promote, flush, add_node, remove_node, add_link, remove_link
            error: timeline[1].at_s: is missing; it says when, in seconds
            error: timeline[2]: needs exactly one of node, link and zone: what it acts on
            error: timeline[3].factor: is missing; it is a number
            error: timeline[4].node: is missing; it is the node that joins, as in the list of nodes
            error: timeline[5].link: is ["b"], but must be the identifiers of its two nodes, [from, to]
            error: timeline[6].value: is missing; null sets a parameter to none, or to its default
            warning: colour: is no field that this version knows; it is kept, but does nothing
        "#]],
    );
}

#[test]
fn a_design_with_every_kind_of_mistake() {
    check(
        r#"{"loadstone": 1, "run_s": 100000, "nodes": [
            {"id": "u", "kind": "users", "params": {"rate_rsp": 5, "rate_rps": -1, "zipf": 2, "load": [[5, 1], [3, 1]]}},
            {"id": "idle", "kind": "users"},
            {"id": "dns", "kind": "dns", "params": {"policy": "failover"}},
            {"id": "lb", "kind": "load_balancer", "params": {"algorithm": "ip_hash", "health": {"interval_ms": 1000, "timeout_ms": 1500, "rice": 1}}},
            {"id": "empty", "kind": "load_balancer", "params": {"health": null}},
            {"id": "w1", "kind": "server", "params": {"workers": 0, "service_ms": {"exponential": "fast"}}},
            {"id": "w2", "kind": "server", "params": {"instances": 3}},
            {"id": "p1", "kind": "database"}, {"id": "p2", "kind": "database"}, {"id": "r", "kind": "database"},
            {"id": "r2", "kind": "database"}, {"id": "q", "kind": "database", "params": {"role": "replica"}}],
          "links": [
            {"from": "u", "to": "dns"}, {"from": "u", "to": "lb"}, {"from": "dns", "to": "w1"},
            {"from": "lb", "to": "w1", "params": {"weight": "heavy"}}, {"from": "lb", "to": "w1"},
            {"from": "u", "to": "w2"}, {"from": "w1", "to": "w2"}, {"from": "w2", "to": "w1"},
            {"from": "w1", "to": "w1"}, {"from": "w1", "to": "nobody"}, {"from": "u", "to": "p1"},
            {"from": "p1", "to": "r", "params": {"mode": "sync"}}, {"from": "p2", "to": "r"}, {"from": "r", "to": "r2"}],
          "timeline": [
            {"at_s": 200000, "node": "w1", "do": "crash"}, {"at_s": -1, "node": "w1", "do": "crash"},
            {"at_s": 1, "node": "ghost", "do": "crash"}, {"at_s": 1, "node": "w1", "do": "cut"},
            {"at_s": 1, "link": ["w2", "lb"], "do": "cut"}, {"at_s": 1, "link": ["lb", "w1"], "do": "crash"},
            {"at_s": 1, "zone": "mars", "do": "crash"}, {"at_s": 1, "node": "w1", "do": "slow", "factor": 0},
            {"at_s": 1, "node": "w1", "do": "load", "factor": 2}, {"at_s": 1, "node": "w1", "do": "error", "share": 1.5},
            {"at_s": 1, "node": "w1", "do": "set", "param": "cors", "value": 3},
            {"at_s": 1, "node": "lb", "do": "set", "param": "health.fall", "value": 0},
            {"at_s": 2, "node": "w2", "do": "remove_node"}, {"at_s": 3, "node": "w2", "do": "crash", "for_s": -2}]}"#,
        expect![[r#"
            error: run_s: is 100000, but must be above 0 and at most 86400 seconds (a day)
            error: nodes[0].params.load (u): is [[5,1],[3,1]], but must be a list of [seconds, multiplier], times ascending, multipliers from 0 to 1000
            error: nodes[0].params.rate_rps (u): is -1, but must be a number from 0 to 1000000000 (req/s)
            warning: nodes[0].params.rate_rsp (u): is no parameter of users and does nothing; did you mean rate_rps?
            warning: nodes[3].params.health.rice (lb): is no parameter of load_balancer and does nothing; did you mean rise?
            error: nodes[3].params.health.timeout_ms (lb): is 1500 ms, but must be at most the interval between checks, 1000 ms
            error: nodes[5].params.service_ms (w1): is {"exponential":"fast"}, but must be a number or one of {"exponential": mean}, {"gamma": {"mean", "cv"}}, {"lognormal": {"mean", "cv"}}, {"uniform": [low, high]}, {"pareto": {"mean", "shape"}}, {"percentiles": {"p50", "p95", "p99"}} (ms)
            error: nodes[5].params.workers (w1): is 0, but must be a whole number from 1 to 10000000
            error: links[3].params.weight (lb → w1): is "heavy", but must be a number from 0 to 1000000
            error: links[4] (lb → w1): is there twice; keep one, and give it a weight or calls
            error: links[8] (w1 → w1): leads from a node to itself; link it to another one
            error: links[9].to (w1 → nobody): is nobody, but no node has that identifier
            error: links[10] (u → p1): makes no sense: users cannot speak to a database; put a server between them
            error: links[7] (w2 → w1): closes a ring of calls in which a request would go round for ever: w1 → w2 → w1; take one of these links away
            error: nodes[8] (p2): is a second primary beside p1, and they do not copy each other; link them both ways, in a ring, or let one be a replica
            error: nodes[11] (q): belongs to databases without a primary; let one have no replication link to it, or the role primary
            error: links[2] (dns → w1): gives out the address of w1 to u, who have no path there; draw a link from u to w1
            warning: links[5] (u → w2): leads from outside to the private address 10.0.1.12, so every attempt fails as unreachable; it is private because the link w1 → w2 puts it behind w1
            warning: nodes[1] (idle): has no path to a server or balancer, so all its requests fail; draw a link
            warning: nodes[4] (empty): has no backend, so it answers 503 (no_backend); draw a link from it to a server
            warning: timeline[0].at_s: is 200000, which is after the end of the run (100000 s); it only happens in a longer one
            error: timeline[1].at_s: is -1, but must be 0 or more seconds
            error: timeline[13].for_s: is -2, but must be above 0 seconds
            error: timeline[2].node (ghost): is ghost, but no node has that identifier
            error: timeline[3] (w1): cut acts on a link; name it as "link": [from, to]
            error: timeline[4].link (w2 → lb): no link leads from w2 to lb
            error: timeline[5] (lb → w1): crash does not act on a link; cut, recover, slow, set, remove_link do
            error: timeline[6].zone: is mars, but no node stands in that zone
            error: timeline[7].factor: is 0, but must be from 0.001 to 1000000
            error: timeline[8] (w1): load acts on a users node, and this is none
            error: timeline[9].share: is 1.5, but must be from 0 to 1
            error: timeline[10].param (w1): cors is no parameter of server and does nothing; did you mean cores?
            error: timeline[11].value (lb): is 0, but must be a whole number from 1 to 1000
            warning: timeline[13].node (w2): w2 is not there by then, so nothing happens
        "#]],
    );
}

#[test]
fn edits_on_the_timeline_are_checked_as_the_run_meets_them() {
    check(
        r#"{"loadstone": 1, "nodes": [
            {"id": "u", "kind": "users"}, {"id": "a", "kind": "server"}, {"id": "p", "kind": "database"}],
          "links": [{"from": "u", "to": "a"}, {"from": "a", "to": "p"}],
          "timeline": [
            {"at_s": 20, "do": "add_link", "link": {"from": "b", "to": "a"}},
            {"at_s": 10, "do": "add_node", "node": {"id": "b", "kind": "server", "params": {"cores": 0}}},
            {"at_s": 11, "do": "add_link", "link": {"from": "a", "to": "b"}},
            {"at_s": 12, "node": "b", "do": "slow", "factor": 2},
            {"at_s": 9, "node": "b", "do": "crash"},
            {"at_s": 30, "do": "add_node", "node": {"id": "p2", "kind": "database"}},
            {"at_s": 30, "do": "add_node", "node": {"id": "r", "kind": "database", "zone": "eu"}},
            {"at_s": 31, "zone": "eu", "do": "freeze", "for_s": 5},
            {"at_s": 32, "do": "add_link", "link": {"from": "p", "to": "r"}},
            {"at_s": 33, "do": "add_link", "link": {"from": "p2", "to": "r"}},
            {"at_s": 34, "do": "add_link", "link": {"from": "u", "to": "r"}},
            {"at_s": 35, "do": "add_link", "link": {"from": "u", "to": "nobody"}},
            {"at_s": 36, "do": "add_node", "node": {"id": "a", "kind": "server"}}]}"#,
        expect![[r#"
            warning: timeline[4].node (b): b is not there by then, so nothing happens
            error: timeline[1].node.params.cores (b): is 0, but must be a whole number from 1 to 1024
            error: timeline[0] (b → a): from here on this closes a ring of calls in which a request would go round for ever: a → b → a; take one of these links away
            error: timeline[9] (p2): from here on this is a second primary beside p, and they do not copy each other; link them both ways, in a ring, or let one be a replica
            error: timeline[10].link (u → r): makes no sense: users cannot speak to a database; put a server between them
            error: timeline[11].link.to (u → nobody): is nobody, but no node has that identifier
            warning: timeline[12].node (a): is there already by then, so nothing happens
        "#]],
    );
}

#[test]
fn objectives_are_checked_by_their_table_and_kept() {
    check(
        r#"{"loadstone": 1, "nodes": [{"id": "u", "kind": "users"}], "slo": {"p99_ms": 0, "error_share": 0.001, "p98_ms": 3}}"#,
        expect![[r#"
            warning: slo.p98_ms: is no parameter of the objectives and does nothing; did you mean p95_ms?
            error: slo.p99_ms: is 0, but must be a number from 0.001 to 100000000 (ms)
            warning: nodes[0] (u): has no path to a server or balancer, so all its requests fail; draw a link
        "#]],
    );
    check(
        r#"{"loadstone": 1, "nodes": [{"id": "u", "kind": "users"}], "slo": 3}"#,
        expect![[r#"
            error: slo: is 3, but must be an object of parameters
        "#]],
    );
    let (document, _) = codec::read(r#"{"loadstone": 1, "run_s": 60, "slo": {"p99_ms": 250, "mean_ms": null}}"#);
    let text = codec::write(&document.expect("a document"));
    assert!(text.contains("\"run_s\": 60,\n  \"slo\": {\"p99_ms\": 250}"), "{text}");
}
