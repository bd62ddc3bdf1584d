//! Starting an import: from a whole upload to a dataset that a job prepares, or to annotation sets of one that is there.

use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, annotation_sets, audit, datasets, permission, uploads};
use crate::db;
use crate::db::datasets::NewDataset;
use crate::db::jobs::NewJob;
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{self, DatasetId, JobId, UploadId};
use crate::domain::job::{Job, JobKind};
use crate::domain::names::{first_free, name_from_filename, name_key, require_name};
use crate::domain::upload::Upload;
use crate::domain::user_error::UserErrorCode;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What an import job was asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportInput {
    pub upload: UploadId,
    pub filename: String,
    /// Left out: the upload becomes a dataset of its own.
    #[serde(default)]
    pub into: Option<ImportTarget>,
}

/// A dataset that gets annotation sets, and what was said of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportTarget {
    pub dataset: DatasetId,
    pub name: Option<String>,
    pub annotation_type: Option<String>,
    pub format: Option<String>,
}

/// # Errors
/// `NOT_FOUND`, `UPLOAD_INCOMPLETE` (also while it is being written), `NOT_AVAILABLE` for the upload; `INVALID`,
/// `NAME_TAKEN` for the name. A name taken from the file's gets a number instead.
pub async fn start(
    services: &Services,
    viewer: &Viewer,
    upload: &str,
    name: Option<&str>,
) -> ServiceResult<(Dataset, Job)> {
    permission::require_write(viewer)?;
    // Held until the job has it, so that nothing more is written to it in the meantime.
    let (upload, _lease) = require_whole_upload(services, viewer, upload).await?;
    let name = match name {
        Some(name) => require_name(name, &["input", "name"])?,
        None => free_name(services, viewer, &upload.filename).await?,
    };
    let (dataset_id, job_id) = (DatasetId(ids::next()), JobId(ids::next()));
    let input = ImportInput { upload: upload.id, filename: upload.filename.clone(), into: None };
    let now = Utc::now();
    let transaction = services.db.begin().await?;
    let new = NewDataset { id: dataset_id, owner_id: viewer.id, name: name.clone(), creation_job_id: job_id };
    let dataset = match db::datasets::create(&transaction, new, now).await {
        Err(db::DbError::Taken) => return Err(datasets::name_taken(&name, &["input", "name"])),
        result => result?,
    };
    if !db::uploads::claim(&transaction, upload.id, job_id).await? {
        return Err(already_read());
    }
    let job = NewJob {
        id: job_id,
        owner_id: viewer.id,
        kind: JobKind::Import,
        input: serde_json::to_string(&input).map_err(|error| ServiceError::Broken(error.to_string()))?,
        unit: "images",
        dataset_id: Some(dataset_id),
    };
    let job = db::jobs::create(&transaction, job, now).await?;
    let details = json!({ "job": job.id.to_string(), "filename": upload.filename, "bytes": upload.size_bytes });
    audit::record_of(&transaction, viewer, AuditAction::DatasetImported, &dataset, details).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Created, &dataset).await;
    services.events.work_waits();
    Ok((dataset, job))
}

/// Annotations for a dataset, as a client asks for them.
pub struct AnnotationSetImport<'a> {
    pub dataset: &'a str,
    pub upload: &'a str,
    pub name: Option<&'a str>,
    pub annotation_type: Option<&'a str>,
    pub format: Option<&'a str>,
}

/// # Errors
/// Those of [`start`] for the upload; `INVALID` for the name; `NOT_FOUND`, `NOT_AVAILABLE`, `FORBIDDEN` (without the role
/// EDITOR) for the dataset; `NOT_FOUND` for the type, `UNSUPPORTED_FORMAT` with the formats that there are.
pub async fn start_annotation_set(
    services: &Services,
    viewer: &Viewer,
    asked: &AnnotationSetImport<'_>,
) -> ServiceResult<Job> {
    let path = ["input", "dataset"];
    let dataset = datasets::require_as(services, viewer, DatasetRole::Editor, asked.dataset, &path).await?;
    if dataset.status != DatasetStatus::Available {
        let message = "The dataset is not available: only one that is takes annotations.";
        return Err(ServiceError::user(UserErrorCode::NotAvailable, &path, message));
    }
    let into = ImportTarget {
        dataset: dataset.id,
        name: asked.name.map(|name| require_name(name, &["input", "name"])).transpose()?,
        annotation_type: asked.annotation_type.map(str::to_owned),
        format: asked.format.map(str::to_owned),
    };
    if let Some(id) = asked.annotation_type {
        annotation_sets::require_type(services, id)?;
    }
    require_format(services, &into)?;
    let (upload, _lease) = require_whole_upload(services, viewer, asked.upload).await?;
    let input = ImportInput { upload: upload.id, filename: upload.filename.clone(), into: Some(into) };
    let job = NewJob {
        id: JobId(ids::next()),
        owner_id: viewer.id,
        kind: JobKind::Import,
        input: serde_json::to_string(&input).map_err(|error| ServiceError::Broken(error.to_string()))?,
        unit: "documents",
        dataset_id: Some(dataset.id),
    };
    let transaction = services.db.begin().await?;
    if !db::uploads::claim(&transaction, upload.id, job.id).await? {
        return Err(already_read());
    }
    let job = db::jobs::create(&transaction, job, Utc::now()).await?;
    let details = json!({ "job": job.id.to_string(), "filename": upload.filename });
    audit::record_of(&transaction, viewer, AuditAction::AnnotationSetImported, &dataset, details).await?;
    transaction.commit().await?;
    services.events.work_waits();
    Ok(job)
}

fn require_format(services: &Services, into: &ImportTarget) -> ServiceResult<()> {
    let Some(format) = &into.format else { return Ok(()) };
    let catalog = services.plugins.catalog();
    let asked = |id: &str| into.annotation_type.as_deref().is_none_or(|wanted| wanted == id);
    let types = catalog.annotation_types().filter(|(each, _)| asked(&each.id));
    let mut offered: Vec<&str> = types.flat_map(|(each, _)| each.formats.iter().map(String::as_str)).collect();
    if offered.contains(&format.as_str()) {
        return Ok(());
    }
    offered.sort_unstable();
    offered.dedup();
    let message = format!("Nothing is read as {format:?}, but as {}.", offered.join(", "));
    Err(ServiceError::user(UserErrorCode::UnsupportedFormat, &["input", "format"], message))
}

async fn require_whole_upload(
    services: &Services,
    viewer: &Viewer,
    id: &str,
) -> ServiceResult<(Upload, uploads::WriteLease)> {
    let path = ["input", "upload"];
    let upload = match UploadId::parse(id) {
        Some(id) => uploads::find(services, viewer, id).await?,
        None => None,
    };
    let upload = upload.ok_or_else(|| ServiceError::not_found("upload", &path))?;
    if upload.job_id.is_some() {
        return Err(already_read());
    }
    // All bytes may be there, and still be taken back when their checksum turns out wrong.
    let lease = services.uploads.lease(upload.id).ok_or_else(|| {
        let message =
            "The upload is still being written: wait until the request that sends it is answered, then try again.";
        ServiceError::user(UserErrorCode::UploadIncomplete, &path, message)
    })?;
    let received = uploads::received_bytes(services, &upload).await?;
    if received < upload.size_bytes {
        let message = format!("{received} of {} bytes have arrived: send the rest first.", upload.size_bytes);
        return Err(ServiceError::user(UserErrorCode::UploadIncomplete, &path, message));
    }
    Ok((upload, lease))
}

fn already_read() -> ServiceError {
    let message = "A job has this upload already: an upload is read once. Send the file again.";
    ServiceError::user(UserErrorCode::NotAvailable, &["input", "upload"], message)
}

async fn free_name(services: &Services, viewer: &Viewer, filename: &str) -> ServiceResult<String> {
    let name = name_from_filename(filename);
    let taken = db::datasets::list_reserved_names(services.db.read(), viewer.id, &name).await?;
    Ok(first_free(&name, |candidate| taken.contains(&name_key(candidate))))
}
