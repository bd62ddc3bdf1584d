//! What a call into a plugin can fail with.

use thiserror::Error;

/// Why a call failed, for code that decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PluginErrorKind {
    /// The file is valid but needs something that the plugin does not do.
    Unsupported,
    /// The file breaks its own format.
    Corrupt,
    /// The file is valid but shows no picture.
    NoPixels,
    /// A limit was passed; the message names it.
    Limit,
    /// The call was told to stop, or took longer than it may.
    Cancelled,
    /// The caller asked for something that does not exist.
    Invalid,
    /// The plugin or this server is at fault: a panic, a broken answer.
    Internal,
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
