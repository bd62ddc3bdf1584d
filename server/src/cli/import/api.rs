//! The server's GraphQL API as `lightbox import` uses it.

use super::answers::{CreateUpload, ImportDataset, JobOf, JobReport, JobStatus, Upload};
use crate::cli::server::{Server, require};
use anyhow::Context;
use serde_json::json;

/// Findings that are printed; the rest is a query away.
pub const FINDINGS_SHOWN: u64 = 100;

const CREATE_UPLOAD: &str = "mutation($input: CreateUploadInput!) {
  createUpload(input: $input) { upload { id url } userErrors { message } }
}";
const IMPORT_DATASET: &str = "mutation($input: ImportDatasetInput!) {
  importDataset(input: $input) { job { id } userErrors { message } }
}";
const JOB_STATUS: &str = "query($id: ID!) { job(id: $id) { state progress { done total unit } } }";
const JOB_REPORT: &str = "query($id: ID!, $findings: Int!) {
  job(id: $id) {
    id state error
    dataset {
      id name imageCount studyCount byteSize
      imageFormats { id }
      annotationSets(first: 50) { nodes { name type { id } imageCount annotationCount labels { id } } }
    }
    findings(first: $findings) { totalCount nodes { severity code message path line } }
  }
}";

/// The server, asked for what an import needs.
pub struct Api(pub Server);

impl Api {
    pub async fn create_upload(&self, filename: &str, size_bytes: u64) -> anyhow::Result<Upload> {
        let input = json!({"filename": filename, "byteSize": size_bytes});
        let answer: CreateUpload = self.0.ask(CREATE_UPLOAD, json!({"input": input})).await?;
        require(answer.create_upload.upload, &answer.create_upload.user_errors)
    }

    /// Id of the job.
    pub async fn import_dataset(&self, upload: &str, name: Option<&str>) -> anyhow::Result<String> {
        let input = json!({"upload": upload, "name": name});
        let answer: ImportDataset = self.0.ask(IMPORT_DATASET, json!({"input": input})).await?;
        Ok(require(answer.import_dataset.job, &answer.import_dataset.user_errors)?.id)
    }

    pub async fn job_status(&self, id: &str) -> anyhow::Result<JobStatus> {
        let answer: JobOf<JobStatus> = self.0.ask(JOB_STATUS, json!({"id": id})).await?;
        answer.job.with_context(|| format!("the server does not know {id} any more"))
    }

    pub async fn job_report(&self, id: &str) -> anyhow::Result<JobReport> {
        let answer: JobOf<JobReport> = self.0.ask(JOB_REPORT, json!({"id": id, "findings": FINDINGS_SHOWN})).await?;
        answer.job.with_context(|| format!("the server does not know {id} any more"))
    }
}
