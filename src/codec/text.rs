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

/// The number that a person typed, exact to the last bit; none if it is none, or not finite.
///
/// Reads through the parser of JSON instead of `str::parse`: both are right, but each brings a table of powers that
/// every visitor of the page would load, and the one for JSON is needed anyway.
pub fn number(typed: &str) -> Option<f64> {
    let (minus, digits) = match typed.trim().strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, typed.trim().trim_start_matches('+')),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    // What JSON is stricter about: ".5", "5." and "05".
    let (whole, rest) = digits.split_at(digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()));
    let whole = whole.trim_start_matches('0');
    let rest = match rest.strip_prefix('.') {
        Some(after) if !after.starts_with(|c: char| c.is_ascii_digit()) => after,
        _ => rest,
    };
    if whole.is_empty() && digits == "." {
        return None;
    }
    let text = format!("{}{rest}", if whole.is_empty() { "0" } else { whole });
    let size: f64 = serde_json::from_str(&text).ok()?;
    Some(if minus { -size } else { size }).filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        let read = |typed| number(typed).map(|n| n.to_string());
        let table = [
            "5", " 5.50 ", ".5", "5.", "+5", "-.5", "−3", "007", "0", "1e3", "1.e3", ".", "", "-", "5x", "NaN", "inf",
            "1e999", "0x10", "--5",
        ];
        let got: Vec<String> = table.map(|t| format!("{t:?} {}", read(t).unwrap_or("none".into()))).to_vec();
        expect_test::expect![[r#"
            "5" 5
            " 5.50 " 5.5
            ".5" 0.5
            "5." 5
            "+5" 5
            "-.5" -0.5
            "−3" -3
            "007" 7
            "0" 0
            "1e3" 1000
            "1.e3" 1000
            "." none
            "" none
            "-" none
            "5x" none
            "NaN" none
            "inf" none
            "1e999" none
            "0x10" none
            "--5" none"#]]
        .assert_eq(&got.join("\n"));
    }

    proptest! {
        #[test]
        fn every_number_reads_back_to_the_bit(bits: u64) {
            let n = f64::from_bits(bits);
            prop_assume!(n.is_finite());
            prop_assert_eq!(number(&n.to_string()).map(f64::to_bits), Some(n.to_bits()));
            prop_assert_eq!(number(&format!("{n:e}")).map(f64::to_bits), Some(n.to_bits()));
        }
    }
}
