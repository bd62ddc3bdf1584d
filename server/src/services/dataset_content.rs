//! A dataset with one annotation set as values: images, studies, labels and annotations, read whole.

use super::{ServiceResult, Services};
use crate::db;
use crate::db::Transaction;
use crate::domain::annotation::ImageAnnotations;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{AnnotationSetId, DatasetId, ImageId, StudyId};
use crate::domain::image::Image;
use crate::domain::label::Label;
use crate::domain::study::Study;
use std::collections::HashMap;

/// What combining and exporting work on. All of it is of one moment.
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

/// `None` when the dataset is not available, or the set is not there any more.
pub async fn load_content(
    services: &Services,
    dataset: DatasetId,
    annotation_set: Option<AnnotationSetId>,
) -> ServiceResult<Option<DatasetContent>> {
    let read = &*services.db.begin_read().await?;
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
        load_annotations(read, id, &content.images, &mut content.annotations).await?;
    }
    Ok(Some(content))
}

async fn load_annotations(
    read: &Transaction,
    set: AnnotationSetId,
    images: &[Image],
    annotations: &mut [Option<ImageAnnotations>],
) -> ServiceResult<()> {
    let index_of: HashMap<ImageId, usize> = images.iter().enumerate().map(|(index, image)| (image.id, index)).collect();
    db::annotated_images::for_each(read, set, |row| {
        if let Some(index) = index_of.get(&row.image_id) {
            annotations[*index] = Some(row.annotations);
        }
        Ok(())
    })
    .await
}
