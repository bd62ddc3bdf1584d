//! API tokens: signing in by one, making, listing and revoking them.

use super::secrets::{digest, random_text};
use super::{ServiceError, ServiceResult, Services, audit, permission};
use crate::db;
use crate::domain::access::{Access, Credential, Viewer};
use crate::domain::api_token::ApiToken;
use crate::domain::audit::AuditAction;
use crate::domain::ids::{self, ApiTokenId, UserId};
use crate::domain::names::require_name;
use crate::domain::user::User;
use crate::domain::user_error::UserErrorCode;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;

/// Tokens of one user; more are a mistake in a script.
const MAX_TOKENS: usize = 100;
/// The last use is written this often at most: reading must not cost a write each.
const USE_PRECISION: TimeDelta = TimeDelta::seconds(60);

/// A token that was just made; it is never shown again.
pub struct NewToken(pub String);

/// What a new token is to be.
#[derive(Debug, Clone, Copy)]
pub struct TokenRequest<'a> {
    pub name: &'a str,
    pub access: Access,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whom the bearer token belongs to; `None` when it is not known, has expired, or its user is disabled.
pub async fn find_viewer(services: &Services, token: &str, address: Option<IpAddr>) -> ServiceResult<Option<Viewer>> {
    let now = Utc::now();
    let found = db::api_tokens::find_by_digest(services.db.read(), &digest(token)).await?;
    let valid = |(token, user): &(ApiToken, User)| token.expires_at.is_none_or(|end| end > now) && !user.is_disabled;
    let Some((token, user)) = found.filter(valid) else { return Ok(None) };
    note_use(services, &token, now);
    Ok(Some(Viewer {
        id: user.id,
        name: user.name,
        is_admin: user.is_admin && token.access == Access::Admin,
        access: token.access,
        credential: Credential::Token(token.id),
        address,
    }))
}

/// Nobody waits for it: the one writer may be busy.
fn note_use(services: &Services, token: &ApiToken, now: DateTime<Utc>) {
    if token.last_used_at.is_some_and(|last| now - last < USE_PRECISION) || !services.token_uses.begin(token.id) {
        return;
    }
    let (services, id) = (services.clone(), token.id);
    tokio::spawn(async move {
        if let Err(error) = db::api_tokens::record_use(services.db.write(), id, now).await {
            tracing::warn!(%error, token = %id, "the last use of a token could not be written");
        }
        services.token_uses.end(id);
    });
}

/// Tokens whose use is being written, each once at a time.
#[derive(Default)]
pub struct TokenUses(std::sync::Mutex<std::collections::HashSet<ApiTokenId>>);

impl TokenUses {
    fn begin(&self, id: ApiTokenId) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id)
    }

    fn end(&self, id: ApiTokenId) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&id);
    }
}

/// Of each user, newest first; those of others for administrators alone: who may not see them finds nothing.
pub async fn by_users(
    services: &Services,
    viewer: &Viewer,
    users: &[UserId],
) -> ServiceResult<HashMap<UserId, Vec<ApiToken>>> {
    let may_see = |user: &&UserId| **user == viewer.id || viewer.is_admin;
    let users: Vec<UserId> = users.iter().filter(may_see).copied().collect();
    let mut tokens: HashMap<UserId, Vec<ApiToken>> = users.iter().map(|user| (*user, Vec::new())).collect();
    for token in db::api_tokens::list_by_users(services.db.read(), &users).await? {
        tokens.entry(token.user_id).or_default().push(token);
    }
    Ok(tokens)
}

/// One more token of the viewer's own.
///
/// # Errors
/// `FORBIDDEN` by a token of less than the scope ADMIN; `INVALID` for the name, an end that is past, or too many.
pub async fn create(
    services: &Services,
    viewer: &Viewer,
    request: &TokenRequest<'_>,
) -> ServiceResult<(ApiToken, NewToken)> {
    create_for(services, viewer, viewer.id, request).await
}

/// One more token of any user's; another's for administrators, such as the operator at the machine.
///
/// # Errors
/// As [`create`]; `FORBIDDEN` for another's.
pub async fn create_for(
    services: &Services,
    viewer: &Viewer,
    user: UserId,
    request: &TokenRequest<'_>,
) -> ServiceResult<(ApiToken, NewToken)> {
    permission::require_access(viewer, Access::Admin)?;
    if user != viewer.id {
        permission::require_admin(viewer)?;
    }
    let name = require_name(request.name, &["input", "name"])?;
    if request.expires_at.is_some_and(|end| end <= Utc::now()) {
        let message = "The token would have expired already: give a later time, or none.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &["input", "expiresAt"], message));
    }
    let transaction = services.db.begin().await?;
    if db::api_tokens::list_by_users(&transaction, &[user]).await?.len() >= MAX_TOKENS {
        let message = format!("There are {MAX_TOKENS} tokens, the most that a user may have: revoke some first.");
        return Err(ServiceError::user(UserErrorCode::Invalid, &["input"], message));
    }
    let made = insert(&transaction, viewer, user, &name, request).await?;
    transaction.commit().await?;
    Ok(made)
}

/// The row and what the audit log says of it, for whoever decided that it may be.
pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    user_id: UserId,
    name: &str,
    request: &TokenRequest<'_>,
) -> ServiceResult<(ApiToken, NewToken)> {
    let secret = format!("lbx_{}", random_text());
    let token = ApiToken {
        id: ApiTokenId(ids::next()),
        user_id,
        name: name.to_owned(),
        access: request.access,
        created_at: Utc::now(),
        expires_at: request.expires_at,
        last_used_at: None,
    };
    db::api_tokens::create(connection, &token, digest(&secret)).await?;
    let details = json!({ "token": token.id.to_string(), "name": name, "scope": request.access.as_str(),
        "user": user_id.to_string() });
    audit::record(connection, viewer, AuditAction::TokenCreated, details).await?;
    Ok((token, NewToken(secret)))
}

/// Whatever is signed with it is refused from then on. A viewer's own; an administrator's, anybody's.
///
/// # Errors
/// `FORBIDDEN` by a token of less than the scope ADMIN, unless it revokes itself; `NOT_FOUND`.
pub async fn revoke(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<ApiTokenId> {
    let path = ["input", "token"];
    let not_found = || ServiceError::not_found("token", &path);
    let id = ApiTokenId::parse(id).ok_or_else(not_found)?;
    let token = db::api_tokens::find(services.db.read(), id).await?;
    let token = token.filter(|token| token.user_id == viewer.id || viewer.is_admin).ok_or_else(not_found)?;
    if viewer.credential != Credential::Token(token.id) {
        permission::require_access(viewer, Access::Admin)?;
    }
    let transaction = services.db.begin().await?;
    if !db::api_tokens::delete(&transaction, token.id).await? {
        return Err(not_found());
    }
    let details = json!({ "token": token.id.to_string(), "name": token.name, "user": token.user_id.to_string() });
    audit::record(&transaction, viewer, AuditAction::TokenRevoked, details).await?;
    transaction.commit().await?;
    Ok(token.id)
}
