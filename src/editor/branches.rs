//! Branches: other futures of a run. Whoever goes back, changes something and goes on leaves a future behind, which is
//! kept here as a document with a name. Knows documents and times; they are no part of any document, nor of the history.

use crate::scenario::Scenario;
use crate::time::Nanos;

/// No more than this many; the oldest makes room.
const MOST: usize = 6;
/// Names are cut after so many characters.
const LONGEST: usize = 40;

/// A future that is not the present one.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// What people call it: "before mode sync".
    pub label: String,
    /// The document that makes it.
    pub document: Scenario,
    /// How far it has been seen.
    pub reached: Nanos,
}

/// The branches of an open document, the latest last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branches {
    /// What people call the present one; empty until there are others.
    label: String,
    others: Vec<Branch>,
}

impl Branches {
    /// What people call the present one.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The others.
    pub fn others(&self) -> &[Branch] {
        &self.others
    }

    /// The document became this one. If that is a way back to a branch, as by undo, it is no other any more; returns
    /// how far it had been seen.
    pub fn returned(&mut self, to: &Scenario) -> Option<Nanos> {
        let back = self.others.iter().position(|b| b.document == *to)?;
        let back = self.others.remove(back);
        self.label = if self.others.is_empty() { String::new() } else { back.label };
        Some(back.reached)
    }

    /// Keeps what the document was before a change of what had been seen, up to `reached`. `what` says what was changed,
    /// as in "Mode sync at 12.5 s".
    pub fn keep(&mut self, before: Scenario, reached: Nanos, what: &str) {
        let what = short(what);
        let label = match self.label.as_str() {
            "" => format!("before {what}"),
            label => label.to_owned(),
        };
        self.add(Branch { label, document: before, reached });
        self.label = format!("with {what}");
    }

    /// Goes over to another branch; the present one takes its place. Returns its document and how far it was seen.
    pub fn switch(&mut self, to: usize, present: Scenario, reached: Nanos) -> Option<(Scenario, Nanos)> {
        let there = self.others.get_mut(to)?;
        let label = std::mem::take(&mut self.label);
        let left = std::mem::replace(there, Branch { label, document: present, reached });
        self.label = left.label;
        Some((left.document, left.reached))
    }

    /// Forgets one of the others.
    pub fn forget(&mut self, which: usize) {
        if which < self.others.len() {
            self.others.remove(which);
        }
    }

    fn add(&mut self, branch: Branch) {
        // Two of one name are told apart by a number.
        let stem = branch.label.clone();
        let taken = |label: &str| self.others.iter().any(|b| b.label == label);
        let label = (2..).map(|n| format!("{stem} ({n})"));
        let label = std::iter::once(stem.clone()).chain(label).find(|l| !taken(l)).unwrap_or(stem.clone());
        if self.others.len() >= MOST {
            self.others.remove(0);
        }
        self.others.push(Branch { label, ..branch });
    }
}

/// A change in a few words for a name: without its time and quotes, and not as a sentence.
fn short(what: &str) -> String {
    let what = what.split(" at ").next().unwrap_or(what).split(". ").next().unwrap_or(what).trim_end_matches('.');
    let mut letters = what.chars().filter(|&c| c != '"').peekable();
    let first = letters.next();
    // DNS is no sentence's first word.
    let keeps = letters.peek().is_some_and(|c| c.is_uppercase());
    let first = first.map(|c| if keeps { c.to_string() } else { c.to_lowercase().to_string() }).unwrap_or_default();
    first.chars().chain(letters).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(seed: u64) -> Scenario {
        Scenario { seed, ..Scenario::default() }
    }

    #[test]
    fn the_old_future_is_kept_under_a_name() {
        let mut branches = Branches::default();
        branches.keep(document(1), 40, "Mode \"sync\" at 12.5 s");
        assert_eq!((branches.label(), branches.others()[0].label.as_str()), ("with mode sync", "before mode sync"));
        let (there, reached) = branches.switch(0, document(2), 55).unwrap();
        assert_eq!((there, reached), (document(1), 40));
        assert_eq!((branches.label(), branches.others()[0].label.as_str()), ("before mode sync", "with mode sync"));
        assert_eq!(branches.switch(1, document(1), 40), None);
    }

    #[test]
    fn undo_comes_back_to_the_future_that_was() {
        let mut branches = Branches::default();
        branches.keep(document(1), 40, "Cut");
        assert_eq!(branches.returned(&document(2)), None);
        assert_eq!(branches.returned(&document(1)), Some(40));
        assert_eq!(branches, Branches::default(), "there is one future again");
    }

    #[test]
    fn they_are_few_and_have_names_of_their_own() {
        let mut branches = Branches::default();
        for seed in 0..20 {
            branches.keep(document(seed), 40, "Cut");
        }
        let labels: Vec<&str> = branches.others().iter().map(|b| b.label.as_str()).collect();
        assert_eq!(labels.len(), MOST);
        let mut once = labels.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), labels.len(), "two branches of one name: {labels:?}");
        branches.forget(0);
        branches.forget(99);
        assert_eq!(branches.others().len(), MOST - 1);
    }
}
