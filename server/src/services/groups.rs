//! Groups: users that datasets are shared with together. Administrators make them and say who is in them.

use super::{ServiceError, ServiceResult, Services, audit, permission};
use crate::db;
use crate::domain::access::Viewer;
use crate::domain::audit::AuditAction;
use crate::domain::group::Group;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::names::require_name;
use crate::domain::user::User;
use crate::domain::user_error::UserErrorCode;
use chrono::Utc;
use serde_json::json;
use std::collections::HashMap;

/// By name: an administrator's all, others those that they are in.
pub async fn list(services: &Services, viewer: &Viewer) -> ServiceResult<Vec<Group>> {
    Ok(db::groups::list(services.db.read(), viewer.scope()).await?)
}

/// Those of the groups that the viewer may see: those that he is in, and those that what he may share is shared with.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[GroupId]) -> ServiceResult<Vec<Group>> {
    Ok(db::groups::by_ids(services.db.read(), ids, viewer.scope()).await?)
}

/// Of each group, by name; groups that the viewer is not in are left out, unless he is an administrator.
pub async fn members_by_groups(
    services: &Services,
    viewer: &Viewer,
    groups: &[GroupId],
) -> ServiceResult<HashMap<GroupId, Vec<User>>> {
    let mut members: HashMap<GroupId, Vec<User>> = groups.iter().map(|group| (*group, Vec::new())).collect();
    for (group, user) in db::users::list_by_groups(services.db.read(), groups).await? {
        members.entry(group).or_default().push(user);
    }
    members.retain(|_, users| viewer.is_admin || users.iter().any(|user| user.id == viewer.id));
    Ok(members)
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators; `INVALID` or `NAME_TAKEN`.
pub async fn create(services: &Services, viewer: &Viewer, name: &str) -> ServiceResult<Group> {
    permission::require_admin(viewer)?;
    let name = require_name(name, &["input", "name"])?;
    let transaction = services.db.begin().await?;
    let group = match db::groups::create(&transaction, &name, Utc::now().timestamp_millis()).await {
        Err(db::DbError::Taken) => {
            let message = format!("There is a group named {name:?} already: choose another name.");
            return Err(ServiceError::user(UserErrorCode::NameTaken, &["input", "name"], message));
        }
        result => result?,
    };
    audit::record(&transaction, viewer, AuditAction::GroupCreated, told(&group)).await?;
    transaction.commit().await?;
    Ok(group)
}

/// What was shared with it is shared no more.
///
/// # Errors
/// `FORBIDDEN` for everybody but administrators; `NOT_FOUND`.
pub async fn delete(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<GroupId> {
    let group = require(services, viewer, id).await?;
    let transaction = services.db.begin().await?;
    db::groups::delete(&transaction, group.id).await?;
    audit::record(&transaction, viewer, AuditAction::GroupDeleted, told(&group)).await?;
    transaction.commit().await?;
    Ok(group.id)
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators; `NOT_FOUND` for the group or the user. Who is in it stays in it.
pub async fn add_member(services: &Services, viewer: &Viewer, group: &str, user: &str) -> ServiceResult<Group> {
    let group = require(services, viewer, group).await?;
    let user = require_user(services, viewer, user).await?;
    let transaction = services.db.begin().await?;
    match db::groups::add_member(&transaction, group.id, user).await {
        Err(db::DbError::Taken) => return Ok(group),
        result => result?,
    }
    audit::record(&transaction, viewer, AuditAction::GroupMemberAdded, told_of_member(&group, user)).await?;
    transaction.commit().await?;
    Ok(group)
}

/// # Errors
/// `FORBIDDEN` for everybody but administrators; `NOT_FOUND` for the group, or the user in it.
pub async fn remove_member(services: &Services, viewer: &Viewer, group: &str, user: &str) -> ServiceResult<Group> {
    let group = require(services, viewer, group).await?;
    let user = require_user(services, viewer, user).await?;
    let transaction = services.db.begin().await?;
    if !db::groups::remove_member(&transaction, group.id, user).await? {
        return Err(ServiceError::not_found("member", &["input", "user"]));
    }
    audit::record(&transaction, viewer, AuditAction::GroupMemberRemoved, told_of_member(&group, user)).await?;
    transaction.commit().await?;
    Ok(group)
}

async fn require(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<Group> {
    permission::require_admin(viewer)?;
    let found = match GroupId::parse(id) {
        Some(id) => by_ids(services, viewer, &[id]).await?.pop(),
        None => None,
    };
    found.ok_or_else(|| ServiceError::not_found("group", &["input", "group"]))
}

async fn require_user(services: &Services, viewer: &Viewer, id: &str) -> ServiceResult<UserId> {
    let found = match UserId::parse(id) {
        Some(id) => super::users::by_ids(services, viewer, &[id]).await?.pop(),
        None => None,
    };
    found.map(|user| user.id).ok_or_else(|| ServiceError::not_found("user", &["input", "user"]))
}

fn told(group: &Group) -> serde_json::Value {
    json!({ "group": group.id.to_string(), "name": group.name })
}

fn told_of_member(group: &Group, user: UserId) -> serde_json::Value {
    json!({ "group": group.id.to_string(), "name": group.name, "user": user.to_string() })
}
