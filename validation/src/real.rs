//! The real software beside the engine, on this machine's loopback only: started here, with configurations written here,
//! in a folder that is removed, on ports above 1024, and stopped whatever happens.

// Real programs live in real time, which is banned for the engine's sake only.
#![allow(clippy::disallowed_methods)]

mod haproxy;
mod names;
mod nginx;
mod postgres;
mod stack;

use crate::report::{Row, Table, Verdict};
use anyhow::{Context, Result, bail, ensure};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// The columns of every table of this part.
const COLUMNS: &[&str] = &["system", "figure", "expected", "real software", "engine"];

/// One real program, or two that belong together.
struct Part {
    title: &'static str,
    about: &'static str,
    /// What has to be installed.
    programs: &'static [&'static str],
    rows: fn() -> Result<Vec<Row>>,
}

const PARTS: &[Part] = &[
    Part {
        title: "Beside nginx",
        about: "Weighted servers behind a real nginx: which one answers each of thirty requests, one after the other; and with one of \
                them stopped (`max_fails=1 fail_timeout=10s`), all attempts, then those of fifteen more requests after a pause of 11.5 s. \
                And `ip_hash`, where nginx takes the clients' addresses from a header (`real_ip_header`).",
        programs: &["nginx"],
        rows: nginx::rows,
    },
    Part {
        title: "Beside HAProxy",
        about: "Thirty servers that a real HAProxy checks every 2 s (fall 3, rise 2), stopped and started again at moments spread over \
                an interval; and the servers it picks by fewest connections while requests stay open.",
        programs: &["haproxy"],
        rows: haproxy::rows,
    },
    Part {
        title: "Beside unbound and dnsmasq",
        about: "A real unbound asks a real dnsmasq: of Poisson questions for sixty names that live 5 s, how many hit its cache; and how \
                long after a change of the addresses an old one is still answered. unbound counts in whole seconds, so a record may live \
                up to one second longer than it says.",
        programs: &["unbound", "dnsmasq"],
        rows: names::rows,
    },
    Part {
        title: "Beside PostgreSQL",
        about: "A real primary with a streaming replica: what a commit takes with `synchronous_commit = remote_apply` while the replica \
                applies 200 ms late; and the acknowledged writes that are missing after the primary's crash and the promotion of a \
                replica to which nothing was sent for two seconds.",
        programs: &["postgres", "initdb", "pg_basebackup", "pg_ctl", "psql", "pgbench"],
        rows: postgres::rows,
    },
    Part {
        title: "Stacks that run",
        about: "What `loadstone stack` writes, for every example, every algorithm and a document with hostile names: nginx, HAProxy, \
                Python and sh read their files. And one stack run as processes instead of containers: HAProxy, two services and the \
                load script, with one of the services killed.",
        programs: &["nginx", "haproxy", "python3"],
        rows: stack::rows,
    },
];

/// Runs beside everything that is wanted by its title and installed, all at once.
pub fn tables(wanted: impl Fn(&str) -> bool) -> Vec<Table> {
    thread::scope(|scope| {
        let parts = PARTS.iter().filter(|part| wanted(part.title));
        let running: Vec<_> = parts.map(|part| scope.spawn(|| table(part))).collect();
        running.into_iter().map(|part| part.join().expect("a part reports its errors as rows")).collect()
    })
}

fn table(part: &Part) -> Table {
    let missing: Vec<&str> = part.programs.iter().copied().filter(|p| find(p).is_none()).collect();
    let rows = if missing.is_empty() {
        (part.rows)().unwrap_or_else(|e| vec![blank(part.title, Verdict::Fail(format!("{e:#}")))])
    } else {
        let why = format!("{} not found; `cargo xtask validate --install` brings it", missing.join(", "));
        vec![blank(part.title, Verdict::Skipped(why))]
    };
    Table { title: part.title, about: part.about.to_owned(), columns: COLUMNS, rows }
}

fn blank(title: &str, verdict: Verdict) -> Row {
    let what = title.trim_start_matches("Beside ").to_owned();
    Row { group: what.clone(), cells: vec![what, String::new(), String::new(), String::new(), String::new()], verdict }
}

/// A row of this part.
fn row(system: &str, figure: &str, expected: String, real: String, engine: String, verdict: Verdict) -> Row {
    Row { group: system.to_owned(), cells: vec![system.to_owned(), figure.to_owned(), expected, real, engine], verdict }
}

/// A verdict over conditions that each have a name.
fn verdict(conditions: &[(&str, bool)]) -> Verdict {
    match conditions.iter().find(|(_, holds)| !holds) {
        None => Verdict::Pass,
        Some((name, _)) => Verdict::Fail((*name).to_owned()),
    }
}

/// Where a program lies: on the search path, where Debian puts daemons, or where it puts PostgreSQL's newest.
fn find(program: &str) -> Option<PathBuf> {
    let mut postgres: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin")).collect();
    postgres.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = postgres.into_iter().rev().chain(env::split_paths(&path)).chain(["/usr/sbin".into()]);
    dirs.map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// A folder for one run, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Folder> {
        let path = env::temp_dir().join(format!("loadstone-{name}-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A program that is stopped when this goes out of scope.
struct Daemon(Child);

impl Daemon {
    fn start(command: &mut Command) -> Result<Daemon> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Daemon(child.with_context(|| format!("could not start {:?}", command.get_program()))?))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports that are free for TCP and UDP at this moment, each given out once. They lie below those that the system lends to
/// outgoing connections: none is taken between here and its use.
fn ports(n: usize) -> Result<Vec<u16>> {
    const FIRST: u32 = 12_000;
    const COUNT: u32 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Two runs at once begin at different places.
    let start = std::process::id().wrapping_mul(64);
    let mut found = Vec::new();
    while found.len() < n {
        let k = NEXT.fetch_add(1, Ordering::Relaxed);
        ensure!(k < COUNT, "no {n} ports are free from {FIRST} to {}", FIRST + COUNT);
        let port = (FIRST + start.wrapping_add(k) % COUNT) as u16;
        let at = ("127.0.0.1", port);
        if TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok() {
            found.push(port);
        }
    }
    Ok(found)
}

/// Waits until something has come about, but not for ever.
fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if let Some(found) = ready() {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(10));
    }
    bail!("waited 30 s for {what}")
}
