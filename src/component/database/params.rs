//! A database's parameters.

use super::costs::COSTS;
use crate::component::param::{Lit, Param, choice, dist, flag, group, num, whole};
use crate::component::{ADDRESS, HOST, REGION};

const FAILOVER: &[Param] = &[
    choice(
        "mode",
        "Mode",
        &["none", "manual", "automatic"],
        "Whether a lost primary is noticed, and whether a replica then takes over by itself. Of several primaries the others take its writes, and no replica is promoted.",
    )
    .main(),
    num("probe_interval_ms", "Probe interval", 1.0, 1e8, 1000.0, "From one probe of a member to the next."),
    num("probe_timeout_ms", "Probe time-out", 1.0, 1e8, 1000.0, "A probe without an answer by then has failed."),
    whole(
        "probes",
        "Probes",
        1,
        1000,
        3,
        "Failed probes in a row until a member counts as down. Of several replicas most must miss the primary; the word of a single one is enough, so that a cut link deposes too.",
    )
    .main(),
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
        "How long after the old primary's return a script writes again what was lost with it; none means never.",
    )
    .none(),
];

pub(super) const PARAMS: &[Param] = &[
    whole("cores", "Cores", 1, 1024, 4, "How many queries compute at the same time.").main(),
    dist("read_ms", "Read time", 0.0, 1e8, Lit::Exponential(4.0), "Core time of a read of one record.").main(),
    dist("write_ms", "Write time", 0.0, 1e8, Lit::Exponential(8.0), "Core time of a write on the primary.").main(),
    whole("connections", "Connections", 1, 10_000_000, 100, "Queries held at once."),
    whole("backlog", "Backlog", 0, 10_000_000, 1000, "Queries that may wait for a connection."),
    choice(
        "role",
        "Role",
        &["auto", "primary", "replica"],
        "By the replication links, unless told otherwise: who is fed by no other takes writes, and so do all who feed \
         each other in a ring, or both ways, unless one of them is told to be the primary.",
    ),
    group("failover", "Failover", FAILOVER, "Read from the primary: how members watch each other.").main(),
    flag(
        "read_your_writes",
        "Read your writes",
        false,
        "Read from the primary: a client's reads go to a replica that has its last write, or else to the primary, as \
         MaxScale's causal_reads=fast and ProxySQL's gtid_from_hostgroup have it.",
    ),
    choice(
        "family",
        "Family",
        &["relational", "key_value", "document", "wide_column", "graph"],
        "What it is good at. Key-value and wide-column databases cannot join: the server reads one record after the \
         other instead.",
    )
    .main(),
    group("costs", "Costs", COSTS, "What queries cost beside a read of one record, as multiples of the read time."),
    whole(
        "join_rows",
        "Rows of a join",
        1,
        1000,
        10,
        "Records that a server reads one by one where the family cannot join (N+1).",
    ),
    num(
        "memory_gb",
        "Buffer memory",
        0.0,
        1e6,
        0.0,
        "What it keeps in memory: of the working set the records that are asked for most. None is all.",
    )
    .none(),
    num(
        "working_set_gb",
        "Working set",
        1e-6,
        1e6,
        1.0,
        "Data that queries touch; what the memory does not hold is read from disk.",
    ),
    dist(
        "disk_ms",
        "Disk time",
        0.0,
        1e8,
        Lit::Number(0.2),
        "What a query for a record outside the memory waits for the disk; no core is busy.",
    ),
    num("boot_s", "Boot time", 0.0, 1e6, 0.0, "From recovery after a crash until it runs again."),
    num("data_gb", "Data", 0.0, 1e6, 1.0, "What a new replica must copy before it serves."),
    num("copy_mbps", "Copy speed", 1e-3, 1e6, 1000.0, "How fast it copies, in Mbit/s."),
    HOST,
    REGION,
    ADDRESS,
];
