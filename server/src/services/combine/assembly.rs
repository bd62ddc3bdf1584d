//! From loaded sources to the result as values: images, studies, labels, annotations. The preview counts it, the job
//! stores it; both see the same.

use super::request::CombineInput;
use crate::domain::annotation::{ImageAnnotations, split_by_image};
use crate::domain::combine::{
    DuplicatePolicy, Plan, PlannedImage, PlannedSource, UnitedLabels, plan_images, unite_labels,
};
use crate::domain::findings::Finding;
use crate::services::DatasetContent;
use crate::services::{ServiceError, ServiceResult, Services, compute};
use lightbox_sdk::{Batch, ImageRef, Validated};
use std::collections::HashMap;
use std::sync::Arc;

/// What comes out.
pub struct Assembly {
    pub plan: Plan,
    pub labels: UnitedLabels,
    /// For each image of the plan: its annotations, `None` where the new set does not cover it.
    pub annotations: Vec<Option<ImageAnnotations>>,
    /// For each image of the plan: index of its study in `studies`.
    pub study_of: Vec<usize>,
    /// Name and StudyInstanceUID of the result's studies, in the order of their first images.
    pub studies: Vec<(String, Option<String>)>,
    /// What merging explained, one for each annotation that fell away.
    pub findings: Vec<Finding>,
    /// Annotations that the sources gave, that merging took away, and that frames of one file multiplied.
    pub annotations_in: usize,
    pub annotations_dropped: usize,
    pub annotations_repeated: usize,
}

impl Assembly {
    pub fn annotations_out(&self) -> usize {
        self.annotations.iter().flatten().map(ImageAnnotations::len).sum()
    }

    /// The books of the combination: what went in is what came out and what was explained.
    pub fn reconcile(&self, sources: &[DatasetContent]) -> Result<(), String> {
        let images_in: usize = sources.iter().map(|source| source.images.len()).sum();
        let (images_out, plan) = (self.plan.images.len(), &self.plan);
        if images_in + plan.extra_frame_count != images_out + plan.merged_count {
            let (extra, merged) = (plan.extra_frame_count, plan.merged_count);
            return Err(format!("{images_in} images in + {extra} frames ≠ {images_out} out + {merged} merged"));
        }
        let (given, out) = (self.annotations_in, self.annotations_out());
        let (repeated, dropped) = (self.annotations_repeated, self.annotations_dropped);
        if given + repeated != out + dropped || dropped != self.findings.len() {
            let told = self.findings.len();
            return Err(format!(
                "{given} annotations in + {repeated} repeated ≠ {out} out + {dropped} dropped, {told} of them explained"
            ));
        }
        Ok(())
    }
}

pub async fn assemble(
    services: &Services,
    input: &Arc<CombineInput>,
    sources: &Arc<Vec<DatasetContent>>,
) -> ServiceResult<Assembly> {
    let (asked, given) = (input.clone(), sources.clone());
    let (mut assembly, unsettled) = compute(move || put_together(&asked, &given)).await?;
    let Unsettled { batch, at } = unsettled;
    let count = batch.len();
    let settled = match input.annotation_type.as_deref().filter(|_| !at.is_empty()) {
        Some(annotation_type) => Some(services.plugins.merge(annotation_type, batch).await?),
        None => None,
    };
    compute(move || {
        if let Some(settled) = settled {
            settle(settled, count, &at, &mut assembly)?;
        }
        repeat_for_frames(&mut assembly);
        Ok(assembly)
    })
    .await?
}

/// Annotations that the type's plugin must settle.
#[derive(Default)]
struct Unsettled {
    batch: Batch,
    /// For each image of the batch, its index in the plan.
    at: Vec<usize>,
}

fn put_together(input: &CombineInput, sources: &[DatasetContent]) -> (Assembly, Unsettled) {
    let planned: Vec<PlannedSource<'_>> = sources
        .iter()
        .map(|source| PlannedSource { dataset_name: &source.dataset.name, images: &source.images })
        .collect();
    let plan = plan_images(&planned, input.duplicates);
    let labels: Vec<&[_]> = sources.iter().map(|source| source.labels.as_slice()).collect();
    let labels = unite_labels(&labels, &input.label_map);
    let (studies, study_of) = unite_studies(&plan, sources);
    let annotations_in =
        sources.iter().flat_map(|source| &source.annotations).flatten().map(ImageAnnotations::len).sum();
    let mut assembly = Assembly {
        annotations: Vec::with_capacity(plan.images.len()),
        plan,
        labels,
        study_of,
        studies,
        findings: Vec::new(),
        annotations_in,
        annotations_dropped: 0,
        annotations_repeated: 0,
    };
    let unsettled = gather_annotations(input, sources, &mut assembly);
    (assembly, unsettled)
}

/// Studies of one StudyInstanceUID are one study; others stay apart.
fn unite_studies(plan: &Plan, sources: &[DatasetContent]) -> (Vec<(String, Option<String>)>, Vec<usize>) {
    let mut studies: Vec<(String, Option<String>)> = Vec::new();
    let (mut by_uid, mut by_id) = (HashMap::new(), HashMap::new());
    let mut study_of = Vec::with_capacity(plan.images.len());
    for planned in &plan.images {
        let source = &sources[planned.from.0];
        let id = source.images[planned.from.1].study_id;
        let study = source.studies.get(&id);
        let next = studies.len();
        let index = match study.and_then(|study| study.study_instance_uid.clone()) {
            Some(uid) => *by_uid.entry(uid).or_insert(next),
            None => *by_id.entry((planned.from.0, id)).or_insert(next),
        };
        if index == next {
            let named = study.map(|study| (study.name.clone(), study.study_instance_uid.clone()));
            studies.push(named.unwrap_or_else(|| (planned.path.clone(), None)));
        }
        study_of.push(index);
    }
    (studies, study_of)
}

/// Puts together what the sources say of each image, and finds what needs settling.
fn gather_annotations(input: &CombineInput, sources: &[DatasetContent], assembly: &mut Assembly) -> Unsettled {
    let mut unsettled = Unsettled::default();
    unsettled.batch.labels = assembly.labels.names.clone();
    for (index, planned) in assembly.plan.images.iter().enumerate() {
        if planned.converted_frame.is_some_and(|frame| frame > 0) {
            // A further frame of the same file: filled in below from its first.
            assembly.annotations.push(None);
            continue;
        }
        let (gathered, needs_settling) = gather(planned, sources, &assembly.labels, input.duplicates);
        if let Some(gathered) = gathered.as_ref().filter(|_| needs_settling) {
            let image = &sources[planned.from.0].images[planned.from.1];
            let (width, height) = (image.width as u32, image.height as u32);
            unsettled.batch.images.push(ImageRef { path: planned.path.clone(), width, height, line: 0 });
            gathered.append_to(&mut unsettled.batch, unsettled.at.len() as u32);
            unsettled.at.push(index);
        }
        assembly.annotations.push(gathered);
    }
    unsettled
}

/// What all sources say of one image, their labels renamed, and whether it must be settled.
fn gather(
    planned: &PlannedImage,
    sources: &[DatasetContent],
    labels: &UnitedLabels,
    policy: DuplicatePolicy,
) -> (Option<ImageAnnotations>, bool) {
    let mut gathered: Option<ImageAnnotations> = None;
    let (mut contributions, mut collapsed) = (0, false);
    for (source, index) in std::iter::once(&planned.from).chain(&planned.merged) {
        let Some(given) = &sources[*source].annotations[*index] else { continue };
        contributions += 1;
        let all = gathered.get_or_insert_default();
        for label in &given.labels {
            let position = labels.positions[*source][*label as usize];
            collapsed |= labels.collapsed[*source].contains(&position);
            all.labels.push(position);
        }
        all.values.extend_from_slice(&given.values);
        all.boxes.extend_from_slice(&given.boxes);
        all.payloads.extend(given.payloads.iter().cloned());
    }
    let united = policy == DuplicatePolicy::Merge && contributions > 1;
    (gathered, united || collapsed)
}

/// Takes over what the plugin made of `count` annotations of the images `at`.
fn settle(settled: Validated, count: usize, at: &[usize], assembly: &mut Assembly) -> ServiceResult<()> {
    if settled.batch.images.len() != at.len() || settled.batch.labels != assembly.labels.names {
        let message = "the plugin changed the images or labels that it merged";
        return Err(ServiceError::Broken(message.to_owned()));
    }
    assembly.annotations_dropped = count.saturating_sub(settled.batch.len());
    assembly.findings = settled.findings;
    for (index, annotations) in at.iter().zip(split_by_image(&settled.batch)) {
        assembly.annotations[*index] = Some(annotations);
    }
    Ok(())
}

/// What was said of a multi-frame image is said of each of its frames.
fn repeat_for_frames(assembly: &mut Assembly) {
    let mut first = 0;
    for index in 0..assembly.plan.images.len() {
        match assembly.plan.images[index].converted_frame {
            Some(frame) if frame > 0 => {
                let annotations = assembly.annotations[first].clone();
                assembly.annotations_repeated += annotations.as_ref().map_or(0, ImageAnnotations::len);
                assembly.annotations[index] = annotations;
            }
            _ => first = index,
        }
    }
}
