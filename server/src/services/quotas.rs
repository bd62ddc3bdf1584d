//! How much a user may keep, and whether there is room for more. The rule is in `domain::user`.

use super::{ServiceError, ServiceResult, Services};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::ids::UserId;
use crate::domain::user::{Quota, QuotaUse, User};
use crate::domain::user_error::UserErrorCode;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;

/// The user's own limits, the server's where he has none.
fn quota_of(services: &Services, user: &User) -> Quota {
    user.quota.or(services.quotas)
}

/// What the datasets of each, whatever their state, and the uploads that are not datasets yet take. Files that datasets have
/// in common count in each.
async fn used_by(connection: &impl ConnectionTrait, users: &[UserId]) -> ServiceResult<HashMap<UserId, QuotaUse>> {
    let mut used: HashMap<UserId, QuotaUse> = users.iter().map(|user| (*user, QuotaUse::default())).collect();
    for (user, bytes, images) in db::datasets::sizes_by_owners(connection, users).await? {
        used.insert(user, QuotaUse { bytes: bytes as u64, images: images as u64 });
    }
    for (user, bytes) in db::uploads::size_bytes_by_owners(connection, users).await? {
        used.entry(user).or_default().bytes += bytes as u64;
    }
    Ok(used)
}

/// Inside the transaction that takes the room, so that two requests cannot take the same.
///
/// # Errors
/// `QUOTA_EXCEEDED` with the figures.
pub async fn require_room(
    services: &Services,
    connection: &impl ConnectionTrait,
    user: UserId,
    more: QuotaUse,
    path: &[&str],
) -> ServiceResult<()> {
    let Some(user) = db::users::find(connection, user).await? else { return Ok(()) };
    let quota = quota_of(services, &user);
    if quota == Quota::default() {
        return Ok(());
    }
    let used = used_by(connection, &[user.id]).await?.remove(&user.id).unwrap_or_default();
    let fits = quota.require_room(used, more);
    fits.map_err(|message| ServiceError::user(UserErrorCode::QuotaExceeded, path, message))
}

/// The limits of each user and what of them is used; who is neither the viewer nor seen by an administrator is left out.
pub async fn usage_by_users(
    services: &Services,
    viewer: &Viewer,
    ids: &[UserId],
) -> ServiceResult<HashMap<UserId, (Quota, QuotaUse)>> {
    let users = db::users::by_ids(services.db.read(), ids, viewer.scope()).await?;
    let told: Vec<User> = users.into_iter().filter(|user| user.id == viewer.id || viewer.is_admin).collect();
    let ids: Vec<UserId> = told.iter().map(|user| user.id).collect();
    let used = used_by(services.db.read(), &ids).await?;
    let usage = |user: User| (user.id, (quota_of(services, &user), used.get(&user.id).copied().unwrap_or_default()));
    Ok(told.into_iter().map(usage).collect())
}
