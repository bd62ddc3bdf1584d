//! An upload that gives a dataset annotation sets: the same documents as in an archive with images, matched to the images
//! that the dataset has. Pictures of the archive are no images here.

use super::candidates::{Candidates, is_text, sort_entries};
use super::images::{ReadImage, ReadImages};
use super::{annotation_sets, bundles, documents, layout, open};
use crate::db;
use crate::domain::dataset::DatasetStatus;
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::ids::DatasetId;
use crate::domain::image::Image;
use crate::jobs::content::{NewAnnotationSet, NewImage};
use crate::jobs::failure::{Failure, JobResult};
use crate::jobs::run::JobRun;
use crate::services::imports::{ImportInput, ImportTarget};
use std::sync::Arc;

/// What a dataset gets.
pub struct Addition {
    pub dataset: DatasetId,
    /// All of it; the sets' indices are theirs.
    pub images: Vec<Image>,
    pub sets: Vec<NewAnnotationSet>,
}

pub async fn import(
    run: Arc<JobRun>,
    input: ImportInput,
    target: ImportTarget,
    log: &mut FindingLog,
) -> JobResult<Addition> {
    let read = run.services.db.begin_read().await?;
    let found = db::datasets::by_ids(&*read, &[target.dataset]).await?;
    if !found.iter().any(|dataset| dataset.status == DatasetStatus::Available) {
        return Err(Failure::target_gone());
    }
    let images = db::images::list_by_dataset(&*read, target.dataset).await?;
    drop(read);
    let (dataset, name) = (target.dataset, target.name);
    let import = open(run, input).await?;
    let mut candidates = sort_entries(&import, log).await?;
    let texts = Arc::new(bundles::read_texts(&import, &candidates).await?);
    documents::take_label_lists(&mut candidates);
    let folder = layout::take_image_folder(&import, &mut candidates).await?;
    let places = images.iter().map(|image| format!("{folder}{}", image.path)).collect();
    let (candidates, bundles) = match import.archive.is_single() {
        true => (candidates, Vec::new()),
        false => bundles::claim(&import, candidates, &texts, places, log).await?,
    };
    tell_what_is_left(&candidates, log);
    import.run.set_total(candidates.documents.len() + bundles.len()).await;
    let mut read =
        ReadImages { images: images.iter().map(|image| known(image, &folder)).collect(), ..ReadImages::default() };
    let mut documents = documents::read_all(&import, &candidates, &texts, &mut read, log).await?;
    documents.extend(bundles::read(&import, bundles, texts, &read, log).await?);
    let read = Arc::new(read);
    let mut sets = annotation_sets::annotation_sets(&import, &candidates, documents, &read, log).await?;
    // Who stops the job may have ended the plugins' processes first, and nothing would come of it by that.
    import.run.check()?;
    if sets.is_empty() {
        let message = "no annotation set came of the upload; the findings say why of each document";
        return Err(Failure::Refused(message.to_owned()));
    }
    if let (Some(name), [set]) = (name, sets.as_mut_slice()) {
        set.name = name;
    }
    Ok(Addition { dataset, images, sets })
}

/// Texts that no type wants. Pictures are not told of: an archive may well bring the images along.
fn tell_what_is_left(candidates: &Candidates, log: &mut FindingLog) {
    let texts = candidates.images.iter().filter(|candidate| is_text(&candidate.path));
    log.extend(texts.map(|text| Finding::info("IGNORED_FILE", "no annotation file").in_file(&text.path)));
}

/// As if it had just been read from that folder of the archive.
fn known(image: &Image, folder: &str) -> ReadImage {
    let new = NewImage {
        study: 0,
        path: format!("{folder}{}", image.path),
        raw_path: None,
        format: image.format.clone(),
        width: image.width as u32,
        height: image.height as u32,
        frame_count: image.frame_count as u32,
        bits_per_sample: image.bits_per_sample as u32,
        size_bytes: image.size_bytes as u64,
        sha256: image.sha256,
        pixel_digest: image.pixel_digest,
        sop_instance_uid: None,
        patient_key: None,
        origin: None,
    };
    ReadImage { new, study_instance_uid: None, study_description: None }
}
