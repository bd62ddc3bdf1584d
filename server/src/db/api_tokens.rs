//! Queries of API tokens. They are found by the digest of their secret, which is all that is kept of it.

use super::entities::{api_tokens, users};
use super::times::{from_ms, to_ms};
use super::{DbError, DbResult};
use crate::domain::access::Access;
use crate::domain::api_token::ApiToken;
use crate::domain::ids::{ApiTokenId, UserId};
use crate::domain::user::User;
use api_tokens::Column;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

impl TryFrom<api_tokens::Model> for ApiToken {
    type Error = DbError;

    fn try_from(row: api_tokens::Model) -> DbResult<Self> {
        let id = ApiTokenId(row.id);
        let access = Access::parse(&row.scope);
        Ok(Self {
            id,
            user_id: UserId(row.user_id),
            name: row.name,
            access: access.ok_or_else(|| DbError::Broken(format!("{id} has the scope {:?}", row.scope)))?,
            created_at: from_ms(row.created_at_ms),
            expires_at: row.expires_at_ms.map(from_ms),
            last_used_at: row.last_used_at_ms.map(from_ms),
        })
    }
}

pub async fn create(connection: &impl ConnectionTrait, token: &ApiToken, token_sha256: Vec<u8>) -> DbResult<()> {
    let row = api_tokens::ActiveModel {
        id: Set(token.id.0),
        user_id: Set(token.user_id.0),
        token_sha256: Set(token_sha256),
        created_at_ms: Set(to_ms(token.created_at)),
        name: Set(token.name.clone()),
        scope: Set(token.access.as_str().to_owned()),
        expires_at_ms: Set(token.expires_at.map(to_ms)),
        last_used_at_ms: Set(None),
    };
    api_tokens::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// The token and its user.
pub async fn find_by_digest(
    connection: &impl ConnectionTrait,
    token_sha256: &[u8],
) -> DbResult<Option<(ApiToken, User)>> {
    let query = api_tokens::Entity::find().filter(Column::TokenSha256.eq(token_sha256.to_vec()));
    let Some(row) = query.one(connection).await? else { return Ok(None) };
    let user = users::Entity::find_by_id(row.user_id).one(connection).await?;
    let token = ApiToken::try_from(row)?;
    let user = user.ok_or_else(|| DbError::Broken(format!("{} has no user", token.id)))?;
    Ok(Some((token, user.into())))
}

pub async fn find(connection: &impl ConnectionTrait, id: ApiTokenId) -> DbResult<Option<ApiToken>> {
    api_tokens::Entity::find_by_id(id.0).one(connection).await?.map(ApiToken::try_from).transpose()
}

/// Newest first.
pub async fn list_by_users(connection: &impl ConnectionTrait, users: &[UserId]) -> DbResult<Vec<ApiToken>> {
    let query = api_tokens::Entity::find().filter(Column::UserId.is_in(users.iter().map(|user| user.0)));
    query.order_by_desc(Column::Id).all(connection).await?.into_iter().map(ApiToken::try_from).collect()
}

pub async fn record_use(connection: &impl ConnectionTrait, id: ApiTokenId, now: DateTime<Utc>) -> DbResult<()> {
    let update = api_tokens::Entity::update_many().col_expr(Column::LastUsedAtMs, Expr::value(to_ms(now)));
    update.filter(Column::Id.eq(id.0)).exec(connection).await?;
    Ok(())
}

/// False when it is not there any more.
pub async fn delete(connection: &impl ConnectionTrait, id: ApiTokenId) -> DbResult<bool> {
    Ok(api_tokens::Entity::delete_by_id(id.0).exec(connection).await?.rows_affected == 1)
}
