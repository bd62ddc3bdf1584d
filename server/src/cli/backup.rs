//! `lightbox backup` and `lightbox restore`.

use super::{logging, settings::DataDirFlags};
use crate::backup::{self, Description};
use clap::Args;
use std::path::PathBuf;

/// Copy the data directory, as it is at one moment, into a new folder
///
/// Works while a server runs in it. Every stored file is read and held against its digest on the way. Uploads that no
/// job has read and finished exports are not in it; jobs that had not ended begin anew after `lightbox restore`.
#[derive(Debug, Args)]
pub struct Backup {
    /// A folder that is not there yet
    to: PathBuf,
    #[command(flatten)]
    data_dir: DataDirFlags,
}

/// Bring a backup back as a new data directory
///
/// Everything is checked first: a backup that is damaged or not whole leaves nothing behind.
#[derive(Debug, Args)]
pub struct Restore {
    /// A folder that `lightbox backup` wrote
    from: PathBuf,
    #[command(flatten)]
    data_dir: DataDirFlags,
}

impl Backup {
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let written = backup::write(&config.data_dir, &self.to).await?;
        println!("Backed up {} to {}: {}.", config.data_dir.display(), self.to.display(), content(&written));
        Ok(())
    }
}

impl Restore {
    pub async fn run(self) -> anyhow::Result<()> {
        let config = self.data_dir.read()?;
        logging::start_quiet(&config.log)?;
        let restored = backup::restore(&self.from, &config.data_dir).await?;
        println!("Restored {} from {}: {}.", config.data_dir.display(), self.from.display(), content(&restored));
        Ok(())
    }
}

fn content(description: &Description) -> String {
    let Description { files, size_bytes, created_at, .. } = description;
    format!("{files} stored files of {size_bytes} bytes, as of {}", created_at.to_rfc3339())
}
