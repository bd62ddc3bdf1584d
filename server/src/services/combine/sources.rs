//! Reading sources whole: images, studies, labels and annotations.

use super::request::InputSource;
use crate::db;
use crate::domain::annotation::ImageAnnotations;
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::ids::{AnnotationSetId, ImageId, StudyId};
use crate::domain::image::Image;
use crate::domain::label::Label;
use crate::domain::study::Study;
use crate::services::{ServiceResult, Services};
use std::collections::HashMap;

/// A source with everything that the result takes from it.
pub struct LoadedSource {
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

/// `None` when a source is not available any more.
pub async fn load_sources(services: &Services, sources: &[InputSource]) -> ServiceResult<Option<Vec<LoadedSource>>> {
    let mut loaded = Vec::with_capacity(sources.len());
    for source in sources {
        match load_source(services, *source).await? {
            Some(source) => loaded.push(source),
            None => return Ok(None),
        }
    }
    Ok(Some(loaded))
}

async fn load_source(services: &Services, source: InputSource) -> ServiceResult<Option<LoadedSource>> {
    let read = services.db.read();
    let dataset = db::datasets::by_ids(read, &[source.dataset]).await?.pop();
    let Some(dataset) = dataset.filter(|dataset| dataset.status == DatasetStatus::Available) else { return Ok(None) };
    let images = db::images::list_by_dataset(read, dataset.id).await?;
    let studies = db::studies::list_by_dataset(read, dataset.id).await?;
    let (mut annotation_set, mut labels) = (None, Vec::new());
    let mut annotations = vec![None; images.len()];
    if let Some(id) = source.annotation_set {
        let Some(set) = db::annotation_sets::by_ids(read, &[id]).await?.pop() else { return Ok(None) };
        labels = db::labels::by_annotation_sets(read, &[id]).await?;
        annotation_set = Some(set);
        load_annotations(services, id, &images, &mut annotations).await?;
    }
    let studies = studies.into_iter().map(|study| (study.id, study)).collect();
    Ok(Some(LoadedSource { dataset, images, studies, annotation_set, labels, annotations }))
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
