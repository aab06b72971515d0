//! The same networks in other people's simulators: SimPy and Ciw, by the scripts beside this program.

use crate::case::Case;
use crate::cases::{balancing, networks, queues};
use crate::judge::{digits, small};
use crate::report::{Row, Table, Verdict};
use crate::run::replicate;
use anyhow::{Context, Result, bail};
use loadstone::metrics::interval::Estimate;
use std::path::Path;
use std::process::Command;

/// Estimates may differ by this share, and their intervals be no wider.
const TOLERANCE: f64 = 0.02;
const REPLICATIONS: u64 = 10;

const SCRIPTS: [(&str, &str, u32); 2] = [("SimPy", "simpy_networks.py", 300_000), ("Ciw", "ciw_networks.py", 200_000)];

/// The networks by their names in the scripts, what they are, and the same in the engine.
fn networks() -> Vec<(&'static str, Case)> {
    vec![
        ("mm4", queues::mmc((4, 3.2, 6e6))),
        ("row", networks::tandem()),
        ("turn", balancing::four("round_robin")),
        ("shortest", balancing::four("least_connections")),
    ]
}

/// The headline.
pub const TITLE: &str = "Beside other simulators";

/// Runs the scripts with this Python.
pub fn table(python: &str) -> Table {
    let about = "The same networks in [SimPy](https://simpy.readthedocs.io) and [Ciw](https://ciw.readthedocs.io), which share nothing \
                 with the engine: the mean time in the system, in mean service times, over ten replications each.";
    let rows = rows(python).unwrap_or_else(|e| {
        let cells = ["the scripts".into(), String::new(), String::new(), String::new()];
        vec![Row { group: String::new(), cells: cells.into(), verdict: Verdict::Fail(format!("{e:#}")) }]
    });
    let columns = &["network", "simulator", "its estimate", "engine"];
    Table { title: TITLE, about: about.into(), columns, rows }
}

fn rows(python: &str) -> Result<Vec<Row>> {
    let peers = std::thread::scope(|scope| {
        let running = SCRIPTS.map(|script| scope.spawn(move || printed(python, script)));
        running.map(|script| script.join().expect("a script that fails is an error"))
    });
    let peers = peers.into_iter().collect::<Result<Vec<_>>>()?;
    let mut rows = Vec::new();
    for (key, case) in networks() {
        let engine: Vec<f64> = (1..=REPLICATIONS)
            .filter_map(|seed| Some(replicate(&case, seed).number("/latency_ms/mean")? / 10.0))
            .collect();
        let engine = Estimate::of(&engine).context("the engine measured nothing")?;
        for (name, printed) in &peers {
            let values: Vec<f64> =
                printed.lines().filter_map(|line| line.strip_prefix(key)?.trim().parse().ok()).collect();
            if let Some(peer) = Estimate::of(&values) {
                rows.push(row(&case.title, name, peer, engine));
            }
        }
    }
    Ok(rows)
}

/// What a script prints, with its simulator's name.
fn printed(python: &str, (name, script, requests): (&'static str, &str, u32)) -> Result<(&'static str, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(python).arg(&script).arg(REPLICATIONS.to_string()).arg(requests.to_string()).output();
    let output = output.with_context(|| format!("could not start {python}"))?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok((name, String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn row(title: &str, name: &str, peer: Estimate, engine: Estimate) -> Row {
    let wide = |e: Estimate| e.half.is_none_or(|half| half > TOLERANCE * e.mean);
    let verdict = if (peer.mean / engine.mean - 1.0).abs() > TOLERANCE {
        Verdict::Fail("they differ by more than 2 %".into())
    } else if wide(peer) || wide(engine) {
        Verdict::Fail("the run is too short to tell".into())
    } else {
        Verdict::Pass
    };
    let show = |e: Estimate| format!("{} ± {}", digits(e.mean), e.half.map_or("?".into(), small));
    Row { group: title.to_owned(), cells: vec![title.to_owned(), name.to_owned(), show(peer), show(engine)], verdict }
}
