//! What a combination would make, without making it.

use super::assembly::{Assembly, assemble};
use super::check::check;
use super::digest::digest_of;
use super::request::{CombineInput, CombineRequest};
use super::sources::load_sources;
use crate::domain::access::Viewer;
use crate::domain::annotation_tally::{AnnotationCounter, AnnotationTally};
use crate::domain::combine::{DuplicateCounts, DuplicatePolicy, count_duplicates, count_shared_patients};
use crate::domain::ids::StudyId;
use crate::domain::label::Label;
use crate::domain::lookalike::lookalikes;
use crate::domain::user_error::{UserError, UserErrorCode};
use crate::services::DatasetContent;
use crate::services::{ServiceResult, Services, compute};
use std::sync::Arc;

/// Everything that is known before combining.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    pub digest: String,
    pub study_count: i64,
    pub image_count: i64,
    pub annotation_count: i64,
    pub output_formats: Vec<String>,
    pub images_to_convert: i64,
    pub labels: Vec<CombinedLabel>,
    pub duplicates: DuplicateCounts,
    pub shared_patient_count: Option<i64>,
    pub user_errors: Vec<UserError>,
    pub warnings: Vec<Warning>,
}

#[derive(Debug, Clone)]
pub struct CombinedLabel {
    pub name: String,
    pub annotation_count: i64,
    pub image_count: i64,
    pub sources: Vec<Label>,
    pub lookalikes: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Warning {
    pub code: CombineWarningCode,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum CombineWarningCode {
    LabelLookalikes,
    DuplicateImages,
    UidConflict,
    SharedPatients,
    DicomConversion,
    UnannotatedSource,
    ConflictingLabels,
}

/// Code of the findings by which a type's plugin explains that sources contradict each other.
const CONFLICTING_LABELS: &str = "CONFLICTING_LABELS";

pub async fn preview(services: &Services, viewer: &Viewer, request: &CombineRequest) -> ServiceResult<Preview> {
    let checked = check(services, viewer, request).await?;
    preview_of(services, &checked.input, checked.errors).await
}

/// The preview of checked input. Sources that were refused are left out of it.
pub(super) async fn preview_of(
    services: &Services,
    input: &CombineInput,
    mut user_errors: Vec<UserError>,
) -> ServiceResult<Preview> {
    let Some(sources) = load_sources(services, &input.sources).await? else {
        let message = "A source went away while it was read: look again.";
        user_errors.push(UserError::new(UserErrorCode::NotAvailable, &["input", "sources"], message));
        return Ok(Preview { user_errors, ..Preview::default() });
    };
    let (input, sources) = (Arc::new(input.clone()), Arc::new(sources));
    let assembly = assemble(services, &input, &sources).await?;
    compute(move || counted(&input, &sources, &assembly, user_errors)).await
}

fn counted(
    input: &CombineInput,
    sources: &[DatasetContent],
    assembly: &Assembly,
    mut user_errors: Vec<UserError>,
) -> Preview {
    let digest = digest_of(input, sources);
    if input.expected_digest.as_ref().is_some_and(|expected| *expected != digest) {
        let message = "A source has changed since that preview: preview again and compare.";
        user_errors.push(UserError::new(UserErrorCode::SourceChanged, &["input", "expectedDigest"], message));
    }
    let images: Vec<&[_]> = sources.iter().map(|source| source.images.as_slice()).collect();
    let duplicates = count_duplicates(&images);
    user_errors.extend(refused_duplicates(input, &duplicates));
    let shared_patient_count = count_shared_patients(&images).map(|count| count as i64);
    let tally = tally(assembly);
    let labels = combined_labels(sources, assembly, &tally);
    let mut preview = Preview {
        digest,
        study_count: assembly.studies.len() as i64,
        image_count: assembly.plan.images.len() as i64,
        annotation_count: tally.annotation_count,
        output_formats: assembly.plan.output_formats.clone(),
        images_to_convert: assembly.plan.images_to_convert as i64,
        labels,
        duplicates,
        shared_patient_count,
        user_errors,
        warnings: Vec::new(),
    };
    preview.warnings = warnings(input, sources, assembly, &preview);
    preview
}

fn refused_duplicates(input: &CombineInput, counts: &DuplicateCounts) -> Option<UserError> {
    let same = counts.same_file + counts.same_uid + counts.uid_conflict;
    (input.duplicates == DuplicatePolicy::Reject && same > 0).then(|| {
        let message = format!(
            "{} pictures stand in two sources with equal files and {} with equal SOPInstanceUIDs: combine with KEEP or \
             MERGE, or take them out of one source.",
            counts.same_file,
            counts.same_uid + counts.uid_conflict
        );
        UserError::new(UserErrorCode::DuplicateImages, &["input", "duplicates"], message)
    })
}

fn tally(assembly: &Assembly) -> AnnotationTally {
    let mut counter = AnnotationCounter::new(assembly.labels.names.len());
    for (annotations, study) in assembly.annotations.iter().zip(&assembly.study_of) {
        if let Some(annotations) = annotations {
            counter.count(StudyId(*study as i64), annotations);
        }
    }
    counter.finish()
}

fn combined_labels(sources: &[DatasetContent], assembly: &Assembly, tally: &AnnotationTally) -> Vec<CombinedLabel> {
    let names: Vec<&str> = assembly.labels.names.iter().map(String::as_str).collect();
    let each = names.iter().zip(&assembly.labels.made_from).zip(&tally.labels).zip(lookalikes(&names));
    each.map(|(((name, made_from), counts), lookalikes)| CombinedLabel {
        name: (*name).to_owned(),
        annotation_count: counts.annotation_count,
        image_count: counts.image_count,
        sources: made_from.iter().map(|(source, label)| sources[*source].labels[*label].clone()).collect(),
        lookalikes,
    })
    .collect()
}

fn warnings(input: &CombineInput, sources: &[DatasetContent], assembly: &Assembly, preview: &Preview) -> Vec<Warning> {
    use CombineWarningCode::*;
    let mut warnings = Vec::new();
    let mut warn = |condition: bool, code, message: String| {
        if condition {
            warnings.push(Warning { code, message });
        }
    };
    let alike = preview.labels.iter().filter(|label| !label.lookalikes.is_empty()).count();
    warn(
        alike > 0,
        LabelLookalikes,
        format!(
            "{alike} labels differ from another in case, spacing or Unicode form only; map them to one name if they mean the same."
        ),
    );
    let counts = &preview.duplicates;
    let same = counts.same_file + counts.same_uid + counts.same_pixels;
    warn(same > 0, DuplicateImages, format!("{same} pictures stand in more than one source."));
    let conflicts = counts.uid_conflict;
    warn(
        conflicts > 0,
        UidConflict,
        format!(
            "{conflicts} SOPInstanceUIDs stand for different pixels in different sources; all of these images stay."
        ),
    );
    let patients = preview.shared_patient_count.unwrap_or(0);
    warn(
        patients > 0,
        SharedPatients,
        format!("{patients} patients stand in more than one source: mind leaks between training and test data."),
    );
    let converts = preview.images_to_convert;
    let bits = input.png_bits_per_sample;
    warn(
        converts > 0,
        DicomConversion,
        format!("{converts} DICOM images become {bits}-bit PNG, because formats are mixed."),
    );
    let unannotated = sources.iter().filter(|source| source.annotation_set.is_none()).count();
    warn(
        input.annotation_type.is_some() && unannotated > 0,
        UnannotatedSource,
        format!("{unannotated} sources give no annotation set; the new set does not cover their images."),
    );
    let contradictions = assembly.findings.iter().filter(|finding| finding.code == CONFLICTING_LABELS).count();
    warn(
        contradictions > 0,
        ConflictingLabels,
        format!(
            "{contradictions} annotations contradict those of an earlier source for the same picture; the earlier ones stay."
        ),
    );
    warnings
}
