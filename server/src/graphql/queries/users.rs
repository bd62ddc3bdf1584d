//! `viewer` and `users`.

use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::User;
use crate::services::users;
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub struct UserQueries;

#[Object]
impl UserQueries {
    /// The signed-in user; null without credentials.
    async fn viewer(&self, context: &Context<'_>) -> Result<Option<User>> {
        let Ok(viewer) = context.viewer() else { return Ok(None) };
        Ok(context.loads()?.load_one(viewer.id).await.for_clients(context)?.map(User))
    }

    /// Everybody, newest first; at most 500 a page. For administrators.
    async fn users(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "Part of the name, in its case.")] search: Option<String>,
    ) -> Result<Connected<User>> {
        let page = page_request(context, first, after, last, before)?;
        let (services, viewer) = (context.services()?, context.viewer()?);
        let rows = users::list(services, viewer, search.as_deref(), &page).await.for_clients(context)?;
        Ok(connected(rows.map(|row| (row.id.0.to_string(), User(row))), TotalCount::Users(search)))
    }
}
