//! The server's `native` without the loading of libraries: the fuzzed plugin is in the process already.

#[path = "../../../../server/src/plugin_host/native/annotation_type.rs"]
mod annotation_type;
#[path = "../../../../server/src/plugin_host/native/caller.rs"]
mod caller;
#[path = "../../../../server/src/plugin_host/native/frame.rs"]
mod frame;
#[path = "../../../../server/src/plugin_host/native/image_format.rs"]
mod image_format;
#[path = "../../../../server/src/plugin_host/native/output.rs"]
mod output;
#[path = "../../../../server/src/plugin_host/native/perform.rs"]
mod perform;
#[path = "../../../../server/src/plugin_host/native/pictures.rs"]
mod pictures;
#[path = "../../../../server/src/plugin_host/native/plugin.rs"]
pub mod plugin;
#[path = "../../../../server/src/plugin_host/native/samples.rs"]
mod samples;
#[path = "../../../../server/src/plugin_host/native/shared_object.rs"]
mod shared_object;
#[path = "../../../../server/src/plugin_host/native/threads.rs"]
mod threads;

pub use perform::Workbench;
pub use shared_object::check as check_file;
