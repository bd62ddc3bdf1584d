//! What systems outside are told of: written into the outbox with the change itself, and listed for administrators.
//! Sending is in `crate::webhooks`.

use super::{ServiceResult, Services};
use crate::db::{self, Transaction};
use crate::domain::access::Viewer;
use crate::domain::ids::{self, WebhookDeliveryId, WebhookEventId};
use crate::domain::page::{Page, PageRequest};
use crate::domain::webhook_delivery::{WebhookDelivery, WebhookDeliveryFilter, WebhookDeliveryState};
use crate::domain::webhook_event::WebhookEvent;
use chrono::Utc;

/// Tells every receiver of what the transaction changes, in this order; nobody if it is rolled back. Whoever commits
/// it calls `services.events.deliveries_wait()` then, so that they are sent at once.
pub async fn tell(services: &Services, transaction: &Transaction, events: Vec<WebhookEvent>) -> ServiceResult<()> {
    let urls = &services.webhook_urls;
    let now = Utc::now();
    // Made while the transaction has the one writing connection, so that their order is that of the changes.
    let (first_event, first_delivery) = (ids::reserve(events.len()), ids::reserve(events.len() * urls.len()));
    let deliveries: Vec<WebhookDelivery> = events
        .iter()
        .zip(first_event..)
        .flat_map(|(event, event_id)| urls.iter().map(move |url| (event, event_id, url)))
        .zip(first_delivery..)
        .map(|((event, event_id, url), id)| WebhookDelivery {
            id: WebhookDeliveryId(id),
            event_id: WebhookEventId(event_id),
            event: event.kind,
            dataset_id: event.dataset_id,
            data: event.data.clone(),
            happened_at: now,
            url: url.clone(),
            state: WebhookDeliveryState::Pending,
            attempts: 0,
            last_attempt_at: None,
            next_attempt_at: Some(now),
            status: None,
            error: None,
        })
        .collect();
    Ok(db::webhook_deliveries::create_many(transaction, &deliveries).await?)
}

/// Those of the deliveries that the viewer may see: an administrator all of them, others none.
pub async fn by_ids(
    services: &Services,
    viewer: &Viewer,
    ids: &[WebhookDeliveryId],
) -> ServiceResult<Vec<WebhookDelivery>> {
    if !sees_deliveries(viewer) {
        return Ok(Vec::new());
    }
    Ok(db::webhook_deliveries::by_ids(services.db.read(), ids).await?)
}

/// Newest first; for everybody but administrators there are none.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    filter: &WebhookDeliveryFilter,
    page: &PageRequest,
) -> ServiceResult<Page<WebhookDelivery>> {
    let positions = page.positions()?;
    if !sees_deliveries(viewer) {
        return Ok(Page::empty());
    }
    Ok(db::webhook_deliveries::list(services.db.read(), filter, page, positions).await?)
}

pub async fn count(services: &Services, viewer: &Viewer, filter: &WebhookDeliveryFilter) -> ServiceResult<u64> {
    if !sees_deliveries(viewer) {
        return Ok(0);
    }
    Ok(db::webhook_deliveries::count(services.db.read(), filter).await?)
}

/// Receivers are the operator's matter, and deliveries tell of everybody's datasets.
fn sees_deliveries(viewer: &Viewer) -> bool {
    viewer.is_admin
}
