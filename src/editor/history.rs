//! The undo history: whole documents, bounded in number and in size.
//!
//! Whole documents instead of inverse commands, because they cannot be wrong; a step costs what the document weighs, so
//! large documents keep fewer steps.

use super::command::Gesture;
use crate::scenario::Scenario;

/// No more steps than this.
const STEPS: usize = 500;
/// Nor more than so many nodes, links and entries in all of them together.
const WEIGHT: usize = 400_000;

/// What commands may join the step before them.
#[derive(Clone, Debug, PartialEq)]
pub enum Joins {
    /// None.
    Nothing,
    /// Those of the same gesture.
    Gesture(Gesture),
    /// Nudges of the same nodes.
    Nudge(Vec<String>),
}

#[derive(Clone, Debug)]
struct Step {
    before: Scenario,
    /// From where movements that join it are measured; without it, from before it.
    start: Option<Scenario>,
    label: String,
    joins: Joins,
}

/// Steps back and forward.
#[derive(Clone, Debug, Default)]
pub struct History {
    back: Vec<Step>,
    forward: Vec<Step>,
    weight: usize,
}

fn weight(doc: &Scenario) -> usize {
    1 + doc.nodes.len() + doc.links.len() + doc.timeline.len() + doc.notes.len() / 256
}

impl History {
    /// The document from which a step is measured that this would join; `None` if it would be a step of its own.
    pub fn joined(&self, joins: &Joins) -> Option<&Scenario> {
        let last = self.back.last()?;
        (*joins != Joins::Nothing && last.joins == *joins && self.forward.is_empty())
            .then(|| last.start.as_ref().unwrap_or(&last.before))
    }

    /// Records a change: what was before it, in a word what it was, and from where movements that join it are measured, if not from
    /// before it.
    pub fn record(&mut self, before: Scenario, label: &str, joins: Joins, start: Option<Scenario>) {
        if self.joined(&joins).is_some() {
            return;
        }
        self.forward.clear();
        self.weight += weight(&before);
        self.back.push(Step { before, start, label: label.to_owned(), joins });
        while self.back.len() > STEPS || self.weight > WEIGHT && self.back.len() > 1 {
            let oldest = self.back.remove(0);
            self.weight -= weight(&oldest.before);
        }
    }

    /// Drops the last step if its gesture has come back to where it began: to undo it would change nothing.
    pub fn settle(&mut self, now: &Scenario) {
        if let Some(idle) = self.back.pop_if(|last| last.before == *now) {
            self.weight -= weight(&idle.before);
        }
    }

    /// The document one step back, given the present one, and what is undone.
    pub fn undo(&mut self, now: &Scenario) -> Option<(Scenario, String)> {
        let step = self.back.pop()?;
        self.weight -= weight(&step.before);
        let label = step.label.clone();
        self.forward.push(Step { before: now.clone(), start: None, label: step.label, joins: Joins::Nothing });
        Some((step.before, label))
    }

    /// The document one step forward, and what is done again.
    pub fn redo(&mut self, now: &Scenario) -> Option<(Scenario, String)> {
        let step = self.forward.pop()?;
        self.weight += weight(now);
        let label = step.label.clone();
        self.back.push(Step { before: now.clone(), start: None, label: step.label, joins: Joins::Nothing });
        Some((step.before, label))
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.back.last().map(|s| s.label.as_str())
    }

    /// What redo would bring back.
    pub fn redo_label(&self) -> Option<&str> {
        self.forward.last().map(|s| s.label.as_str())
    }
}
