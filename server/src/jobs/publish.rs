//! Publishing: everything that a job made becomes visible in one transaction, together with the job's success.
//! Rows are made and encoded by the hundred thousand, so the whole transaction has a blocking thread to itself.

use super::content::{Content, NewAnnotationSet, NewImage};
use super::failure::{Failure, JobResult};
use super::import::Addition;
use super::run::JobRun;
use crate::blobs::Staging;
use crate::db::annotated_images::AnnotatedImage;
use crate::db::datasets::DatasetCounts;
use crate::db::{self, Transaction};
use crate::domain::annotation_set::AnnotationSet;
use crate::domain::annotation_tally::AnnotationCounter;
use crate::domain::dataset::DatasetStatus;
use crate::domain::digest::Digest;
use crate::domain::findings::Finding;
use crate::domain::ids::{self, AnnotationSetId, DatasetId, ImageId, LabelId, StudyId};
use crate::domain::image::Image;
use crate::domain::job::JobState;
use crate::domain::label::Label;
use crate::domain::study::Study;
use crate::domain::user::QuotaUse;
use crate::services::{ServiceResult, Services, compute, quotas};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::runtime::Handle;

/// `sources` must still be available inside the transaction: one that is being deleted loses its files, and what is
/// published may not need them.
pub async fn publish(
    run: &Arc<JobRun>,
    content: Content,
    staging: Arc<Staging>,
    findings: Vec<Finding>,
    sources: Vec<DatasetId>,
) -> JobResult<()> {
    let services = &run.services;
    run.check()?;
    // From here on the folder's journal is needed until the rows are there, or the files are taken back.
    staging.leave(true);
    let guard = services.blobs.begin_hand_over().await;
    let handed_over = services.blobs.hand_over(staging.clone(), &guard).await;
    let published = match handed_over {
        Ok(()) => {
            let (run, runtime) = (run.clone(), Handle::current());
            let committed = compute(move || runtime.block_on(commit(&run, content, findings, &sources))).await;
            committed.unwrap_or_else(|error| Err(error.into()))
        }
        Err(error) => Err(error.into()),
    };
    drop(guard);
    match &published {
        Ok(()) => staging.leave(false),
        Err(failure) => {
            run.leave_handed_over(staging);
            // A commit that the disk failed at may turn out to be there after a crash, until the next one stands in its
            // place. The record of the job's end is that next one.
            if !failure.is_of_server() {
                take_back_unpublished(run).await;
            }
        }
    }
    published
}

/// Adds sets to a dataset that is there.
pub async fn publish_sets(run: &Arc<JobRun>, addition: Addition, findings: Vec<Finding>) -> JobResult<()> {
    run.check()?;
    let (run, runtime) = (run.clone(), Handle::current());
    compute(move || runtime.block_on(commit_sets(&run, addition, findings))).await?
}

async fn commit_sets(run: &JobRun, addition: Addition, findings: Vec<Finding>) -> JobResult<()> {
    let (Addition { dataset, images, sets }, now) = (addition, Utc::now());
    let transaction = run.services.db.begin().await?;
    let found = db::datasets::by_ids(&transaction, &[dataset]).await?;
    if !found.iter().any(|dataset| dataset.status == DatasetStatus::Available) {
        return Err(Failure::target_gone());
    }
    let added = sets.len() as i64;
    for set in sets {
        write_annotation_set(&transaction, dataset, set, &images, now).await?;
    }
    db::datasets::record_change(&transaction, dataset, added).await?;
    db::findings::replace(&transaction, run.job.id, findings).await?;
    db::jobs::record_progress(&transaction, run.job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, run.job.id, JobState::Succeeded, None, now).await?;
    db::uploads::delete_of_job(&transaction, run.job.id).await?;
    transaction.commit().await?;
    tracing::info!(job.id = %run.job.id, dataset.id = %dataset, sets = added, "annotation sets published");
    Ok(())
}

/// What a job handed over and did not publish; false when it is to be tried again.
pub async fn take_back_unpublished(run: &JobRun) -> bool {
    let Some(staging) = run.handed_over() else { return true };
    match take_back(&run.services, staging.digests()).await {
        Ok(()) => {
            staging.leave(false);
            run.forget_handed_over();
            true
        }
        Err(error) => {
            tracing::error!(job.id = %run.job.id, %error, "files could not be taken back; it is tried again");
            false
        }
    }
}

/// Removes those of the handed-over files that no image needs, when what needed them was not published.
pub async fn take_back(services: &Services, files: Vec<Digest>) -> ServiceResult<()> {
    let guard = services.blobs.begin_sweep().await;
    let needed = db::images::list_needed_files(services.db.read(), &files, None).await?;
    let unneeded = files.into_iter().filter(|file| !needed.contains(file)).collect();
    Ok(services.blobs.sweep(unneeded, &guard).await?)
}

async fn commit(run: &JobRun, content: Content, findings: Vec<Finding>, sources: &[DatasetId]) -> JobResult<()> {
    let (dataset, now) = (run.require_dataset()?, Utc::now());
    let transaction = run.services.db.begin().await?;
    require_available(&transaction, sources).await?;
    // Room is taken by the dataset now, no more by the upload.
    db::uploads::delete_of_job(&transaction, run.job.id).await?;
    let image_count = content.images.len();
    let size_bytes = content.images.iter().map(|image| image.size_bytes).sum();
    let more = QuotaUse { bytes: size_bytes, images: image_count as u64 };
    quotas::require_room(&run.services, &transaction, run.job.owner_id, more, &[]).await?;
    write_content(&transaction, dataset, content, now).await?;
    db::findings::replace(&transaction, run.job.id, findings).await?;
    db::jobs::record_progress(&transaction, run.job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, run.job.id, JobState::Succeeded, None, now).await?;
    transaction.commit().await?;
    tracing::info!(job.id = %run.job.id, dataset.id = %dataset, images = image_count, "dataset published");
    Ok(())
}

async fn require_available(transaction: &Transaction, sources: &[DatasetId]) -> JobResult<()> {
    let found = db::datasets::by_ids(transaction, sources).await?;
    let available = found.iter().filter(|dataset| dataset.status == DatasetStatus::Available).count();
    if available == sources.len() { Ok(()) } else { Err(Failure::source_gone()) }
}

async fn write_content(
    transaction: &Transaction,
    dataset: DatasetId,
    content: Content,
    now: DateTime<Utc>,
) -> JobResult<()> {
    let studies = studies(dataset, &content);
    let images = images(dataset, &content, &studies);
    let counts = DatasetCounts {
        image_formats: content
            .images
            .iter()
            .map(|image| image.format.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        study_count: studies.len() as i64,
        image_count: images.len() as i64,
        annotation_set_count: content.annotation_sets.len() as i64,
        size_bytes: content.images.iter().map(|image| image.size_bytes as i64).sum(),
    };
    db::studies::create_many(transaction, studies).await?;
    db::images::create_many(transaction, &images).await?;
    for set in content.annotation_sets {
        write_annotation_set(transaction, dataset, set, &images, now).await?;
    }
    if !content.sources.is_empty() {
        db::combined_sources::create_many(transaction, dataset, &content.sources).await?;
    }
    Ok(db::datasets::publish(transaction, dataset, counts).await?)
}

fn studies(dataset: DatasetId, content: &Content) -> Vec<Study> {
    let first = ids::reserve(content.studies.len());
    let mut studies: Vec<Study> = content
        .studies
        .iter()
        .enumerate()
        .map(|(position, (name, uid))| Study {
            id: StudyId(first + position as i64),
            dataset_id: dataset,
            position: position as i64,
            name: name.clone(),
            study_instance_uid: uid.clone(),
            image_count: 0,
        })
        .collect();
    content.images.iter().for_each(|image| studies[image.study].image_count += 1);
    studies
}

fn images(dataset: DatasetId, content: &Content, studies: &[Study]) -> Vec<Image> {
    let first = ids::reserve(content.images.len());
    let mut in_study = vec![0i64; studies.len()];
    let image = |(position, new): (usize, &NewImage)| {
        let study_position = in_study[new.study];
        in_study[new.study] += 1;
        Image {
            id: ImageId(first + position as i64),
            dataset_id: dataset,
            position: position as i64,
            study_id: studies[new.study].id,
            study_position,
            path: new.path.clone(),
            raw_path: new.raw_path.clone(),
            format: new.format.clone(),
            width: i64::from(new.width),
            height: i64::from(new.height),
            frame_count: i64::from(new.frame_count),
            bits_per_sample: i64::from(new.bits_per_sample),
            size_bytes: new.size_bytes as i64,
            sha256: new.sha256,
            pixel_digest: new.pixel_digest,
            sop_instance_uid: new.sop_instance_uid.clone(),
            patient_key: new.patient_key,
            origin_image_id: new.origin,
        }
    };
    content.images.iter().enumerate().map(image).collect()
}

/// Rows of annotations made at a time, so that their encoded form is not held whole.
const ROWS_PER_WRITE: usize = 8_000;

async fn write_annotation_set(
    transaction: &Transaction,
    dataset: DatasetId,
    new: NewAnnotationSet,
    images: &[Image],
    now: DateTime<Utc>,
) -> JobResult<()> {
    let id = AnnotationSetId(ids::next());
    let mut counter = AnnotationCounter::new(new.labels.len());
    for (image, annotations) in &new.images {
        counter.count(images[*image].study_id, annotations);
    }
    let tally = counter.finish();
    let set = AnnotationSet {
        id,
        dataset_id: dataset,
        name: new.name.clone(),
        annotation_type: new.annotation_type.clone(),
        source: new.source,
        created_at: now,
        study_count: tally.study_count,
        image_count: tally.image_count,
        unlabelled_image_count: tally.unlabelled_image_count,
        annotation_count: tally.annotation_count,
    };
    db::annotation_sets::create(transaction, &set).await?;
    let first = ids::reserve(new.labels.len());
    let label = |(position, (name, counts)): (usize, (&String, &crate::domain::annotation_tally::LabelTally))| Label {
        id: LabelId(first + position as i64),
        annotation_set_id: id,
        position: position as i64,
        name: name.clone(),
        image_count: counts.image_count,
        study_count: counts.study_count,
        annotation_count: counts.annotation_count,
    };
    let labels: Vec<Label> = new.labels.iter().zip(&tally.labels).enumerate().map(label).collect();
    db::labels::create_many(transaction, &labels).await?;
    let mut rows = new.images.into_iter().zip(0..).map(|((image, annotations), position)| AnnotatedImage {
        annotation_set_id: id,
        position,
        image_id: images[image].id,
        annotations,
    });
    loop {
        let chunk: Vec<AnnotatedImage> = rows.by_ref().take(ROWS_PER_WRITE).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        db::annotated_images::create_many(transaction, &chunk).await?;
    }
}
