//! Names and notes as they come from a stranger: text without control characters, of bounded length.
//!
//! Everything else stays as written; who shows it shows text, never markup.

/// A single line: control characters are taken out, line ends and tabs become spaces.
pub fn line(text: &str) -> String {
    text.chars().filter_map(|c| if matches!(c, '\n' | '\t') { Some(' ') } else { keep(c) }).collect()
}

/// Several lines: line ends become `\n`, tabs stay, other control characters are taken out.
pub fn lines(text: &str) -> String {
    text.chars().filter_map(|c| if matches!(c, '\n' | '\t') { Some(c) } else { keep(c) }).collect()
}

fn keep(c: char) -> Option<char> {
    (!c.is_control()).then_some(c)
}

/// Whether an identifier is fit to be one; says what is wrong otherwise.
///
/// # Errors
/// A sentence without the field's name.
pub fn identifier(id: &str) -> Result<(), String> {
    let length = id.chars().count();
    if id.is_empty() || length > super::MAX_ID {
        return Err(format!("is {length} characters long, but must be 1 to {}", super::MAX_ID));
    }
    if id.chars().any(char::is_control) {
        return Err("has a control character in it; use letters, digits and the like".into());
    }
    Ok(())
}
