//! `loadstone trace`: what one request spends its time on, as a waterfall.

use crate::files::{print, read_checked};
use crate::timing::Timing;
use loadstone::component::net::Origin;
use loadstone::engine::{Engine, Progress};
use loadstone::metrics::Metrics;
use loadstone::metrics::samples::{Sample, Samples, Wanted};
use loadstone::metrics::spans::Tracer;
use loadstone::metrics::trace::Trace;
use loadstone::scenario::Scenario;
use loadstone::scene::waterfall::{perfetto, text};
use loadstone::time::{Nanos, SECOND};

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
    let origin = match &args.which.request {
        Some(request) => named(&scenario, request)?,
        None => find(&scenario, length, args.timing.warmup, &args.which)?.origin(),
    };
    let trace = follow(&scenario, length, origin)?;
    print(&match args.json {
        None => text(&trace, &scenario),
        Some(Format::Perfetto) => format!("{}\n", perfetto(&trace, &scenario)),
        Some(Format::Spans) => serde_json::to_string(&trace).map_err(|e| e.to_string())? + "\n",
    })
}

/// The request with this name.
fn named(scenario: &Scenario, request: &str) -> Result<Origin, String> {
    let (users, ordinal) = request.rsplit_once(':').ok_or("--request is a users node and a number, as users:123")?;
    let ordinal = ordinal.parse().ok().filter(|&n| n > 0);
    let ordinal: u64 = ordinal.ok_or("--request counts a node's requests from 1, as users:123")?;
    let engine = Engine::new(scenario, ());
    let users = engine.net().nodes.iter().position(|n| n.id == users);
    let users = users.ok_or("--request names a node that is not in the scenario from its start")?;
    Ok(Origin { users: users as u32, ordinal })
}

/// An example of what is asked for, by a run that is only measured.
fn find(scenario: &Scenario, length: Nanos, warmup: Nanos, which: &Which) -> Result<Sample, String> {
    let mut engine = Engine::new(scenario, (Metrics::new(warmup, SECOND), Samples::new(warmup)));
    if let Progress::Stopped(reason) = engine.run_until(length, u64::MAX) {
        return Err(reason);
    }
    let (wanted, none) = match which {
        Which { p99: true, .. } => (Wanted::Quantile(0.99), "No request was answered."),
        Which { median: true, .. } => (Wanted::Quantile(0.5), "No request was answered."),
        Which { slowest: true, .. } => (Wanted::Slowest, "No request was answered."),
        _ => (Wanted::Failed, "No request failed."),
    };
    let (metrics, samples) = &engine.recorder;
    samples.find(wanted, &metrics.latency).ok_or_else(|| none.to_owned())
}

/// Simulates again, and follows the request.
fn follow(scenario: &Scenario, length: Nanos, origin: Origin) -> Result<Trace, String> {
    /// Events between two looks at whether all is known.
    const CHUNK: u64 = 1_000;
    let mut engine = Engine::new(scenario, Tracer::new(origin));
    loop {
        let progress = engine.run_until(length, CHUNK);
        let now = engine.now();
        if engine.recorder.is_done(now) || progress == Progress::Reached {
            let tracer = engine.recorder.clone();
            return tracer.finish(now, engine.net()).ok_or_else(|| "That request is not made in this run.".to_owned());
        }
        if let Progress::Stopped(reason) = progress {
            return Err(reason);
        }
    }
}
