//! Annotation data attached to a dataset, of one type, covering all or some of its images.

use super::ids::{AnnotationSetId, DatasetId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct AnnotationSet {
    pub id: AnnotationSetId,
    pub dataset_id: DatasetId,
    pub name: String,
    /// Id of the annotation type.
    pub annotation_type: String,
    pub source: AnnotationSource,
    pub created_at: DateTime<Utc>,
    pub study_count: i64,
    pub image_count: i64,
    pub unlabelled_image_count: i64,
    pub annotation_count: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum AnnotationSource {
    /// Came with an uploaded file.
    Upload,
    /// Made by combining datasets.
    Combine,
    /// Made by annotation tools through this API.
    Api,
}

impl AnnotationSource {
    pub const ALL: [Self; 3] = [Self::Upload, Self::Combine, Self::Api];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "UPLOAD",
            Self::Combine => "COMBINE",
            Self::Api => "API",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|source| source.as_str() == text).unwrap_or(Self::Upload)
    }
}
