//! Load balancers and CDNs as configurations: HAProxy where the design asks for what nginx only has in its paid edition
//! (active checks, sessions by cookie, slow start), nginx otherwise.
//!
//! Sources: the HAProxy Configuration Manual 2.6 and the documentation of nginx's modules `ngx_http_upstream_module`,
//! `ngx_http_proxy_module` and `ngx_http_limit_req_module`.

use super::File;
use super::names::comment;
use super::site::{PORT, Place, Site, whole_weights};
use crate::component::{Kind, Values};
use crate::time::{MS, SECOND};

/// The program that stands for a balancer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// HAProxy.
    HaProxy,
    /// nginx.
    Nginx,
}

impl Program {
    /// The one that fits this balancer or CDN.
    pub fn of(place: &Place) -> Program {
        let v = &place.values;
        let balancer = place.kind == Kind::LoadBalancer;
        if balancer && (v.group("health").is_some() || v.flag("sticky") || v.number("slow_start_s") > 0.0) {
            Program::HaProxy
        } else {
            Program::Nginx
        }
    }

    /// Where its configuration lies in the stack.
    pub fn path(self, name: &str) -> String {
        match self {
            Program::HaProxy => format!("balancer/{name}.cfg"),
            Program::Nginx => format!("balancer/{name}.conf"),
        }
    }
}

/// The configuration of every balancer and CDN.
pub fn files(site: &Site, differs: &mut Vec<String>) -> Vec<File> {
    let balancers = site.of(Kind::LoadBalancer).map(|(i, place)| {
        let text = match Program::of(place) {
            Program::HaProxy => haproxy(site, i, differs),
            Program::Nginx => nginx(site, i, differs),
        };
        File::new(Program::of(place).path(&place.name), text)
    });
    let mut files: Vec<File> = balancers.collect();
    files.extend(
        site.of(Kind::Cdn).map(|(i, place)| File::new(Program::Nginx.path(&place.name), cdn(site, i, differs))),
    );
    files
}

/// A span in whole ms, at least one.
fn ms(values: &Values, name: &str) -> u64 {
    values.span(name).div_ceil(MS).max(1)
}

/// A span in whole seconds, at least one: what some of nginx's directives take.
fn seconds(values: &Values, name: &str) -> u64 {
    values.span(name).div_ceil(SECOND).max(1)
}

/// What neither program does as the simulation does it.
fn common(place: &Place, differs: &mut Vec<String>) {
    let (name, v) = (&place.name, &place.values);
    if v.group("breaker").is_some() {
        differs.push(format!("`{name}` has no circuit breaker."));
    }
    if v.flag("fail_open") {
        differs.push(format!("`{name}` answers 503 when no server counts as up; it does not fail open."));
    }
    if v.text("algorithm") == "least_time" {
        differs
            .push(format!("`{name}` picks the server with the fewest open requests: no free program picks by time."));
    }
}

fn haproxy(site: &Site, node: usize, differs: &mut Vec<String>) -> String {
    let place = &site.nodes[node];
    let (name, v) = (&place.name, &place.values);
    common(place, differs);
    let health = v.group("health");
    let (balance, hash) = match v.text("algorithm").as_str() {
        "least_connections" | "least_time" => ("leastconn", false),
        "random" => ("random(1)", false),
        "power_of_two" => ("random(2)", false),
        "ip_hash" => ("source", true),
        "consistent_hash" => ("uri", true),
        _ => ("roundrobin", false),
    };
    let (names, weights): (Vec<String>, Vec<f64>) = site.backends(node).into_iter().unzip();
    if balance == "roundrobin" && weights.iter().any(|w| *w != weights[0]) {
        differs.push(format!(
            "`{name}` is HAProxy, whose weighted turns have the same shares as in the simulation but another order."
        ));
    }
    if hash {
        differs.push(format!(
            "`{name}` is HAProxy: its hash sends a client or a key to another server than nginx's would."
        ));
    }
    let mut text = format!("# {}\n", comment(&place.node.label()));
    text += "global\n    maxconn 8000\n\n";
    text += "resolvers names\n    parse-resolv-conf\n    hold valid 5s\n\n";
    text += "defaults\n    mode http\n    option http-keep-alive\n";
    text += &format!("    timeout connect {}ms\n", ms(v, "connect_timeout_ms"));
    text += &format!("    timeout server {}ms\n", ms(v, "read_timeout_ms"));
    text += "    timeout client 75s\n";
    if let Some(h) = &health {
        text += &format!("    timeout check {}ms\n", ms(h, "timeout_ms"));
    }
    text += &format!("\nfrontend in\n    bind :{PORT}\n");
    text += "    http-request set-src hdr(X-Forwarded-For) if { req.hdr(X-Forwarded-For) -m found }\n";
    if let Some(rate) = v.optional("rate_limit_rps") {
        // The window grows where the rate is low, so that the limit is a whole number.
        let window = if rate < 10.0 { 100.0 } else { 1.0 };
        text += &format!("    stick-table type integer size 1 expire 200s store http_req_rate({window}s)\n");
        text += "    http-request track-sc0 int(1)\n";
        let most = (rate * window).max(1.0) as u64;
        text += &format!("    http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt {most} }}\n");
        differs.push(format!("`{name}` limits the rate by a sliding window instead of a token bucket."));
    }
    text += "    default_backend out\n\nbackend out\n";
    text += &format!("    balance {balance}\n");
    if hash {
        text += "    hash-type consistent\n";
    }
    text += &format!("    retries {}\n", v.whole("tries") - 1);
    text += "    option redispatch 1\n    retry-on all-retryable-errors\n";
    text += "    http-request disable-l7-retry if METH_POST\n";
    if v.flag("sticky") {
        text += "    cookie SERVER insert indirect nocache\n";
    }
    let mut each = String::new();
    if let Some(h) = &health {
        text += "    option httpchk GET /health\n";
        let (interval, rise, fall) = (ms(h, "interval_ms"), h.whole("rise"), h.whole("fall"));
        each += &format!(" check inter {interval}ms rise {rise} fall {fall}");
        if v.number("slow_start_s") > 0.0 {
            each += &format!(" slowstart {}ms", ms(v, "slow_start_s"));
        }
        if let Some(fails) = v.optional("max_fails") {
            each += &format!(" observe layer7 error-limit {fails} on-error mark-down");
            differs.push(format!(
                "`{name}` takes a server out after {fails} failed requests in a row, until its checks pass again."
            ));
        }
    }
    text += &format!("    default-server resolvers names init-addr last,libc,none{each}\n");
    for (server, weight) in names.iter().zip(whole_weights(&weights, 256)) {
        let cookie = if v.flag("sticky") { format!(" cookie {server}") } else { String::new() };
        text += &format!("    server {server} {server}:{PORT} weight {weight}{cookie}\n");
    }
    text
}

/// What every nginx of a stack begins with: it believes the address that the load script says its client has.
const NGINX: &str = "worker_processes auto;\nevents {\n    worker_connections 8192;\n}\nhttp {\n    access_log off;\n    \
                     keepalive_timeout 75s;\n    set_real_ip_from 10.0.0.0/8;\n    set_real_ip_from 172.16.0.0/12;\n    \
                     set_real_ip_from 192.168.0.0/16;\n    real_ip_header X-Forwarded-For;\n";

/// What it takes to pass a request on, inside a location.
fn pass(v: &Values) -> String {
    format!(
        "            proxy_pass http://out;\n            proxy_http_version 1.1;\n            \
         proxy_set_header Connection \"\";\n            proxy_set_header X-Forwarded-For $http_x_forwarded_for;\n            \
         proxy_connect_timeout {}ms;\n            proxy_read_timeout {}ms;\n",
        ms(v, "connect_timeout_ms"),
        ms(v, "read_timeout_ms")
    )
}

/// The servers of an upstream, of which nginx wants at least one.
fn servers(site: &Site, node: usize, max_fails: u64, fail_timeout_s: u64) -> String {
    let (names, weights): (Vec<String>, Vec<f64>) = site.backends(node).into_iter().unzip();
    if names.is_empty() {
        return "        server 127.0.0.1:9;\n".into();
    }
    let each = names.iter().zip(whole_weights(&weights, 1000)).map(|(server, weight)| {
        let share = if weight == 0 { "down".to_owned() } else { format!("weight={weight}") };
        format!("        server {server}:{PORT} {share} max_fails={max_fails} fail_timeout={fail_timeout_s}s;\n")
    });
    each.collect()
}

fn nginx(site: &Site, node: usize, differs: &mut Vec<String>) -> String {
    let place = &site.nodes[node];
    let v = &place.values;
    common(place, differs);
    let mut text = format!("# {}\n{NGINX}", comment(&place.node.label()));
    let limit = v.optional("rate_limit_rps");
    if let Some(rate) = limit {
        let per =
            if rate < 1.0 { format!("{}r/m", ((rate * 60.0) as u64).max(1)) } else { format!("{}r/s", rate as u64) };
        text += &format!("    limit_req_zone $server_port zone=rate:1m rate={per};\n    limit_req_status 429;\n");
    }
    text += "    upstream out {\n";
    text += match v.text("algorithm").as_str() {
        "least_connections" | "least_time" => "        least_conn;\n",
        "random" => "        random;\n",
        "power_of_two" => "        random two least_conn;\n",
        "ip_hash" => "        ip_hash;\n",
        "consistent_hash" => "        hash $uri consistent;\n",
        _ => "",
    };
    text += &servers(site, node, v.whole("max_fails"), seconds(v, "fail_timeout_s"));
    text += "        keepalive 256;\n    }\n    server {\n";
    text += &format!("        listen {PORT};\n        location / {{\n{}", pass(v));
    text += &format!(
        "            proxy_next_upstream error timeout http_500 http_502 http_503 http_504;\n            \
         proxy_next_upstream_tries {};\n",
        v.whole("tries")
    );
    if limit.is_some() {
        let burst = v.whole("rate_limit_burst");
        text += &format!("            limit_req zone=rate burst={burst} nodelay;\n");
    }
    text += "        }\n    }\n}\n";
    text
}

fn cdn(site: &Site, node: usize, differs: &mut Vec<String>) -> String {
    let place = &site.nodes[node];
    let (name, v) = (&place.name, &place.values);
    if v.text("policy") != "lru" {
        differs.push(format!("`{name}` drops what was used longest ago, as nginx does, whatever its policy says."));
    }
    let users = site.of(Kind::Users).map(|(_, u)| u.values.number("response_kb"));
    let size = (v.number("capacity_items") * users.fold(1.0, f64::max)) as u64;
    differs.push(format!("`{name}` holds {size} kB of files, not a number of them."));
    let ttl = seconds(v, "ttl_s");
    let stale = v.optional("stale_if_error_s").map(|_| seconds(v, "stale_if_error_s"));
    let kept = ttl + stale.unwrap_or(0);
    let mut text = format!("# {}\n{NGINX}", comment(&place.node.label()));
    text += &format!(
        "    proxy_cache_path /var/cache/nginx/files levels=1:2 keys_zone=files:16m max_size={size}k inactive={kept}s;\n"
    );
    text += "    upstream out {\n";
    text += &servers(site, node, 0, 10);
    text += &format!("        keepalive 256;\n    }}\n    server {{\n        listen {PORT};\n");
    text += &format!("        location /static/ {{\n{}", pass(v));
    text += &format!("            proxy_cache files;\n            proxy_cache_valid 200 {ttl}s;\n");
    text += "            proxy_ignore_headers Cache-Control Expires;\n";
    if v.flag("coalesce") {
        text += "            proxy_cache_lock on;\n";
    }
    if stale.is_some() {
        text += "            proxy_cache_use_stale error timeout http_500 http_502 http_503 http_504;\n";
    }
    text += &format!("        }}\n        location / {{\n{}        }}\n    }}\n}}\n", pass(v));
    text
}
