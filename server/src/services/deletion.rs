//! Deleting a dataset: what would go with it, and the job that removes it.

use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, audit, datasets};
use crate::db;
use crate::db::jobs::NewJob;
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::derivative::Derivative;
use crate::domain::ids::{self, DatasetId, JobId};
use crate::domain::job::{Job, JobKind};
use crate::domain::user_error::UserErrorCode;
use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The word that confirms a deletion.
const CONFIRMATION: &str = "DELETE";

/// What a delete job was asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteInput {
    pub dataset: DatasetId,
}

/// What `start` would take with it.
pub struct Preview {
    pub dataset: Dataset,
    pub annotation_sets: Vec<AnnotationSet>,
    /// Those of the annotation sets among them, oldest first.
    pub derivatives: Vec<Derivative>,
    /// Combined from this one; they keep their own copies.
    pub combined_datasets: Vec<Dataset>,
}

/// # Errors
/// `NOT_FOUND`.
pub async fn preview(services: &Services, viewer: &Viewer, dataset: &str) -> ServiceResult<Preview> {
    let dataset = datasets::require(services, viewer, dataset, &["dataset"]).await?;
    let annotation_sets = db::annotation_sets::list_by_dataset(services.db.read(), dataset.id).await?;
    let derivatives = db::derivatives::list_by_dataset(services.db.read(), dataset.id).await?;
    let combined = db::combined_sources::list_combined_from(services.db.read(), dataset.id).await?;
    let combined_datasets = datasets::by_ids(services, viewer, &combined).await?;
    Ok(Preview { dataset, annotation_sets, derivatives, combined_datasets })
}

/// Makes the dataset invisible at once; a job removes its rows and the files that no other dataset needs.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` without the role OWNER, `CONFIRMATION_REQUIRED`, or `NOT_AVAILABLE` while a job prepares it.
pub async fn start(services: &Services, viewer: &Viewer, dataset: &str, confirmation: &str) -> ServiceResult<Job> {
    let path = ["input", "dataset"];
    let dataset = datasets::require_as(services, viewer, DatasetRole::Owner, dataset, &path).await?;
    require_confirmation(&dataset.name, confirmation)?;
    if dataset.status == DatasetStatus::Preparing {
        let message = "A job is still making this dataset: cancel the job instead.";
        return Err(ServiceError::user(UserErrorCode::NotAvailable, &path, message));
    }
    let input = serde_json::to_string(&DeleteInput { dataset: dataset.id });
    let transaction = services.db.begin().await?;
    db::datasets::retire(&transaction, dataset.id, DatasetStatus::Deleting).await?;
    let job = NewJob {
        id: JobId(ids::next()),
        owner_id: viewer.id,
        kind: JobKind::Delete,
        input: input.map_err(|error| ServiceError::Broken(error.to_string()))?,
        unit: "files",
        dataset_id: None,
    };
    let job = db::jobs::create(&transaction, job, Utc::now()).await?;
    let details = json!({ "job": job.id.to_string(), "images": dataset.image_count });
    audit::record_of(&transaction, viewer, AuditAction::DatasetDeleted, &dataset, details).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Deleted, &dataset).await;
    services.events.work_waits();
    Ok(job)
}

/// `name`: of what would be deleted.
///
/// # Errors
/// `CONFIRMATION_REQUIRED`.
pub(super) fn require_confirmation(name: &str, confirmation: &str) -> ServiceResult<()> {
    if confirmation == CONFIRMATION {
        return Ok(());
    }
    let message = format!("To delete {name:?} for good, give the word {CONFIRMATION} as `confirmation`.");
    Err(ServiceError::user(UserErrorCode::ConfirmationRequired, &["input", "confirmation"], message))
}
