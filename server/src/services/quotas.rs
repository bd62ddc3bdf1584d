//! How much a user may keep, and whether there is room for more. The rule is in `domain::user`.

use super::{ServiceError, ServiceResult, Services};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::ids::UserId;
use crate::domain::user::{Quota, QuotaUse, User};
use crate::domain::user_error::UserErrorCode;
use sea_orm::ConnectionTrait;

/// The user's own limits, the server's where he has none.
fn quota_of(services: &Services, user: &User) -> Quota {
    user.quota.or(services.quotas)
}

/// What his datasets, whatever their state, and the uploads that are not datasets yet take. Files that datasets have in
/// common count in each.
async fn used_by(connection: &impl ConnectionTrait, user: UserId) -> ServiceResult<QuotaUse> {
    let (bytes, images) = db::datasets::sizes_of(connection, user).await?;
    let uploads = db::uploads::size_bytes_of(connection, user).await?;
    Ok(QuotaUse { bytes: (bytes + uploads) as u64, images: images as u64 })
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
    let used = used_by(connection, user.id).await?;
    let fits = quota.require_room(used, more);
    fits.map_err(|message| ServiceError::user(UserErrorCode::QuotaExceeded, path, message))
}

/// The user's limits and what of them is used; `None` for who is neither the user nor an administrator.
pub async fn find_usage(services: &Services, viewer: &Viewer, user: &User) -> ServiceResult<Option<(Quota, QuotaUse)>> {
    if user.id != viewer.id && !viewer.is_admin {
        return Ok(None);
    }
    Ok(Some((quota_of(services, user), used_by(services.db.read(), user.id).await?)))
}
