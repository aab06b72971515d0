//! The page as it is hosted: page and worker at release settings, made small, in `dist/`.
//!
//! Every address in it is relative, so the folder works under any path of any host.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{self, command, prepend_path, root};
use crate::tools;

/// `cargo xtask dist`.
pub fn run() -> Result<()> {
    let mut build = trunk(&["build", "--release", "--cargo-profile", "web"])?;
    build.args(["--public-url", "./", "--dist"]).arg(dir());
    shell::run(&mut build)?;
    only_relative_addresses()?;
    stamp()?;
    println!("the page is in {}", dir().display());
    Ok(())
}

/// Where the built page goes.
pub fn dir() -> PathBuf {
    root().join("dist")
}

/// Trunk with everything it needs on its search path. The crates are fetched first, if any is missing, so
/// that Trunk itself can be held off the network.
pub fn trunk(args: &[&str]) -> Result<Command> {
    tools::wasm_target()?;
    let paths = tools::FOR_THE_PAGE.iter().map(|tool| tool.bring()).collect::<Result<Vec<_>>>()?;
    tools::crates()?;
    let mut trunk = command("trunk");
    prepend_path(&mut trunk, &paths)?;
    trunk.args(args).args(["--offline", "--skip-version-check"]);
    // Trunk reads this as a yes or no, other programs as a mere presence.
    trunk.env_remove("NO_COLOR");
    Ok(trunk)
}

/// An address that begins at the host's root would break the page everywhere but there.
fn only_relative_addresses() -> Result<()> {
    let page = fs::read_to_string(dir().join("index.html")).context("Trunk wrote no index.html")?;
    for start in ["href=\"/", "src=\"/", "'/", "url(/"] {
        if let Some(at) = page.find(start) {
            let shown: String = page[at..].chars().take(60).collect();
            bail!("index.html has an address that is not relative: {shown}");
        }
    }
    Ok(())
}

/// Writes a fingerprint of the whole build into the page, which appends it to the addresses of the files that
/// it loads: a browser never mixes the cached files of two releases.
fn stamp() -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir())?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    // FNV-1a: it has to differ when a build differs, and resist nobody.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for file in &files {
        for byte in fs::read(file)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let index = dir().join("index.html");
    let page = fs::read_to_string(&index)?;
    let stamped = page.replacen("<html ", &format!("<html data-build=\"{hash:016x}\" "), 1);
    if stamped == page {
        bail!("index.html has no <html …> to write the build's fingerprint into");
    }
    Ok(fs::write(index, stamped)?)
}
