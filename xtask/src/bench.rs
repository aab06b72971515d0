//! How fast the engine is, as ratios taken in one run against other people's work: SimPy, Ciw, and a bare loop that is
//! the ceiling; natively, as wasm in Node, and as wasm in a worker of real Chromium.
//!
//! Absolute numbers drift with the machine and its load, so contestants take turns and the median of each round's
//! ratio counts; and each tells the processor time it took, so that other load matters little. Nothing here decides
//! whether a change passes; it prints beside each number what is aimed at. **A new row** is a function in [`SECTIONS`]
//! that asks contestants and reports.

mod report;
mod run;

use anyhow::{Result, bail, ensure};

use report::{Report, Row};
use run::{Contestants, Native, Wasm};

/// Requests in one turn, for those who do millions in a second and for those who do not.
const FAST: u64 = 2_000_000;
const SLOW: u64 = 50_000;
/// Users of the closed loop: an event waits for each. Between them everything is equal but their number.
const CROWDS: [u32; 3] = [100, 10_000, 1_000_000];
/// Simulated seconds of the closed loop in one turn: over a million events.
const CLOSED_S: u64 = 30;
/// Random moments of a run of ten minutes that are gone to.
const SEEKS: u64 = 40;
/// Requests in flight, for the memory that each takes.
const FLIGHT: u64 = 100_000;
/// The largest example, and how much of it is simulated.
const LARGEST: (&str, u64) = ("a-million-users", 3);
/// Random designs that must run alike natively and in wasm: some ten million events.
const DESIGNS: u64 = 1_200;

/// One kind of measurement.
type Section = fn(&Contestants, &mut Report) -> Result<()>;

/// What is measured, in the order of the report; the names are what `--only` chooses by.
const SECTIONS: [(&str, Section); 8] = [
    ("A", |contestants, report| open_loop(contestants, report, "A", 0.30)),
    ("B", |contestants, report| open_loop(contestants, report, "B", 0.25)),
    ("closed loop", closed_loop),
    ("memory of a request", flight),
    ("largest example", largest),
    ("rewind", rewind),
    ("frames", frames),
    ("editing", editing),
];

/// `cargo xtask bench`.
pub fn run(rounds: usize, only: Option<&str>, json: bool) -> Result<()> {
    ensure!(rounds > 0, "--rounds must be at least 1");
    let chosen = SECTIONS.iter().filter(|(name, _)| only.is_none_or(|word| name.contains(word)));
    let chosen: Vec<_> = chosen.collect();
    if chosen.is_empty() {
        bail!("nothing is called like that; there are: {}", SECTIONS.map(|(name, _)| name).join(", "));
    }
    let contestants = Contestants::default();
    let mut report = Report::default();
    for round in 1..=rounds {
        for (name, section) in &chosen {
            eprintln!("round {round} of {rounds}: {name}");
            section(&contestants, &mut report)?;
        }
    }
    if json { report.print_json() } else { report.print() }
}

/// Requests that come whatever happens: work A, one server; work B, a balancer and four.
fn open_loop(contestants: &Contestants, report: &mut Report, work: &str, of_bare: f64) -> Result<()> {
    let (native, fast) = (contestants.native()?, contestants.fast()?);
    let (engine, bare) = (native.rate("engine", work, FAST)?, native.rate("bare", work, FAST)?);
    report.rate(format!("{work}, requests per second"), engine);
    report.ratio(Row::at_least(format!("{work}, of a bare loop"), of_bare), engine, bare);
    let simpy = contestants.python()?.rate("simpy_queue.py", work, SLOW)?;
    report.ratio(Row::at_least(format!("{work}, times SimPy"), 50.0), engine, simpy);
    if work == "A" {
        let ciw = contestants.python()?.rate("ciw_queue.py", work, SLOW / 2)?;
        report.ratio(Row::plain(format!("{work}, times Ciw")), engine, ciw);
    }
    for (place, host) in [("Chromium", run::CHROMIUM), ("Node", run::NODE)] {
        report.ratio(
            Row::at_least(format!("{work} in {place}, of native"), 0.65),
            fast.rate(host, "engine", work, FAST)?,
            engine,
        );
        report.ratio(
            Row::plain(format!("{work} in {place}, the bare loop of its native self")),
            fast.rate(host, "bare", work, FAST)?,
            bare,
        );
    }
    let small = contestants.small()?.rate(run::CHROMIUM, "engine", work, FAST / 4)?;
    report.ratio(Row::plain(format!("{work} in Chromium as a visit begins, of native")), small, engine);
    Ok(())
}

/// Users who wait for their answer: what an event costs with ever more of them, and what memory each takes.
fn closed_loop(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let (native, fast) = (contestants.native()?, contestants.fast()?);
    let mut least = [0.0; 2];
    let mut empty = 0.0;
    for users in CROWDS {
        let here = native.closed(users, CLOSED_S)?;
        let there = fast.closed(run::CHROMIUM, users, CLOSED_S)?;
        report.value(Row::plain(format!("{users} users, ns per event")), here.ns_per_event);
        report.value(Row::plain(format!("{users} users in Chromium, ns per event")), there.ns_per_event);
        report.ratio(
            Row::at_least(format!("{users} users in Chromium, speed of native"), 0.65),
            here.ns_per_event,
            there.ns_per_event,
        );
        if users == CROWDS[0] {
            (least, empty) = ([here.ns_per_event, there.ns_per_event], there.bytes);
            continue;
        }
        for (place, cost, least) in [("", here.ns_per_event, least[0]), (" in Chromium", there.ns_per_event, least[1])]
        {
            let row = format!("{users} users{place}, cost of an event against {} users", CROWDS[0]);
            report.ratio(Row::at_most(row, 2.5), cost, least);
        }
        report.value(Row::plain(format!("{users} users, bytes per user")), here.bytes / f64::from(users));
        let grown = (there.bytes - empty) / f64::from(users - CROWDS[0]);
        report.value(Row::plain(format!("{users} users in Chromium, bytes of wasm memory per user")), grown);
        report.value(Row::at_most(format!("{users} users, allocations per request"), 0.0), here.allocations);
    }
    Ok(())
}

fn flight(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let bytes = contestants.native()?.flight(FLIGHT)?;
    report.value(Row::plain("bytes per request in flight"), bytes);
    Ok(())
}

/// The example with a million users, as a worker of the page simulates it.
fn largest(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let (slug, seconds) = LARGEST;
    let here = contestants.native()?.example(slug, seconds)?;
    let there = contestants.fast()?.example(run::CHROMIUM, slug, seconds)?;
    report.value(Row::plain(format!("{slug}, simulated seconds per second")), here.speed);
    report.value(Row::at_least(format!("{slug} in Chromium, simulated seconds per second"), 1.0), there.speed);
    report.value(Row::at_most(format!("{slug} in Chromium, MB of wasm memory"), 400.0), there.bytes / 1e6);
    Ok(())
}

/// Going to a moment of a long run.
fn rewind(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let row = |place: &str| Row::at_most(format!("rewind{place}, ms, slowest of {SEEKS}"), 200.0);
    report.value(row(""), contestants.native()?.rewind(SEEKS)?);
    report.value(row(" in Node"), contestants.fast()?.rewind(SEEKS)?);
    report.value(row(" in Node as a visit begins"), contestants.small()?.rewind(SEEKS)?);
    Ok(())
}

/// What the page's own program takes for a frame of the screen, against a bare page that draws the same dots.
fn frames(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let [page, bare, dots] = contestants.frames()?;
    report.value(Row::at_most("200 nodes: ms of script per frame", 6.0), page);
    report.value(Row::plain("200 nodes: dots on the screen"), dots);
    report.value(Row::plain("a bare page with as many dots: ms of script per frame"), bare);
    report.ratio(Row::at_most("200 nodes: script of a bare page's", 2.0), page, bare);
    Ok(())
}

/// What hands wait for in a design of five hundred nodes.
fn editing(contestants: &Contestants, report: &mut Report) -> Result<()> {
    let [opened, drag, marquee, zoom, undo] = contestants.editing()?;
    report.value(Row::at_most("500 nodes, 800 links: ms until the document shows", 1000.0), opened);
    for (what, longest) in [("drag of 50", drag), ("marquee", marquee), ("zoom", zoom), ("undo and redo", undo)] {
        report.value(Row::at_most(format!("500 nodes, {what}: longest script between two frames, ms"), 50.0), longest);
    }
    Ok(())
}

/// Runs random designs natively and in wasm and compares the hashes of all that happened in them.
pub fn agree() -> Result<()> {
    let native = Native::build("dev")?.hashes(DESIGNS)?;
    let wasm = Wasm::build("quick", "-O1")?.hashes(DESIGNS)?;
    let mut pairs = native.lines().zip(wasm.lines());
    if let Some(seed) = pairs.position(|(native, wasm)| native != wasm) {
        bail!("random design {seed} (of `Draw::new(3, \"native and wasm\")`) runs differently in wasm");
    }
    let (designs, events) = (native.lines().count() - 1, native.lines().last().unwrap_or_default());
    ensure!(designs as u64 == DESIGNS && native.len() == wasm.len(), "{designs} of {DESIGNS} designs were run");
    println!("{designs} random designs with {events} events ran alike natively and in wasm");
    Ok(())
}
