//! What the scene shows.
