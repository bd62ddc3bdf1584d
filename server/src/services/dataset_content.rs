//! A dataset with one annotation set as values: images, studies, labels and annotations, read whole.

use super::{ServiceResult, Services};
use crate::db;
use crate::domain::annotation::ImageAnnotations;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{AnnotationSetId, DatasetId, ImageId, StudyId};
use crate::domain::image::Image;
use crate::domain::label::Label;
use crate::domain::study::Study;
use std::collections::HashMap;

/// What combining, exporting and digesting work on.
pub struct DatasetContent {
    pub dataset: Dataset,
    pub images: Vec<Image>,
    pub studies: HashMap<StudyId, Study>,
    pub annotation_set: Option<AnnotationSet>,
    /// Of the annotation set, in its order.
    pub labels: Vec<Label>,
    /// Of each image of `images`; `None` where the set does not cover it.
    pub annotations: Vec<Option<ImageAnnotations>>,
}

/// Rows of annotations read at a time.
const ROWS_PER_READ: u64 = 10_000;

/// `None` when the dataset is not available, or the set is not there any more.
pub async fn load_content(
    services: &Services,
    dataset: DatasetId,
    annotation_set: Option<AnnotationSetId>,
) -> ServiceResult<Option<DatasetContent>> {
    let read = services.db.read();
    let dataset = db::datasets::by_ids(read, &[dataset]).await?.pop();
    let Some(dataset) = dataset.filter(|dataset| dataset.status == DatasetStatus::Available) else { return Ok(None) };
    let images = db::images::list_by_dataset(read, dataset.id).await?;
    let studies = db::studies::list_by_dataset(read, dataset.id).await?;
    let mut content = DatasetContent {
        dataset,
        annotations: vec![None; images.len()],
        images,
        studies: studies.into_iter().map(|study| (study.id, study)).collect(),
        annotation_set: None,
        labels: Vec::new(),
    };
    if let Some(id) = annotation_set {
        let Some(set) = db::annotation_sets::by_ids(read, &[id]).await?.pop() else { return Ok(None) };
        content.labels = db::labels::by_annotation_sets(read, &[id]).await?;
        content.annotation_set = Some(set);
        load_annotations(services, id, &content.images, &mut content.annotations).await?;
    }
    Ok(Some(content))
}

async fn load_annotations(
    services: &Services,
    set: AnnotationSetId,
    images: &[Image],
    annotations: &mut [Option<ImageAnnotations>],
) -> ServiceResult<()> {
    let index_of: HashMap<ImageId, usize> = images.iter().enumerate().map(|(index, image)| (image.id, index)).collect();
    let mut position = 0;
    loop {
        let rows = db::annotated_images::list_from(services.db.read(), set, position, ROWS_PER_READ).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        position = last.position + 1;
        for row in rows {
            if let Some(index) = index_of.get(&row.image_id) {
                annotations[*index] = Some(row.annotations);
            }
        }
    }
}
