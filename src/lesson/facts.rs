//! What a goal can ask of a run: its report, and what was drawn.

use crate::component::KINDS;
use crate::cost;
use crate::engine::{Engine, Progress};
use crate::metrics::frame::Point;
use crate::metrics::{Metrics, report};
use crate::scenario::Scenario;
use crate::time::{SECOND, from_s, to_s};
use serde_json::Value;

/// What is known after a run.
///
/// Paths are those of `loadstone run --json`: `requests.failed`, `latency_ms.p99`, `nodes.web1.utilization`, `cost.month_usd`. A list
/// counts as its length. Besides there are
///
/// - `kind.server`: how many nodes of a kind are there at the end;
/// - `link.lb.web1`: 1 if this link is there at the end, else 0;
/// - `log.promoted`, `log.crash.db1`: how many such lines the log has, of any node or of this one.
#[derive(Clone, Debug)]
pub struct Facts {
    report: Value,
    design: Scenario,
    worst_s: f64,
}

/// A run on the way to its end, for those who must not wait for it in one go.
pub struct Running {
    document: Scenario,
    engine: Engine<Metrics>,
}

impl Running {
    /// At 0.
    pub fn new(document: &Scenario) -> Running {
        Running { document: document.clone(), engine: Engine::new(document, Metrics::new(0, SECOND)) }
    }

    /// Goes on for so many events; the facts once the end is reached.
    ///
    /// # Errors
    /// If the engine cannot go on, its reason.
    pub fn go(&mut self, events: u64) -> Result<Option<Facts>, String> {
        let length = from_s(self.document.run_s);
        match self.engine.run_until(length, events) {
            Progress::Budget => return Ok(None),
            Progress::Stopped(why) => return Err(why),
            Progress::Reached => {}
        }
        let metrics = &self.engine.recorder;
        let mut report = report::report(&self.document, &self.engine, metrics, 0.0);
        report["cost"] = cost::of_run(&self.document, &self.engine, metrics).to_value();
        let bad = |p: &Point| (p.error_share.unwrap_or(0.0), p.p99_ms.unwrap_or(0.0));
        let worst = metrics.series.points().iter().max_by(|a, b| {
            let ((a, x), (b, y)) = (bad(a), bad(b));
            a.total_cmp(&b).then(x.total_cmp(&y))
        });
        let worst_s = worst.map_or(0.0, |p| to_s(p.at));
        Ok(Some(Facts { report, design: self.document.at(length), worst_s }))
    }
}

impl Facts {
    /// Runs the document to its end.
    ///
    /// # Errors
    /// If the engine cannot go on, its reason.
    pub fn of(document: &Scenario) -> Result<Facts, String> {
        Running::new(document).go(u64::MAX).and_then(|facts| facts.ok_or_else(|| "the run does not end".to_owned()))
    }

    /// The design as it stood at the end.
    pub fn design(&self) -> &Scenario {
        &self.design
    }

    /// The second that was worst for the users: in which the largest share failed, or else the p99 was highest.
    pub fn worst_s(&self) -> f64 {
        self.worst_s
    }

    /// Numbers by their paths, for whoever writes a goal: of the requests, the latency, the cost and every node.
    pub fn numbers(&self) -> Vec<(String, f64)> {
        fn walk(path: &str, value: &Value, into: &mut Vec<(String, f64)>) {
            match value {
                Value::Number(number) => into.extend(number.as_f64().map(|n| (path.to_owned(), n))),
                Value::Object(map) => map.iter().for_each(|(name, inner)| walk(&format!("{path}.{name}"), inner, into)),
                _ => {}
            }
        }
        let mut all = Vec::new();
        for group in ["requests", "latency_ms", "cost", "nodes"] {
            walk(group, &self.report[group], &mut all);
        }
        all
    }

    /// The number behind a path; none if nothing is there, or nothing that is a number.
    pub fn get(&self, path: &str) -> Option<f64> {
        let mut words = path.split('.');
        let first = words.next()?;
        let rest: Vec<&str> = words.collect();
        match (first, &rest[..]) {
            ("kind", [kind]) => {
                KINDS.iter().find(|k| k.id() == *kind)?;
                Some(self.design.nodes.iter().filter(|n| n.kind == *kind).count() as f64)
            }
            ("link", [from, to]) => Some(f64::from(u8::from(self.design.link(from, to).is_some()))),
            ("log", [what, of @ ..]) if of.len() <= 1 => {
                let log = self.report.get("log")?.as_array()?;
                let fits = |line: &&Value| {
                    line["what"].as_str() == Some(what) && of.iter().all(|of| line["node"].as_str() == Some(of))
                };
                Some(log.iter().filter(fits).count() as f64)
            }
            _ => match rest.iter().try_fold(self.report.get(first)?, |value, word| value.get(word))? {
                Value::Number(number) => number.as_f64(),
                Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
                Value::Array(all) => Some(all.len() as f64),
                _ => None,
            },
        }
    }
}
