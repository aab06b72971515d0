//! Load balancer: one address in front of many servers. It picks one for each request and learns which are up.

use super::param::{Param, choice, dist, flag, group, num, whole};
use super::{ADDRESS, KindSpec, Lit, Preset};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "load_balancer",
    label: "Load balancer",
    group: "Network",
    help: "One public address in front of many servers. It spreads requests over those that its health checks find up.",
    icon: "M12 4v5M12 9c0 4-7 3-7 8M12 9c0 4 7 3 7 8M12 9v8M5 20.5v-3M12 20.5v-3M19 20.5v-3M9.5 4h5",
    params: PARAMS,
    addressed: true,
    presets: &[Preset { label: "Load balancer", stem: "lb", params: &[] }],
};

const HEALTH: &[Param] = &[
    num("interval_ms", "Interval", 1.0, 1e8, 2000.0, "From the start of one check to the start of the next.").main(),
    num(
        "timeout_ms",
        "Time-out",
        1.0,
        1e8,
        2000.0,
        "A check without an answer by then has failed; at most the interval.",
    ),
    whole("rise", "Rise", 1, 1000, 2, "Passed checks in a row until a server counts as up."),
    whole("fall", "Fall", 1, 1000, 3, "Failed checks in a row until a server counts as down.").main(),
];

const PARAMS: &[Param] = &[
    choice(
        "algorithm",
        "Algorithm",
        &[
            "round_robin", "least_connections", "random", "power_of_two", "ip_hash", "consistent_hash", "least_time",
        ],
        "Which server gets the next request: each in turn (smooth, weighted), the one with the fewest open requests, or any. The others come later.",
    )
    .main(),
    group("health", "Health checks", HEALTH, "Active checks of every server; off means that all count as up.").main(),
    whole("tries", "Tries", 1, 100, 2, "How often a refused request, or a read that failed, is sent in all; a write that was sent is not sent again.").main(),
    whole("max_fails", "Failures allowed", 1, 1000, 0, "Passive checks: after so many failed requests a server gets none for the fail time-out; none switches them off.").none(),
    num("fail_timeout_s", "Fail time-out", 1e-3, 1e6, 10.0, "Window in which failures are counted, and how long the server then gets no requests before one is tried."),
    flag("fail_open", "Fail open", false, "Whether all servers are used when none counts as up; otherwise the answer is 503."),
    dist("overhead_ms", "Overhead", 0.0, 1e6, Lit::Number(0.1), "Time that the balancer itself adds to each request."),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long it waits for a connection to a server."),
    num("read_timeout_ms", "Read time-out", 1.0, 1e8, 60_000.0, "How long it waits for a server's answer."),
    num("cores", "Cores", 1.0, 1024.0, 0.0, "Cores that the overhead keeps busy; none makes it a pure delay.").none().not_yet(),
    flag("sticky", "Sticky sessions", false, "Whether a client keeps its server.").not_yet(),
    num("slow_start_s", "Slow start", 0.0, 1e6, 0.0, "How long a server that came back takes to get its full share.").not_yet(),
    num("drain_s", "Draining", 0.0, 1e6, 30.0, "How long a removed server may finish its requests.").not_yet(),
    ADDRESS,
];
