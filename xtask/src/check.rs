//! The quick loop while writing code: what most often fails, under a minute once built.

use anyhow::Result;

use crate::shell::{Steps, cargo, run as run_command};
use crate::tools;

/// `cargo xtask check`.
pub fn run() -> Result<()> {
    tools::rust_components()?;
    let mut steps = Steps::default();
    steps.run("format", format);
    steps.run("lints", lints);
    steps.run("library tests", || run_command(&mut cargo(["test", "--locked", "--lib"])));
    steps.finish()
}

/// Nothing that rustfmt would change.
pub fn format() -> Result<()> {
    run_command(&mut cargo(["fmt", "--all", "--check"]))
}

/// Clippy over all that is built natively, every warning an error.
pub fn lints() -> Result<()> {
    run_command(&mut cargo(["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
}
