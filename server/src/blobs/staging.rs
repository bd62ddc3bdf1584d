//! Files of a job that has not published yet.

use super::{BlobError, BlobResult};
use crate::domain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Name of the file in a staging folder that lists what is handed over.
const JOURNAL: &str = "handed-over";

/// A folder of staged files; removed with everything in it when dropped, unless it is to be left.
pub struct Staging {
    folder: PathBuf,
    is_left: AtomicBool,
    next: AtomicU64,
    files: Mutex<HashMap<Digest, PathBuf>>,
}

/// A file that was written to the staging folder.
#[derive(Debug, Clone)]
pub struct StagedFile {
    pub path: PathBuf,
    pub sha256: Digest,
    pub size_bytes: u64,
}

/// Why a file could not be staged.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("the source of the file failed: {0}")]
    Source(std::io::Error),
    #[error("the file has more than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error(transparent)]
    Store(#[from] BlobError),
}

impl Staging {
    pub(super) fn create(folder: PathBuf) -> BlobResult<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| BlobError::new("remove", &folder, error))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| BlobError::new("create", &folder, error))?;
        Ok(Self { folder, is_left: AtomicBool::new(false), next: AtomicU64::new(0), files: Mutex::default() })
    }

    /// Copies what the reader gives, at most `limit_bytes`, and digests it on the way. The file is not staged until
    /// [`Staging::keep`] is called: until then it is a scratch file of the folder. Blocks.
    pub fn write(&self, mut reader: impl Read, limit_bytes: u64) -> Result<StagedFile, StageError> {
        let path = self.folder.join(format!("{:08}", self.next.fetch_add(1, Ordering::Relaxed)));
        let store = |action, error| StageError::Store(BlobError::new(action, &path, error));
        let mut file = std::fs::File::create_new(&path).map_err(|error| store("create", error))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 128 * 1024];
        let mut size_bytes = 0u64;
        loop {
            let count = reader.read(&mut buffer).map_err(StageError::Source)?;
            if count == 0 {
                break;
            }
            size_bytes += count as u64;
            if size_bytes > limit_bytes {
                drop(file);
                self.discard(&path);
                return Err(StageError::TooLarge { limit_bytes });
            }
            hasher.update(&buffer[..count]);
            file.write_all(&buffer[..count]).map_err(|error| store("write", error))?;
        }
        Ok(StagedFile { path, sha256: Digest(hasher.finalize().into()), size_bytes })
    }

    /// The file will be handed over. An equal one that is kept already makes this one superfluous.
    pub fn keep(&self, file: &StagedFile, thumbnail: &[u8]) -> BlobResult<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.contains_key(&file.sha256) {
            self.discard(&file.path);
            return Ok(());
        }
        let path = self.thumbnail_path(file.sha256);
        std::fs::write(&path, thumbnail).map_err(|error| BlobError::new("write", &path, error))?;
        files.insert(file.sha256, file.path.clone());
        Ok(())
    }

    /// A scratch file is not needed after all.
    pub fn discard(&self, path: &Path) {
        if let Err(error) = std::fs::remove_file(path) {
            tracing::debug!(path = %path.display(), %error, "a scratch file could not be removed");
        }
    }

    /// Whether the folder stays when this is dropped, for its journal: the next start takes back what it names.
    pub fn leave(&self, is_left: bool) {
        self.is_left.store(is_left, Ordering::SeqCst);
    }

    /// The files that are kept.
    pub fn digests(&self) -> Vec<Digest> {
        self.files().into_iter().map(|(file, _)| file).collect()
    }

    /// Names the kept files in the folder itself: who finds the folder after a crash knows what may have been handed
    /// over.
    pub(super) fn write_journal(&self) -> BlobResult<()> {
        let path = self.folder.join(JOURNAL);
        let failed = |error| BlobError::new("write", &path, error);
        let text: String = self.digests().iter().map(|file| format!("{file}\n")).collect();
        let mut file = std::fs::File::create(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }

    pub(super) fn files(&self) -> Vec<(Digest, PathBuf)> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().map(|(file, path)| (*file, path.clone())).collect()
    }

    pub(super) fn thumbnail_path(&self, file: Digest) -> PathBuf {
        self.folder.join(format!("{file}.jpg"))
    }
}

/// What the journal of a staging folder names; nothing is handed over before it is whole.
pub(super) fn read_journal(folder: &Path) -> BlobResult<Vec<Digest>> {
    let path = folder.join(JOURNAL);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().filter_map(Digest::parse).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(BlobError::new("read", &path, error)),
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_left.load(Ordering::SeqCst) {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a staging folder could not be removed");
        }
    }
}
