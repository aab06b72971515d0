//! DNS: how often a cached answer spares the question.

use super::{design, link, server};
use crate::case::{Case, Section};
use crate::run::Run;
use serde_json::json;

pub fn section() -> Section {
    let cases = [(1.0, 30.0), (1.0, 60.0), (0.1, 30.0), (10.0, 5.0), (0.5, 1.0), (2.0, 0.25)]
        .map(|(rate, ttl)| hits(rate, ttl));
    let mut cases = Vec::from(cases);
    cases.extend([moved(30.0), moved(300.0), failover()]);
    cases.extend(
        [(1.0, 60.0, 20.0), (1.0, 15.0, 300.0)].into_iter().flat_map(|(rate, min, soa)| absent(rate, min, soa)),
    );
    cases.extend([
        together(10.0, 1.0, 100.0),
        together(100.0, 0.5, 50.0),
        asked_again(4.9),
        asked_again(5.1),
        dead(),
        lossy(0.3),
    ]);
    Section {
        title: "Names",
        about: "A record of time to live T, asked for as a Poisson stream of rate λ, is fetched once and then found for T: of \
                1 + λT questions, λT hit. After a change of the address nobody goes to the old one once T has passed. A name service \
                that checks the addresses as [Route 53](https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html) \
                does, every 30 s and giving up after 3, fails over within that and T. Where the answer takes a time d, who asks within d \
                waits for the same one, as with \
                [unbound](https://www.nlnetlabs.nl/documentation/unbound/doxygen/mesh_8h.html): of 1 + λ(T + d) questions one goes out. \"No such name\" is kept for the shorter of the \
                SOA record's time to live and its minimum ([RFC 2308](https://www.rfc-editor.org/rfc/rfc2308#section-5)). A question \
                is sent twice, 5 s apart, and given up after 10 s \
                ([resolv.conf](https://man7.org/linux/man-pages/man5/resolv.conf.5.html)).",
        cases,
    }
}

/// Questions at a rate per second for a record of this time to live.
pub fn hits(rate: f64, ttl: f64) -> Case {
    let params = json!({"rate_rps": rate, "connections": "new", "stub_cache": false, "timeout_ms": 1000});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "answer_ms": 0}});
    let nodes = vec![users, dns, server("web", 4, json!(0))];
    let design = design(nodes, vec![link("users", "dns"), link("users", "web")]);
    let share = rate * ttl / (1.0 + rate * ttl);
    let (requests, seeds) = enough(share, rate);
    Case::new(format!("λ {rate} per second, T {ttl} s"), design, rate, 2.0, requests, seeds)
        .near("share of hits", |run: &Run| run.number("/nodes/dns/resolver_hit_share"), share, 0.005)
        .near(
            "questions that reach the DNS",
            |run: &Run| Some(run.number("/nodes/dns/queries")? / run.number("/requests/issued")?),
            1.0 - share,
            0.01,
        )
}

/// Requests and replications for a share of hits. Misses are what varies: so many make their share known well enough.
fn enough(share: f64, rate: f64) -> (f64, u64) {
    let requests = (1e5 / (1.0 - share)).max(1e6);
    let longest = loadstone::check::MAX_RUN_S;
    (requests, (requests / rate / longest).ceil().max(8.0) as u64)
}

/// Clients and resolver keep an address that is no longer given out.
pub fn moved(ttl: f64) -> Case {
    let params = json!({"rate_rps": 50, "connections": "new", "clients": 200});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "answer_ms": 0}});
    let nodes = vec![
        json!({"id": "users", "kind": "users", "params": params}),
        dns,
        server("old", 4, json!(0)),
        server("new", 4, json!(0)),
    ];
    let links =
        vec![link("users", "dns"), link("users", "old"), link("users", "new"), json!({"from": "dns", "to": "old"})];
    let mut design = design(nodes, links);
    let change = 1000.0;
    design["timeline"] = json!([
        {"at_s": change, "do": "add_link", "link": {"from": "dns", "to": "new"}},
        {"at_s": change, "do": "remove_link", "link": ["dns", "old"]},
    ]);
    let case = Case::short(format!("an address changes, T {ttl} s"), design, change + 3.0 * ttl, 50.0, 20);
    case.warmup(change + ttl).within(
        "requests to the old address after T",
        |run: &Run| run.number("/nodes/old/arrivals"),
        0.0,
        0.0,
    )
}

/// The first address dies; the name service notices and gives out the second.
fn failover() -> Case {
    let (ttl, crash) = (60.0, 100.0);
    let params = json!({"rate_rps": 20, "connections": "new", "clients": 200});
    let health = json!({"interval_ms": 30_000, "timeout_ms": 4000, "fall": 3, "rise": 3});
    let nodes = vec![
        json!({"id": "users", "kind": "users", "params": params}),
        json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "policy": "failover", "health": health}}),
        server("first", 4, json!(0)),
        server("second", 4, json!(0)),
    ];
    let links = vec![
        link("users", "dns"),
        link("users", "first"),
        link("users", "second"),
        json!({"from": "dns", "to": "first"}),
        json!({"from": "dns", "to": "second"}),
    ];
    let mut design = design(nodes, links);
    design["timeline"] = json!([{"at_s": crash, "node": "first", "do": "crash"}]);
    let title = format!("checks every 30 s, 3 misses, T {ttl} s");
    let down = move |run: &Run| run.logged("first", "detected_down", crash);
    Case::short(title, design, crash + 90.0 + ttl + 40.0, 20.0, 400)
        .warmup(crash + 90.0 + ttl + 1.0)
        .within("found down after, s", down, 60.0, 90.0)
        .near("… mean", down, 75.0, 0.05)
        .within("requests that fail 90 s and T after", |run: &Run| run.number("/requests/failed"), 0.0, 0.0)
}

/// Questions for a name that does not exist; then it does.
fn absent(rate: f64, minimum: f64, soa: f64) -> [Case; 2] {
    let params = json!({"rate_rps": rate, "connections": "new", "stub_cache": false});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let params = json!({"negative_ttl_s": minimum, "soa_ttl_s": soa, "answer_ms": 0});
    let dns = json!({"id": "dns", "kind": "dns", "params": params});
    let design = design(vec![users, dns, server("web", 4, json!(0))], vec![link("users", "dns")]);
    let kept = minimum.min(soa);
    let share = rate * kept / (1.0 + rate * kept);
    let title = format!("no such name, λ {rate} per second, minimum {minimum} s, SOA {soa} s");
    let (requests, seeds) = enough(share, rate);
    let never = Case::new(title.clone(), design.clone(), rate, 2.0, requests, seeds).near(
        "share of hits",
        |run: &Run| run.number("/nodes/dns/resolver_hit_share"),
        share,
        0.005,
    );
    let appears = 1000.0;
    let mut soon = design;
    soon["timeline"] = json!([{"at_s": appears, "do": "add_link", "link": link("users", "web")}]);
    let soon = Case::short(title, soon, appears + 3.0 * kept, rate, 20).warmup(appears + kept).within(
        "requests that fail T after the name appears",
        |run: &Run| run.number("/requests/failed"),
        0.0,
        0.0,
    );
    [never, soon]
}

/// Questions at a rate per second, each answered only so many ms later: whoever asks meanwhile waits for the same answer.
fn together(rate: f64, ttl: f64, answer_ms: f64) -> Case {
    let params = json!({"rate_rps": rate, "connections": "new", "stub_cache": false});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"ttl_s": ttl, "answer_ms": answer_ms}});
    let nodes = vec![users, dns, server("web", 4, json!(0))];
    let design = design(nodes, vec![link("users", "dns"), link("users", "web")]);
    let asked = 1.0 + rate * (ttl + answer_ms / 1e3);
    Case::new(format!("λ {rate} per second, T {ttl} s, answered after {answer_ms} ms"), design, rate, 2.0, 2e6, 8)
        .near("share of hits", |run: &Run| run.number("/nodes/dns/resolver_hit_share"), rate * ttl / asked, 0.005)
        .near(
            "questions that reach the DNS",
            |run: &Run| Some(run.number("/nodes/dns/queries")? / run.number("/requests/issued")?),
            1.0 / asked,
            0.01,
        )
}

/// One user who asks for a name, with a name service that is cut off from a second before until so much later.
fn asked_again(mended: f64) -> Case {
    let params = json!({"rate_rps": 0.01, "arrivals": "constant", "timeout_ms": 60_000});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"answer_ms": 0}});
    let nodes = vec![users, dns, server("web", 4, json!(0))];
    let mut design = design(nodes, vec![link("users", "dns"), link("users", "web")]);
    let asks = 100.0;
    design["timeline"] = json!([
        {"at_s": asks - 1.0, "link": ["users", "dns"], "do": "cut"},
        {"at_s": asks + mended, "link": ["users", "dns"], "do": "recover"},
    ]);
    let case = Case::short(format!("cut off until {mended} s after the question"), design, asks + 50.0, 0.01, 4);
    if mended < 5.0 {
        case.within("answered after, s", |run: &Run| Some(run.number("/latency_ms/max")? / 1e3), 5.0, 5.001)
    } else {
        case.within("name time-outs", |run: &Run| run.number("/requests/errors/name_timeout"), 1.0, 1.0)
    }
}

/// One user who asks again a second after it has given up, with a name service that is dead.
fn dead() -> Case {
    let params = json!({"users": 1, "think_ms": 1000, "timeout_ms": 60_000});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let nodes = vec![users, json!({"id": "dns", "kind": "dns"}), server("web", 4, json!(0))];
    let mut design = design(nodes, vec![link("users", "dns"), link("users", "web")]);
    design["timeline"] = json!([{"at_s": 0, "node": "dns", "do": "crash"}]);
    let run_s = 1100.0;
    let given_up = move |run: &Run| Some(run_s / run.number("/requests/issued")? - 1.0);
    Case::short("the name service is dead", design, run_s, 0.1, 4).within("given up after, s", given_up, 10.0, 10.01)
}

/// Every packet of a question or an answer is lost with probability `p`; two questions in all.
fn lossy(p: f64) -> Case {
    let params = json!({"rate_rps": 10, "connections": "new", "stub_cache": false, "resolver_cache": false});
    let users = json!({"id": "users", "kind": "users", "params": params});
    let dns = json!({"id": "dns", "kind": "dns", "params": {"answer_ms": 0}});
    let names = json!({"from": "users", "to": "dns", "params": {"latency_ms": 0, "loss_share": p}});
    let design = design(vec![users, dns, server("web", 4, json!(0))], vec![names, link("users", "web")]);
    let unanswered = 1.0 - (1.0 - p) * (1.0 - p);
    Case::new(format!("each packet lost with probability {p}"), design, 10.0, 3.0, 1e6, 8)
        .near(
            "share of name time-outs",
            |run: &Run| Some(run.number("/requests/errors/name_timeout")? / run.number("/requests/issued")?),
            unanswered * unanswered,
            0.01,
        )
        .near(
            "questions that reach the DNS, for each request",
            |run: &Run| Some(run.number("/nodes/dns/queries")? / run.number("/requests/issued")?),
            (1.0 - p) * (1.0 + unanswered),
            0.01,
        )
}
