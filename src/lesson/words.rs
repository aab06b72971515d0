//! The numbers behind a goal or an answer, as people say them.

use super::Facts;
use super::expr::Expr;
use crate::component::Kind;
use crate::scenario::{Node, Scenario};
use crate::scene::format;

/// What an expression looked at, as "failed requests: 3, p99 of the latency: 181 ms".
pub fn measured(when: &Expr, facts: &Facts) -> String {
    let design = facts.design();
    let one = |path: &str| {
        let (what, unit) = said(path, design);
        let number = facts.get(path).map_or_else(|| "none".to_owned(), |n| unit.write(n));
        format!("{what}: {number}")
    };
    let mut all: Vec<String> = Vec::new();
    for words in when.paths().into_iter().map(one) {
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all.join(", ")
}

/// How a number is written.
#[derive(Clone, Copy)]
enum Unit {
    Count,
    Times,
    Ms,
    Usd,
    Share,
    YesNo,
}

impl Unit {
    fn write(self, n: f64) -> String {
        match self {
            Unit::Count => format::number(n),
            Unit::Times if n == 1.0 => "once".to_owned(),
            Unit::Times => format!("{} times", format::number(n)),
            Unit::Ms => format::ms(n),
            Unit::Usd => format!("${}", format::number(n)),
            Unit::Share => format::percent(n),
            Unit::YesNo => if n == 0.0 { "no" } else { "yes" }.to_owned(),
        }
    }
}

fn said(path: &str, design: &Scenario) -> (String, Unit) {
    let words = |name: &str| name.replace('_', " ");
    let name = |id: &str| design.node(id).map_or_else(|| id.to_owned(), Node::label);
    let parts: Vec<&str> = path.split('.').collect();
    match parts[..] {
        ["requests", "issued"] => ("requests".into(), Unit::Count),
        ["requests", "ok"] => ("answered requests".into(), Unit::Count),
        ["requests", "failed"] => ("failed requests".into(), Unit::Count),
        ["requests", "writes_acked"] => ("confirmed writes".into(), Unit::Count),
        ["requests", "writes_lost"] => ("lost writes".into(), Unit::Count),
        ["requests", what] => (words(what), Unit::Count),
        ["latency_ms", what] => (format!("{what} latency"), Unit::Ms),
        ["cost", "month_usd" | "mean_month_usd"] => ("cost a month".into(), Unit::Usd),
        ["cost", "per_million_usd"] => ("cost of a million requests".into(), Unit::Usd),
        ["cost", "nodes", id, "month_usd"] => (format!("cost of {} a month", name(id)), Unit::Usd),
        ["kind", kind] => {
            let label = Kind::from_id(kind).map_or(kind, |kind| kind.spec().label).to_lowercase();
            (format!("{label}s"), Unit::Count)
        }
        ["link", from, to] => (format!("a link from {} to {}", name(from), name(to)), Unit::YesNo),
        ["log", what] => (format!("“{}” in the log", words(what)), Unit::Times),
        ["log", what, id] => (format!("{}, “{}” in the log", name(id), words(what)), Unit::Times),
        ["nodes", id, "latency_ms", what] => (format!("{what} latency at {}", name(id)), Unit::Ms),
        ["nodes", id, "sojourn_ms", what] => (format!("{what} time at {}", name(id)), Unit::Ms),
        ["nodes", id, "utilization"] => (format!("utilization of {}", name(id)), Unit::Share),
        ["nodes", id, ref rest @ ..] => {
            let last = rest.last().copied().unwrap_or_default();
            let (last, unit) = match (last.strip_suffix("_ms"), last.strip_suffix("_share")) {
                (Some(what), _) => (what, Unit::Ms),
                (_, Some(what)) => (what, Unit::Share),
                _ => (last, Unit::Count),
            };
            let rest = rest[..rest.len().saturating_sub(1)].iter().chain([&last]);
            let rest: Vec<String> = rest.map(|part| words(part)).collect();
            (format!("{} of {}", rest.join(" "), name(id)), unit)
        }
        _ => (words(path), Unit::Count),
    }
}
