//! What a design costs each month: the table of prices, each of which a document may replace by its own.
//!
//! The defaults are list prices without any discount, in US dollars, of Amazon Web Services in Northern Virginia
//! (us-east-1), as of September 2026; a core is what they call a vCPU. It is what a stranger pays from the first hour. They are there so that two designs can be
//! compared, not to foretell a bill: discs, copies of the data, traffic between zones, support and people are left out.
//!
//! | price | source |
//! | --- | --- |
//! | cores and memory | Fargate on Linux/x86, <https://aws.amazon.com/fargate/pricing/> |
//! | machines beyond the ordinary | u-6tb1.56xlarge (224 cores, 6,144 GB) at 46.40 an hour, <https://aws.amazon.com/ec2/pricing/on-demand/> |
//! | managed databases and caches | db.m5.large at 0.171 and cache.m5.large at 0.156 an hour, <https://aws.amazon.com/rds/mysql/pricing/>, <https://aws.amazon.com/elasticache/pricing/> |
//! | load balancers | Application Load Balancer; one capacity unit carries 1 GB an hour, <https://aws.amazon.com/elasticloadbalancing/pricing/> |
//! | names | Route 53, <https://aws.amazon.com/route53/pricing/> |
//! | messages | SQS, standard queues, <https://aws.amazon.com/sqs/pricing/> |
//! | CDN | CloudFront in North America, HTTPS, <https://aws.amazon.com/cloudfront/pricing/> |
//! | traffic to the internet | the first 10 TB of a month, <https://aws.amazon.com/ec2/pricing/on-demand/> |

use super::param::{Param, Values, num};
use crate::scenario::Scenario;

/// What the defaults are, for people.
pub const BASIS: &str =
    "list prices of AWS in us-east-1, September 2026, without discounts, discs, backups and traffic inside";

/// The largest machine that is sold at ordinary rates: r7i.48xlarge
/// (<https://aws.amazon.com/ec2/instance-types/r7i/>).
pub const ORDINARY_CORES: f64 = 192.0;
/// See [`ORDINARY_CORES`].
pub const ORDINARY_MEMORY_GB: f64 = 1536.0;
/// Memory of a machine of which only the cores are known: that of general-purpose machines
/// (<https://aws.amazon.com/ec2/instance-types/m7i/>).
pub const MEMORY_GB_PER_CORE: f64 = 4.0;

/// The table of prices.
pub const PARAMS: &[Param] = &[
    price("core_hour_usd", "Core and hour", 0.04048, "For each core and hour of a machine."),
    price("memory_gb_hour_usd", "GB of memory and hour", 0.004445, "For each GB of memory and hour of a machine."),
    num(
        "large_power",
        "Beyond ordinary sizes, power",
        0.0,
        10.0,
        0.18,
        "A machine of more than 192 cores or 1,536 GB costs more for each of them: by how many times it is larger than that, to this power.",
    ),
    num(
        "managed_factor",
        "Managed, times",
        0.0,
        1000.0,
        1.4,
        "A managed database or cache costs so many times what its machine does.",
    ),
    price(
        "balancer_hour_usd",
        "Balancer and hour",
        0.0225,
        "For each hour of a load balancer without cores of its own.",
    ),
    price("balancer_gb_usd", "GB balanced", 0.008, "For each GB that goes through such a balancer, there and back."),
    price("dns_month_usd", "DNS zone and month", 0.5, "For each DNS and month."),
    price("dns_million_usd", "Million look-ups", 0.4, "For each million look-ups that reach the DNS."),
    price(
        "queue_million_usd",
        "Million calls of a queue",
        0.4,
        "For each million calls; a message takes three: to send, receive and delete it.",
    ),
    price("cdn_million_usd", "Million CDN requests", 1.0, "For each million requests to a CDN."),
    price("cdn_gb_usd", "GB from a CDN", 0.085, "For each GB that a CDN sends to users."),
    price("traffic_gb_usd", "GB to users", 0.09, "For each GB of answers that reach users without a CDN."),
];

const fn price(name: &'static str, label: &'static str, default: f64, help: &'static str) -> Param {
    num(name, label, 0.0, 1e9, default, help)
}

/// The prices of a document.
pub fn of(scenario: &Scenario) -> Values<'_> {
    Values::new(PARAMS, &scenario.prices)
}
