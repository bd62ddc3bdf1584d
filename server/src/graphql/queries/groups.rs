//! `groups`.

use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::Group;
use crate::services::groups;
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub struct GroupQueries;

#[Object]
impl GroupQueries {
    /// Groups that the viewer is in, by name; for administrators all.
    async fn groups(&self, context: &Context<'_>) -> Result<Vec<Group>> {
        let groups = groups::list(context.services()?, context.viewer()?).await.for_clients(context)?;
        Ok(groups.into_iter().map(Group).collect())
    }
}
