//! `CombinePreview` and its parts.

use super::{ImageFormat, Label};
use crate::domain::combine::DuplicateKind;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::services::combine::{self, CombineWarningCode};
use async_graphql::{Context, Object, Result, SimpleObject};

/// What combineDatasets would make of the same input.
pub struct CombinePreview(pub combine::Preview);

#[Object]
impl CombinePreview {
    /// Of everything the result depends on: equal digests, equal results.
    async fn digest(&self) -> &str {
        &self.0.digest
    }

    /// Duplicates resolved by the policy asked for.
    async fn study_count(&self) -> i64 {
        self.0.study_count
    }

    /// Duplicates resolved by the policy asked for.
    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    /// Duplicates resolved by the policy asked for.
    async fn annotation_count(&self) -> i64 {
        self.0.annotation_count
    }

    async fn output_formats(&self, context: &Context<'_>) -> Result<Vec<ImageFormat>> {
        let plugins = &context.services()?.plugins;
        Ok(self.0.output_formats.iter().map(|id| ImageFormat::of(plugins, id)).collect())
    }

    /// DICOM images that would become PNG.
    async fn images_to_convert(&self) -> i64 {
        self.0.images_to_convert
    }

    async fn labels(&self) -> Vec<CombinedLabel> {
        self.0.labels.iter().cloned().map(CombinedLabel).collect()
    }

    /// Pictures that stand in more than one source; one entry for each kind that occurs.
    async fn duplicates(&self) -> Vec<DuplicateCount> {
        let occurring = self.0.duplicates.each().into_iter().filter(|(_, count)| *count > 0);
        occurring.map(|(kind, count)| DuplicateCount { kind, image_count: count as i64 }).collect()
    }

    /// Patients (PatientID with its issuer) that stand in more than one source; null when no source knows its patients.
    async fn shared_patient_count(&self) -> Option<i64> {
        self.0.shared_patient_count
    }

    /// What would be refused.
    async fn user_errors(&self) -> &[UserError] {
        &self.0.user_errors
    }

    async fn warnings(&self) -> Vec<CombineWarning> {
        let warning =
            |warning: &combine::Warning| CombineWarning { code: warning.code, message: warning.message.clone() };
        self.0.warnings.iter().map(warning).collect()
    }
}

/// A label of the new set.
pub struct CombinedLabel(combine::CombinedLabel);

#[Object]
impl CombinedLabel {
    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn annotation_count(&self) -> i64 {
        self.0.annotation_count
    }

    async fn image_count(&self) -> i64 {
        self.0.image_count
    }

    /// The labels that it is made from.
    async fn sources(&self) -> Vec<Label> {
        self.0.sources.iter().cloned().map(Label).collect()
    }

    /// Other labels of this preview that look like the same one: they differ in case, spacing or Unicode form only.
    async fn lookalikes(&self) -> &[String] {
        &self.0.lookalikes
    }
}

/// How many pictures stand in more than one source, in one sense.
#[derive(SimpleObject)]
pub struct DuplicateCount {
    kind: DuplicateKind,
    image_count: i64,
}

/// Worth knowing before combining; nothing is refused for it.
#[derive(SimpleObject)]
pub struct CombineWarning {
    code: CombineWarningCode,
    message: String,
}
