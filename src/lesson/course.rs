//! The course: from one server to many, a chapter for each idea. Each is a document with a lesson in it.

use crate::codec;
use crate::scenario::Scenario;

/// Chapters by their names, in their order.
const CHAPTERS: &[(&str, &str)] = &[
    ("one-server", include_str!("course/one-server.json")),
    ("names", include_str!("course/names.json")),
    ("two-tiers", include_str!("course/two-tiers.json")),
    ("which-database", include_str!("course/which-database.json")),
    ("bigger", include_str!("course/bigger.json")),
    ("more-machines", include_str!("course/more-machines.json")),
    ("balancer", include_str!("course/balancer.json")),
    ("replicas", include_str!("course/replicas.json")),
    ("disaster", include_str!("course/disaster.json")),
    ("replica-away", include_str!("course/replica-away.json")),
    ("failover", include_str!("course/failover.json")),
    ("several-primaries", include_str!("course/several-primaries.json")),
    ("cache", include_str!("course/cache.json")),
    ("cdn", include_str!("course/cdn.json")),
    ("stateless", include_str!("course/stateless.json")),
    ("data-centres", include_str!("course/data-centres.json")),
    ("queues", include_str!("course/queues.json")),
    ("autoscaling", include_str!("course/autoscaling.json")),
    ("sharding", include_str!("course/sharding.json")),
    ("million", include_str!("course/million.json")),
];

/// Challenges by their names, the easier ones first.
const CHALLENGES: &[(&str, &str)] = &[
    ("noisy-neighbour", include_str!("challenges/noisy-neighbour.json")),
    ("url-shortener", include_str!("challenges/url-shortener.json")),
    ("session-loss", include_str!("challenges/session-loss.json")),
    ("photo-feed", include_str!("challenges/photo-feed.json")),
    ("news-site", include_str!("challenges/news-site.json")),
    ("telemetry", include_str!("challenges/telemetry.json")),
    ("chat", include_str!("challenges/chat.json")),
    ("flash-cache", include_str!("challenges/flash-cache.json")),
    ("ticket-sale", include_str!("challenges/ticket-sale.json")),
    ("payments", include_str!("challenges/payments.json")),
    ("global-api", include_str!("challenges/global-api.json")),
    ("metastable", include_str!("challenges/metastable.json")),
];

/// The names of the challenges, in their order.
pub fn challenges() -> impl Iterator<Item = &'static str> {
    CHALLENGES.iter().map(|(name, _)| *name)
}

/// The names of the chapters, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHAPTERS.iter().map(|(name, _)| *name)
}

/// The chapter or challenge of this name.
pub fn chapter(name: &str) -> Option<Scenario> {
    let (_, text) = CHAPTERS.iter().chain(CHALLENGES).find(|(n, _)| *n == name)?;
    codec::read(text).0
}
