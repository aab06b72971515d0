//! `loadstone merge`: the shards of a sweep become the table that the whole sweep would have printed.

use crate::sweep;
use loadstone::sweep::{Plan, Row};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// What `merge` is told.
#[derive(clap::Args)]
pub struct Args {
    /// What `loadstone sweep --shard` printed; `-` reads standard input. Several shards may stand in one file.
    #[arg(required = true)]
    files: Vec<String>,
    /// Print the result as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Joins and reports.
pub fn merge(args: &Args) -> Result<(), String> {
    let mut joined = Joined::default();
    for file in &args.files {
        let unread = |e: io::Error| format!("{file} cannot be read: {e}");
        let input: Box<dyn BufRead> = if file == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(file).map_err(unread)?))
        };
        for (i, line) in input.lines().enumerate() {
            joined.line(&line.map_err(unread)?).map_err(|why| format!("{file}, line {}: {why}", i + 1))?;
        }
    }
    let (plan, rows) = joined.whole()?;
    sweep::tell(&plan, &rows, args.json)
}

/// What has been read so far.
#[derive(Default)]
struct Joined {
    plan: Option<Plan>,
    rows: BTreeMap<usize, Row>,
}

impl Joined {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let what = || "this is no line of `loadstone sweep --shard`".to_owned();
        let mut value: Value = serde_json::from_str(line).map_err(|_| what())?;
        if let Some(plan) = value.get_mut("sweep") {
            let plan: Plan = serde_json::from_value(plan.take()).map_err(|_| what())?;
            return match &self.plan {
                Some(first) if *first != plan => {
                    Err("this shard is of another sweep: file, options and version must be the same for all".into())
                }
                _ => {
                    self.plan = Some(plan);
                    Ok(())
                }
            };
        }
        let row: Row = serde_json::from_value(value).map_err(|_| what())?;
        let plan = self.plan.as_ref().ok_or("rows stand before the line that says of which sweep they are")?;
        if row.row >= plan.rows() {
            return Err(format!("row {} of a sweep of {}", row.row, plan.rows()));
        }
        let number = row.row;
        match self.rows.insert(number, row) {
            Some(other) if other != self.rows[&number] => {
                Err(format!("row {number} differs from the one that was read before"))
            }
            _ => Ok(()),
        }
    }

    /// The plan and all its rows.
    fn whole(self) -> Result<(Plan, Vec<Row>), String> {
        let plan = self.plan.ok_or("there is no sweep in these files")?;
        let missing: Vec<usize> = (0..plan.rows()).filter(|row| !self.rows.contains_key(row)).collect();
        if let Some(first) = missing.first() {
            return Err(format!(
                "{} of {} rows are missing, the first is row {first}: a shard has not been given, or was cut off",
                missing.len(),
                plan.rows()
            ));
        }
        Ok((plan, self.rows.into_values().collect()))
    }
}
