//! Where plugins are looked for, and what their calls may take.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where plugins run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In processes of their own, which can neither harm the server nor reach anything (Linux).
    #[default]
    Workers,
    /// In the server itself: a little faster, and a plugin that crashes takes the server with it.
    InProcess,
}

/// Where plugins are looked for, and what their calls may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginHostSettings {
    /// `Some`: only these. `None`: beside the executable, then `plugins/` of the data directory.
    pub directories: Option<Vec<PathBuf>>,
    pub data_dir: Option<PathBuf>,
    /// Where plugins run.
    pub isolation: Isolation,
    /// The binary to start as workers; `None`: the one that runs.
    pub worker_executable: Option<PathBuf>,
    /// The most memory that one worker may take, stored files not counted.
    pub memory_limit_bytes: u64,
    /// SHA-256 of the libraries that may be loaded, in hexadecimal; `None`: all.
    pub allow: Option<Vec<String>>,
    /// Ids of plugins that are not used.
    pub disable: Vec<String>,
    /// Ids of plugins that go before others with the same capability, the most wanted first.
    pub prefer: Vec<String>,
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
            isolation: Isolation::default(),
            worker_executable: None,
            memory_limit_bytes: 4 << 30,
            allow: None,
            disable: Vec::new(),
            prefer: Vec::new(),
            parallel_calls: std::thread::available_parallelism().map_or(1, usize::from),
            max_pixels_bytes: 1 << 30,
            call_timeout_ms: 10 * 60 * 1000,
        }
    }
}
