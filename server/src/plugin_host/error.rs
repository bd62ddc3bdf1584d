//! What a call into a plugin can fail with.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a call failed, for code that decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PluginErrorKind {
    /// The file is valid but needs something that the plugin does not do.
    Unsupported,
    /// The file breaks its own format.
    Corrupt,
    /// The file is valid but shows no picture.
    NoPixels,
    /// A limit was passed; the message names it.
    Limit,
    /// The call was told to stop.
    Cancelled,
    /// The caller asked for something that does not exist.
    Invalid,
    /// The plugin or this server is at fault: a panic, a broken answer.
    Internal,
    /// The plugin's process ended in the middle of the call.
    Crashed,
    /// The call took longer than it may.
    TimedOut,
    /// The plugin's process took more memory than it may.
    Memory,
    /// What came from the plugin's process was no answer.
    Protocol,
    /// The plugin is switched off for a while, because it kept failing.
    Suspended,
}

impl PluginErrorKind {
    /// The code of findings and of errors for clients; `None` where the file or the caller is at fault, which has
    /// codes of its own.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Crashed => Some("PLUGIN_CRASHED"),
            Self::TimedOut => Some("PLUGIN_TIMEOUT"),
            Self::Memory => Some("PLUGIN_MEMORY"),
            Self::Protocol => Some("PLUGIN_PROTOCOL"),
            Self::Suspended => Some("PLUGIN_SUSPENDED"),
            _ => None,
        }
    }

    /// Whether the plugin's process had to be given up.
    pub(super) fn is_death(self) -> bool {
        matches!(self, Self::Crashed | Self::TimedOut | Self::Memory | Self::Protocol)
    }
}

/// A failed call: what, where, and a sentence for the person who sent the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}{}", self.origin())]
pub struct PluginError {
    pub kind: PluginErrorKind,
    /// Id of the plugin; empty when no plugin was found for the call.
    pub plugin: String,
    pub message: String,
}

impl PluginError {
    fn origin(&self) -> String {
        if self.plugin.is_empty() { String::new() } else { format!(" (plugin {})", self.plugin) }
    }
}
