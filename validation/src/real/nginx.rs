//! nginx: the order of picks, with all servers and with one stopped, and by the clients' networks.

use super::{Daemon, Folder, find, ports, row, until, verdict};
use crate::case::Case;
use crate::cases::hashing;
use crate::cases::picks::{self, spaced};
use crate::report::Row;
use crate::run::replicate;
use anyhow::{Context, Result};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Servers a to d, then a port where nobody listens, then one front for each set of weights and one for the stop.
const SERVERS: usize = 4;
const REQUESTS: usize = 30;
/// Longer than `fail_timeout` by more than a second, for nginx counts in whole seconds; and how many requests then follow.
const PAUSE: Duration = Duration::from_millis(11_500);
const PROBING: usize = 15;

pub fn rows() -> Result<Vec<Row>> {
    let sets: Vec<&[u32]> = picks::all_weights().collect();
    let stopped: [&[u32]; 2] = [&[5, 1, 1], &[1, 1, 1]];
    let hashed: [&[u32]; 2] = [&[1, 1, 1, 1], &[5, 2, 1]];
    let ports = ports(SERVERS + 1 + sets.len() + stopped.len() + hashed.len())?;
    let (servers, rest) = ports.split_at(SERVERS);
    let (closed, fronts) = (rest[0], &rest[1..]);
    let (fronts, hashing_fronts) = fronts.split_at(sets.len() + stopped.len());
    let folder = Folder::new("nginx")?;
    let mut http = String::new();
    for (name, port) in ('a'..).zip(servers) {
        writeln!(http, "server {{ listen 127.0.0.1:{port}; location / {{ return 200 \"{name}\"; }} }}")?;
    }
    for (i, (weights, front)) in sets.iter().chain(&stopped).zip(fronts).enumerate() {
        // In the last sets the second server is down.
        let place = |j: usize| if i >= sets.len() && j == 1 { closed } else { servers[j] };
        let lines: String = weights
            .iter()
            .enumerate()
            .map(|(j, weight)| format!("server 127.0.0.1:{} weight={weight} max_fails=1 fail_timeout=10s; ", place(j)))
            .collect();
        writeln!(http, "upstream u{i} {{ {lines} }}")?;
        writeln!(
            http,
            "server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://u{i}; add_header X-Tried $upstream_addr always; }} }}"
        )?;
    }
    for (i, (weights, front)) in hashed.iter().zip(hashing_fronts).enumerate() {
        let places = weights.iter().zip(servers);
        let lines: String = places.map(|(weight, port)| format!("server 127.0.0.1:{port} weight={weight}; ")).collect();
        writeln!(http, "upstream h{i} {{ ip_hash; {lines} }}")?;
        writeln!(
            http,
            "server {{ listen 127.0.0.1:{front}; set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; \
             location / {{ proxy_pass http://h{i}; add_header X-Tried $upstream_addr always; }} }}"
        )?;
    }
    let _nginx = start(&folder, &http)?;
    until("nginx", || TcpStream::connect(("127.0.0.1", *fronts.last()?)).ok())?;

    let name = |address: &str| {
        let port: Option<u16> = address.rsplit(':').next().and_then(|p| p.trim().parse().ok());
        let known = servers.iter().position(|&s| Some(s) == port).map_or(1, |i| i);
        picks::name(known)
    };
    let fronts: Vec<(&[u32], u16)> = sets.iter().chain(&stopped).copied().zip(fronts.iter().copied()).collect();
    let (whole, broken) = fronts.split_at(sets.len());
    let ask = |front: u16, requests: usize| -> Result<Vec<String>> {
        let tries = (0..requests).map(|_| tried(front, "")).collect::<Result<Vec<_>>>()?;
        Ok(tries.iter().flat_map(|tried| tried.split(',')).map(name).collect())
    };
    let mut rows = Vec::new();
    for &(weights, front) in whole {
        rows.push(compared(weights, &ask(front, REQUESTS)?, picks::rounds(weights, REQUESTS), &engine(weights, false)));
    }
    for (&weights, &front) in hashed.iter().zip(hashing_fronts) {
        let (networks, engine) = engine_by_network(weights);
        let mut real = Vec::new();
        for (i, network) in networks.iter().enumerate() {
            let [_, a, b, c] = (*network as u32).to_be_bytes();
            // Any fourth octet: it shall make no difference.
            real.push(name(&tried(front, &format!("X-Real-IP: {a}.{b}.{c}.{}\r\n", i * 83 % 256))?));
        }
        rows.push(hashed_row(weights, &networks, &real, &engine));
    }
    let mut attempts = broken.iter().map(|&(_, front)| ask(front, REQUESTS)).collect::<Result<Vec<_>>>()?;
    thread::sleep(PAUSE);
    for (&(weights, front), attempts) in broken.iter().zip(&mut attempts) {
        attempts.extend(ask(front, PROBING)?);
        rows.push(stopped_row(weights, attempts, &engine(weights, true)));
    }
    Ok(rows)
}

fn listed(names: &[String]) -> String {
    spaced(names.iter().map(String::as_str))
}

fn title(weights: &[u32]) -> String {
    format!("weights {}", weights.iter().map(u32::to_string).collect::<Vec<_>>().join(", "))
}

fn compared(weights: &[u32], real: &[String], expected: Vec<String>, engine: &[String]) -> Row {
    let engine = &engine[..engine.len().min(REQUESTS)];
    let conditions =
        [("nginx differs from its documentation", real == expected), ("the engine differs from nginx", real == engine)];
    row(&title(weights), "picks", listed(&expected), listed(real), listed(engine), verdict(&conditions))
}

fn hashed_row(weights: &[u32], networks: &[u64], real: &[String], engine: &[String]) -> Row {
    let by_formula = |&network: &u64| hashing::formula(weights, None, network).map(picks::name).unwrap_or_default();
    let expected: Vec<String> = networks.iter().map(by_formula).collect();
    let conditions =
        [("nginx differs from its formula", real == expected), ("the engine differs from nginx", real == engine)];
    let title = format!("ip_hash, {}", title(weights));
    row(&title, "picks", listed(&expected), listed(real), listed(engine), verdict(&conditions))
}

fn stopped_row(weights: &[u32], real: &[String], engine: &[String]) -> Row {
    let probes = real.iter().filter(|name| *name == "b").count();
    let conditions = [
        ("nginx tried the stopped server more or less often", probes == 2),
        ("the engine differs from nginx", real == engine),
    ];
    let expected = "as nginx; b tried once, and once more after 10 s".into();
    row(&title(weights), "attempts, b stopped", expected, listed(real), listed(engine), verdict(&conditions))
}

fn start(folder: &Folder, http: &str) -> Result<Daemon> {
    let dir = folder.path().display();
    let mut temp = String::new();
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(temp, "{kind}_temp_path {dir}/{kind};")?;
    }
    let config = format!(
        "daemon off; master_process off; error_log {dir}/error.log; pid {dir}/pid;\nevents {{ }}\nhttp {{ access_log off;\n{temp}{http}}}\n"
    );
    let file = folder.write("nginx.conf", &config)?;
    let program = find("nginx").context("nginx is gone")?;
    Daemon::start(
        Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .arg("-e")
            .arg(folder.path().join("early.log"))
            .arg("-c")
            .arg(file),
    )
}

/// Asks once, with further headers, and reads which servers were tried.
fn tried(port: u16, headers: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(format!("GET / HTTP/1.0\r\n{headers}\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let line = answer.lines().find_map(|line| line.strip_prefix("X-Tried: "));
    Ok(line.with_context(|| format!("nginx answered {answer:?}"))?.to_owned())
}

/// The engine's picks in the same design; with the pause in which the stopped server becomes worth a try again.
fn engine(weights: &[u32], down: bool) -> Vec<String> {
    let mut design = picks::weighted(weights);
    design["nodes"][1]["params"] = json!({"health": null, "max_fails": 1});
    let (first, pause) = (REQUESTS as f64 / 10.0 + 0.05, PAUSE.as_secs_f64());
    let mut run_s = first;
    if down {
        design["timeline"] = json!([{"at_s": 0, "node": "b", "do": "crash"}]);
        let again = first + pause;
        design["nodes"][0]["params"]["load"] = json!([[0, 1], [first, 1], [first, 0], [again, 0], [again, 1]]);
        run_s = again + PROBING as f64 / 10.0;
    }
    // The last request is on its way to the balancer for a while.
    let case = Case::short("picks beside nginx", design, run_s + 0.03, 10.0, 1);
    replicate(&case, 1).picks
}

/// The networks of the first requests, and who got them in the engine.
fn engine_by_network(weights: &[u32]) -> (Vec<u64>, Vec<String>) {
    let design = hashing::networks(weights, None, 10.0);
    let case = Case::short("networks beside nginx", design, REQUESTS as f64 / 10.0 + 0.05, 10.0, 1);
    let picks = replicate(&case.following(hashing::network), 1).followed;
    picks.iter().map(|p| (p.of, picks::name(p.backend as usize - 2))).unzip()
}
