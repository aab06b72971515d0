//! unbound in front of dnsmasq: hits of its cache, and how long an old address lives on.

use super::{Daemon, Folder, find, ports, row, until, verdict};
use crate::case::Case;
use crate::cases::names::hits;
use crate::report::Row;
use crate::run::replicate;
use anyhow::{Context, Result, bail};
use loadstone::metrics::interval::Estimate;
use loadstone::rng::Rng;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const NAMES: usize = 60;
const TTL: f64 = 5.0;
/// Questions per second for each name.
const RATE: f64 = 1.0;
const SECONDS: f64 = 30.0;

pub fn rows() -> Result<Vec<Row>> {
    let ports = ports(2)?;
    let (upstream, resolver) = (ports[0], ports[1]);
    let folder = Folder::new("names")?;
    let dnsmasq = dnsmasq(&folder, upstream, "10.0.0.1")?;
    let _unbound = unbound(&folder, resolver, upstream)?;
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    socket.connect(("127.0.0.1", resolver))?;
    until("unbound", || ask(&socket, "ready.test").ok())?;

    let (questions, end) = poisson(&socket)?;
    let missed = asked(&folder.path().join("queries.log"))?;
    let share = 1.0 - missed as f64 / questions as f64;
    // The address changes; the cache does not know.
    drop(dnsmasq);
    let _dnsmasq = self::dnsmasq(&folder, upstream, "10.0.0.2")?;
    let stale = last_old(&socket)?;
    let _ = end;
    Ok(vec![hit_row(share, questions), stale_row(stale)])
}

/// Hits by theory, and with a life one second longer, which is what counting whole seconds may give.
fn hit_row(real: f64, questions: usize) -> Row {
    let share = |ttl: f64| RATE * ttl / (1.0 + RATE * ttl);
    let case = hits(RATE, TTL);
    let runs: Vec<f64> = (1..=4).filter_map(|s| replicate(&case, s).number("/nodes/dns/resolver_hit_share")).collect();
    let engine = Estimate::of(&runs).map_or(f64::NAN, |e| e.mean);
    // A binomial share would have this standard error; that of a renewal process is smaller.
    let error = 3.0 * f64::sqrt(real * (1.0 - real) / questions as f64);
    let conditions = [
        ("unbound is outside", real >= share(TTL) - error && real <= share(TTL + 1.0) + error),
        ("the engine is off", (engine / share(TTL) - 1.0).abs() <= 0.005),
    ];
    row(
        &format!("λ {RATE} per second and name, T {TTL} s"),
        "share of hits",
        format!("{:.4}; to {:.4} in whole seconds", share(TTL), share(TTL + 1.0)),
        format!("{real:.4} of {questions}"),
        format!("{engine:.4}"),
        verdict(&conditions),
    )
}

fn stale_row(real: f64) -> Row {
    let case: Case = crate::cases::names::moved(TTL);
    let after = replicate(&case, 1).number("/nodes/old/arrivals");
    let conditions = [
        ("unbound answers an old address too long", real <= TTL + 1.2),
        ("the engine sends there after T", after == Some(0.0)),
    ];
    row(
        &format!("an address changes, T {TTL} s"),
        "last old answer, s after the change",
        format!("at most {TTL}; {} in whole seconds", TTL + 1.0),
        format!("{real:.2}"),
        format!("none after {TTL}"),
        verdict(&conditions),
    )
}

fn dnsmasq(folder: &Folder, port: u16, address: &str) -> Result<Daemon> {
    let log = folder.path().join("queries.log");
    let mut dnsmasq = Command::new(find("dnsmasq").context("dnsmasq is gone")?);
    dnsmasq.args([
        "--keep-in-foreground",
        "--no-resolv",
        "--no-hosts",
        "--conf-file=/dev/null",
        "--bind-interfaces",
        "--log-queries",
    ]);
    dnsmasq.args(["--listen-address=127.0.0.1", "--user=root", "--pid-file="]);
    dnsmasq.arg(format!("--port={port}")).arg(format!("--address=/test/{address}")).arg(format!("--local-ttl={TTL}"));
    dnsmasq.arg(format!("--log-facility={}", log.display()));
    let daemon = Daemon::start(&mut dnsmasq)?;
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    socket.connect(("127.0.0.1", port))?;
    until("dnsmasq", || ask(&socket, "up.test").ok())?;
    Ok(daemon)
}

fn unbound(folder: &Folder, port: u16, upstream: u16) -> Result<Daemon> {
    let dir = folder.path().display();
    let config = format!(
        "server:\n  directory: \"{dir}\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"{dir}/unbound.pid\"\n  interface: 127.0.0.1@{port}\n  \
         do-daemonize: no\n  use-syslog: no\n  logfile: \"{dir}/unbound.log\"\n  do-not-query-localhost: no\n  do-ip6: no\n  \
         module-config: \"iterator\"\n  local-zone: \"test.\" nodefault\n  prefetch: no\n  num-threads: 1\n\
         forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@{upstream}\nremote-control:\n  control-enable: no\n"
    );
    let file = folder.write("unbound.conf", &config)?;
    Daemon::start(Command::new(find("unbound").context("unbound is gone")?).arg("-d").arg("-c").arg(file))
}

/// Asks for every name as a Poisson stream, all in one; how many questions, and when it ended.
fn poisson(socket: &UdpSocket) -> Result<(usize, Instant)> {
    let mut rng = Rng::named(1, "questions", "poisson");
    let start = Instant::now();
    let (mut at, mut questions) = (0.0, 0);
    loop {
        at += rng.exponential() / (RATE * NAMES as f64);
        if at > SECONDS {
            return Ok((questions, Instant::now()));
        }
        let due = start + Duration::from_secs_f64(at);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        ask(socket, &format!("n{}.test", rng.below(NAMES as u64)))?;
        questions += 1;
    }
}

/// Questions for the measured names that reached dnsmasq.
fn asked(log: &Path) -> Result<usize> {
    let text = std::fs::read_to_string(log)?;
    Ok(text.lines().filter(|line| line.contains("query[A] n")).count())
}

/// Seconds until the last old address was answered, of names that were all fetched just before or long ago.
fn last_old(socket: &UdpSocket) -> Result<f64> {
    let changed = Instant::now();
    let mut last = 0.0;
    while changed.elapsed() < Duration::from_secs_f64(TTL + 3.0) {
        for i in 0..NAMES {
            if ask(socket, &format!("n{i}.test"))? == [10, 0, 0, 1] {
                last = changed.elapsed().as_secs_f64();
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(last)
}

/// One question of type A; the address in the first answer (RFC 1035, section 4).
fn ask(socket: &UdpSocket, name: &str) -> Result<[u8; 4]> {
    let mut packet = vec![0x4c, 0x53, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.push(label.len() as u8);
        packet.extend(label.bytes());
    }
    packet.extend([0, 0, 1, 0, 1]);
    socket.send(&packet)?;
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer)?;
    // Behind the question: the name as a pointer, type, class, time to live, length, and then the address.
    let address = packet.len() + 12;
    if answer[3] & 0x0f != 0 || answer[7] == 0 || length < address + 4 {
        bail!("no address for {name}");
    }
    Ok([answer[address], answer[address + 1], answer[address + 2], answer[address + 3]])
}
