//! `DatasetShare`.

use super::{Group, User};
use crate::domain::access::DatasetRole;
use crate::domain::group::{self, Grantee};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::ids::global;
use async_graphql::{Context, ID, Object, Result};

/// What a user or a group may do with a dataset that somebody else owns: either `user` or `group` is there.
pub struct DatasetShare(pub group::DatasetShare);

#[Object]
impl DatasetShare {
    async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn user(&self, context: &Context<'_>) -> Result<Option<User>> {
        let Grantee::User(id) = self.0.grantee else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(User))
    }

    async fn group(&self, context: &Context<'_>) -> Result<Option<Group>> {
        let Grantee::Group(id) = self.0.grantee else { return Ok(None) };
        Ok(context.loads()?.load_one(id).await.for_clients(context)?.map(Group))
    }

    async fn role(&self) -> DatasetRole {
        self.0.role
    }
}
