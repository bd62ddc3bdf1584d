//! Bringing a backup back as a data directory. Nothing is there under its name before everything was checked.

use super::write::{partial_of, settle};
use super::{BLOBS, DATABASE, Description, SECRET_KEY, files};
use crate::app::make_private_folder;
use crate::blobs::{Blobs, digest_of};
use crate::db::Database;
use crate::domain::digest::Digest;
use anyhow::{Context, bail};
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

/// # Errors
/// When the data directory holds something, or the backup is not whole: the file is named.
pub async fn restore(from: &Path, data_dir: &Path) -> anyhow::Result<Description> {
    let description = Description::read(from)?;
    require_empty(data_dir)?;
    let database = from.join(DATABASE);
    let opened = File::open(&database).with_context(|| format!("cannot open {}", database.display()))?;
    let actual = digest_of(opened).with_context(|| format!("cannot read {}", database.display()))?;
    if actual.to_string() != description.database_sha256 {
        bail!(
            "{} is damaged: its bytes give {actual}, {} is expected",
            database.display(),
            description.database_sha256
        );
    }
    let partial = partial_of(data_dir)?;
    if partial.exists() {
        std::fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    make_private_folder(&partial)?;
    for name in [DATABASE, SECRET_KEY] {
        let path = from.join(name);
        std::fs::copy(&path, partial.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
    }
    let copy = Database::open(&partial.join(DATABASE)).await?;
    let needed = files::needed(&copy).await;
    copy.close().await?;
    let (source, target) = (Blobs::open(from.join(BLOBS))?, Blobs::open(partial.join(BLOBS))?);
    let (needed, expected) = (needed?, description.files);
    tokio::task::spawn_blocking(move || copy_all(&source, &target, &needed, expected)).await??;
    if data_dir.exists() {
        std::fs::remove_dir(data_dir).with_context(|| format!("cannot replace {}", data_dir.display()))?;
    }
    settle(&partial, data_dir)?;
    Ok(description)
}

fn require_empty(data_dir: &Path) -> anyhow::Result<()> {
    if !data_dir.exists() {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(data_dir).with_context(|| format!("cannot read {}", data_dir.display()))?;
    if entries.next().is_some() {
        bail!(
            "{} is not empty: move what is in it away, or choose another directory with --data-dir",
            data_dir.display()
        );
    }
    Ok(())
}

fn copy_all(from: &Blobs, to: &Blobs, needed: &HashSet<Digest>, expected: u64) -> anyhow::Result<()> {
    if needed.len() as u64 != expected {
        bail!("the backup's database needs {} files, its description says {expected}", needed.len());
    }
    match files::copy_all(from, to, needed)?.missing {
        Some(file) => bail!("{} is not there: the backup is not whole", from.path(file).display()),
        None => Ok(()),
    }
}
