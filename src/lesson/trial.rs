//! A lesson held to its word by the engine: what `loadstone lesson` does.

use super::expr::Expr;
use super::{Facts, Lesson, Step, applied, judge};
use crate::check;
use crate::codec::Problem;
use crate::scenario::{Params, Scenario};
use crate::scene::format;

/// How one step fared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was found, in sentences: the answer of the bet, what reaches the goal.
    pub said: Vec<String>,
    /// What is wrong with the step; empty if it keeps its word.
    pub wrong: Vec<String>,
}

/// Tries every step in turn, each on the document that the solutions before it leave.
pub fn trial(document: &Scenario, lesson: &Lesson) -> Vec<Report> {
    let mut at = Scenario { lesson: Params::new(), ..document.clone() };
    let mut reports = Vec::new();
    for step in &lesson.steps {
        let mut report = Report::default();
        bet(&at, step, &mut report);
        goal(&at, step, &mut report);
        at = applied(&at, &step.solution);
        let errors = check::check(&at).into_iter().filter(Problem::is_error);
        report.wrong.extend(errors.map(|problem| format!("its solution leaves a design that cannot run: {problem}")));
        reports.push(report);
    }
    reports
}

/// The numbers behind an expression, as "requests.failed = 3".
pub fn numbers(when: &Expr, facts: &Facts) -> String {
    let number = |path: &str| facts.get(path).map_or_else(|| "nothing".to_owned(), format::number);
    when.paths().into_iter().map(|path| format!("{path} = {}", number(path))).collect::<Vec<_>>().join(", ")
}

fn bet(at: &Scenario, step: &Step, report: &mut Report) {
    let Some(bet) = &step.bet else { return };
    let facts = match Facts::of(&applied(at, &bet.change)) {
        Ok(facts) => facts,
        Err(why) => return report.wrong.push(format!("the run that answers its bet stops: {why}")),
    };
    let right: Vec<_> = bet.choices.iter().filter(|c| c.when.holds(&|path| facts.get(path))).collect();
    match right[..] {
        [right] => report.said.push(format!("the bet: {} ({})", right.text, numbers(&right.when, &facts))),
        _ => {
            let all: Vec<String> = bet.choices.iter().map(|c| numbers(&c.when, &facts)).collect();
            report.wrong.push(format!(
                "{} answers of its bet come true, but must be one: {}",
                right.len(),
                all.join("; ")
            ));
        }
    }
}

fn goal(at: &Scenario, step: &Step, report: &mut Report) {
    let Some(goal) = &step.goal else { return };
    // The first run that misses it says why; if none does, the first of all says by how much.
    let reaches = |document: &Scenario, what: &str| {
        let mut how = None;
        for trial in judge::trials(goal, document) {
            let drill = trial.drill.as_ref().map(|drill| format!("{drill}: ")).unwrap_or_default();
            let seed = if goal.seeds.is_empty() { String::new() } else { format!("seed {}: ", trial.document.seed) };
            let (reached, found) = match Facts::of(&trial.document) {
                Ok(facts) => (trial.holds(&facts), numbers(&trial.when, &facts)),
                Err(why) => (false, format!("{what} stops: {why}")),
            };
            let found = format!("{drill}{seed}{found}");
            if !reached {
                return (false, found);
            }
            how.get_or_insert(found);
        }
        (true, how.unwrap_or_default())
    };
    let (reached, how) = reaches(at, "the run");
    if reached {
        report.wrong.push(format!("its goal is reached before anything is done ({how})"));
    }
    let (reached, how) = reaches(&applied(at, &step.solution), "the solution's run");
    if reached {
        report.said.push(format!("the goal is reached by its solution ({how})"));
    } else {
        report.wrong.push(format!("its solution does not reach its goal: {} ({how})", goal.when));
    }
    for (i, other) in step.others.iter().enumerate() {
        let (reached, how) = reaches(&applied(at, other), "the run");
        if reached {
            report.said.push(format!("another way reaches it too ({how})"));
        } else {
            report.wrong.push(format!("other way {} does not reach its goal ({how})", i + 1));
        }
    }
    // What of a solution can be left out was no part of it, or the goal does not see what matters.
    for left_out in 0..if step.solution.len() > 1 { step.solution.len() } else { 0 } {
        let mut rest = step.solution.clone();
        let entry = rest.remove(left_out);
        // Without a node the links to it make no sense: they go with it.
        let fits = applied(at, &rest);
        if check::refused(&check::check(&fits)) {
            continue;
        }
        let (reached, how) = reaches(&fits, "the run");
        if reached {
            let label = crate::editor::timeline::label(at, &entry);
            report.wrong.push(format!("its goal is reached without “{label}” of its solution ({how})"));
        }
    }
}
