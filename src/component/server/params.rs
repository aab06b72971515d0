//! A server's parameters.

use super::autoscale::AUTOSCALE;
use crate::component::guard::{BREAKER, RATE_BURST, RATE_LIMIT};
use crate::component::param::{Lit, Param, choice, dist, group, num, whole};
use crate::component::{ADDRESS, HOST, REGION};

pub(super) const PARAMS: &[Param] = &[
    whole(
        "cores",
        "Cores",
        1,
        1024,
        2,
        "How many requests compute at the same time. Changed while it runs, the machines restart.",
    )
    .main(),
    whole(
        "instances",
        "Instances",
        1,
        10_000,
        1,
        "How many such machines stand here, each with all of this to itself. A crash takes all of them.",
    )
    .main(),
    num(
        "memory_gb",
        "Memory",
        1e-3,
        1e6,
        4.0,
        "What requests, and caches that run on this machine, share. When it is used up, the largest process is killed. Changed while it runs, the machines restart.",
    ),
    dist("service_ms", "Service time", 0.0, 1e8, Lit::Exponential(5.0), "Core time that each request needs.").main(),
    choice(
        "discipline",
        "Discipline",
        &["fifo", "ps"],
        "Whether each core serves one request at a time in order of arrival, or all cores share themselves among all requests, as threads do.",
    ),
    whole("workers", "Workers", 1, 10_000_000, 256, "Requests held at once, also while they wait for a database.")
        .main(),
    whole("backlog", "Backlog", 0, 10_000_000, 128, "Requests that may wait for a worker.").main(),
    choice(
        "overflow",
        "Beyond the backlog",
        &["refuse", "drop"],
        "Refuse at once, or drop silently so that the caller's time-out finds out. Linux drops by default.",
    ),
    num(
        "request_mb",
        "Memory per request",
        0.0,
        1e6,
        0.0,
        "What a request holds with its worker; 0 leaves it out of account.",
    ),
    choice(
        "sessions",
        "Sessions",
        &["stateless", "memory", "shared"],
        "Where it keeps who is logged in: nowhere (the client brings a token), in its own memory, so that users of a lost server, or sent to another one, have to log in again, or in a shared store, which is drawn as a call.",
    ),
    group(
        "autoscale",
        "Autoscaling",
        AUTOSCALE,
        "Adds and removes instances every 15 s by how busy the cores are; removes only what was not needed for 300 s.",
    )
    .none(),
    group(
        "breaker",
        "Circuit breaker",
        BREAKER,
        "One for each of its calls: when too many of them fail, none is made for a while, then one as a trial. A request that would need it fails at once; a cache is left out.",
    )
    .none(),
    RATE_LIMIT,
    RATE_BURST,
    num(
        "boot_s",
        "Boot time",
        0.0,
        1e6,
        30.0,
        "From recovery after a crash, or from the wish for another instance, until it serves.",
    )
    .main(),
    num("connect_timeout_ms", "Connect time-out", 1.0, 1e8, 5000.0, "How long its calls wait for a connection."),
    num(
        "read_timeout_ms",
        "Read time-out",
        1.0,
        1e8,
        60_000.0,
        "How long its calls wait for an answer; then it answers 504.",
    ),
    HOST,
    REGION,
    ADDRESS,
];
