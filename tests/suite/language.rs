//! Every text of the page has its translation, and nothing else has: keys are read off the sources and the tables, and held
//! against the file of each language. English needs no proof, because its texts are the keys.

use loadstone::component::{KINDS, Param, Type, prices, slo};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Where every sentence reaches the page, if only by `texts::said`. All of the page and of the scene are, too.
const SPEAKING: &[&str] = &[
    "check.rs",
    "check/design.rs",
    "check/links.rs",
    "check/machines.rs",
    "check/params.rs",
    "check/replication.rs",
    "check/timeline.rs",
    "check/topology.rs",
    "chooser.rs",
    "codec/examples.rs",
    "codec/problem.rs",
    "codec/table.rs",
    "component/link.rs",
    "component/param.rs",
    "cost/rates.rs",
    "drill.rs",
    "editor.rs",
    "editor/actions.rs",
    "editor/arrange.rs",
    "editor/branches.rs",
    "editor/clipboard.rs",
    "editor/copy.rs",
    "editor/design.rs",
    "editor/edit.rs",
    "editor/faults.rs",
    "editor/mend.rs",
    "editor/sound.rs",
    "editor/timeline.rs",
    "metrics/compare.rs",
    "metrics/follow.rs",
    "metrics/words.rs",
    "sweep/choices.rs",
    "sweep/picture.rs",
    "sweep/verdict.rs",
    "sweep/versus.rs",
];

/// What in those folders says nothing on the page: pictures in the language of SVG, a trace for the command line.
const SILENT: &[&str] = &["tests", "scene/picture/", "waterfall/text.rs"];

/// Whole folders of them.
const FOLDERS: &[&str] = &["app", "scene"];

/// Words that are looked up by a variable or stand in another language's files: in a table here or there, in JavaScript.
const OTHERS: &[&str] = &[
    // Keys of the keyboard, what links mean and how they copy, and edits on the timeline.
    "Call",
    "Ctrl+",
    "Shift+",
    "Space",
    "add_link",
    "add_node",
    "async",
    "error share",
    "remove_link",
    "remove_node",
    "semi sync",
    "sync",
    "{1} at {2} s",
    "{at} is over: it is {1}",
    "answered",
    "wanted",
    "up",
    "down",
    "on",
    "off",
    "idle",
    "lower",
    "higher",
    "throughput",
    "messages",
    "errors",
    "warnings",
    "read",
    // What happens on the timeline.
    "crash",
    "freeze",
    "recover",
    "slow",
    "error",
    "load",
    "set",
    "cut",
    "promote",
    "flush",
    // Shapes of distributions, and their numbers.
    "constant",
    "exponential",
    "gamma",
    "lognormal",
    "uniform",
    "pareto",
    "percentiles",
    "value",
    "mean",
    "variation",
    "from",
    "to",
    "shape",
    // Why requests failed.
    "refused",
    "reset",
    "timeout",
    "no backend",
    "gateway timeout",
    "app error",
    "no such name",
    "name timeout",
    "unreachable",
    "no answer in time",
    "no way to the address",
    "This design cannot run.",
    "The question was not understood.",
    "list prices of AWS in us-east-1, September 2026, without discounts, discs, backups and traffic inside",
    // A number and what it is: the two meet without a word between.
    "{1} per second",
    "{why} ({1})",
    "{many} × {each}",
    // The loader's.
    "Starting the simulator…",
    "Loadstone could not start: {why}. A current browser is needed; reloading may help.",
    // Numbers that a reason rests on.
    "Failed share",
    "Limit",
    "Noticed at",
    "Mean time",
    "Writes behind",
    "Without retries",
    "Wanted",
    "Times slower",
    "Taken",
    "Share of requests",
    "Shards",
    "Probes needed",
    "Probes missed",
    "Primary at",
    "Over at",
    "Messages",
    "Hits now",
    "Hits before",
    "Growth",
    "Emptied at",
    "Down for",
    "Checks needed",
    "Checks missed",
    "Callee mean time",
    "Attempts",
    "Attempts per request",
];

/// What looks like a text but is none, or is the same in every language.
const NO_TEXTS: &[&str] = &[
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Arrow",
    "Backspace",
    "Delete",
    "End",
    "Enter",
    "Escape",
    "Home",
    "PageDown",
    "PageUp",
    "Tab",
    "TTL {1} s",
    "{1} USD",
    "{1} ms",
    "{1} min",
    "{1} req/s",
    "{ms} ms",
    "{1} GB",
    "latency_ms.p99 < 250 and requests.failed == 0",
    "#board canvas",
    "it follows",
    "it looks",
    "noopener noreferrer",
    "dialog, .menu",
    "input:not([type=checkbox]), textarea, select, [contenteditable]",
    "{weight} {size}px {1}",
    "{1}. From {2}.",
];

/// A literal of the code: what stands before it, and its text.
type Literal<'a> = (&'a str, String);

/// The literals of some code up to its unit tests.
fn literals(code: &str) -> Vec<Literal<'_>> {
    let code = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let bytes = code.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'/' if code[at..].starts_with("//") => at += code[at..].find('\n').unwrap_or(code.len() - at),
            b'r' if code[at..].starts_with("r#\"") => at += code[at..].find("\"#").map_or(1, |end| end + 2),
            // A character; a lifetime has no second quote.
            b'\'' if bytes.get(at + 1) == Some(&b'\\') => at += 2 + code[at + 2..].find('\'').map_or(1, |end| end + 1),
            b'\'' if code[at + 1..].chars().nth(1) == Some('\'') => {
                at += 2 + code[at + 1..].chars().next().map_or(1, char::len_utf8);
            }
            b'"' => {
                let mut text = String::new();
                let mut chars = code[at + 1..].char_indices();
                let mut end = at + 1;
                while let Some((i, c)) = chars.next() {
                    end = at + 1 + i + c.len_utf8();
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some((_, '\n')) => {
                                while bytes[at + 1..].get(chars.offset()).is_some_and(u8::is_ascii_whitespace) {
                                    chars.next();
                                }
                            }
                            Some((_, c)) => text.push(c),
                            None => break,
                        },
                        c => text.push(c),
                    }
                }
                found.push((&code[..at], text));
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// The places of a sentence by name; those without one by number, counted from 1, as a translation calls them.
fn with_places(text: &str) -> String {
    let (mut out, mut rest, mut n) = (String::new(), text, 0);
    while let Some((before, (place, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        let name = place.split(':').next().unwrap_or_default();
        let name = match (place.starts_with('"'), name.is_empty()) {
            (true, _) => place.to_owned(),
            (_, true) => {
                n += 1;
                n.to_string()
            }
            // `{0}` is the first.
            _ => name.parse().map_or(name.to_owned(), |place: usize| (place + 1).to_string()),
        };
        out += &format!("{before}{{{name}}}");
        rest = after;
    }
    out + rest
}

fn places(text: &str) -> BTreeSet<String> {
    let names = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    names.map(|(name, _)| name.trim_start_matches('~').to_owned()).collect()
}

/// The text without its places.
fn bare(text: &str) -> String {
    text.split('{')
        .enumerate()
        .map(|(i, part)| if i == 0 { part } else { part.split_once('}').map_or("", |p| p.1) })
        .collect()
}

fn has_letters(text: &str) -> bool {
    bare(text).as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_alphabetic))
}

/// Whether people read this: a sentence or a word that begins like one, and no path, style or selector.
fn is_text(before: &str, text: &str) -> bool {
    let mut chars = text.chars();
    let upper =
        chars.next().is_some_and(|c| c.is_ascii_uppercase()) && chars.next().is_some_and(|c| c.is_ascii_lowercase());
    let code = ["expect(", "panic!(", "class=", "query_selector(", "viewBox="].iter().any(|end| before.ends_with(end));
    let path = bare(text).chars().all(|c| c.is_ascii_digit() || " .,-MmLlHhVvCcSsQqTtAaZz".contains(c));
    let style = ["translate", "scale", "(prefers", "<iframe"].iter().any(|start| text.starts_with(start))
        || text.contains("px ");
    let classes = text
        .split(' ')
        .all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "{}-".contains(c)))
        && CLASSES.contains(&text.split(' ').next().unwrap_or_default());
    has_letters(text)
        && (upper || text.trim().contains(' '))
        && !(code || path || style || classes || NO_TEXTS.contains(&text))
}

/// The first words of what names style classes or a test's place.
const CLASSES: &[&str] = &["branch", "button", "kept", "part", "problem"];

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the sources can be listed") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The texts of a table of parameters.
fn of_params(params: &[Param], keys: &mut BTreeMap<String, String>) {
    for param in params {
        let mut key = |text: &str| keys.insert(text.to_owned(), format!("the table of {}", param.name));
        key(param.label);
        key(param.help);
        match param.of {
            Type::Choice(words) => words.iter().for_each(|word| drop(key(&word.replace('_', " ")))),
            Type::Group(inner) | Type::List(inner) => of_params(inner, keys),
            _ => {}
        }
    }
}

/// Every key with the place that it was found at.
fn keys() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut keys = BTreeMap::new();
    let mut all = Vec::new();
    files(&src, &mut all);
    for file in all.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let inside = file.strip_prefix(&src).expect("it lies in src").to_string_lossy().replace('\\', "/");
        let folder =
            FOLDERS.iter().any(|folder| inside.starts_with(&format!("{folder}/")) || inside == format!("{folder}.rs"));
        if !(folder || SPEAKING.contains(&inside.as_str())) || SILENT.iter().any(|silent| inside.contains(silent)) {
            continue;
        }
        let code = fs::read_to_string(file).expect("a source file can be read");
        for (before, text) in literals(&code) {
            let place = || format!("src/{inside}:{}", before.matches('\n').count() + 1);
            let asked = ["tr(", "fill("].iter().any(|call| {
                let before = before.trim_end();
                before.ends_with(call)
                    && !before[..before.len() - call.len()]
                        .ends_with(|c: char| c.is_alphanumeric() || "_.:".contains(c))
            });
            let text = with_places(&text);
            if asked && has_letters(&text) {
                keys.insert(text, place());
            } else if is_text(before, &text) {
                keys.insert(text.trim().to_owned(), place());
            }
        }
        // format::plural(n, "node")
        for (_, call) in code.match_indices("plural(").filter_map(|(at, _)| code[at..].split_once(", \"")) {
            let one = call.split('"').next().unwrap_or_default();
            if one.len() < 12 && call[one.len()..].starts_with("\")") {
                keys.insert(format!("1 {one}"), "a plural".to_owned());
                keys.insert(format!("{{n}} {one}s"), "a plural".to_owned());
            }
        }
    }
    for spec in KINDS.iter().map(|kind| kind.spec()) {
        for text in [spec.label, spec.group, spec.help].into_iter().chain(spec.presets.iter().map(|p| p.label)) {
            keys.insert(text.to_owned(), format!("the kind {}", spec.id));
        }
        of_params(spec.params, &mut keys);
    }
    of_params(prices::PARAMS, &mut keys);
    of_params(slo::PARAMS, &mut keys);
    for name in OTHERS {
        keys.insert((*name).to_owned(), "the list of this test".to_owned());
    }
    for cause in loadstone::why::CAUSES {
        keys.insert(cause.title().to_owned(), "the reasons".to_owned());
    }
    keys
}

/// The languages of index.html but English: their files.
fn catalogues() -> Vec<(String, Map<String, Value>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("index.html")).expect("the page can be read");
    let (_, rest) = page.split_once("data-languages=\"").expect("the page names its languages");
    let named = rest.split('"').next().unwrap_or_default();
    let codes = named.split(' ').filter_map(|one| one.split_once('=')).map(|(code, _)| code.to_owned());
    let read = |code: String| {
        let file = format!("src/texts/{code}.json");
        assert!(page.contains(&format!("href=\"{file}\"")), "index.html does not carry {file}");
        let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let texts = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        (file, texts)
    };
    codes.filter(|code| code != "en").map(read).collect()
}

#[test]
fn every_text_is_translated_and_nothing_else() {
    let keys = keys();
    for (file, texts) in catalogues() {
        let missing: Vec<String> = keys
            .iter()
            .filter(|(key, _)| !texts.contains_key(*key))
            .map(|(key, place)| format!("{place}: {key}"))
            .collect();
        let unknown: Vec<&String> = texts.keys().filter(|key| !keys.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{file} lacks {}:\n{}", missing.len(), missing.join("\n"));
        assert!(unknown.is_empty(), "{file} has {} that nobody says: {unknown:#?}", unknown.len());
    }
}

#[test]
fn translations_keep_the_places_of_their_sentences() {
    for (file, texts) in catalogues() {
        for (key, text) in &texts {
            let text = text.as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{file} says nothing for: {key}");
            assert_eq!(places(key), places(text), "{file}, the places of: {key}");
        }
    }
}
