//! Sharing datasets with users and groups. What a role allows is in `domain::access`, the check in `permission`.

use super::events::ChangeKind;
use super::{ServiceError, ServiceResult, Services, audit, datasets, permission};
use crate::db;
use crate::domain::access::{Access, DatasetRole, Viewer};
use crate::domain::audit::AuditAction;
use crate::domain::dataset::Dataset;
use crate::domain::group::{DatasetShare, Grantee};
use crate::domain::ids::{self, DatasetId, DatasetShareId, GroupId, UserId};
use crate::domain::user_error::UserErrorCode;
use chrono::Utc;
use serde_json::json;
use std::collections::HashMap;

/// Whom a client names: one of the two, by its id or its name.
#[derive(Debug, Clone, Copy, Default)]
pub struct NamedGrantee<'a> {
    pub user: Option<&'a str>,
    pub group: Option<&'a str>,
}

/// The shares of those of the datasets that the viewer may share, each in the order in which they were made.
pub async fn by_datasets(
    services: &Services,
    viewer: &Viewer,
    ids: &[DatasetId],
) -> ServiceResult<HashMap<DatasetId, Vec<DatasetShare>>> {
    let roles = datasets::roles(services, viewer, ids).await?;
    let owned = roles.into_iter().filter(|(_, role)| *role == DatasetRole::Owner);
    let mut shares: HashMap<DatasetId, Vec<DatasetShare>> = owned.map(|(id, _)| (id, Vec::new())).collect();
    let ids: Vec<DatasetId> = shares.keys().copied().collect();
    for share in db::dataset_shares::list_by_datasets(services.db.read(), &ids).await? {
        shares.entry(share.dataset_id).or_default().push(share);
    }
    Ok(shares)
}

/// Gives the user or group that role, instead of the one that it had.
///
/// # Errors
/// `NOT_FOUND` for the dataset, the user or the group; `FORBIDDEN` without the role OWNER, or by a token of less than the
/// scope ADMIN; `INVALID` for both or neither, and for the owner himself.
pub async fn share(
    services: &Services,
    viewer: &Viewer,
    dataset: &str,
    named: NamedGrantee<'_>,
    role: DatasetRole,
) -> ServiceResult<Dataset> {
    let dataset = require(services, viewer, dataset).await?;
    let grantee = require_grantee(services, named, false).await?;
    if grantee == Grantee::User(dataset.owner_id) {
        let message = "The dataset is this user's own: there is nothing to share with him.";
        return Err(ServiceError::user(UserErrorCode::Invalid, &["input", "user"], message));
    }
    let share = DatasetShare { id: DatasetShareId(ids::next()), dataset_id: dataset.id, grantee, role };
    let transaction = services.db.begin().await?;
    db::dataset_shares::put(&transaction, &share, Utc::now()).await?;
    let details = json!({ "with": text(grantee), "role": role.as_str() });
    audit::record_of(&transaction, viewer, AuditAction::DatasetShared, &dataset, details).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Updated, &dataset).await;
    Ok(dataset)
}

/// # Errors
/// As [`share`]; `NOT_FOUND` when it was not shared with that user or group. Whoever has a share of his own may give it
/// back.
pub async fn unshare(
    services: &Services,
    viewer: &Viewer,
    dataset: &str,
    named: NamedGrantee<'_>,
) -> ServiceResult<Dataset> {
    permission::require_write(viewer)?;
    let own = viewer.id.to_string();
    let is_own = named.group.is_none() && named.user.is_some_and(|user| user == own || user == viewer.name);
    // Who there is, is told to those alone who may share.
    let (dataset, grantee) = if is_own {
        let dataset = datasets::require(services, viewer, dataset, &["input", "dataset"]).await?;
        (dataset, Grantee::User(viewer.id))
    } else {
        (require(services, viewer, dataset).await?, require_grantee(services, named, true).await?)
    };
    let transaction = services.db.begin().await?;
    if !db::dataset_shares::delete(&transaction, dataset.id, grantee).await? {
        let field = if matches!(grantee, Grantee::User(_)) { "user" } else { "group" };
        return Err(ServiceError::not_found("share", &["input", field]));
    }
    let details = json!({ "with": text(grantee) });
    audit::record_of(&transaction, viewer, AuditAction::DatasetUnshared, &dataset, details).await?;
    transaction.commit().await?;
    datasets::tell(services, ChangeKind::Updated, &dataset).await;
    Ok(dataset)
}

async fn require(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<Dataset> {
    let path = ["input", "dataset"];
    let dataset = datasets::require(services, viewer, id, &path).await?;
    permission::require_role(services, viewer, &dataset, DatasetRole::Owner, &path).await?;
    permission::require_access(viewer, Access::Admin)?;
    Ok(dataset)
}

/// By id or by exact name: to share with somebody one must know what he is called, since users are not listed.
async fn require_grantee(services: &Services, named: NamedGrantee<'_>, with_disabled: bool) -> ServiceResult<Grantee> {
    let read = services.db.read();
    match (named.user, named.group) {
        (Some(text), None) => {
            let found = match UserId::parse(text) {
                Some(id) => db::users::find(read, id).await?,
                None => db::users::find_by_name(read, text).await?,
            };
            let found = found.filter(|user| with_disabled || !user.is_disabled);
            found.map(|user| Grantee::User(user.id)).ok_or_else(|| ServiceError::not_found("user", &["input", "user"]))
        }
        (None, Some(text)) => {
            let found = match GroupId::parse(text) {
                Some(id) => db::groups::by_ids(read, &[id], crate::domain::access::Scope::Everything).await?.pop(),
                None => db::groups::find_by_name(read, text).await?,
            };
            let not_found = || ServiceError::not_found("group", &["input", "group"]);
            found.map(|group| Grantee::Group(group.id)).ok_or_else(not_found)
        }
        _ => {
            let message = "Name either a `user` or a `group`.";
            Err(ServiceError::user(UserErrorCode::Invalid, &["input"], message))
        }
    }
}

fn text(grantee: Grantee) -> String {
    match grantee {
        Grantee::User(id) => id.to_string(),
        Grantee::Group(id) => id.to_string(),
    }
}
