//! What the server answers to the queries of `lightbox import`.

use crate::cli::server::Message;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateUpload {
    pub create_upload: CreateUploadPayload,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateUploadPayload {
    pub upload: Option<Upload>,
    pub user_errors: Vec<Message>,
}

#[derive(Debug, Deserialize)]
pub struct Upload {
    pub id: String,
    pub url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportDataset {
    pub import_dataset: ImportDatasetPayload,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportDatasetPayload {
    pub job: Option<Id>,
    pub user_errors: Vec<Message>,
}

#[derive(Debug, Deserialize)]
pub struct Id {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub struct JobOf<T> {
    pub job: Option<T>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Deserialize)]
pub struct JobStatus {
    pub state: JobState,
    pub progress: Progress,
}

#[derive(Debug, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub total: Option<u64>,
    pub unit: String,
}

#[derive(Debug, Deserialize)]
pub struct JobReport {
    pub id: String,
    pub state: JobState,
    pub error: Option<String>,
    pub dataset: Option<Dataset>,
    pub findings: Findings,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    pub id: String,
    pub name: String,
    pub image_count: u64,
    pub study_count: u64,
    pub byte_size: u64,
    pub image_formats: Vec<Id>,
    pub annotation_sets: AnnotationSets,
}

#[derive(Debug, Deserialize)]
pub struct AnnotationSets {
    pub nodes: Vec<AnnotationSet>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnotationSet {
    pub name: String,
    pub r#type: Id,
    pub image_count: u64,
    pub annotation_count: u64,
    pub labels: Vec<Id>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    pub total_count: u64,
    pub nodes: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
pub struct Finding {
    pub severity: String,
    pub code: String,
    pub message: String,
    pub path: Option<String>,
    pub line: Option<u64>,
}
