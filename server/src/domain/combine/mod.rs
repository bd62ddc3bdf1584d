//! The rules of combining datasets, as plain functions: which pictures are the same, what the new paths and labels
//! are, and which images come out. Reading, converting and storing are the combine job's.

mod duplicates;
mod labels;
mod paths;
mod plan;

pub use duplicates::{DuplicateCounts, DuplicateKind, count_duplicates, count_shared_patients};
pub use labels::{LabelRename, UnitedLabels, unite_labels};
pub use plan::{Plan, PlannedImage, PlannedSource, plan_images};

/// What happens to a picture that stands in two sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
pub enum DuplicatePolicy {
    /// Every copy stays.
    Keep,
    /// The first source's copy stays; the annotations of all are brought together on it.
    Merge,
    /// The whole combination is refused.
    Reject,
}

/// Id of the format that becomes PNG when formats are mixed.
pub const DICOM: &str = "dicom";
/// Id of the format that it becomes.
pub const PNG: &str = "png";

#[cfg(test)]
pub(crate) mod samples {
    //! Images for tests of the rules.

    use crate::domain::digest::Digest;
    use crate::domain::ids::{DatasetId, ImageId, StudyId};
    use crate::domain::image::Image;

    /// An image whose file and pixels are named by small numbers.
    pub fn image(id: i64, path: &str, format: &str, file: u8, pixels: u8, uid: Option<&str>) -> Image {
        Image {
            id: ImageId(id),
            dataset_id: DatasetId(1),
            position: id,
            study_id: StudyId(id),
            study_position: 0,
            path: path.to_owned(),
            raw_path: None,
            format: format.to_owned(),
            width: 4,
            height: 4,
            frame_count: 1,
            bits_per_sample: 8,
            size_bytes: 10,
            sha256: Digest([file; 32]),
            pixel_digest: Digest([pixels; 32]),
            sop_instance_uid: uid.map(str::to_owned),
            patient_key: None,
            origin_image_id: None,
        }
    }
}
