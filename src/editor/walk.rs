//! Getting about by keyboard: along links with arrows, and from node to node in reading order.

use super::command::Direction;
use super::place::Rect;
use crate::order;
use crate::scenario::{Node, Scenario};

/// The node at the other end of a link of `from` (drawn either way) that lies most nearly in this direction; `None`
/// if none lies that way.
pub fn along(design: &Scenario, from: &str, direction: Direction) -> Option<String> {
    let start = Rect::card(design.node(from)?.at).centre();
    let [vx, vy] = direction.vector();
    let mut best: Option<(f64, &str)> = None;
    for link in design.links.iter().filter(|l| l.from == from || l.to == from) {
        let other = if link.from == from { &link.to } else { &link.from };
        let Some(node) = design.node(other) else { continue };
        let at = Rect::card(node.at).centre();
        let (dx, dy) = (at[0] - start[0], at[1] - start[1]);
        let (ahead, aside) = (dx * vx + dy * vy, (dx * vy - dy * vx).abs());
        // More than 80° off is another direction.
        if ahead > 0.0 && ahead * 6.0 > aside {
            // A step aside counts double, so that the straight neighbour wins.
            let far = ahead + 2.0 * aside;
            if best.is_none_or(|(b, _)| far < b) {
                best = Some((far, other));
            }
        }
    }
    best.map(|(_, id)| id.to_owned())
}

/// Nodes in the order in which Tab visits them: in columns from left to right, each from top to bottom. Cards whose
/// left edges lie within half a card belong to one column.
pub fn tab_order<'a>(nodes: impl Iterator<Item = &'a Node>) -> Vec<String> {
    let mut nodes: Vec<(f64, f64, &str)> = nodes.map(|n| (n.at[0], n.at[1], n.id.as_str())).collect();
    order::sort_by(&mut nodes, |a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut column = f64::NEG_INFINITY;
    for node in &mut nodes {
        if node.0 - column > super::place::CARD_W / 2.0 {
            column = node.0;
        }
        node.0 = column;
    }
    order::sort_by(&mut nodes, |a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    nodes.into_iter().map(|n| n.2.to_owned()).collect()
}

/// The nodes whose name, identifier or kind contains the text, best matches first: those that begin with it.
pub fn find(design: &Scenario, text: &str) -> Vec<String> {
    let wanted = text.trim().to_lowercase();
    let mut found: Vec<(usize, String)> = Vec::new();
    for node in &design.nodes {
        let kind = crate::component::Kind::from_id(&node.kind).map(|k| k.spec().label).unwrap_or_default();
        let places = [node.label(), node.id.clone(), kind.to_owned()].map(|t| t.to_lowercase().find(&wanted));
        if let Some(rank) = places.into_iter().enumerate().filter_map(|(i, at)| at.map(|at| at * 4 + i)).min() {
            found.push((rank, node.id.clone()));
        }
    }
    order::sort_by_key(&mut found, |f| f.0);
    found.into_iter().map(|f| f.1).collect()
}
