//! One stored file of a dataset.

use super::digest::Digest;
use super::ids::{DatasetId, ImageId, StudyId};

#[derive(Debug, Clone)]
pub struct Image {
    pub id: ImageId,
    pub dataset_id: DatasetId,
    /// From 0 without gaps inside the dataset.
    pub position: i64,
    pub study_id: StudyId,
    /// From 0 without gaps inside the study.
    pub study_position: i64,
    /// '/' separated, unique in the dataset.
    pub path: String,
    /// The name's bytes in the archive, when they were not UTF-8.
    pub raw_path: Option<Vec<u8>>,
    /// Id of the image format.
    pub format: String,
    pub width: i64,
    pub height: i64,
    pub frame_count: i64,
    pub bits_per_sample: i64,
    pub size_bytes: i64,
    pub sha256: Digest,
    /// Of the samples of every frame as stored, before any LUT.
    pub pixel_digest: Digest,
    pub sop_instance_uid: Option<String>,
    /// Keyed digest of PatientID with its issuer.
    pub patient_key: Option<Digest>,
    pub origin_image_id: Option<ImageId>,
}
