//! Queries of what combined datasets were made from.

use super::DbResult;
use super::entities::combined_sources::{self, Column};
use crate::domain::dataset::CombinedSource;
use crate::domain::ids::{AnnotationSetId, DatasetId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

impl From<combined_sources::Model> for CombinedSource {
    fn from(row: combined_sources::Model) -> Self {
        Self {
            dataset_id: DatasetId(row.source_dataset_id),
            dataset_name: row.source_dataset_name,
            annotation_set_id: row.annotation_set_id.map(AnnotationSetId),
            annotation_set_name: row.annotation_set_name,
            image_count: row.image_count,
        }
    }
}

pub async fn create_many(
    connection: &impl ConnectionTrait,
    dataset: DatasetId,
    sources: &[CombinedSource],
) -> DbResult<()> {
    let rows = sources.iter().enumerate().map(|(position, source)| {
        combined_sources::ActiveModel::from(combined_sources::Model {
            dataset_id: dataset.0,
            position: position as i64,
            source_dataset_id: source.dataset_id.0,
            source_dataset_name: source.dataset_name.clone(),
            annotation_set_id: source.annotation_set_id.map(|id| id.0),
            annotation_set_name: source.annotation_set_name.clone(),
            image_count: source.image_count,
        })
    });
    combined_sources::Entity::insert_many(rows).exec_without_returning(connection).await?;
    Ok(())
}

/// The sources of each dataset, in order.
pub async fn by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
) -> DbResult<Vec<(DatasetId, CombinedSource)>> {
    let rows = combined_sources::Entity::find()
        .filter(Column::DatasetId.is_in(datasets.iter().map(|id| id.0)))
        .order_by_asc(Column::DatasetId)
        .order_by_asc(Column::Position)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (DatasetId(row.dataset_id), row.into())).collect())
}

/// Datasets that were combined from this one.
pub async fn list_combined_from(connection: &impl ConnectionTrait, source: DatasetId) -> DbResult<Vec<DatasetId>> {
    let rows: Vec<i64> = combined_sources::Entity::find()
        .select_only()
        .column(Column::DatasetId)
        .distinct()
        .filter(Column::SourceDatasetId.eq(source.0))
        .order_by_asc(Column::DatasetId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(DatasetId).collect())
}
