//! A against B: the rows of the table and the sentence below it, from what both runs show now and from pairs of whole
//! runs on the same seeds.

use super::Outcome;
use crate::cost::Scaling;
use crate::metrics::compare::{COMPARED, PER_MILLION, Pair, Told};
use crate::metrics::frame::Frame;
use crate::scenario::Scenario;
use crate::scene::format;
use crate::time::{Nanos, to_s};

/// Whole runs of each that a comparison takes: as many as `loadstone compare` does.
pub const SEEDS: u64 = 20;
/// Sentences about differences; more would not be read.
const SENTENCES: usize = 4;

/// A row of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The number's name in options and reports.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// A's in the run that is shown.
    pub a: String,
    /// B's at the same moment.
    pub b: String,
    /// B − A over the pairs, with its interval.
    pub difference: String,
    /// The interval does not hold zero.
    pub certain: bool,
    /// If it is certain: whether B is the better one.
    pub better: Option<bool>,
}

/// Everything that the comparison shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Versus {
    /// The table.
    pub rows: Vec<Row>,
    /// What can be said, in plain sentences.
    pub verdict: String,
    /// What the numbers rest on.
    pub basis: String,
}

/// Whole runs of both, in the order of the seeds; `end` is their length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    /// The first seed.
    pub seed: u64,
    /// The length of each run.
    pub end: Nanos,
    /// What came of A and of B.
    pub outcomes: Vec<(Outcome, Outcome)>,
    /// Why no more can be run.
    pub stopped: Option<String>,
}

impl Pairs {
    /// The pairs' numbers of one name.
    fn pair(&self, name: &str) -> Pair {
        Pair::of(name, &self.outcomes.iter().map(|(a, b)| (a.number(name), b.number(name))).collect::<Vec<_>>())
    }
}

/// A run as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its newest frame.
    pub frame: &'a Frame,
    /// What is run.
    pub document: &'a Scenario,
    /// What its autoscalers wanted so far.
    pub scaling: &'a Scaling,
}

/// The comparison at this moment; sides are none before their first frame has come.
pub fn versus(a: Option<Side>, b: Option<Side>, pairs: &Pairs) -> Versus {
    let [a, b] = [a, b].map(|side| side.map(|s| Outcome::told(s.frame, s.document, s.scaling, 0)));
    let told: Vec<(&'static str, Pair)> = COMPARED.iter().map(|name| (*name, pairs.pair(name))).collect();
    let number = |side: &Option<Outcome>, name: &str| side.as_ref().and_then(|outcome| outcome.number(name));
    let now = |side: &Option<Outcome>, name: &str| {
        number(side, name).map_or_else(|| format::NONE.to_owned(), |value| with_unit(name, value))
    };
    let row = |(name, pair): &(&'static str, Pair)| {
        let certain = matches!(pair.told(), Told::Lower | Told::Higher);
        Row {
            name,
            label: label(name),
            a: now(&a, name),
            b: now(&b, name),
            difference: difference(name, pair),
            certain,
            better: certain.then(|| (pair.told() == Told::Higher) == (*name == "throughput_rps")),
        }
    };
    // What neither design has is no row: the commit time of one without a database.
    let there = |(name, pair): &&(&'static str, Pair)| {
        pair.a.is_some() || pair.b.is_some() || number(&a, name).is_some() || number(&b, name).is_some()
    };
    Versus { rows: told.iter().filter(there).map(row).collect(), verdict: verdict(&told, pairs), basis: basis(pairs) }
}

fn label(name: &str) -> &'static str {
    match name {
        "p50_ms" => "p50",
        "p95_ms" => "p95",
        "p99_ms" => "p99",
        "mean_ms" => "Mean",
        "throughput_rps" => "Answered",
        "error_share" => "Errors",
        "writes_lost" => "Writes lost",
        PER_MILLION => "Cost per million",
        _ => "Commit time",
    }
}

/// A value with its unit; shares as percent.
fn with_unit(name: &str, value: f64) -> String {
    let unit = match name {
        "error_share" => " %",
        "writes_lost" => "",
        "throughput_rps" => " /s",
        PER_MILLION => " USD",
        _ => " ms",
    };
    format!("{}{unit}", scaled(name, value))
}

fn scaled(name: &str, value: f64) -> String {
    format::number(if name == "error_share" { value * 100.0 } else { value })
}

fn difference(name: &str, pair: &Pair) -> String {
    match pair.difference {
        Some(e) if e.half == Some(0.0) && e.mean == 0.0 => "none".to_owned(),
        Some(e) => {
            let sign = if e.mean > 0.0 { "+" } else { "" };
            let half = e.half.map(|half| format!(" ± {}", scaled(name, half))).unwrap_or_default();
            let unit = with_unit(name, 0.0)[1..].to_owned();
            format!("{sign}{}{half}{unit}", scaled(name, e.mean))
        }
        None => format::NONE.to_owned(),
    }
}

fn verdict(told: &[(&'static str, Pair)], pairs: &Pairs) -> String {
    if let Some(why) = &pairs.stopped {
        return format!("The comparison could not go on: {why}");
    }
    if pairs.outcomes.len() < 2 {
        return "The first pairs of runs are being simulated.".to_owned();
    }
    // What matters most to those who use the system comes first.
    const ORDER: [&str; 9] = [
        "writes_lost",
        "error_share",
        "p99_ms",
        "commit_ms",
        "throughput_rps",
        PER_MILLION,
        "mean_ms",
        "p95_ms",
        "p50_ms",
    ];
    let certain = ORDER.iter().filter_map(|name| {
        let (name, pair) = told.iter().find(|(n, _)| n == name)?;
        matches!(pair.told(), Told::Lower | Told::Higher).then(|| sentence(name, pair))
    });
    let sentences: Vec<String> = certain.take(SENTENCES).collect();
    if sentences.is_empty() {
        return format!("No difference that {} pairs of runs can tell.", pairs.outcomes.len());
    }
    sentences.join(" ")
}

fn sentence(name: &str, pair: &Pair) -> String {
    if name != "error_share" {
        return pair.verdict(format::number);
    }
    // In percent of the requests, as the table has it.
    pair.verdict(|n| format!("{} %", format::number(n * 100.0)))
}

fn basis(pairs: &Pairs) -> String {
    let done = pairs.outcomes.len() as u64;
    let last = pairs.seed.saturating_add(SEEDS - 1);
    let so_far = if done < SEEDS { format!("{done} of {SEEDS} pairs so far") } else { format!("{SEEDS} pairs") };
    format!(
        "B − A over whole runs of {} s on seeds {} to {last}: {so_far}. ± is the 95 % interval. Costs are estimates.",
        format::number(to_s(pairs.end)),
        pairs.seed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::frame::Totals;
    use crate::time::SECOND;

    /// A run of 20 s: 2,000 requests wanted by users who are answered straight by a machine.
    fn frame(p99: f64, lost: u64) -> Frame {
        let totals =
            Totals { issued: 1000, ok: 900, failed: 100, p99_ms: Some(p99), writes_lost: lost, ..Totals::default() };
        Frame { now: 20 * SECOND, totals, ..Frame::default() }
    }

    fn document(cores: u32) -> Scenario {
        let text = format!(
            r#"{{"loadstone": 1, "nodes": [{{"id": "web", "kind": "server", "params": {{"cores": {cores}}}}}]}}"#
        );
        crate::codec::read(&text).0.expect("it can be read")
    }

    fn outcome(p99: f64, lost: u64, cores: u32) -> Outcome {
        Outcome::told(&frame(p99, lost), &document(cores), &Scaling::default(), 0)
    }

    fn pairs(of: &[(f64, u64, f64, u64)]) -> Pairs {
        let outcomes = of.iter().map(|&(a, la, b, lb)| (outcome(a, la, 2), outcome(b, lb, 4))).collect();
        Pairs { seed: 7, end: 20 * SECOND, outcomes, stopped: None }
    }

    #[test]
    fn certain_differences_are_said_and_others_are_not() {
        let (a, b, scaling) = (frame(40.0, 12), frame(62.0, 0), Scaling::default());
        let (of_a, of_b) = (document(2), document(4));
        let side = |frame, document| Some(Side { frame, document, scaling: &scaling });
        let pairs = pairs(&[(40.0, 12, 62.0, 0), (43.0, 9, 64.0, 0), (39.0, 14, 63.0, 0)]);
        let shown = versus(side(&a, &of_a), side(&b, &of_b), &pairs);
        let row = |name: &str| shown.rows.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!((row("writes_lost").a.as_str(), row("writes_lost").b.as_str()), ("12", "0"));
        assert_eq!((row("writes_lost").certain, row("writes_lost").better), (true, Some(true)));
        assert_eq!((row("p99_ms").certain, row("p99_ms").better), (true, Some(false)));
        assert_eq!(row("error_share").difference, "none");
        assert_eq!(row("throughput_rps").a, "45 /s");
        // 20 s of 2 cores and 4 GB, at 0.04048 and 0.004445 an hour, for 900 answers.
        assert_eq!((row(PER_MILLION).a.as_str(), row(PER_MILLION).better), ("0.61 USD", Some(false)));
        assert_eq!(row(PER_MILLION).difference, "+0.5 ± 0 USD");
        assert!(!shown.rows.iter().any(|r| r.name == "commit_ms"), "there is no database");
        let said = "B's number of lost writes is lower by 11.7 ± 6.25. B's p99 is higher by 22.3 ± 3.79 ms. \
                    B's estimated cost of a million requests is higher by 0.5 ± 0 USD.";
        assert_eq!(shown.verdict, said);
        assert_eq!(
            shown.basis,
            "B − A over whole runs of 20 s on seeds 7 to 26: 3 of 20 pairs so far. ± is the 95 % interval. Costs are estimates."
        );
    }

    #[test]
    fn what_chance_explains_is_no_difference() {
        let mut even = pairs(&[(40.0, 0, 43.0, 0), (43.0, 0, 40.0, 0)]);
        even.outcomes.iter_mut().for_each(|(a, b)| b.usd_per_million = a.usd_per_million);
        let shown = versus(None, None, &even);
        assert_eq!(shown.verdict, "No difference that 2 pairs of runs can tell.");
        assert_eq!(versus(None, None, &pairs(&[])).verdict, "The first pairs of runs are being simulated.");
    }
}
