//! Plugins for the rest of the server: which are there, and what they do with images and documents. Nothing outside
//! this module knows where a plugin runs, and no other module of the server is `unsafe`.

mod annotation_type;
mod description;
mod discovery;
mod documents;
mod error;
mod frame;
mod host;
mod image_format;
mod images;
mod info;
mod library;
mod limits;
mod output;
mod pictures;
mod registry;
mod runner;
mod settings;
mod shared_object;
mod status;
mod stored_file;

pub use error::{PluginError, PluginErrorKind};
pub use host::PluginHost;
pub use images::{Inspection, RenderOutput, RenderRequest};
pub use info::{PluginInfo, Refusal};
pub use settings::PluginHostSettings;
