//! People and tokens: signing in by token, the first administrator, new users.

use super::{ServiceError, ServiceResult, Services};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::ids::UserId;
use crate::domain::names::require_name;
use crate::domain::user::User;
use crate::domain::user_error::UserErrorCode;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::Utc;
use sha2::{Digest, Sha256};

/// A token that was just made; it is never shown again.
pub struct NewToken(pub String);

/// The user whom the bearer token belongs to.
pub async fn find_by_token(services: &Services, token: &str) -> ServiceResult<Option<Viewer>> {
    let user = db::users::find_by_token(services.db.read(), &digest(token)).await?;
    Ok(user.map(|user| Viewer { id: user.id, name: user.name, is_admin: user.is_admin }))
}

/// Those of the users that the viewer may see: himself, and all of them as an administrator.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[UserId]) -> ServiceResult<Vec<User>> {
    let mut users = db::users::by_ids(services.db.read(), ids).await?;
    let scope = viewer.scope();
    users.retain(|user| scope.includes(user.id));
    Ok(users)
}

/// On the very first start: the administrator and his token. `None` when there are users already.
pub async fn create_first_administrator(services: &Services) -> ServiceResult<Option<NewToken>> {
    if db::users::count(services.db.read()).await? > 0 {
        return Ok(None);
    }
    create(services, "admin", true).await.map(|(_, token)| Some(token))
}

/// A new user with one token.
///
/// # Errors
/// `INVALID` or `NAME_TAKEN` for the name.
pub async fn create(services: &Services, name: &str, is_admin: bool) -> ServiceResult<(User, NewToken)> {
    let name = require_name(name, &["name"])?;
    let now_ms = Utc::now().timestamp_millis();
    let transaction = services.db.begin().await?;
    let user = match db::users::create(&transaction, &name, is_admin, now_ms).await {
        Err(db::DbError::Taken) => {
            let message = format!("There is a user named {name:?} already: choose another name.");
            return Err(ServiceError::user(UserErrorCode::NameTaken, &["name"], message));
        }
        result => result?,
    };
    let token = format!("lbx_{}", BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    db::users::create_token(&transaction, user.id, digest(&token), now_ms).await?;
    transaction.commit().await?;
    Ok((user, NewToken(token)))
}

/// Tokens are random and long, so a plain digest is enough to keep them by.
fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
