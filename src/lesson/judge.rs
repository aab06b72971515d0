//! What a goal is judged by: one run of the document as it is, or one for each seed that the goal names; then its drills,
//! faults that nobody was shown while building.

use super::expr::Expr;
use super::{Facts, Goal, applied};
use crate::scenario::{Action, Entry, Scenario, Target, set};

/// One of the runs.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The drill in words; none for a run without one.
    pub drill: Option<String>,
    /// What is run: the design with its seed and the faults.
    pub document: Scenario,
    /// What must hold of it.
    pub when: Expr,
}

impl Trial {
    /// Whether the facts of its run are what is wanted.
    pub fn holds(&self, facts: &Facts) -> bool {
        self.when.holds(&|path| facts.get(path))
    }
}

/// The design with what is given set back.
fn given(goal: &Goal, design: &Scenario) -> Scenario {
    let mut design = design.clone();
    for fixed in &goal.fixed {
        for node in design.nodes.iter_mut().filter(|n| n.id == fixed.of || n.kind == fixed.of) {
            if fixed.value.is_null() {
                node.params.remove(&fixed.param);
            } else {
                set(&mut node.params, &fixed.param, &fixed.value);
            }
        }
    }
    design
}

/// All the runs by which this goal judges a design: first those without a drill. A drill that crashes a node of some kind
/// takes another one with each seed, so that no node of that kind can be the only safe one.
pub fn trials(goal: &Goal, design: &Scenario) -> Vec<Trial> {
    let seeds = if goal.seeds.is_empty() { vec![design.seed] } else { goal.seeds.clone() };
    let design = &given(goal, design);
    let seeded = |seed: &u64| Scenario { seed: *seed, ..design.clone() };
    let plain = seeds.iter().map(|seed| Trial { drill: None, document: seeded(seed), when: goal.when.clone() });
    let mut all: Vec<Trial> = plain.collect();
    for drill in &goal.drills {
        for (i, seed) in seeds.iter().enumerate() {
            let mut document = applied(&seeded(seed), &drill.change);
            if let Some((kind, at_s)) = &drill.crash {
                let ids: Vec<&String> = design.nodes.iter().filter(|n| n.kind == *kind).map(|n| &n.id).collect();
                if let Some(victim) = ids.get(i % ids.len().max(1)) {
                    document.timeline.push(Entry::new(*at_s, Target::Node((*victim).clone()), Action::Crash));
                }
            }
            all.push(Trial { drill: Some(drill.text.clone()), document, when: drill.when.clone() });
        }
    }
    all
}
