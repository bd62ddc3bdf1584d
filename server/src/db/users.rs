//! Queries of people. What they sign with is in `api_tokens` and `sessions`.

use super::entities::{group_members, users};
use super::pages::{PositionRange, by_position};
use super::{DbResult, dataset_shares};
use crate::domain::access::Scope;
use crate::domain::ids::{self, GroupId, UserId};
use crate::domain::page::{Page, PageRequest};
use crate::domain::user::{Quota, User};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use std::collections::{HashMap, HashSet};
use users::Column;

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        Self {
            id: UserId(row.id),
            name: row.name,
            is_admin: row.is_admin,
            is_disabled: row.is_disabled,
            has_password: row.password_hash.is_some(),
            quota: Quota { bytes: count(row.quota_bytes), images: count(row.quota_images) },
        }
    }
}

/// An identity at an OpenID provider: the issuer and what it calls the user.
#[derive(Debug, Clone, Copy)]
pub struct OidcIdentity<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
}

/// Somebody new.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewUser<'a> {
    pub name: &'a str,
    pub is_admin: bool,
    pub password_hash: Option<&'a str>,
    pub oidc: Option<OidcIdentity<'a>>,
}

/// # Errors
/// [`super::DbError::Taken`] when somebody has the name or the identity.
pub async fn create(connection: &impl ConnectionTrait, user: &NewUser<'_>, now_ms: i64) -> DbResult<User> {
    let row = users::Model {
        id: ids::next(),
        name: user.name.to_owned(),
        is_admin: user.is_admin,
        created_at_ms: now_ms,
        password_hash: user.password_hash.map(str::to_owned),
        oidc_issuer: user.oidc.map(|oidc| oidc.issuer.to_owned()),
        oidc_subject: user.oidc.map(|oidc| oidc.subject.to_owned()),
        is_disabled: false,
        quota_bytes: None,
        quota_images: None,
    };
    users::Entity::insert(users::ActiveModel::from(row.clone())).exec_without_returning(connection).await?;
    Ok(row.into())
}

pub async fn count(connection: &impl ConnectionTrait) -> DbResult<u64> {
    Ok(users::Entity::find().count(connection).await?)
}

pub async fn count_matching(connection: &impl ConnectionTrait, search: Option<&str>) -> DbResult<u64> {
    Ok(users::Entity::find().filter(matching(search)).count(connection).await?)
}

fn matching(search: Option<&str>) -> Condition {
    let contains = |text: &str| Column::Name.contains(text);
    Condition::all().add_option(search.map(contains))
}

/// Newest first. The cursor is the user's number; `after` means older.
pub async fn list(
    connection: &impl ConnectionTrait,
    search: Option<&str>,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Page<User>> {
    let reversed = PageRequest { backward: !page.backward, ..page.clone() };
    let query = users::Entity::find().filter(matching(search));
    let query = by_position(query, Column::Id, &reversed, PositionRange { after: before, before: after });
    let rows = query.all(connection).await?;
    Ok(page.page(rows.into_iter().map(User::from).collect()))
}

/// By name, for the command line.
pub async fn list_all(connection: &impl ConnectionTrait) -> DbResult<Vec<User>> {
    let rows = users::Entity::find().order_by_asc(Column::Name).all(connection).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Those that one in the scope may see: himself, who owns what he may see, with whom he may share, and who is in a group
/// with him.
pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[UserId], scope: Scope) -> DbResult<Vec<User>> {
    let mut query = users::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    if let Scope::Of(user) = scope {
        query = query.filter(known_to(user));
    }
    Ok(query.all(connection).await?.into_iter().map(User::from).collect())
}

fn known_to(user: UserId) -> Condition {
    let groups = || dataset_shares::groups_of(user);
    let in_groups = Query::select()
        .column(group_members::Column::UserId)
        .from(group_members::Entity)
        .and_where(Expr::col(group_members::Column::GroupId).in_subquery(groups()))
        .take();
    Condition::any()
        .add(Column::Id.eq(user.0))
        .add(Column::Id.in_subquery(dataset_shares::owners_of_visible_to(user)))
        .add(Column::Id.in_subquery(dataset_shares::users_shared_with_by(user)))
        .add(Column::Id.in_subquery(in_groups))
}

pub async fn find(connection: &impl ConnectionTrait, id: UserId) -> DbResult<Option<User>> {
    Ok(users::Entity::find_by_id(id.0).one(connection).await?.map(User::from))
}

pub async fn find_by_name(connection: &impl ConnectionTrait, name: &str) -> DbResult<Option<User>> {
    let row = users::Entity::find().filter(Column::Name.eq(name)).one(connection).await?;
    Ok(row.map(User::from))
}

/// The user and the hash of his password, if he has one.
pub async fn find_password(connection: &impl ConnectionTrait, name: &str) -> DbResult<Option<(User, Option<String>)>> {
    let row = users::Entity::find().filter(Column::Name.eq(name)).one(connection).await?;
    Ok(row.map(|row| (row.clone().into(), row.password_hash)))
}

pub async fn find_by_oidc(connection: &impl ConnectionTrait, identity: OidcIdentity<'_>) -> DbResult<Option<User>> {
    let row = users::Entity::find()
        .filter(Column::OidcIssuer.eq(identity.issuer))
        .filter(Column::OidcSubject.eq(identity.subject))
        .one(connection)
        .await?;
    Ok(row.map(User::from))
}

pub async fn set_password(connection: &impl ConnectionTrait, id: UserId, hash: Option<String>) -> DbResult<()> {
    let row = users::ActiveModel { id: Set(id.0), password_hash: Set(hash), ..Default::default() };
    users::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// # Errors
/// [`super::DbError::Taken`] when another user has the identity.
pub async fn set_oidc(connection: &impl ConnectionTrait, id: UserId, identity: OidcIdentity<'_>) -> DbResult<()> {
    let row = users::ActiveModel {
        id: Set(id.0),
        oidc_issuer: Set(Some(identity.issuer.to_owned())),
        oidc_subject: Set(Some(identity.subject.to_owned())),
        ..Default::default()
    };
    users::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Writes what an administrator may change of a user.
pub async fn update(connection: &impl ConnectionTrait, user: &User) -> DbResult<()> {
    let count = |value: Option<u64>| value.map(|value| value as i64);
    let row = users::ActiveModel {
        id: Set(user.id.0),
        is_admin: Set(user.is_admin),
        is_disabled: Set(user.is_disabled),
        quota_bytes: Set(count(user.quota.bytes)),
        quota_images: Set(count(user.quota.images)),
        ..Default::default()
    };
    users::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Administrators who may sign in.
pub async fn count_administrators(connection: &impl ConnectionTrait) -> DbResult<u64> {
    let query = users::Entity::find().filter(Column::IsAdmin.eq(true)).filter(Column::IsDisabled.eq(false));
    Ok(query.count(connection).await?)
}

/// Who is in which of the groups, by name.
pub async fn list_by_groups(connection: &impl ConnectionTrait, groups: &[GroupId]) -> DbResult<Vec<(GroupId, User)>> {
    let members = group_members::Entity::find()
        .filter(group_members::Column::GroupId.is_in(groups.iter().map(|group| group.0)))
        .all(connection)
        .await?;
    let ids: HashSet<i64> = members.iter().map(|member| member.user_id).collect();
    let users = users::Entity::find().filter(Column::Id.is_in(ids)).all(connection).await?;
    let users: HashMap<i64, User> = users.into_iter().map(|row| (row.id, row.into())).collect();
    let mut found: Vec<(GroupId, User)> = members
        .into_iter()
        .filter_map(|member| Some((GroupId(member.group_id), users.get(&member.user_id)?.clone())))
        .collect();
    found.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    Ok(found)
}
