//! `loadstone sweep`: one scenario at many settings, each with several seeds, and the load at which promises break.

use crate::files::{print, read_checked};
use crate::table::{columns, plain, short};
use crate::timing::Timing;
use loadstone::component::slo::limits;
use loadstone::metrics::interval::Estimate;
use loadstone::scenario::Scenario;
use loadstone::sweep::{Axis, Knee, NUMBERS, Outcome, Plan, Row, bottleneck, hash, knee, slo};
use loadstone::time::to_s;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// What `sweep` is told.
#[derive(clap::Args)]
#[command(
    after_long_help = "Values: 100..2000:20 is twenty, evenly apart; 1..64:x7 is seven, each the same factor above the \
    one before; 1,2,8 is a list, of words or JSON values too. Several --set make a grid. \
    Paths: node.param, node.group.param (lb.health.interval_ms), from>to.param for a link.\n\n\
    Every row is a function of the file, the setting and the seed, so shards of one sweep can run on different machines: \
    `loadstone sweep … --shard 0/4` to `3/4`, each into its own file, then `loadstone merge FILES`."
)]
pub struct Args {
    /// The scenario; `-` reads standard input.
    file: String,
    /// A parameter and its values, such as users.rate_rps=100..2000:20; may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUES", value_parser = Axis::read, required = true)]
    set: Vec<Axis>,
    /// Runs for each setting; their seeds count up from the scenario's.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    seeds: u64,
    /// A promise, such as p99_ms=250 or error_share=0.001: prints the most of the first --set that keeps all of them.
    /// Without any, those of the scenario's own slo.
    #[arg(long, value_name = "NAME=LIMIT", value_parser = slo)]
    slo: Vec<(String, f64)>,
    #[command(flatten)]
    timing: Timing,
    /// Make only every n-th row, from the i-th on, and print them one a line for `loadstone merge`; i from 0.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// Print the result as one JSON object.
    #[arg(long, conflicts_with = "shard")]
    json: bool,
}

/// Runs and reports.
pub fn sweep(args: &Args) -> Result<(), String> {
    let base = read_checked(&args.file)?;
    let length = args.timing.length(&base)?;
    for (i, axis) in args.set.iter().enumerate() {
        if args.set[..i].iter().any(|other| other.path == axis.path) {
            return Err(format!("{} is set twice; give all its values in one --set", axis.path));
        }
    }
    let plan = Plan {
        version: env!("CARGO_PKG_VERSION").into(),
        name: base.name.clone(),
        document: hash(&base),
        span: (length, args.timing.warmup),
        seeds: (base.seed, args.seeds),
        set: args.set.clone(),
        slo: promises(args, &base),
    };
    if !args.slo.is_empty() && plan.set[0].ascending().is_none() {
        return Err(format!("--slo needs numbers that ascend in the first --set, {}", plan.set[0].path));
    }
    let scenarios = plan.scenarios(&base)?;
    match args.shard {
        Some(shard) => print(&lines(&plan, &run(&plan, &scenarios, shard))),
        None => tell(&plan, &run(&plan, &scenarios, (0, 1)), args.json),
    }
}

/// What must hold: as asked for, or else as the scenario itself says.
fn promises(args: &Args, base: &Scenario) -> Vec<(String, f64)> {
    if !args.slo.is_empty() {
        return args.slo.clone();
    }
    limits(base).into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect()
}

/// Makes the rows of a shard, part `shard.0` (from 0) of `shard.1`, on every core.
fn run(plan: &Plan, scenarios: &[Scenario], shard: (usize, usize)) -> Vec<Row> {
    let rows: Vec<usize> = (0..plan.rows()).filter(|row| row % shard.1 == shard.0).collect();
    rows.into_par_iter().map(|row| plan.row(scenarios, row)).collect()
}

/// Prints a finished sweep: all rows, in order.
pub fn tell(plan: &Plan, rows: &[Row], json: bool) -> Result<(), String> {
    let summary = Summary::new(plan, rows);
    print(&if json { format!("{}\n", summary.json()) } else { summary.text() })
}

/// Reads `--shard 2/8`.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    parts
        .filter(|&(i, n): &(usize, usize)| i < n)
        .ok_or_else(|| format!("{text} is no shard; 0/4, 1/4, 2/4 and 3/4 are the four quarters"))
}

/// The plan, then a row a line.
fn lines(plan: &Plan, rows: &[Row]) -> String {
    let head = json!({"sweep": plan});
    let rows = rows.iter().map(|row| json!(row));
    std::iter::once(head).chain(rows).map(|line| format!("{line}\n")).collect()
}

/// A sweep by its settings.
struct Summary<'a> {
    plan: &'a Plan,
    settings: Vec<Vec<&'a Outcome>>,
}

impl<'a> Summary<'a> {
    fn new(plan: &'a Plan, rows: &'a [Row]) -> Summary<'a> {
        let outcomes: Vec<&Outcome> = rows.iter().map(|row| &row.outcome).collect();
        let settings = outcomes.chunks(plan.seeds.1 as usize).map(<[_]>::to_vec).collect();
        Summary { plan, settings }
    }

    /// The load's knee for each setting of the other axes; the values of these, and the knee.
    fn knees(&self) -> Vec<(Vec<&Value>, Knee)> {
        let Some(loads) = self.plan.set[0].ascending().filter(|_| !self.plan.slo.is_empty()) else { return Vec::new() };
        // The first axis turns slowest.
        let others = self.plan.settings() / loads.len();
        let of = |other: usize| {
            let runs =
                |seed: usize| loads.iter().enumerate().map(|(i, _)| self.settings[i * others + other][seed]).collect();
            let runs: Vec<Vec<&Outcome>> = (0..self.plan.seeds.1 as usize).map(runs).collect();
            Some((self.plan.setting(other)[1..].to_vec(), knee(&loads, &runs, &self.plan.slo)?))
        };
        (0..others).filter_map(of).collect()
    }

    fn text(&self) -> String {
        let plan = self.plan;
        let mut out = format!(
            "{}\n{} settings × {} seeds from {}, {} s each ({} s warm-up); ± is the 95 % interval over seeds\n\n",
            plan.name,
            plan.settings(),
            plan.seeds.1,
            plan.seeds.0,
            to_s(plan.span.0),
            to_s(plan.span.1),
        );
        let mut head: Vec<String> = plan.set.iter().map(|axis| axis.path.clone()).collect();
        head.extend(["ok/s", "mean ms", "p50 ms", "p99 ms", "error share", "bottleneck"].map(String::from));
        let mut rows = vec![head];
        for (i, runs) in self.settings.iter().enumerate() {
            let mut row: Vec<String> = plan.setting(i).into_iter().map(plain).collect();
            let names = ["throughput_rps", "mean_ms", "p50_ms", "p99_ms", "error_share"];
            row.extend(names.map(|name| with_half(estimate(runs, name))));
            let busiest = bottleneck(runs).map(|(node, busy)| format!("{node} {:.1} %", busy * 100.0));
            row.push(busiest.unwrap_or_else(|| "-".into()));
            rows.push(row);
        }
        out += &columns(&rows);
        let stopped: Vec<&String> = self.settings.iter().flatten().filter_map(|run| run.stopped.as_ref()).collect();
        if let Some(reason) = stopped.first() {
            out += &format!("\n{} runs could not go on, as this one: {reason}\n", stopped.len());
        }
        let knees = self.knees();
        if !knees.is_empty() {
            out.push('\n');
        }
        for (others, knee) in knees {
            out += &self.sentence(&others, &knee);
        }
        out
    }

    fn sentence(&self, others: &[&Value], knee: &Knee) -> String {
        let promises: Vec<String> = self.plan.slo.iter().map(|(name, limit)| promise(name, *limit)).collect();
        let others: Vec<String> = self.plan.set[1..]
            .iter()
            .zip(others)
            .map(|(axis, value)| format!("{} {}", axis.path, plain(value)))
            .collect();
        let with = if others.is_empty() { String::new() } else { format!(", with {}", others.join(", ")) };
        let most = match knee {
            Knee::Below(least) => format!("less than {}, the least tried", short(&json!(least))),
            Knee::Beyond(most) => format!("at least {}, the most tried", short(&json!(most))),
            Knee::At(Estimate { mean, half: Some(half) }) => {
                format!("{} ± {}", short(&json!(mean)), short(&json!(half)))
            }
            Knee::At(Estimate { mean, .. }) if self.plan.seeds.1 == 1 => format!("{} (one seed)", short(&json!(mean))),
            Knee::At(Estimate { mean, .. }) => {
                format!("about {}; for some seeds it lies outside the values tried", short(&json!(mean)))
            }
        };
        format!("Most {} within {}{with}: {most}\n", self.plan.set[0].path, promises.join(" and "))
    }

    fn json(&self) -> Value {
        let setting = |(i, runs): (usize, &Vec<&Outcome>)| {
            let mut row = Map::from_iter([("set".to_owned(), self.named(0, &self.plan.setting(i)))]);
            for name in NUMBERS {
                row.insert((*name).to_owned(), estimate_json(estimate(runs, name)));
            }
            let busiest = bottleneck(runs).map(|(node, busy)| json!({"node": node, "utilization": busy}));
            row.insert("bottleneck".into(), json!(busiest));
            row.insert("stopped".into(), json!(runs.iter().filter(|run| run.stopped.is_some()).count()));
            Value::Object(row)
        };
        let knee = |(others, knee): (Vec<&Value>, Knee)| {
            let (most, bound) = match knee {
                Knee::Below(least) => (json!({"mean": least, "ci95": null}), json!("below")),
                Knee::Beyond(most) => (json!({"mean": most, "ci95": null}), json!("above")),
                Knee::At(estimate) => (estimate_json(Some(estimate)), Value::Null),
            };
            json!({"with": self.named(1, &others), "most": most, "outside": bound})
        };
        json!({
            "sweep": self.plan,
            "settings": self.settings.iter().enumerate().map(setting).collect::<Vec<_>>(),
            "knees": self.knees().into_iter().map(knee).collect::<Vec<_>>(),
        })
    }

    /// Values by the paths of the axes from the `from`-th on.
    fn named(&self, from: usize, values: &[&Value]) -> Value {
        let paths = self.plan.set[from..].iter().map(|axis| axis.path.clone());
        Value::Object(paths.zip(values.iter().map(|v| (*v).clone())).collect())
    }
}

fn estimate(runs: &[&Outcome], name: &str) -> Option<Estimate> {
    Estimate::of(&runs.iter().filter_map(|run| run.number(name)).collect::<Vec<f64>>())
}

/// `p99_ms` at most 250 as people say it.
fn promise(name: &str, limit: f64) -> String {
    match name.strip_suffix("_ms") {
        Some(name) => format!("{name} ≤ {limit} ms"),
        None => format!("{} ≤ {limit}", name.replace('_', " ")),
    }
}

/// A mean with its half-width.
pub fn with_half(estimate: Option<Estimate>) -> String {
    match estimate {
        None => "-".into(),
        Some(Estimate { mean, half: Some(half) }) => format!("{} ± {}", short(&json!(mean)), short(&json!(half))),
        Some(Estimate { mean, half: None }) => short(&json!(mean)),
    }
}

/// A mean with its interval.
pub fn estimate_json(estimate: Option<Estimate>) -> Value {
    estimate.map_or(Value::Null, |e| json!({"mean": e.mean, "ci95": e.ends()}))
}

#[cfg(test)]
mod tests {
    use super::shard;

    #[test]
    fn shards_are_read() {
        assert_eq!(shard("3/4"), Ok((3, 4)));
        for bad in ["4/4", "1", "a/b", "-1/4", "0/0"] {
            assert!(shard(bad).is_err(), "{bad} reads as {:?}", shard(bad));
        }
    }
}
