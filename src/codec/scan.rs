//! A first look at JSON text before anything is allocated: its size, its depth and the length of its lists.
//!
//! The parser would build whatever it is given; a file with a million nodes is refused here within milliseconds. Knows
//! only brackets, commas and strings; whether the text is JSON at all is the parser's to say.

use super::{MAX_DEPTH, MAX_ITEMS, MAX_LINKS, MAX_NODES, MAX_TEXT, MAX_TIMELINE};

/// Whether the text is small and flat enough to be parsed.
///
/// # Errors
/// One sentence that says which limit it passes.
pub fn scan(text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        return Err(format!(
            "the document is {:.1} MB long, but at most {} MB can be read",
            text.len() as f64 / 1e6,
            MAX_TEXT >> 20
        ));
    }
    let mut items = [0usize; MAX_DEPTH + 1];
    let mut depth = 0;
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(too_deep());
                }
                items[depth] = 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                items[depth] += 1;
                if items[depth] > MAX_ITEMS {
                    return Err(too_many());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is said about a document with lists in lists in lists.
pub fn too_deep() -> String {
    format!("lists and objects lie more than {MAX_DEPTH} deep in each other; no design needs that")
}

/// What is said about a document with an endless list.
pub fn too_many() -> String {
    format!(
        "a list has more than {MAX_ITEMS} entries; a design has at most {MAX_NODES} nodes, {MAX_LINKS} links and \
         {MAX_TIMELINE} timeline entries"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_and_strings_are_only_text() {
        assert_eq!(scan(r#"{"a": "[[[[[[[[[[[[[[[[[[[[,,,\"[[[", "b": []}"#), Ok(()));
        assert_eq!(scan(&"[".repeat(17)), Err(too_deep()));
        assert_eq!(scan("]]]]]}}}"), Ok(()), "nonsense is left to the parser");
        assert_eq!(scan(&format!("[{}0]", "0,".repeat(MAX_ITEMS))), Err(too_many()));
        assert_eq!(scan(&format!("[{}0]", "0,".repeat(MAX_ITEMS - 1))), Ok(()));
        assert!(scan(&" ".repeat(MAX_TEXT + 1)).unwrap_err().contains("at most 8 MB"));
    }
}
