//! What users are told: how much they want and of what, how long they wait, how they connect.

use crate::component::param::{Lit, Param, Type, choice, counts, dist, flag, list, num, points, text, whole};
use crate::component::traffic::QUERIES;

/// The table.
pub const PARAMS: &[Param] = &[
    num(
        "rate_rps",
        "Request rate",
        0.0,
        1e9,
        10.0,
        "Requests per second that all users together want, whatever happens (open loop).",
    )
    .main(),
    num("write_share", "Writes", 0.0, 1.0, 0.1, "Share of requests that change data; the rest read.").main(),
    choice("arrivals", "Arrivals", &["poisson", "constant"], "Whether requests come at random or like a metronome."),
    whole(
        "users",
        "Users",
        1,
        10_000_000,
        0,
        "Each waits for an answer and thinks before asking again (closed loop); replaces the rate.",
    )
    .none(),
    dist("think_ms", "Think time", 0.0, 1e9, Lit::Exponential(1000.0), "Pause of such a user before every request."),
    points(
        "load",
        "Load over time",
        "Multiplier of the rate, or of the active users, as [seconds, multiplier] pairs joined by straight lines.",
    ),
    whole(
        "clients",
        "Clients",
        1,
        10_000_000,
        1000,
        "Distinct addresses that the requests come from, each with its own connections and name cache.",
    ),
    choice("client", "Client", &["browser", "mobile"], "What people hold in their hands; it changes the picture only."),
    text("domain", "Domain", "api.mysite.com", "The name that clients look up."),
    num(
        "timeout_ms",
        "Time-out",
        1.0,
        1e8,
        15_000.0,
        "A client gives up an attempt after this long, name and connection included.",
    )
    .main(),
    whole("retries", "Retries", 0, 100, 0, "How often a failed request is tried again.").main(),
    num(
        "backoff_ms",
        "Back-off",
        0.0,
        1e8,
        100.0,
        "Longest pause before the first retry; doubles each time, the pause itself is drawn from 0 to this (full jitter).",
    ),
    choice(
        "connections",
        "Connections",
        &["keep_alive", "new"],
        "Whether clients keep connections open for the next request.",
    ),
    num("keep_alive_s", "Keep-alive", 0.0, 1e6, 75.0, "An idle connection is closed after this long."),
    flag("tls", "TLS", true, "Whether opening a connection costs a second round trip for TLS 1.3."),
    flag(
        "resolver_cache",
        "Resolver cache",
        true,
        "Whether the users' common resolver keeps answers for their time to live.",
    ),
    flag(
        "stub_cache",
        "Client name cache",
        true,
        "Whether each client keeps answers for their remaining time to live.",
    ),
    whole("keys", "Data keys", 1, 1_000_000_000, 10_000, "How many different records the requests are about."),
    num("zipf", "Popularity", 0.0, 10.0, 1.0, "Exponent of the Zipf law of the keys' popularity; 0 is all alike."),
    num(
        "static_share",
        "Static content",
        0.0,
        1.0,
        0.0,
        "Share of requests for files that never change; writes and reads share the rest.",
    ),
    list(
        "mix",
        "Endpoints",
        ENDPOINT,
        "Several kinds of requests with their own shares and costs; replaces the shares of writes and static content.",
    ),
    num("request_kb", "Request size", 0.0, 1e9, 1.0, "Sent with each request; matters on links with a bandwidth."),
    num("response_kb", "Response size", 0.0, 1e9, 10.0, "Sent with each answer; matters on links with a bandwidth."),
    num(
        "retry_budget_share",
        "Retry budget",
        0.0,
        1.0,
        0.0,
        "Retries allowed as a share of requests, saved up to 100; none is no limit.",
    )
    .none(),
    text("region", "Region", "", "Where the users are, in words; how far that is, the paths' latencies say.").none(),
];

const ENDPOINT: &[Param] = &[
    text("name", "Name", "", "What people call it, such as \"checkout\"."),
    num("share", "Share", 0.0, 1e6, 1.0, "Share of the requests in proportion to the other endpoints."),
    text("path", "Path", "/", "What stands behind the domain in its address."),
    flag("writes", "Writes", false, "Whether it changes data."),
    flag("static", "Static", false, "Whether it is a file that never changes."),
    Param { of: Type::Choice(QUERIES), ..text("query", "Query", "point", "What it wants from the data.") },
    dist(
        "service_ms",
        "CPU time",
        0.0,
        1e8,
        Lit::Number(0.0),
        "CPU per request at a server; none is the server's own.",
    )
    .none(),
    counts(
        "calls",
        "Calls",
        "Calls per request by the callee's identifier; a callee that is left out is not called. None is what the links say.",
    ),
];
