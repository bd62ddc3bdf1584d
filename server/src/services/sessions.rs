//! Browsers: signing in by name and password, staying signed in by a cookie's secret, signing out.

use super::secrets::{digest, random_text};
use super::{ServiceResult, Services, audit, passwords, users};
use crate::db;
use crate::db::users::OidcIdentity;
use crate::domain::access::{Access, Credential, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::ids::SessionId;
use crate::domain::user::User;
use crate::oidc::Identity;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::net::IpAddr;
use std::time::Duration;

/// A session that was just begun.
pub struct NewSession {
    pub user: User,
    /// For the cookie; never shown again.
    pub secret: String,
    pub expires_at: DateTime<Utc>,
}

/// How an attempt to sign in ended.
pub enum SignIn {
    Done(NewSession),
    /// The name or the password is wrong, or the user is disabled: it is not told which.
    Refused,
    /// Too many failures: what was sent was not looked at.
    TooSoon(Duration),
}

pub async fn sign_in(
    services: &Services,
    name: &str,
    password: String,
    address: Option<IpAddr>,
) -> ServiceResult<SignIn> {
    if let Err(wait) = services.sign_in_delays.begin(name, address) {
        return Ok(SignIn::TooSoon(wait));
    }
    let found = db::users::find_password(services.db.read(), name).await?;
    let (user, hash) = found.unzip();
    let is_right = passwords::is_right(password, hash.flatten()).await?;
    let Some(user) = user.filter(|user| is_right && !user.is_disabled) else {
        audit::record_refused_sign_in(services, name, address).await?;
        return Ok(SignIn::Refused);
    };
    services.sign_in_delays.forgive(name, address);
    Ok(SignIn::Done(begin(services, user, address, "password").await?))
}

/// For a user whom somebody trustworthy knows: his password was right, or his provider said so. `by`: which.
pub(super) async fn begin(
    services: &Services,
    user: User,
    address: Option<IpAddr>,
    by: &str,
) -> ServiceResult<NewSession> {
    let now = Utc::now();
    let expires_at = now + TimeDelta::seconds(services.sign_in.session_lifetime_seconds as i64);
    let secret = random_text();
    let transaction = services.db.begin().await?;
    let session = db::sessions::create(&transaction, user.id, digest(&secret), (now, expires_at)).await?;
    let viewer = viewer_of(session, &user, address);
    audit::record(&transaction, &viewer, AuditAction::SignedIn, json!({ "by": by })).await?;
    transaction.commit().await?;
    Ok(NewSession { user, secret, expires_at })
}

fn viewer_of(session: SessionId, user: &User, address: Option<IpAddr>) -> Viewer {
    Viewer {
        id: user.id,
        name: user.name.clone(),
        is_admin: user.is_admin,
        access: Access::Admin,
        credential: Credential::Session(session),
        address,
    }
}

/// Whom the cookie's secret belongs to; `None` when it is not known, has expired, or its user is disabled.
pub async fn find_viewer(services: &Services, secret: &str, address: Option<IpAddr>) -> ServiceResult<Option<Viewer>> {
    let found = db::sessions::find_by_digest(services.db.read(), &digest(secret), Utc::now()).await?;
    let found = found.filter(|(_, user)| !user.is_disabled);
    Ok(found.map(|(session, user)| viewer_of(session, &user, address)))
}

/// Ends the session that the viewer came by; a token stays.
pub async fn sign_out(services: &Services, viewer: &Viewer) -> ServiceResult<()> {
    let Credential::Session(session) = viewer.credential else { return Ok(()) };
    let transaction = services.db.begin().await?;
    db::sessions::delete(&transaction, session).await?;
    audit::record(&transaction, viewer, AuditAction::SignedOut, json!({})).await?;
    Ok(transaction.commit().await?)
}

async fn is_still_valid(services: &Services, viewer: &Viewer) -> ServiceResult<bool> {
    let now = Utc::now();
    let user = match viewer.credential {
        Credential::Operator => return Ok(true),
        Credential::Session(id) => db::sessions::find_user(services.db.read(), id, now).await?,
        Credential::Token(id) => {
            let token = db::api_tokens::find(services.db.read(), id).await?;
            token.filter(|token| token.expires_at.is_none_or(|end| end > now)).map(|token| token.user_id)
        }
    };
    let Some(user) = user else { return Ok(false) };
    let user = db::users::find(services.db.read(), user).await?;
    // Whoever was an administrator when he connected must still be one.
    Ok(user.is_some_and(|user| !user.is_disabled && (user.is_admin || !viewer.is_admin)))
}

/// Comes when what the viewer came by is taken no more, for connections that outlive a request. It is looked up every
/// `sign_in.credential_check_seconds`; a fault of ours ends no connection.
pub async fn wait_until_refused(services: &Services, viewer: &Viewer) {
    loop {
        tokio::time::sleep(Duration::from_secs(services.sign_in.credential_check_seconds)).await;
        match is_still_valid(services, viewer).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::error!(%error, "a connection's credential could not be looked up"),
        }
    }
}

/// Returns how many.
pub async fn remove_expired(services: &Services) -> ServiceResult<usize> {
    Ok(db::sessions::delete_expired(services.db.write(), Utc::now()).await? as usize)
}

/// How signing in by an OpenID provider ended.
pub enum OidcSignIn {
    Done(NewSession),
    /// The reason, for the person.
    Refused(String),
}

/// For whom the provider proved to be somebody: the user of that identity, or a new one, where the configuration says so.
pub async fn sign_in_by_oidc(
    services: &Services,
    identity: &Identity,
    address: Option<IpAddr>,
) -> ServiceResult<OidcSignIn> {
    let known = OidcIdentity { issuer: &identity.issuer, subject: &identity.subject };
    let user = match db::users::find_by_oidc(services.db.read(), known).await? {
        Some(user) => user,
        None => match users::create_by_oidc(services, identity).await? {
            Ok(user) => user,
            Err(reason) => {
                let name = identity.name.as_deref().unwrap_or(&identity.subject);
                audit::record_refused_sign_in(services, name, address).await?;
                return Ok(OidcSignIn::Refused(reason));
            }
        },
    };
    if user.is_disabled {
        audit::record_refused_sign_in(services, &user.name, address).await?;
        return Ok(OidcSignIn::Refused("This user is disabled: ask an administrator.".to_owned()));
    }
    Ok(OidcSignIn::Done(begin(services, user, address, "openid connect").await?))
}
