//! Where plugins are looked for, and what their calls may take.

use std::path::PathBuf;

/// Where plugins are looked for, and what their calls may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginHostSettings {
    /// `Some`: only these. `None`: beside the executable, then `plugins/` of the data directory.
    pub directories: Option<Vec<PathBuf>>,
    pub data_dir: Option<PathBuf>,
    /// Calls that run at the same time; the others wait. 0 counts as 1.
    pub parallel_calls: usize,
    /// The most memory that one decoded frame may take.
    pub max_pixels_bytes: u64,
    /// One call of this module that takes longer is cancelled; an inspection is one call, whatever its frames.
    pub call_timeout_ms: u64,
}

impl Default for PluginHostSettings {
    fn default() -> Self {
        Self {
            directories: None,
            data_dir: None,
            parallel_calls: std::thread::available_parallelism().map_or(1, usize::from),
            max_pixels_bytes: 1 << 30,
            call_timeout_ms: 10 * 60 * 1000,
        }
    }
}
