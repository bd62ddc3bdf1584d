//! A stored file as bytes, without a copy.

use super::{PluginError, PluginErrorKind};
use memmap2::Mmap;
use std::fs::File;
use std::path::Path;

/// An open file in memory.
pub(super) struct StoredFile {
    /// `None`: the file is empty, which cannot be mapped.
    map: Option<Mmap>,
}

impl StoredFile {
    pub(super) fn open(path: &Path) -> Result<Self, PluginError> {
        let failed = |error: std::io::Error| PluginError {
            kind: PluginErrorKind::Internal,
            plugin: String::new(),
            message: format!("the stored file {} cannot be read: {error}", path.display()),
        };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            return Ok(Self { map: None });
        }
        // SAFETY: stored and staged files are written once, before anyone is given their path, and never changed or
        // cut; one that is removed meanwhile stays mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        Ok(Self { map: Some(map) })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}
