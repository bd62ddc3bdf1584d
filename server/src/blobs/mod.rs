//! Bytes by their SHA-256: a local folder, each file written once. Which dataset needs which file is the database's.
//!
//! A job stages files in a folder of its own and hands them over when it publishes; a job that fails or is cancelled
//! drops that folder. Removing unneeded files and handing over staged ones exclude each other ([`Blobs::hand_over`],
//! [`Blobs::sweep`]), so that a file is never removed between being found there and being needed.

mod error;
mod staging;

pub use error::{BlobError, BlobResult};
pub use staging::{StageError, StagedFile, Staging};

use crate::domain::digest::Digest;
use crate::domain::ids::JobId;
use sha2::{Digest as _, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    inner: Arc<Inner>,
}

struct Inner {
    root: PathBuf,
    gate: RwLock<()>,
}

/// Held from before staged files are handed over until the rows that need them are committed.
pub struct HandOver<'a>(#[allow(dead_code)] RwLockReadGuard<'a, ()>);

/// Held while unneeded files are looked for and removed.
pub struct Sweep<'a>(#[allow(dead_code)] RwLockWriteGuard<'a, ()>);

impl Blobs {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(root: PathBuf) -> BlobResult<Self> {
        for folder in ["files", "thumbnails", "staging"] {
            let path = root.join(folder);
            std::fs::create_dir_all(&path).map_err(|error| BlobError::new("create", &path, error))?;
        }
        Ok(Self { inner: Arc::new(Inner { root, gate: RwLock::new(()) }) })
    }

    /// Where the stored file with this digest is, whether or not it is there.
    pub fn path(&self, file: Digest) -> PathBuf {
        sharded(&self.inner.root.join("files"), file, "")
    }

    /// Where the thumbnail of the stored file with this digest is, whether or not it is there.
    pub fn thumbnail_path(&self, file: Digest) -> PathBuf {
        sharded(&self.inner.root.join("thumbnails"), file, ".jpg")
    }

    /// A new, empty staging folder for a job; what an earlier attempt left there is gone.
    pub fn stage(&self, job: JobId) -> BlobResult<Staging> {
        Staging::create(self.inner.root.join("staging").join(job.to_string()))
    }

    /// Removes what is left of a job's staging folder. Blocks.
    pub fn unstage(&self, job: JobId) -> BlobResult<()> {
        let folder = self.inner.root.join("staging").join(job.to_string());
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BlobError::new("remove", &folder, error)),
            _ => Ok(()),
        }
    }

    /// Staging folders on disk, and what else stands between them.
    pub fn list_staging(&self) -> BlobResult<(Vec<PathBuf>, Vec<PathBuf>)> {
        let is_of_job = |path: &PathBuf| {
            let named = path.file_name().is_some_and(|name| JobId::parse(&name.to_string_lossy()).is_some());
            named && is_folder(path)
        };
        Ok(read_folder(&self.inner.root.join("staging"))?.into_iter().partition(is_of_job))
    }

    /// Files that the owner of this staging folder was handing over when he was last seen.
    pub fn list_handed_over(&self, folder: &Path) -> BlobResult<Vec<Digest>> {
        staging::read_journal(folder)
    }

    pub async fn begin_hand_over(&self) -> HandOver<'_> {
        HandOver(self.inner.gate.read().await)
    }

    /// Moves every staged file to its place and waits until the disk has it. The files count as needed only once the
    /// caller has committed their rows, so he keeps `guard` until then.
    pub async fn hand_over(&self, staging: Arc<Staging>, guard: &HandOver<'_>) -> BlobResult<()> {
        let _ = guard;
        let blobs = self.clone();
        run(move || {
            staging.write_journal()?;
            for (file, staged) in staging.files() {
                place(&staged, &blobs.path(file))?;
                place(&staging.thumbnail_path(file), &blobs.thumbnail_path(file))?;
            }
            flush(&blobs.inner.root)
        })
        .await
    }

    pub async fn begin_sweep(&self) -> Sweep<'_> {
        Sweep(self.inner.gate.write().await)
    }

    /// Removes stored files with their thumbnails; those that are not there are passed over.
    pub async fn sweep(&self, files: Vec<Digest>, guard: &Sweep<'_>) -> BlobResult<()> {
        let _ = guard;
        let blobs = self.clone();
        run(move || {
            for file in files {
                remove(&blobs.path(file))?;
                remove(&blobs.thumbnail_path(file))?;
            }
            Ok(())
        })
        .await
    }

    /// Every stored file, by digest; what else stands in the store comes back as paths.
    pub fn list(&self) -> BlobResult<(Vec<Digest>, Vec<PathBuf>)> {
        let (mut files, mut foreign) = (Vec::new(), self.list_staging()?.1);
        for folder in read_folder(&self.inner.root.join("files"))? {
            if !is_folder(&folder) {
                foreign.push(folder);
                continue;
            }
            for path in read_folder(&folder)? {
                let named = path.file_name().and_then(|name| Digest::parse(&name.to_string_lossy()));
                match named.filter(|file| self.path(*file) == path && !is_folder(&path)) {
                    Some(file) => files.push(file),
                    None => foreign.push(path),
                }
            }
        }
        Ok((files, foreign))
    }

    /// Whether the stored file is there and its bytes give its digest. Blocks; for `lightbox check`.
    pub fn verify(&self, file: Digest) -> BlobResult<Verdict> {
        let path = self.path(file);
        match std::fs::File::open(&path) {
            Ok(opened) => {
                let actual = digest_of(opened).map_err(|error| BlobError::new("read", &path, error))?;
                Ok(if actual == file { Verdict::Whole } else { Verdict::Damaged })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Verdict::Missing),
            Err(error) => Err(BlobError::new("open", &path, error)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Whole,
    Damaged,
    Missing,
}

/// SHA-256 of everything that a reader gives.
pub fn digest_of(mut reader: impl Read) -> std::io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(Digest(hasher.finalize().into())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

fn sharded(root: &Path, file: Digest, suffix: &str) -> PathBuf {
    let name = file.to_string();
    root.join(&name[..2]).join(format!("{name}{suffix}"))
}

/// Renames unless the place is taken by the same content already.
fn place(from: &Path, to: &Path) -> BlobResult<()> {
    if to.try_exists().map_err(|error| BlobError::new("find", to, error))? {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| BlobError::new("create", folder, error))?;
    }
    std::fs::rename(from, to).map_err(|error| BlobError::new("write", to, error))
}

fn remove(path: &Path) -> BlobResult<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(BlobError::new("remove", path, error)),
        _ => Ok(()),
    }
}

fn read_folder(path: &Path) -> BlobResult<Vec<PathBuf>> {
    let entries = std::fs::read_dir(path).map_err(|error| BlobError::new("read", path, error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// A link to a folder is none of ours.
fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// One flush for all files below a folder, where the system can flush a whole file system, instead of one a file. Blocks.
pub fn flush(root: &Path) -> BlobResult<()> {
    let folder = std::fs::File::open(root).map_err(|error| BlobError::new("open", root, error))?;
    #[cfg(target_os = "linux")]
    let flushed = rustix::fs::syncfs(&folder).map_err(std::io::Error::from);
    #[cfg(not(target_os = "linux"))]
    let flushed = folder.sync_all();
    flushed.map_err(|error| BlobError::new("flush", root, error))
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> BlobResult<T> + Send + 'static) -> BlobResult<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(BlobError::new("finish", Path::new("blobs"), std::io::Error::other(error))),
    }
}
