//! The contestants: how each is built and how its time is taken. Every one prints what it did and how long it took.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, command, printed, run, target};
use crate::tools;

/// The project's own works, and the bare loop, as a native program.
pub struct Native(PathBuf);

/// What a closed loop took.
pub struct Closed {
    pub ns_per_event: f64,
    /// All memory that is held.
    pub bytes: f64,
    /// Allocations per request while it ran.
    pub allocations: f64,
}

/// Events of one request in the closed loop: thinking, the request, computing, the answer.
const EVENTS_PER_REQUEST: f64 = 4.0;

impl Native {
    /// Builds it with one of cargo's profiles.
    pub fn build(profile: &str) -> Result<Native> {
        run(cargo(["build", "--locked", "--quiet", "--package", "bench", "--profile"]).arg(profile))?;
        let folder = if profile == "dev" { "debug" } else { profile };
        Ok(Native(target().join(folder).join(format!("bench{}", std::env::consts::EXE_SUFFIX))))
    }

    /// Requests per second.
    pub fn rate(&self, who: &str, work: &str, requests: u64) -> Result<f64> {
        rate(command(&self.0).args([who, work]).arg(requests.to_string()))
    }

    pub fn closed(&self, users: u32, seconds: u64) -> Result<Closed> {
        let numbers = numbers(command(&self.0).arg("closed").args([users.to_string(), seconds.to_string()]))?;
        let [events, spent, _, bytes, allocations] = numbers[..] else { bail!("the closed loop said {numbers:?}") };
        let requests = events / EVENTS_PER_REQUEST;
        Ok(Closed { ns_per_event: spent / events * 1e9, bytes, allocations: allocations / requests })
    }

    /// The slowest of so many ways to random moments of a long run, in ms.
    pub fn rewind(&self, seeks: u64) -> Result<f64> {
        slowest(command(&self.0).arg("rewind").arg(seeks.to_string()))
    }

    /// Hashes of random designs, and the number of events.
    pub fn hashes(&self, designs: u64) -> Result<String> {
        let text = printed(command(&self.0).args(["hashes", "0"]).arg(designs.to_string()));
        text.context("the native program gave no hashes")
    }
}

/// The same works as wasm, run by Node, whose engine is Chromium's.
pub struct Wasm(PathBuf);

/// What Rust's wasm uses by default, by wasm-opt's names.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "sign-ext",
    "mutable-globals",
    "nontrapping-float-to-int",
    "multivalue",
    "reference-types",
];

impl Wasm {
    /// Builds with one of the profiles of `Cargo.toml` and lets wasm-opt do what it does for the page.
    pub fn build(profile: &str, optimize: impl std::fmt::Display) -> Result<Wasm> {
        tools::wasm_target()?;
        tools::need_node()?;
        const TARGET: &str = "wasm32-unknown-unknown";
        let build = ["build", "--locked", "--quiet", "--package", "bench", "--lib", "--target", TARGET, "--profile"];
        run(cargo(build).arg(profile))?;
        let dir = target().join("bench-wasm").join(profile);
        fs::create_dir_all(&dir)?;
        let bindgen = tools::WASM_BINDGEN.bring()?.join("wasm-bindgen");
        let built = target().join(TARGET).join(profile).join("works.wasm");
        run(command(bindgen).args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&dir).arg(built))?;
        let wasm = dir.join("works_bg.wasm");
        let opt = tools::WASM_OPT.bring()?.join("wasm-opt");
        let level = format!("-O{optimize}");
        run(command(opt).arg(level).args(FEATURES.map(|f| format!("--enable-{f}"))).arg(&wasm).arg("-o").arg(&wasm))?;
        Ok(Wasm(dir))
    }

    fn node(&self) -> Command {
        let mut node = command("node");
        node.arg("bench/node.mjs").arg(&self.0);
        node
    }

    /// Requests per second, once the browser's compiler has done its work.
    pub fn rate(&self, work: &str, requests: u64) -> Result<f64> {
        rate(self.node().args(["engine", work]).arg(requests.to_string()))
    }

    /// The slowest of so many ways to random moments of a long run, in ms.
    pub fn rewind(&self, seeks: u64) -> Result<f64> {
        slowest(self.node().arg("rewind").arg(seeks.to_string()))
    }

    /// Hashes of random designs, and the number of events.
    pub fn hashes(&self, designs: u64) -> Result<String> {
        printed(self.node().args(["hashes", "0"]).arg(designs.to_string())).context("Node gave no hashes")
    }
}

/// Other people's simulators.
pub struct Python(PathBuf);

impl Python {
    pub fn new(program: PathBuf) -> Python {
        Python(program)
    }

    /// Requests per second.
    pub fn rate(&self, script: &str, work: &str, requests: u64) -> Result<f64> {
        rate(command(&self.0).arg(Path::new("bench/peers").join(script)).arg(work).arg(requests.to_string()))
    }
}

/// Runs something that prints requests, seconds and more.
fn rate(command: &mut Command) -> Result<f64> {
    match numbers(command)?[..] {
        [requests, seconds, ..] if seconds > 0.0 => Ok(requests / seconds),
        _ => bail!("it printed neither requests nor seconds"),
    }
}

fn slowest(command: &mut Command) -> Result<f64> {
    numbers(command)?.first().map(|seconds| seconds * 1000.0).context("it printed no time")
}

fn numbers(command: &mut Command) -> Result<Vec<f64>> {
    let text = printed(command).with_context(|| format!("{command:?} failed"))?;
    let read = |word: &str| word.parse::<f64>().with_context(|| format!("{word:?} is no number, of {text:?}"));
    text.split_whitespace().map(read).collect()
}
