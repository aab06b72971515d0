//! How fast the engine is, as ratios taken in one run against other people's work: SimPy, Ciw, and a bare loop that is
//! the ceiling; natively and as wasm in the engine of Chromium and Node.
//!
//! Absolute numbers drift with the machine and its load, so contestants take turns and the median of each round's
//! ratio counts; and each tells the processor time it took, so that other load matters little. Nothing here decides whether a change passes; it prints beside each number what is aimed at.

mod report;
mod run;

use anyhow::{Result, bail, ensure};

use crate::tools;
use report::{Report, Row};
use run::{Native, Python, Wasm};

/// Requests in one turn, for those who do millions in a second and for those who do not.
const FAST: u64 = 2_000_000;
const SLOW: u64 = 50_000;
/// Users of the closed loop: an event waits for each. Between them everything is equal but their number.
const CROWDS: [u32; 3] = [100, 10_000, 1_000_000];
/// Simulated seconds of the closed loop in one turn: half a million events.
const CLOSED_S: u64 = 10;
/// Random moments of a run of ten minutes that are gone to.
const SEEKS: u64 = 40;
/// Random designs that must run alike natively and in wasm: some ten million events.
const DESIGNS: u64 = 1_200;

/// `cargo xtask bench`.
pub fn run(rounds: usize, json: bool) -> Result<()> {
    ensure!(rounds > 0, "--rounds must be at least 1");
    let native = Native::build("release")?;
    let fast = Wasm::build("release", 3)?;
    let small = Wasm::build("web", 'z')?;
    let python = Python::new(tools::peers()?);
    let mut report = Report::default();
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for work in ["A", "B"] {
            let bare = native.rate("bare", work, FAST)?;
            let engine = native.rate("engine", work, FAST)?;
            let target = if work == "A" { 0.30 } else { 0.25 };
            report.ratio(Row::at_least(format!("{work}, of a bare loop"), target), engine, bare);
            let simpy = python.rate("simpy_queue.py", work, SLOW)?;
            report.ratio(Row::at_least(format!("{work}, times SimPy"), 50.0), engine, simpy);
            report.ratio(Row::at_least(format!("{work} in wasm, of native"), 0.65), fast.rate(work, FAST)?, engine);
            report.ratio(
                Row::at_least(format!("{work} in wasm as in the page, of native"), 0.65),
                small.rate(work, FAST)?,
                engine,
            );
            report.rate(format!("{work}, requests per second"), engine);
        }
        let ciw = python.rate("ciw_queue.py", "A", SLOW / 2)?;
        report.ratio(Row::plain("A, times Ciw"), native.rate("engine", "A", FAST)?, ciw);
        let mut least = 0.0;
        for users in CROWDS {
            let run = native.closed(users, CLOSED_S)?;
            report.value(Row::plain(format!("{users} users, ns per event")), run.ns_per_event);
            if users == CROWDS[0] {
                least = run.ns_per_event;
                continue;
            }
            let row = format!("{users} users, cost of an event against {} users", CROWDS[0]);
            report.ratio(Row::at_most(row, 2.5), run.ns_per_event, least);
            report.value(Row::plain(format!("{users} users, bytes per user")), run.bytes / f64::from(users));
            report.value(Row::at_most(format!("{users} users, allocations per request"), 0.0), run.allocations);
        }
        report.value(Row::at_most(format!("rewind, ms, slowest of {SEEKS}"), 200.0), native.rewind(SEEKS)?);
        let row = format!("rewind in wasm as in the page, ms, slowest of {SEEKS}");
        report.value(Row::at_most(row, 200.0), small.rewind(SEEKS)?);
    }
    if json { report.print_json() } else { report.print() }
}

/// Runs random designs natively and in wasm and compares the hashes of all that happened in them.
pub fn agree() -> Result<()> {
    let native = Native::build("dev")?.hashes(DESIGNS)?;
    let wasm = Wasm::build("quick", 1)?.hashes(DESIGNS)?;
    let mut pairs = native.lines().zip(wasm.lines());
    if let Some(seed) = pairs.position(|(native, wasm)| native != wasm) {
        bail!("random design {seed} (of `Draw::new(3, \"native and wasm\")`) runs differently in wasm");
    }
    let (designs, events) = (native.lines().count() - 1, native.lines().last().unwrap_or_default());
    ensure!(designs as u64 == DESIGNS && native.len() == wasm.len(), "{designs} of {DESIGNS} designs were run");
    println!("{designs} random designs with {events} events ran alike natively and in wasm");
    Ok(())
}
