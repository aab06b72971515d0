//! The glossary: the field's terms in plain words, and which of them explains a parameter.

use crate::order::sort_by;
use serde::Deserialize;
use std::sync::OnceLock;

/// A term.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// What it is called.
    pub term: String,
    /// Its identifier, for addresses.
    pub id: String,
    /// Other names for it.
    pub also: Vec<String>,
    /// What it is.
    pub is: String,
    /// Why it matters.
    pub why: String,
    /// Where to see it here.
    pub see: String,
    /// The parameters that it explains, as `ttl_s`, or `dns.ttl_s` where the kind matters.
    #[serde(default)]
    pub params: Vec<String>,
}

/// All terms, by name.
pub fn terms() -> &'static [Term] {
    static TERMS: OnceLock<Vec<Term>> = OnceLock::new();
    TERMS.get_or_init(|| serde_json::from_str(include_str!("glossary.json")).unwrap_or_default())
}

/// The term of this identifier.
pub fn term(id: &str) -> Option<&'static Term> {
    terms().iter().find(|term| term.id == id)
}

/// The term that explains this parameter of this kind of node, of a link (`link`), or of the scenario.
pub fn of_param(kind: &str, param: &str) -> Option<&'static Term> {
    let exact = format!("{kind}.{param}");
    let named = |name: &str| terms().iter().find(|term| term.params.iter().any(|p| p == name));
    named(&exact).or_else(|| named(param))
}

/// The terms that fit these words: by their names first, then by what is said of them.
pub fn find(words: &str) -> Vec<&'static Term> {
    let words = words.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&words);
    let rank = |term: &Term| {
        let mut names = std::iter::once(&term.term).chain(&term.also);
        if names.clone().any(|name| name.to_lowercase() == words) {
            Some(0)
        } else if names.any(|name| has(name)) {
            Some(1)
        } else {
            [&term.is, &term.why, &term.see].into_iter().any(|text| has(text)).then_some(2)
        }
    };
    let mut found: Vec<(u8, &Term)> = terms().iter().filter_map(|term| Some((rank(term)?, term))).collect();
    sort_by(&mut found, |a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(_, term)| term).collect()
}

/// Most terms that a text is said to use.
const MOST_MENTIONED: usize = 6;

/// The terms that a text uses by one of their names, in the order of their first use.
pub fn mentioned(text: &str) -> Vec<&'static Term> {
    let words = |text: &str| -> String {
        let plain = text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " ");
        plain.split_whitespace().flat_map(|word| [word, " "]).collect()
    };
    let text = format!(" {}", words(text));
    let first = |term: &Term| {
        let names = std::iter::once(&term.term).chain(&term.also).map(|name| words(name));
        // Plurals too.
        let found = names.filter(|name| name.len() > 3).filter_map(|name| {
            let stem = name.trim_end();
            text.find(&format!(" {stem} ")).or_else(|| text.find(&format!(" {stem}s ")))
        });
        found.min()
    };
    let mut found: Vec<(usize, &Term)> = terms().iter().filter_map(|term| Some((first(term)?, term))).collect();
    sort_by(&mut found, |a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(_, term)| term).take(MOST_MENTIONED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::KINDS;
    use crate::component::link::MEANINGS;

    #[test]
    fn every_term_is_said_once_and_in_order() {
        assert!(terms().len() >= 100, "{} terms", terms().len());
        let mut ids: Vec<&str> = terms().iter().map(|t| t.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), terms().len(), "an identifier is there twice");
        for pair in terms().windows(2) {
            let [a, b] = [&pair[0], &pair[1]].map(|t| t.term.to_lowercase());
            assert!(a < b, "“{a}” comes before “{b}”");
        }
        for term in terms() {
            assert!(![&term.is, &term.why, &term.see].iter().any(|text| text.is_empty()), "{}", term.term);
            assert!(term.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", term.id);
        }
    }

    #[test]
    fn every_parameter_has_a_term_that_is_there() {
        let tables = KINDS.iter().map(|kind| (kind.id(), kind.spec().params));
        let tables: Vec<_> = tables.chain(MEANINGS.iter().map(|meaning| ("link", meaning.params()))).collect();
        let mut missing = Vec::new();
        for (kind, table) in &tables {
            missing.extend(
                table.iter().filter(|p| of_param(kind, p.name).is_none()).map(|p| format!("{kind}.{}", p.name)),
            );
        }
        assert!(missing.is_empty(), "without a term: {}", missing.join(" "));
        for name in terms().iter().flat_map(|term| &term.params) {
            let known = tables
                .iter()
                .any(|(kind, table)| table.iter().any(|p| p.name == name || format!("{kind}.{}", p.name) == *name));
            assert!(known, "{name} is no parameter");
        }
    }

    #[test]
    fn names_come_before_what_is_said() {
        assert_eq!(find("TTL").first().map(|t| t.id.as_str()), Some("ttl"));
        assert_eq!(find("").len(), terms().len());
        assert!(find("no such words").is_empty());
        let used: Vec<&str> =
            mentioned("Health checks find out; then the TTL matters.").iter().map(|t| t.id.as_str()).collect();
        assert_eq!(used, ["health-check", "ttl"]);
    }
}
