//! `ApiToken`.

use crate::domain::access::Access;
use crate::domain::api_token;
use crate::graphql::ids::global;
use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

/// What a program signs requests with. The secret itself is shown once, when it is made, and is not kept.
pub struct ApiToken(pub api_token::ApiToken);

#[Object]
impl ApiToken {
    async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn scope(&self) -> Access {
        self.0.access
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Not taken from then on; null: until it is revoked.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// To the minute; null until then.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
}
