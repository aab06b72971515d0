//! A against B: the rows of the table and the sentence below it, from what both runs show now and from pairs of whole
//! runs on the same seeds.

use super::Outcome;
use crate::metrics::compare::{COMPARED, Pair, Told};
use crate::metrics::frame::{Frame, Totals};
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
    /// A's and B's totals.
    pub totals: Vec<(Totals, Totals)>,
    /// Why no more can be run.
    pub stopped: Option<String>,
}

impl Pairs {
    /// The pairs' numbers of one name.
    fn pair(&self, name: &str) -> Pair {
        let of = |totals: &Totals| Outcome::told(totals, self.end).number(name);
        Pair::of(name, &self.totals.iter().map(|(a, b)| (of(a), of(b))).collect::<Vec<_>>())
    }
}

/// The comparison at this moment; frames are none before the first has come.
pub fn versus(a: Option<&Frame>, b: Option<&Frame>, pairs: &Pairs) -> Versus {
    let told: Vec<(&'static str, Pair)> = COMPARED.iter().map(|name| (*name, pairs.pair(name))).collect();
    let number = |frame: Option<&Frame>, name: &str| frame.and_then(|f| Outcome::told(&f.totals, f.now).number(name));
    let now = |frame: Option<&Frame>, name: &str| {
        let value = number(frame, name);
        value.map_or_else(|| format::NONE.to_owned(), |value| with_unit(name, value))
    };
    let row = |(name, pair): &(&'static str, Pair)| {
        let certain = matches!(pair.told(), Told::Lower | Told::Higher);
        Row {
            name,
            label: label(name),
            a: now(a, name),
            b: now(b, name),
            difference: difference(name, pair),
            certain,
            better: certain.then(|| (pair.told() == Told::Higher) == (*name == "throughput_rps")),
        }
    };
    // What neither design has is no row: the commit time of one without a database.
    let there = |(name, pair): &&(&'static str, Pair)| {
        pair.a.is_some() || pair.b.is_some() || number(a, name).is_some() || number(b, name).is_some()
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
        _ => "Commit time",
    }
}

/// A value with its unit; shares as percent.
fn with_unit(name: &str, value: f64) -> String {
    let unit = match name {
        "error_share" => " %",
        "writes_lost" => "",
        "throughput_rps" => " /s",
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
    if pairs.totals.len() < 2 {
        return "The first pairs of runs are being simulated.".to_owned();
    }
    // What matters most to those who use the system comes first.
    const ORDER: [&str; 8] =
        ["writes_lost", "error_share", "p99_ms", "commit_ms", "throughput_rps", "mean_ms", "p95_ms", "p50_ms"];
    let certain = ORDER.iter().filter_map(|name| {
        let (name, pair) = told.iter().find(|(n, _)| n == name)?;
        matches!(pair.told(), Told::Lower | Told::Higher).then(|| sentence(name, pair))
    });
    let sentences: Vec<String> = certain.take(SENTENCES).collect();
    if sentences.is_empty() {
        return format!("No difference that {} pairs of runs can tell.", pairs.totals.len());
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
    let done = pairs.totals.len() as u64;
    let last = pairs.seed.saturating_add(SEEDS - 1);
    let so_far = if done < SEEDS { format!("{done} of {SEEDS} pairs so far") } else { format!("{SEEDS} pairs") };
    format!(
        "B − A over whole runs of {} s on seeds {} to {last}: {so_far}. ± is the 95 % interval.",
        format::number(to_s(pairs.end)),
        pairs.seed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    fn totals(p99: f64, lost: u64) -> Totals {
        Totals { ok: 900, failed: 100, p99_ms: Some(p99), writes_lost: lost, ..Totals::default() }
    }

    fn pairs(of: &[(f64, u64, f64, u64)]) -> Pairs {
        let totals = of.iter().map(|&(a, la, b, lb)| (totals(a, la), totals(b, lb))).collect();
        Pairs { seed: 7, end: 60 * SECOND, totals, stopped: None }
    }

    #[test]
    fn certain_differences_are_said_and_others_are_not() {
        let frame = |p99, lost| Frame { now: 20 * SECOND, totals: totals(p99, lost), ..Frame::default() };
        let (a, b) = (frame(40.0, 12), frame(62.0, 0));
        let shown = versus(Some(&a), Some(&b), &pairs(&[(40.0, 12, 62.0, 0), (43.0, 9, 64.0, 0), (39.0, 14, 63.0, 0)]));
        let row = |name: &str| shown.rows.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!((row("writes_lost").a.as_str(), row("writes_lost").b.as_str()), ("12", "0"));
        assert_eq!((row("writes_lost").certain, row("writes_lost").better), (true, Some(true)));
        assert_eq!((row("p99_ms").certain, row("p99_ms").better), (true, Some(false)));
        assert_eq!(row("error_share").difference, "none");
        assert_eq!(row("throughput_rps").a, "45 /s");
        assert!(!shown.rows.iter().any(|r| r.name == "commit_ms"), "there is no database");
        let said = "B's number of lost writes is lower by 11.7 ± 6.25. B's p99 is higher by 22.3 ± 3.79 ms.";
        assert_eq!(shown.verdict, said);
        assert_eq!(
            shown.basis,
            "B − A over whole runs of 60 s on seeds 7 to 26: 3 of 20 pairs so far. ± is the 95 % interval."
        );
    }

    #[test]
    fn what_chance_explains_is_no_difference() {
        let shown = versus(None, None, &pairs(&[(40.0, 0, 43.0, 0), (43.0, 0, 40.0, 0)]));
        assert_eq!(shown.verdict, "No difference that 2 pairs of runs can tell.");
        assert_eq!(versus(None, None, &pairs(&[])).verdict, "The first pairs of runs are being simulated.");
    }
}
