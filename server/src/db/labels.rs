//! Queries of labels and their kept counts.

use super::DbResult;
use super::entities::labels::{self, Column};
use crate::domain::annotation_tally::LabelTally;
use crate::domain::ids::{AnnotationSetId, LabelId};
use crate::domain::label::Label;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

impl From<labels::Model> for Label {
    fn from(row: labels::Model) -> Self {
        Self {
            id: LabelId(row.id),
            annotation_set_id: AnnotationSetId(row.annotation_set_id),
            position: row.position,
            name: row.name,
            image_count: row.image_count,
            study_count: row.study_count,
            annotation_count: row.annotation_count,
        }
    }
}

/// Rows of one INSERT: 7 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 4_000;

pub async fn create_many(connection: &impl ConnectionTrait, list: &[Label]) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|label| {
            labels::ActiveModel::from(labels::Model {
                id: label.id.0,
                annotation_set_id: label.annotation_set_id.0,
                position: label.position,
                name: label.name.clone(),
                image_count: label.image_count,
                study_count: label.study_count,
                annotation_count: label.annotation_count,
            })
        });
        labels::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[LabelId]) -> DbResult<Vec<Label>> {
    let rows = labels::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    Ok(rows.into_iter().map(Label::from).collect())
}

/// The labels of each set, in the order of the set.
pub async fn by_annotation_sets(connection: &impl ConnectionTrait, sets: &[AnnotationSetId]) -> DbResult<Vec<Label>> {
    let rows = labels::Entity::find()
        .filter(Column::AnnotationSetId.is_in(sets.iter().map(|id| id.0)))
        .order_by_asc(Column::AnnotationSetId)
        .order_by_asc(Column::Position)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(Label::from).collect())
}

/// Corrects the kept counts of a label.
pub async fn set_counts(connection: &impl ConnectionTrait, id: LabelId, tally: LabelTally) -> DbResult<()> {
    let row = labels::ActiveModel {
        id: Set(id.0),
        image_count: Set(tally.image_count),
        study_count: Set(tally.study_count),
        annotation_count: Set(tally.annotation_count),
        ..Default::default()
    };
    labels::Entity::update(row).exec_without_returning(connection).await?;
    Ok(())
}
