//! File ⇄ share link.

use crate::files::{print, read_checked, tell};
use loadstone::codec;

/// Where `cargo xtask serve` serves the page.
pub const BASE: &str = "http://127.0.0.1:8080/";

/// Prints the link of a file without errors.
pub fn link(file: &str, base: &str) -> Result<(), String> {
    let fragment = codec::link::encode(&read_checked(file)?);
    let problems = codec::link::length_problems(&fragment);
    tell(&problems);
    if problems.iter().any(codec::Problem::is_error) {
        return Err(String::new());
    }
    let base = base.split('#').next().unwrap_or_default();
    print(&format!("{base}#{fragment}\n"))
}

/// Prints the file in a link.
pub fn unlink(link: &str) -> Result<(), String> {
    let (scenario, problems) = codec::link::decode(link).map_err(|problem| problem.message)?;
    tell(&problems);
    print(&codec::write(&scenario))
}
