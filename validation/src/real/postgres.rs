//! PostgreSQL with a streaming replica: writes that an asynchronous promotion loses, and what a synchronous commit takes.

use super::{Folder, find, ports, row, until, verdict};
use crate::case::Case;
use crate::cases::{design, link, replication, server};
use crate::report::Row;
use crate::run::{Run, replicate};
use anyhow::{Context, Result, bail};
use loadstone::metrics::interval::Estimate;
use serde_json::json;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Writes per second, and for how many seconds nothing reaches the replica before the crash.
const RATE: f64 = 200.0;
const SILENT: f64 = 2.0;
/// How late the replica applies, in ms.
const LATE: f64 = 200.0;

pub fn rows() -> Result<Vec<Row>> {
    let cluster = Cluster::start()?;
    let rows = vec![commit_row(&cluster)?, lost_row(&cluster)?];
    Ok(rows)
}

/// A primary and a replica, stopped and removed at the end.
struct Cluster {
    folder: PathBuf,
    _folder: Folder,
    ports: Vec<u16>,
    /// PostgreSQL refuses to run as root: then everything is done as its own user.
    user: Option<&'static str>,
}

impl Cluster {
    fn start() -> Result<Cluster> {
        let root = Command::new("id").arg("-u").output()?.stdout.starts_with(b"0\n");
        let folder = Folder::new("postgres")?;
        let path = folder.path().to_owned();
        let cluster = Cluster { folder: path, _folder: folder, ports: ports(2)?, user: root.then_some("postgres") };
        if let Some(user) = cluster.user {
            let owned = Command::new("chown").arg(user).arg(&cluster.folder).status()?;
            if !owned.success() {
                bail!("could not give a folder to the user {user}");
            }
        }
        let data = cluster.data(0);
        cluster.run("initdb", &["-D", &data, "-A", "trust", "-U", "postgres", "--no-sync"])?;
        cluster.serve(0, "")?;
        let from = cluster.ports[0].to_string();
        let copy = cluster.data(1);
        cluster.run(
            "pg_basebackup",
            &["-D", &copy, "-h", "127.0.0.1", "-p", &from, "-U", "postgres", "-R", "-c", "fast"],
        )?;
        cluster.serve(1, "-c hot_standby_feedback=on")?;
        until("the replica", || {
            (cluster.sql(0, "select count(*) from pg_stat_replication").ok()?.trim() == "1").then_some(())
        })?;
        cluster.sql(0, "create table w (at timestamptz default now())")?;
        Ok(cluster)
    }

    fn data(&self, i: usize) -> String {
        self.folder.join(format!("data{i}")).display().to_string()
    }

    fn serve(&self, i: usize, more: &str) -> Result<()> {
        let (data, log) = (self.data(i), self.folder.join(format!("log{i}")).display().to_string());
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off -c shared_buffers=16MB \
             -c wal_sender_timeout=0 -c wal_receiver_timeout=0 {more}",
            self.ports[i],
            self.folder.display()
        );
        self.run("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"]).map(drop)
    }

    fn command(&self, program: &str, args: &[&str]) -> Result<Command> {
        let program = find(program).with_context(|| format!("{program} is gone"))?;
        let mut command = match self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
        };
        command.args(args).current_dir(&self.folder).stdin(Stdio::null());
        Ok(command)
    }

    /// Runs to the end; what it printed.
    fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        // Into a file: a server that this starts would keep a pipe open for ever.
        let out = self.folder.join(format!("{program}.out"));
        let file = std::fs::File::create(&out)?;
        let status = self.command(program, args)?.stdout(file.try_clone()?).stderr(file).status()?;
        let printed = std::fs::read_to_string(out)?;
        if !status.success() {
            bail!("{program} failed: {}", printed.trim());
        }
        Ok(printed)
    }

    fn sql(&self, i: usize, query: &str) -> Result<String> {
        let port = self.ports[i].to_string();
        self.run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-qAtc", query])
    }

    /// Writes with pgbench; what it printed.
    fn write(&self, name: &str, settings: &[&str]) -> Result<std::process::Child> {
        let script = self.folder.join("write.sql");
        std::fs::write(&script, "insert into w default values;\n")?;
        let (port, script) = (self.ports[0].to_string(), script.display().to_string());
        let mut args = vec!["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-n", "-f", &script];
        args.extend(settings);
        args.push("postgres");
        let file = std::fs::File::create(self.folder.join(name))?;
        Ok(self.command("pgbench", &args)?.stdout(file.try_clone()?).stderr(file).spawn()?)
    }

    fn printed(&self, name: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.join(name))?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for i in 0..2 {
            let data = self.data(i);
            let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
        }
    }
}

/// The number behind some words in pgbench's report.
fn number(report: &str, words: &str) -> Result<f64> {
    let rest = report.split(words).nth(1).with_context(|| format!("pgbench says nothing of {words:?}: {report}"))?;
    let text: String = rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Ok(text.parse()?)
}

fn commit_row(cluster: &Cluster) -> Result<Row> {
    let latency = |name: &str| -> Result<f64> {
        cluster.write(name, &["-c", "1", "-T", "4"])?.wait()?;
        number(&cluster.printed(name)?, "latency average =")
    };
    let alone = latency("alone")?;
    cluster.sql(1, &format!("alter system set recovery_min_apply_delay = '{LATE}ms'"))?;
    cluster.sql(1, "select pg_reload_conf()")?;
    for setting in ["synchronous_standby_names = '*'", "synchronous_commit = 'remote_apply'"] {
        cluster.sql(0, &format!("alter system set {setting}"))?;
    }
    cluster.sql(0, "select pg_reload_conf()")?;
    thread::sleep(Duration::from_millis(500));
    let waiting = latency("waiting")?;
    for setting in ["synchronous_standby_names", "synchronous_commit"] {
        cluster.sql(0, &format!("alter system reset {setting}"))?;
    }
    cluster.sql(0, "select pg_reload_conf()")?;
    cluster.sql(1, "alter system reset recovery_min_apply_delay")?;
    cluster.sql(1, "select pg_reload_conf()")?;
    let (real, engine) = (waiting - alone, engine_delay());
    // The wait is at least the delay; the replica's wake-up and a busy machine add to it.
    let conditions = [
        ("PostgreSQL does not wait for it", (LATE - 2.0..LATE * 1.15).contains(&real)),
        ("the engine is off", (engine / LATE - 1.0).abs() <= 0.01),
    ];
    Ok(row(
        "remote_apply, replica 200 ms late",
        "a commit takes longer by, ms",
        format!("{LATE}"),
        format!("{real:.1}"),
        format!("{engine:.1}"),
        verdict(&conditions),
    ))
}

/// What a synchronous commit takes longer in the engine.
fn engine_delay() -> f64 {
    let mean = |mode: &str| {
        let users = json!({"id": "users", "kind": "users", "params": {"rate_rps": 5, "write_share": 1}});
        let params = json!({"cores": 4, "write_ms": 1});
        let nodes = vec![
            users,
            server("web", 4, json!(0)),
            json!({"id": "db", "kind": "database", "params": params}),
            json!({"id": "db2", "kind": "database", "params": params}),
        ];
        let params = json!({"mode": mode, "delay_ms": LATE, "latency_ms": 0, "apply_ms": 0});
        let replication = json!({"from": "db", "to": "db2", "params": params});
        let links = vec![link("users", "web"), link("web", "db"), replication];
        let case = Case::short("commit delay", design(nodes, links), 200.0, 5.0, 1);
        replicate(&case, 1).number("/latency_ms/mean").unwrap_or(f64::NAN)
    };
    mean("sync") - mean("async")
}

fn lost_row(cluster: &Cluster) -> Result<Row> {
    cluster.sql(0, "truncate w")?;
    let rate = RATE.to_string();
    let mut load =
        cluster.write("load", &["-c", "8", "-j", "1", "-T", "6", "-R", &rate, "--log", "--log-prefix=acked"])?;
    thread::sleep(Duration::from_millis(2500));
    let sender = cluster.sql(0, "select pid from pg_stat_replication")?;
    let sender = sender.trim();
    let signal = |name: &str| -> Result<()> {
        let status = Command::new("kill").args([name, sender]).status()?;
        if status.success() { Ok(()) } else { bail!("could not signal the sender {sender}") }
    };
    signal("-STOP")?;
    let silent = Instant::now();
    thread::sleep(Duration::from_secs_f64(SILENT));
    let data = cluster.data(0);
    // The sender cannot end by itself while it stands still: the crash is that of all processes at once.
    let pid = std::fs::read_to_string(PathBuf::from(&data).join("postmaster.pid"))?;
    let pid = pid.lines().next().context("no process in postmaster.pid")?.to_owned();
    let lag = silent.elapsed().as_secs_f64();
    Command::new("kill").args(["-KILL", sender, &pid]).status()?;
    load.wait()?;
    let acked = acknowledged(cluster)?;
    let copy = cluster.data(1);
    cluster.run("pg_ctl", &["-D", &copy, "-w", "promote"])?;
    let kept: f64 = cluster.sql(1, "select count(*) from w")?.trim().parse()?;
    let (expected, real) = (RATE * lag, acked - kept);
    let (mean, half) = engine_lost();
    let conditions = [
        // A Poisson number, within four standard deviations.
        ("PostgreSQL lost another number", (real - expected).abs() <= 4.0 * f64::sqrt(expected)),
        ("the engine is off", (mean / (RATE * SILENT) - 1.0).abs() <= 0.05),
    ];
    Ok(row(
        &format!("{RATE} writes per second, nothing sent for {SILENT} s before the crash"),
        "acknowledged writes lost",
        format!("{expected:.0} (rate × {lag:.2} s)"),
        format!("{real:.0} of {acked:.0}"),
        format!("{mean:.1} ± {half:.1}"),
        verdict(&conditions),
    ))
}

/// Writes that pgbench was told are done: one line each in its log.
fn acknowledged(cluster: &Cluster) -> Result<f64> {
    let logs =
        std::fs::read_dir(&cluster.folder)?.flatten().filter(|e| e.file_name().to_string_lossy().starts_with("acked"));
    let lines = logs.map(|log| Ok(std::fs::read_to_string(log.path())?.lines().count()));
    Ok(lines.sum::<Result<usize>>()? as f64)
}

fn engine_lost() -> (f64, f64) {
    let case = replication::lost(RATE, SILENT * 1e3, "async");
    let lost: Vec<f64> = (1..=50).filter_map(|s| Run::number(&replicate(&case, s), "/requests/writes_lost")).collect();
    Estimate::of(&lost).map_or((f64::NAN, f64::NAN), |e| (e.mean, e.half.unwrap_or(f64::NAN)))
}
