//! The import job: an uploaded archive becomes a dataset, or gives one that is there annotation sets. Entries are read one by
//! one, images in parallel, then the annotation documents, then everything is published at once.

mod annotation_sets;
mod archive;
mod archive_file;
mod bundles;
mod candidates;
mod documents;
mod embedded;
mod images;
mod into_dataset;
mod layout;
mod matching;
mod names;
mod patience;
mod recognition;
mod unpacked;

use super::content::{Content, NewAnnotationSet, NewImage};
use super::failure::{Failure, JobResult};
use super::publish::{publish, publish_sets};
use super::run::JobRun;
use super::runner;
use crate::domain::findings::{Finding, FindingLog};
use crate::services::compute;
use crate::services::imports::{ImportInput, ImportTarget};
use archive::Archive;
use candidates::{Candidates, sort_entries};
use images::ReadImage;
pub use into_dataset::Addition;
use patience::Patience;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that one import works with.
struct Import {
    run: Arc<JobRun>,
    archive: Archive,
    staging: Arc<crate::blobs::Staging>,
    /// The dataset that gets annotation sets; `None`: the archive becomes a dataset.
    into: Option<ImportTarget>,
    patience: Patience,
}

pub async fn run(run: Arc<JobRun>, findings: &mut Vec<Finding>) -> JobResult<()> {
    let mut log = FindingLog::default();
    let input: ImportInput = serde_json::from_str(&run.job.input)?;
    if let Some(target) = input.into.clone() {
        let result = into_dataset::import(run.clone(), input, target, &mut log).await;
        *findings = std::mem::take(&mut log).into_findings();
        publish_sets(&run, result?, findings.clone()).await?;
    } else {
        let result = import(run.clone(), input, &mut log).await;
        *findings = std::mem::take(&mut log).into_findings();
        let (content, staging) = result?;
        publish(&run, content, staging, findings.clone(), Vec::new()).await?;
    }
    // Published already: nothing that goes wrong from here on may undo it.
    runner::remove_upload(&run).await;
    Ok(())
}

/// Opens the upload; a document by itself is enough where there are images already.
async fn open(run: Arc<JobRun>, input: ImportInput) -> JobResult<Import> {
    let ImportInput { upload, filename, into } = input;
    let (path, limits, name) = (run.services.upload_path(upload), run.services.limits.clone(), filename.clone());
    let takes_single = into.is_some();
    let opened = tokio::task::spawn_blocking(move || match takes_single {
        true => Archive::open_or_single(&path, &name, &limits),
        false => Archive::open(&path, &limits),
    });
    let archive = opened.await?.map_err(|reason| Failure::Refused(format!("{filename}: {reason}")))?;
    let staging = Arc::new(run.services.blobs.stage(run.job.id)?);
    Ok(Import { run, archive, staging, into, patience: Patience::default() })
}

async fn import(
    run: Arc<JobRun>,
    input: ImportInput,
    log: &mut FindingLog,
) -> JobResult<(Content, Arc<crate::blobs::Staging>)> {
    let import = open(run, input).await?;
    let mut candidates = sort_entries(&import, log).await?;
    let folder = layout::take_image_folder(&import, &mut candidates).await?;
    let texts = Arc::new(bundles::read_texts(&import, &candidates).await?);
    documents::take_label_lists(&mut candidates);
    let (candidates, bundles) = bundles::claim(&import, candidates, &texts, Vec::new(), log).await?;
    import.run.set_total(candidates.images.len()).await;
    let mut read = images::read_all(&import, &candidates, log).await?;
    let mut documents = documents::read_all(&import, &candidates, &texts, &mut read, log).await?;
    documents.extend(bundles::read(&import, bundles, texts, &read, log).await?);
    if read.images.is_empty() {
        return Err(Failure::Refused(no_images(&candidates)));
    }
    let read = Arc::new(read);
    let sets = annotation_sets::annotation_sets(&import, &candidates, documents, &read, log).await?;
    let read = Arc::into_inner(read).ok_or_else(|| Failure::Broken("the images are still matched".to_owned()))?;
    let content = compute(move || {
        let mut images = read.images;
        layout::leave_out_folder(&mut images, &folder);
        content(images, sets)
    })
    .await?;
    Ok((content, import.staging))
}

fn content(images: Vec<ReadImage>, annotation_sets: Vec<NewAnnotationSet>) -> Content {
    let (studies, study_of) = group_studies(&images);
    let images = images.into_iter().zip(study_of).map(|(image, study)| NewImage { study, ..image.new }).collect();
    Content { studies, images, annotation_sets, sources: Vec::new() }
}

fn no_images(candidates: &Candidates) -> String {
    match candidates.images.len() {
        0 => "the archive holds no image: zip DICOM, PNG or JPEG files, in any folder".to_owned(),
        count => format!("none of the archive's {count} files can be used as an image; the findings say why of each"),
    }
}

/// DICOM images of one StudyInstanceUID are one study; any other image is its own.
fn group_studies(images: &[ReadImage]) -> (Vec<(String, Option<String>)>, Vec<usize>) {
    let mut studies: Vec<(String, Option<String>)> = Vec::new();
    let mut by_uid: HashMap<&str, usize> = HashMap::new();
    let mut study_of = Vec::with_capacity(images.len());
    for image in images {
        let next = studies.len();
        let index = match image.study_instance_uid.as_deref() {
            Some(uid) => *by_uid.entry(uid).or_insert(next),
            None => next,
        };
        if index == next {
            let uid = image.study_instance_uid.clone();
            let name = image.study_description.clone().or(uid.clone()).unwrap_or_else(|| image.new.path.clone());
            studies.push((name, uid));
        }
        study_of.push(index);
    }
    (studies, study_of)
}
