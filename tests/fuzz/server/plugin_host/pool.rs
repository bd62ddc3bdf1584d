//! The server's side of one worker process.

#[path = "../../../../server/src/plugin_host/pool/death.rs"]
mod death;
#[path = "../../../../server/src/plugin_host/pool/process.rs"]
pub mod process;
#[path = "../../../../server/src/plugin_host/pool/start.rs"]
pub mod start;
