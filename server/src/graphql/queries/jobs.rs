//! `job` and `jobs`.

use crate::domain::ids::JobId;
use crate::domain::job::{self, JobKind, JobState};
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::Job;
use crate::services::jobs;
use async_graphql::{Context, ID, InputObject, Object, Result};

#[derive(Default)]
pub struct JobQueries;

/// All conditions hold together.
#[derive(InputObject, Default)]
struct JobFilter {
    kind: Option<Vec<JobKind>>,
    state: Option<Vec<JobState>>,
}

#[Object]
impl JobQueries {
    /// Null when it is not there or not for the viewer.
    async fn job(&self, context: &Context<'_>, id: ID) -> Result<Option<Job>> {
        let Some(id) = JobId::parse(&id) else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Job))
    }

    /// Newest first; at most 500 a page.
    async fn jobs(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<JobFilter>,
    ) -> Result<Connected<Job>> {
        let page = page_request(context, first, after, last, before)?;
        let filter = filter.unwrap_or_default();
        let filter = job::JobFilter { kind: filter.kind, state: filter.state };
        let rows = jobs::list(context.services()?, context.viewer()?, &filter, &page).await.for_clients(context)?;
        Ok(connected(rows.map(|row| (row.id.0.to_string(), Job(row))), TotalCount::Jobs(filter)))
    }
}
