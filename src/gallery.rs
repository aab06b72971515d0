//! The gallery: scenarios that run, one for each mechanism and some after real architectures, each with one thing to try.
//! The built-in examples are part of it.

use crate::codec::{self, examples};
use crate::scenario::Scenario;
use serde::Deserialize;
use std::sync::OnceLock;

/// Their order, tags and what to try; of the examples only the tags.
const INDEX: &str = include_str!("gallery/index.json");

/// The documents that are no examples, by slug.
const DOCUMENTS: &[(&str, &str)] = &[
    ("autoscaling", include_str!("gallery/autoscaling.json")),
    ("broken-ring", include_str!("gallery/broken-ring.json")),
    ("cache-stampede", include_str!("gallery/cache-stampede.json")),
    ("dns-outage", include_str!("gallery/dns-outage.json")),
    ("github-2018", include_str!("gallery/github-2018.json")),
    ("instagram-2011", include_str!("gallery/instagram-2011.json")),
    ("lets-encrypt-2021", include_str!("gallery/lets-encrypt-2021.json")),
    ("lost-cache-server", include_str!("gallery/lost-cache-server.json")),
    ("lost-sessions", include_str!("gallery/lost-sessions.json")),
    ("mastodon-catches-up", include_str!("gallery/mastodon-catches-up.json")),
    ("price-of-waiting", include_str!("gallery/price-of-waiting.json")),
    ("retry-storm", include_str!("gallery/retry-storm.json")),
    ("sick-server", include_str!("gallery/sick-server.json")),
    ("slow-server", include_str!("gallery/slow-server.json")),
    ("stack-overflow-2016", include_str!("gallery/stack-overflow-2016.json")),
    ("stale-dns", include_str!("gallery/stale-dns.json")),
    ("tail-at-scale", include_str!("gallery/tail-at-scale.json")),
    ("two-regions", include_str!("gallery/two-regions.json")),
];

/// One scenario of the gallery.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its identifier, for addresses and tests.
    pub slug: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// One sentence: what to do and what to look at.
    pub try_this: String,
    /// The document.
    pub scenario: Scenario,
}

#[derive(Deserialize)]
struct Row {
    slug: String,
    tags: Vec<String>,
    #[serde(default, rename = "try")]
    try_this: String,
}

impl Item {
    fn new(row: Row) -> Option<Item> {
        let Row { slug, tags, try_this } = row;
        if let Some(example) = examples().iter().find(|e| e.slug == slug) {
            return Some(Item {
                slug,
                tags,
                try_this: example.try_this.to_owned(),
                scenario: example.scenario.clone(),
            });
        }
        let (_, text) = DOCUMENTS.iter().find(|(name, _)| *name == slug)?;
        codec::read(text).0.map(|scenario| Item { slug, tags, try_this, scenario })
    }

    /// Whether every word of this text is somewhere in what it says of itself.
    pub fn matches(&self, words: &str) -> bool {
        let all = [&self.scenario.name, &self.try_this, &self.scenario.notes, &self.tags.join(" ")];
        let all = all.map(|text| text.to_lowercase()).join("\n");
        words.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

/// All of it, in the order in which it is shown.
pub fn items() -> &'static [Item] {
    static ITEMS: OnceLock<Vec<Item>> = OnceLock::new();
    ITEMS.get_or_init(|| {
        let rows: Vec<Row> = serde_json::from_str(INDEX).unwrap_or_default();
        rows.into_iter().filter_map(Item::new).collect()
    })
}

/// Every tag, the most used first, then by name.
pub fn tags() -> Vec<&'static str> {
    let used = |tag: &str| items().iter().filter(|item| item.tags.iter().any(|t| t == tag)).count();
    let mut tags: Vec<&str> = items().iter().flat_map(|item| &item.tags).map(String::as_str).collect();
    tags.sort_unstable_by(|a, b| used(b).cmp(&used(a)).then(a.cmp(b)));
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::codec::{link, read, without_defaults};
    use crate::engine::{Engine, Progress};
    use crate::time::from_s;

    #[test]
    fn everything_in_it_is_whole_and_runs_to_its_end() {
        let rows: Vec<Row> = serde_json::from_str(INDEX).expect("the index is a list of rows");
        let known: Vec<&str> = items().iter().map(|item| item.slug.as_str()).collect();
        let listed: Vec<&str> = rows.iter().map(|row| row.slug.as_str()).collect();
        assert_eq!(known, listed, "every row has its document");
        assert_eq!(items().len(), examples().len() + DOCUMENTS.len(), "every document has its row");
        assert!(items().len() >= 24, "{} scenarios", items().len());
        for (slug, text) in DOCUMENTS {
            let (scenario, problems) = read(text);
            assert_eq!(problems, [], "{slug}");
            let scenario = scenario.unwrap();
            assert_eq!(check(&scenario), [], "{slug}");
            assert_eq!(scenario, without_defaults(&scenario), "{slug} writes out a default");
            assert!(link::encode(&scenario).len() <= 2000, "{slug}: its link is too long for some programs");
            assert!(!scenario.notes.is_empty(), "{slug} does not say what is to be seen");
            let mut engine = Engine::new(&scenario, ());
            assert_eq!(engine.run_until(from_s(scenario.run_s), u64::MAX), Progress::Reached, "{slug}");
        }
        for item in items() {
            assert!(!item.tags.is_empty() && !item.try_this.is_empty(), "{}", item.slug);
            assert!(
                !item.tags.iter().any(|t| t == "real system") || item.scenario.notes.contains("https://"),
                "{} names no source",
                item.slug
            );
        }
    }

    #[test]
    fn it_is_found_by_its_words() {
        let found = |words: &str| items().iter().filter(|item| item.matches(words)).count();
        assert_eq!(found(""), items().len());
        assert!((1..items().len()).contains(&found("dns")), "{} of {}", found("dns"), items().len());
        assert_eq!(found("no such words"), 0);
    }
}
