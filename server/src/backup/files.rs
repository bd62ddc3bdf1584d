//! Which stored files a database needs, and their way from one folder to another, held against their digests.

use crate::blobs::{Blobs, digest_of};
use crate::db::{self, Database};
use crate::domain::dataset::DatasetStatus;
use crate::domain::digest::Digest;
use anyhow::{Context, bail};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Those of every dataset that is not being deleted.
pub async fn needed(db: &Database) -> anyhow::Result<HashSet<Digest>> {
    let mut needed = HashSet::new();
    for dataset in db::datasets::list_all(db.read()).await? {
        if dataset.status != DatasetStatus::Deleting {
            let images = db::images::list_by_dataset(db.read(), dataset.id).await?;
            needed.extend(images.iter().map(|image| image.sha256));
        }
    }
    Ok(needed)
}

/// What was copied.
#[derive(Debug, Default)]
pub struct Copied {
    pub files: u64,
    /// Without thumbnails.
    pub size_bytes: u64,
    /// The first file that is not there; nothing behind it was copied.
    pub missing: Option<Digest>,
}

/// Copies stored files with their thumbnails, up to the first that is not there. Blocks; flushes nothing.
///
/// # Errors
/// Those of [`copy`].
pub fn copy_all(from: &Blobs, to: &Blobs, needed: &HashSet<Digest>) -> anyhow::Result<Copied> {
    let mut copied = Copied::default();
    for file in needed {
        let Some(size_bytes) = copy(from, to, *file)? else {
            copied.missing = Some(*file);
            break;
        };
        copied.files += 1;
        copied.size_bytes += size_bytes;
    }
    Ok(copied)
}

/// Copies a stored file and its thumbnail, and gives its length; `None` when it is not there. One that was copied before
/// is left as it is.
///
/// # Errors
/// When its bytes do not give its digest, by name: a damaged file is not passed on.
fn copy(from: &Blobs, to: &Blobs, file: Digest) -> anyhow::Result<Option<u64>> {
    let (source, target) = (from.path(file), to.path(file));
    if let Ok(known) = std::fs::metadata(&target) {
        return Ok(Some(known.len()));
    }
    let opened = match File::open(&source) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("cannot open {}", source.display()))?,
    };
    make_folder_of(&target)?;
    let partial = target.with_extension("partial");
    let written = File::create(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    let mut copying = Copying { from: opened, to: written, size_bytes: 0 };
    let actual = digest_of(&mut copying).with_context(|| format!("cannot copy {}", source.display()))?;
    if actual != file {
        bail!("{} is damaged: its bytes give {actual}; `lightbox check` names everything like it", source.display());
    }
    std::fs::rename(&partial, &target).with_context(|| format!("cannot rename {}", partial.display()))?;
    copy_thumbnail(from, to, file)?;
    Ok(Some(copying.size_bytes))
}

/// One that is not there is made again when it is asked for.
fn copy_thumbnail(from: &Blobs, to: &Blobs, file: Digest) -> anyhow::Result<()> {
    let (source, target) = (from.thumbnail_path(file), to.thumbnail_path(file));
    make_folder_of(&target)?;
    match std::fs::copy(&source, &target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        copied => copied.map(drop).with_context(|| format!("cannot copy {}", source.display())),
    }
}

fn make_folder_of(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Gives what it reads, and writes it on the way.
struct Copying {
    from: File,
    to: File,
    size_bytes: u64,
}

impl Read for Copying {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.to.write_all(&buffer[..count])?;
        self.size_bytes += count as u64;
        Ok(count)
    }
}
