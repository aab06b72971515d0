//! A sweep: one scenario at many settings, each with several seeds, and the load at which promises break.
//!
//! Pure: says which runs there are, what is kept of each and what they mean together. Who makes the runs, on every core
//! or in several workers, is the caller's business; a row depends on nothing but the plan and its own number.

mod choices;
mod curve;
mod knee;
mod outcome;
pub mod picture;
mod plan;
mod reach;
mod setting;
mod verdict;
pub mod versus;
mod watch;

pub use choices::{Choice, choices};
pub use curve::{Spot, bottleneck, curve, most};
pub use knee::{Knee, knee};
pub use outcome::{NUMBERS, Outcome};
pub use plan::{Plan, Row, hash, slo};
pub use reach::{Grip, Reach};
pub use setting::{Axis, apply};
pub use verdict::verdict;
pub use watch::Watch;
