//! What queries cost in each family of databases, and whether what they touch is in memory.
//!
//! `read_ms` is what a read of one record costs in *this* database, so the table below compares kinds of queries within
//! a family, never one family with another. Few of these ratios have a fair source: the one that has names it, all
//! others are assumptions for teaching, and `costs` overrides each.

use crate::component::Values;
use crate::component::net::{Ask, Net};
use crate::component::param::{Param, num};
use crate::component::traffic::Query;
use crate::dist::Dist;

/// The parameters that override the table.
pub(super) const COSTS: &[Param] = &[
    cost(
        "join",
        "Join",
        "None is 4 relational, 6 document, 2 graph; others cannot and make the server read each record.",
    ),
    cost("scan", "Range scan", "None is 5 relational and document, 20 key-value, 2 wide-column, 8 graph (assumed)."),
    cost("graph_hop", "Graph hop", "None is 1.6 relational, 6 document, 2 key-value and wide-column, 1 graph."),
    cost("document", "Document", "None is 2 relational and wide-column, 1 key-value and document, 3 graph (assumed)."),
];

const fn cost(name: &'static str, label: &'static str, help: &'static str) -> Param {
    num(name, label, 0.0, 1e6, 1.0, help).none()
}

/// A family's costs as multiples of a read of one record: join, scan, graph hop, document.
#[derive(Clone)]
struct Family {
    word: &'static str,
    joins: bool,
    times: [f64; 4],
}

/// The graph hop of the relational family is measured: friends of friends take MySQL 0.016 s and Neo4j 0.010 s among a
/// million users (J. Partner, A. Vukotic, N. Watt, Neo4j in Action, tables 1.3 and 1.4; each step beyond is far worse
/// for the relational side). That key-value and wide-column databases cannot join is what Amazon DynamoDB's and Apache
/// Cassandra's documentation say. All other numbers are assumptions: a `$lookup` or `$graphLookup` of a document
/// database searches an index for each record; a key-value store has no order to scan along, a wide-column partition
/// lies in order on disk; a family that holds the document as one value reads it as one.
const FAMILIES: &[Family] = &[
    Family { word: "relational", joins: true, times: [4.0, 5.0, 1.6, 2.0] },
    Family { word: "key_value", joins: false, times: [1.0, 20.0, 2.0, 1.0] },
    Family { word: "document", joins: true, times: [6.0, 5.0, 6.0, 1.0] },
    Family { word: "wide_column", joins: false, times: [1.0, 2.0, 2.0, 2.0] },
    Family { word: "graph", joins: true, times: [2.0, 8.0, 1.0, 3.0] },
];

/// What a join, a scan, a graph hop and a document cost in this family, as multiples of a read of one record.
pub fn ratios(family: &str) -> Option<[f64; 4]> {
    FAMILIES.iter().find(|f| f.word == family).map(|f| f.times)
}

/// What a database's queries cost.
#[derive(Clone)]
pub struct Costs {
    times: [f64; 4],
    /// Calls that a server makes for a join.
    pub join_calls: u32,
    /// Share of the records that memory holds, the hottest; and what the disk costs for the others, in ms.
    memory: Option<(f64, Dist)>,
}

impl Default for Costs {
    fn default() -> Costs {
        Costs { times: [1.0; 4], join_calls: 1, memory: None }
    }
}

impl Costs {
    /// Reads them from a database's parameters.
    pub fn new(p: &Values) -> Costs {
        let word = p.text("family");
        let family = FAMILIES.iter().find(|f| f.word == word).unwrap_or(&FAMILIES[0]);
        let mut times = family.times;
        if let Some(given) = p.group("costs") {
            for (time, param) in times.iter_mut().zip(COSTS) {
                *time = given.optional(param.name).unwrap_or(*time);
            }
        }
        // One call for the list, one for each of its rows.
        let join_calls = if family.joins { 1 } else { 1 + p.whole("join_rows") as u32 };
        let memory = p.optional("memory_gb").map(|gb| (gb / p.number("working_set_gb"), p.dist("disk_ms")));
        Costs { times, join_calls, memory }
    }

    /// How many times a read of one record this query costs.
    pub fn times(&self, query: Query) -> f64 {
        match query {
            Query::Point => 1.0,
            Query::Join => self.times[0],
            Query::Scan => self.times[1],
            Query::GraphHop => self.times[2],
            Query::Document => self.times[3],
        }
    }

    /// What the disk costs, if this request's record is not in memory. Keys are numbered by popularity, and memory is
    /// taken to hold the hottest, as a buffer that counts uses comes close to: so Zipf's law gives the share of misses.
    pub fn disk(&self, net: &Net, ask: &Ask) -> Option<&Dist> {
        let (share, disk) = self.memory.as_ref()?;
        let traffic = net.traffic(ask)?;
        let held = share * traffic.keys.count() as f64;
        (traffic.keys.of(ask.origin.ordinal) as f64 >= held).then_some(disk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Params;
    use serde_json::json;

    fn costs(params: serde_json::Value) -> Costs {
        let given: Params = params.as_object().cloned().unwrap_or_default();
        Costs::new(&Values::new(super::super::params::PARAMS, &given))
    }

    #[test]
    fn every_family_of_the_table_of_parameters_has_its_costs() {
        let param = super::super::params::PARAMS.iter().find(|p| p.name == "family").expect("the parameter family");
        let crate::component::Type::Choice(words) = param.of else { panic!("family is a choice") };
        let known: Vec<&str> = FAMILIES.iter().map(|f| f.word).collect();
        assert_eq!(words, known);
    }

    #[test]
    fn which_family_is_cheapest_depends_on_the_query() {
        let cheapest = |query: Query| {
            let cost = |f: &&Family| {
                let costs = costs(json!({"family": f.word}));
                let calls = if query == Query::Join { costs.join_calls } else { 1 };
                costs.times(query) * f64::from(calls)
            };
            FAMILIES.iter().min_by(|a, b| cost(a).total_cmp(&cost(b))).map(|f| f.word)
        };
        assert_eq!(cheapest(Query::Join), Some("graph"));
        assert_eq!(cheapest(Query::Scan), Some("wide_column"));
        assert_eq!(cheapest(Query::GraphHop), Some("graph"));
        assert_eq!(cheapest(Query::Document), Some("key_value"));
    }

    #[test]
    fn a_file_overrides_single_costs() {
        let costs = costs(json!({"family": "key_value", "join_rows": 20, "costs": {"scan": 3}}));
        assert_eq!((costs.times(Query::Scan), costs.times(Query::GraphHop), costs.join_calls), (3.0, 2.0, 21));
    }
}
