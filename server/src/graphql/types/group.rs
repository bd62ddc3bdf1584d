//! `Group`.

use super::User;
use crate::domain::group;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::ids::global;
use crate::graphql::loaders::MembersOf;
use async_graphql::{Context, ID, Object, Result};

/// Users that datasets are shared with together.
pub struct Group(pub group::Group);

#[Object]
impl Group {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// By name; null for who is neither in it nor an administrator.
    async fn members(&self, context: &Context<'_>) -> Result<Option<Vec<User>>> {
        let members = context.loads()?.load_one(MembersOf(self.0.id)).await.for_clients(context)?;
        Ok(members.map(|members| members.into_iter().map(User).collect()))
    }
}
