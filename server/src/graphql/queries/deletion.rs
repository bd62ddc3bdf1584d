//! `deletionPreview`.

use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::DeletionPreview;
use crate::services::deletion;
use async_graphql::{Context, ID, Object, Result};

#[derive(Default)]
pub struct DeletionQueries;

#[Object]
impl DeletionQueries {
    /// What deleteDataset would take with it.
    async fn deletion_preview(&self, context: &Context<'_>, dataset: ID) -> Result<DeletionPreview> {
        let preview = deletion::preview(context.services()?, context.viewer()?, &dataset).await;
        Ok(preview.for_clients(context)?.into())
    }
}
