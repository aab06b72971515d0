//! The engine against theory, real software and other simulators.
//!
//! The work is done by the package `validation`, a program of its own that is built at full speed: here it is only
//! provided with what it needs. So this command stays quick to build, and still works when the library does not.

use std::env;

use anyhow::Result;

use crate::shell::{cargo, root, run as run_command};
use crate::tools;

/// What `cargo xtask validate` is told.
#[derive(clap::Args)]
pub struct Args {
    /// Only what is quick, as in `cargo xtask test`; the tolerances are the same, and VALIDATION.md stays as it is.
    #[arg(long)]
    short: bool,
    /// Only systems whose headline or name contains this word; VALIDATION.md stays as it is.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// Bring the real software from Debian's packages where it is missing; CI=true does so too.
    #[arg(long)]
    install: bool,
}

/// `cargo xtask validate`.
pub fn run(args: &Args) -> Result<()> {
    if args.install || env::var_os("CI").is_some_and(|ci| ci == "true") {
        tools::real_software()?;
    }
    let mut program = cargo(["run", "--release", "--locked", "--quiet", "--package", "validation", "--"]);
    if args.short {
        program.arg("--short");
    }
    if let Some(word) = &args.only {
        program.args(["--only", word]);
    }
    if !args.short {
        program.arg("--peers").arg(tools::peers()?);
    }
    if !args.short && args.only.is_none() {
        program.arg("--write").arg(root().join("VALIDATION.md")).arg(root().join("www/validation.html"));
    }
    run_command(&mut program)
}

/// The short form, as a step of `cargo xtask test`.
pub fn short() -> Result<()> {
    run(&Args { short: true, only: None, install: false })
}
