//! Queries of annotation sets.

use super::DbResult;
use super::entities::annotation_sets::{self, Column};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use super::times::{from_ms, to_ms};
use crate::domain::annotation_set::{AnnotationSet, AnnotationSource};
use crate::domain::annotation_tally::AnnotationTally;
use crate::domain::ids::{AnnotationSetId, DatasetId};
use crate::domain::page::{Page, PageRequest};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

impl From<annotation_sets::Model> for AnnotationSet {
    fn from(row: annotation_sets::Model) -> Self {
        Self {
            id: AnnotationSetId(row.id),
            dataset_id: DatasetId(row.dataset_id),
            name: row.name,
            annotation_type: row.annotation_type,
            source: AnnotationSource::parse(&row.source),
            created_at: from_ms(row.created_at_ms),
            study_count: row.study_count,
            image_count: row.image_count,
            unlabelled_image_count: row.unlabelled_image_count,
            annotation_count: row.annotation_count,
        }
    }
}

pub async fn create(connection: &impl ConnectionTrait, set: &AnnotationSet) -> DbResult<()> {
    let row = annotation_sets::Model {
        id: set.id.0,
        dataset_id: set.dataset_id.0,
        name: set.name.clone(),
        annotation_type: set.annotation_type.clone(),
        source: set.source.as_str().to_owned(),
        created_at_ms: to_ms(set.created_at),
        study_count: set.study_count,
        image_count: set.image_count,
        unlabelled_image_count: set.unlabelled_image_count,
        annotation_count: set.annotation_count,
    };
    annotation_sets::Entity::insert(annotation_sets::ActiveModel::from(row)).exec_without_returning(connection).await?;
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[AnnotationSetId]) -> DbResult<Vec<AnnotationSet>> {
    let query = annotation_sets::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    Ok(query.all(connection).await?.into_iter().map(AnnotationSet::from).collect())
}

pub async fn list_by_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<AnnotationSet>> {
    let query = annotation_sets::Entity::find().filter(Column::DatasetId.eq(dataset.0)).order_by_asc(Column::Id);
    Ok(query.all(connection).await?.into_iter().map(AnnotationSet::from).collect())
}

/// One page of annotation sets, oldest first, for each dataset; of one type if it is given.
pub async fn pages_by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
    annotation_type: Option<&str>,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(DatasetId, Page<AnnotationSet>)>> {
    let parents: Vec<i64> = datasets.iter().map(|id| id.0).collect();
    let rows: Vec<annotation_sets::Model> = for_each_parent(connection, &parents, |dataset| {
        let mut query = annotation_sets::Entity::find().filter(equals(Column::DatasetId, dataset));
        if let Some(annotation_type) = annotation_type {
            query = query.filter(Column::AnnotationType.eq(annotation_type));
        }
        by_position(query, Column::Id, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(AnnotationSet::from).collect();
    Ok(group_pages(datasets, rows, |set: &AnnotationSet| set.dataset_id, page))
}

#[derive(FromQueryResult)]
struct TypeCount {
    dataset_id: i64,
    annotation_type: String,
    set_count: i64,
}

/// How many sets of each type each dataset has.
pub async fn count_by_type(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
) -> DbResult<Vec<(DatasetId, String, i64)>> {
    let rows = annotation_sets::Entity::find()
        .select_only()
        .column(Column::DatasetId)
        .column(Column::AnnotationType)
        .column_as(Column::Id.count(), "set_count")
        .filter(Column::DatasetId.is_in(datasets.iter().map(|id| id.0)))
        .group_by(Column::DatasetId)
        .group_by(Column::AnnotationType)
        .into_model::<TypeCount>()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (DatasetId(row.dataset_id), row.annotation_type, row.set_count)).collect())
}

/// Corrects the kept counts of a set; those of its labels are in `labels`.
pub async fn set_counts(
    connection: &impl ConnectionTrait,
    id: AnnotationSetId,
    tally: &AnnotationTally,
) -> DbResult<()> {
    let row = annotation_sets::ActiveModel {
        id: Set(id.0),
        study_count: Set(tally.study_count),
        image_count: Set(tally.image_count),
        unlabelled_image_count: Set(tally.unlabelled_image_count),
        annotation_count: Set(tally.annotation_count),
        ..Default::default()
    };
    annotation_sets::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// With its labels and annotations; false when it is not there.
pub async fn delete(connection: &impl ConnectionTrait, id: AnnotationSetId) -> DbResult<bool> {
    Ok(annotation_sets::Entity::delete_by_id(id.0).exec(connection).await?.rows_affected == 1)
}
