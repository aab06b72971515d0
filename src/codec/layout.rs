//! A place for nodes that came without one: a column for each kind, in the order in which a request meets them.
//!
//! Deterministic and simple; people move what they do not like.

use crate::component::{KINDS, Kind};
use crate::scenario::Node;

/// From one column to the next, and from one row to the next, in pixels.
const STEP: [f64; 2] = [260.0, 140.0];

/// Gives a place to every node that has none yet (`false`), below all that have one.
pub fn place(nodes: Vec<(&mut Node, bool)>) {
    let below = |bottom: f64, (node, placed): &(&mut Node, bool)| {
        if *placed { bottom.max(node.at[1] + STEP[1]) } else { bottom }
    };
    let top = nodes.iter().fold(0.0, below);
    let mut rows = vec![0u32; KINDS.len() + 1];
    for (node, _) in nodes.into_iter().filter(|(_, placed)| !placed) {
        let column = KINDS.iter().position(|&k| Some(k) == Kind::from_id(&node.kind)).unwrap_or(KINDS.len());
        node.at = [column as f64 * STEP[0], top + f64::from(rows[column]) * STEP[1]];
        rows[column] += 1;
    }
}
