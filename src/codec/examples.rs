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

/// Slug, sentence, document.
type Source = (&'static str, &'static str, &'static str);

/// What greets a first visit. It stands alone because that visit loads no other example.
const GREETING: Source = (
    "everything",
    "At 20 s the primary database crashes: watch a replica take over, and count the writes that are lost.",
    include_str!("examples/everything.json"),
);

/// The others, simplest first.
const SOURCES: &[Source] = &[
    (
        "single-server",
        "Click Server and press Crash: with one machine, its failure is everybody's.",
        include_str!("examples/single-server.json"),
    ),
    (
        "web-and-database",
        "Raise the users' request rate to 400: see which of the two tiers gets busy first, then give that one more cores.",
        include_str!("examples/web-and-database.json"),
    ),
    (
        "balancer-two-servers",
        "Click Web 1 and press Crash: until the third health check misses, refused requests are sent again to Web 2.",
        include_str!("examples/balancer-two-servers.json"),
    ),
    (
        "primary-with-replicas",
        "Crash Database 1, the primary: a replica takes over, some writes are lost, and 10 s later a fresh machine copies the data.",
        include_str!("examples/primary-with-replicas.json"),
    ),
    (
        "cache-and-cdn",
        "At 40 s the cache is emptied and every read falls on the database: watch the p99 until it is warm again, then remove the cache.",
        include_str!("examples/cache-and-cdn.json"),
    ),
    (
        "queue-and-workers",
        "Crash Worker 2 and look at the queue: it grows, and what the worker had in hand is delivered again after 10 s.",
        include_str!("examples/queue-and-workers.json"),
    ),
    (
        "a-million-users",
        "Crash the cache: 100,000 requests a second fall on the four databases. Or double the users and see what gives way first.",
        include_str!("examples/a-million-users.json"),
    ),
];

/// What a first visit sees.
pub fn greeting() -> Option<Example> {
    example(GREETING)
}

/// Every example, simplest first; the last has everything and greets a first visit.
pub fn examples() -> &'static [Example] {
    static EXAMPLES: OnceLock<Vec<Example>> = OnceLock::new();
    EXAMPLES.get_or_init(|| SOURCES.iter().copied().chain([GREETING]).filter_map(example).collect())
}

fn example((slug, try_this, json): Source) -> Option<Example> {
    let scenario = read(json).0?;
    Some(Example { slug, title: scenario.name.clone(), try_this, scenario })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{link, without_defaults, write};

    #[test]
    fn every_example_is_there_whole_and_written_as_we_write() {
        let sources: Vec<Source> = SOURCES.iter().copied().chain([GREETING]).collect();
        assert_eq!(examples().len(), sources.len(), "an example is not a document");
        for (example, (slug, _, json)) in examples().iter().zip(sources) {
            let (scenario, problems) = read(json);
            assert_eq!(problems, [], "{slug} has problems");
            let scenario = scenario.unwrap();
            assert_eq!(scenario, without_defaults(&scenario), "{slug} writes out a default");
            assert_eq!(
                read(&write(&scenario)).0.as_ref(),
                Some(&scenario),
                "{slug} changes on the way through its file"
            );
            let fragment = link::encode(&scenario);
            assert_eq!(link::decode(&fragment).map(|(s, _)| s).as_ref(), Ok(&scenario), "{slug} changes in its link");
            assert!(fragment.len() <= 1200, "{slug}: its link, notes included, takes {} characters", fragment.len());
            assert_eq!(example.title, scenario.name);
        }
    }

    #[test]
    fn cards_lie_on_the_grid_and_apart() {
        for example in examples() {
            let nodes = &example.scenario.nodes;
            for (i, a) in nodes.iter().enumerate() {
                assert!(a.at.iter().all(|n| n % 20.0 == 0.0), "{}: {} is off the grid", example.slug, a.id);
                for b in &nodes[i + 1..] {
                    let gap = [0, 1].map(|axis| (a.at[axis] - b.at[axis]).abs());
                    let apart = gap[0] >= 164.0 + 60.0 || gap[1] >= 84.0 + 40.0;
                    assert!(apart, "{}: {} and {} lie too close", example.slug, a.id, b.id);
                }
            }
        }
    }
}
