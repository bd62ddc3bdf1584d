//! Unpacking a document: into memory when it is short, else into a file.

use super::Import;
use super::candidates::{Candidate, read_document, too_long, unreadable};
use crate::blobs::StageError;
use crate::domain::findings::Finding;
use crate::jobs::failure::{Failure, JobResult};
use crate::plugin_host::DocumentContent;
use serde::de::IgnoredAny;
use std::fs::File;
use std::io::BufReader;

/// The longest document that is read in memory; a longer one is unpacked into a file, which plugins map.
const IN_MEMORY_BYTES: u64 = 4 << 20;

/// Whoever reads it removes the file then.
pub async fn unpack(import: &Import, candidate: &Candidate) -> JobResult<Result<DocumentContent, Finding>> {
    let (archive, staging, candidate) = (import.archive.clone(), import.staging.clone(), candidate.clone());
    let limit_bytes = import.run.services.limits.document_bytes;
    let unpacked = tokio::task::spawn_blocking(move || {
        if candidate.declared_bytes <= IN_MEMORY_BYTES {
            return Ok(read_document(&archive, candidate.index, limit_bytes).map(DocumentContent::Memory));
        }
        let written = archive.read_entry(candidate.index, |reader| staging.write(reader, limit_bytes));
        match written.unwrap_or_else(|error| Err(StageError::Source(error))) {
            Ok(file) => Ok(Ok(DocumentContent::File(file.path))),
            Err(StageError::Store(error)) => Err(Failure::from(error)),
            Err(StageError::TooLarge { limit_bytes }) => Ok(Err(too_long(limit_bytes))),
            Err(StageError::Source(error)) => Ok(Err(unreadable(&error))),
        }
    });
    unpacked.await?
}

/// Whether it parses, as anything. Blocks.
pub fn is_json(content: &DocumentContent) -> bool {
    match content {
        DocumentContent::Memory(bytes) => serde_json::from_slice::<IgnoredAny>(bytes).is_ok(),
        DocumentContent::File(path) => {
            File::open(path).is_ok_and(|file| serde_json::from_reader::<_, IgnoredAny>(BufReader::new(file)).is_ok())
        }
    }
}
