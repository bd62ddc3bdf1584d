//! Queries of studies.

use super::DbResult;
use super::entities::studies::{self, Column};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use crate::domain::ids::{DatasetId, StudyId};
use crate::domain::page::{Page, PageRequest};
use crate::domain::study::Study;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

impl From<studies::Model> for Study {
    fn from(row: studies::Model) -> Self {
        Self {
            id: StudyId(row.id),
            dataset_id: DatasetId(row.dataset_id),
            position: row.position,
            name: row.name,
            study_instance_uid: row.study_instance_uid,
            image_count: row.image_count,
        }
    }
}

/// Rows of one INSERT: 6 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 5_000;

pub async fn create_many(connection: &impl ConnectionTrait, list: Vec<Study>) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|study| {
            studies::ActiveModel::from(studies::Model {
                id: study.id.0,
                dataset_id: study.dataset_id.0,
                position: study.position,
                name: study.name.clone(),
                study_instance_uid: study.study_instance_uid.clone(),
                image_count: study.image_count,
            })
        });
        studies::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[StudyId]) -> DbResult<Vec<Study>> {
    let rows = studies::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    Ok(rows.into_iter().map(Study::from).collect())
}

pub async fn list_by_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<Study>> {
    let query = studies::Entity::find().filter(Column::DatasetId.eq(dataset.0));
    let rows = query.order_by_asc(Column::Position).all(connection).await?;
    Ok(rows.into_iter().map(Study::from).collect())
}

/// Corrects the kept count of a study.
pub async fn set_image_count(connection: &impl ConnectionTrait, id: StudyId, count: i64) -> DbResult<()> {
    let row = studies::ActiveModel { id: Set(id.0), image_count: Set(count), ..Default::default() };
    studies::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}

/// One page of studies for each dataset.
pub async fn pages_by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(DatasetId, Page<Study>)>> {
    let parents: Vec<i64> = datasets.iter().map(|id| id.0).collect();
    let rows: Vec<studies::Model> = for_each_parent(connection, &parents, |dataset| {
        let query = studies::Entity::find().filter(equals(Column::DatasetId, dataset));
        by_position(query, Column::Position, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(Study::from).collect();
    Ok(group_pages(datasets, rows, |study: &Study| study.dataset_id, page))
}
