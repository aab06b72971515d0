//! `loadstone drill`: crashes every node once, each in a run of its own, and says what that means for the users.

use crate::files::{print, read_checked};
use crate::table::columns;
use crate::timing::span;
use loadstone::drill::{Impact, Plan, rank};
use loadstone::scene::format;
use loadstone::time::{Nanos, from_s, to_s};
use rayon::prelude::*;
use serde_json::{Value, json};

/// What `drill` is told.
#[derive(clap::Args)]
pub struct Args {
    /// The scenario; `-` reads standard input.
    file: String,
    /// When to crash the node; after a quarter of the run otherwise, but at 30 s at the latest.
    #[arg(long, value_name = "TIME", value_parser = span)]
    at: Option<Nanos>,
    /// Another seed than the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs and reports.
pub fn drill(args: &Args) -> Result<(), String> {
    let mut scenario = read_checked(&args.file)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    if args.at.is_some_and(|at| at >= from_s(scenario.run_s)) {
        return Err(format!("--at must come before the end of the run, {} s", scenario.run_s));
    }
    let plan = Plan::new(&scenario, args.at);
    let undisturbed = plan.run(None)?;
    let judged = plan.victims.par_iter().map(|id| Ok(plan.judge(id, &undisturbed, &plan.run(Some(id))?)));
    let mut impacts = judged.collect::<Result<Vec<Impact>, String>>()?;
    rank(&mut impacts);
    if args.json {
        let rows: Vec<Value> = impacts.iter().map(row).collect();
        let told = json!({"name": scenario.name, "seed": scenario.seed, "at_s": to_s(plan.at), "until_s": to_s(plan.until), "nodes": rows});
        return print(&format!("{told}\n"));
    }
    print(&format!(
        "{}\nseed {}: each node crashed at {} s in a run of its own up to {} s, beside the run in which none does\n\n{}",
        scenario.name,
        scenario.seed,
        to_s(plan.at),
        to_s(plan.until),
        table(&impacts)
    ))
}

fn row(impact: &Impact) -> Value {
    json!({
        "node": impact.node, "single_point": impact.single_point(), "failed_share": impact.failed_share,
        "failing_at_end_share": impact.failing_at_end, "down_s": impact.down_s, "recovered": impact.recovered,
        "writes_lost": impact.writes_lost, "p99_ms": {"undisturbed": impact.p99_ms.0, "crashed": impact.p99_ms.1},
        "verdict": impact.verdict(),
    })
}

fn table(impacts: &[Impact]) -> String {
    let mut rows = vec![["Node", "failing", "for s", "writes lost", ""].map(String::from).to_vec()];
    rows.extend(impacts.iter().map(|impact| {
        let long = match impact.recovered {
            _ if impact.quiet() => "-".into(),
            true => format!("{:.1}", impact.down_s),
            false => "to the end".into(),
        };
        let lost = impact.writes_lost.to_string();
        vec![impact.node.clone(), format::percent(impact.failed_share), long, lost, impact.verdict()]
    }));
    columns(&rows)
}
