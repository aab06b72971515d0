//! `loadstone trace`: what one request spends its time on, as a waterfall.

use crate::files::{print, read_checked};
use crate::timing::Timing;
use loadstone::engine::Engine;
use loadstone::metrics::follow::follow;
use loadstone::metrics::samples::{Sample, Wanted};
use loadstone::scenario::Scenario;
use loadstone::scene::waterfall::{perfetto, text};

/// What `trace` is told.
#[derive(clap::Args)]
pub struct Args {
    /// The scenario; `-` reads standard input.
    file: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    timing: Timing,
    /// Another seed than the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON instead of the picture.
    #[arg(long, value_name = "FORMAT")]
    json: Option<Format>,
}

/// Which request.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// This one: a users node and the number of its request, counted from 1, as users:123.
    #[arg(long, value_name = "USERS:NUMBER")]
    request: Option<String>,
    /// One whose latency is the 99th percentile.
    #[arg(long)]
    p99: bool,
    /// One whose latency is the median.
    #[arg(long)]
    median: bool,
    /// The last one that failed.
    #[arg(long)]
    failed: bool,
    /// The slowest one that was answered.
    #[arg(long)]
    slowest: bool,
}

/// What `--json` prints.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// The Chrome trace event format, which ui.perfetto.dev opens.
    Perfetto,
    /// The spans as they are, times in ns.
    Spans,
}

/// Finds the request, follows it and prints its way.
pub fn trace(args: &Args) -> Result<(), String> {
    let mut scenario = read_checked(&args.file)?;
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    let length = args.timing.length(&scenario)?;
    let wanted = match &args.which {
        Which { request: Some(request), .. } => named(&scenario, request)?,
        Which { p99: true, .. } => Wanted::Quantile(0.99),
        Which { median: true, .. } => Wanted::Quantile(0.5),
        Which { slowest: true, .. } => Wanted::Slowest,
        _ => Wanted::Failed,
    };
    let trace = follow(&scenario, length, args.timing.warmup, wanted)?;
    print(&match args.json {
        None => text(&trace, &scenario),
        Some(Format::Perfetto) => format!("{}\n", perfetto(&trace, &scenario)),
        Some(Format::Spans) => serde_json::to_string(&trace).map_err(|e| e.to_string())? + "\n",
    })
}

/// The request with this name.
fn named(scenario: &Scenario, request: &str) -> Result<Wanted, String> {
    let (users, ordinal) = request.rsplit_once(':').ok_or("--request is a users node and a number, as users:123")?;
    let ordinal = ordinal.parse().ok().filter(|&n| n > 0);
    let ordinal: u64 = ordinal.ok_or("--request counts a node's requests from 1, as users:123")?;
    let engine = Engine::new(scenario, ());
    let users = engine.net().nodes.iter().position(|n| n.id == users);
    let users = users.ok_or("--request names a node that is not in the scenario from its start")?;
    Ok(Wanted::This(Sample { users: users as u32, ordinal, wanted: 0 }))
}
