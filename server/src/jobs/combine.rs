//! The combine job: read the sources, convert what must be converted, settle the books, publish.

use super::content::{Content, NewAnnotationSet, NewImage};
use super::failure::{Failure, JobResult, told};
use super::publish::publish;
use super::run::JobRun;
use crate::blobs::Staging;
use crate::domain::annotation_set::AnnotationSource;
use crate::domain::combine::{PNG, PlannedImage};
use crate::domain::dataset::CombinedSource;
use crate::domain::digest::Digest;
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::ids::DatasetId;
use crate::domain::image::Image;
use crate::services::DatasetContent;
use crate::services::bytes::THUMBNAIL_SIZE;
use crate::services::combine::{Assembly, CombineInput, assemble, digest_of, load_sources};
use crate::services::compute;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashSet;
use std::sync::Arc;

pub async fn run(run: Arc<JobRun>, findings: &mut Vec<Finding>) -> JobResult<()> {
    let input: Arc<CombineInput> = Arc::new(serde_json::from_str(&run.job.input)?);
    let sources = load_sources(&run.services, &input.sources).await?.ok_or_else(Failure::source_gone)?;
    let sources = Arc::new(sources);
    require_unchanged(&input, &sources).await?;
    let assembly = checked_assembly(&run, &input, &sources).await?;
    run.set_total(assembly.plan.images.len()).await;
    let staging = Arc::new(run.services.blobs.stage(run.job.id)?);
    let images = make_images(&run, &input, &sources, &assembly, &staging).await?;
    let ids: Vec<DatasetId> = sources.iter().map(|source| source.dataset.id).collect();
    let (content, found) = compute(move || conclude(&input, &sources, assembly, images)).await?;
    *findings = found;
    publish(&run, content, staging, findings.clone(), ids).await
}

/// # Errors
/// When the request names a preview, and a source is not any more what it was then.
async fn require_unchanged(input: &Arc<CombineInput>, sources: &Arc<Vec<DatasetContent>>) -> JobResult<()> {
    let Some(expected) = input.expected_digest.clone() else { return Ok(()) };
    let (asked, given) = (input.clone(), sources.clone());
    if compute(move || digest_of(&asked, &given)).await? == expected {
        return Ok(());
    }
    Err(Failure::Refused("a source has changed since the preview: preview again and compare".to_owned()))
}

/// The result as values, its books settled.
async fn checked_assembly(
    run: &JobRun,
    input: &Arc<CombineInput>,
    sources: &Arc<Vec<DatasetContent>>,
) -> JobResult<Assembly> {
    let (assembly, given) = (assemble(&run.services, input, sources).await?, sources.clone());
    let (assembly, books) = compute(move || {
        let books = assembly.reconcile(&given);
        (assembly, books)
    })
    .await?;
    books.map_err(|books| Failure::Broken(format!("the books do not add up: {books}")))?;
    Ok(assembly)
}

/// What is published, and what there is to say of it.
fn conclude(
    input: &CombineInput,
    sources: &[DatasetContent],
    mut assembly: Assembly,
    images: Vec<NewImage>,
) -> (Content, Vec<Finding>) {
    let mut log = FindingLog::default();
    log.extend(std::mem::take(&mut assembly.findings));
    log.extend(conflicting_uids(sources));
    log.push(books_of(sources, &assembly));
    let content = Content {
        studies: std::mem::take(&mut assembly.studies),
        images,
        sources: combined_sources(sources, &assembly),
        annotation_sets: annotation_set(input, sources, assembly).into_iter().collect(),
    };
    (content, log.into_findings())
}

async fn make_images(
    run: &Arc<JobRun>,
    input: &CombineInput,
    sources: &[DatasetContent],
    assembly: &Assembly,
    staging: &Arc<Staging>,
) -> JobResult<Vec<NewImage>> {
    let parallel = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    let made = stream::iter(0..assembly.plan.images.len())
        .map(|index| make_image(run, input, sources, assembly, staging, index));
    // Ordered: the images of the plan keep their places.
    made.buffered(parallel).try_collect().await
}

async fn make_image(
    run: &JobRun,
    input: &CombineInput,
    sources: &[DatasetContent],
    assembly: &Assembly,
    staging: &Arc<Staging>,
    index: usize,
) -> JobResult<NewImage> {
    run.check()?;
    let (planned, study) = (&assembly.plan.images[index], assembly.study_of[index]);
    let origin = &sources[planned.from.0].images[planned.from.1];
    let image = match planned.converted_frame {
        None => taken_over(origin, planned, study),
        Some(frame) => convert(run, input, origin, planned, study, frame, staging).await?,
    };
    run.advance().await;
    Ok(image)
}

fn taken_over(origin: &Image, planned: &PlannedImage, study: usize) -> NewImage {
    NewImage {
        study,
        path: planned.path.clone(),
        raw_path: None,
        format: origin.format.clone(),
        width: origin.width as u32,
        height: origin.height as u32,
        frame_count: origin.frame_count as u32,
        bits_per_sample: origin.bits_per_sample as u32,
        size_bytes: origin.size_bytes as u64,
        sha256: origin.sha256,
        pixel_digest: origin.pixel_digest,
        sop_instance_uid: origin.sop_instance_uid.clone(),
        patient_key: origin.patient_key,
        origin: Some(origin.id),
    }
}

async fn convert(
    run: &JobRun,
    input: &CombineInput,
    origin: &Image,
    planned: &PlannedImage,
    study: usize,
    frame: u32,
    staging: &Arc<Staging>,
) -> JobResult<NewImage> {
    let plugins = &run.services.plugins;
    let path = run.services.blobs.path(origin.sha256);
    let named = |error: crate::plugin_host::PluginError| match run.stop.is_cancelled() {
        true => run.stopped(),
        false => Failure::Refused(format!("{} does not become PNG: {}", origin.path, told(&error, run.job.id))),
    };
    let png = plugins.convert(&origin.format, path, frame, input.png_bits_per_sample).await.map_err(named)?;
    let store = staging.clone();
    let file = tokio::task::spawn_blocking(move || store.write(&*png, u64::MAX)).await??;
    let inspected = plugins.inspect(PNG, file.path.clone(), THUMBNAIL_SIZE, &run.stop).await.map_err(named)?;
    staging.keep(&file, &inspected.thumbnail)?;
    Ok(NewImage {
        width: inspected.metadata.width,
        height: inspected.metadata.height,
        frame_count: 1,
        bits_per_sample: inspected.metadata.bits_per_sample,
        format: PNG.to_owned(),
        size_bytes: file.size_bytes,
        sha256: file.sha256,
        pixel_digest: Digest(inspected.pixel_digest),
        // A picture of the object, not the object.
        sop_instance_uid: None,
        ..taken_over(origin, planned, study)
    })
}

/// Names every SOPInstanceUID that stands for different pixels in different sources.
fn conflicting_uids(sources: &[DatasetContent]) -> Vec<Finding> {
    let mut first: std::collections::HashMap<&str, (&Image, usize)> = std::collections::HashMap::new();
    let mut findings = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        for image in &source.images {
            let Some(uid) = image.sop_instance_uid.as_deref() else { continue };
            let (other, of) = *first.entry(uid).or_insert((image, number));
            if of != number && other.pixel_digest != image.pixel_digest {
                let there = format!("{}/{}", sources[of].dataset.name, other.path);
                let message = format!("its SOPInstanceUID {uid} stands for other pixels in {there}; both stay");
                let path = format!("{}/{}", source.dataset.name, image.path);
                findings.push(Finding::error("UID_CONFLICT", message).in_file(path));
            }
        }
    }
    findings
}

/// One line for people: what went in, what came out, what became of the rest.
fn books_of(sources: &[DatasetContent], assembly: &Assembly) -> Finding {
    let images_in: usize = sources.iter().map(|source| source.images.len()).sum();
    let plan = &assembly.plan;
    let message = format!(
        "images: {images_in} in + {} further frames = {} out + {} merged; annotations: {} in + {} repeated for frames \
         = {} out + {} merged",
        plan.extra_frame_count,
        plan.images.len(),
        plan.merged_count,
        assembly.annotations_in,
        assembly.annotations_repeated,
        assembly.annotations_out(),
        assembly.annotations_dropped,
    );
    Finding::info("RECONCILIATION", message)
}

fn combined_sources(sources: &[DatasetContent], assembly: &Assembly) -> Vec<CombinedSource> {
    let brought = |number: usize| {
        let places: HashSet<usize> =
            assembly.plan.images.iter().filter(|image| image.from.0 == number).map(|image| image.from.1).collect();
        places.len() as i64
    };
    let source = |(number, source): (usize, &DatasetContent)| CombinedSource {
        dataset_id: source.dataset.id,
        dataset_name: source.dataset.name.clone(),
        annotation_set_id: source.annotation_set.as_ref().map(|set| set.id),
        annotation_set_name: source.annotation_set.as_ref().map(|set| set.name.clone()),
        image_count: brought(number),
    };
    sources.iter().enumerate().map(source).collect()
}

/// At least one source must give one.
fn annotation_set(input: &CombineInput, sources: &[DatasetContent], assembly: Assembly) -> Option<NewAnnotationSet> {
    let given = sources.iter().any(|source| source.annotation_set.is_some());
    let (annotation_type, name) = (input.annotation_type.clone()?, input.annotation_set_name.clone()?);
    let covered = assembly.annotations.into_iter().enumerate();
    given.then(|| NewAnnotationSet {
        name,
        annotation_type,
        source: AnnotationSource::Combine,
        labels: assembly.labels.names,
        images: covered.filter_map(|(index, annotations)| Some((index, annotations?))).collect(),
    })
}
