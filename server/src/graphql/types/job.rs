//! `Job` and `JobProgress`.

use super::{Dataset, Finding};
use crate::domain::job::{self, JobKind, JobState};
use crate::domain::page::Page;
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::ids::global;
use crate::graphql::loaders::FindingsOf;
use crate::graphql::scalars::Long;
use crate::services::exports;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

/// Work that outlives a request.
pub struct Job(pub job::Job);

#[Object]
impl Job {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn kind(&self) -> JobKind {
        self.0.kind
    }

    async fn state(&self) -> JobState {
        self.0.state
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    async fn started_at(&self) -> Option<DateTime<Utc>> {
        self.0.started_at
    }

    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    async fn progress(&self) -> JobProgress {
        let progress = &self.0.progress;
        JobProgress { done: Long(progress.done), total: progress.total.map(Long), unit: progress.unit.clone() }
    }

    /// Why it failed, for a person to read.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// What was refused or repaired, in the order found; at most 500 a page.
    async fn findings(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connected<Finding>> {
        let page = page_request(context, first, after, last, before)?;
        let rows = context.loads()?.load_one(FindingsOf(self.0.id, page)).await.for_clients(context)?;
        let rows = rows.unwrap_or_else(Page::empty).map(|row| (row.position.to_string(), row.finding.into()));
        Ok(connected(rows, TotalCount::Known(self.0.finding_count)))
    }

    /// All findings as CSV with a header row; root-relative.
    async fn findings_csv_url(&self) -> String {
        format!("/jobs/{}/findings.csv", self.0.id)
    }

    /// The dataset that it makes, reads or adds to; null when there is none, or none any more.
    async fn dataset(&self, context: &Context<'_>) -> Result<Option<Dataset>> {
        let Some(id) = self.0.dataset_id else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Dataset))
    }

    /// EXPORT: where the finished archive is, in parts too (`Range`); null before it is finished, and once it has expired
    /// or its dataset is gone.
    async fn download_url(&self, context: &Context<'_>) -> Result<Option<String>> {
        let is_there = exports::is_there(context.services()?, &self.0);
        Ok(is_there.then(|| format!("/exports/{}", self.0.id)))
    }
}

/// How far a job is.
#[derive(SimpleObject)]
pub struct JobProgress {
    done: Long,
    /// Null until the work has been counted.
    total: Option<Long>,
    /// Plural noun, such as images.
    unit: String,
}
