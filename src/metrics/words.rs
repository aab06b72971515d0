//! The log in sentences, with the names that people gave.

use super::frame::LogLine;
use crate::component::log::What;
use crate::component::net::{NONE, Net, NodeIx};
use crate::engine::LogEntry;
use crate::scenario::{Scenario, readable};

/// A line of the log for people and for reports. `names` is a design that knows every node's name.
pub fn line(entry: &LogEntry, net: &Net, names: &Scenario) -> LogLine {
    let id = |node: NodeIx| net.nodes.get(node as usize).map(|n| n.id.as_str());
    let called = |id: &str| names.node(id).map_or_else(|| readable(id), |n| n.label());
    let named = |node: NodeIx| id(node).map_or("nobody".to_owned(), called);
    let (subject, shown) = match net.links.get(entry.link as usize) {
        Some(link) => (
            format!("{}>{}", net.nodes[link.from as usize].id, net.nodes[link.to as usize].id),
            format!("The link from {} to {}", named(link.from), named(link.to)),
        ),
        None => (id(entry.node).unwrap_or_default().to_owned(), named(entry.node)),
    };
    LogLine {
        at: entry.at,
        node: subject,
        what: entry.what.name().into(),
        by: id(entry.by).map(str::to_owned),
        count: entry.what.number().map(|(_, n)| n),
        words: words(entry, &shown, &named(entry.by)),
    }
}

fn words(entry: &LogEntry, who: &str, by: &str) -> String {
    match entry.what {
        What::Crash => format!("{who} crashed"),
        What::Freeze => format!("{who} froze: packets to it and from it vanish"),
        What::Recover if entry.link != NONE => format!("{who} carries packets again"),
        What::Recover => format!("{who} recovers"),
        What::Booted => format!("{who} has booted and serves again"),
        What::Slow(1.0) => format!("{who} is at full speed again"),
        What::Slow(factor) => format!("{who} became {factor} times slower"),
        What::Error(0.0) => format!("{who} no longer answers with errors"),
        What::Error(share) => format!("{who} answers {} % of requests with an error", (share * 1000.0).round() / 10.0),
        What::Load(1.0) => format!("The load of {who} is back to normal"),
        What::Load(factor) => format!("The load of {who} is multiplied by {factor}"),
        What::Cut => format!("{who} is cut: packets on it vanish"),
        What::Set => format!("{who} got new settings"),
        What::Added => format!("{who} joined"),
        What::Removed => format!("{who} left"),
        What::DetectedDown => format!("{by} noticed that {who} is down"),
        What::DetectedUp => format!("{by} found {who} up again"),
        What::Elected => format!("{who} was chosen as the new primary"),
        What::Promoted(0) => format!("{who} is the primary now; no write was lost"),
        What::Promoted(1) => format!("{who} is the primary now; 1 acknowledged write is lost"),
        What::Promoted(lost) => format!("{who} is the primary now; {lost} acknowledged writes are lost"),
        What::Reconnected => format!("{who} has reconnected: its writes go to {by}"),
        What::NoCandidate => format!("No replica can take the place of {who}"),
        What::Rejoined(0) => format!("{who} is back as a replica"),
        What::Rejoined(n) => format!("{who} is back as a replica and discards {n} writes that nobody else had"),
        What::Replaced => format!("A fresh machine took the place of {who}"),
        What::SyncOff => format!("{who} answers writes without waiting for a replica"),
        What::SyncOn => format!("{who} waits for a replica again before it answers a write"),
        What::Restored(1) => format!("A script brought 1 lost write back from {who}"),
        What::Restored(n) => format!("A script brought {n} lost writes back from {who}"),
        What::CutOff => format!("{who} gets no more of the writes that came through {by}"),
        What::Conflict(1) => format!("A newer write of the same record won over one that {who} has just received"),
        What::Conflict(n) => {
            format!("So far {n} writes lost against newer ones of the same record; {who} saw the last")
        }
        What::Copying => format!("{who} copies the data before it serves"),
        What::Flush => format!("{who} was emptied"),
        What::Serving => format!("{who} has all the data and serves reads"),
        What::BreakerOpened => format!("{by} opened the breaker before {who}: too many of its requests failed"),
        What::BreakerClosed => format!("{by} closed the breaker before {who} again"),
        What::OutOfMemory => format!("{who} ran out of memory and was killed; it starts again"),
        What::Resized => format!("{who} restarts with its new size"),
        What::Scaled(1) => format!("{who} shall have 1 instance"),
        What::Scaled(n) => format!("{who} shall have {n} instances"),
        What::SessionsLost(1) => format!("1 user whose session was in the memory of {who} has to log in again"),
        What::SessionsLost(n) => format!("{n} users whose sessions were in the memory of {who} have to log in again"),
        What::Ignored if who == "nobody" => "A timeline entry came to nothing: what it is about is not there".into(),
        What::Ignored => format!("A timeline entry came to nothing: it makes no sense for {who} now"),
    }
}
