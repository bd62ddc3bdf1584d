//! The uploaded file as an archive: the zip's directory, and its entries as streams that our own counters bound. A single
//! document is an archive of one entry.

use super::archive_file::{ArchiveFile, DirectoryBound, too_many_entries};
use crate::config::Limits;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zip::ZipArchive;

/// An open archive; clones read in parallel.
#[derive(Clone)]
pub struct Archive {
    content: Content,
    unpacked_bytes: Arc<AtomicU64>,
    max_unpacked_bytes: u64,
}

#[derive(Clone)]
enum Content {
    Zip(ZipArchive<ArchiveFile>),
    /// The file itself, under the name that it was uploaded with.
    Single {
        path: PathBuf,
        name: String,
        size_bytes: u64,
    },
}

/// What the directory says of an entry.
#[derive(Debug, Clone)]
pub struct Entry {
    pub index: usize,
    pub raw_name: Vec<u8>,
    /// The name, when the archive says in which encoding it is.
    pub name: Option<String>,
    /// How long the archive says that it is, unpacked; not to be relied on.
    pub declared_bytes: u64,
    pub is_encrypted: bool,
    pub is_link: bool,
}

/// Bit 11 of an entry's flags: its name is UTF-8 (APPNOTE 4.4.4).
const UTF8_FLAG: u16 = 1 << 11;

/// How a zip archive begins: with an entry, with nothing, with the mark of several volumes (APPNOTE 4.3).
const ZIP_SIGNATURES: [&[u8; 4]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

impl Archive {
    /// Reads the directory, which costs no more memory than the limit on entries allows, whatever it says of itself.
    ///
    /// # Errors
    /// With a sentence, when the file is no zip archive, or lists too many entries or too long ones.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| format!("the uploaded file cannot be opened: {error}"))?;
        let bound = Arc::new(DirectoryBound::new(limits.archive_entries));
        let opened = ZipArchive::new(ArchiveFile::for_directory(file, bound.clone()));
        if let Some(reason) = bound.passed() {
            return Err(reason.to_owned());
        }
        let zip = opened.map_err(|error| format!("this is no zip archive: {error}"))?;
        let count = zip.len() as u64;
        if count > limits.archive_entries {
            return Err(too_many_entries("has", count, limits.archive_entries));
        }
        Ok(Self::of(Content::Zip(zip), limits))
    }

    /// The same for a file that is an archive or a document by itself.
    ///
    /// # Errors
    /// As for [`Archive::open`].
    pub fn open_or_single(path: &Path, name: &str, limits: &Limits) -> Result<Self, String> {
        let mut signature = [0; 4];
        let mut file = File::open(path).map_err(|error| format!("the uploaded file cannot be opened: {error}"))?;
        if file.read_exact(&mut signature).is_ok() && ZIP_SIGNATURES.contains(&&signature) {
            return Self::open(path, limits);
        }
        let size_bytes = file.metadata().map_err(|error| format!("the uploaded file cannot be read: {error}"))?.len();
        // Clients send whole paths of theirs too.
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
        Ok(Self::of(Content::Single { path: path.to_owned(), name, size_bytes }, limits))
    }

    fn of(content: Content, limits: &Limits) -> Self {
        Self { content, unpacked_bytes: Arc::default(), max_unpacked_bytes: limits.archive_unpacked_bytes }
    }

    pub fn is_single(&self) -> bool {
        matches!(self.content, Content::Single { .. })
    }

    /// Some names stand in the directory more than once; only the last entry of each can be read.
    pub fn has_repeated_names(&self) -> bool {
        match &self.content {
            Content::Zip(zip) => zip.has_duplicate_names(),
            Content::Single { .. } => false,
        }
    }

    /// Every entry, in the order of the directory.
    pub fn list(&self) -> Result<Vec<Entry>, String> {
        let zip = match &self.content {
            Content::Zip(zip) => zip,
            Content::Single { name, size_bytes, .. } => return Ok(vec![Entry::single(name, *size_bytes)]),
        };
        let entry = |index| {
            let data = zip.by_index_data(index)?;
            let raw_name = data.name_raw().to_vec();
            let said_utf8 = data.flags().as_u16() & UTF8_FLAG != 0 || raw_name.is_ascii();
            let name = if said_utf8 { String::from_utf8(raw_name.clone()).ok() } else { None };
            let (is_encrypted, is_link) = (data.encrypted(), data.is_symlink());
            Ok(Entry { index, raw_name, name, declared_bytes: data.size(), is_encrypted, is_link })
        };
        let entries: zip::result::ZipResult<Vec<Entry>> = (0..zip.len()).map(entry).collect();
        entries.map_err(|error| format!("the archive's directory does not read: {error}"))
    }

    /// Opens an entry and hands its bytes to `read`. Blocks. Bytes of all entries together are counted as they are
    /// unpacked; the one that passes the limit fails.
    pub fn read_entry<T>(&self, index: usize, read: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        let mut zip = match &self.content {
            Content::Zip(zip) => zip.clone(),
            Content::Single { path, .. } => return Ok(read(&mut Counted { inner: File::open(path)?, archive: self })),
        };
        let entry = zip.by_index(index).map_err(io::Error::other)?;
        Ok(read(&mut Counted { inner: entry, archive: self }))
    }

    /// The archive unpacks to more than is allowed: everything must stop.
    pub fn passed_limit(&self) -> Option<String> {
        let limit = self.max_unpacked_bytes;
        let passed = self.unpacked_bytes.load(Ordering::Relaxed) > limit;
        passed
            .then(|| format!("ARCHIVE_LIMIT: the archive unpacks to more than {limit} bytes; that is the most allowed"))
    }
}

impl Entry {
    fn single(name: &str, size_bytes: u64) -> Self {
        Self {
            index: 0,
            raw_name: name.as_bytes().to_vec(),
            name: Some(name.to_owned()),
            declared_bytes: size_bytes,
            is_encrypted: false,
            is_link: false,
        }
    }
}

struct Counted<'a, R> {
    inner: R,
    archive: &'a Archive,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let before = self.archive.unpacked_bytes.fetch_add(count as u64, Ordering::Relaxed);
        if before + count as u64 > self.archive.max_unpacked_bytes {
            return Err(io::Error::other("the archive unpacks to more than is allowed"));
        }
        Ok(count)
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
