//! Queries of webhook deliveries: the outbox and the log in one.

use super::entities::webhook_deliveries::{self, Column};
use super::pages::{PositionRange, by_position};
use super::times::{from_ms, to_ms};
use super::{DbError, DbResult};
use crate::domain::ids::{DatasetId, WebhookDeliveryId, WebhookEventId};
use crate::domain::page::{Page, PageRequest};
use crate::domain::webhook_delivery::{WebhookDelivery, WebhookDeliveryFilter, WebhookDeliveryState};
use crate::domain::webhook_event::WebhookEventKind;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

impl TryFrom<webhook_deliveries::Model> for WebhookDelivery {
    type Error = DbError;

    fn try_from(row: webhook_deliveries::Model) -> DbResult<Self> {
        let id = WebhookDeliveryId(row.id);
        let event = WebhookEventKind::parse(&row.event);
        Ok(Self {
            id,
            event_id: WebhookEventId(row.event_id),
            event: event.ok_or_else(|| DbError::Broken(format!("{id} tells of {:?}, which is no event", row.event)))?,
            dataset_id: DatasetId(row.dataset_id),
            data: serde_json::from_str(&row.data).map_err(|error| DbError::Broken(format!("{id}: {error}")))?,
            happened_at: from_ms(row.happened_at_ms),
            url: row.url,
            state: WebhookDeliveryState::parse(&row.state),
            attempts: row.attempts,
            last_attempt_at: row.last_attempt_at_ms.map(from_ms),
            next_attempt_at: row.next_attempt_at_ms.map(from_ms),
            status: row.status,
            error: row.error,
        })
    }
}

/// Rows of one INSERT: 14 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 2_000;

/// Inside the transaction of the change that they tell of.
pub async fn create_many(connection: &impl ConnectionTrait, list: &[WebhookDelivery]) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|delivery| {
            webhook_deliveries::ActiveModel::from(webhook_deliveries::Model {
                id: delivery.id.0,
                event_id: delivery.event_id.0,
                event: delivery.event.as_str().to_owned(),
                dataset_id: delivery.dataset_id.0,
                data: delivery.data.to_string(),
                happened_at_ms: to_ms(delivery.happened_at),
                url: delivery.url.clone(),
                state: delivery.state.as_str().to_owned(),
                attempts: delivery.attempts,
                last_attempt_at_ms: delivery.last_attempt_at.map(to_ms),
                next_attempt_at_ms: delivery.next_attempt_at.map(to_ms),
                ended_at_ms: None,
                status: delivery.status,
                error: delivery.error.clone(),
            })
        });
        webhook_deliveries::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[WebhookDeliveryId]) -> DbResult<Vec<WebhookDelivery>> {
    let query = webhook_deliveries::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    query.all(connection).await?.into_iter().map(WebhookDelivery::try_from).collect()
}

/// What a receiver has not been told of, without what it says.
#[derive(Debug, Clone, Copy)]
pub struct PendingDelivery {
    pub id: WebhookDeliveryId,
    pub dataset_id: DatasetId,
    pub next_attempt_at: DateTime<Utc>,
}

/// In the order in which it happened, after the delivery given.
pub async fn list_pending(
    connection: &impl ConnectionTrait,
    url: &str,
    after: WebhookDeliveryId,
    limit: u64,
) -> DbResult<Vec<PendingDelivery>> {
    let rows: Vec<(i64, i64, Option<i64>)> = webhook_deliveries::Entity::find()
        .select_only()
        .columns([Column::Id, Column::DatasetId, Column::NextAttemptAtMs])
        .filter(Column::State.eq(WebhookDeliveryState::Pending.as_str()))
        .filter(Column::Url.eq(url))
        .filter(Column::Id.gt(after.0))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(connection)
        .await?;
    let pending = |(id, dataset, next): (i64, i64, Option<i64>)| PendingDelivery {
        id: WebhookDeliveryId(id),
        dataset_id: DatasetId(dataset),
        next_attempt_at: from_ms(next.unwrap_or_default()),
    };
    Ok(rows.into_iter().map(pending).collect())
}

/// How an attempt ended: `delivery` as it is after it.
pub async fn record_attempt(connection: &impl ConnectionTrait, delivery: &WebhookDelivery) -> DbResult<()> {
    let has_ended = delivery.state != WebhookDeliveryState::Pending;
    let row = webhook_deliveries::ActiveModel {
        id: Set(delivery.id.0),
        state: Set(delivery.state.as_str().to_owned()),
        attempts: Set(delivery.attempts),
        last_attempt_at_ms: Set(delivery.last_attempt_at.map(to_ms)),
        next_attempt_at_ms: Set(delivery.next_attempt_at.map(to_ms)),
        ended_at_ms: Set(delivery.last_attempt_at.filter(|_| has_ended).map(to_ms)),
        status: Set(delivery.status),
        error: Set(delivery.error.clone()),
        ..Default::default()
    };
    webhook_deliveries::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Gives up what no receiver of today would be told; returns how many deliveries that are.
pub async fn give_up_other_urls(
    connection: &impl ConnectionTrait,
    urls: &[String],
    error: &str,
    now: DateTime<Utc>,
) -> DbResult<u64> {
    let result = webhook_deliveries::Entity::update_many()
        .col_expr(Column::State, Expr::value(WebhookDeliveryState::Failed.as_str()))
        .col_expr(Column::NextAttemptAtMs, Expr::value(Option::<i64>::None))
        .col_expr(Column::EndedAtMs, Expr::value(to_ms(now)))
        .col_expr(Column::Error, Expr::value(error))
        .filter(Column::State.eq(WebhookDeliveryState::Pending.as_str()))
        .filter(Column::Url.is_not_in(urls.iter().map(String::as_str)))
        .exec(connection)
        .await?;
    Ok(result.rows_affected)
}

/// Forgets deliveries that ended before that time; returns how many.
pub async fn delete_ended_before(connection: &impl ConnectionTrait, time: DateTime<Utc>) -> DbResult<u64> {
    let query = webhook_deliveries::Entity::delete_many().filter(Column::EndedAtMs.lt(to_ms(time)));
    Ok(query.exec(connection).await?.rows_affected)
}

fn matching(filter: &WebhookDeliveryFilter) -> Condition {
    match &filter.state {
        Some(states) => Condition::all().add(Column::State.is_in(states.iter().map(|state| state.as_str()))),
        None => Condition::all(),
    }
}

/// Newest first. The cursor is the delivery's number; `after` means older.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &WebhookDeliveryFilter,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Page<WebhookDelivery>> {
    // Positions grow with age here, so the ends of the range change places.
    let reversed = PageRequest { backward: !page.backward, ..page.clone() };
    let query = webhook_deliveries::Entity::find().filter(matching(filter));
    let query = by_position(query, Column::Id, &reversed, PositionRange { after: before, before: after });
    let rows: DbResult<Vec<_>> = query.all(connection).await?.into_iter().map(WebhookDelivery::try_from).collect();
    Ok(page.page(rows?))
}

pub async fn count(connection: &impl ConnectionTrait, filter: &WebhookDeliveryFilter) -> DbResult<u64> {
    Ok(webhook_deliveries::Entity::find().filter(matching(filter)).count(connection).await?)
}
