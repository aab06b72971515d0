//! One node, or the users' requests, measured over the whole run: estimates with their 95 % intervals, for whoever looks
//! closely. Made when it is asked for, never in passing.

use super::snapshot::Measures;
use super::{Histogram, Mark, Metrics, NodeMark, Spans};
use crate::component::net::Status;
use crate::engine::Engine;
use crate::time::Nanos;
use serde::{Deserialize, Serialize};

/// What an estimate is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Figure {
    /// Arrivals, or requests wanted, per second.
    Rate,
    /// Failed or turned away among the finished, 0 to 1.
    FailedShare,
    /// Share of the cores busy.
    Utilization,
    /// Mean number inside.
    Inside,
    /// Mean time waited for a worker or a core, in ms.
    Wait,
    /// Mean time from arrival to leaving, or from wanting to having, in ms.
    Mean,
    /// Its median.
    P50,
    /// Its 95th percentile.
    P95,
    /// Its 99th percentile.
    P99,
    /// Mean time from commit to visible, in ms.
    Lag,
}

/// An estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimated {
    /// What of.
    pub figure: Figure,
    /// Its value.
    pub value: f64,
    /// The ends of its interval; none where the run is too short or has no steady state.
    pub ends: Option<[f64; 2]>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The node; none is all users' requests.
    pub node: Option<String>,
    /// Up to when.
    pub now: Nanos,
    /// What there is.
    pub estimates: Vec<Estimated>,
    /// Arrivals per second and mean number inside of every node: what theory takes.
    pub flows: Vec<(String, f64, f64)>,
    /// Whether users tried again after failures.
    pub retried: bool,
}

impl Measurement {
    /// Up to now; of a node that is not there, nothing.
    pub fn of<R: Measures>(engine: &mut Engine<R>, node: Option<&str>) -> Measurement {
        let now = engine.now();
        engine.recorder.metrics_mut().settle(now);
        let metrics = engine.recorder.metrics();
        let nodes = &engine.net().nodes;
        let seconds = (now.saturating_sub(metrics.warmup()) as f64 / 1e9).max(1e-9);
        let estimates = match node {
            None => requests(metrics, seconds),
            Some(id) => {
                let place = nodes.iter().position(|n| n.id == id && n.status != Status::Removed);
                place.map_or_else(Vec::new, |i| at_node(metrics, i, seconds, engine.view(i as u32).cores))
            }
        };
        let flow = |(i, n): (usize, &crate::component::net::NodeInfo)| {
            let s = metrics.nodes.get(i).filter(|_| n.status != Status::Removed)?;
            Some((n.id.clone(), s.arrivals as f64 / seconds, s.area as f64 / 1e9 / seconds))
        };
        Measurement {
            node: node.map(str::to_owned),
            now,
            estimates,
            flows: nodes.iter().enumerate().filter_map(flow).collect(),
            retried: metrics.requests.retries > 0,
        }
    }
}

/// All users' requests.
fn requests(metrics: &Metrics, seconds: f64) -> Vec<Estimated> {
    let r = &metrics.requests;
    let rate = r.issued as f64 / seconds;
    let mut found =
        vec![Estimated { figure: Figure::Rate, value: rate, ends: metrics.per_second(rate, |m| m.requests[0] as f64) }];
    let all = r.ok + r.failed;
    found.extend(failed(metrics, r.failed, all, &|m| (m.requests[2], m.requests[1] + m.requests[2])));
    times(&mut found, metrics, &metrics.latency(), &|m| Some(&m.latency));
    found
}

fn at_node(metrics: &Metrics, i: usize, seconds: f64, cores: f64) -> Vec<Estimated> {
    let Some(s) = metrics.nodes.get(i) else { return Vec::new() };
    let at = move |m: &Mark, of: &dyn Fn(&NodeMark) -> f64| m.nodes.get(i).map_or(0.0, of);
    let mut found = Vec::new();
    let mut add = |figure, value: f64, scale: f64, of: &dyn Fn(&NodeMark) -> f64| {
        let ends = metrics.per_second(value * scale, |m| at(m, of)).map(|ends| ends.map(|end| end / scale));
        found.push(Estimated { figure, value, ends });
    };
    add(Figure::Rate, s.arrivals as f64 / seconds, 1.0, &|n| n.arrivals as f64);
    if cores > 0.0 {
        let cores = s.mean_cores((seconds * 1e9) as Nanos, cores);
        add(Figure::Utilization, s.busy_area as f64 / 1e9 / seconds / cores, cores, &|n| n.areas[1] as f64 / 1e9);
    }
    add(Figure::Inside, s.area as f64 / 1e9 / seconds, 1.0, &|n| n.areas[0] as f64 / 1e9);
    let bad = s.refused + s.failed;
    found.extend(failed(metrics, bad, s.completed() + bad, &|m| {
        let [ok, refused, failed] = m.nodes.get(i).map_or([0; 3], |n| n.left);
        (refused + failed, ok + refused + failed)
    }));
    if let Some(value) = s.wait.mean_ms().filter(|_| cores > 0.0) {
        let ends = metrics.mean_ms(&s.wait, |m| Some(&m.nodes.get(i)?.wait));
        found.push(Estimated { figure: Figure::Wait, value, ends });
    }
    times(&mut found, metrics, &s.sojourn, &|m| Some(&m.nodes.get(i)?.sojourn));
    found.extend(s.lag.mean_ms().map(|value| Estimated { figure: Figure::Lag, value, ends: None }));
    found
}

/// The share that failed; none of nothing.
fn failed(metrics: &Metrics, part: u64, all: u64, of: &dyn Fn(&Mark) -> (u64, u64)) -> Option<Estimated> {
    let value = (all > 0).then(|| part as f64 / all as f64)?;
    Some(Estimated { figure: Figure::FailedShare, value, ends: metrics.share(part, all, of) })
}

/// A mean and percentiles.
fn times(found: &mut Vec<Estimated>, metrics: &Metrics, h: &Histogram, of: &dyn Fn(&Mark) -> Option<&Spans>) {
    let mean = h.mean_ms().map(|value| Estimated { figure: Figure::Mean, value, ends: metrics.mean_ms(h, of) });
    found.extend(mean);
    for (figure, q) in [(Figure::P50, 0.5), (Figure::P95, 0.95), (Figure::P99, 0.99)] {
        found.extend(h.quantile_ms(q).map(|value| Estimated { figure, value, ends: metrics.quantile_ms(h, q, of) }));
    }
}
