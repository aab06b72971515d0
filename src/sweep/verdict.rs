//! What a finished sweep means for the promises, in one sentence.

use super::choices::Choice;
use super::curve::{curve, most};
use super::knee::Knee;
use super::picture::{estimate, value};
use super::plan::{Plan, Row};
use crate::scene::format;

/// The sentence, once all rows are there.
pub fn verdict(plan: &Plan, rows: &[Row], choice: &Choice) -> Option<String> {
    if rows.len() < plan.rows() {
        return None;
    }
    let unit = if choice.unit.is_empty() { String::new() } else { format!(" {}", choice.unit) };
    let what = choice.label;
    Some(match most(plan, rows) {
        None => {
            format!("All {} runs are done. With objectives the sweep also finds the most that keeps them.", rows.len())
        }
        Some(Knee::Beyond(most)) => {
            let most = format::number(most) + &unit;
            format!("{what}: the objectives hold up to {most}, the most that was tried.")
        }
        Some(Knee::At(e)) => {
            let most = estimate(Some(e), format::number) + &unit;
            format!("{what}: the objectives hold up to {most}.")
        }
        Some(Knee::Below(least)) => match better_later(plan, rows) {
            Some(from) => {
                let from = from + &unit;
                format!("{what}: the objectives hold from {from} on.")
            }
            None => {
                let least = format::number(least) + &unit;
                format!("{what}: the objectives are already broken at {least}, the least that was tried.")
            }
        },
    })
}

/// The value from which on every promise holds, where more is better: cores, workers.
fn better_later(plan: &Plan, rows: &[Row]) -> Option<String> {
    let spots = curve(plan, rows);
    let broken = spots.iter().rposition(|s| s.kept != Some(true))?;
    spots.get(broken + 1).map(|s| value(&s.value))
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Outcome};
    use super::*;

    fn said(p99s: [f64; 3], slo: &[(&str, f64)]) -> Option<String> {
        let plan = Plan {
            version: String::new(),
            name: String::new(),
            document: String::new(),
            span: (1, 0),
            seeds: (1, 1),
            set: vec![Axis::read("web.cores=1,2,4").expect("a list of values")],
            slo: slo.iter().map(|(name, limit)| ((*name).to_owned(), *limit)).collect(),
        };
        let choice = Choice {
            path: "web.cores".into(),
            node: "web".into(),
            param: "cores".into(),
            label: "Cores",
            unit: "",
            now: 1.0,
            range: (1.0, 1024.0),
            whole: true,
            main: true,
        };
        let row = |(row, p99): (usize, f64)| Row {
            row,
            seed: 1,
            outcome: Outcome { p99_ms: Some(p99), ..Outcome::default() },
        };
        let rows: Vec<Row> = p99s.into_iter().enumerate().map(row).collect();
        assert_eq!(verdict(&plan, &rows[1..], &choice), None, "a row is missing");
        verdict(&plan, &rows, &choice)
    }

    #[test]
    fn it_says_up_to_where_or_from_where_on_the_promises_hold() {
        let slo = [("p99_ms", 50.0)];
        for (p99s, wanted) in [
            ([10.0, 30.0, 70.0], "Cores: the objectives hold up to 3."),
            ([10.0, 20.0, 30.0], "Cores: the objectives hold up to 4, the most that was tried."),
            ([90.0, 20.0, 10.0], "Cores: the objectives hold from 2 on."),
            ([90.0, 80.0, 70.0], "Cores: the objectives are already broken at 1, the least that was tried."),
        ] {
            assert_eq!(said(p99s, &slo).as_deref(), Some(wanted), "{p99s:?}");
        }
        assert!(said([1.0; 3], &[]).is_some_and(|s| s.starts_with("All 3 runs are done.")));
    }
}
