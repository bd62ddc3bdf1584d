//! Images and what is attached to them.

use super::ids::{AnnotationSetId, DatasetId, JobId, UserId};
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub struct Dataset {
    pub id: DatasetId,
    pub owner_id: UserId,
    pub name: String,
    pub status: DatasetStatus,
    pub created_at: DateTime<Utc>,
    /// Ids of the image formats present, sorted.
    pub image_formats: Vec<String>,
    pub study_count: i64,
    pub image_count: i64,
    pub annotation_set_count: i64,
    pub size_bytes: i64,
    pub creation_job_id: Option<JobId>,
    /// Grows with every change of images or annotations.
    pub content_revision: i64,
    /// Of the content at this revision, when it was asked for already.
    pub digest: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum DatasetStatus {
    /// A job is making it; it has no images yet.
    Preparing,
    /// Whole, and ready for use.
    Available,
    /// Its job failed; it has no images, and the job says why.
    Failed,
    /// Being deleted; nobody sees it any more.
    Deleting,
}

impl DatasetStatus {
    pub const ALL: [Self; 4] = [Self::Preparing, Self::Available, Self::Failed, Self::Deleting];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "PREPARING",
            Self::Available => "AVAILABLE",
            Self::Failed => "FAILED",
            Self::Deleting => "DELETING",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == text).unwrap_or(Self::Failed)
    }
}

/// One dataset that another was combined from; it may be gone since.
#[derive(Debug, Clone)]
pub struct CombinedSource {
    pub dataset_id: DatasetId,
    pub dataset_name: String,
    pub annotation_set_id: Option<AnnotationSetId>,
    pub annotation_set_name: Option<String>,
    pub image_count: i64,
}

/// What a list of datasets is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct DatasetFilter {
    /// Case-insensitive substring of the name.
    pub search: Option<String>,
    pub has_annotations: Option<bool>,
    pub status: Option<Vec<DatasetStatus>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum DatasetOrderField {
    CreatedAt,
    /// Without regard to case.
    Name,
    StudyCount,
    AnnotationSetCount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum OrderDirection {
    Asc,
    Desc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatasetOrder {
    pub field: DatasetOrderField,
    pub direction: OrderDirection,
}

impl Default for DatasetOrder {
    /// Newest first.
    fn default() -> Self {
        Self { field: DatasetOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}
