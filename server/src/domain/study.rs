//! A DICOM StudyInstanceUID; for pictures, each image is its own study.

use super::ids::{DatasetId, StudyId};

#[derive(Debug, Clone)]
pub struct Study {
    pub id: StudyId,
    pub dataset_id: DatasetId,
    /// From 0 without gaps inside the dataset.
    pub position: i64,
    pub name: String,
    pub study_instance_uid: Option<String>,
    pub image_count: i64,
}
