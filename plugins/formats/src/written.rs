//! The files of an export in the making: counted against the call's limit, and no two with one path.

use crate::stem::without_extension;
use lightbox_sdk::{Call, Error, Exported, Finding, Result};
use std::collections::HashSet;

#[derive(Default)]
pub(crate) struct Written {
    files: Vec<(String, Vec<u8>)>,
    taken: HashSet<String>,
    bytes: u64,
}

impl Written {
    /// Adds a file.
    ///
    /// # Errors
    /// `Limit` for more bytes than the call may return, `Cancelled`.
    pub(crate) fn push(&mut self, path: String, content: Vec<u8>, call: &Call<'_>) -> Result<()> {
        call.check()?;
        self.bytes += (path.len() + content.len()) as u64;
        if self.bytes > call.max_output_bytes() {
            let allowed = call.max_output_bytes();
            return Err(Error::Limit(format!("the export's files take more than the allowed {allowed} bytes")));
        }
        self.taken.insert(path.clone());
        self.files.push((path, content));
        Ok(())
    }

    /// A path for the file that belongs to `image`: its own without its extension, or with it where another image of the
    /// same name came first. `None` when both are taken.
    pub(crate) fn free_path(&self, folder: &str, image: &str, extension: &str) -> Option<String> {
        [without_extension(image), image]
            .map(|stem| format!("{folder}{stem}.{extension}"))
            .into_iter()
            .find(|path| !self.taken.contains(path))
    }

    pub(crate) fn is_taken(&self, path: &str) -> bool {
        self.taken.contains(path)
    }

    pub(crate) fn into_exported(self, findings: Vec<Finding>) -> Exported {
        Exported { files: self.files, findings }
    }
}
