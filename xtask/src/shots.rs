//! Pictures of the built page, to look at and for the README.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::shell::{command, run as run_command};
use crate::{dist, tools};

/// `cargo xtask shots DIR`: every screen size that the page is designed for, light and dark.
pub fn run(dir: &Path) -> Result<()> {
    tools::browser_packages()?;
    if !dist::dir().join("index.html").exists() {
        dist::run()?;
    }
    fs::create_dir_all(dir)?;
    let mut node = command("node");
    node.arg("tests/browser/shots.mjs").arg(fs::canonicalize(dir)?);
    run_command(node.env("CHROMIUM", tools::chromium()?).env("LOADSTONE_DIST", dist::dir()))
}
