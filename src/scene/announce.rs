//! What the live region says: changes of state in a run, one sentence at a time, never faster than people can listen.

use crate::metrics::frame::Frame;
use crate::texts::{fill, said};
use crate::time::SECOND;
use std::collections::VecDeque;

/// The shortest pause between two announcements, in ms (WCAG gives no number; a short sentence takes about this long).
pub const PAUSE_MS: f64 = 2000.0;
/// More than this many wait for nobody: the latest matter.
const KEPT: usize = 50;

#[derive(Clone, Debug)]
struct Sentence {
    words: String,
    /// Told by a run, so that it means nothing once another has begun; else the answer to what somebody did.
    of_run: bool,
}

/// Collects changes and gives them out slowly.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    run: u32,
    waiting: VecDeque<Sentence>,
    last_ms: Option<f64>,
}

impl Announcer {
    /// Takes in the new lines of a frame's log.
    pub fn feed(&mut self, frame: &Frame) {
        let afresh = frame.run != self.run;
        if afresh {
            self.run = frame.run;
            self.waiting.retain(|sentence| !sentence.of_run);
        }
        // Whoever goes back in a run is not read out again what happened long before that moment.
        for line in frame.log.iter().filter(|line| !afresh || line.at.saturating_add(SECOND) >= frame.now) {
            self.wait(&line.words, true);
        }
    }

    /// Adds a sentence of the page's own: what a command did, why it could not.
    pub fn add(&mut self, words: &str) {
        self.wait(words, false);
    }

    fn wait(&mut self, words: &str, of_run: bool) {
        let words = said(words);
        if words.is_empty() || self.waiting.back().is_some_and(|last| last.words == words) {
            return;
        }
        self.waiting.push_back(Sentence { words, of_run });
        if self.waiting.len() > KEPT {
            self.waiting.pop_front();
        }
    }

    /// What to say at the page's time `wall_ms`, if it is time. Several changes become one sentence: the first and the
    /// last, and how many were between.
    pub fn next(&mut self, wall_ms: f64) -> Option<String> {
        if self.waiting.is_empty() || self.last_ms.is_some_and(|last| wall_ms - last < PAUSE_MS && wall_ms >= last) {
            return None;
        }
        self.last_ms = Some(wall_ms);
        let between = self.waiting.len().saturating_sub(2);
        let first = self.waiting.pop_front()?.words;
        let first = first.trim_end_matches('.');
        let said = match (self.waiting.pop_back().map(|last| last.words), between) {
            (None, _) => first.to_owned(),
            (Some(last), 0) => format!("{first}; {}", last.trim_end_matches('.')),
            (Some(last), n) => fill("{first}; {n} more; {last}", &[&first, &n, &last.trim_end_matches('.')]),
        };
        self.waiting.clear();
        Some(format!("{said}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::frame::LogLine;

    fn frame(run: u32, words: &[&str]) -> Frame {
        let line = |w: &&str| LogLine { words: (*w).to_owned(), ..LogLine::default() };
        Frame { run, log: words.iter().map(line).collect(), ..Frame::default() }
    }

    #[test]
    fn speaks_at_most_every_two_seconds_and_sums_up() {
        let mut announcer = Announcer::default();
        announcer.feed(&frame(1, &["Web 2 crashed."]));
        assert_eq!(announcer.next(1000.0).as_deref(), Some("Web 2 crashed."));
        announcer.feed(&frame(1, &["A", "B", "C", "D"]));
        assert_eq!(announcer.next(2999.0), None, "too soon after the last");
        assert_eq!(announcer.next(3000.0).as_deref(), Some("A; 2 more; D."));
        assert_eq!(announcer.next(9000.0), None, "nothing is said twice");
        announcer.add("Added Web 3");
        announcer.add("Added Web 3");
        assert_eq!(announcer.next(9000.0).as_deref(), Some("Added Web 3."));
        announcer.feed(&frame(1, &["old"]));
        announcer.feed(&frame(2, &["new"]));
        assert_eq!(announcer.next(20_000.0).as_deref(), Some("new."), "what belongs to the run before is dropped");
        announcer.add("Added Web 4");
        announcer.feed(&frame(4, &[]));
        assert_eq!(
            announcer.next(25_000.0).as_deref(),
            Some("Added Web 4."),
            "an edit is said although it began another run"
        );
        announcer.feed(&Frame { now: 60 * SECOND, ..frame(5, &["long ago"]) });
        assert_eq!(announcer.next(30_000.0), None, "what happened long before a moment that was gone to");
    }
}
