//! `combinePreview`.

use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::mutations::CombineDatasetsInput;
use crate::graphql::types::CombinePreview;
use crate::services::combine;
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub struct CombineQueries;

#[Object]
impl CombineQueries {
    /// Dry run of combineDatasets: what would come out and what would be refused; changes nothing.
    async fn combine_preview(&self, context: &Context<'_>, input: CombineDatasetsInput) -> Result<CombinePreview> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let preview = combine::preview(services, viewer, &input.into()).await.for_clients(context)?;
        Ok(CombinePreview(preview))
    }
}
