//! What a node can say in the log of a run.

/// What the log can say, with the number that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// The process died.
    Crash,
    /// The machine stands still.
    Freeze,
    /// The fault ended.
    Recover,
    /// It serves again after booting.
    Booted,
    /// It became slower by the factor.
    Slow(f64),
    /// It answers a share with errors.
    Error(f64),
    /// The load changed by the factor.
    Load(f64),
    /// The link was cut.
    Cut,
    /// A parameter changed.
    Set,
    /// A node or link joined.
    Added,
    /// A node or link left.
    Removed,
    /// Enough checks failed.
    DetectedDown,
    /// Enough checks passed.
    DetectedUp,
    /// This replica shall become the primary.
    Elected,
    /// It is the primary; so many acknowledged writes are lost.
    Promoted(u64),
    /// A client has found the new primary: its first write since the promotion is there.
    Reconnected,
    /// No replica can become the primary.
    NoCandidate,
    /// An old primary is back as a replica and threw away so many writes.
    Rejoined(u64),
    /// A fresh machine took the place.
    Replaced,
    /// It copies the data.
    Copying,
    /// It has the data and serves.
    Serving,
    /// It was emptied.
    Flush,
    /// The primary waits for no replica any more before it answers a write.
    SyncOff,
    /// It does again.
    SyncOn,
    /// A script wrote so many lost writes again.
    Restored(u64),
    /// It gets no writes any more from others that came through a member that is down.
    CutOff,
    /// So many writes have lost against newer ones made elsewhere.
    Conflict(u64),
    /// Something asked for makes no sense now.
    Ignored,
    /// Too many requests to it failed; it gets none for a while.
    BreakerOpened,
    /// The trial was answered; it gets requests again.
    BreakerClosed,
    /// Its process was killed because the machine had no memory left.
    OutOfMemory,
    /// Its machine starts again with another size.
    Resized,
    /// So many instances are wanted now.
    Scaled(u32),
    /// A server with its users' sessions was lost: so many users have to log in again.
    SessionsLost(u32),
}

impl What {
    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            What::Crash => "crash",
            What::Freeze => "freeze",
            What::Recover => "recover",
            What::Booted => "booted",
            What::Slow(_) => "slow",
            What::Error(_) => "error",
            What::Load(_) => "load",
            What::Cut => "cut",
            What::Set => "set",
            What::Added => "added",
            What::Removed => "removed",
            What::DetectedDown => "detected_down",
            What::DetectedUp => "detected_up",
            What::Elected => "elected",
            What::Promoted(_) => "promoted",
            What::Reconnected => "reconnected",
            What::NoCandidate => "no_candidate",
            What::Rejoined(_) => "rejoined",
            What::Replaced => "replaced",
            What::Copying => "copying",
            What::Serving => "serving",
            What::Flush => "flush",
            What::SyncOff => "sync_off",
            What::SyncOn => "sync_on",
            What::Restored(_) => "restored",
            What::CutOff => "cut_off",
            What::Conflict(_) => "conflict",
            What::Ignored => "ignored",
            What::BreakerOpened => "breaker_opened",
            What::BreakerClosed => "breaker_closed",
            What::OutOfMemory => "out_of_memory",
            What::Resized => "resized",
            What::Scaled(_) => "scaled",
            What::SessionsLost(_) => "sessions_lost",
        }
    }

    /// Its number in a trace hash.
    pub fn code(self) -> u8 {
        match self {
            What::Crash => 0,
            What::Freeze => 1,
            What::Recover => 2,
            What::Booted => 3,
            What::Slow(_) => 4,
            What::Error(_) => 5,
            What::Load(_) => 6,
            What::Cut => 7,
            What::Set => 8,
            What::Added => 9,
            What::Removed => 10,
            What::DetectedDown => 11,
            What::DetectedUp => 12,
            What::Elected => 13,
            What::Promoted(_) => 14,
            What::NoCandidate => 15,
            What::Rejoined(_) => 16,
            What::Replaced => 17,
            What::Copying => 18,
            What::Serving => 19,
            What::Ignored => 20,
            What::Flush => 21,
            What::BreakerOpened => 22,
            What::BreakerClosed => 23,
            What::SyncOff => 30,
            What::SyncOn => 31,
            What::Restored(_) => 32,
            What::CutOff => 33,
            What::Conflict(_) => 34,
            What::OutOfMemory => 40,
            What::Resized => 41,
            What::Scaled(_) => 42,
            What::SessionsLost(_) => 43,
            What::Reconnected => 44,
        }
    }

    /// The number that belongs to it, and that number's name in reports.
    pub fn number(self) -> Option<(&'static str, f64)> {
        match self {
            What::Slow(f) | What::Load(f) => Some(("factor", f)),
            What::Error(s) => Some(("share", s)),
            What::Promoted(n) => Some(("writes_lost", n as f64)),
            What::Rejoined(n) => Some(("writes_discarded", n as f64)),
            What::Restored(n) => Some(("writes_restored", n as f64)),
            What::Conflict(n) => Some(("conflicts", n as f64)),
            What::Scaled(n) => Some(("instances", f64::from(n))),
            What::SessionsLost(n) => Some(("users", f64::from(n))),
            _ => None,
        }
    }
}
