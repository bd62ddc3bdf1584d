//! `annotationSet`.

use crate::domain::ids::AnnotationSetId;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::AnnotationSet;
use async_graphql::{Context, ID, Object, Result};

#[derive(Default)]
pub struct AnnotationSetQueries;

#[Object]
impl AnnotationSetQueries {
    /// Null when it is not there or not for the viewer.
    async fn annotation_set(&self, context: &Context<'_>, id: ID) -> Result<Option<AnnotationSet>> {
        let Some(id) = AnnotationSetId::parse(&id) else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(AnnotationSet))
    }
}
