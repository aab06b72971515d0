//! The command line: runs, checks, explains and shares scenario files, with the same engine as the page.
//!
//! A thin program: it reads files, calls the library and prints. Exit code 2 means that a document has errors or a
//! command could not be carried out; problems go to stderr, results to stdout.

#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/drill.rs"]
mod drill;
#[path = "cli/files.rs"]
mod files;
#[path = "cli/kinds.rs"]
mod kinds;
#[path = "cli/lesson.rs"]
mod lesson;
#[path = "cli/merge.rs"]
mod merge;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/share.rs"]
mod share;
#[path = "cli/stack.rs"]
mod stack;
#[path = "cli/sweep.rs"]
mod sweep;
#[path = "cli/table.rs"]
mod table;
#[path = "cli/timing.rs"]
mod timing;
#[path = "cli/trace.rs"]
mod trace;
#[path = "cli/waterfall.rs"]
mod waterfall;

use clap::{Parser, Subcommand};
use files::print;
use std::path::PathBuf;
use std::process::ExitCode;

/// Draw a web architecture, run it, break it and see why it broke.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulate a scenario and report what happened.
    Run(run::Args),
    /// Run a scenario at many settings and seeds, on every core, and say where it breaks down.
    Sweep(sweep::Args),
    /// Join the shards of a sweep into its table.
    Merge(merge::Args),
    /// Run two scenarios on the same seeds and say by how much they differ.
    Compare(compare::Args),
    /// Crash every node once, each in a run of its own, and say what that means for the users.
    Drill(drill::Args),
    /// Hold a lesson to its word: its goals are reached by its solutions and by nothing less.
    Lesson(lesson::Args),
    /// Follow one request and show what it spends its time on.
    Trace(waterfall::Args),
    /// Say what is wrong with a scenario, and nothing else.
    Check {
        /// The scenario; `-` reads standard input.
        file: String,
    },
    /// Turn a scenario into a share link, which carries all of it behind its `#`.
    Link {
        /// The scenario; `-` reads standard input.
        file: String,
        /// Address of a page that hosts Loadstone; the default is where `cargo xtask serve` serves it.
        #[arg(long, value_name = "URL", default_value = share::BASE)]
        base: String,
    },
    /// Turn a share link back into a scenario file.
    Unlink {
        /// The whole link, or what stands behind its `#`.
        link: String,
    },
    /// Write a scenario's design as containers that run, with a script that sends the same load.
    Stack {
        /// The scenario; `-` reads standard input.
        file: String,
        /// The folder to make; it must not be there yet, or be empty.
        folder: PathBuf,
    },
    /// List every kind of component with its parameters, and those of links.
    Kinds {
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Merge(args) => merge::merge(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Drill(args) => drill::drill(&args),
        Command::Lesson(args) => lesson::lesson(&args),
        Command::Trace(args) => waterfall::trace(&args),
        Command::Check { file } => lesson::check(&file),
        Command::Link { file, base } => share::link(&file, &base),
        Command::Unlink { link } => share::unlink(&link),
        Command::Stack { file, folder } => stack::stack(&file, &folder),
        Command::Kinds { json } => print(&if json { kinds::json() } else { kinds::text() }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                eprintln!("error: {message}");
            }
            ExitCode::from(2)
        }
    }
}
