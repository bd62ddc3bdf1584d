//! Uploads: making a place, receiving bytes from any offset, ending it. How far an upload got is its file's length.

use super::{ServiceError, ServiceResult, Services, permission, quotas};
use crate::db::{self, Transaction};
use crate::domain::access::Viewer;
use crate::domain::file_extension::find_stem;
use crate::domain::ids::{self, UploadId};
use crate::domain::upload::Upload;
use crate::domain::user::QuotaUse;
use crate::domain::user_error::UserErrorCode;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::fs::File;

/// Where arriving files are, and which of them are being written to.
pub struct UploadFolder {
    root: PathBuf,
    busy: Mutex<HashSet<UploadId>>,
}

/// Held by the one request that may write to an upload.
pub struct WriteLease {
    folder: Arc<UploadFolder>,
    upload: UploadId,
}

impl UploadFolder {
    pub fn open(root: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&root)?;
        Ok(Self { root, busy: Mutex::default() })
    }

    pub fn path(&self, upload: UploadId) -> PathBuf {
        self.root.join(upload.to_string())
    }

    /// Every file of the folder, with its upload's id if it is named like one.
    pub fn list(&self) -> std::io::Result<Vec<(Option<UploadId>, PathBuf)>> {
        let entries = std::fs::read_dir(&self.root)?.flatten();
        Ok(entries.map(|entry| (UploadId::parse(&entry.file_name().to_string_lossy()), entry.path())).collect())
    }

    /// `None` while another request writes to it.
    pub fn lease(self: &Arc<Self>, upload: UploadId) -> Option<WriteLease> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(upload).then(|| WriteLease { folder: self.clone(), upload })
    }
}

impl Drop for WriteLease {
    fn drop(&mut self) {
        let mut busy = self.folder.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.remove(&self.upload);
    }
}

/// A place for a file of exactly `size_bytes`.
///
/// # Errors
/// `FORBIDDEN` by a token for reading, `INVALID` for an empty or oversized file, `QUOTA_EXCEEDED` when its owner may not
/// keep so much.
pub async fn create(services: &Services, viewer: &Viewer, filename: &str, size_bytes: u64) -> ServiceResult<Upload> {
    permission::require_write(viewer)?;
    let limit = services.limits.upload_bytes;
    if size_bytes == 0 || size_bytes > limit {
        let message = format!("The file has {size_bytes} bytes; 1 to {limit} are allowed.");
        return Err(ServiceError::user(UserErrorCode::Invalid, &["input", "byteSize"], message));
    }
    let now = Utc::now();
    let lifetime = TimeDelta::seconds(services.limits.upload_lifetime_seconds as i64);
    let upload = Upload {
        id: UploadId(ids::next()),
        owner_id: viewer.id,
        filename: filename.chars().filter(|c| !c.is_control()).take(1024).collect(),
        size_bytes,
        expires_at: now + lifetime,
        job_id: None,
    };
    let transaction = services.db.begin().await?;
    // A document has no images; anything else has at least one.
    let more = QuotaUse { bytes: size_bytes, images: u64::from(!is_document(&upload.filename)) };
    quotas::require_room(services, &transaction, viewer.id, more, &["input", "byteSize"]).await?;
    File::create_new(services.uploads.path(upload.id)).await?;
    if let Err(error) = write_row(transaction, &upload, now).await {
        // What cannot be removed now is removed with other files that no upload knows.
        let _ = remove_file(services, upload.id).await;
        return Err(error);
    }
    Ok(upload)
}

async fn write_row(transaction: Transaction, upload: &Upload, now: DateTime<Utc>) -> ServiceResult<()> {
    db::uploads::create(&transaction, upload, now).await?;
    Ok(transaction.commit().await?)
}

fn is_document(filename: &str) -> bool {
    find_stem(filename, ["csv", "json", "xml", "txt"]).is_some()
}

/// The upload, unless it has expired.
pub async fn find(services: &Services, viewer: &Viewer, id: UploadId) -> ServiceResult<Option<Upload>> {
    let upload = db::uploads::find(services.db.read(), id, viewer.scope()).await?;
    Ok(upload.filter(|upload| upload.job_id.is_some() || upload.expires_at > Utc::now()))
}

/// Bytes that have arrived; all of them once a job has taken the file.
pub async fn received_bytes(services: &Services, upload: &Upload) -> ServiceResult<u64> {
    if upload.job_id.is_some() {
        return Ok(upload.size_bytes);
    }
    file_size(&services.uploads.path(upload.id)).await
}

async fn file_size(path: &Path) -> ServiceResult<u64> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The file, opened for appending by this request alone; `None` while another one writes to it.
///
/// # Errors
/// `FORBIDDEN` by a token for reading.
pub async fn open_for_append(
    services: &Services,
    viewer: &Viewer,
    upload: &Upload,
) -> ServiceResult<Option<(File, WriteLease)>> {
    permission::require_write(viewer)?;
    let Some(lease) = services.uploads.lease(upload.id) else { return Ok(None) };
    let path = services.uploads.path(upload.id);
    let file = tokio::fs::OpenOptions::new().read(true).append(true).open(path).await?;
    Ok(Some((file, lease)))
}

/// Ends an upload that no job has taken.
///
/// # Errors
/// `FORBIDDEN` by a token for reading; `INVALID` when a job has it: cancel the job instead.
pub async fn terminate(services: &Services, viewer: &Viewer, upload: &Upload) -> ServiceResult<()> {
    permission::require_write(viewer)?;
    if remove_unclaimed(services, upload.id).await? {
        return Ok(());
    }
    let message = "A job reads this upload: cancel the job instead.";
    Err(ServiceError::user(UserErrorCode::Invalid, &["upload"], message))
}

/// False when a job has taken it, perhaps just now: then it stays.
async fn remove_unclaimed(services: &Services, id: UploadId) -> ServiceResult<bool> {
    if !db::uploads::delete_unclaimed(services.db.write(), id).await? {
        return Ok(false);
    }
    // It has ended, whatever becomes of the file.
    if let Err(error) = remove_file(services, id).await {
        tracing::error!(upload.id = %id, %error, "the file of an upload that ended could not be removed yet");
    }
    Ok(true)
}

/// Removes the file alone; its row is gone.
pub async fn remove_file(services: &Services, id: UploadId) -> ServiceResult<()> {
    match tokio::fs::remove_file(services.uploads.path(id)).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes uploads that nobody finished or used in time; returns how many.
pub async fn remove_expired(services: &Services) -> ServiceResult<usize> {
    let expired = db::uploads::list_expired(services.db.read(), Utc::now()).await?;
    let mut count = 0;
    for upload in &expired {
        // What is being written to is left for the next time.
        let Some(_lease) = services.uploads.lease(upload.id) else { continue };
        count += usize::from(remove_unclaimed(services, upload.id).await?);
    }
    Ok(count)
}
