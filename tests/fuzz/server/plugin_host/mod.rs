//! The modules of the plugin host that outside bytes reach. They name each other by `crate::plugin_host`, so that they
//! stand at the same place here.

#[path = "../../../../server/src/plugin_host/answers.rs"]
mod answers;
#[path = "../../../../server/src/plugin_host/circumstances.rs"]
mod circumstances;
#[path = "../../../../server/src/plugin_host/error.rs"]
mod error;
pub mod fuzzed_plugin;
pub mod fuzzed_worker;
#[path = "../../../../server/src/plugin_host/limits.rs"]
mod limits;
#[path = "../../../../server/src/plugin_host/manifest.rs"]
mod manifest;
mod native;
mod pool;
#[path = "../../../../server/src/plugin_host/task.rs"]
mod task;
#[path = "../../../../server/src/plugin_host/wire/mod.rs"]
mod wire;
mod worker;

pub use error::{PluginError, PluginErrorKind};
