//! `WebhookDelivery`.

use crate::domain::webhook_delivery::{self, WebhookDeliveryState};
use crate::graphql::ids::global;
use async_graphql::{ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// One system outside, to be told of one event. For administrators.
pub struct WebhookDelivery(pub webhook_delivery::WebhookDelivery);

#[Object]
impl WebhookDelivery {
    pub async fn id(&self) -> ID {
        global(self.0.id)
    }

    /// The message's `id`, the same at every attempt and for every receiver.
    async fn event_id(&self) -> ID {
        global(self.0.event_id)
    }

    /// The message's `type`: dataset.deleted, annotation_set.deleted, derivative.registered, derivative.removed or
    /// derivative.ended.
    async fn event(&self) -> &str {
        self.0.event.as_str()
    }

    /// The message's `data`.
    async fn data(&self) -> Json<&Value> {
        Json(&self.0.data)
    }

    /// When it happened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.happened_at
    }

    /// Address of the receiver.
    async fn url(&self) -> &str {
        &self.0.url
    }

    async fn state(&self) -> WebhookDeliveryState {
        self.0.state
    }

    /// Attempts that ended.
    async fn attempts(&self) -> i64 {
        self.0.attempts
    }

    async fn last_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_attempt_at
    }

    /// Null once it has ended. It is later while something earlier of the same dataset is still to be told.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// HTTP status that the last attempt was answered with; null when nobody answered.
    async fn status(&self) -> Option<i64> {
        self.0.status
    }

    /// Why the last attempt failed, or why it was given up.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }
}
