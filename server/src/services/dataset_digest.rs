//! The digest of a dataset's content: kept with the dataset, computed when it is first asked for after a change.

use super::{ServiceError, ServiceResult, Services, compute};
use crate::db;
use crate::db::Transaction;
use crate::domain::dataset::{Dataset, DatasetStatus};
use crate::domain::dataset_digest::{DatasetDigest, SetDigest, ranks};
use crate::domain::digest::Digest;
use crate::domain::ids::{DatasetId, ImageId};
use std::collections::HashMap;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Computed at the same time. Each reads a dataset whole, and a list of datasets asks for all of theirs at once.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Of a dataset that the viewer was shown; `None` until it is AVAILABLE.
pub async fn find(services: &Services, dataset: &Dataset) -> ServiceResult<Option<String>> {
    if dataset.status != DatasetStatus::Available || dataset.digest.is_some() {
        return Ok(dataset.digest.clone());
    }
    let turn = TURNS.acquire().await.map_err(|error| ServiceError::Broken(error.to_string()))?;
    let (id, given, runtime) = (dataset.id, services.clone(), Handle::current());
    // The work goes on when nobody waits for it any more, and so does its turn.
    let work = move || {
        let _turn = turn;
        runtime.block_on(keep(&given, id))
    };
    compute(work).await?
}

/// Whoever waited for a turn may find it kept already.
async fn keep(services: &Services, dataset: DatasetId) -> ServiceResult<Option<String>> {
    let read = services.db.begin_read().await?;
    let Some(dataset) = db::datasets::by_ids(&*read, &[dataset]).await?.pop() else { return Ok(None) };
    if dataset.status != DatasetStatus::Available || dataset.digest.is_some() {
        return Ok(dataset.digest);
    }
    let digest = compute_of(&read, dataset.id).await?.to_string();
    drop(read);
    // Not kept when the content has changed since.
    db::datasets::keep_digest(services.db.write(), dataset.id, dataset.content_revision, &digest).await?;
    Ok(Some(digest))
}

async fn compute_of(read: &Transaction, dataset: DatasetId) -> ServiceResult<Digest> {
    let images = db::images::list_by_dataset(read, dataset).await?;
    let studies = db::studies::list_by_dataset(read, dataset).await?;
    let ranks = ranks(&images);
    let mut digest = DatasetDigest::new(&images, &ranks, &studies);
    let rank_of: HashMap<ImageId, u32> = images.iter().map(|image| image.id).zip(ranks).collect();
    for set in db::annotation_sets::list_by_dataset(read, dataset).await? {
        let labels = db::labels::by_annotation_sets(read, &[set.id]).await?;
        let mut of_set = SetDigest::new(&set.annotation_type, labels.into_iter().map(|label| label.name).collect());
        db::annotated_images::for_each(read, set.id, |row| {
            let rank = rank_of.get(&row.image_id).ok_or_else(|| {
                ServiceError::Broken(format!("{} has annotations of {}, which is not its image", set.id, row.image_id))
            })?;
            of_set.add_image(*rank, &row.annotations);
            Ok::<(), ServiceError>(())
        })
        .await?;
        digest.add_set(of_set);
    }
    Ok(digest.finish())
}
