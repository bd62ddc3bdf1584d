//! Queries of annotations: one row an image of a set, and which labels it carries.

use super::entities::{annotated_image_labels, annotated_images};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use super::{DbError, DbResult};
use crate::domain::annotation::ImageAnnotations;
use crate::domain::ids::{AnnotationSetId, ImageId};
use crate::domain::label::Label;
use crate::domain::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::BTreeMap;

/// The annotations of one image in one set.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatedImage {
    pub annotation_set_id: AnnotationSetId,
    /// From 0 without gaps inside the set: those that came with it in the order of the dataset's images, then those that
    /// joined it later.
    pub position: i64,
    pub image_id: ImageId,
    pub annotations: ImageAnnotations,
}

impl TryFrom<annotated_images::Model> for AnnotatedImage {
    type Error = DbError;

    fn try_from(row: annotated_images::Model) -> DbResult<Self> {
        let annotations = ImageAnnotations::decode(&row.annotations).ok_or_else(|| {
            DbError::Broken(format!("annotations of image {} in set {}", row.image_id, row.annotation_set_id))
        })?;
        Ok(Self {
            annotation_set_id: AnnotationSetId(row.annotation_set_id),
            position: row.position,
            image_id: ImageId(row.image_id),
            annotations,
        })
    }
}

/// Rows that [`for_each`] reads at a time.
const ROWS_PER_READ: u64 = 10_000;
/// SQLite takes 32,766 values in a statement.
const VALUES_PER_QUERY: usize = 32_000;
/// Rows of one INSERT: 4 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 8_000;

pub async fn create_many(connection: &impl ConnectionTrait, list: &[AnnotatedImage]) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|each| {
            annotated_images::ActiveModel::from(annotated_images::Model {
                annotation_set_id: each.annotation_set_id.0,
                position: each.position,
                image_id: each.image_id.0,
                annotations: each.annotations.encode(),
            })
        });
        annotated_images::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    for each in list.chunk_by(|one, next| one.annotation_set_id == next.annotation_set_id) {
        let Some(first) = each.first() else { continue };
        let labels: Vec<LabelledPosition> = each.iter().flat_map(AnnotatedImage::labelled_positions).collect();
        create_labels(connection, first.annotation_set_id, &labels).await?;
    }
    Ok(())
}

/// Puts rows of one set in the places of others, and adds those that have no place yet. `replaced`: as they are now.
pub async fn replace(
    connection: &impl ConnectionTrait,
    replaced: &[AnnotatedImage],
    written: &[AnnotatedImage],
) -> DbResult<()> {
    let mut by_label: BTreeMap<(AnnotationSetId, i64), Vec<i64>> = BTreeMap::new();
    for row in replaced {
        for (label, position) in row.labelled_positions() {
            by_label.entry((row.annotation_set_id, label)).or_default().push(position);
        }
    }
    for ((set, label), positions) in by_label {
        for chunk in positions.chunks(VALUES_PER_QUERY) {
            annotated_image_labels::Entity::delete_many()
                .filter(annotated_image_labels::Column::AnnotationSetId.eq(set.0))
                .filter(annotated_image_labels::Column::LabelPosition.eq(label))
                .filter(annotated_image_labels::Column::Position.is_in(chunk.iter().copied()))
                .exec(connection)
                .await?;
        }
    }
    for chunk in replaced.chunks(VALUES_PER_QUERY) {
        let Some(first) = chunk.first() else { continue };
        annotated_images::Entity::delete_many()
            .filter(annotated_images::Column::AnnotationSetId.eq(first.annotation_set_id.0))
            .filter(annotated_images::Column::Position.is_in(chunk.iter().map(|row| row.position)))
            .exec(connection)
            .await?;
    }
    create_many(connection, written).await
}

/// A label's position in its set, and the position of an image that carries it.
pub type LabelledPosition = (i64, i64);

impl AnnotatedImage {
    /// What `annotated_image_labels` says of this image.
    pub fn labelled_positions(&self) -> impl Iterator<Item = LabelledPosition> + use<> {
        let position = self.position;
        self.annotations.counted_labels().into_iter().map(move |label| (i64::from(label), position))
    }
}

async fn create_labels(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    list: &[LabelledPosition],
) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|(label_position, position)| {
            annotated_image_labels::ActiveModel::from(annotated_image_labels::Model {
                annotation_set_id: set.0,
                label_position: *label_position,
                position: *position,
            })
        });
        annotated_image_labels::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// Replaces all that is kept of which images of a set carry which label.
pub async fn replace_labels(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    list: &[LabelledPosition],
) -> DbResult<()> {
    annotated_image_labels::Entity::delete_many()
        .filter(annotated_image_labels::Column::AnnotationSetId.eq(set.0))
        .exec(connection)
        .await?;
    create_labels(connection, set, list).await
}

/// Up to `limit` of what is kept of a set behind `after`, in order.
pub async fn list_labels_after(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    after: LabelledPosition,
    limit: u64,
) -> DbResult<Vec<LabelledPosition>> {
    use annotated_image_labels::Column;
    let mut cursor = annotated_image_labels::Entity::find()
        .filter(Column::AnnotationSetId.eq(set.0))
        .cursor_by((Column::LabelPosition, Column::Position));
    let rows = cursor.after(after).first(limit).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.label_position, row.position)).collect())
}

/// Gives each row of a set to `visit`, in order, for work that goes through all of them; a bounded number is in memory
/// at a time.
///
/// # Errors
/// Those of the database, and the first of `visit`.
pub async fn for_each<E: From<DbError>>(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    mut visit: impl FnMut(AnnotatedImage) -> Result<(), E>,
) -> Result<(), E> {
    let mut position = 0;
    loop {
        let rows = list_from(connection, set, position, ROWS_PER_READ).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        position = last.position + 1;
        rows.into_iter().try_for_each(&mut visit)?;
    }
}

/// Up to `limit` rows of a set from a position on.
async fn list_from(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    position: i64,
    limit: u64,
) -> DbResult<Vec<AnnotatedImage>> {
    let rows = annotated_images::Entity::find()
        .filter(annotated_images::Column::AnnotationSetId.eq(set.0))
        .filter(annotated_images::Column::Position.gte(position))
        .order_by_asc(annotated_images::Column::Position)
        .limit(limit)
        .all(connection)
        .await?;
    rows.into_iter().map(AnnotatedImage::try_from).collect()
}

/// One page of images with their annotations for each set.
pub async fn pages_by_sets(
    connection: &impl ConnectionTrait,
    sets: &[AnnotationSetId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(AnnotationSetId, Page<AnnotatedImage>)>> {
    let parents: Vec<i64> = sets.iter().map(|id| id.0).collect();
    let rows: Vec<annotated_images::Model> = for_each_parent(connection, &parents, |set| {
        let query = annotated_images::Entity::find().filter(equals(annotated_images::Column::AnnotationSetId, set));
        by_position(query, annotated_images::Column::Position, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(AnnotatedImage::try_from).collect::<DbResult<Vec<_>>>()?;
    Ok(group_pages(sets, rows, |row: &AnnotatedImage| row.annotation_set_id, page))
}

/// One page of the images that carry a label, with all their annotations.
pub async fn page_with_label(
    connection: &impl ConnectionTrait,
    label: &Label,
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Page<AnnotatedImage>> {
    let set = label.annotation_set_id;
    let range = PositionRange { after, before };
    let positions = labelled_positions(connection, set, label.position, page, range).await?;
    let mut rows = annotated_images::Entity::find()
        .filter(annotated_images::Column::AnnotationSetId.eq(set.0))
        .filter(annotated_images::Column::Position.is_in(positions))
        .all(connection)
        .await?;
    rows.sort_unstable_by_key(|row| if page.backward { -row.position } else { row.position });
    let rows = rows.into_iter().map(AnnotatedImage::try_from).collect::<DbResult<Vec<_>>>()?;
    Ok(page.page(rows))
}

async fn labelled_positions(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    label: i64,
    page: &PageRequest,
    range: PositionRange,
) -> DbResult<Vec<i64>> {
    let query = annotated_image_labels::Entity::find()
        .filter(annotated_image_labels::Column::AnnotationSetId.eq(set.0))
        .filter(annotated_image_labels::Column::LabelPosition.eq(label));
    let rows = by_position(query, annotated_image_labels::Column::Position, page, range).all(connection).await?;
    Ok(rows.into_iter().map(|row| row.position).collect())
}

/// The annotations that one set has for each of these images; images that it does not cover are left out.
pub async fn by_images(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    images: &[ImageId],
) -> DbResult<Vec<AnnotatedImage>> {
    let mut found = Vec::new();
    for chunk in images.chunks(VALUES_PER_QUERY) {
        let rows = annotated_images::Entity::find()
            .filter(annotated_images::Column::ImageId.is_in(chunk.iter().map(|id| id.0)))
            .filter(annotated_images::Column::AnnotationSetId.eq(set.0))
            .all(connection)
            .await?;
        for row in rows {
            found.push(AnnotatedImage::try_from(row)?);
        }
    }
    Ok(found)
}

pub async fn find_at(
    connection: &impl ConnectionTrait,
    set: AnnotationSetId,
    position: i64,
) -> DbResult<Option<AnnotatedImage>> {
    let row = annotated_images::Entity::find_by_id((set.0, position)).one(connection).await?;
    row.map(AnnotatedImage::try_from).transpose()
}
