//! Documents to and from text: JSON files, share links, the built-in examples.
//!
//! Knows the document's shape and the kinds' defaults (what equals one is not written), never whether a design makes
//! sense: that is `check`. Whatever a stranger's file holds, the answer is a document, a list of problems, or both;
//! nothing here panics, recurses without a bound or allocates more than its input deserves.

pub mod link;
pub mod picture;
pub mod problem;
pub mod table;

mod examples;
mod layout;
mod migrate;
mod packed;
mod read;
mod scan;
mod text;
mod timeline;
mod words;
mod write;

pub use examples::{Example, examples, greeting};
pub use problem::{Problem, Problems, Severity, Subject};
pub use read::{TWICE, read, read_value};
pub use text::{identifier, number};
pub use write::{to_value, without_defaults, write, write_compact};

/// Longest JSON text that is read, in bytes; the largest allowed design needs about half of it.
pub const MAX_TEXT: usize = 8 << 20;
/// How deep lists and objects may lie inside each other.
pub const MAX_DEPTH: usize = 16;
/// Longest list, and largest object, anywhere in a document.
pub const MAX_ITEMS: usize = 10_000;
/// Most nodes in a document.
pub const MAX_NODES: usize = 2_000;
/// Most links in a document.
pub const MAX_LINKS: usize = 10_000;
/// Most timeline entries in a document.
pub const MAX_TIMELINE: usize = 10_000;
/// Longest identifier of a node, kind or zone, in characters.
pub const MAX_ID: usize = 64;
/// Longest name of a document or node, in characters.
pub const MAX_NAME: usize = 200;
/// Longest notes, in characters.
pub const MAX_NOTES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_from_text_and_link() {
        let file = r#"{"loadstone": 1, "name": "A <b>name</b>", "seed": 18446744073709551615, "run_s": 0.1, "later": [1],
            "nodes": [{"id": "u", "kind": "users", "params": {"rate_rps": 10, "odd": {"a": 1.5}}, "zone": "eu"},
                      {"id": "w", "kind": "server", "at": [480, -80.5], "name": "Web", "tags": []}],
            "links": [{"from": "u", "to": "w", "params": {"latency_ms": 20.0}}],
            "timeline": [{"at_s": 3, "do": "slow", "link": ["u", "w"], "factor": 2, "for_s": 0.30000000000000004},
                         {"at_s": 4, "do": "set", "node": "w", "param": "cores", "value": null},
                         {"at_s": 5, "do": "add_node", "node": {"id": "n", "kind": "queue"}}]}"#;
        let (scenario, problems) = read(file);
        let scenario = scenario.unwrap();
        let said: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            said,
            [
                "warning: nodes[1].tags (w): is no field that this version knows; it is kept, but does nothing",
                "warning: later: is no field that this version knows; it is kept, but does nothing",
            ]
        );
        let lean = without_defaults(&scenario);
        assert!(lean.nodes[0].params.get("rate_rps").is_none() && lean.links[0].params.is_empty(), "{lean:?}");
        assert_eq!(read(&write(&scenario)).0.as_ref(), Some(&lean));
        assert_eq!(read(&write_compact(&scenario)).0.as_ref(), Some(&lean));
        assert_eq!(link::decode(&link::encode(&scenario)).map(|(s, _)| s), Ok(lean));
    }
}
