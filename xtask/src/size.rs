//! The size of the first load, as a host that compresses would send it, against its limit.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::dist;

/// What a first visit is meant to load at most, in bytes after brotli.
const GOAL: usize = 350_000;
/// What it may load today. The goal is not reached yet; until it is, this only ever goes down.
const LIMIT: usize = 490_000;

/// What nobody loads before following a link to it.
const LATER: [&str; 2] = ["validation.html", "validation.css"];

/// `cargo xtask size`. Counts every file of the built page but those that wait behind a link.
pub fn run() -> Result<()> {
    let mut files = Vec::new();
    collect(&dist::dir(), &mut files).context("no built page: run `cargo xtask dist` first")?;
    files.retain(|file| !LATER.iter().any(|later| file.ends_with(later)));
    files.sort();
    let mut total = 0;
    for file in &files {
        let raw = fs::read(file)?;
        let sent = brotli(&raw)?;
        total += sent;
        let name = file.strip_prefix(dist::dir()).unwrap_or(file);
        println!("{:>9.1} kB {:>9.1} kB brotli  {}", raw.len() as f64 / 1e3, sent as f64 / 1e3, name.display());
    }
    let kb = |bytes: usize| bytes as f64 / 1e3;
    println!("first load: {:.1} kB brotli in all; goal {:.0} kB, limit {:.0} kB", kb(total), kb(GOAL), kb(LIMIT));
    if total > LIMIT {
        bail!("the first load is {} bytes over its limit of {LIMIT}", total - LIMIT);
    }
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        // Trunk's staging folder, if a build was stopped half way.
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The size after compression at the strongest setting, which hosts use for files that do not change.
fn brotli(data: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 11, 22);
    writer.write_all(data)?;
    drop(writer);
    Ok(out.len())
}
