//! Starting the job that combines.

use super::check::check;
use super::preview::preview_of;
use super::request::CombineRequest;
use crate::db;
use crate::db::datasets::NewDataset;
use crate::db::jobs::NewJob;
use crate::domain::access::Viewer;
use crate::domain::audit::AuditAction;
use crate::domain::combine::DuplicatePolicy;
use crate::domain::dataset::Dataset;
use crate::domain::ids::{self, DatasetId, JobId};
use crate::domain::job::{Job, JobKind};
use crate::services::datasets::name_taken;
use crate::services::events::ChangeKind;
use crate::services::{ServiceError, ServiceResult, Services, audit, datasets, permission};
use chrono::Utc;
use serde_json::json;

/// # Errors
/// Everything that the preview of the same request shows as an error.
pub async fn start(services: &Services, viewer: &Viewer, request: &CombineRequest) -> ServiceResult<(Dataset, Job)> {
    permission::require_write(viewer)?;
    let mut checked = check(services, viewer, request).await?;
    let needs_content = request.duplicates == DuplicatePolicy::Reject || request.expected_digest.is_some();
    if checked.errors.is_empty() && needs_content {
        checked.errors = preview_of(services, &checked.input, Vec::new()).await?.user_errors;
    }
    if !checked.errors.is_empty() {
        return Err(ServiceError::User(checked.errors));
    }
    let (dataset_id, job_id, now) = (DatasetId(ids::next()), JobId(ids::next()), Utc::now());
    let input = serde_json::to_string(&checked.input).map_err(|error| ServiceError::Broken(error.to_string()))?;
    let transaction = services.db.begin().await?;
    let new = NewDataset { id: dataset_id, owner_id: viewer.id, name: checked.name.clone(), creation_job_id: job_id };
    let dataset = match db::datasets::create(&transaction, new, now).await {
        Err(db::DbError::Taken) => return Err(name_taken(&checked.name, &["input", "name"])),
        result => result?,
    };
    let (owner_id, kind) = (viewer.id, JobKind::Combine);
    let job = NewJob { id: job_id, owner_id, kind, input, unit: "images", dataset_id: Some(dataset_id) };
    let job = db::jobs::create(&transaction, job, now).await?;
    let sources: Vec<String> = checked.input.sources.iter().map(|source| source.dataset.to_string()).collect();
    let details = json!({ "job": job.id.to_string(), "sources": sources });
    audit::record_of(&transaction, viewer, AuditAction::DatasetsCombined, &dataset, details).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Created, &dataset).await;
    services.events.work_waits();
    Ok((dataset, job))
}
