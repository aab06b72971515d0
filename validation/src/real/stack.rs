//! Exported stacks: the real programs accept every configuration, also of a document with hostile names, and a stack
//! without containers answers on this machine's loopback, a crash included.

use super::{Daemon, Folder, find, ports, row, until, verdict};
use crate::report::Row;
use anyhow::{Context, Result, ensure};
use loadstone::codec;
use loadstone::scenario::Scenario;
use loadstone::stack::{self, Stack};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// What a stranger may have called things.
const HOSTILE: [&str; 6] = [
    "web # server evil 203.0.113.9:80",
    "a\"; } http { include /etc/passwd; #",
    "../../../tmp/x",
    "${HOME}$(id)`id`",
    "\u{2028}- privileged: true",
    "|<script>x</script>|",
];

const SECONDS: f64 = 8.0;
const RATE: f64 = 50.0;

pub fn rows() -> Result<Vec<Row>> {
    let mut designs: Vec<(String, Scenario)> =
        codec::examples().iter().map(|e| (e.slug.to_owned(), e.scenario.clone())).collect();
    designs.push(("hostile names".into(), hostile()?));
    for health in [json!({}), Value::Null] {
        for algorithm in ["round_robin", "least_connections", "random", "power_of_two", "ip_hash", "consistent_hash"] {
            designs.push((format!("{algorithm}, checks {health}"), balanced(algorithm, &health)?));
        }
    }
    let mut files = 0;
    for (name, design) in &designs {
        let stack = stack::export(design).map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
        files += accepted(&stack).with_context(|| format!("the stack of {name}"))?;
    }
    let accepted = row(
        "an exported stack",
        &format!("designs whose configurations nginx, HAProxy, Python and sh accept, of {}", designs.len()),
        designs.len().to_string(),
        designs.len().to_string(),
        format!("{files} files written"),
        verdict(&[("some have configurations", files > designs.len())]),
    );
    Ok(vec![accepted, answers()?])
}

fn read(document: &Value) -> Result<Scenario> {
    let (scenario, problems) = codec::read(&document.to_string());
    scenario.with_context(|| format!("{problems:?}"))
}

/// Every kind of node, called what nobody should be called.
fn hostile() -> Result<Scenario> {
    let kinds = ["server", "load_balancer", "cdn", "database", "cache", "users"];
    let nodes = kinds.iter().zip(HOSTILE).map(|(kind, id)| {
        json!({"id": id, "kind": kind, "name": format!("{id}\n    server evil 203.0.113.9:80\r\n"), "zone": id})
    });
    let [server, balancer, cdn, database, cache, users] = HOSTILE;
    let pairs =
        [(users, balancer), (users, cdn), (balancer, server), (cdn, server), (server, database), (server, cache)];
    let links = pairs.iter().map(|(from, to)| json!({"from": from, "to": to}));
    read(
        &json!({"loadstone": 1, "name": HOSTILE[0], "nodes": nodes.collect::<Value>(), "links": links.collect::<Value>()}),
    )
}

/// Users, a balancer and two servers of unequal weight.
fn balanced(algorithm: &str, health: &Value) -> Result<Scenario> {
    read(&json!({"loadstone": 1, "run_s": SECONDS, "nodes": [
        {"id": "users", "kind": "users", "params": {"rate_rps": RATE, "write_share": 0.2, "clients": 20}},
        {"id": "lb", "kind": "load_balancer", "params": {"algorithm": algorithm, "health": health, "max_fails": 3}},
        {"id": "a", "kind": "server", "params": {"cores": 1, "service_ms": 2}},
        {"id": "b", "kind": "server", "params": {"cores": 1, "service_ms": 2}}],
      "links": [{"from": "users", "to": "lb"}, {"from": "lb", "to": "a", "params": {"weight": 2}},
        {"from": "lb", "to": "b"}]}))
}

/// Has every file of a stack read by the program that it is for; how many there were.
fn accepted(stack: &Stack) -> Result<usize> {
    let folder = Folder::new("stack-files")?;
    write(stack, folder.path())?;
    let mut count = 0;
    for file in &stack.files {
        let path = folder.path().join(&file.path);
        let checked = match file.path.rsplit('.').next() {
            Some("cfg") => Some(Command::new(program("haproxy")?).args(["-c", "-f"]).arg(&path).output()?),
            Some("conf") => {
                // nginx looks every name up, and makes its folders; here are neither.
                let local = here(&file.text).replace("/var/cache/nginx", &folder.path().display().to_string());
                let local = folder.write("nginx.conf", &format!("pid {}/pid;\n{local}", folder.path().display()))?;
                Some(Command::new(program("nginx")?).arg("-t").arg("-c").arg(local).output()?)
            }
            Some("py") => Some(Command::new(program("python3")?).args(["-m", "py_compile"]).arg(&path).output()?),
            Some("sh") => Some(Command::new("sh").arg("-n").arg(&path).output()?),
            Some("json") => {
                serde_json::from_str::<Value>(&file.text).with_context(|| file.path.clone())?;
                None
            }
            _ => None,
        };
        if let Some(output) = checked {
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "{} is refused: {said}", file.path);
        }
        count += 1;
    }
    Ok(count)
}

/// A configuration of nginx whose servers are all on this machine.
fn here(text: &str) -> String {
    let line = |line: &str| match line.trim_start().strip_prefix("server ").and_then(|rest| rest.split_once(':')) {
        Some((_, rest)) if rest.starts_with("8080 ") => format!("server 127.0.0.1:{rest}"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn program(name: &str) -> Result<std::path::PathBuf> {
    find(name).with_context(|| format!("{name} is not there"))
}

fn write(stack: &Stack, folder: &Path) -> Result<()> {
    for file in &stack.files {
        let path = folder.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, &file.text)?;
    }
    Ok(())
}

/// Runs a stack's balancer, services and load script as processes; one of the two servers is killed half-way.
fn answers() -> Result<Row> {
    let design = balanced("round_robin", &json!({"interval_ms": 500, "fall": 2}))?;
    let stack = stack::export(&design).map_err(anyhow::Error::msg)?;
    let folder = Folder::new("stack")?;
    write(&stack, folder.path())?;
    let ports = ports(3)?;
    for (file, port) in [("service/a.json", ports[0]), ("service/b.json", ports[1])] {
        let mut settings: Value = serde_json::from_str(&fs::read_to_string(folder.path().join(file))?)?;
        settings["host"] = json!("127.0.0.1");
        settings["port"] = json!(port);
        folder.write(file, &settings.to_string())?;
    }
    let place = |text: String| {
        let text = text.replace(" a:8080", &format!(" 127.0.0.1:{}", ports[0]));
        let text = text.replace(" b:8080", &format!(" 127.0.0.1:{}", ports[1]));
        let text = text.replace("bind :8080", &format!("bind 127.0.0.1:{}", ports[2]));
        text.replace("lb:8080", &format!("127.0.0.1:{}", ports[2]))
    };
    for file in ["balancer/lb.cfg", "load/load.json"] {
        let text = fs::read_to_string(folder.path().join(file))?;
        folder.write(file, &place(text))?;
    }
    let python = |script: &str, settings: &str| -> Result<Command> {
        let mut command = Command::new(program("python3")?);
        command.env("PYTHONPATH", folder.path().join("service")).current_dir(folder.path()).args([script, settings]);
        Ok(command)
    };
    let _a = Daemon::start(&mut python("service/service.py", "service/a.json")?)?;
    let b = Daemon::start(&mut python("service/service.py", "service/b.json")?)?;
    for port in &ports[..2] {
        until("a service to listen", || TcpStream::connect(("127.0.0.1", *port)).ok())?;
    }
    let mut balancer = Command::new(program("haproxy")?);
    let _balancer = Daemon::start(balancer.arg("-db").arg("-f").arg(folder.path().join("balancer/lb.cfg")))?;
    until("the balancer to listen", || TcpStream::connect(("127.0.0.1", ports[2])).ok())?;
    let killer = thread::spawn(move || {
        thread::sleep(Duration::from_secs_f64(SECONDS / 2.0));
        drop(b);
    });
    let output = python("load/load.py", "load/load.json")?.output()?;
    killer.join().map_err(|_| anyhow::anyhow!("the server could not be killed"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&told)
        .with_context(|| format!("the load script said {told:?} {:?}", String::from_utf8_lossy(&output.stderr)))?;
    let (ok, failed) = (report[0]["ok"].as_f64().unwrap_or(0.0), report[0]["failed"].as_f64().unwrap_or(f64::NAN));
    let expected = RATE * SECONDS;
    // Three standard deviations of a Poisson number; a write that the killed server had in hand may be lost.
    let near = (ok + failed - expected).abs() <= 3.0 * expected.sqrt();
    Ok(row(
        "an exported stack",
        &format!("requests in {SECONDS} s at {RATE}/s, one of two servers killed half-way: sent, failed"),
        format!("{expected}, at most 2"),
        format!("{}, {failed}", ok + failed),
        "not compared".into(),
        verdict(&[("as many as the design's rate", near), ("two failed at most", failed <= 2.0)]),
    ))
}
