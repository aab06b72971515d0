//! The developer's commands, run as `cargo xtask NAME`.
//!
//! Each command brings what it needs and is missing (see [`tools`]), so that a newcomer never installs by
//! hand. The commands know how the project is built and checked; they know nothing of what it computes, and
//! the program never depends on them.

// The clock and waiting are banned for the sake of the engine; a tool that builds may use both.
#![allow(clippy::disallowed_methods)]

mod bench;
mod check;
mod dist;
mod program;
mod serve;
mod shell;
mod shots;
mod size;
mod test;
mod tools;
mod validate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, serve and check Loadstone.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it on this machine; rebuilds when a file changes.
    Serve {
        /// The port to listen on; without it the first free one from 8080 on.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Everything that has to hold before a change is merged; continuous integration runs exactly this.
    Test {
        /// Only the browser tests, on the page as it was last built by `dist`; words after it name test files.
        #[arg(long, num_args = 0.., value_name = "FILE")]
        browser: Option<Vec<String>>,
    },
    /// The quick loop: formatting, lints, and the library's own tests.
    Check,
    /// Build the page for hosting, under any path, into `dist/`.
    Dist,
    /// What a first visit has to load, compressed, from `dist/`.
    Size,
    /// How fast the engine is, against other simulators and a bare loop, natively and as wasm.
    Bench {
        /// Contestants take turns so often; medians count.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Only the measurements whose names contain this word.
        #[arg(long, value_name = "WORD")]
        only: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Hold the engine to theory, real software and other simulators, and write VALIDATION.md.
    Validate(validate::Args),
    /// Pictures of the built page in every screen size, light and dark.
    Shots {
        /// The folder to write the PNG files to.
        dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve { port } => serve::run(port),
        Command::Test { browser: Some(files) } => test::browser_only(&files),
        Command::Test { browser: None } => test::run(),
        Command::Check => check::run(),
        Command::Dist => dist::run(),
        Command::Size => size::run(),
        Command::Bench { rounds, only, json } => bench::run(rounds, only.as_deref(), json),
        Command::Validate(args) => validate::run(&args),
        Command::Shots { dir } => shots::run(&dir),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
