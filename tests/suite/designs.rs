//! Random documents for the tests of files and links: every field, every action, strangers' fields too.

use loadstone::component::{KINDS, Kind, Lit, Param, Type, link::meaning};
use loadstone::scenario::{Action, Entry, Link, Node, Params, Scenario, Target};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any document that can be written down, whether or not it makes sense.
pub fn documents() -> impl Strategy<Value = Scenario> {
    let nodes = prop::collection::vec(node(), 0..12);
    let timeline = prop::collection::vec(entry(), 0..12);
    let head = (text(), text(), any::<u64>(), any_number(), slo(), prices());
    (head, nodes, prop::collection::vec((0..20usize, 0..20usize, params()), 0..20), timeline, lesson(), extra())
        .prop_map(|((name, notes, seed, run_s, slo, prices), nodes, links, timeline, lesson, extra)| {
            let nodes: Vec<Node> =
                nodes.into_iter().enumerate().map(|(i, n)| Node { id: format!("{}{i}", n.id), ..n }).collect();
            let id = |i: usize| nodes.get(i).map_or("elsewhere".into(), |n| n.id.clone());
            let links =
                links.into_iter().map(|(a, b, params)| Link { from: id(a), to: id(b), params, extra: Params::new() });
            Scenario { name, notes, seed, run_s, slo, prices, links: links.collect(), nodes, timeline, lesson, extra }
        })
}

/// A tidy design of so many nodes, as people draw them: most settings left alone, places on the grid.
pub fn tidy(count: usize) -> Scenario {
    let mut design = Scenario { name: format!("{count} nodes"), seed: 20_261_124, ..Scenario::default() };
    let mut add = |id: String, kind: &str, at: [f64; 2], name: String, params: Value| {
        let params = params.as_object().cloned().unwrap_or_default();
        let zone = Some(if at[1] < 800.0 { "eu-a" } else { "eu-b" }.to_owned());
        let node = Node { id, kind: kind.into(), at, name: Some(name), zone, params, ..Node::default() };
        design.nodes.push(node);
    };
    add("users".into(), "users", [0.0, 400.0], "Browsers".into(), json!({"rate_rps": 237.5, "write_share": 0.15}));
    add("dns".into(), "dns", [0.0, 200.0], "DNS".into(), json!({"ttl_s": 30}));
    add("lb".into(), "load_balancer", [260.0, 400.0], "Balancer".into(), json!({"algorithm": "least_connections"}));
    let servers = (count - 3) * 2 / 3;
    for i in 1..=servers {
        let params =
            json!({"service_ms": {"lognormal": {"mean": 10.0 + i as f64 / 8.0, "cv": 1.5}}, "cores": i % 4 + 1});
        let at = [520.0 + (i % 3) as f64 * 240.0, (i / 3) as f64 * 140.0 + (i * 37 % 7 * 20) as f64];
        add(format!("web{i}"), "server", at, format!("Web {i}"), params);
    }
    let databases = count - 3 - servers;
    for i in 1..=databases {
        let params = if i == 1 { json!({"failover": {"mode": "automatic", "promote_ms": 2500}}) } else { json!({}) };
        add(format!("db{i}"), "database", [1300.0, (i * 160) as f64], format!("Database {i}"), params);
    }
    let mut link = |from: String, to: String, params: Value| {
        let params = params.as_object().cloned().unwrap_or_default();
        design.links.push(Link { from, to, params, extra: Params::new() });
    };
    link("users".into(), "dns".into(), json!({}));
    link("users".into(), "lb".into(), json!({"latency_ms": 35}));
    for i in 1..=servers {
        link("lb".into(), format!("web{i}"), if i % 5 == 0 { json!({"weight": 3}) } else { json!({}) });
        link(format!("web{i}"), "db1".into(), json!({}));
    }
    for i in 2..=databases {
        link("db1".into(), format!("db{i}"), json!({"delay_ms": 100 + i}));
    }
    let crash = Entry { for_s: Some(30.0), ..Entry::new(30.0, Target::Node("db1".into()), Action::Crash) };
    let slow = Action::Slow { factor: 3.0 };
    design.timeline = vec![crash, Entry::new(45.5, Target::Node("web2".into()), slow)];
    design
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,40}"
}

/// Numbers that a file can hold, whole ones as doubles too.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0i32..100_000).prop_map(|n| f64::from(n) / 100.0),
        (-1000i32..1000).prop_map(f64::from),
        any::<f64>().prop_map(|n| if n == 0.0 { 0.0 } else { n }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any_number().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What a lesson might hold, sensible or not.
fn lesson() -> impl Strategy<Value = Params> {
    prop::option::of(text())
        .prop_map(|say| say.into_iter().map(|say| ("steps".into(), json!([{"say": say}]))).collect())
}

fn extra() -> impl Strategy<Value = Params> {
    prop::collection::btree_map("x_[a-z]{1,6}", value(), 0..2).prop_map(|map| map.into_iter().collect())
}

/// Objectives, right, wrong and unknown ones.
fn slo() -> impl Strategy<Value = Params> {
    some_of(vec!["p99_ms", "error_share", "mean_ms", "unheard_of"])
}

/// Prices, right, wrong and unknown ones.
fn prices() -> impl Strategy<Value = Params> {
    some_of(vec!["core_hour_usd", "large_power", "managed_factor", "unheard_of"])
}

fn some_of(names: Vec<&'static str>) -> impl Strategy<Value = Params> {
    let one =
        (prop::sample::select(names).prop_map(str::to_owned), prop_oneof![value(), any_number().prop_map(Value::from)]);
    prop::collection::vec(one, 0..3).prop_map(|list| list.into_iter().collect())
}

/// Parameters of any kind or link, right, wrong and unknown ones.
fn params() -> impl Strategy<Value = Params> {
    let mut names: Vec<String> = KINDS.iter().flat_map(|k| k.spec().params).map(|p| p.name.to_owned()).collect();
    names.extend(["latency_ms", "weight", "calls", "delay_ms", "unheard_of"].map(String::from));
    let good = prop_oneof![Just(json!({"exponential": 4.5})), Just(json!("round_robin")), Just(json!({"fall": 5}))];
    let one = (prop::sample::select(names), prop_oneof![value(), good, (0u32..1000).prop_map(Value::from)]);
    prop::collection::vec(one, 0..4).prop_map(|list| list.into_iter().collect())
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,5}[0-9]{0,2}", "\\PC{1,20}"]
}

fn node() -> impl Strategy<Value = Node> {
    let kind = prop_oneof![prop::sample::select(KINDS).prop_map(|k: Kind| k.id().to_owned()), id()];
    let place = prop_oneof![(-50i32..50).prop_map(|n| f64::from(n) * 20.0), -1e6..1e6f64];
    let at = (place.clone(), place).prop_map(|(x, y)| [x, y]);
    (id(), kind, at, prop::option::of(text()), prop::option::of("\\PC{0,20}"), any::<bool>(), params(), extra())
        .prop_map(|(id, kind, at, name, zone, locked, params, extra)| Node {
            id,
            kind,
            at,
            name,
            zone,
            locked,
            params,
            extra,
        })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        id().prop_map(Target::Node),
        (id(), id()).prop_map(|(from, to)| Target::Link(from, to)),
        "\\PC{0,20}".prop_map(Target::Zone),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let at = (any_number(), prop::option::of(any_number()), prop::option::of(any::<u64>()));
    let plain = prop_oneof![
        prop::sample::select(vec![
            Action::Crash,
            Action::Freeze,
            Action::Recover,
            Action::Cut,
            Action::Promote,
            Action::Flush,
            Action::RemoveNode,
            Action::RemoveLink,
        ]),
        any_number().prop_map(|factor| Action::Slow { factor }),
        (any_number(), any::<bool>()).prop_map(|(share, writes_only)| Action::Error { share, writes_only }),
        any_number().prop_map(|factor| Action::Load { factor }),
        (id(), value()).prop_map(|(param, value)| Action::Set { param, value }),
    ];
    let carried = prop_oneof![
        node().prop_map(|node| Action::AddNode(Box::new(node))),
        (id(), id(), params(), extra()).prop_map(|(from, to, params, extra)| Action::AddLink(Box::new(Link {
            from,
            to,
            params,
            extra
        }))),
    ];
    let what = prop_oneof![
        3 => (target(), plain),
        1 => carried.prop_map(|action| (Target::Carried, action)),
    ];
    (at, what, extra()).prop_map(|((at_s, for_s, chaos), (target, action), extra)| Entry {
        at_s,
        target,
        action,
        for_s,
        chaos,
        extra,
    })
}

/// Parameters that make sense for this kind, drawn from its table: a few, inside their ranges.
fn fitting(table: &'static [Param]) -> impl Strategy<Value = Params> {
    let one = |p: &'static Param| {
        let whole = |lo: u64, hi: u64| (lo..=hi.min(lo + 50)).prop_map(Value::from).boxed();
        let value = match p.of {
            Type::Number(lo, hi) => (lo..=hi.min(lo + 100.0)).prop_map(Value::from).boxed(),
            Type::Whole(lo, hi) => whole(lo, hi),
            Type::Flag => any::<bool>().prop_map(Value::from).boxed(),
            Type::Choice(of) => prop::sample::select(of).prop_map(Value::from).boxed(),
            Type::Distribution(..) => (0.1..20.0f64).prop_map(|mean| json!({"exponential": mean})).boxed(),
            _ => Just(p.default.to_value()).boxed(),
        };
        value.prop_map(|v| (p.name.to_owned(), v))
    };
    let usable: Vec<&'static Param> =
        table.iter().filter(|p| p.ready && p.default != Lit::None && !matches!(p.of, Type::Text)).collect();
    prop::sample::subsequence(usable, 0..3)
        .prop_flat_map(move |some| some.into_iter().map(one).collect::<Vec<_>>())
        .prop_map(|list| list.into_iter().collect())
}

/// Designs of nodes and links that make sense one by one; the whole may still have errors.
pub fn sensible() -> impl Strategy<Value = Scenario> {
    let kinds = prop::collection::vec(prop::sample::select(KINDS), 1..10);
    kinds
        .prop_flat_map(|kinds| {
            let params: Vec<_> = kinds.iter().map(|k: &Kind| fitting(k.spec().params)).collect();
            let pairs = prop::collection::btree_set((0..kinds.len(), 0..kinds.len()), 0..16);
            (Just(kinds), params, pairs)
        })
        .prop_map(|(kinds, params, pairs)| {
            let id = |i: usize| format!("{}{i}", kinds[i].id());
            let nodes = params.into_iter().enumerate().map(|(i, params)| Node {
                id: id(i),
                kind: kinds[i].id().into(),
                params,
                ..Node::default()
            });
            let drawn = pairs.into_iter().filter(|&(a, b)| a != b && meaning(kinds[a], kinds[b]).is_ok());
            let links = drawn.map(|(a, b)| Link { from: id(a), to: id(b), ..Link::default() });
            Scenario { nodes: nodes.collect(), links: links.collect(), ..Scenario::default() }
        })
}
