//! Exports: starting the job that makes one, the folder of those that are done, and who may fetch them for how long.

use super::{ServiceError, ServiceResult, Services, annotation_sets, audit, datasets, jobs, permission};
use crate::db;
use crate::db::jobs::NewJob;
use crate::domain::access::{Scope, Viewer};
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::export::{self, IMAGES};
use crate::domain::ids::{self, AnnotationSetId, DatasetId, JobId};
use crate::domain::job::{Job, JobKind, JobState};
use crate::domain::user_error::UserErrorCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashSet;
use std::path::PathBuf;

/// Characters of a header that the audit log keeps for ever: a client can send one of any length.
const MAX_RANGE_CHARS: usize = 64;

/// What an export job was asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportInput {
    pub dataset: DatasetId,
    pub annotation_set: Option<AnnotationSetId>,
    pub format: String,
}

/// Where exports are kept until they expire: `job-7.zip`, and `job-7.part` while it is being written.
pub struct ExportFolder {
    root: PathBuf,
    lifetime: TimeDelta,
}

impl ExportFolder {
    pub fn open(root: PathBuf, lifetime_seconds: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(&root)?;
        let lifetime = i64::try_from(lifetime_seconds).ok().and_then(TimeDelta::try_seconds);
        Ok(Self { root, lifetime: lifetime.unwrap_or(TimeDelta::MAX) })
    }

    pub fn path(&self, job: JobId) -> PathBuf {
        self.root.join(format!("{job}.zip"))
    }

    pub fn partial_path(&self, job: JobId) -> PathBuf {
        self.root.join(format!("{job}.part"))
    }

    /// Every file of the folder, with its job's id if it is named like one.
    fn list(&self) -> std::io::Result<Vec<(Option<JobId>, PathBuf)>> {
        let entries = std::fs::read_dir(&self.root)?.flatten().map(|entry| entry.path());
        let job = |path: &PathBuf| JobId::parse(path.file_stem()?.to_str()?);
        Ok(entries.map(|path| (job(&path), path)).collect())
    }

    fn expires_at(&self, job: &Job) -> Option<DateTime<Utc>> {
        job.finished_at.map(|at| at.checked_add_signed(self.lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }
}

/// # Errors
/// `FORBIDDEN` by a token for reading; `NOT_FOUND`, `NOT_AVAILABLE` for the dataset; `NOT_FOUND`, `ANNOTATION_SET_NOT_IN_DATASET` for the set;
/// `UNSUPPORTED_FORMAT` with the formats that there are.
pub async fn start(
    services: &Services,
    viewer: &Viewer,
    dataset: &str,
    annotation_set: Option<&str>,
    format: &str,
) -> ServiceResult<Job> {
    permission::require_write(viewer)?;
    let dataset = require_available(services, viewer, dataset).await?;
    let annotation_set = match annotation_set {
        Some(id) => {
            Some(annotation_sets::require_of(services, viewer, &dataset, id, &["input", "annotationSet"]).await?)
        }
        None => None,
    };
    require_format(services, annotation_set.as_ref(), format)?;
    let input = ExportInput {
        dataset: dataset.id,
        annotation_set: annotation_set.filter(|_| format != IMAGES).map(|set| set.id),
        format: format.to_owned(),
    };
    let job = NewJob {
        id: JobId(ids::next()),
        owner_id: viewer.id,
        kind: JobKind::Export,
        input: serde_json::to_string(&input).map_err(|error| ServiceError::Broken(error.to_string()))?,
        unit: "images",
        dataset_id: Some(dataset.id),
    };
    let transaction = services.db.begin().await?;
    let job = db::jobs::create(&transaction, job, Utc::now()).await?;
    let details = json!({ "job": job.id.to_string(), "format": format });
    audit::record_of(&transaction, viewer, AuditAction::DatasetExported, &dataset, details).await?;
    transaction.commit().await?;
    services.events.work_waits();
    Ok(job)
}

async fn require_available(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<Dataset> {
    let path = ["input", "dataset"];
    let dataset = datasets::require(services, viewer, id, &path).await?;
    if dataset.status == DatasetStatus::Available {
        return Ok(dataset);
    }
    let message = format!("{:?} is not available: only a dataset that is can be exported.", dataset.name);
    Err(ServiceError::user(UserErrorCode::NotAvailable, &path, message))
}

/// With a set: what its type writes. Without one any format that some type writes, for its places of images.
fn require_format(services: &Services, set: Option<&AnnotationSet>, format: &str) -> ServiceResult<()> {
    let catalog = services.plugins.catalog();
    let mut offered: Vec<&str> = match set {
        Some(set) => {
            let found = catalog.find_annotation_type(&set.annotation_type);
            found.map_or(Vec::new(), |(found, _)| found.exports.iter().map(String::as_str).collect())
        }
        None => catalog.annotation_types().flat_map(|(each, _)| each.exports.iter().map(String::as_str)).collect(),
    };
    offered.push(IMAGES);
    if offered.contains(&format) {
        return Ok(());
    }
    offered.sort_unstable();
    offered.dedup();
    let of = set.map_or("datasets", |set| &set.annotation_type);
    let message = format!("{of} cannot be exported as {format:?}, but as {}.", offered.join(", "));
    Err(ServiceError::user(UserErrorCode::UnsupportedFormat, &["input", "format"], message))
}

/// A finished export.
pub struct Export {
    pub path: PathBuf,
    pub file_name: String,
    pub dataset: Dataset,
}

/// The job made an archive that is still to be had.
pub fn is_there(services: &Services, job: &Job) -> bool {
    job.kind == JobKind::Export
        && job.state == JobState::Succeeded
        && job.dataset_id.is_some()
        && services.exports.expires_at(job).is_some_and(|at| at > Utc::now())
}

/// `None` also when it has expired, or its dataset is gone.
pub async fn find(services: &Services, viewer: &Viewer, id: JobId) -> ServiceResult<Option<Export>> {
    let Some(job) = jobs::find(services, viewer, id).await?.filter(|job| is_there(services, job)) else {
        return Ok(None);
    };
    let input: ExportInput =
        serde_json::from_str(&job.input).map_err(|error| ServiceError::Broken(error.to_string()))?;
    let Some(dataset) = datasets::find(services, viewer, input.dataset).await? else { return Ok(None) };
    let file_name = export::file_name(&dataset.name, &input.format);
    Ok(Some(Export { path: services.exports.path(id), file_name, dataset }))
}

/// Tells the audit log that a viewer who was shown the export fetches it, or the `range` of it that he asks for. A download
/// does not wait for the one who writes; what could not be told there is told in the server's log.
pub fn record_download(services: &Services, viewer: &Viewer, export: &Export, id: JobId, range: Option<&str>) {
    let range: Option<String> = range.map(|range| range.chars().take(MAX_RANGE_CHARS).collect());
    let details = json!({ "job": id.to_string(), "range": range });
    let (services, viewer, dataset) = (services.clone(), viewer.clone(), export.dataset.clone());
    tokio::spawn(async move {
        let action = AuditAction::ExportDownloaded;
        let told = audit::record_of(services.db.write(), &viewer, action, &dataset, details).await;
        if let Err(error) = told {
            tracing::error!(%error, user.id = %viewer.id, job.id = %id, "a download could not be put into the audit log");
        }
    });
}

/// Removes what has expired, what belongs to deleted datasets, and what interrupted jobs left; returns how many files.
pub async fn remove_expired(services: &Services) -> ServiceResult<usize> {
    let folder = services.exports.clone();
    let files = tokio::task::spawn_blocking(move || folder.list()).await.map_err(std::io::Error::other)??;
    let ids: Vec<JobId> = files.iter().filter_map(|(job, _)| *job).collect();
    let jobs = db::jobs::by_ids(services.db.read(), &ids, Scope::Everything).await?;
    let kept = |job: &&Job| !job.state.has_ended() || is_there(services, job);
    let kept: HashSet<JobId> = jobs.iter().filter(kept).map(|job| job.id).collect();
    let mut count = 0;
    for (_, path) in files.into_iter().filter(|(job, _)| job.is_none_or(|job| !kept.contains(&job))) {
        tokio::fs::remove_file(path).await?;
        count += 1;
    }
    Ok(count)
}

/// What was exported of a dataset that is being deleted goes with it.
pub async fn remove_of_dataset(services: &Services, dataset: DatasetId) -> ServiceResult<()> {
    for job in db::jobs::list_ids_of_dataset(services.db.read(), dataset, JobKind::Export).await? {
        match tokio::fs::remove_file(services.exports.path(job)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
