//! `importAnnotationSet`, `createAnnotationSet`, `annotateImages` and `deleteAnnotationSet`.

use crate::domain::annotation_input;
use crate::domain::user_error::UserError;
use crate::graphql::context::RequestContext;
use crate::graphql::error::payload;
use crate::graphql::ids::global;
use crate::graphql::types::{AnnotationSet, Finding, Job};
use crate::services::annotate::{self, RequestedImage};
use crate::services::annotation_sets;
use crate::services::imports::{self, AnnotationSetImport};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

#[derive(Default)]
pub struct AnnotationSetMutations;

#[derive(InputObject)]
struct ImportAnnotationSetInput {
    dataset: ID,
    /// A zip archive or one document; an upload is read once.
    upload: ID,
    /// Of the set; counts when the upload makes one set. Left out: the document's path.
    name: Option<String>,
    /// Only what this type reads. Left out: every type that reads something of it makes a set.
    annotation_type: Option<ID>,
    /// One of AnnotationType.importFormats. Left out: detected by content.
    format: Option<String>,
}

#[derive(SimpleObject)]
struct ImportAnnotationSetPayload {
    job: Option<Job>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct CreateAnnotationSetInput {
    dataset: ID,
    /// 1 to 255 characters.
    name: String,
    /// Id of an AnnotationType.
    annotation_type: ID,
    /// In the order that the set keeps; may be empty, for labels are made on first use too.
    labels: Vec<String>,
}

#[derive(SimpleObject)]
struct CreateAnnotationSetPayload {
    annotation_set: Option<AnnotationSet>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct AnnotateImagesInput {
    annotation_set: ID,
    /// Each image once; at most 50,000 annotations in all.
    images: Vec<ImageAnnotationsInput>,
}

#[derive(InputObject)]
struct ImageAnnotationsInput {
    image: ID,
    /// All that the set is to have for the image; empty: it was looked at, and there is nothing to label.
    annotations: Vec<AnnotationInput>,
}

/// Give the part that the set's type calls for.
#[derive(InputObject)]
struct AnnotationInput {
    /// By name; a label that the set does not have is added to it.
    label: String,
    /// Of a classification: false says that the image does not have the label. Left out: true.
    value: Option<bool>,
    /// Of a detection.
    #[graphql(name = "box")]
    bounds: Option<BoxInput>,
    /// Of a segmentation: COCO's RLE of the image's size, `{"size": [height, width], "counts": …}`, counts as a compressed
    /// string or as a list.
    rle: Option<async_graphql::Json<serde_json::Value>>,
    /// Of a segmentation: polygons as [x, y, x, y, …] in pixels; the mask is what lies in any of them, as the COCO API fills it.
    polygon: Option<Vec<Vec<f64>>>,
    /// Of a type that a third party's plugin brought.
    payload: Option<async_graphql::Json<serde_json::Value>>,
}

/// Top-left corner and size in pixels of the image.
#[derive(InputObject)]
struct BoxInput {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(SimpleObject)]
struct AnnotateImagesPayload {
    annotation_set: Option<AnnotationSet>,
    /// What was repaired, such as a box that was clipped to its image; `line` counts the annotations of the call from 1.
    findings: Vec<Finding>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct DeleteAnnotationSetInput {
    annotation_set: ID,
    /// The word DELETE.
    confirmation: String,
}

#[derive(SimpleObject)]
struct DeleteAnnotationSetPayload {
    deleted_id: Option<ID>,
    user_errors: Vec<UserError>,
}

#[Object]
impl AnnotationSetMutations {
    /// Annotations for a dataset that is already here, from one document or an archive of them, matched to its images by
    /// path. What was refused or repaired is among the job's findings.
    async fn import_annotation_set(
        &self,
        context: &Context<'_>,
        input: ImportAnnotationSetInput,
    ) -> Result<ImportAnnotationSetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let asked = AnnotationSetImport {
            dataset: &input.dataset,
            upload: &input.upload,
            name: input.name.as_deref(),
            annotation_type: input.annotation_type.as_deref().map(String::as_str),
            format: input.format.as_deref(),
        };
        let started = imports::start_annotation_set(services, viewer, &asked).await;
        let done = |job| ImportAnnotationSetPayload { job: Some(Job(job)), user_errors: Vec::new() };
        payload(context, started, done, |user_errors| ImportAnnotationSetPayload { job: None, user_errors })
    }

    /// An empty annotation set, for annotation tools to fill.
    async fn create_annotation_set(
        &self,
        context: &Context<'_>,
        input: CreateAnnotationSetInput,
    ) -> Result<CreateAnnotationSetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let CreateAnnotationSetInput { dataset, name, annotation_type, labels } = &input;
        let created = annotation_sets::create(services, viewer, dataset, name, annotation_type, labels).await;
        let done =
            |set| CreateAnnotationSetPayload { annotation_set: Some(AnnotationSet(set)), user_errors: Vec::new() };
        payload(context, created, done, |user_errors| CreateAnnotationSetPayload { annotation_set: None, user_errors })
    }

    /// Replaces the annotations that the set has for each image named, all or none of the call: one annotation that its
    /// type refuses refuses them all. The same call again changes nothing.
    async fn annotate_images(
        &self,
        context: &Context<'_>,
        input: AnnotateImagesInput,
    ) -> Result<AnnotateImagesPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let images = input.images.into_iter().map(RequestedImage::from).collect();
        let annotated = annotate::annotate(services, viewer, &input.annotation_set, images).await;
        let done = |annotated: annotate::Annotated| AnnotateImagesPayload {
            annotation_set: Some(AnnotationSet(annotated.set)),
            findings: annotated.findings.into_iter().map(Finding::from).collect(),
            user_errors: Vec::new(),
        };
        let refused = |user_errors| AnnotateImagesPayload { annotation_set: None, findings: Vec::new(), user_errors };
        payload(context, annotated, done, refused)
    }

    /// Deletes the set, its annotations and every derivative made from it.
    async fn delete_annotation_set(
        &self,
        context: &Context<'_>,
        input: DeleteAnnotationSetInput,
    ) -> Result<DeleteAnnotationSetPayload> {
        let (services, viewer) = (context.services()?, context.viewer()?);
        let deleted = annotation_sets::delete(services, viewer, &input.annotation_set, &input.confirmation).await;
        let done = |id| DeleteAnnotationSetPayload { deleted_id: Some(global(id)), user_errors: Vec::new() };
        payload(context, deleted, done, |user_errors| DeleteAnnotationSetPayload { deleted_id: None, user_errors })
    }
}

impl From<ImageAnnotationsInput> for RequestedImage {
    fn from(input: ImageAnnotationsInput) -> Self {
        let annotations = input.annotations.into_iter().map(annotation_input::AnnotationInput::from).collect();
        Self { image: input.image.0, annotations }
    }
}

impl From<AnnotationInput> for annotation_input::AnnotationInput {
    fn from(input: AnnotationInput) -> Self {
        Self {
            label: input.label,
            value: input.value,
            bounds: input.bounds.map(|bounds| [bounds.x, bounds.y, bounds.width, bounds.height]),
            rle: input.rle.map(|rle| rle.0),
            polygon: input.polygon,
            payload: input.payload.map(|payload| payload.0),
        }
    }
}
