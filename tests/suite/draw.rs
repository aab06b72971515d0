//! Random designs with random faults, the same wherever they are drawn: for the tests of what every run keeps, and for
//! the comparison of native runs with those in wasm.

use loadstone::rng::Rng;
use loadstone::scenario::{Action, Entry, Link, Node, Params, Scenario, Target};
use serde_json::{Value, json};

/// How long each runs, in simulated seconds.
pub const LENGTH_S: f64 = 20.0;

/// Draws scenarios: a web site of random shape, size and settings, and up to eight things that happen to it.
pub struct Draw(Rng);

impl Draw {
    /// Scenarios of one series; each call of [`scenario`](Self::scenario) draws the next.
    pub fn new(seed: u64, series: &str) -> Draw {
        Draw(Rng::named(seed, "runs", series))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.below(n)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len() as u64) as usize].clone()
    }

    fn params(&mut self, of: &[(&str, &[Value])]) -> Params {
        let mut params = Params::new();
        for (name, values) in of {
            if self.below(2) == 0 {
                params.insert((*name).into(), self.one(values));
            }
        }
        params
    }

    fn node(&mut self, id: String, kind: &str) -> Node {
        let params = match kind {
            "users" => self.params(&[
                ("rate_rps", &[json!(5), json!(40), json!(150)]),
                ("users", &[json!(null), json!(20)]),
                ("think_ms", &[json!({"exponential": 300}), json!(0.5)]),
                ("write_share", &[json!(0), json!(0.5), json!(1)]),
                ("static_share", &[json!(0.5)]),
                ("keys", &[json!(20)]),
                ("timeout_ms", &[json!(50), json!(500), json!(15_000)]),
                ("retries", &[json!(0), json!(2)]),
                ("clients", &[json!(1), json!(1000)]),
                ("connections", &[json!("new"), json!("keep_alive")]),
                ("keep_alive_s", &[json!(0), json!(1)]),
                ("load", &[json!([[0, 0], [10, 2]]), json!([[0, 1], [5, 0], [6, 1]])]),
                ("stub_cache", &[json!(false)]),
                ("resolver_cache", &[json!(false)]),
            ]),
            "dns" => self.params(&[
                ("ttl_s", &[json!(0), json!(2), json!(60)]),
                ("policy", &["simple", "round_robin", "weighted", "failover", "latency"].map(Value::from)),
                ("health", &[json!({"interval_ms": 700, "timeout_ms": 300, "fall": 2})]),
            ]),
            "load_balancer" => self.params(&[
                (
                    "algorithm",
                    &[
                        "round_robin",
                        "least_connections",
                        "random",
                        "power_of_two",
                        "ip_hash",
                        "consistent_hash",
                        "least_time",
                    ]
                    .map(Value::from),
                ),
                ("sticky", &[json!(true)]),
                ("slow_start_s", &[json!(5)]),
                ("drain_s", &[json!(0), json!(0.05)]),
                ("cores", &[json!(null), json!(1)]),
                ("breaker", &[json!({"min_requests": 3, "pause_s": 1}), json!(null)]),
                ("rate_limit_rps", &[json!(20), json!(null)]),
                ("health", &[json!(null), json!({"interval_ms": 500, "timeout_ms": 300, "fall": 1}), json!({})]),
                ("tries", &[json!(1), json!(3)]),
                ("max_fails", &[json!(1), json!(null)]),
                ("fail_open", &[json!(true)]),
                ("read_timeout_ms", &[json!(100)]),
                ("overhead_ms", &[json!(0), json!(2)]),
            ]),
            "server" => self.params(&[
                ("cores", &[json!(1), json!(4)]),
                ("workers", &[json!(1), json!(8), json!(256)]),
                ("backlog", &[json!(0), json!(5), json!(128)]),
                ("overflow", &[json!("drop")]),
                ("service_ms", &[json!(0), json!(20), json!({"gamma": {"mean": 5, "cv": 2}})]),
                ("boot_s", &[json!(0), json!(3)]),
                ("read_timeout_ms", &[json!(30), json!(1000)]),
                ("discipline", &[json!("ps")]),
                ("instances", &[json!(2), json!(5)]),
                ("autoscale", &[json!(null), json!({"target_share": 0.3, "max": 4})]),
                ("request_mb", &[json!(0), json!(300)]),
                ("sessions", &[json!("memory")]),
            ]),
            "cdn" => self.params(&[
                ("capacity_items", &[json!(3), json!(500)]),
                ("ttl_s", &[json!(0), json!(1)]),
                ("stale_if_error_s", &[json!(3)]),
                ("coalesce", &[json!(true)]),
                ("policy", &[json!("lfu"), json!("random")]),
                ("overhead_ms", &[json!(0), json!(2)]),
                ("read_timeout_ms", &[json!(100)]),
            ]),
            "cache" => self.params(&[
                ("capacity_items", &[json!(3), json!(500)]),
                ("policy", &[json!("lfu"), json!("fifo"), json!("random")]),
                ("ttl_s", &[json!(0), json!(1)]),
                ("get_ms", &[json!(0), json!({"exponential": 5})]),
                ("hit_share", &[json!(0.5)]),
                ("backlog", &[json!(0), json!(3)]),
            ]),
            "queue" => self.params(&[
                ("capacity", &[json!(1), json!(50)]),
                ("visibility_s", &[json!(0.05), json!(2)]),
                ("prefetch", &[json!(1), json!(100)]),
                ("max_deliveries", &[json!(1), json!(3)]),
                ("durable", &[json!(false)]),
                ("store_ms", &[json!(0), json!(2)]),
                ("boot_s", &[json!(1)]),
            ]),
            _ => self.params(&[
                ("cores", &[json!(1), json!(4)]),
                ("connections", &[json!(1), json!(100)]),
                ("backlog", &[json!(0), json!(1000)]),
                ("read_ms", &[json!(0), json!({"exponential": 10})]),
                ("data_gb", &[json!(0), json!(0.2)]),
                ("read_your_writes", &[json!(true)]),
                ("family", &[json!("key_value"), json!("graph")]),
                ("memory_gb", &[json!(0), json!(0.5)]),
                (
                    "failover",
                    &[
                        json!({"mode": "automatic", "probes": 2, "probe_interval_ms": 300, "promote_ms": 500}),
                        json!({"mode": "automatic", "replace_after_s": 2}),
                        json!({"mode": "automatic", "recovery_script_s": 1, "probes": 1}),
                        json!({"mode": "manual"}),
                    ],
                ),
            ]),
        };
        let zone = (self.below(3) == 0).then(|| "a".to_owned());
        Node { id, kind: kind.into(), zone, params, ..Node::default() }
    }

    fn link(&mut self, from: &str, to: &str) -> Link {
        let params = match (from.starts_with("web"), to.starts_with("db")) {
            (true, true) => self.params(&[("calls", &[json!(0), json!(3)]), ("parallel", &[json!(true)])]),
            (false, true) => self.params(&[
                ("delay_ms", &[json!(100)]),
                ("apply_ms", &[json!(0), json!(20)]),
                ("mode", &[json!("semi_sync"), json!("sync")]),
                ("semi_sync_timeout_ms", &[json!(0), json!(700)]),
            ]),
            _ => self.params(&[
                ("latency_ms", &[json!(0), json!({"uniform": [1, 9]})]),
                ("loss_share", &[json!(0.1), json!(0.0)]),
            ]),
        };
        Link { from: from.into(), to: to.into(), params, ..Link::default() }
    }

    /// The next scenario, with this seed.
    pub fn scenario(&mut self, seed: u64) -> Scenario {
        let mut s = Scenario { seed, run_s: LENGTH_S, ..Scenario::default() };
        let (webs, dbs) = (1 + self.below(3), self.below(4));
        s.nodes.push(self.node("users".into(), "users"));
        for (id, kind) in [("dns", "dns"), ("lb", "load_balancer")] {
            if self.below(2) == 0 {
                s.nodes.push(self.node(id.into(), kind));
                s.links.push(self.link("users", id));
            }
        }
        for i in 1..=webs {
            s.nodes.push(self.node(format!("web{i}"), "server"));
        }
        for kind in ["cdn", "cache", "queue"] {
            if self.below(3) == 0 {
                s.nodes.push(self.node(kind.into(), kind));
            }
        }
        for i in 1..=dbs {
            s.nodes.push(self.node(format!("db{i}"), "database"));
        }
        let front = if s.node("lb").is_some() { "lb" } else { "users" };
        for i in 1..=webs {
            let web = format!("web{i}");
            s.links.push(self.link(front, &web));
            for data in ["cache", "queue"] {
                if s.node(data).is_some() {
                    s.links.push(self.link(&web, data));
                }
            }
            if dbs > 0 {
                let target = format!("db{}", 1 + self.below(dbs));
                s.links.push(self.link(&web, &target));
            }
        }
        // A star, a chain, a ring, or two that copy each other with replicas of one of them.
        let shape = self.below(5);
        for i in 2..=dbs {
            let from = if shape == 1 || shape == 2 { i - 1 } else { 1 };
            s.links.push(self.link(&format!("db{from}"), &format!("db{i}")));
        }
        if dbs >= 2 && (shape == 2 || shape == 3) {
            let last = if shape == 2 { dbs } else { 2 };
            s.links.push(self.link(&format!("db{last}"), "db1"));
        }
        if s.node("cdn").is_some() {
            s.links.push(self.link("users", "cdn"));
            s.links.push(self.link("cdn", if front == "lb" { "lb" } else { "web1" }));
        }
        if s.node("queue").is_some() {
            s.nodes.push(self.node("worker".into(), "server"));
            s.links.push(self.link("queue", "worker"));
        }
        self.share_a_machine(&mut s);
        for _ in 0..self.below(9) {
            let entry = self.entry(&s);
            s.timeline.push(entry);
        }
        s
    }

    /// Everything in one box, now and then; several instances have no box to share.
    fn share_a_machine(&mut self, s: &mut Scenario) {
        if self.below(4) > 0 {
            return;
        }
        let host = "web1";
        for node in &mut s.nodes {
            if node.id == host {
                node.params.remove("instances");
                node.params.remove("autoscale");
            } else if ["web2", "cache", "db1", "db2"].contains(&node.id.as_str()) {
                node.params.insert("host".into(), json!(host));
            }
        }
    }

    fn entry(&mut self, s: &Scenario) -> Entry {
        let node = self.one(&s.nodes).id;
        let link = self.one(&s.links);
        let (on_node, on_link) = (Target::Node(node.clone()), Target::Link(link.from.clone(), link.to.clone()));
        let (target, action) = match self.below(18) {
            0..3 => (on_node, Action::Crash),
            3 | 4 => (on_node, Action::Freeze),
            5 | 6 => (on_node, Action::Recover),
            7 => (on_node, Action::Slow { factor: self.one(&[0.5, 3.0]) }),
            8 => (on_node, Action::Error { share: 0.3, writes_only: false }),
            9 => (Target::Node("users".into()), Action::Load { factor: self.one(&[0.0, 3.0]) }),
            10 => (on_link, Action::Cut),
            11 => (Target::Zone("a".into()), self.one(&[Action::Crash, Action::Freeze, Action::Recover])),
            12 => (Target::Node(format!("db{}", 1 + self.below(3))), Action::Promote),
            13 => self.one(&[
                (on_node.clone(), Action::RemoveNode),
                (on_node, Action::Flush),
                (on_link.clone(), Action::RemoveLink),
                (on_link.clone(), Action::Recover),
            ]),
            16 | 17 => {
                let (param, value) = self.one(&[
                    ("cores", json!(3)),
                    ("memory_gb", json!(1)),
                    ("instances", json!(1)),
                    ("instances", json!(4)),
                    ("autoscale", json!({"target_share": 0.1})),
                    ("discipline", json!("ps")),
                    ("discipline", json!("fifo")),
                    ("request_mb", json!(100)),
                ]);
                (Target::Node("web1".into()), Action::Set { param: param.into(), value })
            }
            14 => {
                let mut node = Node { id: "late".into(), kind: "server".into(), ..Node::default() };
                if self.below(2) == 0 {
                    (node.id, node.kind) = ("dblate".into(), "database".into());
                }
                (Target::Carried, Action::AddNode(Box::new(node)))
            }
            _ => {
                let (from, to) = if self.below(2) == 0 { ("lb", "late") } else { ("db1", "dblate") };
                (Target::Carried, Action::AddLink(Box::new(self.link(from, to))))
            }
        };
        let at_s = self.below(LENGTH_S as u64 * 10) as f64 / 10.0;
        Entry { for_s: (self.below(3) == 0).then_some(2.5), ..Entry::new(at_s, target, action) }
    }
}
