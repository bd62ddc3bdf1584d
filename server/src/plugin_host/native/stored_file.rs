//! A stored file as bytes, without a copy.

use memmap2::Mmap;
use std::fs::File;
use std::io::Result;

/// A file in memory.
pub struct StoredFile {
    /// `None`: the file is empty, which cannot be mapped.
    map: Option<Mmap>,
}

impl StoredFile {
    /// Maps a stored file, a staged one, or memory that its maker sealed.
    pub fn map(file: &File) -> Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self { map: None });
        }
        // SAFETY: stored and staged files are written once, before anyone is given their path, and never changed or
        // cut; one that is removed meanwhile stays mapped. Sealed memory cannot change.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self { map: Some(map) })
    }

    pub fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}
