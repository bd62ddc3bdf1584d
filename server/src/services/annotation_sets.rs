//! Annotation sets, their labels and annotations, as a viewer may see them.

use super::{ServiceError, ServiceResult, Services, datasets};
use crate::db;
use crate::db::annotated_images::AnnotatedImage;
use crate::domain::access::Viewer;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::ids::{AnnotationSetId, DatasetId, ImageId, LabelId};
use crate::domain::label::Label;
use crate::domain::page::{Page, PageRequest};

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
