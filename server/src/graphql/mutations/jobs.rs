//! `cancelJob`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::Job;
use crate::services::jobs;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct JobMutations;

#[derive(InputObject)]
struct CancelJobInput {
    job: ID,
}

#[derive(SimpleObject)]
struct CancelJobPayload {
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

#[Object]
impl JobMutations {
    /// Asks a job to stop; what it had not published is gone when it has.
    async fn cancel_job(&self, context: &Context<'_>, input: CancelJobInput) -> Result<CancelJobPayload> {
        let cancelled = jobs::cancel(context.services()?, context.viewer()?, &input.job).await;
        let done = |job| CancelJobPayload { job: Some(Job(job)), user_errors: Vec::new() };
        payload(context, cancelled, done, |user_errors| CancelJobPayload { job: None, user_errors })
    }
}
