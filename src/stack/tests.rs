use super::names;
use super::site::whole_weights;
use super::{File, Stack, export};
use crate::codec;
use crate::scenario::Scenario;

fn scenario(text: &str) -> Scenario {
    let (scenario, problems) = codec::read(text);
    scenario.unwrap_or_else(|| panic!("{problems:?}"))
}

fn stack(text: &str) -> Stack {
    export(&scenario(text)).expect("a stack")
}

fn text<'a>(stack: &'a Stack, path: &str) -> &'a str {
    let file = stack.files.iter().find(|f: &&File| f.path == path);
    let all: Vec<&str> = stack.files.iter().map(|f| f.path.as_str()).collect();
    &file.unwrap_or_else(|| panic!("no {path} among {all:?}")).text
}

fn lines(text: &str, beginning: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|l| l.starts_with(beginning)).map(str::to_owned).collect()
}

#[test]
fn names_fit_every_program() {
    let ids = ["web1", "Web 1", "web-1", "", "1", "-–-", "ÄÖ", "load", "a/../../b", "x".repeat(90).leak()];
    let all = names::all(ids.into_iter());
    for (id, name) in ids.iter().zip(&all) {
        let first = name.starts_with(|c: char| c.is_ascii_lowercase());
        let rest = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(first && rest && name.len() <= 44 && !name.ends_with('-'), "{id:?} became {name:?}");
    }
    let mut alike = all.clone();
    alike.sort();
    alike.dedup();
    assert_eq!(alike.len(), all.len(), "two of {all:?} are alike");
}

#[test]
fn what_people_wrote_stays_on_its_line_and_in_its_cell() {
    assert_eq!(names::comment("a\nserver evil\r\n\u{2028}b\u{7}"), "a server evil   b");
    assert_eq!(names::cell("a|b`c` <x> [y](z)"), r"a\|b\`c\` \<x\> \[y\]\(z\)");
}

#[test]
fn weights_keep_their_ratios() {
    assert_eq!(whole_weights(&[5.0, 1.0, 1.0], 256), [5, 1, 1]);
    assert_eq!(whole_weights(&[0.5, 1.0, 0.0], 256), [128, 256, 0]);
    assert_eq!(whole_weights(&[1e6, 1.0], 256), [256, 1]);
    assert_eq!(whole_weights(&[0.0, 0.0], 256), [0, 0]);
}

#[test]
fn a_balancer_is_the_program_that_can_do_what_it_does() {
    let with = |params: &str| {
        stack(&format!(
            r#"{{"loadstone": 1, "nodes": [
                {{"id": "lb", "kind": "load_balancer", "params": {params}}},
                {{"id": "a", "kind": "server"}}, {{"id": "b", "kind": "server"}}],
              "links": [{{"from": "lb", "to": "a", "params": {{"weight": 3}}}}, {{"from": "lb", "to": "b"}}]}}"#
        ))
    };
    let checked =
        with(r#"{"algorithm": "least_connections", "health": {"interval_ms": 1500, "fall": 4}, "sticky": true}"#);
    let haproxy = text(&checked, "balancer/lb.cfg");
    assert_eq!(lines(haproxy, "balance"), ["balance leastconn"]);
    assert!(haproxy.contains("check inter 1500ms rise 2 fall 4"), "{haproxy}");
    let servers = ["server a a:8080 weight 3 cookie a", "server b b:8080 weight 1 cookie b"];
    assert_eq!(lines(haproxy, "server"), servers);

    let unchecked = with(r#"{"algorithm": "power_of_two", "health": null, "max_fails": 2, "tries": 3}"#);
    let nginx = text(&unchecked, "balancer/lb.conf");
    assert_eq!(lines(nginx, "random"), ["random two least_conn;"]);
    assert_eq!(lines(nginx, "proxy_next_upstream_tries"), ["proxy_next_upstream_tries 3;"]);
    assert_eq!(lines(nginx, "server a"), ["server a:8080 weight=3 max_fails=2 fail_timeout=10s;"]);
}

#[test]
fn databases_copy_and_wait_as_they_are_linked() {
    let stack = stack(
        r#"{"loadstone": 1, "nodes": [{"id": "web", "kind": "server"}, {"id": "p", "kind": "database"},
            {"id": "r", "kind": "database"}, {"id": "s", "kind": "database"}],
          "links": [{"from": "web", "to": "p"}, {"from": "p", "to": "r", "params": {"mode": "sync"}},
            {"from": "r", "to": "s", "params": {"delay_ms": 50}}]}"#,
    );
    let compose = text(&stack, "compose.yaml");
    assert!(compose.contains(r#""synchronous_standby_names=FIRST 1 (\"r\")""#), "{compose}");
    assert!(compose.contains(r#"FOLLOWS: "r", NAME: "s""#), "{compose}");
    assert!(compose.contains(r#""recovery_min_apply_delay=50ms""#), "{compose}");
    let web = text(&stack, "service/web.json");
    assert!(web.contains("host=p,r,s user=postgres"), "{web}");
    assert!(web.contains("target_session_attrs=read-write"), "{web}");
}

#[test]
fn every_example_is_a_stack_whose_references_lead_somewhere() {
    for example in codec::examples() {
        let stack = export(&example.scenario).unwrap_or_else(|why| panic!("{}: {why}", example.slug));
        let compose = text(&stack, "compose.yaml");
        for line in compose.lines().filter_map(|l| l.trim().strip_prefix("- \"./")) {
            let path = line.split(':').next().unwrap_or_default();
            let there = stack.files.iter().any(|f| f.path == path || f.path.starts_with(&format!("{path}/")));
            assert!(there, "{}: compose.yaml mounts {path}, which is not there", example.slug);
        }
        let readme = text(&stack, "README.md");
        assert!(stack.differs.iter().all(|d| readme.contains(d.as_str())), "{}: README.md is silent", example.slug);
    }
}

#[test]
fn a_design_without_servers_says_so() {
    let error = export(&scenario(r#"{"loadstone": 1, "nodes": [{"id": "u", "kind": "users"}]}"#)).unwrap_err();
    assert_eq!(error, "there is no server in this design; draw one, and link the users to it");
}

#[test]
fn a_zip_has_every_file_as_it_is() {
    let stack = stack(r#"{"loadstone": 1, "nodes": [{"id": "web", "kind": "server"}]}"#);
    let bytes = stack.zip("design");
    let archive = rawzip::ZipArchive::from_slice(&bytes).expect("an archive");
    let mut entries = archive.entries();
    for file in &stack.files {
        let entry = entries.next_entry().expect("an entry").expect("as many entries as files");
        let path = entry.file_path().try_normalize().expect("a sound path").as_ref().to_owned();
        assert_eq!(path, format!("design/{}", file.path));
        let found = archive.get_entry(entry.wayfinder()).expect("its data");
        let mut text = String::new();
        let mut reader = found.verifying_reader(found.data());
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(text, file.text, "{path}");
    }
}
