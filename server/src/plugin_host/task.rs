//! What a plugin is asked to do, what it is given and what comes back, as data that may cross processes.

use super::{PluginError, PluginErrorKind};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What a rendition is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RenderOutput {
    Png,
    /// Transparency is laid on black.
    Jpeg,
}

impl RenderOutput {
    /// Id of the image format that writes it.
    pub(super) fn format(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
        }
    }
}

/// One call. What each takes and answers stands beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Task {
    /// The head of a file in; a byte for each of the plugin's image formats out, 0 to 100, in the manifest's order.
    Probe { name: String, total_bytes: u64 },
    /// A file in; its pixel digest, metadata as JSON, and a thumbnail out.
    Inspect { format: String, thumbnail_size: u32 },
    /// A file in; its data elements as JSON out, no bytes when it has none.
    Elements { format: String },
    /// A file in; a picture file out. `window`: center and width.
    Render { format: String, frame: u32, window: Option<(f64, f64)>, max_size: Option<u32>, output: RenderOutput },
    /// A file in; a PNG out.
    Convert { format: String, frame: u32, bits: u8 },
    /// 8-bit grey samples in; a picture file of that format out.
    Encode { format: String, width: u32, height: u32 },
    /// A document in; the SDK's `Recognition` as JSON out.
    Recognise { annotation_type: String, name: String, format: String },
    /// A document in; an outcome out.
    Import { annotation_type: String, name: String, format: String },
    /// A batch in; an outcome out.
    Validate { annotation_type: String },
    /// A batch in; an outcome out.
    Merge { annotation_type: String },
    /// That task from so many threads at once; its input in, its answer out when all agree.
    InThreads { task: Box<Task>, threads: u8 },
    /// A batch in; an outcome of files out.
    Export { annotation_type: String, format: String },
}

/// The bytes that a task works on; clones share them.
#[derive(Clone)]
pub(super) enum Input {
    /// A stored or staged file, written once and never changed.
    File(PathBuf),
    Parcel(Arc<Parcel>),
}

/// Bytes on their way to one plugin or several; the memory that other processes read them from is made once.
pub(super) struct Parcel {
    pub(super) bytes: Bytes,
    #[cfg(target_os = "linux")]
    pub(super) shared: std::sync::OnceLock<std::os::fd::OwnedFd>,
}

impl Parcel {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            #[cfg(target_os = "linux")]
            shared: std::sync::OnceLock::new(),
        }
    }
}

impl From<Bytes> for Input {
    fn from(bytes: Bytes) -> Self {
        Self::Parcel(Arc::new(Parcel::new(bytes)))
    }
}

/// What came back: as many parts as the task says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) parts: Vec<Bytes>,
}

impl Answer {
    pub(super) fn of(parts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { parts: parts.into_iter().map(Bytes::from).collect() }
    }

    /// # Errors
    /// When there are more or fewer.
    pub(super) fn into_parts<const COUNT: usize>(self) -> Result<[Bytes; COUNT], PluginError> {
        let found = self.parts.len();
        self.parts.try_into().map_err(|_| {
            let message = format!("an answer of {COUNT} parts was expected, it has {found}");
            PluginError { kind: PluginErrorKind::Protocol, plugin: String::new(), message }
        })
    }
}
