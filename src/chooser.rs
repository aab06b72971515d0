//! Which database? The same workload and the same seeds on each family, side by side, and a verdict from what was measured.
//!
//! Each family is a database of its own behind a web server, on machines alike. What differs is what a kind of query costs
//! there, as multiples of a read of one record (`component::database` has the table with its sources: few of the ratios
//! are measured, most are assumptions), and whether the family can join or leaves that to the server.

use crate::lesson::Facts;
use crate::metrics::interval::Estimate;
use crate::order::sort_by;
use crate::scenario::Scenario;
use crate::scene::format;
use serde_json::{Map, Value, json};

/// The families by their words in files, and their names.
pub const FAMILIES: [(&str, &str); 5] = [
    ("relational", "Relational"),
    ("key_value", "Key-value"),
    ("document", "Document"),
    ("wide_column", "Wide-column"),
    ("graph", "Graph"),
];

/// The kinds of requests by their names, with what each wants from the data and whether it writes.
pub const ASKS: [(&str, &str, bool); 6] = [
    ("Point reads", "point", false),
    ("Joins", "join", false),
    ("Range scans", "scan", false),
    ("Graph hops", "graph_hop", false),
    ("Writes", "point", true),
    ("Unstructured documents", "document", false),
];

/// The seeds of the runs: the same for every family.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// So much is simulated in each run, in s.
const LENGTH_S: f64 = 20.0;
/// Every machine has so much memory for its data, in GB.
const MEMORY_GB: f64 = 16.0;
/// A larger share of failures than this is no service.
const FAILING: f64 = 0.001;

/// What is asked of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Requests per second.
    pub rate_rps: f64,
    /// How much of each kind of [`ASKS`], in proportion to the others.
    pub shares: [f64; 6],
    /// Data that is in use, in GB.
    pub size_gb: f64,
    /// 99 of 100 answers are wanted within this many ms.
    pub wanted_ms: f64,
    /// What queries cost instead, by the family's word and the query's (`join`, `scan`, `graph_hop`, `document`), as
    /// multiples of a read of one record.
    pub costs: Vec<(String, String, f64)>,
}

impl Default for Workload {
    fn default() -> Workload {
        Workload {
            rate_rps: 60.0,
            shares: [6.0, 3.0, 0.0, 0.0, 1.0, 0.0],
            size_gb: 4.0,
            wanted_ms: 100.0,
            costs: Vec::new(),
        }
    }
}

impl Workload {
    /// The design that serves it from this family; none if nothing is asked.
    pub fn design(&self, family: &str, seed: u64) -> Option<Scenario> {
        let asked = ASKS.iter().zip(self.shares).filter(|(_, share)| *share > 0.0);
        let mix: Vec<Value> = asked
            .map(|((name, query, writes), share)| json!({"name": name, "share": share, "query": query, "writes": writes}))
            .collect();
        if mix.is_empty() {
            return None;
        }
        let label = FAMILIES.iter().find(|(word, _)| *word == family)?.1;
        let costs: Map<String, Value> = self
            .costs
            .iter()
            .filter(|(of, ..)| of == family)
            .map(|(_, query, times)| (query.clone(), json!(times)))
            .collect();
        let (document, _) = crate::codec::read_value(json!({
            "loadstone": 1, "name": format!("{label} database"), "seed": seed, "run_s": LENGTH_S,
            "nodes": [
                {"id": "users", "kind": "users", "at": [0, 0], "name": "Users",
                 "params": {"rate_rps": self.rate_rps, "clients": 200, "retries": 0, "mix": mix}},
                {"id": "web", "kind": "server", "at": [280, 0], "name": "Web server",
                 "params": {"cores": 8, "service_ms": 2, "workers": 2000}},
                {"id": "db", "kind": "database", "at": [560, 0], "name": label,
                 "params": {"family": family, "cores": 4, "memory_gb": MEMORY_GB, "working_set_gb": self.size_gb, "costs": costs}},
            ],
            "links": [{"from": "users", "to": "web", "params": {"latency_ms": 1}}, {"from": "web", "to": "db"}],
        }));
        document.map(|document| crate::codec::without_defaults(&document))
    }
}

/// What a run of one family measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The 99th percentile of the latency in ms; none if nothing was answered.
    pub p99_ms: Option<f64>,
    /// The share of the requests that failed.
    pub failed: f64,
    /// How busy the database was.
    pub utilization: f64,
    /// Queries at the database for each request.
    pub queries: f64,
}

impl Seen {
    /// Reads them off the facts of a run.
    pub fn of(facts: &Facts) -> Seen {
        let get = |path: &str| facts.get(path).unwrap_or(0.0);
        let issued = get("requests.issued").max(1.0);
        Seen {
            p99_ms: facts.get("latency_ms.p99"),
            failed: get("requests.failed") / issued,
            utilization: get("nodes.db.utilization"),
            queries: get("nodes.db.arrivals") / issued,
        }
    }
}

/// What several runs of a family say together.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub label: &'static str,
    /// The 99th percentile in ms, with its interval over the seeds; none if a run answered nothing.
    pub p99_ms: Option<Estimate>,
    /// The share that failed.
    pub failed: f64,
    /// How busy the database was.
    pub utilization: f64,
    /// Queries at the database for each request.
    pub queries: f64,
}

impl Row {
    /// Of these runs; none without any.
    pub fn of(label: &'static str, seen: &[Seen]) -> Option<Row> {
        let mean = |read: fn(&Seen) -> f64| Estimate::of(&seen.iter().map(read).collect::<Vec<_>>()).map(|e| e.mean);
        let p99: Option<Vec<f64>> = seen.iter().map(|s| s.p99_ms).collect();
        Some(Row {
            label,
            p99_ms: p99.and_then(|all| Estimate::of(&all)),
            failed: mean(|s| s.failed)?,
            utilization: mean(|s| s.utilization)?,
            queries: mean(|s| s.queries)?,
        })
    }

    /// Whether it gives what is wanted, beyond the doubt of the interval.
    pub fn serves(&self, wanted_ms: f64) -> bool {
        self.failed <= FAILING && self.p99_ms.is_some_and(|p99| p99.mean + p99.half.unwrap_or(0.0) <= wanted_ms)
    }

    /// Whether it does not, beyond the doubt of the interval.
    pub fn misses(&self, wanted_ms: f64) -> bool {
        self.failed > FAILING || self.p99_ms.is_none_or(|p99| p99.mean - p99.half.unwrap_or(0.0) > wanted_ms)
    }
}

/// What the rows mean, in sentences.
pub fn verdict(rows: &[Row], wanted_ms: f64) -> String {
    let p99 = |row: &Row| row.p99_ms.map_or(f64::INFINITY, |e| e.mean);
    let mut rows: Vec<&Row> = rows.iter().collect();
    sort_by(&mut rows, |a, b| {
        let by = |row: &Row| (!row.serves(wanted_ms), p99(row));
        let ((a_misses, a), (b_misses, b)) = (by(a), by(b));
        a_misses.cmp(&b_misses).then(a.total_cmp(&b))
    });
    let Some(best) = rows.first() else { return String::new() };
    let wish = format::ms(wanted_ms);
    let held = |row: &Row| row.p99_ms.map_or_else(|| "nothing in time".to_owned(), |e| format::ms(e.mean));
    if !best.serves(wanted_ms) {
        let why = if best.utilization > 0.95 {
            format!(
                "its database is full ({} busy): this load needs more cores, replicas or shards",
                format::percent(best.utilization)
            )
        } else {
            format!("it takes {}", held(best))
        };
        return format!(
            "None of the five answers 99 of 100 requests within {wish}. {} comes closest, but {why}.",
            best.label
        );
    }
    let alike = |row: &&&Row| match (best.p99_ms.and_then(|e| e.ends()), row.p99_ms.and_then(|e| e.ends())) {
        (Some([_, high]), Some([low, _])) => row.serves(wanted_ms) && low <= high,
        _ => false,
    };
    let equals: Vec<&str> = rows[1..].iter().filter(alike).map(|row| row.label).collect();
    let first = if equals.is_empty() {
        format!("{} answers 99 of 100 requests within {}.", best.label, held(best))
    } else {
        format!(
            "{} and {} answer 99 of 100 requests within {}: the difference between them is within the error.",
            best.label,
            equals.join(" and "),
            held(best)
        )
    };
    let others = |fits: &dyn Fn(&Row) -> bool, write: &dyn Fn(&Row) -> String| {
        let rest = rows[1..].iter().filter(|row| !equals.contains(&row.label) && fits(row));
        rest.map(|row| write(row)).collect::<Vec<_>>().join("; ")
    };
    let served = others(&|row| row.serves(wanted_ms), &|row| format!("{} ({})", row.label, held(row)));
    let doubt = |row: &Row| {
        let half = row.p99_ms.and_then(|e| e.half).unwrap_or(0.0);
        format!("{} ({} ± {})", row.label, held(row), format::ms(half))
    };
    let close = others(&|row| !row.serves(wanted_ms) && !row.misses(wanted_ms), &doubt);
    let missing = others(&|row| row.misses(wanted_ms), &reason);
    let part = |names: String, sentence: &dyn Fn(&str) -> String| {
        if names.is_empty() { names } else { format!(" {}", sentence(&names)) }
    };
    if close.is_empty() && missing.is_empty() {
        return format!("{first} All five stay within {wish}.");
    }
    first
        + &part(served, &|names| format!("Also within {wish}: {names}."))
        + &part(close, &|names| format!("Too close to tell: {names}."))
        + &part(missing, &|names| format!("Beyond {wish}: {names}."))
}

/// Why a family does not do, from what was measured.
fn reason(row: &Row) -> String {
    let p99 = row.p99_ms.map_or_else(|| "nothing answered".to_owned(), |e| format::ms(e.mean));
    match () {
        () if row.utilization > 0.95 => format!("{} ({p99}, its database is full)", row.label),
        () if row.queries > 1.5 => {
            format!("{} ({p99}, {} queries for each request)", row.label, format::number(row.queries))
        }
        () => format!("{} ({p99})", row.label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;

    fn rows(workload: &Workload) -> Vec<Row> {
        let row = |(word, label): &(&str, &'static str)| {
            let seen = SEEDS.map(|seed| {
                let design = workload.design(word, seed).expect("something is asked");
                assert_eq!(check(&design), [], "{word}");
                Seen::of(&Facts::of(&design).expect("it runs"))
            });
            Row::of(label, &seen).expect("there are runs")
        };
        FAMILIES.iter().map(row).collect()
    }

    fn only(ask: usize) -> Workload {
        let mut shares = [0.0; 6];
        shares[ask] = 1.0;
        Workload { shares, ..Workload::default() }
    }

    #[test]
    fn the_answer_changes_with_the_workload() {
        let joins = rows(&Workload { rate_rps: 80.0, ..only(1) });
        assert!(joins[0].serves(150.0) && !joins[1].serves(150.0) && !joins[3].serves(150.0), "{joins:?}");
        assert!(
            joins[1].queries > 10.0,
            "a family that cannot join reads every record by itself: {}",
            joins[1].queries
        );
        let said = verdict(&joins, 150.0);
        assert!(
            said.starts_with("Graph answers")
                && said.contains("Key-value (")
                && said.contains("queries for each request"),
            "{said}"
        );
        let scans = rows(&only(2));
        assert!(verdict(&scans, 100.0).starts_with("Wide-column answers"), "{}", verdict(&scans, 100.0));
        let points = verdict(&rows(&only(0)), 100.0);
        assert!(points.contains("within the error") && points.ends_with("All five stay within 100 ms."), "{points}");
        let much = rows(&Workload { rate_rps: 5000.0, ..only(2) });
        assert!(verdict(&much, 100.0).starts_with("None of the five"), "{}", verdict(&much, 100.0));
    }

    #[test]
    fn a_cost_can_be_replaced_and_data_beyond_the_memory_is_slower() {
        let cheap = Workload { costs: vec![("key_value".into(), "scan".into(), 1.0)], ..only(2) };
        let [before, after] = [only(2), cheap].map(|w| rows(&w)[1].p99_ms.expect("answers").mean);
        assert!(after < before, "{after} is not below {before}");
        let [small, large] =
            [4.0, 400.0].map(|size_gb| rows(&Workload { size_gb, ..only(0) })[0].p99_ms.expect("answers").mean);
        assert!(large > small, "{large} is not above {small}");
    }

    #[test]
    fn nothing_asked_is_no_design() {
        assert_eq!(Workload { shares: [0.0; 6], ..Workload::default() }.design("graph", 1), None);
        assert_eq!(Workload::default().design("oracle", 1), None);
        assert_eq!(verdict(&[], 100.0), "");
    }
}
