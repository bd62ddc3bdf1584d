//! People: the first administrator, new users, what administrators may change of them, passwords.

use super::tokens::{self, NewToken, TokenRequest};
use super::{ServiceError, ServiceResult, Services, audit, passwords, permission};
use crate::db;
use crate::db::users::{NewUser, OidcIdentity};
use crate::domain::access::{Access, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::ids::UserId;
use crate::domain::names::require_name;
use crate::domain::page::{Page, PageRequest};
use crate::domain::password::require_password;
use crate::domain::user::User;
use crate::domain::user_error::UserErrorCode;
use crate::oidc::Identity;
use chrono::Utc;
use serde_json::json;

/// Those of the users that the viewer may see: himself, those with whom he shares datasets or groups, and all of them as
/// an administrator.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[UserId]) -> ServiceResult<Vec<User>> {
    Ok(db::users::by_ids(services.db.read(), ids, viewer.scope()).await?)
}

/// Newest first.
///
/// # Errors
/// `FORBIDDEN` for everybody but administrators.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    search: Option<&str>,
    page: &PageRequest,
) -> ServiceResult<Page<User>> {
    permission::require_admin(viewer)?;
    let positions = page.positions()?;
    Ok(db::users::list(services.db.read(), search, page, positions).await?)
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators.
pub async fn count(services: &Services, viewer: &Viewer, search: Option<&str>) -> ServiceResult<u64> {
    permission::require_admin(viewer)?;
    Ok(db::users::count_matching(services.db.read(), search).await?)
}

/// Everybody, by name, for the operator at the machine.
pub async fn list_all(services: &Services) -> ServiceResult<Vec<User>> {
    Ok(db::users::list_all(services.db.read()).await?)
}

/// For the operator at the machine.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn require_by_name(services: &Services, name: &str) -> ServiceResult<User> {
    let user = db::users::find_by_name(services.db.read(), name).await?;
    let message = || format!("There is no user named {name:?}: `lightbox user list` shows all.");
    user.ok_or_else(|| ServiceError::user(UserErrorCode::NotFound, &["name"], message()))
}

/// On the very first start: the administrator and his token. `None` when there are users already. `keep` puts the token
/// where he finds it, before it counts: a server that is killed in between makes another one at its next start.
pub async fn create_first_administrator(
    services: &Services,
    keep: impl FnOnce(&NewToken) -> std::io::Result<()>,
) -> ServiceResult<Option<NewToken>> {
    if db::users::count(services.db.read()).await? > 0 {
        return Ok(None);
    }
    let new = NewPerson { name: "admin", is_admin: true, password: None };
    let prepared = prepare(&new).await?;
    let transaction = services.db.begin().await?;
    let (_, token) = insert_with_token(&transaction, &Viewer::operator(), &new, &prepared).await?;
    keep(&token)?;
    transaction.commit().await?;
    Ok(Some(token))
}

/// Somebody new, as an administrator asks for him.
#[derive(Debug, Clone, Copy)]
pub struct NewPerson<'a> {
    pub name: &'a str,
    pub is_admin: bool,
    /// Without one he signs in by tokens or by OpenID Connect alone.
    pub password: Option<&'a str>,
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators; `INVALID` or `NAME_TAKEN`.
pub async fn create(services: &Services, viewer: &Viewer, new: &NewPerson<'_>) -> ServiceResult<User> {
    permission::require_admin(viewer)?;
    let prepared = prepare(new).await?;
    let transaction = services.db.begin().await?;
    let user = insert(&transaction, viewer, new, &prepared).await?;
    transaction.commit().await?;
    Ok(user)
}

/// A new user with one token for everything that he may do.
///
/// # Errors
/// As [`create`].
pub async fn create_with_token(
    services: &Services,
    viewer: &Viewer,
    new: &NewPerson<'_>,
) -> ServiceResult<(User, NewToken)> {
    permission::require_admin(viewer)?;
    let prepared = prepare(new).await?;
    let transaction = services.db.begin().await?;
    let made = insert_with_token(&transaction, viewer, new, &prepared).await?;
    transaction.commit().await?;
    Ok(made)
}

async fn insert_with_token(
    transaction: &db::Transaction,
    viewer: &Viewer,
    new: &NewPerson<'_>,
    prepared: &Prepared,
) -> ServiceResult<(User, NewToken)> {
    let user = insert(transaction, viewer, new, prepared).await?;
    let request = TokenRequest { name: "first token", access: Access::Admin, expires_at: None };
    let (_, token) = tokens::insert(transaction, viewer, user.id, request.name, &request).await?;
    Ok((user, token))
}

/// Datasets are shared with people by name or id: one must not look like the other.
fn require_user_name(name: &str, path: &[&str]) -> ServiceResult<String> {
    let name = require_name(name, path)?;
    if UserId::parse(&name).is_some() {
        let message = "The name is built like the id of a user: choose another name.";
        return Err(ServiceError::user(UserErrorCode::Invalid, path, message));
    }
    Ok(name)
}

struct Prepared {
    name: String,
    password_hash: Option<String>,
}

/// What takes time, before the one writing connection is taken.
async fn prepare(new: &NewPerson<'_>) -> ServiceResult<Prepared> {
    let name = require_user_name(new.name, &["input", "name"])?;
    let password_hash = match new.password {
        Some(password) => {
            require_password(password, &["input", "password"])?;
            Some(passwords::hash(password.to_owned()).await?)
        }
        None => None,
    };
    Ok(Prepared { name, password_hash })
}

async fn insert(
    transaction: &db::Transaction,
    viewer: &Viewer,
    new: &NewPerson<'_>,
    prepared: &Prepared,
) -> ServiceResult<User> {
    let password_hash = prepared.password_hash.as_deref();
    let row = NewUser { name: &prepared.name, is_admin: new.is_admin, password_hash, oidc: None };
    let user = match db::users::create(transaction, &row, Utc::now().timestamp_millis()).await {
        Err(db::DbError::Taken) => {
            let message = format!("There is a user named {:?} already: choose another name.", prepared.name);
            return Err(ServiceError::user(UserErrorCode::NameTaken, &["input", "name"], message));
        }
        result => result?,
    };
    let details = json!({ "user": user.id.to_string(), "name": user.name, "isAdmin": user.is_admin });
    audit::record(transaction, viewer, AuditAction::UserCreated, details).await?;
    Ok(user)
}

/// What is to become of a user; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    pub is_admin: Option<bool>,
    pub is_disabled: Option<bool>,
    /// Inside: `None` for the server's own limit.
    pub quota_bytes: Option<Option<u64>>,
    pub quota_images: Option<Option<u64>>,
    pub password: Option<String>,
    /// What the OpenID provider calls him: he is signed in by it from then on.
    pub oidc_subject: Option<String>,
}

/// Whoever is disabled is signed out everywhere, and so is whoever gets another password.
///
/// # Errors
/// `FORBIDDEN` for everybody but administrators; `NOT_FOUND`; `INVALID` for the password, or when nobody would be left
/// who may administer.
pub async fn update(services: &Services, viewer: &Viewer, id: &str, change: UserChange) -> ServiceResult<User> {
    permission::require_admin(viewer)?;
    let not_found = || ServiceError::not_found("user", &["input", "user"]);
    let id = UserId::parse(id).ok_or_else(not_found)?;
    let hash = match &change.password {
        Some(password) => {
            require_password(password, &["input", "password"])?;
            Some(passwords::hash(password.clone()).await?)
        }
        None => None,
    };
    let transaction = services.db.begin().await?;
    let mut user = db::users::find(&transaction, id).await?.ok_or_else(not_found)?;
    user.is_admin = change.is_admin.unwrap_or(user.is_admin);
    user.is_disabled = change.is_disabled.unwrap_or(user.is_disabled);
    user.quota.bytes = change.quota_bytes.unwrap_or(user.quota.bytes);
    user.quota.images = change.quota_images.unwrap_or(user.quota.images);
    db::users::update(&transaction, &user).await?;
    if db::users::count_administrators(&transaction).await? == 0 {
        let message = "Nobody would be left who may administer this server: make somebody else an administrator first.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &["input"], message));
    }
    if let Some(hash) = hash {
        db::users::set_password(&transaction, id, Some(hash)).await?;
        user.has_password = true;
        audit::record(&transaction, viewer, AuditAction::PasswordChanged, json!({ "user": id.to_string() })).await?;
    }
    if let Some(subject) = &change.oidc_subject {
        set_identity(services, &transaction, id, subject).await?;
    }
    if user.is_disabled || change.password.is_some() {
        db::sessions::delete_by_user(&transaction, id).await?;
    }
    let details = json!({ "user": id.to_string(), "name": user.name, "isAdmin": user.is_admin,
        "isDisabled": user.is_disabled, "quotaBytes": user.quota.bytes, "quotaImages": user.quota.images,
        "oidcSubject": change.oidc_subject });
    audit::record(&transaction, viewer, AuditAction::UserUpdated, details).await?;
    transaction.commit().await?;
    Ok(user)
}

async fn set_identity(
    services: &Services,
    transaction: &db::Transaction,
    id: UserId,
    subject: &str,
) -> ServiceResult<()> {
    let invalid = |message: &str| ServiceError::user(UserErrorCode::Invalid, &["input", "oidcSubject"], message);
    let issuer = services.sign_in.oidc_issuer.as_deref();
    let issuer = issuer.ok_or_else(|| invalid("There is no OpenID provider: set sign_in.oidc_issuer first."))?;
    match db::users::set_oidc(transaction, id, OidcIdentity { issuer, subject }).await {
        Err(db::DbError::Taken) => Err(invalid("Another user has this identity at the OpenID provider.")),
        result => Ok(result?),
    }
}

/// The viewer's own password, by the one that he has; all his sessions end but nothing that tokens sign.
///
/// # Errors
/// `FORBIDDEN` by a token of less than the scope ADMIN, or when the present password is wrong or he has none; `INVALID`
/// for the new one.
pub async fn change_password(services: &Services, viewer: &Viewer, present: String, new: String) -> ServiceResult<()> {
    permission::require_access(viewer, Access::Admin)?;
    require_password(&new, &["input", "newPassword"])?;
    let path = ["input", "presentPassword"];
    if services.sign_in_delays.begin(&viewer.name, viewer.address).is_err() {
        let message = "Too many wrong passwords: wait a while and try again.";
        return Err(permission::forbidden(&path, message));
    }
    let found = db::users::find_password(services.db.read(), &viewer.name).await?;
    if !passwords::is_right(present, found.and_then(|(_, hash)| hash)).await? {
        audit::record_refused_sign_in(services, &viewer.name, viewer.address).await?;
        let message = "This is not your present password. Without one, ask an administrator for a first.";
        return Err(permission::forbidden(&path, message));
    }
    services.sign_in_delays.forgive(&viewer.name, viewer.address);
    let hash = passwords::hash(new).await?;
    let transaction = services.db.begin().await?;
    db::users::set_password(&transaction, viewer.id, Some(hash)).await?;
    db::sessions::delete_by_user(&transaction, viewer.id).await?;
    audit::record(&transaction, viewer, AuditAction::PasswordChanged, json!({ "user": viewer.id.to_string() })).await?;
    Ok(transaction.commit().await?)
}

/// Somebody whom an OpenID provider knows and this server does not. A name that is taken is never taken over: whoever has
/// it may be somebody else.
///
/// # Errors
/// Inside: the reason, for the person.
pub(super) async fn create_by_oidc(
    services: &Services,
    identity: &Identity,
) -> ServiceResult<std::result::Result<User, String>> {
    if !services.sign_in.oidc_creates_users {
        return Ok(Err("Nobody here has this identity: ask an administrator for access.".to_owned()));
    }
    let name = identity.name.as_deref().unwrap_or_default();
    let Ok(name) = require_user_name(name, &[]) else {
        return Ok(Err("The OpenID provider says no name that can be taken: ask an administrator.".to_owned()));
    };
    let oidc = Some(OidcIdentity { issuer: &identity.issuer, subject: &identity.subject });
    let transaction = services.db.begin().await?;
    let row = NewUser { name: &name, oidc, ..NewUser::default() };
    let user = match db::users::create(&transaction, &row, Utc::now().timestamp_millis()).await {
        Err(db::DbError::Taken) => {
            return Ok(Err(format!("There is another user named {name:?}: ask an administrator.")));
        }
        result => result?,
    };
    let details = json!({ "user": user.id.to_string(), "name": user.name, "by": "openid connect" });
    audit::record(&transaction, &Viewer::operator(), AuditAction::UserCreated, details).await?;
    transaction.commit().await?;
    Ok(Ok(user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::config::Config;

    #[tokio::test]
    async fn the_first_administrator_is_there_only_once_his_token_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        config.plugins.directories = Some(Vec::new());
        let app = App::open(config).await.unwrap();
        let lost = create_first_administrator(&app.services, |_| Err(std::io::Error::other("cut off"))).await;
        assert!(lost.is_err());
        let mut kept = String::new();
        let made = create_first_administrator(&app.services, |token| {
            kept.clone_from(&token.0);
            Ok(())
        });
        assert_eq!(made.await.unwrap().unwrap().0, kept);
        assert!(tokens::find_viewer(&app.services, &kept, None).await.unwrap().is_some_and(|viewer| viewer.is_admin));
        assert!(create_first_administrator(&app.services, |_| Ok(())).await.unwrap().is_none());
    }
}
