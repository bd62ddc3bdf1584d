//! The server's GraphQL API as `lightbox import` uses it.

use super::answers::{Answer, CreateUpload, ImportDataset, JobOf, JobReport, JobStatus, Message, Upload};
use anyhow::{Context, bail};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
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

pub struct Api {
    client: Client,
    server: Url,
}

impl Api {
    pub fn new(server: Url, token: &str) -> anyhow::Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).context("the token holds odd characters")?;
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let mut builder = Client::builder().default_headers(headers).connect_timeout(CONNECT_TIMEOUT);
        if server.scheme() == "http" {
            // Without TLS no authority is asked for, so a machine that knows none will do.
            builder = builder.tls_certs_only([]);
        }
        if super::is_this_machine(&server) {
            // A proxy that the environment names could not reach it.
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()?, server })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The whole address of a root-relative one.
    pub fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.server.join(path)?)
    }

    pub async fn create_upload(&self, filename: &str, size_bytes: u64) -> anyhow::Result<Upload> {
        let input = json!({"filename": filename, "byteSize": size_bytes});
        let answer: CreateUpload = self.ask(CREATE_UPLOAD, json!({"input": input})).await?;
        require(answer.create_upload.upload, &answer.create_upload.user_errors)
    }

    /// Id of the job.
    pub async fn import_dataset(&self, upload: &str, name: Option<&str>) -> anyhow::Result<String> {
        let input = json!({"upload": upload, "name": name});
        let answer: ImportDataset = self.ask(IMPORT_DATASET, json!({"input": input})).await?;
        Ok(require(answer.import_dataset.job, &answer.import_dataset.user_errors)?.id)
    }

    pub async fn job_status(&self, id: &str) -> anyhow::Result<JobStatus> {
        let answer: JobOf<JobStatus> = self.ask(JOB_STATUS, json!({"id": id})).await?;
        answer.job.with_context(|| format!("the server does not know {id} any more"))
    }

    pub async fn job_report(&self, id: &str) -> anyhow::Result<JobReport> {
        let answer: JobOf<JobReport> = self.ask(JOB_REPORT, json!({"id": id, "findings": FINDINGS_SHOWN})).await?;
        answer.job.with_context(|| format!("the server does not know {id} any more"))
    }

    async fn ask<T: DeserializeOwned>(&self, query: &str, variables: Value) -> anyhow::Result<T> {
        let address = self.address("/graphql")?;
        let request = self.client.post(address).timeout(ANSWER_TIMEOUT);
        let sent = request.json(&json!({"query": query, "variables": variables})).send().await;
        let response = sent.with_context(|| format!("the server {} does not answer", self.server))?;
        let status = response.status();
        let body = response.bytes().await?;
        let answer = serde_json::from_slice::<Answer<T>>(&body);
        match answer {
            Ok(Answer { data: Some(data), errors }) if errors.is_empty() => Ok(data),
            Ok(Answer { errors, .. }) if !errors.is_empty() => bail!("the server refused: {}", sentences(&errors)),
            _ => Err(unexpected(status, &body)),
        }
    }
}

fn require<T>(wanted: Option<T>, errors: &[Message]) -> anyhow::Result<T> {
    wanted.with_context(|| format!("the server refused: {}", sentences(errors)))
}

fn sentences(errors: &[Message]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ")
}

fn unexpected(status: StatusCode, body: &[u8]) -> anyhow::Error {
    let text: String = String::from_utf8_lossy(body).chars().take(300).collect();
    anyhow::anyhow!("the server answered with status {status}, which is not what a Lightbox answers: {text}")
}
