//! nginx: the order of picks, with all servers and with one stopped.

use super::{Daemon, Folder, find, ports, row, until, verdict};
use crate::case::Case;
use crate::cases::picks::{self, spaced};
use crate::report::Row;
use crate::run::replicate;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

/// Servers a to d, then a port where nobody listens, then one front for each set of weights and one for the stop.
const SERVERS: usize = 4;
const REQUESTS: usize = 30;

pub fn rows() -> Result<Vec<Row>> {
    let sets: Vec<&[u32]> = picks::all_weights().collect();
    let stopped: [&[u32]; 2] = [&[5, 1, 1], &[1, 1, 1]];
    let ports = ports(SERVERS + 1 + sets.len() + stopped.len())?;
    let (servers, rest) = ports.split_at(SERVERS);
    let (closed, fronts) = (rest[0], &rest[1..]);
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
    let _nginx = start(&folder, &http)?;
    until("nginx", || TcpStream::connect(("127.0.0.1", *fronts.last()?)).ok())?;

    let name = |address: &str| {
        let port: Option<u16> = address.rsplit(':').next().and_then(|p| p.trim().parse().ok());
        let known = servers.iter().position(|&s| Some(s) == port).map_or(1, |i| i);
        picks::name(known)
    };
    let mut rows = Vec::new();
    for (i, (weights, front)) in sets.iter().chain(&stopped).zip(fronts).enumerate() {
        let down = i >= sets.len();
        let mut real = Vec::new();
        while real.len() < REQUESTS {
            real.extend(tried(*front)?.split(',').map(name));
        }
        real.truncate(REQUESTS);
        let engine = engine(weights, down);
        let real = spaced(real.iter().map(String::as_str));
        let expected =
            if down { String::new() } else { spaced(picks::rounds(weights, REQUESTS).iter().map(String::as_str)) };
        let conditions = [
            ("nginx differs from its documentation", down || real == expected),
            ("the engine differs from nginx", real == engine),
        ];
        let list = weights.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let figure = if down { "attempts, b stopped" } else { "picks" };
        let expected = if down { "as nginx".into() } else { expected };
        rows.push(row(&format!("weights {list}"), figure, expected, real, engine, verdict(&conditions)));
    }
    Ok(rows)
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

/// Asks once, and reads which servers were tried.
fn tried(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let line = answer.lines().find_map(|line| line.strip_prefix("X-Tried: "));
    Ok(line.with_context(|| format!("nginx answered {answer:?}"))?.to_owned())
}

/// The engine's picks in the same design.
fn engine(weights: &[u32], down: bool) -> String {
    let mut design = picks::weighted(weights);
    design["nodes"][1]["params"] = serde_json::json!({"health": null, "max_fails": 1});
    if down {
        design["timeline"] = serde_json::json!([{"at_s": 0, "node": "b", "do": "crash"}]);
    }
    let case = Case::short("picks beside nginx", design, 5.0, 10.0, 1);
    let picks = replicate(&case, 1).picks;
    spaced(picks.iter().take(REQUESTS).map(String::as_str))
}
