//! The programs as they are hosted, bound to JavaScript: the page's, compiled for size and cut in two; and the worker's,
//! compiled for speed, which takes over once the run shows.
//!
//! A first visit needs half of what the page can do. Where the cut runs, `src/app/later.rs` says: whatever only its one
//! marked function reaches goes into a file of its own, functions and data alike. That is worked out from the linker's
//! relocations, so it has to happen before wasm-bindgen sees the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use anyhow::{Context, Result};

use crate::shell::{cargo, command, root, run, target};
use crate::tools;

/// The second file, fetched once the page runs.
pub const LATER: &str = "app_later.wasm";
/// The worker's program, fetched last; see `src/app/relief.rs`.
pub const ENGINE: [&str; 2] = ["engine.js", "engine_bg.wasm"];
/// The first one.
const FIRST: &str = "app_bg.wasm";
/// What the first part imports its loader from: a module that exists only until [`link`] puts the loader in its place.
const LOADER: &str = "./__wasm_split.js";

/// A panic that stops at once, without words or places. Words cost 30 kB after brotli, and whoever looks for a bug has
/// them in `cargo xtask serve`: a page that stopped shows the same there. It makes the engine a little faster, too.
const FLAGS: &str = "'-Zunstable-options', '-Cpanic=immediate-abort', '-Zlocation-detail=none'";
/// That needs a standard library of our own making.
const STANDARD_LIBRARY: &str = "-Zbuild-std=std,panic_abort";

/// What the compiler uses beyond the first version of wasm; the second part no longer says so itself.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds both programs into `dist`: `app.js`, [`FIRST`] and [`LATER`]; and [`ENGINE`].
pub fn build(dist: &Path) -> Result<()> {
    run(for_speed().args([
        "--package",
        "loadstone",
        "--bin",
        "engine",
        "--no-default-features",
        "--features",
        "engine",
    ]))?;
    bind_fast("engine", dist)?;
    let whole = compile()?;
    let parts = root().join(format!("target/parts-{}", process::id()));
    fs::create_dir_all(&parts)?;
    let result = divide(&whole, &parts).and_then(|()| bind(&parts, dist));
    fs::remove_dir_all(&parts)?;
    result
}

/// Cargo, told to build for the browser with these flags and those above.
fn build_for_web(flags: &str, profile: &str) -> Command {
    let mut build = cargo(["build", "--locked", "--target", tools::WASM, "--profile", profile, STANDARD_LIBRARY]);
    build.args(["--config", &format!("target.{}.rustflags=[{flags}{FLAGS}]", tools::WASM)]);
    // The compiler is a stable one; this lets it do the two things that only nightly ones do unasked.
    build.env("RUSTC_BOOTSTRAP", "1");
    build
}

/// Cargo, told to build for the browser and for speed; [`bind_fast`] goes on from there.
pub fn for_speed() -> Command {
    build_for_web("'-Cllvm-args=--inline-threshold=500', '-Cllvm-args=--inlinehint-threshold=4000', ", "release")
}

/// Binds a program or library that was built [`for_speed`] to JavaScript, and lets the optimizer go over it.
pub fn bind_fast(name: &str, dir: &Path) -> Result<()> {
    let built = target().join(tools::WASM).join("release").join(format!("{name}.wasm"));
    let mut bindgen = command(tools::WASM_BINDGEN.bring()?.join("wasm-bindgen"));
    run(bindgen.args(["--target", "web", "--no-typescript", "--out-name", name, "--out-dir"]).arg(dir).arg(built))?;
    let wasm = dir.join(format!("{name}_bg.wasm"));
    optimize("-O3", &wasm, &wasm)
}

/// The whole program, with the relocations and names that cutting it needs.
fn compile() -> Result<PathBuf> {
    let mut build = build_for_web("'-Clink-arg=--emit-relocs', ", "web");
    build.arg("-Zbuild-std-features=optimize_for_size");
    run(build.args(["--package", "loadstone", "--bin", "app", "--no-default-features", "--features", "split"]))?;
    Ok(target().join(tools::WASM).join("web/app.wasm"))
}

/// Cuts the program in two.
fn divide(whole: &Path, parts: &Path) -> Result<()> {
    let mut cut = command(tools::WASM_SPLIT.bring()?.join("wasm-split-cli"));
    run(cut.arg(whole).arg(parts).args(["--out-name", "app"]))?;
    fs::rename(parts.join("split_later.wasm"), parts.join(LATER)).context("nothing was cut off the program")
}

/// Binds the first part to JavaScript, makes both smaller and lets the one load the other.
fn bind(parts: &Path, dist: &Path) -> Result<()> {
    let mut bindgen = command(tools::WASM_BINDGEN.bring()?.join("wasm-bindgen"));
    // The second part uses the linker's names for memory, table and stack.
    bindgen.args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", "app", "--out-dir"]);
    run(bindgen.arg(parts).arg(parts.join("app.wasm")))?;
    let script = fs::read_to_string(parts.join("app.js"))?;
    let numbers = numbers(&script);
    let first = fs::read(parts.join(FIRST))?;
    fs::write(parts.join(FIRST), numbered(first, &numbers))?;
    for name in [FIRST, LATER] {
        optimize("-Oz", &parts.join(name), &dist.join(name))?;
    }
    Ok(fs::write(dist.join("app.js"), numbered(link(&script)?.into_bytes(), &numbers))?)
}

/// How many digits a hash in the name of an import has.
const HASH: usize = 16;

/// The hashes by which wasm-bindgen tells imports apart, in order of appearance, each with a number as long.
///
/// Nothing compresses a hash, and every name stands in the script and in the program: numbers save 5 kB after brotli.
fn numbers(script: &str) -> Vec<(String, String)> {
    let mut hashes = Vec::new();
    for (at, _) in script.match_indices("__wbg_") {
        let name: String = script[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let hash = name.rsplit('_').next().unwrap_or_default();
        let is_hash = hash.len() == HASH && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if is_hash && !hashes.iter().any(|known| known == hash) {
            hashes.push(hash.to_owned());
        }
    }
    hashes.into_iter().enumerate().map(|(n, hash)| (hash, format!("{n:0HASH$}"))).collect()
}

/// The text or program with a number in place of each hash. Both are as long, so no length in a program changes.
fn numbered(mut text: Vec<u8>, numbers: &[(String, String)]) -> Vec<u8> {
    for at in 0..text.len().saturating_sub(HASH) {
        if text[at] == b'_'
            && let Some(place) = text.get_mut(at + 1..=at + HASH)
            && let Some((_, number)) = numbers.iter().find(|(hash, _)| place == hash.as_bytes())
        {
            place.copy_from_slice(number.as_bytes());
        }
    }
    text
}

/// Lets wasm-opt write a smaller or faster version of a file.
pub fn optimize(level: &str, from: &Path, to: &Path) -> Result<()> {
    let mut optimizer = command(tools::WASM_OPT.bring()?.join("wasm-opt"));
    optimizer.args([level, "--strip-debug", "--strip-producers", "--mvp-features"]).args(FEATURES);
    run(optimizer.arg("--output").arg(to).arg(from))
}

/// The script with the loader of the second part in place of the import that asks for it.
fn link(script: &str) -> Result<String> {
    let import = script
        .lines()
        .find(|line| line.starts_with("import ") && line.contains(LOADER))
        .context("wasm-bindgen's script does not import the loader of the second part")?;
    let name = import.split_whitespace().nth(3).context("an import of another form than `import * as name from`")?;
    let loader = include_str!("later.js").replace("LOADER", name).replace("LATER", LATER);
    Ok(script.replacen(import, "", 1) + &loader)
}

#[cfg(test)]
mod tests {
    use super::{link, numbered, numbers};

    #[test]
    fn hashes_of_imports_become_numbers_of_the_same_length() {
        let script = "a.__wbg_new_00ff00ff00ff00ff = f; b.__wbg_get_imports(); c.__wbg_new_0123456789abcdef = g;";
        let numbers = numbers(script);
        let text = |of: &str| String::from_utf8(numbered(of.into(), &numbers)).unwrap();
        assert_eq!(
            text(script),
            "a.__wbg_new_0000000000000000 = f; b.__wbg_get_imports(); c.__wbg_new_0000000000000001 = g;"
        );
        assert_eq!(text("\x1e__wbg_new_0123456789abcdef"), "\x1e__wbg_new_0000000000000001");
        assert_eq!(text("00ff00ff00ff00ff"), "00ff00ff00ff00ff", "what is not the end of a name is left alone");
    }

    #[test]
    fn the_loader_takes_the_place_of_its_import() {
        let linked = link("import * as import1 from \"./__wasm_split.js\"\nlet wasm;\n").unwrap();
        assert!(!linked.contains("__wasm_split.js"), "the import is still there: {linked}");
        assert!(linked.contains("const import1 ="), "the loader has another name than the import had: {linked}");
        assert!(linked.contains("./app_later.wasm"), "the loader does not name the second part: {linked}");
    }
}
