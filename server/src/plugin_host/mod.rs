//! Plugins for the rest of the server: which are there, and what they do with images and documents. Nothing outside
//! this module knows where a plugin runs, and no other module of the server is `unsafe`.

mod documents;
mod error;
mod host;
mod images;
mod info;
mod settings;

pub use error::{PluginError, PluginErrorKind};
pub use host::PluginHost;
pub use images::{Inspection, RenderOutput, RenderRequest};
pub use info::{PluginInfo, Refusal};
pub use settings::PluginHostSettings;
