//! The uploaded file as the zip library reads it: many readers of one file, each with a place of its own, and a bound
//! on what the archive's directory may cost while it is read. What the directory says is `archive.rs`'s.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// A file that many readers share. Clones read entries: the bound on the directory is the first reader's alone.
pub struct ArchiveFile {
    file: Arc<File>,
    at: u64,
    bound: Option<Arc<DirectoryBound>>,
}

impl ArchiveFile {
    /// Reads a directory, at most as much as `bound` allows.
    pub fn for_directory(file: File, bound: Arc<DirectoryBound>) -> Self {
        Self { file: Arc::new(file), at: 0, bound: Some(bound) }
    }
}

impl Clone for ArchiveFile {
    fn clone(&self) -> Self {
        Self { file: self.file.clone(), at: self.at, bound: None }
    }
}

impl Read for ArchiveFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &self.bound {
            None => read_at(&self.file, buffer, self.at)?,
            Some(bound) => bound.read_at(&self.file, buffer, self.at)?,
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for ArchiveFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    #[cfg(unix)]
    let count = std::os::unix::fs::FileExt::read_at(file, buffer, at);
    #[cfg(windows)]
    let count = std::os::windows::fs::FileExt::seek_read(file, buffer, at);
    count
}

/// Bytes of a directory for each entry that is allowed, on average: a header has 46, the rest is name, extra fields and
/// comment (APPNOTE 4.3.12).
const BYTES_PER_ENTRY: u64 = 512;
/// Bytes of a directory that are allowed on top: the search for its end, and few entries with long names.
const BYTES_ON_TOP: u64 = 16 << 20;
/// What the ZIP64 end record begins with (APPNOTE 4.3.14).
const ZIP64_END: [u8; 4] = *b"PK\x06\x06";

/// The library keeps the whole directory in memory, and makes room for as many entries as the end record announces
/// before it reads the first: both are stopped here. Whoever opens the archive asks afterwards whether that happened,
/// because the library takes a failed read for another mistake of the file and tries on.
#[derive(Debug)]
pub struct DirectoryBound {
    max_entries: u64,
    max_bytes: u64,
    read_bytes: AtomicU64,
    passed: OnceLock<String>,
}

impl DirectoryBound {
    pub fn new(max_entries: u64) -> Self {
        let max_bytes = max_entries.saturating_mul(BYTES_PER_ENTRY).saturating_add(BYTES_ON_TOP);
        Self { max_entries, max_bytes, read_bytes: AtomicU64::new(0), passed: OnceLock::new() }
    }

    /// A sentence, once a limit was passed.
    pub fn passed(&self) -> Option<&str> {
        self.passed.get().map(String::as_str)
    }

    fn read_at(&self, file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let room = self.max_bytes.saturating_sub(self.read_bytes.load(Ordering::Relaxed));
        if self.passed.get().is_some() || room == 0 {
            return Err(self.refuse(self.too_large(&format!("more than {}", self.max_bytes))));
        }
        let length = buffer.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let count = read_at(file, &mut buffer[..length], at)?;
        self.read_bytes.fetch_add(count as u64, Ordering::Relaxed);
        if buffer[..count].starts_with(&ZIP64_END) {
            self.check_end_record(file, at)?;
        }
        Ok(count)
    }

    /// The numbers of a ZIP64 end record: the only ones that are not small by their width.
    fn check_end_record(&self, file: &File, at: u64) -> io::Result<()> {
        let mut record = [0; 40];
        if read_at(file, &mut record, at)? < record.len() {
            return Ok(());
        }
        let number = |from: usize| record.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
        let number = |from| number(from).map_or(0, u64::from_le_bytes);
        let (record_bytes, entries) = (number(4), number(32));
        if entries > self.max_entries {
            return Err(self.refuse(too_many_entries("announces", entries, self.max_entries)));
        }
        if record_bytes > self.max_bytes {
            return Err(self.refuse(self.too_large(&format!("{record_bytes}"))));
        }
        Ok(())
    }

    fn too_large(&self, found: &str) -> String {
        let (bytes, entries) = (self.max_bytes, self.max_entries);
        format!(
            "ARCHIVE_LIMIT: the archive's directory has {found} bytes; at most {bytes} are allowed where \
             limits.archive_entries is {entries}"
        )
    }

    fn refuse(&self, reason: String) -> io::Error {
        io::Error::other(self.passed.get_or_init(|| reason).clone())
    }
}

/// The same sentence wherever the number of entries is known from.
pub fn too_many_entries(says: &str, entries: u64, max_entries: u64) -> String {
    format!("ARCHIVE_LIMIT: the archive {says} {entries} entries; limits.archive_entries allows at most {max_entries}")
}
