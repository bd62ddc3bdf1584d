//! What a plugin call can fail with. Each variant carries one sentence for the person who sent the file.

use thiserror::Error;

/// A failed call. The sentence says what was found and what was expected; the host adds the file's name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The file is valid but needs something that this plugin does not do (a transfer syntax, a bit depth).
    #[error("{0}")]
    Unsupported(String),
    /// The file breaks its own format.
    #[error("{0}")]
    Corrupt(String),
    /// The file is valid but shows no picture (a DICOMDIR, a report).
    #[error("{0}")]
    NoPixels(String),
    /// A limit was passed: the sentence names the limit, the allowed and the actual value.
    #[error("{0}")]
    Limit(String),
    /// The host asked the call to stop, or its deadline passed.
    #[error("cancelled")]
    Cancelled,
    /// The caller asked for something that does not exist, such as frame 7 of 3.
    #[error("{0}")]
    Invalid(String),
    /// A bug in the plugin, a panic among them.
    #[error("{0}")]
    Internal(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
