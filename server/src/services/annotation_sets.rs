//! Annotation sets, their labels and annotations, as a viewer may see them; making empty ones and deleting them.

use super::deletion::require_confirmation;
use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, audit, datasets, endings, permission};
use crate::db;
use crate::db::annotated_images::AnnotatedImage;
use crate::domain::access::{DatasetRole, Viewer};
use crate::domain::annotation_set::{AnnotationSet, AnnotationSource};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{self, AnnotationSetId, DatasetId, ImageId, LabelId};
use crate::domain::label::Label;
use crate::domain::names::require_name;
use crate::domain::page::{Page, PageRequest};
use crate::domain::user_error::{UserError, UserErrorCode};
use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;

pub async fn find(services: &Services, viewer: &Viewer, id: AnnotationSetId) -> ServiceResult<Option<AnnotationSet>> {
    Ok(by_ids(services, viewer, &[id]).await?.pop())
}

/// The set, or the same error for what is not there and what the viewer may not see.
pub async fn require(services: &Services, viewer: &Viewer, id: &str, path: &[&str]) -> ServiceResult<AnnotationSet> {
    let found = match AnnotationSetId::parse(id) {
        Some(id) => find(services, viewer, id).await?,
        None => None,
    };
    found.ok_or_else(|| ServiceError::not_found("annotation set", path))
}

/// A set of that dataset, which the viewer was shown.
///
/// # Errors
/// `NOT_FOUND`, or `ANNOTATION_SET_NOT_IN_DATASET`.
pub async fn require_of(
    services: &Services,
    viewer: &Viewer,
    dataset: &Dataset,
    id: &str,
    path: &[&str],
) -> ServiceResult<AnnotationSet> {
    let set = require(services, viewer, id, path).await?;
    if set.dataset_id == dataset.id {
        return Ok(set);
    }
    let message = format!("{:?} is no annotation set of the dataset {:?}.", set.name, dataset.name);
    Err(ServiceError::user(UserErrorCode::AnnotationSetNotInDataset, path, message))
}

/// Those of the sets whose datasets the viewer may see.
pub async fn by_ids(
    services: &Services,
    viewer: &Viewer,
    ids: &[AnnotationSetId],
) -> ServiceResult<Vec<AnnotationSet>> {
    let mut sets = db::annotation_sets::by_ids(services.db.read(), ids).await?;
    let visible = datasets::visible_among(services, viewer, sets.iter().map(|set| set.dataset_id)).await?;
    sets.retain(|set| visible.contains(&set.dataset_id));
    Ok(sets)
}

/// Those of the labels whose datasets the viewer may see.
pub async fn labels_by_ids(services: &Services, viewer: &Viewer, ids: &[LabelId]) -> ServiceResult<Vec<Label>> {
    let mut labels = db::labels::by_ids(services.db.read(), ids).await?;
    let sets: Vec<AnnotationSetId> = labels.iter().map(|label| label.annotation_set_id).collect();
    let visible = by_ids(services, viewer, &sets).await?;
    labels.retain(|label| visible.iter().any(|set| set.id == label.annotation_set_id));
    Ok(labels)
}

/// Labels of sets that the viewer was shown, in the order of each set.
pub async fn labels_of(services: &Services, sets: &[AnnotationSetId]) -> ServiceResult<Vec<Label>> {
    Ok(db::labels::by_annotation_sets(services.db.read(), sets).await?)
}

/// Pages of sets of datasets that the viewer was shown.
pub async fn pages_by_datasets(
    services: &Services,
    datasets: &[DatasetId],
    annotation_type: Option<&str>,
    page: &PageRequest,
) -> ServiceResult<Vec<(DatasetId, Page<AnnotationSet>)>> {
    let positions = page.positions()?;
    Ok(db::annotation_sets::pages_by_datasets(services.db.read(), datasets, annotation_type, page, positions).await?)
}

/// How many sets of each type the datasets have.
pub async fn count_by_type(services: &Services, ids: &[DatasetId]) -> ServiceResult<Vec<(DatasetId, String, i64)>> {
    Ok(db::annotation_sets::count_by_type(services.db.read(), ids).await?)
}

/// Pages of annotated images of sets that the viewer was shown; only those with a label if it is given.
pub async fn image_pages(
    services: &Services,
    sets: &[AnnotationSetId],
    label: Option<LabelId>,
    page: &PageRequest,
) -> ServiceResult<Vec<(AnnotationSetId, Page<AnnotatedImage>)>> {
    let positions = page.positions()?;
    let Some(label) = label else {
        return Ok(db::annotated_images::pages_by_sets(services.db.read(), sets, page, positions).await?);
    };
    let label = db::labels::by_ids(services.db.read(), &[label]).await?.pop();
    let mut pages = Vec::with_capacity(sets.len());
    for set in sets {
        pages.push(match &label {
            Some(label) if label.annotation_set_id == *set => {
                let page = db::annotated_images::page_with_label(services.db.read(), label, page, positions).await?;
                (*set, page)
            }
            // A label belongs to one set; no image of another set carries it.
            _ => (*set, Page::empty()),
        });
    }
    Ok(pages)
}

/// The annotations that a set, which the viewer was shown, has for each of these images.
pub async fn annotations_by_images(
    services: &Services,
    set: AnnotationSetId,
    images: &[ImageId],
) -> ServiceResult<Vec<AnnotatedImage>> {
    Ok(db::annotated_images::by_images(services.db.read(), set, images).await?)
}

/// An empty set, for annotation tools to fill.
///
/// # Errors
/// `NOT_FOUND` for dataset or type, `FORBIDDEN` without the role EDITOR, `NOT_AVAILABLE` for a dataset that is not whole, `INVALID` for the name or a label.
pub async fn create(
    services: &Services,
    viewer: &Viewer,
    dataset: &str,
    name: &str,
    annotation_type: &str,
    labels: &[String],
) -> ServiceResult<AnnotationSet> {
    let path = ["input", "dataset"];
    let dataset = datasets::require_as(services, viewer, DatasetRole::Editor, dataset, &path).await?;
    if dataset.status != DatasetStatus::Available {
        let message = "The dataset is not available: only one that is can be annotated.";
        return Err(ServiceError::user(UserErrorCode::NotAvailable, &path, message));
    }
    let name = require_name(name, &["input", "name"])?;
    require_type(services, annotation_type)?;
    let labels = require_labels(labels)?;
    let set = AnnotationSet {
        id: AnnotationSetId(ids::next()),
        dataset_id: dataset.id,
        name,
        annotation_type: annotation_type.to_owned(),
        source: AnnotationSource::Api,
        created_at: Utc::now().trunc_subsecs(3),
        study_count: 0,
        image_count: 0,
        unlabelled_image_count: 0,
        annotation_count: 0,
    };
    let first = ids::reserve(labels.len());
    let label = |(name, position): (String, i64)| Label {
        id: LabelId(first + position),
        annotation_set_id: set.id,
        position,
        name,
        image_count: 0,
        study_count: 0,
        annotation_count: 0,
    };
    let labels: Vec<Label> = labels.into_iter().zip(0..).map(label).collect();
    let transaction = services.db.begin().await?;
    db::annotation_sets::create(&transaction, &set).await?;
    db::labels::create_many(&transaction, &labels).await?;
    db::datasets::record_change(&transaction, dataset.id, 1).await?;
    audit::record_of(&transaction, viewer, AuditAction::AnnotationSetCreated, &dataset, told(&set)).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Updated, &dataset).await;
    Ok(set)
}

pub(super) fn require_type(services: &Services, id: &str) -> ServiceResult<()> {
    let catalog = services.plugins.catalog();
    if catalog.find_annotation_type(id).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = catalog.annotation_types().map(|(each, _)| each.id.as_str()).collect();
    let message = format!("There is no annotation type {id:?}; there are {}.", known.join(", "));
    Err(ServiceError::user(UserErrorCode::NotFound, &["input", "annotationType"], message))
}

/// Names as they are kept, each once.
fn require_labels(labels: &[String]) -> ServiceResult<Vec<String>> {
    let (mut names, mut seen, mut mistakes) = (Vec::with_capacity(labels.len()), HashSet::new(), Vec::new());
    for (index, label) in labels.iter().enumerate() {
        let index = index.to_string();
        let path = ["input", "labels", &index];
        match require_name(label, &path) {
            Err(mistake) => mistakes.push(mistake),
            Ok(name) if seen.insert(name.clone()) => names.push(name),
            Ok(name) => {
                let message = format!("The label {name:?} is given twice.");
                mistakes.push(UserError::new(UserErrorCode::Invalid, &path, message));
            }
        }
    }
    if mistakes.is_empty() { Ok(names) } else { Err(ServiceError::User(mistakes)) }
}

/// Removes the set with its annotations and labels, and ends what was made from it.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` without the role EDITOR, or `CONFIRMATION_REQUIRED`.
pub async fn delete(
    services: &Services,
    viewer: &Viewer,
    id: &str,
    confirmation: &str,
) -> ServiceResult<AnnotationSetId> {
    let (set, dataset) = require_editable(services, viewer, id).await?;
    require_confirmation(&set.name, confirmation)?;
    let transaction = services.db.begin().await?;
    endings::with_annotation_set(services, &transaction, &set).await?;
    if db::annotation_sets::delete(&transaction, set.id).await? {
        db::datasets::record_change(&transaction, set.dataset_id, -1).await?;
    }
    audit::record_of(&transaction, viewer, AuditAction::AnnotationSetDeleted, &dataset, told(&set)).await?;
    transaction.commit().await?;
    services.events.deliveries_wait();
    datasets::tell(services, ChangeKind::Updated, &dataset).await;
    Ok(set.id)
}

/// A set that the viewer may change, and its dataset.
///
/// # Errors
/// `NOT_FOUND`, or `FORBIDDEN` without the role EDITOR.
pub(super) async fn require_editable(
    services: &Services,
    viewer: &Viewer,
    id: &str,
) -> ServiceResult<(AnnotationSet, Dataset)> {
    let path = ["input", "annotationSet"];
    let set = require(services, viewer, id, &path).await?;
    let dataset = datasets::find(services, viewer, set.dataset_id).await?;
    let dataset = dataset.ok_or_else(|| ServiceError::not_found("annotation set", &path))?;
    permission::require_role(services, viewer, &dataset, DatasetRole::Editor, &path).await?;
    Ok((set, dataset))
}

/// What the audit log says of a set.
pub(super) fn told(set: &AnnotationSet) -> Value {
    json!({ "annotationSet": set.id.to_string(), "name": set.name })
}
