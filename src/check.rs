//! A document's problems: what keeps the design from running, and what runs but hardly as meant.
//!
//! Knows the tables of kinds and the meaning of links, never the engine. Counts come first, so that a hostile document
//! is refused before anything is built from it; the timeline is walked once, in the order in which the engine would.

mod design;
mod links;
mod machines;
mod params;
mod replication;
mod timeline;
mod topology;

use crate::codec::{self, Problem, Problems, Subject};
use crate::component::{KINDS, Kind, prices, slo};
use crate::dist::shown;
use crate::order::Set;
use crate::scenario::{Action, Node, Scenario};
use design::Design;
use serde_json::json;

/// Longest run, in simulated seconds: a day.
pub const MAX_RUN_S: f64 = 86_400.0;

/// Everything that is wrong with a document. Without an error among it the design runs.
pub fn check(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    if counts(&mut problems, scenario) {
        let design = Design::new(scenario);
        document(&mut problems, scenario);
        for (i, node) in scenario.nodes.iter().enumerate() {
            check_node(&mut problems, node, &format!("nodes[{i}]"));
        }
        identifiers(&mut problems, scenario);
        links::check(&mut problems, &design);
        topology::check(&mut problems, &design);
        machines::servers(&mut problems, &design);
        timeline::check(&mut problems, &design);
    }
    problems.into_list()
}

/// Reads a document and checks it. The document runs if it is there and no problem is an error.
///
/// What could not be read is missing from the document, so the paths of a check would point beside: then only what
/// reading found is said.
pub fn open(json: &str) -> (Option<Scenario>, Vec<Problem>) {
    let (scenario, mut problems) = codec::read(json);
    if !refused(&problems) {
        problems.extend(scenario.iter().flat_map(check));
    }
    (scenario, problems)
}

/// Whether these problems keep a design from running.
pub fn refused(problems: &[Problem]) -> bool {
    problems.iter().any(Problem::is_error)
}

/// Whether the document is small enough to be looked at.
fn counts(problems: &mut Problems, scenario: &Scenario) -> bool {
    let joining = scenario.timeline.iter().filter(|e| matches!(e.action, Action::AddNode(_))).count();
    for (name, count, most) in [
        ("nodes", scenario.nodes.len() + joining, codec::MAX_NODES),
        ("links", scenario.links.len(), codec::MAX_LINKS),
        ("timeline", scenario.timeline.len(), codec::MAX_TIMELINE),
    ] {
        if count > most {
            let message = format!("has {count} entries, but at most {most} are allowed");
            problems.error(name, &Subject::Document, message);
        }
    }
    !problems.has_errors()
}

fn document(problems: &mut Problems, scenario: &Scenario) {
    let run_s = scenario.run_s;
    if !(run_s > 0.0 && run_s <= MAX_RUN_S) {
        let message = format!("is {run_s}, but must be above 0 and at most {MAX_RUN_S} seconds (a day)");
        problems.error("run_s", &Subject::Document, message);
    }
    let whose = params::Whose { what: "the objectives", kind: "objectives" };
    params::check(problems, "slo", &Subject::Document, whose, slo::PARAMS, &scenario.slo);
    // What a run does not depend on, the program of a first visit leaves to its second part.
    if !cfg!(feature = "split") {
        check_prices(problems, scenario);
    }
    if scenario.nodes.is_empty() {
        problems.warning("nodes", &Subject::Document, "is empty; there is nothing to run");
    }
}

/// What is wrong with a document's prices.
pub fn prices(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Problems::default();
    check_prices(&mut problems, scenario);
    problems.into_list()
}

fn check_prices(problems: &mut Problems, scenario: &Scenario) {
    let whose = params::Whose { what: "the prices", kind: "prices" };
    params::check(problems, "prices", &Subject::Document, whose, prices::PARAMS, &scenario.prices);
}

/// What can be said about a node by itself. The path is its place in the JSON.
fn check_node(problems: &mut Problems, node: &Node, path: &str) {
    let about = Subject::Node(node.id.clone());
    let Some(kind) = Kind::from_id(&node.kind) else {
        let known: Vec<&str> = KINDS.iter().map(|k| k.id()).collect();
        let message = format!("is {}, but must be one of {}", shown(&json!(node.kind)), known.join(", "));
        problems.error(format!("{path}.kind"), &about, message);
        return;
    };
    let whose = params::Whose { what: kind.id(), kind: kind.id() };
    params::check(problems, &format!("{path}.params"), &about, whose, kind.spec().params, &node.params);
}

fn identifiers(problems: &mut Problems, scenario: &Scenario) {
    let mut seen = Set::new();
    for (i, node) in scenario.nodes.iter().enumerate() {
        let about = Subject::Node(node.id.clone());
        if let Err(why) = codec::identifier(&node.id) {
            problems.error(format!("nodes[{i}].id"), &about, why);
        }
        if !seen.insert(node.id.as_str()) {
            problems.error(format!("nodes[{i}].id"), &about, codec::TWICE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_nodes_are_refused_by_their_number() {
        let scenario = Scenario { nodes: vec![Node::default(); 1_000_000], ..Scenario::default() };
        let said: Vec<String> = check(&scenario).iter().map(Problem::to_string).collect();
        assert_eq!(said, ["error: nodes: has 1000000 entries, but at most 2000 are allowed"]);
    }

    #[test]
    fn a_zone_lies_in_one_region() {
        let node = |id: &str, region: &str| json!({"id": id, "kind": "server", "zone": "a", "params": if region.is_empty() { json!({}) } else { json!({"region": region}) }});
        let nodes = [node("w1", "eu"), node("w2", ""), node("w3", "eu"), node("w4", "us")];
        let (scenario, _) = open(&json!({"loadstone": 1, "nodes": nodes}).to_string());
        let said = check(&scenario.expect("it can be read"));
        let of_regions: Vec<_> = said.iter().filter(|p| p.path.ends_with(".region")).map(Problem::to_string).collect();
        let wanted = "warning: nodes[3].params.region (w4): is us, but w1 stands in the same zone, a, and says eu; a zone lies in one region";
        assert_eq!(of_regions, [wanted]);
    }

    #[test]
    fn examples_have_neither_errors_nor_warnings() {
        for example in codec::examples() {
            assert_eq!(check(&example.scenario), [], "{} has problems", example.slug);
        }
    }
}
