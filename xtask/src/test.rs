//! Every check there is, in one go: what continuous integration runs and what a change must pass.
//!
//! All steps are run even if one fails, but those that need an earlier one's result. They share one target
//! folder and as few profiles as possible, so that the dependencies are built once natively and once for
//! wasm.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::shell::{Steps, cargo, command, root, run as run_command};
use crate::{bench, check, dist, size, tools, validate};

/// `cargo xtask test`.
pub fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.run("set-up", set_up);
    steps.run("format", check::format);
    steps.run("lints", check::lints);
    steps.run("lints of the page", page_lints);
    steps.run("documentation", documentation);
    steps.run("tests", || run_command(&mut cargo(["test", "--locked", "--workspace"])));
    steps.run("native and wasm agree", bench::agree);
    steps.run("validation, the short form", validate::short);
    steps.run("licences and duplicates of the dependencies", dependencies);
    if steps.run("the page", dist::run) {
        steps.run("size of the first load", size::run);
        steps.run("browser tests", || browser(&[]));
    }
    steps.finish()
}

/// `cargo xtask test --browser`: on the page as it was last built.
pub fn browser_only(files: &[String]) -> Result<()> {
    tools::browser_packages()?;
    if !dist::dir().join("index.html").exists() {
        dist::run()?;
    }
    browser(files)
}

/// Brings everything first, so that what is missing is said before minutes of building.
fn set_up() -> Result<()> {
    tools::rust_components()?;
    tools::wasm_target()?;
    tools::std_source()?;
    tools::need_node()?;
    tools::chromium()?;
    tools::firefox()?;
    tools::browser_packages()?;
    for tool in tools::FOR_THE_PAGE {
        tool.bring()?;
    }
    tools::CARGO_DENY.bring()?;
    tools::crates()
}

/// Clippy over the page and its worker, as they are built for the browser.
fn page_lints() -> Result<()> {
    let mut clippy = cargo(["clippy", "--locked", "--package", "loadstone", "--bins", "--quiet"]);
    clippy.args(["--no-default-features", "--features", "split", "--target", "wasm32-unknown-unknown"]);
    run_command(clippy.args(["--", "-D", "warnings"]))
}

fn documentation() -> Result<()> {
    let mut doc = cargo(["doc", "--locked", "--no-deps", "--lib", "--quiet"]);
    run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Without the list of known vulnerabilities: it needs the network at every run, and would make a change
/// fail for what happened elsewhere.
fn dependencies() -> Result<()> {
    let deny = tools::CARGO_DENY.bring()?.join("cargo-deny");
    let mut deny = command(deny);
    deny.args(["--offline", "--locked", "--all-features", "--log-level", "error"]);
    run_command(deny.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))
}

/// Real Chromium, and Firefox, on the built page. The tests compare what it shows with the native program, which lies
/// beside this one: both are built with the same profile.
fn browser(files: &[String]) -> Result<()> {
    run_command(&mut cargo(["build", "--locked", "--quiet", "--bin", "loadstone"]))?;
    let here = env::current_exe()?;
    let native = here.with_file_name(format!("loadstone{}", env::consts::EXE_SUFFIX));
    let mut node = command("node");
    node.args(["--test", "--test-reporter", "spec"]).args(test_files(files)?);
    node.env("CHROMIUM", tools::chromium()?)
        .env("FIREFOX", tools::firefox()?)
        .env("LOADSTONE_DIST", dist::dir())
        .env("LOADSTONE", native);
    run_command(&mut node)
}

/// All `*.test.mjs`, or those whose names contain one of the given words.
fn test_files(words: &[String]) -> Result<Vec<PathBuf>> {
    let dir = root().join("tests/browser");
    let mut files = Vec::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("could not read {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") && (words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("no browser test is called like that");
    }
    files.sort();
    Ok(files)
}
