//! Which entries may be images, which are annotation documents, and which are refused by their name alone.

use super::Import;
use super::archive::{Archive, Entry};
use super::names::name_entries;
use crate::domain::archive_entry::{EntryKind, entry_kind};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::path_match::plain_path;
use crate::jobs::failure::{Failure, JobResult};
use bytes::Bytes;
use std::io::Read;

/// An entry that may be an image.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub index: usize,
    /// '/' separated, unique among the candidates.
    pub path: String,
    pub raw_path: Option<Vec<u8>>,
}

/// An annotation document, read whole.
#[derive(Debug, Clone)]
pub struct Document {
    pub path: String,
    pub bytes: Bytes,
}

#[derive(Debug, Default)]
pub struct Candidates {
    pub images: Vec<Candidate>,
    pub documents: Vec<Document>,
}

/// Reads the directory and the documents.
pub async fn sort_entries(import: &Import, log: &mut FindingLog) -> JobResult<Candidates> {
    let archive = import.archive.clone();
    let limit = import.run.services.limits.document_bytes;
    let (sorted, findings) = tokio::task::spawn_blocking(move || {
        let mut log = FindingLog::default();
        let sorted = sort(&archive, limit, &mut log);
        (sorted, log)
    })
    .await?;
    log.extend(findings.into_findings());
    if let Some(reason) = import.archive.passed_limit() {
        return Err(Failure::Refused(reason));
    }
    sorted.map_err(Failure::Refused)
}

fn sort(archive: &Archive, max_document_bytes: u64, log: &mut FindingLog) -> Result<Candidates, String> {
    let entries = archive.list()?;
    let read = |entry: &Entry| (entry.index, read_document(archive, entry, max_document_bytes));
    let mut documents: std::collections::HashMap<usize, Result<Bytes, Finding>> =
        entries.iter().filter(|entry| is_document(&entry.raw_name) && !entry.is_encrypted).map(read).collect();
    let known: String = (documents.iter().filter_map(|(_, read)| read.as_ref().ok()))
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    let names = name_entries(&entries, &known, log);
    let mut taken = std::collections::HashSet::new();
    let mut candidates = Candidates::default();
    for (entry, (name, raw_path)) in entries.iter().zip(names) {
        match refuse(entry, &name) {
            Some(Refused::Silently) => continue,
            Some(Refused::With(finding)) => {
                log.push(finding);
                continue;
            }
            None => {}
        }
        let path = plain_path(&name);
        if !taken.insert(path.clone()) {
            let message = "another entry of the archive has this path; the first one stays";
            log.push(Finding::error("DUPLICATE_PATH", message).in_file(path));
            continue;
        }
        match documents.remove(&entry.index) {
            Some(Ok(bytes)) => candidates.documents.push(Document { path, bytes }),
            Some(Err(finding)) => log.push(finding.in_file(path)),
            None => candidates.images.push(Candidate { index: entry.index, path, raw_path }),
        }
    }
    Ok(candidates)
}

enum Refused {
    Silently,
    With(Finding),
}

fn refuse(entry: &Entry, name: &str) -> Option<Refused> {
    let with = |code: &str, message: &str| Some(Refused::With(Finding::error(code, message).in_file(name)));
    match entry_kind(name) {
        EntryKind::Litter => Some(Refused::Silently),
        EntryKind::Unsafe => {
            with("UNSAFE_PATH", "the path is absolute, has `..` or is empty; it would leave the dataset's folder")
        }
        EntryKind::File if entry.is_link => with("UNSAFE_PATH", "this is a link, not a file; put the file itself in"),
        EntryKind::File if entry.is_encrypted => {
            with("IMAGE_UNREADABLE", "the entry is encrypted; zip it without a password")
        }
        EntryKind::File => None,
    }
}

/// By name: `label.csv` and JSON. The name's bytes are enough, whatever their encoding.
fn is_document(raw_name: &[u8]) -> bool {
    let name = raw_name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or(raw_name).to_ascii_lowercase();
    let litter = name.starts_with(b"._") || raw_name.starts_with(b"__MACOSX");
    !litter && (name == b"label.csv" || name.ends_with(b".json"))
}

fn read_document(archive: &Archive, entry: &Entry, limit: u64) -> Result<Bytes, Finding> {
    let mut bytes = Vec::new();
    let read = archive.read_entry(entry.index, |reader| reader.take(limit + 1).read_to_end(&mut bytes));
    match read.and_then(|read| read) {
        Err(error) => Err(Finding::error("BAD_DOCUMENT", format!("the entry does not unpack: {error}"))),
        Ok(count) if count as u64 > limit => {
            let message = format!("the document has more than {limit} bytes; that is the most allowed");
            Err(Finding::error("ARCHIVE_LIMIT", message))
        }
        Ok(_) => Ok(Bytes::from(bytes)),
    }
}

/// The paths of all image candidates, one a line: what class folders are read from.
pub fn path_listing(paths: impl Iterator<Item = impl AsRef<str>>) -> Bytes {
    let mut listing = String::new();
    for path in paths {
        listing.push_str(path.as_ref());
        listing.push('\n');
    }
    Bytes::from(listing)
}
