//! The archive that an export is: entries stored as they are, with one fixed time and mode, so that the same content gives
//! the same bytes on any machine and in any year.

use crate::domain::digest::Digest;
use crate::jobs::failure::{Failure, JobResult};
use crate::jobs::run::JobRun;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// One file of the archive.
pub struct Entry {
    pub path: String,
    pub source: Source,
    pub size_bytes: u64,
}

pub enum Source {
    /// An image, read again and held against its digest: what a disk damaged is not passed on.
    Stored {
        file: PathBuf,
        sha256: Digest,
    },
    Written(Vec<u8>),
}

const READ_BYTES: usize = 1 << 20;
const WRITE_BYTES: usize = 1 << 20;
/// From here on an entry needs the fields of zip64.
const ZIP64_BYTES: u64 = u32::MAX as u64;

/// Writes the archive of the job to its place, whole or not at all; one image after the other is reported.
pub async fn write_archive(run: &Arc<JobRun>, entries: Vec<Entry>) -> JobResult<()> {
    let (written, runtime) = (run.clone(), Handle::current());
    tokio::task::spawn_blocking(move || {
        let folder = &written.services.exports;
        let (partial, whole) = (folder.partial_path(written.job.id), folder.path(written.job.id));
        let done = write(&written, &runtime, &partial, entries).and_then(|()| Ok(std::fs::rename(&partial, &whole)?));
        if done.is_err() {
            // What cannot be removed now is removed with what has expired.
            let _ = std::fs::remove_file(&partial);
        }
        done
    })
    .await?
}

fn write(run: &JobRun, runtime: &Handle, path: &Path, entries: Vec<Entry>) -> JobResult<()> {
    let file = File::create(path)?;
    let mut archive = ZipWriter::new(BufWriter::with_capacity(WRITE_BYTES, file));
    let mut buffer = vec![0; READ_BYTES];
    for entry in entries {
        run.check()?;
        archive.start_file(entry.path.as_str(), options(entry.size_bytes)).map_err(Failure::broken)?;
        match entry.source {
            Source::Written(bytes) => archive.write_all(&bytes)?,
            Source::Stored { file, sha256 } => {
                let digest = copy(&file, &mut archive, &mut buffer, run)?;
                if digest != sha256 {
                    return Err(Failure::Broken(format!("the stored file {} is damaged", file.display())));
                }
                runtime.block_on(run.advance());
            }
        }
    }
    let file = archive.finish().map_err(Failure::broken)?.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.sync_all()?)
}

fn options(size_bytes: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(size_bytes >= ZIP64_BYTES)
}

fn copy(path: &Path, to: &mut impl Write, buffer: &mut [u8], run: &JobRun) -> JobResult<Digest> {
    let mut from = File::open(path)
        .map_err(|error| Failure::Broken(format!("the stored file {} cannot be read: {error}", path.display())))?;
    let mut digest = Sha256::new();
    loop {
        let count = from.read(buffer)?;
        if count == 0 {
            return Ok(Digest(digest.finalize().into()));
        }
        digest.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        run.check()?;
    }
}
