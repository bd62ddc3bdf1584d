//! The import job: an uploaded archive becomes a dataset. Entries are read one by one, images in parallel, then the
//! annotation documents, then everything is published at once.

mod annotation_sets;
mod archive;
mod archive_file;
mod bundles;
mod candidates;
mod documents;
mod embedded;
mod images;
mod matching;
mod names;

use super::content::{Content, NewAnnotationSet, NewImage};
use super::failure::{Failure, JobResult};
use super::publish::publish;
use super::run::JobRun;
use super::runner;
use crate::domain::findings::{Finding, FindingLog};
use crate::services::compute;
use crate::services::imports::ImportInput;
use archive::Archive;
use candidates::{Candidates, sort_entries};
use images::ReadImage;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that one import works with.
struct Import {
    run: Arc<JobRun>,
    archive: Archive,
    staging: Arc<crate::blobs::Staging>,
}

pub async fn run(run: Arc<JobRun>, findings: &mut Vec<Finding>) -> JobResult<()> {
    let mut log = FindingLog::default();
    let result = import(run.clone(), &mut log).await;
    *findings = std::mem::take(&mut log).into_findings();
    let (content, staging) = result?;
    publish(&run, content, staging, findings.clone(), Vec::new()).await?;
    // Published already: nothing that goes wrong from here on may undo it.
    runner::remove_upload(&run).await;
    Ok(())
}

async fn import(run: Arc<JobRun>, log: &mut FindingLog) -> JobResult<(Content, Arc<crate::blobs::Staging>)> {
    let input: ImportInput = serde_json::from_str(&run.job.input)?;
    let path = run.services.upload_path(input.upload);
    let limits = run.services.limits.clone();
    let opened = tokio::task::spawn_blocking(move || Archive::open(&path, &limits)).await?;
    let archive = opened.map_err(|reason| Failure::Refused(format!("{}: {reason}", input.filename)))?;
    let staging = Arc::new(run.services.blobs.stage(run.job.id)?);
    let import = Import { run, archive, staging };
    let mut candidates = sort_entries(&import, log).await?;
    let texts = Arc::new(bundles::read_texts(&import, &candidates).await?);
    documents::take_label_lists(&mut candidates);
    let (candidates, bundles) = bundles::claim(&import, candidates, &texts, log).await?;
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
    let content = compute(move || content(read.images, sets)).await?;
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
