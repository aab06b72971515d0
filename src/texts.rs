//! Texts in the reader's language. The English sentence in the code is the key; what another language says instead stands
//! in one file for each, `src/texts/de.json`, which only those load who read it. How to add a language:
//! `docs/translating.md`.
//!
//! Three ways lead here. [`tr`] takes a text as it is, [`fill`] one with places for values. [`said`] is for sentences that
//! come ready-made from where nobody knows the reader: from the worker, from a refused command, from a check. It finds
//! the sentence that a text was made from and says that one.
//!
//! Without a catalogue, which is English, all three return what they are given. So the command line, the worker and every
//! report speak English, and the tests hold them to it.

use serde_json::{Map, Value};
use std::fmt::{Display, Write};
use std::sync::OnceLock;

/// What a language says for each English text.
#[derive(Debug)]
pub struct Catalogue {
    texts: Map<String, Value>,
    /// The keys that have places.
    templates: Vec<String>,
}

static SPOKEN: OnceLock<Catalogue> = OnceLock::new();

/// From now on the page speaks this language. Without effect if it has been told before, or if this is no catalogue.
pub fn speak(json: &str) {
    if let Some(catalogue) = Catalogue::read(json) {
        let _ = SPOKEN.set(catalogue);
    }
}

/// This text in the reader's language.
pub fn tr(english: &'static str) -> &'static str {
    SPOKEN.get().and_then(|catalogue| catalogue.text(english)).unwrap_or(english)
}

/// This sentence in the reader's language, with the values in its places, in the order in which English has them.
///
/// `fill("{n} of {all}", &[&3, &7])`
pub fn fill(english: &str, values: &[&dyn Display]) -> String {
    let words = SPOKEN.get().and_then(|catalogue| catalogue.text(english)).unwrap_or(english);
    filled(words, english, |i, _, out| {
        if let Some(value) = values.get(i) {
            let _ = write!(out, "{value}");
        }
    })
}

/// A sentence that was made elsewhere, in the reader's language if the catalogue has it.
pub fn said(english: &str) -> String {
    SPOKEN.get().and_then(|catalogue| catalogue.said(english)).unwrap_or_else(|| english.to_owned())
}

impl Catalogue {
    /// Reads a file of texts.
    pub fn read(json: &str) -> Option<Catalogue> {
        match serde_json::from_str(json) {
            Ok(Value::Object(texts)) => {
                let templates = texts.keys().filter(|key| key.contains('{')).cloned().collect();
                Some(Catalogue { texts, templates })
            }
            _ => None,
        }
    }

    /// What stands for this key.
    fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key)?.as_str()
    }

    /// What is said for this text, as a whole or sentence by sentence; a text beyond all that the program says is a stranger's.
    fn said(&self, text: &str) -> Option<String> {
        const LONGEST: usize = 4000;
        if text.len() > LONGEST {
            return None;
        }
        let words = text.trim_start();
        let said = self.whole(words).or_else(|| {
            let (first, rest) = words.split_at(words.find(". ")? + 1);
            let said = (self.whole(first), self.said(rest));
            (said != (None, None)).then(|| said.0.unwrap_or(first.to_owned()) + &said.1.unwrap_or(rest.to_owned()))
        })?;
        Some(text[..text.len() - words.len()].to_owned() + &said)
    }

    /// Finds the key that this text was made from, the most telling if several fit, and makes the text again from what
    /// stands for it. What stands in a place marked `{~place}` there is a text of the program, not a name that somebody
    /// gave, and is translated in turn.
    fn whole(&self, text: &str) -> Option<String> {
        if let Some(words) = self.text(text) {
            return Some(words.to_owned());
        }
        let fitting = self.templates.iter().filter(|key| values(key, text).is_some());
        let key = fitting.max_by_key(|key| literal_length(key))?;
        let values = values(key, text)?;
        Some(filled(self.text(key)?, key, |i, again, out| {
            let value = values.get(i).copied().unwrap_or_default();
            let words = if again { self.said(value) } else { None };
            out.push_str(words.as_deref().unwrap_or(value));
        }))
    }
}

/// The places of a sentence: what stands before each, its name, and what follows the last.
fn places(sentence: &str) -> (Vec<(&str, &str)>, &str) {
    let (mut found, mut rest) = (Vec::new(), sentence);
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        found.push((before, name));
        rest = after;
    }
    (found, rest)
}

/// How much of a sentence is not for values.
fn literal_length(sentence: &str) -> usize {
    let (places, rest) = places(sentence);
    rest.len() + places.iter().map(|(before, _)| before.len()).sum::<usize>()
}

/// The sentence `words` with its places filled; `value` gets the number of the place of that name in the key, and whether it
/// is marked.
fn filled(words: &str, key: &str, value: impl Fn(usize, bool, &mut String)) -> String {
    let (named, _) = places(key);
    let (places, rest) = places(words);
    let mut out = String::new();
    for (before, name) in places {
        out.push_str(before);
        let plain = name.trim_start_matches('~');
        if let Some(i) = named.iter().position(|(_, known)| *known == plain) {
            value(i, plain.len() < name.len(), &mut out);
        }
    }
    out + rest
}

/// What stands in the places of this key, if the text was made from it.
fn values<'a>(key: &str, text: &'a str) -> Option<Vec<&'a str>> {
    // Most keys fail here.
    if !text.starts_with(key.split('{').next()?) || !text.ends_with(key.rsplit('}').next()?) {
        return None;
    }
    let (places, last) = places(key);
    let mut rest = text.strip_suffix(last)?;
    let mut found = Vec::new();
    for (i, (before, _)) in places.iter().enumerate() {
        let at = if i == 0 { rest.starts_with(before).then_some(0)? } else { rest.find(before)? };
        if i > 0 {
            found.push(&rest[..at]);
        }
        rest = &rest[at + before.len()..];
    }
    found.push(rest);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn german() -> Catalogue {
        let json = r#"{
            "Users": "Benutzer",
            "crash": "Ausfall",
            "{who} crashed": "{who} ist ausgefallen",
            "{who} is {what} at {t} s": "{t} s: {~what} von {who}",
            "{by} noticed that {who} is down": "{who} ist ausgefallen, merkt {by}",
            "{what}: {why}": "{~what}: {~why}"
        }"#;
        Catalogue::read(json).expect("it is a catalogue")
    }

    #[test]
    fn without_a_catalogue_everything_is_as_it_is() {
        assert_eq!(tr("Play"), "Play");
        assert_eq!(fill("{n} of {all}, {n}", &[&3, &"seven"]), "3 of seven, 3");
        assert_eq!(said("Web 1 crashed"), "Web 1 crashed");
        assert!(Catalogue::read("[]").is_none());
    }

    #[test]
    fn a_sentence_is_found_again_by_what_it_was_made_from() {
        let said = |text: &str| german().said(text).unwrap_or_else(|| text.to_owned());
        assert_eq!(said("crash"), "Ausfall");
        assert_eq!(said("Users crashed"), "Users ist ausgefallen", "a name stays a name");
        assert_eq!(said("DB is crash at 3 s"), "3 s: Ausfall von DB", "places may change their order");
        assert_eq!(said("LB noticed that Web {1} is down"), "Web {1} ist ausgefallen, merkt LB");
        assert_eq!(said("crash: Users"), "Ausfall: Benutzer", "the least telling sentence comes last");

        assert_eq!(said("nothing of all this"), "nothing of all this");
    }
}
