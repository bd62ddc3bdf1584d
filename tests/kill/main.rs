//! The real server, killed at any moment and on disks that fail: what it acknowledged stays, nothing half-made shows, and
//! nothing is left over. `settings` says how long it goes on.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod board;
mod disk;
mod failing_disk;
mod faults;
mod first_start;
mod kills;
mod model;
mod operations;
mod pictures;
mod reconcile;
mod seen;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod wire;
mod workers;
mod world;
