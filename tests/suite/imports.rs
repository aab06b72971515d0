//! Imports point one way only. The order of the modules is the order of `src/ARCHITECTURE.md`; what comes
//! later may use what comes earlier, never the other way round. Rust itself would allow any ring.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library from the bottom up. Those in one row may not use each other.
const ORDER: &[&[&str]] = &[
    &["order", "slots"],
    &["texts"],
    &["time"],
    &["rng"],
    &["dist"],
    &["agenda"],
    &["scenario"],
    &["component"],
    &["codec"],
    &["check"],
    &["engine"],
    &["metrics"],
    &["theory"],
    &["cost", "mermaid", "stack"],
    &["editor"],
    &["scene"],
    &["why", "drill", "sweep", "lesson", "gallery", "glossary"],
    &["chooser"],
    &["worker"],
];

/// Crates that know a browser or a terminal. Only the programs may use them.
const PROGRAMS_ONLY: &[&str] = &[
    "leptos",
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "serde_wasm_bindgen",
    "clap",
    "std::fs",
    "std::process",
    "std::net",
];

fn level(module: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&module))
}

/// Every source file under `dir`, the programs aside.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the sources can be listed") {
        let path = entry.expect("the sources can be listed").path();
        let name = path.file_name().expect("a listed file has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "app" && name != "cli" {
                sources(&path, found);
            }
        } else if name.ends_with(".rs") && name != "cli.rs" && name != "lib.rs" {
            found.push(path);
        }
    }
}

/// The code of a file up to its unit tests, without comments: what a test or a sentence names is no import.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file can be read");
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    before_tests.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that `code` names after `crate::`, also within one pair of braces.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let rest = &code[at + start.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            modules.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => modules.push(word(std::mem::take(&mut item).trim())),
                c if depth == 0 => item.push(c),
                _ => {}
            }
        }
        modules.push(word(item.trim()));
    }
    modules.retain(|module| !module.is_empty());
    modules
}

#[test]
fn imports_point_up_the_list_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.sort();
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&src).expect("it lies in src").to_string_lossy().replace('\\', "/");
        let module = inside.split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some(own) = level(&module) else {
            wrong.push(format!("src/{inside}: the module `{module}` has no place in ORDER: give it one"));
            continue;
        };
        let code = code(file);
        for other in named(&code) {
            match level(&other) {
                Some(theirs) if theirs > own || (theirs == own && other != module) => {
                    wrong.push(format!("src/{inside}: `{module}` uses `{other}`, which stands above it"));
                }
                Some(_) => {}
                None => wrong.push(format!("src/{inside}: uses `crate::{other}`, which is no module in ORDER")),
            }
        }
        for outside in PROGRAMS_ONLY {
            if code.contains(&format!("{outside}::")) {
                wrong.push(format!("src/{inside}: uses `{outside}`, which only src/app and src/cli may"));
            }
        }
    }
    assert!(files.len() > 10, "found only {files:?}: is the search for source files broken?");
    assert!(wrong.is_empty(), "imports in a direction that is not allowed:\n{}", wrong.join("\n"));
}

#[test]
fn every_form_of_import_is_seen() {
    let code =
        "use crate::time::Nanos;\nuse crate::{rng, engine::{self, Queue}, scene};\nfn f() { crate::check::all() }";
    assert_eq!(named(code), ["time", "rng", "engine", "scene", "check"]);
}
