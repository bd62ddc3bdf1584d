//! `Upload`.

use crate::domain::upload;
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::ids::global;
use crate::graphql::scalars::Long;
use crate::services::uploads;
use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};

/// A place that one file is sent to.
pub struct Upload(pub upload::Upload);

#[Object]
impl Upload {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn filename(&self) -> &str {
        &self.0.filename
    }

    /// Bytes of the whole file.
    async fn byte_size(&self) -> Long {
        Long(self.0.size_bytes as i64)
    }

    /// Bytes that have arrived.
    async fn received_bytes(&self, context: &Context<'_>) -> Result<Long> {
        let received = uploads::received_bytes(context.services()?, &self.0).await.for_clients(context)?;
        Ok(Long(received as i64))
    }

    /// Root-relative; speaks tus 1.0.0: PATCH from any offset, HEAD for how far it got.
    async fn url(&self) -> String {
        format!("/uploads/{}", self.0.id)
    }

    /// When it is removed, unless a job has taken it by then.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}
