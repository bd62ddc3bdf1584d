//! `AuditEvent`.

use crate::domain::audit::{self, AuditAction};
use crate::graphql::ids::global;
use async_graphql::{ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Somebody did something. Events are added and never changed or removed.
pub struct AuditEvent(pub audit::AuditEvent);

#[Object]
impl AuditEvent {
    async fn id(&self) -> ID {
        global(self.0.id)
    }

    async fn happened_at(&self) -> DateTime<Utc> {
        self.0.happened_at
    }

    async fn action(&self) -> AuditAction {
        self.0.action
    }

    /// Null: the operator at the machine, or nobody who is known.
    async fn user_id(&self) -> Option<ID> {
        self.0.user_id.map(global)
    }

    /// As it was then.
    async fn user_name(&self) -> &str {
        &self.0.user_name
    }

    /// The id of the token or session, or "command line".
    async fn credential(&self) -> Option<&str> {
        self.0.credential.as_deref()
    }

    /// IP address that the request came from.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// Null where no dataset was concerned. It may be gone.
    async fn dataset_id(&self) -> Option<ID> {
        self.0.dataset_id.map(global)
    }

    /// As it was then.
    async fn dataset_name(&self) -> Option<&str> {
        self.0.dataset_name.as_deref()
    }

    /// What else there is to say: ids, names, counts.
    async fn details(&self) -> Json<&Value> {
        Json(&self.0.details)
    }
}
