//! Runs the engine against theory, real software and other simulators, and writes down what came out.
//!
//! Started by `cargo xtask validate`, which brings what is needed and builds this program at full speed. Everything that
//! the engine does here depends on the seeds alone, so that the tables can be made again to the last digit; what real
//! software does is measured anew each time.

mod case;
mod cases;
mod joining;
mod judge;
mod peers;
mod real;
mod report;
mod run;

use anyhow::{Result, bail};
use case::Case;
use report::Table;
use run::Little;
use std::process::ExitCode;
use std::{env, fs, thread};

/// A short form runs what costs no more than this (visits of requests to nodes); the rest would be too long.
const SHORT_COST: f64 = 12e6;

/// What the command line says.
struct Options {
    /// Only cases whose run is short.
    short: bool,
    /// Write the report to these files: Markdown, page.
    write: Option<(String, String)>,
    /// Only systems whose section or title contains this.
    only: Option<String>,
    /// A Python that has SimPy and Ciw.
    peers: Option<String>,
}

fn options() -> Result<Options> {
    let mut options = Options { short: false, write: None, only: None, peers: None };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a value"));
        match word.as_str() {
            "--short" => options.short = true,
            "--only" => options.only = Some(value()?),
            "--peers" => options.peers = Some(value()?),
            "--write" => options.write = Some((value()?, value()?)),
            _ => bail!("{word} is not known"),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    match validate() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything that was asked for; whether all passed.
fn validate() -> Result<bool> {
    let options = options()?;
    let mut tables = engine(&options);
    let named = |title: &str| options.only.as_ref().is_none_or(|word| title.contains(word.as_str()));
    // Beside each other, for they mostly wait; after the engine's runs, which would slow them down.
    tables.extend(real::tables(named));
    if let Some(python) = options.peers.as_ref().filter(|_| named(peers::TITLE)) {
        tables.push(peers::table(python));
    }
    for table in &tables {
        print!("{}", table.text());
    }
    if let Some((markdown, page)) = &options.write {
        fs::write(markdown, report_markdown(&tables))?;
        fs::write(page, report_page(&tables))?;
    }
    let [passed, failed, skipped] = counts(&tables);
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    Ok(failed == 0)
}

/// Runs the table of cases.
fn engine(options: &Options) -> Vec<Table> {
    let mut sections = cases::all();
    for section in &mut sections {
        section.cases.retain(|case| wanted(options, section.title, case));
    }
    sections.retain(|section| !section.cases.is_empty());
    let all: Vec<&Case> = sections.iter().flat_map(|s| &s.cases).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let measured = run::all(&all, threads);
    let mut little = Little::default();
    measured.iter().for_each(|m| little.add(m.little));
    let mut measured = measured.into_iter();
    let mut tables: Vec<Table> = sections
        .iter()
        .map(|s| judge::table(s, &s.cases.iter().filter_map(|_| measured.next()).collect::<Vec<_>>()))
        .collect();
    if little.nodes > 0 {
        tables.push(judge::laws(little));
    }
    tables
}

fn wanted(options: &Options, section: &str, case: &Case) -> bool {
    let named = options.only.as_ref().is_none_or(|word| section.contains(word) || case.title.contains(word));
    named && (!options.short || case.cost <= SHORT_COST)
}

fn counts(tables: &[Table]) -> [usize; 3] {
    tables.iter().map(Table::counts).fold([0; 3], |all, one| [all[0] + one[0], all[1] + one[1], all[2] + one[2]])
}

const INTRODUCTION: &str = "Written by `cargo xtask validate`, which runs all of this again. Every figure of the engine is the mean over \
    replications with the seeds 1, 2, 3, …, with its 95 % interval (Student's t); a figure passes if it lies within the tolerance and \
    if its interval is no wider than the tolerance, so a run that is too short to tell does not pass. Expected values are computed \
    from closed forms by the same command.";

fn summary(tables: &[Table]) -> String {
    let [passed, failed, skipped] = counts(tables);
    format!("Loadstone {}: {passed} passed, {failed} failed, {skipped} skipped.", env!("CARGO_PKG_VERSION"))
}

fn report_markdown(tables: &[Table]) -> String {
    let body: String = tables.iter().map(Table::markdown).collect();
    format!("# How the numbers are checked\n\n{INTRODUCTION}\n\n**{}**\n\n{}\n", summary(tables), body.trim_end())
}

fn report_page(tables: &[Table]) -> String {
    let body: String = tables.iter().map(Table::html).collect();
    let introduction = INTRODUCTION.replace('`', "");
    format!(include_str!("page.html"), introduction = introduction, summary = summary(tables), body = body)
}
