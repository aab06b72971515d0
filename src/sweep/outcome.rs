//! What sweeps and comparisons keep of a run: a few numbers, which depend on the document and its seed alone.

use crate::component::net::Status;
use crate::cost::{self, Scaling, Usage};
use crate::engine::{Engine, Progress};
use crate::metrics::Metrics;
use crate::metrics::frame::Frame;
use crate::metrics::report::hex;
use crate::scenario::Scenario;
use crate::time::{Nanos, to_s};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The numbers of one run. Those without samples are none; of a run that could not go on, all are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Answered requests per second.
    pub throughput_rps: Option<f64>,
    /// Mean latency.
    pub mean_ms: Option<f64>,
    /// Its median.
    pub p50_ms: Option<f64>,
    /// Its 95th percentile.
    pub p95_ms: Option<f64>,
    /// Its 99th percentile.
    pub p99_ms: Option<f64>,
    /// Share of the finished requests that failed.
    pub error_share: Option<f64>,
    /// Acknowledged writes that turned out to be lost.
    #[serde(default)]
    pub writes_lost: Option<f64>,
    /// Mean time of a write in the database that commits it.
    #[serde(default)]
    pub commit_ms: Option<f64>,
    /// What a million answered requests cost.
    #[serde(default)]
    pub usd_per_million: Option<f64>,
    /// Busy share of the cores, by node.
    pub utilization: BTreeMap<String, f64>,
    /// The run's hash.
    pub trace_hash: String,
    /// Why the run could not go on.
    pub stopped: Option<String>,
}

/// The estimates by name, as the options and reports call them.
pub const NUMBERS: &[&str] = &["throughput_rps", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "error_share"];

impl Outcome {
    /// Runs a document.
    pub fn of(scenario: &Scenario, length: Nanos, warmup: Nanos) -> Outcome {
        // One point of the charts, which nobody looks at.
        let mut engine = Engine::new(scenario, Metrics::new(warmup, length));
        let stopped = match engine.run_until(length, u64::MAX) {
            Progress::Stopped(reason) => Some(reason),
            _ => None,
        };
        engine.recorder.settle(length);
        let m = &engine.recorder;
        let finished = m.requests.ok + m.requests.failed;
        let known = stopped.is_none();
        let latency = |q: f64| m.latency().quantile_ms(q).filter(|_| known);
        Outcome {
            throughput_rps: known.then(|| m.requests.ok as f64 / to_s(length - warmup)),
            mean_ms: m.latency().mean_ms().filter(|_| known),
            p50_ms: latency(0.5),
            p95_ms: latency(0.95),
            p99_ms: latency(0.99),
            error_share: (known && finished > 0).then(|| m.requests.failed as f64 / finished as f64),
            writes_lost: known.then_some(m.requests.writes_lost as f64),
            commit_ms: m.commit.mean_ms().filter(|_| known),
            usd_per_million: cost::of_run(scenario, &engine, m).per_million_usd.filter(|_| known),
            utilization: if known { utilization(&engine, length - warmup) } else { BTreeMap::new() },
            trace_hash: hex(engine.trace_hash()),
            stopped,
        }
    }

    /// What a frame says of a run of this document that is measured from `warmup` on; of its nodes and its hash, nothing.
    pub fn told(frame: &Frame, document: &Scenario, scaling: &Scaling, warmup: Nanos) -> Outcome {
        let (totals, span) = (&frame.totals, frame.now.saturating_sub(warmup));
        let finished = totals.ok + totals.failed;
        let bill = cost::bill(document, scaling, &Usage::of_frame(frame, warmup), frame.now);
        Outcome {
            throughput_rps: Some(totals.ok as f64 / to_s(span.max(1))),
            mean_ms: totals.mean_ms,
            p50_ms: totals.p50_ms,
            p95_ms: totals.p95_ms,
            p99_ms: totals.p99_ms,
            error_share: (finished > 0).then(|| totals.failed as f64 / finished as f64),
            writes_lost: Some(totals.writes_lost as f64),
            commit_ms: totals.commit_ms,
            usd_per_million: bill.per_million_usd,
            ..Outcome::default()
        }
    }

    /// The estimate of this name.
    pub fn number(&self, name: &str) -> Option<f64> {
        match name {
            "throughput_rps" => self.throughput_rps,
            "mean_ms" => self.mean_ms,
            "p50_ms" => self.p50_ms,
            "p95_ms" => self.p95_ms,
            "p99_ms" => self.p99_ms,
            "error_share" => self.error_share,
            "writes_lost" => self.writes_lost,
            "commit_ms" => self.commit_ms,
            "usd_per_million" => self.usd_per_million,
            _ => None,
        }
    }
}

fn utilization(engine: &Engine<Metrics>, measured: Nanos) -> BTreeMap<String, f64> {
    let present = engine.net().nodes.iter().enumerate().filter(|(_, n)| n.status != Status::Removed);
    let busy = present.filter_map(|(i, node)| {
        let cores = engine.view(i as u32).cores;
        let station = engine.recorder.nodes.get(i)?;
        (cores > 0.0).then(|| (node.id.clone(), station.busy_area as f64 / measured as f64 / cores))
    });
    busy.collect()
}
