//! The design as a Mermaid flowchart, for Markdown that draws such; with the document in a comment, so that it opens again.
//!
//! The syntax: <https://mermaid.js.org/syntax/flowchart.html>. Identifiers are made here, and every name is inside quotes with
//! entity codes for whatever could end them: a stranger's name stays a name.

use crate::codec::picture::SVG_MARK;
use crate::component::{Kind, Meaning, link::meaning};
use crate::order::{Gather, Map};
use crate::scenario::{Node, Scenario};
use std::fmt::Write as _;

/// What a diagram of this kind begins with; comments and lines without anything may stand before it.
pub const HEAD: &str = "flowchart LR";

/// The flowchart; with `link`, the fragment of the document's link, it opens again as the scenario.
pub fn mermaid(document: &Scenario, link: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(link) = link {
        let _ = writeln!(out, "%% {SVG_MARK}{link}");
    }
    let _ = writeln!(out, "{HEAD}");
    let place: Map<&str, usize> = document.nodes.iter().enumerate().map(|(i, n)| (n.id.as_str(), i)).gather();
    for (i, node) in document.nodes.iter().enumerate().filter(|(_, n)| n.zone.is_none()) {
        let _ = writeln!(out, "  {}", vertex(i, node));
    }
    for (z, zone) in document.zones().into_iter().enumerate() {
        let _ = writeln!(out, "  subgraph z{z}[\"{}\"]", quoted(zone));
        let inside = document.nodes.iter().enumerate().filter(|(_, n)| n.zone.as_deref() == Some(zone));
        for (i, node) in inside {
            let _ = writeln!(out, "    {}", vertex(i, node));
        }
        let _ = writeln!(out, "  end");
    }
    for link in &document.links {
        let (Some(&from), Some(&to)) = (place.get(link.from.as_str()), place.get(link.to.as_str())) else { continue };
        let kind = |i: usize| Kind::from_id(&document.nodes[i].kind);
        let arrow = match kind(from).zip(kind(to)).and_then(|(a, b)| meaning(a, b).ok()) {
            Some(Meaning::Names) => "-. DNS .->",
            Some(Meaning::Record) => "-.->",
            Some(Meaning::Replication) => "== copies ==>",
            _ => "-->",
        };
        let _ = writeln!(out, "  n{from} {arrow} n{to}");
    }
    out
}

/// A node in a shape that people know for its kind.
fn vertex(i: usize, node: &Node) -> String {
    let (open, close) = match Kind::from_id(&node.kind) {
        Some(Kind::Users) => ("([", "])"),
        Some(Kind::Dns) => ("{{", "}}"),
        Some(Kind::Database | Kind::Cache) => ("[(", ")]"),
        _ => ("[", "]"),
    };
    format!("n{i}{open}\"{}\"{close}", quoted(&node.label()))
}

/// A name between quotes: no character of it means anything to Mermaid or to the HTML that it draws.
fn quoted(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '%' | '{' | '}' | '*' | '_' | ';' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{self, picture::in_file};

    #[test]
    fn names_stay_names_and_the_document_comes_back() {
        let (doc, _) = codec::read(
            r#"{"loadstone": 1, "name": "N", "nodes": [
                {"id": "u", "kind": "users", "name": "\"] --> x; click x \"javascript:alert(1)\"\n%% #quot;"},
                {"id": "d", "kind": "dns"},
                {"id": "db1", "kind": "database", "zone": "eu \"a\""}, {"id": "db2", "kind": "database", "zone": "eu \"a\""}],
                "links": [{"from": "u", "to": "d"}, {"from": "db1", "to": "db2"}]}"#,
        );
        let doc = doc.expect("it reads");
        let link = codec::link::encode(&doc);
        let text = mermaid(&doc, Some(&link));
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "flowchart LR",
                "  n0([\"#34;] --#62; x#59; click x #34;javascript:alert(1)#34; #37;#37; #35;quot#59;\"])",
                "  n1{{\"D\"}}",
                "  subgraph z0[\"eu #34;a#34;\"]",
                "    n2[(\"Database 1\")]",
                "    n3[(\"Database 2\")]",
                "  end",
                "  n0 -. DNS .-> n1",
                "  n2 == copies ==> n3",
            ]
        );
        assert_eq!(in_file(text.as_bytes()), Some(Some(link.as_str())), "it opens again");
        assert_eq!(in_file(mermaid(&doc, None).as_bytes()), Some(None), "a diagram without a document says so");
    }
}
