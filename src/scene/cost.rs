//! What a design costs, in rows and sentences.

use super::format;
use super::plots::label;
use crate::component::prices::BASIS;
use crate::cost::{Bill, Charge};
use crate::scenario::Scenario;

/// What is shown of an estimate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Costs {
    /// "412 USD".
    pub month: String,
    /// What a million answered requests cost; empty before there is an answer.
    pub per_million: String,
    /// Node by node, the dearest first.
    pub rows: Vec<Row>,
    /// What the estimate rests on.
    pub basis: String,
}

/// A node's part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its name.
    pub label: String,
    /// What is paid for.
    pub what: String,
    /// "88.7 USD".
    pub month: String,
}

/// The estimate for the whole design, or for one node of it; none if that costs nothing.
pub fn costs(doc: &Scenario, bill: &Bill, node: Option<&str>) -> Option<Costs> {
    let mut charges: Vec<&Charge> = bill.charges.iter().filter(|c| node.is_none_or(|id| c.node == id)).collect();
    if charges.is_empty() {
        return None;
    }
    crate::order::sort_by(&mut charges, |a, b| b.month_usd().total_cmp(&a.month_usd()));
    let row = |c: &&Charge| Row { label: label(doc, &c.node), what: c.what.clone(), month: usd(c.month_usd()) };
    Some(Costs {
        month: usd(charges.iter().map(|c| c.month_usd()).sum()),
        per_million: bill.per_million_usd.filter(|_| node.is_none()).map(usd).unwrap_or_default(),
        rows: charges.iter().map(row).collect(),
        basis: if doc.prices.is_empty() {
            format!("An estimate: what stands there now, and the rate of the run so far, at {BASIS}.")
        } else {
            format!(
                "An estimate: what stands there now, and the rate of the run so far, at {BASIS}; some are this document's own."
            )
        },
    })
}

/// "88.7 USD".
pub fn usd(n: f64) -> String {
    format!("{} USD", format::number(n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Scaling, Usage, bill};

    #[test]
    fn the_dearest_comes_first_and_the_sum_is_said() {
        let text = r#"{"loadstone": 1, "nodes": [{"id": "n", "kind": "dns"}, {"id": "web1", "kind": "server", "params": {"instances": 3}}],
            "prices": {"dns_month_usd": 1}}"#;
        let doc = crate::codec::read(text).0.expect("it can be read");
        let bill = bill(&doc, &Scaling::default(), &Usage::default(), 0);
        let all = costs(&doc, &bill, None).expect("it costs something");
        assert_eq!((all.month.as_str(), all.per_million.as_str()), ("217 USD", ""));
        let rows: Vec<_> = all.rows.iter().map(|r| (r.label.as_str(), r.what.as_str(), r.month.as_str())).collect();
        assert_eq!(rows, [("Web 1", "3 × 2 cores, 4 GB", "216 USD"), ("N", "zone and look-ups", "1 USD")]);
        assert!(all.basis.ends_with("some are this document's own."), "{}", all.basis);
        assert_eq!(costs(&doc, &bill, Some("n")).expect("a zone costs").month, "1 USD");
        assert_eq!(costs(&doc, &bill, Some("users")), None);
    }
}
