//! `loadstone lesson`: holds a lesson to its word. Nobody has reached a goal before doing anything, the lesson's own solution reaches
//! it, no part of that solution is idle, and exactly one answer of a bet comes true.

use crate::files::{print, read_checked, tell};
use loadstone::codec::Problem;
use loadstone::lesson::{course, read, trial};
use loadstone::scenario::Scenario;
use serde_json::{Value, json};

/// What `lesson` is told.
#[derive(clap::Args)]
pub struct Args {
    /// A scenario with a lesson in it; `-` reads standard input. Without one, every chapter of the course and every challenge.
    file: Option<String>,
    /// Print the result as JSON, one object for a lesson.
    #[arg(long)]
    json: bool,
}

/// Tries it and reports.
pub fn lesson(args: &Args) -> Result<(), String> {
    let documents: Vec<Scenario> = match &args.file {
        Some(file) => vec![read_checked(file)?],
        None => course::names().chain(course::challenges()).filter_map(course::chapter).collect(),
    };
    let mut wrong = 0;
    for document in &documents {
        wrong += one(document, args.json)?;
    }
    match wrong {
        0 => Ok(()),
        1 => Err("one thing is wrong".into()),
        n => Err(format!("{n} things are wrong")),
    }
}

/// `loadstone check`: what is wrong with a scenario, and with the lesson in it.
pub fn check(file: &str) -> Result<(), String> {
    let (_, problems) = read(&read_checked(file)?);
    tell(&problems);
    if problems.iter().any(Problem::is_error) { Err(String::new()) } else { Ok(()) }
}

/// Tries one lesson; how much is wrong with it.
fn one(document: &Scenario, json: bool) -> Result<usize, String> {
    let (lesson, problems) = read(document);
    let Some(lesson) = lesson else {
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(if said.is_empty() { format!("{} has no lesson", document.name) } else { said.join("\n") });
    };
    let reports = trial::trial(document, &lesson);
    let wrong = reports.iter().map(|r| r.wrong.len()).sum();
    if json {
        let steps: Vec<Value> = reports.iter().map(|r| json!({"said": r.said, "wrong": r.wrong})).collect();
        print(&format!("{}\n", json!({"title": lesson.title, "steps": steps})))?;
    } else {
        let mut text = format!("{}\n", lesson.title);
        for (i, report) in reports.iter().enumerate() {
            let lines = report.said.iter().map(|l| ("ok", l)).chain(report.wrong.iter().map(|l| ("WRONG", l)));
            let lines: Vec<String> = lines.map(|(how, line)| format!("    {how}: {line}\n")).collect();
            text += &format!("  step {}: {}\n{}", i + 1, lesson.steps[i].say, lines.concat());
        }
        print(&text)?;
    }
    Ok(wrong)
}
