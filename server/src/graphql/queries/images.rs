//! `image`.

use crate::domain::ids::ImageId;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::Image;
use async_graphql::{Context, ID, Object, Result};

#[derive(Default)]
pub struct ImageQueries;

#[Object]
impl ImageQueries {
    /// Null when it is not there or not for the viewer.
    async fn image(&self, context: &Context<'_>, id: ID) -> Result<Option<Image>> {
        let Some(id) = ImageId::parse(&id) else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Image))
    }
}
