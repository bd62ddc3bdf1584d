//! What a client asks to combine, and what the job keeps of it once it has been checked.

use crate::domain::combine::{DuplicatePolicy, LabelRename};
use crate::domain::ids::{AnnotationSetId, DatasetId};
use serde::{Deserialize, Serialize};

/// As a client sent it.
#[derive(Debug, Clone)]
pub struct CombineRequest {
    pub name: String,
    pub sources: Vec<RequestedSource>,
    pub annotation_type: Option<String>,
    pub annotation_set_name: Option<String>,
    pub label_map: Vec<RequestedRename>,
    pub duplicates: DuplicatePolicy,
    pub png_bits_per_sample: i32,
    pub expected_digest: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RequestedSource {
    pub dataset: String,
    pub annotation_set: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RequestedRename {
    pub annotation_set: Option<String>,
    pub from: String,
    pub to: String,
}

/// Checked: what a combine job was asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CombineInput {
    pub sources: Vec<InputSource>,
    pub annotation_type: Option<String>,
    pub annotation_set_name: Option<String>,
    pub label_map: Vec<LabelRename>,
    pub duplicates: DuplicatePolicy,
    /// 8 or 16.
    pub png_bits_per_sample: u8,
    /// Of the sources as they were when this was checked against a preview.
    pub expected_digest: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputSource {
    pub dataset: DatasetId,
    pub annotation_set: Option<AnnotationSetId>,
}
