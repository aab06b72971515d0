//! Server: takes a worker, then a core, then makes its calls, then answers. Holds the worker all along.

use super::param::{Param, choice, dist, later, num, whole};
use super::{ADDRESS, KindSpec, Lit, Preset};

/// The table entry.
pub const SPEC: KindSpec = KindSpec {
    id: "server",
    label: "Web server",
    group: "Compute",
    help: "Runs the application. It has so many workers and cores; more requests than that wait, and then are refused.",
    icon: "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01M11 7.5h6M11 16.5h6",
    params: PARAMS,
    addressed: true,
    presets: &[Preset { label: "Web server", stem: "web", params: &[] }],
};

const PARAMS: &[Param] = &[
    num("cores", "Cores", 1.0, 1024.0, 2.0, "How many requests compute at the same time.").main(),
    dist("service_ms", "Service time", 0.0, 1e8, Lit::Exponential(5.0), "Core time that each request needs.").main(),
    whole("workers", "Workers", 1, 10_000_000, 256, "Requests held at once, also while they wait for a database.")
        .main(),
    whole("backlog", "Backlog", 0, 10_000_000, 128, "Requests that may wait for a worker.").main(),
    choice(
        "overflow",
        "Beyond the backlog",
        &["refuse", "drop"],
        "Refuse at once, or drop silently so that the caller's time-out finds out. Linux drops by default.",
    ),
    num("boot_s", "Boot time", 0.0, 1e6, 30.0, "From recovery after a crash until it serves again.").main(),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long its calls wait for a connection."),
    num(
        "read_timeout_ms",
        "Read time-out",
        1.0,
        1e8,
        60_000.0,
        "How long its calls wait for an answer; then it answers 504.",
    ),
    choice("discipline", "Discipline", &["fifo", "ps"], "Whether cores serve in order or share themselves among all.")
        .not_yet(),
    whole("instances", "Instances", 1, 10_000, 1, "How many such machines stand here.").not_yet(),
    num("memory_gb", "Memory", 1e-3, 1e6, 4.0, "Memory that requests and caches share.").not_yet(),
    later("autoscale", "Autoscaling", "Adds and removes instances by utilization."),
    ADDRESS,
];
