//! What a node costs by the hour, and by what passes through it.

use super::usage::Usage;
use crate::component::param::Values;
use crate::component::prices::{MEMORY_GB_PER_CORE, ORDINARY_CORES, ORDINARY_MEMORY_GB};
use crate::component::{HOST, Kind};
use crate::scenario::{Node, Scenario};

/// A node's rates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rate {
    /// What is paid for, in words.
    pub what: String,
    /// For each hour.
    pub hour_usd: f64,
    /// There is something to pay for its use.
    pub is_metered: bool,
    /// For each request that arrives.
    request_usd: f64,
    /// For each GB that it sends, or of a balancer, that goes through it.
    gb_usd: f64,
}

impl Rate {
    fn metered(what: &str, request_usd: f64, gb_usd: f64) -> Rate {
        Rate { what: what.to_owned(), is_metered: true, request_usd, gb_usd, ..Rate::default() }
    }

    /// What was to pay for its use.
    pub fn usage(&self, node: &Node, doc: &Scenario, usage: &Usage) -> f64 {
        let gb = if self.gb_usd > 0.0 { usage.gb(node, doc) } else { 0.0 };
        usage.arrivals(&node.id) as f64 * self.request_usd + gb * self.gb_usd
    }
}

/// What a node of this design costs, whose autoscaler wanted so many instances last; none if it costs nothing.
pub fn rate(design: &Scenario, node: &Node, scaled: Option<u32>, prices: &Values) -> Option<Rate> {
    let kind = Kind::from_id(&node.kind)?;
    let p = Values::new(kind.spec().params, &node.params);
    let million = |name: &str| prices.number(name) / 1e6;
    let shared = kind.hosted() && design.node(&p.text(HOST.name)).is_some();
    let machine = |many: f64, factor: f64, managed: bool| {
        let cores = p.number("cores");
        let memory = if p.has("memory_gb") { p.optional("memory_gb") } else { None };
        let memory = memory.unwrap_or(cores * MEMORY_GB_PER_CORE);
        let cores_in_words = counted(cores, "core");
        let each = if managed {
            format!("managed, {cores_in_words}, {memory} GB")
        } else {
            format!("{cores_in_words}, {memory} GB")
        };
        Rate {
            what: if many == 1.0 { each } else { format!("{many} × {each}") },
            hour_usd: many * factor * machine_hour_usd(cores, memory, prices),
            ..Rate::default()
        }
    };
    let rate = match kind {
        // Whoever runs on another's machine has none to pay for.
        _ if shared => return None,
        Kind::Users => Rate::metered("traffic to users", 0.0, prices.number("traffic_gb_usd")),
        Kind::Dns => Rate {
            hour_usd: prices.number("dns_month_usd") / super::MONTH_H,
            ..Rate::metered("zone and look-ups", million("dns_million_usd"), 0.0)
        },
        Kind::LoadBalancer if p.optional("cores").is_some() => machine(1.0, 1.0, false),
        Kind::LoadBalancer => Rate {
            hour_usd: prices.number("balancer_hour_usd"),
            ..Rate::metered("managed balancer", 0.0, prices.number("balancer_gb_usd"))
        },
        Kind::Server => machine(f64::from(instances_of(&p, scaled)), 1.0, false),
        Kind::Cache | Kind::Database => machine(1.0, prices.number("managed_factor"), true),
        Kind::Queue => Rate::metered("messages", CALLS_OF_A_MESSAGE * million("queue_million_usd"), 0.0),
        Kind::Cdn => Rate::metered("requests and traffic", million("cdn_million_usd"), prices.number("cdn_gb_usd")),
    };
    Some(rate)
}

/// It is sent, received and deleted.
const CALLS_OF_A_MESSAGE: f64 = 3.0;

/// Instances of a server, of which its autoscaler wanted so many last; before that, as many as it begins with.
fn instances_of(p: &Values, scaled: Option<u32>) -> u32 {
    let drawn = p.whole("instances") as u32;
    let within = |a: Values| scaled.unwrap_or(drawn).min(a.whole("max") as u32).max(a.whole("min") as u32);
    p.group("autoscale").map_or(drawn, within)
}

fn machine_hour_usd(cores: f64, memory_gb: f64, prices: &Values) -> f64 {
    let linear = cores * prices.number("core_hour_usd") + memory_gb * prices.number("memory_gb_hour_usd");
    let beyond = (cores / ORDINARY_CORES).max(memory_gb / ORDINARY_MEMORY_GB).max(1.0);
    linear * libm::pow(beyond, prices.number("large_power"))
}

fn counted(n: f64, one: &str) -> String {
    if n == 1.0 { format!("1 {one}") } else { format!("{n} {one}s") }
}
