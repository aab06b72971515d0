//! The engine in a Web Worker: messages in, frames out. Pure: the browser's glue passes messages and the time in.

mod checkpoints;
mod session;

pub use session::Session;

use crate::metrics::frame::Frame;
use crate::metrics::measurement::Measurement;
use crate::metrics::samples::Wanted;
use crate::metrics::trace::Trace;
use crate::time::Nanos;
use serde::de::DeserializeOwned;
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
    /// The runs of documents that are loaded from now on are measured from this moment on.
    Warmup(Nanos),
    /// Let the clock run.
    Play,
    /// Stop the clock.
    Pause,
    /// Simulated seconds per second.
    Speed(f64),
    /// To the next event that moves something, then pause.
    Step,
    /// To the one before, then pause.
    StepBack,
    /// Somebody looks at the charts, or no longer: frames bring the histogram too.
    Watch(bool),
    /// Be here as soon as possible, then pause: from the nearest checkpoint the run is simulated again.
    Seek(Nanos),
    /// How this node, or without one all users' requests, measures over the whole run so far.
    Measure(Option<String>),
    /// A request is to be followed: an [`Errand`], packed. For a worker that does nothing else meanwhile.
    Follow(Vec<u8>),
}

/// A request to follow, of the run of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// The document, as JSON.
    pub document: String,
    /// How far the run is known.
    pub until: Nanos,
    /// Which request.
    pub wanted: Wanted,
}

/// What became of an errand: the request's way, or why there is none.
pub type Followed = Result<Trace, String>;

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// It is there and has the engine.
    Ready,
    /// How things stand.
    Frame(Box<Frame>),
    /// The document cannot be run: its errors, in words.
    Refused(String),
    /// The answer to [`ToWorker::Measure`].
    Measured(Box<Measurement>),
    /// The answer to [`ToWorker::Follow`]: [`Followed`], packed, so that only who asks can read it; nothing from a program
    /// that cannot follow requests.
    Followed(Vec<u8>),
}

/// A message as the bytes that cross between page and worker, which are always of the same build.
pub fn pack<M: Serialize>(message: &M) -> Vec<u8> {
    // Only types that cannot tell their length would fail, and messages have none.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// The message in these bytes; none if they hold something else.
pub fn unpack<M: DeserializeOwned>(bytes: &[u8]) -> Option<M> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_cross_unharmed_and_other_bytes_are_none() {
        let say = ToWorker::Load { document: "{}".to_owned(), restart: true };
        assert_eq!(unpack::<ToWorker>(&pack(&say)), Some(say));
        let mut session = Session::default();
        let document = crate::codec::write_compact(&crate::codec::examples()[0].scenario);
        session.hear(ToWorker::Load { document, restart: true }, 0.0);
        let (told, _) = session.work(&|| 0.0);
        assert!(told.iter().any(|m| matches!(m, FromWorker::Frame(_))), "the session told no frame: {told:?}");
        for message in told {
            let bytes = pack(&message);
            assert_eq!(unpack::<FromWorker>(&bytes), Some(message));
            assert_eq!(unpack::<FromWorker>(&bytes[..bytes.len() / 2]), None, "half a message is none");
        }
        assert_eq!(unpack::<ToWorker>(b"{}"), None);
    }
}
