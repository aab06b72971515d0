//! The course: from one server to many, a chapter for each idea. Each is a document with a lesson in it.

use crate::codec;
use crate::scenario::Scenario;

/// Chapters by their names, in their order.
const CHAPTERS: &[(&str, &str)] = &[
    ("one-server", include_str!("course/one-server.json")),
    ("names", include_str!("course/names.json")),
    ("two-tiers", include_str!("course/two-tiers.json")),
    ("bigger", include_str!("course/bigger.json")),
    ("balancer", include_str!("course/balancer.json")),
    ("replicas", include_str!("course/replicas.json")),
    ("failover", include_str!("course/failover.json")),
];

/// The names of the chapters, in their order.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHAPTERS.iter().map(|(name, _)| *name)
}

/// The chapter of this name.
pub fn chapter(name: &str) -> Option<Scenario> {
    let (_, text) = CHAPTERS.iter().find(|(n, _)| *n == name)?;
    codec::read(text).0
}
