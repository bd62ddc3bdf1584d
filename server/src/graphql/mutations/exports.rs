//! `exportDataset`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::Job;
use crate::services::exports;
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct ExportMutations;

#[derive(InputObject)]
struct ExportDatasetInput {
    dataset: ID,
    /// Left out: the images alone.
    annotation_set: Option<ID>,
    /// One of `AnnotationType.exportFormats` of the set's type; without a set, of any type, for the places that it gives
    /// images. `images`: the images alone, whichever set is named.
    format: String,
}

#[derive(SimpleObject)]
struct ExportDatasetPayload {
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

#[Object]
impl ExportMutations {
    /// Makes a zip archive of the dataset's images, as they are stored, and of one annotation set in the format asked for.
    /// What the format cannot say is among the job's findings; the archive is at `Job.downloadUrl`. The same content
    /// gives the same bytes, always.
    async fn export_dataset(&self, context: &Context<'_>, input: ExportDatasetInput) -> Result<ExportDatasetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let set = input.annotation_set.as_deref().map(String::as_str);
        let started = exports::start(services, viewer, &input.dataset, set, &input.format).await;
        let done = |job| ExportDatasetPayload { job: Some(Job(job)), user_errors: Vec::new() };
        payload(context, started, done, |user_errors| ExportDatasetPayload { job: None, user_errors })
    }
}
