//! The one integration binary: what holds across modules. One binary, because each more would be linked anew.

#[path = "suite/imports.rs"]
mod imports;

#[path = "suite/balancing.rs"]
mod balancing;
#[path = "suite/caching.rs"]
mod caching;
#[path = "suite/cli.rs"]
mod cli;
#[path = "suite/codec.rs"]
mod codec;
#[path = "suite/costs.rs"]
mod costs;
#[path = "suite/data.rs"]
mod data;
#[path = "suite/databases.rs"]
mod databases;
#[path = "suite/designs.rs"]
mod designs;
#[path = "suite/draw.rs"]
mod draw;
#[path = "suite/drill.rs"]
mod drill;
#[path = "suite/estimates.rs"]
mod estimates;
#[path = "suite/guards.rs"]
mod guards;
#[path = "suite/language.rs"]
mod language;
#[path = "suite/links.rs"]
mod links;
#[path = "suite/names.rs"]
mod names;
#[path = "suite/queries.rs"]
mod queries;
#[path = "suite/replication.rs"]
mod replication;
#[path = "suite/rewind.rs"]
mod rewind;
#[path = "suite/runs.rs"]
mod runs;
#[path = "suite/servers.rs"]
mod servers;
#[path = "suite/sweeps.rs"]
mod sweeps;
#[path = "suite/theory.rs"]
mod theory;
#[path = "suite/traces.rs"]
mod traces;
#[path = "suite/trial.rs"]
mod trial;
#[path = "suite/validation.rs"]
mod validation;
#[path = "suite/why.rs"]
mod why;
