//! What a query costs where: families of databases, joins that the server has to make, shards.

use crate::replication::run;
use loadstone::engine::Engine;
use loadstone::metrics::Metrics;

fn arrivals(engine: &Engine<Metrics>, id: &str) -> f64 {
    let node = engine.net().nodes.iter().position(|n| n.id == id).expect("the node is there");
    engine.recorder.nodes[node].arrivals as f64
}

/// The median latency of such queries on a database of this family, and how many queries that one gets for each.
fn query(family: &str, query: &str) -> (f64, f64) {
    let text = format!(
        r#"{{"loadstone":1,"name":"query","seed":2,"run_s":60,
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":5,"mix":[{{"name":"it","query":"{query}"}}]}}}},
                 {{"id":"web","kind":"server","params":{{"service_ms":1}}}},
                 {{"id":"db","kind":"database","params":{{"family":"{family}","read_ms":1,"join_rows":10}}}}],
        "links":[{{"from":"users","to":"web","params":{{"latency_ms":1}}}},{{"from":"web","to":"db"}}]}}"#
    );
    let engine = run(&text);
    let latency = engine.recorder.latency().quantile_ms(0.5).expect("queries were answered");
    (latency, arrivals(&engine, "db") / engine.recorder.requests.issued as f64)
}

#[test]
fn a_family_that_cannot_join_costs_a_round_trip_for_each_row() {
    let (point, _) = query("relational", "point");
    let (relational, one) = query("relational", "join");
    let (key_value, many) = query("key_value", "join");
    assert!((one - 1.0).abs() < 0.02, "a relational database joins by itself: {one} queries");
    assert!((many - 11.0).abs() < 0.2, "one list and ten rows: {many} queries");
    assert!(
        (relational - point - 3.0).abs() < 0.2,
        "a join costs four times a point read of 1 ms: {point}, {relational}"
    );
    // Each further read takes 1 ms there, 0.5 ms on the way and 0.5 ms back.
    assert!((key_value - point - 20.0).abs() < 0.4, "ten more round trips of 2 ms: {point} and {key_value} ms");
}

#[test]
fn which_family_is_fastest_depends_on_the_workload() {
    let fastest = |what: &str| {
        let families = ["relational", "key_value", "document", "wide_column", "graph"];
        families.into_iter().min_by(|a, b| query(a, what).0.total_cmp(&query(b, what).0))
    };
    assert_eq!(fastest("graph_hop"), Some("graph"), "from one record to the next");
    assert_eq!(fastest("scan"), Some("wide_column"), "a range of neighbouring keys");
    assert_ne!(fastest("join"), Some("key_value"), "a key-value store makes the server join");
    let slowest_document = query("relational", "document").0;
    assert!(query("document", "document").0 < slowest_document, "a whole document is one read for a document database");
}

fn shards(zipf: f64) -> [f64; 4] {
    let dbs: Vec<String> = (1..=4).map(|i| format!(r#"{{"id":"db{i}","kind":"database"}}"#)).collect();
    let link = |i| format!(r#"{{"from":"web","to":"db{i}","params":{{"shard_of":"accounts"}}}}"#);
    let links: Vec<String> = (1..=4).map(link).collect();
    let text = format!(
        r#"{{"loadstone":1,"name":"shards","seed":2,"run_s":60,
        "nodes":[{{"id":"users","kind":"users","params":{{"rate_rps":200,"zipf":{zipf},"keys":10000}}}},
                 {{"id":"web","kind":"server","params":{{"service_ms":1}}}},{}],
        "links":[{{"from":"users","to":"web"}},{}]}}"#,
        dbs.join(","),
        links.join(",")
    );
    let engine = run(&text);
    let got = [1, 2, 3, 4].map(|i| arrivals(&engine, &format!("db{i}")));
    let (sum, issued) = (got.iter().sum::<f64>(), engine.recorder.requests.issued as f64);
    assert!((sum / issued - 1.0).abs() < 0.01, "each request goes to one shard: {got:?} of {issued}");
    got.map(|n| n / sum)
}

/// With Zipf's exponent 1.2 the first of 10,000 records alone gets a fifth of the requests: its shard is hot.
#[test]
fn shards_share_the_records_and_a_popular_record_makes_one_hot() {
    let even = shards(0.0);
    assert!(even.iter().all(|share| (share - 0.25).abs() < 0.03), "all records alike: {even:?}");
    let skewed = shards(1.2);
    let hottest = skewed.iter().copied().fold(0.0, f64::max);
    assert!(hottest > 0.35, "the first record alone is asked for by a fifth: {skewed:?}");
}
