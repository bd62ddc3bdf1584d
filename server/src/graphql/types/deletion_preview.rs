//! `DeletionPreview`.

use super::{AnnotationSet, Dataset, Derivative};
use crate::services::deletion::Preview;
use async_graphql::SimpleObject;

/// What deleteDataset would take with it.
#[derive(SimpleObject)]
pub struct DeletionPreview {
    dataset: Dataset,
    study_count: i64,
    image_count: i64,
    annotation_sets: Vec<AnnotationSet>,
    /// Those of the annotation sets among them, oldest first.
    derivatives: Vec<Derivative>,
    /// Combined datasets made from this one; they keep their own copies.
    combined_datasets: Vec<Dataset>,
}

impl From<Preview> for DeletionPreview {
    fn from(preview: Preview) -> Self {
        Self {
            study_count: preview.dataset.study_count,
            image_count: preview.dataset.image_count,
            dataset: Dataset(preview.dataset),
            annotation_sets: preview.annotation_sets.into_iter().map(AnnotationSet).collect(),
            derivatives: preview.derivatives.into_iter().map(Derivative).collect(),
            combined_datasets: preview.combined_datasets.into_iter().map(Dataset).collect(),
        }
    }
}
