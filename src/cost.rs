//! What a design costs: an estimate from the prices of `component::prices`, never a bill.
//!
//! Two parts. Hours: what stands there costs by the hour, busy or not, also while it is down; the number of instances is
//! that of the moment. Use: what passes through, as it was measured. The estimate for a month takes what stands there now
//! and the rate of the run so far; the price of a million requests takes what the run itself would have cost.

mod course;
mod rates;
mod usage;

pub use course::{Course, Scaling};
pub use usage::Usage;

use crate::component::prices;
use crate::engine::{Engine, Recorder};
use crate::metrics::Metrics;
use crate::scenario::{Action, Node, Scenario};
use crate::time::Nanos;
use rates::rate;
use serde_json::{Value, json};

/// Hours of a month, as the providers' own calculators count them: 365 × 24 / 12.
pub const MONTH_H: f64 = 730.0;

/// What one node costs each month.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Its identifier.
    pub node: String,
    /// What is paid for: "3 × 2 cores, 4 GB".
    pub what: String,
    /// For the hours that it stands there.
    pub hours_usd: f64,
    /// For what passes through, at the rate of the run so far; none before anything was measured.
    pub use_usd: Option<f64>,
}

impl Charge {
    /// Both together.
    pub fn month_usd(&self) -> f64 {
        self.hours_usd + self.use_usd.unwrap_or(0.0)
    }
}

/// An estimate for a month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    /// Of every node that costs something, in the order of the document.
    pub charges: Vec<Charge>,
    /// What a million answered requests cost, by the run so far; none before there is an answer.
    pub per_million_usd: Option<f64>,
    /// What a month would cost that goes like the run so far, with whatever came and went; none before anything was measured.
    pub mean_month_usd: Option<f64>,
}

impl Bill {
    /// All of it.
    pub fn month_usd(&self) -> f64 {
        self.charges.iter().map(Charge::month_usd).sum()
    }

    /// As reports have it.
    pub fn to_value(&self) -> Value {
        let row = |c: &Charge| {
            let row =
                json!({"month_usd": c.month_usd(), "hours_usd": c.hours_usd, "use_usd": c.use_usd, "what": c.what});
            (c.node.clone(), row)
        };
        json!({
            "month_usd": self.month_usd(), "per_million_usd": self.per_million_usd,
            "mean_month_usd": self.mean_month_usd, "basis": prices::BASIS,
            "nodes": self.charges.iter().map(row).collect::<serde_json::Map<_, _>>(),
        })
    }

    /// A node's part.
    pub fn of(&self, node: &str) -> Option<&Charge> {
        self.charges.iter().find(|c| c.node == node)
    }
}

/// The estimate at a moment of a run that was used so.
pub fn bill(doc: &Scenario, scaling: &Scaling, usage: &Usage, now: Nanos) -> Bill {
    let (prices, design) = (prices::of(doc), doc.at(now));
    let months = usage.seconds / 3600.0 / MONTH_H;
    let charge = |node: &Node| {
        let rate = rate(&design, node, scaling.instances(&node.id, now), &prices)?;
        let used = rate.usage(node, doc, usage);
        Some(Charge {
            node: node.id.clone(),
            what: rate.what,
            hours_usd: rate.hour_usd * MONTH_H,
            use_usd: (months > 0.0 && rate.is_metered).then(|| used / months),
        })
    };
    let spent = spent(doc, &Course::new(doc, scaling, now), usage, now);
    Bill {
        charges: design.nodes.iter().filter_map(charge).collect(),
        mean_month_usd: (months > 0.0).then(|| spent / months),
        per_million_usd: (usage.answered > 0).then(|| spent / usage.answered as f64 * 1e6),
    }
}

/// What the measured part of a run cost until now.
fn spent(doc: &Scenario, course: &Course, usage: &Usage, now: Nanos) -> f64 {
    let prices = prices::of(doc);
    let from = now.saturating_sub(crate::time::from_s(usage.seconds));
    let metered = |node: &Node| rate(doc, node, None, &prices).map_or(0.0, |rate| rate.usage(node, doc, usage));
    course.usd(from, now) + everyone(doc).map(metered).sum::<f64>()
}

/// The nodes of a document, and those that join later.
fn everyone(doc: &Scenario) -> impl Iterator<Item = &Node> {
    let joining = doc.timeline.iter().filter_map(|entry| match &entry.action {
        Action::AddNode(node) => Some(&**node),
        _ => None,
    });
    doc.nodes.iter().chain(joining)
}

/// The estimate at the end of a run that somebody measured.
pub fn of_run<R: Recorder>(doc: &Scenario, engine: &Engine<R>, metrics: &Metrics) -> Bill {
    bill(doc, &Scaling::of_run(engine, metrics), &Usage::of_run(engine, metrics), engine.now())
}

#[cfg(test)]
mod tests;
