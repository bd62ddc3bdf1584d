//! What a backup says of itself, in `backup.json`.

use crate::domain::digest::Digest;
use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE_NAME: &str = "backup.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Of Lightbox; a newer one brings the database to its own shape.
    pub version: String,
    /// Everything in it is as it was then.
    pub created_at: DateTime<Utc>,
    pub database_sha256: String,
    /// Stored images, each once, without their thumbnails.
    pub files: u64,
    pub size_bytes: u64,
}

impl Description {
    pub fn new(created_at: DateTime<Utc>, database: Digest, (files, size_bytes): (u64, u64)) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { version, created_at, database_sha256: database.to_string(), files, size_bytes }
    }

    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        let path = folder.join(FILE_NAME);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// # Errors
    /// When the folder is no whole backup: the description is written last.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let text = std::fs::read(&path).with_context(|| {
            format!("{} is no whole backup of Lightbox: {FILE_NAME} cannot be read in it", folder.display())
        })?;
        serde_json::from_slice(&text).with_context(|| format!("{} does not read", path.display()))
    }
}
