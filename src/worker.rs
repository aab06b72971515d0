//! The engine in a Web Worker: messages in, frames out. Pure: the browser's glue passes messages and the time in.

mod session;

pub use session::Session;

use crate::metrics::frame::Frame;
use crate::time::Nanos;
use serde::{Deserialize, Serialize};

/// What the page tells the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// This is the document now, as JSON. If only what is still to come changed, the run goes on; if its past changed,
    /// the run is simulated again up to where it was; with `restart` it starts again at 0, paused.
    Load {
        /// The document.
        document: String,
        /// Start at 0.
        restart: bool,
    },
    /// Let the clock run.
    Play,
    /// Stop the clock.
    Pause,
    /// Simulated seconds per second.
    Speed(f64),
    /// To the next event that moves something, then pause.
    Step,
    /// Simulate up to here as fast as possible, then pause (skip forward; back replays from the start).
    Seek(Nanos),
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// It is there and has the engine.
    Ready,
    /// How things stand.
    Frame(Box<Frame>),
    /// The document cannot be run: its errors, in words.
    Refused(String),
}
