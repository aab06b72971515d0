//! The built-in examples: the figures of "scale from zero to millions of users", each with a sentence on what to try.

use super::read;
use crate::scenario::Scenario;
use std::sync::OnceLock;

/// One example.
#[derive(Debug)]
pub struct Example {
    /// Its identifier, for addresses and tests.
    pub slug: &'static str,
    /// What people call it.
    pub title: String,
    /// One sentence: what to do and what to look at.
    pub try_this: &'static str,
    /// The document.
    pub scenario: Scenario,
}

/// Slug, sentence, document. The last one greets a first visit.
const SOURCES: &[(&str, &str, &str)] = &[];

/// Every example, simplest first; the last has everything and greets a first visit.
pub fn examples() -> &'static [Example] {
    static EXAMPLES: OnceLock<Vec<Example>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        SOURCES
            .iter()
            .filter_map(|&(slug, try_this, json)| {
                let scenario = read(json).0?;
                Some(Example { slug, title: scenario.name.clone(), try_this, scenario })
            })
            .collect()
    })
}
