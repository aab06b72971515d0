//! Lessons: steps that a document carries, each with something to read, a bet, and a goal that the engine judges.
//!
//! A lesson holds no code. What it asks is an expression over what a run measured ([`expr`]); what it shows is a list of
//! timeline entries like any other. [`trial`] holds a lesson to its word: nobody has reached a goal before doing anything,
//! its own solution reaches it, and no part of that solution is idle.

pub mod course;
pub mod expr;
mod facts;
pub mod judge;
mod read;
pub mod record;
pub mod trial;
pub mod words;

#[cfg(test)]
mod tests;

pub use facts::{Facts, Running};
pub use read::read;

use crate::scenario::{Entry, Scenario};
use expr::Expr;
use serde_json::Value;

/// A lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// What it is called.
    pub title: String,
    /// The idea, in a sentence.
    pub about: String,
    /// One after the other.
    pub steps: Vec<Step>,
}

/// One step of a lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What to read and do: a sentence or two.
    pub say: String,
    /// What to look at: nodes, or links as `from>to`.
    pub look: Vec<String>,
    /// What will happen? Answered by a run.
    pub bet: Option<Bet>,
    /// What to reach.
    pub goal: Option<Goal>,
    /// From the faintest to the plainest, at most three.
    pub hints: Vec<String>,
    /// A way to reach the goal. Edits at 0 s change the design; the rest is added to the timeline.
    pub solution: Vec<Entry>,
    /// Other ways that reach it as well.
    pub others: Vec<Vec<Entry>>,
    /// What it means, in the field's own terms.
    pub explain: String,
    /// What real systems do, and where that is written.
    pub real: Option<Real>,
}

/// A question that a run answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Bet {
    /// The question.
    pub ask: String,
    /// What is done to the document for the answer.
    pub change: Vec<Entry>,
    /// Exactly one of them comes true.
    pub choices: Vec<Choice>,
}

/// One answer to a bet.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it says.
    pub text: String,
    /// When it is right.
    pub when: Expr,
}

/// Something to reach.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// In words.
    pub text: String,
    /// When it is reached.
    pub when: Expr,
    /// The seeds of the runs that must all reach it; if there are none, the document's own is the only one.
    pub seeds: Vec<u64>,
    /// What the design must also live through.
    pub drills: Vec<Drill>,
    /// What is given, and set back before every run.
    pub fixed: Vec<Fixed>,
}

/// A parameter that is not the player's to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// The identifier of a node, or a kind: then of all nodes of that kind.
    pub of: String,
    /// The parameter.
    pub param: String,
    /// Its value; null leaves it out.
    pub value: Value,
}

/// Something bad that happens to a design, whoever drew it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// What happens, in words.
    pub text: String,
    /// What is done to the document.
    pub change: Vec<Entry>,
    /// A node of this kind crashes, at this time in seconds.
    pub crash: Option<(String, f64)>,
    /// What must still hold.
    pub when: Expr,
}

/// What real systems do.
#[derive(Clone, Debug, PartialEq)]
pub struct Real {
    /// In a sentence or two.
    pub text: String,
    /// Addresses of where it is written.
    pub sources: Vec<String>,
}

/// The document after these entries: edits at 0 s become part of the design, everything else comes to the timeline.
pub fn applied(document: &Scenario, entries: &[Entry]) -> Scenario {
    let at_once = |entry: &&Entry| entry.at_s == 0.0 && entry.action.is_edit() && entry.for_s.is_none();
    let (now, later): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(at_once);
    let design = Scenario { timeline: now.into_iter().cloned().collect(), ..document.clone() }.at(0);
    let mut timeline = document.timeline.clone();
    timeline.extend(later.into_iter().cloned());
    Scenario { timeline, ..design }
}
