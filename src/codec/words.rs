//! Words that a share link of version 1 writes as numbers: the names of fields, kinds and parameters, and the choices.
//!
//! A word's number is its place here, so this list never changes: links that people keep depend on it. Words that came
//! later are written out, which costs a few characters; a new list would be a new version of the link.

/// The words of version 1.
#[rustfmt::skip]
pub const WORDS: &[&str] = &[
    "loadstone", "name", "notes", "seed", "run_s", "nodes", "links", "timeline", "id", "kind", "at", "zone", "params",
    "from", "to", "at_s", "node", "link", "do", "factor", "share", "param", "value", "for_s", "crash", "freeze",
    "recover", "slow", "error", "load", "cut", "set", "promote", "flush", "add_node", "remove_node", "add_link",
    "remove_link", "users", "dns", "load_balancer", "server", "database", "cache", "cdn", "queue", "exponential",
    "gamma", "lognormal", "uniform", "pareto", "percentiles", "mean", "cv", "shape", "p50", "p95", "p99", "rate_rps",
    "write_share", "arrivals", "think_ms", "clients", "client", "domain", "timeout_ms", "retries", "backoff_ms",
    "connections", "keep_alive_s", "tls", "resolver_cache", "stub_cache", "keys", "zipf", "static_share", "mix",
    "request_kb", "response_kb", "retry_budget_share", "region", "poisson", "constant", "browser", "mobile",
    "keep_alive", "new", "ttl_s", "policy", "negative_ttl_s", "answer_ms", "health", "simple", "round_robin",
    "weighted", "failover", "latency", "interval_ms", "rise", "fall", "algorithm", "tries", "max_fails",
    "fail_timeout_s", "fail_open", "overhead_ms", "connect_timeout_ms", "read_timeout_ms", "cores", "sticky",
    "slow_start_s", "drain_s", "least_connections", "random", "power_of_two", "ip_hash", "consistent_hash",
    "least_time", "service_ms", "workers", "backlog", "overflow", "boot_s", "discipline", "instances", "memory_gb",
    "autoscale", "refuse", "drop", "fifo", "ps", "mode", "probe_interval_ms", "probe_timeout_ms", "probes",
    "promote_ms", "max_lag_ms", "replace_after_s", "recovery_script_s", "read_ms", "write_ms", "role", "data_gb",
    "copy_mbps", "family", "none", "manual", "automatic", "auto", "primary", "replica", "relational", "key_value",
    "document", "wide_column", "graph", "latency_ms", "loss_share", "bandwidth_mbps", "weight", "calls", "parallel",
    "semi_sync_timeout_ms", "apply_ms", "delay_ms", "async", "semi_sync", "sync", "address", "public", "private",
    "path", "writes", "static", "method", "target_share", "min", "max", "capacity_items", "lru", "lfu", "get_ms",
    "hit_share", "capacity", "visibility_s",
];
