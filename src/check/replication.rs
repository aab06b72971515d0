//! Groups of databases: somebody takes writes, everybody else gets them, and failover is not asked for in vain.

use super::design::Design;
use super::topology::Finding;
use crate::codec::{Problems, Subject};
use crate::component::{Kind, Meaning, Role, Shape, Values};
use crate::order::Map;

/// The databases of a drawing, by the replication between them.
struct Groups {
    /// Union-find over all nodes.
    group: Vec<usize>,
    shape: Shape,
    /// Who takes writes, by the representative of the group.
    primaries: Map<usize, Vec<usize>>,
}

impl Groups {
    fn of(design: &Design) -> Groups {
        let count = design.kinds.len();
        let mut group: Vec<usize> = (0..count).collect();
        let links = design.edges().filter(|&(.., meaning)| meaning == Meaning::Replication);
        let links: Vec<(usize, usize)> = links.map(|(_, from, to, _)| (from, to)).collect();
        for &(from, to) in &links {
            let (a, b) = (root(&mut group, from), root(&mut group, to));
            group[a.max(b)] = a.min(b);
        }
        let shape = Shape::new(count, links.into_iter());
        let mut roles = vec![Role::Auto; count];
        for node in design.of(Kind::Database) {
            roles[node] = Role::from_word(&params(design, node).text("role"));
        }
        let mut primaries: Map<usize, Vec<usize>> = Map::new();
        for node in shape.primaries(&roles).into_iter().filter(|&node| design.kinds[node] == Some(Kind::Database)) {
            primaries.or_default(root(&mut group, node)).push(node);
        }
        Groups { group, shape, primaries }
    }
}

/// In every group of databases somebody takes writes, and everybody else gets them.
pub(super) fn groups(design: &Design, found: &mut Vec<Finding>) {
    let Groups { mut group, shape, primaries } = Groups::of(design);
    let count = design.kinds.len();
    let (mut after, mut before) = (vec![false; count], vec![false; count]);
    for primaries in primaries.values() {
        shape.mark_after(primaries[0], &mut after);
        shape.mark_before(primaries[0], &mut before);
    }
    let mut said = |node: usize, message: String| {
        let (path, subject) = (format!("nodes[{node}]"), Subject::Node(design.id(node).into()));
        found.push(Finding { path, subject, message });
    };
    for node in design.of(Kind::Database) {
        let first = root(&mut group, node);
        let Some(primaries) = primaries.get(&first) else {
            if node == first {
                said(
                    node,
                    "belongs to databases without a primary; let one have no replication link to it, or the \
                            role primary"
                        .into(),
                );
            }
            continue;
        };
        let one = design.id(primaries[0]);
        if primaries.contains(&node) && !(after[node] && before[node]) {
            said(
                node,
                format!(
                    "is a second primary beside {one}, and they do not copy each other; link them both ways, \
                                in a ring, or let one be a replica"
                ),
            );
        } else if !after[node] {
            said(node, format!("is a replica, but no replication link leads to it from the primary {one}; draw one"));
        }
    }
}

/// Where several databases take writes none of their replicas is ever promoted: the other primaries go on.
pub(super) fn vain_failover(problems: &mut Problems, design: &Design) {
    let Groups { mut group, primaries, .. } = Groups::of(design);
    let mut sizes: Map<usize, usize> = Map::new();
    for node in design.of(Kind::Database) {
        *sizes.or_default(root(&mut group, node)) += 1;
    }
    for (first, several) in primaries.iter().filter(|(_, several)| several.len() > 1) {
        // What the first says holds for the group.
        let (lead, size) = (several[0], sizes.get(first).copied().unwrap_or(0));
        let automatic = params(design, lead).group("failover").is_some_and(|f| f.text("mode") == "automatic");
        if automatic && size > several.len() {
            let message = format!(
                "is \"automatic\", but {} takes writes too: while one of several primaries is down the others take its \
                 writes, and no replica is promoted",
                design.id(several[1])
            );
            let about = Subject::Node(design.id(lead).into());
            problems.warning(format!("nodes[{lead}].params.failover.mode"), &about, message);
        }
    }
}

fn params<'a>(design: &'a Design, node: usize) -> Values<'a> {
    Values::new(Kind::Database.spec().params, &design.scenario.nodes[node].params)
}

/// The representative of a node's group (union-find with path halving).
fn root(group: &mut [usize], mut node: usize) -> usize {
    while group[node] != node {
        group[node] = group[group[node]];
        node = group[node];
    }
    node
}

#[cfg(test)]
mod tests {
    fn warnings(links: &str) -> Vec<String> {
        let automatic = r#""params":{"failover":{"mode":"automatic"}}"#;
        let text = format!(
            r#"{{"loadstone":1,"name":"t","nodes":[{{"id":"a","kind":"database",{automatic}}},{{"id":"b","kind":"database"}},
               {{"id":"c","kind":"database"}}],"links":[{links}]}}"#
        );
        let (_, problems) = crate::check::open(&text);
        problems.iter().filter(|p| p.path.ends_with("failover.mode")).map(|p| p.message.clone()).collect()
    }

    #[test]
    fn failover_among_several_primaries_is_said_to_be_in_vain() {
        let both = r#"{"from":"a","to":"b"},{"from":"b","to":"a"}"#;
        let said = warnings(&format!(r#"{both},{{"from":"a","to":"c"}}"#));
        assert!(said.len() == 1 && said[0].contains("b takes writes too"), "two primaries and a replica: {said:?}");
        let star = warnings(r#"{"from":"a","to":"b"},{"from":"a","to":"c"}"#);
        assert!(star.is_empty(), "one primary with two replicas: {star:?}");
    }
}
