//! `viewer`.

use crate::domain::access::Viewer;
use crate::domain::user;
use crate::graphql::types::User;
use async_graphql::{Context, Object};

#[derive(Default)]
pub struct UserQueries;

#[Object]
impl UserQueries {
    /// The signed-in user; null without credentials.
    async fn viewer(&self, context: &Context<'_>) -> Option<User> {
        let viewer = context.data_opt::<Viewer>()?;
        Some(User(user::User { id: viewer.id, name: viewer.name.clone(), is_admin: viewer.is_admin }))
    }
}
