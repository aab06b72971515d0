//! Each link by itself: its ends, whether it makes sense, its parameters.

use super::design::Design;
use super::params::{self, Whose};
use crate::codec::{Problems, Subject};
use crate::component::{Kind, Meaning, link::meaning};
use crate::order::Set;
use crate::scenario::Link;

pub(super) fn check(problems: &mut Problems, design: &Design) {
    let mut seen = Set::new();
    for (i, link) in design.scenario.links.iter().enumerate() {
        let path = format!("links[{i}]");
        let about = Subject::Link(link.from.clone(), link.to.clone());
        for (end, id) in [("from", &link.from), ("to", &link.to)] {
            if !design.index.contains_key(id.as_str()) {
                problems.error(format!("{path}.{end}"), &about, format!("is {id}, but no node has that identifier"));
            }
        }
        if !seen.insert((&link.from, &link.to)) {
            problems.error(path.clone(), &about, "is there twice; keep one, and give it a weight or calls");
        }
        let kinds = design.ends[i].and_then(|(from, to)| design.kinds[from].zip(design.kinds[to]));
        one(problems, &path, &about, link, kinds);
    }
}

/// Checks what a link means between these kinds, and its parameters.
pub(super) fn one(problems: &mut Problems, path: &str, about: &Subject, link: &Link, kinds: Option<(Kind, Kind)>) {
    if link.from == link.to {
        problems.error(path, about, "leads from a node to itself; link it to another one");
        return;
    }
    let Some((from, to)) = kinds else { return };
    match meaning(from, to) {
        Err(why) => problems.error(path, about, format!("makes no sense: {why}")),
        Ok(means) => {
            params::check(problems, &format!("{path}.params"), about, whose(means), means.params(), &link.params);
        }
    }
}

pub(super) fn whose(means: Meaning) -> Whose {
    let what = match means {
        Meaning::Names => "a link from users to DNS",
        Meaning::Path => "a link from users",
        Meaning::Record => "a DNS record",
        Meaning::Backend => "a link to a backend",
        Meaning::Origin => "a link to a CDN's origin",
        Meaning::Call => "a link from a server",
        Meaning::Consumption => "a link from a queue",
        Meaning::Replication => "a replication link",
    };
    Whose { what, kind: means.id() }
}
