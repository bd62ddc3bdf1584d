//! Plugins in this process: loads libraries, calls their functions, checks every answer. Nothing here knows which
//! process it is. The only modules of the server that are `unsafe` are this one and `wire`.

mod annotation_type;
mod caller;
mod frame;
mod image_format;
mod library;
mod output;
mod perform;
mod pictures;
mod plugin;
mod samples;
mod shared_object;
mod stored_file;
mod threads;

pub use library::load;
pub use perform::Workbench;
pub use plugin::Plugin;
pub use samples::keep_memory;
pub use shared_object::check as check_file;
pub use stored_file::StoredFile;
