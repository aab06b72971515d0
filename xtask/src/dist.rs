//! The page as it is hosted: page and worker at release settings, made small, in `dist/`.
//!
//! Every address in it is relative, so the folder works under any path of any host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::root;
use crate::{program, tools};

/// `cargo xtask dist`.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::std_source()?;
    tools::crates()?;
    // Only a build that succeeds takes the place of the one before.
    let draft = root().join("target/dist");
    let _ = fs::remove_dir_all(&draft);
    fs::create_dir_all(&draft)?;
    program::build(&draft)?;
    let page = assemble(&fs::read_to_string(root().join("index.html"))?, &draft)?;
    only_relative_addresses(&page)?;
    fs::write(draft.join("index.html"), page)?;
    stamp(&draft)?;
    let _ = fs::remove_dir_all(dir());
    fs::rename(&draft, dir()).context("could not put the built page in its place")?;
    println!("the page is in {}", dir().display());
    Ok(())
}

/// Copies what index.html's links for Trunk name, and returns the page with ordinary links in their place. Trunk itself
/// only serves the page while it is worked on: it knows no program in two parts.
fn assemble(page: &str, dist: &Path) -> Result<String> {
    let mut made = String::new();
    for line in page.lines() {
        let attribute = |name: &str| line.split_once(&format!(" {name}=\"")).and_then(|(_, v)| v.split('"').next());
        if !line.contains("data-trunk") {
            made.push_str(line);
            made.push('\n');
            continue;
        }
        let rel = attribute("rel").context("a link for Trunk without rel")?;
        if rel == "rust" {
            continue;
        }
        let from = root().join(attribute("href").with_context(|| format!("a link for Trunk without href: {line}"))?);
        let name = from.file_name().context("a link for Trunk that names no file")?;
        fs::copy(&from, dist.join(name)).with_context(|| format!("could not copy {}", from.display()))?;
        match rel {
            "copy-file" => {}
            "css" => made.push_str(&format!("    <link rel=\"stylesheet\" href=\"./{}\">\n", name.to_string_lossy())),
            other => bail!("index.html has a link of a kind that this does not know: {other}"),
        }
    }
    Ok(made)
}

/// Where the built page goes.
pub fn dir() -> PathBuf {
    root().join("dist")
}

/// An address that begins at the host's root would break the page everywhere but there.
fn only_relative_addresses(page: &str) -> Result<()> {
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
fn stamp(dist: &Path) -> Result<()> {
    let files = files(dist)?;
    // FNV-1a: it has to differ when a build differs, and resist nobody.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for file in &files {
        for byte in fs::read(file)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let index = dist.join("index.html");
    let page = fs::read_to_string(&index)?;
    let stamped = page.replacen("<html ", &format!("<html data-build=\"{hash:016x}\" "), 1);
    if stamped == page {
        bail!("index.html has no <html …> to write the build's fingerprint into");
    }
    fs::write(index, stamped)?;
    keep_offline(dist, &files, &format!("{hash:016x}"))
}

/// The script of the service worker.
const OFFLINE: &str = "offline.js";

/// Tells the service worker which release this is and which files belong to it: all but itself, and the page by its address.
fn keep_offline(dist: &Path, files: &[PathBuf], build: &str) -> Result<()> {
    let names = files.iter().filter_map(|f| f.file_name()).map(|name| name.to_string_lossy().into_owned());
    let names = names.filter(|name| name != OFFLINE && name != "index.html").map(|name| format!("./{name}"));
    let names: Vec<String> = std::iter::once("./".to_owned()).chain(names).collect();
    let script = fs::read_to_string(dist.join(OFFLINE))?;
    let filled = script.replacen("const BUILD = \"\";", &format!("const BUILD = \"{build}\";"), 1).replacen(
        "const FILES = [];",
        &format!("const FILES = {names:?};"),
        1,
    );
    if !filled.contains(build) || !filled.contains("./app.js") {
        bail!("{OFFLINE} has no `const BUILD = \"\";` and `const FILES = [];` to fill in");
    }
    Ok(fs::write(dist.join(OFFLINE), filled)?)
}

/// The files of a folder, in the order of their names.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    Ok(files)
}
