//! Database: a primary that takes the writes, replicas that copy them and take the reads, and what happens when one of
//! them is gone.

use super::param::{Param, choice, dist, group, num, whole};
use super::{ADDRESS, KindSpec, Lit, Preset};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "database",
    label: "Database",
    group: "Data",
    help: "Keeps the data. Linked databases form a group: the primary (once called master) takes writes, replicas (slaves) take reads.",
    icon: "M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3",
    params: PARAMS,
    addressed: true,
    presets: &[Preset { label: "Database", stem: "db", params: &[] }],
};

const FAILOVER: &[Param] = &[
    choice(
        "mode",
        "Mode",
        &["none", "manual", "automatic"],
        "Whether a lost primary is noticed, and whether a replica then takes over by itself.",
    )
    .main(),
    num("probe_interval_ms", "Probe interval", 1.0, 1e8, 1000.0, "From one probe of a member to the next."),
    num("probe_timeout_ms", "Probe time-out", 1.0, 1e8, 1000.0, "A probe without an answer by then has failed."),
    whole("probes", "Probes", 1, 1000, 3, "Failed probes in a row until a member counts as down.").main(),
    num(
        "promote_ms",
        "Promotion time",
        0.0,
        1e8,
        3000.0,
        "From the election until the new primary takes writes, at least.",
    )
    .main(),
    num("max_lag_ms", "Largest lag", 0.0, 1e8, 0.0, "A replica further behind is not promoted; none means any may be.")
        .none(),
    num(
        "replace_after_s",
        "Replace after",
        0.0,
        1e6,
        0.0,
        "A member down for this long is replaced by a fresh machine; none means never.",
    )
    .none()
    .main(),
    num(
        "recovery_script_s",
        "Recovery script",
        0.0,
        1e6,
        0.0,
        "How long after the old primary's return a script brings back its lost writes.",
    )
    .none()
    .not_yet(),
];

const PARAMS: &[Param] = &[
    num("cores", "Cores", 1.0, 1024.0, 4.0, "How many queries compute at the same time.").main(),
    dist("read_ms", "Read time", 0.0, 1e8, Lit::Exponential(4.0), "Core time of a read.").main(),
    dist("write_ms", "Write time", 0.0, 1e8, Lit::Exponential(8.0), "Core time of a write on the primary.").main(),
    whole("connections", "Connections", 1, 10_000_000, 100, "Queries held at once."),
    whole("backlog", "Backlog", 0, 10_000_000, 1000, "Queries that may wait for a connection."),
    choice("role", "Role", &["auto", "primary", "replica"], "By the replication links, unless told otherwise."),
    group("failover", "Failover", FAILOVER, "Read from the primary: how members watch each other.").main(),
    num("boot_s", "Boot time", 0.0, 1e6, 0.0, "From recovery after a crash until it runs again."),
    num("data_gb", "Data", 0.0, 1e6, 1.0, "What a new replica must copy before it serves."),
    num("copy_mbps", "Copy speed", 1e-3, 1e6, 1000.0, "How fast it copies, in Mbit/s."),
    choice("family", "Family", &["relational", "key_value", "document", "wide_column", "graph"], "What it is good at.")
        .not_yet(),
    ADDRESS,
];
