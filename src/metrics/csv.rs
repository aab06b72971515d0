//! The series of a run as a table for spreadsheets: a row for each interval, a column for each number (RFC 4180).
//!
//! Names come from strangers' documents, and a spreadsheet runs what begins like a formula: such a cell gets an
//! apostrophe in front (<https://owasp.org/www-community/attacks/CSV_Injection>).

use super::frame::{NodePoint, Point};
use crate::component::net::Outcome;
use crate::time::to_s;

/// One interval, with each node's part of it; none for nodes that were not there.
pub type Row<'a> = (&'a Point, Vec<Option<NodePoint>>);

/// A number of a node, by the name of its column.
type Number = (&'static str, fn(&NodePoint) -> Option<f64>);

/// What is told of each node.
const OF_NODE: [Number; 6] = [
    ("utilization", |p| p.utilization),
    ("inside", |p| Some(f64::from(p.inside))),
    ("wait_ms", |p| p.wait_ms),
    ("p99_ms", |p| p.p99_ms),
    ("lag_ms", |p| p.lag_ms),
    ("hit_share", |p| p.hit_share),
];

/// The table: the whole system, the failures by cause, then each node of `nodes`, in whose order the rows tell of them.
/// A node's column that would be empty is left out.
pub fn table(nodes: &[&str], rows: &[Row]) -> String {
    let of = |row: &Row, node: usize, get: fn(&NodePoint) -> Option<f64>| row.1.get(node)?.as_ref().and_then(get);
    let numbers = (0..nodes.len()).flat_map(|node| OF_NODE.map(|(name, get)| (node, name, get)));
    let columns: Vec<_> =
        numbers.filter(|&(node, _, get)| rows.iter().any(|row| of(row, node, get).is_some())).collect();
    let whole = ["from_s", "to_s", "rate_rps", "ok_rps", "error_share", "p50_ms", "p95_ms", "p99_ms"];
    let mut head: Vec<String> = whole.map(str::to_owned).into();
    head.extend(Outcome::CAUSES.iter().map(|cause| cause.name().to_owned()));
    head.extend(columns.iter().map(|(node, name, _)| text(&format!("{}.{name}", nodes[*node]))));
    let mut out = line(&head);
    for row in rows {
        let p = row.0;
        let known = [to_s(p.at - p.span), to_s(p.at), p.rate, p.ok_rate].map(|n| number(Some(n)));
        let mut cells: Vec<String> = known.into();
        cells.extend([p.error_share, p.p50_ms, p.p95_ms, p.p99_ms].map(number));
        let failed = |cause: usize| p.errors.iter().find(|e| usize::from(e.0) == cause).map_or(0, |e| e.1);
        cells.extend((0..Outcome::CAUSES.len()).map(|cause| failed(cause).to_string()));
        cells.extend(columns.iter().map(|&(node, _, get)| number(of(row, node, get))));
        out += &line(&cells);
    }
    out
}

fn line(cells: &[String]) -> String {
    cells.join(",") + "\r\n"
}

/// A number as it is; nothing where there is none.
fn number(n: Option<f64>) -> String {
    n.filter(|n| n.is_finite()).map(|n| n.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet takes for a formula or for two cells.
fn text(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_left_alone() {
        for (given, wanted) in [
            ("web1", "web1"),
            ("=1+1", "'=1+1"),
            ("@sum", "'@sum"),
            ("-3.5", "-3.5"),
            ("+4e3", "+4e3"),
            ("-inf", "'-inf"),
            ("-web", "'-web"),
            ("a,b", "\"a,b\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
        ] {
            assert_eq!(text(given), wanted, "of {given}");
        }
    }

    #[test]
    fn a_row_for_each_interval_and_no_empty_columns() {
        let point =
            Point { at: SECOND, span: SECOND, rate: 3.0, p50_ms: Some(1.5), errors: vec![(2, 7)], ..Point::default() };
        let web = NodePoint { utilization: Some(0.5), inside: 2, ..NodePoint::default() };
        let rows = [(&point, vec![Some(web), None]), (&point, vec![Some(web)])];
        let csv = table(&["-web", "gone"], &rows);
        let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
        assert_eq!(
            lines[0],
            "from_s,to_s,rate_rps,ok_rps,error_share,p50_ms,p95_ms,p99_ms,refused,reset,timeout,no_such_name,name_timeout,\
             unreachable,no_backend,gateway_timeout,app_error,'-web.utilization,'-web.inside"
        );
        assert_eq!(lines[1], "0,1,3,0,,1.5,,,0,0,7,0,0,0,0,0,0,0.5,2");
        assert_eq!(lines.len(), 3);
    }
}
