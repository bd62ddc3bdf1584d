//! The heads of the messages. Both sides are the same binary, so that nothing here has versions.

use crate::plugin_host::PluginErrorKind;
use crate::plugin_host::task::Task;
use crate::plugin_host::worker::Report;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The first message to a worker. Comes with the control page, the tray, a scratch file, and the libraries: open files,
/// so that what is loaded is what was checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Where the libraries were found, for people; the plugin's own first.
    pub libraries: Vec<PathBuf>,
    /// Formats that write pictures, with the index of the library that each is in.
    pub encoders: Vec<(String, usize)>,
    /// The most memory that one decoded frame may take.
    pub max_pixels_bytes: u64,
    /// The most memory that the worker may take.
    pub memory_bytes: u64,
}

/// The first message from a worker. The body is the manifest in JSON, unless the plugin is refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ready {
    pub sandbox: Report,
    /// Why the plugin is not used.
    pub refusal: Option<String>,
    /// The body stands in the scratch file and has this many bytes.
    pub in_scratch: Option<u64>,
}

/// A call. Comes with the input when it is a file, then with a scratch file when the worker has none.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub number: u32,
    pub task: Task,
    pub timeout_ms: u64,
    /// The input is a file descriptor; else it is the body.
    pub input_is_file: bool,
    pub has_scratch: bool,
}

/// The answer to a call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    pub number: u32,
    pub outcome: Outcome,
    /// The worker should not be used again.
    pub retire: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// Lengths of the parts, which stand one after the other.
    Done {
        parts_bytes: Vec<u64>,
        place: Place,
    },
    Failed {
        kind: PluginErrorKind,
        plugin: String,
        message: String,
    },
}

/// Where an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    Body,
    Tray,
    /// The worker has none from then on.
    Scratch,
}
