//! Queries of the audit log: adding and listing. The database itself refuses to change or remove a row.

use super::entities::audit_events::{self, Column};
use super::pages::{PositionRange, by_position};
use super::times::{from_ms, to_ms};
use super::{DbError, DbResult};
use crate::domain::audit::{AuditAction, AuditEvent, AuditEventFilter};
use crate::domain::ids::{AuditEventId, DatasetId, UserId};
use crate::domain::page::{Page, PageRequest};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

impl TryFrom<audit_events::Model> for AuditEvent {
    type Error = DbError;

    fn try_from(row: audit_events::Model) -> DbResult<Self> {
        let id = AuditEventId(row.id);
        let action = AuditAction::parse(&row.action);
        Ok(Self {
            id,
            happened_at: from_ms(row.happened_at_ms),
            action: action.ok_or_else(|| DbError::Broken(format!("{id} has the action {:?}", row.action)))?,
            user_id: row.user_id.map(UserId),
            user_name: row.user_name,
            credential: row.credential,
            address: row.address,
            dataset_id: row.dataset_id.map(DatasetId),
            dataset_name: row.dataset_name,
            details: serde_json::from_str(&row.details).map_err(|error| DbError::Broken(format!("{id}: {error}")))?,
        })
    }
}

/// Inside the transaction of what it tells of.
pub async fn create(connection: &impl ConnectionTrait, event: &AuditEvent) -> DbResult<()> {
    let row = audit_events::ActiveModel {
        id: Set(event.id.0),
        happened_at_ms: Set(to_ms(event.happened_at)),
        action: Set(event.action.as_str().to_owned()),
        user_id: Set(event.user_id.map(|id| id.0)),
        user_name: Set(event.user_name.clone()),
        credential: Set(event.credential.clone()),
        address: Set(event.address.clone()),
        dataset_id: Set(event.dataset_id.map(|id| id.0)),
        dataset_name: Set(event.dataset_name.clone()),
        details: Set(event.details.to_string()),
    };
    audit_events::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

fn matching(filter: &AuditEventFilter) -> Condition {
    let actions = filter.actions.as_ref();
    Condition::all()
        .add_option(actions.map(|actions| Column::Action.is_in(actions.iter().map(|action| action.as_str()))))
        .add_option(filter.user_id.map(|user| Column::UserId.eq(user.0)))
        .add_option(filter.dataset_id.map(|dataset| Column::DatasetId.eq(dataset.0)))
        .add_option(filter.since.map(|since| Column::HappenedAtMs.gte(to_ms(since))))
        .add_option(filter.until.map(|until| Column::HappenedAtMs.lt(to_ms(until))))
}

/// Newest first. The cursor is the event's number; `after` means older.
pub async fn list(
    connection: &impl ConnectionTrait,
    filter: &AuditEventFilter,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Page<AuditEvent>> {
    let reversed = PageRequest { backward: !page.backward, ..page.clone() };
    let query = audit_events::Entity::find().filter(matching(filter));
    let query = by_position(query, Column::Id, &reversed, PositionRange { after: before, before: after });
    let rows: DbResult<Vec<_>> = query.all(connection).await?.into_iter().map(AuditEvent::try_from).collect();
    Ok(page.page(rows?))
}

pub async fn count(connection: &impl ConnectionTrait, filter: &AuditEventFilter) -> DbResult<u64> {
    Ok(audit_events::Entity::find().filter(matching(filter)).count(connection).await?)
}
