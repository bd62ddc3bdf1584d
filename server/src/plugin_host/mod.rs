//! Plugins for the rest of the server: which are there, and what they do with images and documents. Nothing outside
//! this module knows where a plugin runs, and no other module of the server is `unsafe`.
//!
//! `native` calls plugins in the process that it is in; `worker` is the process around it, `pool` the server's side of
//! those processes, and `wire` what both say to each other. `conformance` is the suite that checks a plugin file.

mod answers;
mod breaker;
mod catalog;
mod circumstances;
mod conformance;
mod discovery;
mod documents;
mod error;
mod generation;
mod host;
mod images;
mod info;
mod limits;
mod manifest;
mod native;
#[cfg(target_os = "linux")]
mod pool;
mod runner;
mod settings;
mod task;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod worker;

pub use catalog::Catalog;
pub use conformance::{CheckOutcome, CheckRequest, CheckStatus, ConformanceReport, check, check_names};
pub use documents::{DocumentContent, Recognitions};
pub use error::{PluginError, PluginErrorKind};
pub use host::{CurrentCatalog, PluginHost};
pub use images::{Inspection, RenderRequest};
pub use info::{PluginInfo, PluginState, Refusal};
pub use settings::{Isolation, PluginHostSettings};
pub use task::RenderOutput;
#[cfg(target_os = "linux")]
pub use worker::run as run_worker;
