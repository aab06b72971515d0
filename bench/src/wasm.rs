//! The works as JavaScript calls them.

use crate::{Closed, Played, Rewind, bare, hashes, work};
use wasm_bindgen::prelude::wasm_bindgen;

/// Does `engine` or `bare` work for so many requests and returns how many were answered.
#[wasm_bindgen]
pub fn requests(who: &str, name: &str, wanted: f64) -> f64 {
    let done = if who == "bare" { bare(name, wanted as u64) } else { work(name, wanted as u64) };
    done.requests as f64
}

/// Hashes of the random designs with these numbers, one per line, then the number of events.
#[wasm_bindgen]
pub fn random_designs(from: f64, to: f64) -> String {
    let (hashes, events) = hashes(from as u64, to as u64);
    let lines = hashes.iter().map(|hash| format!("{hash:016x}\n"));
    lines.chain([events.to_string()]).collect()
}

/// A closed loop of users.
#[wasm_bindgen]
pub struct Loop(Closed);

#[wasm_bindgen]
impl Loop {
    /// So many users.
    #[wasm_bindgen(constructor)]
    pub fn new(users: u32) -> Loop {
        Loop(Closed::new(users))
    }

    /// Simulates so many seconds; returns the events that happened.
    pub fn advance(&mut self, seconds: f64) -> f64 {
        self.0.advance(seconds) as f64
    }
}

/// A long run to go back and forth in.
#[wasm_bindgen]
#[derive(Default)]
pub struct Moments(Rewind);

#[wasm_bindgen]
impl Moments {
    /// Simulates the whole run once.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Moments {
        Moments::default()
    }

    /// A moment to go to, in seconds.
    pub fn anywhere(&mut self) -> f64 {
        self.0.anywhere()
    }

    /// Goes there.
    pub fn seek(&mut self, at: f64) {
        self.0.seek(at);
    }
}

/// A built-in example.
#[wasm_bindgen]
pub struct Example(Played);

#[wasm_bindgen]
impl Example {
    /// The one of this name.
    pub fn open(slug: &str) -> Option<Example> {
        Played::example(slug).map(Example)
    }

    /// Simulates so many seconds; returns the events that happened.
    pub fn advance(&mut self, seconds: f64) -> f64 {
        self.0.advance(seconds) as f64
    }
}
