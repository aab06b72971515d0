//! Older formats are lifted to today's, one step at a time; newer ones are refused.
//!
//! Works on plain values, so a migration never depends on types that have changed since.

use crate::dist::shown;
use crate::scenario::{FORMAT, Params};
use serde_json::Value;

/// `MIGRATIONS[n - 1]` lifts a document of format `n` to format `n + 1`.
const MIGRATIONS: [fn(&mut Params); FORMAT as usize - 1] = [];

/// Takes the format number out of the document and lifts the rest to today's format.
///
/// # Errors
/// One sentence: why a document of this format cannot be read.
pub fn migrate(document: &mut Params) -> Result<(), String> {
    let given = document.remove("loadstone").unwrap_or(Value::Null);
    let format = match given.as_u64() {
        Some(n @ 1..=FORMAT) => n,
        Some(n) if n > FORMAT => {
            return Err(format!(
                "is {n}: the document was made by a newer Loadstone; this one reads formats up to {FORMAT}. Reload \
                 the page or update the program"
            ));
        }
        _ if given.is_null() => {
            return Err(format!("is missing; a Loadstone document begins with \"loadstone\": {FORMAT}"));
        }
        _ => return Err(format!("is {}, but must be a format number from 1 to {FORMAT}", shown(&given))),
    };
    for step in &MIGRATIONS[format as usize - 1..] {
        step(document);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_known_formats_are_read() {
        let migrated = |value: Value| migrate(&mut Params::from_iter([("loadstone".to_owned(), value)]));
        assert_eq!(migrated(json!(1)), Ok(()));
        assert!(migrated(json!(2)).unwrap_err().contains("made by a newer Loadstone"));
        assert!(migrated(json!(0)).unwrap_err().contains("must be a format number"));
        assert!(migrated(json!("1")).unwrap_err().contains("must be a format number"));
        assert!(migrate(&mut Params::new()).unwrap_err().contains("is missing"));
    }
}
