//! `createUpload` and `importDataset`.

use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::scalars::Long;
use crate::graphql::types::{Dataset, Job, Upload};
use crate::services::{imports, uploads};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct UploadMutations;

#[derive(InputObject)]
struct CreateUploadInput {
    filename: String,
    /// Bytes of the whole file, 1 or more.
    byte_size: Long,
}

#[derive(SimpleObject)]
struct CreateUploadPayload {
    upload: Option<Upload>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct ImportDatasetInput {
    upload: ID,
    /// Left out: the file's name without .zip.
    name: Option<String>,
}

#[derive(SimpleObject)]
struct ImportDatasetPayload {
    dataset: Option<Dataset>,
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

#[Object]
impl UploadMutations {
    /// A place to send a file to, with the tus 1.0.0 protocol: PATCH from any offset, HEAD for how far it got.
    async fn create_upload(&self, context: &Context<'_>, input: CreateUploadInput) -> Result<CreateUploadPayload> {
        let size_bytes = u64::try_from(input.byte_size.0).unwrap_or(0);
        let made = uploads::create(context.services()?, context.viewer()?, &input.filename, size_bytes).await;
        let done = |upload| CreateUploadPayload { upload: Some(Upload(upload)), user_errors: Vec::new() };
        payload(context, made, done, |user_errors| CreateUploadPayload { upload: None, user_errors })
    }

    /// From an uploaded zip archive; its label.csv, class folders or LabelMe files, if any, become annotation sets.
    async fn import_dataset(&self, context: &Context<'_>, input: ImportDatasetInput) -> Result<ImportDatasetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let started = imports::start(services, viewer, &input.upload, input.name.as_deref()).await;
        let done = |(dataset, job)| ImportDatasetPayload {
            dataset: Some(Dataset(dataset)),
            job: Some(Job(job)),
            user_errors: Vec::new(),
        };
        payload(context, started, done, |user_errors| ImportDatasetPayload { dataset: None, job: None, user_errors })
    }
}
