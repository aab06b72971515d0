//! The program as it is hosted: compiled for size, cut in two, bound to JavaScript.
//!
//! A first visit needs half of what the page can do. Where the cut runs, `src/app/later.rs` says: whatever only its one
//! marked function reaches goes into a file of its own, functions and data alike. That is worked out from the linker's
//! relocations, so it has to happen before wasm-bindgen sees the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result};

use crate::shell::{cargo, command, root, run, target};
use crate::tools;

/// The second file, fetched once the page runs.
pub const LATER: &str = "app_later.wasm";
/// The first one.
const FIRST: &str = "app_bg.wasm";
/// What the first part imports its loader from: a module that exists only until [`link`] puts the loader in its place.
const LOADER: &str = "./__wasm_split.js";

/// Relocations for the cut; and a panic that stops at once, without words or places. Words cost 30 kB after brotli, and
/// whoever looks for a bug has them in `cargo xtask serve`: a page that stopped shows the same there.
const FLAGS: &str =
    "'-Clink-arg=--emit-relocs', '-Zunstable-options', '-Cpanic=immediate-abort', '-Zlocation-detail=none'";
/// That needs a standard library of our own making, for size like everything else.
const STANDARD_LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

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

/// Builds the program into `dist`: `app.js`, [`FIRST`] and [`LATER`].
pub fn build(dist: &Path) -> Result<()> {
    let whole = compile()?;
    let parts = root().join(format!("target/parts-{}", process::id()));
    fs::create_dir_all(&parts)?;
    let result = divide(&whole, &parts).and_then(|()| bind(&parts, dist));
    fs::remove_dir_all(&parts)?;
    result
}

/// The whole program, with the relocations and names that cutting it needs.
fn compile() -> Result<PathBuf> {
    let mut build = cargo(["build", "--locked", "--package", "loadstone", "--bin", "app"]);
    build.args(["--no-default-features", "--features", "split", "--profile", "web", "--target", tools::WASM]);
    build.args(["--config", &format!("target.{}.rustflags=[{FLAGS}]", tools::WASM)]);
    // The compiler is a stable one; this lets it do the two things that only nightly ones do unasked.
    build.args(STANDARD_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
    run(&mut build)?;
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
    let optimizer = tools::WASM_OPT.bring()?.join("wasm-opt");
    for name in [FIRST, LATER] {
        let mut optimize = command(&optimizer);
        optimize.args(["-Oz", "--strip-debug", "--strip-producers", "--mvp-features"]).args(FEATURES).arg("--output");
        run(optimize.arg(dist.join(name)).arg(parts.join(name)))?;
    }
    let script = fs::read_to_string(parts.join("app.js"))?;
    Ok(fs::write(dist.join("app.js"), link(&script)?)?)
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
    use super::link;

    #[test]
    fn the_loader_takes_the_place_of_its_import() {
        let linked = link("import * as import1 from \"./__wasm_split.js\"\nlet wasm;\n").unwrap();
        assert!(!linked.contains("__wasm_split.js"), "the import is still there: {linked}");
        assert!(linked.contains("const import1 ="), "the loader has another name than the import had: {linked}");
        assert!(linked.contains("./app_later.wasm"), "the loader does not name the second part: {linked}");
    }
}
