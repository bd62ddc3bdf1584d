//! `User` and `QuotaUsage`.

use super::ApiToken;
use crate::domain::user;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::ids::global;
use crate::graphql::loaders::{QuotaOf, TokensOf};
use crate::graphql::scalars::Long;
use async_graphql::{Context, ID, Object, Result, SimpleObject};

/// A person who may sign requests.
pub struct User(pub user::User);

/// What a user's datasets and unread uploads take, and the most that they may.
#[derive(SimpleObject)]
struct QuotaUsage {
    used_bytes: Long,
    /// Null: no limit.
    limit_bytes: Option<Long>,
    used_images: Long,
    /// Null: no limit.
    limit_images: Option<Long>,
}

#[Object]
impl User {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Sees everything.
    async fn is_admin(&self) -> bool {
        self.0.is_admin
    }

    /// Nothing that he signs is taken.
    async fn is_disabled(&self) -> bool {
        self.0.is_disabled
    }

    /// Newest first; null for who is neither the user nor an administrator.
    async fn api_tokens(&self, context: &Context<'_>) -> Result<Option<Vec<ApiToken>>> {
        let tokens = context.loads()?.load_one(TokensOf(self.0.id)).await.for_clients(context)?;
        Ok(tokens.map(|tokens| tokens.into_iter().map(ApiToken).collect()))
    }

    /// Null for who is neither the user nor an administrator.
    async fn quota(&self, context: &Context<'_>) -> Result<Option<QuotaUsage>> {
        let usage = context.loads()?.load_one(QuotaOf(self.0.id)).await.for_clients(context)?;
        let limit = |limit: Option<u64>| limit.map(|limit| Long(limit as i64));
        Ok(usage.map(|(quota, used)| QuotaUsage {
            used_bytes: Long(used.bytes as i64),
            limit_bytes: limit(quota.bytes),
            used_images: Long(used.images as i64),
            limit_images: limit(quota.images),
        }))
    }
}
