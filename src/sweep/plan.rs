//! What a sweep does: a grid of settings, each run with the same seeds. One row is one run, and depends on nothing but the
//! plan and its own number, so rows can be made anywhere and in any order.

use super::outcome::{NUMBERS, Outcome};
use super::setting::{self, Axis};
use crate::codec;
use crate::metrics::report::hex;
use crate::rng::mix;
use crate::scenario::Scenario;
use crate::time::Nanos;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A sweep has at most so many rows.
const MOST_ROWS: usize = 1_000_000;

/// The whole sweep. Two shards belong together if their plans are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The program's version: another may run otherwise.
    pub version: String,
    /// The scenario's name.
    pub name: String,
    /// A hash of the scenario.
    pub document: String,
    /// How long each run is simulated, and from when on it is measured, in ns.
    pub span: (Nanos, Nanos),
    /// The seeds: the first, and how many.
    pub seeds: (u64, u64),
    /// The grid.
    pub set: Vec<Axis>,
    /// What must hold: the name of a number and its largest value.
    pub slo: Vec<(String, f64)>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its number in the plan.
    pub row: usize,
    /// Its seed.
    pub seed: u64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Plan {
    /// Settings of the grid: the last axis turns fastest.
    pub fn settings(&self) -> usize {
        self.set.iter().map(|axis| axis.values.len()).product()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.settings() * self.seeds.1 as usize
    }

    /// The values of a setting, one of each axis.
    pub fn setting(&self, mut index: usize) -> Vec<&Value> {
        let mut values: Vec<&Value> = Vec::new();
        for axis in self.set.iter().rev() {
            values.push(&axis.values[index % axis.values.len()]);
            index /= axis.values.len();
        }
        values.reverse();
        values
    }

    /// The scenarios of all settings.
    ///
    /// # Errors
    /// If a setting makes no sense, or there are too many.
    pub fn scenarios(&self, base: &Scenario) -> Result<Vec<Scenario>, String> {
        let settings = self.set.iter().try_fold(1usize, |n, axis| n.checked_mul(axis.values.len()));
        let rows = settings.and_then(|n| n.checked_mul(self.seeds.1 as usize));
        if rows.is_none_or(|n| n > MOST_ROWS) {
            return Err(format!("the sweep has more than {MOST_ROWS} runs; give fewer values or seeds"));
        }
        let with = |index: usize| {
            let mut scenario = base.clone();
            for (axis, value) in self.set.iter().zip(self.setting(index)) {
                setting::apply(&mut scenario, &axis.path, value)?;
            }
            Ok(scenario)
        };
        (0..self.settings()).map(with).collect()
    }

    /// The scenario of one row, of those that [`scenarios`](Plan::scenarios) made.
    pub fn scenario(&self, scenarios: &[Scenario], row: usize) -> Scenario {
        let seeds = self.seeds.1 as usize;
        Scenario { seed: self.seeds.0.wrapping_add((row % seeds) as u64), ..scenarios[row / seeds].clone() }
    }

    /// Makes one row.
    pub fn row(&self, scenarios: &[Scenario], row: usize) -> Row {
        let scenario = self.scenario(scenarios, row);
        Row { row, seed: scenario.seed, outcome: Outcome::of(&scenario, self.span.0, self.span.1) }
    }
}

/// A hash of everything in the document that makes a run.
pub fn hash(scenario: &Scenario) -> String {
    let text = codec::write_compact(scenario);
    hex(text.bytes().fold(0, |hash, byte| mix(hash, u64::from(byte))))
}

/// Reads `--slo p99_ms=250`.
pub fn slo(text: &str) -> Result<(String, f64), String> {
    let (name, limit) = text.split_once('=').unwrap_or((text, ""));
    // A throughput has no upper limit that anybody would ask for.
    let names = &NUMBERS[1..];
    if !names.contains(&name.trim()) {
        return Err(format!("{name} is none of {}; write --slo p99_ms=250", names.join(", ")));
    }
    match limit.trim().parse::<f64>() {
        Ok(limit) if limit.is_finite() && limit >= 0.0 => Ok((name.trim().to_owned(), limit)),
        _ => Err(format!("{text} has no limit; write --slo p99_ms=250")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_read() {
        assert_eq!(slo("p99_ms=250"), Ok(("p99_ms".into(), 250.0)));
        for bad in ["p99=250", "p99_ms", "p99_ms=fast", "p99_ms=-1", "throughput_rps=3"] {
            assert!(slo(bad).is_err(), "{bad} reads as {:?}", slo(bad));
        }
    }

    #[test]
    fn the_last_axis_turns_fastest() {
        let axis = |text: &str| Axis::read(text).expect(text);
        let plan = Plan {
            version: String::new(),
            name: String::new(),
            document: String::new(),
            span: (1, 0),
            seeds: (1, 2),
            set: vec![axis("a.x=1,2"), axis("b.y=3,4,5")],
            slo: Vec::new(),
        };
        assert_eq!((plan.settings(), plan.rows()), (6, 12));
        let all: Vec<String> = (0..6).map(|i| format!("{:?}", plan.setting(i))).collect();
        assert_eq!(all.concat().matches("Number(1)").count(), 3, "{all:?}");
        assert_eq!(plan.setting(1), [&1.into(), &4.into()] as [&Value; 2]);
    }
}
