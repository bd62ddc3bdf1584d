//! Jobs as a viewer may see them: finding, listing, cancelling.

use super::{ServiceError, ServiceResult, Services};
use crate::db;
use crate::db::findings::PlacedFinding;
use crate::domain::access::Viewer;
use crate::domain::ids::JobId;
use crate::domain::job::{Job, JobFilter, JobKind};
use crate::domain::page::{Page, PageRequest};
use crate::domain::user_error::UserErrorCode;

pub async fn find(services: &Services, viewer: &Viewer, id: JobId) -> ServiceResult<Option<Job>> {
    Ok(db::jobs::find(services.db.read(), id, viewer.scope()).await?)
}

/// Those of the jobs that the viewer may see.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[JobId]) -> ServiceResult<Vec<Job>> {
    let mut jobs = db::jobs::by_ids(services.db.read(), ids).await?;
    let scope = viewer.scope();
    jobs.retain(|job| scope.includes(job.owner_id));
    Ok(jobs)
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
/// `NOT_FOUND`; `INVALID` when the job has ended.
pub async fn cancel(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<Job> {
    let path = ["input", "job"];
    let job = match JobId::parse(id) {
        Some(id) => find(services, viewer, id).await?,
        None => None,
    };
    let job = job.ok_or_else(|| ServiceError::not_found("job", &path))?;
    if job.kind == JobKind::Delete {
        let message = "A deletion cannot be taken back: nobody sees the dataset any more.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &path, message));
    }
    if !db::jobs::request_cancel(services.db.write(), job.id).await? {
        let message = "The job has ended already; there is nothing left to cancel.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &path, message));
    }
    services.events.cancel_requested(job.id);
    services.events.work_waits();
    find(services, viewer, job.id).await?.ok_or_else(|| ServiceError::not_found("job", &path))
}
