//! The digest of a dataset's content: kept with the dataset, computed when it is first asked for after a change.

use super::{ServiceError, ServiceResult, Services, compute};
use crate::db;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::dataset_digest::{DatasetDigest, SetDigest, ranks};
use crate::domain::digest::Digest;
use crate::domain::ids::{DatasetId, ImageId};
use std::collections::HashMap;
use tokio::runtime::Handle;

/// Rows of annotations read at a time.
const ROWS_PER_READ: u64 = 10_000;

/// Of a dataset that the viewer was shown; `None` until it is AVAILABLE.
pub async fn find(services: &Services, dataset: &Dataset) -> ServiceResult<Option<String>> {
    if dataset.status != DatasetStatus::Available || dataset.digest.is_some() {
        return Ok(dataset.digest.clone());
    }
    let (id, revision) = (dataset.id, dataset.content_revision);
    let (given, runtime) = (services.clone(), Handle::current());
    let digest = compute(move || runtime.block_on(read(&given, id))).await??.to_string();
    // Not kept when the content changed meanwhile: then it may be of neither.
    db::datasets::keep_digest(services.db.write(), id, revision, &digest).await?;
    Ok(Some(digest))
}

async fn read(services: &Services, dataset: DatasetId) -> ServiceResult<Digest> {
    let connection = services.db.read();
    let images = db::images::list_by_dataset(connection, dataset).await?;
    let studies = db::studies::list_by_dataset(connection, dataset).await?;
    let ranks = ranks(&images);
    let mut digest = DatasetDigest::new(&images, &ranks, &studies);
    let rank_of: HashMap<ImageId, u32> = images.iter().map(|image| image.id).zip(ranks).collect();
    for set in db::annotation_sets::list_by_dataset(connection, dataset).await? {
        let labels = db::labels::by_annotation_sets(connection, &[set.id]).await?;
        let mut of_set = SetDigest::new(&set.annotation_type, labels.into_iter().map(|label| label.name).collect());
        let mut position = 0;
        loop {
            let rows = db::annotated_images::list_from(connection, set.id, position, ROWS_PER_READ).await?;
            let Some(last) = rows.last() else { break };
            position = last.position + 1;
            for row in &rows {
                let rank = rank_of.get(&row.image_id).ok_or_else(|| {
                    ServiceError::Broken(format!(
                        "{} has annotations of {}, which is not its image",
                        set.id, row.image_id
                    ))
                })?;
                of_set.add_image(*rank, &row.annotations);
            }
        }
        digest.add_set(of_set);
    }
    Ok(digest.finish())
}
