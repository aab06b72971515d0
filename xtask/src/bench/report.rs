//! What was measured, over the rounds: the median and the range of each row, and what is aimed at.

use anyhow::Result;

/// What a row is about.
pub struct Row {
    name: String,
    aim: Option<Aim>,
}

#[derive(Clone, Copy)]
enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Row {
    /// A number that should not be below this.
    pub fn at_least(name: impl Into<String>, aim: f64) -> Row {
        Row { name: name.into(), aim: Some(Aim::AtLeast(aim)) }
    }
    /// A number that should not be above this.
    pub fn at_most(name: impl Into<String>, aim: f64) -> Row {
        Row { name: name.into(), aim: Some(Aim::AtMost(aim)) }
    }
    /// A number to know.
    pub fn plain(name: impl Into<String>) -> Row {
        Row { name: name.into(), aim: None }
    }
}

/// The rows in the order in which they first came, each with one value for every round.
#[derive(Default)]
pub struct Report(Vec<(Row, Vec<f64>)>);

impl Report {
    /// One value of a row.
    pub fn value(&mut self, row: Row, value: f64) {
        match self.0.iter_mut().find(|(known, _)| known.name == row.name) {
            Some((_, values)) => values.push(value),
            None => self.0.push((row, vec![value])),
        }
    }

    /// What was measured in the same round, one over the other.
    pub fn ratio(&mut self, row: Row, value: f64, of: f64) {
        self.value(row, value / of);
    }

    /// Something per second.
    pub fn rate(&mut self, name: String, rate: f64) {
        self.value(Row::plain(name), rate);
    }

    /// For people.
    pub fn print(&self) -> Result<()> {
        println!("{:>12} {:>25}  aim", "median", "range");
        for (row, values) in &self.0 {
            let (low, median, high) = spread(values);
            let range = format!("{} to {}", short(low), short(high));
            let aim = match row.aim {
                Some(Aim::AtLeast(aim)) => format!("≥ {aim:<6}{}", verdict(median >= aim)),
                Some(Aim::AtMost(aim)) => format!("≤ {aim:<6}{}", verdict(median <= aim)),
                None => String::new(),
            };
            println!("{:>12} {range:>25}  {aim:<17} {}", short(median), row.name);
        }
        Ok(())
    }

    /// For programs: one object, by the rows' names.
    pub fn print_json(&self) -> Result<()> {
        let rows = self.0.iter().map(|(row, values)| {
            let (low, median, high) = spread(values);
            format!("  {:?}: {{\"median\": {median}, \"low\": {low}, \"high\": {high}}}", row.name)
        });
        println!("{{\n{}\n}}", rows.collect::<Vec<_>>().join(",\n"));
        Ok(())
    }
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Smallest, median and largest.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

/// Three significant digits.
fn short(n: f64) -> String {
    let digits = if n == 0.0 { 0 } else { (2 - n.abs().log10().floor() as i32).max(0) as usize };
    format!("{n:.digits$}")
}
