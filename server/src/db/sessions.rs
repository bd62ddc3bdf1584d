//! Queries of browsers' sessions, found by the digest of what the cookie holds.

use super::entities::{sessions, users};
use super::times::to_ms;
use super::{DbError, DbResult};
use crate::domain::ids::{self, SessionId, UserId};
use crate::domain::user::User;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sessions::Column;

pub async fn create(
    connection: &impl ConnectionTrait,
    user: UserId,
    secret_sha256: Vec<u8>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> DbResult<SessionId> {
    let id = ids::next();
    let row = sessions::ActiveModel {
        id: Set(id),
        user_id: Set(user.0),
        secret_sha256: Set(secret_sha256),
        created_at_ms: Set(to_ms(now)),
        expires_at_ms: Set(to_ms(expires_at)),
    };
    sessions::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(SessionId(id))
}

/// A session that has not expired, and its user.
pub async fn find_by_digest(
    connection: &impl ConnectionTrait,
    secret_sha256: &[u8],
    now: DateTime<Utc>,
) -> DbResult<Option<(SessionId, User)>> {
    let query = sessions::Entity::find().filter(Column::SecretSha256.eq(secret_sha256.to_vec()));
    let Some(row) = query.filter(Column::ExpiresAtMs.gt(to_ms(now))).one(connection).await? else { return Ok(None) };
    let user = users::Entity::find_by_id(row.user_id).one(connection).await?;
    let user = user.ok_or_else(|| DbError::Broken(format!("session {} has no user", row.id)))?;
    Ok(Some((SessionId(row.id), user.into())))
}

/// The user of a session that has not expired.
pub async fn find_user(
    connection: &impl ConnectionTrait,
    id: SessionId,
    now: DateTime<Utc>,
) -> DbResult<Option<UserId>> {
    let query = sessions::Entity::find_by_id(id.0).filter(Column::ExpiresAtMs.gt(to_ms(now)));
    Ok(query.one(connection).await?.map(|row| UserId(row.user_id)))
}

pub async fn delete(connection: &impl ConnectionTrait, id: SessionId) -> DbResult<()> {
    sessions::Entity::delete_by_id(id.0).exec(connection).await?;
    Ok(())
}

/// Signs the user out everywhere.
pub async fn delete_by_user(connection: &impl ConnectionTrait, user: UserId) -> DbResult<()> {
    sessions::Entity::delete_many().filter(Column::UserId.eq(user.0)).exec(connection).await?;
    Ok(())
}

/// Returns how many.
pub async fn delete_expired(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> DbResult<u64> {
    let query = sessions::Entity::delete_many().filter(Column::ExpiresAtMs.lte(to_ms(now)));
    Ok(query.exec(connection).await?.rows_affected)
}
