//! The contestants: how each is built and how its time is taken. Every one prints what it did and how long it took.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::shell::{cargo, command, printed, run, target};
use crate::{dist, program, tools};

/// Everybody, each built when first asked.
#[derive(Default)]
pub struct Contestants {
    native: OnceCell<Native>,
    fast: OnceCell<Wasm>,
    small: OnceCell<Wasm>,
    python: OnceCell<Python>,
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if cell.get().is_none() {
        let _ = cell.set(make()?);
    }
    cell.get().context("it was just made")
}

impl Contestants {
    /// Natively, at full speed.
    pub fn native(&self) -> Result<&Native> {
        once(&self.native, || Native::build("release"))
    }

    /// As wasm, built like the engine that takes over in the page.
    pub fn fast(&self) -> Result<&Wasm> {
        once(&self.fast, Wasm::fast)
    }

    /// As wasm, built for size like the program that a visit begins with.
    pub fn small(&self) -> Result<&Wasm> {
        once(&self.small, || Wasm::build("web", "-Oz"))
    }

    /// Other people's simulators.
    pub fn python(&self) -> Result<&Python> {
        once(&self.python, || Ok(Python(tools::peers()?)))
    }

    /// Ms of script per frame of the page with two hundred nodes and of a bare page with the same dots, and how many
    /// dots there were.
    pub fn frames(&self) -> Result<[f64; 3]> {
        in_the_page("bench/frames.mjs")
    }

    /// With five hundred nodes: ms until the document shows, then the longest script between two frames of a drag, a marquee, a
    /// zoom, and undo with redo, in ms.
    pub fn editing(&self) -> Result<[f64; 5]> {
        in_the_page("bench/editing.mjs")
    }
}

/// The numbers that a script prints which drives the page as it was last built by `dist`.
fn in_the_page<const N: usize>(script: &str) -> Result<[f64; N]> {
    tools::browser_packages()?;
    if !dist::dir().join("index.html").exists() {
        dist::run()?;
    }
    let mut node = command("node");
    node.arg(script).env("CHROMIUM", tools::chromium()?).env("LOADSTONE_DIST", dist::dir());
    let said = numbers(&mut node)?;
    said.as_slice().try_into().map_err(|_| anyhow!("{script} said {said:?}"))
}

/// The project's own works, and the bare loop, as a native program.
pub struct Native(PathBuf);

/// What a closed loop took.
pub struct Closed {
    pub ns_per_event: f64,
    /// All memory that is held.
    pub bytes: f64,
    /// Allocations per request while it ran; in wasm they are not counted.
    pub allocations: f64,
}

/// What an example took.
pub struct Example {
    /// Simulated seconds per second.
    pub speed: f64,
    /// All memory that is held.
    pub bytes: f64,
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

    /// A closed loop of so many users for so many simulated seconds.
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

    /// Bytes that each of so many requests in flight takes.
    pub fn flight(&self, requests: u64) -> Result<f64> {
        let numbers = numbers(command(&self.0).arg("flight").arg(requests.to_string()))?;
        let [requests, bytes] = numbers[..] else { bail!("the flight said {numbers:?}") };
        Ok(bytes / requests)
    }

    /// A built-in example.
    pub fn example(&self, slug: &str, seconds: u64) -> Result<Example> {
        let numbers = numbers(command(&self.0).args(["example", slug]).arg(seconds.to_string()))?;
        let [_, spent, _, bytes, _] = numbers[..] else { bail!("the example said {numbers:?}") };
        Ok(Example { speed: seconds as f64 / spent, bytes })
    }

    /// Hashes of random designs, and the number of events.
    pub fn hashes(&self, designs: u64) -> Result<String> {
        let text = printed(command(&self.0).args(["hashes", "0"]).arg(designs.to_string()));
        text.context("the native program gave no hashes")
    }
}

/// The same works as wasm.
pub struct Wasm(PathBuf);

/// Runs wasm in Node, whose engine is an older one of Chromium's.
pub const NODE: &str = "bench/node.mjs";
/// Runs wasm in a worker of Chromium.
pub const CHROMIUM: &str = "bench/chromium.mjs";

impl Wasm {
    /// Builds with the flags of the engine that takes over in the page.
    fn fast() -> Result<Wasm> {
        tools::wasm_target()?;
        tools::std_source()?;
        run(program::for_speed().args(["--quiet", "--package", "bench", "--lib"]))?;
        let dir = target().join("bench-wasm/fast");
        fs::create_dir_all(&dir)?;
        program::bind_fast("works", &dir)?;
        Ok(Wasm(dir))
    }

    /// Builds with one of the profiles of `Cargo.toml` and a level of wasm-opt.
    pub fn build(profile: &str, level: &str) -> Result<Wasm> {
        tools::wasm_target()?;
        tools::need_node()?;
        let build =
            ["build", "--locked", "--quiet", "--package", "bench", "--lib", "--target", tools::WASM, "--profile"];
        run(cargo(build).arg(profile))?;
        let dir = target().join("bench-wasm").join(profile);
        fs::create_dir_all(&dir)?;
        let bindgen = tools::WASM_BINDGEN.bring()?.join("wasm-bindgen");
        let built = target().join(tools::WASM).join(profile).join("works.wasm");
        run(command(bindgen).args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&dir).arg(built))?;
        let wasm = dir.join("works_bg.wasm");
        program::optimize(level, &wasm, &wasm)?;
        Ok(Wasm(dir))
    }

    /// The script that runs it there.
    fn on(&self, host: &str) -> Result<Command> {
        tools::browser_packages()?;
        let mut node = command("node");
        node.arg(host).arg(&self.0);
        if host == CHROMIUM {
            node.env("CHROMIUM", tools::chromium()?);
        }
        Ok(node)
    }

    /// Requests per second, once the browser's compiler has done its work.
    pub fn rate(&self, host: &str, who: &str, work: &str, requests: u64) -> Result<f64> {
        rate(self.on(host)?.args([who, work]).arg(requests.to_string()))
    }

    /// A closed loop of so many users for so many simulated seconds.
    pub fn closed(&self, host: &str, users: u32, seconds: u64) -> Result<Closed> {
        let numbers = numbers(self.on(host)?.arg("closed").args([users.to_string(), seconds.to_string()]))?;
        let [events, spent, bytes] = numbers[..] else { bail!("the closed loop said {numbers:?}") };
        Ok(Closed { ns_per_event: spent / events * 1e9, bytes, allocations: f64::NAN })
    }

    /// A built-in example.
    pub fn example(&self, host: &str, slug: &str, seconds: u64) -> Result<Example> {
        let numbers = numbers(self.on(host)?.args(["example", slug]).arg(seconds.to_string()))?;
        let [_, spent, bytes] = numbers[..] else { bail!("the example said {numbers:?}") };
        Ok(Example { speed: seconds as f64 / spent, bytes })
    }

    /// The slowest of so many ways to random moments of a long run, in ms.
    pub fn rewind(&self, seeks: u64) -> Result<f64> {
        slowest(self.on(NODE)?.arg("rewind").arg(seeks.to_string()))
    }

    /// Hashes of random designs, and the number of events.
    pub fn hashes(&self, designs: u64) -> Result<String> {
        let mut node = command("node");
        node.arg(NODE).arg(&self.0);
        printed(node.args(["hashes", "0"]).arg(designs.to_string())).context("Node gave no hashes")
    }
}

/// Other people's simulators.
pub struct Python(PathBuf);

impl Python {
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
