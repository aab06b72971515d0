//! `loadstone compare`: two scenarios on the same seeds. What both have in common cancels out of the difference, so a few
//! runs tell designs apart that would need many by themselves (common random numbers; Law, "Simulation Modeling and
//! Analysis", 5th ed., 11.2; the paired t interval, 10.2.1).

use crate::files::{print, read_checked};
use crate::sweep::{estimate_json, with_half};
use crate::table::{columns, short};
use crate::timing::Timing;
use loadstone::metrics::interval::Estimate;
use loadstone::scenario::Scenario;
use loadstone::sweep::{NUMBERS, Outcome};
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
    let (a, b) = (read_checked(&args.a)?, read_checked(&args.b)?);
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
        let rows: Map<String, Value> = pairs.iter().map(|pair| (pair.name.clone(), pair.json())).collect();
        let both = json!({
            "a": a.name, "b": b.name, "seeds": [a.seed, args.seeds], "simulated_s": to_s(length), "warmup_s": to_s(warmup),
            "differences": rows,
        });
        return print(&format!("{both}\n"));
    }
    let mut rows = vec![["", "A", "B", "B − A"].map(String::from).to_vec()];
    let row = |pair: &Pair| vec![pair.name.clone(), with_half(pair.a), with_half(pair.b), with_half(pair.difference)];
    rows.extend(pairs.iter().map(row));
    let verdicts: Vec<String> = pairs.iter().map(Pair::verdict).collect();
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

/// One number of both.
struct Pair {
    name: String,
    a: Option<Estimate>,
    b: Option<Estimate>,
    /// B minus A, seed by seed.
    difference: Option<Estimate>,
}

/// Everything that both have.
fn pairs(a: &[Outcome], b: &[Outcome]) -> Vec<Pair> {
    let numbers = NUMBERS.iter().filter(|name| **name != "p95_ms").map(|name| pair(name, a, b, |o| o.number(name)));
    let nodes = a[0].utilization.keys().filter(|node| b[0].utilization.contains_key(*node));
    let nodes = nodes.map(|node| pair(&format!("utilization of {node}"), a, b, |o| o.utilization.get(node).copied()));
    numbers.chain(nodes).collect()
}

fn pair(name: &str, a: &[Outcome], b: &[Outcome], of: impl Fn(&Outcome) -> Option<f64>) -> Pair {
    let all = |outcomes: &[Outcome]| Estimate::of(&outcomes.iter().filter_map(&of).collect::<Vec<f64>>());
    let differences: Vec<f64> = a.iter().zip(b).filter_map(|(a, b)| Some(of(b)? - of(a)?)).collect();
    Pair { name: name.into(), a: all(a), b: all(b), difference: Estimate::of(&differences) }
}

impl Pair {
    /// What can be said of it, in a sentence.
    fn verdict(&self) -> String {
        let (what, unit) = match self.name.strip_suffix("_ms") {
            Some(what) => (what.to_owned(), " ms"),
            None => match self.name.strip_suffix("_rps") {
                Some(what) => (what.to_owned(), " per second"),
                None => (self.name.replace('_', " "), ""),
            },
        };
        let number = |n: f64| short(&json!(n.abs()));
        match self.difference {
            Some(Estimate { mean: 0.0, half: Some(0.0) }) => format!("The {what} is the same for both."),
            Some(Estimate { mean, half: Some(half) }) if mean.abs() > half => {
                let word = if mean < 0.0 { "lower" } else { "higher" };
                format!("B's {what} is {word} by {} ± {}{unit}.", number(mean), number(half))
            }
            Some(Estimate { mean, half: Some(half) }) => format!(
                "No difference in {what} can be told: B's is {} by {} ± {}{unit}.",
                if mean < 0.0 { "lower" } else { "higher" },
                number(mean),
                number(half)
            ),
            _ => format!("Nothing can be said of {what}: too few runs have one."),
        }
    }

    fn json(&self) -> Value {
        json!({
            "a": estimate_json(self.a), "b": estimate_json(self.b), "difference": estimate_json(self.difference),
            "verdict": self.verdict(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(name: &str, mean: f64, half: Option<f64>) -> String {
        Pair { name: name.into(), a: None, b: None, difference: Some(Estimate { mean, half }) }.verdict()
    }

    #[test]
    fn verdicts_are_plain_sentences() {
        assert_eq!(verdict("p99_ms", -38.0, Some(9.0)), "B's p99 is lower by 38 ± 9 ms.");
        assert_eq!(verdict("throughput_rps", 12.5, Some(0.5)), "B's throughput is higher by 12.5 ± 0.5000 per second.");
        assert_eq!(
            verdict("utilization of web", 0.01, Some(0.02)),
            "No difference in utilization of web can be told: B's is higher by 0.0100 ± 0.0200."
        );
        assert_eq!(verdict("error_share", 0.0, Some(0.0)), "The error share is the same for both.");
        assert_eq!(verdict("p50_ms", 1.0, None), "Nothing can be said of p50: too few runs have one.");
    }
}
