//! Running other programs: from the root of the checkout, with what they print passed straight through.
//!
//! Knows nothing about which programs the project uses; that is the business of the commands.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the workspace")
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// `program`, to be run from the root of the checkout.
///
/// The variables that `cargo run` set for this program are taken away again: they describe xtask, and build
/// scripts that look at them would run anew each time a build is started from here instead of by hand.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo with these arguments.
pub fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs to the end; anything but success is an error that shows the command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command.status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs without showing anything and tells whether it succeeded; a program that does not exist did not.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// What the program printed, without the line ends around it; none if it failed or does not exist.
pub fn printed(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where `program` lies on the search path.
pub fn which(program: &str) -> Option<PathBuf> {
    let names =
        if cfg!(windows) { vec![format!("{program}.exe"), format!("{program}.cmd")] } else { vec![program.to_owned()] };
    env::split_paths(&env::var_os("PATH")?).flat_map(|dir| names.iter().map(move |n| dir.join(n))).find(|p| p.is_file())
}

/// Puts `dirs` before everything else on the search path of `command`.
pub fn prepend_path(command: &mut Command, dirs: &[PathBuf]) -> Result<()> {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = dirs.iter().cloned().chain(env::split_paths(&path));
    command.env("PATH", env::join_paths(all).context("a folder's name cannot stand in PATH")?);
    Ok(())
}

/// A command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Steps that are all run, even after one has failed, and told of at the end.
#[derive(Default)]
pub struct Steps {
    done: Vec<(&'static str, Duration, Result<()>)>,
}

impl Steps {
    /// Runs `step` under a headline and keeps how it went and how long it took.
    pub fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        println!("\n── {name}");
        let start = Instant::now();
        let result = step();
        let took = start.elapsed();
        match &result {
            Ok(()) => println!("── {name}: ok, {:.1} s", took.as_secs_f64()),
            Err(error) => println!("── {name}: FAILED, {:.1} s: {error:#}", took.as_secs_f64()),
        }
        let passed = result.is_ok();
        self.done.push((name, took, result));
        passed
    }

    /// Prints one line for each step; an error names those that failed.
    pub fn finish(self) -> Result<()> {
        println!();
        for (name, took, result) in &self.done {
            println!("{} {:>7.1} s  {name}", if result.is_ok() { "ok    " } else { "FAILED" }, took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, took, _)| *took).sum();
        println!("       {:>7.1} s  in all", total.as_secs_f64());
        let failed: Vec<_> = self.done.iter().filter(|(_, _, r)| r.is_err()).map(|(name, _, _)| *name).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}
