//! Queries of shares, and the conditions by which other queries keep to what somebody may see.

use super::entities::{dataset_shares, datasets, group_members};
use super::times::to_ms;
use super::{DbError, DbResult};
use crate::domain::access::DatasetRole;
use crate::domain::group::{DatasetShare, Grantee};
use crate::domain::ids::{DatasetId, DatasetShareId, GroupId, UserId};
use chrono::{DateTime, Utc};
use dataset_shares::Column;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

impl TryFrom<dataset_shares::Model> for DatasetShare {
    type Error = DbError;

    fn try_from(row: dataset_shares::Model) -> DbResult<Self> {
        let broken = || DbError::Broken(format!("share {} has no role or nobody", row.id));
        let grantee = match (row.user_id, row.group_id) {
            (Some(user), None) => Grantee::User(UserId(user)),
            (None, Some(group)) => Grantee::Group(GroupId(group)),
            _ => return Err(broken()),
        };
        let role = DatasetRole::parse(&row.role).ok_or_else(broken)?;
        Ok(Self { id: DatasetShareId(row.id), dataset_id: DatasetId(row.dataset_id), grantee, role })
    }
}

/// Ids of the groups that the user is in.
pub(super) fn groups_of(user: UserId) -> SelectStatement {
    Query::select()
        .column(group_members::Column::GroupId)
        .from(group_members::Entity)
        .and_where(Expr::col(group_members::Column::UserId).eq(user.0))
        .take()
}

/// Shares with the user or a group of his.
fn is_with(user: UserId) -> Condition {
    Condition::any()
        .add(Expr::col(Column::UserId).eq(user.0))
        .add(Expr::col(Column::GroupId).in_subquery(groups_of(user)))
}

/// Ids of the datasets that are shared with the user or a group of his.
fn shared_with(user: UserId) -> SelectStatement {
    Query::select().column(Column::DatasetId).from(dataset_shares::Entity).cond_where(is_with(user)).take()
}

/// Which datasets the user may see: his own, and those that are shared with him.
pub(super) fn datasets_visible_to(user: UserId) -> Condition {
    Condition::any()
        .add(Expr::col(datasets::Column::OwnerId).eq(user.0))
        .add(Expr::col(datasets::Column::Id).in_subquery(shared_with(user)))
}

/// Ids of the datasets that the user may see.
pub(super) fn visible_to(user: UserId) -> SelectStatement {
    let visible = datasets_visible_to(user);
    Query::select().column(datasets::Column::Id).from(datasets::Entity).cond_where(visible).take()
}

/// Ids of those who own what the user may see.
pub(super) fn owners_of_visible_to(user: UserId) -> SelectStatement {
    let visible = datasets_visible_to(user);
    Query::select().column(datasets::Column::OwnerId).from(datasets::Entity).cond_where(visible).take()
}

/// Ids of those with whom what the user may share is shared.
pub(super) fn users_shared_with_by(user: UserId) -> SelectStatement {
    grantees_of_shareable_by(user, Column::UserId)
}

/// Ids of the groups with which what the user may share is shared.
pub(super) fn groups_shared_with_by(user: UserId) -> SelectStatement {
    grantees_of_shareable_by(user, Column::GroupId)
}

fn grantees_of_shareable_by(user: UserId, column: Column) -> SelectStatement {
    let as_owner = Query::select()
        .column(Column::DatasetId)
        .from(dataset_shares::Entity)
        .cond_where(is_with(user))
        .and_where(Expr::col(Column::Role).eq(DatasetRole::Owner.as_str()))
        .take();
    let own = Query::select()
        .column(datasets::Column::Id)
        .from(datasets::Entity)
        .and_where(Expr::col(datasets::Column::OwnerId).eq(user.0))
        .take();
    let shareable = Condition::any()
        .add(Expr::col(Column::DatasetId).in_subquery(own))
        .add(Expr::col(Column::DatasetId).in_subquery(as_owner));
    Query::select()
        .column(column)
        .from(dataset_shares::Entity)
        .cond_where(shareable)
        .and_where(Expr::col(column).is_not_null())
        .take()
}

/// What the user may do with each of the datasets by shares, his own datasets not among them.
pub async fn roles(
    connection: &impl ConnectionTrait,
    user: UserId,
    ids: &[DatasetId],
) -> DbResult<Vec<(DatasetId, DatasetRole)>> {
    let rows = dataset_shares::Entity::find()
        .filter(Column::DatasetId.is_in(ids.iter().map(|id| id.0)))
        .filter(is_with(user))
        .all(connection)
        .await?;
    let shares = rows.into_iter().map(DatasetShare::try_from);
    shares.map(|share| share.map(|share| (share.dataset_id, share.role))).collect()
}

/// Everybody but its owner who may see the dataset.
pub async fn list_audience(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<UserId>> {
    let shared = |column: Column| {
        Query::select()
            .column(column)
            .from(dataset_shares::Entity)
            .and_where(Expr::col(Column::DatasetId).eq(dataset.0))
            .take()
    };
    let members: Vec<i64> = group_members::Entity::find()
        .select_only()
        .column(group_members::Column::UserId)
        .filter(group_members::Column::GroupId.in_subquery(shared(Column::GroupId)))
        .into_tuple()
        .all(connection)
        .await?;
    let users: Vec<Option<i64>> = dataset_shares::Entity::find()
        .select_only()
        .column(Column::UserId)
        .filter(Column::DatasetId.eq(dataset.0))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(users.into_iter().flatten().chain(members).map(UserId).collect())
}

/// In the order in which they were made.
pub async fn list_by_datasets(connection: &impl ConnectionTrait, ids: &[DatasetId]) -> DbResult<Vec<DatasetShare>> {
    let query = dataset_shares::Entity::find().filter(Column::DatasetId.is_in(ids.iter().map(|id| id.0)));
    query.order_by_asc(Column::Id).all(connection).await?.into_iter().map(DatasetShare::try_from).collect()
}

fn of(dataset: DatasetId, grantee: Grantee) -> Condition {
    let condition = Condition::all().add(Column::DatasetId.eq(dataset.0));
    match grantee {
        Grantee::User(user) => condition.add(Column::UserId.eq(user.0)),
        Grantee::Group(group) => condition.add(Column::GroupId.eq(group.0)),
    }
}

/// Instead of what was there for the same user or group.
pub async fn put(connection: &impl ConnectionTrait, share: &DatasetShare, now: DateTime<Utc>) -> DbResult<()> {
    delete(connection, share.dataset_id, share.grantee).await?;
    let (user_id, group_id) = match share.grantee {
        Grantee::User(user) => (Some(user.0), None),
        Grantee::Group(group) => (None, Some(group.0)),
    };
    let row = dataset_shares::ActiveModel {
        id: Set(share.id.0),
        dataset_id: Set(share.dataset_id.0),
        user_id: Set(user_id),
        group_id: Set(group_id),
        role: Set(share.role.as_str().to_owned()),
        created_at_ms: Set(to_ms(now)),
    };
    dataset_shares::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

/// False when there was none.
pub async fn delete(connection: &impl ConnectionTrait, dataset: DatasetId, grantee: Grantee) -> DbResult<bool> {
    let query = dataset_shares::Entity::delete_many().filter(of(dataset, grantee));
    Ok(query.exec(connection).await?.rows_affected > 0)
}
