//! What the store of bytes can fail with.

use std::path::{Path, PathBuf};

/// The store could not do something with a path, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}")]
pub struct BlobError {
    action: &'static str,
    path: PathBuf,
    pub source: std::io::Error,
}

impl BlobError {
    pub fn new(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }

    pub fn is_disk_full(&self) -> bool {
        self.source.kind() == std::io::ErrorKind::StorageFull
    }
}

pub type BlobResult<T> = Result<T, BlobError>;
