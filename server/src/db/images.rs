//! Queries of images.

use super::DbResult;
use super::entities::images::{self, Column};
use super::pages::{PositionRange, by_position, equals, for_each_parent, group_pages};
use crate::domain::digest::Digest;
use crate::domain::ids::{DatasetId, ImageId, StudyId};
use crate::domain::image::Image;
use crate::domain::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::HashSet;

impl From<images::Model> for Image {
    fn from(row: images::Model) -> Self {
        Self {
            id: ImageId(row.id),
            dataset_id: DatasetId(row.dataset_id),
            position: row.position,
            study_id: StudyId(row.study_id),
            study_position: row.study_position,
            path: row.path,
            raw_path: row.raw_path,
            format: row.format,
            width: row.width,
            height: row.height,
            frame_count: row.frame_count,
            bits_per_sample: row.bits_per_sample,
            size_bytes: row.size_bytes,
            sha256: Digest::from_column(&row.sha256),
            pixel_digest: Digest::from_column(&row.pixel_digest),
            sop_instance_uid: row.sop_instance_uid,
            patient_key: row.patient_key.map(|key| Digest::from_column(&key)),
            origin_image_id: row.origin_image_id.map(ImageId),
        }
    }
}

fn to_row(image: &Image) -> images::ActiveModel {
    let row = images::Model {
        id: image.id.0,
        dataset_id: image.dataset_id.0,
        position: image.position,
        study_id: image.study_id.0,
        study_position: image.study_position,
        path: image.path.clone(),
        raw_path: image.raw_path.clone(),
        format: image.format.clone(),
        width: image.width,
        height: image.height,
        frame_count: image.frame_count,
        bits_per_sample: image.bits_per_sample,
        size_bytes: image.size_bytes,
        sha256: image.sha256.to_vec(),
        pixel_digest: image.pixel_digest.to_vec(),
        sop_instance_uid: image.sop_instance_uid.clone(),
        patient_key: image.patient_key.map(Digest::to_vec),
        origin_image_id: image.origin_image_id.map(|id| id.0),
    };
    row.into()
}

/// Rows of one INSERT: 18 columns each, and SQLite takes 32,766 values.
const ROWS_PER_INSERT: usize = 1_800;
/// Values of one `IN (…)`.
const VALUES_PER_QUERY: usize = 10_000;

pub async fn create_many(connection: &impl ConnectionTrait, list: &[Image]) -> DbResult<()> {
    for chunk in list.chunks(ROWS_PER_INSERT) {
        images::Entity::insert_many(chunk.iter().map(to_row)).exec_without_returning(connection).await?;
    }
    Ok(())
}

pub async fn by_ids(connection: &impl ConnectionTrait, ids: &[ImageId]) -> DbResult<Vec<Image>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(VALUES_PER_QUERY) {
        let rows = images::Entity::find().filter(Column::Id.is_in(chunk.iter().map(|id| id.0))).all(connection).await?;
        found.extend(rows.into_iter().map(Image::from));
    }
    Ok(found)
}

/// Every image of the studies, with its study.
pub async fn list_by_studies(
    connection: &impl ConnectionTrait,
    studies: &[StudyId],
) -> DbResult<Vec<(ImageId, StudyId)>> {
    let mut found = Vec::new();
    for chunk in studies.chunks(VALUES_PER_QUERY) {
        let query = images::Entity::find().select_only().columns([Column::Id, Column::StudyId]);
        let query = query.filter(Column::StudyId.is_in(chunk.iter().map(|study| study.0)));
        let rows: Vec<(i64, i64)> = query.into_tuple().all(connection).await?;
        found.extend(rows.into_iter().map(|(image, study)| (ImageId(image), StudyId(study))));
    }
    Ok(found)
}

/// All images of a dataset in their order.
pub async fn list_by_dataset(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<Image>> {
    let query = images::Entity::find().filter(Column::DatasetId.eq(dataset.0));
    let rows = query.order_by_asc(Column::Position).all(connection).await?;
    Ok(rows.into_iter().map(Image::from).collect())
}

/// One page of images for each dataset.
pub async fn pages_by_datasets(
    connection: &impl ConnectionTrait,
    datasets: &[DatasetId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(DatasetId, Page<Image>)>> {
    let parents: Vec<i64> = datasets.iter().map(|id| id.0).collect();
    let rows: Vec<images::Model> = for_each_parent(connection, &parents, |dataset| {
        let query = images::Entity::find().filter(equals(Column::DatasetId, dataset));
        by_position(query, Column::Position, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(Image::from).collect();
    Ok(group_pages(datasets, rows, |image: &Image| image.dataset_id, page))
}

/// One page of images for each study.
pub async fn pages_by_studies(
    connection: &impl ConnectionTrait,
    studies: &[StudyId],
    page: &PageRequest,
    (after, before): (Option<i64>, Option<i64>),
) -> DbResult<Vec<(StudyId, Page<Image>)>> {
    let parents: Vec<i64> = studies.iter().map(|id| id.0).collect();
    let rows: Vec<images::Model> = for_each_parent(connection, &parents, |study| {
        let query = images::Entity::find().filter(equals(Column::StudyId, study));
        by_position(query, Column::StudyPosition, page, PositionRange { after, before }).into_query()
    })
    .await?;
    let rows = rows.into_iter().map(Image::from).collect();
    Ok(group_pages(studies, rows, |image: &Image| image.study_id, page))
}

/// The distinct files of a dataset.
pub async fn list_files(connection: &impl ConnectionTrait, dataset: DatasetId) -> DbResult<Vec<Digest>> {
    let query = images::Entity::find().select_only().column(Column::Sha256).distinct();
    let rows: Vec<Vec<u8>> = query.filter(Column::DatasetId.eq(dataset.0)).into_tuple().all(connection).await?;
    Ok(rows.iter().map(|row| Digest::from_column(row)).collect())
}

/// Those of the files that some image of any dataset needs, or of any dataset but this one.
pub async fn list_needed_files(
    connection: &impl ConnectionTrait,
    files: &[Digest],
    but: Option<DatasetId>,
) -> DbResult<HashSet<Digest>> {
    let mut needed = HashSet::new();
    for chunk in files.chunks(VALUES_PER_QUERY) {
        let mut query = images::Entity::find()
            .select_only()
            .column(Column::Sha256)
            .distinct()
            .filter(Column::Sha256.is_in(chunk.iter().map(|file| file.to_vec())));
        if let Some(dataset) = but {
            query = query.filter(Column::DatasetId.ne(dataset.0));
        }
        let rows: Vec<Vec<u8>> = query.into_tuple().all(connection).await?;
        needed.extend(rows.iter().map(|row| Digest::from_column(row)));
    }
    Ok(needed)
}
