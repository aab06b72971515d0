//! Names that every program takes: letters, digits and hyphens. What people wrote goes into comments and table cells only.

use crate::order::Set;

/// The longest name: host names allow 63 characters, and an instance's number comes after it.
const LONGEST: usize = 40;

/// A name for each identifier, in their order: `[a-z][a-z0-9-]*`, no two alike.
pub fn all<'a>(ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken: Set<String> = ["load".to_owned()].into_iter().collect();
    ids.map(|id| {
        let base = plain(id);
        let numbered = (2..).map(|n| format!("{base}-v{n}"));
        let name = std::iter::once(base.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or(base);
        taken.insert(name.clone());
        name
    })
    .collect()
}

fn plain(id: &str) -> String {
    let mut name = String::new();
    for c in id.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => name.push(c),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_matches('-');
    let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { format!("n{name}") };
    name.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned()
}

/// What people wrote, as the rest of a comment's line.
pub fn comment(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() || is_break(c) { ' ' } else { c }).collect();
    one_line.trim().chars().take(200).collect()
}

/// What people wrote, as a cell of a Markdown table.
pub fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in comment(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | '-' | '\'') {
            cell.push('\\');
        }
        cell.push(c);
    }
    cell
}

/// The line breaks that are no control characters.
fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}
