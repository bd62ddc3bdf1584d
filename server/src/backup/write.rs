//! Making a backup beside a running server: a copy of the database as it is at one moment, and then the files that it
//! names. Files never change; one that goes meanwhile went with its dataset, and then the database is copied again.

use super::files::{self, Copied};
use super::{BLOBS, DATABASE, Description, SECRET_KEY};
use crate::app::make_private_folder;
use crate::blobs::{Blobs, digest_of, flush};
use crate::db::{self, Database};
use crate::domain::digest::Digest;
use anyhow::{Context, bail};
use chrono::{DateTime, SubsecRound, Utc};
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

/// Copies of the database before it is given up that one agrees with the files.
const ATTEMPTS: usize = 5;

/// Writes a folder that is not there yet. It has its name only once everything in it is on the disk.
///
/// # Errors
/// When the folder is there, nothing of Lightbox is in the data directory, a stored file is missing or damaged, or
/// something cannot be written.
pub async fn write(data_dir: &Path, to: &Path) -> anyhow::Result<Description> {
    let database = data_dir.join(DATABASE);
    if !database.is_file() {
        bail!("{} is no data directory of Lightbox: {DATABASE} is not in it", data_dir.display());
    }
    if to.exists() {
        bail!("{} is there already: name a folder that is not", to.display());
    }
    let partial = partial_of(to)?;
    if partial.exists() {
        std::fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    make_private_folder(&partial)?;
    copy_key(data_dir, &partial)?;
    let db = open(&database).await?;
    let (from, into) = (Blobs::open(data_dir.join(BLOBS))?, Blobs::open(partial.join(BLOBS))?);
    let mut missing = None;
    for _ in 0..ATTEMPTS {
        let created_at = Utc::now().trunc_subsecs(3);
        let needed = copy_database(&db, &partial.join(DATABASE)).await?;
        let (given, source, target) = (needed.clone(), from.clone(), into.clone());
        let copied = tokio::task::spawn_blocking(move || files::copy_all(&source, &target, &given)).await??;
        missing = copied.missing;
        if missing.is_none() {
            drop_others(&into, &needed).await?;
            let to = to.to_owned();
            return tokio::task::spawn_blocking(move || finish(&partial, &to, created_at, &copied)).await?;
        }
    }
    let missing = missing.map(|file| from.path(file).display().to_string()).unwrap_or_default();
    bail!("{missing} is not there, in {ATTEMPTS} copies of the database: `lightbox check` tells what else is missing")
}

/// In the shape that it has: the server that uses it may be an older one.
async fn open(database: &Path) -> anyhow::Result<Database> {
    let cannot = || format!("cannot open {}", database.display());
    let db = Database::open_as_it_is(database).await.with_context(cannot)?;
    if !db.migrations().await.with_context(cannot)?.1.is_empty() {
        bail!(
            "{} is of an older version: back it up with that one, or stop it and run `lightbox migrate`",
            database.display()
        );
    }
    Ok(db)
}

fn finish(partial: &Path, to: &Path, created_at: DateTime<Utc>, copied: &Copied) -> anyhow::Result<Description> {
    let copy = partial.join(DATABASE);
    let digest = File::open(&copy).and_then(digest_of).with_context(|| format!("cannot read {}", copy.display()))?;
    let description = Description::new(created_at, digest, (copied.files, copied.size_bytes));
    description.write(partial)?;
    settle(partial, to)?;
    Ok(description)
}

/// The folder while it is not whole.
pub(super) fn partial_of(folder: &Path) -> anyhow::Result<std::path::PathBuf> {
    let name = folder.file_name().with_context(|| format!("{} names no folder", folder.display()))?;
    Ok(folder.with_file_name(format!("{}.partial", name.to_string_lossy())))
}

/// Flushes everything below the folder, and gives it its name.
pub(super) fn settle(partial: &Path, to: &Path) -> anyhow::Result<()> {
    flush(partial)?;
    std::fs::rename(partial, to).with_context(|| format!("cannot rename {} to {}", partial.display(), to.display()))
}

fn copy_key(from: &Path, to: &Path) -> anyhow::Result<()> {
    let path = from.join(SECRET_KEY);
    let copied = std::fs::copy(&path, to.join(SECRET_KEY));
    copied.map(drop).with_context(|| format!("cannot copy {}", path.display()))
}

/// The files that the copy needs. Uploads are not in a backup, so that none is left in it.
async fn copy_database(db: &Database, to: &Path) -> anyhow::Result<HashSet<Digest>> {
    if to.exists() {
        std::fs::remove_file(to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    db.write_copy(to).await.with_context(|| format!("cannot copy the database to {}", to.display()))?;
    let copy = Database::open(to).await?;
    db::uploads::delete_all(copy.write()).await?;
    let needed = files::needed(&copy).await;
    copy.close().await?;
    needed
}

/// What an earlier attempt copied and the last one does not need.
async fn drop_others(blobs: &Blobs, needed: &HashSet<Digest>) -> anyhow::Result<()> {
    let others = blobs.list()?.0.into_iter().filter(|file| !needed.contains(file)).collect();
    Ok(blobs.sweep(others, &blobs.begin_sweep().await).await?)
}
