//! What a worker says of its own confinement.

#[path = "../../../../server/src/plugin_host/worker/sandbox/mod.rs"]
mod sandbox;

pub(in crate::plugin_host) use sandbox::Report;
