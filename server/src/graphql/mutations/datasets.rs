//! `renameDataset` and `deleteDataset`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::{Dataset, Job};
use crate::services::{datasets, deletion};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct DatasetMutations;

#[derive(InputObject)]
struct RenameDatasetInput {
    dataset: ID,
    /// 1 to 255 characters.
    name: String,
}

#[derive(SimpleObject)]
struct RenameDatasetPayload {
    dataset: Option<Dataset>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct DeleteDatasetInput {
    dataset: ID,
    /// The word DELETE.
    confirmation: String,
}

#[derive(SimpleObject)]
struct DeleteDatasetPayload {
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

#[Object]
impl DatasetMutations {
    async fn rename_dataset(&self, context: &Context<'_>, input: RenameDatasetInput) -> Result<RenameDatasetPayload> {
        let renamed = datasets::rename(context.services()?, context.viewer()?, &input.dataset, &input.name).await;
        let done = |dataset| RenameDatasetPayload { dataset: Some(Dataset(dataset)), user_errors: Vec::new() };
        payload(context, renamed, done, |user_errors| RenameDatasetPayload { dataset: None, user_errors })
    }

    /// Deletes the dataset, every annotation set attached to it and every derivative.
    async fn delete_dataset(&self, context: &Context<'_>, input: DeleteDatasetInput) -> Result<DeleteDatasetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let started = deletion::start(services, viewer, &input.dataset, &input.confirmation).await;
        let done = |job| DeleteDatasetPayload { job: Some(Job(job)), user_errors: Vec::new() };
        payload(context, started, done, |user_errors| DeleteDatasetPayload { job: None, user_errors })
    }
}
