//! The page on this machine, built quickly and rebuilt whenever a file changes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::shell::{command, prepend_path, root};
use crate::tools;

const FIRST_PORT: u16 = 8080;

/// `cargo xtask serve`: prints the address once the page can be opened there, and serves until stopped.
pub fn run(port: Option<u16>) -> Result<()> {
    let port = free_port(port)?;
    // Its own folder: what `dist` built stays what it is.
    let folder = root().join("target/serve");
    std::fs::create_dir_all(&folder)?;
    const BUILD: [&str; 4] = ["--cargo-profile", "quick", "--public-url", "/"];
    println!("building the page; the first time takes some minutes");
    // Built before anything is watched: trunk's watcher can fail on the files that a first build makes, and then nothing is served.
    let built = trunk(&["build"])?.args(BUILD).arg("--dist").arg(&folder).status().context("could not start trunk")?;
    if !built.success() {
        bail!("the page could not be built ({built})");
    }
    let mut trunk = trunk(&["serve", "--no-autoreload", "true", "--disable-address-lookup", "true"])?;
    trunk.args(BUILD).arg("--dist").arg(folder).args(["--address", "127.0.0.1", "--port", &port.to_string()]);
    let mut child = trunk.spawn().context("could not start trunk")?;
    while !answers(port) {
        if let Some(status) = child.try_wait()? {
            bail!("trunk stopped before the page was served ({status})");
        }
        thread::sleep(Duration::from_millis(200));
    }
    println!("\nLoadstone runs at http://127.0.0.1:{port}/  (Ctrl+C stops it)\n");
    let status = child.wait()?;
    if !status.success() {
        bail!("trunk stopped ({status})");
    }
    Ok(())
}

/// The asked-for port, or the first free one.
fn free_port(asked: Option<u16>) -> Result<u16> {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match asked {
        Some(port) if free(&port) => Ok(port),
        Some(port) => bail!("port {port} is taken: choose another with --port"),
        None => (FIRST_PORT..FIRST_PORT + 100).find(free).context("no free port from 8080 to 8179: use --port"),
    }
}

/// Whether the page itself is served, not merely the port open.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET / HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n")?;
        let mut head = [0; 64];
        let read = stream.read(&mut head)?;
        Ok(String::from_utf8_lossy(&head[..read]).into_owned())
    };
    ask().is_ok_and(|head| head.split(' ').nth(1) == Some("200"))
}

/// Trunk with everything it needs on its search path. The crates are fetched first, if any is missing, so
/// that Trunk itself can be held off the network.
fn trunk(args: &[&str]) -> Result<Command> {
    tools::wasm_target()?;
    let paths = tools::FOR_TRUNK.iter().map(|tool| tool.bring()).collect::<Result<Vec<_>>>()?;
    tools::crates()?;
    let mut trunk = command("trunk");
    prepend_path(&mut trunk, &paths)?;
    trunk.args(args).args(["--offline", "--skip-version-check"]);
    // Trunk reads this as a yes or no, other programs as a mere presence.
    trunk.env_remove("NO_COLOR");
    Ok(trunk)
}
