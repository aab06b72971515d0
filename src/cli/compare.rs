//! `loadstone compare`: two scenarios on the same seeds, seed by seed.

use crate::files::{print, read_checked};
use crate::sweep::{estimate_json, with_half};
use crate::table::{columns, short};
use crate::timing::Timing;
use loadstone::metrics::compare::{COMPARED, Pair};
use loadstone::scenario::Scenario;
use loadstone::sweep::Outcome;
use loadstone::time::to_s;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// What `compare` is told.
#[derive(clap::Args)]
pub struct Args {
    /// One scenario; `-` reads standard input.
    a: String,
    /// The other.
    b: String,
    /// Runs of each; their seeds count up from the first scenario's.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    seeds: u64,
    #[command(flatten)]
    timing: Timing,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs both and reports.
pub fn compare(args: &Args) -> Result<(), String> {
    let (a, mut b) = (read_checked(&args.a)?, read_checked(&args.b)?);
    // What differs in cost is the design, not the prices.
    b.prices = a.prices.clone();
    let length = args.timing.length(&a)?;
    if args.timing.length(&b)? != length {
        return Err(format!("one runs {} s and the other {} s; say --for how long both should", a.run_s, b.run_s));
    }
    let warmup = args.timing.warmup;
    let jobs: Vec<(&Scenario, u64)> = [&a, &b].into_iter().flat_map(|s| (0..args.seeds).map(move |i| (s, i))).collect();
    let run = |(scenario, i): (&Scenario, u64)| {
        let scenario = Scenario { seed: a.seed.wrapping_add(i), ..scenario.clone() };
        Outcome::of(&scenario, length, warmup)
    };
    let outcomes: Vec<Outcome> = jobs.into_par_iter().map(run).collect();
    let (of_a, of_b) = outcomes.split_at(args.seeds as usize);
    if let Some(reason) = outcomes.iter().find_map(|outcome| outcome.stopped.as_ref()) {
        return Err(format!("a run could not go on: {reason}"));
    }
    let pairs = pairs(of_a, of_b);
    if args.json {
        let rows: Map<String, Value> = pairs.iter().map(|pair| (pair.name.clone(), pair_json(pair))).collect();
        let both = json!({
            "a": a.name, "b": b.name, "seeds": [a.seed, args.seeds], "simulated_s": to_s(length), "warmup_s": to_s(warmup),
            "differences": rows,
        });
        return print(&format!("{both}\n"));
    }
    let mut rows = vec![["", "A", "B", "B − A"].map(String::from).to_vec()];
    let row = |pair: &Pair| vec![pair.name.clone(), with_half(pair.a), with_half(pair.b), with_half(pair.difference)];
    rows.extend(pairs.iter().map(row));
    let verdicts: Vec<String> = pairs.iter().map(verdict).collect();
    print(&format!(
        "A: {}\nB: {}\n{} seeds from {}, {} s each ({} s warm-up); ± is the 95 % interval, of B − A over pairs on the same seed\n\n\
         {}\n{}\n",
        a.name,
        b.name,
        args.seeds,
        a.seed,
        to_s(length),
        to_s(warmup),
        columns(&rows),
        verdicts.join("\n")
    ))
}

/// Everything that both have.
fn pairs(a: &[Outcome], b: &[Outcome]) -> Vec<Pair> {
    let numbers = COMPARED.iter().map(|name| pair(name, a, b, |o| o.number(name)));
    let nodes = a[0].utilization.keys().filter(|node| b[0].utilization.contains_key(*node));
    let nodes = nodes.map(|node| pair(&format!("utilization of {node}"), a, b, |o| o.utilization.get(node).copied()));
    // A design without a database commits nothing.
    numbers.chain(nodes).filter(|pair| pair.a.is_some() || pair.b.is_some()).collect()
}

fn pair(name: &str, a: &[Outcome], b: &[Outcome], of: impl Fn(&Outcome) -> Option<f64>) -> Pair {
    Pair::of(name, &a.iter().zip(b).map(|(a, b)| (of(a), of(b))).collect::<Vec<_>>())
}

fn verdict(pair: &Pair) -> String {
    pair.verdict(|n| short(&json!(n)))
}

fn pair_json(pair: &Pair) -> Value {
    json!({
        "a": estimate_json(pair.a), "b": estimate_json(pair.b), "difference": estimate_json(pair.difference),
        "verdict": verdict(pair),
    })
}
