//! DNS: the service, outside the system, that turns a name into an address that clients then keep.

use super::param::{Param, choice, later, num};
use super::{KindSpec, Preset};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "dns",
    label: "DNS",
    group: "Network",
    help: "The name service, usually paid for and run by a third party. Clients keep its answers for their time to live.",
    icon: "M12 3a9 9 0 1 0 .01 0M3 12h18M12 3c2.6 2.7 3.6 5.7 3.6 9s-1 6.3-3.6 9M12 3c-2.6 2.7-3.6 5.7-3.6 9s1 6.3 3.6 9",
    params: PARAMS,
    addressed: false,
    presets: &[Preset { label: "DNS", stem: "dns", params: &[] }],
};

const PARAMS: &[Param] = &[
    num("ttl_s", "Time to live", 0.0, 1e7, 60.0, "How long an answer may be kept.").main(),
    choice(
        "policy",
        "Policy",
        &["simple", "round_robin", "weighted", "failover", "latency"],
        "Which address is given out if there are several: any at random, each in turn, or by weight. Failover and latency come later.",
    )
    .main(),
    num("negative_ttl_s", "Negative time to live", 0.0, 1e7, 60.0, "How long \"no such name\" may be kept."),
    num("answer_ms", "Answer time", 0.0, 1e7, 1.0, "From the question's arrival to the answer's leaving."),
    later("health", "Health checks", "Leave out addresses that do not answer."),
];
