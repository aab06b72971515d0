//! The size of the first load, as a host that compresses would send it, against its limit.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::root;
use crate::{dist, program};

/// What a first visit may load at most, in bytes after brotli.
const LIMIT: usize = 350_000;

/// What a first visit does not wait for: the second part of the program and the worker made for speed, fetched once the
/// run shows, and what nobody loads before following a link to it.
const LATER: [&str; 7] = [
    "later.css",
    "offline.js",
    program::LATER,
    program::ENGINE[0],
    program::ENGINE[1],
    "validation.html",
    "validation.css",
];

/// `cargo xtask size`. Lists every file of the built page, and adds up those that a first visit loads.
pub fn run() -> Result<()> {
    let mut files = Vec::new();
    collect(&dist::dir(), &mut files).context("no built page: run `cargo xtask dist` first")?;
    files.sort();
    let mut total = 0;
    for file in &files {
        let raw = fs::read(file)?;
        let sent = brotli(&raw)?;
        let name = file.strip_prefix(dist::dir()).unwrap_or(file);
        let later = LATER.iter().any(|later| name == Path::new(later)) || is_of_a_language(name);
        if !later {
            total += sent;
        }
        let (raw, sent) = (raw.len() as f64 / 1e3, sent as f64 / 1e3);
        println!("{raw:>9.1} kB {sent:>9.1} kB brotli  {}{}", name.display(), if later { " (later)" } else { "" });
    }
    let kb = |bytes: usize| bytes as f64 / 1e3;
    println!("first load: {:.1} kB brotli in all; limit {:.0} kB", kb(total), kb(LIMIT));
    if total > LIMIT {
        bail!("the first load is {} bytes over its limit of {LIMIT}", total - LIMIT);
    }
    Ok(())
}

/// Whether these are the texts of a language: only those load them who read it, and English has none.
fn is_of_a_language(name: &Path) -> bool {
    root().join("src/texts").join(name).is_file()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
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
