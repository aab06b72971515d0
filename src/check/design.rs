//! A document with its identifiers looked up: nodes by number, links with their ends and meaning.

use crate::component::link::meaning;
use crate::component::{Kind, Meaning};
use crate::order::Map;
use crate::scenario::Scenario;

/// A document that can be walked along its links.
pub(super) struct Design<'a> {
    pub scenario: &'a Scenario,
    /// A node's place in the list; of two with the same identifier the first.
    pub index: Map<&'a str, usize>,
    /// Each node's kind, if this version has it.
    pub kinds: Vec<Option<Kind>>,
    /// Each link's ends, if both are there.
    pub ends: Vec<Option<(usize, usize)>>,
    /// Each link's meaning, if it has one.
    pub meanings: Vec<Option<Meaning>>,
}

impl<'a> Design<'a> {
    pub fn new(scenario: &'a Scenario) -> Self {
        let mut index = Map::new();
        for (i, node) in scenario.nodes.iter().enumerate() {
            index.or_insert(node.id.as_str(), i);
        }
        let kinds: Vec<Option<Kind>> = scenario.nodes.iter().map(|n| Kind::from_id(&n.kind)).collect();
        let place = |id: &str| index.get(id).copied();
        let ends: Vec<_> = scenario.links.iter().map(|l| place(&l.from).zip(place(&l.to))).collect();
        let meanings = ends
            .iter()
            .map(|ends| {
                let (from, to) = (*ends)?;
                if from == to { None } else { meaning(kinds[from]?, kinds[to]?).ok() }
            })
            .collect();
        Self { scenario, index, kinds, ends, meanings }
    }

    /// The links that mean something: number, from, to, meaning.
    pub fn edges(&self) -> impl Iterator<Item = (usize, usize, usize, Meaning)> + '_ {
        self.ends.iter().zip(&self.meanings).enumerate().filter_map(|(i, (ends, meaning))| {
            let (from, to) = (*ends)?;
            Some((i, from, to, (*meaning)?))
        })
    }

    /// The nodes of this kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = usize> + '_ {
        (0..self.kinds.len()).filter(move |&i| self.kinds[i] == Some(kind))
    }

    pub fn id(&self, node: usize) -> &'a str {
        &self.scenario.nodes[node].id
    }

    /// Who each node is linked to by links of such meanings.
    pub fn neighbours(&self, such: impl Fn(Meaning) -> bool) -> Vec<Vec<usize>> {
        let mut next = vec![Vec::new(); self.kinds.len()];
        for (_, from, to, meaning) in self.edges() {
            if such(meaning) {
                next[from].push(to);
            }
        }
        next
    }
}
