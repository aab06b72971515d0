#![doc = include_str!("ARCHITECTURE.md")]

pub mod check;
pub mod codec;
pub mod component;
pub mod dist;
pub mod drill;
pub mod editor;
pub mod engine;
pub mod metrics;
pub mod order;
pub mod rng;
pub mod scenario;
pub mod scene;
pub mod theory;
pub mod time;
pub mod why;
pub mod worker;
