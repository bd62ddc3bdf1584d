//! The export job: a dataset, with one annotation set or without, becomes a zip archive. The set's type writes the files
//! of the format; the images are added as they are stored.

mod archive;

use super::failure::{Failure, JobResult, told};
use super::run::JobRun;
use crate::blobs::Blobs;
use crate::db;
use crate::domain::export::{LAYOUT_FILE, image_path, layout};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::job::JobState;
use crate::services::exports::ExportInput;
use crate::services::{DatasetContent, compute, load_content};
use archive::{Entry, Source, write_archive};
use chrono::Utc;
use lightbox_sdk::{Batch, Exported, ImageRef};
use std::sync::Arc;

pub async fn run(run: Arc<JobRun>, findings: &mut Vec<Finding>) -> JobResult<()> {
    let input: ExportInput = serde_json::from_str(&run.job.input)?;
    let content = load_content(&run.services, input.dataset, input.annotation_set).await?;
    let content = Arc::new(content.ok_or_else(gone)?);
    run.set_total(content.images.len()).await;
    let Exported { files, findings: found } = write_annotations(&run, &input.format, &content).await?;
    let mut log = FindingLog::default();
    log.extend(found);
    *findings = log.into_findings();
    let blobs = run.services.blobs.clone();
    let entries = compute(move || entries(&blobs, &content, &input.format, files)).await??;
    write_archive(&run, entries).await?;
    finish(&run, findings.clone()).await
}

fn gone() -> Failure {
    Failure::Refused("the dataset or the annotation set was deleted before it was exported".to_owned())
}

/// What the set's type writes; nothing without a set.
async fn write_annotations(run: &JobRun, format: &str, content: &Arc<DatasetContent>) -> JobResult<Exported> {
    let Some(set) = &content.annotation_set else { return Ok(Exported::default()) };
    let (given, form) = (content.clone(), format.to_owned());
    let batch = compute(move || batch(&given, &form)).await?;
    let exported = run.wait_for(run.services.plugins.export(&set.annotation_type, format, batch)).await?;
    exported.map_err(|error| Failure::Refused(format!("{} is not written: {}", set.name, told(&error, run.job.id))))
}

/// The images that the set covers, at their places in the export, in the dataset's order.
fn batch(content: &DatasetContent, format: &str) -> Batch {
    let mut batch =
        Batch { labels: content.labels.iter().map(|label| label.name.clone()).collect(), ..Batch::default() };
    for (image, annotations) in content.images.iter().zip(&content.annotations) {
        let Some(annotations) = annotations else { continue };
        let index = batch.images.len() as u32;
        annotations.append_to(&mut batch, index);
        let (width, height) = (image.width as u32, image.height as u32);
        batch.images.push(ImageRef { path: image_path(format, image), width, height, line: 0 });
    }
    batch
}

/// Sorted by path, so that the same content gives the same archive.
fn entries(
    blobs: &Blobs,
    content: &DatasetContent,
    format: &str,
    files: Vec<(String, Vec<u8>)>,
) -> JobResult<Vec<Entry>> {
    let images = content.images.iter().map(|image| Entry {
        path: image_path(format, image),
        source: Source::Stored { file: blobs.path(image.sha256), sha256: image.sha256 },
        size_bytes: image.size_bytes as u64,
    });
    let layout = layout(format).map(|layout| serde_json::to_vec(&layout)).transpose()?;
    let layout = layout.map(|bytes| (LAYOUT_FILE.to_owned(), bytes));
    let written = files.into_iter().chain(layout).map(|(path, bytes)| Entry {
        path,
        size_bytes: bytes.len() as u64,
        source: Source::Written(bytes),
    });
    let mut entries: Vec<Entry> = images.chain(written).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    match entries.windows(2).find(|pair| pair[0].path == pair[1].path) {
        None => Ok(entries),
        Some(pair) => Err(Failure::Refused(format!(
            "the dataset has an image with the path {}, where {format} has a file of its own: export it as another format",
            pair[0].path
        ))),
    }
}

async fn finish(run: &JobRun, findings: Vec<Finding>) -> JobResult<()> {
    let transaction = run.services.db.begin().await?;
    db::findings::replace(&transaction, run.job.id, findings).await?;
    db::jobs::record_progress(&transaction, run.job.id, &run.progress()).await?;
    db::jobs::finish(&transaction, run.job.id, JobState::Succeeded, None, Utc::now()).await?;
    Ok(transaction.commit().await?)
}
