//! Turns what was measured into rows of a table with a verdict each.

use crate::case::{Case, Check, Section, Wanted};
use crate::report::{Row, Table, Verdict};
use crate::run::{Little, Measured, Values};
use loadstone::metrics::interval::Estimate;

const COLUMNS: &[&str] = &["system", "figure", "expected", "tolerance", "measured, 95 % interval", "off"];

/// The table of a section, from its cases with what they measured.
pub fn table(section: &Section, measured: &[Measured]) -> Table {
    let mut rows = Vec::new();
    for (case, measured) in section.cases.iter().zip(measured) {
        for (check, values) in case.checks.iter().zip(&measured.figures) {
            // A system is named in its first row only.
            let named = rows.last().is_some_and(|row: &Row| row.group == case.title);
            rows.push(row(case, check, values, !named));
        }
    }
    Table { title: section.title, about: section.about.to_owned(), columns: COLUMNS, rows }
}

fn row(case: &Case, check: &Check, values: &Values, first: bool) -> Row {
    let (expected, tolerance, seen, off, verdict) = match (values, &check.wanted) {
        (Values::Numbers(values), wanted) => numbers(values, wanted),
        (Values::Texts(texts), Wanted::Text(wanted)) => {
            let verdict = match texts.iter().find(|text| *text != wanted) {
                None => Verdict::Pass,
                Some(_) => Verdict::Fail("another text".into()),
            };
            (wanted.clone(), "exact".to_owned(), texts[0].clone(), String::new(), verdict)
        }
        (Values::Texts(_), _) => unreachable!("a text is held to a text"),
    };
    let title = if first { case.title.clone() } else { String::new() };
    Row { group: case.title.clone(), cells: vec![title, check.what.clone(), expected, tolerance, seen, off], verdict }
}

type Cells = (String, String, String, String, Verdict);

fn numbers(values: &[Option<f64>], wanted: &Wanted) -> Cells {
    let missing = values.iter().filter(|v| v.is_none()).count();
    let values: Vec<f64> = values.iter().copied().flatten().collect();
    let (mut cells, mut verdict) = match *wanted {
        Wanted::Near(value, tolerance) => near(&values, value, tolerance),
        Wanted::Within(low, high) => within(&values, low, high),
        Wanted::Equal(value) => {
            let (cells, verdict) = within(&values, value, value);
            ([digits(value), "exact".into(), cells[2].clone(), String::new()], verdict)
        }
        Wanted::Text(_) => unreachable!("a number is held to a number"),
    };
    if missing > 0 {
        verdict = Verdict::Fail(format!("not measured in {missing} replications"));
    }
    let mut take = |i: usize| std::mem::take(&mut cells[i]);
    (take(0), take(1), take(2), take(3), verdict)
}

fn near(values: &[f64], value: f64, tolerance: f64) -> ([String; 4], Verdict) {
    let Estimate { mean, half } = Estimate::of(values).unwrap_or(Estimate { mean: f64::NAN, half: None });
    let off = mean / value - 1.0;
    let verdict = if !off.is_finite() || off.abs() > tolerance {
        Verdict::Fail("outside the tolerance".into())
    } else if half.is_none_or(|half| half > tolerance * value.abs()) {
        Verdict::Fail("the run is too short to tell".into())
    } else {
        Verdict::Pass
    };
    let seen = format!("{} ± {}", digits(mean), half.map_or("?".into(), small));
    ([digits(value), format!("{} %", small(tolerance * 100.0)), seen, format!("{:+.2} %", off * 100.0)], verdict)
}

fn within(values: &[f64], low: f64, high: f64) -> ([String; 4], Verdict) {
    // An event is noticed a moment after it happened: the time of a packet and of rounding to whole nanoseconds.
    let slack = if low == high { 0.0 } else { 1e-3 };
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let inside = smallest >= low - slack && largest <= high + slack;
    let seen = if smallest == largest {
        digits(smallest)
    } else {
        format!("{} to {} ({} runs)", digits(smallest), digits(largest), values.len())
    };
    let verdict = if inside { Verdict::Pass } else { Verdict::Fail("outside the range".into()) };
    ([format!("{} to {}", digits(low), digits(high)), "all of them".into(), seen, String::new()], verdict)
}

/// The laws that no run may break, over all runs.
pub fn laws(little: Little) -> Table {
    let exact = if little.unequal == 0 { Verdict::Pass } else { Verdict::Fail(format!("{} nodes", little.unequal)) };
    let rounded = match little {
        Little { tried: 0, .. } => Verdict::Skipped("no node has a million completions in so short a run".into()),
        Little { worst, .. } if worst <= 1e-3 => Verdict::Pass,
        _ => Verdict::Fail("more than .1 %".into()),
    };
    let row = |cells: [String; 3], verdict| Row { group: cells[0].clone(), cells: cells.into(), verdict };
    let rows = vec![
        row(
            [
                "∫ N dt = Σ time inside, in whole nanoseconds".into(),
                "equal at every node".into(),
                format!("{} of {} nodes equal", little.nodes - little.unequal, little.nodes),
            ],
            exact,
        ),
        row(
            [
                "L = λW from the reported means".into(),
                "within .1 % at every node with a million completions".into(),
                format!("{} nodes, worst off by {} %", little.tried, small(little.worst * 100.0)),
            ],
            rounded,
        ),
    ];
    let about =
        "[Little's law](https://en.wikipedia.org/wiki/Little%27s_law), at every node of every run of this page.";
    Table { title: "Laws", about: about.into(), columns: &["law", "expected", "measured"], rows }
}

/// A number with as many digits as one compares.
pub fn digits(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let places = (4 - f64::floor(libm::log10(libm::fabs(x))) as i32).clamp(0, 6);
    let text = format!("{x:.*}", places as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A small number with two digits.
pub fn small(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let places = (1 - f64::floor(libm::log10(libm::fabs(x))) as i32).clamp(0, 8);
    let text = format!("{x:.*}", places as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_off_or_too_short_does_not_pass() {
        let verdict = |values: &[f64]| near(values, 5.0, 0.01).1;
        assert_eq!(verdict(&[5.0, 5.01, 4.99, 5.0]), Verdict::Pass);
        assert!(matches!(verdict(&[5.1, 5.11, 5.09, 5.1]), Verdict::Fail(_)));
        assert!(matches!(verdict(&[4.0, 6.0, 5.0, 5.0]), Verdict::Fail(_)));
        assert!(matches!(verdict(&[5.0]), Verdict::Fail(_)));
        let missing = numbers(&[Some(5.0), None, Some(5.0)], &Wanted::Near(5.0, 0.01)).4;
        assert!(matches!(missing, Verdict::Fail(_)));
    }

    #[test]
    fn numbers_are_shown_with_the_digits_that_matter() {
        assert_eq!(
            [digits(5.0), digits(23.02585), digits(0.214582), digits(12345.6)],
            ["5", "23.026", "0.21458", "12346"]
        );
        assert_eq!([small(0.01234), small(1.0), small(12.3)], ["0.012", "1", "12"]);
    }
}
