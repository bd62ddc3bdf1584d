//! Combining datasets: checking what was asked for, previewing it, starting the job that does it.

mod assembly;
mod check;
mod digest;
mod preview;
mod request;
mod sources;
mod start;

pub use assembly::{Assembly, assemble};
pub use digest::digest_of;
pub use preview::{CombineWarningCode, CombinedLabel, Preview, Warning, preview};
pub use request::{CombineInput, CombineRequest, InputSource, RequestedRename, RequestedSource};
pub use sources::load_sources;
pub use start::start;
