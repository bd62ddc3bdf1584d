//! Jobs as a viewer may see them: finding, listing, cancelling.

use super::{ServiceError, ServiceResult, Services, audit, datasets, permission};
use crate::db;
use crate::db::findings::PlacedFinding;
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::Dataset;
use crate::domain::ids::JobId;
use crate::domain::job::{Job, JobFilter, JobKind};
use crate::domain::page::{Page, PageRequest};
use crate::domain::user_error::UserErrorCode;
use serde_json::json;

pub async fn find(services: &Services, viewer: &Viewer, id: JobId) -> ServiceResult<Option<Job>> {
    Ok(db::jobs::find(services.db.read(), id, viewer.scope()).await?)
}

/// Those of the jobs that the viewer may see.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[JobId]) -> ServiceResult<Vec<Job>> {
    Ok(db::jobs::by_ids(services.db.read(), ids, viewer.scope()).await?)
}

/// Newest first.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    filter: &JobFilter,
    page: &PageRequest,
) -> ServiceResult<Page<Job>> {
    let positions = page.positions()?;
    Ok(db::jobs::list(services.db.read(), viewer.scope(), filter, page, positions).await?)
}

pub async fn count(services: &Services, viewer: &Viewer, filter: &JobFilter) -> ServiceResult<u64> {
    Ok(db::jobs::count(services.db.read(), viewer.scope(), filter).await?)
}

/// Pages of findings of jobs that the viewer was shown.
pub async fn finding_pages(
    services: &Services,
    jobs: &[JobId],
    page: &PageRequest,
) -> ServiceResult<Vec<(JobId, Page<PlacedFinding>)>> {
    let positions = page.positions()?;
    Ok(db::findings::pages_by_jobs(services.db.read(), jobs, page, positions).await?)
}

/// Asks a job to stop; what it had not published is gone when it has.
///
/// # Errors
/// `NOT_FOUND`; `FORBIDDEN` for who neither started it nor owns its dataset; `INVALID` when the job has ended.
pub async fn cancel(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<Job> {
    let path = ["input", "job"];
    let job = match JobId::parse(id) {
        Some(id) => find(services, viewer, id).await?,
        None => None,
    };
    let job = job.ok_or_else(|| ServiceError::not_found("job", &path))?;
    let dataset = require_cancellable(services, viewer, &job).await?;
    if job.kind == JobKind::Delete {
        let message = "A deletion cannot be taken back: nobody sees the dataset any more.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &path, message));
    }
    let transaction = services.db.begin().await?;
    if !db::jobs::request_cancel(&transaction, job.id).await? {
        let message = "The job has ended already; there is nothing left to cancel.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &path, message));
    }
    let details = json!({ "job": job.id.to_string(), "kind": job.kind.as_str() });
    match &dataset {
        Some(dataset) => {
            audit::record_of(&transaction, viewer, AuditAction::JobCancelled, dataset, details).await?;
        }
        None => audit::record(&transaction, viewer, AuditAction::JobCancelled, details).await?,
    }
    transaction.commit().await?;
    services.events.cancel_requested(job.id);
    services.events.work_waits();
    find(services, viewer, job.id).await?.ok_or_else(|| ServiceError::not_found("job", &path))
}

/// Whoever started a job may stop it, and whoever owns the dataset that it works on. Returns that dataset.
async fn require_cancellable(services: &Services, viewer: &Viewer, job: &Job) -> ServiceResult<Option<Dataset>> {
    permission::require_write(viewer)?;
    let dataset = match job.dataset_id {
        Some(id) => datasets::find(services, viewer, id).await?,
        None => None,
    };
    match &dataset {
        _ if viewer.is_admin || job.owner_id == viewer.id => {}
        Some(dataset) => {
            permission::require_role(services, viewer, dataset, DatasetRole::Owner, &["input", "job"]).await?;
        }
        None => return Err(permission::forbidden(&["input", "job"], "Somebody else started this job.")),
    }
    Ok(dataset)
}
