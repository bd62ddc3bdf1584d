//! Queries of datasets: creating, publishing, listing, renaming, deleting.

use super::DbResult;
use super::dataset_shares::datasets_visible_to;
use super::entities::datasets::{self, Column};
use super::times::{from_ms, to_ms};
use crate::domain::access::Scope;
use crate::domain::dataset::{Dataset, DatasetFilter, DatasetOrder, DatasetOrderField, DatasetStatus, OrderDirection};
use crate::domain::ids::{DatasetId, JobId, UserId};
use crate::domain::names::name_key;
use crate::domain::page::{Page, PageRequest};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

impl From<datasets::Model> for Dataset {
    fn from(row: datasets::Model) -> Self {
        Self {
            id: DatasetId(row.id),
            owner_id: UserId(row.owner_id),
            name: row.name,
            status: DatasetStatus::parse(&row.status),
            created_at: from_ms(row.created_at_ms),
            image_formats: row.image_formats.split(',').filter(|each| !each.is_empty()).map(str::to_owned).collect(),
            study_count: row.study_count,
            image_count: row.image_count,
            annotation_set_count: row.annotation_set_count,
            size_bytes: row.size_bytes,
            creation_job_id: row.creation_job_id.map(JobId),
            content_revision: row.content_revision,
            digest: row.digest,
        }
    }
}

/// A dataset that a job is about to make.
#[derive(Debug, Clone)]
pub struct NewDataset {
    pub id: DatasetId,
    pub owner_id: UserId,
    pub name: String,
    pub creation_job_id: JobId,
}

/// # Errors
/// [`super::DbError::Taken`] when the owner has a dataset of that name.
pub async fn create(connection: &impl ConnectionTrait, dataset: NewDataset, now: DateTime<Utc>) -> DbResult<Dataset> {
    let key = name_key(&dataset.name);
    let row = datasets::Model {
        id: dataset.id.0,
        owner_id: dataset.owner_id.0,
        name: dataset.name,
        reserved_name: Some(key.clone()),
        name_key: key,
        status: DatasetStatus::Preparing.as_str().to_owned(),
        created_at_ms: to_ms(now),
        image_formats: String::new(),
        study_count: 0,
        image_count: 0,
        annotation_set_count: 0,
        size_bytes: 0,
        creation_job_id: Some(dataset.creation_job_id.0),
        content_revision: 0,
        digest: None,
    };
    datasets::Entity::insert(datasets::ActiveModel::from(row.clone())).exec_without_returning(connection).await?;
    Ok(row.into())
}

/// The kept counts of a dataset, written when it is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetCounts {
    /// Sorted ids.
    pub image_formats: Vec<String>,
    pub study_count: i64,
    pub image_count: i64,
    pub annotation_set_count: i64,
    pub size_bytes: i64,
}

/// Writes the counts and makes the dataset available.
pub async fn publish(connection: &impl ConnectionTrait, id: DatasetId, counts: DatasetCounts) -> DbResult<()> {
    let row = datasets::ActiveModel {
        id: Set(id.0),
        status: Set(DatasetStatus::Available.as_str().to_owned()),
        image_formats: Set(counts.image_formats.join(",")),
        study_count: Set(counts.study_count),
        image_count: Set(counts.image_count),
        annotation_set_count: Set(counts.annotation_set_count),
        size_bytes: Set(counts.size_bytes),
        ..Default::default()
    };
    datasets::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// The content changed: `added_sets` annotation sets more (or fewer) than before; what was kept of it holds no more.
pub async fn record_change(connection: &impl ConnectionTrait, id: DatasetId, added_sets: i64) -> DbResult<()> {
    datasets::Entity::update_many()
        .col_expr(Column::AnnotationSetCount, Expr::col(Column::AnnotationSetCount).add(added_sets))
        .col_expr(Column::ContentRevision, Expr::col(Column::ContentRevision).add(1))
        .col_expr(Column::Digest, Expr::value(Option::<String>::None))
        .filter(Column::Id.eq(id.0))
        .exec(connection)
        .await?;
    Ok(())
}

/// Keeps the digest of the content at `revision`, unless that is not the revision any more.
pub async fn keep_digest(
    connection: &impl ConnectionTrait,
    id: DatasetId,
    revision: i64,
    digest: &str,
) -> DbResult<()> {
    datasets::Entity::update_many()
        .col_expr(Column::Digest, Expr::value(digest))
        .filter(Column::Id.eq(id.0))
        .filter(Column::ContentRevision.eq(revision))
        .exec(connection)
        .await?;
    Ok(())
}

/// A failed or deleted dataset gives its name back.
pub async fn retire(connection: &impl ConnectionTrait, id: DatasetId, status: DatasetStatus) -> DbResult<()> {
    let row = datasets::ActiveModel {
        id: Set(id.0),
        status: Set(status.as_str().to_owned()),
        reserved_name: Set(None),
        ..Default::default()
    };
    datasets::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// `holds_name`: no other dataset of the owner may have it.
///
/// # Errors
/// [`super::DbError::Taken`] when the owner has a dataset that holds that name.
pub async fn rename(connection: &impl ConnectionTrait, id: DatasetId, name: &str, holds_name: bool) -> DbResult<()> {
    let key = name_key(name);
    let row = datasets::ActiveModel {
        id: Set(id.0),
        name: Set(name.to_owned()),
        reserved_name: Set(holds_name.then(|| key.clone())),
        name_key: Set(key),
        ..Default::default()
    };
    datasets::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// Names that the owner's datasets hold and that begin like this one, as keys.
pub async fn list_reserved_names(
    connection: &impl ConnectionTrait,
    owner: UserId,
    name: &str,
) -> DbResult<Vec<String>> {
    let rows: Vec<Option<String>> = datasets::Entity::find()
        .select_only()
        .column(Column::ReservedName)
        .filter(Column::OwnerId.eq(owner.0))
        .filter(
            Expr::col(Column::ReservedName).like(LikeExpr::new(format!("{}%", escaped(&name_key(name)))).escape('\\')),
        )
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().flatten().collect())
}

pub async fn delete(connection: &impl ConnectionTrait, id: DatasetId) -> DbResult<()> {
    datasets::Entity::delete_by_id(id.0).exec(connection).await?;
    Ok(())
}

/// Those of the ids that are in the scope, in any order; none that is being deleted.
pub async fn visible_by_ids(
    connection: &impl ConnectionTrait,
    ids: &[DatasetId],
    scope: Scope,
) -> DbResult<Vec<Dataset>> {
    let visible = matching(scope, &DatasetFilter::default());
    let query = datasets::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).filter(visible);
    Ok(query.all(connection).await?.into_iter().map(Dataset::from).collect())
}

/// Bytes and images that the datasets of each user take, whatever their status; who has none is left out.
pub async fn sizes_by_owners(
    connection: &impl ConnectionTrait,
    owners: &[UserId],
) -> DbResult<Vec<(UserId, i64, i64)>> {
    // SQLite sums whole numbers to a whole number, PostgreSQL to a decimal one.
    let sum = |column: Column| Expr::col(column).sum().cast_as("bigint");
    let query = datasets::Entity::find().select_only().column(Column::OwnerId);
    let query = query.column_as(sum(Column::SizeBytes), "bytes").column_as(sum(Column::ImageCount), "images");
    let query = query.filter(Column::OwnerId.is_in(owners.iter().map(|owner| owner.0))).group_by(Column::OwnerId);
    let rows: Vec<(i64, i64, i64)> = query.into_tuple().all(connection).await?;
    Ok(rows.into_iter().map(|(owner, bytes, images)| (UserId(owner), bytes, images)).collect())
}

/// Those of the ids that exist, in any order, whatever their status and owner.
pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[DatasetId]) -> DbResult<Vec<Dataset>> {
    let rows = datasets::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    Ok(rows.into_iter().map(Dataset::from).collect())
}

pub async fn list_all(connection: &impl ConnectionTrait) -> DbResult<Vec<Dataset>> {
    let rows = datasets::Entity::find().order_by_asc(Column::Id).all(connection).await?;
    Ok(rows.into_iter().map(Dataset::from).collect())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn matching(scope: Scope, filter: &DatasetFilter) -> Condition {
    let mut condition = Condition::all().add(Column::Status.ne(DatasetStatus::Deleting.as_str()));
    if let Scope::Of(user) = scope {
        condition = condition.add(datasets_visible_to(user));
    }
    if let Some(search) = &filter.search {
        let pattern = LikeExpr::new(format!("%{}%", escaped(&name_key(search)))).escape('\\');
        condition = condition.add(Expr::col(Column::NameKey).like(pattern));
    }
    match filter.has_annotations {
        Some(true) => condition = condition.add(Column::AnnotationSetCount.gt(0)),
        Some(false) => condition = condition.add(Column::AnnotationSetCount.eq(0)),
        None => {}
    }
    if let Some(statuses) = &filter.status {
        condition = condition.add(Column::Status.is_in(statuses.iter().map(|status| status.as_str())));
    }
    condition
}

/// Where a page of datasets begins or ends: the ordering value, if it is not the id itself, and the id.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum DatasetKey {
    Id(i64),
    Count(i64, i64),
    Name(String, i64),
}

/// The key of a dataset in this order.
pub fn key_of(dataset: &Dataset, order: DatasetOrder) -> DatasetKey {
    match order.field {
        DatasetOrderField::CreatedAt => DatasetKey::Id(dataset.id.0),
        DatasetOrderField::Name => DatasetKey::Name(name_key(&dataset.name), dataset.id.0),
        DatasetOrderField::StudyCount => DatasetKey::Count(dataset.study_count, dataset.id.0),
        DatasetOrderField::AnnotationSetCount => DatasetKey::Count(dataset.annotation_set_count, dataset.id.0),
    }
}

fn order_column(field: DatasetOrderField) -> Option<Column> {
    match field {
        DatasetOrderField::CreatedAt => None,
        DatasetOrderField::Name => Some(Column::NameKey),
        DatasetOrderField::StudyCount => Some(Column::StudyCount),
        DatasetOrderField::AnnotationSetCount => Some(Column::AnnotationSetCount),
    }
}

/// Rows whose key is above (or below) this one; `None` when the key is of another order.
fn beyond(order: DatasetOrder, key: &DatasetKey, above: bool) -> Option<Condition> {
    let compare = |column: Column, value: sea_orm::Value| {
        if above { Expr::col(column).gt(value) } else { Expr::col(column).lt(value) }
    };
    let (value, id): (sea_orm::Value, i64) = match (order.field, key) {
        (DatasetOrderField::CreatedAt, DatasetKey::Id(id)) => {
            return Some(Condition::all().add(compare(Column::Id, (*id).into())));
        }
        (DatasetOrderField::Name, DatasetKey::Name(name, id)) => (name.clone().into(), *id),
        (DatasetOrderField::StudyCount | DatasetOrderField::AnnotationSetCount, DatasetKey::Count(count, id)) => {
            ((*count).into(), *id)
        }
        _ => return None,
    };
    let column = order_column(order.field)?;
    let tie = Condition::all().add(Expr::col(column).eq(value.clone())).add(compare(Column::Id, id.into()));
    Some(Condition::any().add(compare(column, value)).add(tie))
}

/// One page; `None` when a cursor is of another order.
pub async fn list(
    connection: &impl ConnectionTrait,
    scope: Scope,
    filter: &DatasetFilter,
    order: DatasetOrder,
    page: &PageRequest,
    (after, before): (Option<DatasetKey>, Option<DatasetKey>),
) -> DbResult<Option<Page<Dataset>>> {
    let ascending = order.direction == OrderDirection::Asc;
    let mut query = datasets::Entity::find().filter(matching(scope, filter));
    for (key, above) in [(&after, ascending), (&before, !ascending)] {
        if let Some(key) = key {
            let Some(condition) = beyond(order, key, above) else { return Ok(None) };
            query = query.filter(condition);
        }
    }
    let direction = if ascending != page.backward { Order::Asc } else { Order::Desc };
    if let Some(column) = order_column(order.field) {
        query = query.order_by(column, direction.clone());
    }
    let rows = query.order_by(Column::Id, direction).limit(page.limit as u64 + 1).all(connection).await?;
    Ok(Some(page.page(rows).map(Dataset::from)))
}

pub async fn count(connection: &impl ConnectionTrait, scope: Scope, filter: &DatasetFilter) -> DbResult<u64> {
    Ok(datasets::Entity::find().filter(matching(scope, filter)).count(connection).await?)
}

/// Corrects the kept counts of a dataset.
pub async fn set_counts(connection: &impl ConnectionTrait, id: DatasetId, counts: DatasetCounts) -> DbResult<()> {
    let row = datasets::ActiveModel {
        id: Set(id.0),
        image_formats: Set(counts.image_formats.join(",")),
        study_count: Set(counts.study_count),
        image_count: Set(counts.image_count),
        annotation_set_count: Set(counts.annotation_set_count),
        size_bytes: Set(counts.size_bytes),
        ..Default::default()
    };
    datasets::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}
