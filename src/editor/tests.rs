//! What the editor promises.
