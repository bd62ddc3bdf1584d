//! `combineDatasets`, and the input that it shares with `combinePreview`.

use crate::domain::combine::DuplicatePolicy;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::types::{Dataset, Job};
use crate::services::combine::{self, CombineRequest, RequestedRename, RequestedSource};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct CombineMutations;

#[derive(InputObject)]
pub struct CombineDatasetsInput {
    name: String,
    /// Two or more different datasets.
    sources: Vec<CombineSourceInput>,
    /// Id of the AnnotationType to combine; leave out for images only.
    annotation_type: Option<ID>,
    /// Required with annotationType.
    annotation_set_name: Option<String>,
    /// Give several labels one name, or a label another name; a label left out keeps its own.
    label_map: Option<Vec<LabelMapInput>>,
    /// The same picture (equal SHA-256, or equal SOPInstanceUID) in two sources.
    #[graphql(default_with = "Some(DuplicatePolicy::Keep)")]
    duplicates: Option<DuplicatePolicy>,
    /// Of the PNG that DICOM becomes when formats are mixed. 8: windowed, as shown on screen; 16: after the modality
    /// LUT, its whole range.
    #[graphql(default_with = "Some(8)")]
    png_bits_per_sample: Option<i32>,
    /// CombinePreview.digest: refuse with SOURCE_CHANGED if a source has changed since that preview.
    expected_digest: Option<String>,
}

#[derive(InputObject)]
struct CombineSourceInput {
    dataset: ID,
    /// Left out: the source brings its images, which the new set does not cover.
    annotation_set: Option<ID>,
}

#[derive(InputObject)]
struct LabelMapInput {
    /// Only that source's label; left out: every source's label of that name.
    annotation_set: Option<ID>,
    from: String,
    to: String,
}

#[derive(SimpleObject)]
struct CombineDatasetsPayload {
    dataset: Option<Dataset>,
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

impl From<CombineDatasetsInput> for CombineRequest {
    fn from(input: CombineDatasetsInput) -> Self {
        let source = |source: CombineSourceInput| RequestedSource {
            dataset: source.dataset.0,
            annotation_set: source.annotation_set.map(|id| id.0),
        };
        let rename = |rename: LabelMapInput| RequestedRename {
            annotation_set: rename.annotation_set.map(|id| id.0),
            from: rename.from,
            to: rename.to,
        };
        Self {
            name: input.name,
            sources: input.sources.into_iter().map(source).collect(),
            annotation_type: input.annotation_type.map(|id| id.0),
            annotation_set_name: input.annotation_set_name,
            label_map: input.label_map.unwrap_or_default().into_iter().map(rename).collect(),
            duplicates: input.duplicates.unwrap_or(DuplicatePolicy::Keep),
            png_bits_per_sample: input.png_bits_per_sample.unwrap_or(8),
            expected_digest: input.expected_digest,
        }
    }
}

#[Object]
impl CombineMutations {
    /// A new dataset of the images of several; the sources stay as they are.
    async fn combine_datasets(
        &self,
        context: &Context<'_>,
        input: CombineDatasetsInput,
    ) -> Result<CombineDatasetsPayload> {
        let started = combine::start(context.services()?, context.viewer()?, &input.into()).await;
        let done = |(dataset, job)| CombineDatasetsPayload {
            dataset: Some(Dataset(dataset)),
            job: Some(Job(job)),
            user_errors: Vec::new(),
        };
        let refused = |user_errors| CombineDatasetsPayload { dataset: None, job: None, user_errors };
        payload(context, started, done, refused)
    }
}
