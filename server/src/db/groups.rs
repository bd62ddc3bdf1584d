//! Queries of groups and of who is in them.

use super::DbResult;
use super::entities::{group_members, user_groups};
use crate::domain::access::Scope;
use crate::domain::group::Group;
use crate::domain::ids::{self, GroupId, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use user_groups::Column;

impl From<user_groups::Model> for Group {
    fn from(row: user_groups::Model) -> Self {
        Self { id: GroupId(row.id), name: row.name }
    }
}

/// # Errors
/// [`super::DbError::Taken`] when there is one of that name.
pub async fn create(connection: &impl ConnectionTrait, name: &str, now_ms: i64) -> DbResult<Group> {
    let row = user_groups::Model { id: ids::next(), name: name.to_owned(), created_at_ms: now_ms };
    user_groups::Entity::insert(user_groups::ActiveModel::from(row.clone())).exec_without_returning(connection).await?;
    Ok(row.into())
}

/// By name: an administrator's all, others those that they are in.
pub async fn list(connection: &impl ConnectionTrait, scope: Scope) -> DbResult<Vec<Group>> {
    let mut query = user_groups::Entity::find().order_by_asc(Column::Name);
    if let Scope::Of(user) = scope {
        query = query.filter(Column::Id.in_subquery(super::dataset_shares::groups_of(user)));
    }
    Ok(query.all(connection).await?.into_iter().map(Group::from).collect())
}

/// Those that one in the scope may see: those that he is in, and those that what he may share is shared with.
pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[GroupId], scope: Scope) -> DbResult<Vec<Group>> {
    let mut query = user_groups::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    if let Scope::Of(user) = scope {
        let known = sea_orm::Condition::any()
            .add(Column::Id.in_subquery(super::dataset_shares::groups_of(user)))
            .add(Column::Id.in_subquery(super::dataset_shares::groups_shared_with_by(user)));
        query = query.filter(known);
    }
    Ok(query.all(connection).await?.into_iter().map(Group::from).collect())
}

pub async fn find_by_name(connection: &impl ConnectionTrait, name: &str) -> DbResult<Option<Group>> {
    let row = user_groups::Entity::find().filter(Column::Name.eq(name)).one(connection).await?;
    Ok(row.map(Group::from))
}

/// With its members and what is shared with it.
pub async fn delete(connection: &impl ConnectionTrait, id: GroupId) -> DbResult<()> {
    user_groups::Entity::delete_by_id(id.0).exec(connection).await?;
    Ok(())
}

/// # Errors
/// [`super::DbError::Taken`] when he is in it.
pub async fn add_member(connection: &impl ConnectionTrait, group: GroupId, user: UserId) -> DbResult<()> {
    let row = group_members::ActiveModel { group_id: Set(group.0), user_id: Set(user.0) };
    group_members::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// False when he was not in it.
pub async fn remove_member(connection: &impl ConnectionTrait, group: GroupId, user: UserId) -> DbResult<bool> {
    Ok(group_members::Entity::delete_by_id((group.0, user.0)).exec(connection).await?.rows_affected == 1)
}
