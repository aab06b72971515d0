//! What is measured and compared: works for the engine, the same works for a bare loop, and runs whose hashes must be
//! the same natively and in wasm. Knows no clock; whoever calls takes the time.

mod bare;
#[path = "../../tests/suite/draw.rs"]
mod draw;
mod engine;
mod queues;
mod rewind;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use bare::bare;
pub use engine::{Closed, Played, hashes, work};
pub use queues::Hold;
pub use rewind::Rewind;

/// What a work did.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// Requests answered.
    pub requests: u64,
    /// Events that it took.
    pub events: u64,
    /// Mean time of a request, in ms: the same work gives the same mean, whoever does it.
    pub mean_ms: f64,
}
