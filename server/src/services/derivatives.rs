//! Derivatives as a viewer may see them: registering, removing, listing, counting. How they end is in `endings`.

use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, annotation_sets, audit, datasets, permission, webhooks};
use crate::db::{self, Transaction};
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::derivative::{Derivative, DerivativeKind, Usage, require_url};
use crate::domain::ids::{self, AnnotationSetId, DatasetId, DerivativeId};
use crate::domain::names::require_name;
use crate::domain::page::{Page, PageRequest};
use crate::domain::user_error::UserErrorCode;
use crate::domain::webhook_event::WebhookEvent;
use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::Hash;

/// Those of the derivatives whose datasets the viewer may see.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[DerivativeId]) -> ServiceResult<Vec<Derivative>> {
    let mut found = db::derivatives::by_ids(services.db.read(), ids).await?;
    let visible = datasets::visible_among(services, viewer, found.iter().map(|each| each.dataset_id)).await?;
    found.retain(|derivative| visible.contains(&derivative.dataset_id));
    Ok(found)
}

/// Pages of derivatives of datasets that the viewer was shown.
pub async fn pages_by_datasets(
    services: &Services,
    datasets: &[DatasetId],
    page: &PageRequest,
) -> ServiceResult<Vec<(DatasetId, Page<Derivative>)>> {
    let positions = page.positions()?;
    Ok(db::derivatives::pages_by_datasets(services.db.read(), datasets, page, positions).await?)
}

/// Pages of derivatives of annotation sets that the viewer was shown.
pub async fn pages_by_annotation_sets(
    services: &Services,
    sets: &[AnnotationSetId],
    page: &PageRequest,
) -> ServiceResult<Vec<(AnnotationSetId, Page<Derivative>)>> {
    let positions = page.positions()?;
    Ok(db::derivatives::pages_by_annotation_sets(services.db.read(), sets, page, positions).await?)
}

/// How much of each dataset, which the viewer was shown, is in use.
pub async fn usage_of_datasets(services: &Services, ids: &[DatasetId]) -> ServiceResult<HashMap<DatasetId, Usage>> {
    Ok(usages(ids, db::derivatives::count_by_datasets(services.db.read(), ids).await?))
}

/// How much of each annotation set, which the viewer was shown, is in use.
pub async fn usage_of_annotation_sets(
    services: &Services,
    ids: &[AnnotationSetId],
) -> ServiceResult<HashMap<AnnotationSetId, Usage>> {
    Ok(usages(ids, db::derivatives::count_by_annotation_sets(services.db.read(), ids).await?))
}

fn usages<K: Copy + Eq + Hash>(ids: &[K], counts: Vec<(K, DerivativeKind, i64)>) -> HashMap<K, Usage> {
    let mut usages: HashMap<K, Usage> = ids.iter().map(|id| (*id, Usage::default())).collect();
    for (id, kind, count) in counts {
        usages.entry(id).or_default().add(kind, count);
    }
    usages
}

/// A derivative as it is asked for; ids as the caller gave them.
pub struct NewDerivative<'a> {
    pub kind: DerivativeKind,
    pub name: &'a str,
    pub url: Option<&'a str>,
    pub dataset: &'a str,
    pub annotation_set: Option<&'a str>,
}

/// # Errors
/// `NOT_FOUND` for the dataset or the set, `FORBIDDEN` without the role EDITOR, `ANNOTATION_SET_NOT_IN_DATASET`, `NOT_AVAILABLE` for a dataset that is not
/// whole, `INVALID` for name or address, `QUOTA_EXCEEDED` at the limit of one dataset.
pub async fn register(services: &Services, viewer: &Viewer, new: &NewDerivative<'_>) -> ServiceResult<Derivative> {
    let path = ["input", "dataset"];
    let dataset = datasets::require_as(services, viewer, DatasetRole::Editor, new.dataset, &path).await?;
    let set = match new.annotation_set {
        Some(set) => {
            Some(annotation_sets::require_of(services, viewer, &dataset, set, &["input", "annotationSet"]).await?)
        }
        None => None,
    };
    let derivative = Derivative {
        id: DerivativeId(ids::next()),
        dataset_id: dataset.id,
        annotation_set_id: set.as_ref().map(|set| set.id),
        kind: new.kind,
        name: require_name(new.name, &["input", "name"])?,
        url: new.url.map(|url| require_url(url, &["input", "url"])).transpose()?,
        // As it is stored, so that it reads the same ever after.
        created_at: Utc::now().trunc_subsecs(3),
    };
    // From here on the dataset and the set cannot go: there is one writer.
    let transaction = services.db.begin().await?;
    require_room(services, &transaction, dataset.id).await?;
    if let Some(set) = &set {
        require_still_there(&transaction, set.id).await?;
    }
    db::derivatives::create(&transaction, &derivative).await?;
    let event = WebhookEvent::derivative_registered(&derivative, &dataset, set.as_ref());
    webhooks::tell(services, &transaction, vec![event]).await?;
    let action = AuditAction::DerivativeRegistered;
    audit::record_of(&transaction, viewer, action, &dataset, told(&derivative)).await?;
    transaction.commit().await?;
    changed(services, &dataset).await;
    Ok(derivative)
}

fn told(derivative: &Derivative) -> Value {
    json!({ "derivative": derivative.id.to_string(), "name": derivative.name })
}

async fn changed(services: &Services, dataset: &Dataset) {
    datasets::tell(services, ChangeKind::Updated, dataset).await;
    services.events.deliveries_wait();
}

async fn require_room(services: &Services, transaction: &Transaction, id: DatasetId) -> ServiceResult<()> {
    let path = ["input", "dataset"];
    match db::datasets::by_ids(transaction, &[id]).await?.first().map(|dataset| dataset.status) {
        Some(DatasetStatus::Available) => {}
        None | Some(DatasetStatus::Deleting) => return Err(ServiceError::not_found("dataset", &path)),
        Some(DatasetStatus::Preparing | DatasetStatus::Failed) => {
            let message = "The dataset is not AVAILABLE: nothing can have been made from it.";
            return Err(ServiceError::user(UserErrorCode::NotAvailable, &path, message));
        }
    }
    let count = db::derivatives::count_of_dataset(transaction, id).await?;
    let most = services.limits.dataset_derivatives;
    if count >= most {
        let message = format!(
            "The dataset has {count} derivatives, and {most} are allowed: remove those that are no more, or ask the \
             administrator to raise limits.dataset_derivatives."
        );
        return Err(ServiceError::user(UserErrorCode::QuotaExceeded, &path, message));
    }
    Ok(())
}

async fn require_still_there(transaction: &Transaction, set: AnnotationSetId) -> ServiceResult<()> {
    let found = db::annotation_sets::by_ids(transaction, &[set]).await?;
    match found.is_empty() {
        true => Err(ServiceError::not_found("annotation set", &["input", "annotationSet"])),
        false => Ok(()),
    }
}

/// It has ended by itself; what it was made from stays.
///
/// # Errors
/// `NOT_FOUND`, or `FORBIDDEN` without the role EDITOR.
pub async fn remove(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<DerivativeId> {
    let not_found = || ServiceError::not_found("derivative", &["input", "derivative"]);
    let id = DerivativeId::parse(id).ok_or_else(not_found)?;
    let derivative = by_ids(services, viewer, &[id]).await?.pop().ok_or_else(not_found)?;
    let seen = datasets::find(services, viewer, derivative.dataset_id).await?.ok_or_else(not_found)?;
    permission::require_role(services, viewer, &seen, DatasetRole::Editor, &["input", "derivative"]).await?;
    let transaction = services.db.begin().await?;
    let dataset = db::datasets::by_ids(&transaction, &[derivative.dataset_id]).await?.pop();
    // Nobody sees what is made from a dataset that is being deleted; it ends with it.
    let dataset = dataset.filter(|dataset| dataset.status != DatasetStatus::Deleting).ok_or_else(not_found)?;
    if !db::derivatives::delete(&transaction, id).await? {
        return Err(not_found());
    }
    let sets: Vec<AnnotationSetId> = derivative.annotation_set_id.into_iter().collect();
    let set = db::annotation_sets::by_ids(&transaction, &sets).await?.pop();
    let event = WebhookEvent::derivative_removed(&derivative, &dataset, set.as_ref());
    webhooks::tell(services, &transaction, vec![event]).await?;
    let action = AuditAction::DerivativeRemoved;
    audit::record_of(&transaction, viewer, action, &dataset, told(&derivative)).await?;
    transaction.commit().await?;
    changed(services, &dataset).await;
    Ok(id)
}
