//! Tidying up: aligning cards, spreading them evenly, and laying out a design in columns along the way of a request.
//!
//! Everything here is where cards stand, which no run depends on.

use super::Draft;
use super::edit::{all_nodes, node_anywhere_mut};
use super::place::{CARD_H, CARD_W, GRID, Rect, bounded};
use crate::component::link::meaning;
use crate::component::{Kind, Meaning};
use crate::order::{self, Gather, Map, Set};
use crate::scenario::{Action, Link, Scenario};

/// How cards are brought in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrange {
    /// One edge, or the middle, of every card onto one line.
    Align(Line),
    /// Equal gaps from left to right.
    SpreadAcross,
    /// Equal gaps from top to bottom.
    SpreadDown,
    /// Columns, each one call farther from the users.
    Layout,
}

/// The line that cards are aligned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names say it.
pub enum Line {
    Left,
    Centre,
    Right,
    Top,
    Middle,
    Bottom,
}

/// The gap between two columns: room for a link with its label.
const ACROSS: f64 = 96.0;
/// The gap between two cards of a column: room for a queue below a card.
const DOWN: f64 = 56.0;
/// Sweeps over the columns; more than these change nothing that one would see.
const SWEEPS: usize = 8;

/// A card that is arranged.
#[derive(Clone, Debug)]
struct Card {
    id: String,
    at: [f64; 2],
}

/// Arranges these nodes, or all if there are none, and leaves them this share of the way to their new places.
///
/// # Errors
/// One sentence: why there is nothing to arrange.
pub(super) fn arrange(draft: &mut Draft, ids: &[String], how: Arrange, share: f64) -> Result<&'static str, String> {
    let least = match how {
        Arrange::Align(_) => 2,
        Arrange::SpreadAcross | Arrange::SpreadDown => 3,
        Arrange::Layout => 1,
    };
    // A single card is laid out with everything else.
    let all = ids.is_empty() || how == Arrange::Layout && ids.len() == 1;
    let mut cards: Vec<Card> = all_nodes(&draft.doc)
        .filter(|(node, _)| !node.locked && (all || ids.contains(&node.id)))
        .map(|(node, _)| Card { id: node.id.clone(), at: node.at })
        .collect();
    if cards.len() < least {
        return Err(format!("Select {least} components or more."));
    }
    let label = match how {
        Arrange::Align(line) => align(&mut cards, line),
        Arrange::SpreadAcross => spread(&mut cards, 0),
        Arrange::SpreadDown => spread(&mut cards, 1),
        Arrange::Layout => lay_out(&draft.doc, &mut cards),
    };
    for card in cards {
        if let Some(node) = node_anywhere_mut(&mut draft.doc, &card.id) {
            let from = node.at;
            node.at = [0, 1].map(|axis| bounded(from[axis] + (card.at[axis] - from[axis]) * share));
        }
    }
    if share >= 1.0 {
        label.clone_into(&mut draft.done.said);
    }
    Ok(label)
}

fn around(cards: &[Card]) -> Rect {
    Rect::around(cards.iter().map(|c| Rect::card(c.at))).unwrap_or_default()
}

fn align(cards: &mut [Card], line: Line) -> &'static str {
    let all = around(cards);
    let [middle_x, middle_y] = all.centre();
    let (axis, to, label) = match line {
        Line::Left => (0, all.x, "Aligned left"),
        Line::Centre => (0, middle_x - CARD_W / 2.0, "Aligned on a vertical line"),
        Line::Right => (0, all.x + all.w - CARD_W, "Aligned right"),
        Line::Top => (1, all.y, "Aligned at the top"),
        Line::Middle => (1, middle_y - CARD_H / 2.0, "Aligned on a horizontal line"),
        Line::Bottom => (1, all.y + all.h - CARD_H, "Aligned at the bottom"),
    };
    cards.iter_mut().for_each(|card| card.at[axis] = to);
    label
}

/// The outermost two stay, the others come between them at equal distances, in the order in which they stood.
fn spread(cards: &mut [Card], axis: usize) -> &'static str {
    order::sort_by(cards, |a, b| a.at[axis].total_cmp(&b.at[axis]));
    if let [first, .., last] = &*cards {
        let (from, to) = (first.at[axis], last.at[axis]);
        let step = (to - from) / (cards.len() - 1) as f64;
        for (i, card) in cards.iter_mut().enumerate() {
            card.at[axis] = from + step * i as f64;
        }
    }
    if axis == 0 { "Spread from left to right" } else { "Spread from top to bottom" }
}

/// How a link orders the cards at its ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    /// The second stands one column farther.
    Next,
    /// Both stand in one column: what is beside the way of a request.
    Same,
    /// Nothing follows from it.
    Free,
}

fn rank(kind: impl Fn(&str) -> Option<Kind>, link: &Link) -> Rank {
    let means = kind(&link.from).zip(kind(&link.to)).map(|(from, to)| meaning(from, to));
    match means {
        Some(Ok(Meaning::Names | Meaning::Replication)) => Rank::Same,
        Some(Ok(Meaning::Record)) => Rank::Free,
        _ => Rank::Next,
    }
}

/// Sugiyama's way (Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
/// 1981), without the nodes that bend long links: columns by the longest way from the users, then an order in each
/// column that keeps neighbours near, by the mean place of what a card is linked to.
fn lay_out(doc: &Scenario, cards: &mut [Card]) -> &'static str {
    // As they stood, so that what nothing decides stays in the order that a person gave it.
    order::sort_by(cards, |a, b| a.at[1].total_cmp(&b.at[1]).then(a.at[0].total_cmp(&b.at[0])));
    let place: Map<&str, usize> = cards.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).gather();
    let kinds: Map<&str, Option<Kind>> = all_nodes(doc).map(|(n, _)| (n.id.as_str(), Kind::from_id(&n.kind))).gather();
    let kind = |id: &str| kinds.get(id).copied().flatten();
    let joining =
        doc.timeline.iter().filter_map(|e| if let Action::AddLink(l) = &e.action { Some(&**l) } else { None });
    let links: Vec<(usize, usize, Rank)> = (doc.links.iter().chain(joining))
        .filter_map(|l| Some((*place.get(l.from.as_str())?, *place.get(l.to.as_str())?, rank(kind, l))))
        .collect();
    let old = around(cards);
    let mut columns = columns(cards.len(), &links);
    let mut beside = vec![Vec::new(); cards.len()];
    for &(a, b, _) in &links {
        beside[a].push(b);
        beside[b].push(a);
    }
    for sweep in 0..SWEEPS {
        reorder(&mut columns, &beside, sweep % 2 == 0);
    }
    stand(cards, &columns, old);
    "Laid out"
}

/// The cards of each column. A ring of links is cut where it comes back to a card that was met before.
fn columns(cards: usize, links: &[(usize, usize, Rank)]) -> Vec<Vec<usize>> {
    let mut group: Vec<usize> = (0..cards).collect();
    // Who stands beside each other is one group; a group has one column.
    for &(a, b, rank) in links {
        if rank == Rank::Same {
            let (from, to) = (group[b], group[a]);
            group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
        }
    }
    let mut depth = vec![0usize; cards];
    let mut steps: Vec<(usize, usize)> = links
        .iter()
        .filter(|l| l.2 == Rank::Next)
        .map(|&(a, b, _)| (group[a], group[b]))
        .filter(|(a, b)| a != b)
        .collect();
    let mut met: Set<(usize, usize)> = Set::new();
    steps.retain(|step| met.insert(*step));
    drop_rings(cards, &mut steps);
    // Without rings no way is longer than there are cards.
    for _ in 0..cards {
        let mut changed = false;
        for &(a, b) in &steps {
            if depth[b] < depth[a] + 1 {
                depth[b] = depth[a] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let most = (0..cards).map(|i| depth[group[i]]).max().unwrap_or(0);
    let mut columns = vec![Vec::new(); most + 1];
    for i in 0..cards {
        columns[depth[group[i]]].push(i);
    }
    columns
}

/// Takes out the steps that lead back onto the way from which they come.
fn drop_rings(cards: usize, steps: &mut Vec<(usize, usize)>) {
    let next: Vec<Vec<usize>> =
        (0..cards).map(|i| steps.iter().filter(|(a, _)| *a == i).map(|(_, b)| *b).collect()).collect();
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0u8; cards];
    let mut back: Set<(usize, usize)> = Set::new();
    for start in 0..cards {
        let mut way = vec![(start, 0)];
        while state[start] != 2 {
            let Some((at, tried)) = way.last_mut() else { break };
            state[*at] = 1;
            match next[*at].get(*tried) {
                Some(&to) => {
                    *tried += 1;
                    let from = *at;
                    match state[to] {
                        0 => way.push((to, 0)),
                        1 => _ = back.insert((from, to)),
                        _ => {}
                    }
                }
                None => {
                    state[*at] = 2;
                    way.pop();
                }
            }
        }
    }
    steps.retain(|step| !back.contains(step));
}

/// Sorts each column by where its neighbours stand: those in the columns before it, or after it.
fn reorder(columns: &mut [Vec<usize>], beside: &[Vec<usize>], forwards: bool) {
    let count = columns.len();
    // Column and place of each card; places are counted from the middle of the column.
    let mut spot = vec![(0, 0.0); beside.len()];
    let place = |spot: &mut Vec<(usize, f64)>, c: usize, column: &[usize]| {
        for (i, &card) in column.iter().enumerate() {
            spot[card] = (c, i as f64 - (column.len() - 1) as f64 / 2.0);
        }
    };
    for (c, column) in columns.iter().enumerate() {
        place(&mut spot, c, column);
    }
    for step in 0..count {
        let at = if forwards { step } else { count - 1 - step };
        let seen = |c: usize| if forwards { c < at } else { c > at };
        let wanted = |card: usize| {
            let places = beside[card].iter().map(|&other| spot[other]).filter(|(c, _)| seen(*c));
            let (sum, n) = places.fold((0.0, 0u32), |(sum, n), (_, y)| (sum + y, n + 1));
            if n == 0 { spot[card].1 } else { sum / f64::from(n) }
        };
        let mut keyed: Vec<(f64, usize)> = columns[at].iter().map(|&card| (wanted(card), card)).collect();
        order::sort_by(&mut keyed, |a, b| a.0.total_cmp(&b.0));
        columns[at] = keyed.into_iter().map(|(_, card)| card).collect();
        place(&mut spot, at, &columns[at]);
    }
}

/// Puts the cards where their columns are, on the grid, around the middle of where they were.
fn stand(cards: &mut [Card], columns: &[Vec<usize>], old: Rect) {
    let on_grid = |v: f64| (v / GRID).round() * GRID;
    let long = |n: usize, card: f64, gap: f64| n as f64 * (card + gap) - gap;
    let tallest = long(columns.iter().map(Vec::len).max().unwrap_or(0), CARD_H, DOWN);
    let [cx, cy] = old.centre();
    // The tallest column decides where the middle is: so what is laid out once more stays where it is.
    let (left, middle) =
        (on_grid(cx - long(columns.len(), CARD_W, ACROSS) / 2.0), on_grid(cy - tallest / 2.0) + tallest / 2.0);
    for (c, column) in columns.iter().enumerate() {
        let top = on_grid(middle - long(column.len(), CARD_H, DOWN) / 2.0);
        for (i, &card) in column.iter().enumerate() {
            cards[card].at = [left + c as f64 * (CARD_W + ACROSS), top + i as f64 * (CARD_H + DOWN)];
        }
    }
}
