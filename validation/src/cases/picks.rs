//! The order in which a balancer picks, request by request.

use super::{design, link};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::{Value, json};

/// Weights, and what nginx picks over and over, worked out from its algorithm below; the first three are known from its
/// source and documentation.
pub const KNOWN: [(&[u32], &str); 3] = [(&[5, 1, 1], "aabacaa"), (&[4, 2, 1], "abacaba"), (&[3, 2, 1], "abacba")];

/// Every set of weights.
pub fn all_weights() -> impl Iterator<Item = &'static [u32]> {
    KNOWN.iter().map(|known| known.0).chain(WEIGHTS)
}

/// The name of a server by its position.
pub fn name(i: usize) -> String {
    ('a'..='z').nth(i).map(String::from).unwrap_or_default()
}

/// The first picks with these weights, from the algorithm's description.
pub fn rounds(weights: &[u32], picks: usize) -> Vec<String> {
    smooth(weights).chars().cycle().take(picks).map(String::from).collect()
}

/// Further weights, on which engine and nginx are compared.
pub const WEIGHTS: [&[u32]; 9] =
    [&[1, 1], &[2, 1], &[3, 1], &[1, 1, 1], &[2, 2, 1], &[6, 3, 1], &[7, 2, 2, 1], &[1, 2, 3, 4], &[10, 1]];

pub fn section() -> Section {
    let known = KNOWN.iter().map(|(weights, order)| (*weights, (*order).to_owned()));
    let further = WEIGHTS.iter().map(|weights| (*weights, smooth(weights)));
    Section {
        title: "Pick orders",
        about: "Smooth weighted round robin as in \
                [nginx](https://github.com/nginx/nginx/blob/master/src/http/ngx_http_upstream_round_robin.c): each server gains its \
                weight, the highest is picked and loses the sum of all.",
        cases: known.chain(further).map(|(weights, order)| order_of(weights, &order)).collect(),
    }
}

fn order_of(weights: &[u32], cycle: &str) -> Case {
    let title = format!("weights {}", weights.iter().map(u32::to_string).collect::<Vec<_>>().join(", "));
    let cycles = 3;
    let length = cycle.len() * cycles;
    Case::short(title, weighted(weights), length as f64 / 10.0 + 2.0, 10.0, 1).text(
        "three rounds",
        move |run: &Run| spaced(run.picks.iter().take(length).map(String::as_str)),
        spaced(cycle.repeat(cycles).split("").filter(|s| !s.is_empty())),
    )
}

/// Servers a, b, c … with these weights behind a balancer.
pub fn weighted(weights: &[u32]) -> Value {
    let users = json!({"id": "users", "kind": "users", "params": {"rate_rps": 10, "arrivals": "constant"}});
    let mut nodes = vec![users, json!({"id": "lb", "kind": "load_balancer"})];
    let mut links = vec![link("users", "lb")];
    for (name, weight) in ('a'..='z').zip(weights) {
        nodes.push(json!({"id": name, "kind": "server"}));
        links.push(json!({"from": "lb", "to": name, "params": {"weight": weight}}));
    }
    design(nodes, links)
}

/// Names with spaces between them.
pub fn spaced<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(" ")
}

/// One round of smooth weighted round robin, from its description.
fn smooth(weights: &[u32]) -> String {
    let total: i64 = weights.iter().map(|&w| i64::from(w)).sum();
    let mut current = vec![0i64; weights.len()];
    let pick = |_| {
        for (current, weight) in current.iter_mut().zip(weights) {
            *current += i64::from(*weight);
        }
        let mut best = 0;
        for i in 1..current.len() {
            if current[i] > current[best] {
                best = i;
            }
        }
        current[best] -= total;
        ('a'..='z').nth(best).expect("few servers")
    };
    (0..total).map(pick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_gives_the_known_orders() {
        for (weights, order) in KNOWN {
            assert_eq!(smooth(weights), order, "weights {weights:?}");
        }
    }
}
