//! `webhookDeliveries`.

use crate::domain::webhook_delivery::{self, WebhookDeliveryState};
use crate::graphql::connection::{Connected, TotalCount, connected, page_request};
use crate::graphql::context::RequestContext;
use crate::graphql::error::ForClients;
use crate::graphql::types::WebhookDelivery;
use crate::services::webhooks;
use async_graphql::{Context, InputObject, Object, Result};

#[derive(Default)]
pub struct WebhookQueries;

#[derive(InputObject, Default)]
struct WebhookDeliveryFilter {
    state: Option<Vec<WebhookDeliveryState>>,
}

#[Object]
impl WebhookQueries {
    /// What systems outside were told of and are to be told of, newest first; at most 500 a page. For administrators:
    /// others see none. What ended is forgotten after `webhooks.log_lifetime_seconds`.
    async fn webhook_deliveries(
        &self,
        context: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<WebhookDeliveryFilter>,
    ) -> Result<Connected<WebhookDelivery>> {
        let page = page_request(context, first, after, last, before)?;
        let filter = webhook_delivery::WebhookDeliveryFilter { state: filter.unwrap_or_default().state };
        let rows = webhooks::list(context.services()?, context.viewer()?, &filter, &page).await.for_clients(context)?;
        let rows = rows.map(|row| (row.id.0.to_string(), WebhookDelivery(row)));
        Ok(connected(rows, TotalCount::WebhookDeliveries(filter)))
    }
}
