//! HAProxy: how long its checks take to find a stopped server, and how it picks by fewest connections.

use super::{Daemon, Folder, find, ports, row, until, verdict};
use crate::case::Case;
use crate::cases::failures::{HAPROXY, found};
use crate::cases::picks::{name, spaced};
use crate::cases::{balancing, design, link, server};
use crate::report::Row;
use crate::run::replicate;
use anyhow::{Context, Result};
use loadstone::metrics::interval::Estimate;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Servers that are stopped, one after the other over one interval of 2 s.
const STOPS: usize = 30;
const GAP: Duration = Duration::from_millis(67);
/// The servers take turns with this stride, which shares no factor with their number.
const STRIDE: usize = 7;
/// How exactly a moment is seen: the status is read so often, on a machine that may be busy.
const SEEN: f64 = 0.1;

pub fn rows() -> Result<Vec<Row>> {
    let mut rows = detection()?;
    rows.push(fewest()?);
    Ok(rows)
}

fn start(folder: &Folder, sections: &str) -> Result<Daemon> {
    let socket = folder.path().join("socket");
    let config = format!(
        "global\n stats socket {} level admin\ndefaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n{sections}",
        socket.display()
    );
    let file = folder.write("haproxy.cfg", &config)?;
    let program = find("haproxy").context("haproxy is gone")?;
    let daemon = Daemon::start(Command::new(program).arg("-db").arg("-f").arg(file))?;
    until("HAProxy", || UnixStream::connect(&socket).ok())?;
    Ok(daemon)
}

/// A field of the statistics of each server of a section, in order (HAProxy's management guide, 9.1, lists the fields).
fn statistics(socket: &Path, section: &str, field: usize) -> Result<Vec<String>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(b"show stat\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let lines = answer.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let servers = lines.filter(|f| f.len() > field && f[0] == section && f[1].starts_with('s'));
    Ok(servers.map(|f| f[field].to_owned()).collect())
}

/// Which servers HAProxy believes up; "UP 1/3" is still up.
fn believed_up(socket: &Path) -> Result<Vec<bool>> {
    const STATUS: usize = 17;
    Ok(statistics(socket, "checked", STATUS)?.iter().map(|status| status.starts_with("UP")).collect())
}

/// Changes each server at its moment and waits until HAProxy believes all to be so; seconds from change to belief.
fn changes(socket: &Path, up: bool, mut change: impl FnMut(usize) -> Result<()>) -> Result<Vec<f64>> {
    let start = Instant::now();
    let mut changed: Vec<(usize, Instant)> = Vec::new();
    let mut seen = vec![None; STOPS];
    while seen.iter().any(Option::is_none) && start.elapsed() < Duration::from_secs(20) {
        while changed.len() < STOPS && start.elapsed() >= GAP * changed.len() as u32 {
            // HAProxy spreads its checks over the interval in the servers' order: in that order all would break at the
            // same moment of their interval.
            let i = changed.len() * STRIDE % STOPS;
            change(i)?;
            changed.push((i, Instant::now()));
        }
        let believed = believed_up(socket)?;
        let now = Instant::now();
        for &(i, at) in &changed {
            if seen[i].is_none() && believed.get(i) == Some(&up) {
                seen[i] = Some((now - at).as_secs_f64());
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    seen.into_iter().collect::<Option<Vec<_>>>().context("HAProxy did not notice every change within 20 s")
}

fn detection() -> Result<Vec<Row>> {
    let ports = ports(STOPS)?;
    // A port that was listened on a moment ago may not be free at once.
    let listen = |port: u16| until(&format!("port {port}"), || TcpListener::bind(("127.0.0.1", port)).ok());
    let mut listeners = ports.iter().map(|&port| listen(port).map(Some)).collect::<Result<Vec<_>>>()?;
    let folder = Folder::new("haproxy")?;
    let mut section = String::from("backend checked\n default-server check inter 2s fall 3 rise 2\n");
    for (i, port) in ports.iter().enumerate() {
        writeln!(section, " server s{i} 127.0.0.1:{port}")?;
    }
    let _haproxy = start(&folder, &section)?;
    let socket = folder.path().join("socket");
    // Every server has been checked at least once by then.
    thread::sleep(Duration::from_millis(4500));
    let down = changes(&socket, false, |i| {
        listeners[i] = None;
        Ok(())
    })?;
    let up = changes(&socket, true, |i| {
        listeners[i] = Some(listen(ports[i])?);
        Ok(())
    })?;
    let case = found(&HAPROXY, "crash");
    let runs: Vec<_> = (1..=STOPS as u64).map(|seed| replicate(&case, seed)).collect();
    let engine =
        |what: &str, after: f64| runs.iter().filter_map(|run| run.logged("a", what, after)).collect::<Vec<f64>>();
    let (stop, back) = HAPROXY.moments();
    Ok(vec![
        compared("found down after, s", (4.0, 6.0), &down, &engine("detected_down", stop)),
        compared("found up after, s", (2.0, 4.0), &up, &engine("detected_up", back)),
    ])
}

fn compared(figure: &str, (low, high): (f64, f64), real: &[f64], engine: &[f64]) -> Row {
    let show = |values: &[f64]| {
        let (least, most) = values.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &v| (a.min(v), b.max(v)));
        let mean = Estimate::of(values).map_or(f64::NAN, |e| e.mean);
        (least, most, mean, format!("{least:.2} to {most:.2}, mean {mean:.2}"))
    };
    let (real, engine) = (show(real), show(engine));
    let conditions = [
        ("HAProxy is outside", real.0 >= low - SEEN && real.1 <= high + SEEN),
        ("the engine is outside", engine.0 >= low - 0.01 && engine.1 <= high + 0.01),
        // Thirty uniform moments over 2 s have a mean with a standard deviation of .105; two such differ by .15.
        ("the means differ by more than chance", (real.2 - engine.2).abs() <= 0.45),
    ];
    let expected = format!("{low} to {high}, mean {}", (low + high) / 2.0);
    row(&format!("{STOPS} stops, every 2 s, fall 3, rise 2"), figure, expected, real.3, engine.3, verdict(&conditions))
}

/// Six requests stay open on three servers; the two on b end; two more come.
fn fewest() -> Result<Row> {
    let all = ports(4)?;
    let (servers, front) = (&all[..3], all[3]);
    let (tell, told) = mpsc::channel();
    for (i, port) in servers.iter().enumerate() {
        let listener = TcpListener::bind(("127.0.0.1", *port))?;
        let tell = tell.clone();
        // Ends with the program: it waits for connections, which cost nothing.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if tell.send((i, stream)).is_err() {
                    break;
                }
            }
        });
    }
    let folder = Folder::new("haproxy-least")?;
    let mut section = format!("listen front\n bind 127.0.0.1:{front}\n balance leastconn\n");
    for (i, port) in servers.iter().enumerate() {
        writeln!(section, " server s{i} 127.0.0.1:{port}")?;
    }
    let _haproxy = start(&folder, &section)?;
    let (mut picks, mut held) = (Vec::new(), Vec::new());
    let mut ask = |held: &mut Vec<(usize, [TcpStream; 2])>| -> Result<()> {
        let mut client = TcpStream::connect(("127.0.0.1", front))?;
        client.write_all(b"x")?;
        let (server, mut stream) = told.recv_timeout(Duration::from_secs(5)).context("HAProxy passed nothing on")?;
        // The request is under way for certain before the next one is made.
        stream.read_exact(&mut [0])?;
        picks.push(name(server));
        held.push((server, [client, stream]));
        Ok(())
    };
    for _ in 0..6 {
        ask(&mut held)?;
    }
    held.retain(|(server, _)| *server != 1);
    // HAProxy notices that b's connections are closed at both ends.
    const OPEN: usize = 4;
    let socket = folder.path().join("socket");
    until("the end of b's requests", || (statistics(&socket, "front", OPEN).ok()?.get(1)? == "0").then_some(()))?;
    for _ in 0..2 {
        ask(&mut held)?;
    }
    let real = spaced(picks.iter().map(String::as_str));
    let engine = fewest_in_engine();
    let expected = "a b c a b c b b";
    let conditions =
        [("HAProxy picks otherwise", real == expected), ("the engine picks otherwise", engine == expected)];
    Ok(row(
        "fewest connections of three",
        "picks; b's two requests end after six",
        expected.into(),
        real,
        engine,
        verdict(&conditions),
    ))
}

/// The same in the engine: b answers after .75 s, the others never; no request wants to come between .65 s and 1.6 s.
fn fewest_in_engine() -> String {
    let users = json!({"id": "users", "kind": "users", "params": {
        "rate_rps": 10, "arrivals": "constant", "load": [[0, 1], [0.65, 1], [0.65, 0], [1.6, 0], [1.6, 1]],
        "timeout_ms": 1e6}});
    let nodes = vec![
        users,
        balancing::balancer("least_connections"),
        server("a", 64, json!(1e6)),
        server("b", 64, json!(750)),
        server("c", 64, json!(1e6)),
    ];
    let links = ["a", "b", "c"].map(|to| link("lb", to));
    let links = std::iter::once(link("users", "lb")).chain(links).collect();
    let case = Case::short("fewest connections", design(nodes, links), 1.85, 10.0, 1);
    spaced(replicate(&case, 1).picks.iter().take(8).map(String::as_str))
}
