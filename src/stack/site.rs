//! What stands where: the nodes of a design that a stack has, by name, and how they are linked.

use super::names;
use crate::component::{Kind, Meaning, Values, link};
use crate::scenario::{Node, Scenario};

/// The port on which everything that answers HTTP listens.
pub const PORT: u16 = 8080;
/// At most so many containers stand for the instances of one server.
const MOST_INSTANCES: u64 = 20;

/// A link of the design.
pub struct Wire<'a> {
    /// Who asks, as an index into [`Site::nodes`].
    pub from: usize,
    /// Who answers.
    pub to: usize,
    /// What it means.
    pub meaning: Meaning,
    /// Its parameters.
    pub values: Values<'a>,
}

/// A node that the stack has.
pub struct Place<'a> {
    /// It in the document.
    pub node: &'a Node,
    /// Its kind.
    pub kind: Kind,
    /// Its name in the stack.
    pub name: String,
    /// Its parameters.
    pub values: Values<'a>,
}

/// A design, as far as a stack has it.
pub struct Site<'a> {
    /// The nodes, in the order of the document.
    pub nodes: Vec<Place<'a>>,
    /// The links between them that mean something, in the order of the document.
    pub wires: Vec<Wire<'a>>,
    /// The seed of the run.
    pub seed: u64,
    /// How long it lasts, in seconds.
    pub run_s: f64,
    /// What had to be left out, a sentence each.
    pub differs: Vec<String>,
}

impl<'a> Site<'a> {
    /// The document's design at the start.
    pub fn new(scenario: &'a Scenario) -> Site<'a> {
        let mut differs = Vec::new();
        let known: Vec<(&Node, Kind)> =
            scenario.nodes.iter().filter_map(|n| Some((n, Kind::from_id(&n.kind)?))).collect();
        let names = names::all(known.iter().map(|(n, _)| n.id.as_str()));
        let mut nodes = Vec::new();
        for ((node, kind), name) in known.into_iter().zip(names) {
            let values = Values::new(kind.spec().params, &node.params);
            if kind == Kind::Queue {
                differs.push(format!("The queue `{name}` is left out, and with it the work that goes through it."));
                continue;
            }
            if kind.hosted() && values.value("host").is_string() {
                differs.push(format!("`{name}` has a container of its own instead of another's machine."));
            }
            if kind == Kind::Server && values.whole("instances") > MOST_INSTANCES {
                differs
                    .push(format!("`{name}` has {MOST_INSTANCES} instances instead of {}.", values.whole("instances")));
            }
            nodes.push(Place { node, kind, name, values });
        }
        let index = |id: &str| nodes.iter().position(|p| p.node.id == id);
        let wires = scenario.links.iter().filter_map(|l| {
            let (from, to) = (index(&l.from)?, index(&l.to)?);
            let meaning = link::meaning(nodes[from].kind, nodes[to].kind).ok()?;
            Some(Wire { from, to, meaning, values: Values::new(meaning.params(), &l.params) })
        });
        let wires = wires.collect();
        Site { nodes, wires, seed: scenario.seed, run_s: scenario.run_s, differs }
    }

    /// Whether anybody answers requests.
    pub fn serves(&self) -> bool {
        self.nodes.iter().any(|p| p.kind == Kind::Server)
    }

    /// The nodes of a kind, with their indices.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = (usize, &Place<'a>)> {
        self.nodes.iter().enumerate().filter(move |(_, p)| p.kind == kind)
    }

    /// The links that leave a node.
    pub fn from(&self, node: usize) -> impl Iterator<Item = &Wire<'a>> {
        self.wires.iter().filter(move |w| w.from == node)
    }

    /// The containers that stand for a node: one for each instance of a server.
    pub fn containers(&self, node: usize) -> Vec<String> {
        let place = &self.nodes[node];
        match place.kind {
            Kind::Server if place.values.whole("instances") > 1 => {
                let count = place.values.whole("instances").min(MOST_INSTANCES);
                (1..=count).map(|n| format!("{}-{n}", place.name)).collect()
            }
            _ => vec![place.name.clone()],
        }
    }

    /// Those that a node passes requests on to, container by container, each with the weight of its link.
    pub fn backends(&self, node: usize) -> Vec<(String, f64)> {
        let mut all = Vec::new();
        for wire in self.from(node).filter(|w| matches!(w.meaning, Meaning::Backend | Meaning::Origin)) {
            let weight = if wire.values.has("weight") { wire.values.number("weight") } else { 1.0 };
            all.extend(self.containers(wire.to).into_iter().map(|name| (name, weight)));
        }
        all
    }

    /// Each node of the design that has containers, with what they are called.
    pub fn named(&self) -> impl Iterator<Item = (&Node, String)> {
        let there = self.nodes.iter().enumerate().filter(|(_, p)| !matches!(p.kind, Kind::Users | Kind::Dns));
        there.map(|(i, place)| {
            let all = self.containers(i);
            let name = match all.as_slice() {
                [first, .., last] => format!("{first}` to `{last}"),
                _ => place.name.clone(),
            };
            (place.node, name)
        })
    }
}

/// Weights as the whole numbers that a program takes: as they are if they fit, otherwise so that the largest is `most`.
/// 0 stays 0 and nothing else becomes it.
pub fn whole_weights(weights: &[f64], most: u32) -> Vec<u32> {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let fits = weights.iter().all(|w| w.fract() == 0.0) && largest <= f64::from(most);
    let factor = if fits || largest == 0.0 { 1.0 } else { f64::from(most) / largest };
    weights.iter().map(|&w| if w == 0.0 { 0 } else { ((w * factor + 0.5) as u32).max(1) }).collect()
}
