//! Queries of derivatives.

use super::entities::derivatives::{self, Column};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use super::times::{from_ms, to_ms};
use super::{DbError, DbResult};
use crate::domain::derivative::{Derivative, DerivativeKind};
use crate::domain::ids::{AnnotationSetId, DatasetId, DerivativeId};
use crate::domain::page::{Page, PageRequest};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

impl TryFrom<derivatives::Model> for Derivative {
    type Error = DbError;

    fn try_from(row: derivatives::Model) -> DbResult<Self> {
        Ok(Self {
            id: DerivativeId(row.id),
            dataset_id: DatasetId(row.dataset_id),
            annotation_set_id: row.annotation_set_id.map(AnnotationSetId),
            kind: require_kind(&row.kind)?,
            name: row.name,
            url: row.url,
            created_at: from_ms(row.created_at_ms),
        })
    }
}

fn require_kind(word: &str) -> DbResult<DerivativeKind> {
    DerivativeKind::parse(word).ok_or_else(|| DbError::Broken(format!("{word:?} is no kind of derivatives")))
}

fn read(rows: Vec<derivatives::Model>) -> DbResult<Vec<Derivative>> {
    rows.into_iter().map(Derivative::try_from).collect()
}

pub async fn create(connection: &impl ConnectionTrait, derivative: &Derivative) -> DbResult<()> {
    let row = derivatives::Model {
        id: derivative.id.0,
        dataset_id: derivative.dataset_id.0,
        annotation_set_id: derivative.annotation_set_id.map(|id| id.0),
        kind: derivative.kind.as_str().to_owned(),
        name: derivative.name.clone(),
        url: derivative.url.clone(),
        created_at_ms: to_ms(derivative.created_at),
    };
    derivatives::Entity::insert(derivatives::ActiveModel::from(row)).exec_without_returning(connection).await?;
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[DerivativeId]) -> DbResult<Vec<Derivative>> {
    let query = derivatives::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    read(query.all(connection).await?)
}

/// Oldest first.
pub async fn list_by_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<Derivative>> {
    list(connection, Condition::all().add(Column::DatasetId.eq(dataset.0))).await
}

async fn list(connection: &impl ConnectionTrait, condition: Condition) -> DbResult<Vec<Derivative>> {
    let query = derivatives::Entity::find().filter(condition).order_by_asc(Column::Id);
    read(query.all(connection).await?)
}

pub async fn count_of_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<u64> {
    Ok(derivatives::Entity::find().filter(Column::DatasetId.eq(dataset.0)).count(connection).await?)
}

/// One page of derivatives, oldest first, for each dataset.
pub async fn pages_by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(DatasetId, Page<Derivative>)>> {
    let parents: Vec<i64> = datasets.iter().map(|id| id.0).collect();
    let rows = pages(connection, &parents, Column::DatasetId, page, PositionRange { after, before }).await?;
    Ok(group_pages(datasets, rows, |derivative| derivative.dataset_id, page))
}

/// One page of derivatives, oldest first, for each annotation set.
pub async fn pages_by_annotation_sets(
    connection: &impl ConnectionTrait,
    sets: &[AnnotationSetId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(AnnotationSetId, Page<Derivative>)>> {
    let parents: Vec<i64> = sets.iter().map(|id| id.0).collect();
    let rows = pages(connection, &parents, Column::AnnotationSetId, page, PositionRange { after, before }).await?;
    let sets: Vec<Option<AnnotationSetId>> = sets.iter().copied().map(Some).collect();
    let grouped = group_pages(&sets, rows, |derivative| derivative.annotation_set_id, page);
    Ok(grouped.into_iter().filter_map(|(set, page)| set.map(|set| (set, page))).collect())
}

async fn pages(
    connection: &impl ConnectionTrait,
    parents: &[i64],
    parent_column: Column,
    page: &PageRequest,
    range: PositionRange,
) -> DbResult<Vec<Derivative>> {
    let rows = for_each_parent(connection, parents, |parent| {
        let query = derivatives::Entity::find().filter(equals(parent_column, parent));
        by_position(query, Column::Id, page, range).into_query()
    });
    read(rows.await?)
}

/// How many derivatives of each kind each dataset has.
pub async fn count_by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
) -> DbResult<Vec<(DatasetId, DerivativeKind, i64)>> {
    let parents = datasets.iter().map(|id| id.0);
    let rows = counts(connection, Column::DatasetId, parents).await?;
    Ok(rows.into_iter().map(|(id, kind, count)| (DatasetId(id), kind, count)).collect())
}

/// How many derivatives of each kind each annotation set has.
pub async fn count_by_annotation_sets(
    connection: &impl ConnectionTrait,
    sets: &[AnnotationSetId],
) -> DbResult<Vec<(AnnotationSetId, DerivativeKind, i64)>> {
    let parents = sets.iter().map(|id| id.0);
    let rows = counts(connection, Column::AnnotationSetId, parents).await?;
    Ok(rows.into_iter().map(|(id, kind, count)| (AnnotationSetId(id), kind, count)).collect())
}

async fn counts(
    connection: &impl ConnectionTrait,
    parent_column: Column,
    parents: impl Iterator<Item = i64>,
) -> DbResult<Vec<(i64, DerivativeKind, i64)>> {
    let rows: Vec<(i64, String, i64)> = derivatives::Entity::find()
        .select_only()
        .column(parent_column)
        .column(Column::Kind)
        .column_as(Column::Id.count(), "derivative_count")
        .filter(parent_column.is_in(parents))
        .group_by(parent_column)
        .group_by(Column::Kind)
        .into_tuple()
        .all(connection)
        .await?;
    rows.into_iter().map(|(id, kind, count)| Ok((id, require_kind(&kind)?, count))).collect()
}

/// False when it is not there.
pub async fn delete(connection: &impl ConnectionTrait, id: DerivativeId) -> DbResult<bool> {
    Ok(derivatives::Entity::delete_by_id(id.0).exec(connection).await?.rows_affected == 1)
}

/// Those that ended with the dataset, oldest first. Inside the transaction that removes it.
pub async fn delete_of_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<Derivative>> {
    delete_matching(connection, Condition::all().add(Column::DatasetId.eq(dataset.0))).await
}

/// Those that ended with the annotation set, oldest first. Inside the transaction that removes it.
pub async fn delete_of_annotation_set(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
) -> DbResult<Vec<Derivative>> {
    delete_matching(connection, Condition::all().add(Column::AnnotationSetId.eq(set.0))).await
}

async fn delete_matching(connection: &impl ConnectionTrait, condition: Condition) -> DbResult<Vec<Derivative>> {
    let ended = list(connection, condition.clone()).await?;
    derivatives::Entity::delete_many().filter(condition).exec(connection).await?;
    Ok(ended)
}
