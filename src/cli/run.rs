//! `loadstone run`: simulates a file as fast as it goes and reports.

use crate::files::{print, read_checked};
use crate::table;
use crate::timing::{Timing, span};
use crate::trace::Trace;
use loadstone::component::net::{Net, Status};
use loadstone::cost;
use loadstone::engine::{Engine, Progress, Record, Recorder};
use loadstone::metrics::frame::Point;
use loadstone::metrics::snapshot::{Measures, of_present};
use loadstone::metrics::{Metrics, csv, report, words};
use loadstone::scenario::Scenario;
use loadstone::theory::{self, Measured};
use loadstone::time::{Nanos, SECOND, to_s};
use loadstone::why::{Observer, Reason};
use std::time::Instant;

/// How the report's intervals come about, for `--help`.
const INTERVALS: &str = "\
Confidence: each estimate stands with its 95 % interval (± in the tables; in --json as [low, high] under ci95, in the \
object that holds the estimate). The time after the warm-up is cut into 16 to 32 batches of equal length; the spread \
between batches gives the interval with Student's t (batch means of ratios; Law, Simulation Modeling and Analysis, 9.5). \
Batches that are still correlated are joined in pairs. For a percentile, the share of each batch's requests below it is \
treated so, and the interval of that share is read off all requests (Woodruff 1952). An interval is null when there is too \
little to tell: fewer than 10 batches, fewer than 30 requests beyond a percentile or on either side of a share, or batches \
that stay correlated, as in a run that breaks half way or whose queue keeps growing.

Little's law: each node has little = {l, lambda_rps, w_ms, lambda_w, difference_share}: the mean number inside, the rate of \
arrivals and the mean stay, measured apart. wait_ms is time spent waiting for a worker or a core, service_ms is core time per \
request that was let in, downstream_ms is the rest of the stay: calls to others.

Theory: each node has theory = {model, source, inputs, predicted}, the closed form that fits it by the design (arrivals that are \
Poisson, the shape of the service, the number of cores) at the measured rate, or model null and why none fits.

Why: what limits the system at the end of the run, most important first, in sentences made only of what was measured over the last 5 s or logged. Each is {what, node, words, numbers, theory, validation}; end the run earlier with --for to hear of an earlier moment.";

/// What `run` is told.
#[derive(clap::Args)]
#[command(after_long_help = INTERVALS)]
pub struct Args {
    /// The scenario; `-` reads standard input.
    file: String,
    #[command(flatten)]
    timing: Timing,
    /// Another seed than the scenario's.
    #[arg(long)]
    seed: Option<u64>,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Add rate, errors and percentiles for each interval of this length.
    #[arg(long, value_name = "TIME", value_parser = span)]
    series: Option<Nanos>,
    /// Print the series, and nothing else, as a table for spreadsheets (CSV).
    #[arg(long, requires = "series", conflicts_with = "json")]
    csv: bool,
    /// Write everything that happens at nodes to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    trace: Option<String>,
}

/// Runs and reports.
pub fn run(args: &Args) -> Result<(), String> {
    let mut scenario = read_checked(&args.file)?;
    if let Some(seed) = args.seed {
        scenario.seed = seed;
    }
    let length = args.timing.length(&scenario)?;
    if args.series == Some(0) {
        return Err("--series must be above 0".into());
    }
    let trace = args.trace.as_deref().map(Trace::create).transpose()?;
    let metrics = Metrics::new(args.timing.warmup, args.series.unwrap_or(SECOND));
    simulate(args, &scenario, length, Listener { metrics, trace })
}

/// Measures, and traces if asked to.
struct Listener {
    metrics: Metrics,
    trace: Option<Trace>,
}

impl Recorder for Listener {
    fn record(&mut self, now: Nanos, net: &Net, record: &Record) {
        self.metrics.record(now, net, record);
        if let Some(trace) = &mut self.trace {
            trace.write(now, net, record);
        }
    }
}

impl Measures for Listener {
    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn metrics_mut(&mut self) -> &mut Metrics {
        &mut self.metrics
    }
}

fn simulate(args: &Args, scenario: &Scenario, length: Nanos, recorder: Listener) -> Result<(), String> {
    // The only clock in the program: how long the run took is told, never used.
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let mut engine = Engine::new(scenario, recorder);
    let mut observer = Observer::default();
    let progress = observer.run(&mut engine, scenario, length);
    let wall_s = start.elapsed().as_secs_f64();

    let metrics = &engine.recorder.metrics;
    if args.csv {
        print(&csv(&engine))?;
        return finish(engine.recorder.trace, progress);
    }
    let mut result = report::report(scenario, &engine, metrics, wall_s);
    for (node, theory) in theory::of(scenario, &Measured::new(&engine, metrics)) {
        if let Some(row) = result["nodes"].get_mut(node.as_str()) {
            row["theory"] = theory.to_value();
        }
    }
    result["why"] = observer.why(scenario).iter().map(Reason::to_value).collect();
    result["cost"] = cost::of_run(scenario, &engine, metrics).to_value();
    if args.series.is_some() {
        result["series"] = report::series(metrics);
    }
    if args.json {
        print(&format!("{result}\n"))?;
    } else {
        let log = metrics.log.iter().map(|entry| words::line(entry, engine.net(), scenario));
        let log: Vec<String> = log.map(|line| format!("{:>10.3} s  {}", to_s(line.at), line.words)).collect();
        print(&table::text(&result, &log))?;
    }
    finish(engine.recorder.trace, progress)
}

/// The series of the nodes that are there at the end.
fn csv(engine: &Engine<Listener>) -> String {
    let points = of_present(engine, engine.recorder.metrics.series.points().iter().map(|p| Point::clone(p)).collect());
    let present = engine.net().nodes.iter().filter(|n| n.status != Status::Removed);
    let nodes: Vec<&str> = present.map(|n| n.id.as_str()).collect();
    let rows: Vec<csv::Row> = points.iter().map(|p| (p, p.nodes.iter().copied().map(Some).collect())).collect();
    csv::table(&nodes, &rows)
}

fn finish(trace: Option<Trace>, progress: Progress) -> Result<(), String> {
    if let Some(trace) = trace {
        trace.finish()?;
    }
    match progress {
        Progress::Stopped(reason) => Err(reason),
        _ => Ok(()),
    }
}
