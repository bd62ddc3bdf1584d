//! Queries of people and their tokens.

use super::entities::{api_tokens, users};
use super::{DbError, DbResult};
use crate::domain::ids::{self, UserId};
use crate::domain::user::User;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self { id: UserId(row.id), name: row.name, is_admin: row.is_admin }
    }
}

/// # Errors
/// [`DbError::Taken`] when somebody has the name.
pub async fn create(connection: &impl ConnectionTrait, name: &str, is_admin: bool, now_ms: i64) -> DbResult<User> {
    let row = users::Model { id: ids::next(), name: name.to_owned(), is_admin, created_at_ms: now_ms };
    users::Entity::insert(users::ActiveModel::from(row.clone())).exec_without_returning(connection).await?;
    Ok(row.into())
}

pub async fn count(connection: &impl ConnectionTrait) -> DbResult<u64> {
    Ok(users::Entity::find().count(connection).await?)
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[UserId]) -> DbResult<Vec<User>> {
    let ids = ids.iter().map(|id| id.0);
    let rows = users::Entity::find().filter(users::Column::Id.is_in(ids)).all(connection).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

pub async fn find_by_token(connection: &impl ConnectionTrait, token_sha256: &[u8]) -> DbResult<Option<User>> {
    let token = api_tokens::Entity::find()
        .filter(api_tokens::Column::TokenSha256.eq(token_sha256.to_vec()))
        .one(connection)
        .await?;
    let Some(token) = token else { return Ok(None) };
    let user = users::Entity::find_by_id(token.user_id).one(connection).await?;
    user.map(|row| Some(row.into())).ok_or_else(|| DbError::Broken(format!("token {} has no user", token.id)))
}

pub async fn create_token(
    connection: &impl ConnectionTrait,
    user: UserId,
    token_sha256: Vec<u8>,
    now_ms: i64,
) -> DbResult<()> {
    let row = api_tokens::ActiveModel {
        id: Set(ids::next()),
        user_id: Set(user.0),
        token_sha256: Set(token_sha256),
        created_at_ms: Set(now_ms),
    };
    api_tokens::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}
